"""The only thing of a file's styles that changes what a number means: percent and date formats."""

import re
from collections.abc import Iterable

from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA, Limits, Package, too_large
from cchc_xl.workbook.incoming.plain_xml import plain_formats, unescaped
from cchc_xl.workbook.incoming.xml_parts import Part, once

# Quoted text, escaped and padding characters, colours and conditions: none of them formats the number.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_DATE = re.compile(r"[dmyhs]", re.I)
_BUILT_IN_PERCENT = frozenset((9, 10))
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))

PLAIN, PERCENT, DATE = "", "percent", "date"


def format_kind(code: str) -> str:
    """``0.0%`` -> percent; ``dd/mm/yyyy`` -> date; ``0.0"%"`` and everything else -> ""."""
    bare = _LITERAL.sub("", code)
    if "%" in bare:
        return PERCENT
    if "general" in bare.lower():
        return PLAIN
    return DATE if _DATE.search(bare) else PLAIN


_KINDS: Kept[tuple[bytes, Limits], tuple[str, ...]] = Kept(2 * MEGA)
_KIND_WEIGHT = 8  # bytes of memory


def formats_of(package: Package, name: str) -> tuple[str, ...]:
    """For each cell format (the ``s`` of a cell) one of PLAIN, PERCENT, DATE. Raises Refused."""
    return once(_KINDS, package, name, _kinds, _KIND_WEIGHT)


def _kinds(package: Package, name: str, content: bytes | None) -> tuple[str, ...]:
    return tuple(Formats(package, name, content).kinds)


class Formats(Part):
    """``kinds``: for each cell format (the ``s`` of a cell) one of PLAIN, PERCENT, DATE."""

    root = "styleSheet"

    def __init__(self, package: Package, name: str, content: bytes | None = None) -> None:
        super().__init__(package, name, content)
        self._codes: dict[int, str] = {}
        self._within = self._plain = False
        self.kinds: list[str] = []
        self.run(
            {"numFmt": self._code, "cellXfs": self._open, "xf": self._cell_format},
            {"cellXfs": self._close},
        )

    def pieces(self) -> Iterable[bytes]:
        """All of the part; what counts in it is read already when it is of the plain form."""
        found = plain_formats(self._content) if self._content is not None else None
        if found is not None:
            codes, numbers = found
            for number, code in codes:
                self._code({"numFmtId": number, "formatCode": unescaped(code)})
            self._within = self._plain = True
            for number in numbers:
                self._cell_format({"numFmtId": number})
        return super().pieces()

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        super()._first(name, attributes)
        if self._plain:  # the rest has only to be well-formed
            self._parser.StartElementHandler = self._parser.EndElementHandler = None

    def _code(self, attributes: dict[str, str]) -> None:
        code = attributes.get("formatCode", "")
        if len(code) > self.package.limits.format:
            raise too_large("format", self.package.limits.format, part=self.name)
        self._codes[_number(attributes.get("numFmtId"))] = format_kind(code)

    def _open(self, _: dict[str, str]) -> None:
        self._within = True

    def _close(self) -> None:
        self._within = False

    def _cell_format(self, attributes: dict[str, str]) -> None:
        if not self._within:
            return
        number = _number(attributes.get("numFmtId"))
        kind = self._codes.get(number)
        if kind is None:
            kind = PERCENT if number in _BUILT_IN_PERCENT else DATE if number in _BUILT_IN_DATES else PLAIN
        self.kinds.append(kind)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0

"""An .xlsb workbook read by our own bounded pass: values, errors, number formats, names and custom properties.

Of formulas only the values are known: their texts are not spelled.
"""

import struct
from collections.abc import Iterator
from functools import cached_property

from cchc_xl.workbook.incoming.active_in import in_package
from cchc_xl.workbook.incoming.book_in import OWN_PREFIXES, Name
from cchc_xl.workbook.incoming.package import Limits, Package, Refused, broken, too_large
from cchc_xl.workbook.incoming.sheet_in import MAX_COLUMN, MAX_ROW, CellIn, Merge, SheetIn
from cchc_xl.workbook.incoming.styles_in import DATE, PERCENT, PLAIN, format_kind
from cchc_xl.workbook.incoming.values import SOME_FORMULA, Values
from cchc_xl.workbook.incoming.xlsb_part import Body, records
from cchc_xl.workbook.incoming.xml_parts import CustomProperties, Relationships
from cchc_xl.workbook.layout import address

_ROW, _BLANK, _FIRST_SHORT, _LAST_SHORT, _STRING, _RICH_CELL = 0, 1, 12, 18, 19, 62
_NAME, _FORMAT, _CELL_FORMAT, _SETTINGS, _SHEET, _MERGE = 39, 44, 47, 153, 156, 176
_CELLS_BEGIN, _CELLS_END, _EXTERNAL_SHEETS, _FORMATS_BEGIN, _FORMATS_END = 145, 146, 362, 617, 618
_LIKE = dict(zip(range(8, 12), (6, 5, 4, 3), strict=True))  # the value of a formula -> the cell with such a value
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BUILT_IN = {number: DATE for number in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
_BUILT_IN |= {9: PERCENT, 10: PERCENT}
_NO_SHEET = 0xFFFFFFFF
_REFERENCE, _RANGE, _QUOTED = (0x3A, 0x5A, 0x7A), (0x3B, 0x5B, 0x7B), 0x17  # first token of a name's formula


def xlsb_values(content: bytes, limits: Limits) -> Values:
    """Everything a book tells. Raises Refused."""
    return _Xlsb(Package(content, limits)).values()


class _Xlsb:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._part = Relationships(package, "").of_kind("officeDocument") or "xl/workbook.bin"
        self._relations = Relationships(package, self._part)
        self._titles: list[tuple[str, str]] = []  # and relation, of all tabs
        self._spans: list[tuple[int, int, int]] = []  # book, first and last tab that a formula may name
        self._raw_names: list[tuple[str, int, Body]] = []
        self._date1904 = False
        self._held = 0

    def values(self) -> Values:
        self._read_workbook()
        tabs = [self._relations.targets.get(reference, ("", "")) for _, reference in self._titles]
        sheets = [
            (number, self._sheet(title, part))
            for number, ((title, _), (kind, part)) in enumerate(zip(self._titles, tabs, strict=True))
            if kind == "worksheet"
        ]
        return Values(
            sheets=tuple(sheet for _, sheet in sheets),
            formats=tuple(self._formats()),
            names=tuple(self._names({number: place for place, (number, _) in enumerate(sheets)})),
            properties=self._properties(),
            active=tuple(in_package(self._package)),
            date1904=self._date1904,
        )

    def _read_workbook(self) -> None:
        limits = self._package.limits
        for kind, body in records(self._package, self._part):
            if kind == _SETTINGS:
                self._date1904 = bool(body.take("I")[0] & 1)
            elif kind == _SHEET:
                body.take("II")
                reference = body.text()
                self._titles.append((body.text(), reference))
            elif kind == _EXTERNAL_SHEETS:
                (count,) = body.take("I")
                self._spans = [body.take("IiI") for _ in range(min(count, limits.names * 64))]
            elif kind == _NAME:
                self._keep_name(body)
            if len(self._titles) > limits.sheets:
                raise too_large("sheet_count", limits.sheets)

    def _keep_name(self, body: Body) -> None:
        _, _, tab = body.take("IBI")
        name = body.text()
        if name.upper().startswith(OWN_PREFIXES):
            self._raw_names.append((name, tab, body))
            if len(self._raw_names) > self._package.limits.names:
                raise too_large("names", self._package.limits.names)

    def _names(self, numbers: dict[int, int]) -> Iterator[Name]:
        """What our names refer to, as .xlsx spells it; ``numbers``: number of the tab -> of the worksheet."""
        for name, tab, body in self._raw_names:
            refers_to = self._refers_to(body)
            if tab == _NO_SHEET or tab in numbers:
                yield Name(name, None if tab == _NO_SHEET else numbers[tab], refers_to)

    def _refers_to(self, body: Body) -> str:
        """A cell, or a text, which is all that names of ours are; "" for anything else."""
        (length,) = body.take("I")
        if not length:
            return ""
        (token,) = body.take("B")
        if token == _QUOTED:
            (count,) = body.take("H")
            return '"' + body.take(f"{2 * count}s")[0].decode("utf-16-le", "replace").replace('"', '""') + '"'
        if token not in (*_REFERENCE, *_RANGE):
            return ""
        span, row = body.take("HI")
        if token in _RANGE:
            body.take("I")
        column = body.take("H")[0] & 0x3FFF
        first = self._spans[span][1] if span < len(self._spans) else -1
        if not 0 <= first < len(self._titles):
            return ""
        title = self._titles[first][0].replace("'", "''")
        return f"'{title}'!{address(row, column)}"

    @cached_property
    def _strings(self) -> list[str]:
        part = self._relations.of_kind("sharedStrings")
        found: list[str] = []
        for kind, body in records(self._package, part) if part and self._package.has(part) else ():
            if kind == _STRING:
                body.take("B")
                found.append(body.text())
                if len(found) > self._package.limits.strings:
                    raise too_large("strings", self._package.limits.strings)
        return found

    def _formats(self) -> Iterator[str]:
        part = self._relations.of_kind("styles")
        codes = dict(_BUILT_IN)
        within = False
        for kind, body in records(self._package, part) if part and self._package.has(part) else ():
            if kind == _FORMAT:
                (number,) = body.take("H")
                codes[number] = format_kind(body.text()[: self._package.limits.format])
            elif kind in (_FORMATS_BEGIN, _FORMATS_END):
                within = kind == _FORMATS_BEGIN
            elif kind == _CELL_FORMAT and within:
                _, number = body.take("HH")
                yield codes.get(number, PLAIN)

    def _properties(self) -> dict[str, str]:
        part = Relationships(self._package, "").of_kind("custom-properties") or "docProps/custom.xml"
        return CustomProperties(self._package, part).values if self._package.has(part) else {}

    def _sheet(self, title: str, part: str) -> SheetIn:
        limits = self._package.limits
        cells: dict[tuple[int, int], CellIn] = {}
        merges: list[Merge] = []
        place, within = (-1, -1), False
        for kind, body in records(self._package, part):
            if kind in (_CELLS_BEGIN, _CELLS_END):
                within = kind == _CELLS_BEGIN
            elif kind == _MERGE:
                top, bottom, left, right = body.take("IIII")
                merges.append(Merge(top, left, bottom, right))
                if len(merges) > limits.merges:
                    raise too_large("merges", limits.merges)
            elif within and (kind <= _LAST_SHORT or kind == _RICH_CELL):
                place = self._next(place, kind, body, part)
                cell = None if kind == _ROW else self._cell(kind, body, part)
                if cell and place in cells:
                    raise Refused("file-ambiguous", part=f"{part}: {address(*place)}")
                if cell:
                    cells[place] = cell
            if len(cells) > limits.cells:
                raise too_large("cells", limits.cells)
        self._held += len(cells)
        if self._held > limits.held_cells:
            raise too_large("cells_held", limits.held_cells)
        return SheetIn(title, cells, tuple(merges))

    def _next(self, place: tuple[int, int], kind: int, body: Body, part: str) -> tuple[int, int]:
        """Where the record stands: a row before its first cell, a cell at its column, a short one beside the last."""
        row, column = place
        if kind == _ROW:
            row, column = body.take("I")[0], -1
        else:
            column = column + 1 if _FIRST_SHORT <= kind <= _LAST_SHORT else body.take("I")[0]
        if not (0 <= row < MAX_ROW and column < MAX_COLUMN):
            raise broken("reference", part=part, cell=f"{row + 1}, {column + 1}")
        return row, column

    def _cell(self, kind: int, body: Body, part: str) -> CellIn | None:
        """The cell after its column; None for a blank one. A short cell has the kinds of the long ones, 11 higher."""
        style, high, _ = body.take("HBB")
        formula = SOME_FORMULA if kind in _LIKE else None
        what = 6 if kind == _RICH_CELL else _LIKE.get(kind, kind - 11 if kind >= _FIRST_SHORT else kind)
        if kind == _RICH_CELL:
            body.take("B")
        if what == _BLANK:
            return None
        return CellIn(*self._stored(what, body, part), formula, style | high << 16)

    def _stored(self, what: int, body: Body, part: str) -> tuple[str, str]:
        if what == 2:
            return "n", _spelt(_packed_number(*body.take("I")))
        if what == 3:
            return "e", _ERRORS.get(body.take("B")[0], "#?")
        if what == 4:
            return "b", str(int(body.take("B")[0] != 0))
        if what == 5:
            return "n", _spelt(*body.take("d"))
        if what == 6:
            return "str", body.text()
        (number,) = body.take("I")
        if number >= len(self._strings):
            raise broken("string", part=part, cell=str(number))
        return "s", self._strings[number]


def _packed_number(packed: int) -> float:
    """30 bits of a whole number, or the upper 30 of a double; either may stand for a hundredth."""
    if packed & 2:
        whole = (packed >> 2) - (1 << 30 if packed >> 31 else 0)
        number = float(whole)
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))
    return number / 100 if packed & 1 else number


def _spelt(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)

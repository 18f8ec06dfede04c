"""A worksheet of the plain form: its rows read at the speed of ``re``, what stands around them by the full parser.

What is not plain is answered by None, and the full parser then reads the sheet alone.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from cchc_xl.workbook.incoming.active_in import started
from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA, Limits, Package, Refused, too_large
from cchc_xl.workbook.incoming.plain_rows import FIRST, LAST, Place, Slots
from cchc_xl.workbook.incoming.plain_xml import as_typed, is_plain_around, split, unescaped
from cchc_xl.workbook.incoming.sheet_in import CellIn, Merge
from cchc_xl.workbook.incoming.sheet_part import merge_of
from cchc_xl.workbook.incoming.xml_parts import Part

_HOLE = b"<sheetData/>"
_INSIDE = ("row", "c", "v", "f", "is", "t", "rPh")  # what stands in rows and nowhere else
_AROUND: Kept[tuple[bytes, Limits], tuple[tuple[Merge, ...], bool]] = Kept(2 * MEGA)
_MERGE_WEIGHT = 120  # bytes of memory

Cells = dict[Place, CellIn]

_cell = partial(tuple.__new__, CellIn)  # CellIn(…) at half its time


def around(package: Package, part: str, content: bytes) -> tuple[bytes, tuple[Merge, ...], bool] | None:
    """The rows of a sheet, from ``FIRST`` to ``LAST``, its merged ranges, and whether what is around starts nothing."""
    parts = split(content, FIRST, LAST, _HOLE)
    if parts is None:
        return None
    key = (parts[0], package.limits)
    known = _AROUND.find(key)
    if known is None and is_plain_around(parts[0]):
        with suppress(Refused):  # the full parser says what is wrong
            read = _Around(package, part, parts[0])
            if not read.strangers:
                found = tuple(read.merges), not started(parts[0])
                known = _AROUND.keep(key, found, len(parts[0]) + _MERGE_WEIGHT * len(read.merges))
    return None if known is None else (parts[1], *known)


class _Around(Part):
    """A sheet without its rows. ``strangers``: how much of what belongs into rows stands outside of them."""

    root = "worksheet"

    def __init__(self, package: Package, name: str, content: bytes) -> None:
        super().__init__(package, name, content)
        self.merges: list[Merge] = []
        self.strangers = 0
        self.run({"mergeCell": self._merge, **dict.fromkeys(_INSIDE, self._stranger)}, {})

    def _stranger(self, _: dict[str, str]) -> None:
        self.strangers += 1

    def _merge(self, attributes: dict[str, str]) -> None:
        self.merges.append(merge_of(attributes, self.name))
        if len(self.merges) > self.package.limits.merges:
            raise too_large("merges", self.package.limits.merges)


def filled(slots: Slots, values: list[str], strings: Mapping[str, str], longest: int) -> Cells | None:
    """The cells with their values; those without content are left out. None: the full parser is to judge a value.

    ``strings``: number as written -> text of the table. ``longest``: characters a value may have.
    """
    kinds, formulas = slots.kinds, slots.formulas
    empty = [at for at, value in enumerate(values) if not value and (kinds[at] != "str" or formulas[at] is None)]
    texts = _as_meant(values, kinds, longest)
    if texts is None or any(kinds[at] == "str" for at in empty):
        return None
    for at in slots.shared:
        texts[at] = strings.get(values[at])
    for at in empty:
        texts[at] = None
    if texts.count(None) > len(empty):  # no such text in the table
        return None
    cells = dict(zip(slots.places, map(_cell, zip(kinds, texts, formulas, slots.styles, strict=True)), strict=True))
    for at in empty:
        if formulas[at] is None:
            del cells[slots.places[at]]
    return cells


def _as_meant(values: list[str], kinds: tuple[str, ...], longest: int) -> list[str | None] | None:
    """The values without entities; None when one is too long."""
    whole = "".join(values)
    if len(whole) > longest and max(map(len, values)) > longest:
        return None
    if "&" not in whole and "_x" not in whole:
        return [*values]
    texts = map(unescaped, values)
    return [as_typed(text) if kind == "str" else text for text, kind in zip(texts, kinds, strict=True)]

"""A worksheet as read: stored values, formula texts and merged ranges, by 0-based row and column."""

import re
from functools import lru_cache
from typing import NamedTuple

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
TEXT = ("s", "str", "inlineStr")
MIXED = "mixed"  # the kind of a cell that stores two contents
_LONGEST_REF = len("$XFD$1048576")
_REF = re.compile(r"^\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})$")


class CellIn(NamedTuple):
    """A cell as stored. ``kind``: n, s (text of the table), inlineStr, str (text of a formula), b, e, d or MIXED.

    ``text`` is None where no value is stored. ``style`` counts the file's cell formats.
    """

    kind: str
    text: str | None
    formula: str | None
    style: int

    @property
    def is_text(self) -> bool:
        return self.kind in TEXT

    @property
    def has_stored(self) -> bool:
        """True when a program has computed this formula. An empty text may be a result or none: it counts as none."""
        return bool(self.text)


class Merge(NamedTuple):
    """A merged range, 0-based, ends included."""

    top: int
    left: int
    bottom: int
    right: int


class SheetIn(NamedTuple):
    """What stands on a worksheet. Cells without value and formula are left out."""

    name: str
    cells: dict[tuple[int, int], CellIn]
    merges: tuple[Merge, ...]

    def text_at(self, row: int, column: int) -> str:
        """The stored text of a cell, "" for none."""
        cell = self.cells.get((row, column))
        return cell.text or "" if cell else ""


def position(reference: str) -> tuple[int, int] | None:
    """``D10`` -> (9, 3); None outside A1:XFD1048576."""
    return _position(reference) if len(reference) <= _LONGEST_REF else None


@lru_cache(maxsize=8192)  # the same names and merges stand in every workbook of a round
def _position(reference: str) -> tuple[int, int] | None:
    found = _REF.match(reference)
    if not found:
        return None
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    return (row - 1, column - 1) if row <= MAX_ROW and column <= MAX_COLUMN else None

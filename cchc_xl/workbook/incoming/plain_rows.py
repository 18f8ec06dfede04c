"""The rows of a sheet in the plain form in which Excel, XlsxWriter and LibreOffice write them.

In the workbooks of a round the rows are alike but for the values stored in them. So the values are taken out first;
the rows without them are read once for all workbooks that have the same. They are read here only when every byte is
of the plain form; everything else (attributes in another order, CDATA, inline strings, prefixes, shared formulas …)
is left to the full parser. Both give the same; tests hold them against each other.
"""

import re
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA
from cchc_xl.workbook.incoming.plain_xml import decoded, unescaped
from cchc_xl.workbook.incoming.sheet_in import MAX_COLUMN, MAX_ROW, TEXT

FIRST, LAST = b"<sheetData>", b"</sheetData>"
_ROW_END = b"</row>"
_VALUE, _EMPTIED, _STORED = re.compile(rb"<v>([^<]*)</v>"), b"<v></v>", "<v></v>"
_BETWEEN, _PREFIX = b"<", "x14ac:"  # no value holds the first

_ROW = r'<row r="[1-9]\d{0,6}"(?: (?!xmlns=)(?:x14ac:)?[A-Za-z]+="[^"<]*")*+'
_BEFORE_CELLS = re.compile(rf"(?:{_ROW}/>)*+{_ROW}>")
_AFTER_ROWS = re.compile(rf"(?:{_ROW}/>)*+{LAST.decode()}")
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')
_HEAD = r'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d{1,7})")?(?: t="(s|str|n|b|e)")?'
_INSIDE = r'(?:<f(?: a?ca="\w+")?>([^<]+)</f>)?(<v></v>|<v/>)?'
_CELL = re.compile(f"{_HEAD}(?:/>|>{_INSIDE}</c>)|((?s:.+))")  # what is not plain is swallowed whole

Place = tuple[int, int]  # 0-based row and column


class _Slot(NamedTuple):
    """A cell with something in it, but for its value. ``stored``: has it one?"""

    place: Place
    kind: str
    formula: str | None
    style: int
    stored: bool


class _Row(NamedTuple):
    """One row, with what ``Rows`` says of all."""

    slots: tuple[_Slot, ...]
    style: int
    longest: int
    quiet: bool
    prefixed: bool


class Slots(NamedTuple):
    """The cells of a sheet with something in them, but for their values; ``shared`` counts slots."""

    places: tuple[Place, ...] = ()
    kinds: tuple[str, ...] = ()
    formulas: tuple[str | None, ...] = ()
    styles: tuple[int, ...] = ()
    shared: tuple[int, ...] = ()  # their values are numbers in the table of texts


class Rows:
    """All rows of a sheet, but for their values.

    ``style`` is the largest in use, also by cells without content, ``longest`` the length of a formula; ``quiet``: no
    formula can start anything; ``prefixed``: the prefix x14ac is in use.
    """

    def __init__(self, slots: list[_Slot], rows: list[_Row], rest: str) -> None:
        self._slots = slots
        self.style = max((row.style for row in rows), default=0)
        self.longest = max((row.longest for row in rows), default=0)
        self.quiet = all(row.quiet for row in rows)
        self.prefixed = _PREFIX in rest or any(row.prefixed for row in rows)

    @cached_property
    def slots(self) -> Slots:
        return _in_columns(self._slots)

    @cached_property
    def typed(self) -> tuple[int, ...]:
        """Where texts that are no formula's result stand among the slots."""
        return tuple(at for at, slot in enumerate(self._slots) if slot[2] is None and slot[1] in TEXT)

    @cached_property
    def texts(self) -> Slots:
        """Only these."""
        return _in_columns([self._slots[at] for at in self.typed])

    def aligned(self, values: list[str]) -> list[str]:
        """One value for each slot, "" where none is stored."""
        if len(values) == len(self._slots):
            return values
        left = iter(values)
        return [next(left) if slot.stored else "" for slot in self._slots]


_slot = partial(tuple.__new__, _Slot)  # _Slot(…) at half its time

_SHEETS: Kept[bytes, Rows] = Kept(6 * MEGA)
_ROWS: Kept[bytes, _Row] = Kept(6 * MEGA)
_SLOT_WEIGHT, _COLUMN_WEIGHT = 300, 60  # bytes of memory for a slot of a row, and for its items in a sheet


def taken_apart(inside: bytes) -> tuple[Rows, list[str]] | None:
    """The rows from ``FIRST`` to ``LAST``, and the value of each slot, as written, "" for none.

    None: they are not plain.
    """
    pieces = _VALUE.split(inside)
    emptied = _EMPTIED.join(pieces[::2])
    rows = _SHEETS.find(emptied) or _read_rows(emptied)
    values = decoded(_BETWEEN.join(pieces[1::2]))
    if rows is None or values is None:
        return None
    return rows, rows.aligned(values.split(_BETWEEN.decode()) if len(pieces) > 1 else [])


def _read_rows(emptied: bytes) -> Rows | None:
    *parts, rest = emptied.removeprefix(FIRST).split(_ROW_END)
    after = decoded(rest)
    if after is None or not _AFTER_ROWS.fullmatch(after) or not _are_rows(after):
        return None
    slots: list[_Slot] = []
    whole: list[_Row] = []
    for part in parts:
        row = _ROWS.find(part) or _read_row(part)
        if row is None:
            return None
        slots += row.slots
        whole.append(row)
    if len({slot[0] for slot in slots}) < len(slots):
        return None
    return _SHEETS.keep(emptied, Rows(slots, whole, after), len(emptied) + _COLUMN_WEIGHT * len(slots))


def _in_columns(slots: list[_Slot]) -> Slots:
    if not slots:
        return Slots()
    places, kinds, formulas, styles, _ = zip(*slots, strict=True)
    return Slots(places, kinds, formulas, styles, tuple(at for at, kind in enumerate(kinds) if kind == "s"))


def _read_row(part: bytes) -> _Row | None:
    """What stands before ``</row>``: empty rows, then a row with its cells."""
    text = decoded(part) or ""
    before = _BEFORE_CELLS.match(text)
    if before is None or not _are_rows(before[0]):
        return None
    cells = _CELL.findall(text, before.end())
    if cells and cells[-1][6]:
        return None
    slots: list[_Slot] = []
    formulas: list[str] = []
    largest, at, line = 0, -1, ""
    for letters, row, style_text, kind, written, value, _ in cells:
        if row != line:
            at, line = int(row) - 1, row
        column, style, stored = _column(letters), int(style_text) if style_text else 0, value == _STORED
        if at >= MAX_ROW or column >= MAX_COLUMN or (kind == "str" and not stored and not written):
            return None  # the last is an empty text, or no value at all
        if style > largest:
            largest = style
        formula = unescaped(written) if written else None
        if formula:
            formulas.append(formula)
        if stored or formula:
            slots.append(_slot(((at, column), kind or "n", formula, style, stored)))
    quiet = not formulas or not dangers(formulas)
    read = _Row(tuple(slots), largest, max(map(len, formulas), default=0), quiet, _PREFIX in before[0])
    return _ROWS.keep(part, read, len(part) + _SLOT_WEIGHT * len(slots))


@lru_cache(maxsize=512)
def _column(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _are_rows(tags: str) -> bool:
    """Has each of these tags a row that there is, and no attribute twice?"""
    return all(_is_row(_ATTRIBUTE.findall(tag)) for tag in tags.split("<row")[1:])


def _is_row(attributes: list[tuple[str, str]]) -> bool:
    return int(attributes[0][1]) <= MAX_ROW and len(dict(attributes)) == len(attributes)

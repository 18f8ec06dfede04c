"""One worksheet in one pass: what stands in its cells becomes a ``SheetIn``."""

from cchc_xl.workbook.incoming.formulas import LONGEST, moved
from cchc_xl.workbook.incoming.package import Package, Refused, broken, too_large
from cchc_xl.workbook.incoming.plain_xml import as_typed
from cchc_xl.workbook.incoming.sheet_in import MAX_COLUMN, MAX_ROW, MIXED, TEXT, CellIn, Merge, SheetIn, position
from cchc_xl.workbook.incoming.xml_parts import Part
from cchc_xl.workbook.layout import address


class SheetPart(Part):
    """Reads ``xl/worksheets/sheet1.xml``; the result is ``sheet``. Raises Refused.

    The handlers of cells stand in one method each: a workbook has ten thousand elements.
    """

    root = "worksheet"

    def __init__(
        self,
        package: Package,
        part: str,
        title: str,
        strings: list[str],
        style_count: int | None,
        texts_only: bool = False,
        content: bytes | None = None,
    ) -> None:
        super().__init__(package, part, content)
        self._texts_only = texts_only
        self._strings = strings
        self._styles = style_count
        self._cells: dict[tuple[int, int], CellIn] = {}
        self._merges: list[Merge] = []
        self._shared: dict[str, tuple[str, int, int]] = {}
        self._columns: dict[str, int] = {}
        self._row, self._column = -1, -1
        self._cell: dict[str, str] = {}
        self._value: str | None = None
        self._inline: str | None = None
        self._filled = 0
        self._formula: str | None = None
        self._how: dict[str, str] = {}
        self._phonetic = False
        self._gather = self.text.append
        self._c = self._v = self._f = ""
        self.run(
            {
                "row": self._open_row,
                "t": self._open_run,
                "rPh": self._skip,
                "mergeCell": self._merge,
            },
            {"t": self._close_run, "rPh": self._resume},
        )
        self.sheet = SheetIn(title, self._cells, tuple(self._merges))

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        space = name.rpartition(" ")[0]
        self._c, self._v, self._f = (f"{space} {local}" for local in "cvf")
        super()._first(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if name == self._c:
            if "r" not in attributes:
                self._next_column()
            self._cell = attributes
            self._value = self._formula = self._inline = None
            return
        if name == self._v or name == self._f:
            if name == self._f:
                self._how = attributes
            elif self._value is not None:
                raise broken("xml", part=self.name)
            self.text.clear()
            self._parser.CharacterDataHandler = self._gather
            return
        if self._depth > self._max_depth:
            raise broken("depth", part=self.name)
        opener = self.openers.get(name)
        if opener is not None:
            opener(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == self._c:
            if self._value is not None or self._formula is not None or self._inline is not None:
                self._close_cell()
        elif name == self._v:
            self._value = self.collected()
        elif name == self._f:
            self._formula = self.collected()
            if self._how:
                self._close_formula()
        else:
            closer = self.closers.get(name)
            if closer is not None:
                closer()

    def _open_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        if said is None and self._row < MAX_ROW - 1:
            self._row += 1
        elif said is not None and said.isdecimal() and len(said) <= 7 and 0 < int(said) <= MAX_ROW:
            self._row = int(said) - 1
        else:
            raise broken("reference", part=self.name, cell=ascii(said or "")[:40])
        self._column = -1
        self._cell = {}

    def _next_column(self) -> None:
        """A cell without address follows the one before it."""
        before = self._cell.get("r")
        self._column = (self._place(before)[1] if before else self._column) + 1
        if self._column >= MAX_COLUMN or self._row < 0:
            raise broken("reference", part=self.name, cell="?")

    def _place(self, reference: str) -> tuple[int, int]:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        row = reference[len(letters) :]
        if column is None or len(row) > 7:
            place = position(reference)
            if place is None:
                raise broken("reference", part=self.name, cell=ascii(reference)[:40])
            self._columns[letters] = column = place[1]
        number = int(row or 0) - 1
        if not 0 <= number < MAX_ROW:
            raise broken("reference", part=self.name, cell=ascii(reference)[:40])
        return number, column

    def _close_cell(self) -> None:
        attributes, value = self._cell, self._value
        kind = attributes.get("t", "n")
        if self._inline is not None:
            kind, value = (kind, self._inline) if value is None else (MIXED, f"{value} / {self._inline}")
        reference = attributes.get("r")
        place = self._place(reference) if reference else (self._row, self._column)
        self._row, self._column = place
        style = attributes.get("s", "0")
        style_number = int(style) if style.isdecimal() and len(style) < 8 else 0
        if self._styles is not None and style_number >= self._styles:
            raise broken("style", part=self.name, cell=style_number)
        if kind == "s" and value:
            value = self._shared_string(value)
        elif not value and kind != "inlineStr":
            value = "" if kind == "str" else None
        elif kind == "str":
            value = as_typed(value)
        if (value is None and self._formula is None) or (
            self._texts_only and (self._formula is not None or kind not in TEXT)
        ):
            return
        cell = CellIn(kind, value, self._formula, style_number)
        if self._cells.setdefault(place, cell) is not cell and self._cells[place] != cell:
            raise Refused("file-ambiguous", part=f"{self.name}: {address(*place)}")
        if len(self._cells) > self.package.limits.cells:
            raise too_large("cells", self.package.limits.cells)

    def _shared_string(self, index: str) -> str:
        index = index.strip()
        if index.isdecimal() and len(index) < 9 and int(index) < len(self._strings):
            return self._strings[int(index)]
        raise broken("string", part=self.name, cell=ascii(index)[:40])

    def _open_run(self, _: dict[str, str]) -> None:
        self.collect()

    def _close_run(self) -> None:
        """A run of an inline string."""
        text = as_typed(self.collected())
        if not self._phonetic:
            self._inline = (self._inline or "") + text
            if len(self._inline) > self.package.limits.text:
                raise too_large("text", self.package.limits.text, part=self.name)

    def _skip(self, _: dict[str, str]) -> None:
        self._phonetic = True

    def _resume(self) -> None:
        self._phonetic = False

    def _close_formula(self) -> None:
        how = self._how
        if how.get("t") == "shared":
            reference = self._cell.get("r")
            place = self._place(reference) if reference else (self._row, self._column)
            self._formula = self._expanded(self._formula or "", how.get("si", ""), *place)

    def _expanded(self, text: str, index: str, row: int, column: int) -> str:
        """A shared formula's text for this cell: its first cell holds the text, the others only the number."""
        if text:
            self._shared.setdefault(index, (text, row, column))
            return text
        if index not in self._shared:
            return ""
        master, from_row, from_column = self._shared[index]
        self.package.in_time()
        self._filled += min(len(master), LONGEST)
        if self._filled > self.package.limits.filled:
            raise too_large("filled", self.package.limits.filled)
        return moved(master, row - from_row, column - from_column)

    def _merge(self, attributes: dict[str, str]) -> None:
        self._merges.append(merge_of(attributes, self.name))
        if len(self._merges) > self.package.limits.merges:
            raise too_large("merges", self.package.limits.merges)


def merge_of(attributes: dict[str, str], part: str) -> Merge:
    """The range of a ``mergeCell``. Raises Refused."""
    first, _, last = attributes.get("ref", "").partition(":")
    top_left, bottom_right = position(first), position(last or first)
    if top_left is None or bottom_right is None:
        raise broken("reference", part=part, cell=ascii(attributes.get("ref"))[:40])
    return Merge(*top_left, *bottom_right)

"""The body of an OpenDocument workbook: sheets with their cells, and our names.

A cell or a row there may stand for a million others (``number-rows-repeated``); only what holds content is repeated,
and no further than the limits of a sheet. Pictures, comments and cached links are no content of a cell.
"""

import re

from cchc_xl.workbook.incoming.book_in import OWN_PREFIXES, Name
from cchc_xl.workbook.incoming.package import Package, broken, too_large
from cchc_xl.workbook.incoming.sheet_in import MAX_COLUMN, MAX_ROW, CellIn, Merge, SheetIn
from cchc_xl.workbook.incoming.styles_in import DATE, PERCENT, PLAIN
from cchc_xl.workbook.incoming.xml_parts import Part

OFFICE, TABLE, TEXT, META = (
    f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text", "meta")
)
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
FORMATS = (PLAIN, PERCENT, DATE)  # the style number of a cell read here
_NUMBERS = {"float": 0, "currency": 0, "percentage": 1}
_ERROR = re.compile(r"^(?:#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d{3})$")
_WITHOUT = frozenset({"annotation", "shapes", "tracked-changes", "dde-links", "forms", "scenario"})
_SPACES = re.compile(r"[ \t\r\n]+")
_CELL = r"\$?[A-Z]{1,3}\$?\d{1,7}"
_TITLE = r"\$?'(?:[^']|'')*+'|[^\[\].:']*+"
_REFERENCE = re.compile(rf"\[((?:{_TITLE})\.)?({_CELL})(?::[^\[\]]*?\.?({_CELL}))?\]")


def excel_spelling(formula: str) -> str:
    """``of:=SUM([.D9:.D11];['Biểu 2'.D7])`` as Excel writes it: ``SUM(D9:D11;'Biểu 2'!D7)``."""
    prefix, mark, rest = formula.partition("=")
    text = rest if mark and prefix.rstrip(":").isalnum() else formula.lstrip("=")
    return _REFERENCE.sub(_spelt, text)


def _spelt(found: re.Match[str]) -> str:
    sheet = (found[1] or "").removesuffix(".").removeprefix("$")
    last = f":{found[3]}" if found[3] else ""
    return f"{sheet}!{found[2]}{last}" if sheet else f"{found[2]}{last}"


class OdsContent(Part):
    """``content.xml``: every sheet with its cells, and our names."""

    namespaces = (OFFICE, TABLE, TEXT)
    root = "document-content"

    def __init__(self, package: Package, name: str) -> None:
        super().__init__(package, name)
        self.sheets: list[SheetIn] = []
        self.names: list[Name] = []
        self._aside = 0  # depth inside what is no content
        self._held = 0
        self._blanks = 0  # in the paragraph, each written as a number
        self._sheet: _Sheet | None = None
        self.run(
            {
                "table": self._open_table,
                "table-row": self._open_row,
                "table-cell": self._open_cell,
                "covered-table-cell": self._open_cell,
                "p": self._open_paragraph,
                "s": self._space,
                "tab": self._tab,
                "line-break": self._break,
                "named-range": self._range,
                "named-expression": self._expression,
            },
            {
                "table": self._close_table,
                "table-row": self._close_row,
                "table-cell": self._close_cell,
                "covered-table-cell": self._close_cell,
                "p": self._close_paragraph,
            },
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        foreign = self._sheet is not None and space not in self.namespaces
        nested = local == "table" and self._sheet is not None
        if self._aside or foreign or nested or local in _WITHOUT:
            self._aside += 1
            self._depth += 1
            if self._depth > self._max_depth:
                raise broken("depth", part=self.name)
            return
        super()._start(name, attributes)

    def _end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
            self._depth -= 1
            return
        super()._end(name)

    def _open_table(self, attributes: dict[str, str]) -> None:
        if len(self.sheets) >= self.package.limits.sheets:
            raise too_large("sheet_count", self.package.limits.sheets)
        self._sheet = _Sheet(self.package, self.name, attributes.get(f"{TABLE} name", ""))

    def _close_table(self) -> None:
        assert self._sheet
        made = self._sheet.made()
        self._held += len(made.cells)
        if self._held > self.package.limits.held_cells:
            raise too_large("cells_held", self.package.limits.held_cells)
        self.sheets.append(made)
        self._sheet = None

    def _open_row(self, attributes: dict[str, str]) -> None:
        if self._sheet:
            self._sheet.open_row(attributes)

    def _close_row(self) -> None:
        if self._sheet:
            self._sheet.close_row()

    def _open_cell(self, attributes: dict[str, str]) -> None:
        if self._sheet:
            self._sheet.open_cell(attributes)

    def _close_cell(self) -> None:
        if self._sheet:
            self._sheet.close_cell()

    def _open_paragraph(self, _: dict[str, str]) -> None:
        self.collect()
        self._blanks = 0

    def _close_paragraph(self) -> None:
        pieces, self._parser.CharacterDataHandler = "".join(self.text), None
        if len(pieces) > self.package.limits.text:
            raise too_large("text", self.package.limits.text, part=self.name)
        if self._sheet:
            self._sheet.paragraph(pieces)

    def _space(self, attributes: dict[str, str]) -> None:
        count = _count(attributes.get(f"{TEXT} c", ""), self.package.limits.text)
        self.text.append("\0" * count)  # kept apart from blanks that XML makes one of
        self._blanks += count
        if self._blanks > self.package.limits.text:
            raise too_large("text", self.package.limits.text, part=self.name)

    def _tab(self, _: dict[str, str]) -> None:
        self.text.append("\1")

    def _break(self, _: dict[str, str]) -> None:
        self.text.append("\2")

    def _range(self, attributes: dict[str, str]) -> None:
        self._named(attributes, excel_spelling("=[" + attributes.get(f"{TABLE} cell-range-address", "") + "]"))

    def _expression(self, attributes: dict[str, str]) -> None:
        self._named(attributes, excel_spelling("=" + attributes.get(f"{TABLE} expression", "").removeprefix("of:=")))

    def _named(self, attributes: dict[str, str], refers_to: str) -> None:
        name = attributes.get(f"{TABLE} name", "")
        if not name.upper().startswith(OWN_PREFIXES):
            return
        self.names.append(Name(name, len(self.sheets) if self._sheet else None, refers_to[: self.package.limits.text]))
        if len(self.names) > self.package.limits.names:
            raise too_large("names", self.package.limits.names)


class _Sheet:
    """One sheet while it is read: where the next cell stands, and what is repeated."""

    def __init__(self, package: Package, part: str, title: str) -> None:
        self._package, self._part, self._title = package, part, title
        self._limits = package.limits
        self._cells: dict[tuple[int, int], CellIn] = {}
        self._merges: list[Merge] = []
        self._row, self._column, self._rows, self._columns = 0, 0, 1, 1
        self._line: list[tuple[int, CellIn]] = []
        self._attributes: dict[str, str] = {}
        self._texts: list[str] = []
        self._length = 0

    def made(self) -> SheetIn:
        return SheetIn(self._title, self._cells, tuple(self._merges))

    def open_row(self, attributes: dict[str, str]) -> None:
        self._rows = _count(attributes.get(f"{TABLE} number-rows-repeated", ""), MAX_ROW)
        self._column, self._line = 0, []
        self._package.in_time()

    def close_row(self) -> None:
        if self._line:
            if self._row + self._rows > MAX_ROW:
                raise broken("reference", part=self._part, cell=f"{self._row + 1}")
            self._fits(len(self._line) * self._rows)
            for row in range(self._row, self._row + self._rows):
                self._cells.update(((row, column), cell) for column, cell in self._line)
        self._row = min(self._row + self._rows, MAX_ROW)

    def open_cell(self, attributes: dict[str, str]) -> None:
        self._attributes, self._texts, self._length = attributes, [], 0
        self._columns = _count(attributes.get(f"{TABLE} number-columns-repeated", ""), MAX_COLUMN)
        self._merge(attributes)

    def paragraph(self, text: str) -> None:
        joined = _SPACES.sub(" ", text).translate({0: " ", 1: "\t", 2: "\n"})
        self._texts.append(joined)
        self._length += len(joined) + 1
        if self._length > self._limits.text + 1:
            raise too_large("text", self._limits.text, part=self._part)

    def close_cell(self) -> None:
        cell = self._cell()
        if cell is not None:
            if self._column + self._columns > MAX_COLUMN:
                raise broken("reference", part=self._part, cell=f"{self._row + 1}")
            self._fits(len(self._line) + self._columns)
            self._line += [(self._column + more, cell) for more in range(self._columns)]
        self._column = min(self._column + self._columns, MAX_COLUMN)
        self._attributes = {}

    def _fits(self, more: int) -> None:
        if len(self._cells) + more > self._limits.cells:
            raise too_large("cells", self._limits.cells)

    def _cell(self) -> CellIn | None:
        """What stands in the cell; None for nothing."""
        said = self._attributes
        kind = said.get(f"{OFFICE} value-type") or said.get(f"{_CALC} value-type") or ""
        formula = said.get(f"{TABLE} formula")
        shown = "\n".join(self._texts)
        if len(formula or "") > self._limits.text:
            raise too_large("text", self._limits.text, part=self._part)
        own = excel_spelling(formula) if formula else None
        if "error" in (kind, said.get(f"{_CALC} value-type")) or (formula and _ERROR.match(shown)):
            return CellIn("e", shown or "#", own, 0)
        if kind in _NUMBERS:
            return CellIn("n", said.get(f"{OFFICE} value") or None, own, _NUMBERS[kind])
        if kind in ("date", "time"):
            return CellIn("d", said.get(f"{OFFICE} {kind}-value", shown), own, FORMATS.index(DATE))
        if kind == "boolean":
            return CellIn("b", str(int(said.get(f"{OFFICE} boolean-value") == "true")), own, 0)
        text = said.get(f"{OFFICE} string-value", shown) if kind == "string" else shown
        if len(text) > self._limits.text:
            raise too_large("text", self._limits.text, part=self._part)
        return CellIn("str", text, own, 0) if text or own else None

    def _merge(self, attributes: dict[str, str]) -> None:
        wide = _count(attributes.get(f"{TABLE} number-columns-spanned", ""), MAX_COLUMN)
        high = _count(attributes.get(f"{TABLE} number-rows-spanned", ""), MAX_ROW)
        if wide == high == 1:
            return
        bottom, right = min(self._row + high, MAX_ROW) - 1, min(self._column + wide, MAX_COLUMN) - 1
        self._merges.append(Merge(self._row, self._column, bottom, right))
        if len(self._merges) > self._limits.merges:
            raise too_large("merges", self._limits.merges)


def _count(said: str, most: int) -> int:
    """How often something is repeated: at least once, at most ``most`` times."""
    return max(1, min(int(said), most)) if said.isdecimal() and len(said) < 10 else most if said.isdecimal() else 1

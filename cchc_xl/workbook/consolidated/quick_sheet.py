"""A worksheet that puts down the cells a master has most of in one step each; the file is the same, byte for byte."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellFormulaTuple, CellNumberTuple, CellStringTuple, Worksheet

MOST_LINKS = 65_530  # of a sheet
_INSIDE = "internal:"
Kept = str | tuple[int, int]  # XML, or where it stands in a file: start, length
_ROWS_A_SPAN = 16  # rows that share one "spans" in the file


class QuickSheet(Worksheet):
    """Takes formulas as they are: ours have no function newer than Excel 2007 to be renamed. Cells by numbers only."""

    def __init__(self) -> None:
        super().__init__()
        self._bases: dict[str, Url] = {}  # what a link begins with -> as XlsxWriter takes it apart
        self._done: dict[int, tuple[int, int, Kept]] = {}  # row -> first and last column, its cells as XML
        self.aside: Path | None = None  # a folder for what need not be held
        self._kept: BinaryIO | None = None

    def write_formula(
        self, row: int, col: int, formula: str, cell_format: Format | None = None, value: float | str = 0
    ) -> int:
        if self._check_dimensions(row, col):
            return -1
        self.table[row][col] = CellFormulaTuple(formula.removeprefix("="), cell_format, value)
        return 0

    def write_number(self, row: int, col: int, number: float, cell_format: Format | None = None) -> int:
        return self._write_number(row, col, number, cell_format)

    def write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        return self._write_string(row, col, string, cell_format)

    def write_cells(self, row: int, cells: Mapping[int, str | tuple]) -> int:
        """Cells of one row by column, all at once, each as XlsxWriter holds it or as XML."""
        if cells and (self._check_dimensions(row, min(cells)) or self._check_dimensions(row, max(cells))):
            return -1
        self.table[row].update(cells)
        return 0

    def formula_text(self, row: int, col: int, formula: str, cell_format: Format, value: float | str) -> str:
        """A cell with a formula and its value, as XML for ``write_cells``."""
        return f"{self._head(row, col, cell_format)}><f>{self._escape_data(formula)}</f><v>{value}</v></c>"

    def number_text(self, row: int, col: int, number: float | None, cell_format: Format) -> str:
        """A cell with a number or nothing, as XML for ``write_cells``."""
        head = self._head(row, col, cell_format)
        return f"{head}/>" if number is None else f"{head}><v>{number:.16G}</v></c>"

    @staticmethod
    def _head(row: int, col: int, look: Format) -> str:
        return f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{look._get_xf_index()}"'

    def write_url(
        self, row: int, col: int, url: str, cell_format: Format | None = None, string: str = "", tip: str | None = None
    ) -> int:
        link = self._link(url)
        link._text = string
        link.tip = tip or ""
        return self._write_url(row, col, link, cell_format)

    def write_link(self, row: int, col: int, url: str, string: str, tip: str) -> int:
        """As ``write_url``, from a cell that is written by itself."""
        self.hlink_count += 1
        if self.hlink_count > MOST_LINKS:
            return -4
        self.str_table._get_shared_string_index(string)
        self.hyperlinks[row][col] = link = self._link(url)
        link._text, link._tip = string, tip
        return 0

    def _link(self, target: str) -> Url:
        """Thousands of links lead to the same few files and sheets: only the cell at the end is another."""
        start, _, anchor = target.partition("!" if target.startswith(_INSIDE) else "#")
        base = self._bases.get(start)
        if base is None:
            base = self._bases[start] = Url(start)
        link = Url.__new__(Url)
        link.__dict__.update(base.__dict__)
        if target.startswith(_INSIDE):
            link._link = link._anchor = target.removeprefix(_INSIDE)
        else:
            link._anchor = anchor
        return link

    def _check_dimensions(self, row: int, col: int, ignore_row: bool = False, ignore_col: bool = False) -> int:
        """Nearly every cell stands within those put down before: then there is nothing to note."""
        known = self.dim_rowmax is not None and self.dim_colmax is not None
        if known and self.dim_rowmin <= row <= self.dim_rowmax and self.dim_colmin <= col <= self.dim_colmax:
            return 0
        return super()._check_dimensions(row, col, ignore_row, ignore_col)

    def _calculate_spans(self) -> None:
        spans: dict[int, str] = {}
        for first in range(self.dim_rowmin // _ROWS_A_SPAN, self.dim_rowmax // _ROWS_A_SPAN + 1):
            rows = range(first * _ROWS_A_SPAN, (first + 1) * _ROWS_A_SPAN)
            filled = [cells for row in rows for cells in (self.table.get(row), self.comments.get(row)) if cells]
            filled += [self._done[row][:2] for row in rows if row in self._done]
            if filled:
                spans[first] = f"{min(map(min, filled)) + 1}:{max(map(max, filled)) + 1}"
        self.row_spans = spans

    def keep(self, text: str) -> Kept:
        """Some XML to be written later: where it stands in a file aside, or itself where there is no such folder."""
        if self.aside is None:
            return text
        if self._kept is None:
            self._kept = TemporaryFile(dir=self.aside)  # noqa: SIM115  closed with the sheet
        content = text.encode()
        return self._kept.tell(), self._kept.write(content)

    def pour(self, kept: Kept) -> None:
        """Write what was given to ``keep``, from file to file as it stands; everything is kept before that."""
        if isinstance(kept, str):
            self.fh.write(kept)
            return
        self.fh.flush()
        start, length = kept
        self._kept.seek(start)
        self.fh.buffer.write(self._kept.read(length))

    def put_down(self, row: int) -> None:
        """The row is complete: keep its text instead of its cells, a fifth of the memory."""
        cells = self.table.pop(row, None)
        if cells:
            file, self.fh = self.fh, StringIO()
            for column in sorted(cells):
                self._write_cell(row, column, cells[column])
            self._done[row] = min(cells), max(cells), self.keep(self.fh.getvalue())
            self.fh = file

    def _write_rows(self) -> None:
        if not self._done:
            super()._write_rows()
            return
        self._calculate_spans()
        for row in range(self.dim_rowmin, self.dim_rowmax + 1):
            span, info = self.row_spans.get(row // _ROWS_A_SPAN), self.row_info.get(row)
            cells = self.table.get(row, {})
            if row in self._done or cells:
                self._write_row(row, span, info)
                if row in self._done:
                    self.pour(self._done.pop(row)[2])
                for column in sorted(cells):
                    self._write_cell(row, column, cells[column])
                self._xml_end_tag("row")
            elif info or row in self.comments:
                self._write_empty_row(row, span, info)

    def _set_xml_writer(self, filename: object) -> None:
        if isinstance(filename, Path):
            self.internal_fh, self.fh = True, filename.open("w", encoding="utf-8", newline="")
        else:
            super()._set_xml_writer(filename)

    def _xml_close(self) -> None:
        super()._xml_close()
        if self._kept is not None:
            self._kept.close()

    def _write_cell(self, row: int, col: int, cell: object) -> None:
        kind = type(cell)
        if kind is str:
            self.fh.write(cell)
            return
        look = cell.format
        if look is None:
            super()._write_cell(row, col, cell)
            return
        if kind is CellFormulaTuple and (type(cell.value) is float or cell.value == ""):
            self.fh.write(self.formula_text(row, col, cell.formula, look, cell.value))
        elif kind is CellStringTuple:
            self.fh.write(f'{self._head(row, col, look)} t="s"><v>{cell.string}</v></c>')
        elif kind is CellNumberTuple:
            self.fh.write(self.number_text(row, col, cell.number, look))
        else:
            super()._write_cell(row, col, cell)

"""Writing one cell of the master: text that stays text, formulas with their value, links that are never dropped."""

from collections.abc import Mapping
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, CellNumberTuple, Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet

LONGEST_TEXT = 32_000  # characters; Excel keeps 32,767 in a cell
LONGEST_LINK = 2_000  # characters; Excel takes 2,079
_UNDER_LINK = " "  # a link brings its own text; the cell's content replaces it


class NotWritten(Exception):
    """Excel's limits would have dropped a cell or a link: a fault of ours, never to be shipped silently."""


def write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Text as text, whatever it begins with; an overlong one is cut and says so."""
    if not text:
        sheet.write_blank(row, column, None, look)
        return
    _check(sheet.write_string(row, column, cut(text), look), sheet, row, column)


def cut(text: str) -> str:
    """The text as far as a cell can hold it."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + words("master")["cut"]


def write_number(sheet: Worksheet, row: int, column: int, value: Decimal | int | None, look: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, look)
    else:
        _check(sheet.write_number(row, column, float(value), look), sheet, row, column)


def write_formula(
    sheet: Worksheet, row: int, column: int, formula: str, look: Format, value: Decimal | int | str | None
) -> None:
    """A formula (without ``=``) with the value it has; no value shows nothing. No formula: an empty cell."""
    if not formula:
        sheet.write_blank(row, column, None, look)
        return
    stored = "" if value is None else value if isinstance(value, str) else float(value)
    _check(sheet.write_formula(row, column, f"={formula}", look, stored), sheet, row, column)


def link(
    sheet: Worksheet, row: int, column: int, target: str, look: Format | None, *, text: str = "", tip: str = ""
) -> None:
    """A link from a cell: ``internal:'Biểu 1'!A1``. Write the cell's own content, if any, after it."""
    code = sheet.write_url(row, column, target, look, text or _UNDER_LINK, tip or None)
    _check(code, sheet, row, column)


def write_link(sheet: QuickSheet, row: int, column: int, target: str, tip: str) -> None:
    """A link within the workbook from a cell that ``write_cells`` writes."""
    _check(sheet.write_link(row, column, target, _UNDER_LINK, tip), sheet, row, column)


def write_cells(sheet: QuickSheet, row: int, cells: Mapping[int, str | tuple]) -> None:
    """Cells of one row by column: those of ``number_cell`` and ``formula_cell``, or as XML."""
    if cells:
        _check(sheet.write_cells(row, cells), sheet, row, min(cells))


def number_cell(sheet: QuickSheet, row: int, column: int, value: Decimal | None, look: Format) -> tuple:
    """As ``write_number`` writes it."""
    return CellBlankTuple(look) if value is None else CellNumberTuple(float(value), look)


def number_text(sheet: QuickSheet, row: int, column: int, value: Decimal | None, look: Format) -> str:
    """The same as XML, for rows that are put down at once: nobody can look into it any more."""
    return sheet.number_text(row, column, None if value is None else float(value), look)


def formula_cell(sheet: QuickSheet, row: int, column: int, formula: str, look: Format, value: Decimal | None) -> tuple:
    """As ``write_formula`` writes it."""
    return CellFormulaTuple(formula, look, "" if value is None else float(value))


def formula_text(sheet: QuickSheet, row: int, column: int, formula: str, look: Format, value: Decimal | None) -> str:
    """The same as XML, for rows that are put down at once."""
    return sheet.formula_text(row, column, formula, look, "" if value is None else float(value))


def inside(sheet: str, cell: str = "A1") -> str:
    """The target of a link within the workbook."""
    return f"internal:'{sheet}'!{cell}"


def outside(path: str, sheet: str = "", cell: str = "A1") -> str:
    """The target of a link to a file beside the workbook, at a cell of it; "" where Excel would not take it."""
    target = f"external:{path}" + (f"#'{sheet}'!{cell}" if sheet else "")
    return target if path and "#" not in path and len(target) <= LONGEST_LINK else ""


def _check(code: int, sheet: Worksheet, row: int, column: int) -> None:
    if code:
        raise NotWritten(f"{sheet.get_name()} row {row + 1} column {column + 1}: code {code}")

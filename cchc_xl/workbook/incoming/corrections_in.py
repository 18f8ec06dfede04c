"""What staff wrote on the sheet ``Điều chỉnh`` of a master of ours, line by line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cchc_xl.model import CorrectionLine, Edition
from cchc_xl.number import HUNDRED, tidy
from cchc_xl.text import label_key
from cchc_xl.workbook import corrections
from cchc_xl.workbook.incoming.answers import number_of
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.sheet_in import CellIn, SheetIn
from cchc_xl.workbook.incoming.side_sheets import shown
from cchc_xl.workbook.incoming.source_rows import sent_in
from cchc_xl.workbook.incoming.styles_in import DATE, PERCENT

_NEEDED = ("unit", "key", "value", "reason")  # a head row has at least these
_STAFF = corrections.COLUMNS
_HIGHEST_HEAD = 60  # rows


class HeadMissing(Exception):
    """The sheet is there, but not the row with the names of its columns."""


def read_lines(book: Book, edition: Edition, file: str) -> tuple[CorrectionLine, ...]:
    """The lines in their order, not judged; empty without such a sheet. Raises HeadMissing, Refused.

    ``sent`` is what the line says was sent, or else what the master's own source row says.
    """
    entry = book.titled(corrections.sheet_name())
    if entry is None:
        return ()
    sheet = book.sheet(entry)
    if not sheet.cells:
        return ()
    head, columns = _head(sheet, book)
    filled = {
        row
        for (row, column), cell in sheet.cells.items()
        if row > head and columns.get(column) in _STAFF and ((cell.text or "").strip() or cell.formula)
    }
    lines = [_line(sheet, row, columns, book, edition, file) for row in sorted(filled)]
    book.forget(entry)
    return tuple(_with_sent(lines, book, edition))


def _with_sent(lines: Sequence[CorrectionLine], book: Book, edition: Edition) -> Iterator[CorrectionLine]:
    """What was sent, where nobody wrote it: as this very master has it, for that is what the person saw."""
    forms = {edition.by_key[line.key].form for line in lines if not line.sent and line.key in edition.by_key}
    sent: dict[tuple[str, str], str] = {}
    for form in sorted(forms):
        sent |= sent_in(book, form)
    for line in lines:
        yield line if line.sent else replace(line, sent=sent.get((line.unit, line.key), ""))


def _head(sheet: SheetIn, book: Book) -> tuple[int, Mapping[int, str]]:
    names = {label_key(title): name for name, title in corrections.titles().items()}
    for row in range(min(_HIGHEST_HEAD, max(row for row, _ in sheet.cells) + 1)):
        found: dict[int, str] = {}
        for (at, column), cell in sheet.cells.items():
            name = names.get(label_key(shown(cell, book))) if at == row else None
            if name and name not in found.values():
                found[column] = name
        if set(_NEEDED) <= set(found.values()):
            return row, found
    raise HeadMissing


def _line(
    sheet: SheetIn, row: int, columns: Mapping[int, str], book: Book, edition: Edition, file: str
) -> CorrectionLine:
    cells = {name: cell for column, name in columns.items() if (cell := sheet.cells.get((row, column)))}
    texts = {name: shown(cell, book).strip() for name, cell in cells.items()}
    key = texts.get("key", "").replace(" ", "").rstrip(".")
    said = {name: texts.get(name, "") for name in ("unit", "reason", "source", "who", "day", "origin")}
    percent = key in edition.by_key and edition.by_key[key].is_percent
    number, sent = _number(cells.get("value"), book, percent), _number(cells.get("sent"), book, percent)
    return CorrectionLine(
        **said,
        key=key,
        sent=texts.get("sent", "") if sent is None else f"{sent:f}",
        value=texts.get("value", "") if number is None else f"{number:f}",
        number=number,
        file=file,
        row=row + 1,
    )


def _number(cell: CellIn | None, book: Book, percent: bool) -> Decimal | None:
    """The number of a numeric cell, percents in points; None for text, days and nothing."""
    if cell is None or cell.kind != "n" or not cell.text:
        return None
    kind, number = book.format_kind(cell.style), number_of(cell.text)
    if number is None or kind == DATE:
        return None
    return tidy(number * HUNDRED) if kind == PERCENT and percent else number

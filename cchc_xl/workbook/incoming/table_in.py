"""A plain table that staff keep (.xlsx first sheet, or .csv in UTF-8) as rows of text."""

import csv
import io
from collections.abc import Container, Iterable

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.text import label_key
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.kinds import READABLE, kind_of
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.incoming.side_sheets import as_stands


class Unreadable(Exception):
    """The file is no table; ``problem`` says why in Vietnamese."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def table_of(content: bytes, file: str) -> list[list[str]]:
    """The cells as text, row by row from the first row of the file. Raises Unreadable."""
    if not content.strip():
        raise Unreadable(_problem("empty"))
    kind = kind_of(content)
    if kind in READABLE:
        return _sheet_table(content, file)
    if kind in ("csv", "unknown"):
        return _csv_table(content)
    raise Unreadable(_problem("kind"))


def table_titled(content: bytes, file: str, titles: Iterable[str]) -> list[list[str]]:
    """As ``table_of``, of the first sheet after the first with one of these titles; none where there is no such."""
    if kind_of(content) not in READABLE:
        return []
    return _sheet_table(content, file, {label_key(title) for title in titles})


def _sheet_table(content: bytes, file: str, titles: Container[str] = ()) -> list[list[str]]:
    """Of the first sheet, or of the next one with one of ``titles``."""
    try:
        book = Book(content, Limits())
        wanted = [one for one in book.sheets[1:] if label_key(one.title) in titles] if titles else book.sheets[:1]
        if titles and not wanted:
            return []
        sheet = book.sheet(wanted[0])
        cells = {place: as_stands(cell, book) for place, cell in sheet.cells.items()}
    except Refused as refusal:
        problem = sentences()[refusal.finding]["message"].format(**{"file": file, **refusal.arguments})
        raise Unreadable(problem.rstrip(".")) from refusal
    width = max((column for _, column in cells), default=-1) + 1
    height = max((row for row, _ in cells), default=-1) + 1
    if width * height > Limits().cells:
        width = min(width, 64)
    rows: list[list[str]] = [[] for _ in range(height)]
    for row in {row for row, _ in cells}:
        rows[row] = [cells.get((row, column), "") for column in range(width)]
    return rows


def _csv_table(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_problem("encoding")) from error
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(str(error)) from error


def headed_rows(table: list[list[str]]) -> list[dict[str, str]]:
    """The rows below the first one that holds anything, each as header -> text."""
    lines = [line for line in table if any(cell.strip() for cell in line)]
    if not lines:
        return []
    head = [cell.strip() for cell in lines[0]]
    return [{name: cell for name, cell in zip(head, line, strict=False) if name} for line in lines[1:]]


def _problem(name: str) -> str:
    return words("roster")["problems"][name]

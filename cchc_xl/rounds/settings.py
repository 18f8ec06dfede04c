"""What staff edit of a round: the settings workbook (deadline, extensions) and the roster as a workbook of text."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.errors import RoundError
from cchc_xl.model import Roster
from cchc_xl.text import label_key

if TYPE_CHECKING:
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.sheet_in import CellIn

_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*(?::|h|gi\w+)\s*(\d{2})?", re.IGNORECASE)
_LAST_MOMENT = time(23, 59, 59)
_CREATED = datetime(2022, 1, 1)

Sheets = Mapping[str, Sequence[Sequence[str]]]  # title -> rows of text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Times without zone: those of the office's own clock. ``extensions``: unit code -> its own deadline."""

    deadline: datetime | None
    extensions: Mapping[str, datetime]

    def deadline_of(self, unit: str, now: datetime) -> datetime | None:
        """The moment after which this unit is late, in the zone of ``now``."""
        moment = self.extensions.get(unit, self.deadline)
        return moment.replace(tzinfo=now.tzinfo) if moment else None


def path_of(folder: Path) -> Path:
    return folder / words("round")["settings"]["file"]


def blank(edition: str, period: str) -> bytes:
    """The settings workbook of a new round."""
    said = words("round")["settings"]
    known = {"edition": edition, "period": period}
    rows = [[title, known.get(name, ""), said["hints"][name]] for name, title in said["fields"].items()]
    return text_book(
        said["title"],
        {said["sheet"]: [said["columns"], *rows], said["extensions"]: [said["extension_columns"]]},
    )


def read(folder: Path, roster: Roster) -> Settings:
    """The settings as staff left them; no deadline where the workbook is gone. Raises RoundError naming the row."""
    path, said = path_of(folder), words("round")["settings"]
    if not path.exists():
        return Settings(deadline=None, extensions={})
    sheets = _sheets(path)
    deadline, extensions = None, {}
    for number, row in enumerate(sheets.get(said["sheet"], ()), start=1):
        if row[:1] == [said["fields"]["deadline"]] and "".join(row[1:2]).strip():
            deadline = _moment(row[1], path, said["sheet"], number)
    for number, row in enumerate(sheets.get(said["extensions"], ())[1:], start=2):
        unit, text = (*(cell.strip() for cell in row[:2]), "", "")[:2]
        if not unit and not text:
            continue
        if roster.find(unit) is None:
            raise RoundError("settings-unit", file=path.name, sheet=said["extensions"], row=number, unit=unit)
        extensions[unit] = _moment(text, path, said["extensions"], number)
    return Settings(deadline=deadline, extensions=extensions)


def _moment(text: str, path: Path, sheet: str, row: int) -> datetime:
    """``17:00 20/6/2022``, ``20/6/2022 17h``, ``2022-06-20``: without an hour, the end of the day."""
    from cchc_xl.workbook.roster import day

    clock = _CLOCK.search(text)
    rest = (text[: clock.start()] + text[clock.end() :] if clock else text).strip(" ,.-")
    found = day(rest.partition(" ")[0]) or day(rest.rpartition(" ")[2])
    try:
        hour = time(int(clock[1]), int(clock[2] or 0)) if clock else _LAST_MOMENT
    except ValueError:
        found = None
    if found is None:
        raise RoundError("settings-time", file=path.name, sheet=sheet, row=row, text=text)
    return datetime.combine(found, hour)


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.package import Limits, Refused

    sheets: dict[str, list[list[str]]] = {}
    try:
        book = Book(path.read_bytes(), Limits())
        for entry in book.sheets:
            cells = {place: _text(cell, book) for place, cell in book.sheet(entry).cells.items()}
            height = max((row for row, _ in cells), default=-1) + 1
            sheets[entry.title] = [[cells.get((row, column), "") for column in range(3)] for row in range(height)]
    except OSError as error:
        raise RoundError("settings-unreadable", file=str(path), problem=error.strerror or str(error)) from error
    except Refused as refusal:
        problem = sentences()[refusal.finding]["message"].format(**{"file": path.name, **refusal.arguments})
        raise RoundError("settings-unreadable", file=str(path), problem=problem.rstrip(".")) from refusal
    return sheets


def _text(cell: "CellIn", book: "Book") -> str:
    """A cell as a person reads it; the hour of a date stands before it, as we ask staff to write it."""
    from cchc_xl.workbook.incoming.side_sheets import shown

    text = shown(cell, book)
    if cell.is_text or "/" not in text or not cell.text:
        return text
    minutes = round(float(cell.text) % 1 * 24 * 60) if cell.kind != "d" else 0
    return f"{minutes // 60}:{minutes % 60:02} {text}" if minutes else text


def roster_book(content: bytes) -> bytes:
    """A roster in CSV as a workbook of text cells: Excel drops the leading zeros of codes in a CSV."""
    text = content.decode("utf-8-sig")
    head = text.lstrip().partition("\n")[0]
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count)))
    title = words("round")["roster"]["sheet"]
    return text_book(title, {title: _with_all_columns(rows)})


def _with_all_columns(rows: list[list[str]]) -> list[list[str]]:
    """Columns that the list does not have yet are there to be filled in: addresses, telephone …"""
    columns = words("roster")["columns"]
    known = {label_key(title) for title in rows[0]}
    if label_key(columns["unit_code"]) not in known and label_key("unit_code") not in known:
        return rows
    more = [title for name, title in columns.items() if not {label_key(title), label_key(name)} & known]
    return [[*rows[0], *more], *rows[1:]]


def text_book(title: str, sheets: Sheets) -> bytes:
    """A workbook of plain text with a bold first row."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "created": _CREATED})
    font = {"font_name": "Times New Roman", "font_size": 12, "num_format": "@", "valign": "top", "text_wrap": True}
    plain, bold = book.add_format(font), book.add_format(font | {"bold": True, "border": 1, "bg_color": "#EDEDED"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for column in range(max(map(len, rows), default=0)):
            longest = max((len(row[column]) for row in rows if column < len(row)), default=0)
            sheet.set_column(column, column, min(max(16, longest * 1.15 + 2), 60), plain)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text, plain if number else bold)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()

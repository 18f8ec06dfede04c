"""What staff edit of a round: the settings workbook and the roster as a workbook of text."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.editions.severities import with_severities
from cchc_xl.errors import RoundError, problem_of
from cchc_xl.files import bytes_of
from cchc_xl.model import Edition, Letterhead, PortalRow, Roster, SeverityChange, Target
from cchc_xl.rounds.keeping import settings_tables
from cchc_xl.text import label_key

if TYPE_CHECKING:
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.sheet_in import CellIn

_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*(?::|h|gi\w+)\s*(\d{2})?", re.IGNORECASE)
_LAST_MOMENT = time(23, 59, 59)
_CREATED = datetime(2022, 1, 1)

PACKED_EARLIER = "ky-truoc"
COLUMNS = 5  # of the widest sheet
_TABLES = ("extensions", "targets", "shared", "severities", "portal")

Sheets = Mapping[str, Sequence[Sequence[str]]]  # title -> rows of text


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How mail leaves the office, and whose word on senders counts; the password is never in a file."""

    sender: str = ""
    host: str = ""
    port: int | None = None
    security: str = ""  # a word of ui/round.toml [settings.security]: "", starttls, ssl
    user: str = ""
    trusted: tuple[str, ...] = ()  # servers whose Authentication-Results are believed, lower case

    @property
    def can_send(self) -> bool:
        return bool(self.sender and self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What staff set for a round. Times without zone: those of the office's own clock.

    ``extensions``: unit code -> its own deadline, ``reasons``: unit code -> why. ``shared``: key -> the number that is
    one for all units. ``previous``: where the workbooks or masters of earlier periods lie. ``ranking``: keys to rank
    by; none: no ranking.
    """

    deadline: datetime | None = None
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    shared: Mapping[str, Decimal] = field(default_factory=dict)
    portal: tuple[PortalRow, ...] = ()
    severities: tuple[SeverityChange, ...] = ()
    letterhead: Letterhead = field(default_factory=Letterhead)
    mail: MailSettings = field(default_factory=MailSettings)
    previous: Path | None = None
    ranking: tuple[str, ...] = ()

    @property
    def adding_up(self) -> dict[str, object]:
        """What of them goes into every consolidation, by the names of ``Wanted``."""
        return {"severities": self.severities, "targets": self.targets, "letterhead": self.letterhead}

    def deadline_of(self, unit: str, now: datetime) -> datetime | None:
        """The moment after which this unit is late, in the zone of ``now``."""
        moment = self.extensions.get(unit, self.deadline)
        return moment.replace(tzinfo=now.tzinfo) if moment else None


def path_of(folder: Path) -> Path:
    return folder / words("round")["settings"]["file"]


def blank(edition: Edition, period: str, roster: Roster) -> bytes:
    """The settings workbook of a new round."""
    from cchc_xl.workbook.settings_book import build

    return build(edition, period, roster)


def read(folder: Path, roster: Roster, edition: Edition) -> Settings:
    """The settings as staff left them; none where the workbook is gone. Raises RoundError naming sheet and row."""
    path = path_of(folder)
    return _read(path, sheets_of(path), roster, edition) if path.exists() else Settings()


def read_file(path: Path, roster: Roster, edition: Edition) -> Settings:
    """The same from a settings workbook anywhere. Raises RoundError, for a workbook of another kind too."""
    return _read(path, _settings_sheets(path), roster, edition)


def settled(path: Path | None, roster: Roster, edition: Edition) -> tuple[Settings, Edition]:
    """A settings workbook's content, none without one, and the edition with the severities it sets."""
    said = read_file(path, roster, edition) if path else Settings()
    return said, with_severities(edition, said.severities)


def previous_in(path: Path) -> Path | None:
    """Where a settings workbook says that earlier workbooks lie. Raises RoundError."""
    said = words("round")["settings"]
    fields = settings_tables.Fields(path.name, said["sheet"], _settings_sheets(path)[said["sheet"]], said["fields"])
    return _earlier(path.parent, fields["previous"])


def _settings_sheets(path: Path) -> Sheets:
    sheets, wanted = sheets_of(path), words("round")["settings"]["sheet"]
    if wanted not in sheets:
        raise RoundError("settings-other", file=str(path), sheet=wanted)
    return sheets


def _read(path: Path, sheets: Sheets, roster: Roster, edition: Edition) -> Settings:
    said = words("round")["settings"]
    fields = settings_tables.Fields(path.name, said["sheet"], sheets.get(said["sheet"], ()), said["fields"])
    table = settings_tables.reader(path.name, sheets, edition)
    extended = list(table(said["extensions"]))
    for row in extended:
        if roster.find(row[0]) is None:
            raise row.error("settings-unit", unit=row[0])
    earlier = fields["previous"]
    return Settings(
        deadline=_moment(fields["deadline"], path, said["sheet"], fields.row("deadline"))
        if fields["deadline"]
        else None,
        extensions={
            row[0]: _moment(row[1], path, said["extensions"], row.number) for row in settings_tables.once(extended)
        },
        reasons={row[0]: row[2] for row in extended if row[2]},
        targets=tuple(map(settings_tables.target, table(said["targets"]))),
        shared=dict(filter(None, map(settings_tables.shared, settings_tables.once(table(said["shared"]))))),
        portal=tuple(map(settings_tables.portal_row, table(said["portal"]))),
        severities=tuple(map(settings_tables.severity_change, table(said["severities"]))),
        letterhead=settings_tables.letterhead(fields),
        mail=MailSettings(**settings_tables.mail(fields)),
        previous=_earlier(path.parent, earlier),
        ranking=settings_tables.keys(fields, "ranking", edition),
    )


def _earlier(folder: Path, text: str) -> Path | None:
    """Where earlier workbooks lie; in a round out of an archive pack, those that were packed with it."""
    if not text:
        return None
    named, packed = folder / Path(text), folder / PACKED_EARLIER
    return packed if packed.is_dir() and not named.exists() else named


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


def sheets_of(path: Path) -> dict[str, list[Sequence[str]]]:
    """A settings workbook as text: sheet, ours by the title we gave -> rows of its first columns. Raises RoundError."""
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.package import Limits, Refused

    sheets: dict[str, list[Sequence[str]]] = {}
    said = words("round")["settings"]
    known = {label_key(said[name]): said[name] for name in ("sheet", *_TABLES)}
    try:
        book = Book(bytes_of(path), Limits())
        for entry in book.sheets:
            cells = {place: text_of(cell, book) for place, cell in book.sheet(entry).cells.items()}
            sheets.setdefault(known.get(label_key(entry.title), entry.title), _rows_of(cells))
    except OSError as error:
        raise RoundError("settings-unreadable", file=str(path), problem=problem_of(error)) from error
    except Refused as refusal:
        problem = sentences()[refusal.finding]["message"].format(**{"file": path.name, **refusal.arguments})
        raise RoundError("settings-unreadable", file=str(path), problem=problem.rstrip(".")) from refusal
    missing = [title for title in known.values() if title not in sheets]
    if said["lists"] in sheets and missing:  # made before there were lists: it never had all of them
        raise RoundError("settings-sheet", file=path.name, sheets=", ".join(missing))
    return sheets


def _rows_of(cells: Mapping[tuple[int, int], str]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("",) * COLUMNS] * (max((row for row, _ in cells), default=-1) + 1)
    for row in {row for row, _ in cells}:
        rows[row] = [cells.get((row, column), "") for column in range(COLUMNS)]
    return rows


def text_of(cell: "CellIn", book: "Book") -> str:
    """A cell as it stands; the hour of a date stands before it, as we ask staff to write it."""
    from cchc_xl.workbook.incoming.side_sheets import as_stands

    text = as_stands(cell, book)
    if not cell.text or cell.kind != "n" or "/" not in text:
        return text
    minutes = round(float(cell.text) % 1 * 24 * 60)
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

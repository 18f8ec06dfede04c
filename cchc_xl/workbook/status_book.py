"""Where a round stands as a workbook: the units, and every file received with its one fate. To filter and to print."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Period, UnitStatus
from cchc_xl.text import without_controls
from cchc_xl.workbook.findings_book import row_height

MADE_ON = datetime(2022, 1, 1)
_HEAD = 4
_UNIT_WIDTHS = (9, 26, 14, 7, 12, 17, 14, 8, 8, 40, 36, 22, 15, 26, 58)
_FILE_WIDTHS = (40, 26, 16, 28, 17, 14, 18, 44, 58)
_UNITS_PRINTED, _FILES_PRINTED = 11, 8  # columns; contacts and hashes are for the screen
_COLOURS = {
    "not_sent": "#F8CBAD",
    "received": "#FFE699",
    "to_fix": "#FFE699",
    "to_approve": "#DDEBF7",
    "approved": "#C6E0B4",
    "locked": "#C6E0B4",
}
_DATE = "dd/mm/yyyy hh:mm"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file received, every field as it is shown; ``received`` by the office's own clock."""

    name: str
    unit: str
    channel: str
    sender: str
    received: datetime
    entered_by: str
    fate: str
    reason: str
    sha256: str


def build(period: Period, units: Sequence[UnitStatus], files: Sequence[FileLine], report: str, now: datetime) -> bytes:
    """The workbook as .xlsx. ``report``: a sentence on the consolidated report; times are shown as given.

    Equal arguments give equal bytes.
    """
    import xlsxwriter

    said, out = words("round")["status_book"], BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    title = said["title"].format(period=period.title)
    book.set_properties({"title": title, "created": MADE_ON})
    style = _styles(book)
    top = (title, said["made"].format(at=now), report)
    sheet = _sheet(book, style, said["units_sheet"], top, said["units"], _UNIT_WIDTHS)
    for row, unit in enumerate(units, start=_HEAD + 1):
        _unit(sheet, style, row, unit)
    _finish(sheet, len(units), len(_UNIT_WIDTHS), _UNITS_PRINTED)
    counts = Counter(unit.state for unit in units)
    named = [said["counts"].format(state=name, count=counts[state]) for state, name in words("round")["states"].items()]
    sheet.write_string(3, 0, "; ".join(named), style["plain_line"])
    other = _sheet(book, style, said["files_sheet"], top, said["files"], _FILE_WIDTHS)
    for row, file in enumerate(files, start=_HEAD + 1):
        _file(other, style, row, file)
    _finish(other, len(files), len(_FILE_WIDTHS), _FILES_PRINTED)
    book.close()
    return out.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    font = {"font_name": "Times New Roman", "font_size": 12}
    cell = font | {"border": 1, "valign": "vcenter", "text_wrap": True}
    styles = {
        "title": book.add_format(font | {"bold": True, "font_size": 14}),
        "plain_line": book.add_format(font),
        "head": book.add_format(cell | {"bold": True, "bg_color": "#EDEDED", "align": "center", "valign": "vcenter"}),
        "text": book.add_format(cell),
        "number": book.add_format(cell | {"num_format": "0", "align": "center"}),
        "date": book.add_format(cell | {"num_format": _DATE, "align": "left"}),
        "small": book.add_format(font | {"border": 1, "valign": "vcenter", "font_size": 9}),
    }
    return styles | {state: book.add_format(cell | {"bg_color": colour}) for state, colour in _COLOURS.items()}


def _sheet(
    book: Any, style: dict[str, Any], name: str, top: Sequence[str], columns: Sequence[str], widths: Sequence[int]
) -> Any:
    sheet = book.add_worksheet(name)
    for row, line in enumerate(top):
        sheet.write_string(row, 0, line, style["plain_line" if row else "title"])
    for column, (title, width) in enumerate(zip(columns, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEAD, column, title, style["head"])
    return sheet


def _unit(sheet: Any, style: dict[str, Any], row: int, one: UnitStatus) -> None:
    said, unit = words("round")["status_book"], one.unit
    texts = {
        0: unit.code,
        1: unit.full_name,
        6: one.who,
        7: said["late"] if one.late else "",
        8: said["signed"] if one.signed_copy else "",
        9: one.file,
        10: one.note,
        11: unit.contact,
        12: unit.phone,
        13: "; ".join(unit.email),
    }
    for column, text in texts.items():
        sheet.write_string(row, column, without_controls(text), style["text"])
    sheet.write_string(row, 2, words("round")["states"][one.state], style[one.state])
    for column, count in ((3, one.errors), (4, one.warnings)):
        if one.sha256:
            sheet.write_number(row, column, count, style["number"])
        else:
            sheet.write_blank(row, column, None, style["number"])
    _moment(sheet, style, row, 5, one.when)
    sheet.write_string(row, 14, one.sha256, style["small"])
    sheet.set_row(row, row_height(tuple(texts.values()), [_UNIT_WIDTHS[column] for column in texts]))


def _file(sheet: Any, style: dict[str, Any], row: int, one: FileLine) -> None:
    texts = {0: one.name, 1: one.unit, 2: one.channel, 3: one.sender, 5: one.entered_by, 6: one.fate, 7: one.reason}
    for column, text in texts.items():
        sheet.write_string(row, column, without_controls(text), style["text"])
    _moment(sheet, style, row, 4, one.received)
    sheet.write_string(row, 8, one.sha256, style["small"])
    sheet.set_row(row, row_height(tuple(texts.values()), [_FILE_WIDTHS[column] for column in texts]))


def _moment(sheet: Any, style: dict[str, Any], row: int, column: int, moment: datetime | None) -> None:
    """A date Excel can sort; one before its calendar begins as text."""
    if moment is None:
        sheet.write_blank(row, column, None, style["date"])
    elif moment.year < 1900:
        sheet.write_string(row, column, f"{moment:%d/%m/%Y}", style["date"])
    else:
        sheet.write_datetime(row, column, moment.replace(tzinfo=None, microsecond=0), style["date"])


def _finish(sheet: Any, rows: int, columns: int, printed: int) -> None:
    sheet.autofilter(_HEAD, 0, _HEAD + max(rows, 1), columns - 1)
    sheet.freeze_panes(_HEAD + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.print_area(0, 0, _HEAD + max(rows, 1), printed - 1)
    sheet.set_footer("&C&P/&N")
    sheet.repeat_rows(_HEAD)

"""What every table and chart of ``Tổng quan`` shares: the page, its headings, which rows are shown."""

from dataclasses import dataclass

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation
from cchc_xl.workbook.consolidated.cells import inside, link, write_text
from cchc_xl.workbook.consolidated.findings import Listed
from cchc_xl.workbook.consolidated.plan import Plan
from cchc_xl.workbook.consolidated.styles import Styles, height

WIDTHS = (9, 52, 16, 14, 14, 14, 16)
LABEL = 1
NOW_COLUMN, BEFORE_COLUMN, CHANGE_COLUMN, LAST_YEAR_COLUMN = 3, 4, 5, 6  # of the table that compares
_ALL = sum(WIDTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    workbook: Workbook
    sheet: Worksheet
    consolidation: Consolidation
    plan: Plan
    styles: Styles
    rows: tuple[Listed, ...]


def paragraph(page: OverviewPage, row: int, text: str) -> None:
    page.sheet.merge_range(row, 0, row, len(WIDTHS) - 1, text, page.styles.of("wrapped_note"))
    page.sheet.set_row(row, height(text, _ALL))


def heading(page: OverviewPage, row: int, text: str, sheet: str) -> None:
    write_text(page.sheet, row, 0, text, page.styles.of("heading"))
    page.sheet.set_row(row, 20)
    if sheet:
        link(page.sheet, row, 2, inside(sheet), page.styles.of("link"), text=words("master")["overview"]["open"])


def table_head(page: OverviewPage, row: int, titles: tuple[str, ...]) -> None:
    named = [(title, width) for title, width in zip(titles, WIDTHS, strict=False) if title]
    page.sheet.set_row(row, max(34, *(height(title, width - 1, bold=True) + 4 for title, width in named)))
    for column, title in enumerate(titles):
        if title:
            write_text(page.sheet, row, column, title, page.styles.of("head"))

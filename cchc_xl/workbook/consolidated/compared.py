"""Earlier periods beside the figures of Chi tiết: what stood there, and the change since."""

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Figure, Indicator, Method
from cchc_xl.number import ZERO, round_half_up, tidy
from cchc_xl.workbook.consolidated.cells import write_formula, write_number
from cchc_xl.workbook.consolidated.detail_page import DetailPage
from cchc_xl.workbook.consolidated.formulas import adjusted_formula, change_formula
from cchc_xl.workbook.consolidated.plan import shown_block
from cchc_xl.workbook.consolidated.styles import ABSENT, CORRECTED, change_decimals, change_format, figure_format
from cchc_xl.workbook.consolidated.values import change_of, shown_value
from cchc_xl.workbook.consolidated.words import block
from cchc_xl.workbook.corrections import FIRST_ROW
from cchc_xl.workbook.corrections import outside as column_cell
from cchc_xl.workbook.layout import address


def titles_of(page: DetailPage) -> dict[int, str]:
    """Column -> title of the columns that compare."""
    texts, plan, last_year = words("master")["detail"], page.plan, page.consolidation.last_year
    titles = {plan.adjusted: adjusted_title(page.consolidation)} if plan.corrected else {}
    titles |= {plan.previous: previous_title(page.consolidation), plan.previous + 1: texts["change"]}
    if last_year:
        said = texts["last_year"].format(**said_of(last_year))
        titles |= {plan.last_year: said, plan.last_year + 1: texts["year_change"]}
    return titles


def previous_title(consolidation: Consolidation) -> str:
    """``Kỳ trước: quý I năm 2022 (22/23 đơn vị)``, or that there is none."""
    texts, previous = words("master")["detail"], consolidation.previous
    return texts["previous"].format(**said_of(previous)) if previous else texts["no_previous"]


def adjusted_title(consolidation: Consolidation) -> str:
    return words("master")["detail"]["adjusted"].format(communes=block(consolidation, "communes"))


def write_adjusted(page: DetailPage, indicator: Indicator) -> None:
    """By how much corrections moved the units' sum: what units sent and what was corrected are both shown."""
    row, own = page.plan.detail_row[indicator.key], page.plan.own.unit.code if page.plan.own else ""
    lines = [
        (place, line)
        for place, line in enumerate(page.consolidation.lines, start=FIRST_ROW)
        if line.correction and line.key == indicator.key and line.unit != own
    ]
    if not lines or indicator.method is not Method.SUM:
        page.sheet.write_blank(row, page.plan.adjusted, None, page.look("number", bg_color=ABSENT))
        return
    cells = [(column_cell(place, "sent"), column_cell(place, "value")) for place, _ in lines]
    shown = change_format(indicator, page.consolidation.figures[indicator.key], None)
    look = page.look("number", num_format=shown, bg_color=CORRECTED)
    moved = sum((change_of(line) for _, line in lines), ZERO)
    write_formula(page.sheet, row, page.plan.adjusted, adjusted_formula(cells), look, moved)


def said_of(earlier: Consolidation) -> dict[str, object]:
    return {"period": earlier.period.title, "n": earlier.sent, "N": earlier.N}


def write_compared(
    page: DetailPage, indicator: Indicator, figure: Figure | None, earlier: Consolidation | None, column: int
) -> None:
    """An earlier period's figure and the change since; grey where there is nothing to compare."""
    before = earlier.figures.get(indicator.key) if earlier else None
    if earlier is None or figure is None or indicator.method in (Method.NONE, Method.DISTRIBUTION):
        for place in (column, column + 1):
            page.sheet.write_blank(
                page.plan.detail_row[indicator.key], place, None, page.look("number", bg_color=ABSENT)
            )
        return
    plan, row = page.plan, page.plan.detail_row[indicator.key]
    now, was = shown_value(indicator, figure), shown_value(indicator, before)
    look = page.look("number", num_format=figure_format(indicator, before or figure))
    write_number(page.sheet, row, column, was, look)
    decimals = change_decimals(indicator, figure, before)
    formula = change_formula(address(row, shown_block(indicator, plan)), address(row, column), decimals)
    change = None if now is None or was is None else tidy(round_half_up(now - was, decimals))
    look = page.look("number", num_format=change_format(indicator, figure, before))
    write_formula(page.sheet, row, column + 1, formula, look, change)

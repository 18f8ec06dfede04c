"""On ``Tổng quan``: figures beside those of earlier periods, and how far they are from their targets."""

from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.glance import chosen
from cchc_xl.model import Indicator, Method, Target
from cchc_xl.number import round_half_up, tidy
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_number, write_text
from cchc_xl.workbook.consolidated.compared import said_of
from cchc_xl.workbook.consolidated.overview_page import (
    BEFORE_COLUMN,
    CHANGE_COLUMN,
    LABEL,
    LAST_YEAR_COLUMN,
    NOW_COLUMN,
    WIDTHS,
    OverviewPage,
    heading,
    paragraph,
    table_head,
)
from cchc_xl.workbook.consolidated.plan import detail_sheet, shown_block
from cchc_xl.workbook.consolidated.styles import (
    ERROR,
    FIGURE,
    change_decimals,
    change_format,
    figure_format,
    height,
)
from cchc_xl.workbook.consolidated.values import shown_value
from cchc_xl.workbook.layout import address

_RESULT = 6


def compared_rows(page: OverviewPage) -> tuple[Indicator, ...]:
    """The rows compared: those of the charts first, so that one chart can draw them."""
    charted = chosen(page.consolidation, "chosen_charts")
    rows = (*charted, *(row for row in chosen(page.consolidation, "chosen_rows") if row not in charted))
    return tuple(row for row in rows if row.method is not Method.DISTRIBUTION)


def write_compared(page: OverviewPage, row: int) -> int:
    """Now, before, the change, a year ago; or that there is nothing to compare with. Returns the next free row."""
    said, made = words("master")["overview"], page.consolidation
    heading(page, row, said["compared"], "")
    if not made.previous and not made.last_year:
        paragraph(page, row + 1, said["no_previous"])
        return row + 2
    texts = words("master")["detail"]
    before = texts["previous"].format(**said_of(made.previous)) if made.previous else texts["no_previous"]
    last_year = texts["last_year"].format(**said_of(made.last_year)) if made.last_year else ""
    heads = (
        said["figure_row"],
        said["figure_label"],
        said["figure_unit"],
        said["now"],
        before,
        texts["change"],
        last_year,
    )
    table_head(page, row + 1, heads)
    page.sheet.set_row(row + 1, 62)
    rows = compared_rows(page)
    for at, indicator in enumerate(rows, start=row + 2):
        _named(page, at, indicator)
        _compared(page, at, indicator)
    return row + 2 + len(rows)


def _named_heads() -> tuple[str, ...]:
    said = words("master")["overview"]
    return tuple(said[name] for name in ("figure_row", "figure_label", "figure_unit", "now"))


def _named(page: OverviewPage, at: int, indicator: Indicator) -> None:
    target = inside(detail_sheet(indicator.form), address(page.plan.detail_row[indicator.key], 0))
    link(page.sheet, at, 0, target, page.styles.of("line_link", align="center"), text=indicator.key)
    write_text(page.sheet, at, LABEL, indicator.label, page.styles.of("text"))
    write_text(page.sheet, at, 2, indicator.unit, page.styles.of("middle"))
    texts = ((indicator.label, WIDTHS[LABEL]), (indicator.unit, WIDTHS[2]))
    page.sheet.set_row(at, max(height(text, width) for text, width in texts))


def _compared(page: OverviewPage, at: int, indicator: Indicator) -> None:
    made, plan, key = page.consolidation, page.plan, indicator.key
    figure = made.figures[key]
    now = shown_value(indicator, figure)
    look = page.styles.of("number", num_format=figure_format(indicator, figure))
    _shown(page, at, NOW_COLUMN, plan.outside(key, shown_block(indicator, plan)), look, now)
    sources = ((made.previous, BEFORE_COLUMN, plan.previous), (made.last_year, LAST_YEAR_COLUMN, plan.last_year))
    for earlier, column, source in sources:
        if earlier:
            _shown(page, at, column, plan.outside(key, source), look, shown_value(indicator, earlier.figures.get(key)))
        elif column == BEFORE_COLUMN:
            page.sheet.write_blank(at, column, None, look)
    before = made.previous.figures.get(key) if made.previous else None
    was = shown_value(indicator, before)
    look = page.styles.of("number", num_format=change_format(indicator, figure, before))
    decimals = change_decimals(indicator, figure, before)
    change = None if now is None or was is None else tidy(round_half_up(now - was, decimals))
    _shown(page, at, CHANGE_COLUMN, plan.outside(key, plan.previous + 1) if made.previous else "", look, change)


def _shown(page: OverviewPage, at: int, column: int, cell: str, look, value: Decimal | None) -> None:
    """A cell of Chi tiết shown here."""
    write_formula(page.sheet, at, column, f'IF({cell}="","",{cell})' if cell else "", look, value)


def write_targets(page: OverviewPage, row: int) -> int:
    """Every target with the figure, what is missing and whether it is reached. Returns the next free row."""
    said = words("master")["overview"]
    heading(page, row, said["targets"], "")
    heads = (
        said["figure_row"],
        said["figure_label"],
        said["figure_unit"],
        said["now"],
        said["target"],
        said["gap"],
        said["result"],
    )
    table_head(page, row + 1, heads)
    at = row + 2
    for target in page.consolidation.targets:
        if target.key in page.consolidation.figures:
            _target(page, at, target)
            at += 1
    return at


def _target(page: OverviewPage, at: int, target: Target) -> None:
    said, plan, indicator = words("master")["overview"], page.plan, page.consolidation.edition.by_key[target.key]
    figure = page.consolidation.figures[target.key]
    now = shown_value(indicator, figure)
    _named(page, at, indicator)
    look = page.styles.of("number", num_format=figure_format(indicator, figure))
    _shown(page, at, NOW_COLUMN, plan.outside(target.key, shown_block(indicator, plan)), look, now)
    write_number(page.sheet, at, BEFORE_COLUMN, target.value, look)
    cells = address(at, NOW_COLUMN), address(at, BEFORE_COLUMN)
    decimals = change_decimals(indicator, figure, None)
    gap = None if now is None else tidy(round_half_up(now - target.value, decimals))
    look = page.styles.of("number", num_format=change_format(indicator, figure, None))
    gap_formula = f'IF(ISNUMBER({cells[0]}),ROUND({cells[0]}-{cells[1]},{decimals}),"")'
    write_formula(page.sheet, at, CHANGE_COLUMN, gap_formula, look, gap)
    reached = None if now is None else now >= target.value if target.at_least else now <= target.value
    operator = ">=" if target.at_least else "<="
    words_of = said["reached"], said["not_reached"]
    formula = f'IF(ISNUMBER({cells[0]}),IF({cells[0]}{operator}{cells[1]},"{words_of[0]}","{words_of[1]}"),"")'
    colour = {} if reached is None else {"bg_color": FIGURE if reached else ERROR}
    text = "" if reached is None else words_of[0] if reached else words_of[1]
    write_formula(page.sheet, at, _RESULT, formula, page.styles.of("middle", **colour), text)

"""The charts of ``Tổng quan``, bound to cells of the master."""

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.glance import chosen
from cchc_xl.number import vietnamese
from cchc_xl.workbook.consolidated.charts import (
    BAR,
    BEFORE,
    CHART_ROWS,
    LAST_YEAR,
    MOST_BARS,
    periods_chart,
    states_chart,
    units_chart,
)
from cchc_xl.workbook.consolidated.overview_page import (
    BEFORE_COLUMN,
    LABEL,
    LAST_YEAR_COLUMN,
    NOW_COLUMN,
    OverviewPage,
    heading,
    paragraph,
)


def write_states_chart(page: OverviewPage, row: int) -> None:
    """Beside the table of coverage that begins at ``row``."""
    name, first = words("master")["sheets"]["overview"], row + 2
    title = words("master")["overview"]["chart_states"]
    chart = states_chart(page.workbook, title, name, first, first + 2, (LABEL, 2))
    page.sheet.insert_chart(row, 4, chart, {"object_position": 1, "x_offset": 12, "y_offset": 2})


def write_charts(page: OverviewPage, row: int, compared: int) -> None:
    """By unit for each chosen row, as long as the names under the bars can be read; then over the periods.

    ``compared``: the head row of the table that compares.
    """
    said, consolidation, sheet = words("master")["overview"], page.consolidation, page.sheet
    heading(page, row, said["charts"], "")
    row += 1
    drawn = chosen(consolidation, "chosen_charts") if 0 < consolidation.N <= MOST_BARS else ()
    if not drawn:
        paragraph(page, row, said["no_charts"].format(N=consolidation.N))
        row += 1
    targets = {target.key: vietnamese(target.value) for target in consolidation.targets}
    for indicator in drawn:
        title = said["chart_units"].format(code=indicator.code, form=indicator.form, label=_short(indicator.label))
        aim = said["chart_target"].format(value=targets[indicator.key]) if indicator.key in targets else ""
        chart = units_chart(page.workbook, page.plan, indicator, title, aim)
        sheet.insert_chart(row, 0, chart, {"object_position": 1})
        row += CHART_ROWS
    if consolidation.previous or consolidation.last_year:
        _periods(page, row, compared)


def _periods(page: OverviewPage, row: int, compared: int) -> None:
    """The rows of the charts, now and before."""
    made, name = page.consolidation, words("master")["sheets"]["overview"]
    rows = chosen(made, "chosen_charts")
    columns = {LAST_YEAR_COLUMN: LAST_YEAR} if made.last_year else {}
    columns |= {BEFORE_COLUMN: BEFORE} if made.previous else {}
    columns |= {NOW_COLUMN: BAR}
    place = (compared, compared + 1, compared + len(rows))
    chart = periods_chart(page.workbook, words("master")["overview"]["chart_periods"], name, place, columns)
    page.sheet.insert_chart(row, 0, chart, {"object_position": 1})


def _short(label: str) -> str:
    """The label without what stands in brackets: a chart's title is one line."""
    return label.partition("(")[0].strip()

"""Native charts of the master, bound to its cells: they move when a number is corrected."""

from collections.abc import Mapping

from xlsxwriter.chart import Chart
from xlsxwriter.workbook import Workbook

from cchc_xl.model import Indicator
from cchc_xl.workbook.consolidated.plan import FIRST_UNIT, HEAD_ROW, Plan, detail_sheet
from cchc_xl.workbook.official.styles import FONT

BAR, SENT, NOT_SENT, WAITING = "#2F75B5", "#70AD47", "#A6A6A6", "#FFC000"
BEFORE, LAST_YEAR, TARGET = "#9DC3E6", "#BFBFBF", "#C00000"
_SMALL = {"name": FONT, "size": 9}
_GRID = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.75}}
CHART_ROWS = 17  # how many rows of the sheet a chart by unit covers
MOST_BARS = 60  # units; above, the names under the bars can't be read


def units_chart(workbook: Workbook, plan: Plan, indicator: Indicator, title: str, target: str = "") -> Chart:
    """A column a unit for one percent row, from its row on Chi tiết. ``target``: the name of the line to reach."""
    chart = workbook.add_chart({"type": "column"})
    sheet, row = detail_sheet(indicator.form), plan.detail_row[indicator.key]
    last = plan.communes - 1
    chart.add_series(
        {
            "categories": [sheet, HEAD_ROW, FIRST_UNIT, HEAD_ROW, last],
            "values": [sheet, row, FIRST_UNIT, row, last],
            "fill": {"color": BAR},
            "gap": 60,
            "data_labels": {
                "value": True,
                "num_format": "0",
                "font": {"name": FONT, "size": 8},
                "fill": {"color": "white"},
            },
        }
    )
    chart.set_title({"name": title, "overlay": False, "name_font": {"name": FONT, "size": 11, "bold": True}})
    if target:
        chart.combine(_target_line(workbook, plan, indicator, target))
    chart.set_legend({"position": "bottom", "font": _SMALL, "delete_series": [0]} if target else {"none": True})
    chart.set_x_axis({"num_font": {**_SMALL, "rotation": -90}})
    top = {"max": 120, "major_unit": 20} if indicator.is_percent else {}
    chart.set_y_axis({"num_font": _SMALL, "min": 0, **top, "major_gridlines": _GRID, "num_format": "0"})
    chart.set_size({"width": 950, "height": 320})
    return chart


def _target_line(workbook: Workbook, plan: Plan, indicator: Indicator, name: str) -> Chart:
    """The helper row with the target under every unit."""
    line = workbook.add_chart({"type": "line"})
    sheet, row = detail_sheet(indicator.form), plan.helper_row[indicator.key, "target"]
    last = plan.communes - 1
    line.add_series(
        {
            "name": name,
            "categories": [sheet, HEAD_ROW, FIRST_UNIT, HEAD_ROW, last],
            "values": [sheet, row, FIRST_UNIT, row, last],
            "line": {"color": TARGET, "width": 1.25, "dash_type": "dash"},
        }
    )
    return line


def periods_chart(
    workbook: Workbook, title: str, sheet: str, rows: tuple[int, int, int], columns: Mapping[int, str]
) -> Chart:
    """Bars by period for some rows of a table. ``rows``: head, first, last; ``columns``: column -> colour."""
    head, first, last = rows
    chart = workbook.add_chart({"type": "bar"})
    for column, colour in columns.items():
        chart.add_series(
            {
                "name": [sheet, head, column],
                "categories": [sheet, first, 1, last, 1],
                "values": [sheet, first, column, last, column],
                "fill": {"color": colour},
                "gap": 60,
                "data_labels": {"value": True, "num_format": "0.0", "font": {"name": FONT, "size": 8}},
            }
        )
    chart.set_title({"name": title, "overlay": False, "name_font": {"name": FONT, "size": 11, "bold": True}})
    chart.set_legend({"position": "bottom", "font": _SMALL})
    chart.set_x_axis({"num_font": _SMALL, "min": 0, "major_gridlines": _GRID, "num_format": "0"})
    chart.set_y_axis({"num_font": {"name": FONT, "size": 8}, "reverse": True})
    chart.set_size({"width": 950, "height": 320})
    return chart


def states_chart(workbook: Workbook, title: str, sheet: str, first: int, last: int, columns: tuple[int, int]) -> Chart:
    """One bar a state of sending, from the table beside it: names and counts in ``columns``."""
    names, counts = columns
    chart = workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [sheet, first, names, last, names],
            "values": [sheet, first, counts, last, counts],
            "points": [{"fill": {"color": colour}} for colour in (SENT, NOT_SENT, WAITING)],
            "gap": 50,
            "data_labels": {"value": True, "font": _SMALL},
        }
    )
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 10, "bold": True}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"num_font": _SMALL, "min": 0, "num_format": "0", "major_gridlines": _GRID})
    chart.set_y_axis({"num_font": _SMALL, "reverse": True})
    chart.set_size({"width": 320, "height": 158})
    return chart

"""The sheet ``Tổng quan``: the round at a glance, with charts and links; its numbers are formulas over the others."""

from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Indicator, Severity, UnitState
from cchc_xl.number import HUNDRED
from cchc_xl.workbook import sources
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_text
from cchc_xl.workbook.consolidated.charts import CHART_ROWS, MOST_BARS, states_chart, units_chart
from cchc_xl.workbook.consolidated.findings import Listed, range_of
from cchc_xl.workbook.consolidated.plan import MOST_SOURCES, Plan, detail_sheet
from cchc_xl.workbook.consolidated.sent import state_range
from cchc_xl.workbook.consolidated.styles import (
    ABSENT,
    ERROR,
    FIGURE,
    PERCENT,
    WARNING,
    WHOLE_NUMBER,
    Styles,
    figure_format,
    height,
)
from cchc_xl.workbook.consolidated.words import block, owner_name, unit_name
from cchc_xl.workbook.layout import address, sheet_of

_WIDTHS = (9, 52, 16, 14, 14, 14, 16)
_LABEL = 1
_MOST_NAMED = 5
_ALL = sum(_WIDTHS)
_SCALE = 62  # percent: the columns above on A4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    workbook: Workbook
    sheet: Worksheet
    consolidation: Consolidation
    plan: Plan
    styles: Styles
    rows: tuple[Listed, ...]


def add_overview(workbook: Workbook) -> Worksheet:
    """The sheet itself, first in the book; it is filled last, when what it counts is written."""
    return workbook.add_worksheet(words("master")["sheets"]["overview"])


def write_overview(
    workbook: Workbook,
    sheet: Worksheet,
    consolidation: Consolidation,
    plan: Plan,
    styles: Styles,
    rows: tuple[Listed, ...],
) -> None:
    """Coverage, findings (``rows``), key figures, links and charts."""
    page = _Page(workbook=workbook, sheet=sheet, consolidation=consolidation, plan=plan, styles=styles, rows=rows)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    row = _head(page)
    _states_chart(page, row)
    row = _coverage(page, row)
    row = _findings(page, row + 1)
    row = _figures(page, row + 1)
    row = _links(page, row + 1)
    _charts(page, row + 1)
    sheet.set_h_pagebreaks([row + 1])  # charts on a page of their own; fitting to pages would ignore the break
    sheet.set_print_scale(_SCALE)
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.hide_gridlines(2)
    sheet.set_margins(left=0.6, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P/&N")
    sheet.activate()


def _head(page: _Page) -> int:
    period, texts = page.consolidation.period, words("master")
    title = texts["title"].format(period=period.title)
    write_text(page.sheet, 0, 0, title, page.styles.of("title", font_size=16))
    page.sheet.set_row(0, 26)
    owner = owner_name(page.consolidation)
    said = {"unit": owner[:1].upper() + owner[1:], "period": period.title}
    said |= {"start": f"{period.start:%d/%m/%Y}", "end": f"{period.end:%d/%m/%Y}"}
    write_text(page.sheet, 1, 0, texts["overview"]["subtitle"].format(**said), page.styles.of("note"))
    write_text(page.sheet, 2, 0, page.consolidation.edition.title, page.styles.of("note"))
    return 4


def _coverage(page: _Page, row: int) -> int:
    """How many units stand where, live over ``Tình hình nộp``; who is missing, by name."""
    texts, consolidation, sheet = words("master"), page.consolidation, page.sheet
    said = texts["overview"]
    _heading(page, row, said["coverage"], texts["sheets"]["sent"])
    _table_head(page, row + 1, ("", said["state"], said["number"], said["share"]))
    states, due = state_range(consolidation), address(row + 5, 2)
    colours = {UnitState.COUNTED: FIGURE, UnitState.NOT_SENT: ABSENT, UnitState.WAITING: WARNING}
    for number, (state, colour) in enumerate(colours.items()):
        at, word = row + 2 + number, texts["states"][state.value]
        count = sum(unit.state is state for unit in consolidation.units)
        write_text(sheet, at, _LABEL, word, page.styles.of("text", bg_color=colour))
        look = page.styles.of("number", num_format=WHOLE_NUMBER)
        write_formula(sheet, at, 2, f'COUNTIF({states},"{word}")', look, count)
        share = HUNDRED * count / consolidation.N if consolidation.N else None
        look = page.styles.of("number", num_format=PERCENT)
        write_formula(sheet, at, 3, f'IF({due}=0,"",100*{address(at, 2)}/{due})', look, share)
    at = row + 5
    write_text(sheet, at, _LABEL, said["due"], page.styles.of("text", bold=True))
    total = f"SUM({address(row + 2, 2)}:{address(row + 4, 2)})"
    write_formula(sheet, at, 2, total, page.styles.of("number", bold=True), consolidation.N)
    return _missing(page, at + 1)


def _missing(page: _Page, row: int) -> int:
    said, consolidation = words("master")["overview"], page.consolidation
    names = [unit_name(unit.unit) for unit in consolidation.units if unit.state is not UnitState.COUNTED]
    lines = [f"{said['missing']}: {', '.join(names)}." if names else said["nobody_missing"]]
    if consolidation.own and consolidation.own.state is not UnitState.COUNTED:
        lines.append(said["own_missing"].format(unit=consolidation.own.unit.full_name))
    if consolidation.N > MOST_SOURCES:
        lines.append(said["too_many"].format(most=MOST_SOURCES))
    for line in lines:
        _paragraph(page, row, line)
        row += 1
    return row


def _paragraph(page: _Page, row: int, text: str) -> None:
    page.sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, text, page.styles.of("wrapped_note"))
    page.sheet.set_row(row, height(text, _ALL))


def _findings(page: _Page, row: int) -> int:
    """How many findings of each severity, live over the list; the units with most errors, by name."""
    texts, rows = words("master"), page.rows
    said = texts["overview"]
    _heading(page, row, said["findings"], texts["sheets"]["findings"])
    _table_head(page, row + 1, ("", said["severity"], said["count"], said["explained"]))
    severities, explained = range_of("severity", len(rows)), range_of("explained", len(rows))
    look = page.styles.of("number", num_format=WHOLE_NUMBER)
    for number, (severity, colour) in enumerate(
        ((Severity.ERROR, ERROR), (Severity.WARNING, WARNING), (Severity.NOTE, ""))
    ):
        at, word = row + 2 + number, texts["severity"][severity.value]
        marked = {"bg_color": colour} if colour else {}
        write_text(page.sheet, at, _LABEL, word, page.styles.of("text", **marked))
        these = [one for one in rows if one.finding.severity is severity]
        write_formula(page.sheet, at, 2, f'COUNTIF({severities},"{word}")', look, len(these))
        both = f'COUNTIFS({severities},"{word}",{explained},"{texts["findings"]["yes"]}")'
        write_formula(page.sheet, at, 3, both, look, sum(one.finding.explained for one in these))
    _paragraph(page, row + 5, _worst(rows))
    return row + 6


def _worst(rows: tuple[Listed, ...]) -> str:
    said = words("master")["overview"]
    errors: dict[str, int] = {}
    for one in rows:
        if one.finding.severity is Severity.ERROR and one.name:
            errors[one.name] = errors.get(one.name, 0) + 1
    if not errors:
        return said["nobody_worst"]
    ranked = sorted(errors.items(), key=lambda item: -item[1])[:_MOST_NAMED]
    return f"{said['worst']}: {', '.join(f'{name} ({count})' for name, count in ranked)}."


def _figures(page: _Page, row: int) -> int:
    """The chosen rows with their blocks and n of N, each linked to its row on Chi tiết."""
    said, sheet, plan = words("master")["overview"], page.sheet, page.plan
    _heading(page, row, said["figures"], "")
    blocks = [block(page.consolidation, name) for name in ("communes", "own", "whole")]
    heads = (said["figure_row"], said["figure_label"], said["figure_unit"], *blocks, said["figure_count"])
    _table_head(page, row + 1, heads)
    at = row + 2
    count_format = words("master")["detail"]["count_format"].format(N=page.consolidation.N)
    for indicator in _chosen(page.consolidation, "chosen_rows"):
        figure = page.consolidation.figures[indicator.key]
        form_sheet = detail_sheet(indicator.form)
        target = inside(form_sheet, address(plan.detail_row[indicator.key], 0))
        link(sheet, at, 0, target, page.styles.of("line_link", align="center"), text=indicator.key)
        write_text(sheet, at, _LABEL, indicator.label, page.styles.of("text"))
        write_text(sheet, at, 2, indicator.unit, page.styles.of("middle"))
        look = page.styles.of("number", num_format=figure_format(indicator, figure))
        values: tuple[tuple[int, Decimal | int | None], ...] = (
            (plan.communes, figure.communes),
            (plan.own_part, figure.own),
            (plan.whole, figure.whole),
            (plan.count, figure.n),
        )
        for column, (source, value) in enumerate(values, start=3):
            cell = plan.outside(indicator.key, source)
            shown = page.styles.of("middle", num_format=count_format) if source == plan.count else look
            write_formula(sheet, at, column, f'IF({cell}="","",{cell})', shown, value)
        texts = ((indicator.label, _WIDTHS[_LABEL]), (indicator.unit, _WIDTHS[2]))
        sheet.set_row(at, max(height(text, width) for text, width in texts))
        at += 1
    return at


def _chosen(consolidation: Consolidation, table: str) -> tuple[Indicator, ...]:
    """The rows of master.toml for this edition; for another edition its first ratios."""
    edition = consolidation.edition
    keys = words("master")["overview"][table].get(edition.id)
    if keys is None:
        keys = [row.key for row in edition.indicators if row.ratio_of]
        keys = keys[:3] if table == "chosen_charts" else keys[:20]
    return tuple(edition.by_key[key] for key in keys if key in consolidation.figures)


def _links(page: _Page, row: int) -> int:
    texts, consolidation = words("master"), page.consolidation
    _heading(page, row, texts["overview"]["links"], "")
    at = row + 1
    for form in consolidation.edition.forms:
        names = [sheet_of(consolidation.edition, form), detail_sheet(form.number)]
        if consolidation.N <= MOST_SOURCES:
            names.append(sources.sheet_name(form.number))
        write_text(page.sheet, at, _LABEL, form.title, page.styles.of("plain"))
        for column, name in zip((2, 3, 4), names, strict=False):
            link(page.sheet, at, column, inside(name), page.styles.of("link"), text=name)
        at += 1
    return at


def _states_chart(page: _Page, row: int) -> None:
    """Beside the table of coverage that begins at ``row``."""
    name, first = words("master")["sheets"]["overview"], row + 2
    title = words("master")["overview"]["chart_states"]
    chart = states_chart(page.workbook, title, name, first, first + 2, (_LABEL, 2))
    page.sheet.insert_chart(row, 4, chart, {"object_position": 1, "x_offset": 12, "y_offset": 2})


def _charts(page: _Page, row: int) -> None:
    """One by unit for each chosen row, as long as the names under the bars can be read."""
    said, consolidation, sheet = words("master")["overview"], page.consolidation, page.sheet
    _heading(page, row, said["charts"], "")
    row += 1
    if consolidation.N > MOST_BARS or not consolidation.N:
        _paragraph(page, row, said["no_charts"].format(N=consolidation.N))
        return
    for indicator in _chosen(consolidation, "chosen_charts"):
        title = said["chart_units"].format(code=indicator.code, form=indicator.form, label=_short(indicator.label))
        chart = units_chart(page.workbook, page.plan, indicator, title)
        sheet.insert_chart(row, 0, chart, {"object_position": 1})
        row += CHART_ROWS


def _short(label: str) -> str:
    """The label without what stands in brackets: a chart's title is one line."""
    return label.partition("(")[0].strip()


def _heading(page: _Page, row: int, text: str, sheet: str) -> None:
    write_text(page.sheet, row, 0, text, page.styles.of("heading"))
    page.sheet.set_row(row, 20)
    if sheet:
        link(page.sheet, row, 2, inside(sheet), page.styles.of("link"), text=words("master")["overview"]["open"])


def _table_head(page: _Page, row: int, titles: tuple[str, ...]) -> None:
    page.sheet.set_row(row, 34)
    for column, title in enumerate(titles):
        if title:
            write_text(page.sheet, row, column, title, page.styles.of("head"))

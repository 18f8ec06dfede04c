"""The sheet ``Tổng quan``: the round at a glance, with charts and links; its numbers are formulas over the others."""

from collections import Counter
from decimal import Decimal

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.glance import chosen, doubted_units, gaps
from cchc_xl.model import Consolidation, Indicator, Severity, UnitState
from cchc_xl.number import HUNDRED
from cchc_xl.workbook import sources
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_text
from cchc_xl.workbook.consolidated.findings import Listed, range_of
from cchc_xl.workbook.consolidated.overview_charts import write_charts, write_states_chart
from cchc_xl.workbook.consolidated.overview_compared import write_compared, write_targets
from cchc_xl.workbook.consolidated.overview_page import (
    LABEL,
    WIDTHS,
    OverviewPage,
    heading,
    paragraph,
    table_head,
)
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
from cchc_xl.workbook.corrections import sheet_name as corrections_sheet
from cchc_xl.workbook.layout import address, sheet_of
from cchc_xl.workbook.said import sheet_name as said_sheet

_MOST_NAMED = 5
_SCALE = 62  # percent: the columns of the page on A4


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
    page = OverviewPage(
        workbook=workbook, sheet=sheet, consolidation=consolidation, plan=plan, styles=styles, rows=rows
    )
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    row = _head(page)
    write_states_chart(page, row)
    row = _coverage(page, row)
    row = _findings(page, row + 1)
    row = _figures(page, row + 1)
    row = _links(page, row + 1)
    compared, breaks = row + 2, []
    if consolidation.previous or consolidation.last_year or consolidation.targets:
        breaks.append(row + 1)
    row = write_compared(page, row + 1)
    row = write_targets(page, row + 1) if consolidation.targets else row
    write_charts(page, row + 1, compared)
    sheet.set_h_pagebreaks([*breaks, row + 1])  # fitting to pages would ignore the breaks
    sheet.set_print_scale(_SCALE)
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.hide_gridlines(2)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.set_footer("&C&P/&N")
    sheet.activate()


def _head(page: OverviewPage) -> int:
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


def _coverage(page: OverviewPage, row: int) -> int:
    """How many units stand where, live over ``Tình hình nộp``; who is missing, by name."""
    texts, consolidation, sheet = words("master"), page.consolidation, page.sheet
    said = texts["overview"]
    heading(page, row, said["coverage"], texts["sheets"]["sent"])
    table_head(page, row + 1, ("", said["state"], said["number"], said["share"]))
    states, due = state_range(consolidation), address(row + 5, 2)
    colours = {UnitState.COUNTED: FIGURE, UnitState.NOT_SENT: ABSENT, UnitState.WAITING: WARNING}
    for number, (state, colour) in enumerate(colours.items()):
        at, word = row + 2 + number, texts["states"][state.value]
        count = sum(unit.state is state for unit in consolidation.units)
        write_text(sheet, at, LABEL, word, page.styles.of("text", bg_color=colour))
        look = page.styles.of("number", num_format=WHOLE_NUMBER)
        write_formula(sheet, at, 2, f'COUNTIF({states},"{word}")', look, count)
        share = HUNDRED * count / consolidation.N if consolidation.N else None
        look = page.styles.of("number", num_format=PERCENT)
        write_formula(sheet, at, 3, f'IF({due}=0,"",100*{address(at, 2)}/{due})', look, share)
    at = row + 5
    write_text(sheet, at, LABEL, said["due"], page.styles.of("text", bold=True))
    total = f"SUM({address(row + 2, 2)}:{address(row + 4, 2)})"
    write_formula(sheet, at, 2, total, page.styles.of("number", bold=True), consolidation.N)
    return _missing(page, at + 1)


def _missing(page: OverviewPage, row: int) -> int:
    said, consolidation = words("master")["overview"], page.consolidation
    names = [unit.unit.full_name for unit in consolidation.units if unit.state is not UnitState.COUNTED]
    lines = [f"{said['missing']}: {', '.join(names)}." if names else said["nobody_missing"]]
    if consolidation.own and consolidation.own.state is not UnitState.COUNTED:
        lines.append(said["own_missing"].format(unit=consolidation.own.unit.full_name))
    if consolidation.N > MOST_SOURCES:
        lines.append(said["too_many"].format(most=MOST_SOURCES))
    if consolidation.lines:
        waiting = sum(line.finding is not None for line in consolidation.lines)
        lines.append(said["corrections"].format(count=len(consolidation.corrections), waiting=waiting))
    for line in lines:
        paragraph(page, row, line)
        row += 1
    return row


def _findings(page: OverviewPage, row: int) -> int:
    """How many findings of each severity, live over the list; the units with most errors, by name."""
    texts, rows = words("master"), page.rows
    said = texts["overview"]
    heading(page, row, said["findings"], texts["sheets"]["findings"])
    table_head(page, row + 1, ("", said["severity"], said["count"], said["explained"]))
    severities, explained = range_of("severity", len(rows)), range_of("explained", len(rows))
    look = page.styles.of("number", num_format=WHOLE_NUMBER)
    for number, (severity, colour) in enumerate(
        ((Severity.ERROR, ERROR), (Severity.WARNING, WARNING), (Severity.NOTE, ""))
    ):
        at, word = row + 2 + number, texts["severity"][severity.value]
        marked = {"bg_color": colour} if colour else {}
        write_text(page.sheet, at, LABEL, word, page.styles.of("text", **marked))
        these = [one for one in rows if one.finding.severity is severity]
        write_formula(page.sheet, at, 2, f'COUNTIF({severities},"{word}")', look, len(these))
        both = f'COUNTIFS({severities},"{word}",{explained},"{texts["findings"]["yes"]}")'
        write_formula(page.sheet, at, 3, both, look, sum(one.finding.explained for one in these))
    paragraph(page, row + 5, _worst(page))
    return row + 6


def _worst(page: OverviewPage) -> str:
    said, errors = words("master")["overview"], Counter[str]()
    names = {unit_name(unit.unit): unit.unit.full_name for unit in page.consolidation.units}
    for one in page.rows:
        if one.finding.severity is Severity.ERROR and one.name:
            errors[names.get(one.name, one.name)] += 1
    if not errors:
        return said["nobody_worst"]
    ranked = sorted(errors.items(), key=lambda item: -item[1])[:_MOST_NAMED]
    return f"{said['worst']}: {', '.join(f'{name} ({count})' for name, count in ranked)}."


def _figures(page: OverviewPage, row: int) -> int:
    """The chosen rows with their blocks and n of N, each linked to its row on Chi tiết; what is unsure is marked."""
    said, sheet, plan = words("master")["overview"], page.sheet, page.plan
    heading(page, row, said["figures"], "")
    blocks = [block(page.consolidation, name) for name in ("communes", "own", "whole")]
    heads = (said["figure_row"], said["figure_label"], said["figure_unit"], *blocks, said["figure_count"])
    table_head(page, row + 1, heads)
    at, doubts = row + 2, []
    count_format = words("master")["detail"]["count_format"].format(N=page.consolidation.N)
    for indicator in chosen(page.consolidation, "chosen_rows"):
        figure = page.consolidation.figures[indicator.key]
        form_sheet = detail_sheet(indicator.form)
        target = inside(form_sheet, address(plan.detail_row[indicator.key], 0))
        link(sheet, at, 0, target, page.styles.of("line_link", align="center"), text=indicator.key)
        write_text(sheet, at, LABEL, indicator.label, page.styles.of("text"))
        write_text(sheet, at, 2, indicator.unit, page.styles.of("middle"))
        unsure = _unsure(page, indicator)
        marked = {"bg_color": WARNING} if unsure else {}
        doubts += [f"{indicator.key}: {unsure}"] if unsure else []
        look = page.styles.of("number", num_format=figure_format(indicator, figure), **marked)
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
        texts = ((indicator.label, WIDTHS[LABEL]), (indicator.unit, WIDTHS[2]))
        sheet.set_row(at, max(height(text, width) for text, width in texts))
        at += 1
    if doubts:
        paragraph(page, at, said["unsure"].format(rows="; ".join(doubts)))
    return at + bool(doubts)


def _unsure(page: OverviewPage, indicator: Indicator) -> str:
    """Whose number in this row's figure is still to be cleared up, the first few, and what is missing in it."""
    names = doubted_units(page.consolidation, indicator.key)
    left = len(names) - _MOST_NAMED
    more = words("master")["detail"]["silent_more"].format(count=left) if left > 0 else ""
    doubted = [", ".join(names[:_MOST_NAMED]) + more] if names else []
    return "; ".join((*doubted, *gaps(page.consolidation, indicator.key)))


def _links(page: OverviewPage, row: int) -> int:
    texts, consolidation = words("master"), page.consolidation
    heading(page, row, texts["overview"]["links"], "")
    at = row + 1
    for form in consolidation.edition.forms:
        names = [sheet_of(consolidation.edition, form), detail_sheet(form.number)]
        if consolidation.N <= MOST_SOURCES:
            names.append(sources.sheet_name(form.number))
        write_text(page.sheet, at, LABEL, form.title, page.styles.of("plain"))
        for column, name in zip((2, 3, 4), names, strict=False):
            link(page.sheet, at, column, inside(name), page.styles.of("link"), text=name)
        at += 1
    others = [corrections_sheet(), said_sheet()]
    if consolidation.rankings:
        others.append(texts["ranking"]["sheet"])
    for name in (texts["sheets"]["findings"], texts["sheets"]["sent"], *others):
        link(page.sheet, at, LABEL, inside(name), page.styles.of("link"), text=name)
        at += 1
    return at

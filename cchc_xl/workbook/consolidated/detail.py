"""The sheets ``Chi tiết 1`` … : every unit's number, the blocks and how each figure came about, all live."""

from functools import partial

from xlsxwriter.workbook import Workbook

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Counted, Figure, Form, Indicator, Method, Severity, UnitState
from cchc_xl.workbook import sources
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_number, write_text
from cchc_xl.workbook.consolidated.compared import titles_of, write_adjusted, write_compared
from cchc_xl.workbook.consolidated.detail_page import SHEET_SIZE, DetailPage, Marks
from cchc_xl.workbook.consolidated.formulas import (
    base_formula,
    communes_formula,
    count_formula,
    helper_formula,
    whole_formula,
)
from cchc_xl.workbook.consolidated.plan import (
    CODE,
    CODE_ROW,
    FIRST_ROW,
    FIRST_UNIT,
    HEAD_ROW,
    LABEL,
    MOST_LINKS,
    UNIT,
    Helper,
    Plan,
    detail_sheet,
)
from cchc_xl.workbook.consolidated.styles import (
    ABSENT,
    CORRECTED,
    DEVIATES,
    ERROR,
    FIGURE,
    HEAD,
    WARNING,
    WHOLE_NUMBER,
    Styles,
    figure_format,
    height,
    number_format,
)
from cchc_xl.workbook.consolidated.unit_cells import write_unit_cell, write_unit_cells
from cchc_xl.workbook.consolidated.values import base_value, helper_value
from cchc_xl.workbook.consolidated.words import block, helper_label, method_words, remarks, unit_name
from cchc_xl.workbook.layout import address, sheet_of

_LABEL_WIDTH, _UNIT_WIDTH, _NUMBER_WIDTH, _METHOD_WIDTH, _REMARK_WIDTH = 40, 13, 7.5, 46, 80
_FIT_UNITS = 40  # more columns than this are no longer printed on one page's width
_NO_MARKS = ("number_stored_as_text", "formula_differs", "formula_range", "empty_cell_reference")


def write_detail(
    workbook: Workbook, consolidation: Consolidation, plan: Plan, styles: Styles, form: Form, marks: Marks
) -> None:
    """One form's matrix: indicators down, units across, then the blocks. ``marks``: see ``marks_of``."""
    sheet = workbook.add_worksheet(detail_sheet(form.number))
    page = DetailPage(
        sheet=sheet,
        consolidation=consolidation,
        plan=plan,
        styles=styles,
        form=form,
        marks=marks,
        sources=sources.sheet_name(form.number),
    )
    _head(page)
    for indicator in form.indicators:
        _indicator(page, indicator)
    _helpers(page)
    _finish(page)


def _head(page: DetailPage) -> None:
    texts, sheet, plan = words("master")["detail"], page.sheet, page.plan
    title = texts["title"].format(form=page.form.number, title=page.form.title)
    write_text(sheet, 0, CODE, title, page.styles.of("title"))
    subtitle = texts["subtitle"].format(period=page.consolidation.period.title.capitalize(), sources=page.sources)
    write_text(sheet, 1, CODE, subtitle, page.styles.of("note"))
    overview = words("master")["sheets"]["overview"]
    link(sheet, 2, CODE, inside(overview), page.styles.of("link"), text=words("master")["back"])
    official = sheet_of(page.consolidation.edition, page.form)
    link(sheet, 2, UNIT, inside(official), page.styles.of("link"), text=texts["link_form"].format(form=official))
    _legend(page)
    head = partial(page.look, "head")
    for column, name in ((CODE, "code"), (LABEL, "label"), (UNIT, "unit")):
        sheet.merge_range(HEAD_ROW, column, CODE_ROW, column, texts[name], head())
    for number, counted in enumerate(plan.units):
        _unit_head(page, FIRST_UNIT + number, counted)
    for column, name in ((plan.communes, "communes"), (plan.own_part, "own"), (plan.whole, "whole")):
        sheet.merge_range(HEAD_ROW, column, CODE_ROW, column, block(page.consolidation, name), head())
    write_text(sheet, HEAD_ROW, plan.count, texts["count"], head())
    write_number(sheet, CODE_ROW, plan.count, page.consolidation.N, head(num_format=texts["due"]))
    for column, title in {**titles_of(page), plan.method: texts["method"], plan.remark: texts["remark"]}.items():
        sheet.merge_range(HEAD_ROW, column, CODE_ROW, column, title, head())


def _legend(page: DetailPage) -> None:
    """What each colour says, on the line above the head."""
    texts = words("master")["detail"]["legend"]
    colours = {"error": ERROR, "warning": WARNING, "deviates": DEVIATES, "absent": ABSENT, "figure": FIGURE}
    colours |= {"corrected": CORRECTED} if page.consolidation.corrections else {}
    column = FIRST_UNIT
    for name, colour in colours.items():
        page.sheet.write_blank(2, column, None, page.look("number", bg_color=colour))
        write_text(page.sheet, 2, column + 1, texts[name], page.look("plain"))
        column += 5


def _unit_head(page: DetailPage, column: int, counted: Counted) -> None:
    texts = words("master")["detail"]
    absent = counted.state is not UnitState.COUNTED
    colour = ABSENT if absent else HEAD
    name = unit_name(counted.unit)
    if absent:
        name += f" ({texts['waiting' if counted.state is UnitState.WAITING else 'not_sent']})"
    write_text(page.sheet, HEAD_ROW, column, name, page.look("upright", bg_color=colour))
    write_text(page.sheet, CODE_ROW, column, counted.unit.code, page.look("head", bg_color=colour))


def _indicator(page: DetailPage, indicator: Indicator) -> None:
    sheet, plan, row = page.sheet, page.plan, page.plan.detail_row[indicator.key]
    figure = page.consolidation.figures.get(indicator.key)
    heading = indicator.method is Method.NONE
    bold = {"bold": True} if heading or not indicator.depth else {}
    write_text(sheet, row, CODE, indicator.code, page.look("code", **bold))
    write_text(sheet, row, LABEL, indicator.label, page.look("text", **bold))
    write_text(sheet, row, UNIT, indicator.unit, page.look("middle"))
    write_unit_cells(page, indicator)
    own = plan.own if plan.own and plan.own.submission else None
    write_unit_cell(page, indicator, plan.own_part, own, None)
    _figure_cells(page, indicator, figure)
    method, remark = method_words(indicator, page.consolidation), remarks(figure, indicator, plan.units)
    write_text(sheet, row, plan.method, method, page.look("small_text"))
    write_text(sheet, row, plan.remark, remark, page.look("aside"))  # last column: runs on to the right, uncut
    texts = ((indicator.label, _LABEL_WIDTH), (indicator.unit, _UNIT_WIDTH))
    texts += ((method, _METHOD_WIDTH),)
    sheet.set_row(row, max(height(text, width, size=SHEET_SIZE) for text, width in texts))
    if len(plan.units) > MOST_LINKS:
        sheet.put_down(row)


def marks_of(consolidation: Consolidation) -> Marks:
    """Key -> unit code -> colour: an error before a warning before a value that is not the shared one."""
    marks: dict[str, dict[str, str]] = {}
    for key, figure in consolidation.figures.items():
        marks[key] = {part.unit: DEVIATES for part in figure.deviators}
    for severity, colour in ((Severity.WARNING, WARNING), (Severity.ERROR, ERROR)):
        for counted in consolidation.units:
            for finding in counted.findings:
                if finding.key and finding.severity is severity:
                    marks.setdefault(finding.key, {})[counted.unit.code] = colour
    return marks


def _figure_cells(page: DetailPage, indicator: Indicator, figure: Figure | None) -> None:
    sheet, plan, row = page.sheet, page.plan, page.plan.detail_row[indicator.key]
    look = page.look("number", num_format=figure_format(indicator, figure), bg_color=FIGURE, bold=True)
    empty = page.look("number", bg_color=ABSENT)
    blocks = (
        (plan.communes, communes_formula(indicator, plan), figure.communes if figure else None),
        (plan.whole, whole_formula(indicator, plan), figure.whole if figure else None),
    )
    for column, formula, value in blocks:
        write_formula(sheet, row, column, formula, look if formula else empty, value)
    count_format = words("master")["detail"]["count_format"].format(N=page.consolidation.N)
    counted = count_formula(indicator, plan)
    look = page.look("middle", num_format=count_format) if counted else empty
    write_formula(sheet, row, plan.count, counted, look, figure.n if figure else None)
    if plan.corrected:
        write_adjusted(page, indicator)
    write_compared(page, indicator, figure, page.consolidation.previous, plan.previous)
    if page.consolidation.last_year:
        write_compared(page, indicator, figure, page.consolidation.last_year, plan.last_year)


def _helpers(page: DetailPage) -> None:
    """Counts and estimates that figures are made of, in rows of their own below the form."""
    helpers = _helpers_of(page)
    if not helpers:
        return
    top = page.plan.helper_row[helpers[0]] - 1
    write_text(page.sheet, top, CODE, words("master")["detail"]["helpers"], page.styles.of("heading"))
    for helper in helpers:
        _helper(page, helper)


def _helpers_of(page: DetailPage) -> list[Helper]:
    return [helper for helper in page.plan.helper_row if helper[0].startswith(f"{page.form.number}/")]


def _helper(page: DetailPage, helper: Helper) -> None:
    plan, edition = page.plan, page.consolidation.edition
    if helper[1] == "target":
        _target(page, helper)
        return
    indicator, row = edition.by_key[helper[0]], page.plan.helper_row[helper]
    label = helper_label(helper, edition)
    write_text(page.sheet, row, CODE, indicator.code, page.look("code", italic=True))
    write_text(page.sheet, row, LABEL, label, page.look("text", italic=True))
    page.sheet.write_blank(row, UNIT, None, page.look("middle"))
    look = page.look("number", num_format=WHOLE_NUMBER, italic=True)
    for number, counted in enumerate(plan.units):
        column = FIRST_UNIT + number
        if helper[1] == "base" and counted.submission:
            formula = base_formula(indicator, plan, column)
            write_formula(page.sheet, row, column, formula, look, base_value(indicator, counted))
    figure = page.consolidation.figures[indicator.key]
    value = helper_value(indicator, figure, plan, helper)
    formula = helper_formula(indicator, plan, helper)
    look = page.look("number", num_format=WHOLE_NUMBER, italic=True, bg_color=FIGURE)
    write_formula(page.sheet, row, plan.communes, formula, look, value)
    page.sheet.set_row(row, height(label, _LABEL_WIDTH, size=SHEET_SIZE))


def _target(page: DetailPage, helper: Helper) -> None:
    """What the row should reach, under every unit: the line of its chart."""
    target = next(one for one in page.consolidation.targets if one.key == helper[0])
    plan, row = page.plan, page.plan.helper_row[helper]
    indicator = page.consolidation.edition.by_key[helper[0]]
    said = words("master")["detail"]["helper"]["target" if target.at_least else "target_most"]
    label = said.format(code=indicator.code)
    write_text(page.sheet, row, CODE, indicator.code, page.look("code", italic=True))
    write_text(page.sheet, row, LABEL, label, page.look("text", italic=True))
    write_text(page.sheet, row, UNIT, indicator.unit, page.look("middle"))
    look = page.look("number", num_format=number_format(indicator, None), italic=True)
    for column in range(FIRST_UNIT, plan.communes + 1):
        write_number(page.sheet, row, column, target.value, look)
    page.sheet.set_row(row, height(label, _LABEL_WIDTH, size=SHEET_SIZE))


def _finish(page: DetailPage) -> None:
    sheet, plan = page.sheet, page.plan
    sheet.set_column(CODE, CODE, 7)
    sheet.set_column(LABEL, LABEL, _LABEL_WIDTH)
    sheet.set_column(UNIT, UNIT, _UNIT_WIDTH)
    sheet.set_column(FIRST_UNIT, plan.communes - 1, _NUMBER_WIDTH)
    sheet.set_column(plan.communes, plan.whole, 11)
    sheet.set_column(plan.count, plan.count, 10)
    sheet.set_column(plan.count + 1, plan.method - 1, 11)
    sheet.set_column(plan.method, plan.method, _METHOD_WIDTH)
    sheet.set_column(plan.remark, plan.remark, _REMARK_WIDTH)
    longest = max((len(unit_name(unit.unit)) + 16 for unit in plan.units), default=20)
    sheet.set_row(HEAD_ROW, min(180, max(90, 5.2 * longest)))
    sheet.set_row(CODE_ROW, 18)
    sheet.freeze_panes(FIRST_ROW, FIRST_UNIT)
    last = FIRST_ROW + len(page.form.indicators) - 1
    sheet.autofilter(CODE_ROW, CODE, last, UNIT)
    sheet.set_zoom(90)
    area = f"A1:{address(last + len(_helpers_of(page)) + 3, plan.remark)}"
    sheet.ignore_errors(dict.fromkeys(_NO_MARKS, area))  # codes are text; unit cells may be empty
    _print(page, last + 1 + len(_helpers_of(page)) + 2)


def _print(page: DetailPage, last: int) -> None:
    """A4 across; the sentences at the right are for the screen, so that the numbers stay readable on paper."""
    sheet, plan = page.sheet, page.plan
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.print_area(0, CODE, last, plan.method - 1 if page.consolidation.previous else plan.previous - 1)
    if len(plan.units) <= _FIT_UNITS:
        sheet.fit_to_pages(1, 0)
    else:
        sheet.set_print_scale(60)
    sheet.repeat_rows(HEAD_ROW, CODE_ROW)
    sheet.repeat_columns(CODE, LABEL)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&L&A&C&P/&N")

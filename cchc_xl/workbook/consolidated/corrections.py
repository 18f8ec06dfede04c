"""The sheet ``Điều chỉnh``: where staff correct a number of a unit with reason and source, beside what was sent."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import advice, words
from cchc_xl.model import Consolidation, CorrectionLine, Counted, Indicator, LineState
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_number, write_text
from cchc_xl.workbook.consolidated.formulas import adjusted_formula
from cchc_xl.workbook.consolidated.plan import FIRST_UNIT, Plan, detail_sheet
from cchc_xl.workbook.consolidated.styles import CORRECTED, ERROR, WARNING, Styles, height
from cchc_xl.workbook.consolidated.values import change_of
from cchc_xl.workbook.consolidated.words import unit_name
from cchc_xl.workbook.corrections import BESIDE, COLUMNS, FIRST_ROW, HEAD_ROW, cell, sheet_name, titles
from cchc_xl.workbook.layout import address, column_letters

EMPTY_ROWS = 60
_WIDTHS = {
    "unit": 10,
    "key": 10,
    "sent": 13,
    "value": 13,
    "reason": 34,
    "source": 26,
    "who": 18,
    "day": 12,
    "unit_name": 20,
    "label": 34,
    "change": 11,
    "state": 40,
    "origin": 26,
}
_WRAPPED = ("reason", "source", "unit_name", "label", "state", "origin")
_SIZE = 10
_NUMBER = "General"
_LISTS = len(_WIDTHS) + 1  # the first column of the lists that cells are chosen from
_COLOURS = {
    LineState.APPLIED: CORRECTED,
    LineState.PROPOSED: WARNING,
    LineState.CHANGED: WARNING,
    LineState.UNSENT: WARNING,
    LineState.WRONG: ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    sheet: Worksheet
    consolidation: Consolidation
    plan: Plan
    styles: Styles


def write_corrections(workbook: Workbook, consolidation: Consolidation, plan: Plan, styles: Styles) -> None:
    """Every line with what became of it, then empty rows to be filled; the figures take it in at the next run."""
    sheet = workbook.add_worksheet(sheet_name())
    page = _Page(sheet=sheet, consolidation=consolidation, plan=plan, styles=styles)
    for column, width in enumerate(_WIDTHS.values()):
        sheet.set_column(column, column, width)
    _head(page)
    for row, line in enumerate(consolidation.lines, start=FIRST_ROW):
        _line(page, row, line)
    last = FIRST_ROW + len(consolidation.lines) + EMPTY_ROWS - 1
    for row in range(FIRST_ROW + len(consolidation.lines), last + 1):
        for column, name in enumerate((*COLUMNS, *BESIDE)):
            sheet.write_blank(row, column, None, _look(page, name))
    _choices(page, last)
    _finish(page, last)


def _head(page: _Page) -> None:
    texts, sheet = words("master")["corrections"], page.sheet
    write_text(sheet, 0, 0, texts["title"], page.styles.of("title"))
    write_text(sheet, 1, 0, texts["how"], page.styles.of("note"))
    write_text(sheet, 2, 0, texts["how_more"], page.styles.of("note"))
    write_text(sheet, 3, 0, texts["how_back"], page.styles.of("note"))
    link(
        sheet, 4, 0, inside(words("master")["sheets"]["overview"]), page.styles.of("link"), text=words("master")["back"]
    )
    for column, title in enumerate(titles().values()):
        ours = {"italic": True} if column >= len(COLUMNS) else {}
        write_text(sheet, HEAD_ROW, column, title, page.styles.of("head", font_size=_SIZE, **ours))
    sheet.set_row(HEAD_ROW, 32)


def _look(page: _Page, name: str, **more: object):
    """Codes, keys and days are text: Excel would take 1/2 for a day."""
    if name in ("sent", "value"):
        return page.styles.of("number", font_size=_SIZE, num_format=_NUMBER, **more)
    if name == "change":
        return page.styles.of("number", font_size=_SIZE, num_format=f"+{_NUMBER};-{_NUMBER};0", **more)
    if name in _WRAPPED or name == "who":
        return page.styles.of("text", font_size=_SIZE, num_format="@", **more)
    return page.styles.of("code", font_size=_SIZE, **more)


def _line(page: _Page, row: int, line: CorrectionLine) -> None:
    texts = _texts(page, line)
    for column, name in enumerate((*COLUMNS, *BESIDE)):
        colour = {"bg_color": _COLOURS[line.state]} if name == "state" and line.state in _COLOURS else {}
        look = _look(page, name, **colour)
        number = _number(line, name)
        if number is not None:
            write_number(page.sheet, row, column, number, look)
        elif name == "change":
            formula = adjusted_formula([(cell(row, "sent"), cell(row, "value"))])
            write_formula(page.sheet, row, column, formula if line.correction else "", look, _change(line))
        else:
            write_text(page.sheet, row, column, texts[name], look)
    _to_detail(page, row, line, texts["unit_name"])
    page.sheet.set_row(row, max(height(texts[name], _WIDTHS[name], size=_SIZE) for name in _WRAPPED))


def _texts(page: _Page, line: CorrectionLine) -> dict[str, str]:
    said, edition = words("master")["corrections"], page.consolidation.edition
    indicator, counted = edition.by_key.get(line.key), _counted(page, line.unit)
    state = said["states"][line.state.value]
    if line.finding:
        state += f": {advice(line.finding, edition, line.file)}"
    return {
        **{name: getattr(line, name) for name in (*COLUMNS, "origin")},
        "unit_name": unit_name(counted.unit) if counted else "",
        "label": indicator.label if indicator else "",
        "change": "",
        "state": state,
    }


def _counted(page: _Page, code: str) -> Counted | None:
    own = (page.plan.own,) if page.plan.own else ()
    return next((unit for unit in (*page.plan.units, *own) if unit.unit.code == code), None)


def _number(line: CorrectionLine, name: str) -> Decimal | None:
    """What stands in the cell as a number; None where text stands there."""
    if name == "sent":
        return _plain(line.sent)
    if name != "value":
        return None
    applied = line.correction.value if line.correction and not _is_word(line) else None
    return applied if applied is not None else line.number


def _is_word(line: CorrectionLine) -> bool:
    """KPS stays written as it is."""
    return line.number is None and not any(character.isdigit() for character in line.value)


def _change(line: CorrectionLine) -> Decimal | None:
    """As the formula has it, for a line that is applied."""
    return change_of(line) if line.correction else None


def _plain(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _to_detail(page: _Page, row: int, line: CorrectionLine, name: str) -> None:
    """From the line to the unit's cell on Chi tiết."""
    indicator: Indicator | None = page.consolidation.edition.by_key.get(line.key)
    codes = {unit.unit.code: FIRST_UNIT + number for number, unit in enumerate(page.plan.units)}
    if page.plan.own:
        codes.setdefault(page.plan.own.unit.code, page.plan.own_part)
    if indicator is None or line.unit not in codes:
        return
    target = inside(detail_sheet(indicator.form), address(page.plan.detail_row[indicator.key], codes[line.unit]))
    column = (*COLUMNS, *BESIDE).index("unit_name")
    look = page.styles.of("line_link", font_size=_SIZE)
    link(page.sheet, row, column, target, look, text=name)


def _choices(page: _Page, last: int) -> None:
    """Lists to choose codes and keys from, at the right of the sheet, and what to type as a note on the cell."""
    sheet, texts = page.sheet, words("master")["corrections"]
    units = [(unit.unit.code, unit_name(unit.unit)) for unit in (*page.plan.units, page.plan.own) if unit]
    rows = [row for row in page.consolidation.edition.indicators if row.has_cell and not (row.ratio_of or row.total_of)]
    keys = [(row.key, row.label) for row in rows]
    for name, column, listed in (("unit", _LISTS, units), ("key", _LISTS + 3, keys)):
        sheet.set_column(column, column, 10)
        sheet.set_column(column + 1, column + 1, 40)
        sheet.merge_range(
            HEAD_ROW, column, HEAD_ROW, column + 1, texts["lists"][name], page.styles.of("head", font_size=_SIZE)
        )
        for number, (code, title) in enumerate(listed, start=FIRST_ROW):
            write_text(sheet, number, column, code, page.styles.of("code", font_size=_SIZE))
            write_text(sheet, number, column + 1, title, page.styles.of("source"))
        letters, end = column_letters(column), FIRST_ROW + max(1, len(listed))
        _validated(page, name, last, {"validate": "list", "source": f"=${letters}${FIRST_ROW + 1}:${letters}${end}"})
    for name in ("sent", "value", "reason", "source"):
        _validated(page, name, last, {"validate": "any"})


def _validated(page: _Page, name: str, last: int, rule: dict[str, object]) -> None:
    texts, column = words("master")["corrections"], COLUMNS.index(name)
    said = {"input_title": titles()[name][:32], "input_message": texts["hints"][name], "error_type": "warning"}
    said |= {"error_title": titles()[name][:32], "error_message": texts["not_listed"]}
    page.sheet.data_validation(FIRST_ROW, column, last, column, {**rule, **said})


def _finish(page: _Page, last: int) -> None:
    sheet, width = page.sheet, len(_WIDTHS)
    sheet.freeze_panes(FIRST_ROW, 2)
    sheet.autofilter(HEAD_ROW, 0, last, width - 1)
    lists = FIRST_ROW + len(page.consolidation.edition.indicators)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(max(last, lists), _LISTS + 4)}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.print_area(0, 0, FIRST_ROW + max(len(page.consolidation.lines), 10), width - 1)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&L&A&C&P/&N")

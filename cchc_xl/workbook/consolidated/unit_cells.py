"""One unit's number on Chi tiết: a formula on its source row, or on the line that corrects it."""

from xlsxwriter.format import Format

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Counted, Entry, Indicator, State
from cchc_xl.number import vietnamese
from cchc_xl.workbook.consolidated.cells import (
    cut,
    formula_cell,
    formula_text,
    inside,
    link,
    number_cell,
    number_text,
    write_cells,
    write_formula,
    write_link,
    write_number,
)
from cchc_xl.workbook.consolidated.detail_page import DetailPage
from cchc_xl.workbook.consolidated.formulas import answer_formula, corrected_formula, unit_formula
from cchc_xl.workbook.consolidated.plan import FIRST_UNIT, MOST_LINKS
from cchc_xl.workbook.consolidated.styles import ABSENT, CORRECTED
from cchc_xl.workbook.consolidated.values import unit_value
from cchc_xl.workbook.layout import column_letters
from cchc_xl.workbook.sources import COLUMNS

_VALUE = column_letters(COLUMNS.index("value"))
_NOTE_WIDTH, _LONGEST_NOTE = 40, 1200  # characters


def write_unit_cells(page: DetailPage, indicator: Indicator) -> None:
    """The due units' numbers of one row: answers as sent, by far the most of a master's cells, are made in one step."""
    sheet, plan, row = page.sheet, page.plan, page.plan.detail_row[indicator.key]
    marks, linked = page.marks.get(indicator.key, {}), len(plan.units) <= MOST_LINKS
    tip = words("master")["detail"]["link_source"]
    has_cell = indicator.has_cell
    parts = answer_formula(f"'{page.sources}'!{_VALUE}#").split("#")  # of the formula, around the row's number
    looks: dict[tuple[State, str | None], Format] = {}
    absent: Format | None = None
    number, formula = (number_cell, formula_cell) if linked else (number_text, formula_text)
    made: dict[int, str | tuple] = {}
    for column, counted in enumerate(plan.units, start=FIRST_UNIT):
        if counted.submission is None or not has_cell:
            absent = absent or page.look("number", bg_color=ABSENT)
            made[column] = number(sheet, row, column, None, absent)
            continue
        code, entry = counted.unit.code, counted.submission.entries[indicator.key]
        mark = marks.get(code)
        if entry.sent or indicator.ratio_of or indicator.total_of:
            write_unit_cell(page, indicator, column, counted, mark)
            continue
        look = looks.get((entry.state, mark))
        if look is None:
            look = looks[entry.state, mark] = _look(page, indicator, entry, mark)
        place = plan.source_row(code, indicator.key)
        if place is None:
            made[column] = number(sheet, row, column, entry.amount, look)
            continue
        made[column] = formula(sheet, row, column, str(place + 1).join(parts), look, entry.amount)
        if linked:
            write_link(sheet, row, column, inside(page.sources, f"{_VALUE}{place + 1}"), tip)
    write_cells(sheet, row, made)


def _look(page: DetailPage, indicator: Indicator, entry: Entry, mark: str | None) -> Format:
    zero = words("master")["detail"]["none_arising"] if entry.state is State.NONE_ARISING else ""
    return page.number_look(page.number_format(indicator, zero), CORRECTED if entry.sent else mark)


def write_unit_cell(
    page: DetailPage, indicator: Indicator, column: int, counted: Counted | None, mark: str | None
) -> None:
    """One unit's number; grey and empty where there is none to come."""
    sheet, plan, row = page.sheet, page.plan, page.plan.detail_row[indicator.key]
    if counted is None or counted.submission is None or not indicator.has_cell:
        sheet.write_blank(row, column, None, page.look("number", bg_color=ABSENT))
        return
    entry, own = counted.submission.entries[indicator.key], column == plan.own_part
    value = unit_value(indicator, counted, own=own)
    look = _look(page, indicator, entry, mark)
    cell = plan.source(counted.unit.code, indicator.key)
    if entry.sent:
        _note_correction(page, row, column, entry)
    if cell is None:
        write_number(sheet, row, column, value, look)
        return
    if len(plan.units) <= MOST_LINKS:
        tip = words("master")["detail"]["link_source"]
        link(sheet, row, column, inside(page.sources, cell), look, tip=tip)
    said = _said(page, counted.unit.code, entry)
    formula = unit_formula(indicator, plan, column, said, intact=entry.intact, own=own)
    write_formula(sheet, row, column, formula, look, value)


def _said(page: DetailPage, unit: str, entry: Entry) -> str:
    """The formula of what a unit answered: corrected here, corrected below, or as sent."""
    plan = page.plan
    corrected = plan.corrected.get((unit, entry.key))
    if corrected:
        return corrected_formula(corrected, words("master")["detail"]["none_arising"])
    if entry.sent:
        cell = f"'{page.sources}'!{plan.source(unit, entry.key, 'corrected')}"
        return f'IF(ISNUMBER({cell}),{cell},"")'
    return answer_formula(f"'{page.sources}'!{plan.source(unit, entry.key)}")


def _note_correction(page: DetailPage, row: int, column: int, entry: Entry) -> None:
    """What was sent and why it is another number now, as a note on the cell."""
    texts = words("master")["detail"]
    assert entry.sent
    why = entry.corrected or words("master")["sources"]["follows"]
    text = texts["corrected"].format(sent=vietnamese(entry.sent.amount), now=vietnamese(entry.amount), why=why)
    lines = 4 + min(len(text), _LONGEST_NOTE) // _NOTE_WIDTH  # a note's box does not grow by itself
    page.sheet.write_comment(
        row, column, cut(text), {"author": words("master")["author"], "x_scale": 2, "y_scale": lines / 4}
    )

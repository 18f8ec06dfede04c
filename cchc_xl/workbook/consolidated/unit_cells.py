"""One unit's number on Chi tiết: a formula on its source row, or on the line that corrects it."""

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Counted, Entry, Indicator, State
from cchc_xl.number import vietnamese
from cchc_xl.workbook.consolidated.cells import cut, inside, link, write_formula, write_number
from cchc_xl.workbook.consolidated.detail_page import DetailPage
from cchc_xl.workbook.consolidated.formulas import answer_formula, corrected_formula, unit_formula
from cchc_xl.workbook.consolidated.plan import MOST_LINKS
from cchc_xl.workbook.consolidated.styles import ABSENT, CORRECTED
from cchc_xl.workbook.consolidated.values import unit_value

_NOTE_WIDTH, _LONGEST_NOTE = 40, 1200  # characters


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
    zero = words("master")["detail"]["none_arising"] if entry.state is State.NONE_ARISING else ""
    shown = page.number_format(indicator, zero)
    colour = CORRECTED if entry.sent else mark
    look = page.number_look(shown, colour)
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

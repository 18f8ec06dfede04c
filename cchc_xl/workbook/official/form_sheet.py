"""One official form: title, two-row head, rows as printed, signature block; aids beside the print area."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cchc_xl.model import Cell, Form, Indicator
from cchc_xl.number import tidy, vietnamese
from cchc_xl.relations.rules import is_foreign
from cchc_xl.workbook.layout import (
    ABOUT,
    CODE,
    ECHO,
    FIRST_ROW,
    HEAD_ROWS,
    HELPER_RANK,
    HELPER_STATE,
    HELPER_VALUE,
    LABEL,
    NOTE,
    PREVIOUS,
    STATUS,
    UNIT,
    VALUE,
    Place,
    address,
    column_letters,
    issued_formula,
    sheet_of,
)
from cchc_xl.workbook.official.about_sheet import About
from cchc_xl.workbook.official.cell_states import echo_formula, echo_text, quoted, state_formula, value_formula
from cchc_xl.workbook.official.formula_out import write_formula
from cchc_xl.workbook.official.inputs import add_validation, input_kind, validate_answers
from cchc_xl.workbook.official.label_text import label_runs, unit_lines
from cchc_xl.workbook.official.plan import VERDICTS, Plan, texts, verdict_words
from cchc_xl.workbook.official.remaining import MARK, MARK_COLUMN, MARK_ROW
from cchc_xl.workbook.official.row_heights import Run, height, plain, signature_page
from cchc_xl.workbook.official.status_rows import StatusRows
from cchc_xl.workbook.official.styles import CODES_SIZE, FORM_SIZE, PROTECTION, RANK_COLOURS, page

VERDICT = ECHO + 1  # the worst verdict on the row, in words
WIDTHS = {CODE: 54, LABEL: 284, UNIT: 104, VALUE: 78, NOTE: 100, PREVIOUS: 76, ECHO: 190, VERDICT: 130}  # pixels

SIGNATURES = (18, 18, 18, 52, 20, 18)  # heights in points: date, on behalf of, capacity, room to sign, names, phone


def write_form(sheet: Any, style: Mapping[str, Any], plan: Plan, form: Form, about: About, status: StatusRows) -> None:
    """Fill the sheet of one form."""
    _columns(sheet)
    titles = _titles(sheet, style, plan, form, about)
    _aids(sheet, style, plan, form, status)
    head = _head(sheet, style, plan)
    rows = [_row(sheet, style, plan, row, status) for row in form.indicators]
    validate_answers(sheet, plan, form)
    last = FIRST_ROW + len(form.indicators) - 1
    _colours(sheet, style, last)
    end = _signatures(sheet, style, about, last + 2)
    pages, gap = signature_page(titles + head, head, rows, SIGNATURES)
    sheet.set_row(last + 1, gap)
    whole = f"A1:{address(end, ECHO)}"
    sheet.ignore_errors({"number_stored_as_text": whole, "formula_unlocked": whole})
    sheet.repeat_rows(*HEAD_ROWS)
    sheet.print_area(0, CODE, end, NOTE)
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.set_selection(FIRST_ROW, VALUE, FIRST_ROW, VALUE)
    footer = texts()["form"]["footer"].format(form=form.number, title=form.title)
    page(sheet, footer=footer, pages=pages)
    sheet.protect("", dict(PROTECTION))


def _columns(sheet: Any) -> None:
    for column, width in WIDTHS.items():
        sheet.set_column_pixels(column, column, width)
    sheet.set_column(HELPER_VALUE, HELPER_RANK, None, None, {"hidden": True})


def _titles(sheet: Any, style: Mapping[str, Any], plan: Plan, form: Form, about: About) -> float:
    """The lines over the table. Returns their height in points."""
    words = plan.edition.words
    title, attached = about.form_title(str(words["appendix"])), about.attached()
    width = sum(WIDTHS[column] for column in (CODE, LABEL, UNIT, VALUE, NOTE))
    high = 0.0
    for row, (formula, shown), name, size in ((0, title, "title", 13), (1, attached, "subtitle", 12)):
        sheet.merge_range(row, CODE, row, NOTE, "", style[name])
        write_formula(sheet, row, CODE, formula, style[name], shown)
        needed = height([(plain(shown, bold=row == 0), width, size)])
        sheet.set_row(row, needed)
        high += needed
    for row, text in ((2, str(words["form"]).format(number=form.number)), (3, form.title)):
        sheet.merge_range(row, CODE, row, NOTE, text, style["form_title"])
        sheet.set_row(row, 18)
    return high + 36


def _aids(sheet: Any, style: Mapping[str, Any], plan: Plan, form: Form, status: StatusRows) -> None:
    """Beside the titles: how this form stands, links to the other sheets."""
    said, names = texts()["form"], texts()["sheets"]
    formula, shown = status.form_state(plan, form.number)
    write_formula(sheet, 0, ECHO, formula, style["screen_verdict"], shown)
    done = quoted(texts()["status_sheet"]["done"])
    rule = {"type": "cell", "criteria": "==", "value": done, "format": style["ready"]}
    sheet.conditional_format(0, ECHO, 0, ECHO, rule)
    links = [(1, ECHO, names[STATUS], said["to_status"]), (2, ECHO, names[ABOUT], said["to_about"])]
    following = [other for other in plan.edition.forms if other.number > form.number][:1]
    for name in (sheet_of(plan.edition, other) for other in following):
        links.append((1, VERDICT, name, said["to_next"].format(sheet=name)))
    for row, column, target, text in links:
        write_link(sheet, row, column, f"'{target}'!A1", text, style["link"])
    sheet.write_string(MARK_ROW, MARK_COLUMN - 1, said["rest"], style["screen_right"])
    if form.number in plan.fill.marked:
        sheet.write_string(MARK_ROW, MARK_COLUMN, MARK, style["mark"])
    else:
        sheet.write_blank(MARK_ROW, MARK_COLUMN, None, style["mark"])
    options = {"validate": "list", "source": [MARK], "error_message": said["rest_error"]}
    options |= {"input_title": said["rest_title"], "input_message": said["rest_message"]}
    add_validation(sheet, [MARK_ROW], MARK_COLUMN, options)


def write_link(sheet: Any, row: int, column: int, target: str, text: str, look: Any) -> None:
    """A link inside the workbook; one that Excel would not take stops the build (XlsxWriter's warning is an error)."""
    sheet.write_url(row, column, f"internal:{target}", look, text)


def _head(sheet: Any, style: Mapping[str, Any], plan: Plan) -> float:
    """The two-row head. Returns its height in points."""
    words, said = plan.edition.words, texts()["form"]
    top, below = HEAD_ROWS
    look = style["head"]
    period = plan.period.title if plan.period else said["no_period"]
    label = str(words["head_label"]).format(period=period)
    sheet.merge_range(top, CODE, below, CODE, words["head_code"], look)
    sheet.merge_range(top, LABEL, below, LABEL, label, look)
    sheet.merge_range(top, UNIT, top, VALUE, words["head_result"], look)
    sheet.write_string(below, UNIT, words["head_unit"], look)
    sheet.write_string(below, VALUE, words["head_value"], look)
    sheet.merge_range(top, NOTE, below, NOTE, words["head_note"], look)
    for column, text in ((PREVIOUS, said["previous"]), (ECHO, said["echo"]), (VERDICT, said["verdict"])):
        sheet.write_string(below, column, text, style["screen_head"])
    sheet.set_row(top, 20)
    value = plain(words["head_value"], bold=True)
    label_rest = height([(plain(label, bold=True), WIDTHS[LABEL], FORM_SIZE)]) - 20
    high = height([(value, WIDTHS[VALUE], FORM_SIZE)], least=label_rest)
    sheet.set_row(below, high)
    return 20 + high


def _row(sheet: Any, style: Mapping[str, Any], plan: Plan, row: Indicator, status: StatusRows) -> float:
    """One row as printed, and what stands beside it. Returns its height in points."""
    place = plan.place[row.key]
    suffix = "_foreign" if is_foreign(row, plan.level) else ""
    note = plan.fill.notes.get(row.key, "")
    runs, unit = label_runs(row), unit_lines(row.unit)
    cells = (
        (runs, WIDTHS[LABEL], FORM_SIZE),
        (plain(unit), WIDTHS[UNIT], CODES_SIZE if "\n" in unit else FORM_SIZE),
        (plain(row.printed_code), WIDTHS[CODE], FORM_SIZE),
        (plain(note), WIDTHS[NOTE], 11),
    )
    high = height(cells, least=20)
    sheet.set_row(place.row, high)
    sheet.write_string(place.row, CODE, row.printed_code, style[f"code{suffix}"])
    _label(sheet, style, place, runs, suffix)
    listed = "_codes" if "\n" in unit else ""
    sheet.write_string(place.row, UNIT, unit, style[f"unit{listed}{suffix}"])
    if note:
        sheet.write_string(place.row, NOTE, note, style["note"])
    else:
        sheet.write_blank(place.row, NOTE, None, style["note"])
    if row.has_cell:
        _value(sheet, style, plan, row, suffix)
        _beside(sheet, style, plan, row, status)
    else:
        sheet.write_blank(place.row, VALUE, None, style["heading_cell"])
    return high


def _value(sheet: Any, style: Mapping[str, Any], plan: Plan, row: Indicator, suffix: str) -> None:
    place, typed = plan.place[row.key], plan.typed(row.key)
    if row.cell is Cell.FORMULA and row.key not in plan.fill.typed_over:
        amount = plan.amount(row.key)
        shown = "" if amount is None else float(amount)
        formula = "=" + issued_formula(row, plan.place)
        write_formula(sheet, place.row, VALUE, formula, style[f"automatic{suffix}"], shown)
        if row.ratio_of and "zero_over_zero" in style:
            _zero_over_zero(sheet, style, plan, row)
        return
    answer = "answer_percent" if input_kind(row) == "percent" else "answer"
    look = style[f"automatic{suffix}" if row.cell is Cell.FORMULA else f"{answer}{suffix}"]
    if typed is None:
        sheet.write_blank(place.row, VALUE, None, look)
    elif isinstance(typed, str):
        sheet.write_string(place.row, VALUE, typed, look)
    else:
        sheet.write_number(place.row, VALUE, float(typed), look)


def _zero_over_zero(sheet: Any, style: Mapping[str, Any], plan: Plan, row: Indicator) -> None:
    """A base of 0 that was answered shows the edition's mark; only on screen and paper, the cell stays empty."""
    assert row.ratio_of
    part, base = (plan.place[key] for key in row.ratio_of)
    answered = f"MIN({part.cell(HELPER_STATE)},{base.cell(HELPER_STATE)})>0"
    rule = {"type": "formula", "criteria": f"=AND({answered},{base.cell(HELPER_VALUE)}=0)"}
    at = plan.place[row.key].row
    sheet.conditional_format(at, VALUE, at, VALUE, {**rule, "format": style["zero_over_zero"]})


def _beside(sheet: Any, style: Mapping[str, Any], plan: Plan, row: Indicator, status: StatusRows) -> None:
    """Outside the print area: last period's value, the number in words, the worst verdict; hidden helpers."""
    place, at = plan.place[row.key], plan.place[row.key].row
    state, amount = plan.state(row.key), plan.amount(row.key)
    previous = plan.fill.previous.get(row.key)
    if previous is not None:
        sheet.write_number(at, PREVIOUS, float(previous), style["screen_number"])
    formula, shown = _said_beside(plan, row)
    write_formula(sheet, at, ECHO, formula, style["screen"], shown)
    rank = status.rank_of_row(plan, row.key)
    ranks = ",".join(status.rank_cell(rule) for rule in status.rules_on(row.key))
    write_formula(sheet, at, HELPER_RANK, f"=MAX({ranks})", None, rank)
    write_formula(sheet, at, HELPER_STATE, state_formula(row, place, plan.level), None, state)
    write_formula(sheet, at, HELPER_VALUE, value_formula(row, place), None, _number(amount))
    said = ["", *(verdict_words()[name] for name in VERDICTS[1:])]
    words = ",".join(quoted(word) for word in said)
    write_formula(
        sheet, at, VERDICT, f"=CHOOSE({place.cell(HELPER_RANK)}+1,{words})", style["screen_verdict"], said[rank]
    )


def _said_beside(plan: Plan, row: Indicator) -> tuple[str, str]:
    """The number in words, or what the clerk should know of this row: whose it is, what was given for all units."""
    place, state, amount = plan.place[row.key], plan.state(row.key), plan.amount(row.key)
    formula, shown = echo_formula(row, place), echo_text(row, state, amount)
    said, shared = texts()["form"], plan.fill.shared.get(row.key)
    if shared is not None:
        same, other = said["shared"], said["shared_other"].format(value=vietnamese(shared))
        formula = f"=IF({place.cell(HELPER_VALUE)}={tidy(shared)},{quoted(same)},{quoted(other)})"
        return formula, same if amount == shared else other
    if is_foreign(row, plan.level):
        foreign = said["foreign"].format(owners=", ".join(row.owners), level=plan.level)
        formula = f"=IF({place.cell(HELPER_STATE)}=0,{quoted(foreign)},{formula[1:]})"
        shown = foreign if state == 0 else shown
    return formula, shown


def _number(amount: Decimal | None) -> float | str:
    return "" if amount is None else float(amount)


def _label(sheet: Any, style: Mapping[str, Any], place: Place, runs: tuple[Run, ...], suffix: str) -> None:
    if len(runs) == 1:
        sheet.write_string(place.row, LABEL, runs[0][0], style[f"label{_look(runs[0])}{suffix}"])
        return
    pieces: list[Any] = []
    for run in runs:
        pieces += [style[f"run{_look(run)}"], run[0]]
    sheet.write_rich_string(place.row, LABEL, *pieces, style[f"label{suffix}"])


def _look(run: Run) -> str:
    return ("_bold" if run[1] else "") + ("_italic" if run[2] else "")


def _colours(sheet: Any, style: Mapping[str, Any], last: int) -> None:
    """The colour of an answer follows the worst verdict of the rules on its row."""
    rank = f"${column_letters(HELPER_RANK)}{FIRST_ROW + 1}"
    for number in RANK_COLOURS:
        rule = {"type": "formula", "criteria": f"={rank}={number}", "format": style[f"rank_{number}"]}
        for column in (VALUE, VERDICT):
            sheet.conditional_format(FIRST_ROW, column, last, column, rule)


def _signatures(sheet: Any, style: Mapping[str, Any], about: About, top: int) -> int:
    """Who made this form and who signs. Returns the last row used."""
    said = texts()["form"]
    for row, high in enumerate(SIGNATURES, top):
        sheet.set_row(row, high)
    right = (
        (top, about.printed_date(), "sign_small"),
        (top + 1, about.on_behalf(), "sign"),
        (top + 2, about.field("signer_capacity"), "sign"),
        (top + 4, about.field("signer"), "sign_name_locked"),
    )
    for row, (formula, shown), look in right:
        sheet.merge_range(row, UNIT, row, NOTE, "", style[look])
        write_formula(sheet, row, UNIT, formula, style[look], shown)
    for row, text, look in ((top + 1, said["preparer"], "sign"), (top + 2, said["sign_note"], "sign_small")):
        sheet.merge_range(row, CODE, row, LABEL, text, style[look])
    lead = said["phone"] + " "
    cell, number = about.field("phone")
    phone = f'=IF({cell[1:]}="","",{quoted(lead)}&{cell[1:]})', lead + number if number else ""
    left = ((top + 4, about.field("preparer"), "sign_name"), (top + 5, phone, "sign_phone"))
    for row, (formula, shown), look in left:
        sheet.merge_range(row, CODE, row, LABEL, "", style[look])
        write_formula(sheet, row, CODE, formula, style[look], shown)
    return top + len(SIGNATURES) - 1

"""The summaries over the rules on the sheet Kiểm tra: can it be sent, how each form stands, what to do first."""

from collections.abc import Mapping
from typing import Any

from cchc_xl.model import Form
from cchc_xl.relations.rules import Rule
from cchc_xl.workbook.layout import address, column_letters, sheet_of
from cchc_xl.workbook.official.cell_states import quoted
from cchc_xl.workbook.official.compared import Number, expected, found
from cchc_xl.workbook.official.formula_out import write_formula
from cchc_xl.workbook.official.plan import ERROR, EXPLAINED, WARNING, Plan, refs_of, texts, verdict_words
from cchc_xl.workbook.official.row_heights import height, plain
from cchc_xl.workbook.official.rule_words import advice, content
from cchc_xl.workbook.official.status_rows import (
    ADVICE,
    CONTENT,
    DUE,
    EXPECTED,
    EXPLANATION,
    FORM,
    FORMS_ROW,
    FOUND,
    KEY,
    LIST_LENGTH,
    ORDER,
    OVERALL_ROW,
    RANK,
    RULE,
    SIZE,
    VERDICT,
    WIDTHS,
    StatusRows,
    form_state,
)

# --- the overall line ------------------------------------------------------------------------------------------


def write_overall(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows) -> None:
    said, row = texts()["status_sheet"], OVERALL_ROW
    sheet.merge_range(row, FORM, row, KEY, said["overall"], style["cell_bold"])
    sheet.merge_range(row, CONTENT, row, EXPLANATION, "", style["overall"])
    write_formula(sheet, row, CONTENT, overall_formula(status), style["overall"], overall_text(plan, status))
    sheet.set_row(row, 26)
    cell = f"${column_letters(CONTENT)}${row + 1}"
    ready = quoted(verdict_words()["ready"])
    for test, look in ((f"={cell}={ready}", "ready"), (f"={cell}<>{ready}", f"rank_{WARNING}")):
        rule = {"type": "formula", "criteria": test, "format": style[look]}
        sheet.conditional_format(row, CONTENT, row, EXPLANATION, rule)
    sheet.merge_range(row + 1, CONTENT, row + 1, EXPLANATION, "", style["cell_centre"])
    formula, text = _blanks_left(plan, status)
    write_formula(sheet, row + 1, CONTENT, formula, style["cell_centre"], text)


def _blanks_left(plan: Plan, status: StatusRows) -> tuple[str, str]:
    """A blank never stops a workbook; how many there are is said under the verdict: (formula, its text)."""
    before, after = texts()["status_sheet"]["blanks_left"].split("{count}")
    answered, blank = (address(status.total_row, column) for column in (RULE, KEY))
    formula = f'=IF(AND({answered}>0,{blank}>0),{quoted(before)}&{blank}&{quoted(after)},"")'
    counts = [status.counts(plan, form) for form in status.forms]
    left = sum(count["blank"] for count in counts)
    return formula, f"{before}{left}{after}" if left and sum(count["answered"] for count in counts) else ""


def overall_formula(status: StatusRows) -> str:
    """One sentence: ready to send, or what is missing."""
    said = texts()["status_sheet"]
    total = status.total_row
    answered, errors, warnings = (address(total, column) for column in (RULE, FOUND, EXPECTED))
    empty = address(total, DUE)
    counts = ((errors, "part_errors"), (warnings, "part_warnings"), (empty, "part_forms"))
    parts = "&".join(f'IF({cell}>0,", "&{cell}&{quoted(said[name])},"")' for cell, name in counts)
    ready = f"IF({errors}+{warnings}+{empty}=0,{quoted(verdict_words()['ready'])}"
    judged = f"{ready},{quoted(said['not_ready'])}&MID({parts},3,200))"
    nothing = f"IF({answered}+{errors}+{warnings}=0,{quoted(said['ready_nothing'])},{judged})"
    return f"=IF(SUMPRODUCT(--ISERROR({status.column(VERDICT)}))>0,{quoted(said['ready_broken'])},{nothing})"


def overall_text(plan: Plan, status: StatusRows) -> str:
    """What ``overall_formula`` shows."""
    said = texts()["status_sheet"]
    counts = [status.counts(plan, form) for form in status.forms]
    if not sum(count[name] for count in counts for name in ("answered", "errors", "warnings")):
        return said["ready_nothing"]
    empty = sum(_is_empty(status, plan, form) for form in status.forms)
    errors, warnings = (sum(count[name] for count in counts) for name in ("errors", "warnings"))
    named = ((errors, "part_errors"), (warnings, "part_warnings"), (empty, "part_forms"))
    parts = [f"{count}{said[name]}" for count, name in named if count]
    return said["not_ready"] + ", ".join(parts) if parts else verdict_words()["ready"]


def _is_empty(status: StatusRows, plan: Plan, form: int) -> int:
    return int(bool(status.due[form]) and not status.counts(plan, form)["answered"])


# --- counts per form -------------------------------------------------------------------------------------------


def write_forms(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows) -> None:
    said = texts()["status_sheet"]
    heads = said["form_columns"]
    sheet.write_string(FORMS_ROW, FORM, said["forms_head"], style["section"])
    sheet.set_row(FORMS_ROW, 20)
    order = ("form", "answered", "blank", "title", "errors", "warnings", "explained", "state")
    for column, name in enumerate(order):
        sheet.write_string(FORMS_ROW + 1, column, heads[name], style["head"])
    sheet.set_row(FORMS_ROW + 1, 33)
    for form in plan.edition.forms:
        _form(sheet, style, plan, status, form)
    total, first = status.total_row, FORMS_ROW + 2
    sheet.write_string(total, CONTENT, heads["total"], style["cell_bold"])
    sheet.write_blank(total, FORM, None, style["cell_bold"])
    counts = [status.counts(plan, form) for form in status.forms]
    for column, name in _COUNTS:
        formula = f"=SUM({address(first, column)}:{address(total - 1, column)})"
        write_formula(sheet, total, column, formula, style["cell_bold"], sum(count[name] for count in counts))
    formula = f"=SUM({address(first, DUE)}:{address(total - 1, DUE)})"
    write_formula(sheet, total, DUE, formula, None, sum(_is_empty(status, plan, form) for form in status.forms))


_COUNTS = ((RULE, "answered"), (KEY, "blank"), (FOUND, "errors"), (EXPECTED, "warnings"), (VERDICT, "explained"))


def _form(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows, form: Form) -> None:
    row, counts = status.forms[form.number], status.counts(plan, form.number)
    sheet.write_url(row, FORM, f"internal:'{sheet_of(plan.edition, form)}'!A1", style["link_centre"], str(form.number))
    sheet.write_string(row, CONTENT, form.title, style["cell"])
    ofs = f"COUNTIFS({status.column(FORM)},{form.number},{status.column(RANK)},"
    owed = f"COUNTIFS({status.column(FORM)},{form.number},{status.column(DUE)},1,{status.column(RANK)},"
    tests = {"answered": f'{owed}">0")', "blank": f"{owed}0)"}
    tests |= {"errors": f"{ofs}{ERROR})", "warnings": f"{ofs}{WARNING})", "explained": f"{ofs}{EXPLAINED})"}
    for column, name in _COUNTS:
        write_formula(sheet, row, column, f"={tests[name]}", style["cell_number"], counts[name])
    said, due = texts()["status_sheet"], bool(status.due[form.number])
    done = f"IF({address(row, KEY)}>0,{quoted(said['form_blanks'])},{quoted(said['done'])})"
    if due:
        done = f"IF({address(row, RULE)}=0,{quoted(said['form_nothing'])},{done})"
    state = f"IF({address(row, EXPECTED)}>0,{quoted(said['form_warnings'])},{done})"
    state = f"=IF({address(row, FOUND)}>0,{quoted(said['form_errors'])},{state})"
    write_formula(sheet, row, ADVICE, state, style["cell_centre"], form_state(counts, due))
    empty = f"=IF({address(row, RULE)}=0,{int(due)},0)"
    write_formula(sheet, row, DUE, empty, None, _is_empty(status, plan, form.number))
    sheet.set_row(row, 18)


# --- what to do first ------------------------------------------------------------------------------------------


def order_of_work(plan: Plan, status: StatusRows) -> Mapping[str, int]:
    """Rule id -> its place in the list of things to do: errors first, then what is to be explained."""
    urgent = [rule.id for rank in (ERROR, WARNING) for rule in status.order if plan.rank(rule.id) == rank]
    return {rule: number for number, rule in enumerate(urgent, 1)}


def urgency_of(plan: Plan, status: StatusRows, rule: Rule) -> int | str:
    """The number by which the list is sorted, the smallest first; "" for what is not to be done."""
    rank = plan.rank(rule.id)
    return "" if rank < WARNING else status.rows[rule.id] + 1 - 1000 * rank


def write_list(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows) -> None:
    said, top = texts()["status_sheet"], status.list_row
    sheet.write_string(top - 1, FORM, said["list_head"], style["section"])
    sheet.set_row(top - 1, 20)
    rules = {rule.id: rule for rule in status.order}
    place = {number: rules[rule] for rule, number in order_of_work(plan, status).items()}
    for number in range(1, LIST_LENGTH + 1):
        _list_row(sheet, style, plan, status, number, place.get(number))


def _list_row(
    sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows, number: int, rule: Rule | None
) -> None:
    row = status.list_row + number - 1
    at, urgencies = f"${address(row, ORDER)}", status.column(ORDER)
    found = f"SMALL({urgencies},{number})"
    place = "" if rule is None else status.rows[rule.id] - status.first + 1
    write_formula(sheet, row, ORDER, f'=IF(ISERROR({found}),"",MATCH({found},{urgencies},0))', None, place)
    shown = _list_shown(plan, status, rule)
    if number == 1 and rule is None and any(status.counts(plan, form)["answered"] for form in status.forms):
        shown[CONTENT] = texts()["status_sheet"]["list_empty"]
    for column in (FORM, RULE, CONTENT, FOUND, EXPECTED, VERDICT, ADVICE):
        missing = '""'
        if number == 1 and column == CONTENT:
            empty = quoted(texts()["status_sheet"]["list_empty"])
            missing = f'IF({address(status.total_row, RULE)}>0,{empty},"")'
        taken = f"INDEX({status.column(column)},{at})"
        if column == EXPECTED:  # nothing to compare with: a reference to an empty cell would show 0
            taken = f'IF({taken}="","",{taken})'
        formula = f'=IF({at}="",{missing},{taken})'
        look = {FOUND: "cell_number", EXPECTED: "cell_number", CONTENT: "cell", ADVICE: "cell"}
        write_formula(sheet, row, column, formula, style[look.get(column, "cell_centre")], shown[column])
    key = f"INDEX({status.column(KEY)},{at})"
    name = f'SUBSTITUTE(SUBSTITUTE({key},"/","_"),".","_")'  # of the cell, as ``layout.name_of`` makes it
    formula = f'=IF({at}="","",HYPERLINK("#BM"&{name},{key}))'
    write_formula(sheet, row, KEY, formula, style["link_centre"], shown[KEY])
    sheet.set_row(row, _tallest(plan))


def _tallest(plan: Plan) -> float:
    """Any rule may come to stand in a row of the list, and no program grows a row when a formula's text changes."""
    sentences = {content(rule, plan.edition, plan.level) for rule in plan.rules}
    return height([(plain(one), WIDTHS[CONTENT], SIZE) for one in sentences], least=33)


def _list_shown(plan: Plan, status: StatusRows, rule: Rule | None) -> dict[int, Any]:
    if rule is None:
        return dict.fromkeys(range(EXPLANATION + 1), "")
    refs = refs_of(plan.place, "")
    return {
        FORM: rule.indicator.form,
        RULE: rule.id,
        KEY: rule.key,
        CONTENT: content(rule, plan.edition, plan.level),
        FOUND: shown(found(rule, plan, refs)),
        EXPECTED: shown(expected(rule, plan, refs)),
        VERDICT: plan.verdicts[rule.id],
        ADVICE: advice(rule, plan.edition)[plan.rank(rule.id)],
    }


def shown(number: Number) -> float | str:
    return "" if number[1] is None else float(number[1])

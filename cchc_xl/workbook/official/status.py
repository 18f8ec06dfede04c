"""The sheet Kiểm tra: every rule as a live row, counts per form, what to do first, and whether the book can be sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from cchc_xl.relations.excel import excel_verdict
from cchc_xl.relations.rules import Rule, may_be_explained, may_be_wrong
from cchc_xl.workbook.layout import STATUS, VALUE, address, column_letters
from cchc_xl.workbook.official.cell_states import quoted
from cchc_xl.workbook.official.compared import expected, found
from cchc_xl.workbook.official.formula_out import write_formula
from cchc_xl.workbook.official.inputs import add_validation
from cchc_xl.workbook.official.plan import ERROR, VERDICTS, WARNING, Plan, refs_of, texts, verdict_words
from cchc_xl.workbook.official.row_heights import height, plain
from cchc_xl.workbook.official.rule_words import advice, content
from cchc_xl.workbook.official.status_rows import (
    ADVICE,
    CONTENT,
    DUE,
    EXPECTED,
    EXPLANATION,
    FORM,
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
    WORDS,
    StatusRows,
)
from cchc_xl.workbook.official.status_summary import shown, urgency_of, write_forms, write_list, write_overall
from cchc_xl.workbook.official.styles import PROTECTION, RANK_COLOURS, page


def write_status(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows) -> None:
    """Fill the sheet."""
    said = texts()["status_sheet"]
    for column, width in enumerate(WIDTHS):
        sheet.set_column_pixels(column, column, width)
    sheet.set_column(RANK, WORDS, None, None, {"hidden": True})
    _common_words(sheet)
    sheet.merge_range(0, FORM, 0, EXPLANATION, said["title"], style["title"])
    sheet.set_row(0, 24)
    write_overall(sheet, style, plan, status)
    write_forms(sheet, style, plan, status)
    write_list(sheet, style, plan, status)
    _rules(sheet, style, plan, status)
    _colours(sheet, style, status)
    sheet.ignore_errors({"number_stored_as_text": f"A1:I{status.last + 1}"})
    sheet.autofilter(status.head_row, FORM, status.last, EXPLANATION)
    sheet.freeze_panes(OVERALL_ROW + 1, 0)
    sheet.print_area(0, FORM, status.last, EXPLANATION)
    sheet.repeat_rows(status.head_row)
    page(sheet, landscape=True, footer=texts()["sheets"][STATUS])
    sheet.protect("", dict(PROTECTION))


# --- every rule ------------------------------------------------------------------------------------------------


def _rules(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows) -> None:
    said = texts()["status_sheet"]
    sheet.write_string(status.head_row - 1, FORM, said["rules_head"], style["section"])
    sheet.set_row(status.head_row - 1, 20)
    # the titles that are read back come from [status]
    heads = [*said["columns"].values()]
    for name, column in (("rule", RULE), ("key", KEY), ("verdict", VERDICT), ("explanation", EXPLANATION)):
        heads[column] = texts()["status"][name]
    for column, text in enumerate(heads):
        sheet.write_string(status.head_row, column, text, style["head"])
    sheet.set_row(status.head_row, 33)
    for rule in status.order:
        _rule(sheet, style, plan, status, rule)
    hint = {"input_title": said["explanation_title"], "input_message": said["explanation_message"]}
    asked = [status.rows[rule.id] for rule in status.order if may_be_explained(rule, plan.level)]
    if asked:
        add_validation(sheet, asked, EXPLANATION, {"validate": "any", **hint})


def _rule(sheet: Any, style: Mapping[str, Any], plan: Plan, status: StatusRows, rule: Rule) -> None:
    row, place = status.rows[rule.id], plan.place[rule.key]
    refs = refs_of(plan.place, address(row, EXPLANATION))
    sentence, steps = content(rule, plan.edition, plan.level), advice(rule, plan.edition)
    verdict, rank = plan.verdicts[rule.id], plan.rank(rule.id)
    explanation = plan.fill.explanations.get(rule.id, "")
    sheet.write_number(row, FORM, rule.indicator.form, style["cell_centre"])
    sheet.write_string(row, RULE, rule.id, style["cell_centre"])
    sheet.write_url(row, KEY, f"internal:'{place.sheet}'!{place.cell(VALUE)}", style["link_centre"], rule.key)
    sheet.write_string(row, CONTENT, sentence, style["cell"])
    for column, number in ((FOUND, found(rule, plan, refs)), (EXPECTED, expected(rule, plan, refs))):
        if number[0]:
            write_formula(sheet, row, column, number[0], style["cell_number"], shown(number))
        else:
            sheet.write_blank(row, column, None, style["cell_number"])
    write_formula(sheet, row, VERDICT, excel_verdict(rule, refs, plan.level), style["cell_centre"], verdict)
    write_formula(sheet, row, ADVICE, _advice_formula(row, steps), style["cell"], steps[rank])
    _explanation(sheet, style, row, rule, plan)
    _hidden(sheet, plan, status, rule)
    widest = max(steps, key=len)
    cells: Sequence = [(plain(sentence), WIDTHS[CONTENT], SIZE), (plain(widest), WIDTHS[ADVICE], SIZE)]
    cells = [*cells, (plain(explanation), WIDTHS[EXPLANATION], SIZE), (plain(rule.id), WIDTHS[RULE], SIZE)]
    sheet.set_row(row, height(cells, least=18))


def _explanation(sheet: Any, style: Mapping[str, Any], row: int, rule: Rule, plan: Plan) -> None:
    """Open and yellow where an explanation settles something; of a rule that never asks for one grey and shut.

    The words in a shut cell are seen only while the rule fails (``_colours``).
    """
    text = plan.fill.explanations.get(rule.id, "")
    if text or may_be_explained(rule, plan.level):
        look = style["cell_input"]
        sheet.write_string(row, EXPLANATION, text, look) if text else sheet.write_blank(row, EXPLANATION, None, look)
    elif may_be_wrong(rule):
        sheet.write_string(row, EXPLANATION, texts()["status_sheet"]["must_fix"], style["cell_shut"])
    else:
        sheet.write_blank(row, EXPLANATION, None, style["cell_shut"])


def _common_words(sheet: Any) -> None:
    """Words that many formulas need, once, in a hidden column: verdicts by urgency, common advice."""
    said = texts()["status_sheet"]["advice"]
    for row, word in enumerate((*(verdict_words()[name] for name in VERDICTS), *(said[name] for name in _ADVICE))):
        sheet.write_string(row, WORDS, word)


_ADVICE = ("blank", "wait", "note", "explain", "count", "amount", "percent", "choice")
_WORD_CELLS = f"${column_letters(WORDS)}$1:${column_letters(WORDS)}${len(VERDICTS)}"


def _advice_formula(row: int, steps: Sequence[str]) -> str:
    said = texts()["status_sheet"]["advice"]
    cells = {said[name]: f"${column_letters(WORDS)}${len(VERDICTS) + 1 + n}" for n, name in enumerate(_ADVICE)}
    choose = ",".join(cells.get(step, quoted(step)) for step in steps)
    return f"=CHOOSE({address(row, RANK)}+1,{choose})"


def _hidden(sheet: Any, plan: Plan, status: StatusRows, rule: Rule) -> None:
    row = status.rows[rule.id]
    cell = address(row, VERDICT)
    write_formula(sheet, row, RANK, f"=MATCH({cell},{_WORD_CELLS},0)-1", None, plan.rank(rule.id))
    own = address(row, RANK)
    urgency = f'=IF({own}<{WARNING},"",ROW()-1000*{own})'
    write_formula(sheet, row, ORDER, urgency, None, urgency_of(plan, status, rule))
    sheet.write_number(row, DUE, int(rule.id in status.due[rule.indicator.form]))


def _colours(sheet: Any, style: Mapping[str, Any], status: StatusRows) -> None:
    said = verdict_words()
    for first, last in ((status.list_row, status.list_row + LIST_LENGTH - 1), (status.first, status.last)):
        for rank in RANK_COLOURS:
            test = f"=${column_letters(VERDICT)}{first + 1}={quoted(said[VERDICTS[rank]])}"
            rule = {"type": "formula", "criteria": test, "format": style[f"rank_{rank}"]}
            sheet.conditional_format(first, VERDICT, last, VERDICT, rule)
    wrong = f"=${column_letters(VERDICT)}{status.first + 1}={quoted(said[VERDICTS[ERROR]])}"
    rule = {"type": "formula", "criteria": wrong, "format": style["shown"]}
    sheet.conditional_format(status.first, EXPLANATION, status.last, EXPLANATION, rule)

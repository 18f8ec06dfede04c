"""The same rules as cell formulas, with functions that Excel 2007+, LibreOffice, WPS and Gnumeric compute alike."""

from collections.abc import Callable
from dataclasses import dataclass

from cchc_xl.model import Cell, Indicator, Kind, Op, Relation, Severity
from cchc_xl.relations.rules import (
    BLANKS,
    MIN_EXPLANATION,
    PERCENT_FLOOR,
    Outcome,
    Rule,
    Status,
    is_explained,
    is_foreign,
    percent_keys,
)

# What the helper column of a form sheet says of a cell.
STATE_BLANK, STATE_NUMBER, STATE_NONE_ARISING, STATE_UNREADABLE = 0, 1, 2, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Refs:
    """Where a formula finds things: helper cells of a key, the explanation cell, the verdict words."""

    value: Callable[[str], str]  # the number, 0 for "không phát sinh", "" for none
    state: Callable[[str], str]  # STATE_*
    explanation: str
    passed: str
    error: str
    warning: str
    explained: str
    note: str
    no_data: str
    documents: str = "0"  # the cell that counts the listed documents


def verdict_word(outcome: Outcome, refs: Refs, explanation: str) -> str:
    """The word the sheet shows for this outcome; ``explanation`` is the text of its Giải trình cell."""
    if outcome.status is Status.PASSED:
        return refs.passed
    if outcome.status is Status.NO_DATA:
        return refs.no_data
    if outcome.severity is Severity.ERROR:
        return refs.error
    if outcome.severity is Severity.NOTE:
        return refs.note
    return refs.explained if is_explained(explanation) else refs.warning


def excel_verdict(rule: Rule, refs: Refs, level: str) -> str:
    """The cell formula (with ``=``) whose result is the verdict word of this rule."""
    if rule.relation:
        return "=" + _excel_relation(rule, rule.relation, refs)
    return "=" + _excel_value(rule.indicator, refs, level)


def trimmed(text: str) -> str:
    """The formula for ``rules.trimmed`` of a text. TRIM alone knows spaces only; CHAR(160) differs between systems."""
    for blank in BLANKS:
        code = f"CHAR({ord(blank)})" if ord(blank) < 32 else _quoted(blank)
        text = f'SUBSTITUTE({text},{code}," ")'
    return f"TRIM({text})"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _fail(severity: Severity | None, refs: Refs) -> str:
    if severity is Severity.ERROR:
        return _quoted(refs.error)
    if severity is Severity.NOTE:
        return _quoted(refs.note)
    said = trimmed(f"T({refs.explanation})")
    length = f"LEN({said})"
    return f"IF({length}>={MIN_EXPLANATION},{_quoted(refs.explained)},{_quoted(refs.warning)})"


def _excel_value(indicator: Indicator, refs: Refs, level: str) -> str:
    value, state = refs.value(indicator.key), refs.state(indicator.key)
    error, passed, no_data = _quoted(refs.error), _quoted(refs.passed), _quoted(refs.no_data)
    foreign = is_foreign(indicator, level)
    inner = passed
    if foreign:
        inner = f"IF({value}>0,{_fail(indicator.foreign, refs)},{passed})"
    if indicator.cell is Cell.FORMULA:
        inner = _excel_formula_cell(indicator, refs, inner)
    for wrong in reversed(_excel_range(indicator, value, state)):
        inner = f"IF({wrong},{error},{inner})"
    blank = passed if foreign else no_data
    return f"IF({state}={STATE_UNREADABLE},{error},IF({state}={STATE_BLANK},{blank},{inner}))"


def _excel_range(indicator: Indicator, value: str, state: str) -> list[str]:
    """Conditions, each true for a value that this kind of row can't have."""
    if indicator.choices:
        known = ",".join(f"{value}={choice.value}" for choice in indicator.choices)
        wrong = [f"NOT(OR({known}))"]
        return [f"{state}={STATE_NONE_ARISING}", *wrong] if indicator.kind is Kind.CHOICE else wrong
    wrong = [f"{value}<0"]
    if indicator.kind in (Kind.COUNT, Kind.TOTAL, Kind.HEADING):
        wrong.append(f"{value}<>INT({value})")
    if indicator.kind is Kind.PERCENT:
        wrong.append(f"{value}>100")
    return wrong


def _excel_formula_cell(indicator: Indicator, refs: Refs, right: str) -> str:
    value = refs.value(indicator.key)
    error, no_data = _quoted(refs.error), _quoted(refs.no_data)
    if indicator.ratio_of:
        part, base = (refs.value(key) for key in indicator.ratio_of)
        missing = _excel_missing(indicator.ratio_of, (), refs)
        near = f"ROUND(ABS({value}-100*{part}/{base}),9)<={_excel_percent_tolerance(value)}"
        checked = f"IF({base}=0,IF({value}=0,{right},{error}),IF({near},{right},{error}))"
        undecided = right if right != _quoted(refs.passed) else no_data
        if undecided != no_data:
            undecided = f"IF({value}>0,{right},{no_data})"
        return f"IF({missing},{undecided},{checked})"
    states = ",".join(refs.state(key) for key in indicator.total_of)
    total = ",".join(refs.value(key) for key in indicator.total_of)
    return f"IF(MAX({states})<1,{no_data},IF(ROUND({value}-SUM({total}),6)=0,{right},{error}))"


def _excel_percent_tolerance(value: str) -> str:
    return f"IF({value}=INT({value}),0.5,{PERCENT_FLOOR})"


def _excel_missing(keys: tuple[str, ...], blank_as_zero: tuple[str, ...], refs: Refs) -> str:
    """True when one of the keys has no number to compute with."""
    needed = [refs.state(key) for key in keys if key not in blank_as_zero]
    lenient = [refs.state(key) for key in keys if key in blank_as_zero]
    tests = []
    if needed:
        tests.append(f"MIN({','.join(needed)})<1")
    if lenient:
        tests.append(f"MIN({','.join(lenient)})<0")
    return tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"


def _excel_sum(keys: tuple[str, ...], refs: Refs) -> str:
    return f"SUM({','.join(refs.value(key) for key in keys)})"


def _excel_relation(rule: Rule, relation: Relation, refs: Refs) -> str:
    passed, no_data = _quoted(refs.passed), _quoted(refs.no_data)
    body = _excel_body(rule, relation, refs)
    when = relation.when
    if not when.keys:
        return body
    if when.op is Op.ANSWERED:
        states = ",".join(refs.state(key) for key in when.keys)
        return f"IF(MIN({states})<0,{no_data},IF(MIN({states})=0,{passed},{body}))"
    sign = ">" if when.op is Op.GREATER else "="
    missing = _excel_missing(when.keys, relation.blank_as_zero, refs)
    return f"IF({missing},{no_data},IF({_excel_sum(when.keys, refs)}{sign}{when.value},{body},{passed}))"


def _excel_body(rule: Rule, relation: Relation, refs: Refs) -> str:
    passed, no_data = _quoted(refs.passed), _quoted(refs.no_data)
    fail = _fail(relation.severity, refs)
    state = refs.state(relation.key)
    if relation.op is Op.ANSWERED:
        return f"IF({state}<0,{no_data},IF({state}=0,{fail},{passed}))"
    if relation.op is Op.BLANK:
        return f"IF({state}<0,{no_data},IF({state}=1,{fail},{passed}))"
    if relation.op is Op.PLAUSIBLE:
        return _excel_plausible(relation, refs, fail)
    if relation.op is Op.LISTED:
        missing = f"OR({_excel_missing(relation.left, relation.blank_as_zero, refs)},{refs.documents}=0)"
        same = f"{_excel_sum(relation.left, refs)}={refs.documents}"
        return f"IF({missing},{no_data},IF({same},{passed},{fail}))"
    left = _excel_sum(relation.left, refs)
    missing = _excel_missing((*relation.left, *relation.right), relation.blank_as_zero, refs)
    if relation.op is Op.IN:
        right_test = "OR(" + ",".join(f"{left}={member}" for member in relation.members) + ")"
    else:
        right = str(relation.constant) if relation.constant is not None else _excel_sum(relation.right, refs)
        right_test = _excel_compare(rule, relation.op, f"ROUND({left}-{right},6)", refs)
        if relation.escalate_percent is not None:
            beyond = f"ROUND(ABS({left}-{right})*100-{relation.escalate_percent}*ABS({right}),6)>0"
            fail = f"IF({beyond},{_fail(relation.escalate_to, refs)},{fail})"
    return f"IF({missing},{no_data},IF({right_test},{passed},{fail}))"


def _excel_compare(rule: Rule, op: Op, difference: str, refs: Refs) -> str:
    tolerance = "+".join(_excel_percent_tolerance(refs.value(key)) for key in percent_keys(rule)) or "0"
    match op:
        case Op.AT_MOST:
            return f"{difference}<={tolerance}"
        case Op.LESS:
            return f"{difference}<0"
        case Op.EQUAL:
            return f"ABS({difference})<={tolerance}"
        case Op.UNEQUAL:
            return f"ABS({difference})>{tolerance}"
        case _:
            return f"{difference}>0"


def _excel_plausible(relation: Relation, refs: Refs, fail: str) -> str:
    passed, no_data = _quoted(refs.passed), _quoted(refs.no_data)
    percent = refs.value(relation.key)
    tolerance = _excel_percent_tolerance(percent)
    tests = []
    for key in relation.right:
        now = refs.value(key)
        low = f"-INT(-ROUND({now}/(1-MAX({percent}-{tolerance},0)/100),6))"
        high = f"INT(ROUND({now}/(1-({percent}+{tolerance})/100),6))"
        tests.append(f"IF({refs.state(key)}<1,FALSE,{high}>={low})")
    states = ",".join(refs.state(key) for key in relation.right)
    missing = f"OR({refs.state(relation.key)}<1,MAX({states})<1)"
    found = f"IF({percent}+{tolerance}>=100,TRUE,OR({','.join(tests)}))"
    return f"IF({missing},{no_data},IF({found},{passed},{fail}))"

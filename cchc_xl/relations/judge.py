"""Apply a rule to what was answered. ``excel.py`` says the same as cell formulas."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache

from cchc_xl.model import Cell, Entry, Indicator, Kind, Op, Relation, Severity, State
from cchc_xl.number import HUNDRED, ZERO, percent_of, round_half_up, tidy
from cchc_xl.relations.rules import (
    RATIO_DECIMALS,
    Entries,
    Outcome,
    Rule,
    Status,
    is_foreign,
    percent_keys,
    percent_tolerance,
    total_of_given,
)


def judge(rule: Rule, entries: Entries, level: str, documents: int = 0) -> Outcome:
    """Apply one rule to the entries of a workbook of this level, in which ``documents`` are listed."""
    if rule.relation and rule.relation.op is Op.LISTED:
        return _judge_listed(rule, rule.relation, entries, documents)
    if rule.relation:
        return _judge_relation(rule, rule.relation, entries)
    entry = entries[rule.key]
    if entry.state is State.UNREADABLE:
        return _failed(rule, "number-unreadable", Severity.ERROR, args={"raw": entry.raw})
    if entry.state is State.NOT_APPLICABLE:
        return _passed(rule)
    amount = entry.amount
    if amount is None:
        foreign = is_foreign(rule.indicator, level)
        return _passed(rule) if foreign else _without_data(rule)
    problem = _range_problem(rule.indicator, entry, amount)
    if problem:
        return _failed(rule, problem, Severity.ERROR, found=amount)
    if rule.indicator.cell is Cell.FORMULA:
        outcome = _judge_formula(rule, entries, amount)
        if outcome.status is Status.FAILED:
            return outcome
    else:
        outcome = _passed(rule)
    if is_foreign(rule.indicator, level) and amount > 0:
        return _failed(rule, "level-foreign", rule.indicator.foreign, found=amount)
    return outcome


@lru_cache(maxsize=4096)  # most rules hold in most workbooks
def _passed(rule: Rule) -> Outcome:
    return Outcome(rule=rule, status=Status.PASSED)


@lru_cache(maxsize=4096)
def _without_data(rule: Rule) -> Outcome:
    return Outcome(rule=rule, status=Status.NO_DATA)


def _failed(
    rule: Rule,
    finding: str,
    severity: Severity | None,
    *,
    found: Decimal | None = None,
    expected: Decimal | None = None,
    args: Mapping[str, object] | None = None,
) -> Outcome:
    return Outcome(
        rule=rule,
        status=Status.FAILED,
        finding=finding,
        severity=severity,
        found=found,
        expected=expected,
        args=args or {},
    )


def _range_problem(indicator: Indicator, entry: Entry, amount: Decimal) -> str:
    """The finding id for a value that this kind of row can't have; "" when it can."""
    if indicator.choices:
        if indicator.kind is Kind.CHOICE and entry.state is State.NONE_ARISING:
            return "choice-none-arising"
        return "" if any(amount == choice.value for choice in indicator.choices) else "choice-unknown"
    if amount < 0:
        return "number-negative"
    if indicator.kind in (Kind.COUNT, Kind.TOTAL, Kind.HEADING) and amount != amount.to_integral_value():
        return "number-not-whole"
    if indicator.kind is Kind.PERCENT and amount > HUNDRED:
        return "number-over-100"
    return ""


def _judge_formula(rule: Rule, entries: Entries, amount: Decimal) -> Outcome:
    """Is what stands in a formula cell what its parts give?"""
    indicator = rule.indicator
    if indicator.ratio_of:
        part, base = (entries[key].amount for key in indicator.ratio_of)
        if part is None or base is None:
            return _without_data(rule)
        expected = percent_of(part, base)
        if expected is None:
            right = amount == 0
        else:
            right = round_half_up(abs(amount - expected), 9) <= percent_tolerance(amount)
        name = "ratio-mismatch" if expected is not None else "ratio-without-base"
        shown = None if expected is None else tidy(round_half_up(expected, RATIO_DECIMALS))
    else:
        expected = shown = total_of_given(indicator, entries)
        if expected is None:
            return _without_data(rule)
        right, name = amount == expected, "total-mismatch"
    if right:
        return Outcome(rule=rule, status=Status.PASSED, found=amount, expected=shown)
    return _failed(rule, name, Severity.ERROR, found=amount, expected=shown)


def _judge_relation(rule: Rule, relation: Relation, entries: Entries) -> Outcome:
    holds = _condition(relation, entries)
    if holds is not True:
        return _without_data(rule) if holds is None else _passed(rule)
    if relation.op in (Op.ANSWERED, Op.BLANK):
        return _judge_presence(rule, relation, entries)
    left = _sum(relation.left, relation, entries)
    if relation.op is Op.PLAUSIBLE:
        return _judge_plausible(rule, relation, entries, left)
    right = relation.constant if relation.constant is not None else _sum(relation.right, relation, entries)
    if left is None or (right is None and relation.op is not Op.IN):
        return _without_data(rule)
    if _compare(relation, left, right, _tolerance(rule, entries)):
        return Outcome(rule=rule, status=Status.PASSED, found=left, expected=right)
    return _failed(rule, _FINDING_OF[relation.op], _severity(relation, left, right), found=left, expected=right)


def _severity(relation: Relation, left: Decimal, right: Decimal | None) -> Severity:
    """The relation's own, or the one beyond its limit of deviation (in percent of the right side)."""
    if relation.escalate_percent is None or relation.escalate_to is None or right is None:
        return relation.severity
    beyond = round_half_up(abs(left - right) * HUNDRED - relation.escalate_percent * abs(right), 6)
    return relation.escalate_to if beyond > 0 else relation.severity


_FINDING_OF = {
    Op.AT_MOST: "relation-exceeds",
    Op.LESS: "relation-too-large",
    Op.EQUAL: "relation-differs",
    Op.UNEQUAL: "relation-same",
    Op.GREATER: "relation-too-small",
    Op.IN: "relation-not-allowed",
    Op.ANSWERED: "relation-missing",
    Op.BLANK: "relation-unexpected",
    Op.PLAUSIBLE: "relation-implausible",
    Op.LISTED: "relation-documents",
}


def _sum(keys: tuple[str, ...], relation: Relation, entries: Entries) -> Decimal | None:
    total = ZERO
    for key in keys:
        entry = entries[key]
        amount = entry.amount
        if amount is None:
            if key not in relation.blank_as_zero or entry.state is State.UNREADABLE:
                return None
            amount = ZERO
        total += amount
    return total


def _condition(relation: Relation, entries: Entries) -> bool | None:
    """Does the relation apply? None: can't be known, a part of the condition is missing."""
    when = relation.when
    if not when.keys:
        return True
    if when.op is Op.ANSWERED:
        states = [entries[key].state for key in when.keys]
        return None if State.UNREADABLE in states else all(entries[key].answered for key in when.keys)
    total = _sum(when.keys, relation, entries)
    if total is None:
        return None
    assert when.value is not None
    return total > when.value if when.op is Op.GREATER else total == when.value


def _judge_presence(rule: Rule, relation: Relation, entries: Entries) -> Outcome:
    entry = entries[relation.key]
    if entry.state is State.UNREADABLE:
        return _without_data(rule)
    right = entry.answered if relation.op is Op.ANSWERED else entry.state is not State.NUMBER
    if right:
        return _passed(rule)
    return _failed(rule, _FINDING_OF[relation.op], relation.severity, found=entry.amount)


def _judge_listed(rule: Rule, relation: Relation, entries: Entries, documents: int) -> Outcome:
    """An empty list says nothing: many units hand in their documents otherwise."""
    amount = _sum(relation.left, relation, entries)
    if amount is None or not documents:
        return _without_data(rule)
    listed = Decimal(documents)
    if amount == listed:
        return Outcome(rule=rule, status=Status.PASSED, found=amount, expected=listed)
    return _failed(rule, _FINDING_OF[Op.LISTED], relation.severity, found=amount, expected=listed)


def _judge_plausible(rule: Rule, relation: Relation, entries: Entries, percent: Decimal | None) -> Outcome:
    """Is there a whole number of people in the base year that gives this reduction to today's head count?"""
    heads = [amount for key in relation.right if (amount := entries[key].amount) is not None]
    if percent is None or not heads:
        return _without_data(rule)
    tolerance = percent_tolerance(percent)
    if percent + tolerance >= HUNDRED or any(_whole_base(percent, tolerance, now) for now in heads):
        return Outcome(rule=rule, status=Status.PASSED, found=percent)
    return _failed(rule, _FINDING_OF[Op.PLAUSIBLE], relation.severity, found=percent)


def _whole_base(percent: Decimal, tolerance: Decimal, now: Decimal) -> bool:
    low = round_half_up(now / (1 - max(percent - tolerance, ZERO) / HUNDRED), 6)
    high = round_half_up(now / (1 - (percent + tolerance) / HUNDRED), 6)
    return high.to_integral_value(ROUND_FLOOR) >= low.to_integral_value(ROUND_CEILING)  # // truncates Decimals


def _tolerance(rule: Rule, entries: Entries) -> Decimal:
    """Rounded percents are intervals: theirs add up. Counts and amounts are exact."""
    amounts = [entries[key].amount for key in percent_keys(rule)]
    return sum((percent_tolerance(amount) for amount in amounts if amount is not None), ZERO)


def _compare(relation: Relation, left: Decimal, right: Decimal | None, tolerance: Decimal) -> bool:
    if relation.op is Op.IN:
        return left in relation.members
    assert right is not None
    difference = round_half_up(left - right, 6)
    match relation.op:
        case Op.AT_MOST:
            return difference <= tolerance
        case Op.LESS:
            return difference < 0
        case Op.EQUAL:
            return abs(difference) <= tolerance
        case Op.UNEQUAL:
            return abs(difference) > tolerance
        case _:
            return difference > 0

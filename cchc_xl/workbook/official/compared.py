"""The two numbers a rule compares, as formulas of the sheet Kiểm tra and as the values they show."""

from decimal import Decimal

from cchc_xl.model import Cell, Op
from cchc_xl.relations.excel import Refs
from cchc_xl.relations.rules import Rule, recomputed
from cchc_xl.workbook.official.plan import Plan

Number = tuple[str, Decimal | None]  # a formula (with "=") and what it shows; ("", None): nothing to compare with


def found(rule: Rule, plan: Plan, refs: Refs) -> Number:
    """The number judged: the row's own, or the left side of a relation."""
    relation = rule.relation
    if relation is None or relation.op in (Op.ANSWERED, Op.BLANK):
        return f"={refs.value(rule.key)}", plan.amount(rule.key)
    return _sum(relation.left, relation.blank_as_zero, plan, refs)


def expected(rule: Rule, plan: Plan, refs: Refs) -> Number:
    """The number it is compared with."""
    relation, row = rule.relation, rule.indicator
    if relation is None:
        if row.cell is not Cell.FORMULA:
            return "", None
        return _ratio(rule, plan, refs) if row.ratio_of else _total(rule, plan, refs)
    if relation.op is Op.LISTED:
        return f'=IF({refs.documents}=0,"",{refs.documents})', Decimal(plan.listed) or None
    if relation.constant is not None:
        return f"={relation.constant}", relation.constant
    return _sum(relation.right, relation.blank_as_zero, plan, refs) if relation.right else ("", None)


def _sum(keys: tuple[str, ...], lenient: tuple[str, ...], plan: Plan, refs: Refs) -> Number:
    needed = [key for key in keys if key not in lenient]
    tests = [f"MIN({','.join(refs.state(key) for key in needed)})<1"] if needed else []
    spared = [key for key in keys if key in lenient]
    if spared:
        tests.append(f"MIN({','.join(refs.state(key) for key in spared)})<0")
    values = ",".join(refs.value(key) for key in keys)
    missing = tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"
    short = any(plan.state(key) < 1 for key in needed) or any(plan.state(key) < 0 for key in spared)
    total = None if short else sum((plan.amount(key) or Decimal(0) for key in keys), Decimal(0))
    return f'=IF({missing},"",SUM({values}))', total


def _ratio(rule: Rule, plan: Plan, refs: Refs) -> Number:
    assert rule.indicator.ratio_of
    part, base = rule.indicator.ratio_of
    a, b = refs.value(part), refs.value(base)
    missing = f"MIN({refs.state(part)},{refs.state(base)})<1"
    ratio = f'IF({b}=0,"",ROUND(100*{a}/{b},1))'
    return f'=IF({missing},"",{ratio})', recomputed(rule.indicator, plan.entries)


def _total(rule: Rule, plan: Plan, refs: Refs) -> Number:
    keys = rule.indicator.total_of
    states = ",".join(refs.state(key) for key in keys)
    values = ",".join(refs.value(key) for key in keys)
    return f'=IF(MAX({states})<1,"",SUM({values}))', recomputed(rule.indicator, plan.entries)

"""The stored value of every formula of Chi tiết that is no figure: what the formula gives, computed here."""

from collections import Counter
from decimal import Decimal, InvalidOperation

from cchc_xl.model import CorrectionLine, Counted, Figure, Indicator, Method, Whole
from cchc_xl.number import HUNDRED, ZERO
from cchc_xl.relations.rules import exact_ratio, misses_a_part, total_of_given
from cchc_xl.workbook.consolidated.plan import Helper, Plan


def unit_value(indicator: Indicator, counted: Counted, *, own: bool) -> Decimal | None:
    """What ``unit_formula`` gives for this unit; None shows nothing."""
    assert counted.submission
    entries = counted.submission.entries
    entry = entries[indicator.key]
    if indicator.ratio_of and (own or entry.intact or indicator.method is Method.RATIO):
        exact = exact_ratio(indicator, entries)
        return entry.amount if own and misses_a_part(indicator, entries) else exact
    if indicator.total_of and entry.intact:
        return total_of_given(indicator, entries)
    return entry.amount


def shown_value(indicator: Indicator, figure: Figure | None) -> Decimal | None:
    """The figure as the official form shows it: the whole, or the units' sum where a whole means nothing."""
    alone = indicator.method is Method.SUM and indicator.whole is Whole.NONE
    return None if figure is None else figure.communes if alone else figure.whole


def change_of(line: CorrectionLine) -> Decimal:
    """By how much a correction moves a sum; what is no number counts 0."""
    now = line.correction.value if line.correction else None
    try:
        was = Decimal(line.sent)
    except InvalidOperation:
        was = ZERO
    return (now or ZERO) - was


def base_value(indicator: Indicator, counted: Counted) -> Decimal | None:
    """A unit's head count of the base year, as ``base_formula`` gives it."""
    assert counted.submission
    entries = counted.submission.entries
    percent, now = entries[indicator.key].amount, entries[indicator.base_of].amount
    if percent is None or now is None or percent >= HUNDRED:
        return None
    return now / (1 - percent / HUNDRED)


def helper_value(indicator: Indicator, figure: Figure, plan: Plan, helper: Helper) -> Decimal | int | None:
    """What ``helper_formula`` gives."""
    name = helper[1]
    values = [part.value for part in figure.parts]
    if name.startswith("choice-"):
        return next((n for value, n in (figure.distribution or {}).items() if f"choice-{value}" == name), 0)
    if name == "most":
        return max(Counter(values).values(), default=0)
    if name == "target":
        return None
    if name == "base":
        bases = [base for unit in plan.units if unit.submission and (base := base_value(indicator, unit)) is not None]
        return sum(bases, ZERO) if bases else None
    if figure.bounds is None:
        return None
    return figure.bounds[0 if name == "low" else 1]

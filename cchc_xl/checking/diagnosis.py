"""The likely causes of a wrong number: which slip or mix-up gives what was typed. Offered, never applied.

Each suspicion says what would have been right; the likeliest is the one after which the fewest rules of the whole
workbook still fail. Input example: 63.6 typed where rows 2.2 and 2.1 are 14 and 33; row 1 of the same form is 21, and
21/33 = 63,6 %.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from cchc_xl.checking.evidence import Evidence
from cchc_xl.checking.ratios import suspect_ratio
from cchc_xl.checking.suspicion import (
    SMALL,
    Suspicion,
    countable,
    row_name,
    suspect_copies,
    suspect_slips,
    suspect_swap,
)
from cchc_xl.model import Cause, Kind, Op, Severity
from cchc_xl.number import ZERO
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Outcome, Status, is_foreign

MOST = 3
_SURE = 2.0  # a suspicion ranked before this explains the number exactly
_LEAST_SHARE = {"too_large": Decimal("0.12"), "too_small": Decimal("0.25")}
_FALLBACK = 5.0  # an unexplained number in a formula cell: still said when nothing better is found


def causes_of(outcome: Outcome, evidence: Evidence) -> tuple[Cause, ...]:
    """At most three likely causes, the most telling first; none where nothing typed can be blamed."""
    suspect = _SUSPECTS.get(outcome.finding)
    if suspect is None:
        return ()
    ranked = []
    for number, suspicion in enumerate(suspect(outcome, evidence)):
        if _repairs(outcome, suspicion, evidence):
            ranked.append((evidence.fails_with(suspicion.changes), suspicion.rank, number, suspicion.cause))
    ranked.sort(key=lambda one: one[:3])
    if ranked and ranked[0][1] < _SURE:
        ranked = [one for one in ranked if one[1] != _FALLBACK]
    best: dict[tuple[str, frozenset[str]], Cause] = {}
    for *_, cause in ranked:
        best.setdefault((cause.name, frozenset(cause.keys)), cause)
    return tuple(best.values())[:MOST]


def _repairs(outcome: Outcome, suspicion: Suspicion, evidence: Evidence) -> bool:
    """Would the rule that failed then hold, be undecided, or ask for less?"""
    after = judge(outcome.rule, evidence.with_changes(suspicion.changes), evidence.level)
    if after.status is not Status.FAILED:
        return True
    return after.severity is Severity.NOTE and outcome.severity is not Severity.NOTE


def _of_ratio(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    yield from suspect_ratio(outcome, evidence)
    yield from _overtyped(outcome, evidence)


def _of_total(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    key, form = outcome.rule.key, outcome.rule.indicator.form
    yield from _sums(key, outcome.rule.indicator.total_of, outcome, evidence)
    yield from suspect_slips(key, evidence, form)
    yield from suspect_copies(key, evidence, form, outcome.expected)
    yield from _same_as_elsewhere(outcome, evidence)
    assert outcome.found is not None and outcome.expected is not None
    for child in outcome.rule.indicator.total_of:
        yield from suspect_slips(child, evidence, form)
        needed = (evidence.amount(child) or ZERO) + outcome.found - outcome.expected
        yield from suspect_copies(child, evidence, form, needed if needed >= 0 else None)
    yield from _overtyped(outcome, evidence)


def _sums(key: str, parts: tuple[str, ...], outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    """A sum that leaves out one part or counts it twice."""
    assert outcome.found is not None and outcome.expected is not None
    seen: set[Decimal] = set()
    for part in parts:
        amount = evidence.amount(part)
        if not amount or amount in seen or len(parts) < 2:
            continue
        seen.add(amount)
        for name, given in (("left_out", outcome.expected - amount), ("double", outcome.expected + amount)):
            if given == outcome.found and given > 0:
                row = row_name(part, evidence, outcome.rule.indicator.form)
                args = {"found": outcome.found, "row": row, "part": amount, "expected": outcome.expected}
                yield Suspicion(
                    rank=0.9,
                    cause=Cause(name=name, keys=(key, part), args=args),
                    changes={key: outcome.expected},
                )


def _same_as_elsewhere(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    key, form = outcome.rule.key, outcome.rule.indicator.form
    for other, amount in countable(form, evidence).items():
        if amount == outcome.found and other != key:
            args = {"typed": amount, "other": row_name(other, evidence, form)}
            cause = Cause(name="other_row", keys=(key, other), args=args)
            rank = 3.0 if amount >= SMALL else 4.0
            yield Suspicion(rank=rank, cause=cause, changes={key: outcome.expected})


def _overtyped(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    key = outcome.rule.key
    args = {"row": row_name(key, evidence, outcome.rule.indicator.form), "typed": outcome.found}
    cause = Cause(name="overtyped", keys=(key,), args=args)
    yield Suspicion(rank=_FALLBACK, cause=cause, changes={key: outcome.expected})


def _of_relation(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    relation, form = outcome.rule.relation, outcome.rule.indicator.form
    assert relation and outcome.found is not None
    keys = (*relation.left, *relation.right)
    equal = relation.op is Op.EQUAL and outcome.expected is not None
    if equal and relation.constant is None:
        yield from _sums(relation.key, relation.right, outcome, evidence)
    for number, key in enumerate(keys):
        slips = suspect_slips(key, evidence, form)
        yield from slips if equal else (one for one in slips if _in_proportion(outcome, one, evidence))
        needed = _needed(outcome, key, evidence) if equal else None
        yield from suspect_copies(key, evidence, form, needed)
        for other in keys[number + 1 :]:
            yield from suspect_swap(key, other, evidence, form)


def _in_proportion(outcome: Outcome, suspicion: Suspicion, evidence: Evidence) -> bool:
    """Would the part still be a usual part of its whole, once a 0 is taken off it or put on the whole?"""
    relation = outcome.rule.relation
    least = _LEAST_SHARE.get(suspicion.cause.name)
    if least is None or relation is None or not relation.right:
        return True
    entries = evidence.with_changes(suspicion.changes)
    left, right = (sum((entries[key].amount or ZERO for key in side), ZERO) for side in (relation.left, relation.right))
    return left >= least * right


def _needed(outcome: Outcome, key: str, evidence: Evidence) -> Decimal | None:
    """The number with which both sides of an equality would be the same; None when that is below 0."""
    assert outcome.rule.relation and outcome.found is not None and outcome.expected is not None
    missing = outcome.expected - outcome.found
    if key not in outcome.rule.relation.left:
        missing = -missing
    needed = (evidence.amount(key) or ZERO) + missing
    return needed if needed >= 0 else None


def _of_cell(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    yield from suspect_slips(outcome.rule.key, evidence, outcome.rule.indicator.form)


def _of_foreign(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    """A number in another level's row: the unit's own row beside it may have been meant."""
    key, form = outcome.rule.key, outcome.rule.indicator.form
    rows_here = [i for i in evidence.edition.indicators if i.form == form and i.kind is Kind.COUNT]
    at = next((n for n, i in enumerate(rows_here) if i.key == key), None)
    if at is None:
        return
    for beside in (*rows_here[at + 1 : at + 2], *rows_here[max(0, at - 1) : at]):
        if not is_foreign(beside, evidence.level) and not evidence.amount(beside.key):
            args = {"typed": outcome.found, "other": row_name(beside.key, evidence, form)}
            cause = Cause(name="own_row", keys=(key, beside.key), args=args)
            yield Suspicion(rank=1.0, cause=cause, changes={key: None, beside.key: outcome.found})


_SUSPECTS: dict[str, Callable[[Outcome, Evidence], Iterator[Suspicion]]] = {
    "ratio-mismatch": _of_ratio,
    "total-mismatch": _of_total,
    "relation-exceeds": _of_relation,
    "relation-too-large": _of_relation,
    "relation-differs": _of_relation,
    "relation-not-allowed": _of_relation,
    "number-over-100": _of_cell,
    "number-not-whole": _of_cell,
    "level-foreign": _of_foreign,
}

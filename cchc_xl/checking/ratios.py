"""A wrong percent in a formula cell: which rows give the number that was typed, or which part was typed wrong."""

from collections.abc import Iterator
from decimal import Decimal

from cchc_xl.checking.evidence import Evidence
from cchc_xl.checking.suspicion import SMALL, Suspicion, countable, suspect_copies, suspect_slips, suspect_swap
from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cause, Kind
from cchc_xl.number import HUNDRED, ZERO, percent_of, round_half_up
from cchc_xl.relations.rules import Outcome, percent_tolerance

MOST_ALIKE = 3  # codes named in one suggestion
_POINT = Decimal("0.5")  # "0 decimals" of a typed percent tell no more than this


def suspect_ratio(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    """Rows taken for other rows, the number itself typed wrong, or one of the two parts."""
    ratio, found = outcome.rule.indicator, outcome.found
    assert ratio.ratio_of and found is not None
    part_key, base_key = ratio.ratio_of
    part, base = evidence.amount(part_key), evidence.amount(base_key)
    assert part is not None and base is not None
    right = {ratio.key: outcome.expected}
    if found:
        for rank, cause in _other_rows(outcome, evidence, part, base):
            yield Suspicion(rank=rank, cause=cause, changes=right)
    yield from suspect_slips(ratio.key, evidence, ratio.form)
    yield from suspect_copies(ratio.key, evidence, ratio.form, outcome.expected, stocks=False)
    yield from _of_another_ratio(outcome, evidence)
    yield from suspect_swap(part_key, base_key, evidence, ratio.form)
    needed = {part_key: found * base / HUNDRED, base_key: part * HUNDRED / found if found else None}
    for key in ratio.ratio_of:
        yield from suspect_slips(key, evidence, ratio.form)
        wanted = needed[key]
        count = evidence.edition.by_key[key].kind is Kind.COUNT
        whole = round_half_up(wanted) if wanted is not None and count else wanted
        yield from suspect_copies(key, evidence, ratio.form, whole, stocks=False)


def _other_rows(outcome: Outcome, evidence: Evidence, part: Decimal, base: Decimal) -> Iterator[tuple[float, Cause]]:
    """From the nearest mix-up to the farthest: turned round, a fraction, one wrong row, two wrong rows."""
    ratio, found = outcome.rule.indicator, outcome.found
    assert ratio.ratio_of and found is not None
    part_key, base_key = ratio.ratio_of
    about = {"found": found, "part": part, "base": base}
    if gives(base, part, found) and part != base:
        yield 0.0, Cause(name="swapped", keys=(base_key, part_key), args={**about, "part": base, "base": part})
    expected = percent_of(part, base)
    if expected and abs(found * HUNDRED - expected) <= percent_tolerance(found) * HUNDRED and found < 1:
        args = {**about, "expected": round_half_up(expected, 1)}
        yield 1.0, Cause(name="fraction", keys=(part_key, base_key), args=args)
    alike = _by_amount(ratio.form, evidence, but=ratio.ratio_of)
    code = {key: evidence.edition.by_key[key].code for key in ratio.ratio_of}
    for amount, keys in alike.items():
        wrong = {"wrong_code": _either(keys, evidence), "wrong": amount}
        unsure = 1.0 if amount < SMALL else 0.0
        if gives(amount, base, found):
            args = {**about, "part": amount, **wrong, "right_code": code[part_key], "right": part}
            yield 1.2 + unsure, Cause(name="other_part", keys=(*keys, base_key), args=args)
        if gives(part, amount, found):
            args = {**about, "base": amount, **wrong, "right_code": code[base_key], "right": base}
            yield 1.3 + unsure, Cause(name="other_base", keys=(part_key, *keys), args=args)
    for part_seen, ones in alike.items():
        for base_seen, others in alike.items():
            if part_seen != base_seen and gives(part_seen, base_seen, found):
                codes = {"part_code": _either(ones, evidence), "base_code": _either(others, evidence)}
                args = {**about, "part": part_seen, "base": base_seen, **codes}
                yield 5.5, Cause(name="other_pair", keys=(*ones, *others), args=args)


def _by_amount(form: int, evidence: Evidence, but: tuple[str, str]) -> dict[Decimal, tuple[str, ...]]:
    """Rows of the form that may be mistaken for a part, those with the same number together."""
    found: dict[Decimal, tuple[str, ...]] = {}
    for key, amount in countable(form, evidence).items():
        if key not in but:
            found[amount] = (*found.get(amount, ()), key)
    return found


def _either(keys: tuple[str, ...], evidence: Evidence) -> str:
    """ "2.2", "1.1 hoặc 2.2": the codes of rows with the same number."""
    either = words("sheets")["rows"]["or"]
    return either.join(evidence.edition.by_key[key].code for key in keys[:MOST_ALIKE])


def _of_another_ratio(outcome: Outcome, evidence: Evidence) -> Iterator[Suspicion]:
    """The percent of another row of the form, written one line too high or too low."""
    ratio, found = outcome.rule.indicator, outcome.found
    for other in evidence.edition.indicators:
        if other.form == ratio.form and other.is_percent and other.key != ratio.key:
            seen = evidence.amount(other.key)
            if seen and seen == found:
                args = {"typed": seen, "other_code": other.code}
                cause = Cause(name="other_percent", keys=(ratio.key, other.key), args=args)
                yield Suspicion(
                    rank=3.5 if seen == HUNDRED else 1.6, cause=cause, changes={ratio.key: outcome.expected}
                )


def gives(part: Decimal, base: Decimal, found: Decimal) -> bool:
    """Is 100 * part / base what was typed, at the precision typed (at most one decimal, never a whole point)?"""
    value = percent_of(part, base)
    if value is None or value == ZERO:
        return False
    return round_half_up(abs(value - found), 9) <= min(percent_tolerance(found), _POINT)

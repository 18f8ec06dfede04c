"""The likely cause of a wrong ratio: which rows give the number that was typed. Offered, never applied.

Input example: 63.6 typed where rows 2.2 and 2.1 are 14 and 33; row 1 of the same form is 21, and 21/33 = 63,6 %.
"""

from collections.abc import Iterator
from decimal import Decimal

from cchc_xl.model import Cause, Edition, Indicator, Kind
from cchc_xl.number import percent_of, round_half_up
from cchc_xl.relations.rules import Entries, Outcome, percent_tolerance

MOST = 3


def causes_of(outcome: Outcome, entries: Entries, edition: Edition) -> tuple[Cause, ...]:
    """At most three likely causes, the most telling first; none for anything but a wrong ratio."""
    if outcome.finding != "ratio-mismatch" or not outcome.found:
        return ()
    causes = []
    for cause in _ratio_causes(outcome.rule.indicator, outcome.found, entries, edition):
        if cause.keys not in [one.keys for one in causes]:
            causes.append(cause)
        if len(causes) == MOST:
            break
    return tuple(causes)


def _ratio_causes(ratio: Indicator, found: Decimal, entries: Entries, edition: Edition) -> Iterator[Cause]:
    """Candidates from the nearest slip to the farthest: swapped, fraction, one wrong row, two wrong rows."""
    assert ratio.ratio_of
    part_key, base_key = ratio.ratio_of
    part, base = entries[part_key].amount, entries[base_key].amount
    assert part is not None and base is not None
    about = {"found": found, "part": part, "base": base}
    if _gives(base, part, found) and part != base:
        yield Cause(name="swapped", keys=(base_key, part_key), args={**about, "part": base, "base": part})
    expected = percent_of(part, base)
    if expected and abs(found * 100 - expected) <= percent_tolerance(found) * 100 and found < 1:
        yield Cause(name="fraction", keys=(part_key, base_key), args={**about, "expected": round_half_up(expected, 1)})
    rows = _countable(ratio, entries, edition)
    codes = {key: edition.by_key[key].code for key in rows}
    for key, amount in rows.items():
        wrong = {"wrong_code": codes[key], "wrong": amount}
        if key != part_key and _gives(amount, base, found):
            right = {"right_code": edition.by_key[part_key].code, "right": part}
            yield Cause(name="other_part", keys=(key, base_key), args={**about, "part": amount, **wrong, **right})
        if key != base_key and _gives(part, amount, found):
            right = {"right_code": edition.by_key[base_key].code, "right": base}
            yield Cause(name="other_base", keys=(part_key, key), args={**about, "base": amount, **wrong, **right})
    for one, part_seen in rows.items():
        for other, base_seen in rows.items():
            if one != other and _gives(part_seen, base_seen, found):
                pair = {"part": part_seen, "base": base_seen, "part_code": codes[one], "base_code": codes[other]}
                yield Cause(name="other_pair", keys=(one, other), args={**about, **pair})


def _countable(ratio: Indicator, entries: Entries, edition: Edition) -> dict[str, Decimal]:
    """Rows of the same form with a number above 0 that could stand in a fraction."""
    kinds = (Kind.COUNT, Kind.AMOUNT, Kind.TOTAL)
    rows = (i for i in edition.indicators if i.form == ratio.form and i.kind in kinds)
    return {i.key: amount for i in rows if (amount := entries[i.key].amount)}


def _gives(part: Decimal, base: Decimal, found: Decimal) -> bool:
    """Is 100 * part / base what was typed, at the precision typed (at most one decimal, never a whole point)?"""
    value = percent_of(part, base)
    if value is None or value == 0:
        return False
    return round_half_up(abs(value - found), 9) <= min(percent_tolerance(found), Decimal("0.5"))

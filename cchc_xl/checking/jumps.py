"""Changes out of all proportion: against what other units changed by, or, alone, by the size of the change."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.checking.earlier import Earlier, Reference
from cchc_xl.checking.limits import Time, limit, time_of
from cchc_xl.checking.robust import Usual, change, usual
from cchc_xl.checking.slips import slips
from cchc_xl.checking.suspicion import SMALL, neighbours
from cchc_xl.editions.catalogue import rows
from cchc_xl.model import Cause, Edition, Entry, Indicator, Kind, Method, Submission

MOST = 3
_ORDER = ("dong", "thousands", "too_large", "too_small", "transposed")
UsualChanges = Mapping[tuple[str, str, str], tuple[Usual, int]]  # period, earlier period, key -> usual, units


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A change that nobody else made. ``units``: how many others were looked at, 0 when it was judged alone."""

    before: Decimal
    title: str  # of the earlier period
    weak: bool
    units: Decimal


def usual_changes(peers: Sequence[tuple[Submission, Submission]], edition: Edition) -> UsualChanges:
    """What change of each row is usual, from units that sent both periods; only where enough of them did."""
    seen: dict[tuple[str, str, str], list[float]] = {}
    counted = [i.key for i in edition.indicators if _can_jump(i)]
    for now, before in peers:
        if now.edition != before.edition:
            continue
        for key in counted:
            first, second = _amount(now.entries, key), _amount(before.entries, key)
            if first is not None and second is not None and min(first, second) >= 0:
                changed = change(float(first), float(second))
                seen.setdefault((now.period or "", before.period or "", key), []).append(changed)
    least, spread = limit("history", "jump_units"), float(limit("history", "jump_spread"))
    return {where: (usual(values, spread), len(values)) for where, values in seen.items() if len(values) >= least}


def jump_of(indicator: Indicator, now: Decimal, known: Earlier, changes: UsualChanges) -> Jump | None:
    """Stocks against the nearest period; what adds up over the year against the same period of last year."""
    if not _can_jump(indicator) or now < 0:
        return None
    steady = time_of(indicator) in (Time.STOCK, Time.PLAN)
    reference = known.nearest if steady else known.last_year
    before = reference.amount(indicator.key) if reference else None
    if reference is None or before is None or before < 0:
        return None
    found = changes.get((known.now.code, reference.period.code, indicator.key))
    if found:
        return _among_others(now, before, reference, *found)
    return _alone(now, before, reference)


def _among_others(now: Decimal, before: Decimal, reference: Reference, others: Usual, units: int) -> Jump | None:
    changed = change(float(now), float(before))
    large = math.exp(abs(changed)) >= limit("history", "jump_factor")
    if not large or abs(now - before) < limit("history", "jump_least"):
        return None
    if abs(others.z(changed)) < limit("history", "jump_z"):
        return None
    return Jump(
        before=before, title=reference.title, weak=reference.merged or not _by_zeros(now, before), units=Decimal(units)
    )


def _alone(now: Decimal, before: Decimal, reference: Reference) -> Jump | None:
    low, high = sorted((now, before))
    if low == 0 or high < limit("history", "alone_least") or high < low * limit("history", "alone_factor"):
        return None
    return Jump(
        before=before, title=reference.title, weak=reference.merged or not _by_zeros(now, before), units=Decimal(0)
    )


def _by_zeros(now: Decimal, before: Decimal) -> bool:
    """Is the one just about 10, 100, 1000 … times the other, as with a 0 too many or the wrong unit?"""
    low, high = sorted((now, before))
    if low == 0 or high < limit("history", "power_least"):
        return False
    digits = math.log10(float(high / low))
    power = round(digits)
    return power >= 1 and abs(10 ** (digits - power) - 1) <= limit("history", "power_within")


def _can_jump(indicator: Indicator) -> bool:
    timed = time_of(indicator) not in (Time.SINCE, Time.NONE)
    return timed and indicator.kind in (Kind.COUNT, Kind.AMOUNT) and indicator.method is not Method.SAME


def change_causes(
    indicator: Indicator,
    now: Decimal,
    before: Decimal,
    entries: Mapping[str, Entry],
    edition: Edition,
) -> tuple[Cause, ...]:
    """Slips after which the number would follow from the earlier one: the same, or grown up to three times."""
    row = rows((indicator.key,), edition, indicator.form)
    steady = time_of(indicator) in (Time.STOCK, Time.PLAN)
    ranked = []
    for slip in slips(now, indicator):
        if steady and _apart(slip.meant, before) >= _apart(now, before):
            continue
        grown = before <= slip.meant <= before * 3 or (
            slip.name != "transposed" and before <= slip.meant * 2 <= before * 6
        )
        if grown:
            args = {"row": row, "typed": now, "meant": slip.meant, "factor": slip.factor}
            cause = Cause(name=slip.name, keys=(indicator.key,), args=args)
            ranked.append((slip.meant != before, _ORDER.index(slip.name), cause))
    for other in neighbours(indicator, edition):
        if now and _amount(entries, other) == now:
            args = {"row": row, "typed": now, "other": rows((other,), edition, indicator.form)}
            cause = Cause(name="neighbour", keys=(indicator.key, other), args=args)
            ranked.append((now < SMALL, len(_ORDER), cause))
    ranked.sort(key=lambda one: one[:2])
    return tuple(cause for *_, cause in ranked[:MOST])


def _apart(one: Decimal, other: Decimal) -> float:
    """How many times, as a logarithm; what is below 0 is wrong anyway and counts as 0."""
    return abs(change(max(float(one), 0.0), max(float(other), 0.0)))


def is_telling(causes: tuple[Cause, ...], now: Decimal, before: Decimal) -> bool:
    """Is the first cause one that chance does not bring about: the old number exactly, or a neighbour's large one?

    A plan cut by one that then equals the staff there are is no mix-up.
    """
    if not causes:
        return False
    first = causes[0]
    if first.name == "neighbour":
        return now >= SMALL and _apart(now, before) >= math.log(limit("history", "neighbour_factor"))
    return first.args["meant"] == before and before >= SMALL


def _amount(entries: Mapping[str, Entry], key: str) -> Decimal | None:
    entry = entries.get(key)
    return entry.amount if entry else None

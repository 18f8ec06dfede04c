"""A round's units beside each other: numbers far from the others', twins, and deviations from what all share."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from cchc_xl.checking.jumps import change_causes
from cchc_xl.checking.limits import limit, on_row, severity_of
from cchc_xl.checking.robust import usual
from cchc_xl.model import Edition, Finding, Indicator, Kind, Method, Submission
from cchc_xl.number import tidy

MOST_TWINS = 3  # named to one unit
_COUNTED = (Kind.COUNT, Kind.AMOUNT)
Found = tuple[str, Finding]  # unit code, finding


def check_peers(submissions: Sequence[Submission], edition: Edition) -> Mapping[str, tuple[Finding, ...]]:
    """Unit code -> findings; only units with some are in it.

    ``submissions``: one a unit, of one round and period. Those of the edition's own level are compared; one of a higher
    level (the consolidating unit's) only says what the numbers common to all are.
    """
    known = [one for one in submissions if not one.refused and one.unit is not None]
    units = {one.unit.code: one for one in known if one.unit and (one.level or edition.level) == edition.level}
    above = [one for one in known if (one.level or edition.level) != edition.level]
    gathered: dict[str, list[Finding]] = {}
    for found in (_outliers(units, edition), _deviations(units, above, edition), _twins(units, edition)):
        for code, finding in found:
            gathered.setdefault(code, []).append(finding)
    return {code: tuple(findings) for code, findings in gathered.items()}


def _outliers(units: Mapping[str, Submission], edition: Edition) -> Iterator[Found]:
    for indicator in edition.indicators:
        compared = indicator.is_percent or indicator.kind in _COUNTED
        if not compared or indicator.method in (Method.SAME, Method.SHARE, Method.OWN):
            continue
        values = {code: value for code, one in units.items() if (value := _value(indicator, one)) is not None}
        if len(values) >= limit("peers", "units"):
            far = _far_percents if indicator.is_percent else _far_counts
            for code, middle in far(values):
                yield code, _outlier(units[code], indicator, tidy(middle), len(values), edition)


def _outlier(one: Submission, indicator: Indicator, middle: Decimal, units: int, edition: Edition) -> Finding:
    found = one.entries[indicator.key].amount
    assert found is not None
    causes = change_causes(indicator, found, middle, one.entries, edition)
    args = {"expected": middle, "causes": causes, "units": Decimal(units)}
    return on_row("peer-outlier", one, indicator.key, found=found, **args)


def _value(indicator: Indicator, one: Submission) -> Decimal | None:
    """The answer as it can be compared; a percent only of a base that is not too small."""
    value = one.entries[indicator.key].amount
    if value is None or value < 0 or (indicator.is_percent and value > 100):
        return None  # wrong by itself, and said so
    if indicator.ratio_of:
        base = one.entries[indicator.ratio_of[1]].amount
        return value if base is not None and base >= limit("peers", "base_least") else None
    return value


def _far_percents(values: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    others = usual([float(value) for value in values.values()], float(limit("peers", "percent_spread")))
    for code, value in values.items():
        away = abs(float(value) - others.middle)
        if away >= limit("peers", "percent_least") and abs(others.z(float(value))) >= limit("peers", "z"):
            yield code, _decimal(others.middle)


def _far_counts(values: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Counts differ by times, not by points: compared by their logarithms. Mostly 0: nothing is usual."""
    others = usual([math.log1p(float(value)) for value in values.values()], float(limit("peers", "count_spread")))
    middle = math.expm1(others.middle)
    if middle < 1:
        return
    least, factor = limit("peers", "count_least"), math.log(limit("peers", "count_factor"))
    for code, value in values.items():
        away = math.log1p(float(value)) - others.middle
        large = abs(float(value) - middle) >= least and abs(away) >= factor
        if large and abs(away / others.spread) >= limit("peers", "z"):
            yield code, _decimal(middle)


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))


def _deviations(units: Mapping[str, Submission], above: Sequence[Submission], edition: Edition) -> Iterator[Found]:
    """Rows that are the same for all: against the consolidating unit's number, else that of most units."""
    for indicator in edition.indicators:
        if indicator.method is not Method.SAME:
            continue
        given = {code: a for code, one in units.items() if (a := one.entries[indicator.key].amount) is not None}
        common = _common(indicator, given, above)
        if common is None:
            continue
        agree = sum(value == common for value in given.values())
        for code, value in given.items():
            if value != common:
                counts = {"agree": Decimal(agree), "units": Decimal(len(given))}
                finding = on_row("peer-deviates", units[code], indicator.key, found=value, expected=common, **counts)
                yield code, finding


def _common(indicator: Indicator, given: Mapping[str, Decimal], above: Sequence[Submission]) -> Decimal | None:
    for one in above:
        entry = one.entries.get(indicator.key)
        if entry and entry.amount is not None:
            return entry.amount
    ranked = Counter(given.values()).most_common(1)
    enough = len(given) >= limit("peers", "same_units")
    return ranked[0][0] if enough and ranked[0][1] > limit("peers", "same_share") * len(given) else None


def _twins(units: Mapping[str, Submission], edition: Edition) -> Iterator[Found]:
    """Two workbooks with the same numbers, rows that many units share aside."""
    rows = [i.key for i in edition.indicators if i.kind in _COUNTED and i.method is not Method.SAME]
    answers = {code: _amounts(one, rows) for code, one in units.items()}
    told: Counter[str] = Counter()
    for one, other in _candidates(answers):
        both = [key for key in rows if answers[one].get(key) or answers[other].get(key)]
        equal = [key for key in both if answers[one].get(key) == answers[other].get(key)]
        if len(both) < limit("peers", "twin_rows") or len(equal) < limit("peers", "twin_share") * len(both):
            continue
        large = sum(answers[one][key] >= limit("peers", "twin_least") for key in equal)
        for code, twin in ((one, other), (other, one)):
            told[code] += 1
            if told[code] > MOST_TWINS:
                continue
            unit = units[twin].unit
            assert unit
            args = {"unit_code": twin, "unit_name": unit.name, "count": Decimal(len(equal)), "large": Decimal(large)}
            yield code, Finding(id="peer-twin", severity=severity_of("peer-twin"), args=args)


def _amounts(one: Submission, rows: Iterable[str]) -> dict[str, Decimal]:
    return {key: amount for key in rows if (amount := one.entries[key].amount) is not None}


def _candidates(answers: Mapping[str, Mapping[str, Decimal]]) -> list[tuple[str, str]]:
    """Pairs of units with enough large numbers in common, found by number rather than pair by pair."""
    holders: dict[tuple[str, Decimal], list[str]] = {}
    least, most, enough = (limit("peers", name) for name in ("twin_least", "twin_common", "twin_large"))
    for code, rows in answers.items():
        for key, amount in rows.items():
            if amount >= least:
                holders.setdefault((key, amount), []).append(code)
    shared: Counter[tuple[str, str]] = Counter()
    for codes in holders.values():
        if len(codes) <= most:
            shared.update(combinations(codes, 2))
    return [pair for pair, count in shared.items() if count >= enough]

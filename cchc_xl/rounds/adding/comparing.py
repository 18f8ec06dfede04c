"""Earlier periods of a round, consolidated by the same code: the one before of this year, and this one a year ago."""

from collections.abc import Sequence
from dataclasses import replace

from cchc_xl.checking.earlier import known_period
from cchc_xl.model import (
    Consolidation,
    Edition,
    Entry,
    Finding,
    Period,
    ReportingUnit,
    Roster,
    State,
    Submission,
    UnitState,
)


def earlier_rounds(
    edition: Edition, period: Period, roster: Roster, earlier: Sequence[Submission]
) -> tuple[Consolidation | None, Consolidation | None]:
    """(the latest earlier period of the same year, the same period a year ago); None where nothing of it counts.

    N is that of the earlier period's last day; a unit made since out of others stands as those. Earlier workbooks are
    not checked again: only their figures are compared with.
    """
    by_period: dict[str, list[Submission]] = {}
    for one in earlier:
        if not one.refused and one.period:
            by_period.setdefault(one.period, []).append(one)
    known = [found for code in by_period if (found := known_period(edition, code)) and found.end < period.end]
    known.sort(key=lambda one: (one.end, -one.start.toordinal()), reverse=True)
    of_year = [one for one in known if _year(one) == _year(period)]
    year_before = [one for one in known if (_year(one), _kind(one)) == (_year(period) - 1, _kind(period))]

    def first(wanted: Sequence[Period]) -> Consolidation | None:
        made = (_consolidated(edition, one, roster, by_period[one.code]) for one in wanted)
        return next((one for one in made if one), None)

    return first(of_year), first(year_before)


def _year(period: Period) -> int:
    return int(period.code.partition("-")[0])


def _kind(period: Period) -> str:
    return period.code.partition("-")[2]


def _consolidated(
    edition: Edition, period: Period, roster: Roster, submissions: Sequence[Submission]
) -> Consolidation | None:
    from cchc_xl.consolidation.consolidate import consolidate

    ours = [mapped for one in submissions if (mapped := by_todays_keys(one, edition))]
    made = consolidate(edition, period, roster_then(roster, period, ours), ours, _unchecked)
    counts = made.sent or (made.own and made.own.state is UnitState.COUNTED)
    return made if counts else None


def _unchecked(submission: Submission, edition: Edition) -> tuple[Finding, ...]:
    return ()


def by_todays_keys(submission: Submission, edition: Edition) -> Submission | None:
    """The submission under the keys of this edition; rows whose meaning changed are blank. None: no map leads here."""
    if submission.edition in (None, edition.id):
        return submission
    moved = {
        new: replace(submission.entries[old], key=new)
        for old, new in edition.code_map.items()
        if old in submission.entries
    }
    if not moved:
        return None
    entries = {key: moved.get(key) or Entry(key=key, state=State.BLANK) for key in edition.by_key}
    return replace(submission, edition=edition.id, entries=entries)


def roster_then(roster: Roster, period: Period, submissions: Sequence[Submission]) -> Roster:
    """The units of that period: those made since stand as the ones they were made of."""
    sent = {one.unit.code: one for one in submissions if one.unit}
    units: dict[str, ReportingUnit] = {}
    for unit in roster.units:
        if not _made_since(unit, period, sent.keys()):
            if unit.valid_on(period.end):
                units.setdefault(unit.code, unit)
            continue
        for code in unit.predecessors:
            units[code] = _predecessor(code, roster, period, sent.get(code), unit)
    return replace(roster, units=tuple(units.values()))


def _made_since(unit: ReportingUnit, period: Period, sent) -> bool:
    """Did the unit come into being, out of others, after that period?"""
    if not unit.predecessors:
        return False
    if unit.valid_from is not None:
        return period.end < unit.valid_from
    return unit.code in unit.predecessors or unit.code not in sent


def _predecessor(
    code: str, roster: Roster, period: Period, sent: Submission | None, unit: ReportingUnit
) -> ReportingUnit:
    """As the roster still has it, else as its workbook says it is called."""
    listed = [one for one in roster.units if one.code == code and one.valid_on(period.end) and one is not unit]
    if listed:
        return listed[-1]
    name = sent.unit.name if sent and sent.unit else code
    return ReportingUnit(code=code, name=name or code, level=(sent.level if sent else "") or unit.level)

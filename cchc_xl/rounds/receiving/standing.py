"""Where a round stands: the fate of every attachment and the state of every unit, from the events alone.

A pure function of events, readings and roster. Events are taken by their time stamps: their order in the ledger plays
no part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.following.explaining import Returned, returned_in
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.arrivals import APPROVED, LOCKED, REOPENED, RETURNED, RULINGS, Arrival, arrivals_in
from cchc_xl.rounds.receiving.asked import Asked, asked_in
from cchc_xl.rounds.receiving.claims import Claim, by_time, claim, rulings_in
from cchc_xl.rounds.receiving.readings import Readings
from cchc_xl.rounds.receiving.signed import signed_copies
from cchc_xl.rounds.receiving.states import Fate, Seen, Stage, Standing, UnitStanding
from cchc_xl.rounds.receiving.versions import Choice, Version, changes, choose, differing
from cchc_xl.rounds.receiving.word_files import words_told

Judge = Callable[[ReportingUnit, tuple[Version, ...]], tuple[int, int]]  # errors and open warnings of several files


def standing(the_round: Round, events: Sequence[Event], readings: Readings, now: datetime, judge: Judge) -> Standing:
    """``readings`` holds every original of the events. ``judge`` is asked for units whose report came in parts."""
    arrivals = arrivals_in(events)
    claims = _claims(the_round, events, arrivals, readings)
    versions: dict[str, list[Version]] = {}
    for one in claims.values():
        for version in one.versions:
            versions.setdefault(version.unit, []).append(version)
    choices = {code: choose(listed) for code, listed in versions.items()}
    names = {arrival.sha256: arrival.name for arrival in sorted(arrivals, key=lambda one: one.order, reverse=True)}
    fates = {sha: _fate(one, choices, names) for sha, one in claims.items()}
    seen = tuple(_of_arrival(arrival, fates[arrival.sha256]) for arrival in arrivals)
    seen, signed = signed_copies(the_round, seen)
    undated = {one.unit for one in seen if one.fate is Fate.WAITING and one.reason == "no_period"}
    units, returned, asked = [], returned_in(events), asked_in(events)
    for unit in the_round.units:
        stands = _unit(the_round, unit, versions.get(unit.code, ()), choices.get(unit.code), now)
        if stands.stage is Stage.NOT_SENT and unit.code in undated:
            stands = replace(stands, stage=Stage.RECEIVED)
        if stands.current:
            stands = _judged(stands, readings, judge, returned)
            stands = _asked(stands, asked.get(unit.code, Asked()))
        units.append(replace(_ruled(stands, events), signed_copy=signed.get(unit.code, "")))
    return Standing(seen=words_told(the_round, seen, units, readings, events), units=tuple(units))


def _claims(
    the_round: Round, events: Sequence[Event], arrivals: Sequence[Arrival], readings: Readings
) -> dict[str, Claim]:
    """Content -> what it is judged to be."""
    groups: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        groups.setdefault(arrival.sha256, []).append(arrival)
    rulings = rulings_in(events)
    return {sha: claim(the_round, listed, readings[sha], rulings) for sha, listed in groups.items()}


def _fate(one: Claim, choices: Mapping[str, Choice], names: Mapping[str, str]) -> Seen:
    """A version's fate among the others of its unit; of a master's several, the best."""
    if not one.versions:
        return one.seen
    fates = [_of_version(one.seen, version, choices[version.unit], names) for version in one.versions]
    order = (Fate.CURRENT, Fate.WAITING, Fate.SUPERSEDED)
    best = min(fates, key=lambda seen: order.index(seen.fate))
    if len(fates) > 1:
        best = replace(best, parts={seen.unit: seen.fate for seen in fates})
    if one.left and best.fate is Fate.CURRENT:
        return replace(best, reason="units_left", args={"units": one.left})
    return best


def _of_version(seen: Seen, version: Version, choice: Choice, names: Mapping[str, str]) -> Seen:
    successor, rivals = choice.superseded.get(version.sha256), choice.conflicts.get(version.sha256)
    if successor:
        args = {"by": names[successor.sha256], "changes": changes(version, successor)}
        reason = "superseded" if version.answers else "blank"
        return replace(seen, fate=Fate.SUPERSEDED, unit=version.unit, reason=reason, args=args)
    if choice.conflicts:
        rows = tuple(dict.fromkeys(key for rival in rivals or () for key in differing(version, rival)))
        others = tuple(names[rival.sha256] for rival in rivals or ())
        reason = "contradicts" if rivals else "beside_contradicts"
        args = {"others": others, "rows": rows}
        return replace(seen, fate=Fate.WAITING, unit=version.unit, reason=reason, args=args)
    others = tuple(names[other.sha256] for other in choice.current if other.sha256 != version.sha256)
    return replace(seen, fate=Fate.CURRENT, unit=version.unit, reason="part" if others else "", args={"others": others})


def _of_arrival(arrival: Arrival, seen: Seen) -> Seen:
    """The first sighting that counts bears the fate; the others are duplicates of it."""
    if seen.arrival.seq == arrival.seq:
        return seen
    args = {"other": seen.arrival.name, "at": seen.arrival.received}
    return Seen(arrival=arrival, fate=Fate.DUPLICATE, unit=seen.unit, reason="duplicate", args=args)


def _unit(
    the_round: Round, unit: ReportingUnit, versions: Sequence[Version], choice: Choice | None, now: datetime
) -> UnitStanding:
    """Before anybody has judged: not sent, received (waiting for a person), or to approve."""
    deadline = the_round.settings.deadline_of(unit.code, now)
    arrived = min((version.received for version in versions), default=now)
    current = choice.current if choice else ()
    stage = Stage.TO_APPROVE if current else Stage.RECEIVED if versions else Stage.NOT_SENT
    asked = [one for one in versions if choice and one.sha256 in choice.conflicts]
    return UnitStanding(
        unit=unit,
        stage=stage,
        current=current,
        late=deadline is not None and arrived > deadline,
        contradicting=tuple(sorted(asked, key=lambda one: (one.rank, one.sha256))),
    )


def _judged(stands: UnitStanding, readings: Readings, judge: Judge, returned: Returned) -> UnitStanding:
    """Errors, and warnings that nobody explained or whose explanation was returned, must be dealt with first."""
    if len(stands.current) > 1:
        errors, warnings = judge(stands.unit, stands.current)
    else:
        listed = readings[stands.current[0].sha256]
        own = next((one for one in listed if one.unit == stands.unit.code), listed[0])
        back = sum((stands.unit.code, *said) in returned for said in own.explained.items())
        errors, warnings = own.errors, own.warnings + back
    stage = Stage.TO_FIX if errors or warnings else Stage.TO_APPROVE
    return replace(stands, stage=stage, errors=errors, warnings=warnings)


def _asked(stands: UnitStanding, asked: Asked) -> UnitStanding:
    """What the unit was asked about these files is still open, also where only an earlier period shows it."""
    if asked.files != tuple(sorted(version.sha256 for version in stands.current)):
        return stands
    errors, warnings = max(stands.errors, asked.errors), max(stands.warnings, asked.warnings)
    return replace(stands, stage=Stage.TO_FIX if errors or warnings else stands.stage, errors=errors, warnings=warnings)


def with_open_points(stands: UnitStanding, errors: int, warnings: int, asked: Asked) -> UnitStanding:
    """The unit with these counts instead, unless what it was asked was more; what staff ruled on its files holds."""
    counted = replace(stands, errors=errors, warnings=warnings)
    if stands.stage in (Stage.TO_APPROVE, Stage.TO_FIX) and not (stands.verdict and stands.verdict.kind == RETURNED):
        counted = replace(counted, stage=Stage.TO_FIX if errors or warnings else Stage.TO_APPROVE)
        return _asked(counted, asked)
    return replace(_asked(counted, asked), stage=stands.stage)


def _ruled(stands: UnitStanding, events: Sequence[Event]) -> UnitStanding:
    """What staff ruled on the files that are current now; a lock holds until it is reopened."""
    mine = [event for event in events if event.kind in RULINGS and event.body["unit"] == stands.unit.code]
    ruled = sorted(mine, key=by_time)
    locking = [event for event in ruled if event.kind in (LOCKED, REOPENED)]
    if locking and locking[-1].kind == LOCKED:
        return replace(stands, stage=Stage.LOCKED, verdict=locking[-1])
    files = sorted(version.sha256 for version in stands.current)
    on_these = [event for event in ruled if event.body["files"] == files]
    if not on_these:
        return stands
    stages = {APPROVED: Stage.APPROVED, RETURNED: Stage.TO_FIX}
    return replace(stands, stage=stages.get(on_these[-1].kind, stands.stage), verdict=on_these[-1])

"""What one attachment is, judged alone: no report, refused, waiting for a person, or a version of a unit's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.arrivals import DECIDED, LOCKED, REOPENED, Arrival, undone_in
from cchc_xl.rounds.receiving.readings import Reading
from cchc_xl.rounds.receiving.senders import doubt
from cchc_xl.rounds.receiving.states import Fate, Seen
from cchc_xl.rounds.receiving.versions import Version

_WORD_KINDS = ("docx", "doc", "rtf", "odt")
_NAME_SHOWN = 60  # characters of a name that a file gives
_BEST = (Fate.CURRENT, Fate.WAITING, Fate.REFUSED, Fate.NOT_A_REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``versions`` is empty where ``seen`` is final; a master makes one version a unit.

    ``left``: units in it that it can't speak for, by name.
    """

    seen: Seen
    versions: tuple[Version, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """What staff ruled: sha256 -> decision, unit -> locked since, moment of a collect -> the event that undid it.

    ``parts``: sha256 -> unit -> the decision by which its part was taken.
    """

    decisions: Mapping[str, Event]
    parts: Mapping[str, Mapping[str, Event]]
    locks: Mapping[str, datetime]
    undone: Mapping[str, Event]


def rulings_in(events: Sequence[Event]) -> Rulings:
    """Of several decisions on one file the last counts; parts of a master may be taken one after the other."""
    decisions: dict[str, Event] = {}
    parts: dict[str, dict[str, Event]] = {}
    for event in sorted((one for one in events if one.kind == DECIDED), key=by_time):
        sha = str(event.body["sha256"])
        decisions[sha] = event
        taken = {} if event.body["reject"] else parts.get(sha, {})
        parts[sha] = taken | dict.fromkeys(units_of(event), event)
    return Rulings(decisions=decisions, parts=parts, locks=locks_in(events), undone=undone_in(events))


def units_of(decision: Event) -> tuple[str, ...]:
    """The units for which a file, or their parts of it, were taken."""
    listed = decision.body.get("units") or [decision.body["unit"]]
    return tuple(str(code) for code in listed if code) if isinstance(listed, list) else ()


def claim(the_round: Round, arrivals: Sequence[Arrival], readings: Sequence[Reading], rulings: Rulings) -> Claim:
    """The judgement on one content. ``arrivals``: every time it was seen; it counts for the best of them."""
    claims = [_one(the_round, arrival, readings, rulings) for arrival in sorted(arrivals, key=_order)]
    return min(claims, key=lambda one: _BEST.index(one.seen.fate))


def _order(arrival: Arrival) -> tuple[datetime, datetime, datetime, str]:
    return arrival.order


def locks_in(events: Sequence[Event]) -> dict[str, datetime]:
    """Unit -> the moment since when it is locked, for those locked now."""
    last: dict[str, Event] = {}
    for event in sorted(events, key=by_time):
        if event.kind in (LOCKED, REOPENED):
            last[str(event.body["unit"])] = event
    return {unit: event.at for unit, event in last.items() if event.kind == LOCKED}


def by_time(event: Event) -> tuple[datetime, str, str]:
    """The order of decisions: by time stamp; at the same moment, the order does not depend on who came first."""
    return (event.at, event.kind, repr(sorted(event.body.items(), key=str)))


def _one(the_round: Round, arrival: Arrival, readings: Sequence[Reading], rulings: Rulings) -> Claim:
    settled = _no_workbook(arrival, readings[0]) or _turned_down(arrival, readings[0], rulings)
    if settled:
        return Claim(seen=settled)
    judged = [
        _version(the_round, arrival, reading, _accepting(arrival, reading, rulings, len(readings)), rulings.locks)
        for reading in readings
    ]
    versions = tuple(one for one in judged if isinstance(one, Version))
    if versions:
        seen = Seen(arrival=arrival, fate=Fate.CURRENT, unit=versions[0].unit)
        named = zip(readings, judged, strict=True)
        left = tuple(_called(reading) for reading, one in named if isinstance(one, Seen))
        return Claim(seen=seen, versions=versions, left=left)
    worst = min((one for one in judged if isinstance(one, Seen)), key=lambda one: _BEST.index(one.fate))
    if len(readings) == 1 or worst.fate is not Fate.WAITING:
        return Claim(seen=worst)
    units = tuple(dict.fromkeys(map(_called, readings)))
    args = {"count": len(units), "units": units, "why": worst}
    return Claim(seen=replace(worst, unit="", reason="several_wait", args=args))


def _called(reading: Reading) -> str:
    return (reading.name or reading.unit)[:_NAME_SHOWN]


def _accepting(arrival: Arrival, reading: Reading, rulings: Rulings, several: int) -> tuple[str, Event | None]:
    """The unit a person gave this to, and the decision. A part of a master is its own unit's or nobody's."""
    if several > 1:
        event = rulings.parts.get(arrival.sha256, {}).get(reading.unit)
        return (reading.unit if event else ""), event
    event = rulings.decisions.get(arrival.sha256)
    return (str(event.body["unit"]) if event else ""), event


def _turned_down(arrival: Arrival, reading: Reading, rulings: Rulings) -> Seen | None:
    """A person rejected the file, or took back the collect that brought it."""
    undone, decision = rulings.undone.get(arrival.entered.isoformat()), rulings.decisions.get(arrival.sha256)
    event = undone or (decision if decision and decision.body["reject"] else None)
    if event is None:
        return None
    args = {"who": event.who, "reason": event.body["reason"]}
    reason = "undone" if undone else "rejected"
    return Seen(arrival=arrival, fate=Fate.REFUSED, unit=reading.unit, reason=reason, args=args)


def _no_workbook(arrival: Arrival, reading: Reading) -> Seen | None:
    """A fate that what the file is decides."""
    if arrival.problem == "automatic":
        return Seen(arrival=arrival, fate=Fate.NOT_A_REPORT, reason="problem", args={"problem": arrival.problem})
    if arrival.problem:
        return Seen(arrival=arrival, fate=Fate.REFUSED, reason="problem", args={"problem": arrival.problem})
    if arrival.opened:
        return Seen(arrival=arrival, fate=Fate.NOT_A_REPORT, reason="opened", args={"count": arrival.opened})
    if not reading.meant:
        reason = "word_report" if reading.kind in _WORD_KINDS else "inline" if arrival.inline else "kind"
        return Seen(arrival=arrival, fate=Fate.NOT_A_REPORT, reason=reason, args={"kind": reading.kind})
    if reading.refused:
        return Seen(arrival=arrival, fate=Fate.REFUSED, reason="unreadable", args={"sentence": reading.refused})
    return None


def _version(
    the_round: Round,
    arrival: Arrival,
    reading: Reading,
    ruled: tuple[str, Event | None],
    locks: Mapping[str, datetime],
) -> Version | Seen:
    """A version of a unit of this round, or why not. ``ruled``: the unit a person gave it to, by which decision."""
    accepted, decision = ruled
    unit = the_round.unit(accepted or reading.unit)
    stopped = _not_of_this_round(the_round, reading, accepted=bool(accepted)) or _nobody(the_round, reading, unit)
    if stopped is None and unit and not accepted:
        found = doubt(the_round, arrival, unit)
        stopped = (Fate.WAITING, *found) if found else None
    if stopped is None and unit and unit.code in locks and arrival.entered > locks[unit.code]:
        stopped = (Fate.WAITING, "locked", {"unit": unit.full_name})
    if stopped or unit is None:
        fate, reason, args = stopped or (Fate.WAITING, "no_unit", {})
        known = unit.code if unit else ""
        return Seen(arrival=arrival, fate=fate, unit=known, reason=reason, args=args)
    return Version(
        sha256=arrival.sha256,
        unit=unit.code,
        answers=reading.answers,
        final=not reading.provisional,
        received=arrival.received,
        written=arrival.written,
        entered=arrival.entered,
        chosen=decision.at if decision and decision.body["settles"] else None,
    )


Stop = tuple[Fate, str, Mapping[str, object]]


def _not_of_this_round(the_round: Round, reading: Reading, *, accepted: bool) -> Stop | None:
    """Another edition can't be counted; another period only when a person says that the file is of this one."""
    if reading.edition != the_round.edition.id:
        return Fate.REFUSED, "other_edition", {"edition": reading.edition, "wanted": the_round.edition.id}
    if accepted or reading.period == the_round.period.code:
        return None
    if not reading.period:
        return Fate.WAITING, "no_period", {}
    return Fate.REFUSED, "other_period", {"period": reading.period, "wanted": the_round.period.code}


def _nobody(the_round: Round, reading: Reading, unit: ReportingUnit | None) -> Stop | None:
    if unit:
        return None
    if not reading.unit and not reading.name:
        return Fate.WAITING, "no_unit", {}
    known = the_round.roster.find(reading.unit)
    reason = "not_due" if known else "unknown_unit"
    return Fate.WAITING, reason, {"unit": " ".join(part for part in (reading.unit, reading.name) if part)}

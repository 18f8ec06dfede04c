"""What staff rule, each with a reason: whose a doubtful file is, and a unit's approval, return, lock and reopening."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.rounds.following.open_points import full_standing_of
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.receiving.arrivals import APPROVED, DECIDED, LOCKED, REOPENED, RETURNED
from cchc_xl.rounds.receiving.current import standing_of
from cchc_xl.rounds.receiving.readings import Reading, readings_of
from cchc_xl.rounds.receiving.states import Fate, Seen, Stage, Standing, UnitStanding

_SHORTEST = 8  # characters of a sha256 that are enough to name a file


def decide(
    folder: Path,
    sha: str,
    unit: str | None = None,
    reject: bool = False,
    *,
    everyone: bool = False,
    reason: str,
    now: datetime,
    who: str,
) -> Seen:
    """Say whose a file is, or that it is not taken; the file and its fate from now on.

    Of a master ``unit`` takes the part of that unit, ``everyone`` those of all units it holds; ``parts`` then says what
    became of each. Where versions contradict each other, the one decided for counts in the rows they differ in.
    ``sha``: the whole sha256 or a beginning of at least 8 characters. Raises UsageError, RoundError, OutputError.
    """
    _check_reason(reason)
    if [bool(unit), reject, everyone].count(True) != 1:
        raise UsageError("decide-one")
    the_round, stands, _ = standing_of(folder, now)
    seen = _find(stands, sha)
    units = () if reject else _acceptable(the_round, seen, unit or "")
    for code in sorted({*units, seen.unit, *seen.parts} - {""}):
        _check_open(stands.unit(code), "decide-locked")
    body = {
        "sha256": seen.arrival.sha256,
        "unit": units[0] if len(units) == 1 else "",
        "reject": reject,
        "settles": len(units) == 1 and _contradicts(stands, seen, units[0]),
        "reason": reason.strip(),
    }
    ledger.add(folder, DECIDED, body | ({"units": list(units)} if len(units) > 1 else {}), now=now, who=who)
    return _find(standing_of(folder, now)[1], seen.arrival.sha256)


def _contradicts(stands: Standing, seen: Seen, unit: str) -> bool:
    """Is this one of the files between which a person must choose for the unit?"""
    asked = stands.unit(unit)
    in_part = asked is not None and any(one.sha256 == seen.arrival.sha256 for one in asked.contradicting)
    return seen.reason == "contradicts" or in_part


def approve(folder: Path, unit: str, *, reason: str, now: datetime, who: str) -> UnitStanding:
    """The unit's current files are right (Đã duyệt), until other files become current."""
    return _rule(folder, unit, APPROVED, reason, now, who)


def send_back(folder: Path, unit: str, *, reason: str, now: datetime, who: str) -> UnitStanding:
    """The unit must send again (Cần sửa), whatever the checks say."""
    return _rule(folder, unit, RETURNED, reason, now, who)


def lock(folder: Path, unit: str, *, reason: str, now: datetime, who: str) -> UnitStanding:
    """The unit's files are final (Đã chốt): what comes later waits until it is reopened."""
    return _rule(folder, unit, LOCKED, reason, now, who)


def reopen(folder: Path, unit: str, *, reason: str, now: datetime, who: str) -> UnitStanding:
    """Take back a lock or an approval."""
    return _rule(folder, unit, REOPENED, reason, now, who)


def _rule(folder: Path, unit: str, kind: str, reason: str, now: datetime, who: str) -> UnitStanding:
    """Where the unit stands after the ruling. Raises UsageError, RoundError, OutputError."""
    _check_reason(reason)
    _, stands, _ = standing_of(folder, now)
    before = stands.unit(unit)
    if before is None:
        raise UsageError("decide-unit", unit=unit)
    if kind == REOPENED:
        if before.stage not in (Stage.APPROVED, Stage.LOCKED):
            raise UsageError("unit-open", unit=before.unit.full_name)
    else:
        _check_open(before, "unit-locked")
        if not before.current:
            action = words("round")["actions"][kind]
            raise UsageError("unit-nothing", unit=before.unit.full_name, action=action)
    files = sorted(version.sha256 for version in before.current)
    body = {"unit": unit, "files": files, "reason": reason.strip()}
    ledger.add(folder, kind, body, now=now, who=who)
    after = full_standing_of(folder, now).stands.unit(unit)
    assert after is not None
    return after


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("reason-missing")


def _check_open(stands: UnitStanding | None, error: str) -> None:
    if stands and stands.stage is Stage.LOCKED:
        raise UsageError(error, unit=stands.unit.full_name)


def _find(stands: Standing, sha: str) -> Seen:
    """The attachment of that content that bears its fate, not one of its duplicates."""
    wanted = sha.strip().lower()
    found = [one for one in stands.seen if one.arrival.sha256.startswith(wanted) and one.fate is not Fate.DUPLICATE]
    if not found or len(wanted) < _SHORTEST:
        raise UsageError("decide-unknown", sha256=sha)
    if len({one.arrival.sha256 for one in found}) > 1:
        raise UsageError("decide-several", sha256=sha)
    return found[0]


def _acceptable(the_round: Round, seen: Seen, unit: str) -> tuple[str, ...]:
    """The units for which the file is taken; ``unit`` "": all it holds. Only what the round's edition can read.

    Raises UsageError.
    """
    if unit and the_round.unit(unit) is None:
        raise UsageError("decide-unit", unit=unit)
    sha, name = seen.arrival.sha256, seen.arrival.name
    readings = readings_of(the_round, {sha: name})[sha]
    usable = [one for one in readings if one.meant and not one.refused and one.edition == the_round.edition.id]
    if not usable or seen.arrival.opened or seen.arrival.problem:
        raise UsageError("decide-unreadable", name=name, edition=the_round.edition.id)
    if len(readings) == 1 and unit:
        return (unit,)
    return _parts_taken(the_round, usable, unit, name)


def _parts_taken(the_round: Round, usable: Sequence[Reading], unit: str, name: str) -> tuple[str, ...]:
    """Whose parts of a master are taken. One of another period is never taken for this one. Raises UsageError."""
    other = next((one.period for one in usable if one.period and one.period != the_round.period.code), "")
    if other:
        raise UsageError("decide-period", name=name, period=other, wanted=the_round.period.code)
    held = tuple(dict.fromkeys(one.unit for one in usable if the_round.unit(one.unit)))
    if not held:
        raise UsageError("decide-nobody", name=name)
    if unit and unit not in held:
        named = "; ".join(f"{one.full_name} ({one.code})" for one in the_round.units if one.code in held)
        raise UsageError("decide-part", name=name, unit=unit, count=len(held), units=named)
    return (unit,) if unit else held

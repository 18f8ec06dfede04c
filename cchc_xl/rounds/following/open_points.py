"""How much each unit still has to answer, with what only earlier periods and other units show.

Looking at all workbooks again takes seconds in a large round, so the result is remembered beside the ledger, under a
hash of everything it depends on: a file more, an earlier workbook changed, another severity, and it is made anew.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.editions.requests import kind_of
from cchc_xl.errors import RoundError, UsageError
from cchc_xl.files import sha256_of
from cchc_xl.model import Finding, Severity
from cchc_xl.relations.rules import trimmed
from cchc_xl.rounds.following.explaining import Returned, returned_in
from cchc_xl.rounds.following.judged import judged_with
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import LEDGER, Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.reading.judging import earlier_stamps, earlier_submissions
from cchc_xl.rounds.receiving.asked import Asked, asked_in
from cchc_xl.rounds.receiving.current import names_in, standing_of
from cchc_xl.rounds.receiving.readings import CACHE, IDENTITY, stamp_of
from cchc_xl.rounds.receiving.standing import with_open_points
from cchc_xl.rounds.receiving.states import Standing
from cchc_xl.rounds.receiving.word_files import USED


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoints:
    """``explained``: (rule, text) of each warning that the unit explained: none, as long as nobody returned it."""

    errors: int = 0
    warnings: int = 0
    explained: tuple[tuple[str, str], ...] = ()

    def open_warnings(self, unit: str, returned: Returned) -> int:
        return self.warnings + sum((unit, *said) in returned for said in self.explained)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullStanding:
    """Where a round stands, everything counted. ``problem``: what could not be looked at, or ""."""

    round: Round
    stands: Standing
    events: tuple[Event, ...]
    problem: str = ""


def full_standing_of(folder: Path, now: datetime, progress: Progress = quiet) -> FullStanding:
    """As ``standing_of``; errors and warnings of each unit are those that an answer to it would name.

    Earlier workbooks that are not there or can't be read, and an original that was altered, keep nobody from looking:
    then ``problem`` says so. Raises RoundError, RosterError.
    """
    the_round, stands, events = standing_of(folder, now, progress)
    if not any(one.current for one in stands.units):
        return FullStanding(round=the_round, stands=stands, events=events)
    try:
        points, problem = _points_or_problem(the_round, stands, events, progress)
    except RoundError as error:
        points, problem = {}, words("round")["words"]["not_looked"].format(problem=error_sentence(error))
    returned, asked = returned_in(events), asked_in(events)
    units = []
    for one in stands.units:
        found = points.get(one.unit.code)
        if found and one.current:
            warnings = found.open_warnings(one.unit.code, returned)
            one = with_open_points(one, found.errors, warnings, asked.get(one.unit.code, Asked()))
        units.append(one)
    return FullStanding(round=the_round, stands=replace(stands, units=tuple(units)), events=events, problem=problem)


def _points_or_problem(
    the_round: Round, stands: Standing, events: Sequence[Event], progress: Progress
) -> tuple[Mapping[str, OpenPoints], str]:
    """The open points; without earlier periods, and why, where those can't be used. Raises RoundError."""
    try:
        return _open_points(the_round, stands, events, the_round.settings.previous, progress), ""
    except UsageError as error:
        problem = words("round")["words"]["not_compared"].format(problem=error_sentence(error))
        return _open_points(the_round, stands, events, None, progress), problem


def _open_points(
    the_round: Round, stands: Standing, events: Sequence[Event], previous: Path | None, progress: Progress
) -> Mapping[str, OpenPoints]:
    """Unit -> its open points, remembered or made anew. Raises UsageError where the earlier workbooks can't be used."""
    stamps = earlier_stamps(previous)
    key = _key(the_round, stands, stamps)
    known = _remembered(the_round.folder, key)
    if known is not None:
        return known
    earlier = earlier_submissions(previous, the_round.roster)
    judged = judged_with(the_round, stands, names_in(events), earlier, frozenset(), progress)
    made = {code: points_of(one.findings) for code, one in judged.items()}
    _remember(the_round.folder, key, made)
    return made


def points_of(findings: Sequence[Finding]) -> OpenPoints:
    """Whose a file is and of which period is judged by the round: such findings are no mistakes in the numbers."""
    listed = [one for one in findings if not one.id.startswith(IDENTITY)]
    kinds = [kind_of(one) for one in listed]
    explained = [one for one in listed if one.severity is Severity.WARNING and one.explained]
    return OpenPoints(
        errors=kinds.count("error"),
        warnings=kinds.count("warning"),
        explained=tuple((one.rule or "", trimmed(one.explanation)) for one in explained),
    )


def _key(the_round: Round, stands: Standing, stamps: object) -> str:
    """Everything the open points depend on: program, edition, roster, severities, files that count, earlier files."""
    files = [(one.unit.code, [version.sha256 for version in one.current]) for one in stands.units if one.current]
    said = sorted((one.unit, one.arrival.sha256, one.arrival.name) for one in stands.seen if one.reason == USED)
    parts = (stamp_of(the_round), the_round.period.code, repr(files), repr(said), repr(stamps))
    return sha256_of("\0".join(parts).encode("utf-8", "surrogatepass"))


def _remembered(folder: Path, key: str) -> Mapping[str, OpenPoints] | None:
    """What the cache says under that key; None for anything that is not just as it was written."""
    path = folder / LEDGER / CACHE
    if not path.is_file():
        return None
    with (
        suppress(sqlite3.Error, ValueError, TypeError, KeyError),
        closing(sqlite3.connect(path, timeout=1.0)) as database,
    ):
        row = database.execute("SELECT text, own FROM points WHERE key = ?", (key,)).fetchone()
        if row and row[1] == sha256_of(f"{key}\0{row[0]}".encode()):
            return {
                code: OpenPoints(errors=errors, warnings=warnings, explained=tuple((rule, text) for rule, text in told))
                for code, (errors, warnings, told) in json.loads(row[0]).items()
            }
    return None


def _remember(folder: Path, key: str, made: Mapping[str, OpenPoints]) -> None:
    """The latest only. A cache that can't be written is done without."""
    text = json.dumps({code: [one.errors, one.warnings, one.explained] for code, one in made.items()})
    with suppress(sqlite3.Error), closing(sqlite3.connect(folder / LEDGER / CACHE, timeout=1.0)) as database, database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("CREATE TABLE IF NOT EXISTS points (key PRIMARY KEY, text, own)")
        database.execute("DELETE FROM points")
        database.execute("INSERT INTO points VALUES (?, ?, ?)", (key, text, sha256_of(f"{key}\0{text}".encode())))

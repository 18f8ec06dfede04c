"""The workbooks that count now, ready to be consolidated: of every row, the highest ranked version that answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.merge import merge
from cchc_xl.editions.severities import resevered
from cchc_xl.model import Entry, ReportingUnit, State, Submission, UnitName
from cchc_xl.rounds.following.explaining import returned_in, with_rulings
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import Round, open_round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.reading.originals import read_originals
from cchc_xl.rounds.receiving.arrivals import arrivals_in
from cchc_xl.rounds.receiving.readings import problems_in, readings_of
from cchc_xl.rounds.receiving.standing import standing
from cchc_xl.rounds.receiving.states import Standing
from cchc_xl.rounds.receiving.versions import Version
from cchc_xl.rounds.receiving.word_files import with_words

Originals = Mapping[str, tuple[Submission, ...]]  # sha256 -> what it says


def standing_of(folder: Path, now: datetime, progress: Progress = quiet) -> tuple[Round, Standing, tuple[Event, ...]]:
    """Where the round in ``folder`` stands. Raises RoundError, RosterError."""
    events = ledger.events(folder)
    the_round = open_round(folder, events)
    names = names_in(events)
    readings, returned = readings_of(the_round, names, progress), returned_in(events)

    def judge(unit: ReportingUnit, versions: tuple[Version, ...]) -> tuple[int, int]:
        merged = merge(the_round.edition, of_unit(the_round, unit, versions, names))
        checked = resevered(check(merged.submission, the_round.edition), the_round.settings.severities)
        findings = with_rulings((*merged.submission.findings, *checked), unit.code, returned)
        return problems_in((*findings, *merged.conflicts))

    return the_round, standing(the_round, events, readings, now, judge), events


def names_in(events: Sequence[Event]) -> dict[str, str]:
    """sha256 -> the name it first came under."""
    arrivals = sorted(arrivals_in(events), key=lambda one: one.order, reverse=True)
    return {arrival.sha256: arrival.name for arrival in arrivals}


def submissions(folder: Path, progress: Progress = quiet) -> tuple[Submission, ...]:
    """The current workbooks of every unit, in the order of the units; rows that a later version answers are blank.

    Given to ``consolidate`` they complete each other. Files between which a person must still choose are given as they
    are, so that the unit is listed as waiting. Raises RoundError, RosterError.
    """
    events = ledger.events(folder)
    latest = max(event.at for event in events) if events else datetime.min  # lateness plays no part here
    the_round, stands, events = standing_of(folder, latest, progress)
    return submissions_of(the_round, stands, names_in(events))


def submissions_of(the_round: Round, stands: Standing, names: Mapping[str, str]) -> tuple[Submission, ...]:
    """As ``submissions``, where the standing is known. ``names``: sha256 -> the name to report."""
    found: list[Submission] = []
    for one in stands.units:
        found += of_unit(the_round, one.unit, one.current, names)
        for version in one.contradicting:
            found += of_unit(the_round, one.unit, [version], names)
    return with_words(the_round, stands, found)


def of_unit(
    the_round: Round,
    unit: ReportingUnit,
    versions: Sequence[Version],
    names: Mapping[str, str],
    read: Originals | None = None,
) -> tuple[Submission, ...]:
    """One unit's current files as submissions that complete each other, highest ranked first.

    ``read``: the originals where they have been read already.
    """
    return of_files(the_round, unit, [version.sha256 for version in versions], names, read)


def of_files(
    the_round: Round,
    unit: ReportingUnit,
    shas: Sequence[str],
    names: Mapping[str, str],
    read: Originals | None = None,
) -> tuple[Submission, ...]:
    """The same for originals that counted for the unit once, by their sha256. Raises RoundError if one is gone."""
    read = read_originals(the_round, {sha: names[sha] for sha in shas}, workers=1) if read is None else read
    said: set[str] = set()
    completed: list[Submission] = []
    for sha in shas:
        submission = next(one for one in read[sha] if len(read[sha]) == 1 or _is_from(one, unit))
        completed.append(_without(_addressed(submission, the_round, unit), said))
        said |= {key for key, entry in submission.entries.items() if _says(entry)}
    return tuple(completed)


def _is_from(submission: Submission, unit: ReportingUnit) -> bool:
    """In a master, the part of this unit; a workbook by itself stands for the unit a person gave it to."""
    return submission.unit is not None and submission.unit.code == unit.code


def _addressed(submission: Submission, the_round: Round, unit: ReportingUnit) -> Submission:
    """Unit and period as ruled, where a person decided whose the file is."""
    said = (submission.unit.code if submission.unit else "", submission.period)
    if said == (unit.code, the_round.period.code):
        return submission
    name = UnitName(code=unit.code, name=unit.title)
    findings = tuple(finding for finding in submission.findings if not finding.id.startswith("identity-"))
    period = the_round.period.code
    return replace(submission, unit=name, period=period, level=unit.level, findings=findings)


def _says(entry: Entry) -> bool:
    return entry.state not in (State.BLANK, State.NOT_APPLICABLE)


def _without(submission: Submission, keys: set[str]) -> Submission:
    """The submission with these rows blank, and nothing said about them."""
    if not keys:
        return submission
    entries = {
        key: Entry(key=key, state=State.BLANK, sheet=entry.sheet, cell=entry.cell)
        if key in keys and _says(entry)
        else entry
        for key, entry in submission.entries.items()
    }
    findings = tuple(finding for finding in submission.findings if finding.key not in keys)
    return replace(submission, entries=entries, findings=findings)

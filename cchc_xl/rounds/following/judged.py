"""What a round says about each unit now: its current workbook, merged, with every finding its district sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cchc_xl.model import Consolidation, Counted, Finding, Submission, UnitState
from cchc_xl.rounds.following.explaining import Returned, returned_in, with_rulings
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import Round, open_round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.reading.judging import checker, earlier_refused, earlier_submissions, with_peers
from cchc_xl.rounds.reading.originals import read_originals
from cchc_xl.rounds.receiving.current import Originals, names_in, of_unit
from cchc_xl.rounds.receiving.states import Standing, UnitStanding
from cchc_xl.rounds.receiving.word_files import with_words


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedUnit:
    """One unit's current workbook. ``parts``: its current files as read, highest ranked first."""

    stands: UnitStanding
    submission: Submission
    parts: tuple[Submission, ...]
    findings: tuple[Finding, ...]


def judged_round(
    the_round: Round, stands: Standing, events: Sequence[Event], previous: Path | None = None
) -> Mapping[str, JudgedUnit]:
    """Unit code -> its current workbook as judged, for the units that have one.

    Reading, rules, earlier periods (``previous``, else what the settings name), peers; severities and returned
    explanations as the staff ruled. Raises UsageError, RoundError.
    """
    return judged_with(the_round, stands, names_in(events), earlier_of(the_round, previous), returned_in(events))


def judged_with(
    the_round: Round,
    stands: Standing,
    names: Mapping[str, str],
    earlier: Sequence[Submission],
    returned: Returned,
    progress: Progress = quiet,
) -> Mapping[str, JudgedUnit]:
    """As ``judged_round``, where earlier workbooks and returned explanations are known. ``names``: sha256 -> name."""
    from cchc_xl.consolidation.consolidate import consolidate

    shas = dict.fromkeys(version.sha256 for one in stands.units for version in one.current)
    read = read_originals(the_round, {sha: names[sha] for sha in shas}, progress=progress)
    parts = {one.unit.code: _parts(the_round, stands, one, names, read) for one in stands.units if one.current}
    files = [part for listed in parts.values() for part in listed]
    judge = checker(files, earlier, the_round.roster, the_round.settings.severities)
    made = consolidate(the_round.edition, the_round.period, the_round.roster, files, judge)
    made = with_peers(made, the_round.settings.severities)
    counted = (*made.units, *((made.own,) if made.own else ()))
    return {
        one.unit.code: _judged(one, one.submission, stands, parts, with_rulings(one.findings, one.unit.code, returned))
        for one in counted
        if one.submission and one.state is UnitState.COUNTED
    }


def _parts(
    the_round: Round, stands: Standing, one: UnitStanding, names: Mapping[str, str], read: Originals
) -> tuple[Submission, ...]:
    """The unit's current files, with the words that it sent as a Word file."""
    return with_words(the_round, stands, of_unit(the_round, one.unit, one.current, names, read), [one.unit.code])


def earlier_of(the_round: Round, previous: Path | None) -> tuple[Submission, ...]:
    """The earlier workbooks: of the path given, else of the one in the settings. Raises UsageError."""
    return earlier_submissions(previous or the_round.settings.previous, the_round.roster)


def earlier_refused_of(folder: Path, previous: Path | None) -> tuple[str, ...]:
    """Names of the earlier files that nothing was compared with, since they can't be read."""
    the_round = open_round(folder, ledger.events(folder))
    return earlier_refused(previous or the_round.settings.previous, the_round.roster)


def with_explanations_ruled(consolidation: Consolidation, events: Sequence[Event]) -> Consolidation:
    """The same consolidation with returned explanations taken for none."""
    returned = returned_in(events)
    if not returned:
        return consolidation

    def ruled(counted: Counted) -> Counted:
        return replace(counted, findings=with_rulings(counted.findings, counted.unit.code, returned))

    own = ruled(consolidation.own) if consolidation.own else None
    return replace(consolidation, units=tuple(map(ruled, consolidation.units)), own=own)


def _judged(
    counted: Counted,
    submission: Submission,
    stands: Standing,
    parts: Mapping[str, tuple[Submission, ...]],
    findings: tuple[Finding, ...],
) -> JudgedUnit:
    unit = stands.unit(counted.unit.code)
    assert unit is not None
    return JudgedUnit(stands=unit, submission=submission, parts=parts[counted.unit.code], findings=findings)

"""Every check of a submission, put together: its own rules, its past, its peers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from cchc_xl.checking.checks import check
from cchc_xl.checking.history import check_history, entries_before
from cchc_xl.checking.jumps import usual_changes
from cchc_xl.checking.outside import figures_of
from cchc_xl.checking.peers import check_peers
from cchc_xl.errors import UsageError
from cchc_xl.model import Consolidation, Counted, Edition, Finding, Roster, Submission
from cchc_xl.rounds.intake_files import read_all, workbooks_in

Check = Callable[[Submission, Edition], tuple[Finding, ...]]


def earlier_submissions(previous: Path | None, roster: Roster | None) -> tuple[Submission, ...]:
    """What earlier workbooks, a master, or a folder of them say. Raises UsageError for a path that is not there."""
    if previous is None:
        return ()
    found = read_all(workbooks_in([previous]), roster=roster)
    return tuple(submission for submission in found if not submission.refused)


def checker(now: Sequence[Submission], earlier: Sequence[Submission], roster: Roster | None) -> Check:
    """The check of one submission of this round. ``now``: all of the round, to know which changes are usual."""
    if not earlier:
        return check
    usual: dict[str, object] = {}

    def check_with_past(submission: Submission, edition: Edition) -> tuple[Finding, ...]:
        if edition.id not in usual:
            usual[edition.id] = usual_changes(_pairs(now, earlier), edition)
        before = entries_before(submission, earlier, edition, roster)
        past = check_history(submission, earlier, edition, roster=roster, usual=usual[edition.id])
        return (*check(submission, edition, before), *past)

    return check_with_past


def _pairs(now: Sequence[Submission], earlier: Sequence[Submission]) -> list[tuple[Submission, Submission]]:
    """This period's workbook and each earlier one of the same unit."""
    by_unit: dict[str, list[Submission]] = {}
    for submission in earlier:
        if submission.unit:
            by_unit.setdefault(submission.unit.code, []).append(submission)
    return [(one, before) for one in now if one.unit for before in by_unit.get(one.unit.code, ())]


def outside_figures(file: Path | None, edition: Edition) -> Mapping[tuple[str, str], Decimal]:
    """(unit code, key) -> number of a table from another system. Raises UsageError for what is no such table."""
    from cchc_xl.workbook.incoming.table_in import Unreadable, headed_rows, table_of

    if file is None:
        return {}
    try:
        rows = headed_rows(table_of(file.read_bytes(), str(file)))
    except OSError as error:
        raise UsageError("path-missing", path=str(file)) from error
    except Unreadable as error:
        raise UsageError("table-unreadable", file=str(file), problem=error.problem) from error
    table = figures_of(rows, edition)
    if not table.figures:
        raise UsageError("table-empty", file=str(file))
    return table.figures


def with_peers(consolidation: Consolidation) -> Consolidation:
    """The same consolidation; each unit's findings followed by what a look at its peers says."""
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    merged = [unit.submission for unit in everyone if unit.submission]
    found = check_peers(merged, consolidation.edition)

    def told(unit: Counted) -> Counted:
        more = found.get(unit.unit.code, ())
        return replace(unit, findings=(*unit.findings, *more)) if more and unit.submission else unit

    own = told(consolidation.own) if consolidation.own else None
    return replace(consolidation, units=tuple(told(unit) for unit in consolidation.units), own=own)

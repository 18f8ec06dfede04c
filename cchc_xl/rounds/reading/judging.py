"""Every check of a submission, put together: its own rules, its past, its peers."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from cchc_xl.checking.checks import check
from cchc_xl.checking.history import check_history, entries_before
from cchc_xl.checking.jumps import usual_changes
from cchc_xl.checking.outside import OutsideTable, columns_of, figures_of, missing_columns
from cchc_xl.checking.peers import check_peers
from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import load
from cchc_xl.editions.severities import resevered
from cchc_xl.errors import UsageError
from cchc_xl.files import bytes_of
from cchc_xl.model import Consolidation, Counted, Edition, Finding, Roster, SeverityChange, Submission
from cchc_xl.rounds.reading.intake_files import read_all, workbooks_in
from cchc_xl.rounds.reading.stored import Checked

Check = Callable[[Submission, Edition], tuple[Finding, ...]]


def earlier_submissions(previous: Path | None, roster: Roster | None) -> tuple[Submission, ...]:
    """What earlier workbooks, a master, or a folder of them say.

    Raises UsageError for a path that is not there, and where none of them can be read.
    """
    found = _earlier(previous, roster)
    usable = tuple(submission for submission in found if not submission.refused)
    if found and not usable:
        raise UsageError("previous-unreadable", path=str(previous))
    return usable


def earlier_refused(previous: Path | None, roster: Roster | None) -> tuple[str, ...]:
    """Names of the earlier files that nothing was compared with, since they can't be read. Raises UsageError."""
    return tuple(one.file for one in _earlier(previous, roster) if one.refused)


def earlier_stamps(previous: Path | None) -> tuple[object, ...]:
    """What tells the earlier files apart from what they were: path, name, size and date of each. Raises UsageError."""
    files = tuple(workbooks_in([previous])) if previous else ()
    return tuple((os.path.realpath(path), name, _stamp(path)) for path, name in files)


def _earlier(previous: Path | None, roster: Roster | None) -> tuple[Submission, ...]:
    if previous is None:
        return ()
    files = tuple(workbooks_in([previous]))
    return _read_once(files, tuple(_stamp(path) for path, _ in files), roster)


@lru_cache(maxsize=2)
def _read_once(
    files: tuple[tuple[Path, str], ...], stamps: tuple[object, ...], roster: Roster | None
) -> tuple[Submission, ...]:
    """One command asks several times for the same earlier files; ``stamps`` tell that they are still the same."""
    return tuple(read_all(files, roster=roster))


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:  # gone: reading says so
        return None
    return found.st_mtime_ns, found.st_size


def checker(
    now: Sequence[Submission],
    earlier: Sequence[Submission],
    roster: Roster | None,
    changes: Sequence[SeverityChange] = (),
) -> Check:
    """The check of one submission of this round. ``now``: all of the round, to know which changes are usual.

    ``changes``: severities that the staff set otherwise.
    """
    if not earlier:
        return partial(_check_alone, changes=changes) if changes else check
    usual: dict[str, object] = {}

    def check_with_past(submission: Submission, edition: Edition) -> tuple[Finding, ...]:
        if edition.id not in usual:
            usual[edition.id] = usual_changes(_pairs(now, earlier), edition)
        before = entries_before(submission, earlier, edition, roster)
        past = check_history(submission, earlier, edition, roster=roster, usual=usual[edition.id])
        return resevered((*check(submission, edition, before), *past), changes)

    return check_with_past


def not_twice(judge: Check, read: Sequence[Checked]) -> Check:
    """The same check, without making again what was made when the file was read."""
    if judge is not check:
        return judge
    known = {id(submission): (submission, found) for submission, found in read if found is not None}

    def judged(submission: Submission, edition: Edition) -> tuple[Finding, ...]:
        checked = known.get(id(submission))
        return checked[1] if checked and edition is load(edition.id) else check(submission, edition)

    return judged


def _check_alone(submission: Submission, edition: Edition, *, changes: Sequence[SeverityChange]) -> tuple[Finding, ...]:
    return resevered(check(submission, edition), changes)


def _pairs(now: Sequence[Submission], earlier: Sequence[Submission]) -> list[tuple[Submission, Submission]]:
    """This period's workbook and each earlier one of the same unit."""
    by_unit: dict[str, list[Submission]] = {}
    for submission in earlier:
        if submission.unit:
            by_unit.setdefault(submission.unit.code, []).append(submission)
    return [(one, before) for one in now if one.unit for before in by_unit.get(one.unit.code, ())]


def outside_figures(file: Path | None, edition: Edition) -> OutsideTable:
    """A table from another system by the keys of the edition; empty for no file.

    Columns are those known to everyone and those the staff map on a sheet of their own in the same workbook. Raises
    UsageError for what is no such table, and for a map that does not fit.
    """
    from cchc_xl.workbook.incoming.table_in import Unreadable, table_of, table_titled

    if file is None:
        return OutsideTable()
    try:
        content = bytes_of(file)
        table = table_of(content, str(file))
        titles = words("checks")["outside"]["map_sheets"]
        columns, unknown = columns_of(table_titled(content, str(file), titles), edition)
    except OSError as error:
        raise UsageError("path-missing", path=str(file)) from error
    except Unreadable as error:
        raise UsageError("table-unreadable", file=str(file), problem=error.problem) from error
    if unknown:
        raise UsageError("table-map-key", file=str(file), keys=", ".join(unknown))
    if missing := missing_columns(table, columns):
        raise UsageError("table-map-column", file=str(file), columns=", ".join(missing))
    outside = figures_of(table, edition, columns)
    if not outside.figures:
        raise UsageError("table-empty", file=str(file))
    return outside


def with_peers(consolidation: Consolidation, changes: Sequence[SeverityChange] = ()) -> Consolidation:
    """The same consolidation; each unit's findings followed by what a look at its peers says."""
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    merged = [unit.submission for unit in everyone if unit.submission]
    found = check_peers(merged, consolidation.edition)

    def told(unit: Counted) -> Counted:
        more = resevered(found.get(unit.unit.code, ()), changes)
        return replace(unit, findings=(*unit.findings, *more)) if more and unit.submission else unit

    own = told(consolidation.own) if consolidation.own else None
    return replace(consolidation, units=tuple(told(unit) for unit in consolidation.units), own=own)

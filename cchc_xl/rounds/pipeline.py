"""The use cases. Every way to run the program (command line, Excel buttons) calls these."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cchc_xl.checking.outside import compare_outside
from cchc_xl.editions.catalogue import message
from cchc_xl.editions.load import DEFAULT, load, period_of
from cchc_xl.errors import UsageError
from cchc_xl.files import own_outputs, write_outputs
from cchc_xl.model import Consolidation, Edition, Finding, Roster, Severity, Submission, UnitState
from cchc_xl.rounds.intake_files import Progress, named, passed_over, quiet, read_all, workbooks_in
from cchc_xl.rounds.judging import checker, earlier_submissions, outside_figures, with_peers

REASONS_TOLD = 3
MASTER, NARRATIVE, FACTS, FIGURES = "tong-hop.xlsx", "bao-cao.docx", "so-lieu.csv", "figures.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file as read, with everything to say about it: reading and checks together."""

    submission: Submission
    findings: tuple[Finding, ...]
    edition: Edition

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidated:
    """What a consolidation gave, and where each output was written (name -> path)."""

    consolidation: Consolidation
    written: dict[str, Path]
    passed: tuple[str, ...] = ()  # files in the folders that are no spreadsheets

    @property
    def has_errors(self) -> bool:
        findings = [finding for file in self.consolidation.files for finding in file.findings]
        for unit in (*self.consolidation.units, *_present(self.consolidation)):
            findings += unit.findings
        return any(finding.severity is Severity.ERROR for finding in findings)


def _present(consolidation: Consolidation) -> tuple:
    return (consolidation.own,) if consolidation.own else ()


def read_roster_file(path: Path, edition: Edition) -> Roster:
    """The roster. Raises RosterError."""
    from cchc_xl.workbook.roster import read_roster

    return read_roster(path, edition)


def read_workbooks(files: Sequence[str], roster: Path | None = None) -> tuple[Checked, ...]:
    """Files as read, with the findings of reading only. A file that is not there is a finding too."""
    units = read_roster_file(roster, load()) if roster else None
    named_files = [(Path(file), named(Path(file))) for file in files]
    return tuple(
        Checked(submission=one, findings=one.findings, edition=_edition_of(one))
        for one in read_all(named_files, roster=units)
    )


def check_workbooks(
    files: Sequence[str], roster: Path | None = None, previous: Path | None = None, compare: Path | None = None
) -> tuple[Checked, ...]:
    """Files as read, with the findings of reading and of every check.

    ``previous``: earlier workbooks to hold against; ``compare``: a table of another system's figures for each unit.
    """
    units = read_roster_file(roster, load()) if roster else None
    read = read_workbooks(files, roster)
    earlier = earlier_submissions(previous, units)
    judged = checker([one.submission for one in read], earlier, units)
    outside = outside_figures(compare, load())
    return tuple(
        replace(
            one,
            findings=(
                *one.findings,
                *judged(one.submission, one.edition),
                *compare_outside(one.submission, outside, one.edition),
            ),
        )
        for one in read
    )


def _edition_of(submission: Submission) -> Edition:
    return load(submission.edition or DEFAULT) if not submission.refused else load()


def consolidate_paths(
    paths: Sequence[Path],
    *,
    roster: Path,
    out: Path,
    period: str | None = None,
    edition: str | None = None,
    previous: Path | None = None,
    workers: int = 0,
    progress: Progress = quiet,
) -> Consolidated:
    """Read, check and add up everything under ``paths``; write the four outputs into ``out``.

    Without ``period`` or ``edition`` the one most files carry is taken; a tie is for a person to decide.
    Raises UsageError, RosterError, OutputError.
    """
    from cchc_xl.consolidation.consolidate import consolidate

    forms = load(edition or DEFAULT)
    units = read_roster_file(roster, forms)
    ours = (roster, *own_outputs(out))
    files = workbooks_in(paths, leave_out=ours)
    if not files:
        raise UsageError("nothing-to-consolidate", paths=", ".join(map(str, paths)))
    submissions = read_all(files, roster=units, workers=workers, progress=progress)
    if edition is None:
        forms = load(_most_said((one.edition for one in submissions), "edition-undecided", "editions") or DEFAULT)
    code = period or _most_said((one.period for one in submissions), "period-undecided", "periods")
    if code is None and all(one.refused for one in submissions):
        raise UsageError("all-refused", reasons=_reasons(submissions, forms))
    if code is None:
        raise UsageError("period-none")
    progress("consolidate", 0, 1)
    judged = checker(submissions, earlier_submissions(previous, units), units)
    consolidation = with_peers(consolidate(forms, period_of(forms, code), units, submissions, judged))
    progress("consolidate", 1, 1)
    return Consolidated(
        consolidation=consolidation,
        written=_write(consolidation, out, progress),
        passed=passed_over(paths, leave_out=ours),
    )


def _reasons(submissions: Sequence[Submission], edition: Edition) -> str:
    """Why each of a few files was refused."""
    told = [message(one.findings[0], edition, one.file) for one in submissions[:REASONS_TOLD] if one.findings]
    return " ".join(told)


def _most_said(values, error: str, name: str) -> str | None:
    """The value most files carry; None when none carries any. Raises UsageError on a tie."""
    ranked = Counter(value for value in values if value).most_common()
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        raise UsageError(error, **{name: ", ".join(sorted(value for value, _ in ranked))})
    return ranked[0][0] if ranked else None


def _write(consolidation: Consolidation, out: Path, progress: Progress) -> dict[str, Path]:
    return write_outputs(out, make_outputs(consolidation, _links(consolidation, out), progress))


def make_outputs(
    consolidation: Consolidation, links: Mapping[str, str], progress: Progress = quiet
) -> tuple[tuple[str, bytes], ...]:
    """(name, content) of the four outputs. ``links``: file handed in -> where it lies, seen from the master."""
    from cchc_xl.consolidation.exports import facts_csv, figures_json
    from cchc_xl.word import narrative
    from cchc_xl.workbook import master

    makers = (
        (FIGURES, figures_json),
        (FACTS, facts_csv),
        (MASTER, lambda made: master.build(made, links)),
        (NARRATIVE, narrative.build),
    )
    outputs = []
    for number, (name, make) in enumerate(makers):
        progress("write", number, len(makers))
        outputs.append((name, make(consolidation)))
    progress("write", len(makers), len(makers))
    return tuple(outputs)


def _links(consolidation: Consolidation, out: Path) -> dict[str, str]:
    """Where each file handed in lies, as seen from the master's folder. On another drive there is no such way."""
    links: dict[str, str] = {}
    for file in consolidation.files:
        name = file.submission.file
        try:
            links[name] = Path(os.path.relpath(name, out)).as_posix()
        except ValueError:
            continue
    return links


def not_sent(consolidation: Consolidation) -> tuple[str, ...]:
    """Names of the due units without a workbook."""
    return tuple(unit.unit.full_name for unit in consolidation.units if unit.state is UnitState.NOT_SENT)

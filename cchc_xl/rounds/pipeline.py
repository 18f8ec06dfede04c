"""The use cases. Every way to run the program (command line, Excel buttons) calls these."""

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from cchc_xl.checking.outside import OutsideTable, compare_outside
from cchc_xl.collector import without_collector
from cchc_xl.consolidation.compare import FigureChange
from cchc_xl.editions.load import DEFAULT, load
from cchc_xl.errors import UsageError
from cchc_xl.files import own_outputs, write_outputs
from cchc_xl.model import Consolidation, Edition, Finding, PortalRow, Roster, Severity, Submission, UnitState
from cchc_xl.rounds.adding.adding_up import Wanted, add_up, changed_figures
from cchc_xl.rounds.adding.held import made_text, room_aside, said_as_output
from cchc_xl.rounds.keeping.settings import settled
from cchc_xl.rounds.reading.cache import remembered_in
from cchc_xl.rounds.reading.carried import forms_said, period_said
from cchc_xl.rounds.reading.intake_files import (
    Progress,
    documents_in,
    named,
    passed_over,
    quiet,
    read_all,
    read_checked,
    workbooks_in,
)
from cchc_xl.rounds.reading.judging import checker, earlier_refused, earlier_submissions, outside_figures

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
    words_unused: tuple[tuple[str, str], ...] = ()  # Word files that gave no unit its words, and why
    not_made: tuple[str, ...] = ()  # sentences: what was asked for and this machine can't make
    changed: tuple[FigureChange, ...] = ()  # against the figures written there before

    @property
    def has_errors(self) -> bool:
        findings = [finding for file in self.consolidation.files for finding in file.findings]
        for unit in (*self.consolidation.units, *_present(self.consolidation)):
            findings += unit.findings
        findings += [*self.consolidation.notices, *(line.finding for line in self.consolidation.lines if line.finding)]
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
    read = _with_words_beside(read_all(named_files, roster=units), named_files, units)
    return tuple(Checked(submission=one, findings=one.findings, edition=_edition_of(one)) for one in read)


def _with_words_beside(
    read: tuple[Submission, ...], files: Sequence[tuple[Path, str]], roster: Roster | None
) -> tuple[Submission, ...]:
    """The words of Word files that lie beside the workbooks and bear their names."""
    from cchc_xl.rounds.reading.own_words import read_word_files, with_own_words, words_beside

    beside = dict.fromkeys(one for path, _ in files for one in words_beside(path))
    edition = next((_edition_of(one) for one in read if not one.refused), None)
    if not beside or edition is None:
        return read
    return with_own_words(read, read_word_files(beside, edition), edition, roster).submissions


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
    editions = {one.edition.id: one.edition for one in read} if compare else {}
    outside = {name: outside_figures(compare, edition) for name, edition in editions.items()}
    return tuple(
        replace(
            one,
            findings=(
                *one.findings,
                *judged(one.submission, one.edition),
                *compare_outside(one.submission, outside.get(one.edition.id, OutsideTable()), one.edition),
            ),
        )
        for one in read
    )


def earlier_refused_in(previous: Path | None, roster: Path | None, edition: str | None = None) -> tuple[str, ...]:
    """Names of the earlier files that nothing was compared with, since they can't be read."""
    if previous is None:
        return ()
    return earlier_refused(previous, read_roster_file(roster, load(edition or DEFAULT)) if roster else None)


def _edition_of(submission: Submission) -> Edition:
    return load(submission.edition or DEFAULT) if not submission.refused else load()


@without_collector()
def consolidate_paths(
    paths: Sequence[Path],
    *,
    roster: Path,
    out: Path,
    period: str | None = None,
    edition: str | None = None,
    previous: Path | None = None,
    ranking: Sequence[str] = (),
    more: Collection[str] = (),
    templates: Mapping[str, bytes] = MappingProxyType({}),
    settings: Path | None = None,
    workers: int = 0,
    progress: Progress = quiet,
    executor: Executor | None = None,
) -> Consolidated:
    """Read, check and add up everything under ``paths``; write the four outputs into ``out``.

    Without ``period`` or ``edition`` the one most files carry is taken; a tie is for a person to decide. What was
    read is remembered in ``out`` (``cache``): the next run reads what changed. ``executor``: see ``results_of``.
    Corrections are those of the masters in ``out``. ``ranking``: rows to put the units in order by; ``more``: outputs
    beside the four, words of ``outgoing``; ``templates``: the staff's own Word templates by name; ``settings``: a
    workbook whose ``previous`` and ``ranking`` come second. Raises UsageError, RosterError, RoundError, OutputError.
    """
    units = read_roster_file(roster, load(edition or DEFAULT))
    ours, remembered = (roster, *own_outputs(out)), remembered_in(out, units)
    files, documents = _files_in(paths, ours), documents_in(paths, leave_out=ours)
    how = {"workers": workers, "progress": progress, "executor": executor, "remembered": remembered}
    with remembered.gone_when_refused():
        read = read_checked(files, roster=units, checked=not (previous or settings), **how)
        submissions = tuple(one for one, _ in read)
        said, forms = settled(settings, units, forms_said(edition, submissions))
        submissions, words_unused = _with_words_of(documents, submissions, forms, units)
        more_said = {"earlier": earlier_submissions(previous or said.previous, units), "read": read, **said.adding_up}
        more_said |= {"ranking": tuple(ranking) or said.ranking, "handed_in": tuple(path for path, _ in files)}
        when = period_said(period, submissions, forms)
        progress("consolidate", 0, 1)
        consolidation = add_up(forms, when, units, submissions, Wanted(outputs=out, master=MASTER, **more_said))
        progress("consolidate", 1, 1)
    changed = changed_figures(out, FIGURES, consolidation)
    written, not_made = _write(consolidation, out, more, templates, said.portal, progress)
    return Consolidated(
        consolidation=consolidation,
        written=written,
        not_made=not_made,
        passed=passed_over(paths, leave_out=(*ours, *(path for path, _ in documents))),
        words_unused=words_unused,
        changed=changed,
    )


def _files_in(paths: Sequence[Path], ours: Sequence[Path]) -> tuple[tuple[Path, str], ...]:
    files = workbooks_in(paths, leave_out=ours)
    if not files:
        raise UsageError("nothing-to-consolidate", paths=", ".join(map(str, paths)))
    return files


def _with_words_of(
    documents: Sequence[tuple[Path, str]], submissions: tuple[Submission, ...], edition: Edition, roster: Roster
) -> tuple[tuple[Submission, ...], tuple[tuple[str, str], ...]]:
    if not documents:
        return submissions, ()
    from cchc_xl.rounds.reading.own_words import read_word_files, with_own_words

    made = with_own_words(submissions, read_word_files(documents, edition), edition, roster)
    return made.submissions, made.unused


def _write(
    consolidation: Consolidation,
    out: Path,
    more: Collection[str],
    templates: Mapping[str, bytes],
    portal: Sequence[PortalRow],
    progress: Progress,
) -> tuple[dict[str, Path], tuple[str, ...]]:
    from cchc_xl.rounds.adding.outgoing import finished

    with room_aside(consolidation) as aside:
        four = make_outputs(consolidation, _links(consolidation, out), progress, templates, aside)
        outputs, not_made = finished(four, consolidation, portal, asked=more, templates=templates)
        return write_outputs(out, outputs), not_made


def make_outputs(
    consolidation: Consolidation,
    links: Mapping[str, str],
    progress: Progress = quiet,
    templates: Mapping[str, bytes] = MappingProxyType({}),
    aside: Path | None = None,
) -> tuple[tuple[str, bytes | Path], ...]:
    """(name, content) of the four outputs. ``links``: file handed in -> where it lies, seen from the master.

    ``templates``: the staff's own, by name. ``aside``: a folder for contents that are too large to be held; they come
    as files in it. Raises OutputError, and BrokenTemplate when a template has a wrong tag.
    """
    from cchc_xl.consolidation.exports import write_facts, write_figures
    from cchc_xl.word import narrative
    from cchc_xl.workbook import master

    makers = (
        (FIGURES, lambda made: made_text(write_figures, made, aside, FIGURES)),
        (FACTS, lambda made: made_text(write_facts, made, aside, FACTS)),
        (MASTER, lambda made: master.build(made, links, aside)),
        (NARRATIVE, lambda made: narrative.build(made, template=templates.get(narrative.TEMPLATE))),
    )
    outputs = []
    for number, (name, make) in enumerate(makers):
        progress("write", number, len(makers))
        with said_as_output((aside or Path()) / name):
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

"""Words from numbers and numbers from words: communes' Word reports, and old Word reports taken into the workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cchc_xl.editions.catalogue import message
from cchc_xl.editions.load import DEFAULT, load, period_of
from cchc_xl.errors import UsageError
from cchc_xl.files import write_output
from cchc_xl.model import Severity
from cchc_xl.rounds.pipeline import read_roster_file, read_workbooks
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.text import file_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Reports written, and files of which none could be made with the reason."""

    written: tuple[Path, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """How an old Word report was read: ``sure`` of ``rows`` need no second look; what was odd, as sentences."""

    path: Path
    rows: int
    sure: int
    oddities: tuple[str, ...]
    has_errors: bool


def write_reports(files: Sequence[Path], out: Path, roster: Path | None = None, progress: Progress = quiet) -> Reports:
    """Each unit's own Word report: into ``out`` itself for one file and a .docx name, else into that folder.

    Raises UsageError when several files are to become one report, RosterError, OutputError.
    """
    from cchc_xl.word import commune

    single = out.suffix.lower() == ".docx"
    if single and len(files) > 1:
        raise UsageError("report-folder", path=str(out))
    units = read_roster_file(roster, load()) if roster else None
    written: list[Path] = []
    left_out: list[tuple[str, str]] = []
    checked = read_workbooks([str(file) for file in files], roster)
    for number, one in enumerate(checked, start=1):
        submission = one.submission
        if submission.refused:
            left_out.append((submission.file, message(submission.findings[0], one.edition, submission.file)))
        else:
            unit = units.find(submission.unit.code) if units and submission.unit else None
            owner = units.consolidating if units else None
            content = commune.build(submission, one.edition, unit=unit, consolidating=owner)
            path = out if single else out / _report_name(submission.file, written)
            written.append(write_output(path, content))
        progress("write", number, len(checked))
    return Reports(written=tuple(written), left_out=tuple(left_out))


def _report_name(file: str, taken: Sequence[Path]) -> str:
    stem = file_words(Path(file).stem) or "bao-cao"
    names, number, name = {path.name for path in taken}, 2, f"{stem}.docx"
    while name in names:
        name, number = f"{stem}-{number}.docx", number + 1
    return name


def write_intake(report: Path, out: Path, edition: str = DEFAULT) -> TakenIn:
    """An old Word report as the official workbook, filled, with a review sheet. Raises CchcError for no such report."""
    from cchc_xl.word import intake
    from cchc_xl.workbook.official.review_sheet import Review, ReviewRow
    from cchc_xl.workbook.template import Fill, build

    forms = load(edition)
    taken = intake.read_report_file(report, forms)
    shown = intake.review_of(taken, forms)
    rows = tuple(ReviewRow(**row) for row in shown["rows"])
    content = build(
        forms,
        period=period_of(forms, taken.period) if taken.period else None,
        fill=Fill(**intake.fill_of(taken, forms)),
        review=Review(file=report.name, rows=rows, oddities=shown["oddities"]),
    )
    if out.exists() and out.samefile(report):
        raise UsageError("output-is-input", file=str(out))
    path = write_output(out, content)
    return TakenIn(
        path=path,
        rows=len(taken.rows),
        sure=sum(row.sureness >= intake.UNSURE for row in taken.rows.values()),
        oddities=tuple(message(finding, forms, report.name) for finding in taken.oddities),
        has_errors=any(finding.severity is Severity.ERROR for finding in taken.oddities),
    )

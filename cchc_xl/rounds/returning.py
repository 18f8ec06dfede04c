"""What goes back to a unit: its own file, marked; or, where that can't be marked, the official workbook filled anew."""

from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.files import write_output
from cchc_xl.rounds.pipeline import Checked, check_workbooks, read_roster_file


def write_feedback(
    file: Path, out: Path, roster: Path | None = None, previous: Path | None = None
) -> tuple[Checked, Path]:
    """Check ``file`` and write its marked copy to ``out``, or beside it; ``file`` itself is never touched.

    A file that was refused can't be marked: raises UsageError with what to do instead.
    """
    from cchc_xl.workbook import feedback
    from cchc_xl.workbook.marking.patching import NotMarkable
    from cchc_xl.workbook.marking.refilled import on_official_places, refilled

    if out.exists() and file.exists() and out.samefile(file):
        raise UsageError("output-is-input", file=str(out))
    (checked, *others) = check_workbooks([str(file)], roster, previous)
    submission, edition = checked.submission, checked.edition
    if submission.refused or others:
        raise UsageError("feedback-refused", file=str(file))
    units = read_roster_file(roster, edition) if roster else None
    unit = units.find(submission.unit.code) if units and submission.unit else None
    content = file.read_bytes()
    try:
        marked = feedback.mark(content, checked.findings, edition, file=out.name, unit=unit)
    except NotMarkable:
        fresh = refilled(submission, edition, unit=unit, consolidating=units.consolidating if units else None)
        findings = on_official_places(checked.findings, edition)
        marked = feedback.mark(fresh, findings, edition, file=out.name, unit=unit)
    return checked, write_output(out, marked)

"""The numbers in a Word report and those of a master: do they agree, and bring them up to date."""

from collections.abc import Mapping
from pathlib import Path

from cchc_xl.checking.checks import check
from cchc_xl.editions.load import period_of
from cchc_xl.errors import UsageError
from cchc_xl.files import bytes_of, write_output
from cchc_xl.model import Consolidation, Edition, Figure


def consolidation_of(master: Path) -> Consolidation:
    """The consolidation a master stands for, computed again from its source rows. Raises UsageError."""
    from cchc_xl.consolidation.consolidate import consolidate
    from cchc_xl.workbook.incoming.master_in import read_master

    held = read_master(master)
    period = period_of(held.edition, held.period)
    return consolidate(held.edition, period, held.roster, held.submissions, check)


def figures_of(master: Path) -> tuple[Edition, Mapping[str, Figure]]:
    made = consolidation_of(master)
    return made.edition, made.figures


def verify_report(report: Path, master: Path) -> tuple[str, ...]:
    """A sentence for each number of the Word text that is not the master's; none when all agree.

    Raises UsageError for a missing file, CchcError for what is no Word report.
    """
    from cchc_xl.word.anchors import sentence, verify

    edition, figures = figures_of(master)
    return tuple(sentence(one, edition) for one in verify(_read(report), figures, edition))


def refresh_report(report: Path, master: Path, out: Path) -> Path:
    """Write the report with the master's numbers; edited wording stays. The report itself is not touched."""
    from cchc_xl.word.anchors import refresh
    from cchc_xl.word.charts import names_of

    made = consolidation_of(master)
    if out.exists() and out.samefile(report):
        raise UsageError("output-is-input", file=str(out))
    names = names_of(made.roster.units)
    return write_output(out, refresh(_read(report), made.figures, made.edition, names))


def _read(path: Path) -> bytes:
    try:
        return bytes_of(path)
    except OSError as error:
        raise UsageError("path-missing", path=str(path)) from error

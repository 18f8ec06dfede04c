"""The findings of many workbooks as one workbook: of files checked, or of a round as consolidated."""

from collections.abc import Sequence
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.files import write_output
from cchc_xl.model import Consolidation, UnitState
from cchc_xl.rounds.pipeline import Checked
from cchc_xl.text import file_words

FINDINGS_BOOK = "loi-theo-quy-tac.xlsx"


def write_findings_book(checked: Sequence[Checked], path: Path) -> Path:
    """Where the findings of these files were written, as a workbook. Raises OutputError."""
    from cchc_xl.workbook.findings_book import UnitFindings, build

    units = []
    for one in checked:
        unit, stem = one.submission.unit, Path(one.submission.file).stem
        name = unit.name if unit else stem
        code = unit.code if unit else file_words(stem)[:12]
        file = one.submission.file
        units.append(UnitFindings(code=code, name=name, file=file, findings=one.findings, edition=one.edition))
    return write_output(path, build(words("editing")["findings_book"]["title_files"], units))


def findings_book(made: Consolidation) -> bytes:
    """The findings of every unit that has a workbook, in roster order, the consolidating unit last."""
    from cchc_xl.workbook.findings_book import UnitFindings, build

    own = (made.own,) if made.own else ()
    units = [
        UnitFindings(
            code=one.unit.code,
            name=one.unit.full_name,
            file=one.submission.file if one.submission else "",
            findings=one.findings,
            edition=made.edition,
        )
        for one in (*made.units, *own)
        if one.state is not UnitState.NOT_SENT
    ]
    return build(words("editing")["findings_book"]["title"].format(period=made.period.title), units)

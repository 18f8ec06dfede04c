"""The workbooks of the benchmarks hold what the template itself would have written, cell by cell."""

import io

import openpyxl

from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Severity
from cchc_xl.workbook.reader import read
from cchc_xl.workbook.template import build

from .workbooks import OWNER, PERIOD, fill_of, units, workbook


def cells(content: bytes, *, stored: bool) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=stored)
    return {(sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet for cell in row}


def test_a_patched_workbook_is_what_the_template_writes():
    edition, patterns = load(), {}
    everyone = units(40)
    made = [workbook(edition, unit, number, patterns) for number, unit in enumerate(everyone)]
    assert len(patterns) < len(made), "nothing was patched"
    for number in (3, 17, 39):
        written = build(
            edition,
            period=period_of(edition, PERIOD),
            unit=everyone[number],
            consolidating=OWNER,
            fill=fill_of(number),
        )
        for stored in (True, False):
            assert cells(made[number], stored=stored) == cells(written, stored=stored)


def test_the_workbooks_have_no_errors_of_their_own():
    edition, patterns = load(), {}
    for number, unit in enumerate(units(5)):
        (one,) = read(workbook(edition, unit, number, patterns), file="x.xlsx")
        assert not one.refused and one.unit.code == unit.code and one.unit.name == unit.name
        assert Severity.ERROR not in {finding.severity for finding in one.findings}

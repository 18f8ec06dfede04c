"""The whole job on forms about something else altogether: no code knows the seven forms of CCHC."""

from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.editions.load import load_folder, period_of
from cchc_xl.model import ReportingUnit, Roster, UnitState
from cchc_xl.word import narrative
from cchc_xl.workbook import master
from cchc_xl.workbook.edition_book import export, read_book
from cchc_xl.workbook.reader import read
from cchc_xl.workbook.template import Fill, build

FOLDER = Path(__file__).parent / "data" / "thu-vien"
CITY = ReportingUnit(code="01", name="Đà Lạt", type="thành phố", level="thành phố", consolidating=True)
WARDS = tuple(ReportingUnit(code=f"0{n}1", name=f"Phường {n}", type="phường", level="phường") for n in (1, 2, 3))
ROSTER = Roster(file="ds.csv", units=WARDS, consolidating=CITY)
FILLS = (
    {"1/A.1": 120, "1/A.2": 880, "2/1.1": 200, "2/1.2": 150, "2/2": "1 – Có"},
    {"1/A.1": 30, "1/A.2": "KPS", "2/1.1": 100, "2/1.2": 130, "2/2": 0},
)


@pytest.fixture(scope="module")
def library():
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def submissions(library):
    period = period_of(library, "2026-T1")
    return [
        read(
            build(library, period=period, unit=unit, consolidating=CITY, fill=Fill(answers=fill)),
            file=f"{unit.code}.xlsx",
            roster=ROSTER,
            edition=library,
        )[0]
        for unit, fill in zip(WARDS, FILLS, strict=False)
    ]


@pytest.fixture(scope="module")
def consolidation(library, submissions):
    return consolidate(library, period_of(library, "2026-T1"), ROSTER, submissions, check)


def test_its_workbook_is_made_read_and_checked(library, submissions):
    first, second = submissions
    assert (first.unit.code, first.period, first.entries["1/A"].value) == ("011", "2026-T1", 1000)
    assert [one.rule for one in check(first, library)] == []
    assert "2/1.2<=1.1" in [one.rule for one in check(second, library)]


def test_it_adds_up_by_its_own_ways(consolidation):
    figures = consolidation.figures
    assert (figures["1/A"].communes, figures["2/2"].communes) == (1030, 1)
    assert round(figures["2/1"].communes, 2) == round(100 * 280 / 300, 2) or figures["2/1"].n == 2
    assert consolidation.units[2].state is UnitState.NOT_SENT


def test_its_master_and_report_speak_its_words(consolidation):
    book = openpyxl.load_workbook(BytesIO(master.build(consolidation)))
    assert "Bảng 1" in book.sheetnames
    texts = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value]
    assert any("Toàn thành phố" in text for text in texts) and not any("huyện" in text.lower() for text in texts)
    report = docx.Document(BytesIO(narrative.build(consolidation)))
    words = " ".join(paragraph.text for paragraph in report.paragraphs)
    assert "Sách" in words and "huyện" not in words.lower()


def test_its_edition_goes_through_excel_and_back(library, tmp_path):
    book = tmp_path / "thu-vien.xlsx"
    book.write_bytes(export(library))
    again = read_book(book)
    assert again.forms == library.forms and again.relations == library.relations

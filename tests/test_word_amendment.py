"""The list of amended numbers between two masters: which, from what to what, why."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import docx
import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Consolidation, Correction, ReportingUnit, Roster
from cchc_xl.relations.corrected import as_corrected
from cchc_xl.word import amendment
from tests.rounds import PERIOD, submission_of
from tests.word_files import whole_text

UNITS = tuple(ReportingUnit(code=code, name=name, type="xã", level="xã") for code, name in (("1", "An"), ("2", "Bình")))
OWNER = ReportingUnit(code="9", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)


def made(answers: dict[str, dict[str, int]]) -> Consolidation:
    """A round of two communes with these answers by unit."""
    edition = load()
    units = {unit.code: unit for unit in UNITS}
    files = [
        submission_of(edition, units[code], {key: Decimal(value) for key, value in given.items()})
        for code, given in answers.items()
    ]
    roster = Roster(file="x.csv", units=UNITS, consolidating=OWNER)
    return consolidate(edition, period_of(edition, PERIOD), roster, files, check)


OLD = {"1": {"1/2.1": 10, "1/2.2": 5, "1/1": 3}, "2": {"1/2.1": 10, "1/2.2": 5, "1/1": 4}}


def rows(old: Consolidation, new: Consolidation) -> dict[str, tuple[str, str, str]]:
    return {one.row.key: (one.old, one.new, one.reason) for one in amendment.amended(old, new)}


def test_a_unit_that_sent_again():
    new = made({**OLD, "2": {**OLD["2"], "1/2.2": 8}})
    assert rows(made(OLD), new) == {
        "1/2": ("50%", "65%", "tính lại theo các dòng 2.2"),
        "1/2.2": ("10", "13", "xã Bình gửi lại: 5 thành 8"),
    }


def test_a_unit_that_sent_late_and_one_that_took_a_number_back():
    old = made({"1": OLD["1"]})
    assert rows(old, made(OLD))["1/1"] == ("3", "7", "xã Bình gửi bổ sung: 4")
    assert rows(made(OLD), old)["1/1"] == ("7", "3", "xã Bình: bỏ số 4")


def test_a_correction_gives_its_reason_and_nobodys_name():
    old, new = made(OLD), made({**OLD, "1": {**OLD["1"], "1/1": 6}})
    said = {"reason": "Xã đính chính", "source": "văn bản 12/UBND", "who": "Người Sửa Kín", "day": "02/7/2022"}
    correction = Correction(unit=new.units[0].unit.code, key="1/1", value=Decimal(6), **said)
    corrected = as_corrected(old.units[0], [correction], old.edition)
    reason = "xã An: điều chỉnh 3 thành 6 (Xã đính chính; văn bản 12/UBND; 02/7/2022)"
    assert rows(old, replace(new, units=(corrected, new.units[1])))["1/1"] == ("7", "10", reason)


def test_a_number_that_shows_the_same_is_no_amendment():
    """66,64 % and 66,6 % are both printed 66,6 %."""
    old = made({"1": {"1/2.1": 1000, "1/2.2": 666}})
    new = made({"1": {"1/2.1": 10000, "1/2.2": 6664}})
    assert set(rows(old, new)) == {"1/2.1", "1/2.2"}


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "</w:t>&<b>", "=cmd|' /c calc'!A1", "a\x07b"])
def test_the_document_says_all_of_it_and_hostile_text_stays_text(text):
    new = made({**OLD, "2": {**OLD["2"], "1/1": 9}})
    renamed = replace(new.units[1], unit=replace(new.units[1].unit, name=text))
    content = amendment.build(made(OLD), replace(new, units=(new.units[0], renamed)))
    (table,) = docx.Document(BytesIO(content)).tables
    head, line = ([cell.text for cell in row.cells] for row in table.rows)
    assert head == ["STT", "Biểu, dòng", "Chỉ tiêu", "Số đã báo cáo", "Số đính chính", "Lý do"]
    assert line[:2] == ["1", "Biểu 1, dòng 1"] and line[3:5] == ["7", "12"]
    assert line[5] == f"Xã {text} gửi lại: 4 thành 9".replace("\x07", " ")
    assert "Ủy ban nhân dân huyện Tứ Kỳ đính chính 01 số liệu" in whole_text(content)
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")  # the head stands again on every page


def test_choices_are_told_by_their_words():
    """How many units gave each answer is printed, and said to be that; a unit's own answer is one of the words."""
    survey = {"1": {"1/5": 1, "1/5.2": 0}, "2": {"1/5": 1, "1/5.2": 1}}
    old, new = made(survey), made({**survey, "2": {"1/5": 0, "1/5.2": 2}})
    told = rows(old, new)
    assert told["1/5.2"] == (
        "Trực tuyến: 1; Phát phiếu: 1; Kết hợp: 0",
        "Trực tuyến: 1; Phát phiếu: 0; Kết hợp: 1",
        "xã Bình gửi lại: Phát phiếu thành Kết hợp",
    )
    assert told["1/5"] == ("2", "1", "xã Bình gửi lại: Có thành Không")
    (table,) = docx.Document(BytesIO(amendment.build(old, new))).tables
    assert table.rows[2].cells[2].text == "Hình thức khảo sát (số xã theo từng lựa chọn)"


def test_the_closing_line_stands_with_the_last_row():
    content = amendment.build(made(OLD), made({**OLD, "2": {**OLD["2"], "1/1": 9, "1/2.2": 8}}))
    (table,) = docx.Document(BytesIO(content)).tables
    kept = [all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in row.cells) for row in table.rows]
    assert kept[-1] and not any(kept[:-1])


def test_nothing_changed_is_said_and_bytes_are_the_same():
    content = amendment.build(made(OLD), made(OLD))
    assert "Không có số liệu nào thay đổi" in whole_text(content) and not docx.Document(BytesIO(content)).tables
    assert content == amendment.build(made(OLD), made(OLD))

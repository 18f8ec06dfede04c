"""Words that a unit sends to a round as a Word file: used beside its workbook, said everywhere, proved by the audit."""

import openpyxl
import pytest

from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.current import standing_of, submissions
from cchc_xl.rounds.receiving.deciding import decide, lock
from cchc_xl.rounds.sending.returning import feedback_round
from tests.round_files import NOW, WHO, a_round, later, mail, take, workbook
from tests.test_word_own_words import HEAD, OFFICIAL, SAID, word

BOOK = workbook({"1/2.1": 33, "1/2.2": 14}, unit="11092")
WORDS = word(HEAD + OFFICIAL)
NAME = "Bao cao Binh Lang.docx"


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path, addresses={})


def said_of(home, name=NAME):
    (one,) = [one for one in status(home, NOW)["attachments"] if one["name"] == name and one["fate"] != "duplicate"]
    return one["fate"], one["unit"], one["reason"]


def words_of(home):
    return {one.unit.code: dict(one.words) for one in submissions(home) if one.unit}


def test_a_word_file_beside_the_workbook_gives_the_unit_its_words(home):
    take(home, {"a.xlsx": BOOK, NAME: WORDS})
    assert said_of(home) == ("not_a_report", "11092", "lời báo cáo của xã Bình Lãng, đã dùng cùng sổ")
    assert words_of(home) == {"11092": SAID}
    made = consolidate_round(home, later(hours=1), WHO)
    (unit,) = [one for one in made.consolidation.units if one.submission]
    assert unit.submission.words == SAID and "words-from-file" in {one.id for one in unit.findings}
    book = openpyxl.load_workbook(home / "ra" / "tong-hop.xlsx")
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("Đã niêm yết công khai." in text for text in texts)
    assert audit(home) == ()


def test_the_answer_to_the_unit_says_that_its_words_were_used(home):
    take(home, {"a.xlsx": workbook({"1/2.1": 33, "1/2.2": 40}, unit="11092"), NAME: WORDS})
    feedback_round(home, later(hours=1), WHO)
    folder = home / "phan-hoi" / "11092_Binh-Lang"
    book = openpyxl.load_workbook(next(folder.glob("*CAN-SUA*.xlsx")))
    texts = [str(cell.value) for row in book["Cần sửa"].iter_rows() for cell in row if cell.value]
    assert any(NAME in text for text in texts)
    assert audit(home) == ()


def test_words_without_a_workbook_wait_for_it(home):
    take(home, {NAME: WORDS})
    assert said_of(home)[:2] == ("not_a_report", None) and "intake" in said_of(home)[2]
    take(home, {"a.xlsx": BOOK}, now=later(hours=1))
    assert said_of(home)[1:] == ("11092", "lời báo cáo của xã Bình Lãng, đã dùng cùng sổ")


def test_the_later_file_of_the_same_name_takes_the_place_of_the_first(home):
    take(home, {"a.xlsx": BOOK, NAME: WORDS})
    take(home, {NAME: word((*HEAD, ("V. Kiến nghị, đề xuất", True), ("Thêm máy tính.", False)))}, now=later(hours=1))
    assert words_of(home) == {"11092": {"proposals": "Thêm máy tính."}}


def test_two_word_files_of_other_names_are_not_chosen_between(home):
    take(home, {"a.xlsx": BOOK, NAME: WORDS, "Khac.docx": word((*HEAD, *OFFICIAL[:2]))})
    assert words_of(home) == {"11092": {}} and "nhiều tệp Word" in said_of(home)[2]
    sha = next(one["sha256"] for one in status(home, NOW)["attachments"] if one["name"] == "Khac.docx")
    decide(home, sha, reject=True, reason="bản nháp", now=later(hours=1), who=WHO)
    assert words_of(home) == {"11092": SAID}


def test_what_comes_after_a_lock_changes_no_words(home):
    take(home, {"a.xlsx": BOOK})
    lock(home, "11092", reason="đủ", now=later(hours=1), who=WHO)
    take(home, {NAME: WORDS}, now=later(hours=2))
    assert words_of(home) == {"11092": {}} and "đã chốt" in said_of(home)[2]


def test_mail_of_somebody_else_gives_a_unit_no_words(tmp_path):
    home = a_round(tmp_path)
    take(home, {"a.xlsx": BOOK})
    take(home, {"thu.eml": mail([(NAME, WORDS)], sender="hungdao@tuky.gov.vn")}, now=later(hours=1))
    assert words_of(home) == {"11092": {}} and "người gửi" in said_of(home)[2]


@pytest.mark.parametrize("name", ["Giấy mời.docx", "x.docx"])
def test_other_word_files_stay_what_they_were(home, name):
    take(home, {"a.xlsx": BOOK, name: word((("Giấy mời họp", False), ("Kính mời.", False)))})
    assert said_of(home, name)[:2] == ("not_a_report", None)
    assert standing_of(home, NOW)[1].unit("11092").current
    assert audit(home) == ()


def test_every_unit_may_call_its_file_the_same(home):
    other = tuple((text.replace("BÌNH LÃNG", "HƯNG ĐẠO").replace("Bình Lãng", "Hưng Đạo"), bold) for text, bold in HEAD)
    mine = word((*other, ("V. Kiến nghị, đề xuất", True), ("Thêm máy tính.", False)))
    take(
        home, {"a/a.xlsx": BOOK, "a/bc.docx": WORDS, "b/b.xlsx": workbook({"1/1": 3}, unit="11086"), "b/bc.docx": mine}
    )
    assert words_of(home) == {"11092": SAID, "11086": {"proposals": "Thêm máy tính."}}

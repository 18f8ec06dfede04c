"""What goes back to the units: marked workbooks, letters, Word reports, receipts, reminders; once for each content."""

import email
from email import policy
from io import BytesIO

import docx
import pytest

from cchc_xl.files import sha256_of
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.deciding import approve, decide, send_back
from cchc_xl.rounds.sending.reminding import remind_round
from cchc_xl.rounds.sending.reporting import report_round
from cchc_xl.rounds.sending.returning import feedback_round
from cchc_xl.workbook.reader import read
from tests.round_files import NOW, WHO, a_round, later, mail, set_up, states, take, workbook, zipped

WRONG = {"1/2.1": 33, "1/2.2": 40}  # more tasks done than planned
RIGHT = {"1/2.1": 33, "1/2.2": 14}


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


def answer(home, now=NOW, **more):
    return feedback_round(home, now, WHO, **more)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name[0] != ".")


def of_unit(home, stem):
    return home / "phan-hoi" / stem


def text_of(path):
    return path.read_text("utf-8-sig")


def attached(path):
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    return {part.get_filename(): part.get_content() for part in message.iter_attachments()}


def words_of(path):
    document = docx.Document(BytesIO(path.read_bytes()))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


# --- feedback ----------------------------------------------------------------------------------------------------
def test_a_unit_with_mistakes_gets_its_own_file_marked_the_phieu_its_report_and_texts(home):
    set_up(home, {"Hạn gửi": "17:00 25/6/2022"})
    content = workbook(WRONG)
    take(home, {"Báo cáo xã Đại Sơn.xlsx": content})
    made = answer(home)
    folder = of_unit(home, "11083_Dai-Son")
    assert names_in(folder) == [
        "11083_Dai-Son_2022-6T_bao-cao_lan-1.docx",
        "11083_Dai-Son_CAN-SUA_lan-1.eml",
        "11083_Dai-Son_CAN-SUA_lan-1.txt",
        "11083_Dai-Son_CAN-SUA_lan-1.xlsx",
        "11083_Dai-Son_PHIEU-DE-NGHI_lan-1.docx",
    ]
    assert set(made.written) == {folder / name for name in names_in(folder)} and made.sent == 0
    assert dict(made.left_out) == {f"{unit}": "chưa gửi báo cáo" for unit in OTHERS}
    marked = folder / "11083_Dai-Son_CAN-SUA_lan-1.xlsx"
    (before,), (after,) = read(content, file="a.xlsx"), read(marked.read_bytes(), file="b.xlsx")
    assert {key: one.value for key, one in before.entries.items()} == {k: one.value for k, one in after.entries.items()}
    text = text_of(folder / "11083_Dai-Son_CAN-SUA_lan-1.txt")
    assert "Báo cáo xã Đại Sơn.xlsx" in text and marked.name in text and "trước 17 giờ 00 ngày 25/06/2022" in text
    assert "(40)" in text
    assert "PHIẾU ĐỀ NGHỊ" in words_of(folder / "11083_Dai-Son_PHIEU-DE-NGHI_lan-1.docx")
    parts = attached(folder / "11083_Dai-Son_CAN-SUA_lan-1.eml")
    assert {name: sha256_of(one) for name, one in parts.items()} == {
        name: sha256_of((folder / name).read_bytes()) for name in parts
    }
    assert len(parts) == 3 and audit(home) == ()


OTHERS = ("xã Hưng Đạo", "xã Bình Lãng", "huyện Tứ Kỳ")


def test_a_unit_whose_workbook_is_right_gets_a_receipt_with_its_hash(home):
    content = workbook(RIGHT)
    take(home, {"a.xlsx": content})
    answer(home, later(hours=1))
    folder = of_unit(home, "11083_Dai-Son")
    assert "11083_Dai-Son_BIEN-NHAN_lan-1.eml" in names_in(folder)
    assert not any("CAN-SUA" in name or "PHIEU" in name for name in names_in(folder))
    text = text_of(folder / "11083_Dai-Son_BIEN-NHAN_lan-1.txt")
    assert sha256_of(content) in text and "09 giờ 00 ngày 20/06/2022" in text and "đủ điều kiện" in text


def test_the_same_version_is_answered_once_and_the_next_one_gets_the_next_number(home):
    take(home, {"a.xlsx": workbook(WRONG | {"1/1": 5})})
    answer(home)
    again = answer(home, later(hours=1))
    assert again.written == () and ("xã Đại Sơn", "đã soạn lúc 09:00 20/06/2022, nội dung không đổi") in again.left_out
    take(home, {"b.xlsx": workbook(WRONG | {"1/2.2": 41, "1/1": 6})}, later(hours=2))
    answer(home, later(hours=3))
    folder = of_unit(home, "11083_Dai-Son")
    assert "11083_Dai-Son_CAN-SUA_lan-2.xlsx" in names_in(folder)
    assert "11083_Dai-Son_CAN-SUA_lan-1.xlsx" in names_in(folder), "what was sent before stays"
    compared = text_of(folder / "11083_Dai-Son_DOI-CHIEU_lan-2.txt").splitlines()
    assert compared[0].startswith("0/") and any(line.startswith("Đã đổi nhưng vẫn chưa đúng") for line in compared)
    assert any(line.startswith("Đổi ngoài yêu cầu: Biểu 1, dòng 1: 5 → 6") for line in compared)
    assert compared[0] in text_of(folder / "11083_Dai-Son_CAN-SUA_lan-2.txt")
    assert compared[0] in words_of(folder / "11083_Dai-Son_PHIEU-DE-NGHI_lan-2.docx")
    take(home, {"c.xlsx": workbook(RIGHT | {"1/1": 6})}, later(hours=4))
    answer(home, later(hours=5))
    assert "11083_Dai-Son_BIEN-NHAN_lan-1.txt" in names_in(folder)
    numbers = [(one.body["parcel"], one.body["number"]) for one in ledger.events(home) if one.kind == "prepared"]
    assert numbers == [("feedback", 1), ("feedback", 2), ("receipt", 1)] and audit(home) == ()


def test_a_report_that_staff_returned_goes_back_with_their_reason(home):
    take(home, {"a.xlsx": workbook(RIGHT)})
    send_back(home, "11083", reason="thiếu chữ ký", now=later(hours=1), who=WHO)
    answer(home, later(hours=2))
    folder = of_unit(home, "11083_Dai-Son")
    assert "thiếu chữ ký" in text_of(folder / "11083_Dai-Son_CAN-SUA_lan-1.txt")


def test_two_officers_halves_come_back_as_one_workbook(home):
    take(home, {"a.xlsx": workbook(WRONG)})
    take(home, {"b.xlsx": workbook({"2/1.1": 7})}, later(hours=1))
    answer(home, later(hours=2))
    marked = of_unit(home, "11083_Dai-Son") / "11083_Dai-Son_CAN-SUA_lan-1.xlsx"
    (one,) = read(marked.read_bytes(), file="x.xlsx")
    values = {key: entry.value for key, entry in one.entries.items() if key in (*WRONG, "2/1.1")}
    assert values == WRONG | {"2/1.1": 7}


def test_units_that_wait_for_a_person_get_nothing_and_are_named(home):
    take(home, {"a.xlsx": workbook({"1/1": 5, "1/2.1": 3})})
    take(home, {"b.xlsx": workbook({"1/1": 6, "2/1.1": 7})}, later(hours=1))
    made = answer(home, later(hours=2))
    assert dict(made.left_out)["xã Đại Sơn"] == "các tệp trả lời khác nhau, chờ quyết định"
    assert not (home / "phan-hoi").exists()


def test_automatic_mail_is_never_answered(home):
    """A bounce brings our own workbook back; an absence note asks nothing."""
    bounce = mail([("x.xlsx", workbook(WRONG))], Auto_Submitted="auto-replied")
    take(home, {"1.eml": bounce, "2.eml": mail([], message_id="2", Auto_Submitted="auto-replied")})
    assert answer(home).written == () and not (home / "phan-hoi").exists()


def test_a_file_out_of_a_zip_in_a_forward_is_marked_as_it_came(home):
    content = workbook(WRONG)
    take(home, {"1.eml": mail([("gói.zip", zipped({"số liệu.xlsx": content}))])})
    answer(home)
    marked = of_unit(home, "11083_Dai-Son") / "11083_Dai-Son_CAN-SUA_lan-1.xlsx"
    (one,) = read(marked.read_bytes(), file="x.xlsx")
    assert one.entries["1/2.2"].value == 40


def test_what_changed_against_last_period_is_asked_too(home, tmp_path):
    earlier = tmp_path / "quy-1"
    earlier.mkdir()
    (earlier / "a.xlsx").write_bytes(workbook({"3/3.3.1": 900, "1/1": 12}, period="2022-Q1"))
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    answer(home)
    assert "11083_Dai-Son_BIEN-NHAN_lan-1.txt" in names_in(of_unit(home, "11083_Dai-Son"))
    set_up(home, {"Số liệu các kỳ trước": str(earlier)})
    answer(home, later(hours=1))
    text = text_of(of_unit(home, "11083_Dai-Son") / "11083_Dai-Son_CAN-SUA_lan-1.txt")
    assert "Biểu\u00a01, dòng\u00a01, ô" in text and "12" in text


def test_a_dry_run_of_the_answers_writes_nothing(home):
    take(home, {"a.xlsx": workbook(WRONG)})
    before = ledger.events(home)
    made = answer(home, dry_run=True)
    assert len(made.written) == 5 and not (home / "phan-hoi").exists() and ledger.events(home) == before


# --- Word reports ------------------------------------------------------------------------------------------------
def test_all_word_reports_in_one_batch(home):
    take(home, {"a.xlsx": workbook(RIGHT), "b.xlsx": workbook(WRONG, "11086")})
    made = report_round(home, NOW, WHO)
    names = ["11083_Dai-Son_2022-6T_bao-cao.docx", "11086_Hung-Dao_2022-6T_bao-cao.docx"]
    assert names_in(home / "bao-cao-don-vi") == names
    assert "42,4" in words_of(home / "bao-cao-don-vi" / "11083_Dai-Son_2022-6T_bao-cao.docx")
    assert {unit for unit, _ in made.left_out} == {"xã Bình Lãng", "huyện Tứ Kỳ"}
    assert report_round(home, later(hours=1), WHO).written == ()
    take(home, {"c.xlsx": workbook(RIGHT | {"1/2.2": 15})}, later(hours=2))
    renewed = report_round(home, later(hours=3), WHO)
    assert home / "bao-cao-don-vi" / "11083_Dai-Son_2022-6T_bao-cao.docx" in renewed.written
    assert "45,5" in words_of(home / "bao-cao-don-vi" / "11083_Dai-Son_2022-6T_bao-cao.docx")


# --- reminders ---------------------------------------------------------------------------------------------------
def remind(home, now, **more):
    return remind_round(home, now, WHO, **more)


def reminders(home):
    return home / "thu-nhap" / "don-doc"


def test_only_who_has_not_sent_or_must_correct_is_reminded_by_its_own_deadline(home):
    set_up(home, {"Hạn gửi": "17:00 20/6/2022"}, {"Gia hạn": [["11086", "22/6/2022", "mất điện"]]})
    take(home, {"a.xlsx": workbook(RIGHT), "own.xlsx": workbook({}, "298")})
    remind(home, later(hours=10))
    names = names_in(reminders(home))
    assert "11086_Hung-Dao_don-doc_lan-1.eml" in names and "11092_Binh-Lang_don-doc_lan-1.txt" in names
    assert not any(name.startswith(("11083", "298")) for name in names), "theirs is in order"
    late = text_of(reminders(home) / "11092_Binh-Lang_don-doc_lan-1.txt")
    early = text_of(reminders(home) / "11086_Hung-Dao_don-doc_lan-1.txt")
    assert "quá hạn" in late and "quá hạn" not in early and "hết ngày 22/06/2022 (được gia hạn: mất điện)" in early
    group = text_of(reminders(home) / "nhom_2022-06-20.txt")
    assert (
        "1/3" in group and "xã Bình Lãng (đã quá giờ hạn hôm nay)" in group and "xã Hưng Đạo (hạn còn 2 ngày)" in group
    )


def test_nobody_is_reminded_twice_of_the_same_on_one_day(home):
    set_up(home, {"Hạn gửi": "17:00 22/6/2022"})
    assert len(remind(home, NOW).written) == 6
    assert [path.name for path in remind(home, later(hours=3)).written] == ["nhom_2022-06-20.txt"]
    assert len(remind(home, later(days=1)).written) == 6
    assert (reminders(home) / "11083_Dai-Son_don-doc_lan-2.eml").exists()


def test_without_a_deadline_a_reminder_goes_once(home):
    assert len(remind(home, NOW).written) == 6
    assert len(remind(home, later(days=3)).written) == 1


def test_a_unit_that_must_correct_is_told_so(home):
    take(home, {"a.xlsx": workbook(WRONG)})
    assert states(home) == {"11083": "to_fix"}
    remind(home, later(hours=1))
    text = text_of(reminders(home) / "11083_Dai-Son_don-doc_lan-1.txt")
    assert "1 lỗi phải sửa" in text and "chưa nhận được" not in text


def test_when_everybody_has_sent_nothing_is_written(home):
    take(home, {f"{code}.xlsx": workbook(RIGHT, code) for code in ("11083", "11086", "11092")})
    take(home, {"own.xlsx": workbook({}, "298")})
    assert remind(home, later(hours=1)).written == () and not reminders(home).exists()


# --- files that can't be taken -----------------------------------------------------------------------------------
def test_whoever_sent_a_file_that_cannot_be_taken_is_told_why_once(home):
    last_period = workbook(RIGHT, period="2022-Q1")
    take(home, {"1.eml": mail([("quý 1.xlsx", last_period), ("hỏng.xlsx", b"PK\x03\x04broken")])})
    take(home, {"zalo/11092/bao cao.xlsx": b"PK\x03\x04broken too"}, later(hours=1))
    take(home, {"chẳng biết của ai.xlsx": b"PK\x03\x04broken three"}, later(hours=1))
    answer(home, later(hours=2))
    folder = of_unit(home, "11083_Dai-Son")
    assert names_in(folder) == ["11083_Dai-Son_KHONG-NHAN-DUOC_lan-1.eml", "11083_Dai-Son_KHONG-NHAN-DUOC_lan-1.txt"]
    text = text_of(folder / "11083_Dai-Son_KHONG-NHAN-DUOC_lan-1.txt")
    assert "quý 1.xlsx: tệp của kỳ 2022-Q1, không phải kỳ 2022-6T" in text and "hỏng.xlsx: " in text and "{" not in text
    assert names_in(of_unit(home, "11092_Binh-Lang")) == ["11092_Binh-Lang_KHONG-NHAN-DUOC_lan-1.txt"]
    assert names_in(home / "phan-hoi") == ["11083_Dai-Son", "11092_Binh-Lang"]
    assert answer(home, later(hours=3)).written == () and audit(home) == ()


def test_a_later_file_that_cannot_be_read_is_told_beside_the_receipt(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook(RIGHT))])})
    take(home, {"2.eml": mail([("b.xlsx", b"PK\x03\x04broken")], message_id="2")}, later(hours=1))
    answer(home, later(hours=2))
    names = names_in(of_unit(home, "11083_Dai-Son"))
    assert any("BIEN-NHAN" in name for name in names) and any("KHONG-NHAN-DUOC" in name for name in names)


def test_what_a_person_rejected_is_not_answered_by_the_program(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook(RIGHT))])})
    sha = sha256_of(workbook(RIGHT))
    decide(home, sha, reject=True, reason="nhầm", now=later(hours=1), who=WHO)
    assert answer(home, later(hours=2)).written == ()


# --- the unit's state and what it was asked --------------------------------------------------------------------------
def test_what_only_an_earlier_period_shows_counts_in_the_state_before_and_after_the_unit_was_asked(home, tmp_path):
    earlier = tmp_path / "quy-1"
    earlier.mkdir()
    (earlier / "a.xlsx").write_bytes(workbook({"1/1": 12}, period="2022-Q1"))
    set_up(home, {"Số liệu các kỳ trước": str(earlier)})
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    assert states(home)["11083"] == "to_fix"
    answer(home)
    assert states(home)["11083"] == "to_fix"
    approve(home, "11083", reason="đã gọi điện, số đúng", now=later(hours=1), who=WHO)
    assert states(home)["11083"] == "approved"
    take(home, {"b.xlsx": workbook(RIGHT | {"1/1": 12})}, now=later(hours=2))
    assert states(home)["11083"] == "to_approve"
    assert audit(home) == ()


def test_a_receipt_leaves_the_state_as_it_is(home):
    take(home, {"a.xlsx": workbook(RIGHT)})
    answer(home)
    assert states(home)["11083"] == "to_approve"

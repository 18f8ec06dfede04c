"""Issuing a round: each unit gets its own workbook, a text and a draft; once for each content, sent only by --send."""

import email
import multiprocessing
from decimal import Decimal
from email import policy
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import MailError, UsageError
from cchc_xl.files import sha256_of
from cchc_xl.mail.secrets import VARIABLE
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.workbook.reader import read
from tests.round_files import EDITION, NOW, UNITS, WHO, a_round, later, set_up, workbook


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


def issue(home, now=NOW, **more):
    return issue_round(home, now, WHO, **more)


def letters(home):
    return home / "thu-nhap" / "giao-bieu-mau"


def draft(home, name):
    return email.message_from_bytes((letters(home) / name).read_bytes(), policy=policy.default)


def answers(content):
    (one,) = read(content, file="x.xlsx")
    return one


def test_every_unit_gets_its_own_workbook_a_text_and_a_draft(home):
    set_up(home, {"Hạn gửi": "17:00 25/6/2022"}, {"Gia hạn": [["11086", "27/6/2022", "mất điện"]]})
    made = issue(home)
    books = sorted(path.name for path in (home / "bieu-mau").glob("*.xlsx"))
    assert books == [
        "11083_Dai-Son_2022-6T.xlsx",
        "11086_Hung-Dao_2022-6T.xlsx",
        "11092_Binh-Lang_2022-6T.xlsx",
        "298_Tu-Ky_2022-6T.xlsx",
    ]
    assert made.sent == 0 and made.left_out == () and set(made.written) == files_of(home)
    one = answers((home / "bieu-mau" / books[0]).read_bytes())
    assert (one.unit.code, one.period, one.about["deadline"]) == ("11083", "2022-6T", "17 giờ 00 ngày 25/06/2022")
    assert answers((home / "bieu-mau" / books[1]).read_bytes()).about["deadline"] == "hết ngày 27/06/2022"
    text = (letters(home) / "11086_Hung-Dao_giao-bieu-mau_lan-1.txt").read_text("utf-8-sig")
    assert "11086_Hung-Dao_2022-6T.xlsx" in text and "hết ngày 27/06/2022 (được gia hạn: mất điện)" in text
    message = draft(home, "11086_Hung-Dao_giao-bieu-mau_lan-1.eml")
    assert message["X-Unsent"] == "1" and message["To"] == "hungdao@tuky.gov.vn"
    assert message["Subject"].startswith("[CCHC 2022-6T 11086] ")
    (attached,) = message.iter_attachments()
    assert attached.get_content() == (home / "bieu-mau" / attached.get_filename()).read_bytes()
    assert not (letters(home) / "11092_Binh-Lang_giao-bieu-mau_lan-1.eml").exists(), "no address, no draft"
    assert (letters(home) / "11092_Binh-Lang_giao-bieu-mau_lan-1.txt").exists()
    assert audit(home) == ()


def files_of(home):
    return {path for name in ("bieu-mau", "thu-nhap") for path in (home / name).rglob("*.*") if path.name[0] != "."}


def test_last_period_and_shared_values_stand_beside_the_answers(home, tmp_path):
    earlier = tmp_path / "quy-1"
    earlier.mkdir()
    (earlier / "a.xlsx").write_bytes(workbook({"1/2.1": 33, "1/2.2": 7}, period="2022-Q1"))
    set_up(home, {"Số liệu các kỳ trước": str(earlier)}, {"Số dùng chung": [["3/1.4.3", "172"]]})
    issue(home)
    content = (home / "bieu-mau" / "11083_Dai-Son_2022-6T.xlsx").read_bytes()
    one = answers(content)
    assert one.entries["3/1.4.3"].value == Decimal(172)
    sheet = openpyxl.load_workbook(BytesIO(content), data_only=True)["Biểu 1"]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert 33 in cells and 7 in cells
    other = answers((home / "bieu-mau" / "11086_Hung-Dao_2022-6T.xlsx").read_bytes())
    assert other.entries["3/1.4.3"].value == Decimal(172)


def test_nothing_is_written_or_entered_by_a_dry_run(home):
    before = ledger.events(home)
    made = issue(home, dry_run=True, send=True)
    assert len(made.written) == 11 and not any(path.exists() for path in made.written)
    assert ledger.events(home) == before and made.sent == 0


def test_a_unit_gets_another_workbook_only_when_its_content_changed(home):
    issue(home)
    before = {path: path.read_bytes() for path in files_of(home)}
    again = issue(home, later(hours=1))
    assert again.written == () and len(again.left_out) == 4 and "không đổi" in again.left_out[0][1]
    assert {path: path.read_bytes() for path in files_of(home)} == before
    set_up(home, {}, {"Gia hạn": [["11086", "27/6/2022", "mất điện"]]})
    moved = issue(home, later(hours=2))
    assert {path.name.partition("_")[0] for path in moved.written} == {"11086"}
    assert (letters(home) / "11086_Hung-Dao_giao-bieu-mau_lan-2.eml").exists()
    set_up(home)
    back = issue(home, later(hours=3))
    assert (letters(home) / "11086_Hung-Dao_giao-bieu-mau_lan-3.eml") in back.written
    assert (home / "bieu-mau" / "11086_Hung-Dao_2022-6T.xlsx").read_bytes() in before.values()
    assert audit(home) == ()


def test_what_is_gone_is_made_again_and_what_a_person_edited_stays(home):
    issue(home)
    gone = home / "bieu-mau" / "11083_Dai-Son_2022-6T.xlsx"
    edited = letters(home) / "11083_Dai-Son_giao-bieu-mau_lan-1.txt"
    kept = gone.read_bytes()
    gone.unlink()
    edited.write_text("Chào chị", "utf-8")
    assert issue(home, later(hours=1)).written == (gone,)
    assert gone.read_bytes() == kept and edited.read_text("utf-8") == "Chào chị"


def test_staff_word_the_letter_themselves(home):
    own = home / "mau-thu"
    own.mkdir()
    (own / "issue.txt").write_text("Thư của {{ don_vi }}\nChào anh chị {{ don_vi }}, hạn {{ han }}.", "utf-8")
    (own / "zalo-issue.txt").write_text("Zalo cho {{ don_vi }}", "utf-8")
    issue(home)
    message = draft(home, "11086_Hung-Dao_giao-bieu-mau_lan-1.eml")
    assert message["Subject"] == "[CCHC 2022-6T 11086] Thư của xã Hưng Đạo"
    assert "Chào anh chị xã Hưng Đạo, hạn ." in message.get_body().get_content()
    text = (letters(home) / "11086_Hung-Dao_giao-bieu-mau_lan-1.txt").read_text("utf-8-sig")
    assert text == "Zalo cho xã Hưng Đạo\n"


def test_a_broken_wording_names_file_line_and_tag_before_anything_is_written(home):
    own = home / "mau-thu"
    own.mkdir()
    (own / "issue.txt").write_text("Thư\nKính gửi {{ don_vi }}\n{{ ten_la }}", "utf-8")
    with pytest.raises(MailError) as failed:
        issue(home)
    sentence = error_sentence(failed.value)
    assert "mau-thu/issue.txt, dòng 3" in sentence and "ten_la" in sentence
    (own / "issue.txt").unlink()
    assert len(issue(home).written) == 11 and audit(home) == ()


def test_sending_without_a_server_is_one_sentence_and_writes_nothing(home):
    with pytest.raises(UsageError) as failed:
        issue(home, send=True)
    assert "cai-dat.xlsx" in error_sentence(failed.value) and not (home / "bieu-mau").exists()


def test_names_of_units_are_no_paths(tmp_path):
    home = a_round(tmp_path, names={"11086": "../../../tmp/x: Hưng <Đạo>"})
    issue(home)
    assert sorted(path.name for path in (home / "bieu-mau").glob("11086*")) == ["11086_tmp-x-Hung-Dao_2022-6T.xlsx"]


def _issue_in_a_process(home, number, failed):
    try:
        issue_round(home, NOW, f"máy {number}")
    except BaseException as error:
        failed.put(repr(error))
        raise


def test_two_people_issuing_at_once_give_each_number_once(home):
    context = multiprocessing.get_context("spawn")
    failed = context.Queue()
    workers = [context.Process(target=_issue_in_a_process, args=(home, number, failed)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    prepared = [event.body for event in ledger.events(home) if event.kind == "prepared"]
    assert sorted((body["unit"], body["number"]) for body in prepared) == [(code, 1) for code in sorted(UNITS)]
    assert len([*(home / "bieu-mau").glob("*.xlsx")]) == 4 and audit(home) == ()


def test_the_ledger_says_which_bytes_went_out(home):
    issue(home)
    written = {}
    for event in ledger.events(home):
        if event.kind == "written":
            written |= event.body["files"]
    assert len(written) == 11
    for name, sha256 in written.items():
        assert sha256_of((home / name).read_bytes()) == sha256


def test_every_unit_of_the_edition_can_read_what_it_is_sent(home):
    issue(home)
    for path in (home / "bieu-mau").glob("*.xlsx"):
        one = answers(path.read_bytes())
        assert not one.refused and one.edition == EDITION.id and not one.findings


def test_drafts_are_laid_into_the_mailbox_once_and_never_those_that_went_out(home, imap, trusted, monkeypatch):
    monkeypatch.setenv(VARIABLE, imap.password)
    box = imap.url("nhap-cua-dot")
    issue(home, drafts=box)
    with imap.client("nhap-cua-dot") as client:
        assert client.select('"Nh&AOE-p"', readonly=True)[0] == "OK"
        found = client.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
    laid = [email.message_from_bytes(one[1], policy=policy.default) for one in found if isinstance(one, tuple)]
    assert sorted(one["To"] for one in laid) == ["daison@tuky.gov.vn", "hungdao@tuky.gov.vn", "noivu@tuky.gov.vn"]
    assert all(one["X-Unsent"] == "1" for one in laid)
    issue(home, later(hours=1), drafts=box)
    assert len(imap.state("nhap-cua-dot", '"Nh&AOE-p"')) == 3 and audit(home) == ()


def test_a_letter_that_a_person_rewrote_is_left_to_that_person(home, smtp, trusted, monkeypatch):
    monkeypatch.setenv(VARIABLE, smtp.password)
    monkeypatch.setattr("cchc_xl.rounds.sending.drafting.THROTTLE", 0.0)
    server = {"Máy chủ gửi thư": smtp.host, "Cổng máy chủ": str(smtp.port), "Tên đăng nhập thư": smtp.user}
    set_up(home, server | {"Địa chỉ thư gửi đi": "noivu@tuky.gov.vn"})
    issue(home)
    own = "To: daison@tuky.gov.vn\r\n\r\nTheo lời chị".encode()
    (letters(home) / "11083_Dai-Son_giao-bieu-mau_lan-1.eml").write_bytes(own)
    made = issue(home, later(hours=1), send=True)
    assert made.sent == 2 and sorted(to for (to,), _ in smtp.got) == ["hungdao@tuky.gov.vn", "noivu@tuky.gov.vn"]
    told = [reason for unit, reason in made.left_out if unit == "xã Đại Sơn"]
    assert any("đã có người sửa" in reason for reason in told)
    assert [reason for unit, reason in made.left_out if unit == "xã Bình Lãng"][-1].startswith("chưa có địa chỉ thư")

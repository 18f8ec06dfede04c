"""What somebody outside sends so that it counts as a unit's, as ours, or stops the office."""

import time
import zipfile
from email.message import EmailMessage
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.errors import RoundError
from cchc_xl.files import sha256_of
from cchc_xl.mail import mailbox
from cchc_xl.mail.mailbox import read_message
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.archive import place_of
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.closing import close_round
from cchc_xl.rounds.receiving.collecting import collect, questions_in
from cchc_xl.rounds.receiving.deciding import decide
from tests.round_files import NOW, WHO, a_round, fates, later, mail, take, workbook

GOOD = {"1/1": 5, "1/2.1": 40, "1/2.2": 10}
PDF, FORGED = b"%PDF-1.7 that", b"%PDF-1.7 gia"


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


def signed_copy(home):
    return next(one["signed_copy"] for one in status(home, later(hours=5))["units"] if one["code"] == "11083")


# --- who sent it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"From: daison@tuky.gov.vn\r\nSender: la@x.com",
        b"Sender: la@x.com\r\nFrom: daison@tuky.gov.vn",
        b"From: daison@tuky.gov.vn," + b" " * 2100 + b"la@x.com",
        b"From: daison@tuky.gov.vn," + b" " * 9000 + b"la@x.com",
        b"From: daison@tuky.gov.vn\r\nFrom: la@x.com",
        b"From: daison@tuky.gov.vn <la@x.com>",
        b'From: "daison@tuky.gov.vn" <la@x.com>',
        b"From: la@x.com\r\nReply-To: daison@tuky.gov.vn",
        b"From: <daison@tuky.gov.vn>@x.com",
    ],
)
def test_an_address_of_the_unit_beside_another_one_is_not_the_unit(head):
    assert read_message(head + b"\r\n\r\nx\r\n").senders != ("daison@tuky.gov.vn",)


def test_mail_really_sent_with_another_account_waits_for_a_person(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD))], Sender="la@x.com")})
    assert fates(home) == {"a.xlsx": "waiting"}
    take(home, {"2.eml": mail([("b.xlsx", workbook(GOOD | {"1/1": 6}))], Sender="daison@tuky.gov.vn", message_id="2")})
    assert fates(home)["b.xlsx"] == "current"


def test_a_stranger_s_scan_takes_no_signed_copy_s_place(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD)), ("ký.pdf", PDF)])})
    take(
        home,
        {
            "2.eml": mail([("11083.pdf", FORGED)], "la@x.com", later(hours=1), "2"),
            "3.eml": mail([("a.xlsx", workbook(GOOD)), ("b.pdf", FORGED + b"2")], "la@x.com", later(hours=2), "3"),
            "4.eml": mail(
                [("c.xlsx", workbook(GOOD | {"1/1": 9})), ("c.pdf", FORGED + b"3")], "la@x.com", later(hours=3), "4"
            ),
        },
    )
    assert signed_copy(home) == sha256_of(PDF)
    forged = sha256_of(workbook(GOOD | {"1/1": 9}))
    decide(home, forged, "11083", reason="gọi điện: đúng là của xã", now=later(hours=4), who=WHO)
    assert signed_copy(home) == sha256_of(FORGED + b"3"), "now it came with the unit's own"


def test_a_unit_s_own_scan_that_comes_alone_still_counts(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD))]), "2.eml": mail([("bản ký.pdf", PDF)], message_id="2")})
    assert signed_copy(home) == sha256_of(PDF)


# --- what stops the office --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: " + b" =?utf-8?q?a?=\r\n" * 100_000,
        b"Subject: " + b"a " * 500_000,
        b"Content-Disposition: attachment; " + b"; ".join(b"filename*%d=a" % n for n in range(50_000)),
        b"Content-Type: text/plain; " + b"; ".join(b"name%d=a" % n for n in range(50_000)),
    ],
    ids=["words", "plain", "disposition", "type"],
)
def test_a_header_without_end_takes_no_time(head):
    started = time.monotonic()
    message = read_message(b"From: daison@tuky.gov.vn\r\n" + head + b"\r\n\r\nx\r\n")
    assert time.monotonic() - started < 10 and message.senders == ("daison@tuky.gov.vn",)


def test_a_boundary_cut_off_with_its_header_loses_no_attachment():
    message = EmailMessage()
    message["From"] = "daison@tuky.gov.vn"
    message.set_content("x")
    message.add_attachment(workbook(GOOD), maintype="application", subtype="octet-stream", filename="a.xlsx")
    content = message.as_bytes().replace(b"multipart/mixed;", b"multipart/mixed; x=" + b"a" * 9000 + b";", 1)
    assert [one.problem for one in read_message(content).attachments if one.problem] == ["message-torn"]


@pytest.mark.parametrize("html", ["<" * 500_000, "<style" * 100_000, "<style>" * 100_000, "<a>" * 200_000 + "b"])
def test_tags_without_end_take_no_time(html):
    started = time.monotonic()
    mailbox._without_tags(html)
    assert time.monotonic() - started < 2


def test_text_of_a_page_is_what_a_person_sees():
    page = "<html><STYLE type=x>p > a {b}</style ><body>Chào <b>anh</b> 1 < 2<script>if (a<b) x()</script> chị</body>"
    assert " ".join(mailbox._without_tags(page).split()) == "Chào anh 1 < 2 chị"


# --- what comes twice -------------------------------------------------------------------------------------------


def test_a_question_saved_by_two_programs_is_one_and_the_audit_is_clean(home):
    one = mail([])
    take(home, {"1.eml": one})
    take(home, {"2.eml": b"X-Mozilla-Status: 0001\n" + one})
    assert len(questions_in(ledger.events(home))) == 1 and audit(home) == ()


def test_long_questions_that_begin_alike_are_two(home):
    def asked(end):
        message = EmailMessage()
        message["From"], message["Subject"], message["Message-ID"] = "daison@tuky.gov.vn", "Hỏi", "<1>"
        message.set_content("dài " * 900 + end)
        return message.as_bytes()

    take(home, {"1.eml": asked("một"), "2.eml": asked("hai")})
    assert len(questions_in(ledger.events(home))) == 2 and audit(home) == ()


def test_a_pack_unpacked_and_closed_again_holds_every_name_once(home, tmp_path):
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD))])})
    consolidate_round(home, later(hours=1), WHO)
    pack = close_round(home, later(hours=2), WHO)
    other = tmp_path / "mở ra"
    with zipfile.ZipFile(pack) as packed:
        packed.extractall(other)
    again = close_round(other, later(hours=3), WHO)
    with zipfile.ZipFile(again) as packed:
        names = packed.namelist()
    assert len(names) == len(set(names)) and audit(other) == ()


# --- a master from outside --------------------------------------------------------------------------------------


def a_folder(tmp_path):
    folder = tmp_path / "bao cao"
    folder.mkdir()
    (folder / "11083.xlsx").write_bytes(workbook(GOOD))
    (folder / "11086.xlsx").write_bytes(workbook({"1/1": 7}, "11086"))
    roster = tmp_path / "danh-sach.csv"
    roster.write_text("Mã đơn vị,Tên đơn vị,Loại\n11083,Đại Sơn,xã\n11086,Hưng Đạo,xã\n", "utf-8")
    return folder, roster


def with_line(content, path):
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    for column, text in {"A": "11086", "B": "1/1", "D": 999, "E": "gõ nhầm", "F": "điện thoại"}.items():
        book["Điều chỉnh"][f"{column}7"] = text
    book.save(path)


def test_a_master_among_the_reports_corrects_nothing_of_ours(tmp_path):
    folder, roster = a_folder(tmp_path)
    theirs = consolidate_paths([folder], roster=roster, out=tmp_path / "la").written["tong-hop.xlsx"]
    with_line(theirs.read_bytes(), folder / "tong-hop (7).xlsx")
    result = consolidate_paths([folder], roster=roster, out=folder)
    assert result.consolidation.figures["1/1"].communes == 12
    assert [one.id for one in result.consolidation.notices] == ["number-correction-sent"]


def test_our_own_master_there_still_does(tmp_path):
    folder, roster = a_folder(tmp_path)
    ours = consolidate_paths([folder], roster=roster, out=folder).written["tong-hop.xlsx"]
    with_line(ours.read_bytes(), ours)
    result = consolidate_paths([folder], roster=roster, out=folder)
    assert result.consolidation.figures["1/1"].communes == 1004 and not result.consolidation.notices


def test_a_mailed_master_with_corrections_changes_no_other_unit_and_the_audit_is_clean(home, tmp_path):
    folder, roster = a_folder(tmp_path)
    theirs = consolidate_paths([folder], roster=roster, out=folder).written["tong-hop.xlsx"]
    with_line(theirs.read_bytes(), theirs)
    again = consolidate_paths([folder], roster=roster, out=folder).written["tong-hop.xlsx"]
    take(home, {"1.eml": mail([("tong-hop.xlsx", again.read_bytes())])})
    made = consolidate_round(home, later(hours=1), WHO)
    assert made.consolidation.figures["1/1"].communes == 5, "the sender's own rows only"
    (one,) = status(home, NOW)["attachments"]
    assert one["fate"] == "current" and "phần của Hưng Đạo không tính" in one["reason"]
    assert audit(home) == ()


def test_a_master_from_below_with_corrections_stands_the_audit(home, tmp_path):
    folder, roster = a_folder(tmp_path)
    theirs = consolidate_paths([folder], roster=roster, out=folder).written["tong-hop.xlsx"]
    with_line(theirs.read_bytes(), theirs)
    again = consolidate_paths([folder], roster=roster, out=folder).written["tong-hop.xlsx"]
    collect(home, again, "usb", NOW, WHO, lambda sha256, name: None)
    made = consolidate_round(home, later(hours=1), WHO)
    assert made.consolidation.figures["1/1"].communes == 1004
    assert audit(home) == ()


def rewritten(content, changes):
    """The master with cells of its source rows changed: column title -> (old text, new text)."""
    book = openpyxl.load_workbook(BytesIO(content))
    for sheet in book.worksheets:
        if sheet.title.startswith("Nguồn số liệu"):
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    if cell.value in changes:
                        cell.value = changes[cell.value]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_master_that_claims_another_unit_s_file_says_nothing_for_it(home, tmp_path):
    folder, roster = a_folder(tmp_path)
    theirs = consolidate_paths([folder], roster=roster, out=tmp_path / "la").written["tong-hop.xlsx"]
    good = workbook({"1/1": 50}, "11086")
    forged = rewritten(
        theirs.read_bytes(), {sha256_of(workbook(GOOD)): sha256_of(good), sha256_of(workbook({"1/1": 7}, "11086")): "x"}
    )
    take(home, {"1.eml": mail([("b.xlsx", good)], "hungdao@tuky.gov.vn")})
    take(home, {"2.eml": mail([("a.xlsx", forged)], message_id="2")})
    made = consolidate_round(home, later(hours=1), WHO)
    assert made.consolidation.figures["1/1"].communes == 55 and audit(home) == ()
    assert fates(home) == {"a.xlsx": "current", "b.xlsx": "current"}


def test_a_unit_s_two_files_in_one_master_are_both_counted(home, tmp_path):
    folder, roster = a_folder(tmp_path)
    (folder / "11083 nua.xlsx").write_bytes(workbook({"2/1.2": 3}))
    theirs = consolidate_paths([folder], roster=roster, out=tmp_path / "la").written["tong-hop.xlsx"]
    collect(home, theirs, "usb", NOW, WHO, lambda sha256, name: None)
    made = consolidate_round(home, later(hours=1), WHO).consolidation.figures
    assert (made["1/1"].communes, made["2/1.2"].communes) == (12, 3) and audit(home) == ()


def test_nothing_is_remembered_under_a_sha256_that_a_master_only_claims(tmp_path):
    folder, roster = a_folder(tmp_path)
    out = tmp_path / "ra"
    theirs = consolidate_paths([folder], roster=roster, out=tmp_path / "la").written["tong-hop.xlsx"]
    (folder / "11086.xlsx").unlink()
    (folder / "11083.xlsx").write_bytes(rewritten(theirs.read_bytes(), {5: 500, "5": "500"}))
    consolidate_paths([folder], roster=roster, out=out)
    (folder / "11083.xlsx").write_bytes(workbook(GOOD))
    assert consolidate_paths([folder], roster=roster, out=out).consolidation.figures["1/1"].communes == 5


def test_an_original_that_was_altered_is_one_sentence(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD))])})
    path = place_of(home, sha256_of(workbook(GOOD)))
    path.chmod(0o666)
    path.write_bytes(workbook(GOOD | {"1/1": 99}))
    with pytest.raises(RoundError) as failed:
        consolidate_round(home, later(hours=1), WHO)
    assert failed.value.name == "round-original-altered" and audit(home) != ()

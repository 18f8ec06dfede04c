"""Letters that might go twice, or to an address that is not the unit's any more."""

import email
import subprocess
import sys
import threading
import time
from datetime import timedelta
from email import policy

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import MailError
from cchc_xl.mail.outbox import Letter, Outcome
from cchc_xl.mail.secrets import VARIABLE
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.share_clock import share_moment
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.rounds.sending.turns import Turns
from tests.round_files import ADDRESSES, NOW, WHO, a_round, later, set_up


@pytest.fixture
def home(tmp_path, smtp, trusted, monkeypatch):
    monkeypatch.setenv(VARIABLE, smtp.password)
    monkeypatch.setattr("cchc_xl.rounds.sending.drafting.THROTTLE", 0.0)
    folder = a_round(tmp_path)
    server = {"Máy chủ gửi thư": smtp.host, "Cổng máy chủ": str(smtp.port), "Tên đăng nhập thư": smtp.user}
    set_up(folder, server | {"Địa chỉ thư gửi đi": "noivu@tuky.gov.vn"})
    return folder


def receivers(smtp):
    return sorted(one for to, _ in smtp.got for one in to)


def move(home, code, address):
    """The staff put another address into the roster."""
    (path,) = home.glob("danh-sach*.xlsx")
    book = openpyxl.load_workbook(path)
    rows = [*book.worksheets[0].iter_rows()]
    column = next(cell.column - 1 for cell in rows[0] if cell.value == "Thư điện tử")
    next(row for row in rows if row[0].value == code)[column].value = address
    book.save(path)


def test_two_people_sending_at_the_same_moment_send_each_letter_once(home, smtp):
    issue_round(home, NOW, WHO)
    start, failed = threading.Barrier(2), []

    def run(who):
        start.wait()
        try:
            issue_round(home, later(hours=1), who, send=True)
        except MailError as error:  # what the other one had just begun
            failed.append(error_sentence(error))

    both = [threading.Thread(target=run, args=(who,)) for who in ("Lan", "Hoa")]
    for one in both:
        one.start()
    for one in both:
        one.join(120)
    assert receivers(smtp) == sorted(ADDRESSES.values())
    assert all("đang gửi từ" in sentence for sentence in failed)
    assert audit(home) == ()


def test_a_letter_somebody_is_sending_or_was_cut_short_at_waits_and_is_named(home, smtp, monkeypatch):
    issue_round(home, NOW, WHO)
    first = next(event for event in ledger.events(home) if event.kind == "prepared")
    key = f"{first.body['content']}:{first.body['number']}"
    letter = Letter(kind="issue", to=("daison@tuky.gov.vn",), subject="", body="", key=key)
    other = Turns(folder=home, who="Hoa", now=NOW, units={key: "11083"})
    assert other.take(letter) is None
    with pytest.raises(MailError) as failed:
        issue_round(home, NOW + timedelta(minutes=2), WHO, send=True)
    sentence = error_sentence(failed.value)
    assert "daison@tuky.gov.vn" in sentence and "Hoa đang gửi từ 09:00 20/06/2022" in sentence
    assert receivers(smtp) == ["hungdao@tuky.gov.vn", "noivu@tuky.gov.vn"]
    with pytest.raises(MailError):
        issue_round(home, later(hours=9), WHO, send=True)  # only by the clock of this PC
    monkeypatch.setattr("cchc_xl.rounds.sending.turns._LONGEST_TRY", timedelta(milliseconds=50))
    time.sleep(0.1)
    made = issue_round(home, later(minutes=40), WHO, send=True)
    assert made.sent == 1 and receivers(smtp) == sorted(ADDRESSES.values())
    again = issue_round(home, later(minutes=41), WHO, send=True)
    assert again.sent == 0 and len(smtp.got) == 3 and audit(home) == ()


SENDER = """
import sys
from datetime import datetime
from pathlib import Path
from cchc_xl.errors import MailError
from cchc_xl.rounds.sending import drafting
from cchc_xl.rounds.sending.issuing import issue_round
drafting.THROTTLE = 0.0
sys.stdin.readline()
try:
    issue_round(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3], send=True)
except MailError as error:
    print(error.name)
"""


@pytest.mark.parametrize("apart", [timedelta(hours=5), timedelta(days=-400)])
def test_two_programs_whose_clocks_are_hours_apart_send_each_letter_once(home, smtp, apart):
    """The server takes its time with each letter, so that both are at the same one."""
    issue_round(home, NOW, WHO)
    smtp.slow = 1.0
    said = [(NOW.isoformat(), "Lan"), ((NOW + apart).isoformat(), "Hoa")]
    command = [sys.executable, "-c", SENDER, str(home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([*command, *one], **pipes) for one in said]
    for one in both:
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=120)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0] and set(told) <= {"", "mail-unfinished\n"}
    assert receivers(smtp) == sorted(ADDRESSES.values()) and audit(home) == ()


def test_the_clock_of_the_disk_goes_on_and_leaves_nothing_behind(home):
    before = {*home.rglob("*")}
    first = share_moment(home)
    time.sleep(0.05)
    assert 20 <= share_moment(home) - first < 5_000 and {*home.rglob("*")} == before


def test_a_try_entered_by_an_earlier_version_is_judged_by_its_date(home, smtp):
    letter = Letter(kind="issue", to=("a@x.vn",), subject="", body="", key="k:1")
    body = {"letter": "k:1", "parcel": "issue", "unit": "11083", "to": ["a@x.vn"]}
    ledger.add(home, "sending", body, now=NOW, who="Hoa")
    units = {"k:1": "11083"}
    assert Turns(folder=home, who=WHO, now=later(minutes=14), units=units).take(letter).state == "elsewhere"
    assert Turns(folder=home, who=WHO, now=later(minutes=16), units=units).take(letter) is None


def test_a_try_that_ended_without_the_letter_going_is_free_at_once(home, smtp):
    issue_round(home, NOW, WHO)
    letter = Letter(kind="issue", to=("a@x.vn",), subject="", body="", key="k:1")
    one = Turns(folder=home, who="Hoa", now=NOW, units={"k:1": "11083"})
    assert one.take(letter) is None
    one.kept(Outcome(letter=letter, state="postponed"))
    other = Turns(folder=home, who="Lan", now=NOW, units={"k:1": "11083"})
    assert other.take(letter) is None
    other.sent(letter)
    assert one.take(letter).state == "already"
    assert any("k:1" in str(event.body) for event in ledger.events(home))
    assert len(audit(home)) == 4, "letters that were never prepared"


def test_a_server_that_refuses_for_now_does_not_keep_the_next_run_away(home, smtp):
    smtp.script = {0: "451 4.7.1 later"}
    with pytest.raises(MailError):
        issue_round(home, NOW, WHO, send=True)
    made = issue_round(home, later(minutes=1), WHO, send=True)
    assert made.sent == 1 and receivers(smtp) == sorted(ADDRESSES.values())


def test_a_corrected_address_gets_the_letter_and_the_draft_names_no_old_one(home, smtp):
    move(home, "11083", "nham@lien-doan.vn")
    issue_round(home, NOW, WHO, send=True)
    assert "nham@lien-doan.vn" in receivers(smtp)
    move(home, "11083", "dung@tuky.gov.vn")
    made = issue_round(home, later(hours=1), WHO, send=True)
    assert made.sent == 1 and receivers(smtp).count("dung@tuky.gov.vn") == 1 and len(smtp.got) == 4
    path = home / "thu-nhap" / "giao-bieu-mau" / "11083_Dai-Son_giao-bieu-mau_lan-1.eml"
    draft = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert draft["To"] == "dung@tuky.gov.vn"
    again = issue_round(home, later(hours=2), WHO, send=True)
    assert again.sent == 0 and again.written == () and audit(home) == ()


def test_a_second_address_gets_the_letter_and_the_first_one_not_again(home, smtp):
    issue_round(home, NOW, WHO, send=True)
    move(home, "11083", "DaiSon@tuky.gov.vn; phong@tuky.gov.vn")
    assert issue_round(home, later(hours=1), WHO, send=True).sent == 1
    assert receivers(smtp) == sorted([*ADDRESSES.values(), "phong@tuky.gov.vn"])

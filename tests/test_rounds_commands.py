"""The commands on a round as staff type them: whole processes, watched folders, a reader that goes away."""

import json
import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from cchc_xl.editions.load import load
from cchc_xl.rounds.editing import rule_lines
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.proving.auditing import audit
from tests.round_files import NOW, a_round, take, workbook

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def run(*args, **more):
    command = [sys.executable, "-m", "cchc_xl", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, **more)


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


@pytest.mark.parametrize(
    "command", ["issue", "feedback", "report", "remind", "note", "explanation", "undo", "publish", "close"]
)
def test_each_command_explains_itself_in_vietnamese(command):
    done = run("round", command, "--help")
    assert done.returncode == 0 and "Cách dùng:" in done.stdout and "Options" not in done.stdout


def test_from_issue_to_close_by_command(home):
    issued = run("round", "issue", home)
    assert issued.returncode == 0 and "11 tệp đã ghi, 0 thư đã gửi" in issued.stdout and "--send" in issued.stdout
    assert "không đổi" in run("round", "issue", home).stdout
    take(home, {"a.xlsx": workbook({"1/2.1": 33, "1/2.2": 40}), "b.xlsx": workbook({"1/1": 5}, "11086")})
    dry = run("round", "feedback", home, "--dry-run")
    assert "Sẽ ghi" in dry.stdout and "chưa ghi" in dry.stdout and not (home / "phan-hoi").exists()
    answered = run("round", "feedback", home)
    assert "11083_Dai-Son_CAN-SUA_lan-1.xlsx" in answered.stdout and "xã Bình Lãng: chưa gửi báo cáo" in answered.stdout
    assert run("round", "report", home).returncode == 0 and run("round", "remind", home).returncode == 0
    assert run("round", "note", home, "--unit", "11092", "--text", "Gọi điện: chiều gửi").returncode == 0
    shown = run("round", "status", home)
    assert "Gọi điện: chiều gửi" in shown.stdout and "Báo cáo tổng hợp: Dự thảo." in shown.stdout
    assert run("round", "status", home, "-o", home.parent / "status.xlsx").returncode == 0
    assert openpyxl.load_workbook(home.parent / "status.xlsx").sheetnames == ["Đơn vị", "Tệp đã nhận"]
    assert run("round", "consolidate", home).returncode == 1
    assert run("round", "publish", home, "--stage", "submitted").stdout == "Báo cáo tổng hợp: Trình ký.\n"
    wrong = run("round", "publish", home, "--stage", "issued", "--number", "1")
    assert wrong.returncode == 2 and "--date" in wrong.stderr
    done = run("round", "publish", home, "--stage", "issued", "--number", "12/BC-UBND", "--date", "15/6/2022")
    assert "12/BC-UBND" in done.stdout
    closed = run("round", "close", home)
    assert closed.returncode == 0 and ".zip" in closed.stdout and audit(home) == ()


def test_the_last_collect_is_undone_by_command(home, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xlsx").write_bytes(workbook({"1/1": 5}))
    run("round", "collect", home, "--from", tmp_path / "in")
    done = run("round", "undo", home, "--reason", "nhầm thư mục")
    assert done.returncode == 0 and "a.xlsx" in done.stdout
    (one,) = json.loads(run("round", "status", home, "--json").stdout)["attachments"]
    assert one["fate"] == "refused" and "nhầm thư mục" in one["reason"]
    again = run("round", "undo", home, "--reason", "lại")
    assert again.returncode == 2 and "Không có lần nhận" in again.stderr


def test_an_explanation_is_returned_by_command(home):
    said = {"6/1.2<=1.1": "Gồm vốn năm 2021 kéo dài sang."}
    take(home, {"a.xlsx": workbook({"6/1.1": 2400, "6/1.2": 2950}, explanations=said)})
    asked = ["--unit", "11083", "--rule", "6/1.2<=1.1", "--reason", "chưa rõ"]
    done = run("round", "explanation", home, *asked, "--return")
    assert done.returncode == 0 and "vốn năm 2021" in done.stdout
    assert run("round", "explanation", home, *asked).returncode == 2, "accept or return has to be said"


def filled_folder(tmp_path, count):
    source = tmp_path / "in"
    source.mkdir()
    for number in range(count):
        (source / f"{number:03}.txt").write_bytes(b"%d" % number)
    return source


def test_a_reader_that_goes_away_does_not_stop_the_collect(home, tmp_path):
    """``round collect … | head -1``: everything is stored, none of it by halves."""
    source = filled_folder(tmp_path, 60)
    command = [sys.executable, "-m", "cchc_xl", "round", "collect", home, "--from", source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout.readline().startswith("ĐÃ NHẬN ".encode())
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(120) == 0 and "Traceback" not in said and "Exception" not in said
    assert len(status(home, NOW)["attachments"]) == 60 and audit(home) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_watched_folder_is_taken_in_as_it_fills(home, tmp_path):
    """A file still being written is left for the next turn; what was acknowledged once is not said again."""
    source = filled_folder(tmp_path, 3)
    old = time.time() - 60
    for path in source.iterdir():
        os.utime(path, (old, old))
    command = [sys.executable, "-m", "cchc_xl", "round", "collect", home, "--from", source, "--watch", "0.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) as process:
        try:
            first = [process.stdout.readline() for _ in range(3)]
            with (source / "mới.txt").open("wb") as stream:
                for _ in range(8):  # Zalo saves it bit by bit; the machine may stop for breath meanwhile
                    stream.write(b"x")
                    stream.flush()
                    os.utime(stream.fileno(), (time.time() + 120,) * 2)
                    time.sleep(0.2)
            os.utime(source / "mới.txt", (old, old))
            stop = time.monotonic() + 60
            while len(received(home)) < 4 and time.monotonic() < stop:
                time.sleep(0.2)
        finally:
            process.send_signal(signal.SIGINT)
            rest, complaint = process.communicate(timeout=60)
    assert all(line.startswith("ĐÃ NHẬN ") for line in first)
    assert process.returncode == 0 and complaint == "" and "Đã ngừng xem" in rest
    lines = [line for line in rest.splitlines() if line.startswith("ĐÃ NHẬN ")]
    assert len(lines) == 1 and lines[0].endswith("mới.txt"), "the whole file, once"
    assert [event.body["size"] for event in received(home)][-1] == 8 and audit(home) == ()


def received(home):
    return [event for event in ledger.events(home) if event.kind == "received"]


def test_a_mailbox_that_is_wrongly_named_is_one_sentence(home):
    for url in ("imaps://", "imaps://noivu:secret@localhost/INBOX", "imap://noivu@mail.gov.vn/INBOX"):
        done = run("round", "collect", home, "--from", url)
        assert done.returncode == 2 and "Traceback" not in done.stderr and "secret" not in done.stderr


def test_findings_of_many_files_as_a_workbook_with_drill_down(tmp_path):
    for code, answers in (("11083", {"1/2.1": 33, "1/2.2": 40}), ("11086", {"6/1.1": 2, "6/1.2": 3, "1/3.1": 1})):
        (tmp_path / f"{code}.xlsx").write_bytes(workbook(answers, code))
    path = tmp_path / "loi.xlsx"
    done = run("check", *sorted(tmp_path.glob("11*.xlsx")), "--book", path)
    assert done.returncode == 1 and str(path) in done.stdout
    book = openpyxl.load_workbook(path)
    matrix, lines = book["Theo quy tắc"], book["Chi tiết"]
    heads = [cell.value for cell in matrix[4]]
    column, row = heads.index("1/2.2<=2.1") + 1, 5
    cell = matrix.cell(row, column)
    assert cell.value == 1 and cell.hyperlink.location.startswith("'Chi tiết'!A")
    target = lines.cell(int(cell.hyperlink.location.rpartition("A")[2]), 3)
    assert target.value == "1/2.2<=2.1" and lines.cell(target.row, 1).value == "11083"
    details = [[one.value for one in line] for line in lines.iter_rows(min_row=2)]
    counted = sum(one.value for one in matrix[5][6:] if one.value)
    assert counted == sum(line[0] == "11083" for line in details) > 0
    for number, head in enumerate(heads[6:], start=7):
        for at, code in ((5, "11083"), (6, "11086")):
            wanted = sum(line[0] == code and line[2] == head for line in details)
            assert (matrix.cell(at, number).value or 0) == wanted
    assert lines.auto_filter.ref and matrix.freeze_panes == "C5"


def test_a_round_writes_its_findings_by_rule(home):
    take(home, {"a.xlsx": workbook({"1/2.1": 33, "1/2.2": 40})})
    run("round", "consolidate", home)
    book = openpyxl.load_workbook(BytesIO((home / "ra" / "loi-theo-quy-tac.xlsx").read_bytes()))
    assert book["Theo quy tắc"]["B5"].value == "xã Đại Sơn"


def test_the_catalogue_holds_every_kind_of_comparison(tmp_path):
    edition = load()
    ids = [line.id for line in rule_lines(edition)]
    assert ids[-1] == "words-differs" and {"history-fell", "peer-twin", "peer-outside"} <= set(ids)
    assert all(line.severity and line.content and line.basis for line in rule_lines(edition))
    shown = run("rules").stdout
    assert "history-fell" in shown and "Cần giải trình; khi chỉ đoán được hoặc lệch ít: lưu ý" in shown
    run("rules", "-o", tmp_path / "r.xlsx")
    rows = [row[0].value for row in openpyxl.load_workbook(tmp_path / "r.xlsx").active.iter_rows()]
    assert set(ids) <= set(rows)

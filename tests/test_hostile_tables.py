"""Tables that staff name themselves: a pipe, a device, one too wide, too long or one code in thousands of rows."""

import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.editions.load import load
from cchc_xl.errors import RosterError
from cchc_xl.files import bytes_of
from cchc_xl.workbook.roster import read_roster, roster_of

ROOT = Path(__file__).parent.parent
HEAD = "Mã đơn vị,Tên đơn vị,Từ ngày,Đến ngày\n"
SECONDS = 5.0


def timed(content: str):
    started = time.process_time()
    try:
        return roster_of(content.encode(), file="ds.csv", edition=load())
    finally:
        assert time.process_time() - started < SECONDS


def days(number: int) -> str:
    first = date(1900, 1, 1) + timedelta(days=2 * number)
    return f"{first:%d/%m/%Y},{first + timedelta(days=1):%d/%m/%Y}"


def test_one_code_in_eight_thousand_rows_one_after_the_other():
    rows = "".join(f"11092,Bình Lãng {n},{days(n)}\n" for n in range(8_000))
    assert len(timed(HEAD + rows).units) == 8_000
    backwards = "".join(f"11092,Bình Lãng {n},{days(n)}\n" for n in reversed(range(8_000)))
    assert len(timed(HEAD + backwards).units) == 8_000


@pytest.mark.parametrize("again", [days(0), days(4_000), days(7_999), ",", "01/01/1900,", ",31/12/2100"])
def test_the_same_code_at_the_same_time_is_said_with_both_rows(again):
    rows = "".join(f"11092,Bình Lãng {n},{days(n)}\n" for n in range(8_000))
    with pytest.raises(RosterError) as failed:
        timed(HEAD + rows + f"11092,Hai,{again}\n")
    assert "8002" in error_sentence(failed.value)


def test_days_that_touch_overlap_and_days_that_follow_do_not():
    one = "11092,A,01/01/2020,31/12/2020\n"
    assert len(timed(HEAD + one + "11092,B,01/01/2021,\n").units) == 2
    assert len(timed(HEAD + "11092,B,01/01/2021,\n" + one).units) == 2
    for other in ("11092,B,31/12/2020,\n", "11092,B,,01/01/2020\n"):
        for rows in (one + other, other + one):
            with pytest.raises(RosterError):
                timed(HEAD + rows)


def test_more_columns_than_a_sheet_has():
    wide = ",".join(f"c{n}" for n in range(20_000))
    roster = timed(f"Mã đơn vị,Tên đơn vị,{wide}\n" + "".join(f"{n:05},Xã {n},{'x,' * 20_000}\n" for n in range(20)))
    assert len(roster.units) == 20


def test_a_hundred_thousand_empty_rows_and_one_unit():
    assert len(timed(HEAD + ",,,\n" * 100_000 + "11092,Bình Lãng,,\n").units) == 1


def run(*args: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "cchc_xl", *map(str, args)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=30, stdin=subprocess.DEVNULL
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names")
def test_a_pipe_or_a_device_is_a_sentence_and_nobody_waits(tmp_path):
    pipe = tmp_path / "ống.csv"
    os.mkfifo(pipe)
    with pytest.raises(RosterError) as failed:
        read_roster(pipe, load())
    assert "không phải tệp thường" in error_sentence(failed.value)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(OSError):
            bytes_of(path)
        for args in (
            ["consolidate", "samples", "--roster", path, "-o", tmp_path / "ra"],
            ["template", "-o", tmp_path / "x.xlsx", "--roster", path, "--unit", "11092"],
            ["intake", path, "-o", tmp_path / "x.xlsx"],
            ["verify", path, "--master", path],
            ["verify", "samples/tu-ky-2022-6T/danh-sach-don-vi.csv", "--master", path],
            ["refresh", path, "--master", path, "-o", tmp_path / "x.docx"],
            ["edition", "check", path],
            ["edition", "import", path],
            ["check", "--compare", path, "samples"],
            ["round", "new", tmp_path / "dot", "--roster", path, "--period", "2022-6T"],
        ):
            done = run(*args)
            assert done.returncode in (1, 2) and "Traceback" not in done.stderr, (args, done.stderr)
            assert done.stderr.strip() or done.stdout.strip()


def test_a_file_too_large_for_a_table_is_not_loaded(tmp_path):
    with (tmp_path / "ds.csv").open("wb") as stream:
        stream.truncate(8 << 30)
    with pytest.raises(RosterError):
        read_roster(tmp_path / "ds.csv", load())
    with pytest.raises(OSError):
        bytes_of(tmp_path / "ds.csv")

"""Folders as people and machines leave them: links in circles, pipes, odd names, clocks that go backward."""

import os
import time
from datetime import UTC, datetime

import pytest

from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping.folder import open_round
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.closing import close_round
from cchc_xl.rounds.receiving.collecting import collect
from cchc_xl.rounds.receiving.deciding import approve
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.rounds.sending.returning import feedback_round
from tests.round_files import NOW, WHO, Took, a_round, later, mail, set_up, states, take, workbook

GOOD = {"1/1": 5, "1/2.1": 40, "1/2.2": 10}
LONG_AGO, AT_THE_END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names, links")


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


@pytest.fixture
def odd(tmp_path):
    """A folder with a good workbook among what nobody can read."""
    folder = tmp_path / "nhận về"
    folder.mkdir()
    (folder / "tốt.xlsx").write_bytes(workbook(GOOD))
    os.mkfifo(folder / "ống.xlsx")
    for name, target in (
        ("vòng.xlsx", "vòng.xlsx"),
        ("mất.xlsx", "không có"),
        ("0.xlsx", "/dev/zero"),
        ("lặp", folder),
    ):
        os.symlink(target, folder / name)
    for number, name in enumerate((b"a\nb\xe2\x80\xae.xlsx", b"\xff\xfe.xlsx", b"=cmd.xlsx", b"d" * 240 + b".xlsx")):
        path = os.path.join(os.fsencode(folder), name)
        with open(path, "wb") as stream:
            stream.write(workbook(GOOD | {"1/1": 20 + number}, "11086"))
    return folder


def test_everything_that_can_be_read_is_taken_in_and_the_rest_is_named(home, odd):
    took = Took()
    got = collect(home, odd, None, NOW, WHO, took)
    assert len(took.lines) == 5 and {name for _, name in took.lines} >= {"tốt.xlsx", "=cmd.xlsx"}
    assert all(name.isprintable() for _, name in took.lines)
    assert {one.path.name for one in got.passed} == {"ống.xlsx", "vòng.xlsx", "mất.xlsx", "0.xlsx"}
    assert states(home).keys() == {"11083", "11086"} and audit(home) == ()


def test_a_folder_with_links_in_circles_is_consolidated(odd, tmp_path):
    roster = tmp_path / "ds.csv"
    roster.write_text("Mã đơn vị,Tên đơn vị,Loại\n11083,Đại Sơn,xã\n11086,Hưng Đạo,xã\n", "utf-8")
    started = time.monotonic()
    made = consolidate_paths([odd], roster=roster, out=tmp_path / "ra")
    assert made.consolidation.figures["1/1"].communes == 5 and time.monotonic() - started < 60
    assert {one.name for one in tmp_path.iterdir()} == {odd.name, "ds.csv", "ra"}


@pytest.mark.parametrize("earlier", ["/dev/zero", "../ống.xlsx", "../nhận về", "../vòng", "không có", "a_x0000_b"])
def test_earlier_workbooks_where_nothing_can_be_read_stop_nobody(home, odd, earlier):
    """Neither the comparison nor the pack of the closed round waits for what never ends."""
    os.mkfifo(home.parent / "ống.xlsx")
    os.symlink("vòng", home.parent / "vòng")
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD))])})
    set_up(home, {"Số liệu các kỳ trước": earlier})
    try:
        consolidate_round(home, NOW, WHO)
    except Exception as error:
        assert type(error).__name__ == "UsageError"
    assert open_round(home).settings.previous and audit(home) == ()
    assert close_round(home, NOW, WHO).is_file()


def test_a_clock_that_goes_backward_loses_nothing(home):
    """The order is that of the ledger; what came later by its own date counts."""
    take(home, {"1.eml": mail([("a.xlsx", workbook(GOOD))])}, later(hours=5))
    take(home, {"b.xlsx": workbook(GOOD | {"1/1": 7}, "11086")}, LONG_AGO)
    take(home, {"c.xlsx": workbook(GOOD | {"1/1": 8}, "11092")}, AT_THE_END, dated=NOW)
    for work in (issue_round, feedback_round):
        assert work(home, later(hours=-72), WHO).written
        for now in (LONG_AGO, AT_THE_END):
            assert work(home, now, WHO).written == (), "once each, whatever the clock says"
    approve(home, "11086", reason="gọi điện", now=LONG_AGO, who=WHO)
    for now in (AT_THE_END, LONG_AGO, NOW):
        assert consolidate_round(home, now, WHO).consolidation.figures["1/1"].communes == 20
        assert {one["fate"] for one in status(home, now)["attachments"]} == {"current"}
    assert audit(home) == ()


@pytest.mark.parametrize("moment", [-(2**31), 0, 2**34])
def test_a_file_dated_long_ago_or_far_ahead_counts(home, tmp_path, moment):
    source = tmp_path / "nhan"
    source.mkdir()
    (source / "a.xlsx").write_bytes(workbook(GOOD))
    try:
        os.utime(source / "a.xlsx", (moment, moment))
    except (OSError, OverflowError):
        pytest.skip("a date this disk does not know")
    assert collect(home, source, None, NOW, WHO, Took()).new == 1 and states(home).keys() == {"11083"}

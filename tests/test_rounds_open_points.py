"""The state of a unit counts at once what only earlier periods and other units show, and a second look is fast."""

import sqlite3

import pytest

from cchc_xl.editions.load import load
from cchc_xl.files import sha256_of
from cchc_xl.model import Method
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following import open_points
from cchc_xl.rounds.following.publishing import publish
from cchc_xl.rounds.following.status import overview, status, unit_statuses
from cchc_xl.rounds.keeping.archive import place_of
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.collecting import undo_collect
from cchc_xl.rounds.receiving.deciding import approve, decide, reopen, send_back
from cchc_xl.rounds.sending.reminding import remind_round
from cchc_xl.rounds.sending.returning import feedback_round
from tests.round_files import NOW, WHO, a_round, later, mail, set_up, states, take, workbook
from tests.test_rounds_commands import run

RIGHT = {"1/2.1": 33, "1/2.2": 14}
SAME = next(row.key for row in load().indicators if row.method is Method.SAME and row.cell.value == "answer")


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


@pytest.fixture
def earlier(home, tmp_path):
    """Last quarter more was done than now."""
    folder = tmp_path / "quy-1"
    folder.mkdir()
    (folder / "a.xlsx").write_bytes(workbook({"1/1": 12}, period="2022-Q1"))
    set_up(home, {"Số liệu các kỳ trước": str(folder)})
    return folder


@pytest.fixture
def looks(monkeypatch):
    """How often all workbooks were looked at again."""
    made = []

    def judged(*args, **more):
        made.append(1)
        return looked(*args, **more)

    looked = open_points.judged_with
    monkeypatch.setattr(open_points, "judged_with", judged)
    return made


def unit(home, code="11083", hours=1.0):
    return next(one for one in unit_statuses(home, later(hours=hours)) if one.unit.code == code)


def test_a_step_back_against_the_last_period_is_counted_at_once(home, earlier):
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    before = unit(home)
    assert before.state == "to_fix" and before.errors + before.warnings == 1
    feedback_round(home, later(hours=1), WHO)
    after = unit(home)
    assert (after.state, after.errors, after.warnings) == (before.state, before.errors, before.warnings)
    take(home, {"b.xlsx": workbook(RIGHT | {"1/1": 15})}, later(hours=2))
    assert unit(home, hours=3).state == "to_approve" and audit(home) == ()


def test_what_only_the_others_show_is_counted_at_once(home):
    take(home, {"a.xlsx": workbook(RIGHT | {SAME: 15}), "b.xlsx": workbook(RIGHT | {SAME: 15}, "11086")})
    assert unit(home).state == "to_approve"
    take(home, {"c.xlsx": workbook({SAME: 17}, "298")}, later(hours=1))
    assert unit(home, hours=2).state == "to_approve", "a note asks for nothing"
    set_up(home, tables={"Mức độ quy tắc": [["peer-deviates", "cần giải trình", "năm nay phải khớp"]]})
    found = unit(home, hours=2)
    assert (found.state, found.warnings) == ("to_fix", 1), "the district says otherwise"
    feedback_round(home, later(hours=2), WHO)
    assert unit(home, hours=3).warnings == 1


def test_a_reminder_and_the_master_say_the_same(home, earlier):
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    made = remind_round(home, later(hours=1), WHO)
    assert any(path.name.startswith("11083") for path in made.written)
    (one,) = [one for one in consolidate_round(home, later(hours=2), WHO).consolidation.statuses if one.sha256]
    assert one.state == "to_fix"


def test_what_staff_ruled_holds(home, earlier):
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    assert approve(home, "11083", reason="đã gọi, số đúng", now=later(hours=1), who=WHO).stage == "approved"
    assert states(home) == {"11083": "approved"} and unit(home).warnings + unit(home).errors == 1
    assert reopen(home, "11083", reason="nhầm", now=later(hours=2), who=WHO).stage == "to_fix"
    send_back(home, "11083", reason="gửi lại", now=later(hours=3), who=WHO)
    (earlier / "a.xlsx").write_bytes(workbook({"1/1": 2}, period="2022-Q1"))
    assert states(home) == {"11083": "to_fix"}


def test_nothing_is_looked_at_again_until_something_changes(home, earlier, looks):
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5}), "b.xlsx": workbook(RIGHT, "11086")})
    for hours in range(3):
        assert unit(home, hours=hours).state == "to_fix"
    assert len(looks) == 1
    (earlier / "a.xlsx").write_bytes(workbook({"1/1": 2}, period="2022-Q1"))
    assert unit(home).state == "to_approve" and len(looks) == 2
    take(home, {"c.xlsx": workbook(RIGHT | {"1/1": 1})}, later(hours=1))
    assert unit(home).state == "to_fix" and len(looks) == 3
    set_up(home)
    assert unit(home).state == "to_approve" and len(looks) == 4
    approve(home, "11086", reason="đúng", now=later(hours=2), who=WHO)
    remind_round(home, later(hours=3), WHO)
    assert unit(home).state == "to_approve" and len(looks) == 4, "a ruling changes no workbook"


@pytest.mark.parametrize("harm", ["gone", "nonsense", "forged", "other words"])
def test_a_damaged_memory_is_as_good_as_none(home, earlier, looks, harm):
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    assert unit(home).state == "to_fix"
    path = home / "so-cai" / "bo-nho-dem.sqlite"
    if harm == "gone":
        path.unlink()
    elif harm == "nonsense":
        path.write_bytes(b"nonsense" * 100)
    else:
        with sqlite3.connect(path) as database:
            text = '{"11083": [0, 0, []]}' if harm == "forged" else "[[["
            database.execute("UPDATE points SET text = ?", (text,))
    assert unit(home).state == "to_fix" and len(looks) == 2


def test_earlier_workbooks_that_are_not_there_keep_nobody_from_looking(home, earlier):
    take(home, {"a.xlsx": workbook(RIGHT | {"1/1": 5})})
    assert overview(home, NOW).problem == "" and unit(home).state == "to_fix"
    set_up(home, {"Số liệu các kỳ trước": str(earlier / "o-mang")})
    found = overview(home, NOW)
    assert "o-mang" in found.problem and "Chưa so được với kỳ trước" in found.problem
    assert unit(home).state == "to_approve"
    (earlier / "a.xlsx").write_bytes(b"no workbook")
    set_up(home, {"Số liệu các kỳ trước": str(earlier)})
    assert "Chưa so được với kỳ trước" in overview(home, NOW).problem


def test_an_original_that_was_altered_keeps_nobody_from_looking(home):
    take(home, {"a.xlsx": workbook(RIGHT), "b.xlsx": workbook(RIGHT, "11086")})
    status(home, NOW)
    place = place_of(home, sha256_of(workbook(RIGHT)))
    place.chmod(0o666)
    place.write_bytes(place.read_bytes()[:-9])
    take(home, {"c.xlsx": workbook(RIGHT, "11092")})
    found = overview(home, NOW)
    assert "đã bị thay đổi" in found.problem and len(found.contract["attachments"]) == 3


# --- what is to do next ------------------------------------------------------------------------------------------
def test_files_that_wait_are_named_beside_their_unit_and_below(tmp_path):
    home = a_round(tmp_path)
    assert overview(home, NOW).notes == ()
    take(home, {"1.eml": mail([("a.xlsx", workbook(RIGHT))], "ai-do@gmail.com")})
    found = overview(home, NOW)
    assert unit(home).note == "có tệp chờ quyết định: a.xlsx" and unit(home).state == "not_sent"
    (note,) = found.notes
    sha = found.contract["attachments"][0]["sha256"]
    assert note.startswith("1 tệp chờ quyết định") and f"round decide {home} {sha[:8]} --unit" in note
    decide(home, sha, "11083", reason="gọi rồi", now=later(hours=1), who=WHO)
    assert overview(home, NOW).notes == () and unit(home).note == ""


def test_what_came_after_the_consolidation_is_said_until_the_next_one(home):
    take(home, {"a.xlsx": workbook(RIGHT), "b.xlsx": workbook(RIGHT, "11086")})
    consolidate_round(home, later(hours=1), WHO)
    assert overview(home, NOW).notes == ()
    take(home, {"c.xlsx": workbook(RIGHT | {"1/1": 3})}, later(hours=2))
    (note,) = overview(home, NOW).notes
    assert "xã Đại Sơn." in note and "Hưng Đạo" not in note and "round consolidate" in note
    publish(home, "submitted", now=later(hours=3), who=WHO)
    consolidate_round(home, later(hours=4), WHO)
    assert overview(home, NOW).notes == ()
    undo_collect(home, reason="nhầm", now=later(hours=5), who=WHO)
    assert "xã Đại Sơn." in overview(home, NOW).notes[0] and audit(home) == ()


def test_a_reminder_names_what_is_left_and_why_it_was_returned(home):
    take(home, {"a.xlsx": workbook({"1/2.1": 33, "1/2.2": 40}), "b.xlsx": workbook(RIGHT, "11086")})
    send_back(home, "11086", reason="thiếu Biểu 5.", now=later(hours=1), who=WHO)
    remind_round(home, later(hours=2), WHO)
    texts = {path.name[:5]: path.read_text("utf-8-sig") for path in (home / "thu-nhap" / "don-doc").glob("*_*.txt")}
    assert "còn 1 lỗi phải sửa." in texts["11083"] and "0 mục" not in texts["11083"]
    assert "đơn vị tổng hợp trả lại: thiếu Biểu 5." in texts["11086"] and "còn" not in texts["11086"]


def test_commands_say_what_they_did_and_what_is_next(tmp_path):
    home = a_round(tmp_path)
    fresh = run("round", "new", tmp_path / "moi", "--roster", tmp_path / "danh-sach.csv", "--period", "2022-6T").stdout
    assert "cai-dat.xlsx" in fresh and "danh-sach-don-vi.xlsx" in fresh and "round issue" in fresh
    assert ".eml bằng" not in run("round", "issue", home, "--dry-run").stdout.splitlines()[-1]
    (tmp_path / "nhan").mkdir()
    assert "Đã xem 0 tệp, 0 tệp mới." in run("round", "collect", home, "--from", tmp_path / "nhan").stdout
    (tmp_path / "nhan" / "1.eml").write_bytes(mail([("a.xlsx", workbook(RIGHT))], "ai-do@gmail.com"))
    told = run("round", "collect", home, "--from", tmp_path / "nhan").stdout.splitlines()
    assert told[-2] == "Đã xem 1 tệp, 1 tệp mới." and told[-1].startswith("1 tệp chờ quyết định")
    (tmp_path / "nhan" / "b.xlsx").write_bytes(workbook(RIGHT, "11086"))
    run("round", "collect", home, "--from", tmp_path / "nhan")
    run("round", "consolidate", home)
    (tmp_path / "nhan" / "c.xlsx").write_bytes(workbook(RIGHT, "11092"))
    run("round", "collect", home, "--from", tmp_path / "nhan")
    told = run("round", "publish", home, "--stage", "submitted").stdout.splitlines()
    assert told[0] == "Báo cáo tổng hợp: Trình ký." and "xã Bình Lãng." in told[1]
    assert told[1] in run("round", "status", home).stdout.splitlines()

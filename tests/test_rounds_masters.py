"""A master of a lower level among what came in: whose parts count, and what a person can rule on it."""

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import UsageError
from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.deciding import decide, lock
from tests.round_files import NOW, UNITS, WHO, a_round, fates, later, mail, states, take, workbook
from tests.test_rounds_commands import run

STRANGER = "tong-hop@cum-xa.vn"
HELD = {"11083": {"1/1": 5}, "11086": {"1/1": 7}, "11092": {"1/1": 9}}


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


def master(tmp_path, held=HELD, period="2022-6T", more="") -> bytes:
    """What a cluster of communes added up for itself. ``more``: a line of its roster that ours does not have."""
    folder, lines = tmp_path / "cum", ["Mã đơn vị,Tên đơn vị,Loại", "11083,Đại Sơn,xã", "11086,Hưng Đạo,xã"]
    folder.mkdir(exist_ok=True)
    for code, answers in held.items():
        (folder / f"{code}.xlsx").write_bytes(workbook(answers, code, period))
    roster = tmp_path / "cum.csv"
    roster.write_text("\n".join([*lines, "11092,Bình Lãng,xã", *([more] if more else [])]), "utf-8")
    return consolidate_paths([folder], roster=roster, out=tmp_path / "cum-ra").written["tong-hop.xlsx"].read_bytes()


@pytest.fixture
def strange(home, monkeypatch):
    """Two units that are not in our roster, once the round is made."""
    for code, name in {"99001": "Lạ", "99002": "Khác"}.items():
        monkeypatch.setitem(UNITS, code, ReportingUnit(code=code, name=name, type="xã", level="xã"))
    return "99001,Lạ,xã\n99002,Khác,xã"


def posted(home, content: bytes, sender=STRANGER, hours=0.0) -> str:
    """The master by mail; its sha256."""
    take(home, {"1.eml": mail([("tong-hop.xlsx", content)], sender, message_id=f"m{hours}")}, later(hours=hours))
    return next(one["sha256"] for one in status(home, NOW)["attachments"] if one["name"] == "tong-hop.xlsx")


def reason(home) -> str:
    return next(one["reason"] for one in status(home, NOW)["attachments"] if one["name"] == "tong-hop.xlsx")


def communes(home, hours=9) -> object:
    return consolidate_round(home, later(hours=hours), WHO).consolidation.figures["1/1"].communes


def test_a_master_from_a_stranger_waits_and_says_what_can_be_done(home, tmp_path):
    posted(home, master(tmp_path))
    assert fates(home) == {"tong-hop.xlsx": "waiting"} and states(home) == {}
    said = reason(home)
    assert "3 đơn vị (Đại Sơn, Hưng Đạo, Bình Lãng)" in said and STRANGER in said and "--all" in said


def test_it_is_taken_for_all_units_it_holds_each_listed(home, tmp_path):
    sha = posted(home, master(tmp_path))
    seen = decide(home, sha, everyone=True, reason="cụm gửi thay", now=later(hours=1), who=WHO)
    assert (seen.fate, dict(seen.parts)) == ("current", dict.fromkeys(HELD, "current"))
    assert states(home).keys() == HELD.keys() and communes(home) == 21 and audit(home) == ()


def test_one_unit_s_part_is_taken_and_then_another(home, tmp_path):
    sha = posted(home, master(tmp_path))
    decide(home, sha, "11086", reason="xã nhờ gửi", now=later(hours=1), who=WHO)
    assert states(home).keys() == {"11086"} and communes(home) == 7
    assert "Đại Sơn, Bình Lãng" in reason(home) and "--all" in reason(home)
    decide(home, sha, "11092", reason="xã nhờ gửi", now=later(hours=2), who=WHO)
    assert states(home).keys() == {"11086", "11092"} and communes(home) == 16
    decide(home, sha, reject=True, reason="xã gửi bản khác", now=later(hours=3), who=WHO)
    assert states(home) == {} and fates(home) == {"tong-hop.xlsx": "refused"}
    decide(home, sha, "11083", reason="nhầm", now=later(hours=4), who=WHO)
    assert states(home).keys() == {"11083"}, "what was taken before the rejection is not taken again"


def test_a_part_that_contradicts_the_unit_s_own_file_waits_and_the_others_count(home, tmp_path):
    take(home, {"11086.xlsx": workbook({"1/1": 8, "2/1.2": 3}, "11086")})
    sha = posted(home, master(tmp_path, HELD | {"11086": {"1/1": 7, "3/1.2": 1}}), hours=1)
    seen = decide(home, sha, everyone=True, reason="cụm gửi thay", now=later(hours=2), who=WHO)
    assert dict(seen.parts) == {"11083": "current", "11086": "waiting", "11092": "current"}
    assert states(home)["11086"] == "received" and communes(home) == 14
    decide(home, sha, "11086", reason="xã xác nhận bản của cụm", now=later(hours=3), who=WHO)
    assert states(home)["11086"] != "received" and communes(home) == 21 and audit(home) == ()


def test_a_unit_s_own_later_file_takes_the_place_of_its_part(home, tmp_path):
    sha = posted(home, master(tmp_path))
    decide(home, sha, everyone=True, reason="cụm gửi thay", now=later(hours=1), who=WHO)
    take(home, {"11083.xlsx": workbook({"1/1": 50})}, later(hours=5))
    assert communes(home) == 66 and fates(home)["tong-hop.xlsx"] == "current" and audit(home) == ()


def test_units_that_do_not_report_here_are_left_and_named(home, tmp_path, strange):
    held = HELD | {"99001": {"1/1": 1000}}
    content = master(tmp_path, held, more=strange)
    sha = posted(home, content)
    seen = decide(home, sha, everyone=True, reason="cụm gửi thay", now=later(hours=1), who=WHO)
    assert set(seen.parts) == set(HELD) and communes(home) == 21 and "phần của Lạ" in reason(home)


@pytest.mark.parametrize(
    ("held", "period", "unit", "part"),
    [
        (HELD, "2022-6T", "298", "không có đơn vị mã 298"),
        (HELD, "2022-Q1", "11083", "ghi kỳ 2022-Q1, không phải kỳ 2022-6T"),
        (HELD, "2022-Q1", None, "ghi kỳ 2022-Q1, không phải kỳ 2022-6T"),
        ({"99001": {"1/1": 1}, "99002": {"1/1": 2}}, "2022-6T", None, "đơn vị nào phải báo cáo trong đợt này"),
    ],
)
def test_what_cannot_be_taken_is_one_sentence(home, tmp_path, strange, held, period, unit, part):
    sha = posted(home, master(tmp_path, held, period, strange))
    with pytest.raises(UsageError) as failed:
        decide(home, sha, unit, everyone=unit is None, reason="x", now=later(hours=1), who=WHO)
    assert part in error_sentence(failed.value) and states(home) == {}


def test_a_locked_unit_keeps_its_file_until_it_is_reopened(home, tmp_path):
    take(home, {"11086.xlsx": workbook({"1/1": 8}, "11086")})
    lock(home, "11086", reason="xong", now=later(minutes=1), who=WHO)
    sha = posted(home, master(tmp_path), hours=1)
    with pytest.raises(UsageError) as failed:
        decide(home, sha, everyone=True, reason="x", now=later(hours=2), who=WHO)
    assert "Hưng Đạo đã chốt" in error_sentence(failed.value)
    decide(home, sha, "11083", reason="xã nhờ gửi", now=later(hours=3), who=WHO)
    assert communes(home) == 13


def test_a_plain_workbook_is_taken_for_the_unit_it_names(home):
    take(home, {"1.eml": mail([("a.xlsx", workbook({"1/1": 5}))], STRANGER)})
    (one,) = status(home, NOW)["attachments"]
    seen = decide(home, one["sha256"], everyone=True, reason="gọi rồi", now=later(hours=1), who=WHO)
    assert (seen.fate, seen.unit, dict(seen.parts)) == ("current", "11083", {})


def test_the_command_lists_each_unit(home, tmp_path):
    sha = posted(home, master(tmp_path))
    done = run("round", "decide", home, sha[:10], "--all", "--reason", "cụm gửi thay")
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0].startswith("tong-hop.xlsx: Đang dùng")
    assert told[1:] == ["xã Đại Sơn: Đang dùng", "xã Hưng Đạo: Đang dùng", "xã Bình Lãng: Đang dùng"]

"""A round through its use cases: what is taken in, which fate it gets, where the units stand."""

import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import RoundError, UsageError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.archive import original
from cchc_xl.rounds.keeping.folder import new_round, open_round, place_warning
from cchc_xl.rounds.keeping.settings import text_book
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.collecting import collect, questions_in, undo_collect
from cchc_xl.rounds.receiving.current import submissions
from cchc_xl.rounds.receiving.deciding import approve, decide, lock, reopen, send_back
from tests.round_files import (
    EDITION,
    NOW,
    WHO,
    Took,
    a_round,
    fates,
    later,
    letter,
    mail,
    states,
    take,
    workbook,
    zipped,
)

GOOD = {"1/1": 5, "1/2.1": 33, "1/2.2": 14}


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


def shas(home):
    return {one["name"]: one["sha256"] for one in status(home, NOW)["attachments"]}


def reasons(home):
    return {one["name"]: one["reason"] for one in status(home, NOW)["attachments"]}


def unit_of(home, code, now=NOW):
    return next(one for one in status(home, now)["units"] if one["code"] == code)


def counted(home):
    """Unit -> its answers as they enter the consolidation."""
    the_round = open_round(home)
    made = consolidate(the_round.edition, the_round.period, the_round.roster, submissions(home), check)
    units = [one for one in (*made.units, made.own) if one and one.submission]
    return {
        one.unit.code: {
            key: int(entry.value)
            for key, entry in one.submission.entries.items()
            if entry.answered and EDITION.by_key[key].cell.value == "answer"
        }
        for one in units
    }


# --- the folder --------------------------------------------------------------------------------------------------
def test_a_new_round_has_a_roster_as_text_and_settings_to_edit(home):
    the_round = open_round(home)
    assert [unit.code for unit in the_round.units] == ["11083", "11086", "11092", "298"]
    assert (the_round.period.code, the_round.settings.deadline) == ("2022-6T", None)
    assert states(home) == {} and audit(home) == ()
    sheet = openpyxl.load_workbook(home / "danh-sach-don-vi.xlsx").active
    titles = [cell.value for cell in sheet[1]]
    assert titles[:2] == ["Mã đơn vị", "Tên đơn vị"] and {"Điện thoại", "Đến ngày"} <= set(titles)
    assert sheet["A2"].value == "11083", "codes are text"


def test_a_round_is_not_made_twice(home, tmp_path):
    with pytest.raises(UsageError) as failed:
        new_round(home, tmp_path / "danh-sach.csv", "2022-6T", None, NOW, WHO)
    assert "2022-6T" in error_sentence(failed.value)


def test_no_round_is_one_sentence(tmp_path):
    for use in (lambda: status(tmp_path, NOW), lambda: audit(tmp_path), lambda: submissions(tmp_path)):
        with pytest.raises(RoundError) as failed:
            use()
        assert str(tmp_path) in error_sentence(failed.value)
    assert [*tmp_path.iterdir()] == [], "looking leaves nothing behind"


def test_a_folder_under_a_sync_service_is_named(tmp_path):
    assert place_warning(tmp_path) == ""
    assert "OneDrive" in place_warning(tmp_path / "OneDrive - So Noi vu" / "dot")


# --- taking in ---------------------------------------------------------------------------------------------------
def test_a_workbook_saved_in_the_folder_is_stored_before_it_is_acknowledged(home, tmp_path):
    (tmp_path / "in").mkdir()
    content = workbook(GOOD)
    (tmp_path / "in" / "bao cao xa.xlsx").write_bytes(content)
    seen = []

    def stored(sha256, name):
        assert original(home, sha256).read_bytes() == content
        assert any(event.body.get("sha256") == sha256 for event in ledger.events(home))
        head = json.loads((home / "so-cai" / "dau-chuoi.json").read_text())
        assert head["seq"] == len(ledger.events(home))
        seen.append((sha256, name))

    collected = collect(home, tmp_path / "in", None, NOW, WHO, stored)
    assert seen == [(sha256_of(content), "bao cao xa.xlsx")]
    assert collected.new == 1 and [one.fate for one in collected.seen] == ["current"]
    assert states(home) == {"11083": "to_approve"}
    again = collect(home, tmp_path / "in", None, later(hours=1), WHO, stored)
    assert len(seen) == 2 and again.new == 0, "known already: acknowledged again, entered once"
    assert len(status(home, NOW)["attachments"]) == 1


def test_every_kind_of_file_has_one_fate(home):
    content = workbook(GOOD)
    take(
        home,
        {
            "a.xlsx": content,
            "b (copy).xlsx": content,
            "broken.xlsx": content[:3000],
            "empty.xlsx": b"",
            "list.xlsx": text_book("x", {"x": [["a", "b"]]}),
            "photo.png": b"\x89PNG" + bytes(50_000),
            "notes.txt": b"just words",
            "page.xls": b"<html><table></table></html>",
            "parts.rar": b"Rar!\x1a\x07" + bytes(100),
            "report.docx": zipped({"[Content_Types].xml": b"", "word/document.xml": b"<w/>"}),
            "other period.xlsx": workbook(GOOD, period="2022-Q1"),
            "no period.xlsx": workbook(GOOD, period=None),
            "nobody.xlsx": workbook(GOOD, unit=""),
            "Thumbs.db": b"x",
            "~$a.xlsx": b"x" * 165,
            "a.xlsx.crdownload": b"x",
        },
    )
    assert fates(home) == {
        "a.xlsx": "current",
        "b (copy).xlsx": "duplicate",
        "broken.xlsx": "refused",
        "empty.xlsx": "refused",
        "list.xlsx": "refused",
        "photo.png": "not_a_report",
        "notes.txt": "not_a_report",
        "page.xls": "refused",
        "parts.rar": "refused",
        "report.docx": "not_a_report",
        "other period.xlsx": "refused",
        "no period.xlsx": "waiting",
        "nobody.xlsx": "waiting",
    }
    said = reasons(home)
    assert said["a.xlsx"] == "" and all(reason for name, reason in said.items() if name != "a.xlsx")
    assert not [reason for reason in said.values() if "{" in reason]
    assert audit(home) == ()


def test_channels_come_from_the_option_or_from_the_folder(home):
    take(home, {"a.xlsx": workbook(GOOD), "Zalo/b.xlsx": workbook(GOOD, "11086")}, channel="usb")
    channels = {one["name"]: one["channel"] for one in status(home, NOW)["attachments"]}
    assert channels == {"a.xlsx": "usb", "b.xlsx": "zalo"}


def test_what_was_passed_over_is_listed(home):
    collected = take(home, {"~$a.xlsx": b"x", "desktop.ini": b"x", "b.part": b"x"})
    assert sorted((one.path.name, one.reason) for one in collected.passed) == [
        ("b.part", "partial"),
        ("desktop.ini", "system"),
        ("~$a.xlsx", "owner"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not allow")
def test_hostile_names_are_shown_and_never_used(home, tmp_path):
    content = workbook(GOOD)
    take(home, {"‮xslx.exe": content, "a\nĐÃ NHẬN.xlsx": content + b"", "b\x1b[2J.xlsx": content})
    source = tmp_path / "raw"
    source.mkdir()
    with open(os.fsencode(source) + b"/B\xecnh.xlsx", "wb") as stream:
        stream.write(content)
    took = Took()
    collect(home, source, None, NOW, WHO, took)
    names = [one["name"] for one in status(home, NOW)["attachments"]] + [name for _, name in took.lines]
    assert all(name.isprintable() for name in names) and len(names) == 5
    assert took.lines[0][1] == "B\\udcecnh.xlsx"
    assert audit(home) == ()


def test_a_source_that_is_not_there_or_is_the_round_itself(home):
    with pytest.raises(UsageError):
        collect(home, home / "nowhere", None, NOW, WHO, Took())
    with pytest.raises(UsageError):
        collect(home, home / "luu-tru", None, NOW, WHO, Took())
    took = Took()
    collect(home, home, None, NOW, WHO, took)
    assert took.lines == [], "nothing of its own is collected"


@pytest.mark.parametrize("harm", [b"", b"no database" * 200, None])
def test_the_cache_may_be_lost_or_damaged_at_any_time(home, harm):
    take(home, {"a.xlsx": workbook(GOOD)})
    before, path = status(home, NOW), home / "so-cai" / "bo-nho-dem.sqlite"
    if harm is None:
        database = sqlite3.connect(path)
        database.execute("UPDATE readings SET text = replace(text, '14', '15')")
        database.commit()
        database.close()
    else:
        path.write_bytes(harm)
    assert status(home, NOW) == before == status(home, NOW)
    path.unlink(missing_ok=True)
    assert status(home, NOW) == before


def test_a_damaged_original_is_healed_by_the_same_file(home, tmp_path):
    content = workbook(GOOD)
    take(home, {"a.xlsx": content})
    kept = original(home, sha256_of(content))
    kept.chmod(0o644)
    kept.write_bytes(content[:-1])
    assert audit(home)
    take(home, {"again.xlsx": content})
    assert audit(home) == () and kept.read_bytes() == content


# --- mail --------------------------------------------------------------------------------------------------------
def test_mail_of_the_unit_counts_and_a_stranger_waits(home):
    take(
        home,
        {
            "1.eml": mail([("Bình Lãng.xlsx", workbook(GOOD))]),
            "2.eml": mail([("x.xlsx", workbook(GOOD, "11086"))], "nobody@gmail.com", message_id="2"),
        },
    )
    assert fates(home) == {"Bình Lãng.xlsx": "current", "x.xlsx": "waiting"}
    assert states(home) == {"11083": "to_approve"}
    assert "nobody@gmail.com" in reasons(home)["x.xlsx"]
    seen = decide(home, shas(home)["x.xlsx"][:12], "11086", reason="đã gọi điện", now=later(hours=1), who=WHO)
    assert seen.fate == "current" and states(home) == {"11083": "to_approve", "11086": "to_approve"}


@pytest.mark.parametrize(
    ("sender", "fate"),
    [
        ("DaiSon@TuKy.gov.vn", "current"),
        ("Xã Đại Sơn <daison@tuky.gov.vn>", "current"),
        ('"daison@tuky.gov.vn" <other@gmail.com>', "waiting"),
        ("hungdao@tuky.gov.vn", "waiting"),
        ("noivu@tuky.gov.vn", "current"),
        ("daison@tuky.gov.vn, other@gmail.com", "waiting"),
        ("daison@tuky.gov.vn.evil.com", "waiting"),
    ],
)
def test_the_address_counts_and_not_the_name_shown(home, sender, fate):
    take(home, {"1.eml": mail([("x.xlsx", workbook(GOOD))], sender)})
    assert fates(home) == {"x.xlsx": fate}


def test_without_any_address_in_the_roster_nobody_is_doubted(tmp_path):
    home = a_round(tmp_path, addresses={})
    take(home, {"1.eml": mail([("x.xlsx", workbook(GOOD))], "who@ever.vn")})
    assert fates(home) == {"x.xlsx": "current"}


def test_forwards_zips_and_two_workbooks_in_one_mail(home):
    inner = letter([("trong.xlsx", workbook(GOOD, "11086"))], "hungdao@tuky.gov.vn", NOW, "inner")
    take(
        home,
        {
            "1.eml": mail([inner, ("gói.zip", zipped({"11092.xlsx": workbook(GOOD, "11092")}))], "noivu@tuky.gov.vn"),
            "2.eml": mail([("a.xlsx", workbook(GOOD)), ("b.pdf", b"%PDF-1.7")], message_id="2"),
        },
    )
    assert fates(home) == {
        "trong.xlsx": "current",
        "gói.zip": "not_a_report",
        "11092.xlsx": "current",
        "a.xlsx": "current",
        "b.pdf": "not_a_report",
    }
    assert unit_of(home, "11083")["signed_copy"] == sha256_of(b"%PDF-1.7")


def test_a_message_without_attachment_is_a_question(home):
    collected = take(home, {"1.eml": mail([]), "2.eml": mail([], message_id="2", Auto_Submitted="auto-replied")})
    assert [(one.subject, one.automatic) for one in collected.questions] == [
        ("Báo cáo 6 tháng", False),
        ("Báo cáo 6 tháng", True),
    ]
    assert questions_in(ledger.events(home)) == collected.questions
    assert status(home, NOW)["attachments"] == [] and audit(home) == ()


def test_a_bounce_that_carries_our_own_workbook_is_no_report(home):
    take(home, {"1.eml": mail([("x.xlsx", workbook(GOOD))], Auto_Submitted="auto-generated")})
    assert fates(home) == {"x.xlsx": "not_a_report"} and states(home) == {}


def test_the_same_message_saved_twice_is_one(home):
    content = mail([("x.xlsx", workbook(GOOD))])
    take(home, {"1.eml": content, "copy of 1.eml": content})
    mbox = b"From a@b Mon Jun 20 09:00:00 2022\n" + content.replace(b"\r\n", b"\n") + b"\n"
    take(home, {"Inbox": mbox})
    assert len(status(home, NOW)["attachments"]) == 1


# --- versions ----------------------------------------------------------------------------------------------------
def test_a_corrected_version_takes_the_place_of_the_first(home):
    take(home, {"a.xlsx": workbook(GOOD)})
    take(home, {"a moi.xlsx": workbook(GOOD | {"1/2.2": 15})}, later(hours=2))
    assert fates(home) == {"a.xlsx": "superseded", "a moi.xlsx": "current"}
    assert unit_of(home, "11083")["sha256"] == shas(home)["a moi.xlsx"]
    assert "14 → 15" in reasons(home)["a.xlsx"]
    assert counted(home)["11083"] == GOOD | {"1/2.2": 15}


def test_an_older_file_that_comes_after_the_newer_changes_nothing(home):
    take(home, {"1.eml": mail([("new.xlsx", workbook(GOOD | {"1/2.2": 15}))], sent=later(hours=-1))})
    take(home, {"2.eml": mail([("old.xlsx", workbook(GOOD))], sent=later(hours=-9), message_id="2")}, later(hours=3))
    assert fates(home) == {"new.xlsx": "current", "old.xlsx": "superseded"}


def test_two_officers_halves_are_one_report(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    take(home, {"b.xlsx": workbook({"2/1.1": 7})}, later(hours=1))
    assert fates(home) == {"a.xlsx": "current", "b.xlsx": "current"}
    assert counted(home)["11083"] == {"1/1": 5, "2/1.1": 7}


def test_halves_that_contradict_each_other_wait_for_a_person(home):
    take(home, {"a.xlsx": workbook({"1/1": 5, "1/2.1": 3})})
    take(home, {"b.xlsx": workbook({"1/1": 6, "2/1.1": 7})}, later(hours=1))
    assert fates(home) == {"a.xlsx": "waiting", "b.xlsx": "waiting"}
    assert states(home) == {"11083": "received"} and "11083" not in counted(home)
    assert len(submissions(home)) == 2, "both, so that the consolidation lists the unit as waiting"
    decide(home, shas(home)["a.xlsx"], "11083", reason="xã xác nhận", now=later(hours=2), who=WHO)
    assert fates(home) == {"a.xlsx": "current", "b.xlsx": "current"}
    assert counted(home)["11083"] == {"1/1": 5, "1/2.1": 3, "2/1.1": 7}
    decide(home, shas(home)["b.xlsx"], reject=True, reason="nhầm", now=later(hours=3), who=WHO)
    assert fates(home) == {"a.xlsx": "current", "b.xlsx": "refused"}
    assert "nhầm" in reasons(home)["b.xlsx"]


def test_a_blank_never_replaces_an_answer(home):
    take(home, {"a.xlsx": workbook(GOOD)})
    take(home, {"b.xlsx": workbook({"1/2.2": 15})}, later(hours=1))
    assert counted(home)["11083"] == GOOD | {"1/2.2": 15}
    take(home, {"c.xlsx": workbook({})}, later(hours=2))
    assert fates(home)["c.xlsx"] == "superseded"
    assert counted(home)["11083"] == GOOD | {"1/2.2": 15}


def test_final_beats_provisional_whenever_it_came(home):
    provisional = workbook(GOOD | {"1/1": 9}, status="Số liệu tạm thời")
    take(home, {"final.xlsx": workbook(GOOD)})
    take(home, {"provisional.xlsx": provisional}, later(hours=2))
    assert fates(home) == {"final.xlsx": "current", "provisional.xlsx": "superseded"}


def test_late_is_flagged_and_counted(home):
    said = [["Mục", "Nội dung"], ["Hạn gửi", "17:00 19/6/2022"]]
    extension = [["Mã đơn vị", "Hạn mới", "Lý do"], ["11086", "21/6/2022", "mất điện"]]
    (home / "cai-dat.xlsx").write_bytes(text_book("x", {"Cài đặt": said, "Gia hạn": extension}))
    take(home, {"a.xlsx": workbook(GOOD)}, dated=datetime(2022, 6, 19, 16, 59, tzinfo=UTC))
    take(home, {"b.xlsx": workbook(GOOD, "11086"), "c.xlsx": workbook(GOOD, "11092")})
    late = {one["code"]: one["late"] for one in status(home, NOW)["units"]}
    assert late == {"11083": False, "11086": False, "11092": True, "298": True}
    assert set(counted(home)) == {"11083", "11086", "11092"}


@pytest.mark.parametrize(
    ("typed", "deadline"),
    [
        ("17:00 20/6/2022", (2022, 6, 20, 17, 0)),
        ("20/6/2022 17h", (2022, 6, 20, 17, 0)),
        ("17 giờ 30 ngày 20/06/2022", (2022, 6, 20, 17, 30)),
        ("17h30, 20/6/2022", (2022, 6, 20, 17, 30)),
        ("2022-06-20 08:05", (2022, 6, 20, 8, 5)),
        ("20.6.2022", (2022, 6, 20, 23, 59, 59)),
        (datetime(2022, 6, 20, 17, 30), (2022, 6, 20, 17, 30)),
        (datetime(2022, 6, 20), (2022, 6, 20, 23, 59, 59)),
    ],
)
def test_deadlines_as_staff_type_them(home, typed, deadline):
    book = openpyxl.load_workbook(home / "cai-dat.xlsx")
    cell = next(row[1] for row in book["Cài đặt"].iter_rows() if row[0].value == "Hạn gửi")
    cell.value = typed
    if isinstance(typed, datetime):
        cell.number_format = "dd/mm/yyyy hh:mm"
    book.save(home / "cai-dat.xlsx")
    assert open_round(home).settings.deadline == datetime(*deadline)


@pytest.mark.parametrize(
    ("sheets", "part"),
    [
        ({"Cài đặt": [["Mục"], ["Hạn gửi", "mai"]]}, "mai"),
        ({"Cài đặt": [["Mục"]], "Gia hạn": [["Mã"], ["999", "1/1/2022"]]}, "999"),
    ],
)
def test_settings_that_cannot_be_understood_are_named(home, sheets, part):
    (home / "cai-dat.xlsx").write_bytes(text_book("x", sheets))
    with pytest.raises(RoundError) as failed:
        status(home, NOW)
    assert part in error_sentence(failed.value)


# --- what staff rule ---------------------------------------------------------------------------------------------
def test_approve_return_lock_and_reopen(home):
    take(home, {"a.xlsx": workbook(GOOD)})
    rule = {"reason": "đã xem", "who": WHO}
    assert approve(home, "11083", now=later(hours=1), **rule).stage == "approved"
    assert send_back(home, "11083", now=later(hours=2), **rule).stage == "to_fix"
    take(home, {"b.xlsx": workbook(GOOD | {"1/1": 6})}, later(hours=3))
    assert states(home) == {"11083": "to_approve"}, "a ruling is on the files it was made on"
    assert lock(home, "11083", now=later(hours=4), **rule).stage == "locked"
    take(home, {"c.xlsx": workbook(GOOD | {"1/1": 7})}, later(hours=5))
    assert fates(home)["c.xlsx"] == "waiting" and states(home) == {"11083": "locked"}
    assert counted(home)["11083"]["1/1"] == 6
    with pytest.raises(UsageError):
        approve(home, "11083", now=later(hours=6), **rule)
    assert reopen(home, "11083", now=later(hours=7), **rule).stage == "to_approve"
    assert fates(home)["c.xlsx"] == "current" and counted(home)["11083"]["1/1"] == 7
    assert audit(home) == ()


def test_rulings_that_make_no_sense_are_one_sentence_each(home):
    take(home, {"a.xlsx": workbook(GOOD), "x.pdf": b"%PDF-"})
    sha, pdf = shas(home)["a.xlsx"], shas(home)["x.pdf"]
    when = {"now": NOW, "who": WHO}
    for use in (
        lambda: approve(home, "11083", reason=" ", **when),
        lambda: approve(home, "11086", reason="x", **when),
        lambda: approve(home, "99", reason="x", **when),
        lambda: reopen(home, "11083", reason="x", **when),
        lambda: decide(home, sha, reason="x", **when),
        lambda: decide(home, sha, "11083", reject=True, reason="x", **when),
        lambda: decide(home, sha, "99", reason="x", **when),
        lambda: decide(home, pdf, "11083", reason="x", **when),
        lambda: decide(home, "0" * 64, "11083", reason="x", **when),
        lambda: decide(home, sha[:3], "11083", reason="x", **when),
    ):
        before = len(ledger.events(home))
        with pytest.raises(UsageError) as failed:
            use()
        assert "{" not in error_sentence(failed.value)
        assert len(ledger.events(home)) == before


def test_a_file_given_to_a_unit_counts_for_it(home):
    take(home, {"nobody.xlsx": workbook(GOOD, unit="", period=None)})
    decide(home, shas(home)["nobody.xlsx"], "11086", reason="xã gọi", now=later(hours=1), who=WHO)
    assert states(home) == {"11086": "to_approve"} and counted(home) == {"11086": GOOD}


def test_errors_must_be_fixed_first(home):
    take(home, {"a.xlsx": workbook({"1/2.1": 3, "1/2.2": 14})})
    assert states(home) == {"11083": "to_fix"}


def test_the_last_collect_can_be_undone_and_done_again(home, tmp_path):
    take(home, {"a.xlsx": workbook(GOOD)})
    source = tmp_path / "wrong"
    source.mkdir()
    (source / "b.xlsx").write_bytes(workbook(GOOD | {"1/1": 6}))
    os.utime(source / "b.xlsx", (later(hours=1).timestamp(),) * 2)
    collect(home, source, None, later(hours=1), WHO, Took())
    assert counted(home)["11083"]["1/1"] == 6
    undone = undo_collect(home, reason="nhầm thư mục", now=later(hours=2), who=WHO)
    assert [one.arrival.name for one in undone] == ["b.xlsx"]
    assert counted(home)["11083"]["1/1"] == 5 and "nhầm thư mục" in reasons(home)["b.xlsx"]
    assert collect(home, source, None, later(hours=3), WHO, Took()).new == 1
    assert counted(home)["11083"]["1/1"] == 6 and audit(home) == ()
    assert collect(home, source, None, later(hours=4), WHO, Took()).new == 0
    undo_collect(home, reason="x", now=later(hours=5), who=WHO)
    undo_collect(home, reason="x", now=later(hours=6), who=WHO)
    with pytest.raises(UsageError):
        undo_collect(home, reason="x", now=later(hours=7), who=WHO)
    assert states(home) == {} and audit(home) == ()


def test_a_file_saved_while_we_look_is_left_and_a_wrong_clock_is_not_believed(home, tmp_path):
    """The look began before the file was saved: it may still grow. A date of tomorrow says nothing of that."""
    source = tmp_path / "zalo"
    source.mkdir()
    for name, ahead in (("dang-luu.txt", timedelta(seconds=5)), ("dong-ho-sai.txt", timedelta(days=1))):
        (source / name).write_bytes(name.encode())
        moment = (NOW + ahead).timestamp()
        os.utime(source / name, (moment, moment))
    done = collect(home, source, None, NOW, WHO, lambda *_: None, settled=timedelta(seconds=2))
    assert [(one.path.name, one.reason) for one in done.passed] == [("dang-luu.txt", "changing")]
    assert [one.arrival.name for one in done.seen] == ["dong-ho-sai.txt"]

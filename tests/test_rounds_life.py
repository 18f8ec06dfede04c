"""A round's later life: lines about units, explanations ruled on, the report's own stages, status, archive pack."""

import json
import zipfile
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import CchcError, RoundError, UsageError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.explaining import rule_on_explanation
from cchc_xl.rounds.following.noting import note
from cchc_xl.rounds.following.publishing import publication_of, publish, stage_sentence
from cchc_xl.rounds.following.status import status_workbook, unit_statuses
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.closing import close_round
from cchc_xl.rounds.receiving.collecting import undo_collect
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.rounds.sending.returning import feedback_round
from tests.conftest import values_of
from tests.round_files import NOW, WHO, a_round, later, set_up, states, take, workbook

AFTERWARDS, NEXT_DAY = later(hours=3), later(days=1)
OVER = {"6/1.1": 2400, "6/1.2": 2950}  # more paid out than planned: to be explained
RULE, WHY = "6/1.2<=1.1", "Gồm 700 triệu đồng vốn năm 2021 kéo dài."


@pytest.fixture
def home(tmp_path):
    return a_round(tmp_path)


def explained(text=WHY, **answers):
    return workbook(OVER | answers, explanations={RULE: text})


def rule(home, accept, now, reason="đã xem", **more):
    said = {"unit": "11083", "rule": RULE} | more
    return rule_on_explanation(home, said["unit"], said["rule"], accept=accept, reason=reason, now=now, who=WHO)


# --- explanations ------------------------------------------------------------------------------------------------
def test_a_returned_explanation_counts_for_nothing_until_its_text_changes(home):
    take(home, {"a.xlsx": explained()})
    assert states(home) == {"11083": "to_approve"}
    ruled = rule(home, False, later(hours=1), "chưa nói rõ nguồn")
    assert (ruled.accepted, ruled.text) == (False, WHY) and states(home) == {"11083": "to_fix"}
    made = consolidate_round(home, later(hours=2), WHO).consolidation
    (unit,) = [one for one in made.units if one.unit.code == "11083"]
    (finding,) = [one for one in unit.findings if one.rule == RULE]
    assert not finding.explained and finding.explanation == WHY
    feedback_round(home, later(hours=2), WHO)
    assert (home / "phan-hoi" / "11083_Dai-Son" / "11083_Dai-Son_CAN-SUA_lan-1.xlsx").exists()
    take(home, {"b.xlsx": explained("Vốn năm 2021 kéo dài theo Quyết định số 12/QĐ-UBND.")}, later(hours=3))
    assert states(home) == {"11083": "to_approve"} and audit(home) == ()


def test_an_explanation_returned_and_then_accepted_counts_again(home):
    take(home, {"a.xlsx": explained()})
    rule(home, False, later(hours=1))
    assert rule(home, True, later(hours=2)).accepted and states(home) == {"11083": "to_approve"}


def test_a_returned_explanation_also_counts_for_a_report_in_parts(home):
    take(home, {"a.xlsx": explained(), "b.xlsx": workbook({"1/1": 7})})
    assert states(home) == {"11083": "to_approve"}
    rule(home, False, later(hours=1))
    assert states(home) == {"11083": "to_fix"}


@pytest.mark.parametrize(
    ("said", "part"),
    [({"reason": " "}, "lý do"), ({"unit": "999"}, "999"), ({"rule": "1/2"}, "1/2"), ({"unit": "11086"}, "Hưng Đạo")],
)
def test_rulings_on_nothing_are_one_sentence(home, said, part):
    take(home, {"a.xlsx": explained()})
    with pytest.raises(UsageError) as failed:
        rule(home, False, NOW, said.pop("reason", "x"), **said)
    assert part in error_sentence(failed.value)


# --- notes and status --------------------------------------------------------------------------------------------
def test_the_last_line_about_a_unit_stands_in_its_status(home):
    note(home, "11086", "Gọi lần 1:\x1b[31m không nghe máy", now=NOW, who="Lan")
    note(home, "11086", "Hứa gửi chiều nay", now=later(hours=1), who="Hoa")
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    found = {one.unit.code: one for one in unit_statuses(home, later(hours=2))}
    assert found["11086"].note == "Hứa gửi chiều nay (Hoa, 10:00 20/06/2022)"
    assert (found["11083"].who, found["11083"].when, found["11083"].file) == (WHO, NOW, "a.xlsx")
    assert audit(home) == () and "\x1b" not in repr(ledger.events(home))
    for unit, text in (("11086", " "), ("999", "x")):
        with pytest.raises(UsageError):
            note(home, unit, text, now=NOW, who=WHO)


def test_the_status_as_a_workbook(home):
    take(home, {"a.xlsx": workbook({"1/1": 5}), "=1+1.txt": b"x"}, channel="zalo")
    note(home, "11086", "=1+1", now=NOW, who="Lan")
    content = status_workbook(home, later(hours=2))
    assert content == status_workbook(home, later(hours=2))
    sheets = values_of(content)
    units = {row: {c[0]: v for c, v in sheets["Đơn vị"].items() if c[1:] == str(row)} for row in range(6, 10)}
    assert [one["A"] for one in units.values()] == ["11083", "11086", "11092", "298"]
    assert units[6]["C"] == "Chờ duyệt" and units[7]["K"].startswith("=1+1 (Lan") and units[6]["F"].hour == 9
    assert len(units[6]["O"]) == 64
    files = [value for cell, value in sheets["Tệp đã nhận"].items() if cell[0] == "A" and int(cell[1:]) > 5]
    assert sorted(files) == ["=1+1.txt", "a.xlsx"]
    book = openpyxl.load_workbook(BytesIO(content))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


# --- the report itself -------------------------------------------------------------------------------------------
def issued(home, now=AFTERWARDS):
    publish(home, "submitted", now=now, who=WHO)
    return publish(home, "issued", number="12/BC-UBND", date="15/6/2022", now=now, who=WHO)


def test_an_issued_report_is_frozen_and_the_next_one_is_written_beside(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    consolidate_round(home, NOW, WHO)
    assert stage_sentence(publication_of(ledger.events(home))) == "Báo cáo tổng hợp: Dự thảo."
    assert stage_sentence(issued(home)) == "Báo cáo tổng hợp: Đã ban hành, số 12/BC-UBND ngày 15/06/2022."
    kept = {path.name: path.read_bytes() for path in (home / "ra").iterdir() if path.name[0] != "."}
    consolidate_round(home, later(hours=4), WHO)
    take(home, {"a moi.xlsx": workbook({"1/1": 6})}, later(hours=5))
    written = consolidate_round(home, later(hours=6), WHO).written
    assert written["tong-hop.xlsx"].name == "tong-hop (2).xlsx"
    assert {name: (home / "ra" / name).read_bytes() for name in kept} == kept and audit(home) == ()
    take(home, {"a moi nua.xlsx": workbook({"1/1": 7})}, later(hours=7))
    assert consolidate_round(home, later(hours=8), WHO).written["tong-hop.xlsx"].name == "tong-hop (2).xlsx"
    publish(home, "replaced", reason="xã Đại Sơn gửi lại", now=later(hours=9), who=WHO)
    assert issued(home, later(hours=10)).files["tong-hop (2).xlsx"]
    take(home, {"a lần cuối.xlsx": workbook({"1/1": 8})}, later(hours=11))
    assert consolidate_round(home, later(hours=12), WHO).written["tong-hop.xlsx"].name == "tong-hop (3).xlsx"
    assert audit(home) == ()


def test_an_issued_file_that_somebody_changed_is_found(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    consolidate_round(home, NOW, WHO)
    issued(home)
    (home / "ra" / "bao-cao.docx").write_bytes(b"changed")
    assert any("bao-cao.docx" in one and "ban hành" in one for one in audit(home))


@pytest.mark.parametrize(
    ("stage", "said", "part"),
    [
        ("issued", {}, "submitted (Trình ký)"),
        ("replaced", {"reason": "x"}, "Dự thảo"),
        ("printed", {}, "printed"),
        ("submitted issued", {"number": "1"}, "--date"),
        ("submitted issued", {"number": "1", "date": "32/1/2022"}, "32/1/2022"),
        ("submitted issued", {"number": "1", "date": "1/7/2022"}, "consolidate"),
    ],
)
def test_stages_that_do_not_follow_are_one_sentence(home, stage, said, part):
    *before, last = stage.split()
    for one in before:
        publish(home, one, now=NOW, who=WHO)
    with pytest.raises(UsageError) as failed:
        publish(home, last, now=NOW, who=WHO, **said)
    assert part in error_sentence(failed.value)


# --- the archive pack --------------------------------------------------------------------------------------------
def closed(home, now=NEXT_DAY):
    return close_round(home, now, WHO)


def test_the_pack_is_a_round_again_that_adds_up_to_the_same(home, tmp_path):
    """Also with earlier workbooks from elsewhere and severities of its own."""
    earlier = tmp_path / "quy-1"
    earlier.mkdir()
    (earlier / "a.xlsx").write_bytes(workbook({"1/1": 12, "1/2.1": 33}, period="2022-Q1"))
    change = [[RULE, "lưu ý", "năm nay có vốn kéo dài"]]
    set_up(home, {"Số liệu các kỳ trước": str(earlier)}, {"Mức độ quy tắc": change})
    issue_round(home, NOW, WHO)
    take(home, {"a.xlsx": workbook(OVER | {"1/1": 5}), "own.xlsx": workbook({"1/1": 9}, "298")})
    feedback_round(home, later(hours=1), WHO)
    consolidate_round(home, later(hours=2), WHO)
    pack = closed(home)
    names = zipfile.ZipFile(pack).namelist()
    for wanted in ("cai-dat.xlsx", "so-cai/so-cai.sqlite", "ky-truoc/a.xlsx", "ra/figures.json", "goi-luu-tru.json"):
        assert wanted in names
    assert "bo-bieu-mau/xa-2022/form1.toml" in names and "bieu-mau/11083_Dai-Son_2022-6T.xlsx" in names
    assert not any("khoa.json" in name or "bo-nho-dem" in name for name in names)
    copy = tmp_path / "kho"
    zipfile.ZipFile(pack).extractall(copy)
    (earlier / "a.xlsx").unlink()
    earlier.rmdir()
    before = {path.name: path.read_bytes() for path in (home / "ra").iterdir() if path.name[0] != "."}
    consolidate_round(copy, later(days=9), "Mai")
    assert {path.name: path.read_bytes() for path in (copy / "ra").iterdir() if path.name[0] != "."} == before
    assert audit(copy) == ()


def test_the_pack_says_what_made_it_and_every_hash(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    content = zipfile.ZipFile(closed(home))
    told = json.loads(content.read("goi-luu-tru.json"))
    assert told["program"]["version"] and told["edition"] == "xa-2022" and told["period"] == "2022-6T"
    assert {name: sha256_of(content.read(name)) for name in told["files"]} == told["files"]
    assert set(content.namelist()) == {*told["files"], "goi-luu-tru.json"}


def test_a_pack_that_is_gone_or_changed_is_found(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    pack = closed(home)
    assert audit(home) == ()
    kept = pack.read_bytes()
    pack.write_bytes(kept + b"x")
    assert [pack.name in one for one in audit(home)] == [True]
    pack.unlink()
    assert [pack.name in one for one in audit(home)] == [True]
    pack.write_bytes(kept)
    assert audit(home) == ()


def test_a_round_that_is_not_whole_is_not_closed(home):
    take(home, {"a.pdf": b"%PDF-1.7"})
    path = home / "luu-tru" / sha256_of(b"%PDF-1.7")[:2] / sha256_of(b"%PDF-1.7")
    path.chmod(0o644)
    path.write_bytes(b"%PDF-1.8")
    with pytest.raises(RoundError) as failed:
        closed(home)
    assert "audit" in error_sentence(failed.value) and not (home / "dong-goi").exists()


def test_closing_again_packs_what_came_since(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    first = closed(home)
    take(home, {"b.xlsx": workbook({"1/1": 6})}, later(days=2))
    second = closed(home, later(days=3))
    assert first.read_bytes() != second.read_bytes() and first.exists() and audit(home) == ()


def test_everything_that_was_undone_is_in_the_pack_too(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    undo_collect(home, reason="nhầm thư mục", now=later(hours=1), who=WHO)
    names = zipfile.ZipFile(closed(home)).namelist()
    assert len([name for name in names if name.startswith("luu-tru/")]) == 1


def test_letters_without_preparation_are_found(home):
    ledger.add(home, "sent", {"letter": "x:1", "parcel": "issue", "unit": "11083", "to": []}, now=NOW, who=WHO)
    assert len(audit(home)) == 1 and "11083" in audit(home)[0]


def test_no_round_is_one_sentence_for_every_command(tmp_path):
    for job in (
        lambda: issue_round(tmp_path, NOW, WHO),
        lambda: feedback_round(tmp_path, NOW, WHO),
        lambda: close_round(tmp_path, NOW, WHO),
        lambda: publish(tmp_path, "submitted", now=NOW, who=WHO),
        lambda: note(tmp_path, "1", "x", now=NOW, who=WHO),
    ):
        with pytest.raises(CchcError) as failed:
            job()
        assert "round new" in error_sentence(failed.value)


def test_the_master_of_a_round_says_where_each_unit_stands(home):
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    note(home, "11086", "Hứa gửi chiều nay", now=NOW, who="Lan")
    master = consolidate_round(home, later(hours=1), WHO).written["tong-hop.xlsx"]
    sheet = values_of(master)["Tình hình nộp"]
    assert [sheet[f"L{row}"] for row in range(4, 9)] == [
        *("Tình hình trong đợt", "Chờ duyệt", "Chưa gửi", "Chưa gửi", "Chưa gửi")
    ]
    assert sheet["M5"] == "09:00 20/06/2022" and sheet["N5"] == WHO and sheet["Q6"].startswith("Hứa gửi chiều nay (Lan")

"""The command line as a district officer and an outside script meet it: whole processes, real files."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from cchc_xl.editions.load import period_of
from cchc_xl.model import ReportingUnit
from cchc_xl.workbook.template import Fill, build

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "tu-ky-2022-6T"
ROSTER = SAMPLE / "danh-sach-don-vi.csv"
BINH_LANG = SAMPLE / "nhan-ve" / "11092_Binh-Lang_2022-6T.xlsx"
HEAVY = ("pandas", "openpyxl", "xlsxwriter", "docx", "docxtpl", "lxml", "jinja2", "rich.progress")


def run(*args, cwd=ROOT, **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "cchc_xl", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        **more,
    )


@pytest.fixture(scope="module")
def consolidated(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    out = tmp_path_factory.mktemp("out")
    return out, run("consolidate", SAMPLE / "nhan-ve", "--roster", ROSTER, "-o", out)


@pytest.fixture(scope="module")
def figures(consolidated) -> dict:
    return json.loads((consolidated[0] / "figures.json").read_text("utf-8"))


def checked(*files, args=()) -> list[dict]:
    done = run("check", "--json", *files, *args)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_help_is_vietnamese_and_loads_nothing_heavy():
    done = run("--help")
    assert done.returncode == 0 and "Cách dùng:" in done.stdout and "Options" not in done.stdout
    asked = f"import sys; from cchc_xl import cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["demo", "template", "read", "check", "consolidate", "rules", "edition"])
def test_each_command_explains_itself_in_vietnamese(command):
    done = run(command, "--help")
    assert done.returncode == 0
    for english in ("Usage", "Options:", "Show this message", "required", "default:"):
        assert english not in done.stdout


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["bay"], "Không có lệnh bay"),
        (["check"], "Thiếu FILE"),
        (["check", "--mau", "x.xlsx"], "Không có lựa chọn --mau"),
        (["consolidate", "samples", "-o", "out"], "Thiếu --roster"),
        (["consolidate", "samples", "--roster", "khong-co.csv", "-o", "out"], "khong-co.csv"),
        (["consolidate", "khong-co", "--roster", ROSTER, "-o", "out"], "Không tìm thấy khong-co"),
        (["consolidate", "tests/data", "--roster", ROSTER, "-o", "out"], "Không có sổ Excel nào"),
        (["consolidate", BINH_LANG, "--roster", ROSTER, "-o", "out", "--edition", "xa-1999"], "xa-1999"),
        (["consolidate", BINH_LANG, "--roster", ROSTER, "-o", "out", "--period", "2022-X"], "2022-X"),
        (["consolidate", BINH_LANG, "--roster", BINH_LANG, "-o", "out"], "Danh sách đơn vị"),
        (["template", "-o", "x.xlsx", "--unit", "11092"], "--roster và --unit"),
        (["template", "-o", "x.xlsx", "--roster", ROSTER, "--unit", "99999"], "99999"),
        (["edition", "check", ROSTER], "cchc-xl edition export"),
    ],
)
def test_wrong_use_is_one_vietnamese_sentence(args, says, tmp_path):
    done = run(*(str(tmp_path / arg) if arg == "out" else arg for arg in args))
    assert done.returncode == 2
    assert says in done.stderr and done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_a_refused_file_not_a_traceback():
    done = run("check", "--json", "khong-co.xlsx", BINH_LANG)
    missing, real = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert (missing["file"], missing["state"], missing["entries"]) == ("khong-co.xlsx", "refused", {})
    assert missing["findings"][0]["id"] == "file-missing" and missing["unit"] is None
    assert real["state"] == "read"


def test_the_json_of_a_file_has_the_shape_of_the_contract(edition):
    (one,) = checked(BINH_LANG)
    assert (one["state"], one["edition"], one["period"]) == ("read", "xa-2022", "2022-6T")
    assert one["unit"]["code"] == "11092" and len(one["sha256"]) == 64
    assert set(one["entries"]) == set(edition.by_key)
    entry = one["entries"]["1/2.2"]
    assert entry == {
        "state": "number",
        "value": 14,
        "raw": "14",
        "formula": None,
        "sheet": "Biểu 1",
        "cell": "D10",
        "note": "",
    }
    assert one["entries"]["1/2"]["value"] == 63.6 and one["entries"]["6/1"]["value"] == 166.7
    for finding in one["findings"]:
        assert finding["severity"] in ("error", "warning", "note") and finding["message"] and finding["advice"]


def test_the_real_workbook_shows_its_mistakes_and_nothing_that_is_right():
    (one,) = checked(BINH_LANG)
    serious = {found["rule"]: found for found in one["findings"] if found["severity"] != "note"}
    assert set(serious) == {"1/2", "6/1.2<=1.1", "7/5.2-vs-5.2.1", "7/6.7.2-needs"}
    wrong = serious["1/2"]
    assert (wrong["id"], wrong["found"], wrong["expected"]) == ("ratio-mismatch", 63.6, 42.4)
    assert wrong["causes"][0]["keys"] == ["1/1", "1/2.1"]
    assert serious["6/1.2<=1.1"]["found"] == 5000 and serious["6/1.2<=1.1"]["expected"] == 3000
    typed_right = [
        found for found in one["findings"] if found["id"] == "formula-overwritten" and found["key"] == "3/1.4"
    ]
    assert typed_right[0]["severity"] == "note"
    assert not [found for found in one["findings"] if found["key"] == "2/1.1"]  # 0 in a row of another level


def test_the_report_for_a_person_names_place_remedy_and_cause():
    done = run("check", BINH_LANG)
    assert done.returncode == 1
    assert "63,6%" in done.stdout and "42,4%" in done.stdout and "Biểu 1, ô D8" in done.stdout
    assert "63,6 = 21/33" in done.stdout and "Cách sửa" in done.stdout


def test_reading_shows_every_row(edition):
    done = run("read", BINH_LANG)
    assert all(f" {key} " in done.stdout for key in edition.by_key)


def test_a_blank_template_is_read_back_without_a_finding(tmp_path):
    file = tmp_path / "mau.xlsx"
    assert run("template", "-o", file, "--period", "2022-6T", "--roster", ROSTER, "--unit", "11092").returncode == 0
    (one,) = checked(file)
    assert one["unit"] == {"code": "11092", "name": one["unit"]["name"]}
    assert {entry["state"] for entry in one["entries"].values()} == {"blank", "not_applicable"}
    assert [found["id"] for found in one["findings"] if found["severity"] != "note"] == []


def test_the_sample_round_adds_up_as_the_contract_says(figures, consolidated):
    done = consolidated[1]
    assert done.returncode == 1 and "22/23" in done.stdout and "Hà Kỳ" in done.stdout
    assert figures["3/1.4.3"]["whole"] == 172
    assert [one["unit"] for one in figures["3/1.4.3"]["deviators"]] == ["11113"]
    done_sum, planned = (figures[key]["communes"] for key in ("1/2.2", "1/2.1"))
    assert figures["1/2"]["communes"] == pytest.approx(100 * done_sum / planned, abs=1e-12)
    assert figures["1/5"]["whole"] <= 22 and sum(figures["1/5.2"]["distribution"].values()) == figures["1/5.2"]["n"]
    assert {figure["N"] for figure in figures.values()} == {23}
    assert figures["1/4.1"]["whole"] is None


def test_every_part_of_a_figure_stands_in_the_cell_it_names(figures):
    parts = figures["1/2.1"]["parts"]
    assert sum(part["value"] for part in parts) == figures["1/2.1"]["communes"]
    for part in parts[:5]:
        sheet = openpyxl.load_workbook(ROOT / part["file"], data_only=True)[part["sheet"]]
        assert sheet[part["cell"]].value == part["value"]


def test_the_csv_has_one_row_a_submission_and_key(consolidated, edition):
    text = (consolidated[0] / "so-lieu.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    lines = text.decode("utf-8-sig").splitlines()
    assert lines[0] == "unit_code,unit_name,key,state,value,file,sha256,sheet,cell"
    assert len(lines) == 1 + 23 * len(edition.by_key)


def test_inputs_are_never_written_to_and_the_same_inputs_give_the_same_bytes(tmp_path):
    inbox, first, second = tmp_path / "in", tmp_path / "a", tmp_path / "b"
    shutil.copytree(SAMPLE / "nhan-ve", inbox)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in inbox.iterdir()}
    for out in (first, second):
        run("consolidate", inbox, "--roster", ROSTER, "-o", out)
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in inbox.iterdir()} == before
    for name in ("tong-hop.xlsx", "bao-cao.docx", "so-lieu.csv", "figures.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_an_output_that_a_person_edited_is_kept_and_the_new_one_stands_beside_it(tmp_path):
    arguments = ("consolidate", BINH_LANG, "--roster", ROSTER, "-o", tmp_path)
    run(*arguments)
    (tmp_path / "bao-cao.docx").write_bytes(b"edited by hand")
    done = run(*arguments)
    assert (tmp_path / "bao-cao.docx").read_bytes() == b"edited by hand"
    assert (tmp_path / "bao-cao (2).docx").stat().st_size > 1000
    assert "bao-cao (2).docx" in done.stdout and "được giữ nguyên" in done.stdout


def test_a_filled_workbook_is_never_replaced_by_a_blank_one(tmp_path):
    file, arguments = tmp_path / "11092.xlsx", ("template", "--period", "2022-6T", "-o")
    run(*arguments, file)
    run("template", "--period", "2022-9T", "-o", file)  # ours and untouched: replaced
    assert checked(file)[0]["period"] == "2022-9T"
    filled = BINH_LANG.read_bytes()
    file.write_bytes(filled)
    done = run(*arguments, file)
    assert file.read_bytes() == filled and (tmp_path / "11092 (2).xlsx").exists()
    assert "được giữ nguyên" in done.stdout


def test_outputs_inside_the_inbox_are_not_taken_for_reports(tmp_path):
    inbox = tmp_path / "in"
    inbox.mkdir()
    shutil.copy(BINH_LANG, inbox)
    for _ in range(2):
        done = run("consolidate", inbox, "--roster", ROSTER, "-o", inbox / "ket-qua")
    assert "1/23" in done.stdout and "Không tính" not in done.stdout


def test_a_workbook_of_another_period_or_of_a_stranger_is_listed_and_not_counted(tmp_path):
    roster = tmp_path / "ds.csv"
    roster.write_text("Mã đơn vị,Tên đơn vị\n11074,Tứ Kỳ\n", "utf-8")
    done = run("consolidate", SAMPLE / "nhan-ve", "--roster", roster, "-o", tmp_path / "out")
    assert done.returncode == 1 and "không có trong danh sách" in done.stdout and "1/1" in done.stdout
    done = run("consolidate", BINH_LANG, "--roster", ROSTER, "-o", tmp_path / "q1", "--period", "2022-Q1")
    assert done.returncode == 1 and "của kỳ khác" in done.stdout and "0/23" in done.stdout


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    blocked = tmp_path / "out"
    blocked.write_text("a file stands where the folder should be")
    done = run("consolidate", BINH_LANG, "--roster", ROSTER, "-o", blocked)
    assert done.returncode == 2 and "Không ghi được" in done.stderr and "Traceback" not in done.stderr
    assert blocked.read_text() == "a file stands where the folder should be"


def test_a_personalised_workbook_shows_last_period_and_shared_values(tmp_path):
    file, own = tmp_path / "t.xlsx", SAMPLE / "nhan-ve" / "298_Tu-Ky_2022-6T_gia-lap.xlsx"
    personal = ("--roster", ROSTER, "--unit", "11092")
    made = run("template", "-o", file, "--period", "2022-9T", *personal, "--previous", BINH_LANG, "--shared", own)
    assert made.returncode == 0, made.stderr
    sheet = openpyxl.load_workbook(file, data_only=True)["Biểu 1"]
    assert (sheet["D9"].value, sheet["F9"].value) == (None, 33)  # last period's value stands beside the answer
    (one,) = checked(file)
    assert one["period"] == "2022-9T" and one["entries"]["3/1.4.3"]["value"] == 172


def test_feedback_is_the_clerks_own_file_marked_and_still_reads_the_same(tmp_path):
    marked = tmp_path / "11092_Binh-Lang_CAN-SUA_lan-1.xlsx"
    before = BINH_LANG.read_bytes()
    done = run("feedback", BINH_LANG, "-o", marked)
    assert done.returncode == 1 and str(marked) in done.stdout and BINH_LANG.read_bytes() == before
    assert openpyxl.load_workbook(marked).sheetnames[0] == "Cần sửa"
    (one,), (other,) = checked(BINH_LANG), checked(marked)
    assert {key: entry["value"] for key, entry in one["entries"].items()} == {
        key: entry["value"] for key, entry in other["entries"].items()
    }
    assert run("feedback", BINH_LANG, "-o", BINH_LANG).returncode == 2 and BINH_LANG.read_bytes() == before
    refused = run("feedback", ROSTER, "-o", tmp_path / "x.xlsx")
    assert refused.returncode == 2 and "cchc-xl check" in refused.stderr and not (tmp_path / "x.xlsx").exists()


def test_an_earlier_workbook_is_held_against_the_new_one(edition, tmp_path):
    unit = ReportingUnit(code="11092", name="Bình Lăng", printed_name="Bình Lãng", type="xã", level="xã")
    for code, done in (("2022-Q1", 20), ("2022-6T", 14)):
        fill = Fill(answers={"1/2.1": 33, "1/2.2": done})
        content = build(edition, period=period_of(edition, code), unit=unit, fill=fill)
        (tmp_path / f"{code}.xlsx").write_bytes(content)
    now = tmp_path / "2022-6T.xlsx"
    (alone,), (compared,) = checked(now), checked(now, args=("--previous", tmp_path))
    assert not [one for one in alone["findings"] if one["id"].startswith("history-")]
    fallen = [one for one in compared["findings"] if one["id"].startswith("history-") and one["key"] == "1/2.2"]
    assert [one["severity"] for one in fallen] in (["error"], ["warning"])


def test_another_systems_figures_are_held_against_the_workbook(tmp_path):
    table = tmp_path / "mot-cua.csv"
    table.write_text("Mã đơn vị,3/3.3.1,7/6.7.2\n11092,738,190\n", "utf-8")
    (one,) = checked(BINH_LANG, args=("--compare", table))
    found = [(two["key"], two["found"], two["expected"]) for two in one["findings"] if two["id"] == "peer-outside"]
    assert found == [("7/6.7.2", 170, 190)]
    table.write_text("không có gì\n", "utf-8")
    wrong = run("check", BINH_LANG, "--compare", table)
    assert wrong.returncode == 2 and "mot-cua.csv" in wrong.stderr


def test_the_word_report_agrees_with_its_master_until_someone_changes_a_digit(consolidated, tmp_path):
    out = consolidated[0]
    agreed = run("verify", out / "bao-cao.docx", "--master", out / "tong-hop.xlsx")
    assert agreed.returncode == 0 and "đều khớp" in agreed.stdout
    altered = tmp_path / "sua.docx"
    altered.write_bytes(with_one_digit_changed((out / "bao-cao.docx").read_bytes()))
    found = run("verify", altered, "--master", out / "tong-hop.xlsx")
    assert found.returncode == 1 and found.stdout.count("\n") == 2
    assert run("refresh", altered, "--master", out / "tong-hop.xlsx", "-o", tmp_path / "moi.docx").returncode == 0
    healed = run("verify", tmp_path / "moi.docx", "--master", out / "tong-hop.xlsx")
    assert healed.returncode == 0, healed.stdout


def with_one_digit_changed(docx: bytes) -> bytes:
    """The report with the first tied number of three digits or more raised by one."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(docx)) as source, zipfile.ZipFile(made, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "word/document.xml":
                text = content.decode()
                at = re.search(r'<w:tag w:val="1/1@whole"/>.*?<w:t[^>]*>(\d+)</w:t>', text)
                number = str(int(at[1]) + 1)
                content = (text[: at.start(1)] + number + text[at.end(1) :]).encode()
            target.writestr(member, content)
    return made.getvalue()


def test_a_wrong_master_or_report_is_a_sentence(consolidated, tmp_path):
    out = consolidated[0]
    for report, master, says in (
        (out / "bao-cao.docx", BINH_LANG, "không phải sổ tổng hợp"),
        (ROSTER, out / "tong-hop.xlsx", "Word"),
        (tmp_path / "khong-co.docx", out / "tong-hop.xlsx", "Không tìm thấy"),
        (out / "bao-cao.docx", tmp_path / "khong-co.xlsx", "Không tìm thấy"),
    ):
        done = run("verify", report, "--master", master)
        assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


def test_a_broken_pipe_or_an_old_code_page_is_no_traceback():
    done = run("check", BINH_LANG, env={**os.environ, "PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 1 and "LỖI PHẢI SỬA" in done.stdout


def test_the_demo_makes_everything_and_says_where(tmp_path):
    done = run("demo", tmp_path / "demo")
    assert done.returncode == 0
    for name in ("tong-hop.xlsx", "bao-cao.docx", "so-lieu.csv", "figures.json"):
        assert (tmp_path / "demo" / name).is_file() and name in done.stdout


def test_an_edition_goes_out_comes_back_and_is_used(tmp_path):
    book, home = tmp_path / "bieu.xlsx", {**os.environ, "CCHC_XL_HOME": str(tmp_path / "home")}
    assert run("edition", "export", book).returncode == 0
    workbook = openpyxl.load_workbook(book)
    workbook["Chung"]["B2"] = "xa-thu"
    workbook.save(book)
    assert "xa-thu" in run("edition", "check", book).stdout
    assert run("edition", "import", book, env=home).returncode == 0
    workbook["Chung"]["B2"] = "../../ra-ngoai"
    workbook.save(tmp_path / "xau.xlsx")
    outside = run("edition", "import", tmp_path / "xau.xlsx", env=home)
    assert outside.returncode == 2 and "Chung" in outside.stderr
    made = run("template", "-o", tmp_path / "t.xlsx", "--edition", "xa-thu", env=home)
    assert made.returncode == 0, made.stderr
    (one,) = (json.loads(run("read", "--json", tmp_path / "t.xlsx", env=home).stdout),)
    assert one["edition"] == "xa-thu"


def test_a_commune_gets_its_word_report_and_an_old_one_goes_back_into_excel(tmp_path):
    done = run("report", BINH_LANG, ROSTER, "-o", tmp_path / "word", "--roster", ROSTER)
    assert done.returncode == 1 and "Không tính" in done.stdout  # the roster is no workbook: said, not fatal
    (word,) = (tmp_path / "word").glob("*.docx")
    back = tmp_path / "lai.xlsx"
    taken = run("intake", word, "-o", back)
    assert "123/123" in taken.stdout, taken.stderr
    (one,), (other,) = checked(BINH_LANG), checked(back)
    differing = {key for key, entry in one["entries"].items() if entry["value"] != other["entries"][key]["value"]}
    # the report prints what the parts give: 42,4 and not the 63,6 that was typed, nothing where 0/0 was typed as 0
    assert "1/2" in differing and all(one["entries"][key]["value"] == 0 for key in differing - {"1/2"})
    assert other["entries"]["1/2"]["value"] == 42.4


def test_a_round_in_a_folder_from_first_file_to_proof(tmp_path):
    folder = tmp_path / "dot"
    assert run("round", "new", folder, "--roster", ROSTER, "--period", "2022-6T").returncode == 0
    got = run("round", "collect", folder, "--from", SAMPLE / "nhan-ve")
    lines = [line.split(" ") for line in got.stdout.splitlines() if line.startswith("ĐÃ NHẬN ")]
    assert len(lines) == 23 and all(len(line[2]) == 64 for line in lines)
    standing = json.loads(run("round", "status", folder, "--json").stdout)
    states = {unit["code"]: unit["state"] for unit in standing["units"]}
    assert states["11149"] == "not_sent" and states["11092"] == "to_fix"
    assert {one["fate"] for one in standing["attachments"]} == {"current"}
    approved = run("round", "approve", folder, "--unit", "11086", "--reason", "đã đối chiếu với đơn vị")
    assert approved.returncode == 0 and "Đã duyệt" in approved.stdout
    made = run("round", "consolidate", folder)
    assert made.returncode == 1 and "22/23" in made.stdout and (folder / "ra" / "tong-hop.xlsx").is_file()
    assert run("round", "audit", folder).returncode == 0
    (folder / "ra" / "so-lieu.csv").write_bytes(b"altered")
    assert run("round", "audit", folder).returncode == 1
    assert "Đơn vị" in run("round", "status", folder).stdout

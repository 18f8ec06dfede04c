"""The use cases behind the buttons: control workbook and round kept at one, results for the macro, bad set-ups."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.model import Severity
from cchc_xl.rounds.buttons.control import ControlResult, run
from cchc_xl.rounds.buttons.control_book import name_of, new_control_book, read_control_book, run_book
from cchc_xl.rounds.buttons.control_settings import ControlSettings, check_place, settle
from cchc_xl.rounds.buttons.screen import ENCODING, cells_of, progress_line, result_file, step_line
from cchc_xl.rounds.buttons.tables import inert_text
from cchc_xl.rounds.keeping import settings
from cchc_xl.rounds.keeping.folder import open_round
from tests.macro_books import BOOK
from tests.round_files import NOW, WHO, later, take, workbook

SAID = words("control")
ROSTER = (
    ("11083", "Đại Sơn", "", "", "xã", *[""] * 9),
    ("11086", "Hưng Đạo", "", "", "xã", *[""] * 9),
    ("298", "Tứ Kỳ", "", "", "huyện", "", "", "tổng hợp", *[""] * 6),
)
FIELDS = {"folder": "dot", "period": "2022-6T", "deadline": "17:00 20/6/2022", "source": "nhan-ve"}


@pytest.fixture
def control(tmp_path) -> ControlSettings:
    return ControlSettings(home=tmp_path, fields=FIELDS, roster=ROSTER)


def pressed(control: ControlSettings, action: str = "refresh") -> tuple[ControlResult, ControlSettings]:
    """The result, and the control workbook as it stands afterwards."""
    result = run(action, control, NOW, WHO)
    roster = result.tables.get("roster", control.roster)
    fields = {**control.fields, **result.fields}
    return result, replace(control, fields=fields, roster=roster, seen=result.seen or control.seen)


def made(control: ControlSettings) -> ControlSettings:
    """The control workbook after its round was made; nothing is issued, which takes longer."""
    settled = settle(control, NOW, WHO, make=True)
    return replace(control, fields=settled.fields, seen=settled.seen)


def changed(control: ControlSettings, **fields: str) -> ControlSettings:
    return replace(control, fields={**control.fields, **fields})


# --- the round and the control workbook say the same ------------------------------------------------------------------
def test_a_deadline_changed_on_the_board_goes_into_the_round(control):
    control = made(control)
    folder = control.home / "dot"
    assert open_round(folder).settings.deadline.hour == 17
    before = settings.path_of(folder).read_bytes()
    result, control = pressed(changed(control, deadline="9:00 25/6/2022"))
    assert result.ok and '"Hạn gửi"' in result.message
    assert (open_round(folder).settings.deadline.day, open_round(folder).settings.deadline.hour) == (25, 9)
    assert (folder / "cai-dat (bản cũ 1).xlsx").read_bytes() == before, "what was replaced is kept"
    result, _ = pressed(control)
    assert result.sentences == (SAID["messages"]["refreshed"],), "and nothing more is said"


def test_what_staff_set_beside_the_deadline_stays_byte_for_byte(control):
    control = made(control)
    path = settings.path_of(control.home / "dot")
    book = openpyxl.load_workbook(path)
    book["Gia hạn"].append(["11083", "17:00 30/6/2022", "mất điện"])
    book["Cài đặt"]["D1"] = "ghi chú riêng"
    book.save(path)
    result, _ = pressed(changed(control, deadline="9:00 25/6/2022"))
    assert result.ok, result.message
    the_round = open_round(control.home / "dot")
    assert the_round.settings.extensions["11083"].day == 30
    assert openpyxl.load_workbook(path)["Cài đặt"]["D1"].value == "ghi chú riêng"


def _deadline_in_the_round(control: ControlSettings, text: str) -> None:
    path = settings.path_of(control.home / "dot")
    book = openpyxl.load_workbook(path)
    for row in book["Cài đặt"].iter_rows():
        if row[0].value == "Hạn gửi":
            row[1].value = text
    book.save(path)


def test_a_deadline_that_is_none_is_said_and_the_next_try_is_free(control):
    result, _ = pressed(changed(control, deadline="cuối tháng"), "issue")
    assert not result.ok and '"cuối tháng" không phải ngày giờ' in result.message
    control = made(control) if not (control.home / "dot" / "so-cai").exists() else control
    result, control = pressed(control)
    assert result.ok, result.message
    result, control = pressed(changed(control, deadline="mai"))
    assert not result.ok and open_round(control.home / "dot").settings.deadline.day == 20
    result, control = pressed(changed(control, deadline="9:00 25/6/2022"))
    assert result.ok and open_round(control.home / "dot").settings.deadline.day == 25


def test_a_deadline_changed_in_the_round_is_shown_on_the_board(control):
    control = made(control)
    _deadline_in_the_round(control, "8:00 22/6/2022")
    result, control = pressed(control)
    assert (result.ok, control.text("deadline")) == (True, "8:00 22/6/2022")


def test_a_deadline_changed_in_both_places_is_asked_and_nothing_is_done(control):
    control = made(control)
    _deadline_in_the_round(control, "8:00 22/6/2022")
    before = settings.path_of(control.home / "dot").read_bytes()
    result, _ = pressed(changed(control, deadline="9:00 25/6/2022"))
    assert not result.ok
    assert "đã được sửa ở cả hai nơi" in result.message
    assert settings.path_of(control.home / "dot").read_bytes() == before


def test_an_address_added_on_the_board_reaches_the_round(control):
    control = made(control)
    row = (*ROSTER[0][:9], "daison@tuky.gov.vn", *ROSTER[0][10:])
    result, control = pressed(replace(control, roster=(row, *ROSTER[1:])))
    assert result.ok, result.message
    assert open_round(control.home / "dot").unit("11083").email == ("daison@tuky.gov.vn",)
    assert (control.home / "dot" / "danh-sach-don-vi (bản cũ 1).xlsx").exists()


def test_a_list_that_lay_in_the_folder_before_the_round_is_kept(control):
    (control.home / "dot").mkdir()
    (control.home / "dot" / "danh-sach-don-vi.xlsx").write_bytes(b"cua toi")
    made(control)
    assert (control.home / "dot" / "danh-sach-don-vi (bản cũ 1).xlsx").read_bytes() == b"cua toi"


def test_a_unit_taken_off_the_board_is_said_with_the_numbers(control):
    control = made(control)
    result, _ = pressed(replace(control, roster=ROSTER[1:]))
    assert "trước có 3 đơn vị, nay 2" in result.message


def test_a_wrong_roster_is_refused_and_the_good_one_stays(control):
    control = made(control)
    path = control.home / "dot" / "danh-sach-don-vi.xlsx"
    before = path.read_bytes()
    result, _ = pressed(replace(control, roster=(*ROSTER, ("", "Không mã", *[""] * 12))))
    assert not result.ok and "thiếu mã đơn vị" in result.message and "dòng 5" in result.message
    assert path.read_bytes() == before


def test_a_round_made_elsewhere_is_taken_over_by_an_empty_board(control):
    first = made(control)
    empty = ControlSettings(home=control.home, fields={"folder": "dot"})
    result, shown = pressed(empty)
    assert result.ok, result.message
    assert shown.roster == first.roster
    assert (shown.text("period"), shown.text("deadline"), shown.text("edition")) == (
        *("2022-6T", "17:00 20/6/2022", "xa-2022"),
    )


def test_what_a_run_that_was_cut_short_left_blank_is_filled_in(control):
    made(changed(control, deadline=""))
    result, shown = pressed(control)
    assert (result.ok, shown.text("deadline")) == (True, "17:00 20/6/2022")
    assert open_round(control.home / "dot").settings.deadline.day == 20


def test_another_roster_on_the_board_never_replaces_that_of_a_round_opened_first(control):
    made(control)
    stranger = replace(control, roster=ROSTER[:2])
    result, _ = pressed(stranger)
    assert not result.ok and "Trang Đơn vị khác danh sách của đợt" in result.message


def test_another_period_in_the_same_folder_is_a_mistake(control):
    control = made(control)
    result, _ = pressed(changed(control, period="2022-9T"), "issue")
    assert not result.ok
    assert "Mỗi đợt một thư mục" in result.message
    result, _ = pressed(changed(control, period="2022-9T", folder="dot-9t"), "issue")
    assert result.ok and (control.home / "dot-9t" / "so-cai").exists()


# --- bad set-ups ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "place",
    [
        r"C:\Users\Lan\AppData\Local\Temp\Temp1_bang-dieu-hanh.zip",
        r"C:\Users\Lan\AppData\Local\Temp\7zO4A1B2C3D",
        r"C:\Users\Lan\AppData\Local\Temp\Rar$DIa123.456",
        r"C:\Users\Lan\AppData\Local\Microsoft\Windows\INetCache\Content.Outlook\X1Y2",
        r"C:\Users\Lan\AppData\Local\Temp\0b1c_bang.zip.d2f\x",
        "https://d.docs.live.net/1234/Documents",
    ],
)
def test_a_workbook_opened_from_a_zip_a_mail_or_the_web_is_refused(place):
    with pytest.raises(UsageError) as raised:
        check_place(Path(place) if ":" not in place[2:] else place)  # type: ignore[arg-type]
    assert raised.value.name in ("control-temporary", "control-online")


@pytest.mark.parametrize("place", [r"D:\Tổng hợp & báo cáo", "/home/lan/zip", r"C:\Temp\dot", r"\\may-chu\cchc\2022"])
def test_an_ordinary_place_is_fine(place):
    check_place(Path(place))


def test_a_folder_that_is_no_round_a_source_that_is_not_there_a_word_that_is_none(control):
    result, _ = pressed(control, "collect")
    assert result.message == SAID["errors"]["control-no-round"].format(path=control.home / "dot")
    control = made(control)
    result, _ = pressed(control, "collect")
    assert result.message == SAID["errors"]["control-source-missing"].format(path=control.home / "nhan-ve")
    result, _ = pressed(changed(control, send="gửi đi"), "remind")
    assert not result.ok and "chỉ được là" in result.message
    result, _ = pressed(control, "open")
    assert result.message == SAID["errors"]["control-no-output"]


def test_a_path_as_windows_copies_it(control):
    made(control)
    result, _ = pressed(changed(control, folder='\u202a"dot"\u200e '))
    assert result.ok, result.message


def test_a_round_folder_that_is_a_file_or_far_too_long(control, tmp_path):
    (tmp_path / "tep").write_text("x")
    result, _ = pressed(changed(control, folder="tep"), "issue")
    assert not result.ok and len(result.sentences) == 1
    result, _ = pressed(changed(control, folder="x" * 400), "issue")
    assert not result.ok and len(result.sentences) == 1


def test_a_ledger_locked_by_somebody_is_said(control, monkeypatch):
    from cchc_xl.rounds.keeping import lock

    control = made(control)
    (control.home / "nhan-ve").mkdir()
    (control.home / "nhan-ve" / "a.xlsx").write_bytes(workbook({"1/1": 3}))
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.2)
    holder = f'{{"who": "Hoa", "at": "2022-06-20T09:00:00", "host": "{os.uname().nodename}", "pid": 1, "token": "x"}}'
    (control.home / "dot" / "so-cai" / "khoa.json").write_text(holder)
    result, _ = pressed(control, "collect")
    assert not result.ok and result.message.startswith("Hoa đang ghi vào đợt báo cáo")


def test_what_needs_a_person_comes_first(control):
    control = made(control)
    take(control.home / "dot", {"la.xlsx": workbook({"1/1": 3}, unit="11092"), "dung.xlsx": workbook({"1/1": 4})})
    result = run("refresh", control, later(hours=1), WHO)
    assert result.next_step == SAID["next"]["decide"]
    assert [row[0] for row in result.tables["files"]] == ["la.xlsx", "dung.xlsx"]
    assert result.counts["waiting"] == 1


# --- for the macro ----------------------------------------------------------------------------------------------------
def test_the_file_for_the_macro_holds_every_record_on_its_own_line():
    hostile = ("a\tb\nc\r\x00d", "=1+1", "+84 912", "@x", "-5", "x" * 400)
    result = ControlResult(
        action="check",
        ok=True,
        sentences=("Một.", "Hai\tba."),
        counts={"sent": 3},
        tables={"findings": (hostile,)},
        links=(("Sổ", Path("/a/b")),),
        opens=(Path("/a/b"),),
    )
    lines = result_file(result, NOW).decode(ENCODING).split("\n")
    records = [line.split("\t") for line in lines]
    assert records[-1] == ["end"] and ["open", str(Path("/a/b").absolute())] in records
    assert ["set", "MESSAGE", "Một.\x0bHai ba."] in records
    row = next(record for record in records if record[0] == "row")
    assert row[1:6] == ["a b c d", "’=1+1", "’+84 912", "’@x", "’-5"] and len(row[6]) == 250
    assert sum(record[0] == "link" for record in records) == SAID["words"]["links_shown"]
    table = next(record for record in records if record[0] == "table")
    assert table == ["table", "findings", "1", "6"]


def test_a_failure_leaves_numbers_and_links_as_they_were():
    result = ControlResult(action="check", ok=False, sentences=("Hỏng.",))
    cells = cells_of(result, NOW)
    assert set(cells) == {"OK", "MESSAGE", "LAST"}
    assert "link" not in result_file(result, NOW).decode(ENCODING)


@pytest.mark.parametrize("text", ["xã Đại Sơn", "a=b", "14", "1 + 1"])
def test_ordinary_text_is_shown_as_it_is(text):
    assert inert_text(text) == text


def test_the_progress_file_shows_the_newest_step_and_a_sign_of_life(tmp_path):
    path = tmp_path / "kq.p"
    with progress_line(path, "consolidate") as progress:
        progress("read", 3, 24)
    with progress_line(path, "consolidate") as progress:
        progress("khong-ai-biet", 1, 2)
    assert path.read_bytes().decode(ENCODING).partition("\t")[0].isdecimal()
    assert step_line("consolidate", "read", 3, 24) == "5. Tổng hợp: Đọc và kiểm tra 3/24"
    assert step_line("consolidate", "khong-ai-biet", 1, 2) == "5. Tổng hợp: Đang làm 1/2"


# --- the program ------------------------------------------------------------------------------------------------------
def cchc(*arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    root = str(BOOK.parent.parent)
    command = [sys.executable, "-m", "cchc_xl", *arguments]
    return subprocess.run(command, cwd=cwd, env=os.environ | {"PYTHONPATH": root}, capture_output=True, text=True)


def test_the_program_behind_the_buttons(tmp_path):
    """As the macro starts it: the workbook's path in a file, the result in another; exit codes as everywhere."""
    home = tmp_path / "Đợt 'một' & \"hai\""
    home.mkdir()
    book = home / "bảng điều hành.xlsm"
    shutil.copyfile(BOOK, book)
    (tmp_path / "a.hoi").write_bytes(str(book).encode(ENCODING))
    done = cchc(
        "control", "refresh", "--book", f"@{tmp_path / 'a.hoi'}", "--result", str(tmp_path / "a.kq"), cwd=tmp_path
    )
    sentence = SAID["errors"]["control-no-round"].format(path=home / "dot-bao-cao")
    assert (done.returncode, done.stderr.strip(), done.stdout) == (2, sentence, "")
    assert f"set\tMESSAGE\t{sentence}" in (tmp_path / "a.kq").read_bytes().decode(ENCODING)
    done = cchc("control", "nhay", "--book", str(book), cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("Không có việc tên nhay.")


def test_a_book_or_a_request_that_can_not_be_read_is_one_sentence(tmp_path):
    (tmp_path / "xau.xlsm").write_bytes(b"PK\x03\x04 hong")
    (tmp_path / "la.hoi").write_bytes(b"\x00\xd8\x00")
    for book in ("khong-co.xlsm", "xau.xlsm", "@khong-co.hoi", f"@{tmp_path / 'la.hoi'}"):
        result = run_book("refresh", str(tmp_path / book) if book[0] != "@" else book, NOW, WHO)
        assert not result.ok and len(result.sentences) == 1


def test_a_board_with_a_deleted_cell_says_which(tmp_path):
    book = openpyxl.load_workbook(BOOK)
    del book.defined_names[name_of("period")]
    book.save(tmp_path / "bang.xlsx")
    result = run_book("refresh", str(tmp_path / "bang.xlsx"), NOW, WHO)
    assert not result.ok and "CCHC_DH_PERIOD" in result.message


def test_a_program_that_breaks_still_answers(tmp_path, monkeypatch):
    """A fault of ours must not leave the macro waiting."""
    from cchc_xl.cli import control
    from cchc_xl.rounds.buttons import control_book

    def broken(*_: object) -> ControlResult:
        raise ZeroDivisionError

    monkeypatch.setattr(control_book, "run_book", broken)
    with pytest.raises(ZeroDivisionError):
        control.control("refresh", str(BOOK), tmp_path / "kq")
    said = (tmp_path / "kq").read_bytes().decode(ENCODING)
    assert SAID["messages"]["broken_off"] in said and said.endswith("end")


def test_a_new_control_workbook_never_replaces_what_is_there(tmp_path):
    path = tmp_path / "bang-dieu-hanh.xlsm"
    assert new_control_book(path) == path and path.read_bytes() == BOOK.read_bytes()
    path.write_bytes(b"cua toi")
    done = cchc("control", "new", "--book", str(path), cwd=tmp_path)
    assert done.returncode == 0 and path.read_bytes() == b"cua toi"
    assert (tmp_path / "bang-dieu-hanh (2).xlsm").read_bytes() == BOOK.read_bytes()


def test_the_product_is_complete_without_xlwings(tmp_path):
    """Everything but the file excel.py imports and runs where xlwings can't be imported."""
    code = (
        "import sys, pkgutil, importlib; sys.modules['xlwings'] = None; import cchc_xl\n"
        "for one in pkgutil.walk_packages(cchc_xl.__path__, 'cchc_xl.'):\n"
        "    if one.name not in ('cchc_xl.excel', 'cchc_xl.__main__'): importlib.import_module(one.name)\n"
        "from cchc_xl.cli.workbooks import _calculator; from cchc_xl import office\n"
        "assert _calculator() is office.recalculate\n"
    )
    root = str(BOOK.parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": root}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert read_control_book(BOOK).fields["program"] == "cchc-xl"


# --- computed anew ----------------------------------------------------------------------------------------------------
def test_a_workbook_computed_anew_agrees_with_what_it_stores(office, tmp_path):
    from cchc_xl.rounds.pipeline import check_workbooks
    from cchc_xl.rounds.reading.recalculating import with_recalculation

    good, stale = tmp_path / "dung.xlsx", tmp_path / "cu.xlsx"
    content = workbook({"1/1": 40, "1/2.1": 33, "1/2.2": 14})
    good.write_bytes(content)
    stale.write_bytes(_with_stored(content, "42.4", "63.6"))
    files = [str(good), str(stale)]
    checked = check_workbooks(files)
    again = with_recalculation(files, checked, office.recalculate)
    assert again[0].findings == checked[0].findings
    new = [finding for finding in again[1].findings if finding not in checked[1].findings]
    assert [(one.id, one.cell, one.severity) for one in new][:1] == [("formula-stale", "D8", Severity.NOTE)]
    assert (new[0].args["stored"], new[0].args["again"]) == ("63.6", "42.4")


def _with_stored(content: bytes, old: str, new: str) -> bytes:
    """The workbook with one stored value of a formula changed by hand."""
    from cchc_xl.workbook.marking.patching import Patch

    patch = Patch(content)
    for name in patch.package.names:
        part = patch.content(name) if name.startswith("xl/worksheets/sheet") else b""
        if f"<v>{old}</v>".encode() in part:
            patch.put(name, part.replace(f"<v>{old}</v>".encode(), f"<v>{new}</v>".encode(), 1))
    return patch.packed()


def test_a_program_that_computes_otherwise_than_we_do_is_told(tmp_path):
    """Stood in for by a copy in which a number was changed: its formulas then give something else."""
    from cchc_xl.rounds.pipeline import check_workbooks
    from cchc_xl.rounds.reading.recalculating import with_recalculation

    ours = tmp_path / "a.xlsx"
    ours.write_bytes(workbook({"1/1": 40, "1/2.1": 33, "1/2.2": 14}))

    def other(path: Path, folder: Path) -> Path:
        made = folder / "b.xlsx"
        made.write_bytes(workbook({"1/1": 40, "1/2.1": 33, "1/2.2": 15}))
        return made

    (checked,) = check_workbooks([str(ours)])
    (again,) = with_recalculation([str(ours)], [checked], other)
    told = next(finding for finding in again.findings if finding.id == "formula-recalculated")
    assert (told.key, told.args["ours"], told.args["theirs"]) == ("1/2", "42,4", "45,5")


def test_a_file_that_the_program_can_not_open_keeps_its_findings_with_a_note(tmp_path):
    from cchc_xl.editions.catalogue import message
    from cchc_xl.office import OfficeFailed
    from cchc_xl.rounds.pipeline import check_workbooks
    from cchc_xl.rounds.reading.recalculating import with_recalculation

    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook({"1/1": 40}))

    def failing(path: Path, folder: Path) -> Path:
        raise OfficeFailed("office-slow", seconds=90)

    (checked,) = check_workbooks([str(path)])
    (again,) = with_recalculation([str(path)], [checked], failing)
    assert again.findings[:-1] == checked.findings
    assert "LibreOffice chạy quá 90 giây" in message(again.findings[-1], again.edition)


def test_a_master_among_the_files_gives_several_and_each_keeps_its_place(tmp_path):
    """Computed anew by a copy of itself: nothing is found, nothing is lost or mixed up."""
    from cchc_xl.rounds.pipeline import check_workbooks, consolidate_paths
    from cchc_xl.rounds.reading.recalculating import with_recalculation

    for code in ("11083", "11086"):
        (tmp_path / f"{code}.xlsx").write_bytes(workbook({"1/1": 40}, unit=code))
    roster = tmp_path / "ds.csv"
    roster.write_text("Mã đơn vị,Tên đơn vị,Loại\n11083,Đại Sơn,xã\n11086,Hưng Đạo,xã\n", "utf-8")
    sources = [tmp_path / "11083.xlsx", tmp_path / "11086.xlsx"]
    made = consolidate_paths(sources, roster=roster, out=tmp_path / "ra")
    files = [str(made.written["tong-hop.xlsx"]), str(sources[0])]
    checked = check_workbooks(files)
    again = with_recalculation(files, checked, lambda path, folder: Path(shutil.copy(path, folder)))
    assert len(checked) > 2
    assert [(one.submission, one.findings) for one in again] == [(one.submission, one.findings) for one in checked]

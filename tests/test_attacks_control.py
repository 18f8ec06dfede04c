"""The control workbook as a careless or hostile person left it, and several people who press at the same moment."""

import os
import random
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from cchc_xl.errors import UsageError
from cchc_xl.rounds.buttons import control_settings
from cchc_xl.rounds.buttons.control import ControlResult
from cchc_xl.rounds.buttons.control_book import name_of, read_control_book, run_book
from cchc_xl.rounds.buttons.control_settings import settle
from cchc_xl.rounds.buttons.kept import field_of
from cchc_xl.rounds.buttons.screen import ENCODING, result_file
from cchc_xl.rounds.keeping.folder import open_round
from cchc_xl.rounds.keeping.settings import path_of
from cchc_xl.rounds.proving.auditing import audit
from tests.bounded import SECONDS
from tests.conftest import SEED
from tests.damage import edited, part_of
from tests.fuzz.cells import Cells
from tests.macro_books import BOOK
from tests.round_files import NOW, WHO, set_up, workbook
from tests.test_hostile_injection import formulas

ROOT = Path(__file__).parent.parent
ROSTER = (("11083", "Đại Sơn", "xã", ""), ("11086", "Hưng Đạo", "xã", ""), ("298", "Tứ Kỳ", "huyện", "tổng hợp"))
PLACES = (0, 1, 4, 7)  # columns of these on the board
FIELDS = {"folder": "dot", "period": "2022-6T", "deadline": "17:00 20/6/2022", "source": "nhan-ve"}


def board(fields=FIELDS, roster=ROSTER) -> bytes:
    """The shipped control workbook, filled in."""
    book, out = openpyxl.load_workbook(BOOK), BytesIO()

    def cell(name: str):
        ((title, reference),) = book.defined_names[name_of(name)].destinations
        return book[title][reference.replace("$", "")]

    for name, text in fields.items():
        cell(name).value = text
    first = cell("T_ROSTER")
    for row, unit in enumerate(roster):
        for column, text in zip(PLACES, unit, strict=True):
            first.offset(row, column).value = text or None
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The path of a board whose round is made and shown on it, and the board's bytes."""
    path = tmp_path_factory.mktemp("bàn") / "bảng.xlsm"
    path.write_bytes(board())
    settle(read_control_book(path), NOW, WHO, make=True)
    seen = run_book("refresh", str(path), NOW, WHO).seen
    content = board(FIELDS | {f"seen_{name}": text for name, text in seen.items()})
    path.write_bytes(content)
    return path, content


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.xlsx"))}


def pressed(path: Path, action: str = "refresh") -> ControlResult:
    started = time.process_time()
    result = run_book(action, str(path), NOW, WHO)
    shown = result_file(result, NOW)
    assert time.process_time() - started < SECONDS
    assert shown.decode(ENCODING).endswith("end") and result.sentences[0]
    return result


def test_a_damaged_board_changes_nothing_without_a_word(made, share):
    """Its round still opens; what it wrote there it says, and what stood there before is kept."""
    path, content = made
    home, folder = path.parent, path.parent / "dot"
    parts = [part_of(content, title) for title in ("Bảng điều hành", "Đơn vị", "_nho")]
    attacked, rng = Cells(content, parts, lambda row: row < 60), random.Random(SEED)
    before, done = state(folder), 0
    for _ in range(round(800 * share)):
        mutant = attacked.mutant(rng)
        path.write_bytes(mutant.content)
        result = pressed(path)
        done += result.ok
        assert open_round(folder).units
        assert {one.name for one in home.iterdir()} == {path.name, "dot"}, mutant.what
        after = state(folder)
        changed = [name for name, body in before.items() if after[name] != body]
        assert not changed or len(result.sentences) > 1, (mutant.what, result.sentences)
        for name in after.keys() - before.keys():
            assert after[name] in before.values(), "a copy of what stood there"
            (folder / name).unlink()
        for name in changed:
            assert formulas(after[name]) == formulas(before[name])
            (folder / name).write_bytes(before[name])
    path.write_bytes(content)
    assert done > 250 * share


@pytest.mark.parametrize("action", ["issue", "collect", "check", "feedback", "consolidate", "report", "remind", "open"])
def test_a_board_that_is_no_workbook_is_one_sentence_for_every_button(tmp_path, action):
    for content in (b"", b"PK\3\4", b"\0" * 5_000, BOOK.read_bytes()[:-200]):
        (tmp_path / "b.xlsm").write_bytes(content)
        assert not pressed(tmp_path / "b.xlsm", action).ok
    assert [*tmp_path.iterdir()] == [tmp_path / "b.xlsm"]


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 5_000, "/dev/zero", "/tmp", ""])
def test_a_path_that_can_be_none_is_one_sentence_without_english(tmp_path, path):
    request = tmp_path / "yeu-cau"
    request.write_bytes(path.encode(ENCODING, "surrogatepass"))
    for asked in (path, f"@{request}"):
        result = run_book("refresh", asked, NOW, WHO)
        assert not result.ok and not any(word in result.message for word in ("codec", "null byte", "Errno"))


@pytest.mark.parametrize(
    "source",
    [
        *("imaps://u:B1mat@127.0.0.1:1/INBOX", "imap://u:B1mat@h", "imaps://u:B1mat@[::1", "imaps://u:B1mat@h:abc/x"),
        *(
            "IMAPS://u:B1mat@h:99999/x",
            "imaps:/u:B1mat@h",
            "http://u:B1mat@h/",
            " imaps:u:B1mat@h",
            "imaps://u:B1/mat@h",
        ),
    ],
)
def test_a_password_in_a_mailbox_s_address_is_never_shown_nor_kept(made, source):
    path, content = made
    path.write_bytes(board(FIELDS | _seen(content) | {"source": source}))
    result = pressed(path, "collect")
    assert not result.ok and "mat@" not in result.message and "B1mat" not in result.message
    kept = (one for one in (path.parent / "dot").rglob("*") if one.is_file())
    assert not any(b"B1mat" in one.read_bytes() for one in kept)
    path.write_bytes(content)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names")
def test_nobody_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "ống")
    for asked in (str(tmp_path / "ống"), f"@{tmp_path / 'ống'}"):
        assert "không phải tệp thường" in run_book("refresh", asked, NOW, WHO).message


def test_a_board_of_another_round_is_said_and_nothing_is_written(made, tmp_path):
    path, content = made
    folder = path.parent / "dot"
    before = state(folder)
    seen = {f"seen_{name}": text for name, text in run_book("refresh", str(path), NOW, WHO).seen.items()}
    for fields, roster in (
        (FIELDS | seen | {"period": "2022-Q1"}, ROSTER),
        (FIELDS | {"deadline": "8:00 1/1/2022"}, (("99", "Lạ", "xã", ""),)),
    ):
        path.write_bytes(board(fields, roster))
        assert not pressed(path, "issue").ok and state(folder) == before
    path.write_bytes(content)
    assert pressed(path).ok


def test_settings_that_excel_saved_otherwise_can_still_be_changed_or_are_one_sentence(made):
    """Rows without numbers, a part that is broken where nobody reads it: the sheet stays as it was."""
    path, content = made
    folder, settings = path.parent / "dot", path_of(path.parent / "dot")
    before = settings.read_bytes()
    sheet = part_of(before, "Cài đặt")
    path.write_bytes(board(FIELDS | {"deadline": "9:00 25/6/2022"} | _seen(content)))
    for damage in (
        lambda text: text.replace('<row r="', '<row x="'),
        lambda text: text.replace("</worksheet>", "</worksheet>\n<!-- -->x"),
    ):
        settings.write_bytes(edited(before, sheet, damage))
        result = pressed(path)
        assert result.ok or state(folder)["cai-dat.xlsx"] == edited(before, sheet, damage)
        for one in folder.glob("*bản cũ*"):
            one.unlink()
    settings.write_bytes(before)
    path.write_bytes(content)


def _seen(content: bytes) -> dict[str, str]:
    book = openpyxl.load_workbook(BytesIO(content))
    found = {}
    for name in book.defined_names:
        if name.startswith(name_of("SEEN_")):
            ((title, reference),) = book.defined_names[name].destinations
            found[name.removeprefix(name_of("")).lower()] = book[title][reference.replace("$", "")].value
    return found


def test_board_and_round_read_a_setting_alike(made):
    """A label in other letters is the same setting for both."""
    path, _ = made
    folder, before = path.parent / "dot", path_of(path.parent / "dot").read_bytes()
    set_up(folder, {"Hạn gửi": "9:00 25/6/2022"})
    book = openpyxl.load_workbook(path_of(folder))
    for row in book["Cài đặt"].iter_rows():
        if row[0].value == "Hạn gửi":
            row[0].value = "HẠN GỬI: "
    book.save(path_of(folder))
    assert open_round(folder).settings.deadline.day == 25
    assert field_of(path_of(folder), "deadline") == "9:00 25/6/2022"
    path_of(folder).write_bytes(before)


def press(home: Path, *actions: str) -> list[tuple[int, str, str]]:
    """Each in a process of its own, all at once: exit code, what was said, errors."""
    command = [sys.executable, "-m", "cchc_xl", "control"]
    started = [
        subprocess.Popen(
            [*command, action, "--book", str(home / "b.xlsm"), "--result", str(home / f"kq-{number}")],
            *(-1, None, None, subprocess.PIPE, subprocess.PIPE),
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            encoding="utf-8",
        )
        for number, action in enumerate(actions)
    ]
    said = [one.communicate(timeout=300) for one in started]
    return [(one.returncode, *texts) for one, texts in zip(started, said, strict=True)]


def test_who_was_second_by_a_moment_finds_the_round_of_the_first(tmp_path, monkeypatch):
    """Both saw no round; the other's is made before one's own."""
    path = tmp_path / "b.xlsm"
    path.write_bytes(board())
    real = control_settings.new_round

    def overtaken(*args):
        real(*args)
        return real(*args)

    monkeypatch.setattr(control_settings, "new_round", overtaken)
    settled = settle(read_control_book(path), NOW, WHO, make=True)
    assert settled.round.folder == tmp_path / "dot" and settled.round.period.code == FIELDS["period"]
    assert audit(tmp_path / "dot") == ()
    path.write_bytes(board({**FIELDS, "period": "2022-KHONG", "folder": "khac"}))
    with pytest.raises(UsageError):
        settle(read_control_book(path), NOW, WHO, make=True)


def test_people_who_press_at_the_same_moment_lose_nothing(tmp_path):
    (tmp_path / "b.xlsm").write_bytes(board())
    source = tmp_path / "nhan-ve"
    source.mkdir()
    for code, value in (("11083", 5), ("11086", 7), ("298", 1)):
        (source / f"{code}.xlsx").write_bytes(workbook({"1/1": value}, code))
    for actions in (("issue", "issue"), ("collect", "collect"), ("consolidate", "feedback")):
        for number, (code, said, wrong) in enumerate(press(tmp_path, *actions)):
            assert code in (0, 1) and said and "Traceback" not in wrong, wrong
            assert (tmp_path / f"kq-{number}").read_bytes().decode(ENCODING).endswith("end")
    assert audit(tmp_path / "dot") == ()
    assert len([*(tmp_path / "dot" / "bieu-mau").glob("*.xlsx")]) == 3
    assert [path.name for path in (tmp_path / "dot" / "ra").glob("tong-hop*.xlsx")] == ["tong-hop.xlsx"]

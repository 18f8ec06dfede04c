"""Every macro of the control workbook really run, in headless LibreOffice; the cells prove what it did.

The program way: a small stand-in for ``cchc-xl`` on PATH, and once the real one. The xlwings way: a small module of
that name in the project. Not shown by this: how Excel itself behaves.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.rounds.buttons.kept import roster_rows
from cchc_xl.rounds.sample import RECEIVED, ROUND
from cchc_xl.rounds.sample import ROSTER as ROSTER_FILE
from cchc_xl.shipped import shipped
from tests.macro_books import BOOK, build_macros

Sheets = Mapping[str, Mapping[str, str]]  # sheet -> cell -> text

RUNNER = Path(__file__).parent / "macro_runner.py"
SAID = words("control")
BOARD, ROSTER, UNITS, MEMORY = (SAID["titles"][name] for name in ("board", "roster", "units", "memory"))
MESSAGE, OK, WAY, PROGRAM = "C15", "B1", "F36", "F37"  # the second on the sheet of memory
COUNTS = {name: f"C{row}" for row, name in enumerate(SAID["counts"], start=18)}
MACROS = [f"CchcMacros.{button['macro']}" for button in SAID["buttons"].values()]
ACTIONS = list(SAID["buttons"])
CELLS = dict(zip(ACTIONS, map(str.upper, SAID["counts"]), strict=True))  # action -> COUNT_… that its run fills

# Notes how it was started, and answers.
STAND_IN = """#!{python}
import pathlib, sys, time
here = pathlib.Path(__file__).parent
action, book, result = sys.argv[2], sys.argv[4], pathlib.Path(sys.argv[6])
asked = pathlib.Path(book[1:]).read_bytes().decode("utf-16-le")
with (here / "log.txt").open("a", encoding="utf-8") as log:
    log.write("\\t".join([*sys.argv[1:4], sys.argv[5], asked]) + "\\n")
beat = pathlib.Path(str(result) + ".p")
beat.write_bytes("1\\tĐang làm".encode("utf-16-le"))
{extra}
lines = (here / "answer.txt").read_text("utf-8")
lines = lines.replace("{{action}}", action).replace("{{count}}", {counts}[action])
draft = result.with_name("draft")
draft.write_bytes(lines.encode("utf-16-le"))
draft.replace(result)
"""


class Stage:
    """A folder with a control workbook, a program on PATH, and LibreOffice to run macros in."""

    def __init__(self, folder: Path, python: str) -> None:
        self.home, self.bin, self.scratch = folder / "Tổng hợp & 'thử'", folder / "bin", folder / "tmp"
        for one in (self.home, self.bin, self.scratch):
            one.mkdir()
        self.profile, self.python = folder / "profile", python
        self.book = self.home / "bang-dieu-hanh.xlsm"
        shutil.copyfile(BOOK, self.book)

    def program(self, answer: str, extra: str = "") -> None:
        path = self.bin / "cchc-xl"
        path.write_text(STAND_IN.format(python=sys.executable, extra=extra, counts=CELLS), "utf-8")
        path.chmod(0o755)
        (self.bin / "answer.txt").write_text(answer, "utf-8")

    def real_program(self) -> None:
        path, root = self.bin / "cchc-xl", Path(build_macros.HERE).parent
        path.write_text(f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -m cchc_xl "$@"\n', "utf-8")
        path.chmod(0o755)

    @property
    def log(self) -> list[list[str]]:
        path = self.bin / "log.txt"
        return [line.split("\t") for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def run(self, *macros: str, typed: Sheets | None = None) -> dict:
        """All macros in one session, the cells ``typed`` before the first."""
        return self.steps([(typed or {} if number == 0 else {}, macro) for number, macro in enumerate(macros)])

    def steps(self, steps: Sequence[tuple[Sheets, str]]) -> dict:
        """Type, run, type, run …: what the cells hold in the end; "seen": message and verdict after each step."""
        environment = os.environ | {"TMPDIR": str(self.scratch), "PATH": f"{self.bin}:{os.environ['PATH']}"}
        command = [self.python, str(RUNNER), str(self.profile), str(self.book)]
        asked = json.dumps({"steps": steps, "watched": [(BOARD, MESSAGE), (MEMORY, OK)]})
        done = subprocess.run(command, input=asked, env=environment, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def python_with_uno(office) -> str:
    """A Python that has LibreOffice's module ``uno``: mostly the system's own."""
    for python in (sys.executable, "/usr/bin/python3"):
        if Path(python).exists() and subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0:
            return python
    reason = "no Python with the module uno (package python3-uno)"
    pytest.fail(reason) if os.environ.get("CCHC_REQUIRE_TOOLS") == "1" else pytest.skip(reason)
    return ""


@pytest.fixture
def stage(tmp_path, python_with_uno) -> Stage:
    return Stage(tmp_path, python_with_uno)


def texts(ran: dict, sheet: str = BOARD) -> dict[str, str]:
    return {cell: text for cell, (text, _, _) in ran["cells"][sheet].items()}


# --- the program way --------------------------------------------------------------------------------------------------
def test_every_macro_runs_the_program_and_shows_its_result(stage):
    """Nine buttons one after the other: each has started the program with its own action, and shown what it said."""
    rows = ("0123\txã Đại Sơn\t’=1+1\t1\t0\t\t\t\ttệp.xlsx", "b\tc\td" + "\t" * 6)
    answer = [
        "set\tOK\t1",
        "set\tMESSAGE\tĐã xong:\x0bviệc {action}",
        "set\tCOUNT_{count}\t{action}",
        "link\t1\tSổ tổng hợp\t/tmp/tổng hợp.xlsx",
        "link\t2\t\t",
        "table\tunits\t2\t9",
        *(f"row\t{row}" for row in rows),
        "table\tfindings\t0\t6",
        "end",
    ]
    stage.program("\n".join(answer))
    ran = stage.run(*MACROS)
    assert [line[:3] for line in stage.log] == [["control", action, "--book"] for action in ACTIONS]
    assert {line[4] for line in stage.log} == {str(stage.book)}, "the path with all its letters"
    assert {line[3] for line in stage.log} == {"--result"}
    board = texts(ran)
    assert [board[cell] for cell in COUNTS.values()] == ACTIONS
    assert (board[MESSAGE], texts(ran, MEMORY)[OK]) == (f"Đã xong:\nviệc {ACTIONS[-1]}", "1")
    assert ran["cells"][BOARD]["E18"] == ["Sổ tổng hợp", "", "/tmp/tổng hợp.xlsx"]
    assert "E19" not in board
    units = texts(ran, UNITS)
    assert (units["A2"], units["B2"], units["C2"], units["I2"], units["A3"]) == (
        *("0123", "xã Đại Sơn", "’=1+1", "tệp.xlsx", "b"),
    )
    assert "A2" not in texts(ran, SAID["titles"]["findings"]), "the table of before is gone"
    assert not any(formula for _, formula, _ in ran["cells"][UNITS].values())
    assert list(stage.scratch.glob("cchc-xl-*")) == [], "nothing is left lying about"


def test_the_buttons_call_the_macros_they_name(stage):
    ran = stage.run()
    bound = {caption: script.partition("?")[0].rpartition(".")[2] for caption, script in ran["buttons"].items()}
    assert bound == {button["caption"]: button["macro"] for button in SAID["buttons"].values()}


def test_a_shorter_table_leaves_no_rows_of_the_longer_one(stage):
    rows = "\n".join(f"row\t{n}" + "\t" * 8 for n in range(40))
    stage.program("table\tunits\t40\t9\n" + rows + "\ntable\tunits\t1\t9\nrow\tx" + "\t" * 8 + "\nend")
    units = texts(stage.run("CchcMacros.CapNhat"), UNITS)
    assert {cell: text for cell, text in units.items() if cell[1:] != "1"} == {"A2": "x"}


def test_what_can_not_run_is_said_and_nothing_is_started(stage):
    stage.program("set\tMESSAGE\tchạy rồi\nset\tOK\t1\nend")
    wrong = {
        "khong-co-chuong-trinh": "no_program",
        'cchc-xl" & del': "bad_program",
        "cchc-xl %TEMP%": "bad_program",
        "cchc-xl|calc": "bad_program",
        "C:\\chạy.exe": "bad_program",
        "chay.BAT": "bad_program",
        "-c": "bad_program",
        "C:\\cchc\\": "bad_program",
    }
    steps = [({BOARD: {PROGRAM: program}}, "CchcMacros.CapNhat") for program in wrong]
    without = ({BOARD: {PROGRAM: "cchc-xl", WAY: "xlwings"}}, "CchcMacros.CapNhat")
    right = ({BOARD: {WAY: SAID["choices"]["way"][0]}}, "CchcMacros.CapNhat")
    ran = stage.steps([*steps, without, right])
    assert [message for message, _ in ran["seen"][:-2]] == [SAID["macro"][sentence] for sentence in wrong.values()]
    assert ran["seen"][-2] == [SAID["macro"]["no_xlwings"], "0"]
    assert {verdict for _, verdict in ran["seen"][:-1]} == {"0"}
    assert ran["seen"][-1] == ["chạy rồi", "1"]
    assert len(stage.log) == 1


def test_a_program_that_falls_silent_or_answers_by_halves_is_given_up(stage):
    patience = f"B{11 + list(SAID['macro']).index('patience')}"
    slow = 'time.sleep(6 if action == "check" else 0)'
    stage.program("set\tMESSAGE\tnửa chừng", extra=slow)
    ran = stage.steps([({}, "CchcMacros.TongHop"), ({MEMORY: {patience: "1"}}, "CchcMacros.KiemTra")])
    assert [message for message, _ in ran["seen"]] == [SAID["macro"]["no_result"], SAID["macro"]["silent"]]
    assert len(stage.log) == 2


def test_a_result_that_names_no_cell_is_said(stage):
    stage.program("set\tKHONG_CO\tx\nend")
    message = texts(stage.run("CchcMacros.CapNhat"))[MESSAGE]
    assert message.startswith(SAID["macro"]["failed"])


# --- the real program -------------------------------------------------------------------------------------------------
def test_the_real_program_makes_a_round_from_the_board(stage):
    """Two buttons from a folder with spaces, & and Vietnamese letters: a round, workbooks, and the board filled in."""
    stage.real_program()
    units = {"A2": "11083", "B2": "Đại Sơn", "E2": "xã", "A3": "11086", "B3": "Hưng Đạo", "E3": "xã"}
    typed = {BOARD: {"F6": "2022-6T", "F7": "17:00 20/6/2122"}, ROSTER: units}
    ran = stage.run("CchcMacros.GuiBieuMau", typed=typed)
    board = texts(ran)
    assert texts(ran, MEMORY)[OK] == "1", board[MESSAGE]
    assert board[MESSAGE].startswith("Đã làm")
    assert (board[COUNTS["not_sent"]], board[COUNTS["sent"]]) == ("2", "0")
    assert sorted(texts(ran, UNITS)[cell] for cell in ("A2", "A3")) == ["11083", "11086"]
    home = stage.home / "dot-bao-cao"
    assert len(list((home / "bieu-mau").glob("*.xlsx"))) == 2
    assert ran["cells"][BOARD]["E18"][2].startswith(str(home))


@pytest.mark.full
def test_the_real_program_behind_every_button(stage):
    """The whole sample round through macros and program: every button says what it did, and the master is open."""
    stage.real_program()
    sample = shipped("samples", ROUND)
    shutil.copytree(sample / RECEIVED, stage.home / "nhan-ve")
    rows = roster_rows((sample / ROSTER_FILE).read_bytes(), ROSTER_FILE)
    units = {f"{chr(65 + c)}{r}": text for r, row in enumerate(rows, start=2) for c, text in enumerate(row) if text}
    typed = {BOARD: {"F6": "2022-6T", "F7": "17:00 20/6/2122"}, ROSTER: units}
    ran = stage.run(*MACROS, typed=typed)
    assert {verdict for _, verdict in ran["seen"]} == {"1"}, ran["seen"]
    starts = (
        "Đã làm",
        "Nhận 23 tệp",
        "Đã soát 23",
        "Đã làm",
        "Tổng hợp 6 tháng",
        "Đã làm",
        "Đã soạn",
        "Đang mở",
        "Đã cập",
    )
    assert [message.startswith(start) for (message, _), start in zip(ran["seen"], starts, strict=True)] == [True] * 9
    assert any(url.endswith("/ra/tong-hop.xlsx") for url in ran["books"])
    assert len([cell for cell in texts(ran, UNITS) if cell[0] == "A"]) == 1 + len(rows)


# --- the xlwings way --------------------------------------------------------------------------------------------------
XLWINGS = """Attribute VB_Name = "xlwings"
Option Explicit
Private turn As Integer
Public Function RunPython(ByVal PythonCommand As String)
    turn = turn + 1
    ThisWorkbook.Worksheets(6).Range("D" & turn).Value = PythonCommand
    ThisWorkbook.Names("CCHC_DH_TOKEN").RefersToRange.Value = {token}
End Function
"""


@pytest.fixture
def with_xlwings(stage) -> Callable[[str], Stage]:
    def swapped_in(token: str) -> Stage:
        module = XLWINGS.format(token=token).replace("\n", "\r\n")
        project = build_macros.vba_project(build_macros.sources() | {"xlwings": module})
        stage.book.write_bytes(build_macros.workbook(project))
        return stage

    return swapped_in


def test_every_macro_calls_python_where_xlwings_is_there(with_xlwings):
    stage = with_xlwings('Split(PythonCommand, "\'")(3)')
    stage.program("set\tMESSAGE\tchạy rồi\nend")
    ran = stage.run(*MACROS)
    called = texts(ran, SAID["titles"]["guide"])
    for number, action in enumerate(ACTIONS, start=1):
        start = f"from cchc_xl.cli.control import press; press('{action}', '"
        assert called[f"D{number}"].startswith(start)
    assert stage.log == []


def test_python_that_does_not_answer_leaves_the_work_to_the_program(with_xlwings):
    stage = with_xlwings('"khac"')
    stage.program("set\tMESSAGE\tchạy rồi\nend")
    ran = stage.run("CchcMacros.CapNhat")
    assert texts(ran, SAID["titles"]["guide"])["D1"].startswith("from cchc_xl.cli.control import press")
    assert (texts(ran)[MESSAGE], len(stage.log)) == ("chạy rồi", 1)


def test_the_program_alone_is_used_when_staff_say_so(with_xlwings):
    stage = with_xlwings('Split(PythonCommand, "\'")(3)')
    stage.program("set\tMESSAGE\tchạy rồi\nend")
    ran = stage.run("CchcMacros.CapNhat", typed={BOARD: {WAY: SAID["choices"]["way"][1]}})
    assert "D1" not in texts(ran, SAID["titles"]["guide"])
    assert (texts(ran)[MESSAGE], len(stage.log)) == ("chạy rồi", 1)

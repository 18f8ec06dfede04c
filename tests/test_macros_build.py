"""The control workbook as built: from ASCII modules, the same bytes on every machine, sound and readable VBA."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
import pyvbaanalysis

from cchc_xl.editions.catalogue import words
from cchc_xl.excel import BUTTONS
from cchc_xl.rounds.buttons.control import ACTIONS
from cchc_xl.rounds.buttons.control_book import SEEN, name_of, read_control_book
from tests.macro_books import BOOK, MACROS, build_macros

with warnings.catch_warnings():  # of a library that it uses in an old way
    warnings.simplefilter("ignore")
    from oletools.olevba import VBA_Parser

SAID = words("control")


@pytest.fixture(scope="module")
def book():
    return openpyxl.load_workbook(BOOK, keep_vba=True)


# --- built products -------------------------------------------------------------------------------------------------
def test_the_committed_products_are_what_the_modules_and_texts_give():
    project = build_macros.vba_project(build_macros.sources())
    assert build_macros.PROJECT.read_bytes() == project, "run: python macros/build_macros.py"
    assert BOOK.read_bytes() == build_macros.workbook(project), "run: python macros/build_macros.py"


def test_a_letter_outside_ascii_fails_the_build(tmp_path):
    for name in build_macros.MODULES:
        (tmp_path / f"{name}.bas").write_bytes((MACROS / f"{name}.bas").read_bytes())
    assert build_macros.sources(tmp_path) == build_macros.sources()
    module = tmp_path / "CchcTep.bas"
    module.write_text(module.read_text("utf-8") + "' Tiếng Việt\n", "utf-8")
    with pytest.raises(SystemExit, match=r"CchcTep\.bas, line \d+: only ASCII"):
        build_macros.sources(tmp_path)


def test_olevba_reads_the_same_modules_and_nothing_that_runs_by_itself():
    parser = VBA_Parser(str(BOOK))
    try:
        found = {name.removesuffix(".bas"): code for _, _, name, code in parser.extract_macros()}
        kinds = [kind for kind, _, _ in parser.analyze_macros()]
    finally:
        parser.close()
    for name, text in build_macros.sources().items():
        assert found[name].split() == text.split()
    assert "AutoExec" not in kinds and "IOC" not in kinds
    assert not [
        name for name in found if name not in (*build_macros.MODULES, "ThisWorkbook.cls") and "Sheet" not in name
    ]


def test_every_button_is_there_with_its_macro_in_the_order_of_the_work():
    buttons = SAID["buttons"]
    assert list(buttons) == list(ACTIONS) == list(BUTTONS)
    macros = re.findall(r"^Public Sub (\w+)\(\)\r?\n    Press \"(\w+)\"", build_macros.sources()["CchcMacros"], re.M)
    assert [(action, button["macro"]) for action, button in buttons.items()] == [(b, a) for a, b in macros]
    found = list(_vml_buttons())
    assert found == [(button["caption"], f"[0]!{button['macro']}") for button in buttons.values()]
    numbers = [caption.partition(".")[0] for caption, _ in found[:8]]
    assert numbers == list("12345678")


def _vml_buttons() -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(BOOK) as package:
        drawing = ElementTree.fromstring(package.read("xl/drawings/vmlDrawing1.vml"))
    for shape in drawing.iter("{urn:schemas-microsoft-com:vml}shape"):
        caption = "".join(shape.find("{urn:schemas-microsoft-com:vml}textbox").itertext()).strip()
        yield caption, shape.find(".//{urn:schemas-microsoft-com:office:excel}FmlaMacro").text


# --- the cells the macros and Python rely on --------------------------------------------------------------------------
def test_every_cell_that_is_read_or_written_has_its_name(book):
    wanted = {*SAID["fields"], "ok", "token", "message", "next", "last", "t_roster"}
    wanted |= {f"seen_{name}" for name in SEEN} | {f"count_{name}" for name in SAID["counts"]}
    wanted |= {f"t_{name}" for name in SAID["tables"]} | {
        f"link_{n}" for n in range(1, SAID["words"]["links_shown"] + 1)
    }
    assert {name_of(name) for name in wanted} <= set(book.defined_names)
    used = {name for text in build_macros.sources().values() for name in re.findall(r'Sentence\("(\w+)"\)', text)}
    assert {name_of(f"M_{name}") for name in used} <= set(book.defined_names)
    spoken = {*map(str.upper, SAID["macro"]), "WAY_PROGRAM", "WAY_XLWINGS"}
    assert used == spoken


def test_a_fresh_workbook_is_read_as_what_it_says():
    control = read_control_book(BOOK)
    assert control.fields == {name: SAID["values"].get(name, "") for name in SAID["fields"]}
    assert (control.roster, control.seen, control.home) == ((), {}, MACROS)


def test_all_letters_are_times_new_roman_and_no_text_is_a_formula(book):
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                if cell.value is not None:
                    assert cell.font.name == "Times New Roman", f"{sheet.title}!{cell.coordinate}"
    with zipfile.ZipFile(BOOK) as package:
        assert b"Calibri" not in package.read("xl/drawings/vmlDrawing1.vml")


def test_only_the_memory_is_hidden(book):
    titles = SAID["titles"]
    assert [sheet.title for sheet in book.worksheets] == [
        titles[name] for name in ("board", "roster", "units", "files", "findings", "guide", "memory")
    ]
    assert {sheet.title: sheet.sheet_state for sheet in book.worksheets if sheet.sheet_state != "visible"} == {
        titles["memory"]: "veryHidden"
    }
    assert [cell.value for cell in book[titles["roster"]][1]] == list(words("roster")["columns"].values())


# --- lint -------------------------------------------------------------------------------------------------------------
OPENERS = {"sub": "end sub", "function": "end function", "with": "end with", "select": "end select", "do": "loop"}
CLOSERS = {*OPENERS.values(), "end if", "next"}


def lint(name: str, text: str) -> list[str]:
    """What is wrong in one module, by line: letters, Option Explicit, Declare, Shell, blocks."""
    problems, open_blocks = [], []
    lines = text.replace(" _\r\n", " ").replace(" _\n", " ").splitlines()
    if "Option Explicit" not in lines[:3]:
        problems.append(f"{name}: Option Explicit is missing")
    for number, line in enumerate(lines, start=1):
        code = _without_text(line).strip()
        said = code.lower()
        if not line.isascii():
            problems.append(f"{name}:{number}: not ASCII")
        if re.search(r"\bdeclare\b", said) and "ptrsafe" not in said:
            problems.append(f"{name}:{number}: Declare without PtrSafe")
        if re.match(r"(call )?shell\b", said) and not re.match(r"shell command, vbhide$", said):
            problems.append(f"{name}:{number}: Shell with something that was not quoted before")
        problems += _block(name, number, said, open_blocks)
    return problems + [f"{name}: {block} is not closed" for block in open_blocks]


def _without_text(line: str) -> str:
    return re.sub(r'"[^"]*"', '""', line).partition("'")[0]


def _block(name: str, number: int, said: str, open_blocks: list[str]) -> list[str]:
    bare = re.sub(r"^(public|private) ", "", said)
    word = bare.partition(" ")[0]
    if word == "if" and bare.endswith(" then"):
        open_blocks.append("end if")
    elif word == "for":
        open_blocks.append("next")
    elif word in OPENERS:
        open_blocks.append(OPENERS[word])
    closing = "next" if word == "next" else "loop" if word == "loop" else bare if bare in CLOSERS else ""
    if closing and (not open_blocks or open_blocks.pop() != closing):
        return [f"{name}:{number}: {bare} closes nothing"]
    return []


def test_the_modules_pass_the_lint():
    assert [problem for name, text in build_macros.sources().items() for problem in lint(name, text)] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Sub A()\nEnd Sub\n", "Option Explicit"),
        ("Option Explicit\nSub A()\n", "end sub is not closed"),
        ("Option Explicit\nSub A()\nIf x Then\nEnd Sub\n", "end sub closes nothing"),
        ("Option Explicit\nSub A()\nFor i = 1 To 2\nEnd Sub\n", "closes nothing"),
        ('Option Explicit\nDeclare Function F Lib "x" () As Long\n', "PtrSafe"),
        ("Option Explicit\nSub A()\nShell path, vbHide\nEnd Sub\n", "Shell"),
        ("Option Explicit\n' ế\n", "ASCII"),
    ],
)
def test_the_lint_is_not_blind(text, problem):
    assert any(problem in one for one in lint("A", text))


def test_static_analysis_finds_nothing():
    """Undeclared variables, unknown calls, missing members …; and a call to nothing is found."""
    assert not _diagnostics(BOOK)


def _diagnostics(path: Path) -> list[str]:
    return [str(one) for found in pyvbaanalysis.analyze_workbook(str(path)).values() for one in found]


def test_static_analysis_is_not_blind(tmp_path):
    modules = build_macros.sources()
    broken = modules["CchcMacros"].replace("RunProgram action", "RunProgramm action")
    path = tmp_path / "hong.xlsm"
    path.write_bytes(build_macros.workbook(build_macros.vba_project(modules | {"CchcMacros": broken})))
    assert _diagnostics(path)


# --- what is carried to a computer without internet -------------------------------------------------------------------
def test_the_installers_are_written_as_windows_reads_them():
    """A .bat in ASCII (its code page is unknown), PowerShell with a mark (else it is taken for ANSI), Windows lines."""
    folder = MACROS / "cai-dat"
    scripts = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".bat", ".ps1")}
    assert set(scripts) == {"cai-dat.bat", "cai-dat.ps1", "lam-bo-cai.ps1"}
    for name, content in scripts.items():
        assert content.count(b"\n") == content.count(b"\r\n"), name
        assert content.startswith(b"\xef\xbb\xbf") if name.endswith(".ps1") else content.isascii(), name
    compile((folder / "cchc-xl.spec").read_text("utf-8"), "cchc-xl.spec", "exec")
    assert "NOT RUN ON WINDOWS BY US" in (folder / "cchc-xl.spec").read_text("utf-8")

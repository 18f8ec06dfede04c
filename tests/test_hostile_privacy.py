"""What stays inside: other libraries in their own process, templates in a sandbox, passwords, people's data."""

import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import cchc_xl
from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.consolidation.exports import facts_csv, figures_json
from cchc_xl.editions.load import period_of
from cchc_xl.errors import MailError
from cchc_xl.mail.secrets import VARIABLE, Password, password_for
from cchc_xl.model import Roster
from cchc_xl.page import overview
from cchc_xl.word import narrative, summary
from cchc_xl.workbook import portal, upward
from cchc_xl.workbook.incoming import isolated
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.reader import read
from cchc_xl.workbook.template import Fill, build
from tests.damage import parts_of
from tests.filled import EDITION, OTHER, UNIT, answers

PACKAGE = Path(cchc_xl.__file__).parent
IMPORTS = (ast.Import, ast.ImportFrom)
TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}


def imported(tree: ast.AST) -> set[str]:
    """First words of every module imported anywhere in a module."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


# --- isolation ------------------------------------------------------------------------------------------------------


def test_readers_that_may_abort_run_in_a_child_only():
    """No module but the child's imports them, none imports that one, and our process loads none of them."""
    for name, tree in TREES.items():
        assert not imported(tree) & {"python_calamine", "pyxlsb", "odf", "msoffcrypto"}, name
        assert "xlrd" not in imported(tree) or name == "workbook/incoming/xls_child.py", name
        assert not any("xls_child" in ast.unparse(node) for node in ast.walk(tree) if isinstance(node, IMPORTS)), name
    code = (
        "import sys; from cchc_xl.workbook.reader import read\n"
        "content = b'\\xd0\\xcf\\x11\\xe0\\xa1\\xb1\\x1a\\xe1' + bytes(504) + 'Workbook\\0'.encode('utf-16-le')\n"
        "found = read(content, file='a.xls')\n"
        "print(found[0].refused, 'xlrd' in sys.modules, 'openpyxl' in sys.modules)"
    )
    root = PACKAGE.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, env=environment)
    assert done.stdout.split() == ["True", "False", "False"], done.stderr


def test_nothing_is_unpickled_evaluated_or_run_by_a_shell():
    for name, tree in TREES.items():
        assert not imported(tree) & {"pickle", "marshal", "shelve", "yaml"}, name
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("eval", "exec", "compile", "os.system", "os.popen", "__import__"), name
                shell = [one.value for one in node.keywords if one.arg == "shell"]
                assert not any(not isinstance(one, ast.Constant) or one.value for one in shell), name


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        ("import os; os.abort()", "file-broken"),
        ("import time; time.sleep(60)", "file-slow"),
        ("while True: pass", "file-slow"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])", "file-slow"),
        ("x = []\nwhile True: x.append(bytearray(4 << 20))", "file-too-large"),
        ("print('no json')", "file-broken"),
        ("import sys; sys.stdout.buffer.write(b'[' * 100_000)", "file-broken"),
    ],
)
def test_a_child_that_dies_hangs_grows_or_talks_nonsense(monkeypatch, child, expected):
    """Ceilings of time and memory that hold on Windows too; what the child says is checked like any file."""
    monkeypatch.setattr(isolated, "_CHILD", ("-c", child))
    monkeypatch.setattr(isolated, "MEMORY", 60 << 20)
    with pytest.raises(Refused) as refused:
        isolated.xls_values(b"x", replace(Limits(), seconds=1.0))
    assert refused.value.finding in expected.split()


# --- templates ------------------------------------------------------------------------------------------------------


def test_every_template_environment_is_a_sandbox():
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Environment"):
                assert ast.unparse(node.func).endswith("SandboxedEnvironment"), f"{name}:{node.lineno}"


def test_no_text_of_a_commune_is_ever_compiled():
    """Templates come from files of the staff or of the program; ``from_string`` is called nowhere else."""
    homes = {"page/overview.py", "mail/letters.py", "word/filling.py", "word/tagcheck.py"}
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("from_string", "get_template"):
                assert name in homes, f"{name}:{node.lineno}"


# --- secrets --------------------------------------------------------------------------------------------------------


def test_a_password_never_shows_itself():
    secret = password_for("noivu@tuky.gov.vn", {VARIABLE: "mật-khẩu-9"})
    assert secret == "mật-khẩu-9" and isinstance(secret, Password)
    assert "mật" not in repr(secret) and "mật" not in repr([secret]) and "mật" not in f"{secret!r}"


def test_a_password_is_asked_of_environment_and_keyring_only(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MailError) as failed:
        password_for("noivu@tuky.gov.vn", {})
    assert VARIABLE in str(failed.value.arguments)
    for name, tree in TREES.items():
        asked = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "getpass"]
        assert not asked, name


def test_there_is_no_log():
    """Nothing is written but outputs, ledger and archive: no logger that could hold a cell's content."""
    for name, tree in TREES.items():
        assert not imported(tree) & {"logging", "syslog"}, name


# --- people's data --------------------------------------------------------------------------------------------------

PRIVATE = {"phone": "0912345678", "preparer": "Người Lập Kín"}
CONTACT, MAIL, NUMBER = "Người Phụ Trách Kín", "kin@nha-rieng.vn", "0987654321"


@pytest.fixture(scope="module")
def consolidation():
    units = [replace(one, contact=CONTACT, phone=NUMBER, email=(MAIL,)) for one in (UNIT, OTHER)]
    owner = replace(OTHER, code="298", name="Tứ Kỳ", level="huyện", consolidating=True, contact=CONTACT, phone=NUMBER)
    period = period_of(EDITION, "2022-6T")
    sent = []
    for unit in (*units, owner):
        fill = Fill(answers=answers(), about=PRIVATE)
        content = build(EDITION, period=period, unit=unit, fill=fill)
        sent += read(content, file=f"{unit.code}.xlsx")
    assert all(one.about["phone"] for one in sent), "the data are there to be leaked"
    roster = Roster(file="ds.csv", units=tuple(units), consolidating=owner)
    return consolidate(EDITION, period, roster, sent, check)


OUT = {
    "so-lieu.csv": facts_csv,
    "figures.json": figures_json,
    "bao-cao.docx": narrative.build,
    "ban-gui-cap-tren.xlsx": upward.build,
    "bang-nhap-cong.xlsx": portal.build,
    "tom-tat.docx": summary.build,
    "tong-quan.html": overview.build,
}


@pytest.mark.parametrize("name", OUT)
def test_what_leaves_the_house_names_no_person_and_no_telephone(name, consolidation):
    content = OUT[name](consolidation)
    parts = parts_of(content).values() if content.startswith(b"PK") else [content]
    for part in parts:
        text = part.decode("utf-8", "replace")
        for secret in (*PRIVATE.values(), CONTACT, MAIL, NUMBER):
            assert secret not in text, secret

"""The rules of the house, on every module: sizes, layers, language, who may print or read the clock."""

import ast
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import cchc_xl

PACKAGE = Path(cchc_xl.__file__).parent
ROOT = PACKAGE.parent
MODULES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: tuple(ast.walk(ast.parse(text))) for name, text in MODULES.items()}
FUNCTION_LINES, MODULE_LINES, NESTING = 50, 350, 4

VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE)
CLOCK = {
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime"),
    *("datetime.now", "datetime.today", "datetime.utcnow", "date.today"),
}
OUTSIDE = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "os.abort"}
STREAMS = {"sys.stdout", "sys.stderr", "sys.stdin"}

FACE = tuple(
    f"cli/{name}.py"
    for name in ("__init__", "control", "editions", "frame", "reports", "rounds", "workbooks", "letters", "rulings")
)  # prints …

every_module = pytest.mark.parametrize("name", MODULES)


def docstrings(name: str) -> set[int]:
    """The nodes that are docstrings: examples in them may be Vietnamese."""
    homes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in TREES[name]
        if isinstance(node, homes) and node.body and isinstance(node.body[0], ast.Expr)
    }


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute, with ``datetime.datetime.now`` as ``datetime.now``."""
    parts = ast.unparse(node).split(".")
    return ".".join(parts[-2:])


@every_module
def test_what_people_read_is_data(name):
    """Vietnamese text stands in .toml files, where staff can correct it."""
    allowed = docstrings(name)
    found = [
        f"{name}:{node.lineno}: {node.value[:40]!r}"
        for node in TREES[name]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VIETNAMESE.search(node.value)
        if id(node) not in allowed
    ]
    assert not found


@every_module
def test_small_and_visible_in_one_look(name):
    assert MODULES[name].count("\n") <= MODULE_LINES
    for node in TREES[name]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno + 1 <= FUNCTION_LINES, node.name
            assert depth(node) <= NESTING, node.name


def depth(node: ast.AST) -> int:
    """How deep blocks stand in blocks inside a function; an elif is no deeper than its if."""
    blocks = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
    deepest = 0
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, depth(child) + (isinstance(child, blocks) and not is_elif))
    return deepest


@every_module
def test_only_the_command_line_prints_exits_or_reads_the_clock(name):
    if name in FACE:
        return
    for node in TREES[name]:
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            assert called not in CLOCK | OUTSIDE, f"{name}:{node.lineno}: {called}"
        if isinstance(node, ast.Attribute):
            assert dotted(node) not in STREAMS, f"{name}:{node.lineno}: {dotted(node)}"
        if isinstance(node, ast.Raise) and node.exc is not None:
            assert "SystemExit" not in ast.unparse(node.exc), f"{name}:{node.lineno}"


@every_module
def test_nothing_is_swallowed(name):
    """A clerk's mistake is a finding and a broken set-up an exception: neither is hidden by a broad except."""
    for node in TREES[name]:
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{name}:{node.lineno}: bare except"
            caught = re.findall(r"\w+", ast.unparse(node.type))
            assert not {"Exception", "BaseException"} & set(caught), f"{name}:{node.lineno}"


@every_module
def test_nothing_is_unfinished(name):
    assert not re.search(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b", MODULES[name])


@every_module
def test_only_the_free_part_of_xlwings(name):
    for node in TREES[name]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            wanted = [getattr(node, "module", None) or ""] + [alias.name for alias in node.names]
            parts = " ".join(wanted).replace(".", " ").split()
            assert "xlwings" not in parts or not {"pro", "reports", "server"} & set(parts), f"{name}:{node.lineno}"


@every_module
def test_every_module_says_what_it_is(name):
    assert (ast.get_docstring(TREES[name][0]) or "").strip()


def test_import_contracts():
    """Layers, siblings, and who may import openpyxl and xlwings: pyproject.toml, [tool.importlinter]."""
    tool = Path(sysconfig.get_path("scripts")) / "lint-imports"
    done = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, env={"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_starting_up_loads_nothing_heavy():
    """``--help`` and the small commands start fast: the heavy libraries are imported where they are used."""
    heavy = ["pandas", "numpy", "openpyxl", "xlsxwriter", "docx", "docxtpl", "lxml", "jinja2", "xlwings", "dask"]
    code = f"import cchc_xl.cli, sys; print(*[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr

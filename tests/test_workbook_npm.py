"""Workbooks saved again by the two JavaScript writers that web tools are built on: the same facts, no false alarm."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cchc_xl.model import Severity
from cchc_xl.workbook.reader import read

from .filled import filled

VERSIONS = ("exceljs@4.4.0", "xlsx@0.18.5")
SCRIPT = """
const [,, tool, source, target, kind] = process.argv;
if (tool === "exceljs") {
  const book = new (require("exceljs").Workbook)();
  book.xlsx.readFile(source).then(() => book.xlsx.writeFile(target));
} else {
  const XLSX = require("xlsx");
  const book = XLSX.readFile(source, { cellFormula: true, cellNF: true, cellStyles: true });
  XLSX.writeFile(book, target, { bookType: kind || "xlsx", compression: true });
}
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory) -> Path:
    """A folder with both packages installed and the script ``save.js``."""
    folder = tmp_path_factory.mktemp("npm")
    problem = "" if shutil.which("node") and shutil.which("npm") else "node and npm are not installed"
    if not problem:
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *VERSIONS]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        problem = "" if done.returncode == 0 else f"npm install failed: {done.stderr[-300:]}"
    if problem:
        pytest.fail(problem) if os.environ.get("CCHC_REQUIRE_TOOLS") == "1" else pytest.skip(problem)
    (folder / "save.js").write_text(SCRIPT)
    return folder


@pytest.mark.parametrize("tool", ["exceljs", "sheetjs"])
def test_a_save_by_a_javascript_writer_changes_no_fact_and_raises_no_alarm(node, tool):
    content = filled()
    source, target = node / "source.xlsx", node / f"{tool}.xlsx"
    source.write_bytes(content)
    subprocess.run(["node", "save.js", tool, source.name, target.name], cwd=node, check=True, timeout=120)
    (before,), (after,) = read(content, file="x.xlsx"), read(target.read_bytes(), file="x.xlsx")
    assert after.unit.code == before.unit.code and after.period == before.period and not after.refused
    facts = {key: (entry.state, entry.value) for key, entry in before.entries.items()}
    assert {key: (entry.state, entry.value) for key, entry in after.entries.items()} == facts
    added = {one.id for one in after.findings} - {one.id for one in before.findings}
    assert added <= {"identity-edition-missing"}  # ExcelJS drops custom properties and names that are constants
    assert [one.id for one in after.findings if one.severity is not Severity.NOTE] == [
        one.id for one in before.findings if one.severity is not Severity.NOTE
    ]


@pytest.mark.parametrize("kind", ["biff8", "xlsb"])
def test_what_sheetjs_saves_as_xls_or_xlsb_keeps_every_fact(node, kind):
    """Its .xlsb leaves the column out of most cells, which other readers pass over in silence."""
    pytest.importorskip("xlrd")
    content, target = filled(), node / f"sheetjs.{kind}"
    (node / "source.xlsx").write_bytes(content)
    command = ["node", "save.js", "sheetjs", "source.xlsx", target.name, kind]
    subprocess.run(command, cwd=node, check=True, timeout=120)
    (before,), (after,) = read(content, file="x.xlsx"), read(target.read_bytes(), file="x")
    assert (after.unit, after.period, after.refused) == (before.unit, before.period, False)
    facts = {key: (entry.state, entry.value) for key, entry in before.entries.items()}
    assert {key: (entry.state, entry.value) for key, entry in after.entries.items()} == facts
    assert {one.id for one in after.findings} == {"formula-unknown", "layout-by-code"}

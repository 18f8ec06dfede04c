"""Starting up: what the quick commands load, so that they stay quick."""

import json
import subprocess
import sys

import pytest

from .test_cli import BINH_LANG, ROOT, ROSTER, SAMPLE

LIBRARY = {"typer", "click", "typing_extensions", "annotated_doc", "shellingham", "colorama"}  # the command line's own
SHOWING = {"rich", "markdown_it", "mdurl", "pygments"}
_LOADED = """
import json, sys
from cchc_xl.cli import main
sys.argv = json.loads(sys.argv[1])
try:
    main()
except SystemExit:
    pass
tops = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(json.dumps(sorted(tops)), file=sys.stderr)
"""


def loaded(*args: str) -> set[str]:
    """The libraries a command has loaded when it is done, without Python's own."""
    argv = json.dumps(["cchc-xl", *args])
    done = subprocess.run([sys.executable, "-c", _LOADED, argv], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = json.loads(done.stderr.splitlines()[-1])
    return {name for name in names if not name.startswith(("_", "cchc_xl"))}


@pytest.mark.parametrize("command", [[], ["consolidate"], ["round"], ["round", "collect"]])
def test_help_loads_the_command_line_and_nothing_else(command):
    assert loaded(*command, "--help") <= LIBRARY


def test_checking_one_file_loads_no_library_that_writes_or_reads_documents():
    assert loaded("check", str(BINH_LANG)) <= LIBRARY | SHOWING


def test_consolidating_without_a_ranking_loads_no_tables_of_analysts(tmp_path):
    names = loaded("consolidate", str(SAMPLE / "nhan-ve"), "--roster", str(ROSTER), "-o", str(tmp_path / "ra"))
    assert (tmp_path / "ra" / "tong-hop.xlsx").is_file()
    assert names.isdisjoint({"pandas", "numpy", "openpyxl", "imap_tools"})

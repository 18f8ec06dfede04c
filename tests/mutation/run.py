"""Are the tests sharp? ``python -m tests.mutation.run [numbers|rollups|checks ...] [--share 0.1] [--seed 2022]``.

Changes one thing in a module, runs the tests that pass through that line, and counts how often they notice. A seeded
share by default; with ``--share 1`` everything (hours). Linux: each run is a fork of one process that has the libraries
loaded. The last result and what is known of the survivors stand in ``survivors.txt``.
"""

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.changes import Change, changes

ROOT = Path(__file__).parent.parent.parent
CHECKS = (
    *("tests/test_hostile_coverage.py", "tests/test_checking_cases.py", "tests/test_checking.py"),
    *("tests/test_checking_resubmission.py", "tests/test_checking_edges.py"),
)
GROUPS = {
    "numbers": (("number",), ("tests/test_number.py", "tests/test_hostile_coverage.py")),
    "rollups": (("consolidation.rollups",), ("tests/test_consolidation.py", "tests/test_hostile_coverage.py")),
    "checks": (
        tuple(
            f"checking.{path.stem}"
            for path in sorted((ROOT / "cchc_xl" / "checking").glob("*.py"))
            if path.stem != "__init__"
        ),
        CHECKS,
    ),
    "judge": (
        ("relations.judge",),
        ("tests/test_relations.py", "tests/test_checking_cases.py", "tests/test_checking_edges.py"),
    ),
}
SECONDS = 120  # a change may make a loop endless


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module its changed code."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        origin = str(ROOT / (name.replace(".", "/") + ".py"))
        return importlib.util.spec_from_loader(name, self, origin=origin)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__file__ = module.__spec__.origin
        exec(compile(self.tree, module.__file__, "exec"), module.__dict__)


def notices(name: str, change: Change, tests: Sequence[str]) -> bool:
    """Do these tests fail with the change in place? An endless run counts as noticed."""
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
        sys.meta_path.insert(0, _Changed(name, change.tree))
        os._exit(_tested(tests))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _tested(tests: Sequence[str]) -> bool:
    """Run in a child: is any test red? Says nothing."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    for module in [one for one in sys.modules if one.startswith(("cchc_xl", "tests."))]:
        del sys.modules[module]
    import pytest

    return bool(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]))


class Passing:
    """Which tests pass through a line: measured once, with the code as it is."""

    def __init__(self, tests: Sequence[str]) -> None:
        import coverage

        self.tests = tests
        self._folder = tempfile.TemporaryDirectory()
        child = os.fork()
        if not child:
            os._exit(self._measured(self._folder.name))
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            sys.exit("the tests are red before anything was changed")
        self._data = coverage.CoverageData(str(Path(self._folder.name, "lines")))
        self._data.read()

    def _measured(self, folder: str) -> bool:
        import coverage

        run = coverage.Coverage(data_file=str(Path(folder, "lines")), source=["cchc_xl"], config_file=False)
        run.set_option("run:dynamic_context", "test_function")
        run.start()
        red = _tested(self.tests)
        run.stop()
        run.save()
        return red

    def through(self, name: str, line: int) -> list[Sequence[str]]:
        """Runs to try one after the other: the tests of the line, then all where it also runs outside a test."""
        lines = self._data.contexts_by_lineno(str(ROOT / (name.replace(".", "/") + ".py")))
        near = max((one for one in lines if one <= line), default=None)  # a statement of many lines has one number
        contexts = sorted(lines[near]) if near else []
        tests = ["{0}.py::{2}".format(*_parted(one)) for one in contexts if one]
        return [run for run in (tests, self.tests if "" in contexts else ()) if run]


def _parted(context: str) -> tuple[str, str, str]:
    """``tests.test_number.test_blank`` -> ``tests/test_number``, ".", ``test_blank``."""
    module, dot, test = context.rpartition(".")
    return module.replace(".", "/"), dot, test


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], default=list(GROUPS))
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=2022)
    parser.add_argument("--seconds", type=float, default=3_600, help="stop after so long")
    asked = parser.parse_args()
    os.chdir(ROOT)
    _load()
    ends, worst = time.monotonic() + asked.seconds, 1.0
    for group in asked.groups:
        worst = min(worst, _group(group, asked.share, random.Random(asked.seed), ends))
    return worst < 0.85


def _load() -> None:
    """What all tests import: once, before the first fork."""
    for name in ("pytest", "hypothesis", "openpyxl", "docx", "lxml.etree", "xlsxwriter", "docxtpl", "pandas"):
        importlib.import_module(name)


def _group(group: str, share: float, rng: random.Random, ends: float) -> float:
    modules, tests = GROUPS[group]
    all_of = [
        (f"cchc_xl.{module}", change)
        for module in modules
        for change in changes((ROOT / "cchc_xl" / (module.replace(".", "/") + ".py")).read_text("utf-8"))
    ]
    chosen = sorted(rng.sample(range(len(all_of)), max(1, round(len(all_of) * share))))
    passing = Passing([test for test in tests if Path(test).exists()])
    tried = caught = 0
    order = rng.sample(chosen, len(chosen))
    for number in order:
        if time.monotonic() > ends:
            break
        name, change = all_of[number]
        tried += 1
        if any(notices(name, change, run) for run in passing.through(name, change.line)):
            caught += 1
        else:
            print(f"survived: {name}:{change.line}: {change.what}", flush=True)
    score = caught / tried if tried else 0.0
    print(f"{group}: {caught} of {tried} noticed ({100 * score:.0f} %), {len(all_of)} changes in all", flush=True)
    return score


if __name__ == "__main__":
    sys.exit(main())

"""Are the tests sharp? ``python -m tests.mutation.run [numbers|rollups|checks|relations] [--count 150] [--seed 7]``.

Changes one thing in a module, runs the tests of its group (those that pass through the line first) and counts how
often one of them turns red. A seeded sample by default; ``--share 1`` is everything. Linux. What is known of the
survivors stands in ``survivors.txt``: those listed there as ``equal`` are no fault of the tests, and counted apart.
"""

import argparse
import importlib
import os
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.changes import Change, changes
from tests.mutation.forks import ROOT, Collected, collected, file_of

SURVIVORS = Path(__file__).parent / "survivors.txt"
CHECKS = (
    *("tests/test_checking_cases.py", "tests/test_checking.py", "tests/test_checking_edges.py"),
    *("tests/test_checking_sharp.py", "tests/test_checking_limits.py", "tests/test_checking_resubmission.py"),
    "tests/test_hostile_coverage.py",
)
ROLLUPS = ("tests/test_consolidation_sharp.py", "tests/test_consolidation.py", "tests/test_hostile_coverage.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Modules with one list of tests, the quick ones first."""

    modules: Sequence[str]
    tests: Sequence[str]


def _modules(package: str) -> list[str]:
    found = sorted((ROOT / "cchc_xl" / package).glob("*.py"))
    return [f"cchc_xl.{package}.{path.stem}" for path in found if path.stem != "__init__"]


GROUPS = {
    "numbers": Group(modules=["cchc_xl.number"], tests=("tests/test_number.py", "tests/test_hostile_coverage.py")),
    "rollups": Group(modules=_modules("consolidation"), tests=(*ROLLUPS, "tests/test_checking_edges.py")),
    "checks": Group(
        modules=_modules("checking"),
        tests=(*CHECKS, "tests/test_checking_catalogue.py"),
    ),
    "relations": Group(
        modules=_modules("relations"),
        tests=("tests/test_relations.py", *CHECKS, *ROLLUPS[:2], "tests/test_checking_formulas.py"),
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], default=list(GROUPS))
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--count", type=int, help="so many changes of each group, whatever the share")
    parser.add_argument("--seed", type=int, default=2022)
    parser.add_argument("--again", type=Path, help="only the survivors that an earlier run printed into this file")
    parser.add_argument("--seconds", type=float, default=36_000, help="stop after so long")
    asked = parser.parse_args()
    os.chdir(ROOT)
    for name in ("openpyxl", "docx", "lxml.etree", "xlsxwriter", "docxtpl", "pandas"):
        importlib.import_module(name)  # once, before the first fork
    return sum([_low(name, asked) for name in asked.groups]) > 0


def _low(name: str, asked: argparse.Namespace) -> bool:
    """Runs a group in a process of its own (a second pytest in one process finds the first one's modules)."""
    child = os.fork()
    if not child:
        score = [0.0]
        tests = [test for test in GROUPS[name].tests if (ROOT / test).exists()]
        collected(tests, lambda session: score.append(_score(name, asked, session)))
        sys.stdout.flush()
        os._exit(score[-1] < 0.85)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _score(group: str, asked: argparse.Namespace, tests: Collected) -> float:
    """The share that was noticed of a sample; survivors and the numbers of each module are printed."""
    made = list(_changes_of(GROUPS[group]))
    equal, ends = known("equal"), time.monotonic() + asked.seconds
    size = asked.count or round(len(made) * asked.share)
    fates: dict[str, list[str]] = {}
    sample = random.Random(asked.seed).sample(made, min(len(made), max(1, size)))
    if asked.again:
        survived = known("survived", asked.again)
        sample = [one for one in made if (one[0], one[1].what, one[2]) in survived]
    for module, change, line in sample:
        if time.monotonic() > ends:
            break
        noticed = tests.notice(module, change)
        fate = "noticed" if noticed else "equal" if (module, change.what, line) in equal else "survived"
        fates.setdefault(module, []).append(fate)
        if not noticed:
            print(f"{fate} | {module} | {change.what} | {line} | line {change.line}", flush=True)
        if not sum(map(len, fates.values())) % 50:
            print(f"  … {sum(map(len, fates.values()))} tried", flush=True)
    return _said(group, fates, len(made))


def _changes_of(group: Group) -> Iterator[tuple[str, Change, str]]:
    """(module, change, source text of its line)"""
    for module in group.modules:
        source = file_of(module).read_text("utf-8")
        lines = source.splitlines()
        for change in changes(source):
            yield module, change, " ".join(lines[change.line - 1].split())


def known(kind: str, file: Path = SURVIVORS) -> set[tuple[str, str, str]]:
    """(module, change, source text of the line) of the survivors that a file lists under this word."""
    rows = (line.split(" | ") for line in file.read_text("utf-8").splitlines() if line.startswith(f"{kind} | "))
    return {(module, what, " ".join(line.split())) for _, module, what, line, *_ in rows}


def _said(group: str, fates: Mapping[str, Sequence[str]], of: int) -> float:
    for name, found in sorted(fates.items()):
        print(f"  {name}: {found.count('noticed')} of {len(found)}, equal {found.count('equal')}")
    every = [fate for found in fates.values() for fate in found]
    caught, equal = every.count("noticed"), every.count("equal")
    score = caught / (len(every) - equal) if len(every) > equal else 0.0
    print(f"{group}: {caught} of {len(every)} noticed, {equal} more equal to the code as it is: {100 * score:.1f} %")
    print(
        f"  ({of} changes in all; equal ones counted as missed: {100 * caught / max(1, len(every)):.1f} %)", flush=True
    )
    return score


if __name__ == "__main__":
    sys.exit(main())

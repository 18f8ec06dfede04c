"""This project and its peers on the same made-up files, in turn, as whole processes.

``python -m tests.benchmarks 23 235 [--rounds 5] [--folder DIR] [--peers AB] [--rerun]``. Never a timed test: run it by
hand on a quiet machine. Prints medians of wall, CPU (all processes) and peak memory (of the largest process), and
ratios to A and B; a ratio is the median of those of the single rounds, where both were run one after the other.
"""

import argparse
import compileall
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cchc_xl.editions.load import load

from .workbooks import make_round, units, workbook

ROOT = Path(__file__).parent.parent.parent
LIBRARIES = ("pandas", "openpyxl", "python-calamine", "XlsxWriter", "lxml")


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds and megabytes of one whole process and its children."""

    wall: float
    cpu: float
    peak: float


_LAUNCHER = """
import os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
seconds = time.perf_counter() - start
print(os.waitstatus_to_exitcode(status), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""  # a small process of its own: a child's peak memory is never less than that of the process that made it


def measured(command: list[str]) -> Run:
    """Run to the end. Raises CalledProcessError for an exit code above 1."""
    launcher = [sys.executable, "-S", "-E", "-c", _LAUNCHER, *command]
    done = subprocess.run(launcher, cwd=ROOT, capture_output=True, text=True, check=True)
    code, *numbers = done.stdout.split()
    if code not in ("0", "1"):
        raise subprocess.CalledProcessError(int(code), command, stderr=done.stderr[-2000:])
    return Run(*map(float, numbers))


def peer(name: str, folder: Path) -> Run:
    return measured([sys.executable, "-m", "tests.benchmarks.peers", name, str(folder / "nhan-ve")])


def job(folder: Path, out: Path, workers: int) -> Run:
    """Everything: read, check, consolidate, master, narrative, CSV, figures."""
    paths = [str(folder / "nhan-ve"), "--roster", str(folder / "danh-sach.csv"), "-o", str(out)]
    return measured([sys.executable, "-m", "cchc_xl", "consolidate", *paths, "--workers", str(workers)])


def cold(folder: Path, workers: int) -> Run:
    out = folder / "ra"
    shutil.rmtree(out, ignore_errors=True)
    return job(folder, out, workers)


def compare(folder: Path, count: int, rounds: int, peers: list[str], workers: int) -> None:
    """One table for ``count`` workbooks."""
    runs: dict[str, list[Run]] = {name: [] for name in ("job", *peers)}
    for _ in range(rounds):
        for name in peers:
            runs[name].append(peer(name, folder))
        runs["job"].append(cold(folder, workers))
    print(f"\n{count} workbooks, {rounds} rounds, {workers or 'automatic'} workers")
    print(f"{'':6}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}" + "".join(f"{'wall/' + p:>9}{'CPU/' + p:>9}" for p in peers))
    for name, list_of in runs.items():
        cells = [statistics.median(getattr(run, what) for run in list_of) for what in ("wall", "cpu", "peak")]
        ratios = []
        for base in peers:
            for what in ("wall", "cpu"):
                pairs = zip(list_of, runs[base], strict=True)
                ratios.append(statistics.median(getattr(a, what) / getattr(b, what) for a, b in pairs))
        print(f"{name:6}{cells[0]:9.2f}{cells[1]:9.2f}{cells[2]:9.0f}" + "".join(f"{one:9.3f}" for one in ratios))


def rerun(folder: Path, count: int, rounds: int, workers: int) -> None:
    """Cold, again with nothing changed, and with five workbooks changed."""
    out, edition, received = folder / "ra", load(), folder / "nhan-ve"
    kept = {unit: (received / f"{unit.code}_2022-6T.xlsx").read_bytes() for unit in units(count - 1)[:5]}
    print(f"\nagain, {count} workbooks: seconds of wall, and of cold")
    for turn in range(rounds):
        first, again = cold(folder, workers), job(folder, out, workers)
        try:
            for number, unit in enumerate(kept):
                other = workbook(edition, unit, count * (turn + 2) + number, {})
                (received / f"{unit.code}_2022-6T.xlsx").write_bytes(other)
            five = job(folder, out, workers)
        finally:
            for unit, content in kept.items():
                (received / f"{unit.code}_2022-6T.xlsx").write_bytes(content)
        same, changed = again.wall / first.wall, five.wall / first.wall
        print(f"cold {first.wall:.2f}  same {again.wall:.2f} = {same:.3f}  five {five.wall:.2f} = {changed:.3f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("counts", nargs="+", type=int)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "cchc-xl-benchmarks")
    asked.add_argument("--peers", default="A,B,B*,R", help="of A,B,B*,C,D,R")
    asked.add_argument("--workers", type=int, default=0)
    asked.add_argument("--rerun", action="store_true")
    wanted = asked.parse_args()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    compileall.compile_dir(ROOT / "cchc_xl", quiet=1)  # as an installer does with us and did with the peers
    print(f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}; {versions}")
    for count in wanted.counts:
        folder = wanted.folder / str(count)
        make_round(folder, count)
        if wanted.rerun:
            rerun(folder, count, wanted.rounds, wanted.workers)
        else:
            peers = [name for name in wanted.peers.split(",") if name]
            compare(folder, count, wanted.rounds, peers, wanted.workers)


if __name__ == "__main__":
    main()

"""Many files by several processes: the same results in the same order, whatever happens to a process."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.editions.load import load
from cchc_xl.model import Submission
from cchc_xl.rounds.reading.intake_files import read_all, read_checked, workbooks_in
from cchc_xl.rounds.reading.stored import from_text, opened, to_text
from cchc_xl.rounds.reading.workers import read_some, results_of, salvaged
from cchc_xl.workbook.roster import read_roster

from .seeded_errors import mistakes, submission
from .test_cli import ROSTER, SAMPLE

UNITS = read_roster(ROSTER, load())


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[tuple[Path, str], ...]:
    """The sample round with files nobody can read among them."""
    folder = tmp_path_factory.mktemp("received")
    for number, path in enumerate(sorted((SAMPLE / "nhan-ve").iterdir())):
        (folder / path.name).write_bytes(path.read_bytes())
        if number % 6 == 0:
            (folder / f"{path.stem}_hong.xlsx").write_bytes(path.read_bytes()[:20_000])
    return (*workbooks_in([folder]), (folder / "khong-co.xlsx", "khong-co.xlsx"))


@pytest.fixture(scope="module")
def serial(files) -> tuple[Submission, ...]:
    return read_all(files, roster=UNITS, workers=1)


@pytest.mark.parametrize("workers", [2, 3])
def test_results_and_their_order_do_not_depend_on_the_workers(files, serial, workers):
    assert read_all(files, roster=UNITS, workers=workers) == serial
    checked = read_checked(files, roster=UNITS, workers=workers)
    assert tuple(one for one, _ in checked) == serial
    for one, found in checked:
        assert found == (None if one.refused else check(one, load(one.edition)))


def test_a_worker_that_is_killed_loses_nothing(files, serial):
    """As the system does when memory runs out: SIGKILL, in the middle of the work."""
    killed = []

    def kill_one(step: str, done: int, total: int) -> None:
        if done == 3 and not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    assert read_all(files, roster=UNITS, workers=2, progress=kill_one) == serial
    assert killed


def test_every_worker_killed_loses_nothing(files, serial):
    def kill_all(step: str, done: int, total: int) -> None:
        for child in multiprocessing.active_children() if done == 1 else ():
            os.kill(child.pid, signal.SIGKILL)

    assert read_all(files, roster=UNITS, workers=3, progress=kill_all) == serial


def deadly(files: Sequence[tuple[Path, str]], *, victim: str, out_of_memory: bool) -> list:
    """Reads like a worker; dies of one file, every time."""
    for _, name in files:
        if name == victim and out_of_memory:
            raise MemoryError
        if name == victim:
            os.kill(os.getpid(), signal.SIGKILL)
    return read_some(files, roster=UNITS, edition_id=None, checked=False)


@pytest.mark.parametrize("out_of_memory", [False, True])
def test_a_file_that_kills_its_reader_is_refused_and_the_others_are_read(files, serial, out_of_memory):
    victim = files[4]
    work = partial(deadly, victim=victim[1], out_of_memory=out_of_memory)
    found = [one for result in salvaged(files[:9], work) for one, _ in opened(result, {})]
    others = [one for one in serial[:9] if one.file != victim[1]]
    assert [one for one in found if one.file != victim[1]] == others
    (refused,) = (one for one in found if one.file == victim[1])
    assert refused.refused and refused.sha256 == serial[4].sha256 and refused.findings[0].id == "file-broken"


def buggy(files: Sequence[tuple[Path, str]]) -> list:
    raise AttributeError("a mistake of the program")


def test_a_mistake_of_the_program_is_not_taken_for_a_bad_file(files):
    with pytest.raises(AttributeError):
        salvaged(files[:2], buggy)


def test_any_executor_will_do(files, serial):
    with ProcessPoolExecutor(max_workers=1) as other:
        found = read_all(files, roster=UNITS, executor=other)
    assert found == serial


def test_no_work_makes_no_workers():
    assert list(results_of([], roster=None, edition=None, checked=True, workers=2)) == []


# --- results as text -------------------------------------------------------------------------------------------


def test_what_a_worker_hands_over_is_exactly_what_it_read(serial):
    for one in serial:
        found = None if one.refused else check(one, load(one.edition))
        assert exactly(from_text(to_text(((one, found),)), {})) == exactly(((one, found),))


def test_findings_of_every_kind_of_mistake_come_through(edition):
    kept: dict = {}
    for _, mistake in mistakes(edition, 70):
        one = submission(edition, mistake.cells)
        found = check(one, edition)
        assert exactly(from_text(to_text(((one, found),)), kept)) == exactly(((one, found),))


def exactly(results: tuple) -> str:
    """Every field with its type, and each number with its digits: 1.0 is not 1."""
    return repr(results)

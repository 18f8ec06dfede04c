"""The files handed in: folders opened up, read one by one or by several workers, always in the same order."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.files import RECORD
from cchc_xl.model import Edition, Roster, Submission

Progress = Callable[[str, int, int], None]  # step name, done, in all

POOL_FROM = 50  # files: below that starting workers costs more than it saves
SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".csv", ".htm", ".html"})


def quiet(step: str, done: int, total: int) -> None:
    """No progress shown."""


def workbooks_in(paths: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> tuple[tuple[Path, str], ...]:
    """(path, name to show) of every workbook: files as given, folders searched to the bottom in name order.

    A file named outright is taken whatever its suffix; in folders only spreadsheets are (``passed_over`` names the
    rest), never those of ``leave_out`` (our own outputs, the roster). Raises UsageError for a path that is not there.
    """
    excluded = {_real(path) for path in leave_out}
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = (one for one in _files_under(path) if _is_spreadsheet(one) and _real(one) not in excluded)
            found += [(one, named(one)) for one in inside]
        elif path.exists():
            found.append((path, named(path)))
        else:
            raise UsageError("path-missing", path=named(path))
    return tuple(dict.fromkeys(found))


def passed_over(paths: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> tuple[str, ...]:
    """Names of what lies in the folders and is no spreadsheet: said, so that nobody takes it for counted."""
    excluded = {_real(path) for path in leave_out}
    others = (one for path in paths if path.is_dir() for one in _files_under(path) if not _is_spreadsheet(one))
    return tuple(named(one) for one in others if _real(one) not in excluded and one.name != RECORD)


def named(path: Path) -> str:
    """A path as text that can be printed and stored, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def _files_under(folder: Path) -> list[Path]:
    """Every file, links to folders followed once, in name order."""
    files: list[Path] = []
    seen: set[str] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:
            folders[:] = []
            continue
        seen.add(real)
        folders.sort()
        files += [Path(root) / name for name in sorted(names)]
    return files


def _is_spreadsheet(path: Path) -> bool:
    return path.suffix.lower() in SPREADSHEETS and not path.name.startswith(".")


def _real(path: Path) -> str:
    return os.path.realpath(path)


def read_all(
    files: Sequence[tuple[Path, str]],
    *,
    roster: Roster | None = None,
    edition: Edition | None = None,
    workers: int = 0,
    progress: Progress = quiet,
    executor: Executor | None = None,
) -> tuple[Submission, ...]:
    """Every submission in the order of the files; a master among them gives several.

    ``workers``: 0 decides by the number of files. ``executor``: any other ``concurrent.futures`` executor.
    """
    read_one = partial(_read_one, roster=roster, edition_id=edition.id if edition else None)
    if executor is not None:
        return _gathered(executor.map(read_one, files), len(files), progress)
    workers = workers or (os.cpu_count() or 1 if len(files) > POOL_FROM else 1)
    if workers == 1:
        return _gathered(map(read_one, files), len(files), progress)
    with ProcessPoolExecutor(max_workers=workers) as pool:
        return _gathered(pool.map(read_one, files, chunksize=25), len(files), progress)


def _read_one(file: tuple[Path, str], *, roster: Roster | None, edition_id: str | None) -> tuple[Submission, ...]:
    from cchc_xl.editions.load import load
    from cchc_xl.workbook.reader import read_file

    path, name = file
    return read_file(path, file=name, roster=roster, edition=load(edition_id) if edition_id else None)


def _gathered(results: Iterable[tuple[Submission, ...]], total: int, progress: Progress) -> tuple[Submission, ...]:
    gathered: list[Submission] = []
    progress("read", 0, total)
    for number, submissions in enumerate(results, start=1):
        gathered += submissions
        progress("read", number, total)
    return tuple(gathered)

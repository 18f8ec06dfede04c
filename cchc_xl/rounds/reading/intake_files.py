"""The files handed in: folders opened up, read one by one or by several workers, always in the same order."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.files import RECORD, sha256_of
from cchc_xl.model import Edition, Roster, Submission
from cchc_xl.rounds.reading.cache import CACHE, Remembered, name_of, unpacked
from cchc_xl.rounds.reading.stored import Checked, Entries, opened
from cchc_xl.rounds.reading.workers import File, results_of
from cchc_xl.workbook.incoming.on_disk import content_of
from cchc_xl.workbook.incoming.package import Refused

_AT_ONCE = 500  # results kept before they are remembered
Progress = Callable[[str, int, int], None]  # step name, done, in all

DOCUMENT = ".docx"
SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".csv", ".htm", ".html"})


def quiet(step: str, done: int, total: int) -> None:
    """No progress shown."""


def workbooks_in(paths: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> tuple[tuple[Path, str], ...]:
    """(path, name to show) of every workbook: files as given, folders searched to the bottom in name order.

    A file named outright is taken whatever its suffix; in folders only spreadsheets are (``passed_over`` names the
    rest), never those of ``leave_out`` (our own outputs, the roster). Raises UsageError for a path that is not there.
    """
    excluded = _Excluded(leave_out)
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = (one for one in _files_under(path) if _is_spreadsheet(one) and one not in excluded)
            found += [(one, named(one)) for one in inside]
        elif path.exists():
            found.append((path, named(path)))
        else:
            raise UsageError("path-missing", path=named(path))
    return tuple(dict.fromkeys(found))


def passed_over(paths: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> tuple[str, ...]:
    """Names of what lies in the folders and is no spreadsheet: said, so that nobody takes it for counted."""
    excluded = _Excluded(leave_out)
    others = (one for path in paths if path.is_dir() for one in _files_under(path) if not _is_spreadsheet(one))
    return tuple(named(one) for one in others if one not in excluded and one.name not in (RECORD, CACHE))


def documents_in(paths: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> tuple[tuple[Path, str], ...]:
    """(path, name to show) of the Word files in the folders: a unit may hand in its words as one."""
    excluded = _Excluded(leave_out)
    inside = (one for path in paths if path.is_dir() for one in _files_under(path) if is_document(one))
    return tuple(dict.fromkeys((one, named(one)) for one in inside if one not in excluded))


def is_document(path: Path) -> bool:
    """A Word file of today's kind, by its name; not the mark of somebody who has one open."""
    return path.suffix.lower() == DOCUMENT and not path.name.startswith((".", "~$"))


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


class _Excluded:
    """Files by where they really lie. Only what bears one of their names, or is a link, can be one of them."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._real = {os.path.realpath(path) for path in files}
        self._names = {os.path.basename(path).casefold() for path in self._real}

    def __contains__(self, path: Path) -> bool:
        if path.name.casefold() not in self._names and not path.is_symlink():
            return False
        return os.path.realpath(path) in self._real


def read_all(
    files: Sequence[File],
    *,
    roster: Roster | None = None,
    edition: Edition | None = None,
    workers: int = 0,
    progress: Progress = quiet,
    executor: Executor | None = None,
) -> tuple[Submission, ...]:
    """Every submission in the order of the files; a master among them gives several.

    ``workers``: 0 decides by the number of files. ``executor``: see ``results_of``.
    """
    read = read_each(files, roster=roster, edition=edition, workers=workers, progress=progress, executor=executor)
    return tuple(one for listed in read for one in listed)


def read_each(
    files: Sequence[File],
    *,
    roster: Roster | None = None,
    edition: Edition | None = None,
    workers: int = 0,
    progress: Progress = quiet,
    executor: Executor | None = None,
) -> tuple[tuple[Submission, ...], ...]:
    """As ``read_all``, file by file."""
    results = results_of(files, roster=roster, edition=edition, checked=False, workers=workers, executor=executor)
    kept: Entries = {}
    found: list[tuple[Submission, ...]] = []
    progress("read", 0, len(files))
    for number, result in enumerate(results, start=1):
        found.append(tuple(submission for submission, _ in opened(result, kept)))
        progress("read", number, len(files))
    return tuple(found)


def read_checked(
    files: Sequence[File],
    *,
    roster: Roster,
    checked: bool = True,
    workers: int = 0,
    progress: Progress = quiet,
    executor: Executor | None = None,
    remembered: Remembered | None = None,
) -> tuple[Checked, ...]:
    """As ``read_all``, each submission with what the checks of a workbook by itself say (None: not checked).

    ``remembered``: files with the content they had before are not read again; the others are remembered.
    """
    known = _known(files, remembered) if remembered else {}
    unknown = [file for file in files if file not in known]
    made = results_of(unknown, roster=roster, edition=None, checked=checked, workers=workers, executor=executor)
    kept: Entries = {}
    fresh: dict[str, str] = {}
    found: list[Checked] = []
    progress("read", 0, len(files))
    for number, file in enumerate(files, start=1):
        old = known.get(file)
        result = next(made) if old is None else unpacked(old)
        read = opened(result, kept)
        if old is None and isinstance(result, str) and _is_rememberable(read):
            fresh[name_of(read[0][0].sha256, file[1])] = result  # by the content that was read
        found += read
        if len(fresh) == _AT_ONCE or number == len(files):
            if remembered and executor is None:  # a cluster's workers may be of another version
                remembered.remember(fresh)
            fresh.clear()
        progress("read", number, len(files))
    return tuple(found)


def _is_rememberable(read: Sequence[Checked]) -> bool:
    """A master only claims the sha256 of its rows: under such a one nothing may be remembered."""
    return not any(one.refused or one.relayed for one, _ in read)


def _known(files: Sequence[File], remembered: Remembered) -> dict[File, bytes]:
    """What is remembered of these files, with the content they have now."""
    if not remembered.path.is_file():
        return {}
    names: dict[str, File] = {}
    for path, name in files:
        with suppress(OSError, ValueError, Refused):
            names[name_of(sha256_of(content_of(path)), name)] = (path, name)
    return {names[name]: packed for name, packed in remembered.known(names)}

"""The control workbook as saved on disk, read for a program that was started by its buttons; and a fresh one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.errors import CchcError, UsageError, problem_of
from cchc_xl.files import bytes_of, write_output
from cchc_xl.rounds.buttons.control import ControlResult, check_action, failed, run
from cchc_xl.rounds.buttons.control_settings import SHARED, ControlSettings, check_place
from cchc_xl.rounds.buttons.kept import tidy_rows
from cchc_xl.rounds.keeping.settings import text_of
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.shipped import shipped

SEEN = (*SHARED, "folder", "roster")
_LONGEST_PATH = 66_000  # bytes
ROSTER = "T_ROSTER"  # the cell of the first unit's code


def name_of(cell: str) -> str:
    """The defined name of a cell of the control workbook: ``FOLDER`` -> ``CCHC_DH_FOLDER``."""
    return words("control")["cell_prefix"] + cell.upper()


def settings_from(
    home: Path, texts: Mapping[str, str], roster: Sequence[Sequence[str]], file: str = ""
) -> ControlSettings:
    """``texts``: cell id in capitals -> text; all fields and all that was seen. UsageError names what is missing."""
    wanted = [*words("control")["fields"], *(f"seen_{name}" for name in SEEN)]
    missing = [name_of(name) for name in wanted if name.upper() not in texts]
    if missing:
        raise UsageError("control-not-ours", file=file, names=", ".join(missing))
    fields = {name: texts[name.upper()] for name in words("control")["fields"]}
    seen = {name: texts[f"SEEN_{name.upper()}"] for name in SEEN}
    rows = tidy_rows(roster)
    return ControlSettings(home=home, fields=fields, roster=rows, seen=seen if seen["folder"] else {})


def read_control_book(path: Path) -> ControlSettings:
    """Settings and roster of a saved control workbook. Raises UsageError: unreadable, or another workbook."""
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.package import Limits, Refused

    check_place(path.parent)
    try:
        return _settings(Book(bytes_of(path), Limits()), path)
    except (OSError, ValueError) as error:  # a path with a sign that no path can have, too
        raise UsageError("control-book", file=str(path), problem=problem_of(error)) from error
    except Refused as refusal:
        problem = sentences()[refusal.finding]["message"].format(**{"file": path.name, **refusal.arguments})
        raise UsageError("control-book", file=str(path), problem=problem.rstrip(".")) from refusal


def _settings(book, path: Path) -> ControlSettings:
    prefix, texts, roster = name_of(""), {}, []
    for name in book.names:
        place = book.place(name) if name.name.startswith(prefix) else None
        if place is None:
            continue
        entry, row, column = place
        cells = book.sheet(entry).cells
        cell = cells.get((row, column))
        texts[name.name.removeprefix(prefix)] = text_of(cell, book) if cell else ""
        if name.name == name_of(ROSTER):
            roster = _rows_below(cells, book, row, column)
    return settings_from(path.parent.absolute(), texts, roster, str(path))


def _rows_below(cells: Mapping, book, top: int, left: int) -> list[list[str]]:
    width = len(words("roster")["columns"])
    rows: dict[int, list[str]] = {}
    for (row, column), cell in cells.items():
        if row >= top and left <= column < left + width:
            rows.setdefault(row, [""] * width)[column - left] = text_of(cell, book)
    return [rows[row] for row in sorted(rows)]


def new_control_book(path: Path) -> Path:
    """Put the shipped control workbook at ``path``, or beside what stands there. Raises UsageError, OutputError."""
    source = shipped("macros", words("control")["file"])
    if source is None:
        raise UsageError("control-shipped")
    return write_output(path, source.read_bytes())


def run_book(action: str, book: str, now: datetime, who: str, progress: Progress = quiet) -> ControlResult:
    """A button of the saved control workbook ``book``; ``@FILE``: the path stands in that file, as a macro writes it.

    What can't be read is a result with ``ok`` False. Raises UsageError for an unknown action.
    """
    check_action(action)
    try:
        settings = read_control_book(_asked(Path(book[1:])) if book.startswith("@") else Path(book))
    except CchcError as error:
        return failed(action, error)
    return run(action, settings, now, who, progress)


def _asked(request: Path) -> Path:
    """The path that a macro wrote letter by letter (UTF-16): a command line would lose Vietnamese letters."""
    try:
        return Path(bytes_of(request)[:_LONGEST_PATH].decode("utf-16-le").strip("\ufeff\r\n\0"))
    except (OSError, ValueError) as error:
        raise UsageError("control-asked", file=str(request), problem=problem_of(error)) from error

"""What a round keeps of what the control workbook shows: its roster and some fields of its settings workbook."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.errors import CchcError, RoundError
from cchc_xl.files import write_atomic
from cchc_xl.rounds.keeping import settings, settings_tables
from cchc_xl.rounds.keeping.folder import open_round
from cchc_xl.text import nfc

Rows = tuple[tuple[str, ...], ...]  # of the roster, in the order of its columns


def roster_rows(content: bytes, file: str) -> Rows:
    """A roster's rows in the order of the contract's columns; columns it does not have are blank. Raises RoundError."""
    from cchc_xl.workbook.incoming.table_in import Unreadable, table_of
    from cchc_xl.workbook.roster import columns_of

    try:
        table = table_of(content, file)
    except Unreadable as error:
        raise RoundError("settings-unreadable", file=file, problem=error.problem) from error
    names = tuple(words("roster")["columns"])
    for number, head in enumerate(table[:10]):
        columns = columns_of(head)
        if {"unit_code", "unit_name"} <= set(columns):
            return tidy_rows([[_at(row, columns.get(name)) for name in names] for row in table[number + 1 :]])
    return ()


def _at(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def tidy_rows(rows: Sequence[Sequence[str]]) -> Rows:
    """Rows of a roster as they are compared and written: trimmed, blank ones left out."""
    tidied = (tuple(nfc(cell) for cell in row) for row in rows)
    return tuple(row for row in tidied if any(row))


def roster_content(rows: Rows) -> bytes:
    """The roster as the workbook that a round keeps."""
    title = words("round")["roster"]["sheet"]
    return settings.text_book(title, {title: [list(words("roster")["columns"].values()), *rows]})


def field_of(path: Path, name: str) -> str:
    """What the round's settings workbook says; "" where it is gone or has no such field. Raises RoundError."""
    said = words("round")["settings"]
    if not path.exists():
        return ""
    rows = settings.sheets_of(path).get(said["sheet"], ())
    return settings_tables.Fields(path.name, said["sheet"], rows, said["fields"])[name]


def give_fields(folder: Path, fields: Mapping[str, str]) -> None:
    """Write fields into the round's settings; what the round can't be opened with is taken back. Raises RoundError."""
    path = settings.path_of(folder)
    before = path.read_bytes()
    content = before
    for name, text in fields.items():
        content = _with_field(content, path, name, text)
    write_atomic(path, content)
    try:
        open_round(folder)
    except CchcError:
        write_atomic(path, before)
        raise


def _with_field(content: bytes, path: Path, name: str, text: str) -> bytes:
    from cchc_xl.workbook.field_cell import with_field
    from cchc_xl.workbook.incoming.package import Refused
    from cchc_xl.workbook.marking.patching import BrokenPart

    said = words("round")["settings"]
    try:
        changed = with_field(content, said["sheet"], said["fields"][name], text)
    except Refused as refusal:
        problem = sentences()[refusal.finding]["message"].format(**{"file": path.name, **refusal.arguments})
        raise RoundError("settings-unreadable", file=str(path), problem=problem.rstrip(".")) from refusal
    except BrokenPart as error:
        raise RoundError("settings-unreadable", file=str(path), problem=error.part) from error
    if changed is None:
        raise RoundError("settings-unreadable", file=str(path), problem=said["fields"][name])
    return changed


def set_aside(path: Path) -> Path:
    """A copy of what is about to be replaced, under a name of its own."""
    number = 1
    while True:
        name = words("control")["words"]["old_copy"].format(stem=path.stem, number=number, suffix=path.suffix)
        if not (path.parent / name).exists():
            write_atomic(path.parent / name, path.read_bytes())
            return path.parent / name
        number += 1

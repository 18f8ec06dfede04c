"""The sheet for typing figures into the portal, from a master: in the portal's order, compared with its export."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.errors import UsageError
from cchc_xl.files import bytes_of, write_output
from cchc_xl.model import PortalRow
from cchc_xl.rounds.adding.tied import consolidation_of
from cchc_xl.rounds.keeping.settings import read_file
from cchc_xl.text import label_key

if TYPE_CHECKING:
    from cchc_xl.workbook.portal import PortalExport, PortalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedIn:
    """Where the sheet is; a sentence for each number of the portal's export that is not the master's."""

    path: Path
    differences: tuple[str, ...]
    compared: int  # lines held against the export


def write_portal(
    master: Path,
    out: Path,
    *,
    round_folder: Path | None = None,
    settings: Path | None = None,
    export: Path | None = None,
) -> TypedIn:
    """Write the sheet. ``round_folder``: whose settings hold the portal's map, unless ``settings``, a file, holds it;
    ``export``: a table code, value.

    Raises UsageError for what is no master, no table or a table without such columns, RoundError.
    """
    from cchc_xl.editions.catalogue import words
    from cchc_xl.workbook import portal

    made, there = consolidation_of(master), _export(export)
    rows = read_file(settings, made.roster, made.edition).portal if settings else _map_of(round_folder)
    unknown = [row.key for row in rows if row.key not in made.edition.by_key]
    if unknown:
        raise UsageError("portal-key", keys=", ".join(unknown))
    if out.exists() and out.samefile(master):
        raise UsageError("output-is-input", file=str(out))
    path = write_output(out, portal.build(made, rows, there))
    if there is None:
        return TypedIn(path=path, differences=(), compared=0)
    said, lines = words("upward")["portal"], portal.lines_of(made, rows, there)
    told = [_told(line, portal.verdict_sentence(line)) for line in lines if line.differs]
    told += [said["unknown"].format(code=code, value=text) for code, text in portal.unknown_codes(lines, there)]
    return TypedIn(path=path, differences=tuple(told), compared=len(lines))


def _told(line: "PortalLine", verdict: str) -> str:
    return f"{line.row.code} {line.there}".strip() + f": {verdict}"


def _map_of(folder: Path | None) -> Sequence[PortalRow]:
    if folder is None:
        return ()
    from cchc_xl.rounds.keeping import ledger
    from cchc_xl.rounds.keeping.folder import open_round

    return open_round(folder, ledger.events(folder)).settings.portal


def _export(path: Path | None) -> "PortalExport | None":
    from cchc_xl.workbook.incoming.table_in import Unreadable, headed_rows, table_of
    from cchc_xl.workbook.portal import export_of

    if path is None:
        return None
    try:
        table = table_of(bytes_of(path), str(path))
    except OSError as error:
        raise UsageError("path-missing", path=str(path)) from error
    except Unreadable as error:
        raise UsageError("table-unreadable", file=str(path), problem=error.problem) from error
    if twice := _twice(next((line for line in table if any(cell.strip() for cell in line)), [])):
        raise UsageError("portal-export-twice", file=str(path), column=twice)
    found = export_of(headed_rows(table))
    if found is None or not found.values:
        raise UsageError("portal-export", file=str(path))
    return found


def _twice(head: Sequence[str]) -> str:
    """The title of codes or values that two columns have, which nobody can choose between; "" for none."""
    from cchc_xl.editions.catalogue import words

    said = words("upward")["portal"]
    told = {label_key(name) for name in (*said["code_heads"], *said["value_heads"])}
    names = [label_key(cell) for cell in head]
    return next((cell for cell, name in zip(head, names, strict=True) if name in told and names.count(name) > 1), "")

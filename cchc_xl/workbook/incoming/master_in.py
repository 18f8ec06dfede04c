"""A master of ours read back whole: its units and their entries, so that every figure can be computed again."""

from dataclasses import dataclass
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.model import Edition, ReportingUnit, Roster, Submission
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.identity import carried, edition_of, identify
from cchc_xl.workbook.incoming.on_disk import content_of
from cchc_xl.workbook.incoming.package import MASTER_LIMITS, UNFORESEEN, Refused
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.source_rows import is_master, read_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterIn:
    """What a master holds. ``roster`` has the units that were due when it was made, by code and full name."""

    edition: Edition
    period: str
    roster: Roster
    submissions: tuple[Submission, ...]


def read_master(path: Path) -> MasterIn:
    """Raises UsageError for a file that is not there or is no master."""
    from cchc_xl.files import sha256_of

    try:
        content = content_of(path)
        book = Book(content, MASTER_LIMITS)
        said = carried(book)
        edition, _ = edition_of(said, None)
        if not is_master(book, edition):
            raise UsageError("not-a-master", file=str(path))
        identity = identify(said, {}, edition, None)
        submissions = read_sources(book, edition, identity, str(path), sha256_of(content))
        roster = _roster(book, said.unit, str(path))
    except OSError as error:
        raise UsageError("path-missing", path=str(path)) from error
    except (Refused, *UNFORESEEN) as error:
        raise UsageError("not-a-master", file=str(path)) from error
    return MasterIn(edition=edition, period=identity.period or "", roster=roster, submissions=submissions)


def _roster(book: Book, own_code: str, file: str) -> Roster:
    entry = book.titled(words("master")["sheets"]["sent"])
    if entry is None:
        raise UsageError("not-a-master", file=file)
    units = _units(book.sheet(entry))
    own = next((unit for unit in units if unit.code == own_code), None)
    consolidating = ReportingUnit(code=own.code, name=own.name, consolidating=True) if own else None
    return Roster(file=file, units=tuple(unit for unit in units if unit is not own), consolidating=consolidating)


def _units(sheet: SheetIn) -> list[ReportingUnit]:
    """The rows under the first head of units, down to the first row without a code."""
    titles = words("master")["sent"]["columns"]
    heads = [place for place, cell in sheet.cells.items() if cell.text == titles["unit_code"]]
    if not heads:
        return []
    row, code_column = min(heads)
    names = [column for (at, column), cell in sheet.cells.items() if at == row and cell.text == titles["unit_name"]]
    units = []
    while (code := sheet.cells.get((row := row + 1, code_column))) and code.text:
        name = sheet.cells.get((row, names[0])) if names else None
        units.append(ReportingUnit(code=code.text, name=(name.text if name else "") or code.text))
    return units

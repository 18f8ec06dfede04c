"""Workbooks computed anew by a spreadsheet program, held against what they store and against our own computation."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import CchcError
from cchc_xl.model import Finding, Severity
from cchc_xl.number import from_cell, vietnamese
from cchc_xl.rounds.pipeline import Checked, read_workbooks
from cchc_xl.rounds.reading.intake_files import named, read_all

Recalculate = Callable[[Path, Path], Path]  # workbook, folder -> its copy computed anew

MOST = 20  # findings a file: beyond that the whole file wants saving anew
_SAME = Decimal("1e-9")  # of the larger of two numbers: programs add up in different order


def with_recalculation(files: Sequence[str], checked: Sequence[Checked], recalculate: Recalculate) -> list[Checked]:
    """Each file's findings followed by the formula cells that come out otherwise when computed anew.

    ``checked``: of the files in their order. A file that was refused, and a master, which gives several, are left as
    they are; so is one that the program can't open, with a note. Raises OfficeMissing.
    """
    left, result = list(checked), []
    for file in files:
        count = len(read_workbooks([file]))
        several, left = left[:count], left[count:]
        result += several if count > 1 else [_again(Path(file), one, recalculate) for one in several]
    return result


def _again(file: Path, one: Checked, recalculate: Recalculate) -> Checked:
    from cchc_xl.office import OfficeFailed

    if one.submission.refused:
        return one
    with tempfile.TemporaryDirectory(prefix="cchc-xl-", ignore_cleanup_errors=True) as folder:
        try:
            again = recalculate(file, Path(folder))
        except OfficeFailed as error:
            return _noted(one, error)
        found = [*_own_rows(one, again), *_stored_cells(file, again)]
    return replace(one, findings=(*one.findings, *found[:MOST]))


def _noted(one: Checked, error: CchcError) -> Checked:
    problem = error_sentence(error).rstrip(".")
    note = Finding(id="formula-not-recalculated", severity=Severity.NOTE, args={"problem": problem})
    return replace(one, findings=(*one.findings, note))


def _own_rows(one: Checked, again: Path) -> Iterator[Finding]:
    """Rows whose official formula gives something else in the program than with us."""
    (anew, *_) = read_all([(again, named(again))], edition=one.edition)
    for key, entry in one.submission.entries.items():
        other = anew.entries.get(key)
        if not entry.intact or other is None or _equal(entry.value, other.stored):
            continue
        yield Finding(
            id="formula-recalculated",
            severity=Severity.WARNING,
            key=key,
            sheet=entry.sheet,
            cell=entry.cell,
            found=entry.value,
            expected=other.stored,
            args={"ours": vietnamese(entry.value), "theirs": vietnamese(other.stored)},
        )


def _equal(ours: Decimal | None, theirs: Decimal | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= _SAME * max(abs(ours), abs(theirs))


def _stored_cells(file: Path, again: Path) -> Iterator[Finding]:
    """Formula cells of any sheet whose stored value is not what the program computes."""
    before, after = _formulas(file), _formulas(again)
    for place, (kind, text) in before.items():
        found = after.get(place)
        if found is None or not text or _same_text((kind, text), found):
            continue
        sheet, row, column = place
        yield Finding(
            id="formula-stale",
            severity=Severity.NOTE,
            sheet=sheet,
            cell=_reference(row, column),
            args={"stored": text, "again": found[1]},
        )


def _formulas(path: Path) -> dict[tuple[str, int, int], tuple[bool, str]]:
    """(sheet, row, column) -> (is it text, the stored value) of every formula cell."""
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.package import Limits, Refused

    try:
        book = Book(path.read_bytes(), Limits())
        return {
            (entry.title, row, column): (cell.is_text, cell.text or "")
            for entry in book.sheets
            for (row, column), cell in book.sheet(entry).cells.items()
            if cell.formula
        }
    except Refused:  # .xls and .ods: no formulas known
        return {}


def _same_text(one: tuple[bool, str], other: tuple[bool, str]) -> bool:
    numbers = [from_cell(text) for _, text in (one, other)]
    if None not in numbers and not (one[0] or other[0]):
        return _equal(*numbers)
    return one[1].strip() == other[1].strip()


def _reference(row: int, column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"

"""Rows that stand where they were issued, as in nearly every workbook: known by one look at names, codes and labels."""

from collections.abc import Mapping
from typing import NamedTuple

from cchc_xl.model import Edition
from cchc_xl.workbook.incoming.book_in import OWN_PREFIXES, Book
from cchc_xl.workbook.incoming.rows_in import Labels
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.spots import Spot
from cchc_xl.workbook.layout import CODE, HEAD_ROWS, LABEL, NOTE, VALUE, name_of, places, sheet_of

_Row = tuple[str, int, str, str]  # key, 0-based row, printed code, label
_KEPT: dict[int, "_Issue"] = {}  # one: a round is read by one edition


class _Issue(NamedTuple):
    """The rows of an edition that have a cell: their names with what these refer to, and each form's on its sheet."""

    edition: Edition
    names: Mapping[str, str]
    forms: Mapping[str, tuple[_Row, ...]]


def spots_as_issued(book: Book, labels: Labels) -> dict[str, Spot] | None:
    """The spot of each row that has a cell; None when anything is not as issued: then one has to look closer."""
    issue = _issue_of(labels.edition)
    names = [(name.name, name.refers_to) for name in book.names if name.name.upper().startswith(OWN_PREFIXES[0])]
    if len(names) != len(issue.names) or dict(names) != issue.names:
        return None
    spots: dict[str, Spot] = {}
    for title, rows in issue.forms.items():
        entry = book.titled(title)
        sheet = book.sheet(entry) if entry else None
        if sheet is None or not _has_heads(sheet, labels):
            return None
        for key, row, code, label in rows:
            if sheet.text_at(row, CODE).strip() != code or sheet.text_at(row, LABEL) != label:
                return None
            spots[key] = Spot(key, sheet, row, VALUE, NOTE)
    return spots


def _has_heads(sheet: SheetIn, labels: Labels) -> bool:
    return any(labels.is_value_head(sheet.text_at(row, VALUE)) for row in HEAD_ROWS) and any(
        labels.is_note_head(sheet.text_at(row, NOTE)) for row in HEAD_ROWS
    )


def _issue_of(edition: Edition) -> _Issue:
    kept = _KEPT.get(id(edition))
    if kept is None or kept.edition is not edition:
        where = places(edition)
        with_cells = [row for row in edition.indicators if row.has_cell]
        forms = {
            sheet_of(edition, form): tuple(
                (row.key, where[row.key].row, row.printed_code, row.label) for row in form.indicators if row.has_cell
            )
            for form in edition.forms
        }
        kept = _Issue(edition, {name_of(row): where[row.key].absolute() for row in with_cells}, forms)
        _KEPT.clear()
        _KEPT[id(edition)] = kept
    return kept

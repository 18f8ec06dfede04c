"""One mark instead of KPS in every row left blank: "the other rows of this form: nothing to report"."""

from collections.abc import Mapping
from dataclasses import replace

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cell, Edition, Entry, Indicator, State
from cchc_xl.relations.excel import trimmed
from cchc_xl.relations.rules import is_foreign
from cchc_xl.relations.rules import trimmed as trimmed_text
from cchc_xl.text import label_key
from cchc_xl.workbook.incoming.locate import Spot
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.layout import ECHO, FIRST_ROW, address

MARK_ROW, MARK_COLUMN = 3, ECHO + 1  # beside the form's title, outside the print area; its label stands before it
MARK = "x"


def takes_mark(row: Indicator, level: str) -> bool:
    """Rows that the mark answers when they are blank: numbers of this level. A choice is made by hand."""
    return row.cell is Cell.ANSWER and not row.choices and not is_foreign(row, level)


def mark_test() -> str:
    """True in a formula of the form's sheet when the mark is set."""
    cell = address(MARK_ROW, MARK_COLUMN)
    said = trimmed(f"${cell[0]}${cell[1:]}")
    return f'UPPER({said})="{MARK.upper()}"'


def answered_by_mark(
    edition: Edition, level: str, spots: Mapping[str, tuple[Spot, ...]], entries: Mapping[str, Entry]
) -> dict[str, Entry]:
    """The blank entries of a file that a form's mark answers, as none arising."""
    found: dict[str, Entry] = {}
    for form in edition.forms:
        sheets = {spot.sheet.name: spot.sheet for row in form.indicators for spot in spots[row.key]}
        if not any(_is_marked(sheet) for sheet in sheets.values()):
            continue
        for row in form.indicators:
            entry = entries.get(row.key)
            if entry and entry.state is State.BLANK and not (entry.raw or "").strip() and takes_mark(row, level):
                found[row.key] = replace(entry, state=State.NONE_ARISING)
    return found


def _is_marked(sheet: SheetIn) -> bool:
    rest = str(words("sheets")["form"]["rest"])
    if sheet.text_at(MARK_ROW, MARK_COLUMN - 1) == rest:  # where it was issued
        return trimmed_text(sheet.text_at(MARK_ROW, MARK_COLUMN)).upper() == MARK.upper()
    label = label_key(rest)
    return any(
        label_key(cell.text or "") == label
        for (row, column), cell in sheet.cells.items()
        if row < FIRST_ROW and cell.is_text and trimmed_text(sheet.text_at(row, column + 1)).upper() == MARK.upper()
    )

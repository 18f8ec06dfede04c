"""One cell of a form, as stored, becomes an answer or is said to be unreadable. Never silently 0."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from cchc_xl.model import Entry, Finding, Indicator, Severity, State
from cchc_xl.number import HUNDRED, from_cell, from_text, tidy
from cchc_xl.relations.rules import is_foreign
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.locate import Spot
from cchc_xl.workbook.incoming.sheet_in import CellIn, Merge
from cchc_xl.workbook.incoming.styles_in import DATE, PERCENT, PLAIN
from cchc_xl.workbook.layout import address

_STATES = {
    "": State.NUMBER,
    "none_arising": State.NONE_ARISING,
    "not_applicable": State.NOT_APPLICABLE,
    "blank": State.BLANK,
    "unreadable": State.UNREADABLE,
}
_FIFTEEN_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)  # what Excel shows and computes with
_USUAL_NUMBER = 24  # characters; longer ones are not kept for the next workbook
_SHOWN = 80  # characters of a cell repeated in a sentence


class Answer(NamedTuple):
    """An entry with what is to be said about how it was read."""

    entry: Entry
    findings: tuple[Finding, ...] = ()


def blank_state(indicator: Indicator, level: str) -> State:
    """A blank row of another level is none of this unit's business."""
    return State.NOT_APPLICABLE if is_foreign(indicator, level) else State.BLANK


def content(spot: Spot) -> CellIn | None:
    """The cell that holds the value: of a range merged within the row, its first cell."""
    return _content(spot, merge_at(spot))


def _content(spot: Spot, merge: Merge | None) -> CellIn | None:
    column = merge.left if merge and merge.top == merge.bottom else spot.column
    return spot.sheet.cells.get((spot.row, column))


def merge_at(spot: Spot) -> Merge | None:
    row, column = spot.row, spot.column
    for merge in spot.sheet.merges:
        top, left, bottom, right = merge
        if top <= row <= bottom and left <= column <= right:
            return merge
    return None


def entry_at(
    spot: Spot,
    indicator: Indicator,
    level: str,
    cell: CellIn | None,
    number: Decimal | None = None,
    *,
    intact: bool = False,
    stored: Decimal | None = None,
) -> Entry:
    """The entry of a spot with place, text, formula and Ghi chú; blank, unless its ``number`` is known.

    ``cell``: its ``content``.
    """
    key, sheet, row, column, beside = spot
    formula = None if cell is None or cell.formula is None else "=" + cell.formula.lstrip("=")
    return Entry(
        key=key,
        state=blank_state(indicator, level) if number is None else State.NUMBER,
        value=number,
        raw=cell.text if cell else None,
        formula=formula,
        intact=intact,
        stored=stored,
        sheet=sheet.name,
        cell=address(row, column),
        note="" if beside is None else sheet.text_at(row, beside).strip(),
    )


def answer(spot: Spot, indicator: Indicator, book: Book, level: str) -> Answer:
    """Read an answer cell. A formula of the clerk's own counts with its stored value, and is said."""
    merge = merge_at(spot)
    cell = _content(spot, merge)
    number = _plain_number(cell, book) if cell and not merge else None
    if number is not None:  # nearly every answer
        return Answer(entry_at(spot, indicator, level, cell, number))
    entry = entry_at(spot, indicator, level, cell)
    merged = _merged(spot, indicator, merge) if merge else ()
    if cell is None or (cell.formula is None and not (cell.text or "").strip()):
        return Answer(entry=entry, findings=merged)
    if cell.formula is not None and not cell.has_stored:
        shown = replace(entry, raw=entry.formula)
        return Answer(entry=replace(entry, state=State.UNREADABLE), findings=(*merged, unreadable(shown)))
    read = value(entry, cell, indicator, book, level)
    if cell.formula is None or read.entry.state is State.UNREADABLE:
        return read._replace(findings=(*merged, *read.findings)) if merged else read
    typed = note("number-typed-formula", read.entry, formula=(entry.formula or "")[:_SHOWN])
    return read._replace(findings=(*merged, typed, *read.findings))


def _plain_number(cell: CellIn, book: Book) -> Decimal | None:
    """The number of a cell about which there is nothing to say; None: look closer."""
    kind, text, formula, style = cell
    if kind != "n" or not text or formula is not None or not book.formats_known or book.format_kind(style) != PLAIN:
        return None
    return number_of(text)


def value(entry: Entry, cell: CellIn, indicator: Indicator, book: Book, level: str) -> Answer:
    """The stored value of a cell through the door for numbers."""
    if cell.is_text:
        return _text(entry, cell.text or "", indicator, level)
    if cell.kind == "n":
        return _number(entry, cell, indicator, book)
    found = "number-error-cell" if cell.kind == "e" else "number-date" if cell.kind == "d" else "number-unreadable"
    return Answer(entry=replace(entry, state=State.UNREADABLE), findings=(unreadable(entry, found),))


def _number(entry: Entry, cell: CellIn, indicator: Indicator, book: Book) -> Answer:
    number = number_of(cell.text or "")
    if number is None:
        return Answer(entry=replace(entry, state=State.UNREADABLE), findings=(unreadable(entry),))
    kind = book.format_kind(cell.style)
    if kind == DATE:
        return Answer(entry=replace(entry, state=State.UNREADABLE), findings=(unreadable(entry, "number-date"),))
    if kind == PERCENT and indicator.is_percent:
        points = tidy(number * HUNDRED)
        read = replace(entry, state=State.NUMBER, value=points)
        return Answer(entry=read, findings=(note("number-percent-cell", read, stored=number),))
    read = replace(entry, state=State.NUMBER, value=number)
    if not book.formats_known and indicator.is_percent and 0 < number <= 1:  # nor does it tell % formats
        return Answer(entry=read, findings=(note("number-two-ways", read),))
    return Answer(entry=read)


def _text(entry: Entry, text: str, indicator: Indicator, level: str) -> Answer:
    reading = from_text(text, indicator.kind, indicator.choices)
    state = _STATES[reading.word]
    if state is State.UNREADABLE:
        return Answer(entry=replace(entry, state=state), findings=(unreadable(entry),))
    if state is State.BLANK:
        state = blank_state(indicator, level)
    read = replace(entry, state=state, value=reading.value)
    return Answer(entry=read, findings=(note(reading.doubt, read),) if reading.doubt else ())


def note(finding: str, entry: Entry, **args: object) -> Finding:
    """A note on how a cell was read."""
    return Finding(
        id=finding,
        severity=Severity.NOTE,
        key=entry.key,
        sheet=entry.sheet,
        cell=entry.cell,
        found=entry.value,
        args={"raw": (entry.raw or "").strip()[:_SHOWN], **args},
    )


def unreadable(entry: Entry, finding: str = "number-unreadable") -> Finding:
    return replace(note(finding, entry), severity=Severity.ERROR, rule=entry.key, found=None)


def heading(spot: Spot, indicator: Indicator, level: str) -> Answer:
    """A heading has no value; what somebody typed there is said, not counted."""
    cell = content(spot)
    entry = entry_at(spot, indicator, level, cell)
    if cell is None or not (cell.text or "").strip():
        return Answer(entry=entry)
    return Answer(entry=entry, findings=(note("number-heading", entry),))


def _merged(spot: Spot, indicator: Indicator, merge: Merge) -> tuple[Finding, ...]:
    """Cells of several rows merged into one: only the first row keeps an answer."""
    if merge.top == merge.bottom:
        return ()
    reference = f"{address(merge.top, merge.left)}:{address(merge.bottom, merge.right)}"
    said = Finding(
        id="layout-merged",
        severity=Severity.WARNING,
        key=indicator.key,
        sheet=spot.sheet.name,
        cell=spot.cell,
        args={"range": reference},
    )
    return (said,)


def chosen(answers: tuple[Answer, ...]) -> Answer:
    """One answer of a row that stands in several places: a blank never replaces an answer, two must be equal."""
    given = [one for one in answers if one.entry.answered or one.entry.state is State.UNREADABLE]
    if not given:
        return answers[0]
    first = given[0]
    if all((one.entry.state, one.entry.value) == (first.entry.state, first.entry.value) for one in given):
        return first
    places = ", ".join(f"{one.entry.sheet}!{one.entry.cell}" for one in given)
    finding = replace(
        note("layout-row-twice", first.entry, places=places), severity=Severity.ERROR, rule=first.entry.key, found=None
    )
    return Answer(entry=replace(first.entry, state=State.UNREADABLE, value=None), findings=(finding,))


def stored_number(cell: CellIn | None) -> Decimal | None:
    """The number stored in a cell; None for text, errors and nothing."""
    return number_of(cell.text) if cell and cell.kind == "n" and cell.text else None


def number_of(text: str) -> Decimal | None:
    """A stored number as Excel shows it: 127.00000000000001, left over by an addition, is 127."""
    return _kept_number(text) if len(text) <= _USUAL_NUMBER else _number_of(text)


def _number_of(text: str) -> Decimal | None:
    number = from_cell(text)
    return None if number is None else tidy(_FIFTEEN_DIGITS.create_decimal(number))


_kept_number = lru_cache(maxsize=8192)(_number_of)  # small numbers come again and again

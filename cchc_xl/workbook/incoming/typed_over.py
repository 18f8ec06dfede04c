"""Numbers typed over the formulas of a master of ours, offered as lines of ``Điều chỉnh``. Nothing is applied.

A unit's cell names its unit. A figure over several units names none, so that a person says whose number is meant;
where the figure is the consolidating unit's own number, it names that one.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.model import CorrectionLine, Edition, Form, Indicator, Method, Whole
from cchc_xl.text import code_key, label_key
from cchc_xl.workbook import sources
from cchc_xl.workbook.incoming.answers import number_of
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.sheet_in import CellIn, SheetIn
from cchc_xl.workbook.incoming.side_sheets import shown
from cchc_xl.workbook.incoming.source_rows import numbered_rows
from cchc_xl.workbook.layout import CODE, LABEL, UNIT_NAME, VALUE, address, sheet_of

_FIRST_UNIT = 3  # column of Chi tiết
_HIGHEST_HEAD = 30  # rows
_PLAIN_REFERENCE = re.compile(r"^=?(?:\$?'?[^'!]+'?[.!])?\$?[A-Z]{1,3}\$?\d+$")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_OWN_STANDS = (Method.OWN, Method.SAME, Method.MEAN, Method.REDUCTION, Method.BOUNDS)


Sent = Mapping[tuple[str, str, str], Decimal | None]  # (unit code, key, sha256) -> the answer


def typed_over(book: Book, edition: Edition, file: str, sent: Sent) -> tuple[CorrectionLine, ...]:
    """A line for each cell of ``Biểu`` and ``Chi tiết`` that holds something else than our formula.

    And for each source row whose number is not that of the unit's workbook (``sent``). Raises Refused.
    """
    own = book.constant(UNIT_NAME) or ""
    found: list[CorrectionLine] = []
    for form in edition.forms:
        found += _in_sources(book, form, file, sent)
        found += _on_form(book, edition, form, own, file)
        found += _on_detail(book, form, own, file)
    return tuple(found)


def _on_form(book: Book, edition: Edition, form: Form, own: str, file: str) -> Iterator[CorrectionLine]:
    entry = book.titled(sheet_of(edition, form))
    if entry is None:
        return
    sheet = book.sheet(entry)
    for indicator, row in _rows(sheet, form):
        cell = sheet.cells.get((row, VALUE))
        if cell and _is_typed(cell):
            unit = own if _is_owns(indicator) else ""
            yield _line(book, sheet, (row, VALUE), indicator, unit, file)
    book.forget(entry)


def _on_detail(book: Book, form: Form, own: str, file: str) -> Iterator[CorrectionLine]:
    entry = book.titled(words("master")["sheets"]["detail"].format(form=form.number))
    if entry is None:
        return
    sheet = book.sheet(entry)
    columns = _columns(sheet, own, with_units=book.titled(sources.sheet_name(form.number)) is not None)
    for indicator, row in _rows(sheet, form):
        for column, unit in columns.items():
            cell = sheet.cells.get((row, column))
            if cell and _is_typed(cell):
                whose = unit if unit is not None else own if _is_owns(indicator) else ""
                yield _line(book, sheet, (row, column), indicator, whose, file)
    book.forget(entry)


def _in_sources(book: Book, form: Form, file: str, sent: Sent) -> Iterator[CorrectionLine]:
    entry = book.titled(sources.sheet_name(form.number))
    if entry is None:
        return
    sheet = book.sheet(entry)
    by_key = {indicator.key: indicator for indicator in form.indicators}
    titles = {title: name for name, title in zip(sources.COLUMNS, sources.header(), strict=True)}
    value = next(
        (c for (row, c), cell in sheet.cells.items() if row == 0 and titles.get(cell.text or "") == "value"), 0
    )
    for row, said in numbered_rows(sheet):
        mark = (said["unit_code"], said["key"], said["sha256"])
        if mark in sent and said["key"] in by_key and (row, value) in sheet.cells:
            number = number_of(said["value"])
            was = sent[mark]
            if number is None or was is None or float(number) != float(was):
                yield _line(book, sheet, (row, value), by_key[said["key"]], said["unit_code"], file)
    book.forget(entry)


def _rows(sheet: SheetIn, form: Form) -> Iterator[tuple[Indicator, int]]:
    """Where each row of the form stands now: known by its code and label, in their order."""
    places: dict[tuple[str, str], list[int]] = {}
    for row in sorted({row for row, column in sheet.cells if column == LABEL}):
        named = (code_key(sheet.text_at(row, CODE)), label_key(sheet.text_at(row, LABEL)))
        places.setdefault(named, []).append(row)
    for indicator in form.indicators:
        label = label_key(indicator.label)
        codes = (code_key(indicator.printed_code), code_key(indicator.code))
        rows = next((rows for code in codes if (rows := places.get((code, label)))), None)
        if rows:
            yield indicator, rows.pop(0)


def _columns(sheet: SheetIn, own: str, *, with_units: bool) -> Mapping[int, str | None]:
    """Column -> unit code; None for the blocks over all units. Without source rows the units' cells are no formulas."""
    head = words("master")["detail"]["code"]
    top = next((row for row in range(_HIGHEST_HEAD) if sheet.text_at(row, CODE) == head), None)
    if top is None:
        return {}
    columns: dict[int, str | None] = {}
    column = _FIRST_UNIT
    while sheet.text_at(top + 1, column):
        if with_units:
            columns[column] = sheet.text_at(top + 1, column).strip()
        column += 1
    blocks = max(column, _FIRST_UNIT + 1)
    return {**columns, blocks: None, blocks + 1: own, blocks + 2: None}


def _is_typed(cell: CellIn) -> bool:
    """Does something of a person's stand there: a value without formula, or another formula than ours?

    Ours are one IF around everything, or a plain reference.
    """
    if cell.formula is None:
        return bool((cell.text or "").strip())
    bare = cell.formula.lstrip("=").strip()
    return not (_is_one_if(bare) or _PLAIN_REFERENCE.match(bare))


def _is_one_if(formula: str) -> bool:
    """``IF(a,b,c)`` and not ``IF(a,b,c)+SUM(d)``: the first bracket is closed by the last one."""
    bare = _QUOTED.sub("", formula)
    if not (bare.startswith("IF(") and bare.endswith(")")):
        return False
    depth = 0
    for sign in bare[2:-1]:
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return False
    return True


def _is_owns(indicator: Indicator) -> bool:
    """Is the figure of the whole the consolidating unit's own number where it gives one?"""
    return indicator.method in _OWN_STANDS or indicator.whole is Whole.OWN


def _line(
    book: Book, sheet: SheetIn, place: tuple[int, int], indicator: Indicator, unit: str, file: str
) -> CorrectionLine:
    cell = sheet.cells[place]
    number: Decimal | None = number_of(cell.text) if cell.kind == "n" and cell.text else None
    value = f"{number:f}" if number is not None else shown(cell, book)
    return CorrectionLine(
        unit=unit,
        key=indicator.key,
        value=value,
        number=number,
        origin=f"{file}, {sheet.name}!{address(*place)}: {value}",
        file=file,
    )

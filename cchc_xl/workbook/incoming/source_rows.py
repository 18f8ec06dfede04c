"""A master read as what the next level up gets: the entries on its sheets of source rows, never its forms' cells."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cell, Edition, Entry, Finding, Indicator, Severity, State, Submission, UnitName
from cchc_xl.number import from_cell, from_text
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook import sources
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.identity import Identity
from cchc_xl.workbook.incoming.said_in import read_said
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.layout import KIND_NAME, MASTER_KIND

_Source = tuple[str, str, str, str]  # unit code, role, file, sha256


def is_master(book: Book, edition: Edition) -> bool:
    """Does the file say it is a master, or has it the sheets of one?"""
    if book.properties.get(KIND_NAME, "") == MASTER_KIND:
        return True
    return any(book.titled(sources.sheet_name(form.number)) for form in edition.forms)


def has_sources(book: Book, edition: Edition) -> bool:
    """Are the sheets of source rows there, one for each form?"""
    return all(book.titled(sources.sheet_name(form.number)) for form in edition.forms)


def read_sources(book: Book, edition: Edition, identity: Identity, file: str, sha256: str) -> tuple[Submission, ...]:
    """One submission a unit and original file, in the order of the rows. May raise Refused.

    ``file`` and ``sha256`` are those of the unit's own workbook, so that a number's origin is never lost and a
    workbook handed in beside the master that holds it is known as the same; the master's stand in where a row
    names none.
    """
    units: dict[_Source, tuple[str, str, dict[str, Entry]]] = {}
    for row in _rows(book, edition):
        entry = _entry(row, edition)
        if entry is None or not row["unit_code"]:
            continue
        source = (row["unit_code"], row["role"], row["file"] or file, row["sha256"] or sha256)
        units.setdefault(source, (row["unit_name"], row["level"], {}))[2][entry.key] = entry
    said = read_said(book, edition)
    return tuple(
        Submission(
            file=source[2],
            sha256=source[3],
            edition=edition.id,
            period=identity.period,
            unit=UnitName(code=source[0], name=name),
            level=level or edition.level,
            entries=_complete(entries, edition),
            findings=tuple(_told(entry) for entry in entries.values() if entry.sent and entry.corrected),
            relayed=True,
            **said.get(source[:2], {}),
        )
        for source, (name, level, entries) in units.items()
    )


def _complete(entries: Mapping[str, Entry], edition: Edition) -> dict[str, Entry]:
    """Every row of the edition; a formula cell whose number follows from its parts is as issued."""
    made = {key: entries.get(key) or Entry(key=key, state=State.BLANK) for key in edition.by_key}
    for indicator in edition.indicators:
        entry = made[indicator.key]
        if indicator.cell is Cell.FORMULA and entry.formula and recomputed(indicator, made) == entry.value:
            made[indicator.key] = replace(entry, intact=True)
    return made


def _told(entry: Entry) -> Finding:
    """The next level up is told which numbers are not those the unit sent."""
    assert entry.sent
    return Finding(
        id="number-corrected-below",
        severity=Severity.NOTE,
        key=entry.key,
        sheet=entry.sheet,
        cell=entry.cell,
        found=entry.value,
        args={"sent": entry.sent.amount, "now": entry.value, "why": entry.corrected},
    )


def _rows(book: Book, edition: Edition) -> Iterator[dict[str, str]]:
    for form in edition.forms:
        entry = book.titled(sources.sheet_name(form.number))
        if entry:
            yield from _rows_of(book.sheet(entry))
            book.forget(entry)


def _rows_of(sheet: SheetIn) -> Iterator[dict[str, str]]:
    return (row for _, row in numbered_rows(sheet))


def numbered_rows(sheet: SheetIn) -> Iterator[tuple[int, dict[str, str]]]:
    """(0-based row, column id -> text); columns are known by their titles, in any order."""
    titles = {title: name for name, title in zip(sources.COLUMNS, sources.header(), strict=True)}
    columns = {
        column: titles[cell.text] for (row, column), cell in sheet.cells.items() if row == 0 and cell.text in titles
    }
    rows: dict[int, dict[str, str]] = {}
    for (row, column), cell in sheet.cells.items():
        name = columns.get(column)
        if row and name:
            rows.setdefault(row, dict.fromkeys(sources.COLUMNS, ""))[name] = cell.text or ""
    return iter((row, rows[row]) for row in sorted(rows))


def _entry(row: Mapping[str, str], edition: Edition) -> Entry | None:
    indicator = edition.by_key.get(row["key"])
    state = {word: State(name) for name, word in sources.state_words().items()}.get(row["state"])
    if indicator is None or state is None:
        return None
    value = _value(row["value"], indicator)
    if state is State.NUMBER and value is None:
        state = State.UNREADABLE
    entry = Entry(
        key=indicator.key,
        state=state,
        value=value if state is State.NUMBER else None,
        raw=row["raw"] or None,
        formula=row["formula"] or None,
        sheet=row["sheet"],
        cell=row["cell"],
        note=row["note"],
    )
    return _corrected(entry, row, indicator) if row["corrected"] else entry


def _value(text: str, indicator: Indicator) -> Decimal | None:
    value = from_cell(text) if text else None
    return from_text(text, indicator.kind, indicator.choices).value if text and value is None else value


def _corrected(entry: Entry, row: Mapping[str, str], indicator: Indicator) -> Entry:
    """The number that the office below put in the place of what the unit sent, with that beside it."""
    value = _value(row["corrected"], indicator)
    state = State.BLANK if value is None else State.NUMBER
    follows = row["correction"] == words("master")["sources"]["follows"]
    return replace(entry, state=state, value=value, sent=entry, corrected="" if follows else row["correction"])


def sent_in(book: Book, form: int) -> dict[tuple[str, str], str]:
    """(unit code, key) -> the answer of each source row of a form, as Điều chỉnh writes it: ``63.6``, KPS, a word."""
    entry = book.titled(sources.sheet_name(form))
    if entry is None:
        return {}
    states = sources.state_words()
    said = {states[State.NUMBER]: "", states[State.NONE_ARISING]: words("master")["detail"]["none_arising"]}
    found: dict[tuple[str, str], str] = {}
    for row in _rows_of(book.sheet(entry)):
        number = from_cell(row["corrected"] or row["value"])
        word = said.get(row["state"], row["state"]) if not row["corrected"] else ""
        text = word or (f"{number:f}" if number is not None else row["corrected"])
        found[row["unit_code"], row["key"]] = text
    book.forget(entry)
    return found

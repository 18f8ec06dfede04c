"""Ratio and total cells: is the issued formula still there, and what does it give? Stored values are never believed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from cchc_xl.model import Cell, Edition, Entry, Finding, Indicator, Severity, State
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook.incoming.answers import Answer, blank_state, chosen, content, entry_at, note, stored_number, value
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.formulas import Cell as CellPlace
from cchc_xl.workbook.incoming.formulas import Verdict, compared, spelled
from cchc_xl.workbook.incoming.locate import Spot
from cchc_xl.workbook.incoming.sheet_in import CellIn
from cchc_xl.workbook.layout import FIRST_ROW, HELPER_STATE, VALUE, Place, issued_formula, places

NOWHERE = (-1, -1)
_KEPT: dict[int, "Issued"] = {}
_NEAR = Decimal("1e-9")
_RATIOS = (
    'IF(AND(ISNUMBER({a}),ISNUMBER({b})),IF({b}=0,"",ROUND(100*{a}/{b},1)),IF(AND({s}=2,SUM({b})>0),0,""))',
    'IF({b}=0,"",ROUND(100*{a}/{b},1))',
    'IF({b}=0,"",ROUND({a}/{b}*100,1))',
    'IFERROR(ROUND(100*{a}/{b},1),"")',
    'IFERROR(ROUND({a}/{b}*100,1),"")',
    "ROUND(100*{a}/{b},1)",
    "ROUND({a}/{b}*100,1)",
)


class Issued(NamedTuple):
    """Where everything stands as issued, and the formulas there, each after those it uses."""

    edition: Edition
    places: Mapping[str, Place]
    formulas: Mapping[str, str]  # key -> text
    rows: tuple[Indicator, ...]  # of the formulas


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What formula cells are judged on: the file, where everything stands in it, and what was issued."""

    book: Book
    edition: Edition
    level: str
    spots: Mapping[str, tuple[Spot, ...]]
    issued: Mapping[str, Place]
    formulas: Mapping[str, str]  # key -> the issued formula


def read_formulas(
    book: Book, edition: Edition, level: str, spots: Mapping[str, tuple[Spot, ...]], entries: dict[str, Entry]
) -> tuple[Finding, ...]:
    """Add the entries of all formula cells to ``entries``; returns what is to be said about them."""
    _, issued, formulas, rows = _issued(edition)
    ground = Ground(book=book, edition=edition, level=level, spots=spots, issued=issued, formulas=formulas)
    findings: list[Finding] = []
    calculated = any(cell.has_stored for cell in _formula_cells(rows, spots))
    for indicator in rows:
        read = _read(indicator, ground, entries, calculated=calculated)
        entries[indicator.key] = read.entry
        findings += read.findings
    waiting = sum(1 for one in rows if entries[one.key].intact and entries[one.key].value is not None)
    if waiting and not calculated and book.formulas_known:
        findings.append(Finding(id="formula-not-calculated", severity=Severity.NOTE, args={"count": waiting}))
    return tuple(findings)


def _issued(edition: Edition) -> Issued:
    """Kept, for a round is read by one edition."""
    kept = _KEPT.get(id(edition))
    if kept is None or kept.edition is not edition:
        where = places(edition)
        rows = _in_order([one for one in edition.indicators if one.cell is Cell.FORMULA])
        _KEPT.clear()
        kept = _KEPT[id(edition)] = Issued(edition, where, {one.key: issued_formula(one, where) for one in rows}, rows)
    return kept


def _formula_cells(rows: Iterable[Indicator], spots: Mapping[str, tuple[Spot, ...]]) -> Iterable[CellIn]:
    for indicator in rows:
        for spot in spots[indicator.key]:
            cell = content(spot)
            if cell and cell.formula is not None:
                yield cell


def _in_order(rows: list[Indicator]) -> tuple[Indicator, ...]:
    """Formulas after the formulas they use."""
    pending = {one.key: one for one in rows}
    ordered: list[Indicator] = []
    while pending:
        ready = [one for one in pending.values() if not any(part in pending for part in _parts(one))]
        ordered += ready or list(pending.values())
        for one in ordered:
            pending.pop(one.key, None)
    return tuple(ordered)


def _parts(indicator: Indicator) -> tuple[str, ...]:
    return indicator.ratio_of or indicator.total_of


def _read(indicator: Indicator, ground: Ground, entries: Mapping[str, Entry], *, calculated: bool) -> Answer:
    expected = recomputed(indicator, entries)
    spots = ground.spots[indicator.key]
    if not spots:
        return Answer(entry=Entry(key=indicator.key, state=blank_state(indicator, ground.level)))
    answers = tuple(_one(indicator, spot, ground, expected, calculated=calculated) for spot in spots)
    intact = [one for one in answers if one.entry.intact]
    return intact[0] if len(intact) == len(answers) else chosen(answers)


def _one(indicator: Indicator, spot: Spot, ground: Ground, expected: Decimal | None, *, calculated: bool) -> Answer:
    cell = content(spot)
    known = ground.book.formulas_known
    if cell and cell.formula is not None and known:
        verdict = _verdict(indicator, spot, cell.formula, ground)
        if verdict is Verdict.SAME:
            return _intact(indicator, spot, cell, ground, expected, calculated=calculated)
        return _tampered(verdict, entry_at(spot, indicator, ground.level, cell), cell, indicator, ground)
    entry = entry_at(spot, indicator, ground.level, cell)
    if cell is None or (cell.formula is None and not (cell.text or "").strip()):
        gone = replace(note("formula-deleted", entry), found=None, expected=expected)
        return Answer(entry=entry, findings=() if expected is None else (gone,))
    return (_overwritten if known else _value_only)(entry, cell, indicator, ground, expected)


def _intact(
    indicator: Indicator, spot: Spot, cell: CellIn, ground: Ground, expected: Decimal | None, *, calculated: bool
) -> Answer:
    stored = stored_number(cell)
    read = entry_at(spot, indicator, ground.level, cell, expected, intact=True, stored=stored)
    if not calculated or _same(stored, expected):
        return Answer(entry=read)
    finding = replace(note("formula-stored-value", read), found=stored, expected=expected)
    return Answer(entry=read, findings=(finding,))


def _same(stored: Decimal | None, expected: Decimal | None) -> bool:
    if stored is None or expected is None:
        return stored is expected
    return abs(stored - expected) < _NEAR


def _overwritten(entry: Entry, cell: CellIn, indicator: Indicator, ground: Ground, expected: Decimal | None) -> Answer:
    """Typed over: what was typed counts, right or wrong; whether it is right is the checks' matter."""
    read = value(entry, cell, indicator, ground.book, ground.level)
    if read.entry.state is State.UNREADABLE:
        return read
    said = replace(note("formula-overwritten", read.entry), expected=expected)
    if read.entry.value is None:
        said = replace(said, args={**said.args, "found": (entry.raw or "").strip()})
    return read._replace(findings=(said, *read.findings))


def _value_only(entry: Entry, cell: CellIn, indicator: Indicator, ground: Ground, expected: Decimal | None) -> Answer:
    """A file that does not tell formulas: a value as computed passes for one, any other counts as typed.

    The empty text of a formula comes out of .xls as 0.
    """
    stored = stored_number(cell)
    if expected is None and not stored:
        return Answer(entry=replace(entry, intact=True))
    if _same(stored, expected):
        return Answer(entry=replace(entry, state=State.NUMBER, value=expected, intact=True, stored=stored))
    return value(entry, cell, indicator, ground.book, ground.level)


def _tampered(verdict: Verdict, entry: Entry, cell: CellIn, indicator: Indicator, ground: Ground) -> Answer:
    """Another formula than the issued one: its stored value is what the unit sent."""
    name = "formula-shifted" if verdict is Verdict.SHIFTED else "formula-edited"
    said = replace(note(name, entry, formula=(entry.formula or "")[:200]), severity=Severity.WARNING, found=None)
    if not cell.has_stored:
        return Answer(entry=entry, findings=(said,))
    read = value(entry, cell, indicator, ground.book, ground.level)
    stored = replace(read.entry, stored=stored_number(cell))
    return Answer(entry=stored, findings=(said, *read.findings))


def _verdict(indicator: Indicator, spot: Spot, formula: str, ground: Ground) -> Verdict:
    issued, sheet = ground.formulas[indicator.key], spot.sheet.name
    if formula == issued and _is_at_home(indicator, spot, ground):
        return Verdict.SAME
    official = spot.column + HELPER_STATE - VALUE
    stands = _stands(indicator, spot, official, ground)
    if compared(formula, sheet, issued, stands) is Verdict.SAME:
        return Verdict.SAME
    if any(compared(formula, sheet, other, stands) is Verdict.SAME for other in same_meaning(indicator, ground.issued)):
        return Verdict.SAME
    return compared(formula, sheet, issued, _stands(indicator, spot, _state_column(indicator, spot, ground), ground))


def _is_at_home(indicator: Indicator, spot: Spot, ground: Ground) -> bool:
    """Do the row and all its parts stand where they were issued, on one sheet?"""
    for key in (indicator.key, *_parts(indicator)):
        here = next((one for one in ground.spots[key] if one.sheet is spot.sheet), None)
        if here is None or here.column != VALUE or here.row != ground.issued[key].row:
            return False
    return spot.column == VALUE and spot.row == ground.issued[indicator.key].row


def same_meaning(indicator: Indicator, place: Mapping[str, Place]) -> tuple[str, ...]:
    """Formulas that give what the issued one gives: issued before, or put back by a careful hand."""
    if indicator.ratio_of:
        part, base = (place[key] for key in indicator.ratio_of)
        names = {"a": part.cell(), "b": base.cell(), "s": part.cell(HELPER_STATE)}
        return tuple(shape.format(**names) for shape in _RATIOS)
    cells = [place[key].cell() for key in indicator.total_of]
    rows = [place[key].row for key in indicator.total_of]
    adjoining = rows == list(range(rows[0], rows[0] + len(rows)))
    return (f"SUM({','.join(cells)})", "+".join(cells), *((f"SUM({cells[0]}:{cells[-1]})",) if adjoining else ()))


def _stands(indicator: Indicator, spot: Spot, state_column: int, ground: Ground) -> Callable[[CellPlace], CellPlace]:
    """Official cell -> where the same row and column stand on the sheet of ``spot``."""
    form = ground.edition.forms[indicator.form - 1]

    def stands(cell: CellPlace) -> CellPlace:
        row, column = cell
        number = row - FIRST_ROW
        if not 0 <= number < len(form.indicators):
            return NOWHERE
        spots = ground.spots[form.indicators[number].key]
        here = next((one for one in spots if one.sheet is spot.sheet), None)
        if here is None:
            return NOWHERE
        return here.row, state_column if column == HELPER_STATE else here.column + column - VALUE

    return stands


def _state_column(indicator: Indicator, spot: Spot, ground: Ground) -> int:
    """The hidden column of states: where most formulas of the sheet look, when columns were inserted before it."""
    counts: Counter[int] = Counter()
    for one in ground.edition.forms[indicator.form - 1].indicators:
        here = next((two for two in ground.spots[one.key] if two.sheet is spot.sheet), None)
        cell = content(here) if here and one.cell is Cell.FORMULA else None
        if here and cell and cell.formula:
            counts.update(column for _, column in spelled(cell.formula, spot.sheet.name)[1] if column > here.column)
    return counts.most_common(1)[0][0] if counts else spot.column + HELPER_STATE - VALUE

"""Finding each indicator's cell: by its defined name, else by the code and label of its row."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Finding, Form, Indicator, Severity
from cchc_xl.text import code_key
from cchc_xl.workbook.incoming.book_in import Book, SheetEntry
from cchc_xl.workbook.incoming.issued import spots_as_issued
from cchc_xl.workbook.incoming.rows_in import Head, Labels, Row, recognised
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.spots import Spot
from cchc_xl.workbook.incoming.twins import with_twins
from cchc_xl.workbook.layout import CODE, HEAD_ROWS, LABEL, NOTE, VALUE, key_of_name, name_of

LONGEST_CODE = 12  # characters of a printed code
LONGEST_NAME = 40  # of a cell name

_key_of = lru_cache(maxsize=4096)(key_of_name)  # the same names stand in every workbook of a round


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The spots of every key (several where a form is there twice) and what is to be said about the layout."""

    spots: Mapping[str, tuple[Spot, ...]]
    findings: tuple[Finding, ...]


class _Named(NamedTuple):
    """A spot told by a name. ``seen``: the code in its row; ``agrees``: does the row say the same as the name?"""

    spot: Spot
    seen: str
    agrees: bool
    silent: bool  # neither code nor label stand in the row
    beside: bool = False  # it points beside the column of values


def locate(book: Book, edition: Edition) -> Located:
    """Find all rows. May raise Refused (from reading the sheets)."""
    labels = Labels(edition, book.in_time)
    issued = spots_as_issued(book, labels)
    named = _named(book, edition, labels) if issued is None else _all_agreeing(issued)
    trusted = issued or {key for key, ones in named.items() if any(one.agrees for one in ones)}
    all_known = bool(issued) or all(key in trusted for key, one in edition.by_key.items() if one.has_cell)
    coded = _coded(book, labels, named, all_known=all_known)
    spots: dict[str, tuple[Spot, ...]] = {}
    if issued and not coded:
        spots = {key: (issued[key],) if key in issued else () for key in edition.by_key}
        return Located(spots=with_twins(spots | _headings(edition, spots), labels), findings=())
    findings: list[Finding] = []
    by_code: list[str] = []
    for key, indicator in edition.by_key.items():
        ones = named.get(key, ())
        agreeing = tuple(one.spot for one in ones if one.agrees)
        rows = {(spot.sheet.name, spot.row) for spot in agreeing}
        extra = tuple(spot for spot in coded.get(key, ()) if (spot.sheet.name, spot.row) not in rows)
        spots[key] = _distinct((*agreeing, *extra))
        if ones and not agreeing and (extra or not any(one.silent for one in ones)):
            findings += _disagreement(ones, indicator, confirmed=bool(extra))
        elif extra and not agreeing and indicator.has_cell:
            by_code.append(key)
    findings += _believed_in_silence(book, labels, spots, named)
    if all_known:
        spots |= _headings(edition, spots)
    spots = with_twins(spots, labels)
    findings += _missing(edition, spots, named)
    if by_code:
        findings.append(Finding(id="layout-by-code", severity=Severity.NOTE, args={"count": len(by_code)}))
    return Located(spots=spots, findings=tuple(findings))


def _believed_in_silence(
    book: Book, labels: Labels, spots: dict[str, tuple[Spot, ...]], named: Mapping[str, tuple[_Named, ...]]
) -> list[Finding]:
    """Names on rows without code and label, the last resort; not while the row's label stands somewhere else."""
    silent = {key: ones for key, ones in named.items() if not spots[key] and any(one.silent for one in ones)}
    if not silent:
        return []
    elsewhere = _labelled(book, labels)
    findings: list[Finding] = []
    for key, ones in silent.items():
        if key not in elsewhere:
            spots[key] = tuple(one.spot for one in ones if one.silent)
        findings += _disagreement(ones, labels.edition.by_key[key], confirmed=key in elsewhere)
    return findings


def _labelled(book: Book, labels: Labels) -> frozenset[str]:
    """Keys whose label stands anywhere on a sheet that may hold forms."""
    own = _own_sheets()
    texts = {
        cell.text
        for entry in book.sheets
        if entry.title.lower() not in own
        for cell in book.sheet(entry).cells.values()
        if cell.is_text and cell.text
    }
    return frozenset(one.key for text in texts for one in labels.named_by(text))


def _own_sheets() -> frozenset[str]:
    return frozenset(
        words("sheets")["sheets"][name].lower() for name in ("about", "documents", "words", "status", "help")
    )


def _all_agreeing(issued: Mapping[str, Spot]) -> dict[str, tuple[_Named, ...]]:
    return {key: (_Named(spot, "", True, False),) for key, spot in issued.items()}


def _named(book: Book, edition: Edition, labels: Labels) -> dict[str, tuple[_Named, ...]]:
    """Key -> what its defined names point at. Names that point nowhere any more are left out."""
    found: dict[str, list[_Named]] = defaultdict(list)
    heads: dict[int, tuple[Head, ...]] = {}
    columns: dict[tuple[int, int], tuple[int, int, int | None]] = {}
    for name in book.names:
        key = _key_of(name.name) if len(name.name) <= LONGEST_NAME else None
        indicator = edition.by_key.get(key) if key else None
        target = book.place(name) if indicator else None
        if key is None or indicator is None or target is None:
            continue
        entry, row, column = target
        sheet = book.sheet(entry)
        if (entry.number, column) not in columns:
            columns[entry.number, column] = _columns(sheet, entry, column, labels, heads)
        code_column, label_column, note = columns[entry.number, column]
        spot = Spot(key, sheet, row, column, note)
        ones = found[key]
        if not ones or all(other.spot != spot for other in ones):
            ones.append(_judged(spot, indicator, code_column, label_column, labels))
    return _in_their_columns(found, labels)


def _in_their_columns(found: Mapping[str, list[_Named]], labels: Labels) -> dict[str, tuple[_Named, ...]]:
    """Believe no name that points beside the column where its form's values stand: a hidden cell may be there."""
    counts: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    sheets: dict[str, SheetIn] = {}
    for key, ones in found.items():
        form = labels.edition.by_key[key].form
        for (_, sheet, _, column, _), *_ in ones:
            counts[sheet.name, form][column] += 1
            sheets[sheet.name] = sheet
    columns = {place: _value_column(sheets[place[0]], ones, labels) for place, ones in counts.items()}
    if all(set(counts[place]) == {column} for place, column in columns.items()):
        return {key: tuple(ones) for key, ones in found.items()}
    return {
        key: tuple(
            one
            if one.spot.column == columns[one.spot.sheet.name, labels.edition.by_key[key].form]
            else one._replace(agrees=False, silent=False, beside=True)
            for one in ones
        )
        for key, ones in found.items()
    }


def _value_column(sheet: SheetIn, counts: Counter[int], labels: Labels) -> int:
    """The column under the head of values, else the one where most names of the form point."""
    most = counts.most_common(1)[0][0]
    if most == VALUE and any(labels.is_value_head(sheet.text_at(row, most)) for row in HEAD_ROWS):
        return most
    heads = {head.value for head in labels.heads(sheet)}
    return most if not heads or most in heads else max(heads, key=lambda column: (counts[column], -column))


def _columns(
    sheet: SheetIn, entry: SheetEntry, value: int, labels: Labels, heads: dict[int, tuple[Head, ...]]
) -> tuple[int, int, int | None]:
    """Code, label and note columns of a sheet whose values stand in ``value``."""
    if entry.number not in heads:
        official = any(labels.is_note_head(sheet.text_at(row, value + NOTE - VALUE)) for row in HEAD_ROWS)
        heads[entry.number] = () if official else labels.heads(sheet)
    head = next((head for head in heads[entry.number] if head.value == value), None)
    shift = value - VALUE
    note = head.note if head and head.note is not None else value + NOTE - VALUE
    return CODE + shift, LABEL + shift, note


def _judged(spot: Spot, indicator: Indicator, code_column: int, label_column: int, labels: Labels) -> _Named:
    """Hold a name against the code and label of its row, wherever columns were inserted."""
    sheet, row = spot.sheet, spot.row
    code, label = sheet.text_at(row, code_column), sheet.text_at(row, label_column)
    if code.strip() == indicator.printed_code and label == indicator.label:
        return _Named(spot, code, True, False)
    labels.in_time()
    texts = [sheet.text_at(row, column) for column in range(spot.column) if sheet.text_at(row, column).strip()]
    others = [one for text in texts for one in labels.named_by(text)]
    codes = {code_key(text) for text in texts if len(text) < LONGEST_CODE}
    coded = indicator.code in codes
    labelled = any(one.key == indicator.key for one in others)
    if labelled and not coded:  # rows with one label are told apart by their codes
        labelled = not any(one.code in codes for one in others)
    alike = coded and not others and any(labels.agrees(indicator, text) for text in texts)
    bare = coded and not others and len(texts) <= 2  # the label was deleted
    seen = next((text for text in texts if len(text) < LONGEST_CODE), texts[0] if texts else "")
    return _Named(spot=spot, seen=seen[:40], agrees=labelled or alike or bare, silent=not texts)


def _coded(
    book: Book, labels: Labels, named: Mapping[str, tuple[_Named, ...]], *, all_known: bool
) -> dict[str, tuple[Spot, ...]]:
    """Key -> spots by code and label: on sheets without names, and on all of them when a row is still unknown."""
    own = _own_sheets()
    with_names = {one.spot.sheet.name for ones in named.values() for one in ones}
    found: dict[str, list[Spot]] = defaultdict(list)
    for entry in book.sheets:
        if entry.title.lower() in own or (all_known and entry.title in with_names):
            continue
        sheet = book.sheet(entry)
        for row in recognised(sheet, labels, headless=not named):
            _keep(found[row.key], row, sheet)
    return {key: tuple(spots) for key, spots in found.items() if spots}


def _keep(spots: list[Spot], row: Row, sheet: SheetIn) -> None:
    spots.append(Spot(key=row.key, sheet=sheet, row=row.row, column=row.value, note=row.note))


def _distinct(spots: Iterable[Spot]) -> tuple[Spot, ...]:
    return tuple({(spot.sheet.name, spot.row, spot.column): spot for spot in spots}.values())


def _headings(edition: Edition, spots: Mapping[str, tuple[Spot, ...]]) -> dict[str, tuple[Spot, ...]]:
    """Headings have no names: each stands right above the row that follows it."""
    found: dict[str, tuple[Spot, ...]] = {}
    for form in edition.forms:
        below: tuple[Spot, ...] = ()
        for indicator in reversed(form.indicators):
            here = spots[indicator.key]
            if not here and not indicator.has_cell:
                here = found[indicator.key] = tuple(
                    spot._replace(key=indicator.key, row=spot.row - 1)
                    for spot in below[:1]
                    if spot.sheet.text_at(spot.row - 1, spot.column - VALUE + LABEL) == indicator.label
                )
            below = here
    return found


def _disagreement(ones: tuple[_Named, ...], indicator: Indicator, *, confirmed: bool) -> list[Finding]:
    """A name that stands in another row. A row without code and label can't contradict: a warning."""
    one = ones[0]
    severity = Severity.WARNING if one.silent and not confirmed else Severity.ERROR
    return [
        Finding(
            id="layout-name-beside" if one.beside else "layout-name-disagrees",
            severity=severity,
            key=indicator.key,
            sheet=one.spot.sheet.name,
            cell=one.spot.cell,
            args={"name": name_of(indicator), "seen": one.seen or "–"},
        )
    ]


def _missing(
    edition: Edition, spots: Mapping[str, tuple[Spot, ...]], named: Mapping[str, tuple[_Named, ...]]
) -> list[Finding]:
    findings: list[Finding] = []
    for form in edition.forms:
        lost = [one for one in form.indicators if one.has_cell and not spots[one.key] and one.key not in named]
        if not _stands(form, spots) and lost:
            findings.append(Finding(id="layout-form-missing", severity=Severity.WARNING, args={"form": form.number}))
            continue
        findings += [Finding(id="layout-row-missing", severity=Severity.ERROR, key=one.key) for one in lost]
    return findings


def _stands(form: Form, spots: Mapping[str, tuple[Spot, ...]]) -> bool:
    return any(spots[one.key] for one in form.indicators)

"""A workbook against figures from elsewhere, such as the one-stop system's export for each unit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_xl.checking.limits import limit, on_row, severity_of
from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Finding, Indicator, Submission
from cchc_xl.number import HUNDRED, from_text, vietnamese
from cchc_xl.relations.rules import percent_tolerance
from cchc_xl.text import label_key, nfc, without_controls

_SHOWN = 60

Figures = Mapping[tuple[str, str], Decimal]  # unit code, key -> value
Lines = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTable:
    """A table from elsewhere as figures.

    ``units``: the codes it has, as written; ``unclear``: cells that are no number, or several different ones (unit
    code, key -> what stands there); ``ignored``: its columns nobody told us how to compare.
    """

    figures: Figures = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    unclear: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def compare_outside(submission: Submission, outside: OutsideTable, edition: Edition) -> tuple[Finding, ...]:
    """Rows that differ from the outside figure of the same unit, and what could not be compared.

    Empty for a refused file, an unknown unit and an empty table.
    """
    if submission.refused or submission.unit is None or not outside.units:
        return ()
    code = _same_code(submission.unit.code, outside.units)
    if code is not None:
        return tuple(_compared(submission, code, outside, edition))
    if (submission.level or edition.level) != edition.level:
        return ()  # the table is of the units below
    kind = "peer-outside-absent"
    return (Finding(id=kind, severity=severity_of(kind), args={"unit_code": submission.unit.code}),)


def _same_code(code: str, units: Iterable[str]) -> str | None:
    """The code as the table has it: a program that takes codes for numbers drops their leading zeros."""
    if code in units:
        return code
    alike = [one for one in units if one.lstrip("0") == code.lstrip("0")]
    return alike[0] if len(alike) == 1 else None


def _compared(submission: Submission, code: str, outside: OutsideTable, edition: Edition) -> Iterator[Finding]:
    for key, indicator in edition.by_key.items():
        if (code, key) in outside.unclear:
            yield on_row("peer-outside-unclear", submission, key, said=outside.unclear[code, key])
            continue
        figure = outside.figures.get((code, key))
        if figure is None:
            continue
        given = submission.entries[key].amount
        if given is None:
            yield on_row("peer-outside-blank", submission, key, expected=figure)
        elif _differs(given, figure, indicator):
            weak = _is_small(given, figure, indicator)
            yield on_row("peer-outside", submission, key, weak=weak, found=given, expected=figure)


def _differs(given: Decimal, outside: Decimal, indicator: Indicator) -> bool:
    if indicator.is_percent:
        return abs(given - outside) > percent_tolerance(given) + percent_tolerance(outside)
    return given != outside


def _is_small(given: Decimal, outside: Decimal, indicator: Indicator) -> bool:
    if indicator.is_percent:
        return abs(given - outside) <= limit("outside", "percent_points")
    return abs(given - outside) * HUNDRED <= limit("outside", "small_percent") * outside


def figures_of(table: Lines, edition: Edition, columns: Mapping[str, str] | None = None) -> OutsideTable:
    """A table as figures: one row a unit and a column for each number, or one row a number.

    ``table``: lines of text; the head is the first line with a column for the unit code, titles may stand above it.
    ``columns``: header -> key, beside those kept in ``checks.toml``; a header that is a key (``3/3.3.1``) needs no map.
    One row a number: columns for unit code, key (or a name that is mapped) and value. Headers are compared without
    regard to capitals and blanks.
    """
    known = {label_key(name): key for name, key in (*_default_columns(edition), *(columns or {}).items())}
    cells: dict[tuple[str, str], dict[Decimal | str, None]] = {}
    units: dict[str, None] = {}
    ignored: dict[str, None] = {}
    for code, name, text in _cells(table):
        units[code] = None
        key = known.get(label_key(name), name.replace(" ", "").removesuffix("."))
        if key not in edition.by_key or not edition.by_key[key].has_cell:
            ignored[name] = None
            continue
        reading = from_text(text, edition.by_key[key].kind, edition.by_key[key].choices)
        if reading.value is not None:
            cells.setdefault((code, key), {})[reading.value] = None
        elif reading.word == "unreadable":
            cells.setdefault((code, key), {})[without_controls(text)[:_SHOWN]] = None
    clear = {place: one for place, found in cells.items() if len(found) == 1 for one in found}
    figures = {place: one for place, one in clear.items() if isinstance(one, Decimal)}
    return OutsideTable(
        figures=figures,
        units=frozenset(units),
        unclear={place: _either(found) for place, found in cells.items() if place not in figures},
        ignored=tuple(ignored),
    )


def columns_of(table: Lines, edition: Edition) -> tuple[dict[str, str], tuple[str, ...]]:
    """The staff's own map, two columns (header, key), as header -> key; and the keys in it that there are not."""
    columns: dict[str, str] = {}
    unknown: list[str] = []
    heads = {label_key(name) for name in _said()["map_heads"]}
    for line in table:
        name, key = (nfc(cell) for cell in (*line, "", "")[:2])
        if not name or not key or label_key(name) in heads:
            continue
        key = key.replace(" ", "").removesuffix(".")
        if key in edition.by_key and edition.by_key[key].has_cell:
            columns[name] = key
        else:
            unknown.append(key)
    return columns, tuple(unknown)


def missing_columns(table: Lines, columns: Iterable[str]) -> tuple[str, ...]:
    """Those of the staff's map that the table does not have, neither as a header nor as the name of a number."""
    seen = {label_key(cell) for line in table for cell in line}
    return tuple(name for name in columns if label_key(name) not in seen)


def _cells(table: Lines) -> Iterator[tuple[str, str, str]]:
    """(unit code, name of the number, text) of a table of either form."""
    of_code, of_key, of_value = (
        {label_key(name) for name in _said()[kind]} for kind in ("code_columns", "key_columns", "value_columns")
    )
    lines = iter(table)
    head = next((line for line in lines if any(label_key(cell) in of_code for cell in line)), ())
    heads = [label_key(name) for name in head]
    key_at = next((place for place, name in enumerate(heads) if name in of_key), None)
    value_at = next((place for place, name in enumerate(heads) if name in of_value), None)
    for line in lines:
        code = next((_code(cell) for name, cell in zip(heads, line, strict=False) if name in of_code), "")
        if not code:
            continue
        if key_at is not None and value_at is not None:
            padded = (*line, *[""] * len(heads))
            yield code, nfc(padded[key_at]), padded[value_at]
            continue
        for name, title, cell in zip(heads, head, line, strict=False):
            if name and name not in of_code:
                yield code, nfc(title), cell


def _either(found: Iterable[Decimal | str]) -> str:
    return "; ".join(vietnamese(one) if isinstance(one, Decimal) else one for one in found)


def _code(text: str) -> str:
    code = nfc(text)
    return code.removesuffix(".0") if code.removesuffix(".0").isdigit() else code


def _default_columns(edition: Edition) -> Iterator[tuple[str, str]]:
    """The map of ``checks.toml``, by the keys of this edition; what means something else in it is left out."""
    for name, key in _said()["columns"].items():
        today = edition.code_map.get(key, "") if edition.code_map else key
        if today:
            yield name, today


def _said() -> Mapping:
    return words("checks")["outside"]

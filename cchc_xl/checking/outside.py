"""A workbook against figures from elsewhere, such as the one-stop system's export for each unit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.checking.limits import limit, on_row
from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Finding, Indicator, Submission
from cchc_xl.number import HUNDRED, from_text
from cchc_xl.relations.rules import percent_tolerance
from cchc_xl.text import nfc

Figures = Mapping[tuple[str, str], Decimal]  # unit code, key -> value


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTable:
    """A table from elsewhere as figures; ``ignored``: its columns nobody told us how to compare."""

    figures: Figures
    ignored: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str, str], ...] = ()  # unit code, column, text


def compare_outside(submission: Submission, figures: Figures, edition: Edition) -> tuple[Finding, ...]:
    """Rows that differ from the outside figure of the same unit. Empty for a refused file or an unknown unit."""
    if submission.refused or submission.unit is None:
        return ()
    return tuple(_compared(submission, submission.unit.code, figures, edition))


def _compared(submission: Submission, code: str, figures: Figures, edition: Edition) -> Iterator[Finding]:
    for key, indicator in edition.by_key.items():
        outside = figures.get((code, key))
        if outside is None:
            continue
        given = submission.entries[key].amount
        if given is None:
            yield on_row("peer-outside-blank", submission, key, expected=outside)
        elif _differs(given, outside, indicator):
            weak = _is_small(given, outside, indicator)
            yield on_row("peer-outside", submission, key, weak=weak, found=given, expected=outside)


def _differs(given: Decimal, outside: Decimal, indicator: Indicator) -> bool:
    if indicator.is_percent:
        return abs(given - outside) > percent_tolerance(given) + percent_tolerance(outside)
    return given != outside


def _is_small(given: Decimal, outside: Decimal, indicator: Indicator) -> bool:
    if indicator.is_percent:
        return abs(given - outside) <= limit("outside", "percent_points")
    return abs(given - outside) * HUNDRED <= limit("outside", "small_percent") * outside


def figures_of(
    table: Iterable[Mapping[str, str]], edition: Edition, columns: Mapping[str, str] | None = None
) -> OutsideTable:
    """A table with one row a unit as figures.

    ``table``: rows as header -> text, one column with the unit code. ``columns``: header -> key, beside those kept in
    ``checks.toml``; a header that is a key (``3/3.3.1``) needs no map. Headers are compared without regard to case.
    """
    known = {_head(name): key for name, key in (*_default_columns().items(), *(columns or {}).items())}
    code_heads = {_head(name) for name in words("checks")["outside"]["code_columns"]}
    figures: dict[tuple[str, str], Decimal] = {}
    ignored: dict[str, None] = {}
    unreadable: list[tuple[str, str, str]] = []
    for row in table:
        code = next((nfc(str(text)) for head, text in row.items() if _head(head) in code_heads), "")
        for head, text in row.items() if code else ():
            key = known.get(_head(head), nfc(head))
            if key not in edition.by_key:
                ignored.update({head: None} if _head(head) not in code_heads else {})
                continue
            reading = from_text(str(text), edition.by_key[key].kind, edition.by_key[key].choices)
            if reading.value is not None:
                figures[code, key] = reading.value
            elif reading.word == "unreadable":
                unreadable.append((code, head, str(text)))
    return OutsideTable(figures=figures, ignored=tuple(ignored), unreadable=tuple(unreadable))


def _default_columns() -> Mapping[str, str]:
    return words("checks")["outside"]["columns"]


def _head(name: str) -> str:
    return nfc(name).lower()

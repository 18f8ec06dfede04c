"""The figures of one unit's report: what its rows say, in sentences and in the cells of the official tables.

A ratio or a total is the one recomputed from its parts, whatever was typed over its formula.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.worded import worded
from cchc_xl.model import Cell, Edition, Entry, Form, Indicator, Kind, State
from cchc_xl.number import ZERO, in_prose, vietnamese
from cchc_xl.relations.rules import recomputed

Entries = Mapping[str, Entry]
_PERCENT_DECIMALS = 1
_AMOUNT_DECIMALS = 3
_HEADINGS = (Kind.HEADING,)


def right_entries(given: Entries, edition: Edition) -> Entries:
    """The entries with every formula row recomputed; rows the file did not have are blank.

    A total of which no part was answered stays as typed: nothing contradicts it.
    """
    entries = {key: given.get(key) or Entry(key=key, state=State.BLANK) for key in edition.by_key}
    rows = [row for row in edition.indicators if row.cell is Cell.FORMULA]
    for _ in edition.forms:  # totals of totals, ratios of totals: settled long before
        for row in rows:
            value = recomputed(row, entries)
            if value is None and row.total_of and not entries[row.key].intact:
                continue
            state = State.BLANK if value is None else State.NUMBER
            entries[row.key] = replace(entries[row.key], state=state, value=value)
    return entries


def cell_text(entry: Entry, row: Indicator) -> str:
    """What stands in the value cell of the official table: "63,6", "3.000", "KPS"; "" for no answer."""
    if entry.state is State.NONE_ARISING:
        return str(words("sheets")["answers"]["none_arising"][0])
    if entry.state is not State.NUMBER or not row.has_cell:
        return ""
    return vietnamese(entry.value, _decimals(row))


def _decimals(row: Indicator) -> int:
    return _PERCENT_DECIMALS if row.is_percent else _AMOUNT_DECIMALS


def has_rows(heading: str, edition: Edition) -> bool:
    """Whether figures stand under this heading of the outline when they are given."""
    own = worded(words("commune")["figures"], edition)
    return _form_under(heading, edition) is not None if own is None else heading in own


def sentences(heading: str, entries: Entries, edition: Edition) -> tuple[str, ...]:
    """The sentences under one heading of the outline; empty when none of its rows was answered."""
    own = worded(words("commune")["figures"], edition)
    if own is None:
        return tuple(_generic(heading, entries, edition))
    told = (_sentence(one, entries, edition) for one in own.get(heading, ()))
    return tuple(sentence for sentence in told if sentence)


def _sentence(given: Mapping, entries: Entries, edition: Edition) -> str:
    said = words("commune")["clauses"]
    clauses = [clause for one in given["clauses"] if (clause := _clause(one, entries, edition))]
    return given["lead"] + said["joint"].join(clauses) + said["stop"] if clauses else ""


def _clause(given: Mapping, entries: Entries, edition: Edition) -> str:
    """Empty where the row was not answered, or the row it depends on is not above 0."""
    row, entry = edition.by_key[given["key"]], entries[given["key"]]
    amount = entry.amount
    needed = entries[given["with"]].amount if "with" in given else None
    if amount is None or ("with" in given and not (needed or ZERO) > 0):
        return ""
    if "choices" in given:
        return str(given["choices"].get(f"{amount:f}", "")) if entry.state is State.NUMBER else ""
    if amount == 0 and "none" in given:
        return str(given["none"])
    if entry.state is State.NONE_ARISING:
        return ""
    return str(given["some"]).format(n=_spoken(amount, row))


def _spoken(amount: Decimal, row: Indicator) -> str:
    return vietnamese(amount, _PERCENT_DECIMALS) + "%" if row.is_percent else in_prose(amount, _AMOUNT_DECIMALS)


def _generic(heading: str, entries: Entries, edition: Edition) -> Iterator[str]:
    """One line a row of the form that stands under this heading: the first under the first, and so on."""
    form = _form_under(heading, edition)
    for row in form.indicators if form else ():
        entry = entries[row.key]
        if row.kind not in _HEADINGS and entry.amount is not None:
            yield _line(row, entry, entry.amount)


def _form_under(heading: str, edition: Edition) -> Form | None:
    headings = [part["id"] for part in edition.words["outline"]]  # type: ignore[attr-defined]
    place = headings.index(heading)
    return edition.forms[place] if place < len(edition.forms) else None


def _line(row: Indicator, entry: Entry, amount: Decimal) -> str:
    said, label = words("commune")["clauses"], row.label.rstrip(".")
    if entry.state is State.NONE_ARISING:
        return str(said["generic"]).format(label=label, value=said["none_arising"])
    named = {choice.value: choice.label for choice in row.choices}
    if row.choices:
        return str(said["generic"]).format(label=label, value=named.get(int(amount), vietnamese(amount)))
    unit = "" if row.is_percent else row.unit.lower()
    return str(said["generic_unit" if unit else "generic"]).format(label=label, value=_spoken(amount, row), unit=unit)

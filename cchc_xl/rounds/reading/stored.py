"""A submission as text and back, exactly: how workers hand their results over and how they are remembered.

Rows are by far the most of it, so each is one list of texts in the order of ``Entry``'s fields. Everything else is
written with the name of its type: ``{"Decimal": "63.6"}``. Nothing in a text is ever executed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any

from cchc_xl import model
from cchc_xl.model import Entry, Finding, State, Submission

Checked = tuple[Submission, tuple[Finding, ...] | None]  # None: nobody checked it
Result = str | tuple[Checked, ...]  # what one file gave; as text wherever it can be

_TYPES: Mapping[str, type] = {
    name: one
    for name, one in vars(model).items()
    if isinstance(one, type) and (is_dataclass(one) or issubclass(one, Enum))
}
_PLAIN = frozenset({str, bool, int, float, type(None)})
_NAMES = tuple(field.name for field in fields(Entry))
_ROW = attrgetter(*_NAMES)
_KEY, _STATE = _NAMES.index("key"), _NAMES.index("state")
_NUMBERS = (_NAMES.index("value"), _NAMES.index("stored"))
_STATES: Mapping[str, State] = {state.value: state for state in State}
_MOST_KEPT = 30_000  # rows


def to_text(results: tuple[Checked, ...]) -> str:
    """What one file gave. Raises TypeError for a value that has no form here."""
    return json.dumps([_packed(one, found) for one, found in results], ensure_ascii=False, separators=(",", ":"))


def opened(result: Result, kept: dict[tuple, Entry]) -> tuple[Checked, ...]:
    """What a file gave, out of its text if it is one. ``kept``: see ``from_text``."""
    return from_text(result, kept) if isinstance(result, str) else result


def from_text(text: str, kept: dict[tuple, Entry]) -> tuple[Checked, ...]:
    """The same results again. ``kept``: rows met before; equal ones are shared, so that many files stay small.

    Raises ValueError, KeyError, TypeError or ArithmeticError for a text that ``to_text`` did not make.
    """
    return tuple(_unpacked(one, kept) for one in json.loads(text))


def _packed(submission: Submission, found: tuple[Finding, ...] | None) -> list[object]:
    rows = [_packed_row(_ROW(entry)) for entry in submission.entries.values()]
    rest = {field: _tagged(getattr(submission, field)) for field in _fields_of(Submission)}
    del rest["entries"]
    return [rows, rest, _tagged(found)]


def _packed_row(row: tuple) -> list[object]:
    value, stored = (row[number] for number in _NUMBERS)
    packed = list(row)
    packed[_NUMBERS[0]] = None if value is None else str(value)
    packed[_NUMBERS[1]] = None if stored is None else str(stored)
    for number, one in enumerate(packed):
        if type(one) not in _PLAIN and number != _STATE:
            packed[number] = _tagged(one)
    return packed


def _unpacked(packed: list, kept: dict[tuple, Entry]) -> Checked:
    rows, rest, found = packed
    values = {name: _untagged(value) for name, value in rest.items()}
    entries: dict[str, Entry] = {}
    for row in rows:
        entry = _kept_row(row, kept)
        entries[entry.key] = entry
    return Submission(entries=entries, **values), _untagged(found)


def _kept_row(row: list, kept: dict[tuple, Entry]) -> Entry:
    try:
        entry = kept.get(key := tuple(row))
    except TypeError:  # a row with more than texts
        return _row(row)
    if entry is None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        entry = kept[key] = _row(row)
    return entry


def _row(row: list) -> Entry:
    values = dict(zip(_NAMES, row, strict=True))
    values["state"] = _STATES[values["state"]]
    for number in _NUMBERS:
        text = row[number]
        values[_NAMES[number]] = None if text is None else Decimal(text)
    for name, value in values.items():
        if isinstance(value, dict):
            values[name] = _untagged(value)
    return Entry(**values)


def _tagged(value: object) -> object:
    if type(value) in _PLAIN:
        return value
    name = type(value).__name__
    if type(value) in (tuple, list):
        return {name: [one if type(one) in _PLAIN else _tagged(one) for one in value]}
    if isinstance(value, Mapping):
        return {"dict": [[_tagged(key), _tagged(one)] for key, one in value.items()]}
    if isinstance(value, Decimal):
        return {name: str(value)}
    if _TYPES.get(name) is not type(value):
        raise TypeError(name)
    if isinstance(value, Enum):
        return {name: value.value}
    return {name: {field: _tagged(getattr(value, field)) for field in _fields_of(type(value))}}


@cache
def _fields_of(made: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(made))


def _untagged(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, content),) = value.items()
    if name in _MAKERS:
        return _MAKERS[name](content)
    made = _TYPES[name]
    if issubclass(made, Enum):
        return made(content)
    return made(**{field: _untagged(one) for field, one in content.items()})


_MAKERS: Mapping[str, Callable[[Any], object]] = {
    "tuple": lambda content: tuple(_untagged(one) for one in content),
    "list": lambda content: [_untagged(one) for one in content],
    "dict": lambda content: {_untagged(key): _untagged(one) for key, one in content},
    "Decimal": Decimal,
}

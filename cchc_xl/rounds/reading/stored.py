"""A submission as text and back, exactly: how workers hand their results over and how they are remembered.

A text is lines of JSON: first all that is no row, then row by row, in the order of ``Entry``'s fields. Units give the
same answer in the same cell over and over, so a row met before is neither written nor read anew. Everything that is no
plain text is written with the name of its type: ``{"Decimal": "63.6"}``. Nothing in a text is ever executed.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import islice
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
_STATE, _VALUE, _STORED, _SENT = map(_NAMES.index, ("state", "value", "stored", "sent"))
_STATES: Mapping[str, State] = {state.value: state for state in State}
_MOST_KEPT, _LONGEST_KEPT = 30_000, 400  # rows, and characters of one
_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # never holds an end of line

Rows = dict[tuple, str]  # a row's fields -> its line
Entries = dict[str, Entry]  # a row's line -> the row


def to_text(results: tuple[Checked, ...], known: Rows | None = None) -> str:
    """What one file gave. ``known``: rows met before. Raises TypeError for a value that has no form here."""
    known = {} if known is None else known
    head = _line([_packed(one, found) for one, found in results])
    return "\n".join([head, *(_row_text(entry, known) for one, _ in results for entry in one.entries.values())])


def opened(result: Result, kept: Entries) -> tuple[Checked, ...]:
    """What a file gave, out of its text if it is one. ``kept``: see ``from_text``."""
    return from_text(result, kept) if isinstance(result, str) else result


def from_text(text: str, kept: Entries) -> tuple[Checked, ...]:
    """The same results again. ``kept``: rows met before; equal ones are shared, so that many files stay small.

    Raises ValueError, KeyError, TypeError or ArithmeticError for a text that ``to_text`` did not make.
    """
    head, *lines = text.split("\n")
    rows = iter(lines)
    return tuple(_unpacked(one, islice(rows, one[0]), kept) for one in json.loads(head))


def _packed(submission: Submission, found: tuple[Finding, ...] | None) -> list[object]:
    """How many rows follow, everything else of the submission, what was found."""
    rest = {name: _tagged(getattr(submission, name)) for name in _fields_of(Submission) if name != "entries"}
    return [len(submission.entries), rest, _tagged(found)]


def _row_text(entry: Entry, known: Rows) -> str:
    row = list(_ROW(entry))
    for number in (_VALUE, _STORED):
        if row[number] is not None:
            row[number] = str(row[number])  # 1.0 is not 1
    if row[_SENT] is not None:
        row[_SENT] = _tagged(row[_SENT])
        return _line(row)
    text = known.get(key := tuple(row))
    if text is None:
        if len(known) >= _MOST_KEPT:
            known.clear()
        text = _line(row)
        if len(text) <= _LONGEST_KEPT:
            known[key] = text
    return text


def _unpacked(packed: list, rows: Iterable[str], kept: Entries) -> Checked:
    _, rest, found = packed
    values = {name: _untagged(value) for name, value in rest.items()}
    entries = {entry.key: entry for entry in (kept.get(row) or _entry(row, kept) for row in rows)}
    return Submission(entries=entries, **values), _untagged(found)


def _entry(text: str, kept: Entries) -> Entry:
    row = json.loads(text)
    row[_STATE] = _STATES[row[_STATE]]
    for number in (_VALUE, _STORED):
        if row[number] is not None:
            row[number] = Decimal(row[number])
    row[_SENT] = _untagged(row[_SENT])
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    entry = Entry(**dict(zip(_NAMES, row, strict=True)))
    if len(text) <= _LONGEST_KEPT:
        kept[text] = entry
    return entry


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

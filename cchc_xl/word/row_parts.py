"""What stands in a row of a form in somebody's Word file: code, label, unit, value, note.

Columns come from the head of the table. Where there is none, or the row is built otherwise, they come from what the
edition knows of the row: its label and its unit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Indicator
from cchc_xl.number import from_text
from cchc_xl.text import code_key, label_key
from cchc_xl.word.table_reading import Line

_CODE = re.compile(r"^\(?\s*(\d{1,2}(?:\s*[.,]\s*\d{1,2})*)\s*[.,:)/]*$")
_LED = re.compile(r"^\s*(\d{1,2}(?:\.\d{1,2})*)\s*[.):]?\s+(?=\D)")
_BARE_NUMBER = re.compile(r"^[-–—\s]*\d{1,4}[-–—\s]*$")
_LONGEST_LABEL = 300
_SHARED = 0.4  # words two labels must share to be alike at all
_LONGEST_HEAD, _SHORT_HEAD = 160, 40
_HEADS = ("code", "label", "unit", "value", "note", "result")

Columns = Mapping[str, int]
label_of = lru_cache(maxsize=8192)(lambda text: label_key(text[:_LONGEST_LABEL]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Texts of one row; ``printed`` is the code as printed, ``code`` as an identifier ("" when there is none)."""

    code: str
    printed: str
    label: str
    rest: tuple[str, ...] = ()  # what stands after the label, blanks included


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The value's text, the note, and where the value stood: ``column``, ``beside`` (taken), ``note`` (not taken)."""

    value: str = ""
    note: str = ""
    place: str = "column"
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One row of a form as it stands in the file. ``reason``: see [reasons] in ui/intake.toml."""

    key: str
    answer: Answered
    line: Line
    reason: str
    printed: str  # the code as printed
    label: str = ""
    title_other: bool = False


def head_of(line: Line) -> dict[str, int]:
    """Which columns this row of the head names; empty when it is no head (rows with a code never are)."""
    found: dict[str, int] = {}
    if _CODE.match(next((text for text in line.cells if text), "")):
        return found
    for place, text in enumerate(line.cells):
        name = _head_word(text)
        if name:
            found.setdefault(name, place)
    return found if len(found) >= 2 else {}


@lru_cache(maxsize=4096)
def _head_word(text: str) -> str:
    """The name of the column this text heads; its first words decide ("Chỉ tiêu thống kê (sử dụng cho …)")."""
    said = label_of(text)
    if not said or len(said) > _LONGEST_HEAD:
        return ""
    heads = words("intake")["heads"]
    for name in _HEADS:
        for word in heads[name]:
            key = label_of(word)
            longer = name == "label" or (name in ("value", "note", "result") and len(said) <= _SHORT_HEAD)
            if said == key or (longer and said.startswith(f"{key} ")):
                return name
    return ""


def columns_of(heads: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """One table's columns from the rows of its head; a merged "result" covers unit and value."""
    columns: dict[str, int] = {}
    for head in heads:
        for name, place in head.items():
            columns.setdefault(name, place)
    result = columns.pop("result", None)
    if result is not None and "value" not in columns:
        columns["value"] = result if "unit" in columns else result + 1
        columns.setdefault("unit", result)
    return columns if {"label", "value"} <= columns.keys() else {}


def parts_of(line: Line, columns: Columns) -> Parts:
    """Code and label of a row, from its columns or from what comes first in it."""
    cells = line.cells
    if columns and columns["label"] < len(cells):
        label_at = columns["label"]
        code = " ".join(cells[:label_at]).strip()
        label, rest = cells[label_at], cells[label_at + 1 :]
    else:
        first = next((place for place, text in enumerate(cells) if text), 0)
        coded = _CODE.match(cells[first].strip()) is not None
        code = cells[first].strip() if coded else ""
        after = [place for place in range(first + coded, len(cells)) if cells[place]]
        label_at = after[0] if after else len(cells)
        label, rest = (cells[label_at] if after else ""), cells[label_at + 1 :]
    return _parts(code, label, rest)


def _parts(code: str, label: str, rest: tuple[str, ...]) -> Parts:
    if _CODE.match(code):
        return Parts(code=code_key(code), printed=code, label=label, rest=rest)
    led = _LED.match(label) if not code else None
    if led:
        return Parts(code=code_key(led[1]), printed=led[0].strip(), label=label[led.end() :], rest=rest)
    return Parts(code="", printed="", label=f"{code} {label}".strip(), rest=rest)


def answered(line: Line, parts: Parts, row: Indicator, columns: Columns) -> Answered:
    """The value of a row known to be ``row``."""
    if not columns or columns["value"] >= len(line.cells):
        return _by_content(parts.rest, row)
    value = line.cells[columns["value"]]
    note = line.cells[columns["note"]] if columns.get("note", len(line.cells)) < len(line.cells) else ""
    if value:
        return Answered(value=value, note=note)
    for place in range(columns["label"] + 1, columns["value"]):
        text = line.cells[place]
        if text and label_of(text) != label_of(row.unit) and is_number(text, row):
            return Answered(value=text, note=note, place="beside", seen=text)
    if note and is_number(note, row):
        return Answered(note=note, place="note", seen=note)
    return Answered(note=note)


def _by_content(rest: Sequence[str], row: Indicator) -> Answered:
    """Without columns: the unit is known, what comes after it is the value, then the note."""
    texts = [text for text in rest if text]
    unit = label_of(row.unit)
    at = next((place for place, text in enumerate(texts) if unit and label_of(text) == unit), None)
    texts = texts if at is None else texts[at + 1 :]
    if texts and (at is not None or is_number(texts[0], row)):
        return Answered(value=texts[0], note=" ".join(texts[1:]))
    number = next((place for place, text in enumerate(texts) if is_number(text, row)), None)
    if number is None:
        return Answered(note=" ".join(texts))
    return Answered(value=texts[number], note=" ".join(texts[number + 1 :]))


def is_number(text: str, row: Indicator) -> bool:
    """Whether this text would be an answer of the row."""
    reading = from_text(text, row.kind, row.choices)
    return reading.value is not None or reading.word == "none_arising"


def is_bare_number(text: str) -> bool:
    """A number alone, such as a page number: "4", "- 4 -"."""
    return _BARE_NUMBER.match(text) is not None


@lru_cache(maxsize=16384)
def alike(first: str, second: str) -> float:
    """How alike two labels sound, 0 to 1; a label that was cut short counts by what is left of it."""
    one, other = label_of(first), label_of(second)
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 12 and long.startswith(short):
        return 0.95
    shared, fewest = set(one.split()) & set(other.split()), len(set(short.split()))
    if len(shared) < _SHARED * fewest:  # spares the slow comparison
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _SHARED else 0.0

"""Tags tie a number in a Word text to a figure: ``key@block``, such as ``1/2.1@whole`` or ``1/2.1@unit-11092``.

Blocks: ``whole``, ``communes``, ``own``, ``n``, ``N``, ``low``, ``high``, ``choice-<value>``, ``unit-<code>``.
``round@sent`` and ``round@due`` are how many units gave numbers, and how many are due; ``round@absent-<code>`` ties
the name of a unit that had given none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from string import Formatter

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Figure
from cchc_xl.number import in_prose, vietnamese
from cchc_xl.word.charts import Drawn

ROUND = "round"
ABSENT = "absent-"
_PERCENT_DECIMALS = 1
_AMOUNT_DECIMALS = 3
_LONGEST_TITLE = 64  # Word cuts the title of a content control there


class NoSuchFigure(LookupError):
    """A tag points to no figure, or to no such part of it. The tag is its argument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number to stand in the text inside a content control. ``before`` is plain text in front of it."""

    tag: str
    text: str
    title: str
    before: str = ""

    def __str__(self) -> str:
        return self.before + self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Styled:
    """A stretch of plain text with its own weight."""

    text: str
    bold: bool = False
    italic: bool = False

    def __str__(self) -> str:
        return self.text


Piece = str | Number | Styled | Drawn


class Passage(tuple):
    """Pieces in reading order; empty is false, as in ``{% if … %}``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "".join(map(str, self))


def passage(*pieces: object) -> Passage:
    """Pieces and passages flattened into one; empty text is dropped."""
    flat: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Passage):
            flat.extend(piece)
        elif piece is not None and piece != "":
            flat.append(piece if isinstance(piece, Number | Styled | Drawn) else str(piece))
    return Passage(flat)


def joined(passages: list[Passage], joint: str) -> Passage:
    """``a, b, c``."""
    pieces: list[object] = []
    for number, one in enumerate(passages):
        pieces += [joint, one] if number else [one]
    return passage(*pieces)


def say(sentence: str, **blanks: object) -> Passage:
    """A sentence with ``{blanks}`` filled by text, numbers or passages."""
    pieces: list[object] = []
    for text, name, _, _ in Formatter().parse(sentence):
        pieces.append(text)
        if name:
            pieces.append(blanks[name])
    return passage(*pieces)


def split(tag: str) -> tuple[str, str]:
    """``1/2.1@whole`` -> ``("1/2.1", "whole")``. Raises NoSuchFigure when there is no ``@``."""
    key, at, block = tag.strip().partition("@")
    if not at or not key or not block:
        raise NoSuchFigure(tag)
    return key, block


def value_of(figures: Mapping[str, Figure], tag: str) -> Decimal | None:
    """The number a tag stands for; None when there is no value. Raises NoSuchFigure when it points nowhere."""
    key, block = split(tag)
    if key == ROUND:
        return _round_value(figures, block)
    figure = figures.get(key)
    if figure is None:
        raise NoSuchFigure(tag)
    if block in ("whole", "communes", "own"):
        return getattr(figure, block)
    if block in ("n", "N"):
        return Decimal(figure.n if block == "n" else figure.N)
    if block in ("low", "high"):
        return figure.bounds[block == "high"] if figure.bounds else None
    kind, _, value = block.partition("-")
    if kind == "choice" and value.isdigit():
        counts = figure.distribution or {}
        return Decimal(counts[int(value)]) if int(value) in counts else None
    if kind == "unit":
        for part in figure.parts:
            if part.unit == value:
                return part.value
    raise NoSuchFigure(tag)


def _round_value(figures: Mapping[str, Figure], block: str) -> Decimal | None:
    """How many units; for an absent one 1 when it has given numbers since."""
    sent = {part.unit for figure in figures.values() for part in figure.parts}
    if block == "sent":
        return Decimal(len(sent))
    if block.startswith(ABSENT):
        return Decimal(block.removeprefix(ABSENT) in sent)
    if block == "due":
        return Decimal(max((figure.N for figure in figures.values()), default=0))
    raise NoSuchFigure(f"{ROUND}@{block}")


def absent(code: str, name: str) -> Number:
    """The name of a unit that has given no numbers, tied: it can be told when it has."""
    tag = f"{ROUND}@{ABSENT}{code}"
    return Number(tag=tag, text=name, title=title(tag, name))


def is_percent(tag: str, edition: Edition) -> bool:
    """Whether the number of this tag is shown with a percent sign in prose."""
    key, block = split(tag)
    row = edition.by_key.get(key)
    counted = block in ("n", "N") or block.startswith("choice-")
    return row is not None and row.is_percent and not counted


def shown(value: Decimal | None, tag: str, edition: Edition, *, table: bool = False) -> str:
    """The number as printed: prose "02", "63,6%", "3.000"; in a table "2", "63,6" (its unit has a column)."""
    if value is None:
        return words("word")["anchor"]["missing_in_table" if table else "missing"]
    if is_percent(tag, edition):
        return vietnamese(value, _PERCENT_DECIMALS) + ("" if table else "%")
    return vietnamese(value, _AMOUNT_DECIMALS) if table else in_prose(value, _AMOUNT_DECIMALS)


def number(
    figures: Mapping[str, Figure], tag: str, edition: Edition, *, form: str = "so", noun: str = "", table: bool = False
) -> Passage:
    """The number of a tag in its form of speech (``[forms]`` in ui/word.toml), with its noun.

    A plain number alone stands in the control; where the words depend on there being none, they stand in it too.
    """
    value = value_of(figures, tag)
    text = shown(value, tag, edition, table=table)
    way = words("word")["forms"][form]
    if value is None or (value == 0 and "{n}" not in way["zero"]):
        said = text if table else way["missing"] if value is None else way["zero"]
        return passage(Number(tag=tag, text=said, title=title(tag, said)))
    before, _, after = way["many"].partition("{n}")
    tied = Number(tag=tag, text=text, title=title(tag, text), before=before)
    return passage(tied, after, f" {noun}" if noun else "")


def accepted(value: Decimal | None, tag: str, edition: Edition) -> frozenset[str]:
    """Every way this value may rightly stand inside a control."""
    bare = {shown(value, tag, edition), shown(value, tag, edition, table=True)}
    ways = words("word")["forms"].values()
    if value is None:
        return frozenset(bare | {way["missing"] for way in ways})
    patterns = {way["many"] for way in ways} | ({way["zero"] for way in ways} if value == 0 else set())
    return frozenset(bare | {pattern.format(n=text) for pattern in patterns for text in bare})


def title(tag: str, text: str) -> str:
    """What Word shows on the control: which row it is, and the text we wrote (so a hand edit can be told)."""
    key, block = split(tag)
    form, _, code = key.partition("/")
    pattern = words("word")["anchor"]["round" if key == ROUND else "row"]
    return pattern.format(form=form, code=code, block=block, text=text)[:_LONGEST_TITLE]


def read_title(title_of_control: str) -> tuple[str, str] | None:
    """(tag, text we once wrote) from a control's title; None when a person changed it."""
    for name in ("row", "round"):
        found = _title_pattern(name).fullmatch(title_of_control)
        if found:
            key = ROUND if name == "round" else f"{found['form']}/{found['code']}"
            return f"{key}@{found['block']}", found["text"]
    return None


@cache
def _title_pattern(name: str) -> re.Pattern[str]:
    pattern = re.escape(words("word")["anchor"][name])
    blanks = {"form": r"\d+", "code": r"[\d.]+", "block": r"[^\s@]+", "text": ".*"}
    for blank, form in blanks.items():
        pattern = pattern.replace(re.escape(f"{{{blank}}}"), f"(?P<{blank}>{form})")
    return re.compile(pattern)

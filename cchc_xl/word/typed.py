"""Numbers typed as plain text beside an indicator's words, where they contradict the master.

Words quoted from communes are theirs, and are not compared.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

from lxml import etree

from cchc_xl.model import Edition, Figure
from cchc_xl.text import code_key, label_key
from cchc_xl.word.controls import controls
from cchc_xl.word.package import DOCUMENT, W, parse, read_package, text_of
from cchc_xl.word.phrases import CONTROL, Phrases, after_a_unit, phrases_of, sentence_tokens, tags_at
from cchc_xl.word.tags import shown, value_of

QUOTED = "CCHCQuoted"  # the style id of what others wrote
_DIGIT = re.compile(r"\d")
_BLOCKS = ("whole", "communes", "own", "low", "high", "n", "N")
_COLUMNS, _VALUE = 5, 3  # of an official table: how many columns, which one holds the number
_NUMBER = re.compile(r"\d[\d.]*(?:,\d+)?\s?%?")

_Right = Callable[[str, bool], tuple[frozenset[str], bool]]  # key, units' own too -> texts, has a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One plain number that is not the master's."""

    tag: str
    shown: str
    expected: str
    context: str


def contradictions(docx: bytes, figures: Mapping[str, Figure], edition: Edition) -> tuple[Typed, ...]:
    """Every plain number in the body that stands for an indicator and is none of its figures."""
    from cchc_xl.word.narrative import template_of

    document = parse(read_package(docx)[DOCUMENT], DOCUMENT)
    template = parse(read_package(template_of(edition))[DOCUMENT], DOCUMENT)
    known = phrases_of(edition, template)
    right = cache(partial(_right_texts, figures, edition))
    found: list[Typed] = []
    for paragraph in document.iter(f"{W}p"):
        if not _is_quoted(paragraph) and next(paragraph.iterancestors(f"{W}tbl"), None) is None:
            found += _in_prose(paragraph, known, right, figures, edition)
    rows = _rows(edition)
    for row in document.iter(f"{W}tr"):
        found += _in_row(row, rows, right, figures, edition)
    return tuple(found)


def _is_quoted(paragraph: etree._Element) -> bool:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return style is not None and style.get(f"{W}val") == QUOTED


def _plain(paragraph: etree._Element) -> str:
    """The paragraph's text with each tied number as one placeholder."""
    tied = {t: number for number, control in enumerate(controls(paragraph)) for t in control.iter(f"{W}t")}
    pieces, last = [], None
    for element in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):
        number = tied.get(element)
        if number is not None:
            pieces += [CONTROL] if number != last else []
            last = number
        elif element.tag == f"{W}t":
            pieces.append(element.text or "")
        elif element.getparent().tag == f"{W}r":
            pieces.append(" ")
    return "".join(pieces)


def _in_prose(
    paragraph: etree._Element, known: Phrases, right: _Right, figures: Mapping[str, Figure], edition: Edition
) -> Iterator[Typed]:
    plain = _plain(paragraph)
    if not _DIGIT.search(plain):
        return
    tokens, context = sentence_tokens(plain, edition), text_of(paragraph)
    own = after_a_unit(tokens, edition)
    for position, token in enumerate(tokens):
        if token.kind != "number":
            continue
        tags = tags_at(tokens, position, known)
        if tags and not _agrees(token.text, tags, right, units=own[position]):
            yield _typed(tags[0], token.text, context, figures, edition)


def _rows(edition: Edition) -> dict[tuple[str, str], tuple[str, ...]]:
    """(code, label as compared) -> the keys of the rows so printed."""
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in edition.indicators:
        keys[row.code, label_key(row.label)].append(row.key)
    return {printed: tuple(found) for printed, found in keys.items()}


def _in_row(
    row: etree._Element,
    rows: Mapping[tuple[str, str], tuple[str, ...]],
    right: _Right,
    figures: Mapping[str, Figure],
    edition: Edition,
) -> Iterator[Typed]:
    """A plain number in the value column of an official table's row, known by its code and label."""
    cells = row.findall(f"{W}tc")
    if len(cells) != _COLUMNS or next(controls(cells[_VALUE]), None) is not None:
        return
    texts = [" ".join(text_of(paragraph) for paragraph in cell.iter(f"{W}p")).strip() for cell in cells]
    if not _NUMBER.fullmatch(texts[_VALUE]):
        return
    keys = rows.get((code_key(texts[0]), label_key(texts[1])), ())
    if len(keys) == 1:
        tags = (f"{keys[0]}@whole",)
        if not _agrees(texts[_VALUE], tags, right):
            yield _typed(tags[0], texts[_VALUE], texts[1], figures, edition)


def _agrees(text: str, tags: Iterable[str], right: _Right, *, units: bool = False) -> bool:
    """Whether the number is one of those the rows have, or none of them has a number to contradict it.

    ``units``: a single unit's number is right too.
    """
    bare, spoken = text.rstrip("% "), False
    for tag in tags:
        texts, has_value = right(tag.partition("@")[0], units)
        if bare in texts:
            return True
        spoken = spoken or has_value
    return not spoken


def _right_texts(figures: Mapping[str, Figure], edition: Edition, key: str, units: bool) -> tuple[frozenset[str], bool]:
    """Every way to print a number of this row, without its percent sign; whether the row has a value at all."""
    texts, has_value = set(), False
    for block in _blocks_of(figures, key, units=units):
        tag = f"{key}@{block}"
        value = value_of(figures, tag)
        if value is not None:
            has_value = has_value or block not in ("n", "N")
            texts |= {shown(value, tag, edition, table=table).rstrip("%") for table in (True, False)}
    return frozenset(texts), has_value


def _blocks_of(figures: Mapping[str, Figure], key: str, *, units: bool) -> tuple[str, ...]:
    figure = figures.get(key)
    if figure is None:
        return ()
    choices = tuple(f"choice-{choice}" for choice in figure.distribution or ())
    return (*_BLOCKS, *choices, *(f"unit-{part.unit}" for part in figure.parts if units))


def _typed(tag: str, text: str, context: str, figures: Mapping[str, Figure], edition: Edition) -> Typed:
    """What should stand there: the tag's own block, or the first of the row's that has a value."""
    key, _, block = tag.partition("@")
    for name in (block, *_BLOCKS) if key in figures else ():
        value = value_of(figures, f"{key}@{name}")
        if value is not None:
            expected = shown(value, f"{key}@{name}", edition)
            return Typed(tag=f"{key}@{name}", shown=text, expected=expected, context=context)
    return Typed(tag=tag, shown=text, expected="", context=context)

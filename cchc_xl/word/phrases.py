"""What a plain number in a sentence is about, from the words around it.

Two ways to know: an official label right before the number (or after it), and the words that stand around the
number in the template.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.unit_names import type_words
from cchc_xl.model import Edition
from cchc_xl.text import same_sound
from cchc_xl.word.package import W, text_of

CONTROL = "\ufffc"  # stands for a tied number
_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:\.\d{3})+(?:,\d+)?%?|\d+(?:,\d+)?\s?%?)(?![\d/])|(?P<tied>\ufffc)|(?P<word>[^\W\d_]+)"
    r"|(?P<stop>[;.!?](?=\s|$)|[/\d])"
)
_PARENTHESES = re.compile(r"\([^()]*\)")
_TEMPLATE_TAG = re.compile(r"\{\{r?\s*(so|co|la|dat)\(\"([^\"@]+@\w+)\"[^}]*\}\}")
_LEVEL_TAG = re.compile(r"\{\{\s*(?:cap_duoi|loai_don_vi)\s*\}\}")
_ANY_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_GAP = 4  # words allowed between a label and its number
_LEFT, _RIGHT = 6, 3  # words of the template looked at on either side
_FAR = 40  # words looked at on either side of a number in the text
_LABEL = 3  # a label of fewer words says too little
_SURE = 4  # so many words before the number are enough by themselves


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: word, number, tied (a number in a control) or stop."""

    kind: str
    text: str  # a word as it sounds; a number as typed
    capital: bool = False  # a word with a capital first letter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    """An official label as words; ``counted``: without its leading "number of", as it follows a number."""

    words: tuple[str, ...]
    counted: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Words of the template around one number tag."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    tag: str


_Kept = TypeVar("_Kept", _Label, _Surroundings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """All that is known about which words mean which row, each found by one word that must stand near the number."""

    ending: Mapping[str, tuple[_Label, ...]]  # by the label's last word, which stands before the number
    starting: Mapping[str, tuple[_Label, ...]]  # by the first word of what is counted, right after the number
    around: Mapping[str, tuple[_Surroundings, ...]]  # by the word right before the number


def phrases_of(edition: Edition, template: etree._Element) -> Phrases:
    """What the edition's labels and the template's sentences say about numbers beside them."""
    labels, around = labels_of(edition), surroundings_of(template, edition)
    return Phrases(
        ending=_by_word(labels, lambda label: label.words[-1:]),
        starting=_by_word(labels, lambda label: label.counted[:1]),
        around=_by_word(around, lambda one: one.before[-1:]),
    )


def _by_word(found: Iterable[_Kept], word: Callable[[_Kept], tuple[str, ...]]) -> dict[str, tuple[_Kept, ...]]:
    kept: dict[str, list[_Kept]] = defaultdict(list)
    for one in found:
        for name in word(one):
            kept[name].append(one)
    return {name: tuple(ones) for name, ones in kept.items()}


def labels_of(edition: Edition) -> tuple[_Label, ...]:
    """The official labels, without what they say in parentheses; rows with the same label share one."""
    by_words: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in edition.indicators:
        name = tuple(token.text for token in tokens_of(_PARENTHESES.sub(" ", row.label)) if token.kind != "stop")
        if len(name) >= _LABEL:
            by_words[name].append(f"{row.key}@whole")
    leads = [tuple(same_sound(said).split()) for said in words("word")["typed"]["count_words"]]
    labels = []
    for name, tags in by_words.items():
        lead = next((lead for lead in leads if name[: len(lead)] == lead), name)
        counted = name[len(lead) :] if len(name) - len(lead) >= _LABEL else ()
        labels.append(_Label(words=name, counted=counted, tags=tuple(tags)))
    return tuple(labels)


def surroundings_of(template: etree._Element, edition: Edition) -> tuple[_Surroundings, ...]:
    """The words around each number tag of the template, with the verb the tag brings along."""
    found = []
    ways = words("word")["forms"]
    for paragraph in template.iter(f"{W}p"):
        text = _LEVEL_TAG.sub(edition.level, text_of(paragraph))
        for tag in _TEMPLATE_TAG.finditer(text):
            verb = ways[tag[1]]["many"].partition("{n}")[0]
            before = tokens_of(_ANY_TAG.sub(CONTROL, text[: tag.start()]) + verb)
            after = tokens_of(_ANY_TAG.sub(CONTROL, text[tag.end() :]))
            found.append(
                _Surroundings(
                    tuple(_run_of_words(reversed(before), _LEFT))[::-1],
                    tuple(_run_of_words(after, _RIGHT)),
                    tag[2],
                )
            )
    return tuple(one for one in found if len(one.before) >= _SURE or (one.before and len(one.after) >= 2))


def _run_of_words(tokens: Iterable[Token], most: int) -> Iterator[str]:
    for number, token in enumerate(tokens):
        if token.kind != "word" or number >= most:
            return
        yield token.text


def sentence_tokens(text: str, edition: Edition) -> list[Token]:
    """Words, numbers, tied numbers and stops, in order; years, days and numbers of rows are words.

    A list of kinds of units ("xã, thị trấn") is read as their level, as the template's tags for both are.
    """
    kind = "|".join(map(re.escape, type_words(edition)))
    if kind:
        text = re.sub(rf"\b(?:{kind})(?:, (?:{kind}))+\b", edition.level, text, flags=re.IGNORECASE)
    return _dates_as_words(tokens_of(text))


def tokens_of(text: str) -> list[Token]:
    return [
        Token("word", same_sound(found[0]), found[0][0].isupper())
        if found.lastgroup == "word"
        else Token(found.lastgroup or "", found[0].strip())
        for found in _TOKEN.finditer(text)
    ]


def _dates_as_words(tokens: list[Token]) -> list[Token]:
    """Years, days, numbers of rows and documents as words: they count nothing."""
    leading = {same_sound(word) for word in words("word")["typed"]["not_counted_after"]}
    return [
        Token("word", token.text) if token.kind == "number" and previous.text in leading else token
        for previous, token in zip([Token("", ""), *tokens], tokens, strict=False)
    ]


def after_a_unit(tokens: Sequence[Token], edition: Edition) -> tuple[bool, ...]:
    """For each token, whether the sentence so far names a reporting unit, by its type and a capital.

    A number there may be the unit's own.
    """
    types = {same_sound(said.split()[-1]) for said in edition.words["types"]}
    said, named, previous = [], False, ""
    for token in tokens:
        said.append(named)
        named = token.kind != "stop" and (named or (token.capital and previous in types))
        previous = token.text
    return tuple(said)


def tags_at(tokens: Sequence[Token], position: int, known: Phrases) -> tuple[str, ...]:
    """What the number at this position is about; empty when nothing says so."""
    left = tokens[max(position - _FAR, 0) : position]
    before = tuple(_run_of_words(reversed(left), _FAR))[::-1]
    after = tuple(_run_of_words(tokens[position + 1 : position + 1 + _FAR], _FAR))
    near = known.around.get(before[-1], ()) if before else ()
    around = tuple(one.tag for one in near if _stands_in(one, before, after))
    return around or _by_label(before, after, known)


def _stands_in(one: _Surroundings, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    if before[-len(one.before) :] != one.before:
        return False
    if len(one.before) >= _SURE:
        return True
    return len(one.after) >= 2 and after[: len(one.after)] == one.after


def _by_label(before: tuple[str, ...], after: tuple[str, ...], known: Phrases) -> tuple[str, ...]:
    """The longest label that ends a few words before the number, or follows it without its "number of"."""
    last = dict.fromkeys(before[-_GAP - 1 :])
    fitting = [one for word in last for one in known.ending.get(word, ()) if _ends(one.words, before)]
    fitting += [one for one in known.starting.get(after[0], ()) if _starts(one.counted, after)] if after else []
    return max(fitting, key=lambda label: len(label.words)).tags if fitting else ()


def _ends(name: tuple[str, ...], before: tuple[str, ...]) -> bool:
    ends = range(len(before), max(len(before) - _GAP, len(name)) - 1, -1)
    return any(before[end - len(name) : end] == name for end in ends)


def _starts(counted: tuple[str, ...], after: tuple[str, ...]) -> bool:
    return bool(counted) and after[: len(counted)] == counted

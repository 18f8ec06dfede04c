"""What the narrative says about the numbers of the forms: "738 hồ sơ", "đạt 23%".

Which words speak of which row stands in ``ui/checks.toml`` (the check of words against tables uses the same list).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Kind
from cchc_xl.number import from_text
from cchc_xl.relations.rules import percent_tolerance
from cchc_xl.text import nfc, without_controls

_NUMBER = re.compile(
    r"(?<![\w/.,-])(?:(?P<part>\d{1,7})\s?/\s?)?(?P<number>\d{1,3}(?:\.\d{3})+|\d{1,9}(?:,\d{1,2})?)(?=[\s%])"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_LONGEST = 20_000
_AROUND = 60
_MOST = 3  # mentions of one row


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One number of the narrative that seems to be a row's. ``heading``: outline id; ``said``: with words around."""

    key: str
    heading: str
    said: str
    value: Decimal
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """A number with its unit word, as it stands in a sentence; ``part`` is the one before a slash."""

    phrase: Mapping
    unit: str
    value: Decimal
    part: Decimal | None
    start: int
    end: int


def mentions_of(narrative: Mapping[str, str], values: Mapping[str, Decimal | None]) -> dict[str, tuple[Mention, ...]]:
    """Key -> the numbers of the narrative about that row, a few at most. ``values``: key -> the form's number.

    A number goes to the row it agrees with; else to the first answered row its words may mean.
    """
    found: dict[str, list[Mention]] = {}
    for heading, text in narrative.items():
        for sentence in _SENTENCE.split(nfc_lines(text)[:_LONGEST]):
            for one in _in_sentence(sentence, heading, values):
                listed = found.setdefault(one.key, [])
                if len(listed) < _MOST and all(one.said != other.said for other in listed):
                    listed.append(one)
    return {key: tuple(listed) for key, listed in found.items()}


def nfc_lines(text: str) -> str:
    return "\n".join(nfc(line) for line in text.splitlines())


def _in_sentence(sentence: str, heading: str, values: Mapping[str, Decimal | None]) -> Iterator[Mention]:
    """Numbers of one sentence; "146 thủ tục …; 14 thủ tục …" agrees with 160, the sum written out."""
    spoken: dict[int, list[_Spoken]] = {}
    for one in _spoken(sentence):
        spoken.setdefault(id(one.phrase), []).append(one)
    for listed in spoken.values():
        first, phrase = listed[0], listed[0].phrase
        said = _excerpt(sentence, first)
        if first.part is not None and phrase.get("part") in values:
            yield _mention(phrase["part"], heading, said, first.part, (first.part,), values)
        keys = [key for key in phrase["keys"] if values.get(key) is not None and key != phrase.get("part")]
        sums = tuple(accumulate(one.value for one in listed))
        if keys:
            key = next((key for key in keys if any(_agree(values[key], one, first.unit) for one in sums)), keys[0])
            yield _mention(key, heading, said, first.value, sums, values, first.unit)


def _spoken(sentence: str) -> Iterator[_Spoken]:
    low = sentence.lower()
    fitting = [phrase for phrase in words("checks")["words"]["phrase"] if _fits(phrase, low)]
    for match in _NUMBER.finditer(low) if fitting else ():
        after = low[match.end() :].lstrip()
        phrase = next((one for one in fitting if _unit_after(after, one["unit"])), None)
        if phrase is None or _is_name(low[: match.start()]):
            continue
        unit = _unit_after(after, phrase["unit"])
        value = from_text(match["number"], Kind.PERCENT if unit == "%" else Kind.COUNT).value
        if value is not None:
            part = Decimal(match["part"]) if match["part"] else None
            yield _Spoken(phrase=phrase, unit=unit, value=value, part=part, start=match.start(), end=match.end())


def _fits(phrase: Mapping, sentence: str) -> bool:
    return all(any(word in sentence for word in group) for group in phrase["needs"]) and not any(
        word in sentence for word in phrase["not"]
    )


def _unit_after(text: str, units: Sequence[str]) -> str:
    for unit in sorted(units, key=len, reverse=True):
        if text.startswith(unit) and (unit == "%" or not text[len(unit) : len(unit) + 1].isalnum()):
            return unit
    return ""


def _is_name(before: str) -> bool:
    """ "số 59", "mức độ 3": no count."""
    given, before = words("checks")["words"], before.rstrip(" :(")
    if any(before.endswith(lead) for lead in given["sums"]):
        return False
    return any(before.endswith(word) and not before[: -len(word)][-1:].isalnum() for word in given["before"])


def _mention(
    key: str,
    heading: str,
    said: str,
    value: Decimal,
    sums: Sequence[Decimal],
    values: Mapping[str, Decimal | None],
    unit: str = "",
) -> Mention:
    agrees = any(_agree(values.get(key), one, unit) for one in sums)
    return Mention(key=key, heading=heading, said=said, value=value, agrees=agrees)


def _agree(given: Decimal | None, said: Decimal, unit: str) -> bool:
    if given is None or unit != "%":
        return given == said
    return abs(given - said) <= percent_tolerance(said)


def _excerpt(sentence: str, one: _Spoken) -> str:
    """The number with words around it, whole words only."""
    start, end = max(0, one.start - _AROUND), one.end + _AROUND // 2
    before, after = sentence[start : one.start], sentence[one.end : end]
    if start:
        before = "… " + before.partition(" ")[2]
    if end < len(sentence):
        after = after.rpartition(" ")[0] + " …"
    return without_controls(before + sentence[one.start : one.end] + after)

"""The words of the report against its tables: "738 hồ sơ", "đạt 23%", "172 thủ tục".

A number is compared only in a sentence that says clearly which row it is (phrases in ``checks.toml``), never one in a
date, a document number, a goal, a part or another period. Better silent than wrong.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate

from cchc_xl.checking.limits import on_row
from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Finding, Kind, Severity, Submission
from cchc_xl.number import decimals_of, from_text
from cchc_xl.relations.rules import percent_tolerance
from cchc_xl.text import nfc, without_controls

_NUMBER = re.compile(
    r"(?<![\w/.,-])(?:(?P<part>\d{1,7})\s?/\s?)?(?P<number>\d{1,3}(?:\.\d{3})+|\d{1,9}(?:,\d{1,2})?)(?=[\s%])"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+|(?:^|\n)\s*[-+•]\s")
_LONGEST = 20_000  # characters of one box looked at: nobody writes more, and a pasted book is no report
_SENTENCE_MOST = 2_000  # a longer one says too many things to say any clearly
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Which rows a number before one of ``units`` belongs to, in a sentence with these words."""

    units: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    without: tuple[str, ...]
    keys: tuple[str, ...]
    part: str  # the row of the number before a slash: such a phrase is of "170/738" only
    severity: Severity

    def fits(self, sentence: str) -> bool:
        return all(any(word in sentence for word in group) for group in self.needs) and not any(
            word in sentence for word in self.without
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A number of the text with its unit word and what stands around it."""

    value: Decimal
    part: Decimal | None  # of "170/738"
    unit: str
    text: str


def check_words(submission: Submission, edition: Edition) -> Iterator[Finding]:
    """Numbers in Phần lời báo cáo that contradict the forms; at most one finding a row."""
    headings = {part["id"]: part["title"] for part in edition.words.get("outline", ())}
    found: dict[str | None, Finding] = {}
    for name, text in submission.words.items():
        if name not in words("checks")["words"]["headings"]:
            continue
        for sentence in _sentences(text):
            for finding in _contradictions(sentence, submission, edition, headings.get(name, name)):
                kept = found.get(finding.key)
                if kept is None or (kept.severity is Severity.NOTE and finding.severity is not Severity.NOTE):
                    found[finding.key] = finding
    yield from found.values()


def _sentences(text: str) -> Iterator[str]:
    """Those in which a number stands before a unit word; the others are most of a report."""
    for sentence in _SENTENCE.split(unicodedata.normalize("NFC", text[:_LONGEST])):
        if len(sentence) <= _SENTENCE_MOST and _counted().search(sentence):
            yield nfc(sentence)


def _contradictions(sentence: str, submission: Submission, edition: Edition, heading: str) -> Iterator[Finding]:
    low = sentence.lower()
    fitting = [phrase for phrase in _phrases() if phrase.fits(low) and set(phrase.keys) <= edition.by_key.keys()]
    if not fitting:
        return
    year = (submission.period or "").partition("-")[0]
    by_unit: dict[str, list[Said]] = {}
    for one in _numbers(sentence, fitting, year):
        by_unit.setdefault(one.unit, []).append(one)
    for said in by_unit.values():  # the first number is the one meant; what follows may be its parts
        one = said[0]
        meant = (p for p in fitting if one.unit in p.units and bool(p.part) == (one.part is not None))
        phrase = next(meant, None)
        if phrase is None:
            continue
        key = _contradicted(said, phrase, submission)
        if key:
            yield on_row(
                "words-differs",
                submission,
                key,
                severity=phrase.severity,
                found=submission.entries[key].amount,
                heading=heading,
                said=without_controls(one.text)[:_SHOWN],
            )


def _contradicted(said: Sequence[Said], phrase: Phrase, submission: Submission) -> str:
    """The row meant where it and all it may be confused with say something else than the sentence; else "".

    A row that is blank contradicts nothing. "146 thủ tục …; 14 thủ tục …; 12 thủ tục …" agrees with 172, their sum.
    """
    one = said[0]
    if one.part is not None and phrase.part:
        given = submission.entries[phrase.part].amount
        if given is not None and given != one.part:
            return phrase.part
    keys = [key for key in phrase.keys if one.part is None or key != phrase.part]
    amounts = [submission.entries[key].amount for key in keys]
    if amounts[0] is None:
        return ""
    values = {*(other.value for other in said), *accumulate(other.value for other in said)}
    agreed = any(_agree(amount, value, one.unit) for value in values for amount in amounts if amount is not None)
    return "" if agreed else keys[0]


def _agree(given: Decimal, said: Decimal, unit: str) -> bool:
    if unit != "%":
        return given == said
    return abs(given - said) <= percent_tolerance(said) + (percent_tolerance(given) if decimals_of(given) else 0)


def _numbers(sentence: str, phrases: Sequence[Phrase], year: str) -> Iterator[Said]:
    """Numbers followed by a unit word of these phrases; none from the first turn to something else on."""
    low = sentence.lower()
    end = _turn(low, year)
    units = sorted({unit for phrase in phrases for unit in phrase.units}, key=len, reverse=True)
    for match in _NUMBER.finditer(low):
        after = match.end() + len(low[match.end() :]) - len(low[match.end() :].lstrip())
        unit = next((unit for unit in units if _begins(low[after:], unit)), "")
        if not unit or match.start() >= end or _is_label(low[: match.start()]):
            continue
        value = from_text(match["number"], Kind.PERCENT if unit == "%" else Kind.COUNT).value
        if value is not None:
            part = Decimal(match["part"]) if match["part"] else None
            yield Said(value=value, part=part, unit=unit, text=sentence[match.start() : after + len(unit)])


def _begins(text: str, unit: str) -> bool:
    return text.startswith(unit) and (unit == "%" or not text[len(unit) : len(unit) + 1].isalnum())


def _turn(sentence: str, year: str) -> int:
    """Where the sentence begins to speak of a part, a goal or another time than ``year``."""
    for allowed in _word_list("allowed"):
        sentence = sentence.replace(allowed, " " * len(allowed))
    found = [match.start() for match in _turning_words().finditer(sentence)]
    found += [match.start() for match in _YEAR.finditer(sentence) if match[0] != year]
    return min(found, default=len(sentence))


def _is_label(before: str) -> bool:
    """Does the word before make the number a name: "số 59", "mức độ 3", "năm 2022"?"""
    before = before.rstrip(" :(")
    if any(before.endswith(words_of_a_sum) for words_of_a_sum in _word_list("sums")):
        return False
    return any(before.endswith(word) and not before[: -len(word)][-1:].isalnum() for word in _word_list("before"))


def _word_list(name: str) -> tuple[str, ...]:
    return tuple(words("checks")["words"][name])


@cache
def _counted() -> re.Pattern[str]:
    units = sorted({re.escape(unit) for phrase in _phrases() for unit in phrase.units})
    return re.compile(rf"\d\s*(?:{'|'.join(units)})", re.IGNORECASE)


@cache
def _turning_words() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, _word_list('turns')))})\b")


@cache
def _phrases() -> tuple[Phrase, ...]:
    return tuple(_phrase(one) for one in words("checks")["words"]["phrase"])


def _phrase(given: Mapping) -> Phrase:
    return Phrase(
        units=tuple(given["unit"]),
        needs=tuple(tuple(group) for group in given["needs"]),
        without=tuple(given["not"]),
        keys=tuple(given["keys"]),
        part=given.get("part", ""),
        severity=Severity(given["severity"]),
    )

"""Who reports, for which period, under which number and date: read from the frame of somebody's Word report."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, takewhile

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition
from cchc_xl.text import label_key, nfc, same_sound
from cchc_xl.word.table_reading import Line

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_WORD = r"[^\W\d_]+"
_MOST_NAME_WORDS = 4
_FRAME = 60  # lines at the top and at the bottom that may be the letter's frame
_NUMBER_AND_SYMBOL = r"(\d{1,5}[a-z]?)\s*/\s*([a-z\u0110\u0111]{2,5})\s*[-\u2013]\s*([a-z\u0110\u0111]{2,6})"
_LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """``unit``: with its type word, "" when not found; ``period``: a code, "" when not found.

    ``names`` and ``periods``: all spellings met, the most frequent first; ``about``: fields of the sheet Thông tin.
    """

    unit: str
    names: tuple[str, ...]
    period: str
    periods: tuple[str, ...]
    about: dict[str, str]


def head_of_report(lines: Sequence[Line], edition: Edition) -> ReportHead:
    """Read the frame. Nothing in the lines raises."""
    texts = [text for line in lines for cell in line.cells for text in cell.split("\n") if text]
    names = _unit_names(texts, edition)
    periods = _periods(texts, edition)
    about = {"report_number": _number(texts), **_place_and_day(texts), **_signer(texts)}
    return ReportHead(
        unit=names[0] if names else "",
        names=names,
        period=periods[0] if periods else "",
        periods=periods,
        about={field: text for field, text in about.items() if text},
    )


def _unit_names(texts: Sequence[str], edition: Edition) -> tuple[str, ...]:
    """Names after "UBND xã …", the most frequent first; capital letters only where nothing else is written."""
    counts: Counter[str] = Counter()
    for text in texts:
        for found in _unit_pattern(edition.id, edition.level, tuple(_types(edition))).finditer(nfc(text[:_LONGEST])):
            if name := _leading_capitals(found["name"]):
                counts[f"{found['type'].lower()} {name}"] += 1
    counts.update(_from_letterhead(texts, edition))
    written = {name: count for name, count in counts.items() if not name.partition(" ")[2].isupper()}
    if not written:
        written = Counter({_as_name(name): count for name, count in counts.items()})
    return tuple(sorted(written, key=lambda name: (-written[name], name)))


def _types(edition: Edition) -> Iterator[str]:
    """Type words of the reporting units, the longest first."""
    types: dict[str, str] = edition.words["types"]  # type: ignore[assignment]
    yield from sorted((word for word, level in types.items() if level == edition.level), key=len, reverse=True)


@cache
def _unit_pattern(edition: str, level: str, types: tuple[str, ...]) -> re.Pattern[str]:
    bodies = "|".join(re.escape(nfc(word)) for word in words("intake")["about"]["body"])
    kinds = "|".join(re.escape(nfc(word)) for word in types)
    name = rf"{_WORD}(?: {_WORD}){{0,{_MOST_NAME_WORDS - 1}}}"
    return re.compile(rf"(?i:{bodies})\s+(?P<type>(?i:{kinds}))\s+(?P<name>{name})")


def _leading_capitals(text: str) -> str:
    """The words of a name: those with a capital, up to the first without one."""
    return " ".join(takewhile(lambda word: word[0].isupper(), text.split(" ")))


def _from_letterhead(texts: Sequence[str], edition: Edition) -> Iterator[str]:
    """``XÃ BÌNH LÃNG`` on a line of its own under "ỦY BAN NHÂN DÂN"."""
    bodies = {label_key(word) for word in words("intake")["about"]["body"]}
    for above, text in pairwise(texts[: _FRAME + 1]):
        said = nfc(text)
        kind = next((one for one in _types(edition) if said.lower().startswith(f"{one} ")), "")
        if kind and label_key(above) in bodies and len(said.split()) <= _MOST_NAME_WORDS + len(kind.split()):
            yield f"{kind} {said[len(kind) :].strip()}"


def _as_name(name: str) -> str:
    """``xã BÌNH LÃNG`` -> ``xã Bình Lãng``; the words of the type stay as they are."""
    return " ".join(word.capitalize() if word.isupper() else word for word in name.split(" "))


def other_spellings(head: ReportHead) -> tuple[str, ...]:
    """All spellings of the unit's name when there are several that sound alike but for marks; else none."""
    sounds = {same_sound(name) for name in head.names}
    return head.names if len(sounds) > 1 else ()


def _periods(texts: Sequence[str], edition: Edition) -> tuple[str, ...]:
    """Codes of the periods named; the one of the title first, then by how often they are named in heads of forms."""
    kind = label_key(words("intake")["about"]["kind"])
    place = next((at for at, text in enumerate(texts) if label_key(text) == kind), None)
    title = _period_in(" ".join(texts[place + 1 : place + 4]), edition) if place is not None else ""
    head = label_key(str(edition.words["head_label"]).partition("(")[0])
    counts: Counter[str] = Counter()
    for at, text in enumerate(texts):
        if label_key(text[:_LONGEST]).startswith(head):
            code = _period_in(" ".join(texts[at : at + 2]), edition)
            counts.update([code] if code else [])
    ranked = [code for code, _ in counts.most_common()]
    return tuple(dict.fromkeys([*([title] if title else []), *ranked]))


def _period_in(text: str, edition: Edition) -> str:
    """``2022-6T`` from a sentence that names a period of the edition; the longest name wins."""
    said = f" {label_key(text[:_LONGEST])} "
    for year in dict.fromkeys(_YEAR.findall(text)):
        titles = {kind: label_key(spec["title"].format(year=year)) for kind, spec in edition.period_kinds.items()}
        for kind, title in sorted(titles.items(), key=lambda one: -len(one[1])):
            if f" {title} " in said:
                return f"{year}-{kind}"
    return ""


def _number(texts: Sequence[str]) -> str:
    """``62/BC-UBND`` from "Số: 62/BC-UBND"; "" while the number is still open."""
    word = re.escape(words("intake")["about"]["number"])
    pattern = re.compile(rf"^{word}\s*:?\s*{_NUMBER_AND_SYMBOL}", re.IGNORECASE)
    found = next(filter(None, (pattern.match(nfc(text)) for text in texts[:_FRAME])), None)
    return f"{found[1]}/{found[2]}-{found[3]}" if found else ""


def _place_and_day(texts: Sequence[str]) -> dict[str, str]:
    """Place and date over the title."""
    said = words("intake")["about"]
    spelt = nfc(said["place_day"]).format(day=r"(\d{1,2})", month=r"(\d{1,2})", year=r"(\d{4})")
    pattern = re.compile(rf"^(?P<place>[^,]{{1,60}}){spelt}\s*\.?$".replace(" ", r"\s+"), re.IGNORECASE)
    for text in texts[:_FRAME]:
        found = pattern.match(nfc(text))
        if found:
            day, month, year = found.groups()[1:]
            date = said["report_date"].format(day=f"{int(day):02d}", month=int(month), year=year)
            return {"place": found["place"].strip(), "report_date": date}
    return {}


def _signer(texts: Sequence[str]) -> dict[str, str]:
    """The capacity on a line of its own, and the name that follows it."""
    capacities = {label_key(word): word for word in words("intake")["about"]["capacities"]}
    for at, text in enumerate(texts):
        said = text.strip()
        if said.isupper() and (capacity := capacities.get(label_key(said))):
            signer = next((nfc(one) for one in texts[at + 1 : at + 4] if _is_person(nfc(one))), "")
            if signer:
                return {"signer_capacity": capacity, "signer": signer}
    return {}


def _is_person(text: str) -> bool:
    """Two to six words, each with a capital and some small letters, as names stand under a signature."""
    parts = text.split(" ")
    return 2 <= len(parts) <= 6 and all(part.isalpha() and part.istitle() for part in parts)

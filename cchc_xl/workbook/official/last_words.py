"""Last period's words as a start for this one: what has certainly changed since is marked, nothing is rewritten."""

import re
from collections.abc import Mapping
from functools import cache

from cchc_xl.editions.catalogue import words

_DATE = r"\d{1,2}\s*/\s*\d{1,2}\s*/\s*\d{4}"
_REFERENCE = r"\d+[a-z]?(?:/[\w\-–]+)*/[^\W\d_][\w\-–]*"  # 59/KH-UBND, 41/2020/QĐ-UBND
_NUMBER = r"\d[\d.,/]*\d\s?%?|\d\s?%?"


def carried_over(last: Mapping[str, str]) -> dict[str, str]:
    """Heading id -> last period's text with its documents, dates and numbers marked as still to be updated.

    >>> carried_over({"direction": "Kế hoạch số 59/KH-UBND, 06 cuộc"})["direction"].count("[")
    2
    """
    mark = words("sheets")["words_sheet"]["to_update"]
    return {
        heading: _changing().sub(lambda found: mark.format(old=found[0]), text)
        for heading, text in last.items()
        if text
    }


def left_to_update(text: str) -> int:
    """How many marks of ``carried_over`` a clerk has left in a text."""
    before, after = (re.escape(part) for part in words("sheets")["words_sheet"]["to_update"].split("{old}"))
    return len(re.findall(f"{before}.*?{after}", text))


@cache
def _changing() -> re.Pattern[str]:
    """Documents by their number, dates in figures or words, then any other number; none inside a word."""
    said = words("sheets")["words_sheet"]["changing"]
    kinds = "|".join(re.escape(kind) for kind in said["documents"])
    number, day, month, year = (said[name] for name in ("number", "day", "month", "year"))
    named = rf"(?:{kinds})\s+{number}:?\s*(?:{_REFERENCE}|\d+\w*)"
    spelt = rf"{day}\s+\d{{1,2}}\s+{month}\s+\d{{1,2}}(?:\s+{year}\s+\d{{4}})?"
    return re.compile(rf"{named}|{_REFERENCE}|{spelt}|(?:{day}\s+)?{_DATE}|(?<!\w)(?:{_NUMBER})(?!\w)", re.IGNORECASE)

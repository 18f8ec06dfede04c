"""Structure-aware mutants of a filled workbook: no exception, no endless reading, nothing silently wrong."""

import random
import re

from cchc_xl.workbook.reader import read

from .conftest import SEED
from .damage import packed, parts_of
from .filled import ROSTER, filled
from .test_workbook_corpus import silent_differences

HOSTILE = [
    "",
    "0",
    "-1",
    "1",
    "999999999999",
    "1e999",
    "NaN",
    "A1:XFD1048576",
    "#REF!",
    "x" * 300,
    "\u202e",
    "D9",
    "s",
    "b",
    "&lt;",
]
COUNT = 1_500


def _attribute(text: str, rng: random.Random) -> str:
    found = list(re.finditer(r'="([^"]*)"', text))
    one = rng.choice(found) if found else None
    return text[: one.start(1)] + rng.choice(HOSTILE) + text[one.end(1) :] if one else text


def _content(text: str, rng: random.Random) -> str:
    found = list(re.finditer(r">([^<]+)<", text))
    one = rng.choice(found) if found else None
    return text[: one.start(1)] + rng.choice(HOSTILE) + text[one.end(1) :] if one else text


def _element(text: str, rng: random.Random) -> str | None:
    found = list(re.finditer(r"<(\w+)(?: [^<>]*)?(?:/>|>[^<]*</\1>)", text))
    return rng.choice(found)[0] if found else None


def _deleted(text: str, rng: random.Random) -> str:
    one = _element(text, rng)
    return text.replace(one, "", 1) if one else text


def _doubled(text: str, rng: random.Random) -> str:
    one = _element(text, rng)
    return text.replace(one, one + one, 1) if one else text


def _cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))]


EDITS = [_attribute, _content, _deleted, _doubled, _cut]


def mutant(rng: random.Random) -> tuple[bytes, str]:
    """A workbook with one thing wrong, and what it is."""
    parts = parts_of(filled())
    names = sorted(parts)
    name = rng.choice(names)
    how = rng.randrange(len(EDITS) + 3)
    if how < len(EDITS):
        parts[name] = EDITS[how](parts[name].decode(), rng).encode("utf-8", "replace")
        return packed(parts), f"{EDITS[how].__name__} {name}"
    other = rng.choice(names)
    if how == len(EDITS):
        del parts[name]
    elif how == len(EDITS) + 1:
        parts[name], parts[other] = parts[other], parts[name]
    else:
        parts[name + "x"] = parts.pop(name)
    return packed(parts), f"{how} {name} {other}"


# A value changed inside its own cell is what a clerk might have typed: nobody can tell.
IN_A_CELL = re.compile(r"_(content|attribute|deleted|doubled) xl/(worksheets|sharedStrings)")


def test_mutants_are_refused_or_said(share):
    (before,) = read(filled(), file="11092.xlsx", roster=ROSTER)
    rng = random.Random(SEED)
    for _ in range(round(COUNT * share)):
        content, what = mutant(rng)
        (after,) = read(content, file="11092.xlsx", roster=ROSTER)
        silent = silent_differences(before, after)
        assert len(silent) <= (2 if IN_A_CELL.match(what) else 0), (what, silent)

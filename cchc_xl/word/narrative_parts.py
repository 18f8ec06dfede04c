"""The narrative of somebody's report, cut up by the official outline. Headings are known by their words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition
from cchc_xl.text import label_key
from cchc_xl.word.table_reading import Line

_ROMAN = re.compile(r"^\s*([IVX]{1,4})\s*[.)/:]\s*(\S.*)$", re.DOTALL)
_ARABIC = re.compile(r"^\s*(\d{1,2}(?:\.\d{1,2})*)\s*[.)/:]?\s+(\D.*)$", re.DOTALL)
_LONGEST_HEADING = 200

Part = tuple[str, tuple[str, ...]]


def words_by_heading(lines: Sequence[Line], edition: Edition) -> dict[str, str]:
    """Outline id -> what stands under it, a paragraph a line; text before the first heading is left out."""
    known = {part["id"] for part in edition.words["outline"]}  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for heading, text in _headed(lines):
        if heading in known:
            found.setdefault(heading, []).append(text)
    return {heading: "\n".join(texts) for heading, texts in found.items()}


def _headed(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """(outline id, paragraph) in order, headings themselves left out."""
    section: Mapping | None = None
    heading = ""
    for line in lines:
        if line.table:
            continue
        text = "\n".join(filter(None, line.cells)) if len(line.cells) > 1 else line.cells[0]
        if section is not None and _ends(text):
            return
        roman = _ROMAN.match(text) if len(text) <= _LONGEST_HEADING else None
        named = _section(roman[2]) if roman else None
        if named is not None:
            section, heading = named, named["id"]
            continue
        below = _part(text, section) if section is not None else ""
        if below:
            heading = below
        elif heading:
            yield heading, text


def _section(title: str) -> Mapping | None:
    said = f" {label_key(title)} "
    for section in words("intake")["outline"]["sections"]:
        if any(f" {label_key(word)} " in said for word in section["holds"]):
            return section
    return None


def _part(text: str, section: Mapping) -> str:
    """The outline id of a heading below the section, "" for any other paragraph."""
    numbered = _ARABIC.match(text) if len(text) <= _LONGEST_HEADING else None
    if numbered is None or numbered[1].count(".") >= section.get("levels", 0):
        return ""
    said = f"{label_key(numbered[2])} "
    for name, starts in _parts(section["holds"][0]):
        if any(said.startswith(f"{start} ") for start in starts):
            return name
    return ""


@cache
def _parts(section: str) -> tuple[Part, ...]:
    """The parts of the section with this first word, as they sound."""
    given = next(one for one in words("intake")["outline"]["sections"] if one["holds"][0] == section)
    return tuple((name, tuple(label_key(start) for start in starts)) for name, starts in given.get("parts", ()))


def _ends(text: str) -> bool:
    said = f"{label_key(text[:_LONGEST_HEADING])} "
    return any(said.startswith(f"{label_key(word)} ") for word in words("intake")["outline"]["end"])

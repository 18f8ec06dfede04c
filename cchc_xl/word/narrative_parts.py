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
    for heading, text in _headed(lines, edition):
        if heading in known:
            found.setdefault(heading, []).append(text)
    return {heading: "\n".join(texts) for heading, texts in found.items()}


def _headed(lines: Sequence[Line], edition: Edition) -> Iterator[tuple[str, str]]:
    """(outline id, paragraph) in order, headings themselves left out."""
    section: Mapping | None = None
    heading = ""
    for line in lines:
        if line.table:
            continue
        text = "\n".join(filter(None, line.cells)) if len(line.cells) > 1 else line.cells[0]
        if section is not None and _ends(text):
            return
        exact = _exact(text, edition)
        if exact:
            section, heading = _section_of(exact), exact
            continue
        roman = _ROMAN.match(text) if len(text) <= _LONGEST_HEADING else None
        named = _section(roman[2]) if roman else _bare_section(line)
        if named is not None:
            section, heading = named, named["id"]
            continue
        below = _part(text, section, bold=line.bold) if section is not None else ""
        if below:
            heading = below
        elif heading:
            yield heading, text


def _exact(text: str, edition: Edition) -> str:
    """The outline id of a heading printed as the outline has it: "II.1. Cải cách thể chế"; "" for any other line."""
    if len(text) > _LONGEST_HEADING:
        return ""
    said = label_key(text)
    outline: Sequence[Mapping] = edition.words["outline"]  # type: ignore[assignment]
    return next((str(part["id"]) for part in outline if label_key(part["title"]) == said), "")


def _section_of(name: str) -> Mapping | None:
    """The section that has this outline id, for the headings that follow."""
    for section in words("intake")["outline"]["sections"]:
        if section["id"] == name or any(part == name for part, _ in section.get("parts", ())):
            return section
    return None


def _bare_section(line: Line) -> Mapping | None:
    """A section whose number Word counts by itself, so that only its bold capitals stand in the text."""
    text = line.text
    return _section(text) if line.bold and text.isupper() and len(text) <= _LONGEST_HEADING else None


def _section(title: str) -> Mapping | None:
    said = f" {label_key(title)} "
    for section in words("intake")["outline"]["sections"]:
        if any(f" {label_key(word)} " in said for word in section["holds"]):
            return section
    return None


def _part(text: str, section: Mapping, *, bold: bool) -> str:
    """The outline id of a heading below the section, "" for any other paragraph.

    A heading whose number Word counts by itself is a bold line of the heading's words and nothing else.
    """
    numbered = _ARABIC.match(text) if len(text) <= _LONGEST_HEADING else None
    if numbered is None and bold and len(text) <= _LONGEST_HEADING:
        said = label_key(text)
        return next((name for name, starts in _parts(section["holds"][0]) if said in starts), "")
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

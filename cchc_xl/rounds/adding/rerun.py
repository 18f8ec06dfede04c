"""A consolidation asked for again while nothing has changed: its outputs stand, and what was said is said again.

Nothing changed means: the same program, editions and roster, the same options, every file in the folders the same, and
every output of before still as it was written. Anything else is consolidated anew.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from cchc_xl.editions.load import DEFAULT, load
from cchc_xl.errors import CchcError
from cchc_xl.files import own_outputs, sha256_of
from cchc_xl.model import Consolidation
from cchc_xl.rounds.reading.cache import CACHE, Remembered, remembered_in, unpacked
from cchc_xl.rounds.reading.intake_files import documents_in, named, passed_over, workbooks_in
from cchc_xl.shipped import shipped
from cchc_xl.workbook.incoming.on_disk import content_of
from cchc_xl.workbook.incoming.package import Refused

_UNCERTAIN = (CchcError, OSError, ValueError, Refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for. ``options``: every other argument of ``consolidate_paths`` that decides the result."""

    paths: tuple[Path, ...]
    roster: Path
    out: Path
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said about a run: (text, style) line by line."""

    lines: tuple[tuple[str, str], ...]
    has_errors: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How things stood before a run.

    ``sources``: a mark of all files it reads; ``mark``: of these and all that stood among the outputs. ``is_first``: no
    master stood there that could hold a person's corrections. ``told``: what the last run said, if it still holds.
    ``remembered``: where that is kept.
    """

    remembered: Remembered
    sources: str
    mark: str
    is_first: bool
    told: Told | None


def look(asked: Asked) -> Before | None:
    """How things stand. None where that can't be told: then there is nothing to compare or remember."""
    try:
        remembered = _remembered(asked)
        if not remembered.key:
            return None
        sources = _sources(asked)
        mark = _mark(sources, asked.out)
        is_first = not any(asked.out.glob("*.xlsx"))
        told = _told(remembered, mark)
        return Before(remembered=remembered, sources=sources, mark=mark, is_first=is_first, told=told)
    except _UNCERTAIN:
        return None


def keep(asked: Asked, before: Before, told: Told, consolidation: Consolidation) -> None:
    """Remember what was said, if the next run would read the same: sources and corrections are as they were.

    A workbook has the content that was read of it; what else decided the result is looked at once more.
    """
    names = Counter(one.submission.file for one in consolidation.files)
    own = [one.submission for one in consolidation.files if not one.submission.relayed]
    read = {one.file: one.sha256 for one in own if names[one.file] == 1}  # two may be shown alike
    try:
        mark = _mark(before.sources, asked.out)
        if _sources(asked, read) == before.sources and (before.is_first or mark == before.mark):
            before.remembered.remember({mark: json.dumps(asdict(told), ensure_ascii=False)})
    except _UNCERTAIN:
        return


def _told(remembered: Remembered, mark: str) -> Told | None:
    for _, packed in remembered.known([mark]):
        said = json.loads(unpacked(packed))
        lines = tuple((text, style) for text, style in said["lines"])
        return Told(lines=lines, has_errors=said["has_errors"])
    return None


def _remembered(asked: Asked) -> Remembered:
    from cchc_xl.workbook.roster import read_roster

    edition = asked.options.get("edition") or DEFAULT
    return remembered_in(asked.out, read_roster(asked.roster, load(str(edition))))


def _sources(asked: Asked, read: Mapping[str, str] = MappingProxyType({})) -> str:
    """A mark of all that decides a result. ``read``: name -> sha256 of workbooks that need not be read for it."""
    ours = (asked.roster, *own_outputs(asked.out))
    named_paths = [*map(named, asked.paths), named(asked.roster), named(asked.out), os.getcwd()]
    options = sorted((name, repr(value)) for name, value in asked.options.items())
    others = [value for value in asked.options.values() if isinstance(value, Path)]
    workbooks = workbooks_in(asked.paths, leave_out=ours)
    files = [
        *documents_in(asked.paths, leave_out=ours),
        *workbooks_in([asked.roster, *others]),
        *_word_templates(),
    ]
    passed = passed_over(asked.paths, leave_out=ours)
    return sha256_of(
        json.dumps([named_paths, options, passed, [*_hashed(workbooks, read), *_hashed(files, {})]]).encode()
    )


def _word_templates() -> list[tuple[Path, str]]:
    """The shipped Word templates: the staff may have changed their wording."""
    folder = shipped("templates")
    return [(path, str(path)) for path in sorted(folder.rglob("*.docx"))] if folder else []


def _mark(sources: str, out: Path) -> str:
    """``sources`` and all that stands in ``out``: outputs, and masters with a person's corrections."""
    inside = out.iterdir() if out.is_dir() else ()
    outputs = sorted(path for path in inside if path.is_file() and not path.name.startswith(CACHE))
    return sha256_of(json.dumps([sources, [(named(path), sha256_of(path)) for path in outputs]]).encode())


def _hashed(files: Iterable[tuple[Path, str]], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, name in files:
        yield name, known.get(name) or sha256_of(content_of(path))

"""Which of a unit's workbooks count, row by row. A pure function: the order of arrival plays no part, only time stamps.

The rule. Versions are ranked: one that a person chose, then final before provisional, then the later received. Between
two that answer the same row differently:

- when one of them answers every row the other answers, they are versions of one workbook: the higher ranked counts, and
  rows that only the other answers stay (a blank never replaces an answer);
- when each answers rows the other leaves blank, two people filled them in: nobody guesses, a person is asked;
- when nothing tells which is later, a person is asked.

A version all of whose rows higher ranked ones answer is superseded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One unit's answers in one file. ``answers``: key -> text of the answer, blank rows left out."""

    sha256: str
    unit: str
    answers: Mapping[str, str] = field(hash=False)
    final: bool
    received: datetime
    written: datetime  # the file's own date, where it has one
    entered: datetime  # in the ledger
    chosen: datetime | None = None  # when a person preferred it to those that contradicted it

    @property
    def rank(self) -> tuple[bool, datetime, datetime, datetime]:
        return (self.final or self.chosen is not None, self.chosen or self.received, self.written, self.entered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``current``: highest ranked first; empty while a person is asked. ``conflicts``: version -> its rivals."""

    current: tuple[Version, ...]
    superseded: Mapping[str, Version]  # sha256 -> the one that took its place
    conflicts: Mapping[str, tuple[Version, ...]]  # sha256 -> those that contradict it


def choose(versions: Sequence[Version]) -> Choice:
    """The current versions of one unit."""
    kept: list[Version] = []
    superseded: dict[str, Version] = {}
    conflicts: dict[str, list[Version]] = {}
    for version in sorted(versions, key=lambda one: (one.rank, one.sha256), reverse=True):
        said = {key for one in kept for key in one.answers}
        asked = [one for one in kept if _contradict(one, version)]
        if asked and version.answers.keys() <= said and all(one.rank > version.rank for one in asked):
            asked = []  # later files together say all of it anew
        for one in asked:
            conflicts.setdefault(one.sha256, []).append(version)
            conflicts.setdefault(version.sha256, []).append(one)
        if kept and not asked and version.answers.keys() <= said:
            superseded[version.sha256] = _successor(kept, version)
        else:
            kept.append(version)
    kept, empty = _without_empty(kept)
    superseded |= empty
    return Choice(
        current=() if conflicts else tuple(kept),
        superseded=superseded,
        conflicts={sha256: tuple(rivals) for sha256, rivals in conflicts.items()},
    )


def differing(one: Version, other: Version) -> tuple[str, ...]:
    """Keys that both answer, differently."""
    return tuple(key for key, said in one.answers.items() if other.answers.get(key, said) != said)


def changes(old: Version, new: Version) -> tuple[tuple[str, str, str], ...]:
    """(key, old answer, new answer) of each row that changed; "" for a blank one."""
    keys = dict.fromkeys((*old.answers, *new.answers))
    pairs = ((key, old.answers.get(key, ""), new.answers.get(key, "")) for key in keys)
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _contradict(higher: Version, lower: Version) -> bool:
    """Do they differ so that a person must choose?"""
    if not differing(higher, lower):
        return False
    if higher.chosen is not None and lower.entered <= higher.chosen:
        return False
    covers = higher.answers.keys() <= lower.answers.keys() or lower.answers.keys() <= higher.answers.keys()
    return not (covers and higher.rank > lower.rank)


def _successor(kept: Sequence[Version], version: Version) -> Version:
    """The one that says most of it anew; the highest ranked among equals."""
    return max(kept, key=lambda one: len(one.answers.keys() & version.answers.keys()))


def _without_empty(kept: list[Version]) -> tuple[list[Version], dict[str, Version]]:
    """A workbook without any answer takes nobody's place."""
    filled = [one for one in kept if one.answers]
    if not filled:
        return kept, {}
    return filled, {one.sha256: filled[0] for one in kept if not one.answers}

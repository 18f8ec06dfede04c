"""From submissions to everything a master holds: figures, corrections, earlier periods, targets, rankings."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cchc_xl.consolidation.compare import FigureChange, can_rank, changes, rankings
from cchc_xl.errors import UsageError
from cchc_xl.model import Consolidation, Edition, Letterhead, Period, Roster, SeverityChange, Submission, Target
from cchc_xl.rounds.adding.comparing import earlier_rounds
from cchc_xl.rounds.adding.correcting import held_lines
from cchc_xl.rounds.reading.judging import Checked, checker, not_twice, with_peers

_LARGEST_FIGURES = 64 * 1024 * 1024  # bytes; those of many thousand units are not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What else goes into a consolidation. ``outputs``: the folder whose masters, ``master``, hold the corrections.

    ``handed_in``: files read as reports, which hold none even when they lie there.
    """

    outputs: Path
    master: str
    earlier: tuple[Submission, ...] = ()
    severities: tuple[SeverityChange, ...] = ()
    targets: tuple[Target, ...] = ()
    letterhead: Letterhead = field(default_factory=Letterhead)
    ranking: tuple[str, ...] = ()
    handed_in: tuple[Path, ...] = ()
    read: Sequence[Checked] = ()  # what was checked when it was read


def add_up(
    edition: Edition, period: Period, roster: Roster, submissions: Sequence[Submission], wanted: Wanted
) -> Consolidation:
    """The consolidation with what staff corrected, compared and asked for. Raises UsageError for a row to rank by."""
    from cchc_xl.consolidation.consolidate import consolidate
    from cchc_xl.consolidation.corrections import with_corrections

    judged = not_twice(checker(submissions, wanted.earlier, roster, wanted.severities), wanted.read)
    made = consolidate(edition, period, roster, submissions, judged)
    held = held_lines(wanted.outputs, wanted.master, made, wanted.handed_in)
    made = with_corrections(made, held.lines, judged)
    previous, last_year = earlier_rounds(edition, period, roster, wanted.earlier)
    made = replace(
        with_peers(made, wanted.severities),
        notices=held.notices,
        targets=wanted.targets,
        letterhead=wanted.letterhead,
        previous=previous,
        last_year=last_year,
    )
    return replace(made, rankings=rankings(made, _rankable(made, wanted.ranking))) if wanted.ranking else made


def _rankable(made: Consolidation, keys: Sequence[str]) -> Sequence[str]:
    wrong = [key for key in keys if not can_rank(made, key)]
    if wrong:
        raise UsageError("ranking-key", keys=", ".join(wrong))
    return keys


def changed_figures(folder: Path, name: str, made: Consolidation) -> tuple[FigureChange, ...]:
    """What the figures written into ``folder`` before say otherwise. Call it before they are replaced."""
    before = _figures_before(folder, name)
    return changes(before, made.figures)


def _figures_before(folder: Path, name: str) -> Mapping[str, Mapping[str, object]]:
    """The latest ``figures.json`` there: a numbered one was written beside one that a person has edited."""
    stem, suffix = re.escape(Path(name).stem), re.escape(Path(name).suffix)
    pattern = re.compile(rf"^{stem}(?: \((\d{{1,6}})\))?{suffix}$")
    found = [(int(named[1] or 1), path) for path in folder.glob("*") if (named := pattern.match(path.name))]
    if not found:
        return {}
    latest = max(found)[1]
    try:
        read = json.loads(latest.read_bytes()) if latest.stat().st_size <= _LARGEST_FIGURES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}

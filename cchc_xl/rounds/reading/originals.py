"""The originals of a round as read: everything is told by the sha256 under which it lies in the archive.

A master names on its rows the files they came from. That is only what it claims: in a round its rows are those of the
master itself, or a file from outside could speak for another one.
"""

from collections.abc import Mapping
from dataclasses import replace

from cchc_xl.consolidation.merge import merge
from cchc_xl.editions.load import load
from cchc_xl.errors import RoundError
from cchc_xl.model import State, Submission
from cchc_xl.rounds.keeping.archive import is_whole, original
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.reading.intake_files import Progress, quiet, read_each


def read_originals(
    the_round: Round, names: Mapping[str, str], *, workers: int = 0, progress: Progress = quiet
) -> dict[str, tuple[Submission, ...]]:
    """sha256 -> what that original says: one submission, or of a master one a unit; all bear that sha256.

    ``names``: sha256 -> the name it came under. Raises RoundError if one is gone or is not what it was.
    """
    files = [(original(the_round.folder, sha), name) for sha, name in names.items()]
    read = read_each(files, roster=the_round.roster, edition=the_round.edition, workers=workers, progress=progress)
    made: dict[str, tuple[Submission, ...]] = {}
    for (sha, found), (path, _) in zip(zip(names, read, strict=True), files, strict=True):
        if any(one.sha256 != sha for one in found) and not is_whole(path, sha):
            raise RoundError("round-original-altered", sha256=sha)
        made[sha] = tuple(replace(one, sha256=sha) for one in _of_units(found, the_round))
    return made


def _of_units(found: tuple[Submission, ...], the_round: Round) -> tuple[Submission, ...]:
    """One submission a unit: a master keeps the files of two officers apart."""
    by_unit: dict[str, list[Submission]] = {}
    for one in found:
        by_unit.setdefault(one.unit.code if one.unit else "", []).append(one)
    return tuple(listed[0] if len(listed) == 1 else _together(listed, the_round) for listed in by_unit.values())


def _together(parts: list[Submission], the_round: Round) -> Submission:
    """Rows with two answers are readable to nobody: the finding says so."""
    name = parts[0].edition or the_round.edition.id
    merged = merge(the_round.edition if name == the_round.edition.id else load(name), parts)
    entries = dict(merged.submission.entries)
    for one in merged.conflicts:
        key, values = str(one.key), str(one.args["values"])
        entries[key] = replace(entries[key], state=State.UNREADABLE, value=None, raw=values)
    return replace(merged.submission, entries=entries, findings=(*merged.submission.findings, *merged.conflicts))

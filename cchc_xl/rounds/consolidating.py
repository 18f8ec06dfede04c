"""Consolidating a round: what counts now is added up and written into the round's own folder of outputs.

The ledger says before the first output is replaced what is about to be written, and afterwards that all of it was: so a
run that was cut short between two outputs can be told from outputs that somebody altered.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.files import sha256_of, write_outputs
from cchc_xl.model import Submission
from cchc_xl.rounds import ledger
from cchc_xl.rounds.archive import original
from cchc_xl.rounds.current import names_in, standing_of, submissions_of
from cchc_xl.rounds.folder import OUTPUTS, Round
from cchc_xl.rounds.intake_files import Progress, quiet, read_all
from cchc_xl.rounds.judging import checker, earlier_submissions, with_peers
from cchc_xl.rounds.pipeline import Consolidated, make_outputs
from cchc_xl.rounds.states import Standing

CONSOLIDATING, CONSOLIDATED = "consolidating", "consolidated"
_LISTED = ("unreadable", "other_period", "other_edition")  # files turned away that the master lists


def consolidate_round(
    folder: Path, now: datetime, who: str, previous: Path | None = None, progress: Progress = quiet
) -> Consolidated:
    """The four outputs of the contract in ``folder/ra``, from the workbooks that count now.

    ``previous``: an earlier workbook, master or folder of them to compare with. An output that a person has edited
    stays, the new one goes beside it. Raises UsageError (nothing received), RoundError, RosterError, OutputError.
    """
    from cchc_xl.consolidation.consolidate import consolidate

    the_round, stands, events = standing_of(folder, now, progress)
    names = names_in(events)
    counted = submissions_of(the_round, stands, names)
    if not counted:
        raise UsageError("nothing-to-consolidate", paths=str(folder))
    found = (*counted, *_turned_away(the_round, stands))
    progress("consolidate", 0, 1)
    judged = checker(counted, earlier_submissions(previous, the_round.roster), the_round.roster)
    made = with_peers(consolidate(the_round.edition, the_round.period, the_round.roster, found, judged))
    progress("consolidate", 1, 1)
    outputs = make_outputs(made, {}, progress)
    return Consolidated(consolidation=made, written=_enter(folder, outputs, found, now, who))


def _turned_away(the_round: Round, stands: Standing) -> tuple[Submission, ...]:
    """Workbooks that can't count, so that nobody looks for them in vain."""
    away = {one.arrival.sha256: one.arrival.name for one in stands.seen if one.reason in _LISTED}
    files = [(original(the_round.folder, sha256), name) for sha256, name in away.items()]
    return read_all(files, roster=the_round.roster, edition=the_round.edition)


def _enter(
    folder: Path, outputs: Sequence[tuple[str, bytes]], found: Sequence[Submission], now: datetime, who: str
) -> dict[str, Path]:
    hashes: Mapping[str, str] = {name: sha256_of(content) for name, content in outputs}
    sources = sorted({submission.sha256 for submission in found})
    ledger.add(folder, CONSOLIDATING, {"outputs": hashes, "sources": sources}, now=now, who=who)
    written = write_outputs(folder / OUTPUTS, outputs)
    names = {name: path.name for name, path in written.items()}
    ledger.add(folder, CONSOLIDATED, {"outputs": hashes, "written": names}, now=now, who=who)
    return written

"""Consolidating a round: what counts now is added up and written into the round's own folder of outputs.

The ledger says before the first output is replaced what is about to be written, and afterwards that all of it was: so a
run that was cut short between two outputs can be told from outputs that somebody altered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cchc_xl.collector import without_collector
from cchc_xl.errors import UsageError
from cchc_xl.files import sha256_of, write_outputs
from cchc_xl.model import Submission
from cchc_xl.rounds.adding.adding_up import Wanted, add_up, changed_figures
from cchc_xl.rounds.adding.held import room_aside
from cchc_xl.rounds.adding.outgoing import NAMES, PDF, finished, templates_in
from cchc_xl.rounds.following.changed_since import CONSOLIDATED, CONSOLIDATING, counted_files
from cchc_xl.rounds.following.judged import earlier_of, with_explanations_ruled
from cchc_xl.rounds.following.listing import FINDINGS_BOOK, findings_book
from cchc_xl.rounds.following.open_points import full_standing_of
from cchc_xl.rounds.following.status import statuses_of
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import OUTPUTS, REPORT_WORDING, Round
from cchc_xl.rounds.keeping.frozen import frozen_in
from cchc_xl.rounds.pipeline import FIGURES, MASTER, Consolidated, make_outputs
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.reading.originals import read_originals
from cchc_xl.rounds.receiving.current import names_in, submissions_of
from cchc_xl.rounds.receiving.states import Standing

_LISTED = ("unreadable", "other_period", "other_edition")  # files turned away that the master lists


@without_collector()
def consolidate_round(
    folder: Path,
    now: datetime,
    who: str,
    previous: Path | None = None,
    progress: Progress = quiet,
    *,
    pdf: bool = False,
) -> Consolidated:
    """The four outputs of the contract and those beside them in ``folder/ra``, from the workbooks that count now.

    ``previous``: an earlier workbook, master or folder of them to compare with, else what the settings name. Targets,
    letterhead and ranking are those of the settings, corrections those of the masters in that folder. An output that a
    person has edited stays, the new one goes beside it. ``pdf``: the Word files as PDF too, where LibreOffice is there.
    Raises UsageError (nothing received), RoundError, RosterError, OutputError.
    """
    full = full_standing_of(folder, now, progress)
    the_round, stands, events = full.round, full.stands, full.events
    names = names_in(events)
    counted = submissions_of(the_round, stands, names)
    if not counted:
        raise UsageError("nothing-to-consolidate", paths=str(folder))
    found = (*counted, *_turned_away(the_round, stands))
    progress("consolidate", 0, 1)
    home, said = folder / OUTPUTS, the_round.settings
    wanted = Wanted(
        outputs=home,
        master=MASTER,
        earlier=earlier_of(the_round, previous),
        **said.adding_up,
        ranking=said.ranking,
    )
    made = add_up(the_round.edition, the_round.period, the_round.roster, found, wanted)
    changed = changed_figures(home, FIGURES, made)
    made = replace(with_explanations_ruled(made, events), statuses=statuses_of(stands, events, now.tzinfo))
    progress("consolidate", 1, 1)
    templates = templates_in(folder / REPORT_WORDING)
    more = (*NAMES, *((PDF,) if pdf else ()))
    with room_aside(made) as aside:
        first = (*make_outputs(made, {}, progress, templates, aside), (FINDINGS_BOOK, findings_book(made)))
        outputs, not_made = finished(first, made, said.portal, more, templates)
        about = {"sources": sorted({one.sha256 for one in found}), "parts": counted_files(stands)}
        written = _enter(folder, outputs, about, now, who, frozen_in(events))
    return Consolidated(consolidation=made, written=written, changed=changed, not_made=not_made)


def _turned_away(the_round: Round, stands: Standing) -> tuple[Submission, ...]:
    """Workbooks that can't count, so that nobody looks for them in vain."""
    away = {one.arrival.sha256: one.arrival.name for one in stands.seen if one.reason in _LISTED}
    return tuple(one for found in read_originals(the_round, away).values() for one in found)


def _enter(
    folder: Path,
    outputs: Sequence[tuple[str, bytes | Path]],
    about: Mapping[str, object],
    now: datetime,
    who: str,
    frozen: Mapping[str, str],
) -> dict[str, Path]:
    hashes: Mapping[str, str] = {name: sha256_of(content) for name, content in outputs}
    ledger.add(folder, CONSOLIDATING, {"outputs": hashes, **about}, now=now, who=who)
    written = write_outputs(folder / OUTPUTS, outputs, frozen)
    names = {name: path.name for name, path in written.items()}
    ledger.add(folder, CONSOLIDATED, {"outputs": hashes, "written": names}, now=now, who=who)
    return written

"""The use cases behind the buttons of the control workbook: each does what its command does, and says what to show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import CchcError, UsageError, problem_of
from cchc_xl.rounds.buttons.actions import ACTIONS, Desk, Done, Link, output_of
from cchc_xl.rounds.buttons.control_settings import ControlSettings, Rows, Settled, settle
from cchc_xl.rounds.buttons.tables import Table, counts_of, files_table, next_step, units_table
from cchc_xl.rounds.following.open_points import full_standing_of
from cchc_xl.rounds.keeping.folder import place_warning
from cchc_xl.rounds.keeping.settings import path_of
from cchc_xl.rounds.pipeline import MASTER, NARRATIVE
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.current import names_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResult:
    """What the control workbook shows after a button. ``ok`` False: the action could not be carried out.

    ``fields``: id -> text of the settings as they now are. ``tables``: id of ui/control.toml [tables], or "roster" ->
    rows; one that is missing stays as it is. ``counts``: [counts] -> number, {} where there is no round.
    """

    action: str
    ok: bool
    sentences: tuple[str, ...]
    next_step: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    opens: tuple[Path, ...] = ()
    has_errors: bool = False

    @property
    def message(self) -> str:
        return "\n".join(self.sentences)


def run(action: str, control: ControlSettings, now: datetime, who: str, progress: Progress = quiet) -> ControlResult:
    """Carry out one of ``ACTIONS`` on the round of this control workbook; ``now`` with its time zone.

    A set-up that can't be used is a result with ``ok`` False and its sentence. Raises UsageError for an unknown action.
    """
    check_action(action)
    settled: Settled | None = None
    try:
        settled = settle(control, now, who, make=action == "issue")
        desk = Desk(control=control, settled=settled, now=now, who=who, progress=progress)
        done = ACTIONS[action](desk)
        return _shown(action, desk, done)
    except CchcError as error:
        return failed(action, error, settled)
    except OSError as error:  # a path that no disk can hold, a folder without permission …
        problem = UsageError("control-disk", file=error.filename or "?", problem=problem_of(error))
        return failed(action, problem, settled)


def check_action(action: str) -> None:
    if action not in ACTIONS:
        raise UsageError("control-action", name=action, known=", ".join(ACTIONS))


def failed(action: str, error: CchcError, settled: Settled | None = None) -> ControlResult:
    """What was brought into line before the action failed is still shown: it has been written."""
    if settled is None:
        return ControlResult(action=action, ok=False, sentences=(error_sentence(error),))
    return ControlResult(
        action=action,
        ok=False,
        sentences=(error_sentence(error), *settled.notes),
        fields=settled.fields,
        seen=settled.seen,
        tables=_roster_table(settled.roster),
    )


def broken_off(action: str) -> ControlResult:
    """What to show when the program itself ends in the middle of an action. Raises UsageError for an unknown one."""
    check_action(action)
    return ControlResult(action=action, ok=False, sentences=(words("control")["messages"]["broken_off"],))


def _shown(action: str, desk: Desk, done: Done) -> ControlResult:
    full = full_standing_of(desk.folder, desk.now, desk.progress)
    the_round, stands, events = full.round, full.stands, full.events
    counts = counts_of(stands)
    tables = {
        "units": units_table(the_round, stands, names_in(events)),
        "files": files_table(the_round, stands),
        **_roster_table(desk.settled.roster),
    }
    if done.findings is not None:
        tables["findings"] = done.findings
    return ControlResult(
        action=action,
        ok=True,
        sentences=(*done.sentences, *desk.settled.notes, *_warnings(desk)),
        next_step=next_step(stands, counts, has_outputs=output_of(desk.folder, MASTER) is not None),
        counts=counts,
        fields=desk.settled.fields,
        seen=desk.settled.seen,
        tables=tables,
        links=_links(desk, done),
        opens=done.opens,
        has_errors=done.has_errors,
    )


def _roster_table(roster: Rows | None) -> dict[str, Table]:
    return {} if roster is None else {"roster": roster}


def _warnings(desk: Desk) -> tuple[str, ...]:
    warning = place_warning(desk.folder)
    return (warning,) if warning and desk.settled.notes else ()  # said when a round is made or first opened


def _links(desk: Desk, done: Done) -> tuple[Link, ...]:
    """What was just made first, then what a person often opens."""
    said, home = words("control")["links"], desk.folder
    standing = [
        (said["master"], output_of(home, MASTER)),
        (said["narrative"], output_of(home, NARRATIVE)),
        (said["round"], home),
        (said["settings"], path_of(home)),
        (said["roster"], Path(desk.settled.round.roster.file)),
    ]
    links = [*done.links, *((caption, path) for caption, path in standing if path is not None and path.exists())]
    return tuple(dict((path, (caption, path)) for caption, path in reversed(links)).values())[::-1]

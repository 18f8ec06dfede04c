"""A round in one folder: settings and roster that staff edit, archive, ledger, outputs. One thing to back up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import DEFAULT, load, period_of
from cchc_xl.editions.severities import with_severities
from cchc_xl.errors import RoundError, UsageError
from cchc_xl.files import write_atomic
from cchc_xl.model import Edition, Period, ReportingUnit, Roster
from cchc_xl.rounds.keeping import ledger, settings
from cchc_xl.rounds.keeping.archive import ARCHIVE
from cchc_xl.rounds.keeping.ledger import LEDGER, Event

OUTPUTS, TEMPLATES, LETTERS, ANSWERS, REPORTS = "ra", "bieu-mau", "thu-nhap", "phan-hoi", "bao-cao-don-vi"
WORDING, PACKS, EARLIER = "mau-thu", "dong-goi", settings.PACKED_EARLIER
REPORT_WORDING = "mau-bao-cao"  # the staff's own Word templates
OWN_FOLDERS = (
    *(ARCHIVE, LEDGER, OUTPUTS, TEMPLATES, LETTERS, ANSWERS, REPORTS, WORDING, PACKS, EARLIER),
    REPORT_WORDING,
)
OPENED = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One collection: what is asked, of whom, by when."""

    folder: Path
    edition: Edition
    period: Period
    roster: Roster
    settings: settings.Settings

    @property
    def units(self) -> tuple[ReportingUnit, ...]:
        """Everybody who owes a workbook: the due units in roster order, then the consolidating unit."""
        own = self.roster.consolidating
        return (*self.roster.due(self.period.end), *((own,) if own else ()))

    def unit(self, code: str) -> ReportingUnit | None:
        return next((unit for unit in self.units if unit.code == code), None)


def new_round(folder: Path, roster: Path, period: str, edition: str | None, now: datetime, who: str) -> Round:
    """Make the folder of a round; a run that was cut short is completed.

    ``now`` with its time zone. Raises UsageError (a round is there already, unknown period or edition), RosterError,
    OutputError.
    """
    if ledger.exists(folder) and (began := _opening(ledger.events(folder))):
        raise UsageError("round-exists", path=str(folder), period=began.body["period"])
    forms = load(edition or DEFAULT)
    when = period_of(forms, period)
    units, content, name = _roster_of(roster, forms)
    write_atomic(folder / name, content)
    if not settings.path_of(folder).exists():
        write_atomic(settings.path_of(folder), settings.blank(forms, when.code, units))
    body = {"edition": forms.id, "period": when.code, "roster": name, "units": len(units.units)}
    ledger.add(folder, OPENED, body, now=now, who=who, mark=OPENED)
    return open_round(folder)


def _roster_of(path: Path, edition: Edition) -> tuple[Roster, bytes, str]:
    """The roster checked, its bytes as a workbook, and the name it gets in the round."""
    from cchc_xl.workbook.incoming.kinds import READABLE, kind_of
    from cchc_xl.workbook.roster import read_roster, roster_of

    read_roster(path, edition)  # what is wrong is said of the file as staff know it
    content = path.read_bytes()
    name = words("round")["roster"]["file"] + ".xlsx"
    if kind_of(content) not in READABLE:
        content = settings.roster_book(content)
    return roster_of(content, file=name, edition=edition), content, name  # of these very bytes: somebody may be saving


def _opening(events: Sequence[Event]) -> Event | None:
    return next((event for event in events if event.kind == OPENED), None)


def open_round(folder: Path, events: Sequence[Event] | None = None) -> Round:
    """The round as its ledger, roster and settings say now. Raises RoundError, RosterError.

    ``events``: those of its ledger where they have been read already.
    """
    from cchc_xl.workbook.roster import read_roster

    began = _opening(ledger.events(folder) if events is None else events)
    if began is None:
        raise RoundError("round-unfinished", path=str(folder))
    forms = load(str(began.body["edition"]))
    units = read_roster(folder / str(began.body["roster"]), forms)
    said = settings.read(folder, units, forms)
    return Round(
        folder=folder,
        edition=with_severities(forms, said.severities),
        period=period_of(forms, str(began.body["period"])),
        roster=units,
        settings=said,
    )


def place_warning(folder: Path) -> str:
    """A sentence when the folder lies where a sync service or a network may write too; "" otherwise."""
    said, path = words("round")["places"], str(folder.resolve())
    parts = re.split(r"[\\/]", path.casefold())
    for service in said["services"]:
        if any(part.startswith(service.casefold()) for part in parts):
            return said["synced"].format(path=path, service=service)
    return said["network"].format(path=path) if path.startswith(("\\\\", "//")) else ""

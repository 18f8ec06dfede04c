"""What staff set in the control workbook, and the round it is about: both say the same before anything is done.

The round's own settings and roster are what counts. A change made in the control workbook since its last run is written
into the round, one made in the round is shown in the control workbook; changed in both places, a person decides.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import DEFAULT, load
from cchc_xl.errors import UsageError
from cchc_xl.files import sha256_of, write_atomic
from cchc_xl.rounds.buttons.kept import Rows, field_of, give_fields, roster_content, roster_rows, set_aside
from cchc_xl.rounds.keeping import ledger, settings
from cchc_xl.rounds.keeping.folder import OPENED, Round, new_round, open_round

SHARED = ("deadline", "mail_sender", "mail_host", "mail_port", "mail_security", "mail_user")  # with the round
FIXED = ("period", "edition")  # once the round is made


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """The control workbook as it stands. ``home``: the folder it lies in. ``fields``: id -> text of ui/control.toml.

    ``seen``: what fields, "folder" and "roster" were when it was last shown; {} for a new one.
    """

    home: Path
    fields: Mapping[str, str] = field(default_factory=dict)
    roster: Rows = ()
    seen: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field without what Windows puts around a copied path: quotation marks, invisible direction marks."""
        seen = "".join(c for c in self.fields.get(name, "") if unicodedata.category(c)[0] != "C")
        return seen.strip().strip('"').strip()

    def path(self, name: str) -> Path:
        """A folder as written, from the control workbook's own folder on."""
        return self.home / Path(self.text(name))

    @property
    def sends(self) -> bool:
        """Whether letters really go out. Raises UsageError for a word that says neither."""
        text, choices = self.text("send"), words("control")["choices"]["send"]
        if text and text not in choices:
            label = words("control")["fields"]["send"]
            raise UsageError("control-send", label=label, text=text, choices=", ".join(choices))
        return text == choices[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The round, with the control workbook at one with it. ``fields``, ``roster``: what the control workbook shows now;
    ``roster`` None: as it stands. ``notes``: sentences on what was brought into line."""

    round: Round
    fields: Mapping[str, str]
    roster: Rows | None
    seen: Mapping[str, str]
    notes: tuple[str, ...] = ()


def check_place(home: Path) -> None:
    """Raises UsageError where a workbook can't be kept: opened from inside a zip, out of a mail, or from the web."""
    text = str(home)
    if re.match(r"https?:", text):
        raise UsageError("control-online", path=text)
    wrong = words("control")["places"]["temporary"]
    if any(re.fullmatch(pattern, part, re.IGNORECASE) for part in re.split(r"[\\/]", text) for pattern in wrong):
        raise UsageError("control-temporary", path=text)


def settle(control: ControlSettings, now: datetime, who: str, *, make: bool = False) -> Settled:
    """The round of this control workbook; ``make``: a round that is not there yet is made from it.

    Raises UsageError (nothing set, no round, two different truths), RosterError, RoundError, OutputError.
    """
    check_place(control.home)
    if not control.text("folder"):
        raise UsageError("control-folder", label=words("control")["fields"]["folder"])
    folder = control.path("folder")
    if not _is_made(folder):
        if not make:
            raise UsageError("control-no-round", path=str(folder))
        try:
            return _made(control, folder, now, who)
        except UsageError:
            if not _is_made(folder):  # else somebody pressed at the same moment and was first
                raise
    return _Settling(control, folder).settled()


def _is_made(folder: Path) -> bool:
    return ledger.exists(folder) and any(event.kind == OPENED for event in ledger.events(folder))


def _made(control: ControlSettings, folder: Path, now: datetime, who: str) -> Settled:
    said = words("control")
    if not control.text("period"):
        raise UsageError("control-period", label=said["fields"]["period"])
    if not control.roster:
        raise UsageError("control-roster")
    name = words("round")["roster"]["file"] + ".xlsx"
    content = roster_content(control.roster)
    _check_roster(content, control.text("edition") or DEFAULT)
    roster = folder / name
    if roster.exists() and roster.read_bytes() != content:
        set_aside(roster)
    write_atomic(roster, content)
    made = new_round(folder, roster, control.text("period"), control.text("edition") or None, now, who)
    give_fields(folder, {name: control.text(name) for name in SHARED if control.text(name)})
    note = said["messages"]["made_round"].format(period=made.period.title, path=folder)
    shown = {**control.fields, "edition": made.edition.id, "period": made.period.code}
    seen = _seen(folder, shown, control.roster)
    return Settled(round=open_round(folder), fields=shown, roster=None, seen=seen, notes=(note,))


def _check_roster(content: bytes, edition: str) -> None:
    """Told by the row of the sheet, not of a file nobody has seen. Raises RosterError."""
    from cchc_xl.workbook.roster import roster_of

    roster_of(content, file=words("control")["words"]["roster_place"], edition=load(edition))


def _seen(folder: Path, fields: Mapping[str, str], roster: Rows) -> dict[str, str]:
    known = {name: fields.get(name, "").strip() for name in SHARED}
    return known | {"folder": str(folder), "roster": _mark(roster)}


def _mark(roster: Rows) -> str:
    return sha256_of("\n".join("\t".join(row) for row in roster).encode()) if roster else ""


class _Settling:
    """One control workbook held against its round."""

    def __init__(self, control: ControlSettings, folder: Path) -> None:
        self.control, self.folder = control, folder
        self.body = next(event for event in ledger.events(folder) if event.kind == OPENED).body
        self.known = control.seen.get("folder") == str(folder)
        self.notes: list[str] = []
        self.fields = dict(control.fields)
        self.given: dict[str, str] = {}

    def settled(self) -> Settled:
        said = words("control")["messages"]
        if not self.known:
            self.notes.append(said["taken_over"].format(path=self.folder))
        for name in FIXED:
            self._fix(name)
        roster = self._roster()  # first: it may stop us, and then nothing has been written
        for name in SHARED:
            self._share(name)
        if self.given:
            self._give()
        shown = roster if roster is not None else self.control.roster
        return Settled(
            round=open_round(self.folder),
            fields=self.fields,
            roster=roster,
            seen=_seen(self.folder, self.fields, shown),
            notes=tuple(self.notes),
        )

    def _fix(self, name: str) -> None:
        """What can't change any more: shown as it is; another wish for the same folder is a mistake."""
        had, wanted = str(self.body[name]), self.control.text(name)
        if self.known and wanted and wanted != had:
            label = words("control")["fields"][name]
            raise UsageError("control-other-round", path=str(self.folder), label=label, had=had, wanted=wanted)
        self.fields[name] = had

    def _share(self, name: str) -> None:
        path, said = settings.path_of(self.folder), words("control")["messages"]
        here, there = self.control.text(name), field_of(path, name)
        before = self.control.seen.get(name, "")
        if here == there:
            return
        label = words("control")["fields"][name]
        if not self.known and not there:  # set here only, perhaps by a run that was cut short
            before = there
        elif not self.known:
            before = here
        if here == before:
            self.fields[name] = there
            text = there or said["blank"]
            self.notes.append(said["field_taken"].format(label=label, file=path.name, text=text))
        elif there == before:
            self.given[name] = here
        else:
            raise UsageError("control-both-changed", label=label, here=here, there=there, file=path.name)

    def _give(self) -> None:
        path, said = settings.path_of(self.folder), words("control")
        old = set_aside(path)
        give_fields(self.folder, self.given)
        for name, text in self.given.items():
            told = {"label": said["fields"][name], "text": text or said["messages"]["blank"]}
            self.notes.append(said["messages"]["field_given"].format(file=path.name, old=old.name, **told))

    def _roster(self) -> Rows | None:
        """The round's roster where the control workbook has to show it; None where it shows it already."""
        path, said = self.folder / str(self.body["roster"]), words("control")["messages"]
        here, there = self.control.roster, roster_rows(path.read_bytes(), str(path)) if path.exists() else ()
        before = self.control.seen.get("roster", "") if self.known else ""
        if here == there:
            return None
        if not here or (self.known and _mark(here) == before):
            self.notes.append(said["roster_taken"].format(count=len(there)))
            return there
        if not self.known or _mark(there) != before:
            raise UsageError("control-both-rosters", file=path.name)
        content = roster_content(here)
        _check_roster(content, str(self.body["edition"]))
        old = set_aside(path)
        write_atomic(path, content)
        told = said["roster_given"].format(before=len(there), after=len(here), old=old.name)
        self.notes.append(told)
        return None

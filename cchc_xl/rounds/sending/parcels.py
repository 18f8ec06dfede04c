"""What goes to a unit, once for each content: entered in the ledger with its number, then written, then perhaps sent.

The event comes first and bears the number, so that two people never give one number to two contents; a second one says
which bytes were written. A run cut short in between is completed by the next: same content, same number, same files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

from cchc_xl.editions.catalogue import words
from cchc_xl.files import is_edited, sha256_of, write_outputs
from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.asked import PREPARED
from cchc_xl.rounds.sending.prepared import Prepared
from cchc_xl.text import file_words

WRITTEN = "written"

Files = tuple[tuple[str, bytes], ...]  # path inside the round's folder, with "/"; content


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The content of a parcel. ``files``: in the order to attach; ``paste``: a short text to send by hand.

    ``values``: what the letter says, by the names of ui/mail.toml [names]; ``letter``: which of the letters there, ""
    for that of the parcel's kind. Without ``paste`` the short text of that letter is taken.
    """

    files: Files = ()
    paste: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    letter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """``kind``: a word of ui/round.toml [parcels]. ``about``: everything it depends on; equal texts are one content.

    ``pack(number, at)``: the content, for the how manieth of its kind to this unit and the moment it was prepared.
    ``returns``: an earlier content may go again once another one has taken its place (a deadline moved and moved back).
    """

    kind: str
    unit: ReportingUnit
    about: str
    pack: Callable[[int, datetime], Packed]
    returns: bool = False
    noted: Mapping[str, object] = field(default_factory=dict)  # what else its event is to say

    @property
    def content(self) -> str:
        return sha256_of(f"{self.kind}\0{self.unit.code}\0{self.about}".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A parcel with its number and the moment it got it. ``again``: it had been prepared before.

    ``packed``: its content where it had to be made; ``content`` makes it anew otherwise.
    """

    parcel: Parcel
    number: int
    at: datetime
    again: bool
    packed: Packed | None = None

    @property
    def content(self) -> Packed:
        return self.packed or self.parcel.pack(self.number, self.at)

    @property
    def key(self) -> str:
        """What tells its letter from every other."""
        return f"{self.parcel.content}:{self.number}"


def stem_of(unit: ReportingUnit) -> str:
    """``11092_Binh-Lang``: the beginning of every name of a file for a unit."""
    return f"{file_words(unit.code)}_{file_words(unit.title)}"


def prepared_in(events: Sequence[Event], kind: str, unit: str) -> tuple[Event, ...]:
    """What was prepared of a kind for a unit, oldest first."""
    mine = (event for event in events if event.kind == PREPARED)
    return tuple(event for event in mine if (event.body["parcel"], event.body["unit"]) == (kind, unit))


def prepare(
    the_round: Round,
    events: Sequence[Event],
    parcels: Sequence[Parcel],
    *,
    now: datetime,
    who: str,
    dry_run: bool = False,
    progress: Progress = quiet,
) -> tuple[Prepared, tuple[Posted, ...]]:
    """Enter and write every parcel; one whose content was prepared before keeps its number, and its files if gone.

    With ``dry_run`` nothing is entered or written. Raises RoundError, OutputError.
    """
    said = words("round")["left_out"]
    posted, written, left_out = [], [], []
    for number, parcel in enumerate(parcels, start=1):
        one = _posted(the_round, events, parcel, now=now, who=who, dry_run=dry_run)
        if one.again:
            left_out.append((parcel.unit.full_name, said["again"].format(at=f"{one.at:%H:%M %d/%m/%Y}")))
        if not (one.again and _stands(the_round.folder, one, events)):
            one = replace(one, packed=one.content)
            written += _laid_out(the_round, one, now=now, who=who, dry_run=dry_run)
        posted.append(one)
        progress("write", number, len(parcels))
    prepared = Prepared(folder=the_round.folder, written=tuple(written), left_out=tuple(left_out))
    return prepared, tuple(posted)


def _posted(
    the_round: Round, events: Sequence[Event], parcel: Parcel, *, now: datetime, who: str, dry_run: bool
) -> Posted:
    before = prepared_in(events, parcel.kind, parcel.unit.code)
    alive = before[-1:] if parcel.returns else before
    known = next((event for event in alive if event.body["content"] == parcel.content), None)
    number = int(str(before[-1].body["number"])) + 1 if before else 1
    if known is None and dry_run:
        return Posted(parcel=parcel, number=number, at=now, again=False)
    event = known or _entered(the_round.folder, parcel, number, now, who)
    return Posted(parcel=parcel, number=int(str(event.body["number"])), at=event.at, again=known is not None)


def _entered(folder: Path, parcel: Parcel, number: int, now: datetime, who: str) -> Event:
    """The event of this content: the first free number from ``number`` on, or that of somebody just faster."""
    while True:
        body = {"parcel": parcel.kind, "unit": parcel.unit.code, "content": parcel.content, "number": number}
        body |= parcel.noted
        mark = sha256_of("\0".join((PREPARED, parcel.kind, parcel.unit.code, str(number))).encode())
        event = ledger.add(folder, PREPARED, body, now=now, who=who, mark=mark).event
        if event.body["content"] == parcel.content:
            return event
        number += 1


def _stands(folder: Path, one: Posted, events: Sequence[Event]) -> bool:
    """Was all of it written, to the addresses of now, and is every file still there?

    What a person did to it since is theirs.
    """
    from cchc_xl.rounds.sending.drafting import addresses_of

    written = [event for event in events if event.kind == WRITTEN and event.body["letter"] == one.key]
    names = written[-1].body["files"] if written else None
    to = list(addresses_of(one.parcel.unit))
    if written and written[-1].body.get("to", to) != to:  # a draft to an address that the roster no longer has
        return False
    return isinstance(names, Mapping) and all((folder / name).exists() for name in names)


def _laid_out(the_round: Round, one: Posted, *, now: datetime, who: str, dry_run: bool) -> tuple[Path, ...]:
    """The files written (with a dry run: to be written), entered with their sha256."""
    from cchc_xl.rounds.sending.drafting import addresses_of, draft_files

    files = (*one.content.files, *draft_files(one, the_round))
    if dry_run:
        return tuple(the_round.folder / name for name, _ in files)
    written = tuple(_write(the_round.folder, files, again=one.again))
    hashes = {name: sha256_of(content) for name, content in files}
    body = {"letter": one.key, "files": hashes, "to": list(addresses_of(one.parcel.unit))}
    ledger.add(the_round.folder, WRITTEN, body, now=now, who=who)
    return written


def _write(folder: Path, files: Files, *, again: bool) -> Iterator[Path]:
    """Each into its folder; what a person edited there stays. ``again``: only what is gone or was left half done."""
    by_folder: dict[PurePosixPath, list[tuple[str, bytes]]] = {}
    for name, content in files:
        path = folder / name
        if not (again and path.is_file() and _stays(path, content)):
            by_folder.setdefault(PurePosixPath(name).parent, []).append((path.name, content))
    for home, listed in by_folder.items():
        yield from write_outputs(folder / home, listed).values()


def _stays(path: Path, content: bytes) -> bool:
    """A person's own, or ours as it should be; one that was written but not yet on record is not."""
    return (path.read_bytes() == content) != is_edited(path)


def packer(make: Callable[..., Packed], *args: object) -> Callable[[int, datetime], Packed]:
    """``make(*args, number, at)`` to be called when the number is known."""
    return partial(make, *args)

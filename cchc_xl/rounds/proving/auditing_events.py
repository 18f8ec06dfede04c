"""What the events of a round's later life must bear out: letters, packs, an issued report, lines about units."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.files import sha256_of
from cchc_xl.rounds.following.explaining import EXPLANATION
from cchc_xl.rounds.following.noting import NOTE
from cchc_xl.rounds.keeping.folder import OUTPUTS, PACKS, Round
from cchc_xl.rounds.keeping.frozen import frozen_in
from cchc_xl.rounds.keeping.ledger import Event

PREPARED, SENT, CLOSED = "prepared", "sent", "closed"
_LETTERS = ("sending", SENT, "not_gone", "drafted")  # what is said of a letter once it was prepared


def event_problems(the_round: Round, events: Sequence[Event]) -> Iterator[str]:
    """Sentences; none where all is as it was entered. Drafts may be edited and moved: they are not looked at."""
    yield from _letters(events)
    yield from _units(the_round, events)
    said = words("round")["audit"]
    packs = {str(one.body["file"]): str(one.body["pack"]) for one in events if one.kind == CLOSED}
    yield from _files(the_round.folder / PACKS, packs, said["pack_missing"], said["pack_altered"])
    frozen = frozen_in(events)
    yield from _files(the_round.folder / OUTPUTS, frozen, said["frozen_missing"], said["frozen_altered"])


def _letters(events: Sequence[Event]) -> Iterator[str]:
    """A letter that went out was prepared before, with its number."""
    prepared: set[str] = set()
    for event in events:
        if event.kind == PREPARED:
            prepared.add(f"{event.body.get('content')}:{event.body.get('number')}")
        elif event.kind in _LETTERS and event.body.get("letter") not in prepared:
            yield words("round")["audit"]["letter"].format(seq=event.seq, unit=event.body.get("unit", ""))


def _units(the_round: Round, events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        unit = str(event.body.get("unit", ""))
        if event.kind in (NOTE, EXPLANATION) and the_round.roster.find(unit) is None:
            yield words("round")["audit"]["about_unit"].format(seq=event.seq, unit=unit)


def _files(home: Path, wanted: Mapping[str, str], missing: str, altered: str) -> Iterator[str]:
    for name, sha256 in wanted.items():
        path = home / name
        if not path.is_file():
            yield missing.format(file=str(path))
        elif sha256_of(path.read_bytes()) != sha256:
            yield altered.format(file=str(path))

"""The proof that nothing is lost or altered: ledger, originals and fates are held against each other."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import CchcError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.keeping import archive, ledger
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.proving.auditing_events import event_problems
from cchc_xl.rounds.proving.auditing_outputs import output_problems
from cchc_xl.rounds.receiving.arrivals import arrivals_in
from cchc_xl.rounds.receiving.current import names_in, standing_of


def audit(folder: Path) -> tuple[str, ...]:
    """Every problem as a sentence; empty when each event, each original and each fate is as it was written.

    Raises RoundError where the folder holds no round at all.
    """
    if not ledger.exists(folder) and not (folder / archive.ARCHIVE).is_dir():
        ledger.events(folder)
    problems = list(ledger.broken_links(folder))
    try:
        events = ledger.events(folder)
    except CchcError:  # said by broken_links already; the originals can only be held against their own names
        return (*problems, *_by_name(folder))
    problems += _originals(folder, events)
    problems += _strangers(folder, events)
    return tuple(problems) if problems else _fates(folder, events)


def _originals(folder: Path, events: Sequence[Event]) -> Iterator[str]:
    """Each original named in the ledger, hashed again."""
    said = words("round")["audit"]
    kept = {str(event.body["sha256"]): event.body for event in events if "size" in event.body}
    for sha256, body in kept.items():
        blanks = {"sha256": sha256, "name": body.get("name", ""), "wanted": body["size"]}
        found = [path for path in _places(folder, sha256) if path.exists()]
        if not found:
            yield said["original_missing"].format(**blanks)
            continue
        content = _content(found[0])
        if content is None or sha256_of(content) != sha256:
            yield said["original_altered"].format(**blanks)
        elif len(content) != body["size"]:
            yield said["original_size"].format(size=len(content), **blanks)


def _by_name(folder: Path) -> Iterator[str]:
    for path in archive.settled(folder):
        if not archive.is_whole(path, path.name):
            yield words("round")["audit"]["original_altered"].format(sha256=path.name, name="?")


def _places(folder: Path, sha256: str) -> tuple[Path, Path]:
    return archive.place_of(folder, sha256), folder / archive.ARCHIVE / archive.WAITING / sha256


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _strangers(folder: Path, events: Sequence[Event]) -> Iterator[str]:
    """A file in its place was acknowledged: one that the ledger does not know means that the ledger lost it."""
    known = {str(event.body["sha256"]) for event in events if "sha256" in event.body}
    for path in archive.settled(folder):
        if path.name.startswith("."):  # a temporary file of a run that was cut short
            continue
        if path != archive.place_of(folder, path.name):
            yield words("round")["audit"]["misplaced"].format(file=str(path))
        elif path.name not in known:
            yield words("round")["audit"]["stranger"].format(file=str(path))


def _fates(folder: Path, events: Sequence[Event]) -> tuple[str, ...]:
    """Every attachment received has exactly one fate, and the outputs say what the originals say."""
    latest = max((event.at for event in events), default=datetime.min)
    try:
        the_round, stands, _ = standing_of(folder, latest)
    except CchcError as error:  # an unreadable roster or settings: a set-up problem, told as such
        return (error_sentence(error),)
    received = [arrival.seq for arrival in arrivals_in(events)]
    if sorted(received) != sorted(one.arrival.seq for one in stands.seen):
        blanks = {"received": len(received), "fates": len({one.arrival.seq for one in stands.seen})}
        return (words("round")["audit"]["fates"].format(**blanks),)
    more = (output_problems(the_round, events, names_in(events)), event_problems(the_round, events))
    return tuple(problem for problems in more for problem in problems)

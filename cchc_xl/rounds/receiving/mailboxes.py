"""Which messages of a mailbox were acknowledged: they need not be fetched again. The ledger remembers them.

A message is entered here only after all it brought was; what a run that was cut short did not enter is fetched again
and known by its content. One is believed to be known only while everything it brought counts as received and lies whole
in the archive: else it is fetched again, which heals.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.rounds.keeping import archive, ledger
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.cache import program
from cchc_xl.rounds.receiving.arrivals import QUESTION, RECEIVED, undone_in

if TYPE_CHECKING:
    from cchc_xl.mail.imap import Ticket

MAILBOX = "mailbox"
_AT_ONCE = 50  # messages entered by one event

Seqs = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One run over a mailbox. ``known``: message -> the events of what it brought; ``enter(body)`` into the ledger."""

    folder: Path
    events: Mapping[int, Event]
    known: Mapping["Ticket", Seqs]
    enter: Callable[[Mapping[str, object]], object]
    waiting: dict["Ticket", Seqs] = field(default_factory=dict)

    def knows(self, ticket: "Ticket") -> bool:
        """Was it acknowledged, and is all of it still there?"""
        brought = self.brought(ticket)
        shas = [str(event.body["sha256"]) for event in brought]
        return bool(brought) and all(archive.is_whole(archive.place_of(self.folder, sha), sha) for sha in shas)

    def brought(self, ticket: "Ticket") -> tuple[Event, ...]:
        """The events of its attachments, or of the question it is."""
        return tuple(self.events[seq] for seq in self.known.get(ticket, ()))

    def took(self, ticket: "Ticket", seqs: Seqs) -> None:
        """Everything this message brought was acknowledged."""
        self.waiting[ticket] = seqs
        if len(self.waiting) >= _AT_ONCE:
            self.close()

    def close(self) -> None:
        """Enter what has not been entered yet. Raises RoundError, OutputError."""
        for (place, validity), taken in _by_place(self.waiting):
            messages = {ticket.uid: [ticket.head, list(seqs)] for ticket, seqs in taken}
            self.enter({"mailbox": place, "validity": validity, "program": _program(), "messages": messages})
        self.waiting.clear()


def mailbox_of(folder: Path, events: Sequence[Event], *, now: datetime, who: str) -> Mailbox:
    """What the ledger remembers of every mailbox of the round, and where more is entered."""

    def enter(body: Mapping[str, object]) -> object:
        return ledger.add(folder, MAILBOX, body, now=now, who=who)

    undone = undone_in(events)
    taken = {
        event.seq: event
        for event in events
        if event.kind in (RECEIVED, QUESTION) and event.at.isoformat() not in undone
    }
    known = {ticket: seqs for ticket, seqs in _remembered(events) if seqs and set(seqs) <= taken.keys()}
    return Mailbox(folder=folder, events=taken, known=known, enter=enter)


def _remembered(events: Sequence[Event]) -> Iterator[tuple["Ticket", Seqs]]:
    """Only by the program of today: a later one may see more in a message."""
    from cchc_xl.mail.imap import Ticket

    for event in events:
        messages = event.body.get("messages")
        if event.kind != MAILBOX or event.body["program"] != _program() or not isinstance(messages, Mapping):
            continue
        place, validity = str(event.body["mailbox"]), str(event.body["validity"])
        for uid, (head, seqs) in messages.items():
            yield Ticket(place=place, validity=validity, uid=uid, head=head), tuple(seqs)


def _by_place(taken: Mapping["Ticket", Seqs]) -> Iterator[tuple[tuple[str, str], list[tuple["Ticket", Seqs]]]]:
    places: dict[tuple[str, str], list[tuple[Ticket, Seqs]]] = {}
    for ticket, seqs in taken.items():
        if ticket.is_sure:
            places.setdefault((ticket.place, ticket.validity), []).append((ticket, seqs))
    yield from places.items()


def _program() -> str:
    return program()[:16]

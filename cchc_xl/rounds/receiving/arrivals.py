"""What is kept of a file received: one event of the ledger, and the event read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cchc_xl.files import sha256_of
from cchc_xl.mail.authentication import SenderCheck
from cchc_xl.rounds.keeping.ledger import Event

RECEIVED, QUESTION = "received", "question"
DECIDED, APPROVED, RETURNED, LOCKED, REOPENED = "decided", "approved", "returned", "locked", "reopened"
UNDONE = "undone"
RULINGS = (APPROVED, RETURNED, LOCKED, REOPENED)
MAIL = "mail"
CHANNELS = ("folder", "zalo", "document_system", "usb", MAIL, "paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One attachment seen. ``received``: when it reached us; ``written``: its own date, where it has one.

    ``source`` says where it lay (a path, or a message and the place in it); ``message`` joins what came together.
    """

    sha256: str
    name: str
    size: int
    channel: str
    source: str
    received: datetime
    written: datetime
    senders: tuple[str, ...] = ()
    subject: str = ""
    message: str = ""
    inline: bool = False
    opened: int = 0
    container: str = ""
    problem: str = ""
    again: int = 0  # how often it was taken in and undone before
    sender_check: SenderCheck | None = (
        None  # what a mail server said of the sender; whether it is trusted, the settings say
    )
    entered: datetime  # in the ledger
    who: str
    seq: int = 0

    @property
    def mark(self) -> str:
        """The same file at the same place is one attachment, however often it is seen."""
        again = f"\0{self.again}" if self.again else ""
        return sha256_of(f"{self.sha256}\0{self.source}{again}".encode())

    @property
    def order(self) -> tuple[datetime, datetime, datetime, str]:
        return (self.received, self.written, self.entered, self.source)


_PLAIN = ("sha256", "name", "size", "channel", "source", "subject", "message", "inline", "opened", "container", "again")


def body_of(arrival: Arrival) -> dict[str, object]:
    """The event's body; who and when stand in the event itself."""
    body: dict[str, object] = {name: getattr(arrival, name) for name in (*_PLAIN, "problem")}
    times = {"received": arrival.received.isoformat(), "written": arrival.written.isoformat()}
    check = arrival.sender_check
    said = {"sender_check": {"server": check.server, "failed": list(check.failed)}} if check else {}
    return body | times | {"senders": list(arrival.senders)} | said


def arrival_of(event: Event) -> Arrival:
    body: Mapping = event.body
    said = body.get("sender_check")
    return Arrival(
        **{name: body[name] for name in (*_PLAIN, "problem")},
        received=datetime.fromisoformat(body["received"]),
        written=datetime.fromisoformat(body["written"]),
        senders=tuple(body["senders"]),
        sender_check=SenderCheck(server=said["server"], failed=tuple(said["failed"])) if said else None,
        entered=event.at,
        who=event.who,
        seq=event.seq,
    )


def arrivals_in(events: Sequence[Event]) -> tuple[Arrival, ...]:
    """Every attachment seen, in the order of the ledger."""
    return tuple(arrival_of(event) for event in events if event.kind == RECEIVED)


def undone_in(events: Sequence[Event]) -> dict[str, Event]:
    """The moments of collects that were undone -> the event that undid them."""
    return {str(event.body["run"]): event for event in events if event.kind == UNDONE}

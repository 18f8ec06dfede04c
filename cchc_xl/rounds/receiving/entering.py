"""What one file or message brings is stored, entered in the ledger, acknowledged: one attachment after the other."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.files import sha256_of
from cchc_xl.mail.headers import MAX_TEXT
from cchc_xl.mail.mailbox import Attachment, Message, one_line, read_message, with_members
from cchc_xl.rounds.keeping import archive, ledger
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.arrivals import MAIL, QUESTION, RECEIVED, Arrival, arrivals_in, body_of, undone_in
from cchc_xl.rounds.receiving.sources import SavedFile

Stored = Callable[[str, str], None]  # sha256, name

_TNEF = b"\x78\x9f\x3e\x22"
_MSG_MARK = "__substg1.0_".encode("utf-16-le")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A message without attachment: somebody asks or tells something. ``automatic``: a bounce or an absence note."""

    senders: tuple[str, ...]
    subject: str
    sent: datetime
    text: str
    automatic: bool
    sha256: str  # the whole message, in the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where things are entered, and by whom. ``undone``: (sha256, source) -> how often it was taken in and undone."""

    folder: Path
    now: datetime
    who: str
    stored: Stored
    undone: Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was entered. ``marks``: mark of an attachment -> is it new; ``seqs``: the numbers of its events."""

    marks: dict[str, bool]
    seqs: tuple[int, ...]
    question: Question | None = None


def desk_of(folder: Path, events: Iterable[Event], *, now: datetime, who: str, stored: Stored) -> Desk:
    """A desk for one run of taking in."""
    listed = tuple(events)
    undone = undone_in(listed)
    known = Counter((one.sha256, one.source) for one in arrivals_in(listed) if one.entered.isoformat() in undone)
    return Desk(folder=folder, now=now, who=who, stored=stored, undone=known)


def take_file(desk: Desk, found: SavedFile, channel: str) -> Taken:
    """A file, and what lies in it when it is a zip. Raises RoundError, OutputError."""
    return _take_all(desk, _of_file(desk, found, channel))


def take_message(desk: Desk, content: bytes, written: datetime) -> Taken:
    """One message: its attachments, or the question it is. ``written``: a date to go by where the message has none."""
    message = read_message(content)
    taken = _take_all(desk, _of_message(desk, message, written))
    if not message.is_question:
        return taken
    event = _question(desk, message, content, written)
    return Taken(marks=taken.marks, seqs=(*taken.seqs, event.seq), question=question_of(event))


def _take_all(desk: Desk, arriving: Iterator[tuple[Arrival, bytes]]) -> Taken:
    """Store, enter, acknowledge, one after the other."""
    marks: dict[str, bool] = {}
    seqs: list[int] = []
    for arrival, content in arriving:
        archive.set_down(desk.folder, content)
        entered = ledger.add(desk.folder, RECEIVED, body_of(arrival), now=desk.now, who=desk.who, mark=arrival.mark)
        archive.settle(desk.folder, arrival.sha256)
        desk.stored(arrival.sha256, arrival.name)
        marks[arrival.mark] = entered.new
        seqs.append(entered.event.seq)
    return Taken(marks=marks, seqs=tuple(seqs))


def _of_file(desk: Desk, found: SavedFile, channel: str) -> Iterator[tuple[Arrival, bytes]]:
    """The file, and what lies in it when it is a zip. It reached us at its own date, never later than now."""
    source = found.path.resolve().as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
    for attachment in with_members(one_line(found.path.name), found.content, source):
        received = min(found.written, desk.now)
        yield _arrival(desk, attachment, attachment.place, channel, received, found.written), attachment.content


def _of_message(desk: Desk, message: Message, written: datetime) -> Iterator[tuple[Arrival, bytes]]:
    received = min(message.received or message.sent or written, desk.now)
    for attachment in message.attachments:
        source = f"{message.id}#{attachment.place}"
        arrival = _arrival(desk, attachment, source, MAIL, received, message.sent or received, message)
        yield arrival, attachment.content


def _arrival(
    desk: Desk,
    attachment: Attachment,
    source: str,
    channel: str,
    received: datetime,
    written: datetime,
    message: Message | None = None,
) -> Arrival:
    sha256 = sha256_of(attachment.content)
    return Arrival(
        sha256=sha256,
        name=attachment.name or words("round")["words"]["nameless"],
        size=len(attachment.content),
        channel=channel,
        source=source,
        received=received,
        written=written,
        senders=message.senders if message else (),
        subject=message.subject if message else "",
        message=message.id if message else "",
        inline=attachment.inline,
        opened=attachment.opened,
        container=attachment.container,
        sender_check=message.sender_check if message else None,
        problem="automatic" if message and message.automatic else attachment.problem or _closed(attachment),
        again=desk.undone[sha256, source],
        entered=desk.now,
        who=desk.who,
    )


def _closed(attachment: Attachment) -> str:
    """A file that holds others and that we do not open: a word of ui/round.toml [problems]."""
    from cchc_xl.workbook.incoming.kinds import kind_of

    content = attachment.content
    if attachment.opened:
        return ""
    if content.startswith(_TNEF):
        return "winmail"
    kind = kind_of(content)
    if kind == "archive":
        zipped = "zip-nested" if attachment.container else "zip-broken"
        return zipped if content.startswith(b"PK") else "archive"
    is_message = attachment.name.lower().endswith(".msg") or _MSG_MARK in content
    return "msg" if kind == "ole" and is_message else ""


def _question(desk: Desk, message: Message, content: bytes, written: datetime) -> Event:
    """A question is kept whole: the message itself is the original."""
    sha256 = archive.set_down(desk.folder, content)
    body = {
        "sha256": sha256,
        "name": message.subject,
        "size": len(content),
        "senders": list(message.senders),
        "subject": message.subject,
        "sent": min(message.received or message.sent or written, desk.now).isoformat(),
        "text": message.text,
        "automatic": message.automatic,
    }
    more = (sha256,) if len(message.text) >= MAX_TEXT else ()  # its end is not among what is compared
    mark = sha256_of("\0".join((QUESTION, message.id, *message.senders, message.text, *more)).encode())
    entered = ledger.add(desk.folder, QUESTION, body, now=desk.now, who=desk.who, mark=mark)
    if entered.event.body["sha256"] == sha256:  # else a copy of one that is kept already, saved by another program
        archive.settle(desk.folder, sha256)
    return entered.event


def question_of(event: Event) -> Question:
    """The question as the ledger has it."""
    body = event.body
    return Question(
        senders=tuple(body["senders"]),  # type: ignore[arg-type]
        subject=str(body["subject"]),
        sent=datetime.fromisoformat(str(body["sent"])),
        text=str(body["text"]),
        automatic=bool(body["automatic"]),
        sha256=str(body["sha256"]),
    )

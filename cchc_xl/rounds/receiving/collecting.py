"""Collecting: every attachment found is stored, entered in the ledger, acknowledged; only then does anybody read it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.files import sha256_of
from cchc_xl.mail.headers import MAX_TEXT
from cchc_xl.mail.mailbox import Attachment, Message, one_line, read_message, with_members
from cchc_xl.rounds.keeping import archive, ledger
from cchc_xl.rounds.keeping.folder import OWN_FOLDERS, open_round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.keeping.settings import path_of
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.arrivals import (
    CHANNELS,
    MAIL,
    QUESTION,
    RECEIVED,
    UNDONE,
    Arrival,
    arrivals_in,
    body_of,
    undone_in,
)
from cchc_xl.rounds.receiving.current import standing_of
from cchc_xl.rounds.receiving.sources import Found, Passed, SavedFile, found_in, in_mailbox
from cchc_xl.rounds.receiving.states import Seen

Stored = Callable[[str, str], None]  # sha256, name

_MAILBOXES = ("imaps://", "imap://")
_LONGEST_LOOK = timedelta(hours=1)  # what is saved while we look is newer than ``now``; a day ahead is a wrong clock
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
class Collected:
    """What one run found. ``seen``: its attachments with their fates, each once; ``new`` of them were not known."""

    seen: tuple[Seen, ...]
    new: int
    questions: tuple[Question, ...]
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where things are entered, and by whom."""

    folder: Path
    now: datetime
    who: str
    stored: Stored
    undone: Counter[tuple[str, str]]


def collect(
    folder: Path,
    source: Path | str,
    channel: str | None,
    now: datetime,
    who: str,
    stored: Stored,
    progress: Progress = quiet,
    settled: timedelta | None = None,
) -> Collected:
    """Take in everything under ``source``: a folder, a file, saved mail (.eml, mbox), a mailbox (``imaps://…``).

    ``stored(sha256, name)`` is called for every attachment seen, also one known already, and only once it lies in the
    archive, is flushed to disk and stands in the ledger. ``channel``: how the files came ("folder" when None); mail
    says so itself, and so does a folder named after a channel. ``now`` with its time zone. ``settled``: a file changed
    less long ago is left for the next time. Raises UsageError, RoundError, OutputError, MailError; what was
    acknowledged stays.
    """
    if channel is not None and channel not in CHANNELS:
        raise UsageError("wrong-value", name="--channel")
    events = ledger.events(folder)
    the_round = open_round(folder, events)
    _finish_earlier(folder, events)
    own = [folder / name for name in OWN_FOLDERS] + [path_of(folder), Path(the_round.roster.file)]
    desk = _Desk(folder=folder, now=now, who=who, stored=stored, undone=_undone(events))
    marks: dict[str, bool] = {}  # mark -> new
    questions, passed = [], []
    for found in _all_of(source, own, now, settled):
        if isinstance(found, Passed):
            passed.append(found)
        elif isinstance(found, SavedFile):
            marks |= _take_all(desk, _of_file(desk, found, found.channel or channel or "folder"))
        else:
            taken, question = _take_message(desk, found.content, found.written)
            marks |= taken
            questions += [question] if question else []
    _, stands, _ = standing_of(folder, now, progress)
    seen = tuple(one for one in stands.seen if one.arrival.mark in marks)
    return Collected(seen=seen, new=sum(marks.values()), questions=tuple(questions), passed=tuple(passed))


def _all_of(source: Path | str, own: list[Path], now: datetime, settled: timedelta | None) -> Iterator[Found]:
    """What lies in a folder, a file or a mailbox. Raises UsageError, MailError."""
    if isinstance(source, str) and source.lower().startswith(_MAILBOXES):
        return in_mailbox(source)
    unsettled = (now - settled, now + _LONGEST_LOOK) if settled else None
    return found_in(Path(source), now.tzinfo, own, unsettled=unsettled)


def take_message(
    folder: Path, content: bytes, written: datetime, *, now: datetime, who: str, stored: Stored
) -> tuple[dict[str, bool], Question | None]:
    """One message: its attachments entered (mark -> is it new), or the question it is.

    ``written``: a date to go by where the message has none.
    """
    undone = _undone(ledger.events(folder))
    return _take_message(_Desk(folder=folder, now=now, who=who, stored=stored, undone=undone), content, written)


def undo_collect(folder: Path, *, reason: str, now: datetime, who: str) -> tuple[Seen, ...]:
    """Take back the last collect: its files stay in archive and ledger but count for nothing; they are given back.

    Collected again they count again. Raises UsageError (no reason, nothing to undo), RoundError, OutputError.
    """
    if not reason.strip():
        raise UsageError("reason-missing")
    events = ledger.events(folder)
    undone = undone_in(events)
    runs = [one.entered for one in arrivals_in(events) if one.entered.isoformat() not in undone]
    if not runs:
        raise UsageError("nothing-to-undo")
    body = {"run": max(runs).isoformat(), "reason": reason.strip()}
    ledger.add(folder, UNDONE, body, now=now, who=who)
    return tuple(one for one in standing_of(folder, now)[1].seen if one.arrival.entered == max(runs))


def _undone(events: tuple[Event, ...]) -> Counter[tuple[str, str]]:
    """(sha256, source) -> how often it was taken in and undone."""
    undone = undone_in(events)
    return Counter((one.sha256, one.source) for one in arrivals_in(events) if one.entered.isoformat() in undone)


def _take_message(desk: _Desk, content: bytes, written: datetime) -> tuple[dict[str, bool], Question | None]:
    message = read_message(content)
    marks = _take_all(desk, _of_message(desk, message, written))
    return marks, _question(desk, message, content, written) if message.is_question else None


def questions_in(events: tuple[Event, ...]) -> tuple[Question, ...]:
    """Every message without attachment, in the order of the ledger."""
    return tuple(_question_of(event) for event in events if event.kind == QUESTION)


def _finish_earlier(folder: Path, events: tuple[Event, ...]) -> None:
    """A run that was cut short left files entered but not yet in their place."""
    entered = {event.body.get("sha256") for event in events}
    for sha256 in archive.waiting(folder):
        if sha256 in entered:
            archive.settle(folder, sha256)


def _take_all(desk: _Desk, arriving: Iterator[tuple[Arrival, bytes]]) -> dict[str, bool]:
    """Store, enter, acknowledge, one after the other."""
    marks: dict[str, bool] = {}
    for arrival, content in arriving:
        archive.set_down(desk.folder, content)
        entered = ledger.add(desk.folder, RECEIVED, body_of(arrival), now=desk.now, who=desk.who, mark=arrival.mark)
        archive.settle(desk.folder, arrival.sha256)
        desk.stored(arrival.sha256, arrival.name)
        marks[arrival.mark] = entered.new
    return marks


def _of_file(desk: _Desk, found: SavedFile, channel: str) -> Iterator[tuple[Arrival, bytes]]:
    """The file, and what lies in it when it is a zip. It reached us at its own date, never later than now."""
    source = found.path.resolve().as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
    for attachment in with_members(one_line(found.path.name), found.content, source):
        received = min(found.written, desk.now)
        yield _arrival(desk, attachment, attachment.place, channel, received, found.written), attachment.content


def _of_message(desk: _Desk, message: Message, written: datetime) -> Iterator[tuple[Arrival, bytes]]:
    received = min(message.received or message.sent or written, desk.now)
    for attachment in message.attachments:
        source = f"{message.id}#{attachment.place}"
        arrival = _arrival(desk, attachment, source, MAIL, received, message.sent or received, message)
        yield arrival, attachment.content


def _arrival(
    desk: _Desk,
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


def _question(desk: _Desk, message: Message, content: bytes, written: datetime) -> Question:
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
    return _question_of(entered.event)


def _question_of(event: Event) -> Question:
    body = event.body
    return Question(
        senders=tuple(body["senders"]),  # type: ignore[arg-type]
        subject=str(body["subject"]),
        sent=datetime.fromisoformat(str(body["sent"])),
        text=str(body["text"]),
        automatic=bool(body["automatic"]),
        sha256=str(body["sha256"]),
    )

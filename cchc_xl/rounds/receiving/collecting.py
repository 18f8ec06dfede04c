"""Collecting: every attachment found is stored, entered in the ledger, acknowledged; only then does anybody read it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cchc_xl.errors import MailError, UsageError
from cchc_xl.rounds.keeping import archive, ledger
from cchc_xl.rounds.keeping.folder import OWN_FOLDERS, open_round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.keeping.settings import path_of
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.arrivals import CHANNELS, QUESTION, UNDONE, arrival_of, arrivals_in, undone_in
from cchc_xl.rounds.receiving.current import standing_of
from cchc_xl.rounds.receiving.entering import (
    Desk,
    Question,
    Stored,
    Taken,
    desk_of,
    question_of,
    take_file,
    take_message,
)
from cchc_xl.rounds.receiving.mailboxes import Mailbox, mailbox_of
from cchc_xl.rounds.receiving.sources import Found, KnownMail, Passed, SavedFile, SavedMail, found_in, in_mailbox
from cchc_xl.rounds.receiving.states import Seen

_LONGEST_LOOK = timedelta(hours=1)  # what is saved while we look is newer than ``now``; a day ahead is a wrong clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one run found. ``seen``: its attachments with their fates, each once; ``new`` of them were not known."""

    seen: tuple[Seen, ...]
    new: int
    questions: tuple[Question, ...]
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """What a run has found so far. ``marks``: mark of an attachment -> is it new."""

    marks: dict[str, bool] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)

    def add(self, taken: Taken) -> Taken:
        self.marks.update(taken.marks)
        self.questions.extend([taken.question] if taken.question else [])
        return taken


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
    archive, is flushed to disk and stands in the ledger. A message of a mailbox that was acknowledged before is not
    fetched again; what it brought is acknowledged again. ``channel``: how the files came ("folder" when None); mail
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
    desk, tally = desk_of(folder, events, now=now, who=who, stored=stored), _Tally()
    mailbox = mailbox_of(folder, events, now=now, who=who)
    try:
        for found in _all_of(source, own, now, settled, mailbox):
            _take(desk, tally, mailbox, found, channel)
    except MailError:
        mailbox.close()  # what came before the connection was lost need not come again
        raise
    mailbox.close()
    _, stands, _ = standing_of(folder, now, progress)
    seen = tuple(one for one in stands.seen if one.arrival.mark in tally.marks)
    told = {"questions": tuple(tally.questions), "passed": tuple(tally.passed)}
    return Collected(seen=seen, new=sum(tally.marks.values()), **told)


def _all_of(
    source: Path | str, own: list[Path], now: datetime, settled: timedelta | None, mailbox: Mailbox
) -> Iterator[Found]:
    """What lies in a folder, a file or a mailbox. Raises UsageError, MailError."""
    from cchc_xl.mail.imap import is_url

    if isinstance(source, str) and is_url(source):
        return in_mailbox(source, mailbox.knows)
    unsettled = (now - settled, now + _LONGEST_LOOK) if settled else None
    return found_in(Path(source), now.tzinfo, own, unsettled=unsettled)


def _take(desk: Desk, tally: _Tally, mailbox: Mailbox, found: Found, channel: str | None) -> None:
    """One thing found: entered, passed over, or acknowledged again."""
    if isinstance(found, Passed):
        tally.passed.append(found)
    elif isinstance(found, SavedFile):
        tally.add(take_file(desk, found, found.channel or channel or "folder"))
    elif isinstance(found, SavedMail):
        taken = tally.add(take_message(desk, found.content, found.written))
        if found.ticket:
            mailbox.took(found.ticket, taken.seqs)
    else:
        _acknowledge_again(desk, tally, mailbox, found)


def _acknowledge_again(desk: Desk, tally: _Tally, mailbox: Mailbox, found: KnownMail) -> None:
    for event in mailbox.brought(found.ticket):
        if event.kind == QUESTION:
            tally.questions.append(question_of(event))
        else:
            arrival = arrival_of(event)
            desk.stored(arrival.sha256, arrival.name)
            tally.marks[arrival.mark] = False


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


def questions_in(events: tuple[Event, ...]) -> tuple[Question, ...]:
    """Every message without attachment, in the order of the ledger."""
    return tuple(question_of(event) for event in events if event.kind == QUESTION)


def _finish_earlier(folder: Path, events: tuple[Event, ...]) -> None:
    """A run that was cut short left files entered but not yet in their place."""
    entered = {event.body.get("sha256") for event in events}
    for sha256 in archive.waiting(folder):
        if sha256 in entered:
            archive.settle(folder, sha256)

"""Where files come from: a folder where staff save what they were sent, single files, saved mail. Only read."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError, problem_of
from cchc_xl.mail.mailbox import MAX_MESSAGE, MEGA, is_mbox, is_message, messages_in
from cchc_xl.text import markless

if TYPE_CHECKING:
    from cchc_xl.mail.imap import Knows, Ticket

MAX_FILE = 64 * MEGA
_SYSTEM = ("thumbs.db", "desktop.ini", ".ds_store")
_PARTIAL = (".tmp", ".part", ".partial", ".crdownload", ".download")
_OWNER_MARK = "~$"
_HEAD = 400

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A file that was passed over. ``reason``: a sentence of ui/round.toml [skipped] with ``args``."""

    path: Path
    reason: str
    args: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """One file as it lay there. ``channel``: "" or what a folder of that name on the way says."""

    path: Path
    content: bytes
    written: datetime
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMail:
    """One message, alone in its file or out of a mailbox."""

    path: Path
    content: bytes
    written: datetime  # the file's date: the best guess for a message without any
    ticket: "Ticket | None" = None  # of one out of a mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMail:
    """A message of a mailbox that was acknowledged before and not fetched again."""

    ticket: "Ticket"


Found = SavedFile | SavedMail | KnownMail | Passed


def found_in(
    source: Path, zone: tzinfo | None, leave_out: Iterable[Path], unsettled: Span | None = None
) -> Iterator[Found]:
    """Everything under ``source`` in name order, nothing at or under ``leave_out``. Raises UsageError if not there.

    ``unsettled``: what was changed between those moments may still be being written, and is passed over.
    """
    if not source.exists():
        raise UsageError("path-missing", path=str(source))
    excluded = {_real(path) for path in leave_out}
    if any(path in excluded for path in (_real(source), *_real(source).parents)):
        raise UsageError("source-too-deep", path=str(source))
    channels = _channels()
    for path in _files(source, excluded):
        folders = path.parent.relative_to(source).parts if source.is_dir() else ()
        told = [channels[markless(name)] for name in folders if markless(name) in channels]
        yield from _one(path, zone, told[-1] if told else "", unsettled)


def in_mailbox(url: str, is_known: "Knows") -> Iterator[Found]:
    """Every message of a folder of a mailbox, which stays as it is; those that are known are not fetched.

    Raises MailError.
    """
    from cchc_xl.mail import imap, secrets

    place = imap.place_of(url)
    for one in imap.fetch(url, secrets.password_for(place.account), is_known=is_known):
        if isinstance(one, imap.Held):
            yield KnownMail(ticket=one.ticket)
            continue
        path = Path(place.folder) / one.uid
        if isinstance(one, imap.LeftThere):
            yield Passed(path=path, reason=one.reason, args=dict(one.args))
        else:
            yield SavedMail(path=path, content=one.content, written=one.received, ticket=one.ticket)


def _channels() -> dict[str, str]:
    return {name: channel for channel, names in words("round")["channel_folders"].items() for name in names}


def _files(source: Path, excluded: set[Path]) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    for root, folders, names in os.walk(source):
        here = Path(root)
        folders[:] = sorted(name for name in folders if name[0] != "." and _real(here / name) not in excluded)
        yield from (here / name for name in sorted(names) if _real(here / name) not in excluded)


def _real(path: Path) -> Path:
    """Where it lies; of a link that leads round in a circle the link itself."""
    return Path(os.path.realpath(path))


def _one(path: Path, zone: tzinfo | None, channel: str, unsettled: Span | None) -> Iterator[Found]:
    name = path.name.lower()
    if name in _SYSTEM or name.startswith("."):
        yield Passed(path=path, reason="system")
    elif name.startswith(_OWNER_MARK):
        yield Passed(path=path, reason="owner")
    elif name.endswith(_PARTIAL):
        yield Passed(path=path, reason="partial")
    else:
        try:
            yield from _read(path, zone, channel, unsettled)
        except OSError as error:
            yield Passed(path=path, reason="unreadable", args={"problem": problem_of(error)})


def _read(path: Path, zone: tzinfo | None, channel: str, unsettled: Span | None) -> Iterator[Found]:
    """The file, unless somebody is still writing it. Raises OSError."""
    before = path.stat()
    if not stat.S_ISREG(before.st_mode):  # reading a pipe would never end
        yield Passed(path=path, reason="special")
        return
    written = _date_of(before, zone)
    if unsettled and unsettled[0].timestamp() < before.st_mtime <= unsettled[1].timestamp():
        yield Passed(path=path, reason="changing")
        return
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(0)
        if is_mbox(head):
            yield from (_of_mailbox(path, one, written) for one in messages_in(stream))
            return
        content = stream.read(MAX_FILE + 1)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        yield Passed(path=path, reason="changing")
    elif len(content) > MAX_FILE:
        yield Passed(path=path, reason="large", args={"limit": MAX_FILE // MEGA})
    elif is_message(path.name, content):
        yield SavedMail(path=path, content=content, written=written)
    else:
        yield SavedFile(path=path, content=content, written=written, channel=channel)


def _of_mailbox(path: Path, message: bytes, written: datetime) -> Found:
    if len(message) > MAX_MESSAGE:
        return Passed(path=path, reason="large", args={"limit": MAX_MESSAGE // MEGA})
    return SavedMail(path=path, content=message, written=written)


def _date_of(status: os.stat_result, zone: tzinfo | None) -> datetime:
    """The date of last change; one that no calendar has counts as the earliest."""
    try:
        return datetime.fromtimestamp(status.st_mtime, tz=zone)
    except (OverflowError, OSError, ValueError):
        return datetime.min.replace(tzinfo=zone)

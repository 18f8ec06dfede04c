"""Reading a mailbox over IMAP. Nothing is ever changed there, not even "seen"."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import unquote, urlsplit

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.mail.connecting import LOOPBACK, problem_of
from cchc_xl.mail.listing import UID, Listed, answered, list_messages, validity_of
from cchc_xl.mail.mailbox import MAX_MESSAGE, MEGA
from cchc_xl.mail.secrets import VARIABLE
from cchc_xl.text import without_controls

_PORTS = {"imaps": 993, "imap": 143}
_TIMEOUT = 60.0
_AT_ONCE, _BYTES_AT_ONCE = 50, 16 * MEGA  # messages, bytes fetched by one command
BROKEN = (imaplib.IMAP4.error, OSError, EOFError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder of a mailbox, as ``imaps://user@host:port/FOLDER`` names it."""

    host: str
    port: int
    user: str
    folder: str
    encrypted: bool

    @property
    def account(self) -> str:
        """Whose password is needed, for ``secrets.password_for``."""
        return self.user if "@" in self.user else f"{self.user}@{self.host}"

    @property
    def name(self) -> str:
        """The folder in one line; the same by whatever port it is reached."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What tells a message of a mailbox from every other that lies or ever lay there.

    UIDVALIDITY and UID would do by the rules of IMAP; a server put back from a backup may give a UID again, so ``head``
    (size, date and first headers, hashed) must agree too. ``validity`` or ``head`` "": the server says too little.
    """

    place: str
    validity: str
    uid: str
    head: str

    @property
    def is_sure(self) -> bool:
        return bool(self.validity and self.head)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message: its bytes as the server holds them, and when the server got it."""

    content: bytes
    uid: str
    received: datetime
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message that the caller knows: not fetched again."""

    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftThere:
    """A message that was not fetched. ``reason``: a word of ui/round.toml [skipped], with ``args``."""

    uid: str
    received: datetime
    reason: str
    args: dict[str, object] = field(default_factory=dict)


def is_url(text: str) -> bool:
    """Whether it names a mailbox and not a path; one mistyped, too: it may hold a password and is not to be shown."""
    return re.match(r"\s*(?:imaps?:|\w{2,}:/+[^/\\]*@)", text, re.IGNORECASE) is not None


def place_of(url: str) -> Place:
    """``imaps://user@host[:port]/FOLDER``; a user may be a whole address, the folder is INBOX when none is named.

    ``imap://`` only for loopback. Raises MailError.
    """
    shown = re.sub(r":(?!/).*@", ":…@", without_controls(url))
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS[parts.scheme]
        user, host = unquote(parts.username or ""), parts.hostname or ""
    except (ValueError, KeyError) as error:
        raise MailError("imap-url", url=shown) from error
    if parts.password is not None:
        raise MailError("imap-url-password", variable=VARIABLE)
    folder = unquote(parts.path).strip("/") or "INBOX"
    if not user or not host or parts.query or parts.fragment or without_controls(user + folder) != user + folder:
        raise MailError("imap-url", url=shown)
    if parts.scheme == "imap" and host not in LOOPBACK:
        raise MailError("imap-plain", host=without_controls(host))
    return Place(host=host, port=port, user=user, folder=folder, encrypted=parts.scheme == "imaps")


Given = Fetched | LeftThere | Held
Knows = Callable[[Ticket], bool]


def nobody_knows(_: Ticket) -> bool:
    return False


def fetch(url: str, password: str, *, since: date | None = None, is_known: Knows = nobody_knows) -> Iterator[Given]:
    """Every message of the folder, oldest first, without changing anything there (EXAMINE, BODY.PEEK).

    What a folder of saved mail gives, a mailbox gives too: hand ``content`` to ``mailbox.read_message``, with
    ``received`` for the date the file would have had. ``since``: only what the server got on that day or later. A
    message over ``mailbox.MAX_MESSAGE`` is left there with a reason; one that ``is_known`` says is known is not
    fetched. Raises MailError (no connection, login refused, connection lost on the way); what was given before stays
    good.
    """
    place = place_of(url)
    with opened(place, password) as mailbox:
        try:
            yield from _messages(mailbox.client, place, since, is_known)
        except BROKEN as error:
            raise MailError("imap-lost", host=without_controls(place.host), problem=what_broke(error)) from error


@contextlib.contextmanager
def opened(place: Place, password: str, folder: str | None = None, readonly: bool = True) -> Iterator:
    """The mailbox, logged in, at its folder. ``folder`` "": at none. Raises MailError."""
    mailbox = _connected(place)
    said = {"host": without_controls(place.host), "user": without_controls(place.user)}
    wanted = place.folder if folder is None else folder
    try:
        _log_in(mailbox, place, password)
        if wanted:
            go_to(mailbox, wanted, said, readonly)
        yield mailbox
    finally:
        with contextlib.suppress(*BROKEN, *library_errors()):
            mailbox.client.logout()
        with contextlib.suppress(OSError):
            mailbox.client.shutdown()


def _connected(place: Place):
    try:
        from imap_tools import MailBox, MailBoxUnencrypted
    except ImportError as error:
        raise MailError("imap-package") from error
    said = {"host": without_controls(place.host), "port": place.port}
    try:
        if not place.encrypted:
            return MailBoxUnencrypted(place.host, place.port, timeout=_TIMEOUT)
        return MailBox(place.host, place.port, timeout=_TIMEOUT, ssl_context=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        raise MailError("imap-untrusted", host=said["host"], problem=what_broke(error)) from error
    except BROKEN as error:
        raise MailError("imap-unreachable", **said, problem=what_broke(error)) from error


def library_errors() -> tuple[type[Exception], ...]:
    """What imap-tools raises when the server says no."""
    from imap_tools.errors import ImapToolsError

    return (ImapToolsError,)


def what_broke(error: Exception) -> str:
    """As ``problem_of``; for a command the server refused, what it said."""
    if isinstance(error, imaplib.IMAP4.abort):
        return problem_of(EOFError())
    said = getattr(error, "command_result", None)
    if not said:
        return problem_of(error)
    lines = [line.decode("utf-8", "replace") for line in said[1] if isinstance(line, bytes)]
    return str(words("mail")["problems"]["answer"]).format(answer=without_controls(" ".join(lines))[:160])


def _log_in(mailbox, place: Place, password: str) -> None:
    said = {"host": without_controls(place.host), "user": without_controls(place.user)}
    try:
        if password.isascii() and place.user.isascii():
            mailbox.login(place.user, str(password), initial_folder=None)
        else:
            mailbox.login_utf8(place.user, str(password), initial_folder=None)
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise MailError("imap-unreachable", host=said["host"], port=place.port, problem=what_broke(error)) from error
    except (imaplib.IMAP4.error, *library_errors()) as error:
        raise MailError("imap-login", **said) from error


def go_to(mailbox, folder: str, said: dict[str, str], readonly: bool) -> None:
    """Choose a folder; ``said``: host and user, for the sentence. Raises MailError."""
    try:
        mailbox.folder.set(folder, readonly=readonly)
    except (imaplib.IMAP4.abort, OSError) as error:
        raise MailError("imap-lost", host=said["host"], problem=what_broke(error)) from error
    except (imaplib.IMAP4.error, *library_errors()) as error:
        raise MailError("imap-folder", **said, folder=without_controls(folder)) from error


def _messages(client: imaplib.IMAP4, place: Place, since: date | None, is_known: Knows) -> Iterator[Given]:
    validity = validity_of(client)
    listed = list_messages(client, since)
    tickets = {uid: Ticket(place=place.name, validity=validity, uid=uid, head=one.head) for uid, one in listed.items()}
    batch: list[str] = []
    weight = 0
    for uid, one in listed.items():
        if tickets[uid].is_sure and is_known(tickets[uid]):
            yield Held(ticket=tickets[uid])
            continue
        if batch and (one.size > MAX_MESSAGE or len(batch) >= _AT_ONCE or weight + one.size > _BYTES_AT_ONCE):
            yield from _batch(client, batch, listed, tickets)
            batch, weight = [], 0
        if one.size > MAX_MESSAGE:
            yield _too_large(uid, one.received)
        else:
            batch.append(uid)
            weight += one.size
    if batch:
        yield from _batch(client, batch, listed, tickets)


def _too_large(uid: str, received: datetime) -> LeftThere:
    return LeftThere(uid=uid, received=received, reason="large", args={"limit": MAX_MESSAGE // MEGA})


def _batch(
    client: imaplib.IMAP4, uids: Sequence[str], listed: Mapping[str, Listed], tickets: Mapping[str, Ticket]
) -> Iterator[Fetched | LeftThere]:
    """One command for several messages; none is read further than the limit, whatever size was said."""
    lines = answered(client.uid("FETCH", ",".join(uids), f"(UID BODY.PEEK[]<0.{MAX_MESSAGE + 1}>)"))
    for number, line in enumerate(lines):
        if not isinstance(line, tuple):
            continue
        after = lines[number + 1] if number + 1 < len(lines) else b""
        uid = UID.search(line[0]) or UID.search(after if isinstance(after, bytes) else b"")
        if uid is None or (name := uid[1].decode()) not in listed:
            continue
        received = listed[name].received
        if len(line[1]) > MAX_MESSAGE:
            yield _too_large(name, received)
        else:
            yield Fetched(content=line[1], uid=name, received=received, ticket=tickets[name])

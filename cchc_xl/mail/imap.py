"""Reading a mailbox over IMAP. Nothing is ever changed there, not even "seen"."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import unquote, urlsplit

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.mail.connecting import LOOPBACK, problem_of
from cchc_xl.mail.mailbox import MAX_MESSAGE, MEGA
from cchc_xl.mail.secrets import VARIABLE
from cchc_xl.text import without_controls

_PORTS = {"imaps": 993, "imap": 143}
_TIMEOUT = 60.0
_AT_ONCE, _BYTES_AT_ONCE = 50, 16 * MEGA  # messages, bytes fetched by one command
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "[^"]*"')
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message: its bytes as the server holds them, and when the server got it."""

    content: bytes
    uid: str
    received: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftThere:
    """A message that was not fetched. ``reason``: a word of ui/round.toml [skipped], with ``args``."""

    uid: str
    received: datetime
    reason: str
    args: dict[str, object] = field(default_factory=dict)


def is_url(text: str) -> bool:
    """Whether it names a mailbox and not a path."""
    return text.lower().startswith(("imaps://", "imap://"))


def place_of(url: str) -> Place:
    """``imaps://user@host[:port]/FOLDER``; a user may be a whole address, the folder is INBOX when none is named.

    ``imap://`` only for loopback. Raises MailError.
    """
    shown = without_controls(url)
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        user, host = unquote(parts.username or ""), parts.hostname or ""
    except (ValueError, KeyError) as error:
        raise MailError("imap-url", url=re.sub(r":[^/@]*@", ":…@", shown)) from error
    if parts.password is not None:
        raise MailError("imap-url-password", variable=VARIABLE)
    folder = unquote(parts.path).strip("/") or "INBOX"
    if not user or not host or parts.query or parts.fragment or without_controls(user + folder) != user + folder:
        raise MailError("imap-url", url=shown)
    if parts.scheme == "imap" and host not in LOOPBACK:
        raise MailError("imap-plain", host=without_controls(host))
    return Place(host=host, port=port, user=user, folder=folder, encrypted=parts.scheme == "imaps")


def fetch(url: str, password: str, *, since: date | None = None) -> Iterator[Fetched | LeftThere]:
    """Every message of the folder, oldest first, without changing anything there (EXAMINE, BODY.PEEK).

    What a folder of saved mail gives, a mailbox gives too: hand ``content`` to ``mailbox.read_message``, with
    ``received`` for the date the file would have had. ``since``: only what the server got on that day or later. A
    message over ``mailbox.MAX_MESSAGE`` is left there with a reason. Raises MailError (no connection, login refused,
    connection lost on the way); what was given before stays good.
    """
    place = place_of(url)
    with opened(place, password) as mailbox:
        try:
            yield from _messages(mailbox.client, since)
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


def _messages(client: imaplib.IMAP4, since: date | None) -> Iterator[Fetched | LeftThere]:
    listed = _listed(client, since)
    batch: list[str] = []
    weight = 0
    for uid, (size, received) in listed.items():
        if batch and (size > MAX_MESSAGE or len(batch) >= _AT_ONCE or weight + size > _BYTES_AT_ONCE):
            yield from _batch(client, batch, listed)
            batch, weight = [], 0
        if size > MAX_MESSAGE:
            yield LeftThere(uid=uid, received=received, reason="large", args={"limit": MAX_MESSAGE // MEGA})
        else:
            batch.append(uid)
            weight += size
    if batch:
        yield from _batch(client, batch, listed)


def _listed(client: imaplib.IMAP4, since: date | None) -> dict[str, tuple[int, datetime]]:
    """UID -> size and date, in the order of arrival."""
    wanted = f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else "ALL"
    uids = b" ".join(answered(client.uid("SEARCH", wanted))).decode("ascii").split()
    listed: dict[str, tuple[int, datetime]] = {}
    for start in range(0, len(uids), 500):
        some = ",".join(uids[start : start + 500])
        for line in answered(client.uid("FETCH", some, "(UID RFC822.SIZE INTERNALDATE)")):
            head = line[0] if isinstance(line, tuple) else line
            uid, size = _UID.search(head or b""), _SIZE.search(head or b"")
            if uid and size:
                listed[uid[1].decode()] = (int(size[1]), _date(head))
    return listed


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def answered(response: tuple[str, Sequence]) -> list:
    """The lines of an answer. Raises imaplib's error when the server refused the command."""
    status, lines = response
    if status != "OK":
        raise imaplib.IMAP4.error(str(lines))
    return [line for line in lines if line]


def _date(head: bytes) -> datetime:
    """The server's date, in the zone it says; one that can't be read counts as the earliest."""
    found = _DATE.search(head)
    text = found[0].split(b'"')[1].decode("ascii", "replace").strip() if found else ""
    day, _, rest = text.partition("-")
    month, _, rest = rest.partition("-")
    try:
        number = _MONTHS.index(month.title()) + 1
        return datetime.strptime(f"{int(day):02}-{number:02}-{rest}", "%d-%m-%Y %H:%M:%S %z")
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _batch(
    client: imaplib.IMAP4, uids: Sequence[str], listed: dict[str, tuple[int, datetime]]
) -> Iterator[Fetched | LeftThere]:
    """One command for several messages; none is read further than the limit, whatever size was said."""
    lines = answered(client.uid("FETCH", ",".join(uids), f"(UID BODY.PEEK[]<0.{MAX_MESSAGE + 1}>)"))
    for number, line in enumerate(lines):
        if not isinstance(line, tuple):
            continue
        after = lines[number + 1] if number + 1 < len(lines) else b""
        uid = _UID.search(line[0]) or _UID.search(after if isinstance(after, bytes) else b"")
        if uid is None or (name := uid[1].decode()) not in listed:
            continue
        received = listed[name][1]
        if len(line[1]) > MAX_MESSAGE:
            yield LeftThere(uid=name, received=received, reason="large", args={"limit": MAX_MESSAGE // MEGA})
        else:
            yield Fetched(content=line[1], uid=name, received=received)

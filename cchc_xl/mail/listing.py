"""What lies in a folder of a mailbox: number, size, date and first headers of each message, none of them fetched."""

import imaplib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "[^"]*"')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ASKED = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)])"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One message as the server lists it. ``head``: a hash of all it says of it; "" where it gives no headers."""

    size: int
    received: datetime
    head: str


def validity_of(client: imaplib.IMAP4) -> str:
    """UIDVALIDITY of the folder just chosen: another one means that every UID may be another message. "": not said."""
    _, found = client.response("UIDVALIDITY")
    last = found[-1] if found else None
    return last.decode("ascii", "replace") if isinstance(last, bytes) else ""


def list_messages(client: imaplib.IMAP4, since: date | None) -> dict[str, Listed]:
    """UID -> the message, in the order of arrival. Raises what imaplib raises."""
    wanted = f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else "ALL"
    uids = b" ".join(answered(client.uid("SEARCH", wanted))).decode("ascii").split()
    listed: dict[str, Listed] = {}
    for start in range(0, len(uids), _AT_ONCE):
        some = ",".join(uids[start : start + _AT_ONCE])
        for said, headers in _answers(answered(client.uid("FETCH", some, _ASKED))):
            uid, size = UID.search(said), _SIZE.search(said)
            if uid and size:
                listed[uid[1].decode()] = Listed(
                    size=int(size[1]), received=_date(said), head=_head(size[1], said, headers)
                )
    return listed


def answered(response: tuple[str, Sequence]) -> list:
    """The lines of an answer. Raises imaplib's error when the server refused the command."""
    status, lines = response
    if status != "OK":
        raise imaplib.IMAP4.error(str(lines))
    return [line for line in lines if line]


def _answers(lines: Sequence) -> Iterator[tuple[bytes, bytes]]:
    """What the server says of each message, and the headers it gives; b"" where it gives none."""
    for number, line in enumerate(lines):
        if not isinstance(line, tuple):
            is_end = number > 0 and isinstance(lines[number - 1], tuple)
            if not is_end:
                yield line, b""
            continue
        after = lines[number + 1] if number + 1 < len(lines) else b""
        yield line[0] + (after if isinstance(after, bytes) else b""), line[1]


def _head(size: bytes, said: bytes, headers: bytes) -> str:
    date_said = _DATE.search(said)
    if not headers.strip():
        return ""
    return sha256(b"\0".join((size, date_said[0] if date_said else b"", headers))).hexdigest()[:32]


def _date(said: bytes) -> datetime:
    """The server's date, in the zone it says; one that can't be read counts as the earliest."""
    found = _DATE.search(said)
    text = found[0].split(b'"')[1].decode("ascii", "replace").strip() if found else ""
    day, _, rest = text.partition("-")
    month, _, rest = rest.partition("-")
    try:
        number = _MONTHS.index(month.title()) + 1
        return datetime.strptime(f"{int(day):02}-{number:02}-{rest}", "%d-%m-%Y %H:%M:%S %z")
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)

"""What the headers and parts of a message say, read so that nothing in them raises."""

import email
import email.errors
import re
import unicodedata
from copy import copy
from datetime import UTC, datetime
from email import policy
from email.header import decode_header
from email.message import Message as Parsed
from email.utils import getaddresses, parsedate_to_datetime

from cchc_xl.mail.authentication import MAX_RESULTS, NAME
from cchc_xl.text import nfc, without_controls

MAX_NAME, MAX_TEXT = 200, 2_000  # characters shown
_MAX_HEADER = 4_000  # characters read: the library takes hours over one of some hundred thousand

# What the library raises on headers and payloads that break the rules of mail.
BROKEN = (
    *(ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError, IndexError),
    email.errors.MessageError,
)
_ANSWERING = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")
_AUTOMATIC = ("bulk", "junk", "list", "auto_reply")


class _Bounded(policy.EmailPolicy):
    """Headers are cut before the library reads them; a boundary that is lost that way shows as a torn message.

    What a server says of the sender is never read by the library, and may be long.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: MAX_RESULTS if name.lower() == NAME else _MAX_HEADER]


_BOUNDED = _Bounded()


def parsed_of(content: bytes) -> Parsed:
    """The message taken apart; one nested beyond what the library can follow as one attached piece."""
    try:
        return email.message_from_bytes(content, policy=_BOUNDED)
    except BROKEN:
        head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
        flat = email.message_from_bytes(b"", policy=policy.compat32)
        for line in head.split(b"\n"):
            name, colon, value = line.partition(b":")
            if colon and name.strip().lower() in (b"from", b"subject", b"date", b"message-id", NAME.encode()):
                flat[name.decode("latin-1").strip()] = value.decode("latin-1").strip()[:MAX_TEXT]
        flat.add_header("Content-Disposition", "attachment")
        flat.set_type("application/octet-stream")
        flat.set_payload(body.decode("latin-1"), "latin-1")
        return flat


def header(part: Parsed, name: str) -> str:
    """The first header of that name as one line of text, decoded as far as it can be."""
    try:
        value = part.get(name)
        return line_of(str(value)) if value is not None else ""
    except BROKEN:
        raw = next((value for key, value in part.raw_items() if key.lower() == name.lower()), "")
        return line_of(_decoded(str(raw)))


def _decoded(raw: str) -> str:
    """RFC 2047 words decoded where they can be."""
    try:
        pieces = decode_header(raw)
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "utf-8", "replace")
            for piece, charset in pieces
        )
    except BROKEN:
        return raw


def line_of(text: str) -> str:
    """Text as it can be shown: composed, one line, bounded."""
    return without_controls(nfc(text.encode("utf-8", "replace").decode("utf-8")))[:MAX_TEXT]


def one_line(name: str) -> str:
    """A file's name as it can be shown and stored: composed, without control and format characters."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode("utf-8"))
    return "".join(c for c in text if unicodedata.category(c)[0] != "C")[:MAX_NAME]


def senders_of(parsed: Parsed) -> tuple[str, ...]:
    """From the raw lines: the library keeps only the first From, and trips over some.

    A Sender that is not the one in From is the account it was really sent with; a From too long to be honest says
    nothing.
    """
    lines = [str(value) for name, value in parsed.raw_items() if name.lower() in ("from", "sender")]
    if any(len(line) > MAX_TEXT for line in lines):
        return ()
    found: list[str] = []
    for line in lines:
        # Taken as it stands: in a name, a comment or an encoded word another address may be hidden.
        try:
            found += [address for _, address in getaddresses([line[:MAX_TEXT]]) if "@" in address]
        except BROKEN:
            found += re.findall(r"[\w.+-]+@[\w.-]+", line[:MAX_TEXT])
    return tuple(dict.fromkeys(line_of(address).lower() for address in found))


def moment_of(text: str) -> datetime | None:
    """A date as headers write it, in UTC where it names no zone; None for anything else."""
    try:
        moment = parsedate_to_datetime(text.strip())
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (*BROKEN, OverflowError):
        return None


def is_automatic(parsed: Parsed) -> bool:
    """A bounce, an absence note, a list: what a machine wrote is never answered."""
    said = header(parsed, "Auto-Submitted").lower()
    if said and said.partition(";")[0].strip() != "no":
        return True
    if header(parsed, "Precedence").lower() in _AUTOMATIC or any(header(parsed, name) for name in _ANSWERING):
        return True
    if any(one.startswith("mailer-daemon@") for one in senders_of(parsed)):
        return True
    return kind_of(parsed) == "multipart/report" or header(parsed, "Return-Path").strip() == "<>"


def kind_of(part: Parsed) -> str:
    """``text/plain``, ``multipart/mixed`` …"""
    try:
        return part.get_content_type()
    except BROKEN:
        return "application/octet-stream"


def disposition(part: Parsed) -> str:
    """``attachment``, ``inline`` or ""."""
    try:
        return part.get_content_disposition() or ""
    except BROKEN:
        return ""


def name_of(part: Parsed) -> str:
    """The name of a file as one line; "" where there is none."""
    try:
        name = part.get_filename() or ""
    except BROKEN:
        name = ""
    return one_line(_decoded(str(name)) if "=?" in str(name) else str(name))


def payload(part: Parsed) -> bytes:
    """The content decoded; as it stands where it can't be."""
    try:
        content = part.get_payload(decode=True)
    except BROKEN:
        content = None
    if isinstance(content, bytes):
        return content
    plain = copy(part)
    plain.policy = policy.compat32  # under the newer policy a header can break the reading of what stands below it
    raw = plain.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""

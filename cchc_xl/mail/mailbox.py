"""Attachments of saved mail (.eml, mbox), whatever their nesting and however their names are written.

Nothing a message holds raises: what can't be understood is kept as it came. Names are shown, never used as paths.
"""

import email
import email.errors
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import decode_header
from email.message import Message as Parsed
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import BinaryIO

from cchc_xl.mail.unzipping import members_of
from cchc_xl.text import nfc, without_controls

MEGA = 1024 * 1024
MAX_MESSAGE = 64 * MEGA  # of one message; providers stop at about half
MAX_DEPTH = 20  # messages in messages, parts in parts
MAX_PARTS = 500
MAX_NAME, MAX_TEXT = 200, 2_000  # characters shown

# What the library raises on headers and payloads that break the rules of mail.
_BROKEN = (
    *(ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError, IndexError),
    email.errors.MessageError,
)
_BODIES = ("text/plain", "text/html")
_FROM_LINE = re.compile(rb"^From \S+.*\d{4}\r?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attached file. ``place``: where in the message, e.g. "2", "3.1", "2/so-lieu.xlsx" inside a zip."""

    name: str  # decoded, one line; "" where the message gives none
    content: bytes
    place: str
    inline: bool = False  # a picture inside the text, a logo
    container: str = ""  # the name of the zip it lay in
    opened: int = 0  # a zip: how many of its files follow as attachments of their own
    problem: str = ""  # a zip that can't be opened: a word of ui/round.toml [problems]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. ``senders``: every address in every From line, lower case; one is what honest mail has."""

    id: str  # Message-ID, or the hash of the message where it has none
    senders: tuple[str, ...]
    subject: str
    sent: datetime | None  # by the sender's clock
    received: datetime | None  # by the receiving server's
    automatic: bool  # a bounce, an out-of-office note, a list
    text: str  # the beginning of what was written
    attachments: tuple[Attachment, ...]

    @property
    def is_question(self) -> bool:
        """Nothing attached but pictures inside the text."""
        return all(one.inline for one in self.attachments)


def read_message(content: bytes) -> Message:
    """One saved message (.eml)."""
    parsed = _parsed(content)
    parts = tuple(_attachments(parsed, content))
    return Message(
        id=_header(parsed, "Message-ID") or sha256(content).hexdigest(),
        senders=_senders(parsed),
        subject=_header(parsed, "Subject"),
        sent=_moment(_header(parsed, "Date")),
        received=_moment(_header(parsed, "Received").rpartition(";")[2]),
        automatic=_is_automatic(parsed),
        text=_text(parsed),
        attachments=parts,
    )


def messages_in(mbox: BinaryIO) -> Iterator[bytes]:
    """The messages of an mbox file, one after the other, as .eml bytes. ``>From`` at a line's start is unquoted."""
    lines: list[bytes] = []
    blank, size = True, 0
    for line in mbox:
        if blank and _FROM_LINE.match(line.rstrip(b"\n")):
            if size:
                yield b"".join(lines)
            lines, size = [], 0
        else:
            lines.append(line[1:] if re.match(rb">+From ", line) else line)
            size += len(line)
        blank = not line.strip()
    if size:
        yield b"".join(lines)


def is_mbox(head: bytes) -> bool:
    """By the first line of a file."""
    return bool(_FROM_LINE.match(head.partition(b"\n")[0]))


def _parsed(content: bytes) -> Parsed:
    try:
        return email.message_from_bytes(content, policy=policy.default)
    except _BROKEN:  # nested beyond what the library can follow
        head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
        flat = email.message_from_bytes(b"", policy=policy.compat32)
        for line in head.split(b"\n"):
            name, colon, value = line.partition(b":")
            if colon and name.strip().lower() in (b"from", b"subject", b"date", b"message-id"):
                flat[name.decode("latin-1").strip()] = value.decode("latin-1").strip()[:MAX_TEXT]
        flat.add_header("Content-Disposition", "attachment")
        flat.set_type("application/octet-stream")
        flat.set_payload(body.decode("latin-1"), "latin-1")
        return flat


def _header(part: Parsed, name: str) -> str:
    """The first header of that name as one line of text, decoded as far as it can be."""
    try:
        value = part.get(name)
        return _line(str(value)) if value is not None else ""
    except _BROKEN:
        raw = next((value for key, value in part.raw_items() if key.lower() == name.lower()), "")
        return _line(_decoded(str(raw)))


def _decoded(raw: str) -> str:
    """RFC 2047 words decoded where they can be."""
    try:
        pieces = decode_header(raw)
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "utf-8", "replace")
            for piece, charset in pieces
        )
    except _BROKEN:
        return raw


def _line(text: str) -> str:
    return without_controls(nfc(text.encode("utf-8", "replace").decode("utf-8")))[:MAX_TEXT]


def one_line(name: str) -> str:
    """A file's name as it can be shown and stored: composed, without control and format characters."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode("utf-8"))
    return "".join(c for c in text if unicodedata.category(c)[0] != "C")[:MAX_NAME]


def _senders(parsed: Parsed) -> tuple[str, ...]:
    """From the raw lines: the library keeps only the first From, and trips over some."""
    lines = [str(value) for name, value in parsed.raw_items() if name.lower() == "from"]
    found: list[str] = []
    for line in lines:
        # Taken as it stands: in a name, a comment or an encoded word another address may be hidden.
        try:
            found += [address for _, address in getaddresses([line[:MAX_TEXT]]) if "@" in address]
        except _BROKEN:
            found += re.findall(r"[\w.+-]+@[\w.-]+", line[:MAX_TEXT])
    return tuple(dict.fromkeys(_line(address).lower() for address in found))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (*_BROKEN, OverflowError):
        return None


def _is_automatic(parsed: Parsed) -> bool:
    said = _header(parsed, "Auto-Submitted").lower()
    if said and said != "no":
        return True
    if _header(parsed, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    return _kind(parsed) == "multipart/report" or _header(parsed, "Return-Path").strip() == "<>"


def _kind(part: Parsed) -> str:
    try:
        return part.get_content_type()
    except _BROKEN:
        return "application/octet-stream"


def _disposition(part: Parsed) -> str:
    try:
        return part.get_content_disposition() or ""
    except _BROKEN:
        return ""


def _name(part: Parsed) -> str:
    try:
        name = part.get_filename() or ""
    except _BROKEN:
        name = ""
    return one_line(_decoded(str(name)) if "=?" in str(name) else str(name))


def _payload(part: Parsed) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _BROKEN:
        content = None
    if isinstance(content, bytes):
        return content
    raw = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _leaves(part: Parsed, place: str = "", depth: int = 0) -> Iterator[tuple[str, Parsed]]:
    """Every part that is no container, with its place: "1", "2.1" …"""
    inner = part.get_payload() if part.is_multipart() else None
    if isinstance(inner, list) and inner and depth < MAX_DEPTH:
        if _kind(part) == "message/rfc822" and _is_encoded(part):
            yield from _leaves(_parsed(_unpacked(inner[0])), f"{place or 1}.1", depth + 1)
            return
        for number, one in enumerate(inner, start=1):
            yield from _leaves(one, f"{place}.{number}" if place else str(number), depth + 1)
    elif _is_saved_message(part) and depth < MAX_DEPTH:
        yield from _leaves(_parsed(_payload(part)), f"{place or 1}.1", depth + 1)
    else:
        yield place or "1", part


def _is_encoded(part: Parsed) -> bool:
    """A forwarded message in base64, which the rules forbid and some programs send."""
    return _header(part, "Content-Transfer-Encoding").lower() in ("base64", "quoted-printable")


def _unpacked(inner: Parsed) -> bytes:
    raw = inner.get_payload()
    text = raw if isinstance(raw, str) else ""
    wrapper = email.message_from_bytes(b"Content-Transfer-Encoding: base64\n\n", policy=policy.compat32)
    wrapper.set_payload(text)
    return _payload(wrapper)


def _is_saved_message(part: Parsed) -> bool:
    return _name(part).lower().endswith(".eml") and not part.is_multipart()


def _attachments(parsed: Parsed, message: bytes) -> Iterator[Attachment]:
    """A message packed beyond reason is attached to itself as a whole, so that what was not opened is not lost."""
    leaves = [*itertools.islice(_leaves(parsed), MAX_PARTS + 1)]
    if len(leaves) > MAX_PARTS or any(part.is_multipart() and part.get_payload() for _, part in leaves):
        yield Attachment(name="", content=message, place="0", problem="message-nested")
        leaves = [(place, part) for place, part in leaves[:MAX_PARTS] if not part.is_multipart()]
    html = b"".join(_payload(part) for _, part in leaves if _kind(part) == "text/html" and not _name(part))
    for place, part in leaves:
        name, how = _name(part), _disposition(part)
        if not name and how != "attachment" and (_kind(part) in _BODIES or _kind(part).startswith("message/")):
            continue
        yield from with_members(name, _payload(part), place, inline=_is_picture_in_text(part, how, html))


def _is_picture_in_text(part: Parsed, how: str, html: bytes) -> bool:
    """A logo, a pasted picture: marked as inline, or shown by the HTML under its Content-ID."""
    if not _kind(part).startswith("image/"):
        return False
    label = _header(part, "Content-ID").strip("<> ")
    return how == "inline" or (bool(label) and f"cid:{label}".encode() in html)


def with_members(name: str, content: bytes, place: str, *, inline: bool = False) -> Iterator[Attachment]:
    """The file itself, then what lies in it if it is a zip that is no document; one level deep."""
    opened = members_of(content)
    yield Attachment(
        name=name, content=content, place=place, inline=inline, opened=len(opened.members), problem=opened.problem
    )
    for number, (inner, inside) in enumerate(opened.members, start=1):
        shown = one_line(inner)
        yield Attachment(name=shown, content=inside, place=f"{place}/{number}:{shown}", container=name or "zip")


def _text(parsed: Parsed) -> str:
    """The beginning of the first plain text, else of the first HTML without its tags."""
    bodies = {_kind(part): part for _, part in reversed([*_leaves(parsed)]) if not _name(part)}
    part = bodies.get("text/plain") or bodies.get("text/html")
    if part is None:
        return ""
    try:
        charset = part.get_content_charset() or "utf-8"
        said = _payload(part)[: 8 * MAX_TEXT].decode(charset, "replace")
    except _BROKEN:
        said = _payload(part)[: 8 * MAX_TEXT].decode("utf-8", "replace")
    if _kind(part) == "text/html":
        said = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", said, flags=re.DOTALL | re.IGNORECASE)
    return _line(said)

"""Attachments of saved mail (.eml, mbox), whatever their nesting and however their names are written.

Nothing a message holds raises: what can't be understood is kept as it came. Names are shown, never used as paths.
"""

import email
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from email.message import Message as Parsed
from hashlib import sha256
from typing import BinaryIO

from cchc_xl.mail import outlook
from cchc_xl.mail.authentication import SenderCheck, sender_check_of
from cchc_xl.mail.containers import ZIP, Room
from cchc_xl.mail.headers import (
    BROKEN,
    MAX_TEXT,
    disposition,
    header,
    is_automatic,
    kind_of,
    line_of,
    moment_of,
    name_of,
    one_line,
    parsed_of,
    payload,
    senders_of,
)
from cchc_xl.mail.torn import is_torn
from cchc_xl.mail.unzipping import Opened

MEGA = 1024 * 1024
MAX_MESSAGE = 64 * MEGA  # of one message; providers stop at about half
MAX_DEPTH = 20  # messages in messages, parts in parts
MAX_PARTS = 500
MAX_PACKED = 3  # a zip in a winmail.dat in a saved message
_BODIES = ("text/plain", "text/html")
_HIDING = re.compile(r"<(/?)(?:style|script)\b", re.IGNORECASE)
_FROM_LINE = re.compile(rb"^From \S.*\d{4}\r?$", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


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
    sender_check: SenderCheck | None = None  # what the receiving server found out about the sender

    @property
    def is_question(self) -> bool:
        """Nothing attached but pictures inside the text."""
        return all(one.inline for one in self.attachments)


def is_message(name: str, content: bytes) -> bool:
    """Whether a saved file is one message: .eml by its name, .msg by what is in it, if it can be read."""
    return name.lower().endswith(".eml") or outlook.read(content) is not None


def read_message(content: bytes) -> Message:
    """One saved message: .eml, or .msg where ``is_message`` says so."""
    saved = outlook.read(content)
    if saved is not None:
        return _of_outlook(saved, content)
    parsed = parsed_of(content)
    parts = tuple(_attachments(parsed, content))
    senders = senders_of(parsed)
    return Message(
        id=header(parsed, "Message-ID") or sha256(content).hexdigest(),
        senders=senders,
        subject=header(parsed, "Subject"),
        sent=moment_of(header(parsed, "Date")),
        received=moment_of(header(parsed, "Received").rpartition(";")[2]),
        automatic=is_automatic(parsed),
        text=_text(parsed),
        attachments=parts,
        sender_check=sender_check_of(parsed, senders),
    )


def _of_outlook(saved: outlook.Saved, content: bytes) -> Message:
    """What the headers say where there are some; else what Outlook noted itself."""
    parsed = parsed_of(saved.headers.encode("utf-8", "replace").strip() + b"\r\n\r\n")
    sender = line_of(saved.sender).lower()
    room = Room()
    packed = [
        with_members(one_line(one.name), one.content, one.place, inline=one.inline, room=room)
        for one in saved.files
        if one.content is not None
    ]
    whole = [] if saved.is_whole else [Attachment(name="", content=content, place="0", problem="msg")]
    senders = senders_of(parsed) or ((sender,) if sender else ())
    return Message(
        id=header(parsed, "Message-ID") or line_of(saved.id) or sha256(content).hexdigest(),
        senders=senders,
        subject=line_of(saved.subject) or header(parsed, "Subject"),
        sent=moment_of(header(parsed, "Date")) or saved.sent,
        received=moment_of(header(parsed, "Received").rpartition(";")[2]) or saved.received,
        automatic=saved.automatic or is_automatic(parsed),
        text=line_of(saved.text or _without_tags(saved.html)),
        attachments=(*whole, *itertools.chain.from_iterable(packed)),
        sender_check=sender_check_of(parsed, senders),
    )


def messages_in(mbox: BinaryIO) -> Iterator[bytes]:
    """The messages of an mbox file, one after the other, as .eml bytes. ``>From`` at a line's start is unquoted.

    Of a message larger than ``MAX_MESSAGE`` its beginning, one byte more than that.
    """
    held, after_blank = bytearray(), True
    for block in _blocks_of_lines(mbox):
        start = 0
        for found in _FROM_LINE.finditer(block):
            if not (_is_blank(block, found.start()) if found.start() else after_blank):
                continue
            held += _unquoted(block[start : found.start()], len(held))
            if held:
                yield bytes(held)
            held, start = bytearray(), found.end() + 1
        held += _unquoted(block[start:], len(held))
        after_blank = block.endswith(b"\n") and _is_blank(block, len(block))
    if held:
        yield bytes(held)


def _blocks_of_lines(mbox: BinaryIO) -> Iterator[bytes]:
    """The file in pieces of about a megabyte that end with a line, unless one is longer than that."""
    while block := mbox.read(MEGA):
        yield block if block.endswith(b"\n") else block + mbox.readline(MEGA)


def _is_blank(block: bytes, end: int) -> bool:
    """Is the line that ends before ``end`` blank?"""
    return not block[block.rfind(b"\n", 0, end - 1) + 1 : end].strip()


def _unquoted(lines: bytes, before: int) -> bytes:
    """The lines as they were written; no more than still fit behind the ``before`` bytes of their message."""
    return _QUOTED.sub(rb"\1", lines[: max(0, MAX_MESSAGE + 1 - before)])


def is_mbox(head: bytes) -> bool:
    """By the first line of a file."""
    return bool(_FROM_LINE.match(head.partition(b"\n")[0]))


def _leaves(part: Parsed, place: str = "", depth: int = 0) -> Iterator[tuple[str, Parsed]]:
    """Every part that is no container, with its place: "1", "2.1" …"""
    inner = part.get_payload() if part.is_multipart() else None
    if isinstance(inner, list) and inner and depth < MAX_DEPTH:
        if kind_of(part) == "message/rfc822" and _is_encoded(part):
            yield from _leaves(parsed_of(_unpacked(inner[0])), f"{place or 1}.1", depth + 1)
            return
        for number, one in enumerate(inner, start=1):
            yield from _leaves(one, f"{place}.{number}" if place else str(number), depth + 1)
    elif _is_saved_message(part) and depth < MAX_DEPTH:
        yield from _leaves(parsed_of(payload(part)), f"{place or 1}.1", depth + 1)
    else:
        yield place or "1", part


def _is_encoded(part: Parsed) -> bool:
    """A forwarded message in base64, which the rules forbid and some programs send."""
    return header(part, "Content-Transfer-Encoding").lower() in ("base64", "quoted-printable")


def _unpacked(inner: Parsed) -> bytes:
    raw = inner.get_payload()
    text = raw if isinstance(raw, str) else ""
    wrapper = email.message_from_bytes(b"Content-Transfer-Encoding: base64\n\n", policy=policy.compat32)
    wrapper.set_payload(text)
    return payload(wrapper)


def _is_saved_message(part: Parsed) -> bool:
    return name_of(part).lower().endswith(".eml") and not part.is_multipart()


def _attachments(parsed: Parsed, message: bytes) -> Iterator[Attachment]:
    """A message packed beyond reason, or torn, is attached to itself whole: what was not opened is not lost."""
    leaves = [*itertools.islice(_leaves(parsed), MAX_PARTS + 1)]
    is_nested = len(leaves) > MAX_PARTS or any(part.is_multipart() and part.get_payload() for _, part in leaves)
    if is_nested:
        yield Attachment(name="", content=message, place="0", problem="message-nested")
        leaves = [(place, part) for place, part in leaves[:MAX_PARTS] if not part.is_multipart()]
    html = b"".join(payload(part) for _, part in leaves if kind_of(part) == "text/html" and not name_of(part))
    texts: list[bytes] = []
    room = Room()
    for place, part in leaves:
        name, how = name_of(part), disposition(part)
        if not name and how != "attachment" and (kind_of(part) in _BODIES or kind_of(part).startswith("message/")):
            texts.append(payload(part))
            continue
        if not name:  # parts may hide in what is of no known kind, too
            texts.append(payload(part))
        yield from with_members(name, payload(part), place, inline=_is_picture_in_text(part, how, html), room=room)
    if not is_nested and is_torn(parsed, [part for _, part in leaves], texts):
        yield Attachment(name="", content=message, place="0", problem="message-torn")


def _is_picture_in_text(part: Parsed, how: str, html: bytes) -> bool:
    """A logo, a pasted picture: marked as inline, or shown by the HTML under its Content-ID."""
    if not kind_of(part).startswith("image/"):
        return False
    label = header(part, "Content-ID").strip("<> ")
    return how == "inline" or (bool(label) and f"cid:{label}".encode() in html)


def with_members(
    name: str, content: bytes, place: str, *, inline: bool = False, room: Room | None = None
) -> Iterator[Attachment]:
    """The file itself, then what lies in it if it is a zip that is no document, a winmail.dat or a saved message.

    A zip in a zip stays shut; so does what is packed more than ``MAX_PACKED`` deep, or no longer fits into ``room``.
    """
    yield from _unpacked_from(Attachment(name=name, content=content, place=place, inline=inline), room or Room(), 0)


def _unpacked_from(found: Attachment, room: Room, depth: int) -> Iterator[Attachment]:
    opened = room.members_of(found.content) if depth < MAX_PACKED else Opened()
    yield replace(found, opened=len(opened.members), problem=opened.problem)
    zipped = found.content.startswith(ZIP)
    for number, (inner, inside) in enumerate(opened.members, start=1):
        shown = one_line(inner)
        where = f"{found.place}/{number}:{shown}"
        deeper = MAX_PACKED if zipped and inside.startswith(ZIP) else depth + 1
        one = Attachment(name=shown, content=inside, place=where, container=found.name or "zip")
        yield from _unpacked_from(one, room, deeper)


def _text(parsed: Parsed) -> str:
    """The beginning of the first plain text, else of the first HTML without its tags."""
    bodies = {kind_of(part): part for _, part in reversed([*_leaves(parsed)]) if not name_of(part)}
    part = bodies.get("text/plain") or bodies.get("text/html")
    if part is None:
        return ""
    try:
        charset = part.get_content_charset() or "utf-8"
        said = payload(part)[: 8 * MAX_TEXT].decode(charset, "replace")
    except BROKEN:
        said = payload(part)[: 8 * MAX_TEXT].decode("utf-8", "replace")
    return line_of(_without_tags(said) if kind_of(part) == "text/html" else said)


def _without_tags(html: str) -> str:
    """Text between tags, but not that of styles and scripts; in one pass, however wild it is."""
    shown, hidden = [], False
    for piece in re.split(r"(<[^<>]*>)", html):
        tag = _HIDING.match(piece)
        if tag:
            hidden = not tag[1]
        elif not hidden and not (piece.startswith("<") and piece.endswith(">")):
            shown.append(piece)
    return " ".join(shown)

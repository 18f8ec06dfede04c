"""winmail.dat: what Outlook wraps a message's attachments in when it writes its own format (MS-OXTNEF).

Read within limits and without trust: a length that leads outside ends the reading, and what was found stays found.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ATTACHMENTS, MAX_ATTRIBUTES, MAX_DEPTH = 300, 20_000, 5
MAX_PROPERTIES = 50_000  # values, of everything attached together: each takes longer to read than it takes room

_BEGIN, _TITLE, _DATA, _PROPERTIES, _CODE_PAGE = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME, _CONTENT = 0x3707, 0x3704, 0x3001, 0x3701
_NAMES = (_LONG_NAME, _TITLE, _SHORT_NAME, _SHOWN_NAME)  # the best first
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = (0x0D, 0x1E, 0x1F, 0x102)
_OBJECT, _NARROW, _WIDE, _MANY = 0x0D, 0x1E, 0x1F, 0x1000
_NAMED = 0x8000
_GUID = 16  # in front of an object: what kind of object it is


class _Cut(Exception):
    """A length or a count leads outside of what is there."""


class _Reader:
    """Numbers and bytes one after the other. Raises _Cut at the end."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def take(self, length: int) -> bytes:
        if length < 0 or self.at + length > len(self.content):
            raise _Cut
        self.at += length
        return self.content[self.at - length : self.at]

    def number(self, form: str) -> int:
        return int(struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0])

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.content)


@dataclass(slots=True)
class _Patience:
    """How many values may still be read out of one file."""

    left: int = MAX_PROPERTIES

    def spend(self, count: int = 1) -> None:
        """Raises _Cut when it is used up; a count that only claims to be large uses nothing."""
        if count > self.left:
            raise _Cut
        self.left -= count


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """(name as written, bytes) of each attachment, those of messages attached to it too.

    ``is_whole``: whether everything in it could be read, so that nothing attached was missed.
    """

    files: tuple[tuple[str, bytes], ...] = ()
    is_whole: bool = True


def read(content: bytes) -> Wrapped:
    """What a winmail.dat holds. Never raises."""
    return _read(content, 0, _Patience())


def _read(content: bytes, depth: int, patience: _Patience) -> Wrapped:
    if not content.startswith(SIGNATURE) or depth > MAX_DEPTH:
        return Wrapped(is_whole=False)
    found: list[tuple[str, bytes]] = []
    attributes, is_whole = _attributes(content)
    for one in _wrapped(attributes, patience):
        inner = _read(one.content, depth + 1, patience) if one.is_message else Wrapped()
        is_whole = is_whole and inner.is_whole and one.is_whole
        if one.has_content:
            found += inner.files or ((one.name, one.content),)
    return Wrapped(files=tuple(found[:MAX_ATTACHMENTS]), is_whole=is_whole and len(found) <= MAX_ATTACHMENTS)


@dataclass(slots=True)
class _Attachment:
    """One attachment as it is put together from what is said of it."""

    names: dict[int, str] = field(default_factory=dict)
    content: bytes = b""
    is_message: bool = False
    has_content: bool = False
    is_whole: bool = True

    @property
    def name(self) -> str:
        return next((self.names[one] for one in _NAMES if self.names.get(one)), "")

    def take(self, content: bytes, is_message: bool = False) -> None:
        self.content, self.is_message, self.has_content = content, is_message, True


def _wrapped(attributes: list[tuple[int, bytes]], patience: _Patience) -> Iterator[_Attachment]:
    """Every attachment, and first what is said before any: one may be without content."""
    charset, current = "cp1252", _Attachment()
    for attribute, value in attributes:
        if attribute == _CODE_PAGE and len(value) >= 4:
            charset = f"cp{struct.unpack('<I', value[:4])[0]}"
        elif attribute == _BEGIN:
            yield current
            current = _Attachment()
        elif attribute == _TITLE:
            current.names[_TITLE] = _narrow(value, charset)
        elif attribute == _DATA:
            current.take(value)
        elif attribute == _PROPERTIES:
            _tell(current, value, charset, patience)
    yield current


def _attributes(content: bytes) -> tuple[list[tuple[int, bytes]], bool]:
    """Number and value of each attribute, and whether the last was whole. The sum behind a value is not looked at."""
    reader, found = _Reader(content), []
    try:
        reader.take(6)  # signature and key
        while not reader.is_done and len(found) < MAX_ATTRIBUTES:
            reader.take(1)  # of the message or of an attachment; the number tells too
            attribute = reader.number("I") & 0xFFFF
            found.append((attribute, reader.take(reader.number("I"))))
            reader.at += 2  # the sum; some leave out the last
    except _Cut:
        return found, False
    return found, reader.is_done


def _tell(attachment: _Attachment, value: bytes, charset: str, patience: _Patience) -> None:
    """What an attachment's own properties say of its names and content."""
    properties, is_whole = _properties(value, patience)
    attachment.is_whole = attachment.is_whole and is_whole
    for number, kind, raw in properties:
        if number in _NAMES and kind in (_NARROW, _WIDE):
            text = raw.decode("utf-16-le", "replace").rstrip("\0") if kind == _WIDE else _narrow(raw, charset)
            attachment.names[number] = text
        elif number == _CONTENT and kind == _OBJECT:
            attachment.take(raw[_GUID:], raw[_GUID:].startswith(SIGNATURE))
        elif number == _CONTENT:
            attachment.take(raw)


def _properties(value: bytes, patience: _Patience) -> tuple[list[tuple[int, int, bytes]], bool]:
    """Number, type and first value of each property, and whether all could be read."""
    reader, found = _Reader(value), []
    try:
        count = reader.number("I")
        for _ in range(count):
            patience.spend()
            kind, number = reader.number("H"), reader.number("H")
            if number >= _NAMED:
                _pass_name(reader)
            values = _values(reader, kind, patience)
            if values:
                found.append((number, kind & ~_MANY, values[0]))
    except _Cut:
        return found, False
    return found, True


def _pass_name(reader: _Reader) -> None:
    reader.take(_GUID)
    if reader.number("I"):
        _padded(reader, reader.number("I"))
    else:
        reader.take(4)


def _values(reader: _Reader, kind: int, patience: _Patience) -> list[bytes]:
    plain = kind & ~_MANY
    if plain in _VARIABLE:
        count = reader.number("I")
        patience.spend(count)
        return [_padded(reader, reader.number("I")) for _ in range(count)]
    if plain not in _FIXED:
        raise _Cut
    count = reader.number("I") if kind & _MANY else 1
    patience.spend(count)
    return [reader.take(_FIXED[plain]) for _ in range(count)]


def _padded(reader: _Reader, length: int) -> bytes:
    value = reader.take(length)
    reader.at = min(reader.at + -length % 4, len(reader.content))
    return value


def _narrow(raw: bytes, charset: str) -> str:
    text = raw.split(b"\0", 1)[0]
    for one in ("utf-8", charset):
        try:
            return text.decode(one)
        except (UnicodeDecodeError, LookupError):
            continue
    return text.decode("cp1252", "replace")

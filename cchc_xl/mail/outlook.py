"""Messages that Outlook saved in its own format (.msg): a small tree of storages and streams (MS-OXMSG).

Read with olefile, which the extra ``mail`` brings; where it is missing, or the file is damaged, there is no message and
the file stays a file. Only streams that are needed are read, and all of them together never more than the file holds.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

from cchc_xl.mail.headers import BROKEN

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARK = "__substg1.0_".encode("utf-16-le")  # the beginning of every name in a .msg
MAX_FILES, MAX_DEPTH = 300, 10

_SUBJECT, _HEADERS, _BODY, _HTML, _CLASS, _ID = 0x0037, 0x007D, 0x1000, 0x1013, 0x001A, 0x1035
_SENDER_NAME, _SENDER, _SENDER_SMTP, _FOR, _FOR_SMTP = 0x0C1A, 0x0C1F, 0x5D01, 0x0065, 0x5D02
_SENT, _RECEIVED, _CODE_PAGE = 0x0039, 0x0E06, 0x3FFD
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME, _CONTENT, _TYPE, _LABEL = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E, 0x3712
_OBJECT, _NARROW, _WIDE, _BYTES = 0x0D, 0x1E, 0x1F, 0x102
_ATTACHED = "__attach_version1.0_#"
_PROPERTIES = "__properties_version1.0"
_ROW = 16  # bytes of a property in the list of those with a fixed size
_OLD_CHARSETS = ("utf-8", "cp1258")
_TEXT_READ = 64 * 1024
_UNREADABLE = (*BROKEN, OSError, struct.error, EOFError, KeyError, OverflowError, MemoryError)
_MACHINE_CLASSES = ("report.", "ipm.note.rules.oof", "ipm.note.rules.reply")
_SINCE_1601 = datetime(1601, 1, 1, tzinfo=UTC)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One attached file. ``place`` as in a message: "2", or "2.1" in a message that is itself attached."""

    place: str
    name: str
    content: bytes | None  # None: an object that no other program can use
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A message as Outlook kept it. ``headers``: as they came by mail, "" for one that never went by mail."""

    headers: str
    id: str
    sender: str
    subject: str
    text: str
    html: str  # "" where there is text
    sent: datetime | None
    received: datetime | None
    automatic: bool
    files: tuple[File, ...]
    is_whole: bool  # False where something attached could not be taken out


def is_msg(content: bytes) -> bool:
    """By what is in it: an OLE file with the names of a message's parts."""
    return content.startswith(OLE) and MARK in content


def read(content: bytes) -> Saved | None:
    """The message, or None where it is none, can't be read, or olefile is not installed."""
    if not is_msg(content):
        return None
    try:
        import olefile
    except ImportError:
        return None
    try:
        with olefile.OleFileIO(BytesIO(content)) as ole:
            return _saved(_Tree(ole, len(content)))
    except _UNREADABLE:
        return None


class _Tree:
    """The streams of the file by their path. All that is read together is bounded: no stream counts twice."""

    def __init__(self, ole, limit: int) -> None:
        self.ole, self.left = ole, limit
        paths = [tuple(path) for path in ole.listdir(streams=True, storages=True)]
        self.there = frozenset(paths)
        self.inside: dict[Path, list[Path]] = {}
        for path in paths:
            self.inside.setdefault(path[:-1], []).append(path)
        self.files_left = MAX_FILES

    def stream(self, path: Path) -> bytes:
        """Raises an OSError when more is asked than the file can hold."""
        if path not in self.there or self.ole.get_type(list(path)) != 2:
            return b""
        self.left -= self.ole.get_size(list(path))
        if self.left < 0:
            raise OSError
        return self.ole.openstream(list(path)).read()

    def value(self, home: Path, number: int, kind: int) -> bytes:
        return self.stream((*home, _name(number, kind)))

    def text(self, home: Path, number: int, charsets: Sequence[str] = _OLD_CHARSETS) -> str:
        """Unicode where there is some; else the old 8-bit kind."""
        wide = self.value(home, number, _WIDE)
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return _decoded(self.value(home, number, _NARROW).rstrip(b"\0"), charsets)

    def storages(self, home: Path, start: str) -> list[Path]:
        named = [one for one in self.inside.get(home, ()) if one[-1].startswith(start)]
        return sorted(one for one in named if self.ole.get_type(list(one)) == 1)


def _name(number: int, kind: int) -> str:
    return f"__substg1.0_{number:04X}{kind:04X}"


def _saved(tree: _Tree) -> Saved:
    fixed = _fixed(tree.stream((_PROPERTIES,)), 32)
    charsets = _charsets(fixed)
    kind = tree.text((), _CLASS, charsets).lower()
    html = tree.value((), _HTML, _BYTES)
    text = tree.text((), _BODY, charsets)
    files = tuple(_files(tree, (), charsets, html))
    return Saved(
        headers=tree.text((), _HEADERS, charsets),
        id=tree.text((), _ID, charsets),
        sender=_sender(tree, charsets),
        subject=tree.text((), _SUBJECT, charsets),
        text=text[:_TEXT_READ],
        html="" if text else _decoded(html, charsets)[:_TEXT_READ],
        sent=_moment(fixed.get(_SENT)),
        received=_moment(fixed.get(_RECEIVED)),
        automatic=kind.startswith(_MACHINE_CLASSES),
        files=tuple(one for one in files if one.content is not None),
        is_whole=all(one.content is not None for one in files),
    )


def _sender(tree: _Tree, charsets: Sequence[str]) -> str:
    """A mail address; an address inside Exchange (/O=…) says nothing to anybody outside."""
    said = (tree.text((), number, charsets) for number in (_SENDER_SMTP, _SENDER, _FOR_SMTP, _FOR))
    return next((one for one in said if "@" in one), "")


def _files(
    tree: _Tree, home: Path, charsets: Sequence[str], html: bytes, place: str = "", depth: int = 0
) -> Iterator[File]:
    """The attachments of the message at ``home``, those of messages attached to it in their places."""
    for number, storage in enumerate(tree.storages(home, _ATTACHED), start=1):
        here = f"{place}.{number}" if place else str(number)
        tree.files_left -= 1
        inner = (*storage, _name(_CONTENT, _OBJECT))
        if tree.files_left < 0:
            yield File(place=here, name="", content=None)
            return
        is_message = (*inner, _PROPERTIES) in tree.there
        if is_message and depth < MAX_DEPTH:
            yield from _files(tree, inner, charsets, tree.value(inner, _HTML, _BYTES), here, depth + 1)
            continue
        names = (tree.text(storage, one, charsets) for one in (_LONG_NAME, _SHORT_NAME, _SHOWN_NAME))
        content = None if inner in tree.there else tree.value(storage, _CONTENT, _BYTES)
        label = tree.text(storage, _LABEL, charsets).strip("<> ")
        shown = bool(label) and f"cid:{label}".encode("utf-8", "replace") in html
        is_picture = tree.text(storage, _TYPE, charsets).lower().startswith("image/")
        name = next((one for one in names if one), "")
        yield File(place=here, name=name, content=content, inline=shown and is_picture)


def _fixed(stream: bytes, start: int) -> dict[int, bytes]:
    """Number -> eight bytes, of the properties that are numbers or dates."""
    found: dict[int, bytes] = {}
    for at in range(start, len(stream) - _ROW + 1, _ROW):
        tag = struct.unpack_from("<I", stream, at)[0]
        found.setdefault(tag >> 16, stream[at + 8 : at + _ROW])
    return found


def _charsets(fixed: dict[int, bytes]) -> tuple[str, ...]:
    page = struct.unpack_from("<I", fixed[_CODE_PAGE])[0] if _CODE_PAGE in fixed else 0
    return ("utf-8", f"cp{page}", *_OLD_CHARSETS[1:]) if page else _OLD_CHARSETS


def _decoded(raw: bytes, charsets: Sequence[str]) -> str:
    for charset in charsets:
        try:
            return raw.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("cp1252", "replace")


def _moment(ticks: bytes | None) -> datetime | None:
    """A date in tenths of microseconds since 1601."""
    count = struct.unpack("<Q", ticks)[0] if ticks else 0
    try:
        return _SINCE_1601 + timedelta(microseconds=count // 10) if count else None
    except OverflowError:
        return None

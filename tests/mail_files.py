"""Files as Outlook makes them, for tests: a message saved as .msg (MS-OXMSG in MS-CFB), a winmail.dat (MS-OXTNEF)."""

import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SINCE_1601 = datetime(1601, 1, 1, tzinfo=UTC)


# --- compound files ----------------------------------------------------------------------------------------------
@dataclass
class Entry:
    """A storage (with children) or a stream (with content) of a compound file."""

    name: str
    content: bytes | None = None
    children: list["Entry"] = field(default_factory=list)
    kind: int = 1
    left: int = FREE
    right: int = FREE
    child: int = FREE
    start: int = END


def compound(children: Sequence[Entry]) -> bytes:
    """A compound file of version 3 with these storages and streams."""
    root = Entry("Root Entry", children=[*children], kind=5)
    entries = _numbered(root)
    small = [one for one in entries if one.content is not None and len(one.content) < CUTOFF]
    large = [one for one in entries if one.content is not None and len(one.content) >= CUTOFF]
    mini, mini_fat = b"", []
    for one in small:
        count = -(-len(one.content or b"") // MINI)
        one.start = len(mini_fat) if count else END
        mini_fat += [len(mini_fat) + number + 1 for number in range(count)][:-1] + ([END] if count else [])
        mini += (one.content or b"").ljust(count * MINI, b"\0")
    chains = [*(one.content or b"" for one in large), mini, struct.pack(f"<{len(mini_fat)}I", *mini_fat)]
    directory_size = -(-len(entries) // 4)
    body = sum(-(-len(chain) // SECTOR) for chain in chains) + directory_size
    fats = 1
    while fats * (SECTOR // 4) < body + fats:
        fats += 1
    table: list[int] = [FAT] * fats
    starts = []
    for size in [*(-(-len(chain) // SECTOR) for chain in chains), directory_size]:
        starts.append(len(table) if size else END)
        table += [len(table) + number + 1 for number in range(size)][:-1] + ([END] if size else [])
    for one, start in zip(large, starts, strict=False):
        one.start = start
    root.start, mini_fat_at, directory_at = starts[-3:]
    table += [FREE] * (fats * (SECTOR // 4) - len(table))
    listed = b"".join(_row(one, len(mini)) for one in entries).ljust(directory_size * SECTOR, b"\0")
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, directory_at, 0, CUTOFF),
        *(mini_fat_at, -(-len(mini_fat) * 4 // SECTOR), END, 0),
    )
    head += struct.pack("<109I", *range(fats), *[FREE] * (109 - fats))
    padded = b"".join(chain.ljust(-(-len(chain) // SECTOR) * SECTOR, b"\0") for chain in chains)
    return head + struct.pack(f"<{len(table)}I", *table) + padded + listed


def _numbered(root: Entry) -> list[Entry]:
    """All entries in a row, each storage pointing to the middle of its sorted children."""
    entries = [root]

    def tree(ordered: list[tuple[int, Entry]]) -> int:
        if not ordered:
            return FREE
        middle = len(ordered) // 2
        number, entry = ordered[middle]
        entry.left, entry.right = tree(ordered[:middle]), tree(ordered[middle + 1 :])
        return number

    def visit(storage: Entry) -> None:
        first = len(entries)
        entries.extend(storage.children)
        numbered = [(first + at, one) for at, one in enumerate(storage.children)]
        storage.child = tree(sorted(numbered, key=lambda pair: (len(pair[1].name), pair[1].name.upper())))
        for one in storage.children:
            if one.content is None:
                visit(one)
            else:
                one.kind = 2

    visit(root)
    return entries


def _row(one: Entry, mini_size: int) -> bytes:
    name = one.name.encode("utf-16-le") + b"\0\0"
    size = mini_size if one.kind == 5 else len(one.content or b"")
    start = one.start if one.kind in (2, 5) else 0
    head = struct.pack("<64sHBBIII", name, len(name), one.kind, 1, one.left, one.right, one.child)
    return head + struct.pack("<16xI16xIQ", 0, start, size)


# --- .msg --------------------------------------------------------------------------------------------------------
def msg(
    files: Sequence[tuple[str, bytes] | Sequence[Entry]] = (),
    *,
    subject: str = "Báo cáo 6 tháng",
    text: str = "Xin gửi báo cáo.",
    sender: str = "daison@tuky.gov.vn",
    headers: str = "",
    sent: datetime | None = None,
    **more: str,
) -> bytes:
    """A message as Outlook saves it. ``files``: (name, content), or the entries of a message (``msg_entries``)."""
    return compound(
        msg_entries(files, subject=subject, text=text, sender=sender, headers=headers, sent=sent, top=True, **more)
    )


def msg_entries(
    files: Sequence[tuple[str, bytes] | Sequence[Entry]] = (),
    *,
    subject: str = "",
    text: str = "",
    sender: str = "",
    headers: str = "",
    sent: datetime | None = None,
    top: bool = False,
    kind: str = "IPM.Note",
    narrow: str = "",
) -> list[Entry]:
    """What stands in the storage of a message. ``narrow``: a code page; then texts are 8-bit as in old files."""
    texts = {0x001A: kind, 0x0037: subject, 0x1000: text, 0x007D: headers, 0x5D01: sender, 0x0C1A: "Đại Sơn"}
    entries = [_text(number, value, narrow) for number, value in texts.items() if value]
    rows = b"".join(map(_listed, entries))
    if sent:
        ticks = int((sent - _SINCE_1601).total_seconds()) * 10_000_000
        rows += struct.pack("<IIQ", 0x00390040, 6, ticks)
    if narrow:
        rows += struct.pack("<IIQ", 0x3FFD0003, 6, int(narrow.removeprefix("cp")))
    header = struct.pack("<8xIIII", 0, len(files), 0, len(files)) + (b"\0" * 8 if top else b"")
    entries.append(Entry("__properties_version1.0", header + rows))
    for number, one in enumerate(files):
        entries.append(Entry(f"__attach_version1.0_#{number:08X}", children=_attached(one, narrow)))
    return entries


def _text(number: int, value: str, narrow: str) -> Entry:
    if narrow:
        return Entry(f"__substg1.0_{number:04X}001E", _narrow(value, narrow))
    return Entry(f"__substg1.0_{number:04X}001F", value.encode("utf-16-le"))


def _narrow(text: str, charset: str) -> bytes:
    """In the old code page the tone of some letters is a mark of its own."""
    out = ""
    for letter in text:
        split = unicodedata.normalize("NFD", letter)
        tones = "".join(c for c in split if c in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(c for c in split if c not in tones))
        out += letter if _fits(letter, charset) else base + tones
    return out.encode(charset)


def _fits(letter: str, charset: str) -> bool:
    try:
        letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _listed(entry: Entry) -> bytes:
    """The row in the list of properties for a text or content that stands in a stream of its own."""
    size = len(entry.content or b"") + (2 if entry.name.endswith("001F") else 0)
    return struct.pack("<IIII", int(entry.name.rpartition("_")[2], 16), 6, size, 0)


def _attached(one: tuple[str, bytes] | Sequence[Entry], narrow: str) -> list[Entry]:
    if isinstance(one, tuple):
        name, content = one
        inside = [_text(0x3707, name, narrow), Entry("__substg1.0_37010102", content)]
    else:
        inside = [Entry("__substg1.0_3701000D", children=[*one])]
    return [Entry("__properties_version1.0", b"\0" * 8 + b"".join(map(_listed, inside))), *inside]


# --- winmail.dat -------------------------------------------------------------------------------------------------
def winmail(files: Sequence[tuple[str, bytes]], *, narrow: bool = False, inner: bytes = b"") -> bytes:
    """A winmail.dat. ``narrow``: names as Outlook 97 wrote them, without Unicode; ``inner``: one in it."""
    out = b"\x78\x9f\x3e\x22\x01\x00" + _attribute(1, 0x00089006, b"\0\0\x01\0")
    out += _attribute(1, 0x00069007, struct.pack("<II", 1258, 0))
    for name, content in files:
        out += _attribute(2, 0x00069002, b"\x01\0" + b"\xff" * 4 + b"\0" * 8)
        out += _attribute(2, 0x00018010, name.encode("cp1258", "replace") + b"\0")
        if narrow:
            out += _attribute(2, 0x0006800F, content)
        else:
            told = {0x3707001F: name.encode("utf-16-le") + b"\0\0", 0x37010102: content}
            out += _attribute(2, 0x00069005, properties(told))
    if inner:
        out += _attribute(2, 0x00069002, b"\x01\0" + b"\xff" * 4 + b"\0" * 8)
        out += _attribute(2, 0x00069005, properties({0x3701000D: b"\x07\x03\x02\0" + b"\0" * 12 + inner}))
    return out


def properties(told: Mapping[int, bytes]) -> bytes:
    """Tag (number, type) -> value, with a named, a fixed and a many-valued property before them."""
    out = struct.pack("<I", len(told) + 3)
    out += struct.pack("<HH16sI", 0x1F, 0x8001, b"g" * 16, 1) + _counted("tên".encode("utf-16-le"))
    out += struct.pack("<I", 1) + _counted("giá trị".encode("utf-16-le"))
    out += struct.pack("<HHI", 0x000B, 0x7FFE, 1)
    out += struct.pack("<HHI", 0x1003, 0x6789, 2) + struct.pack("<II", 1, 2)
    for tag, value in told.items():
        out += struct.pack("<HHI", tag & 0xFFFF, tag >> 16, 1) + _counted(value)
    return out


def _counted(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value + b"\0" * (-len(value) % 4)


def _attribute(level: int, number: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

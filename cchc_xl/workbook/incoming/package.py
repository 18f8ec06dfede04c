"""The zip around a workbook: opened once, checked, and inflated with a running total.

Programs differ on a zip whose parts are doubled or overlap, so such a file is refused rather than read one way.
"""

import struct
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation

from cchc_xl.editions.catalogue import words
from cchc_xl.zips import DAMAGED, Listing, listing_of

MEGA = 1024 * 1024
_CHUNK, _AT_ONCE = 64 * 1024, 4 * MEGA  # bytes
_SMALL = 32 * 1024  # bytes of a packed part
_MOST_TIMES = 1032  # as large as packed is the most that inflating gives: of a small part 33 MB
_LOCAL_HEADER = struct.Struct("<4s22xHH")

# What Python itself raises on contents no check of ours foresaw. Any other exception is a mistake of the program.
UNFORESEEN = (MemoryError, OverflowError, RecursionError, InvalidOperation, ValueError)


class Refused(Exception):
    """This file is not read. ``finding`` is an id of findings.toml, ``args`` fill its blanks."""

    def __init__(self, finding: str, **args: object) -> None:
        super().__init__(finding, args)
        self.finding = finding
        self.arguments: Mapping[str, object] = args


def broken(problem: str, **args: object) -> Refused:
    """``problem`` is a sentence of ui/reader.toml [problems]."""
    return Refused("file-broken", problem=words("reader")["problems"][problem].format(**args))


def too_large(problem: str, limit: int, **args: object) -> Refused:
    return Refused("file-too-large", problem=words("reader")["problems"][problem].format(limit=limit, **args))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is read before it is given up. Ten times what the largest honest form needs."""

    packed: int = 20 * MEGA
    inflated: int = 64 * MEGA
    entries: int = 2_000
    sheets: int = 64
    names: int = 1_000
    cells: int = 200_000  # with content, a sheet
    held_cells: int = 300_000  # of all sheets kept at one time
    filled: int = 1_000_000  # characters of formulas that a sheet stores once for many cells
    merges: int = 20_000
    strings: int = 300_000  # in the table of texts
    text: int = 32_767
    format: int = 255
    depth: int = 64
    token: int = 2 * MEGA  # one tag with all its attributes
    seconds: float = 10.0


# A master of a thousand units is honest and large.
MASTER_LIMITS = Limits(
    packed=60 * MEGA, inflated=256 * MEGA, cells=1_000_000, held_cells=1_500_000, strings=1_500_000, seconds=60.0
)


class Package:
    """The parts of one zip. Inflates on demand; what was inflated so far and the deadline hold for all parts."""

    def __init__(self, content: bytes, limits: Limits, listing: Listing | None = None) -> None:
        """``listing``: of this zip, when it is known already. Raises Refused."""
        if len(content) > limits.packed:
            raise too_large("packed", limits.packed // MEGA)
        self.limits = limits
        self._content = content
        self._left = limits.inflated
        self._deadline = time.monotonic() + limits.seconds
        self._members = _directory(content, limits, listing)

    @property
    def names(self) -> tuple[str, ...]:
        """Part names as stored, without a leading slash."""
        return tuple(member.filename for member in self._members.values())

    def has(self, name: str) -> bool:
        return name.lower() in self._members

    def size(self, name: str) -> int:
        """How large the part says it is; ``chunks`` holds it to that."""
        member = self._members.get(name.lower())
        return member.file_size if member else 0

    def in_time(self) -> None:
        """Give the file up when its time is over, or more was inflated than a form needs."""
        if self._left < 0:
            raise too_large("inflated", self.limits.inflated // MEGA)
        if time.monotonic() > self._deadline:
            raise Refused("file-slow", seconds=int(self.limits.seconds))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's bytes, piece by piece. Raises Refused: missing, broken, too large, too slow."""
        member = self._members.get(name.lower())
        if member is None:
            raise broken("missing", part=name)
        self.in_time()
        packed = self._packed(member)
        if member.compress_type == zipfile.ZIP_STORED:
            pieces: Iterator[bytes] = (packed[at : at + _CHUNK] for at in range(0, len(packed), _CHUNK))
        else:
            pieces = self._inflated(packed, name, member.file_size)
        checksum = 0
        for piece in pieces:
            self._left -= len(piece)
            self.in_time()
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if checksum != member.CRC:
            raise broken("checksum", part=name)

    def _inflated(self, packed: bytes, name: str, size: int) -> Iterator[bytes]:
        """A small part at once, a quarter faster; piece by piece a large one, and one larger than its ``size`` says.

        What comes of a part that lies or breaks is counted too, or many of them would cost without end.
        """
        try:
            if len(packed) <= _SMALL and size < _AT_ONCE:
                whole = zlib.decompress(packed, -zlib.MAX_WBITS, max(1, size))
                if len(whole) <= size:
                    yield whole
                    return
                self._left -= len(whole)
                del whole
                self.in_time()
            yield from _pieces(packed, name, max(_CHUNK, size + 1 if size < _AT_ONCE else 0))
        except zlib.error as error:
            self._left -= _MOST_TIMES * len(packed)
            raise broken("truncated", part=name) from error

    def _packed(self, member: zipfile.ZipInfo) -> bytes:
        at = member.header_offset
        header = self._content[at : at + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size:
            raise broken("truncated", part=member.filename)
        magic, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        start = at + _LOCAL_HEADER.size + name_length + extra_length
        packed = self._content[start : start + member.compress_size]
        if magic != b"PK\x03\x04" or len(packed) < member.compress_size:
            raise broken("truncated", part=member.filename)
        if self._content[start - name_length - extra_length : start - extra_length] != _name_bytes(member):
            raise Refused("file-ambiguous", part=member.filename)
        return packed


def _directory(content: bytes, limits: Limits, listing: Listing | None) -> dict[str, zipfile.ZipInfo]:
    """Lower-case name -> member, after every check that needs no inflating."""
    try:
        infos, directory_at = listing or listing_of(content)
    except DAMAGED as error:
        raise broken("zip") from error
    if len(infos) > limits.entries:
        raise too_large("entries", limits.entries)
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        _check_member(info)
        if info.filename.lower() in members:
            raise Refused("file-ambiguous", part=info.filename)
        members[info.filename.lower()] = info
    if sum(info.file_size for info in infos) > limits.inflated:
        raise too_large("inflated", limits.inflated // MEGA)
    _check_overlap(infos, directory_at)
    return members


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if info.flag_bits & 0x1:
        raise Refused("file-encrypted")
    if name.startswith("/") or "\\" in name or ".." in name.split("/") or "\0" in info.orig_filename:
        raise broken("member", part=ascii(name)[:80])
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise broken("method", part=name)


def _name_bytes(member: zipfile.ZipInfo) -> bytes:
    """The name as the directory has it; before the part it must be the same, or programs see two workbooks."""
    return member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437")


def _check_overlap(infos: Sequence[zipfile.ZipInfo], directory_at: int) -> None:
    """Two directory entries on one body: each program may follow another one."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    if ordered and ordered[0].header_offset:  # another zip before this one: some programs would read that
        raise broken("front")
    ends = [info.header_offset for info in ordered[1:]] + [directory_at]
    for info, end in zip(ordered, ends, strict=True):
        if info.header_offset + _LOCAL_HEADER.size + info.compress_size > end:
            raise Refused("file-ambiguous", part=info.filename)


def _pieces(packed: bytes, name: str, most: int) -> Iterator[bytes]:
    """Pieces of at most that many bytes."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest = packed
    while True:
        piece = inflater.decompress(rest, most)
        if piece:
            yield piece
        rest = inflater.unconsumed_tail
        if inflater.eof:
            return
        if not piece and not rest:
            raise broken("truncated", part=name)

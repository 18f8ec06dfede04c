"""Zips as no library writes them: parts of a gigabyte in a few kilobytes, sizes that lie, one body for two names."""

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One part as it lies in the zip. ``said``: the size in the directory, the true one when None."""

    name: str
    packed: bytes
    crc: int
    size: int
    said: int | None = None
    local_name: str | None = None
    method: int = 8
    flags: int = 0x800


def plain(name: str, content: bytes) -> Body:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return Body(name=name, packed=packed, crc=zlib.crc32(content), size=len(content))


def repeated(name: str, head: bytes, unit: bytes, count: int, tail: bytes) -> Body:
    """``head``, ``count`` times ``unit``, ``tail``: packed once a block, since a flushed block can stand again."""
    block = unit * max(1, min(count, _BLOCK // len(unit)))
    whole, rest = divmod(count * len(unit), len(block))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(block[:rest] + tail) + packer.flush()
    size = len(head) + whole * len(block) + rest + len(tail)
    # The checksum is left wrong: nobody may come so far as to compare it.
    return Body(name=name, packed=start + one * whole + end, crc=0, size=size)


def written(bodies: Iterable[Body], *, comment: bytes = b"") -> bytes:
    out, directory, entries = BytesIO(), BytesIO(), 0
    for body in bodies:
        name, local = body.name.encode(), (body.local_name or body.name).encode()
        said = body.size if body.said is None else body.said
        at, sizes = out.tell(), (body.crc, len(body.packed), said)
        out.write(_LOCAL.pack(b"PK\3\4", 20, body.flags, body.method, 0, 33, *sizes, len(local), 0))
        out.write(local + body.packed)
        directory.write(
            _CENTRAL.pack(b"PK\1\2", 20, 20, body.flags, body.method, 0, 33, *sizes, len(name), 0, 0, 0, 0, 0, at)
        )
        directory.write(name)
        entries += 1
    start, listed = out.tell(), directory.getvalue()
    end = _END.pack(b"PK\5\6", 0, 0, entries, entries, len(listed), start, len(comment))
    return out.getvalue() + listed + end + comment


def package(parts: Mapping[str, bytes], *more: Body) -> bytes:
    """These parts, those of ``more`` in place of parts of their name."""
    own = {body.name for body in more}
    return written([*(plain(name, content) for name, content in parts.items() if name not in own), *more])


def lying(body: Body, said: int) -> Body:
    return replace(body, said=said)


def one_body_many_names(parts: Mapping[str, bytes], name: str, twins: int) -> bytes:
    """``twins`` more directory entries on the body of ``name``."""
    content = package(parts)
    end = content.rindex(b"PK\5\6")
    *_, count, _, length, start, _ = _END.unpack(content[end:])
    at = content.index(b"PK\1\2", content.rindex(b"PK\1\2", start, content.index(name.encode(), start)))
    entry = content[at : at + _CENTRAL.size + len(name)]
    more = b"".join(entry[: _CENTRAL.size] + f"{number:0{len(name)}}".encode() for number in range(twins))
    tail = _END.pack(b"PK\5\6", 0, 0, count + twins, count + twins, length + len(more), start, 0)
    return content[:end] + more + tail

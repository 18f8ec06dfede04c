"""A zip with some parts replaced: the packed bytes of every other part are carried over as they are."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_UTF8_NAME = 0x800
_VERSION = 20
_DOS_TIME, _DOS_DATE = 0, 0x21  # 1980-01-01: equal content gives equal bytes


class _Body:
    """One part ready to be written."""

    def __init__(self, name: str, packed: bytes, size: int, crc: int, method: int, when: tuple[int, int]) -> None:
        self.name, self.packed, self.size, self.crc, self.method, self.when = name, packed, size, crc, method, when
        self.raw_name = name.encode("utf-8")
        self.flags = 0 if name.isascii() else _UTF8_NAME


def rewritten(content: bytes, changed: Mapping[str, bytes | None]) -> bytes:
    """The package ``content`` with the parts of ``changed`` replaced, added at the end, or left out (None).

    The order of parts stays. Only for a package that ``Package`` has accepted.
    """
    out = BytesIO()
    directory = []
    for body in _bodies(content, changed):
        fields = (body.flags, body.method, *body.when, body.crc, len(body.packed), body.size, len(body.raw_name))
        directory.append((body, fields, out.tell()))
        out.write(_LOCAL.pack(b"PK\x03\x04", _VERSION, *fields, 0) + body.raw_name + body.packed)
    start = out.tell()
    for body, fields, offset in directory:
        out.write(_CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *fields, 0, 0, 0, 0, 0, offset) + body.raw_name)
    count = len(directory)
    out.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, out.tell() - start, start, 0))
    return out.getvalue()


def _bodies(content: bytes, changed: Mapping[str, bytes | None]) -> Iterator[_Body]:
    known = set()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for info in archive.infolist():
            known.add(info.filename)
            if info.filename not in changed:
                yield _carried(content, info)
            elif (new := changed[info.filename]) is not None:
                yield _packed(info.filename, new)
    for name, new in changed.items():
        if name not in known and new is not None:
            yield _packed(name, new)


def _carried(content: bytes, info: zipfile.ZipInfo) -> _Body:
    at = info.header_offset
    name_length, extra_length = _LOCAL.unpack(content[at : at + _LOCAL.size])[-2:]
    start = at + _LOCAL.size + name_length + extra_length
    packed = content[start : start + info.compress_size]
    year, month, day, hour, minute, second = info.date_time
    when = (hour << 11 | minute << 5 | second // 2, max(year - 1980, 0) << 9 | month << 5 | day)
    return _Body(info.filename, packed, info.file_size, info.CRC, info.compress_type, when)


def _packed(name: str, new: bytes) -> _Body:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflater.compress(new) + deflater.flush()
    return _Body(name, packed, len(new), zlib.crc32(new), zipfile.ZIP_DEFLATED, (_DOS_TIME, _DOS_DATE))

"""A zip that somebody attached: its files, one level deep, within limits. Office documents, zips too, stay shut."""

import zipfile
from dataclasses import dataclass
from io import BytesIO

from cchc_xl.zips import DAMAGED

MEGA = 1024 * 1024
MAX_MEMBERS, MAX_INFLATED = 300, 100 * MEGA
_DOCUMENT_PARTS = ("[content_types].xml", "mimetype", "word/", "xl/", "ppt/", "meta-inf/")
_JUNK = ("thumbs.db", "desktop.ini", ".ds_store")
_UTF8_FLAG = 0x800


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """``problem``: "" or a word of ui/round.toml [problems]; then there are no members."""

    members: tuple[tuple[str, bytes], ...] = ()
    problem: str = ""


def members_of(content: bytes, limit: int | None = None) -> Opened:
    """(name as written, bytes) of each file in a zip; nothing for any other kind of file.

    ``limit``: bytes that may come out in all, MAX_INFLATED at most.
    """
    if not content.startswith(b"PK\x03\x04"):
        return Opened()
    try:
        package = zipfile.ZipFile(BytesIO(content))
        infos = package.infolist()
    except DAMAGED:  # whatever it is, it can't even be listed: for others to judge
        return Opened()
    with package:
        if any(info.filename.lower().startswith(_DOCUMENT_PARTS) for info in infos):
            return Opened()
        if infos and min(info.header_offset for info in infos):  # cut: what is listed is a zip that lies inside it
            return Opened(problem="zip-broken")
        try:
            room = MAX_INFLATED if limit is None else min(limit, MAX_INFLATED)
            return _read(package, [info for info in infos if not _is_junk(info)], room)
        except DAMAGED:
            return Opened(problem="zip-broken")


def _read(package: zipfile.ZipFile, infos: list[zipfile.ZipInfo], left: int) -> Opened:
    if any(info.flag_bits & 1 for info in infos):
        return Opened(problem="zip-password")
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > left:
        return Opened(problem="zip-large")
    members = []
    for info in infos:
        with package.open(info) as stream:  # what the directory says of the size need not be true
            inside = stream.read(left + 1)
        left -= len(inside)
        if left < 0:
            return Opened(problem="zip-large")
        if len(inside) != info.file_size:
            return Opened(problem="zip-broken")
        members.append((_name(info), inside))
    return Opened(members=tuple(members))


def _is_junk(info: zipfile.ZipInfo) -> bool:
    base = info.filename.replace("\\", "/").rpartition("/")[2].lower()
    return info.is_dir() or info.filename.startswith("__MACOSX/") or base in _JUNK


def _name(info: zipfile.ZipInfo) -> str:
    """Without the flag the name is in the sender's own bytes: UTF-8 from a Mac, the old code page from Windows."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for charset in ("utf-8", "cp1258"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return info.filename

"""Zips as they come from strangers."""

import lzma
import struct
import zipfile
import zlib
from io import BytesIO
from typing import NamedTuple

# What the library raises on a damaged zip; MemoryError, because what it says of its dictionary may be gigabytes.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(ValueError, KeyError, NotImplementedError, RuntimeError, OverflowError, MemoryError),
)


MOST_LISTED = 20_000  # members: no workbook, report or letter has a tenth of them
_MEMBER = b"PK\x01\x02"  # before each of them, wherever and however large a zip says its directory is


class TooMany(ValueError):
    """A zip of more members than are listed."""


class Listing(NamedTuple):
    """What a zip says it holds. ``directory_at``: where it says so, in bytes from its beginning."""

    members: tuple[zipfile.ZipInfo, ...]
    directory_at: int


def listing_of(content: bytes) -> Listing:
    """The directory of a zip, nothing inflated. Raises what is in ``DAMAGED``, TooMany among it."""
    if content.count(_MEMBER) > MOST_LISTED:
        raise TooMany(MOST_LISTED)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return Listing(tuple(archive.infolist()), archive.start_dir)


def listing_if_any(content: bytes) -> Listing | None:
    """As ``listing_of``; None for what is no zip, or a damaged one."""
    if not content.startswith(b"PK"):
        return None
    try:
        return listing_of(content)
    except DAMAGED:
        return None

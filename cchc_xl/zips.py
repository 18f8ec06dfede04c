"""Zips as they come from strangers."""

import lzma
import struct
import zipfile
import zlib

# What the library raises on a damaged zip; MemoryError, because what it says of its dictionary may be gigabytes.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(ValueError, KeyError, NotImplementedError, RuntimeError, OverflowError, MemoryError),
)

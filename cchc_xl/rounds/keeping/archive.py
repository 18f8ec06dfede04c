"""The originals: every file received, byte for byte, under its sha256. Written once, never changed.

A file is first set down in WAITING, then entered in the ledger, then moved to its place. So whatever lies at its place
has been acknowledged and must stand in the ledger; what lies in WAITING may be left over from a run that was cut short.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from cchc_xl.errors import OutputError, RoundError, problem_of
from cchc_xl.files import sha256_of, sync_folder, write_atomic

ARCHIVE, WAITING = "luu-tru", "cho"


def set_down(folder: Path, content: bytes) -> str:
    """Keep the bytes safely; their sha256. A damaged copy of the same file is healed. Raises OutputError."""
    sha256 = sha256_of(content)
    place = place_of(folder, sha256)
    if not (place.exists() and is_whole(place, sha256)):
        write_atomic(folder / ARCHIVE / WAITING / sha256, content)
    return sha256


def settle(folder: Path, sha256: str) -> None:
    """Move a file that now stands in the ledger to its place; nothing to do when it is there. Raises OutputError."""
    staged, place = folder / ARCHIVE / WAITING / sha256, place_of(folder, sha256)
    try:
        if not staged.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and is_whole(place, sha256):
            os.unlink(staged)
            return
        if place.exists():  # damaged: Windows replaces no read-only file
            os.chmod(place, 0o666)
        os.replace(staged, place)
        sync_folder(place.parent)
        sync_folder(staged.parent)
        with contextlib.suppress(OSError):  # a help against careless hands only
            os.chmod(place, 0o444)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and place.exists():  # another process moved it in the meantime
            return
        raise OutputError("output-failed", file=str(place), problem=problem_of(error)) from error


def place_of(folder: Path, sha256: str) -> Path:
    """Where an acknowledged original lies."""
    return folder / ARCHIVE / sha256[:2] / sha256


def original(folder: Path, sha256: str) -> Path:
    """The path of an original to read from. Raises RoundError when it is not there."""
    for path in (place_of(folder, sha256), folder / ARCHIVE / WAITING / sha256):
        if path.exists():
            return path
    raise RoundError("round-original-missing", sha256=sha256)


def is_whole(path: Path, sha256: str) -> bool:
    """Do the bytes still have their sha256?"""
    try:
        return sha256_of(path.read_bytes()) == sha256
    except OSError:
        return False


def settled(folder: Path) -> Iterator[Path]:
    """Every file at its place, in order, also one that has no business there."""
    for shelf in sorted(_inside(folder / ARCHIVE)):
        if shelf.name != WAITING:
            yield from sorted(_inside(shelf)) if shelf.is_dir() else (shelf,)


def waiting(folder: Path) -> tuple[str, ...]:
    """The sha256 of files set down whose acknowledgement was cut short."""
    return tuple(sorted(path.name for path in _inside(folder / ARCHIVE / WAITING) if not path.name.startswith(".")))


def _inside(folder: Path) -> tuple[Path, ...]:
    return tuple(folder.iterdir()) if folder.is_dir() else ()

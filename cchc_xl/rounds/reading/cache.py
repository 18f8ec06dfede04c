"""What was read before, remembered by content: a rerun reads only what changed.

Kept in one SQLite file beside the outputs. An entry is believed only for the same bytes under the same name, read by
the same program with the same editions and roster, and only when it bears the seal of this user's key: a damaged or
forged file is as good as none. The cache may be deleted at any time; one that can't be used is done without.
"""

import hmac
import json
import secrets
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from cchc_xl.editions.load import home, imported_editions, load
from cchc_xl.errors import CchcError
from cchc_xl.files import sha256_of
from cchc_xl.model import Roster

CACHE = ".cchc-xl-cache.sqlite"
_KEY_FILE = "cache.key"
_KEY_LENGTH = 32
_READERS = ("python-calamine", "xlrd")  # what else decides how a file is read
_WINDOW = 13  # bits: 8 KB
_WAIT = 1.0  # seconds for somebody else who writes
_UNUSABLE = (sqlite3.Error, ValueError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The cache of one folder of outputs. ``stamp``: see ``stamp_of``; ``key``: of this user, b"" for no cache."""

    path: Path
    stamp: str
    key: bytes

    def known(self, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """(name, text for ``unpacked``) of what is still remembered under these names."""
        names = set(wanted)
        if not self.key or not names or not self.path.is_file():
            return
        with suppress(*_UNUSABLE), closing(self._opened()) as database:
            rows = database.execute("SELECT name, text, seal FROM known WHERE stamp = ?", (self.stamp,))
            for name, packed, seal in rows:
                if name in names and isinstance(packed, bytes) and hmac.compare_digest(self._seal(name, packed), seal):
                    yield name, packed

    def remember(self, made: Mapping[str, str]) -> None:
        """Add these texts; whatever an older program, edition or roster said is dropped."""
        if not self.key or not made:
            return
        packed = {name: _packed(text) for name, text in made.items()}
        rows = [(name, self.stamp, text, self._seal(name, text)) for name, text in packed.items()]
        try:
            self._write(rows)
        except sqlite3.OperationalError:  # somebody else writes it, or nobody may
            return
        except sqlite3.DatabaseError:  # not a database any more
            with suppress(OSError):
                self.path.unlink()

    @contextmanager
    def gone_when_refused(self) -> Iterator[None]:
        """Wrong use (a CchcError in here) leaves no cache, and no folder for it, where there was none."""
        made = [one for one in (self.path, *self.path.parents) if not one.exists()]
        try:
            yield
        except CchcError:
            with suppress(OSError):
                for one in made:
                    one.rmdir() if one.is_dir() else one.unlink(missing_ok=True)
            raise

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT)

    def _write(self, rows: list[tuple[str, str, bytes, str]]) -> None:
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._opened()) as database, database:
            database.execute("PRAGMA synchronous=OFF")
            database.execute("CREATE TABLE IF NOT EXISTS known (name PRIMARY KEY, stamp, text, seal)")
            database.execute("DELETE FROM known WHERE stamp != ?", (self.stamp,))
            database.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?)", rows)

    def _seal(self, name: str, packed: bytes) -> str:
        return hmac.new(self.key, b"\0".join((self.stamp.encode(), name.encode(), packed)), sha256).hexdigest()


def _packed(text: str) -> bytes:
    """Through a small window: the texts are short and their lines alike, and setting up a large one takes longer."""
    packing = zlib.compressobj(level=2, wbits=_WINDOW, memLevel=6)
    return packing.compress(text.encode()) + packing.flush()


def unpacked(packed: bytes) -> str:
    """The text behind what ``known`` gave."""
    return zlib.decompress(packed).decode()


def remembered_in(folder: Path, roster: Roster | None) -> Remembered:
    """The cache beside the outputs in ``folder``."""
    return Remembered(path=folder / CACHE, stamp=stamp_of(roster), key=_key())


def stamp_of(roster: Roster | None) -> str:
    """Changes with the program, Python, the libraries that read, every edition at hand, and the roster."""
    parts = [program(), sys.version, *_versions(), *_editions(), repr(roster)]
    return sha256_of("\0".join(parts).encode("utf-8", "surrogatepass"))


def _versions() -> Iterator[str]:
    for name in _READERS:
        with suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def _editions() -> Iterator[str]:
    """The imported ones; those shipped are the program's own files."""
    for name in imported_editions():
        try:
            yield repr(load(name))
        except CchcError as error:  # an edition that can't be loaded can't be read by
            yield f"{name} {error!r}"


@cache
def program() -> str:
    """The hash of the program's own files, data included."""
    digest = sha256()
    folder = resources.files("cchc_xl")
    for name, source in sorted(_sources(folder, "")):
        digest.update(f"\0{name}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _sources(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for one in folder.iterdir():
        name = f"{above}/{one.name}"
        if one.is_dir() and one.name not in ("_shipped", "__pycache__"):
            yield from _sources(one, name)
        elif one.name.endswith((".py", ".toml", ".jinja", ".js")):
            yield name, one


def _key() -> bytes:
    """This user's key, made at first use. Without one nothing is remembered."""
    path = home().parent / _KEY_FILE
    with suppress(OSError):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(_KEY_LENGTH), "ascii")
        key = path.read_bytes()
        return key if len(key) == 2 * _KEY_LENGTH else b""
    return b""


def name_of(sha256: str, file: str) -> str:
    """What one file's text is remembered under."""
    return json.dumps([sha256, file])

"""The ledger of a round: what happened, event by event, each bearing the hash of the one before it.

SQLite with a rollback journal (its write-ahead log fails on network shares) and the strictest flushing. The head of the
chain also stands in a file of its own, so that a tail cut off the database shows. Events are only ever added.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import OutputError, RoundError
from cchc_xl.files import write_atomic
from cchc_xl.rounds.keeping.lock import locked

LEDGER, DATABASE, HEAD, LOCK = "so-cai", "so-cai.sqlite", "dau-chuoi.json", "khoa.json"
GENESIS = "0" * 64
SCHEMA = (
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, "
    "mark TEXT UNIQUE, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)"
)
_COLUMNS = "seq, at, who, kind, mark, body, previous, hash"
_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. ``mark``: an event of the same mark is never entered twice."""

    seq: int
    at: datetime
    who: str
    kind: str
    mark: str | None
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The event as it stands in the ledger, and whether it is new there."""

    event: Event
    new: bool


def add(
    folder: Path, kind: str, body: Mapping[str, object], *, now: datetime, who: str, mark: str | None = None
) -> Entered:
    """Enter one event, in one transaction, and move the head; or give back the event that already bears ``mark``.

    When this returns, the event is on disk. Raises RoundError (locked, altered) and OutputError (disk full …).
    """
    home = folder / LEDGER
    with locked(home / LOCK, now=now, who=who), _opened(home / DATABASE, write=True) as database:
        _check_head(database, home)
        known = _by_mark(database, mark) if mark else None
        if known is None:
            _insert(database, kind, body, now, who, mark)
        last = _last(database)
        database.execute("COMMIT")
        if last and _head(home) != (last["seq"], last["hash"]):
            _write_head(home, last)
        row = known or last
        assert row is not None
        return Entered(event=_event(tuple(row)), new=known is None)


def events(folder: Path) -> tuple[Event, ...]:
    """All events in the order they were entered. Raises RoundError when the ledger is missing, unreadable, altered."""
    head = _head(folder / LEDGER)  # before the chain: a writer moves it after
    with _opened(folder / LEDGER / DATABASE, write=False) as database:
        chain = _chain(database) if _has_table(database) else []
    altered = next(_altered(chain), None)
    if altered is None and head and (head[0] > len(chain) or chain[head[0] - 1][-1] != head[1].encode()):
        altered = min(head[0], len(chain) + 1)
    if altered is not None:
        raise RoundError("round-altered", seq=altered)
    return tuple(_event(row) for row in chain)


def exists(folder: Path) -> bool:
    return (folder / LEDGER / DATABASE).is_file()


def broken_links(folder: Path) -> tuple[str, ...]:
    """Everything wrong with the chain, as sentences; empty when every event and the head are as written."""
    said, home = words("round")["audit"], folder / LEDGER
    if not exists(folder):
        return (said["ledger_missing"].format(file=str(home / DATABASE)),)
    try:
        with _opened(home / DATABASE, write=False) as database:
            problems = [said["database"].format(problem=text) for text in _unsound(database)]
            chain = _chain(database)
    except (sqlite3.Error, RoundError) as error:
        return (said["ledger_unreadable"].format(problem=_why(error)),)
    problems += [said["event"].format(seq=seq) for seq in _altered(chain)]
    return tuple(problems + _head_problems(home, chain))


def _chain(database: sqlite3.Connection) -> list[tuple]:
    """The rows as bytes: a value with a flipped bit need not be text any more."""
    database.text_factory = bytes
    return [tuple(row) for row in database.execute(f"SELECT {_COLUMNS} FROM events ORDER BY seq")]


def _why(error: Exception) -> str:
    return str(error.arguments.get("problem", error.name)) if isinstance(error, RoundError) else str(error)


def _unsound(database: sqlite3.Connection) -> Iterator[str]:
    for (text,) in database.execute("PRAGMA integrity_check(5)"):
        if text != "ok":
            yield text
    schema = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    if schema != [SCHEMA]:
        yield words("round")["audit"]["schema"]
        return
    typed = "||".join(f"typeof({column})" for column in ("at", "who", "kind", "body", "previous", "hash"))
    for (seq,) in database.execute(f"SELECT seq FROM events WHERE {typed} != '{'text' * 6}'"):
        yield words("round")["audit"]["type"].format(seq=seq)


def _altered(chain: list[tuple]) -> Iterator[object]:
    """The numbers of events that do not bear their own hash or that of the one before."""
    before = GENESIS.encode()
    for number, row in enumerate(chain, start=1):
        seq, *values, previous, own = row
        if seq != number or previous != before or own != _hash_of((seq, *values, previous)).encode():
            yield number
        before = own


def _head_problems(home: Path, chain: list[tuple]) -> list[str]:
    """A head that the chain does not reach: its tail was cut off. One event beyond the head: cut short, then mended."""
    said, head = words("round")["audit"], _head(home)
    if head is None:
        return [said["head_missing"].format(file=str(home / HEAD))]
    seq, own = head
    if seq > len(chain):
        return [said["tail"].format(last=len(chain), head=seq)]
    if chain[seq - 1][-1] != own.encode():
        return [said["head"].format(seq=seq)]
    return [said["head_old"].format(last=len(chain), head=seq)] if seq < len(chain) - 1 else []


@contextmanager
def _opened(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """A connection; with ``write`` inside a transaction that is rolled back when anything fails."""
    if not write and not path.is_file():
        raise RoundError("round-missing", path=str(path.parent.parent))
    try:
        database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    except sqlite3.Error as error:
        raise RoundError("round-ledger", problem=str(error)) from error
    database.row_factory = sqlite3.Row
    try:
        if write:
            database.execute("PRAGMA journal_mode=DELETE")
            database.execute("PRAGMA synchronous=EXTRA")
            database.execute("BEGIN IMMEDIATE")
        yield database
    except sqlite3.OperationalError as error:
        if write:
            raise OutputError("output-failed", file=str(path), problem=str(error)) from error
        raise RoundError("round-ledger", problem=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise RoundError("round-ledger", problem=str(error)) from error
    finally:
        database.close()  # without COMMIT: rolls back


def _insert(
    database: sqlite3.Connection, kind: str, body: Mapping[str, object], now: datetime, who: str, mark: str | None
) -> None:
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
        database.execute(SCHEMA)
    last = _last(database)
    seq, previous = (last["seq"] + 1, last["hash"]) if last else (1, GENESIS)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    values = tuple(None if one is None else one.encode() for one in (now.isoformat(), who, kind, mark, text, previous))
    own = _hash_of((seq, *values))
    texts = tuple(None if one is None else one.decode() for one in values)
    database.execute(f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, *texts, own))


def _hash_of(values: tuple) -> str:
    """Over every value with its length, so that nothing can move from one into the next."""
    digest = sha256()
    for value in values:
        content = b"-" if value is None else value if isinstance(value, bytes) else str(value).encode()
        digest.update(f"{type(value).__name__}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def _has_table(database: sqlite3.Connection) -> bool:
    return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone())


def _last(database: sqlite3.Connection) -> sqlite3.Row | None:
    if not _has_table(database):
        return None
    return database.execute(f"SELECT {_COLUMNS} FROM events ORDER BY seq DESC LIMIT 1").fetchone()


def _by_mark(database: sqlite3.Connection, mark: str) -> sqlite3.Row | None:
    if not _has_table(database):
        return None
    return database.execute(f"SELECT {_COLUMNS} FROM events WHERE mark = ?", (mark,)).fetchone()


def _event(row: tuple) -> Event:
    """From a row of the chain, or one just read as text."""
    seq, at, who, kind, mark, body, *_ = (one.decode() if isinstance(one, bytes) else one for one in row)
    return Event(seq=seq, at=datetime.fromisoformat(at), who=who, kind=kind, mark=mark, body=json.loads(body))


def _check_head(database: sqlite3.Connection, home: Path) -> None:
    """Never write over a cut: what the head says must still stand in the chain. Raises RoundError."""
    head, last = _head(home), _last(database)
    if head is None:
        if last and last["seq"] > 1:
            raise RoundError("round-head-missing", file=str(home / HEAD))
        return
    row = database.execute("SELECT hash FROM events WHERE seq = ?", (head[0],)).fetchone() if last else None
    if row is None or row["hash"] != head[1]:
        raise RoundError("round-altered", seq=head[0])


def _head(home: Path) -> tuple[int, str] | None:
    """Number and hash of the last event; None when the file is missing or not as we write it."""
    try:
        said = json.loads((home / HEAD).read_text("utf-8"))
        seq, own = int(said["seq"]), str(said["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (seq, own) if seq > 0 else None


def _write_head(home: Path, last: sqlite3.Row) -> None:
    head = json.dumps({"seq": last["seq"], "hash": last["hash"]}) + "\n"
    write_atomic(home / HEAD, head.encode())

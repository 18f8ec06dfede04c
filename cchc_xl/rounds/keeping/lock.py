"""One writer at a time in a round's ledger: a lock file that says who holds it since when. Readers never ask for it.

SQLite's own locks do not hold on every network share; this file does, because creating it fails where it exists.
"""

import contextlib
import itertools
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cchc_xl.errors import OutputError, RoundError, problem_of

WAIT_SECONDS = 60.0  # for somebody who is alive
SILENT_SECONDS = 30.0  # one event takes milliseconds: a lock from elsewhere that stands this long was left behind
_PAUSES = (0.002, 0.005, 0.01, 0.02, 0.05)

_numbers = itertools.count(1)
_held: set[str] = set()  # what this process holds right now: any other lock of its own is left over


@contextlib.contextmanager
def locked(path: Path, *, now: datetime, who: str) -> Iterator[None]:
    """Hold the lock at ``path``. One left behind by a program that died is taken over.

    Raises RoundError naming owner and time when somebody keeps it longer than a minute, OutputError when the file
    can't be made.
    """
    token = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}:{next(_numbers)}"
    said = {"who": who, "at": now.isoformat(), "host": socket.gethostname(), "pid": os.getpid(), "token": token}
    _held.add(token)
    try:
        _acquire(path, json.dumps(said).encode(), token)
        try:
            yield
        finally:
            # The work is done; a lock that can't be removed now is seen as left over by whoever comes next.
            with contextlib.suppress(OSError):
                os.unlink(path)
    finally:
        _held.discard(token)


def _acquire(path: Path, content: bytes, token: str) -> None:
    started = time.monotonic()
    seen, since, turn = "", started, 0
    while not _create(path, content, token):
        holder = _holder(path)
        mark = str(holder.get("token", ""))
        if mark != seen:
            seen, since = mark, time.monotonic()
        if _is_left_over(holder, time.monotonic() - since):
            _take_away(path, mark, token)
            continue
        if time.monotonic() - started > WAIT_SECONDS:
            raise RoundError("round-locked", who=holder.get("who", "?"), at=holder.get("at", "?"), file=str(path))
        time.sleep(_PAUSES[min(turn, len(_PAUSES) - 1)])
        turn += 1


def _create(path: Path, content: bytes, token: str) -> bool:
    """True when the lock is ours now. It appears with its content or not at all where the disk knows links."""
    draft = path.with_name(f".{path.name}.{_letters(token)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(draft, content)
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError:  # no links on this disk
            return _write_new(path, content)
        finally:
            os.unlink(draft)
    except OSError as error:
        raise OutputError("output-failed", file=str(path), problem=problem_of(error)) from error
    return True


def _write_new(path: Path, content: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    try:
        os.write(handle, content)
    finally:
        os.close(handle)
    return True


def _letters(token: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in token)


def _holder(path: Path) -> dict[str, object]:
    """Who holds the lock; {} when it has just gone or can't be read."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_left_over(holder: dict[str, object], silent: float) -> bool:
    """Its program, on this machine, has ended; it is ours and we do not hold it; nobody can tell and it is ``silent``
    for too many seconds."""
    pid = holder.get("pid")
    if holder.get("host") != socket.gethostname() or not isinstance(pid, int):
        return silent > SILENT_SECONDS
    return holder.get("token") not in _held if pid == os.getpid() else not _runs(pid)


def _runs(pid: int) -> bool:
    if sys.platform == "win32":
        return _runs_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _runs_on_windows(pid: int) -> bool:
    """os.kill would end the program there."""
    import ctypes

    query_limited, still_active = 0x1000, 259
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(query_limited, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == still_active


def _take_away(path: Path, mark: str, token: str) -> None:
    """Remove the lock that bears ``mark``. Should another one stand there by now, it is put back."""
    aside = path.with_name(f".{path.name}.{_letters(token)}.cu")
    try:
        os.replace(path, aside)
    except OSError:  # somebody else was faster
        return
    if str(_holder(aside).get("token", "")) != mark:
        with contextlib.suppress(OSError):
            os.link(aside, path)
    with contextlib.suppress(OSError):
        os.unlink(aside)

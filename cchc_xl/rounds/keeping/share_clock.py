"""The clock of the disk a round lies on: the same for every PC that works on it, whatever their own clocks say."""

import itertools
import os
import socket
import threading
from pathlib import Path

from cchc_xl.errors import OutputError, problem_of
from cchc_xl.rounds.keeping.ledger import LEDGER

_numbers = itertools.count(1)


def share_moment(folder: Path) -> int:
    """Milliseconds since 1970 by the file system of the round: the date it gives a file made this moment.

    On a network drive that is the server's time. Raises OutputError.
    """
    token = f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}-{next(_numbers)}"
    path = folder / LEDGER / f".gio-{''.join(c if c.isalnum() else '-' for c in token)}"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            return os.fstat(handle).st_mtime_ns // 1_000_000  # nothing is written: a writer's PC may date that itself
        finally:
            os.close(handle)
            os.unlink(path)
    except OSError as error:
        raise OutputError("output-failed", file=str(path), problem=problem_of(error)) from error

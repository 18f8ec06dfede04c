"""Failing or dying at the n-th operation on files, so that every moment of a job can be tried, not only a lucky few."""

import errno
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OPERATIONS = ("open", "write", "fsync", "replace", "unlink", "link", "mkdir")
KILLED = 137


class Counter:
    """Counts operations and calls ``strike`` instead of the n-th; 0 never strikes."""

    def __init__(self, at: int, strike: Callable[[], None]) -> None:
        self.count, self.at, self._strike = 0, at, strike
        self.calls: list[str] = []

    def wrap(self, name: str, real: Callable) -> Callable:
        def operation(*args, **kwargs):
            self.count += 1
            self.calls.append(name)
            if self.count == self.at:
                self._strike()
            return real(*args, **kwargs)

        return operation


def no_room() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def refused() -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def die() -> None:
    os._exit(KILLED)


@contextmanager
def struck(at: int, strike: Callable[[], None]) -> Iterator[Counter]:
    """Within, the ``at``-th operation fails or dies."""
    counter = Counter(at, strike)
    real = {name: getattr(os, name) for name in OPERATIONS}
    for name, function in real.items():
        setattr(os, name, counter.wrap(name, function))
    try:
        yield counter
    finally:
        for name, function in real.items():
            setattr(os, name, function)


def killed_at(at: int, job: Callable[[], None]) -> bool:
    """Run ``job`` in a process of its own that dies at its ``at``-th operation; False when it lived to the end."""

    def run() -> None:
        with struck(at, die):
            job()
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(120)
    assert process.exitcode in (0, KILLED), process.exitcode
    return process.exitcode == KILLED

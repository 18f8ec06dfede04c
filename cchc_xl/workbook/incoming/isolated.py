"""Workbooks of Excel 97–2003 (.xls), opened by a library that runs in a child process and never in ours.

Such a library may run for ever or ask for gigabytes on a small file. So the child has a limit of time and of memory,
both held from here on every system, and what it says is checked like anything else that came in.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cchc_xl.workbook.incoming.book_in import OWN_PREFIXES, Name
from cchc_xl.workbook.incoming.package import MEGA, Limits, Refused, broken, too_large
from cchc_xl.workbook.incoming.sheet_in import MAX_COLUMN, MAX_ROW, CellIn, Merge, SheetIn
from cchc_xl.workbook.incoming.styles_in import format_kind
from cchc_xl.workbook.incoming.values import Values

if TYPE_CHECKING:
    import psutil

MEMORY = 300 * MEGA  # really in use, looked at from here
_ADDRESSES = 512 * MEGA  # of address space, where the system itself can hold a process to that
_CHARACTERS = 8_000_000  # of all cells, formulas included
_LOOK = 0.05  # seconds between two looks at the child
_CHILD: tuple[str, ...] = (str(Path(__file__).with_name("xls_child.py")),)
_NEEDED = ("xlrd", "psutil")
_KINDS = frozenset(("n", "str", "b", "d", "e"))


def is_possible() -> bool:
    """Is the optional library there, and the one that watches it? Packed into an .exe we have no Python to start."""
    return not getattr(sys, "frozen", False) and all(find_spec(name) for name in _NEEDED)


def xls_values(content: bytes, limits: Limits) -> Values:
    """Everything the other program tells. Raises Refused."""
    if len(content) > limits.packed:
        raise too_large("packed", limits.packed // MEGA)
    ceilings = (_ADDRESSES, limits.held_cells, _CHARACTERS, limits.text, limits.sheets, limits.names, limits.merges)
    command = [sys.executable, "-P", *_CHILD, *map(str, ceilings), ",".join(OWN_PREFIXES)]
    output = _said_by(command, content, limits.seconds)
    try:
        said = json.loads(output)
        if "refused" in said:
            raise _refusal(said["refused"], limits)
        return _values(said, limits)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:  # not what our child says
        raise broken("other_program") from error


def _said_by(command: Sequence[str], content: bytes, seconds: float) -> bytes:
    """What the child writes; ended when its time is over or it holds too much memory."""
    deadline = time.monotonic() + seconds
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with (
        subprocess.Popen(command, **pipes) as child,
        ThreadPoolExecutor(1) as talk,
        _ended(child.pid) as watched,
    ):
        talked = talk.submit(child.communicate, content)
        while not wait((talked,), _LOOK).done:
            if _memory_of(watched) > MEMORY:
                raise too_large("memory", MEMORY // MEGA)
            if time.monotonic() > deadline:
                raise Refused("file-slow", seconds=int(seconds))
        output, _ = talked.result()
    if child.returncode:
        raise broken("other_program")
    return output


@contextlib.contextmanager
def _ended(number: int) -> Iterator["psutil.Process | None"]:
    """The process of that number; however this ends, nothing that it started is left running."""
    import psutil

    process = None
    with _gone_meanwhile():
        process = psutil.Process(number)  # it knows a later process of the same number from this one
    try:
        yield process
    finally:
        for one in _family(process):
            with _gone_meanwhile():
                one.kill()


def _memory_of(process: "psutil.Process | None") -> int:
    """Bytes in use by the child and by what it started: on Windows a venv's python.exe starts the real one."""
    used = 0
    for one in _family(process):
        with _gone_meanwhile():
            used += one.memory_info().rss
    return used


def _family(process: "psutil.Process | None") -> list["psutil.Process"]:
    with _gone_meanwhile():
        return [*process.children(recursive=True), process] if process else []
    return []


def _gone_meanwhile() -> contextlib.suppress:
    import psutil

    return contextlib.suppress(psutil.NoSuchProcess)


def _refusal(word: str, limits: Limits) -> Refused:
    if word == "encrypted":
        return Refused("file-encrypted")
    most = {
        "memory": ("memory", MEMORY // MEGA),
        "cells": ("cells_held", limits.held_cells),
        "sheets": ("sheet_count", limits.sheets),
        "names": ("names", limits.names),
        "merges": ("merges", limits.merges),
    }
    return too_large(*most[word])


# --- what the child said ----------------------------------------------------------------------------------------------


def _values(said: Mapping[str, Any], limits: Limits) -> Values:
    return Values(
        sheets=tuple(_sheet(sheet, limits) for sheet in said["sheets"]),
        formats=tuple(format_kind(_text(code, limits.format)) for code in said["formats"]),
        names=tuple(Name(_text(name, 255), scope, _text(refers, limits.text)) for name, scope, refers in said["names"]),
        properties={_text(name, 255): _text(value, limits.text) for name, value in said["properties"].items()},
        active=tuple(_text(word, 255) for word in said["active"]),
        date1904=said["date1904"] is True,
    )


def _sheet(sheet: Mapping[str, Any], limits: Limits) -> SheetIn:
    cells = {}
    for row, column, kind, text, formula, style in sheet["cells"]:
        if not (0 <= row < MAX_ROW and 0 <= column < MAX_COLUMN and kind in _KINDS and style >= 0):
            raise ValueError(kind)
        formula = None if formula is None else _text(formula, limits.text)
        cells[row, column] = CellIn(kind, _text(text, limits.text), formula, style)
    return SheetIn(_text(sheet["name"], 255), cells, tuple(Merge(*map(int, merge)) for merge in sheet["merges"]))


def _text(text: object, longest: int) -> str:
    if not isinstance(text, str):
        raise TypeError(text)
    return text[:longest]

"""Workbooks of other formats (.xls, .xlsb), read by python-calamine in a child process.

The library may abort its process or ask for gigabytes on a small file, so it never runs in ours: the child has a
limit of memory (where the system knows one) and of time, and what it says is checked here like anything else.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from cchc_xl.workbook.incoming.package import Limits, Refused, broken, too_large

MEMORY = 1024 * 1024 * 1024
Cells = dict[tuple[int, int], tuple[str, str]]  # 0-based row and column -> kind (n, str, b, d), stored text


def is_possible() -> bool:
    """Is the optional library there?"""
    return find_spec("python_calamine") is not None


def sheets_of(content: bytes, limits: Limits) -> list[tuple[str, Cells]]:
    """Sheet titles with their values, in the order of the tabs. Raises Refused."""
    if len(content) > limits.packed:
        raise too_large("packed", limits.packed // (1024 * 1024))
    ceilings = (MEMORY, limits.cells, limits.text, limits.inflated)
    command = [sys.executable, "-P", "-c", _CHILD, *map(str, ceilings)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=limits.seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise Refused("file-slow", seconds=int(limits.seconds)) from late
    if done.returncode:
        raise broken("other_program")
    try:
        return [_sheet(sheet, limits) for sheet in json.loads(done.stdout)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # not what our child says
        raise broken("other_program") from error


def _sheet(sheet: dict[str, Any], limits: Limits) -> tuple[str, Cells]:
    if sheet["more"]:
        raise too_large("cells", limits.cells)
    cells = {(row, column): (kind, text[: limits.text]) for row, column, kind, text in sheet["cells"]}
    return sheet["name"], cells


# Runs alone, without this package, so that nothing of ours is in reach of what the library does.
_CHILD = """
import datetime, io, json, sys
memory, most, longest, left = map(int, sys.argv[1:5])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
except (ImportError, ValueError, OSError):
    pass
from python_calamine import CalamineWorkbook
def kind(value):
    if isinstance(value, bool):
        return ["b", str(int(value))]
    if isinstance(value, (int, float)):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return ["n", repr(int(value) if whole else value)]
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time, datetime.timedelta)):
        return ["d", value.isoformat() if hasattr(value, "isoformat") else str(value)]
    return ["str", str(value)[:longest]]
book, said = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())), []
for name in book.sheet_names[:64]:
    cells = []
    for row, line in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
        found = [[row, column, *kind(value)] for column, value in enumerate(line) if value not in ("", None)]
        cells += found
        left -= sum(len(cell[3]) for cell in found)
        if len(cells) > most or left < 0:
            break
    said.append({"name": name, "cells": cells[:most], "more": len(cells) > most or left < 0})
sys.stdout.buffer.write(json.dumps(said).encode("ascii"))
"""

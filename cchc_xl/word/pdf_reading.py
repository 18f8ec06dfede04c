"""A report as PDF with text, read as plain lines like a Word file: paragraphs, and rows of its tables.

The library (pdfplumber, optional) never runs in our process: the child has a limit of memory (where the system knows
one) and of time, and what it says is checked here like anything else. A scan has no text and is refused.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from cchc_xl.word.table_reading import Body, Line, word_problem

LARGEST_FILE = 60_000_000  # bytes
_MEMORY = 1536 * 1024 * 1024
_SECONDS = 120
_PAGES = 150
_LINES, _CELLS = 30_000, 63
_LONGEST = 20_000  # characters of one line or cell
_INDENT, _SHORT = 12.0, 45.0  # points: a first line stands in; a last line ends early
_BEGINS = re.compile(r"(?:[IVX]{1,4}|\d{1,2}(?:\.\d{1,2})*)\s*[.)/]\s|[-–+•]\s")  # a heading, a line of a list

_Item = dict[str, Any]


def is_possible() -> bool:
    """Is the optional library there?"""
    return find_spec("pdfplumber") is not None


def body_of_pdf(content: bytes) -> Body:
    """The text line by line. Raises WordFileError: too large, a scan, locked, broken, or no library to read it."""
    if not is_possible():
        raise word_problem("pdf")
    if len(content) > LARGEST_FILE:
        raise word_problem("too-large", limit=LARGEST_FILE // 1_000_000)
    pages = _pages(content)
    if not any(item["kind"] == "text" for page in pages for item in page) and not _has_rows(pages):
        raise word_problem("pdf-scan")
    return Body(tuple(_lines(pages)), tracked=False)


def _has_rows(pages: Sequence[Sequence[_Item]]) -> bool:
    return any(any(item["cells"]) for page in pages for item in page if item["kind"] == "row")


def _pages(content: bytes) -> list[list[_Item]]:
    command = [sys.executable, "-P", "-c", _CHILD, str(_MEMORY), str(_PAGES), str(_LINES), str(_LONGEST)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        raise word_problem("pdf-slow", seconds=_SECONDS) from late
    if done.returncode:
        raise word_problem("pdf-locked" if b"/Encrypt" in content else "broken")
    try:
        return [[_checked(item) for item in page] for page in json.loads(done.stdout)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # not what our child says
        raise word_problem("broken") from error


def _checked(item: _Item) -> _Item:
    if item["kind"] == "row":
        cells = [str(cell)[:_LONGEST] for cell in item["cells"][:_CELLS]]
        return {"kind": "row", "cells": cells, "table": int(item["table"]), "row": int(item["row"])}
    places = {name: float(item[name]) for name in ("x0", "x1")}
    return {"kind": "text", "text": str(item["text"])[:_LONGEST], "bold": bool(item["bold"]), **places}


def _lines(pages: Sequence[Sequence[_Item]]) -> Iterator[Line]:
    """Rows as they are; printed lines joined to paragraphs, also over the end of a page."""
    waiting: list[str] = []
    ended, bold = True, False
    for page in pages:
        texts = [item for item in page if item["kind"] == "text"]
        left = min((item["x0"] for item in texts), default=0.0)
        right = max((item["x1"] for item in texts), default=0.0)
        for item in page:
            if item["kind"] == "row":
                yield from _paragraph(waiting)
                waiting, ended = [], True
                yield Line(tuple(" ".join(cell.split()) for cell in item["cells"]), item["table"], item["row"])
                continue
            other = item["bold"] != bold or _BEGINS.match(item["text"])
            if ended or other or item["x0"] > left + _INDENT:
                yield from _paragraph(waiting)
                waiting = []
            waiting.append(item["text"])
            ended, bold = item["x1"] < right - _SHORT, item["bold"]
    yield from _paragraph(waiting)


def _paragraph(texts: Sequence[str]) -> Iterator[Line]:
    said = " ".join(" ".join(texts).split())
    if said:
        yield Line((said,))


# Runs alone, without this package, so that nothing of ours is in reach of what the library does.
_CHILD = """
import io, json, logging, sys
memory, most_pages, most, longest = map(int, sys.argv[1:5])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
except (ImportError, ValueError, OSError):
    pass
logging.disable(logging.CRITICAL)
import pdfplumber
def inside(char, boxes):
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return any(x0 <= x <= x1 and top <= y <= bottom for x0, top, x1, bottom in boxes)
def printed(page, boxes):
    free = page.filter(lambda one: one.get("object_type") != "char" or not inside(one, boxes))
    lines = []
    for word in sorted(free.extract_words(extra_attrs=["fontname"]), key=lambda one: (round(one["top"]), one["x0"])):
        last = lines[-1] if lines else None
        if last and abs(word["top"] - last["top"]) < 4 and 0 <= word["x0"] - last["x1"] < 30:
            last["text"] += " " + word["text"]
            last["x1"] = word["x1"]
            last["bold"] = last["bold"] and "bold" in word["fontname"].lower()
        else:
            lines.append({"kind": "text", "text": word["text"], "x0": word["x0"], "x1": word["x1"], "top": word["top"],
                          "bold": "bold" in word["fontname"].lower()})
    return lines
said, tables, count = [], 0, 0
with pdfplumber.open(io.BytesIO(sys.stdin.buffer.read())) as pdf:
    if len(pdf.pages) > most_pages:
        sys.exit(3)
    for page in pdf.pages:
        found = page.find_tables()
        items = printed(page, [table.bbox for table in found])
        for table in found:
            tables += 1
            for number, (row, cells) in enumerate(zip(table.rows, table.extract()), start=1):
                items.append({"kind": "row", "table": tables, "row": number, "top": row.bbox[1],
                              "cells": [(cell or "")[:longest] for cell in cells]})
        items.sort(key=lambda one: one["top"])
        count += len(items)
        if count > most:
            sys.exit(3)
        said.append(items)
        page.close()
told = json.dumps(said).encode("ascii")
if len(told) > most * 1000:
    sys.exit(3)
sys.stdout.buffer.write(told)
"""

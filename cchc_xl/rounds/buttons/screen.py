"""The result of a button as cells: the same whether Excel's own macro writes them or Python does.

For the macro they come as a small file it can read without any library: UTF-16 (little end first, no mark), one record
a line, its parts divided by tabs; a line break inside a text is a vertical tab::

    set     OK          1
    set     MESSAGE     Đã làm 22 tệp cho các đơn vị.
    link    1           Sổ tổng hợp     C:\\dot\\ra\\tong-hop.xlsx
    table   units       24      9
    row     11083       xã Đại Sơn      …
    open    C:\\dot\\ra\\tong-hop.xlsx
    end
"""

import contextlib
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import OutputError
from cchc_xl.files import write_atomic
from cchc_xl.rounds.buttons.control import ControlResult
from cchc_xl.rounds.buttons.tables import inert_text
from cchc_xl.rounds.reading.intake_files import Progress

ENCODING = "utf-16-le"
LINE = "\x0b"  # stands for a line break inside a text
PROGRESS_SUFFIX = ".p"
_BEAT_SECONDS = 1.0


def cells_of(result: ControlResult, at: datetime) -> dict[str, str]:
    """Cell id -> text. After a failure the numbers of before stay, and so does what to do next."""
    caption = words("control")["buttons"][result.action]["caption"]
    cells = {"OK": "1" if result.ok else "0", "MESSAGE": result.message, "LAST": f"{at:%H:%M %d/%m/%Y}  {caption}"}
    if result.ok:
        cells["NEXT"] = result.next_step
        cells |= {f"COUNT_{name.upper()}": str(number) for name, number in result.counts.items()}
    cells |= {name.upper(): inert_text(text) for name, text in result.fields.items()}
    return cells | {f"SEEN_{name.upper()}": inert_text(text) for name, text in result.seen.items()}


def links_of(result: ControlResult) -> tuple[tuple[str, str], ...]:
    """(caption, address) of every place for a link, ("", "") for none; () after a failure: they stay."""
    most = words("control")["words"]["links_shown"]
    links = [(caption, str(path.absolute())) for caption, path in result.links[:most]]
    return (*links, *[("", "")] * (most - len(links))) if result.ok else ()


def tables_of(result: ControlResult) -> dict[str, tuple[int, tuple[tuple[str, ...], ...]]]:
    """Table -> (columns, rows)."""
    widths = {name: len(head) for name, head in words("control")["tables"].items()}
    widths["roster"] = len(words("roster")["columns"])
    return {name: (widths[name], rows) for name, rows in result.tables.items()}


def result_file(result: ControlResult, at: datetime) -> bytes:
    """The result as the macro reads it."""
    records: list[tuple[str, ...]] = [("set", name, text) for name, text in cells_of(result, at).items()]
    records += [("link", str(number), *link) for number, link in enumerate(links_of(result), start=1)]
    for name, (columns, rows) in tables_of(result).items():
        records.append(("table", name, str(len(rows)), str(columns)))
        records += [("row", *(inert_text(cell) for cell in row)) for row in rows]
    records += [("open", str(path.absolute())) for path in result.opens]
    return "\n".join("\t".join(map(_part, record)) for record in (*records, ("end",))).encode(ENCODING, "replace")


def _part(text: str) -> str:
    return text.replace("\t", " ").replace("\r", "").replace("\n", LINE)


@contextlib.contextmanager
def progress_line(path: Path, action: str) -> Iterator[Progress]:
    """What is being done, in a file that changes every second as long as the program lives."""
    beat, said = _Beat(path, action), threading.Event()
    thread = threading.Thread(target=beat.until, args=(said,), daemon=True)
    thread.start()
    try:
        yield beat.step
    finally:
        said.set()
        thread.join()


class _Beat:
    """The newest step, written again with a number that grows."""

    def __init__(self, path: Path, action: str) -> None:
        self._path, self._number = path, 0
        self._line = step_line(action, "start", 0, 0)
        self._action = action

    def step(self, step: str, done: int, total: int) -> None:
        self._line = step_line(self._action, step, done, total)

    def until(self, over: threading.Event) -> None:
        while True:
            self._number += 1
            # Somebody may be reading just now, which Windows minds: the next second will do.
            with contextlib.suppress(OutputError):
                write_atomic(self._path, f"{self._number}\t{self._line}".encode(ENCODING, "replace"))
            if over.wait(_BEAT_SECONDS):
                return


def step_line(action: str, step: str, done: int, total: int) -> str:
    """``5. Tổng hợp: Đọc và kiểm tra 12/24``, for the status bar."""
    said = words("control")["progress"]
    blanks = {
        "caption": words("control")["buttons"][action]["caption"],
        "step": said.get(step, said["other"]),
        "done": done,
        "total": total,
    }
    return said["line" if total else "plain"].format(**blanks)

"""Long outputs of many units are made in files aside, so that memory does not grow with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import BinaryIO

from cchc_xl.errors import OutputError, problem_of
from cchc_xl.model import Consolidation

MOST_HELD = 1000  # units


@contextmanager
def room_aside(consolidation: Consolidation) -> Iterator[Path | None]:
    """A folder for what is too large to be held, gone afterwards; None where all can be held. Raises OutputError."""
    if consolidation.N <= MOST_HELD:
        yield None
        return
    try:
        folder = TemporaryDirectory(prefix="cchc-xl-")
    except OSError as error:
        raise OutputError("output-failed", file=gettempdir(), problem=problem_of(error)) from error
    with folder as name:
        yield Path(name)


def made_text(
    write: Callable[[Consolidation, BinaryIO], None], consolidation: Consolidation, aside: Path | None, name: str
) -> bytes | Path:
    """What ``write`` gives: as bytes, or as a file in the folder ``aside``. Raises OutputError."""
    if aside is None:
        held = BytesIO()
        write(consolidation, held)
        return held.getvalue()
    path = aside / name
    try:
        with path.open("wb") as stream:
            write(consolidation, stream)
    except OSError as error:
        raise OutputError("output-failed", file=str(path), problem=problem_of(error)) from error
    return path

"""Long outputs of many units are made in files aside, so that memory does not grow with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import BinaryIO

from cchc_xl.errors import OutputError, problem_of
from cchc_xl.model import Consolidation

MOST_HELD = 100  # units


@contextmanager
def room_aside(consolidation: Consolidation) -> Iterator[Path | None]:
    """A folder for what is too large to be held, gone afterwards; None where all can be held. Raises OutputError."""
    if consolidation.N <= MOST_HELD:
        yield None
        return
    with said_as_output(Path(gettempdir())):
        folder = TemporaryDirectory(prefix="cchc-xl-", ignore_cleanup_errors=True)
    with folder as name:
        yield Path(name)


@contextmanager
def said_as_output(path: Path) -> Iterator[None]:
    """Whatever goes wrong with files in here is told as a problem of ``path``: raises OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError("output-failed", file=str(path), problem=problem_of(error)) from error


def made_text(
    write: Callable[[Consolidation, BinaryIO], None], consolidation: Consolidation, aside: Path | None, name: str
) -> bytes | Path:
    """What ``write`` gives: as bytes, or as a file in the folder ``aside``. Raises OSError."""
    if aside is None:
        held = BytesIO()
        write(consolidation, held)
        return held.getvalue()
    path = aside / name
    with path.open("wb") as stream:
        write(consolidation, stream)
    return path

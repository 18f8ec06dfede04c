"""What all commands share: the library in Vietnamese, options, exit codes, progress, printing."""

import getpass
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from cchc_xl.editions.catalogue import words
from cchc_xl.text import without_controls

if TYPE_CHECKING:
    from rich.progress import TaskID

DONE, FOUND_ERRORS, WRONG_USE = 0, 1, 2
FILE_WIDTH = 2000  # characters: more than any sentence
EARLIER_NAMED = 5
HELP = words("cli")["help"]


def _translated(text: str) -> str:
    """The library's own words in its help ("Usage", "Options" …), put into Vietnamese."""
    for english, vietnamese in words("cli")["library"].items():
        text = text.replace(english, vietnamese)
    return text


class Command(TyperCommand):
    def get_help(self, ctx: typer.Context) -> str:
        return _translated(super().get_help(ctx))


class Commands(TyperGroup):
    def get_help(self, ctx: typer.Context) -> str:
        return _translated(super().get_help(ctx))


Files = Annotated[list[str], typer.Argument(help=HELP["files"], metavar="FILE...", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help=HELP["json"])]
RosterFile = Annotated[Path | None, typer.Option("--roster", metavar="FILE", help=HELP["roster"], show_default=False)]
Previous = Annotated[Path | None, typer.Option("--previous", metavar="PATH", help=HELP["previous"], show_default=False)]
EditionName = Annotated[
    str | None, typer.Option("--edition", metavar="E", help=HELP["edition"], show_default="xa-2022")
]
PeriodCode = Annotated[str | None, typer.Option("--period", metavar="P", help=HELP["period"], show_default=False)]


RoundFolder = Annotated[Path, typer.Argument(metavar="DIR", help=HELP["round_dir"], show_default=False)]

OutputFile = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=HELP["file_out"], show_default=False)]


def now() -> datetime:
    """The moment, in the zone of this machine."""
    return datetime.now().astimezone()


def who() -> str:
    """Who sits at this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's list
        return "?"


def keys_in(text: str | None) -> tuple[str, ...]:
    """Keys parted by ";" or ",": ``3/3.3; 7/6.7``."""
    return tuple(key for part in (text or "").replace(",", ";").split(";") if (key := part.replace(" ", "")))


def say_written(path: Path, asked: Path) -> None:
    """Where an output is; when somebody's file stood there, that it was kept."""
    kind = "written" if path.name == asked.name else "written_beside"
    print(words("cli")["summary"][kind].format(path=path, name=asked.name))


def earlier_sentence(files: Sequence[str]) -> str:
    """Which earlier files nothing was compared with; "" for none."""
    if not files:
        return ""
    named = ", ".join(without_controls(Path(file).name) for file in files[:EARLIER_NAMED])
    more = " …" if len(files) > EARLIER_NAMED else ""
    return str(words("cli")["summary"]["earlier_refused"].format(count=len(files), files=named + more))


def say_earlier(files: Sequence[str]) -> None:
    """The same on stderr: stdout may be for a script."""
    if sentence := earlier_sentence(files):
        print(sentence, file=sys.stderr)


def show(renderables: Iterable) -> None:
    """Print for a person; nothing is cut or wrapped when the output goes to a file."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)
    for one in renderables:
        console.print(one)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, one line a step; silent when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    names = words("cli")["progress"]
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(names[step], total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield progress

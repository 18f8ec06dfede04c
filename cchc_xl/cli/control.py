"""The program behind the buttons of the control workbook: started by its macros, or pressed through xlwings."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import DONE, FOUND_ERRORS, HELP, WRONG_USE, now, say_written, who
from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import CchcError

NEW = "new"


def control(
    action: Annotated[str, typer.Argument(metavar="ACTION", help=HELP["control_action"], show_default=False)],
    book: Annotated[str, typer.Option("--book", metavar="FILE", help=HELP["control_book"], show_default=False)],
    result: Annotated[
        Path | None, typer.Option("--result", metavar="FILE", help=HELP["control_result"], show_default=False)
    ] = None,
) -> int:
    if action == NEW:
        from cchc_xl.rounds.buttons.control_book import new_control_book

        say_written(new_control_book(Path(book)), Path(book))
        return DONE
    return _carry_out(action, book, result)


def _carry_out(action: str, book: str, result: Path | None) -> int:
    """Whatever happens, the macro that waits gets a result to show."""
    from cchc_xl.files import write_atomic
    from cchc_xl.rounds.buttons.control import broken_off
    from cchc_xl.rounds.buttons.control_book import run_book
    from cchc_xl.rounds.buttons.screen import PROGRESS_SUFFIX, progress_line, result_file
    from cchc_xl.rounds.reading.intake_files import quiet

    done = broken_off(action)
    line = result.with_name(result.name + PROGRESS_SUFFIX) if result else None
    try:
        with progress_line(line, action) if line else nullcontext(quiet) as progress:
            done = run_book(action, book, now(), who(), progress)
    finally:
        if result:
            write_atomic(result, result_file(done, now()))
    print(done.message, file=sys.stdout if done.ok else sys.stderr)
    return WRONG_USE if not done.ok else FOUND_ERRORS if done.has_errors else DONE


def press(action: str, token: str) -> None:
    """A button pressed in Excel, through xlwings: the calling workbook is read, served and shown its result.

    ``token`` comes back in a cell, so that the macro knows that this ran. What can't even be shown there ends the
    program with its sentence, which xlwings puts into a box.
    """
    from cchc_xl import excel

    try:
        excel.BUTTONS[action](now(), who(), token)
    except CchcError as error:
        sys.exit(error_sentence(error))


COMMANDS = {"control": control}

"""The command line: the only part that prints, exits or reads the clock. Calls the use cases of ``rounds``."""

import sys
from typing import Annotated

import typer

from cchc_xl import __version__
from cchc_xl.cli import control, editions, reports, rounds, workbooks
from cchc_xl.cli.frame import DONE, HELP, WRONG_USE, Command, Commands
from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import CchcError, DefinitionError, UsageError, problem_of
from cchc_xl.text import without_controls

INTERRUPTED = 130  # what the library makes of Ctrl-C

app = typer.Typer(
    help=HELP["app"],
    cls=Commands,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def main() -> None:
    """Run one command. Exit codes: 0 done, 1 done with at least one error finding, 2 wrong use or set-up."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(standalone_mode=False)
    except DefinitionError as error:  # one sentence a line: there may be many
        code = _say("\n".join((error_sentence(error).partition(":")[0] + ":", *error.problems)))
    except CchcError as error:
        code = _say(error_sentence(error))
    except KeyboardInterrupt:
        code = _say(error_sentence(UsageError("interrupted")))
    except MemoryError:
        code = _say(error_sentence(UsageError("memory")))
    except BrokenPipeError:  # whoever read our output has gone
        code = DONE
    except OSError as error:  # a name too long, a disk that answers no more: whatever nobody nearer could name
        code = _say(error_sentence(UsageError("system", problem=_system_problem(error))))
    except typer.Exit as stop:
        interrupted = stop.exit_code == INTERRUPTED
        code = _say(error_sentence(UsageError("interrupted"))) if interrupted else stop.exit_code
    except typer.TyperException as error:
        code = _say(_usage_sentence(error))
    sys.exit(code or DONE)


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return WRONG_USE


def _system_problem(error: OSError) -> str:
    name = without_controls(str(error.filename)) if error.filename is not None else ""
    return ": ".join(part for part in (name, problem_of(error)) if part)


def _usage_sentence(error: typer.TyperException) -> str:
    """The library's complaint about a command, as one Vietnamese sentence."""
    message = getattr(error, "message", str(error)).rstrip(".")
    param = getattr(error, "param", None)
    if param is not None:
        name = param.metavar if param.param_type_name == "argument" and param.metavar else param.opts[-1]
        sentence = "wrong-value" if message else "missing-value"
        return error_sentence(UsageError(sentence, name=name))
    name = getattr(error, "option_name", None) or _quoted(message)
    for start, sentence in words("cli")["complaints"].items():
        if start in message:
            return error_sentence(UsageError(sentence, name=name))
    return error_sentence(UsageError("wrong-use", problem=message))


def _quoted(message: str) -> str:
    """What the complaint names between its first and last quotation mark."""
    return message[message.find("'") + 1 : message.rfind("'")] or message


def _version(asked: bool) -> None:
    if asked:
        print(f"cchc-xl {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=HELP["version"], callback=_version, is_eager=True)] = False,
) -> int:
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())
    return DONE


for _group in (workbooks, reports, editions, control):
    for _name, _command in _group.COMMANDS.items():
        app.command(_name, cls=Command, help=HELP[_name])(_command)
app.add_typer(editions.app, name="edition")
app.add_typer(rounds.app, name="round")

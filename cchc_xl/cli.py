"""The command line: the only file that prints, exits or reads the clock. Calls the use cases of ``rounds``."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from cchc_xl import __version__
from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import CchcError, DefinitionError, UsageError
from cchc_xl.model import Edition

if TYPE_CHECKING:
    from rich.progress import TaskID

DONE, FOUND_ERRORS, WRONG_USE = 0, 1, 2
FILE_WIDTH = 2000  # characters: more than any sentence
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


app = typer.Typer(
    help=HELP["app"],
    cls=Commands,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

Files = Annotated[list[str], typer.Argument(help=HELP["files"], metavar="FILE...", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help=HELP["json"])]
RosterFile = Annotated[Path | None, typer.Option("--roster", metavar="FILE", help=HELP["roster"], show_default=False)]
Previous = Annotated[Path | None, typer.Option("--previous", metavar="PATH", help=HELP["previous"], show_default=False)]
EditionName = Annotated[
    str | None, typer.Option("--edition", metavar="E", help=HELP["edition"], show_default="xa-2022")
]
PeriodCode = Annotated[str | None, typer.Option("--period", metavar="P", help=HELP["period"], show_default=False)]


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
    except typer.Exit as stop:
        code = stop.exit_code
    except typer.TyperException as error:
        code = _say(_usage_sentence(error))
    sys.exit(code or DONE)


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return WRONG_USE


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


@app.command(cls=Command, help=HELP["demo"])
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=HELP["demo_dir"])] = Path("cchc-xl-demo"),
) -> int:
    from cchc_xl.console import consolidated
    from cchc_xl.rounds.sample import run_sample

    with _progress() as progress:
        result, sample = run_sample(folder, progress)
    print(words("cli")["summary"]["demo_where"].format(path=sample))
    _show(consolidated(result))
    print(words("cli")["summary"]["demo_next"].format(path=result.written["tong-hop.xlsx"]))
    return DONE


@app.command(cls=Command, help=HELP["template"])
def template(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=HELP["template_out"])],
    edition: EditionName = None,
    period: PeriodCode = None,
    roster: RosterFile = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="CODE", help=HELP["unit"], show_default=False)] = None,
    previous: Previous = None,
    shared: Annotated[
        Path | None, typer.Option("--shared", metavar="FILE", help=HELP["shared"], show_default=False)
    ] = None,
) -> int:
    from cchc_xl.editions.load import DEFAULT
    from cchc_xl.files import write_atomic
    from cchc_xl.rounds.issuing import make_template

    content = make_template(
        edition=edition or DEFAULT, period=period, roster=roster, unit=unit, previous=previous, shared=shared
    )
    write_atomic(output, content)
    print(words("cli")["summary"]["template"].format(path=output))
    return DONE


@app.command(cls=Command, help=HELP["read"])
def read(files: Files, as_json: Json = False, roster: RosterFile = None) -> int:
    from cchc_xl.rounds.pipeline import read_workbooks

    return _told(read_workbooks(files, roster), as_json=as_json, with_entries=True)


@app.command(cls=Command, help=HELP["check"])
def check(
    files: Files,
    as_json: Json = False,
    roster: RosterFile = None,
    previous: Previous = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help=HELP["compare"], show_default=False)
    ] = None,
) -> int:
    from cchc_xl.rounds.pipeline import check_workbooks

    return _told(check_workbooks(files, roster, previous, compare), as_json=as_json, with_entries=False)


def _told(checked: tuple, *, as_json: bool, with_entries: bool) -> int:
    """Print each file, as JSON lines or for a person; 1 when any has an error."""
    if as_json:
        from cchc_xl.rounds.contract_json import submission_json

        for one in checked:
            print(json.dumps(submission_json(one.submission, one.findings, one.edition), ensure_ascii=False))
    else:
        from cchc_xl.console import checked_file

        for one in checked:
            _show(checked_file(one, with_entries=with_entries))
    return FOUND_ERRORS if any(one.has_errors for one in checked) else DONE


@app.command(cls=Command, help=HELP["feedback"])
def feedback(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=HELP["feedback_file"], show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=HELP["feedback_out"])],
    roster: RosterFile = None,
    previous: Previous = None,
) -> int:
    from cchc_xl.rounds.returning import write_feedback

    checked = write_feedback(file, output, roster, previous)
    print(words("cli")["summary"]["written"].format(path=output))
    return FOUND_ERRORS if checked.has_errors else DONE


@app.command(cls=Command, help=HELP["consolidate"])
def consolidate(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=HELP["paths"], show_default=False)],
    roster: Annotated[Path, typer.Option("--roster", metavar="FILE", help=HELP["roster"])],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=HELP["out"])],
    period: PeriodCode = None,
    edition: EditionName = None,
    previous: Previous = None,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help=HELP["workers"], min=0)] = 0,
) -> int:
    from cchc_xl.console import consolidated
    from cchc_xl.rounds.pipeline import consolidate_paths

    with _progress() as progress:
        result = consolidate_paths(
            paths,
            roster=roster,
            out=output,
            period=period,
            edition=edition,
            previous=previous,
            workers=workers,
            progress=progress,
        )
    _show(consolidated(result))
    return FOUND_ERRORS if result.has_errors else DONE


ReportFile = Annotated[Path, typer.Argument(metavar="FILE.docx", help=HELP["report_file"], show_default=False)]
MasterFile = Annotated[Path, typer.Option("--master", metavar="FILE.xlsx", help=HELP["master_file"])]


@app.command(cls=Command, help=HELP["verify"])
def verify(report: ReportFile, master: MasterFile) -> int:
    from cchc_xl.rounds.tied import verify_report

    differences = verify_report(report, master)
    if not differences:
        print(words("cli")["summary"]["verified"].format(path=report))
        return DONE
    print(words("cli")["summary"]["differences"].format(path=report, count=len(differences)))
    print("\n".join(differences))
    return FOUND_ERRORS


@app.command(cls=Command, help=HELP["refresh"])
def refresh(
    report: ReportFile,
    master: MasterFile,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.docx", help=HELP["word_out"])],
) -> int:
    from cchc_xl.rounds.tied import refresh_report

    refresh_report(report, master, output)
    print(words("cli")["summary"]["written"].format(path=output))
    return DONE


@app.command(cls=Command, help=HELP["rules"])
def rules(
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=HELP["rules_out"])] = None,
    edition: EditionName = None,
) -> int:
    from cchc_xl.editions.load import DEFAULT, load
    from cchc_xl.files import write_atomic
    from cchc_xl.rounds.editing import rule_lines, rules_workbook

    forms = load(edition or DEFAULT)
    if output:
        write_atomic(output, rules_workbook(forms))
        print(words("cli")["summary"]["written"].format(path=output))
    else:
        from cchc_xl.console import rule_table

        _show([rule_table(rule_lines(forms))])
    return DONE


editions = typer.Typer(cls=Commands, help=HELP["edition_group"], rich_markup_mode=None)
app.add_typer(editions, name="edition")
EditionFile = Annotated[Path, typer.Argument(metavar="FILE", help=HELP["edition_file"], show_default=False)]


@editions.command("export", cls=Command, help=HELP["edition_export"])
def edition_export(file: EditionFile, edition: EditionName = None) -> int:
    from cchc_xl.editions.load import DEFAULT
    from cchc_xl.rounds.editing import export_edition

    forms = export_edition(file, edition or DEFAULT)
    print(words("cli")["summary"]["edition_exported"].format(id=forms.id, path=file))
    return DONE


@editions.command("import", cls=Command, help=HELP["edition_import"])
def edition_import(file: EditionFile) -> int:
    from cchc_xl.rounds.editing import import_edition

    forms, _ = import_edition(file)
    print(words("cli")["summary"]["edition_imported"].format(**_size(forms)))
    return DONE


@editions.command("check", cls=Command, help=HELP["edition_check"])
def edition_check(file: EditionFile) -> int:
    from cchc_xl.rounds.editing import check_edition

    print(words("cli")["summary"]["edition_right"].format(**_size(check_edition(file))))
    return DONE


def _size(edition: Edition) -> dict[str, object]:
    return {
        "id": edition.id,
        "forms": len(edition.forms),
        "rows": len(edition.indicators),
        "relations": len(edition.relations),
    }


def _show(renderables: Iterable) -> None:
    """Print for a person; nothing is cut or wrapped when the output goes to a file."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)
    for one in renderables:
        console.print(one)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, one line a step; silent when stderr is no terminal."""
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


if __name__ == "__main__":
    main()

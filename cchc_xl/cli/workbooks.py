"""Commands on workbooks: make, read, check, mark, consolidate."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import (
    DONE,
    FOUND_ERRORS,
    HELP,
    EditionName,
    Files,
    Json,
    PeriodCode,
    Previous,
    RosterFile,
    progress_bar,
    say_written,
    show,
)
from cchc_xl.editions.catalogue import words


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=HELP["demo_dir"])] = Path("cchc-xl-demo"),
) -> int:
    from cchc_xl.console import consolidated
    from cchc_xl.rounds.sample import run_sample

    with progress_bar() as progress:
        result, sample = run_sample(folder, progress)
    print(words("cli")["summary"]["demo_where"].format(path=sample))
    show(consolidated(result))
    print(words("cli")["summary"]["demo_next"].format(path=result.written["tong-hop.xlsx"]))
    return DONE


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
    from cchc_xl.files import write_output
    from cchc_xl.rounds.issuing import make_template

    content = make_template(
        edition=edition or DEFAULT, period=period, roster=roster, unit=unit, previous=previous, shared=shared
    )
    say_written(write_output(output, content), output)
    return DONE


def read(files: Files, as_json: Json = False, roster: RosterFile = None) -> int:
    from cchc_xl.rounds.pipeline import read_workbooks

    return _told(read_workbooks(files, roster), as_json=as_json, with_entries=True)


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
            show(checked_file(one, with_entries=with_entries))
    return FOUND_ERRORS if any(one.has_errors for one in checked) else DONE


def feedback(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=HELP["feedback_file"], show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=HELP["feedback_out"])],
    roster: RosterFile = None,
    previous: Previous = None,
) -> int:
    from cchc_xl.rounds.returning import write_feedback

    checked, path = write_feedback(file, output, roster, previous)
    say_written(path, output)
    return FOUND_ERRORS if checked.has_errors else DONE


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

    with progress_bar() as progress:
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
    show(consolidated(result))
    return FOUND_ERRORS if result.has_errors else DONE


COMMANDS = {
    "demo": demo,
    "template": template,
    "read": read,
    "check": check,
    "feedback": feedback,
    "consolidate": consolidate,
}

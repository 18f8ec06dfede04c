"""Commands on workbooks: make, read, check, mark, consolidate."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    earlier_sentence,
    keys_in,
    progress_bar,
    say_earlier,
    say_written,
    show,
)
from cchc_xl.editions.catalogue import words

if TYPE_CHECKING:
    from cchc_xl.rounds.adding.rerun import Asked, Before, Told
    from cchc_xl.rounds.reading.recalculating import Recalculate


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
    from cchc_xl.editions.load import DEFAULT, load
    from cchc_xl.files import write_output
    from cchc_xl.rounds.adding.outgoing import word_template
    from cchc_xl.rounds.pipeline import earlier_refused_in
    from cchc_xl.rounds.sending.issuing import make_template

    if output.suffix.lower() == ".docx":
        say_written(write_output(output, word_template(output.name, load(edition or DEFAULT))), output)
        return DONE
    if output.name == words("round")["settings"]["file"]:
        from cchc_xl.rounds.adding.outgoing import settings_template

        say_written(write_output(output, settings_template(edition or DEFAULT, period or "", roster)), output)
        return DONE
    content = make_template(
        edition=edition or DEFAULT, period=period, roster=roster, unit=unit, previous=previous, shared=shared
    )
    say_written(write_output(output, content), output)
    say_earlier(earlier_refused_in(previous, roster, edition))
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
    recalculate: Annotated[bool, typer.Option("--recalculate", help=HELP["recalculate"])] = False,
    book: Annotated[
        Path | None, typer.Option("--book", metavar="FILE.xlsx", help=HELP["book"], show_default=False)
    ] = None,
) -> int:
    from cchc_xl.rounds.pipeline import check_workbooks, earlier_refused_in

    checked = check_workbooks(files, roster, previous, compare)
    say_earlier(earlier_refused_in(previous, roster))
    if recalculate:
        from cchc_xl.rounds.reading.recalculating import with_recalculation

        checked = tuple(with_recalculation(files, checked, _calculator()))
    if book:
        from cchc_xl.rounds.following.listing import write_findings_book

        path = write_findings_book(checked, book)
        if not as_json:
            say_written(path, book)
    return _told(checked, as_json=as_json, with_entries=False)


def _calculator() -> "Recalculate":
    """The desktop Excel of this machine where xlwings finds one, else LibreOffice."""
    from cchc_xl import office

    try:
        from cchc_xl import excel
    except ImportError:  # no xlwings here
        return office.recalculate
    return excel.calculator() or office.recalculate


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
    from cchc_xl.rounds.pipeline import earlier_refused_in
    from cchc_xl.rounds.sending.returning import write_feedback

    checked, path = write_feedback(file, output, roster, previous)
    say_written(path, output)
    say_earlier(earlier_refused_in(previous, roster))
    return FOUND_ERRORS if checked.has_errors else DONE


def consolidate(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=HELP["paths"], show_default=False)],
    roster: Annotated[Path, typer.Option("--roster", metavar="FILE", help=HELP["roster"])],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=HELP["out"])],
    period: PeriodCode = None,
    edition: EditionName = None,
    previous: Previous = None,
    ranking: Annotated[
        str | None, typer.Option("--ranking", metavar="KEYS", help=HELP["ranking"], show_default=False)
    ] = None,
    more: Annotated[str, typer.Option("--with", metavar="NAMES", help=HELP["with"], show_default=False)] = "",
    everything: Annotated[bool, typer.Option("--all", help=HELP["all"])] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help=HELP["pdf"])] = False,
    templates: Annotated[
        Path | None, typer.Option("--templates", metavar="DIR", help=HELP["templates"], show_default=False)
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE.xlsx", help=HELP["settings"], show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help=HELP["workers"], min=0)] = 0,
) -> int:
    from cchc_xl.console import styled
    from cchc_xl.rounds.adding.outgoing import NAMES, PDF, asked_for, own_templates
    from cchc_xl.rounds.adding.rerun import Asked, look

    if settings and previous is None:
        from cchc_xl.rounds.keeping.settings import previous_in

        previous = previous_in(settings)
    wanted = asked_for(more) | (NAMES.keys() | {PDF} if everything else set()) | ({PDF} if pdf else set())
    options = {"period": period, "edition": edition, "previous": previous, "ranking": keys_in(ranking)}
    options |= {"more": tuple(sorted(wanted)), "templates": own_templates(templates) if templates else {}}
    options["settings"] = settings
    asked = Asked(paths=tuple(paths), roster=roster, out=output, options=options)
    before = look(asked)
    told = before.told if before and before.told else _consolidated(asked, before, workers)
    show(styled(told.lines))
    return FOUND_ERRORS if told.has_errors else DONE


def _consolidated(asked: "Asked", before: "Before | None", workers: int) -> "Told":
    """Do the whole job; what is then said holds until something changes."""
    from cchc_xl.console import consolidated
    from cchc_xl.rounds.adding.rerun import Told, keep
    from cchc_xl.rounds.pipeline import consolidate_paths, earlier_refused_in

    with progress_bar() as progress:
        result = consolidate_paths(
            asked.paths, roster=asked.roster, out=asked.out, **asked.options, workers=workers, progress=progress
        )
    lines = tuple((line.plain, str(line.style)) for line in consolidated(result))
    refused = earlier_refused_in(asked.options["previous"], asked.roster, asked.options["edition"])
    lines = (*lines, (earlier_sentence(refused), "yellow")) if refused else lines
    told = Told(lines=lines, has_errors=result.has_errors)
    if before and not result.changed and not result.not_made:
        keep(asked, before, told, result.consolidation)
    return told


COMMANDS = {
    "demo": demo,
    "template": template,
    "read": read,
    "check": check,
    "feedback": feedback,
    "consolidate": consolidate,
}

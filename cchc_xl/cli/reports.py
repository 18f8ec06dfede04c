"""Commands on Word files: communes' reports, old reports taken in, numbers verified and refreshed."""

from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import (
    DONE,
    FOUND_ERRORS,
    HELP,
    EditionName,
    Files,
    OutputFile,
    RosterFile,
    progress_bar,
    say_written,
)
from cchc_xl.editions.catalogue import words
from cchc_xl.text import without_controls

ReportFile = Annotated[Path, typer.Argument(metavar="FILE.docx", help=HELP["report_file"], show_default=False)]
MasterFile = Annotated[Path, typer.Option("--master", metavar="FILE.xlsx", help=HELP["master_file"])]


def report(
    files: Files,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.docx|DIR", help=HELP["report_out"])],
    roster: RosterFile = None,
    pdf: Annotated[bool, typer.Option("--pdf", help=HELP["pdf"])] = False,
) -> int:
    from cchc_xl.rounds.adding.outgoing import write_pdf_beside
    from cchc_xl.rounds.wording import write_reports

    with progress_bar() as progress:
        made = write_reports([Path(file) for file in files], output, roster, progress)
    printed, not_made = write_pdf_beside(made.written) if pdf else ((), "")
    for path in (*made.written, *printed):
        print(words("cli")["summary"]["written"].format(path=path))
    if not_made:
        print(not_made)
    for file, reason in made.left_out:
        print(words("cli")["summary"]["turned_away"].format(file=file, reason=reason))
    return FOUND_ERRORS if made.left_out else DONE


def intake(
    report: Annotated[Path, typer.Argument(metavar="REPORT.docx", help=HELP["intake_file"], show_default=False)],
    output: OutputFile,
    edition: EditionName = None,
) -> int:
    from cchc_xl.editions.load import DEFAULT
    from cchc_xl.rounds.wording import write_intake

    taken = write_intake(report, output, edition or DEFAULT)
    for sentence in taken.oddities:
        print(sentence)
    print(words("cli")["summary"]["taken_in"].format(path=taken.path, sure=taken.sure, rows=taken.rows))
    return FOUND_ERRORS if taken.has_errors else DONE


def verify(report: ReportFile, master: MasterFile) -> int:
    from cchc_xl.rounds.adding.tied import verify_report

    differences = verify_report(report, master)
    if not differences:
        print(words("cli")["summary"]["verified"].format(path=report))
        return DONE
    print(words("cli")["summary"]["differences"].format(path=report, count=len(differences)))
    print("\n".join(differences))
    return FOUND_ERRORS


def refresh(
    report: ReportFile,
    master: MasterFile,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.docx", help=HELP["word_out"])],
) -> int:
    from cchc_xl.rounds.adding.tied import refresh_report

    say_written(refresh_report(report, master, output), output)
    return DONE


def amend(
    old: Annotated[Path, typer.Argument(metavar="OLD.xlsx", help=HELP["amend_old"], show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW.xlsx", help=HELP["amend_new"], show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.docx", help=HELP["word_out"])],
) -> int:
    from cchc_xl.rounds.adding.amending import write_amendment

    path, count = write_amendment(old, new, output)
    print(words("cli")["summary"]["amended"].format(count=count))
    say_written(path, output)
    return DONE


def portal(
    master: Annotated[Path, typer.Argument(metavar="MASTER.xlsx", help=HELP["portal_master"], show_default=False)],
    output: OutputFile,
    round_folder: Annotated[
        Path | None, typer.Option("--round", metavar="DIR", help=HELP["portal_round"], show_default=False)
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE.xlsx", help=HELP["portal_settings"], show_default=False)
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help=HELP["portal_compare"], show_default=False)
    ] = None,
) -> int:
    from cchc_xl.rounds.adding.typing_in import write_portal

    made = write_portal(master, output, round_folder=round_folder, settings=settings, export=compare)
    said = words("cli")["summary"]
    say_written(made.path, output)
    if made.differences:
        print(said["portal_differs"].format(count=len(made.differences)))
        print("\n".join(map(without_controls, made.differences)))
    elif compare is not None:
        print(said["portal_same"].format(count=made.compared))
    return FOUND_ERRORS if made.differences else DONE


COMMANDS = {
    "report": report,
    "intake": intake,
    "verify": verify,
    "refresh": refresh,
    "amend": amend,
    "portal": portal,
}

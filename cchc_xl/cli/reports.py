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

ReportFile = Annotated[Path, typer.Argument(metavar="FILE.docx", help=HELP["report_file"], show_default=False)]
MasterFile = Annotated[Path, typer.Option("--master", metavar="FILE.xlsx", help=HELP["master_file"])]


def report(
    files: Files,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.docx|DIR", help=HELP["report_out"])],
    roster: RosterFile = None,
) -> int:
    from cchc_xl.rounds.wording import write_reports

    with progress_bar() as progress:
        made = write_reports([Path(file) for file in files], output, roster, progress)
    for path in made.written:
        print(words("cli")["summary"]["written"].format(path=path))
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
    from cchc_xl.rounds.tied import verify_report

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
    from cchc_xl.rounds.tied import refresh_report

    say_written(refresh_report(report, master, output), output)
    return DONE


COMMANDS = {"report": report, "intake": intake, "verify": verify, "refresh": refresh}

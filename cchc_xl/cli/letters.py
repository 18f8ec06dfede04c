"""Commands on what goes out to the units of a round: workbooks, answers, Word reports, reminders."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import DONE, HELP, Previous, RoundFolder, now, progress_bar, say_earlier, who
from cchc_xl.editions.catalogue import words
from cchc_xl.text import without_controls

Send = Annotated[bool, typer.Option("--send", help=HELP["send"])]
DryRun = Annotated[bool, typer.Option("--dry-run", help=HELP["dry_run"])]
Drafts = Annotated[str, typer.Option("--drafts", metavar="URL", help=HELP["drafts"], show_default=False)]


def issue(
    folder: RoundFolder, previous: Previous = None, send: Send = False, dry_run: DryRun = False, drafts: Drafts = ""
) -> int:
    from cchc_xl.rounds.following.judged import earlier_refused_of
    from cchc_xl.rounds.sending.issuing import issue_round as make

    done = _made(make, folder, previous, send=send, dry_run=dry_run, drafts=drafts)
    say_earlier(earlier_refused_of(folder, previous))
    return done


def feedback(
    folder: RoundFolder, previous: Previous = None, send: Send = False, dry_run: DryRun = False, drafts: Drafts = ""
) -> int:
    from cchc_xl.rounds.following.judged import earlier_refused_of
    from cchc_xl.rounds.sending.returning import feedback_round as make

    done = _made(make, folder, previous, send=send, dry_run=dry_run, drafts=drafts)
    say_earlier(earlier_refused_of(folder, previous))
    return done


def report(
    folder: RoundFolder, previous: Previous = None, send: Send = False, dry_run: DryRun = False, drafts: Drafts = ""
) -> int:
    from cchc_xl.rounds.sending.reporting import report_round as make

    return _made(make, folder, previous, send=send, dry_run=dry_run, drafts=drafts)


def remind(
    folder: RoundFolder, previous: Previous = None, send: Send = False, dry_run: DryRun = False, drafts: Drafts = ""
) -> int:
    from cchc_xl.rounds.sending.reminding import remind_round as make

    return _made(make, folder, previous, send=send, dry_run=dry_run, drafts=drafts)


def _made(make: Callable, folder: Path, previous: Path | None, *, send: bool, dry_run: bool, drafts: str) -> int:
    """Run one use case and say what it did, or would do."""
    ui = words("cli")["summary"]
    with progress_bar() as progress:
        how = {"previous": previous, "send": send, "dry_run": dry_run, "drafts": drafts}
        made = make(folder, now(), who(), **how, progress=progress)
    line = ui["would_write" if dry_run else "written"]
    for path in made.written:
        print(line.format(path=path))
    for unit, reason in made.left_out:
        print(ui["left_out"].format(unit=without_controls(unit), reason=without_controls(reason)))
    print(ui["prepared_dry" if dry_run else "prepared"].format(files=len(made.written), sent=made.sent))
    if not (send or dry_run) and any(path.suffix == ".eml" for path in made.written):
        print(ui["not_sent_yet"])
    return DONE


COMMANDS = {"issue": issue, "feedback": feedback, "report": report, "remind": remind}

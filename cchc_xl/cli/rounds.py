"""Commands on a round kept in one folder: new, collect, status, consolidate, audit, close; others stand beside."""

import json
import os
import sys
import time
from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli import letters, rulings
from cchc_xl.cli.frame import (
    DONE,
    FOUND_ERRORS,
    HELP,
    Command,
    Commands,
    EditionName,
    Json,
    Previous,
    RoundFolder,
    now,
    progress_bar,
    say_earlier,
    say_written,
    show,
    who,
)
from cchc_xl.editions.catalogue import words
from cchc_xl.text import without_controls

SETTLED = timedelta(seconds=2)  # a file changed less long ago may still be being written

app = typer.Typer(cls=Commands, help=HELP["round_group"], rich_markup_mode=None)


class Voice:
    """Prints line by line. When nobody reads any more it falls silent, so that the work itself goes on to its end."""

    def __init__(self) -> None:
        self._heard = True

    def __call__(self, line: str) -> None:
        if not self._heard:
            return
        try:
            print(line, flush=True)
        except OSError:  # a broken pipe; on Windows an invalid argument
            self._heard = False
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


@app.command("new", cls=Command, help=HELP["round_new"])
def new(
    folder: RoundFolder,
    roster: Annotated[Path, typer.Option("--roster", metavar="FILE", help=HELP["roster"], show_default=False)],
    period: Annotated[str, typer.Option("--period", metavar="P", help=HELP["period"], show_default=False)],
    edition: EditionName = None,
) -> int:
    from cchc_xl.rounds.keeping.folder import new_round, place_warning

    new_round(folder, roster, period, edition, now(), who())
    settings, roster = (words("round")[name]["file"] for name in ("settings", "roster"))
    print(words("cli")["summary"]["round_made"].format(path=folder, settings=settings, roster=f"{roster}.xlsx"))
    warning = place_warning(folder)
    if warning:
        print(warning)
    return DONE


@app.command("collect", cls=Command, help=HELP["round_collect"])
def collect(
    folder: RoundFolder,
    source: Annotated[str, typer.Option("--from", metavar="PATH", help=HELP["collect_from"], show_default=False)],
    channel: Annotated[str | None, typer.Option("--channel", metavar="C", help=HELP["channel"])] = None,
    watch: Annotated[float, typer.Option("--watch", metavar="SECONDS", help=HELP["watch"], min=0)] = 0,
) -> int:
    voice, told = Voice(), set()
    if not watch:
        _collect_once(folder, source, channel, voice, told, settled=None)
        return DONE
    with suppress(KeyboardInterrupt):  # how watching ends; what was acknowledged is stored
        while True:
            _collect_once(folder, source, channel, voice, told, settled=SETTLED)
            time.sleep(watch)
    voice(words("cli")["summary"]["watched"])
    return DONE


def _collect_once(
    folder: Path, source: str, channel: str | None, voice: Voice, told: set[str], *, settled: timedelta | None
) -> None:
    """One look at the source. While watching, what was said once is not said again."""
    from cchc_xl.rounds.reading.intake_files import quiet
    from cchc_xl.rounds.receiving.collecting import collect as collect_from

    ui, watching = words("cli")["summary"], settled is not None

    def say(line: str) -> None:
        if not (watching and line in told):
            voice(line)
        told.add(line)

    def stored(sha256: str, name: str) -> None:
        say(ui["received"].format(sha256=sha256, name=without_controls(name)))

    with nullcontext(quiet) if watching else progress_bar() as progress:
        collected = collect_from(folder, source, channel, now(), who(), stored, progress, settled=settled)
    _say_collected(folder, collected, say)


def _say_collected(folder: Path, collected, say) -> None:
    from cchc_xl.rounds.following.status import reason_sentence, waiting_sentence
    from cchc_xl.rounds.keeping.folder import open_round

    ui, texts, the_round = words("cli")["summary"], words("round"), open_round(folder)
    for seen in collected.seen:
        fate, reason = texts["fates"][seen.fate.value], reason_sentence(seen, the_round)
        line = ui["fate"].format(name=without_controls(seen.arrival.name), fate=fate, reason=reason)
        say(line.rstrip(": "))
    for question in collected.questions:
        sender, subject = without_controls(", ".join(question.senders)), without_controls(question.subject)
        say(ui["question"].format(sender=sender, subject=subject))
    for passed in collected.passed:
        reason = texts["skipped"][passed.reason].format(**passed.args)
        say(ui["passed"].format(name=without_controls(passed.path.name), reason=reason))
    say(ui["collected"].format(count=len(collected.seen), new=collected.new))
    waiting = waiting_sentence(collected.seen, folder)
    if waiting:
        say(without_controls(waiting))


@app.command("status", cls=Command, help=HELP["round_status"])
def status(
    folder: RoundFolder,
    as_json: Json = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.xlsx", help=HELP["status_out"], show_default=False)
    ] = None,
) -> int:
    from cchc_xl.rounds.following.status import overview, status_workbook

    if output:
        from cchc_xl.files import write_output

        say_written(write_output(output, status_workbook(folder, now())), output)
        return DONE
    with progress_bar() as progress:
        found = overview(folder, now(), progress)
    if as_json:
        print(json.dumps(found.contract, ensure_ascii=False))
    else:
        from cchc_xl.console import file_table, unit_table

        show([unit_table(found.units), file_table(found.contract), found.report])
        print("\n".join(map(without_controls, found.notes)), end="\n" if found.notes else "")
    if found.problem:
        print(found.problem, file=sys.stderr)
    return DONE


@app.command("consolidate", cls=Command, help=HELP["round_consolidate"])
def consolidate(
    folder: RoundFolder,
    previous: Previous = None,
    pdf: Annotated[bool, typer.Option("--pdf", help=HELP["pdf"])] = False,
) -> int:
    from cchc_xl.console import consolidated
    from cchc_xl.rounds.adding.consolidating import consolidate_round
    from cchc_xl.rounds.following.judged import earlier_refused_of

    with progress_bar() as progress:
        result = consolidate_round(folder, now(), who(), previous, progress, pdf=pdf)
    show(consolidated(result))
    say_earlier(earlier_refused_of(folder, previous))
    return FOUND_ERRORS if result.has_errors else DONE


@app.command("audit", cls=Command, help=HELP["round_audit"])
def audit(folder: RoundFolder) -> int:
    from cchc_xl.rounds.proving.auditing import audit as audit_round

    problems = audit_round(folder)
    print("\n".join(problems) or words("cli")["summary"]["audited"].format(path=folder))
    return FOUND_ERRORS if problems else DONE


@app.command("close", cls=Command, help=HELP["round_close"])
def close(folder: RoundFolder) -> int:
    from cchc_xl.rounds.proving.closing import close_round

    with progress_bar() as progress:
        path = close_round(folder, now(), who(), progress)
    print(words("cli")["summary"]["closed"].format(path=path))
    return DONE


for _group in (letters, rulings):
    for _name, _command in _group.COMMANDS.items():
        app.command(_name, cls=Command, help=HELP[f"round_{_name}"])(_command)

_now, _who = now, who

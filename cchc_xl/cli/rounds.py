"""Commands on a round kept in one folder: new, collect, status, decide, approve …, consolidate, audit."""

import getpass
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import (
    DONE,
    FOUND_ERRORS,
    HELP,
    Command,
    Commands,
    EditionName,
    Json,
    Previous,
    progress_bar,
    show,
)
from cchc_xl.editions.catalogue import words
from cchc_xl.text import without_controls

app = typer.Typer(cls=Commands, help=HELP["round_group"], rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help=HELP["round_dir"], show_default=False)]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=HELP["reason"], show_default=False)]
UnitCode = Annotated[str, typer.Option("--unit", metavar="CODE", help=HELP["unit"], show_default=False)]


def _now() -> datetime:
    return datetime.now().astimezone()


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's list
        return "?"


@app.command("new", cls=Command, help=HELP["round_new"])
def new(
    folder: Folder,
    roster: Annotated[Path, typer.Option("--roster", metavar="FILE", help=HELP["roster"], show_default=False)],
    period: Annotated[str, typer.Option("--period", metavar="P", help=HELP["period"], show_default=False)],
    edition: EditionName = None,
) -> int:
    from cchc_xl.rounds.folder import new_round, place_warning

    new_round(folder, roster, period, edition, _now(), _who())
    print(words("cli")["summary"]["round_made"].format(path=folder))
    warning = place_warning(folder)
    if warning:
        print(warning)
    return DONE


@app.command("collect", cls=Command, help=HELP["round_collect"])
def collect(
    folder: Folder,
    source: Annotated[Path, typer.Option("--from", metavar="PATH", help=HELP["collect_from"], show_default=False)],
    channel: Annotated[str | None, typer.Option("--channel", metavar="C", help=HELP["channel"])] = None,
) -> int:
    from cchc_xl.rounds.collecting import collect as collect_from
    from cchc_xl.rounds.folder import open_round
    from cchc_xl.rounds.status import reason_sentence

    def stored(sha256: str, name: str) -> None:
        print(words("cli")["summary"]["received"].format(sha256=sha256, name=without_controls(name)), flush=True)

    with progress_bar() as progress:
        collected = collect_from(folder, source, channel, _now(), _who(), stored, progress)
    the_round, texts = open_round(folder), words("round")
    for seen in collected.seen:
        line = words("cli")["summary"]["fate"].format(
            name=without_controls(seen.arrival.name),
            fate=texts["fates"][seen.fate.value],
            reason=reason_sentence(seen, the_round),
        )
        print(line.rstrip(": "))
    for question in collected.questions:
        print(
            words("cli")["summary"]["question"].format(
                sender=without_controls(", ".join(question.senders)), subject=without_controls(question.subject)
            )
        )
    for passed in collected.passed:
        reason = texts["skipped"][passed.reason].format(**passed.args)
        print(words("cli")["summary"]["passed"].format(name=without_controls(passed.path.name), reason=reason))
    return DONE


@app.command("status", cls=Command, help=HELP["round_status"])
def status(folder: Folder, as_json: Json = False) -> int:
    from cchc_xl.rounds.status import status as status_of

    standing = status_of(folder, _now())
    if as_json:
        print(json.dumps(standing, ensure_ascii=False))
    else:
        from cchc_xl.console import standing_tables

        show(standing_tables(standing))
    return DONE


@app.command("decide", cls=Command, help=HELP["round_decide"])
def decide(
    folder: Folder,
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help=HELP["sha256"], show_default=False)],
    reason: Reason,
    unit: Annotated[str | None, typer.Option("--unit", metavar="CODE", help=HELP["unit"])] = None,
    reject: Annotated[bool, typer.Option("--reject", help=HELP["reject"])] = False,
) -> int:
    from cchc_xl.rounds.deciding import decide as decide_on

    seen = decide_on(folder, sha256, unit, reject, reason=reason, now=_now(), who=_who())
    fate = words("round")["fates"][seen.fate.value]
    print(
        words("cli")["summary"]["fate"]
        .format(name=without_controls(seen.arrival.name), fate=fate, reason="")
        .rstrip(": ")
    )
    return DONE


@app.command("approve", cls=Command, help=HELP["round_approve"])
def approve(folder: Folder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.deciding import approve as act

    return _act(act, folder, unit, reason)


@app.command("return", cls=Command, help=HELP["round_return"])
def send_back(folder: Folder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.deciding import send_back as act

    return _act(act, folder, unit, reason)


@app.command("lock", cls=Command, help=HELP["round_lock"])
def lock(folder: Folder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.deciding import lock as act

    return _act(act, folder, unit, reason)


@app.command("reopen", cls=Command, help=HELP["round_reopen"])
def reopen(folder: Folder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.deciding import reopen as act

    return _act(act, folder, unit, reason)


def _act(act: Callable, folder: Path, unit: str, reason: str) -> int:
    standing = act(folder, unit, reason=reason, now=_now(), who=_who())
    state = words("round")["states"][standing.stage.value]
    print(words("cli")["summary"]["unit_state"].format(unit=standing.unit.full_name, state=state))
    return DONE


@app.command("consolidate", cls=Command, help=HELP["round_consolidate"])
def consolidate(folder: Folder, previous: Previous = None) -> int:
    from cchc_xl.console import consolidated
    from cchc_xl.rounds.consolidating import consolidate_round

    with progress_bar() as progress:
        result = consolidate_round(folder, _now(), _who(), previous, progress)
    show(consolidated(result))
    return FOUND_ERRORS if result.has_errors else DONE


@app.command("audit", cls=Command, help=HELP["round_audit"])
def audit(folder: Folder) -> int:
    from cchc_xl.rounds.auditing import audit as audit_round

    problems = audit_round(folder)
    print("\n".join(problems) or words("cli")["summary"]["audited"].format(path=folder))
    return FOUND_ERRORS if problems else DONE

"""Commands by which staff rule on a round, each with a reason: files, units, explanations, the report itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import DONE, HELP, RoundFolder, now, who
from cchc_xl.editions.catalogue import words
from cchc_xl.text import without_controls

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=HELP["reason"], show_default=False)]
UnitCode = Annotated[str, typer.Option("--unit", metavar="CODE", help=HELP["unit"], show_default=False)]


def decide(
    folder: RoundFolder,
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help=HELP["sha256"], show_default=False)],
    reason: Reason,
    unit: Annotated[str | None, typer.Option("--unit", metavar="CODE", help=HELP["unit"])] = None,
    everyone: Annotated[bool, typer.Option("--all", help=HELP["decide_all"])] = False,
    reject: Annotated[bool, typer.Option("--reject", help=HELP["reject"])] = False,
) -> int:
    from cchc_xl.rounds.following.status import part_lines, reason_sentence
    from cchc_xl.rounds.keeping.folder import open_round
    from cchc_xl.rounds.receiving.deciding import decide as decide_on

    seen = decide_on(folder, sha256, unit, reject, everyone=everyone, reason=reason, now=now(), who=who())
    the_round, ui = open_round(folder), words("cli")["summary"]
    fate, why = words("round")["fates"][seen.fate.value], reason_sentence(seen, the_round)
    print(ui["fate"].format(name=without_controls(seen.arrival.name), fate=fate, reason=why).rstrip(": "))
    for unit_name, part_fate in part_lines(seen, the_round):
        print(ui["unit_state"].format(unit=unit_name, state=part_fate))
    return DONE


def approve(folder: RoundFolder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.receiving.deciding import approve as act

    return _act(act, folder, unit, reason)


def send_back(folder: RoundFolder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.receiving.deciding import send_back as act

    return _act(act, folder, unit, reason)


def lock(folder: RoundFolder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.receiving.deciding import lock as act

    return _act(act, folder, unit, reason)


def reopen(folder: RoundFolder, unit: UnitCode, reason: Reason) -> int:
    from cchc_xl.rounds.receiving.deciding import reopen as act

    return _act(act, folder, unit, reason)


def _act(act: Callable, folder: Path, unit: str, reason: str) -> int:
    standing = act(folder, unit, reason=reason, now=now(), who=who())
    state = words("round")["states"][standing.stage.value]
    print(words("cli")["summary"]["unit_state"].format(unit=standing.unit.full_name, state=state))
    return DONE


def explanation(
    folder: RoundFolder,
    unit: UnitCode,
    rule: Annotated[str, typer.Option("--rule", metavar="ID", help=HELP["rule"], show_default=False)],
    reason: Reason,
    accept: Annotated[bool, typer.Option("--accept/--return", help=HELP["accept"], show_default=False)],
) -> int:
    from cchc_xl.rounds.following.explaining import rule_on_explanation

    ruled = rule_on_explanation(folder, unit, rule, accept=accept, reason=reason, now=now(), who=who())
    kind = "explanation_accepted" if ruled.accepted else "explanation_returned"
    text = without_controls(ruled.text)
    print(words("cli")["summary"][kind].format(unit=ruled.unit.full_name, rule=ruled.rule, text=text))
    return DONE


def note(
    folder: RoundFolder,
    unit: UnitCode,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=HELP["note_text"], show_default=False)],
) -> int:
    from cchc_xl.rounds.following.noting import note as take_note

    print(words("cli")["summary"]["noted"].format(unit=take_note(folder, unit, text, now=now(), who=who()).full_name))
    return DONE


def undo(folder: RoundFolder, reason: Reason) -> int:
    from cchc_xl.rounds.receiving.collecting import undo_collect

    ui = words("cli")["summary"]
    taken_back = undo_collect(folder, reason=reason, now=now(), who=who())
    for seen in taken_back:
        print(ui["undone_file"].format(sha256=seen.arrival.sha256, name=without_controls(seen.arrival.name)))
    print(ui["undone"].format(count=len(taken_back)))
    return DONE


def publish(
    folder: RoundFolder,
    stage: Annotated[str, typer.Option("--stage", metavar="STAGE", help=HELP["stage"], show_default=False)],
    number: Annotated[str, typer.Option("--number", metavar="N", help=HELP["report_number"], show_default=False)] = "",
    date: Annotated[str, typer.Option("--date", metavar="DATE", help=HELP["report_date"], show_default=False)] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=HELP["reason"], show_default=False)] = "",
) -> int:
    from cchc_xl.rounds.following.changed_since import changed_sentence
    from cchc_xl.rounds.following.publishing import publish as put_forward
    from cchc_xl.rounds.following.publishing import stage_sentence
    from cchc_xl.rounds.receiving.current import standing_of

    print(stage_sentence(put_forward(folder, stage, number=number, date=date, reason=reason, now=now(), who=who())))
    _, stands, events = standing_of(folder, now())
    if changed := changed_sentence(stands, events):
        print(changed)
    return DONE


COMMANDS = {
    "decide": decide,
    "approve": approve,
    "return": send_back,
    "lock": lock,
    "reopen": reopen,
    "explanation": explanation,
    "note": note,
    "undo": undo,
    "publish": publish,
}

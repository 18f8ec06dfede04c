"""Reminders (đôn đốc): who has not sent or has to send again, before the deadline and after it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.files import write_outputs
from cchc_xl.rounds.following.open_points import full_standing_of
from cchc_xl.rounds.keeping.folder import LETTERS, Round
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.arrivals import RETURNED
from cchc_xl.rounds.receiving.states import Stage, UnitStanding
from cchc_xl.rounds.sending.letter_values import deadline_text, letter_values, with_extension
from cchc_xl.rounds.sending.parcels import Packed, Parcel
from cchc_xl.rounds.sending.posting import post
from cchc_xl.rounds.sending.prepared import Prepared
from cchc_xl.text import without_controls

REMIND = "remind"
_ASKED = (Stage.NOT_SENT, Stage.TO_FIX)


def remind_round(
    folder: Path,
    now: datetime,
    who: str,
    *,
    previous: Path | None = None,
    send: bool = False,
    dry_run: bool = False,
    drafts: str = "",
    progress: Progress = quiet,
) -> Prepared:
    """A reminder for each unit that has not sent or has to correct: at most one a day, in ``folder/thu-nhap/don-doc``.

    With them one text for the group of all units, saying who is missing. Each unit's own deadline counts.
    ``send``, ``dry_run``, ``drafts``: as ``issue_round``; ``previous`` plays no part. Raises UsageError, RoundError,
    OutputError.
    """
    full = full_standing_of(folder, now, progress)
    the_round, events = full.round, full.events
    units = [one for one in full.stands.units if one.unit != the_round.roster.consolidating]  # it knows by itself
    asked = [one for one in units if one.stage in _ASKED]
    parcels = [_parcel(the_round, one, now) for one in asked]
    prepared = post(
        the_round, events, parcels, now=now, who=who, send=send, dry_run=dry_run, drafts=drafts, progress=progress
    )
    if not asked:
        return prepared
    said = words("round")["remind"]
    name, text = said["group_file"].format(day=now.date()), _group_text(the_round, units, now)
    home = folder / LETTERS / said["folder"]
    if dry_run:
        return replace(prepared, written=(*prepared.written, home / name))
    written = write_outputs(home, [(name, text.encode("utf-8-sig"))])
    return replace(prepared, written=(*prepared.written, *written.values()))


def _parcel(the_round: Round, stands: UnitStanding, now: datetime) -> Parcel:
    """A new content every day: it says how many days are left or gone by. Without a deadline there is one only."""
    about = repr((stands.stage.value, [one.sha256 for one in stands.current], _when(the_round, stands, now)))
    return Parcel(kind=REMIND, unit=stands.unit, about=about, pack=partial(_pack, the_round, stands))


def _pack(the_round: Round, stands: UnitStanding, number: int, at: datetime) -> Packed:
    unit = stands.unit
    moment = the_round.settings.deadline_of(unit.code, at)
    gone = moment is not None and moment < at
    kind = "reminder-fix" if stands.stage is Stage.TO_FIX else "reminder-after" if gone else "reminder-before"
    state = "; ".join(filter(None, (_to_do(stands), _returned(stands), _when(the_round, stands, at))))
    han = with_extension(the_round, unit, deadline_text(the_round, unit, at))
    return Packed(values=letter_values(the_round, unit, han, number, tinh_hinh=state), letter=kind)


def _to_do(stands: UnitStanding) -> str:
    """``còn 1 lỗi phải sửa, 3 mục cần giải trình``; "" where nothing is left."""
    said, ui = words("round")["remind"], words("feedback")["counts"]
    counts = {"error": stands.errors, "warning": stands.warnings}
    named = [ui[kind].format(n=count) for kind, count in counts.items() if count]
    return said["to_fix"].format(counts=ui["joint"].join(named)) if named and stands.current else ""


def _returned(stands: UnitStanding) -> str:
    """Why staff returned it."""
    if stands.verdict is None or stands.verdict.kind != RETURNED:
        return ""
    reason = without_controls(str(stands.verdict.body["reason"])).rstrip(".")
    return words("round")["remind"]["returned"].format(reason=reason)


def _when(the_round: Round, stands: UnitStanding, now: datetime) -> str:
    said, moment = words("round")["remind"], the_round.settings.deadline_of(stands.unit.code, now)
    if moment is None:
        return ""
    if moment < now:
        days = (now.date() - moment.date()).days
        return said["gone"].format(days=days) if days else said["gone_today"]
    days = (moment.date() - now.date()).days
    return said["left"].format(days=days) if days else said["left_today"]


def _group_text(the_round: Round, units: Sequence[UnitStanding], now: datetime) -> str:
    """One text for the group: who has not sent, who must correct, who is past the deadline; nobody else is named."""
    said = words("round")["remind"]
    groups: Mapping[str, Sequence[UnitStanding]] = {
        stage.value: [one for one in units if one.stage is stage] for stage in _ASKED
    }
    sent = sum(one.stage is not Stage.NOT_SENT for one in units)
    lines = [said["group_head"].format(period=the_round.period.title, sent=sent, due=len(units), day=now)]
    for stage, listed in groups.items():
        if listed:
            lines.append(said[f"group_{stage}"].format(**_listed(the_round, listed, now)))
    return "\n".join((*lines, said["group_thanks"])) + "\n"


def _listed(the_round: Round, listed: Sequence[UnitStanding], now: datetime) -> dict[str, object]:
    """How many units and which; what is the same for several of them is said once."""
    whens = {_when(the_round, one, now) for one in listed}
    if len(listed) == 1 or len(whens) > 1 or whens == {""}:
        return {"count": len(listed), "units": "; ".join(_named(the_round, one, now) for one in listed)}
    count = words("round")["remind"]["group_count"].format(count=len(listed), when=whens.pop())
    return {"count": count, "units": "; ".join(one.unit.full_name for one in listed)}


def _named(the_round: Round, stands: UnitStanding, now: datetime) -> str:
    when = _when(the_round, stands, now)
    return f"{stands.unit.full_name} ({when})" if when else stands.unit.full_name

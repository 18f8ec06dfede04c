"""The status of a round: as the JSON of the contract, and the sentences that say why a file has its fate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.model import UnitStatus
from cchc_xl.number import vietnamese
from cchc_xl.rounds.following.changed_since import changed_sentence
from cchc_xl.rounds.following.noting import last_notes
from cchc_xl.rounds.following.open_points import full_standing_of
from cchc_xl.rounds.following.publishing import publication_of, stage_sentence
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.arrivals import Arrival
from cchc_xl.rounds.receiving.states import Fate, Seen, Standing, UnitStanding

_ROWS_SHOWN = 5
_SHORT = 8  # characters of a sha256 that name a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything a look at a round shows. ``contract``: as ``status``; ``report``: where the report itself stands.

    ``notes``: sentences on what is to do next; ``problem``: what could not be looked at, or "".
    """

    contract: dict[str, object]
    units: tuple[UnitStatus, ...]
    report: str
    notes: tuple[str, ...] = ()
    problem: str = ""


def overview(folder: Path, now: datetime, progress: Progress = quiet) -> Overview:
    """Where a round stands, looked at once. Raises RoundError, RosterError."""
    full = full_standing_of(folder, now, progress)
    stands = full.stands
    return Overview(
        contract={
            "units": [_unit(one) for one in stands.units],
            "attachments": [_attachment(one, full.round) for one in stands.seen],
        },
        units=statuses_of(stands, full.events, now.tzinfo),
        report=stage_sentence(publication_of(full.events)),
        notes=tuple(filter(None, (waiting_sentence(stands.seen, folder), changed_sentence(stands, full.events)))),
        problem=full.problem,
    )


def waiting_sentence(seen: Sequence[Seen], folder: Path) -> str:
    """How a person rules on the files that wait, the first of them as the example; "" where none waits."""
    waiting = [one for one in seen if one.fate is Fate.WAITING]
    if not waiting:
        return ""
    first = waiting[0].arrival.sha256[:_SHORT]
    return words("round")["notes"]["waiting"].format(count=len(waiting), folder=folder, sha256=first)


def status(folder: Path, now: datetime) -> dict[str, object]:
    """``{"units": [...], "attachments": [...]}`` as in the contract. Raises RoundError, RosterError."""
    return overview(folder, now).contract


def unit_statuses(folder: Path, now: datetime) -> tuple[UnitStatus, ...]:
    """Where every unit stands, in roster order, the consolidating unit last. Raises RoundError, RosterError."""
    return overview(folder, now).units


def statuses_of(stands: Standing, events: Sequence[Event], zone: tzinfo | None) -> tuple[UnitStatus, ...]:
    """As ``unit_statuses``, where the standing is known; moments in ``zone``."""
    notes, arrived = last_notes(events), {one.arrival.sha256: one.arrival for one in stands.seen}
    waiting: dict[str, list[str]] = {}
    for one in stands.seen:
        if one.fate is Fate.WAITING and one.unit:
            waiting.setdefault(one.unit, []).append(one.arrival.name)
    return tuple(
        _status(one, _noted(notes.get(one.unit.code), waiting.get(one.unit.code, ()), zone), arrived, zone)
        for one in stands.units
    )


def _noted(note: Event | None, waiting: Sequence[str], zone: tzinfo | None) -> str:
    """Files of the unit that wait for a person, then the latest line about it."""
    said = words("round")["words"]
    waits = said["waits"].format(files=", ".join(waiting)) if waiting else ""
    line = said["noted"].format(text=note.body["text"], who=note.who, at=note.at.astimezone(zone)) if note else ""
    return "; ".join(filter(None, (waits, line)))


def _status(stands: UnitStanding, note: str, arrived: Mapping[str, Arrival], zone: tzinfo | None) -> UnitStatus:
    current = [arrived[one.sha256] for one in stands.current if one.sha256 in arrived]
    latest = max(current, key=lambda one: one.order, default=None)
    return UnitStatus(
        unit=stands.unit,
        state=stands.stage.value,
        when=_here(latest.received, zone) if latest else None,
        who=stands.verdict.who if stands.verdict else latest.who if latest else "",
        sha256=", ".join(one.sha256 for one in current),
        file=", ".join(one.name for one in current),
        late=stands.late,
        signed_copy=stands.signed_copy,
        note=note,
        errors=stands.errors,
        warnings=stands.warnings,
    )


def status_workbook(folder: Path, now: datetime) -> bytes:
    """The status as a workbook: units, files received, lines kept. Raises RoundError, RosterError."""
    from cchc_xl.workbook.status_book import FileLine, build

    full = full_standing_of(folder, now)
    the_round, stands, events = full.round, full.stands, full.events
    said = words("round")
    files = tuple(
        FileLine(
            name=one.arrival.name,
            unit=_known_name(the_round, one.unit),
            channel=said["channels"][one.arrival.channel],
            sender=", ".join(one.arrival.senders),
            received=_here(one.arrival.received, now.tzinfo),
            entered_by=one.arrival.who,
            fate=said["fates"][one.fate.value],
            reason=reason_sentence(one, the_round),
            sha256=one.arrival.sha256,
        )
        for one in stands.seen
    )
    report = stage_sentence(publication_of(events))
    return build(the_round.period, statuses_of(stands, events, now.tzinfo), files, report, now)


def _here(moment: datetime, zone: tzinfo | None) -> datetime:
    """By the office's clock; a date before any calendar stays what it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def _known_name(the_round: Round, code: str) -> str:
    unit = the_round.unit(code) if code else None
    return unit.full_name if unit else code


def _unit(stands: UnitStanding) -> dict[str, object]:
    return {
        "code": stands.unit.code,
        "name": stands.unit.title,
        "state": stands.stage.value,
        "sha256": stands.current[0].sha256 if stands.current else None,
        "late": stands.late,
        "signed_copy": stands.signed_copy or None,
    }


def _attachment(seen: Seen, the_round: Round) -> dict[str, object]:
    return {
        "sha256": seen.arrival.sha256,
        "name": seen.arrival.name,
        "channel": seen.arrival.channel,
        "fate": seen.fate.value,
        "unit": seen.unit or None,
        "reason": reason_sentence(seen, the_round),
    }


def reason_sentence(seen: Seen, the_round: Round) -> str:
    """Why a file has its fate, in a clerk's words; "" for a plain current one."""
    if not seen.reason:
        return ""
    said = words("round")
    args = {name: _shown(name, value, the_round) for name, value in seen.args.items()}
    if seen.reason in ("problem", "word_report", "kind", "inline"):
        texts = said["problems"] if seen.reason == "problem" else words("reader")["kinds"]
        args = {name: texts.get(str(word), word) for name, word in seen.args.items()}
    return said["reasons"][seen.reason].format(**args)


def part_lines(seen: Seen, the_round: Round) -> tuple[tuple[str, str], ...]:
    """(unit, fate) of each part of a master, in roster order; () for any other file."""
    fates = words("round")["fates"]
    return tuple((one.full_name, fates[seen.parts[one.code]]) for one in the_round.units if one.code in seen.parts)


def _shown(name: str, value: object, the_round: Round) -> str:
    if isinstance(value, Seen):
        return reason_sentence(value, the_round)
    if name == "rows" and isinstance(value, tuple):
        return _listed([row_words(key, the_round) for key in value])
    if name == "changes" and isinstance(value, tuple):
        return changes_words(value, the_round)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:%H:%M %d/%m/%Y}" if isinstance(value, datetime) else str(value)


def row_words(key: str, the_round: Round) -> str:
    row = the_round.edition.by_key[key]
    return words("round")["words"]["row"].format(code=row.code, form=row.form)


def changes_words(changed: tuple[tuple[str, str, str], ...], the_round: Round) -> str:
    """``dòng 2.2 Biểu 1: 14 → 15 …`` of a replacement."""
    said: Mapping[str, str] = words("round")["words"]
    lines = [
        said["change"].format(row=row_words(key, the_round), old=_answer(old), new=_answer(new))
        for key, old, new in changed
    ]
    return _listed(lines) or said["same"]


def _answer(text: str) -> str:
    if not text:
        return str(words("round")["words"]["blank"])
    return text if text.startswith('"') else vietnamese(Decimal(text))


def _listed(lines: list[str]) -> str:
    more = len(lines) - _ROWS_SHOWN
    rest = words("round")["words"]["more"].format(count=more) if more > 0 else ""
    return "; ".join(lines[:_ROWS_SHOWN]) + rest

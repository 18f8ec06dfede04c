"""The status of a round: as the JSON of the contract, and the sentences that say why a file has its fate."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.rounds.current import standing_of
from cchc_xl.rounds.folder import Round
from cchc_xl.rounds.states import Seen, UnitStanding

_ROWS_SHOWN = 5


def status(folder: Path, now: datetime) -> dict[str, object]:
    """``{"units": [...], "attachments": [...]}`` as in the contract. Raises RoundError, RosterError."""
    the_round, stands, _ = standing_of(folder, now)
    return {
        "units": [_unit(one) for one in stands.units],
        "attachments": [_attachment(one, the_round) for one in stands.seen],
    }


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


def _shown(name: str, value: object, the_round: Round) -> str:
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
    return text.replace(".", ",") if text else words("round")["words"]["blank"]


def _listed(lines: list[str]) -> str:
    more = len(lines) - _ROWS_SHOWN
    rest = words("round")["words"]["more"].format(count=more) if more > 0 else ""
    return "; ".join(lines[:_ROWS_SHOWN]) + rest

"""A line about a unit that no file says: a phone call, a promise, who was on leave. Kept like everything else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import open_round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.claims import by_time
from cchc_xl.text import without_controls

NOTE = "note"


def note(folder: Path, unit: str, text: str, *, now: datetime, who: str) -> ReportingUnit:
    """Keep a line about a unit; the unit. Raises UsageError (nothing said, no such unit), RoundError, OutputError."""
    said = without_controls(text)
    if not said:
        raise UsageError("note-empty")
    known = open_round(folder).unit(unit)
    if known is None:
        raise UsageError("decide-unit", unit=unit)
    ledger.add(folder, NOTE, {"unit": unit, "text": said}, now=now, who=who)
    return known


def last_notes(events: Sequence[Event]) -> Mapping[str, Event]:
    """Unit -> its latest line."""
    notes = sorted((event for event in events if event.kind == NOTE), key=by_time)
    return {str(event.body["unit"]): event for event in notes}

"""The consolidated report itself: Dự thảo, Trình ký, Đã ban hành (number and date; its files are frozen), Thay thế."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.following.changed_since import CONSOLIDATED
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import OUTPUTS
from cchc_xl.rounds.keeping.frozen import ISSUED, PUBLISHED
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.text import without_controls


class Stand(StrEnum):
    """Where the report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ISSUED = ISSUED
    REPLACED = "replaced"


_NEXT = {
    Stand.DRAFT: (Stand.SUBMITTED,),
    Stand.SUBMITTED: (Stand.DRAFT, Stand.ISSUED),
    Stand.ISSUED: (Stand.REPLACED,),
    Stand.REPLACED: (Stand.SUBMITTED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The report's stage with what was said about it. ``files``: name in ``ra`` -> sha256, of an issued one."""

    stage: Stand
    number: str = ""
    date: str = ""
    reason: str = ""
    files: Mapping[str, str] = ()  # type: ignore[assignment]


def publication_of(events: Sequence[Event]) -> Publication:
    """Where the report stands now: a draft until somebody said otherwise."""
    said = [event for event in events if event.kind == PUBLISHED]
    return _of(said[-1]) if said else Publication(stage=Stand.DRAFT, files={})


def _of(event: Event) -> Publication:
    body: Mapping = event.body
    return Publication(
        stage=Stand(body["stage"]),
        number=body["number"],
        date=body["date"],
        reason=body["reason"],
        files=dict(body["files"]),
    )


def publish(
    folder: Path, stage: str, *, number: str = "", date: str = "", reason: str = "", now: datetime, who: str
) -> Publication:
    """Move the report to a stage: draft, submitted, issued (needs number and date), replaced (needs a reason).

    An issued report's files stay as they are: later consolidations write beside them.
    Raises UsageError (a stage that does not follow, nothing consolidated yet), RoundError, OutputError.
    """
    said = words("round")["publication"]
    if stage not in set(Stand):
        raise UsageError("publish-stage", stage=stage, known=", ".join(Stand))
    events = ledger.events(folder)
    wanted, before = Stand(stage), publication_of(events)
    if wanted not in _NEXT[before.stage]:
        allowed = ", ".join(f"{one} ({said[one]})" for one in _NEXT[before.stage])
        raise UsageError("publish-order", now=said[before.stage], allowed=allowed)
    if wanted is Stand.ISSUED and not (number.strip() and date.strip()):
        raise UsageError("publish-number")
    if wanted is Stand.REPLACED and not reason.strip():
        raise UsageError("reason-missing")
    body = {
        "stage": wanted.value,
        "number": without_controls(number) or (before.number if wanted is Stand.REPLACED else ""),
        "date": _day(date) or (before.date if wanted is Stand.REPLACED else ""),
        "reason": without_controls(reason),
        "files": _files(folder, events) if wanted is Stand.ISSUED else {},
    }
    return _of(ledger.add(folder, PUBLISHED, body, now=now, who=who).event)


def _day(text: str) -> str:
    """The date as printed: 15/06/2022. Raises UsageError."""
    from cchc_xl.workbook.roster import day

    found = day(text.strip()) if text.strip() else None
    if text.strip() and found is None:
        raise UsageError("publish-date", date=without_controls(text))
    return f"{found:%d/%m/%Y}" if found else ""


def _files(folder: Path, events: Sequence[Event]) -> dict[str, str]:
    """The outputs of the last consolidation as they lie there now, the staff's own wording in them."""
    finished = [event for event in events if event.kind == CONSOLIDATED]
    written = finished[-1].body["written"] if finished else {}
    names = sorted(map(str, written.values())) if isinstance(written, Mapping) else []
    files = {name: folder / OUTPUTS / name for name in names}
    missing = [name for name, path in files.items() if not path.is_file()]
    if not files or missing:
        raise UsageError("publish-nothing", files=", ".join(missing))
    return {name: sha256_of(path.read_bytes()) for name, path in files.items()}


def stage_sentence(publication: Publication) -> str:
    """``Báo cáo tổng hợp: Đã ban hành, số 12/BC-UBND ngày 15/06/2022.``"""
    said = words("round")["publication"]
    pattern = said["line_numbered" if publication.number else "line"]
    return pattern.format(stage=said[publication.stage], number=publication.number, date=publication.date)

"""Units whose files that count are others than when the round was last consolidated: the outputs don't say it yet."""

from collections.abc import Mapping, Sequence

from cchc_xl.editions.catalogue import words
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.states import Standing

CONSOLIDATING, CONSOLIDATED = "consolidating", "consolidated"


def counted_files(stands: Standing) -> dict[str, list[str]]:
    """Unit -> sha256 of the files that count for it, or between which a person must choose."""
    files = {one.unit.code: sorted(part.sha256 for part in (*one.current, *one.contradicting)) for one in stands.units}
    return {code: shas for code, shas in files.items() if shas}


def changed_sentence(stands: Standing, events: Sequence[Event]) -> str:
    """Which units changed since the last consolidation that was finished; "" where none did, or there was none."""
    finished = max((event.seq for event in events if event.kind == CONSOLIDATED), default=0)
    begun = [event for event in events if event.kind == CONSOLIDATING and event.seq < finished]
    then = begun[-1].body.get("parts") if begun else None
    if not isinstance(then, Mapping):  # none, or entered by an earlier version of the program
        return ""
    now = counted_files(stands)
    changed = [one.unit.full_name for one in stands.units if now.get(one.unit.code) != then.get(one.unit.code)]
    return words("round")["notes"]["changed_since"].format(units=", ".join(changed)) if changed else ""

"""Files of an issued report: never written again, whether the report was replaced since or not."""

from collections.abc import Mapping, Sequence

from cchc_xl.rounds.keeping.ledger import Event

PUBLISHED, ISSUED = "published", "issued"


def frozen_in(events: Sequence[Event]) -> Mapping[str, str]:
    """Name in ``ra`` -> sha256 of every file that was ever issued."""
    frozen: dict[str, str] = {}
    for event in events:
        files = event.body.get("files")
        if event.kind == PUBLISHED and event.body["stage"] == ISSUED and isinstance(files, Mapping):
            frozen |= files
    return frozen

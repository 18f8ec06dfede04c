"""What a unit was last asked about the files that count now: also what only earlier periods and other units show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cchc_xl.rounds.keeping.ledger import Event

PREPARED, FEEDBACK, RECEIPT = "prepared", "feedback", "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``files``: sha256, sorted; how many errors and how many warnings to explain the answer to them named."""

    files: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0

    def noted(self) -> dict[str, object]:
        """What the event of the answer says about it."""
        return {"asked": {"errors": self.errors, "warnings": self.warnings}}


def asked_in(events: Sequence[Event]) -> Mapping[str, Asked]:
    """Unit -> what its latest answer asked. Looking at every earlier workbook again would make each glance slow."""
    answers = [one for one in events if one.kind == PREPARED and one.body["parcel"] in (FEEDBACK, RECEIPT)]
    latest = sorted(answers, key=lambda one: (one.at, str(one.body["content"])))
    return {str(one.body["unit"]): _asked(one.body) for one in latest}


def _asked(body: Mapping[str, object]) -> Asked:
    files, counts = body.get("parts", ()), body.get("asked", {})
    if not isinstance(files, Sequence) or not isinstance(counts, Mapping):
        return Asked()
    return Asked(
        files=tuple(sorted(map(str, files))),
        errors=int(counts.get("errors", 0)),
        warnings=int(counts.get("warnings", 0)),
    )

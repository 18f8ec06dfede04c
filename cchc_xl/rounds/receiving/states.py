"""The words of a round as values: fates of attachments, stages of units, and where everything stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.arrivals import Arrival
from cchc_xl.rounds.receiving.versions import Version


class Fate(StrEnum):
    """What became of one attachment: exactly one of these."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    NOT_A_REPORT = "not_a_report"
    WAITING = "waiting"  # a person decides


class Stage(StrEnum):
    """Where one unit stands (contract: ``state``)."""

    NOT_SENT = "not_sent"
    RECEIVED = "received"
    TO_FIX = "to_fix"
    TO_APPROVE = "to_approve"
    APPROVED = "approved"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One attachment and its fate. ``reason``: a sentence of ui/round.toml [reasons]; ``unit``: a code or "".

    ``parts``: of a master, unit -> the fate of its part.
    """

    arrival: Arrival
    fate: Fate
    unit: str = ""
    reason: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    parts: Mapping[str, Fate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStanding:
    """Where one unit stands. ``verdict``: the last approval, return, lock or reopening that still holds."""

    unit: ReportingUnit
    stage: Stage
    current: tuple[Version, ...]  # highest ranked first
    late: bool
    contradicting: tuple[Version, ...] = ()  # files between which a person must choose; then nothing is current
    signed_copy: str = ""  # sha256 of the signed PDF or scan
    errors: int = 0
    warnings: int = 0
    verdict: Event | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``seen``: every attachment in ledger order. ``units``: every unit that owes a workbook."""

    seen: tuple[Seen, ...]
    units: tuple[UnitStanding, ...]

    def unit(self, code: str) -> UnitStanding | None:
        return next((one for one in self.units if one.unit.code == code), None)

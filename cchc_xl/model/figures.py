"""What answers add up to: figures with their lineage, units as counted, files and their fates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from cchc_xl.model.answers import Finding, Submission
from cchc_xl.model.forms import Edition, Period
from cchc_xl.model.kinds import Method
from cchc_xl.model.settings import Correction, CorrectionLine, Letterhead, Target
from cchc_xl.model.units import ReportingUnit, Roster, UnitStatus


class UnitState(StrEnum):
    """Where one unit stands in a consolidation."""

    COUNTED = "counted"
    NOT_SENT = "not_sent"
    WAITING = "waiting"  # its workbooks contradict each other: a person decides


class FileFate(StrEnum):
    """What became of one file handed in: exactly one of these."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    REFUSED = "refused"
    NOT_COUNTED = "not_counted"  # another period, a unit not in the roster …


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A word of caution beside a figure: sentence key under [remarks] in findings.toml, with arguments."""

    name: str
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One unit's number inside a figure, with the cell it was read from."""

    unit: str
    value: Decimal
    file: str
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A consolidated value with its lineage. ``n`` of ``N`` units answered. None: there is no value."""

    key: str
    method: Method
    communes: Decimal | None
    own: Decimal | None
    whole: Decimal | None
    n: int
    N: int
    parts: tuple[Part, ...] = ()
    own_part: Part | None = None
    remarks: tuple[Remark, ...] = ()
    distribution: Mapping[int, int] | None = None
    deviators: tuple[Part, ...] = ()
    bounds: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One unit's workbook(s), merged, as counted, with every finding on them."""

    unit: ReportingUnit
    state: UnitState
    submission: Submission | None = None  # merged entries; None when nothing counts
    sources: Mapping[str, Submission] = field(default_factory=dict)  # key -> the workbook the entry came from
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One file handed in and what became of it. ``reason`` is a sentence key under [fates] in findings.toml."""

    submission: Submission
    fate: FileFate
    reason: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedUnit:
    """One unit's place by one indicator. ``quartile``: 1 the lowest numbers … 4 the highest, 0 for too few units."""

    unit: str
    value: Decimal
    rank: int  # ties share the better place
    quartile: int
    outlier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Units by one indicator, best first; ``silent``: codes of the due units without a number."""

    key: str
    descending: bool
    units: tuple[RankedUnit, ...]
    silent: tuple[str, ...]
    median: Decimal | None
    low: Decimal | None  # quartiles
    high: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """Everything a master, a narrative or a CSV needs: figures, units, files, findings.

    ``previous`` and ``last_year``: the same for the period before of this year and for this period a year ago, where
    their workbooks were given. ``corrections``: those the figures take in; the units' entries stay as sent.
    ``lines``: every line of ``Điều chỉnh``, applied or not. ``notices``: what is to be said of no unit's workbook.
    ``rankings``: only those that were asked for. ``statuses``: of a round kept in a folder.
    """

    edition: Edition
    period: Period
    roster: Roster
    units: tuple[Counted, ...]  # every due unit, in roster order
    own: Counted | None  # the consolidating unit, None when the roster names none
    files: tuple[HandedIn, ...]
    figures: Mapping[str, Figure]
    corrections: tuple[Correction, ...] = ()
    targets: tuple[Target, ...] = ()
    letterhead: Letterhead = field(default_factory=Letterhead)
    lines: tuple[CorrectionLine, ...] = ()
    notices: tuple[Finding, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    statuses: tuple[UnitStatus, ...] = ()
    previous: "Consolidation | None" = None
    last_year: "Consolidation | None" = None

    @property
    def N(self) -> int:
        return len(self.units)

    @property
    def sent(self) -> int:
        """How many due units have a workbook that counts."""
        return sum(unit.state is UnitState.COUNTED for unit in self.units)

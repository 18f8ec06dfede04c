"""What one unit sent, as read, and what there is to say about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_xl.model.kinds import Severity, State

_NUMBER, _NONE_ARISING, _ZERO = State.NUMBER, State.NONE_ARISING, Decimal(0)  # asked for millions of times


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A likely reason for a wrong number: rows that would give it. Offered, never applied."""

    name: str  # sentence key under [causes] in findings.toml
    keys: tuple[str, ...] = ()
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to tell the clerk. Holds no sentence: ``id`` and ``args`` are rendered from findings.toml."""

    id: str
    severity: Severity
    rule: str | None = None
    key: str | None = None
    sheet: str | None = None
    cell: str | None = None
    found: Decimal | None = None
    expected: Decimal | None = None
    explained: bool = False
    explanation: str = ""
    causes: tuple[Cause, ...] = ()
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row as answered.

    ``value``: percents in points. A formula cell whose issued formula is intact holds our recomputation;
    ``stored`` is what the file said. ``raw`` is the stored text of the cell, ``note`` its Ghi chú.
    """

    key: str
    state: State
    value: Decimal | None = None
    raw: str | None = None
    formula: str | None = None
    intact: bool = False  # the issued formula stands in the cell
    stored: Decimal | None = None
    sheet: str = ""
    cell: str = ""
    note: str = ""
    sent: "Entry | None" = None  # what the unit sent, where the consolidating unit corrected it
    corrected: str = ""  # why and by what source it was corrected

    @property
    def answered(self) -> bool:
        return self.state is _NUMBER or self.state is _NONE_ARISING

    @property
    def amount(self) -> Decimal | None:
        """The number to compute with: the value, 0 for "không phát sinh", None for no answer."""
        state = self.state
        if state is _NUMBER:
            return self.value
        return _ZERO if state is _NONE_ARISING else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitName:
    """Who a workbook says it is from."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What one unit sent, as read. ``findings`` are those of reading; checks add their own elsewhere."""

    file: str
    sha256: str
    refused: bool = False
    edition: str | None = None
    period: str | None = None
    unit: UnitName | None = None
    level: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    explanations: Mapping[str, str] = field(default_factory=dict)  # rule id -> Giải trình
    words: Mapping[str, str] = field(default_factory=dict)  # heading id -> Phần lời báo cáo
    about: Mapping[str, str] = field(default_factory=dict)  # field id -> Thông tin
    documents: tuple[tuple[str, str, str, str], ...] = ()  # number, date, kind, abstract
    relayed: bool = False  # out of a master, which also says ``file`` and ``sha256``

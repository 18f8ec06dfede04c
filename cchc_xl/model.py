"""The words of the field as frozen values. Nothing here reads, writes or computes.

Vocabulary: see README ("Words"). Numbers are ``Decimal``; ``None`` means "no value" and never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What an indicator's number is."""

    COUNT = "count"
    AMOUNT = "amount"  # of money, in the unit of number.toml
    PERCENT = "percent"  # typed by the clerk: its base is not in the form
    RATIO = "ratio"  # 100 * ratio_of[0] / ratio_of[1]
    TOTAL = "total"  # sum of total_of
    FLAG = "flag"
    CHOICE = "choice"
    HEADING = "heading"


class Cell(StrEnum):
    """What stands in an indicator's value cell of the official workbook."""

    ANSWER = "answer"
    FORMULA = "formula"
    NONE = "none"


class Method(StrEnum):
    """How an indicator consolidates (contract, table of methods)."""

    SUM = "sum"
    RATIO = "ratio"
    TOTAL = "total"
    COUNT_YES = "count_yes"
    DISTRIBUTION = "distribution"
    SAME = "same"
    SHARE = "share"
    MEAN = "mean"
    REDUCTION = "reduction"
    BOUNDS = "bounds"
    OWN = "own"
    NONE = "none"


class Whole(StrEnum):
    """What the figure of the unit as a whole is, for sums whose own part is not one more addend."""

    ADD = "add"  # communes + own
    NONE = "none"  # own means something else: no figure for the whole
    OWN = "own"  # own describes the same events: own when given


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class State(StrEnum):
    """How one row was answered."""

    NUMBER = "number"
    BLANK = "blank"
    NONE_ARISING = "none_arising"
    NOT_APPLICABLE = "not_applicable"
    UNREADABLE = "unreadable"


class Op(StrEnum):
    """The closed list of operators a relation may use."""

    AT_MOST = "<="
    LESS = "<"
    EQUAL = "=="
    UNEQUAL = "!="
    GREATER = ">"
    IN = "in"
    ANSWERED = "answered"
    BLANK = "blank"
    PLAUSIBLE = "plausible"
    LISTED = "listed"  # the row counts the documents listed on Danh mục văn bản


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One allowed value of a flag or choice row, with its words."""

    value: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One coded row of an official form. ``key`` is ``FORM/CODE``; the code is an identifier, not a position."""

    form: int
    code: str
    printed_code: str
    label: str
    unit: str
    kind: Kind
    cell: Cell
    method: Method
    owners: tuple[str, ...]  # level words whose number this is
    time: str
    choices: tuple[Choice, ...] = ()
    ratio_of: tuple[str, str] | None = None  # keys: part, base
    total_of: tuple[str, ...] = ()  # keys
    bold: str = ""  # the stretch of the label printed bold
    italic: str = ""
    accepts_value: bool = False  # a heading in which a number may stand
    foreign: Severity | None = None  # a number above 0 from a level that is not an owner
    whole: Whole = Whole.ADD
    base_of: str = ""  # reduction: the head count now
    capped_by: str = ""  # bounds: the catalogue's size
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.form}/{self.code}"

    @property
    def depth(self) -> int:
        return self.code.count(".")

    @property
    def is_percent(self) -> bool:
        return self.kind in (Kind.PERCENT, Kind.RATIO)

    @property
    def has_cell(self) -> bool:
        """True where a value may stand: answers, formulas, and headings that accept one."""
        return self.cell is not Cell.NONE or self.accepts_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One official form (Biểu mẫu)."""

    number: int
    title: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a relation holds at all: a comparison, an answered row, a level. Empty: always."""

    keys: tuple[str, ...] = ()
    op: Op | None = None
    value: Decimal | None = None
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A rule between rows: sum of ``left`` compared with sum of ``right`` (or ``constant``, or ``members``)."""

    id: str
    left: tuple[str, ...]
    op: Op
    severity: Severity
    right: tuple[str, ...] = ()
    constant: Decimal | None = None
    members: tuple[Decimal, ...] = ()
    when: Condition = Condition()
    blank_as_zero: tuple[str, ...] = ()
    escalate_percent: Decimal | None = None  # beyond this deviation from the right side ...
    escalate_to: Severity | None = None  # ... the severity is this one
    basis: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """The indicator judged."""
        return self.left[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A reporting period: code such as ``2022-6T``, its printed name, first and last day."""

    code: str
    title: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The official set of forms in force, with its relations and words."""

    id: str
    title: str
    basis: str
    level: str  # the level word of the reporting units
    levels: tuple[str, ...]  # all level words, lowest first
    forms: tuple[Form, ...]
    relations: tuple[Relation, ...]
    period_kinds: Mapping[str, Mapping[str, str]]
    words: Mapping[str, object]  # headings of Phần lời báo cáo, titles printed on forms …
    by_key: Mapping[str, Indicator] = field(repr=False)
    code_map: Mapping[str, str] = field(default_factory=dict, repr=False)  # key in the edition before -> key here

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(self.by_key.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingUnit:
    """One line of the roster."""

    code: str
    name: str
    printed_name: str = ""
    aliases: tuple[str, ...] = ()
    type: str = ""
    level: str = ""
    parent: str = ""
    consolidating: bool = False
    predecessors: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    contact: str = ""
    phone: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def title(self) -> str:
        """The name as printed on its documents, without the type word."""
        return self.printed_name or self.name

    @property
    def full_name(self) -> str:
        return f"{self.type} {self.title}".strip()

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The list of units of one round. ``consolidating`` is None when nobody has that role."""

    file: str
    units: tuple[ReportingUnit, ...]  # reporting units only, in the order of the list
    consolidating: ReportingUnit | None = None

    def find(self, code: str, day: date | None = None) -> ReportingUnit | None:
        """The unit of that code; of several that had it one after the other, the one valid on ``day``.

        Codes are used again for other units: without a day the last one in the list is meant.
        """
        everyone = (*self.units, *((self.consolidating,) if self.consolidating else ()))
        having = [unit for unit in everyone if unit.code == code]
        valid = [unit for unit in having if day is not None and unit.valid_on(day)]
        return (valid or having or [None])[-1]

    def due(self, day: date) -> tuple[ReportingUnit, ...]:
        """The reporting units valid on ``day``: the N of every figure."""
        return tuple(unit for unit in self.units if unit.valid_on(day))


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

    @property
    def answered(self) -> bool:
        return self.state in (State.NUMBER, State.NONE_ARISING)

    @property
    def amount(self) -> Decimal | None:
        """The number to compute with: the value, 0 for "không phát sinh", None for no answer."""
        if self.state is State.NONE_ARISING:
            return Decimal(0)
        return self.value if self.state is State.NUMBER else None


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
class Correction:
    """One number of one unit corrected by the consolidating unit; what was sent stays as it is.

    ``value`` None: the row counts as not answered. ``original``: the answer corrected, as shown. ``day`` and ``source``
    as the staff wrote them.
    """

    unit: str
    key: str
    value: Decimal | None
    reason: str
    source: str = ""
    who: str = ""
    day: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure should reach: at least (or at most) this value, percents in points."""

    key: str
    value: Decimal
    at_least: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityChange:
    """The staff's own severity of a rule in one round, with their reason."""

    rule: str
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRow:
    """One line of the portal where figures must be typed again: its code there, our figure, the words there.

    ``block``: whole, communes or own. Rows stand in the portal's order.
    """

    code: str
    key: str
    block: str = "whole"
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the staff set once for the letters of a round. "" or empty: what own workbook, roster and edition say."""

    symbol: str = ""  # BC-UBND, BC-SNV …
    superior: str = ""  # the body printed above the issuing one
    issuer: str = ""  # the issuing body as printed, where it is not the people's committee
    place: str = ""
    number: str = ""
    date: str = ""
    capacity: str = ""  # ranks parted by ";": KT. CHỦ TỊCH; PHÓ CHỦ TỊCH
    signer: str = ""
    receiver: str = ""  # whom the report is addressed to
    receivers: tuple[str, ...] = ()  # whom copies go to, one line each


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """Everything a master, a narrative or a CSV needs: figures, units, files, findings.

    ``previous`` and ``last_year``: the same for the period before of this year and for this period a year ago, where
    their workbooks were given. ``corrections``: those the figures take in; the units' entries stay as sent.
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
    letterhead: Letterhead = Letterhead()
    previous: "Consolidation | None" = None
    last_year: "Consolidation | None" = None

    @property
    def N(self) -> int:
        return len(self.units)

    @property
    def sent(self) -> int:
        """How many due units have a workbook that counts."""
        return sum(unit.state is UnitState.COUNTED for unit in self.units)

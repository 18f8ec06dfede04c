"""The official forms as data: an edition, its rows, its rules, its periods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cchc_xl.model.kinds import Cell, Kind, Method, Op, Severity, Whole


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
    key: str = field(init=False, repr=False, compare=False)  # of form and code

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.form}/{self.code}")

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

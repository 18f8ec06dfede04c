"""Who reports to whom: the roster and how a unit stands in a round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


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
        """The name with its type word, which a printed name may hold already."""
        if self.type and self.title.lower().startswith(f"{self.type.lower()} "):
            return self.title
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
    _having: Mapping[str, tuple[ReportingUnit, ...]] = field(init=False, repr=False, compare=False)  # by code

    def __post_init__(self) -> None:
        having: dict[str, tuple[ReportingUnit, ...]] = {}
        for unit in (*self.units, *((self.consolidating,) if self.consolidating else ())):
            having[unit.code] = (*having.get(unit.code, ()), unit)
        object.__setattr__(self, "_having", having)

    def find(self, code: str, day: date | None = None) -> ReportingUnit | None:
        """The unit of that code; of several that had it one after the other, the one valid on ``day``.

        Codes are used again for other units: without a day the last one in the list is meant.
        """
        having = self._having.get(code, ())
        valid = [unit for unit in having if day is not None and unit.valid_on(day)]
        return (valid or having or (None,))[-1]

    def due(self, day: date) -> tuple[ReportingUnit, ...]:
        """The reporting units valid on ``day``: the N of every figure."""
        return tuple(unit for unit in self.units if unit.valid_on(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatus:
    """Where one unit stands in a round kept in a folder. ``state``: a word of ui/round.toml [states].

    ``when``: when its current workbook reached us; ``who``: who entered it, or last ruled on it. ``note``: the last
    line kept about it.
    """

    unit: ReportingUnit
    state: str
    when: datetime | None = None
    who: str = ""
    sha256: str = ""
    file: str = ""
    late: bool = False
    signed_copy: str = ""
    note: str = ""
    errors: int = 0
    warnings: int = 0

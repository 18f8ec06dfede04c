"""Who leads and who lags in one row, from the units' own numbers. Units whose number is in doubt are left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.editions.glance import is_open
from cchc_xl.model import Consolidation, Counted, Finding, ReportingUnit, UnitState
from cchc_xl.number import HUNDRED, ZERO, round_half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One unit's number in a row."""

    unit: ReportingUnit
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The units of one row by their number, highest first, and those left out."""

    key: str
    places: tuple[Place, ...]
    doubtful: tuple[ReportingUnit, ...]
    over: tuple[ReportingUnit, ...]  # a percent above 100, explained

    @property
    def top(self) -> tuple[Place, ...]:
        """All units with the highest number as printed."""
        return tuple(place for place in self.places if _printed(place) == _printed(self.places[0]))

    def bottom(self, most: int) -> tuple[Place, ...]:
        """The lowest units, lowest first, none of the top; equal numbers are kept together or left out together.

        All units that share the very lowest number, however many: none is picked out of equals.
        """
        low = [place for place in self.lowest_first if _printed(place) != _printed(self.places[0])]
        if len(low) > most:
            edge = _printed(low[most])
            low = [place for place in low[:most] if _printed(place) != edge] or [
                place for place in low if _printed(place) == edge
            ]
        return tuple(low)

    @property
    def lowest_first(self) -> tuple[Place, ...]:
        """Every ranked unit; equal numbers in roster order."""
        return tuple(sorted(self.places, key=lambda place: place.value))

    @property
    def zeros(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.value == ZERO)

    @property
    def above_zero(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.value > ZERO)

    def below(self, value: Decimal) -> tuple[Place, ...]:
        """Units under the common value, lowest first."""
        return tuple(place for place in self.lowest_first if _printed(place) < round_half_up(value, 1))


def _printed(place: Place) -> Decimal:
    return round_half_up(place.value, 1)


def standing(consolidation: Consolidation, key: str) -> Standing:
    """The standing of one row. A number with an open finding on its rows, or a percent above 100, is not ranked."""
    row = consolidation.edition.by_key[key]
    judged = {key, *(row.ratio_of or ()), *row.total_of}
    values = {part.unit: part.value for part in consolidation.figures[key].parts}
    places: list[Place] = []
    doubtful, over = [], []
    for counted in consolidation.units:
        value = values.get(counted.unit.code)
        if value is None:
            continue
        if open_findings(counted, judged):
            doubtful.append(counted.unit)
        elif row.is_percent and value > HUNDRED:
            over.append(counted.unit)
        else:
            places.append(Place(unit=counted.unit, value=value))
    places.sort(key=lambda place: -place.value)  # stable: equal numbers stay in roster order
    return Standing(key=key, places=tuple(places), doubtful=tuple(doubtful), over=tuple(over))


def open_findings(counted: Counted, keys: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """Errors, and warnings about numbers not explained, on these rows (any row: None).

    Warnings about the workbook itself (an edited formula: we recompute) are for its feedback, not for a report.
    """
    wanted = None if keys is None else set(keys)
    return tuple(
        finding for finding in counted.findings if is_open(finding) and (wanted is None or finding.key in wanted)
    )


def units_in(consolidation: Consolidation, state: UnitState) -> tuple[ReportingUnit, ...]:
    """The due units in this state, in roster order."""
    return tuple(counted.unit for counted in consolidation.units if counted.state is state)

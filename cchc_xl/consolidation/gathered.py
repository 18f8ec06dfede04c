"""What one row's figure is made from, and the figure being put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.consolidation.cautions import Doubts
from cchc_xl.model import Counted, Edition, Figure, Indicator, Part, Remark
from cchc_xl.number import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one row's figure is made from.

    ``units``: the counted reporting units; ``own``: the consolidating unit's workbook, None when it has not sent;
    ``owner_name``: its name, "" when the roster names none; ``doubts``: of all of them; ``figure``: any other row's
    figure, by key.
    """

    edition: Edition
    indicator: Indicator
    units: tuple[Counted, ...]
    N: int
    own: Counted | None
    owner_name: str
    doubts: tuple[Doubts, ...]
    figure: Callable[[str], Figure]

    def parts(self) -> tuple[Part, ...]:
        """The units' answers to this row, in roster order."""
        return tuple(part for unit in self.units if (part := part_of(unit, self.indicator.key)) is not None)

    def own_part(self) -> Part | None:
        return part_of(self.own, self.indicator.key) if self.own else None

    def own_missing(self) -> tuple[Remark, ...]:
        """The remark that the consolidating unit still owes its part."""
        if self.own is None and self.owner_name:
            return (Remark(name="own-missing", args={"unit": self.owner_name}),)
        return ()


def part_of(unit: Counted, key: str) -> Part | None:
    """One unit's answer with the cell it was read from; None for no answer."""
    assert unit.submission
    entry = unit.submission.entries[key]
    amount = entry.amount
    if amount is None:
        return None
    source = unit.sources[key]
    return Part(unit=unit.unit.code, value=amount, file=source.file, sheet=entry.sheet, cell=entry.cell)


def figure_of(
    gathered: Gathered,
    *,
    communes: Decimal | None,
    whole: Decimal | None,
    parts: tuple[Part, ...],
    remarks: tuple[Remark, ...] = (),
    own: tuple[Decimal | None] | None = None,
    n: int | None = None,
    distribution: Mapping[int, int] | None = None,
    deviators: tuple[Part, ...] = (),
    bounds: tuple[Decimal, Decimal] | None = None,
) -> Figure:
    own_part = gathered.own_part()
    return Figure(
        key=gathered.indicator.key,
        method=gathered.indicator.method,
        communes=communes,
        own=own[0] if own else (own_part.value if own_part else None),
        whole=whole,
        n=len(parts) if n is None else n,
        N=gathered.N,
        parts=parts,
        own_part=own_part,
        remarks=remarks,
        distribution=distribution,
        deviators=deviators,
        bounds=bounds,
    )


def added(*values: Decimal | None) -> Decimal | None:
    """The sum of what is there; None when nothing is."""
    given = [value for value in values if value is not None]
    return sum(given, ZERO) if given else None

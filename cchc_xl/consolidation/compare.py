"""Units held against each other, and one consolidation against what was said before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.model import Consolidation, Figure, Method, Part, RankedUnit, Ranking

FAR = 3.5  # robust z-score (Iglewicz and Hoaglin) from which a number is far from the others
_MAD_TO_SIGMA = 0.6745
_FEWEST = 4  # units: fewer have no quartiles
_RANKED = (Method.SUM, Method.RATIO, Method.TOTAL, Method.SHARE, Method.MEAN, Method.REDUCTION, Method.BOUNDS)
BLOCKS = ("communes", "own", "whole")


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """One number of a figure that is no longer what it was. None: there was, or is, no value."""

    key: str
    block: str  # communes, own, whole
    old: float | None
    new: Decimal | None


def changes(before: Mapping[str, Mapping[str, object]], figures: Mapping[str, Figure]) -> tuple[FigureChange, ...]:
    """What changed since ``before``: a ``figures.json`` as read. Rows in the order of the forms."""
    found = []
    for key, figure in figures.items():
        old = before.get(key)
        if not isinstance(old, Mapping):
            continue
        for block in BLOCKS:
            was, now = old.get(block), getattr(figure, block)
            was = float(was) if isinstance(was, int | float | Decimal) else None
            if was != (None if now is None else float(now)):
                found.append(FigureChange(key=key, block=block, old=was, new=now))
    return tuple(found)


def can_rank(consolidation: Consolidation, key: str) -> bool:
    """Is this a row by which units can be put in order: a number of their own, no choice and no shared value?"""
    figure = consolidation.figures.get(key)
    return figure is not None and figure.method in _RANKED


def rankings(consolidation: Consolidation, keys: Sequence[str]) -> tuple[Ranking, ...]:
    """The units by each of these rows. A target that is a most ("at most") puts the lowest first."""
    downward = {target.key for target in consolidation.targets if not target.at_least}
    return tuple(_ranking(consolidation, key, descending=key not in downward) for key in dict.fromkeys(keys))


def _ranking(consolidation: Consolidation, key: str, *, descending: bool) -> Ranking:
    """Places by pandas: ties share the better one. Silent units stand apart and have no place."""
    import pandas as pd

    parts = {part.unit: part for part in consolidation.figures[key].parts}
    silent = tuple(unit.unit.code for unit in consolidation.units if unit.unit.code not in parts)
    values = pd.Series({code: float(part.value) for code, part in parts.items()}, dtype="float64")
    places = values.rank(method="min", ascending=not descending)
    low, middle, high = (values.quantile(q) if len(values) else None for q in (0.25, 0.5, 0.75))
    far = _far(values)
    cuts = (low, middle, high) if len(values) >= _FEWEST else ()
    units = [_ranked(part, int(places[code]), cuts, code in far) for code, part in parts.items()]
    return Ranking(
        key=key,
        descending=descending,
        units=tuple(sorted(units, key=lambda one: one.rank)),
        silent=silent,
        median=_decimal(middle),
        low=_decimal(low),
        high=_decimal(high),
    )


def _ranked(part: Part, rank: int, cuts: Sequence[float], outlier: bool) -> RankedUnit:
    quartile = 1 + sum(float(part.value) >= cut for cut in cuts) if cuts else 0
    return RankedUnit(unit=part.unit, value=part.value, rank=rank, quartile=quartile, outlier=outlier)


def _far(values) -> frozenset[str]:
    """Codes of the units whose number is far from the median, measured by the median distance from it."""
    if len(values) < _FEWEST:
        return frozenset()
    distance = (values - values.median()).abs()
    usual = distance.median()
    if not usual:
        return frozenset()
    return frozenset(values.index[_MAD_TO_SIGMA * distance / usual > FAR])


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(float(value)))

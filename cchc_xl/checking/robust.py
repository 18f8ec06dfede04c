"""Median and median absolute deviation: what is usual among units, unmoved by the few that are wrong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_NORMAL = 1.4826  # makes the median absolute deviation comparable with a standard deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The middle of many numbers and how far they spread around it (never less than was asked for)."""

    middle: float
    spread: float

    def z(self, value: float) -> float:
        """How many spreads away from the middle, signed."""
        return (value - self.middle) / self.spread


def usual(values: Sequence[float], least_spread: float) -> Usual:
    """``values``: at least one. ``least_spread``: above 0; equal values would make every other one unheard of."""
    middle = median(values)
    deviation = median(abs(value - middle) for value in values)
    return Usual(middle=middle, spread=max(_NORMAL * deviation, least_spread))


def change(now: float, before: float) -> float:
    """How much a count has changed, the same size up and down: the logarithm, 1 added for the sake of 0."""
    return math.log((now + 1) / (before + 1))

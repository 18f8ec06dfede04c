"""Slips of the hand: what a clerk may have meant when a number was typed.

Input example: 783 may be 738 with two digits the wrong way round; 7380 may be 738 with a 0 too many.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.model import Indicator, Kind
from cchc_xl.number import HUNDRED, LARGEST, decimals_of, tidy

MILLION = Decimal(10) ** 6
_SCALES = (Decimal(10), Decimal(100), Decimal(1000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A number that may have been meant. ``name``: transposed, too_large, too_small, dong or thousands."""

    name: str
    meant: Decimal
    factor: Decimal = Decimal(1)


def slips(typed: Decimal, indicator: Indicator) -> Iterator[Slip]:
    """What may have been meant by ``typed`` in a row of this kind; only numbers the row can have."""
    for slip in (*_scaled(typed, indicator), *transposed(typed)):
        if slip.meant != typed and _possible(slip.meant, indicator):
            yield slip


def transposed(typed: Decimal) -> Iterator[Slip]:
    """Two neighbouring digits the wrong way round; a number never begins with 0."""
    text = f"{typed:f}"
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    for one, other in itertools.pairwise(places):
        letters = list(text)
        letters[one], letters[other] = letters[other], letters[one]
        turned = "".join(letters)
        if text[one] != text[other] and not (turned[0] == "0" and turned[1] != "."):
            yield Slip(name="transposed", meant=tidy(Decimal(turned)))


def _scaled(typed: Decimal, indicator: Indicator) -> Iterator[Slip]:
    if typed == 0:
        return
    usual = (2, 3) if indicator.kind is Kind.COUNT else (1, 2, 3)  # "1.500" stored as 1.5: rather an amount
    if decimals_of(typed) in usual and not indicator.is_percent:
        yield Slip(name="thousands", meant=tidy(typed * 1000), factor=Decimal(1000))
    if indicator.kind is Kind.AMOUNT and typed >= MILLION:
        yield Slip(name="dong", meant=tidy(typed / MILLION), factor=MILLION)
    for factor in _SCALES:
        if not indicator.is_percent and decimals_of(typed / factor) > decimals_of(typed):
            break  # no 0 too many
        yield Slip(name="too_large", meant=tidy(typed / factor), factor=factor)
    for factor in _SCALES:
        yield Slip(name="too_small", meant=tidy(typed * factor), factor=factor)


def _possible(value: Decimal, indicator: Indicator) -> bool:
    if not 0 <= value <= LARGEST:
        return False
    if indicator.is_percent:
        return value <= HUNDRED and decimals_of(value) <= 2
    return indicator.kind is Kind.AMOUNT or value == value.to_integral_value()

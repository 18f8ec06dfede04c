"""One possible reason for a wrong number, with what the workbook would then say. Shared by every kind of diagnosis."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_xl.checking.evidence import Changes, Evidence
from cchc_xl.checking.limits import Time, time_of
from cchc_xl.checking.slips import slips
from cchc_xl.editions.catalogue import rows
from cchc_xl.model import Cause, Cell, Edition, Indicator, Kind

_SLIP_RANK = {"dong": 1.0, "thousands": 1.0, "too_large": 1.5, "transposed": 2.0, "too_small": 3.0}
SMALL = 10  # equal numbers below are often equal by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """``rank``: the lower the likelier, other things being equal. ``changes``: what would have been right."""

    rank: float
    cause: Cause
    changes: Changes = field(default_factory=dict)


def row_name(key: str, evidence: Evidence, form: int) -> str:
    """The row as a sentence names it, with its form where that is another one."""
    return rows((key,), evidence.edition, form)


def suspect_slips(key: str, evidence: Evidence, form: int) -> Iterator[Suspicion]:
    """The number of this row typed wrong: digits the wrong way round, zeros too many or too few, đồng for million."""
    typed = evidence.amount(key)
    if typed is None:
        return
    for slip in slips(typed, evidence.edition.by_key[key]):
        args = {"row": row_name(key, evidence, form), "typed": typed, "meant": slip.meant, "factor": slip.factor}
        cause = Cause(name=slip.name, keys=(key,), args=args)
        yield Suspicion(rank=_SLIP_RANK[slip.name], cause=cause, changes={key: slip.meant})


def suspect_copies(
    key: str, evidence: Evidence, form: int, needed: Decimal | None, *, stocks: bool = True
) -> Iterator[Suspicion]:
    """The number of this row taken from a neighbouring row or from the previous period.

    ``needed``: what would be right here, None when that can't be said. ``stocks``: also where a row often stays the
    same from one period to the next.
    """
    typed = evidence.amount(key)
    if not typed or typed == needed:
        return
    unsure = 1.0 if typed < SMALL else 0.0
    about = {"row": row_name(key, evidence, form), "typed": typed}
    changes = {key: needed}
    for other in neighbours(evidence.edition.by_key[key], evidence.edition):
        if evidence.amount(other) == typed:
            args = {**about, "other": row_name(other, evidence, form)}
            cause = Cause(name="neighbour", keys=(key, other), args=args)
            yield Suspicion(rank=2.4 + unsure, cause=cause, changes=changes)
    moving = time_of(evidence.edition.by_key[key]) in (Time.FLOW, Time.CUMULATIVE)
    if (moving or stocks) and evidence.amount_before(key) == typed:
        rank = 1.8 + unsure if moving else 4.5
        yield Suspicion(rank=rank, cause=Cause(name="previous", keys=(key,), args=about), changes=changes)


def suspect_swap(one: str, other: str, evidence: Evidence, form: int) -> Iterator[Suspicion]:
    """Two rows with each other's numbers."""
    first, second = evidence.amount(one), evidence.amount(other)
    if first is None or second is None or first == second:
        return
    far = max(first, second) > 3 * min(first, second)
    args = {
        "row": row_name(one, evidence, form),
        "typed": first,
        "other": row_name(other, evidence, form),
        "other_typed": second,
    }
    cause = Cause(name="rows_swapped", keys=(one, other), args=args)
    yield Suspicion(rank=2.2 if far else 1.0, cause=cause, changes={one: second, other: first})


def neighbours(indicator: Indicator, edition: Edition) -> tuple[str, ...]:
    """The rows next to this one in its form in which a number of the same kind may be typed."""
    alike = [
        one.key
        for one in edition.indicators
        if one.form == indicator.form
        and one.cell is Cell.ANSWER
        and not one.choices
        and one.is_percent == indicator.is_percent
    ]
    if indicator.key not in alike:
        return ()
    at = alike.index(indicator.key)
    return (*alike[max(0, at - 1) : at], *alike[at + 1 : at + 2])


def countable(form: int, evidence: Evidence) -> dict[str, Decimal]:
    """Rows of the form with a number above 0 that could stand in a fraction or a sum."""
    kinds = (Kind.COUNT, Kind.AMOUNT, Kind.TOTAL)
    chosen = (i for i in evidence.edition.indicators if i.form == form and i.kind in kinds)
    return {i.key: amount for i in chosen if (amount := evidence.amount(i.key))}

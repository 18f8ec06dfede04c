"""Clean workbooks from a seed, their earlier periods, and one clerk's mistake in each: what was done and where.

A mistake is seeded where the workbook or the unit's earlier one contradicts it: a printed percent or total, two rows
that are equal, a part larger than its whole, a plan. A number that could as well be right is nobody's finding.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from cchc_xl.checking.limits import Time, time_of
from cchc_xl.model import Cell, Edition, Indicator, Kind, Method, Op, Submission, UnitName
from cchc_xl.number import round_half_up
from tests.conftest import entries_of
from tests.test_shipped import script

plausible = script(Path(__file__).parent.parent / "samples" / "make_samples.py").plausible

Typed = dict[str, object]
LEAST_POINTS = Decimal("0.6")  # a percent that far off is wrong at any precision typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """``names``: causes that would be true; ``keys``: the rows it was made in; ``cells``: the workbook with it."""

    kind: str
    cells: Mapping[str, object]
    keys: frozenset[str]
    names: frozenset[str] = frozenset()
    finding: str = ""  # where the finding itself says what happened


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One unit: this period's cells, and what it sent before. ``printed``: percents and totals typed as on paper."""

    edition: Edition
    chance: random.Random
    cells: Typed
    earlier: Mapping[str, Typed]  # period -> cells
    printed: bool

    def number(self, key: str) -> Decimal | None:
        value = self.cells.get(key)
        return None if value is None or isinstance(value, str) else Decimal(str(value))


def submission(edition: Edition, cells: Mapping[str, object], *, period: str = "2022-6T", code: str = "11092"):
    return Submission(
        file=f"{code}_{period}.xlsx",
        sha256=code + period,
        edition=edition.id,
        period=period,
        unit=UnitName(code=code, name=f"Xã {code}"),
        level="xã",
        entries=entries_of(edition, cells),
    )


def world(edition: Edition, seed: int, *, printed: bool | None = None) -> World:
    chance = random.Random(seed)
    cells: Typed = dict(plausible(chance))
    as_on_paper = chance.random() < 0.5 if printed is None else printed
    earlier = {"2022-Q1": _first_quarter(edition, cells, chance), "2021-6T": _last_year(edition, cells, chance)}
    if as_on_paper:
        cells |= on_paper(edition, cells)
    return World(edition=edition, chance=chance, cells=cells, earlier=earlier, printed=as_on_paper)


def on_paper(edition: Edition, cells: Mapping[str, object]) -> Typed:
    """Every percent and total with its number typed over the formula, as from a paper report."""
    entries = entries_of(edition, cells)
    formulas = [i.key for i in edition.indicators if i.cell is Cell.FORMULA]
    return {key: amount for key in formulas if (amount := entries[key].amount) is not None}


def _first_quarter(edition: Edition, cells: Typed, chance: random.Random) -> Typed:
    """Quý I of the same unit: less of everything that adds up, plans the same, stocks nearly."""
    share = chance.uniform(0.35, 0.6)
    return {key: _before(edition.by_key[key], value, chance, share) for key, value in cells.items()}


def _last_year(edition: Edition, cells: Typed, chance: random.Random) -> Typed:
    """The same period of last year: everything alike, nothing the same."""
    return {key: _before(edition.by_key[key], value, chance, None) for key, value in cells.items()}


def _before(indicator: Indicator, value: object, chance: random.Random, share: float | None) -> object:
    if isinstance(value, str) or indicator.choices or indicator.method is Method.SAME:
        return value
    time, number = time_of(indicator), Decimal(str(value))
    if time is Time.SINCE:
        return max(Decimal(0), number - chance.choice([0, 0, 1]))
    if indicator.is_percent or (share is not None and time is Time.PLAN):
        return value
    if time is Time.STOCK:
        return max(0, int(number) + chance.choice([-1, 0, 0, 0, 1]))
    return int(float(number) * (share * chance.uniform(0.8, 1.1) if share else chance.uniform(0.8, 1.25)))


def mistakes(edition: Edition, count: int) -> Iterator[tuple[World, Mistake]]:
    """``count`` mistakes, each kind as often as the others."""
    kinds = tuple(KINDS)
    for number in range(count):
        kind, seed = kinds[number % len(kinds)], number
        while True:
            one = world(edition, seed)
            made = KINDS[kind](one)
            if made is not None:
                yield one, made
                break
            seed += 1_000_003  # this unit has no place for such a mistake: another one


# --- the kinds --------------------------------------------------------------------------------------------------


def _wrong_ratio(one: World) -> Mistake | None:
    """A percent from a wrong part, a wrong base, or both."""
    options = []
    for ratio in _ratios(one):
        part, base = ratio.ratio_of
        rows = [k for k in _counts(one, ratio.form) if one.number(k)]
        pairs = [(p, b) for p in rows for b in rows if p != b and (p, b) != (part, base) and (p == part or b == base)]
        for other in pairs:
            typed = _percent(one, *other)
            if 0 < typed <= 100 and abs(typed - _percent(one, part, base)) > LEAST_POINTS:
                options.append((ratio.key, other, typed))
    if not options:
        return None
    key, used, typed = one.chance.choice(options)
    names = frozenset({"other_part", "other_base"})
    return Mistake(kind="wrong ratio", cells=one.cells | {key: typed}, keys=frozenset(used), names=names)


def _swapped(one: World) -> Mistake | None:
    """The fraction turned round, or two rows with each other's numbers."""
    unequal = [r for r in _ratios(one) if one.number(r.ratio_of[0]) != one.number(r.ratio_of[1])]
    unequal = [r for r in unequal if one.number(r.ratio_of[0])]
    if not unequal:
        return None
    ratio = one.chance.choice(unequal)
    part, base = ratio.ratio_of
    if one.chance.random() < 0.5:
        cells, names = one.cells | {ratio.key: _percent(one, base, part)}, {"swapped"}
    else:
        cells, names = one.cells | {part: one.cells[base], base: one.cells[part]}, {"rows_swapped"}
    return Mistake(kind="swapped parts", cells=cells, keys=frozenset({part, base}), names=frozenset(names))


def _ten_times(one: World) -> Mistake | None:
    """One, two or three zeros too many; đồng where million đồng is meant."""

    def wrong(key: str) -> Iterator[tuple[object, str]]:
        number = one.number(key)
        if number:
            yield number * one.chance.choice([10, 10, 10, 100, 1000]), "too_large"
            if one.edition.by_key[key].kind is Kind.AMOUNT:
                yield number * 1_000_000, "dong"

    return _in_a_row(one, "×10", wrong)


def _transposed(one: World) -> Mistake | None:
    """Two neighbouring digits the wrong way round."""

    def wrong(key: str) -> Iterator[tuple[object, str]]:
        text = str(one.number(key)) if one.number(key) is not None else ""
        for at, (first, second) in enumerate(pairwise(text)):
            turned = text[:at] + second + first + text[at + 2 :]
            if first.isdigit() and second.isdigit() and first != second and turned[0] != "0":
                yield Decimal(turned), "transposed"

    return _in_a_row(one, "transposed digits", wrong)


def _wrong_row(one: World) -> Mistake | None:
    """The number of the next row typed in this one."""
    answers = [i for i in one.edition.indicators if i.cell is Cell.ANSWER and not i.choices and not i.is_percent]
    beside: dict[str, list[str]] = {}
    for first, second in pairwise(answers):
        if first.form == second.form:
            beside.setdefault(first.key, []).append(second.key)
            beside.setdefault(second.key, []).append(first.key)

    def wrong(key: str) -> Iterator[tuple[object, str]]:
        for other in beside.get(key, ()):
            if one.number(other):
                yield one.number(other), "neighbour"

    return _in_a_row(one, "wrong row", wrong)


def _copied(one: World) -> Mistake | None:
    """Last period's workbook with new dates, or one number left from it."""
    if one.chance.random() < 0.5:
        cells = one.cells | dict(one.earlier["2022-Q1"])
        cells |= on_paper(one.edition, dict(one.earlier["2022-Q1"])) if one.printed else {}
        return Mistake(kind="copied period", cells=cells, keys=frozenset(), finding="history-copy")

    def wrong(key: str) -> Iterator[tuple[object, str]]:
        before = one.earlier["2022-Q1"].get(key)
        if before and not isinstance(before, str):
            yield Decimal(str(before)), "previous"

    return _in_a_row(one, "copied period", wrong)


def _over_typed(one: World) -> Mistake | None:
    """A number from nowhere over a formula; over a total also one that leaves out or repeats a part."""
    entries = entries_of(one.edition, one.cells)
    formulas = [i for i in one.edition.indicators if i.cell is Cell.FORMULA and entries[i.key].amount]
    indicator = one.chance.choice(formulas)
    right = entries[indicator.key].amount
    assert right is not None
    if indicator.ratio_of:
        typed = right
        while abs(typed - right) <= LEAST_POINTS:
            typed = Decimal(one.chance.randint(1, 1000)) / 10
        names = {"overtyped"}
    else:
        parts = [a for key in indicator.total_of if (a := entries[key].amount)]
        typed, name = one.chance.choice(
            [(right + one.chance.choice(parts), "double"), (right + one.chance.randint(1, 9), "overtyped")]
        )
        names = {name, "overtyped", "double", "transposed"}  # a made-up number may be the double by chance
    return Mistake(
        kind="over-typed formula",
        cells=one.cells | {indicator.key: typed},
        keys=frozenset({indicator.key}),
        names=frozenset(names),
    )


KINDS: Mapping[str, Callable[[World], Mistake | None]] = {
    "wrong ratio": _wrong_ratio,
    "swapped parts": _swapped,
    "×10": _ten_times,
    "transposed digits": _transposed,
    "wrong row": _wrong_row,
    "copied period": _copied,
    "over-typed formula": _over_typed,
}


# --- where a wrong number is contradicted -----------------------------------------------------------------------


def _in_a_row(one: World, kind: str, wrong: Callable[[str], Iterator[tuple[object, str]]]) -> Mistake | None:
    options = [
        (key, value, name)
        for key in one.cells
        if one.edition.by_key[key].kind in (Kind.COUNT, Kind.AMOUNT)
        for value, name in wrong(key)
        if value != one.number(key) and _contradicted(one, key, Decimal(str(value)))
    ]
    if not options:
        return None
    key, value, name = one.chance.choice(options)
    return Mistake(kind=kind, cells=one.cells | {key: value}, keys=frozenset({key}), names=frozenset({name}))


def _contradicted(one: World, key: str, value: Decimal) -> bool:
    """Does a printed percent or total, an equality, a limit or the plan of the year speak against this number?"""
    indicator = one.edition.by_key[key]
    changed = one.cells | {key: value}
    if time_of(indicator) is Time.PLAN:
        return True
    before = one.earlier["2022-Q1"].get(key)
    moving = time_of(indicator) in (Time.FLOW, Time.CUMULATIVE) and indicator.method is not Method.SAME
    if moving and isinstance(before, int) and value < before * Decimal("0.97"):
        return True
    if one.printed and any(_off_paper(one, i, changed) for i in one.edition.indicators if i.ratio_of or i.total_of):
        return True
    return any(_broken(relation, changed) for relation in one.edition.relations)


def _off_paper(one: World, formula: Indicator, changed: Typed) -> bool:
    printed = one.number(formula.key)
    if printed is None or formula.cell is not Cell.FORMULA:
        return False
    parts = [changed.get(key) for key in formula.ratio_of or formula.total_of]
    if any(part is None or isinstance(part, str) for part in parts):
        return False
    numbers = [Decimal(str(part)) for part in parts]
    if not formula.ratio_of:
        return sum(numbers) != printed
    return numbers[1] != 0 and abs(100 * numbers[0] / numbers[1] - printed) > LEAST_POINTS


def _broken(relation, cells: Typed) -> bool:
    if relation.op not in (Op.EQUAL, Op.AT_MOST) or not relation.right or relation.when.keys:
        return False
    sides = []
    for keys in (relation.left, relation.right):
        numbers = [cells.get(key, 0 if key in relation.blank_as_zero else None) for key in keys]
        if any(number is None or isinstance(number, str) for number in numbers):
            return False
        sides.append(sum(Decimal(str(number)) for number in numbers))
    if relation.op is Op.AT_MOST:
        return sides[0] > sides[1]
    within = (relation.escalate_percent or Decimal(0)) * abs(sides[1]) / 100
    return abs(sides[0] - sides[1]) > within


def _ratios(one: World) -> list[Indicator]:
    return [i for i in one.edition.indicators if i.ratio_of and all((one.number(key) or 0) >= 1 for key in i.ratio_of)]


def _counts(one: World, form: int) -> list[str]:
    kinds = (Kind.COUNT, Kind.AMOUNT)
    return [i.key for i in one.edition.indicators if i.form == form and i.kind in kinds and i.key in one.cells]


def _percent(one: World, part: str, base: str) -> Decimal:
    return round_half_up(100 * one.number(part) / one.number(base), 1)

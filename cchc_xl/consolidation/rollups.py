"""One small function for each way of consolidating. All take what was gathered for one row and give a figure.

Common to all: a blank never counts; "nothing arose" counts as an answer of 0; n of N units answered.
Percents are in points and unrounded. See the contract's table of methods.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal

from cchc_xl.consolidation.cautions import with_cautions
from cchc_xl.consolidation.gathered import Gathered, added, figure_of, part_of
from cchc_xl.model import Counted, Figure, Indicator, Kind, Method, Part, Remark, State, Whole
from cchc_xl.number import HUNDRED, ZERO, percent_of, vietnamese
from cchc_xl.relations.rules import exact_ratio, misses_a_part, total_of_given


def roll_up(gathered: Gathered) -> Figure:
    """The figure of one row, by its declared method."""
    figure = _BY_METHOD[gathered.indicator.method](gathered)
    return with_cautions(figure, gathered.indicator, gathered.doubts)


def _sum(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    communes = added(*(part.value for part in parts))
    own_part = gathered.own_part()
    own = own_part.value if own_part else None
    remarks: tuple[Remark, ...] = ()
    match gathered.indicator.whole:
        case Whole.NONE:
            whole, remarks = None, gathered.own_missing()
            if gathered.owner_name:
                remarks = (*remarks, Remark(name="level-meaning", args={"unit": gathered.owner_name}))
        case Whole.OWN:
            whole = communes if own is None else own
            remarks = _same_events(gathered, own, communes) if own is not None else gathered.own_missing()
        case _:  # Whole.ADD
            whole = added(communes, own)
            remarks = gathered.own_missing()
    return figure_of(gathered, communes=communes, whole=whole, parts=parts, remarks=remarks)


def _same_events(gathered: Gathered, own: Decimal | None, communes: Decimal | None) -> tuple[Remark, ...]:
    """The own number holds the units' events; where it is the smaller one, somebody has to look."""
    said = (Remark(name="same-events", args={"unit": gathered.owner_name}),)
    if own is None or communes is None or own >= communes or gathered.indicator.is_percent:
        return said
    return (*said, Remark(name="own-less", args={"unit": gathered.owner_name, "own": own, "communes": communes}))


def _ratio(gathered: Gathered) -> Figure:
    indicator = gathered.indicator
    assert indicator.ratio_of
    pairs = [pair for unit in gathered.units if (pair := _pair(unit, indicator)) is not None]
    parts = tuple(part for part, _, _ in pairs if part is not None)
    a, b = sum((a for _, a, _ in pairs), ZERO), sum((b for _, _, b in pairs), ZERO)
    own_pair = _pair(gathered.own, indicator) if gathered.own else None
    own = _own_ratio(gathered)
    remarks = gathered.own_missing()
    if all(gathered.edition.by_key[key].method is Method.SAME for key in indicator.ratio_of):
        part, base = (gathered.figure(key).whole for key in indicator.ratio_of)
        value = None if part is None or base is None else percent_of(part, base)
        ties = tuple(one for key in indicator.ratio_of for one in gathered.figure(key).remarks if one.name == "tie")
        return figure_of(gathered, communes=value, whole=value, parts=parts, own=(own,), n=len(pairs), remarks=ties)
    communes = percent_of(a, b)
    whole = communes
    if own_pair and indicator.whole is Whole.OWN:
        whole, remarks = own, _same_events(gathered, own, communes)
    elif own_pair:
        whole = percent_of(a + own_pair[1], b + own_pair[2])
    return figure_of(gathered, communes=communes, whole=whole, parts=parts, own=(own,), n=len(pairs), remarks=remarks)


def _own_ratio(gathered: Gathered) -> Decimal | None:
    """The consolidating unit's ratio: from its parts; as typed only where a part is missing. None on 0/0."""
    if not gathered.own or not gathered.own.submission:
        return None
    entries = gathered.own.submission.entries
    if misses_a_part(gathered.indicator, entries):
        return entries[gathered.indicator.key].amount
    return exact_ratio(gathered.indicator, entries)


def _pair(unit: Counted, indicator: Indicator) -> tuple[Part | None, Decimal, Decimal] | None:
    """(the unit's own ratio, part, base) of a unit that answered both; the ratio is None on a base of 0."""
    assert unit.submission and indicator.ratio_of
    entries = unit.submission.entries
    a, b = (entries[key].amount for key in indicator.ratio_of)
    if a is None or b is None:
        return None
    value = percent_of(a, b)
    if value is None:
        return None, a, b
    entry, source = entries[indicator.key], unit.sources[indicator.key]
    return Part(unit=unit.unit.code, value=value, file=source.file, sheet=entry.sheet, cell=entry.cell), a, b


def _total(gathered: Gathered) -> Figure:
    indicator = gathered.indicator
    children = [gathered.figure(key) for key in indicator.total_of]
    missing = tuple(gathered.edition.by_key[child.key].code for child in children if child.whole is None)
    whole = added(*(child.whole for child in children))
    remarks = gathered.own_missing()
    if missing and whole is not None:
        remarks = (*remarks, Remark(name="partial", args={"codes": missing}))
    bare = tuple(unit.unit.full_name for unit in gathered.units if _gives_only_the_total(unit, indicator))
    if bare:
        remarks = (*remarks, Remark(name="only-total", args={"count": len(bare), "units": bare}))
    return figure_of(
        gathered,
        communes=added(*(child.communes for child in children)),
        whole=whole,
        parts=gathered.parts(),
        remarks=remarks,
    )


def _gives_only_the_total(unit: Counted, indicator: Indicator) -> bool:
    """A total typed by a unit that answered none of the rows it is made of: it can't be in the figure."""
    assert unit.submission
    entries = unit.submission.entries
    return entries[indicator.key].answered and total_of_given(indicator, entries) is None


def _count_yes(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    count = Decimal(sum(part.value == 1 for part in parts)) if parts else None
    return figure_of(gathered, communes=count, whole=count, parts=parts)


def _distribution(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    counts = Counter(part.value for part in parts)
    values = {Decimal(choice.value) for choice in gathered.indicator.choices} | set(counts)
    none_arising = sum(
        unit.submission.entries[gathered.indicator.key].state is State.NONE_ARISING
        for unit in gathered.units
        if unit.submission
    )
    remarks: tuple[Remark, ...] = ()
    if none_arising and gathered.indicator.kind is Kind.CHOICE:
        remarks = (Remark(name="none-arising-choice", args={"count": none_arising}),)
    return figure_of(
        gathered,
        communes=None,
        whole=None,
        parts=parts,
        remarks=remarks,
        distribution={value: counts[value] for value in sorted(values)},
    )


def _same(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    own_part = gathered.own_part()
    value, remarks = (own_part.value, ()) if own_part else _most_frequent(gathered, parts)
    deviators = tuple(part for part in parts if value is not None and part.value != value)
    if deviators:
        remarks = (*remarks, Remark(name="deviators", args={"units": _named(gathered, deviators)}))
    return figure_of(gathered, communes=value, whole=value, parts=parts, remarks=remarks, deviators=deviators)


def _most_frequent(gathered: Gathered, parts: tuple[Part, ...]) -> tuple[Decimal | None, tuple[Remark, ...]]:
    ranked = Counter(part.value for part in parts).most_common()
    if not ranked:
        return None, ()
    top = sorted(value for value, count in ranked if count == ranked[0][1])
    if len(top) == 1:
        return top[0], ()
    return None, (Remark(name="tie", args={"values": tuple(top), "unit": gathered.owner_name or "?"}),)


def _named(gathered: Gathered, parts: tuple[Part, ...]) -> tuple[str, ...]:
    names = {unit.unit.code: unit.unit.full_name for unit in gathered.units}
    return tuple(f"{names[part.unit]} ({vietnamese(part.value)})" for part in parts)


def _share(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    full = Decimal(sum(part.value == HUNDRED for part in parts))
    value = HUNDRED * full / gathered.N if parts and gathered.N else None
    silent = gathered.N - len(parts)
    remarks = (Remark(name="share-silent", args={"count": silent}),) if value is not None and silent else ()
    return figure_of(gathered, communes=value, whole=value, parts=parts, remarks=remarks)


def _own_if_given(gathered: Gathered, value: Decimal | None) -> Decimal | None:
    own_part = gathered.own_part()
    return own_part.value if own_part else value


def _derived(gathered: Gathered, name: str, **args: object) -> Remark:
    """How the units' number was made; with an own number given, that is the figure and this only stands beside it."""
    if gathered.own_part():
        return Remark(name=f"{name}-beside", args={"unit": gathered.owner_name, **args})
    return Remark(name=name, args=args)


def _mean(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    value = sum((part.value for part in parts), ZERO) / len(parts) if parts else None
    remarks = (_derived(gathered, "mean", n=len(parts)),) if parts else ()
    return figure_of(gathered, communes=value, whole=_own_if_given(gathered, value), parts=parts, remarks=remarks)


def _reduction(gathered: Gathered) -> Figure:
    """From each unit's percent p and head count now, its base is now / (1 - p/100); bases and heads add up."""
    parts = []
    now_sum = base_sum = ZERO
    for unit in gathered.units:
        part, now = part_of(unit, gathered.indicator.key), part_of(unit, gathered.indicator.base_of)
        if part is None or now is None or part.value >= HUNDRED:
            continue
        parts.append(part)
        now_sum += now.value
        base_sum += now.value / (1 - part.value / HUNDRED)
    value = HUNDRED * (1 - now_sum / base_sum) if base_sum else None
    remarks = (_derived(gathered, "estimate", n=len(parts)),) if value is not None else ()
    return figure_of(
        gathered, communes=value, whole=_own_if_given(gathered, value), parts=tuple(parts), remarks=remarks
    )


def _bounds(gathered: Gathered) -> Figure:
    """Distinct things over units: at least the largest count, at most the sum or the catalogue's size."""
    parts = gathered.parts()
    if not parts:
        return figure_of(gathered, communes=None, whole=_own_if_given(gathered, None), parts=parts)
    low = max(part.value for part in parts)
    high = sum((part.value for part in parts), ZERO)
    cap = gathered.figure(gathered.indicator.capped_by).whole
    if cap is not None:
        high = max(low, min(high, cap))
    return figure_of(
        gathered,
        communes=low,
        whole=_own_if_given(gathered, low),
        parts=parts,
        remarks=(_derived(gathered, "bounds", low=low, high=high),),
        bounds=(low, high),
    )


def _own(gathered: Gathered) -> Figure:
    """Only the consolidating unit can say; what reporting units repeat is never added."""
    own_part = gathered.own_part()
    own = own_part.value if own_part else None
    if gathered.indicator.ratio_of:
        own = _own_ratio(gathered)
    n = len(gathered.parts())
    return figure_of(gathered, communes=None, whole=own, parts=(), own=(own,), n=n, remarks=gathered.own_missing())


_BY_METHOD: Mapping[Method, Callable[[Gathered], Figure]] = {
    Method.SUM: _sum,
    Method.RATIO: _ratio,
    Method.TOTAL: _total,
    Method.COUNT_YES: _count_yes,
    Method.DISTRIBUTION: _distribution,
    Method.SAME: _same,
    Method.SHARE: _share,
    Method.MEAN: _mean,
    Method.REDUCTION: _reduction,
    Method.BOUNDS: _bounds,
    Method.OWN: _own,
}

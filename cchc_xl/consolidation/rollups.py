"""One small function for each way of consolidating. All take what was gathered for one row and give a figure.

Common to all: a blank never counts; "nothing arose" counts as an answer of 0; n of N units answered.
Percents are in points and unrounded. See the contract's table of methods.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cchc_xl.model import (
    Counted,
    Edition,
    Figure,
    Finding,
    Indicator,
    Kind,
    Method,
    Part,
    Remark,
    Severity,
    State,
    Whole,
)
from cchc_xl.number import HUNDRED, ZERO, percent_of, vietnamese
from cchc_xl.relations.rules import exact_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one row's figure is made from.

    ``units``: the counted reporting units; ``own``: the consolidating unit's workbook, None when it has not sent;
    ``owner_name``: its name, "" when the roster names none; ``figure``: any other row's figure, by key.
    """

    edition: Edition
    indicator: Indicator
    units: tuple[Counted, ...]
    N: int
    own: Counted | None
    owner_name: str
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
    if entry.amount is None:
        return None
    source = unit.sources[key]
    return Part(unit=unit.unit.code, value=entry.amount, file=source.file, sheet=entry.sheet, cell=entry.cell)


def roll_up(gathered: Gathered) -> Figure:
    """The figure of one row, by its declared method."""
    figure = _BY_METHOD[gathered.indicator.method](gathered)
    return _with_cautions(figure, gathered)


def _figure(
    gathered: Gathered,
    *,
    communes: Decimal | None,
    whole: Decimal | None,
    parts: tuple[Part, ...],
    remarks: tuple[Remark, ...] = (),
    own: Decimal | None = None,
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
        own=own if own is not None else (own_part.value if own_part else None),
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


def _with_cautions(figure: Figure, gathered: Gathered) -> Figure:
    """Units whose cell could not be read, or whose number is flagged and not explained, are named beside it."""
    keys = {gathered.indicator.key, *(gathered.indicator.ratio_of or ()), *gathered.indicator.total_of}
    unread, flagged = [], []
    for unit in (*gathered.units, *((gathered.own,) if gathered.own else ())):
        assert unit.submission
        if any(unit.submission.entries[key].state is State.UNREADABLE for key in keys):
            unread.append(unit.unit.title)
        elif any(finding.key in keys and _open(finding) for finding in unit.findings):
            flagged.append(unit.unit.title)
    remarks = list(figure.remarks)
    if unread:
        remarks.append(Remark(name="unreadable", args={"count": len(unread), "units": tuple(unread)}))
    if flagged and (figure.communes is not None or figure.whole is not None or figure.distribution is not None):
        remarks.append(Remark(name="flagged", args={"count": len(flagged), "units": tuple(flagged)}))
    return replace(figure, remarks=tuple(remarks)) if remarks else figure


def _open(finding: Finding) -> bool:
    """Still to be corrected or explained. A number of another level is not in the figure at all."""
    waiting = finding.severity is Severity.WARNING and not finding.explained
    return (finding.severity is Severity.ERROR or waiting) and finding.id != "level-foreign"


def added(*values: Decimal | None) -> Decimal | None:
    """The sum of what is there; None when nothing is."""
    given = [value for value in values if value is not None]
    return sum(given, ZERO) if given else None


def _sum(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    communes = added(*(part.value for part in parts))
    own_part = gathered.own_part()
    own = own_part.value if own_part else None
    remarks: tuple[Remark, ...] = ()
    match gathered.indicator.whole:
        case Whole.NONE:
            whole = None
            if gathered.owner_name:
                remarks = (Remark(name="level-meaning", args={"unit": gathered.owner_name}),)
        case Whole.OWN:
            whole = communes if own is None else own
            remarks = _same_events(gathered) if own is not None else gathered.own_missing()
        case Whole.ADD:
            whole = added(communes, own)
            remarks = gathered.own_missing()
    return _figure(gathered, communes=communes, whole=whole, parts=parts, remarks=remarks)


def _same_events(gathered: Gathered) -> tuple[Remark, ...]:
    return (Remark(name="same-events", args={"unit": gathered.owner_name}),)


def _ratio(gathered: Gathered) -> Figure:
    indicator = gathered.indicator
    assert indicator.ratio_of
    pairs = [pair for unit in gathered.units if (pair := _pair(unit, indicator)) is not None]
    parts = tuple(part for part, _, _ in pairs if part is not None)
    a, b = sum((a for _, a, _ in pairs), ZERO), sum((b for _, _, b in pairs), ZERO)
    own_pair = _pair(gathered.own, indicator) if gathered.own else None
    own = exact_ratio(indicator, gathered.own.submission.entries) if gathered.own and gathered.own.submission else None
    remarks = gathered.own_missing()
    if all(gathered.edition.by_key[key].method is Method.SAME for key in indicator.ratio_of):
        part, base = (gathered.figure(key).whole for key in indicator.ratio_of)
        value = None if part is None or base is None else percent_of(part, base)
        return _figure(gathered, communes=value, whole=value, parts=parts, own=own, n=len(pairs))
    communes = percent_of(a, b)
    whole = communes
    if own_pair and indicator.whole is Whole.OWN:
        whole, remarks = own, _same_events(gathered)
    elif own_pair:
        whole = percent_of(a + own_pair[1], b + own_pair[2])
    return _figure(gathered, communes=communes, whole=whole, parts=parts, own=own, n=len(pairs), remarks=remarks)


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
    children = [gathered.figure(key) for key in gathered.indicator.total_of]
    missing = tuple(gathered.edition.by_key[child.key].code for child in children if child.whole is None)
    whole = added(*(child.whole for child in children))
    remarks = gathered.own_missing()
    if missing and whole is not None:
        remarks = (*remarks, Remark(name="partial", args={"codes": missing}))
    return _figure(
        gathered,
        communes=added(*(child.communes for child in children)),
        whole=whole,
        parts=gathered.parts(),
        remarks=remarks,
    )


def _count_yes(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    count = Decimal(sum(part.value == 1 for part in parts)) if parts else None
    return _figure(gathered, communes=count, whole=count, parts=parts)


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
    return _figure(
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
    return _figure(gathered, communes=value, whole=value, parts=parts, remarks=remarks, deviators=deviators)


def _most_frequent(gathered: Gathered, parts: tuple[Part, ...]) -> tuple[Decimal | None, tuple[Remark, ...]]:
    ranked = Counter(part.value for part in parts).most_common()
    if not ranked:
        return None, ()
    top = sorted(value for value, count in ranked if count == ranked[0][1])
    if len(top) == 1:
        return top[0], ()
    return None, (Remark(name="tie", args={"values": tuple(top), "unit": gathered.owner_name or "?"}),)


def _named(gathered: Gathered, parts: tuple[Part, ...]) -> tuple[str, ...]:
    names = {unit.unit.code: unit.unit.title for unit in gathered.units}
    return tuple(f"{names[part.unit]} ({vietnamese(part.value)})" for part in parts)


def _share(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    full = Decimal(sum(part.value == HUNDRED for part in parts))
    value = HUNDRED * full / gathered.N if parts and gathered.N else None
    return _figure(gathered, communes=value, whole=value, parts=parts)


def _own_if_given(gathered: Gathered, value: Decimal | None) -> Decimal | None:
    own_part = gathered.own_part()
    return own_part.value if own_part else value


def _mean(gathered: Gathered) -> Figure:
    parts = gathered.parts()
    value = sum((part.value for part in parts), ZERO) / len(parts) if parts else None
    remarks = (Remark(name="mean", args={"n": len(parts)}),) if parts else ()
    return _figure(gathered, communes=value, whole=_own_if_given(gathered, value), parts=parts, remarks=remarks)


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
    remarks = (Remark(name="estimate", args={"n": len(parts)}),) if value is not None else ()
    return _figure(gathered, communes=value, whole=_own_if_given(gathered, value), parts=tuple(parts), remarks=remarks)


def _bounds(gathered: Gathered) -> Figure:
    """Distinct things over units: at least the largest count, at most the sum or the catalogue's size."""
    parts = gathered.parts()
    if not parts:
        return _figure(gathered, communes=None, whole=_own_if_given(gathered, None), parts=parts)
    low = max(part.value for part in parts)
    high = sum((part.value for part in parts), ZERO)
    cap = gathered.figure(gathered.indicator.capped_by).whole
    if cap is not None:
        high = max(low, min(high, cap))
    return _figure(
        gathered,
        communes=low,
        whole=_own_if_given(gathered, low),
        parts=parts,
        remarks=(Remark(name="bounds", args={"low": low, "high": high}),),
        bounds=(low, high),
    )


def _own(gathered: Gathered) -> Figure:
    """Only the consolidating unit can say; what reporting units repeat is never added."""
    indicator = gathered.indicator
    own: Decimal | None = None
    if gathered.own and gathered.own.submission:
        own_part = gathered.own_part()
        own = own_part.value if own_part else None
        if indicator.ratio_of:
            exact = exact_ratio(indicator, gathered.own.submission.entries)
            own = own if exact is None else exact
    n = len(gathered.parts())
    return _figure(gathered, communes=None, whole=own, parts=(), own=own, n=n, remarks=gathered.own_missing())


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

"""What makes a figure unsure: cells that could not be read, numbers that are flagged and not explained."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cchc_xl.model import Counted, Edition, Entry, Figure, Finding, Indicator, Method, Remark, Severity, State
from cchc_xl.number import vietnamese


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """The rows of one unit's workbook that are unsure, and those corrected since (key -> the corrected entry)."""

    unit: str
    is_own: bool
    unreadable: frozenset[str]
    flagged: frozenset[str]
    corrected: Mapping[str, Entry]


def doubts_of(units: Iterable[Counted], own: Counted | None, edition: Edition) -> tuple[Doubts, ...]:
    """Those with anything to say, the consolidating unit last. ``units``, ``own``: as counted."""
    sides = {relation.id: frozenset((*relation.left, *relation.right)) for relation in edition.relations}
    said = (
        *(_doubts(unit, sides, is_own=False) for unit in units),
        *([_doubts(own, sides, is_own=True)] if own else []),
    )
    return tuple(one for one in said if one.unreadable or one.flagged or one.corrected)


def _doubts(unit: Counted, sides: Mapping[str, frozenset[str]], *, is_own: bool) -> Doubts:
    assert unit.submission
    entries = unit.submission.entries
    return Doubts(
        unit=unit.unit.full_name,
        is_own=is_own,
        unreadable=frozenset(key for key, entry in entries.items() if entry.state is State.UNREADABLE),
        flagged=frozenset(key for finding in unit.findings if _open(finding) for key in _doubted(finding, sides)),
        corrected={key: entry for key, entry in entries.items() if entry.sent},
    )


def _doubted(finding: Finding, sides: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """The rows a finding puts in doubt: the one it names, and both sides of a broken relation."""
    yield finding.key or ""
    yield from sides.get(finding.rule or "", ())


def _open(finding: Finding) -> bool:
    """Still to be corrected or explained. A number of another level is not in the figure at all."""
    waiting = finding.severity is Severity.WARNING and not finding.explained
    return (finding.severity is Severity.ERROR or waiting) and finding.id != "level-foreign"


def with_cautions(figure: Figure, indicator: Indicator, doubts: Iterable[Doubts]) -> Figure:
    """Units whose cell could not be read, or whose number is flagged and not explained, are named beside it."""
    keys = {indicator.key, *(indicator.ratio_of or ()), *indicator.total_of}
    meant = [one for one in doubts if one.is_own or indicator.method is not Method.OWN]
    unread = tuple(one.unit for one in meant if not keys.isdisjoint(one.unreadable))
    flagged = tuple(one.unit for one in meant if keys.isdisjoint(one.unreadable) and not keys.isdisjoint(one.flagged))
    remarks = [*figure.remarks, *_corrected(indicator.key, keys, meant)]
    if unread:
        remarks.append(Remark(name="unreadable", args={"count": len(unread), "units": unread}))
    if flagged and (figure.communes is not None or figure.whole is not None or figure.distribution is not None):
        remarks.append(Remark(name="flagged", args={"count": len(flagged), "units": flagged}))
    return replace(figure, remarks=tuple(remarks)) if remarks else figure


def _corrected(key: str, keys: set[str], doubts: Iterable[Doubts]) -> tuple[Remark, ...]:
    """Whose number the consolidating unit corrected: from what to what, where it is this very row."""
    named = tuple(one.unit + _change(one.corrected.get(key)) for one in doubts if not keys.isdisjoint(one.corrected))
    return (Remark(name="corrected", args={"count": len(named), "units": named}),) if named else ()


def _change(entry: Entry | None) -> str:
    if entry is None or entry.sent is None:
        return ""
    return f" ({vietnamese(entry.sent.amount)} → {vietnamese(entry.amount)})"

"""A workbook as evidence: if one number were another, how many of its rules would still fail?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from cchc_xl.model import Cell, Edition, Indicator, Severity, State
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Entries, Outcome, Rule, Status, cells_used, recomputed

Changes = Mapping[str, Decimal | None]  # key -> the number it would have; None: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One workbook with its rules and which of them fail. ``before``: the previous period's entries, when known."""

    entries: Entries
    edition: Edition
    level: str
    before: Entries
    rules: Mapping[str, tuple[Rule, ...]]  # key -> the rules that look at it
    failed: frozenset[str]  # rule ids, errors and warnings
    depends: Mapping[str, tuple[str, ...]] = field(repr=False)  # key -> intact formula cells computed from it

    def amount(self, key: str) -> Decimal | None:
        return self.entries[key].amount

    def amount_before(self, key: str) -> Decimal | None:
        entry = self.before.get(key)
        return entry.amount if entry else None

    def with_changes(self, changes: Changes) -> Entries:
        """The entries if the numbers were these; issued formulas follow."""
        entries = dict(self.entries)
        for key, value in changes.items():
            entries[key] = _answered(entries, key, value)
        for key in self._following(changes):
            entries[key] = _answered(entries, key, recomputed(self.edition.by_key[key], entries))
        return entries

    def fails_with(self, changes: Changes) -> int:
        """How many rules of the whole workbook would fail."""
        entries = self.with_changes(changes)
        touched = {r.id: r for key in (*changes, *self._following(changes)) for r in self.rules.get(key, ())}
        still = sum(_fails(judge(rule, entries, self.level)) for rule in touched.values())
        return len(self.failed - touched.keys()) + still

    def _following(self, changes: Changes) -> tuple[str, ...]:
        direct = [key for changed in changes for key in self.depends.get(changed, ())]
        return tuple(dict.fromkeys((*direct, *(key for one in direct for key in self.depends.get(one, ())))))


def evidence_of(
    entries: Entries, edition: Edition, level: str, outcomes: Sequence[Outcome], before: Entries | None = None
) -> Evidence:
    """``outcomes``: every rule of the workbook as judged."""
    rules: dict[str, list[Rule]] = {}
    for outcome in outcomes:
        for key in cells_used(outcome.rule):
            rules.setdefault(key, []).append(outcome.rule)
    return Evidence(
        entries=entries,
        edition=edition,
        level=level,
        before=before or {},
        rules={key: tuple(found) for key, found in rules.items()},
        failed=frozenset(outcome.rule.id for outcome in outcomes if _fails(outcome)),
        depends=_dependents(edition.indicators, entries),
    )


def _fails(outcome: Outcome) -> bool:
    return outcome.status is Status.FAILED and outcome.severity is not Severity.NOTE


def _answered(entries: Entries, key: str, value: Decimal | None):
    state = State.BLANK if value is None else State.NUMBER
    return replace(entries[key], state=state, value=value)


def _dependents(indicators: Iterable[Indicator], entries: Entries) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for indicator in indicators:
        if indicator.cell is Cell.FORMULA and entries[indicator.key].intact:
            for part in indicator.ratio_of or indicator.total_of:
                found.setdefault(part, []).append(indicator.key)
    return {key: tuple(formulas) for key, formulas in found.items()}

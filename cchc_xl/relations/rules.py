"""What the rules are: one for each cell, one for each relation, and the tolerance of rounded numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from cchc_xl.model import Edition, Entry, Indicator, Relation, Severity
from cchc_xl.number import ZERO, decimals_of, percent_of, round_half_up, tidy

PERCENT_FLOOR = Decimal("0.05")
RATIO_DECIMALS = 1
MIN_EXPLANATION = 10  # characters
NBSP = "\u00a0"
BLANKS = ("\t", "\n", "\r", NBSP)  # beside the space: what counts as blank, on the sheet and here

Entries = Mapping[str, Entry]


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One row of the sheet ``Kiểm tra``: a cell's own rule (id = its key) or a relation (id = the relation's)."""

    id: str
    key: str
    indicator: Indicator
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rule gives on one workbook. ``finding`` and ``severity`` are set where it failed."""

    rule: Rule
    status: Status
    finding: str = ""
    severity: Severity | None = None
    found: Decimal | None = None
    expected: Decimal | None = None
    args: Mapping[str, object] = field(default_factory=dict)


_RULES: dict[tuple[int, str], tuple[Edition, tuple[Rule, ...]]] = {}  # asked for again for every workbook
_MOST_KEPT = 32


def rules_of(edition: Edition, level: str) -> tuple[Rule, ...]:
    """Every rule that a workbook of this level answers to: form by form, cells first, relations after."""
    known = _RULES.get((id(edition), level))
    if known is None:
        if len(_RULES) >= _MOST_KEPT:
            _RULES.clear()
        known = _RULES[id(edition), level] = edition, _rules(edition, level)
    return known[1]


def _rules(edition: Edition, level: str) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for form in edition.forms:
        rules += [Rule(id=i.key, key=i.key, indicator=i) for i in form.indicators if i.has_cell]
        prefix = f"{form.number}/"
        rules += [
            Rule(id=r.id, key=r.key, indicator=edition.by_key[r.key], relation=r)
            for r in edition.relations
            if r.key.startswith(prefix) and r.when.level in ("", level)
        ]
    return tuple(rules)


def recomputed(indicator: Indicator, entries: Entries) -> Decimal | None:
    """What the issued formula gives: a ratio to one decimal, a total; None where it shows nothing."""
    if indicator.ratio_of:
        exact = exact_ratio(indicator, entries)
        return None if exact is None else tidy(round_half_up(exact, RATIO_DECIMALS))
    return total_of_given(indicator, entries)


def exact_ratio(indicator: Indicator, entries: Entries) -> Decimal | None:
    """100 * part / base, unrounded; None when a part is missing or the base is 0."""
    assert indicator.ratio_of
    part, base = (entries[key].amount for key in indicator.ratio_of)
    return None if part is None or base is None else percent_of(part, base)


def misses_a_part(indicator: Indicator, entries: Entries) -> bool:
    """Is the part or the base of a ratio not answered?"""
    assert indicator.ratio_of
    return any(entries[key].amount is None for key in indicator.ratio_of)


def percent_tolerance(value: Decimal) -> Decimal:
    """Half of the last decimal left in a stored percent, at least 0.05: 42 -> 0.5, 42.4 -> 0.05."""
    return max(Decimal("0.5").scaleb(-decimals_of(value)), PERCENT_FLOOR)


def is_foreign(indicator: Indicator, level: str) -> bool:
    """True for a row that belongs to another level and is to stay blank (or 0) in this level's workbook."""
    return indicator.foreign is not None and level not in indicator.owners


def may_be_explained(rule: Rule, level: str) -> bool:
    """Can the rule ever ask for an explanation (a warning)? An error never goes away by one, a note needs none."""
    if rule.relation:
        return Severity.WARNING in (rule.relation.severity, rule.relation.escalate_to)
    return is_foreign(rule.indicator, level) and rule.indicator.foreign is Severity.WARNING


def may_be_wrong(rule: Rule) -> bool:
    """Can the rule ever be an error? Every cell can hold what it must not."""
    return rule.relation is None or Severity.ERROR in (rule.relation.severity, rule.relation.escalate_to)


def is_explained(text: str) -> bool:
    """An explanation counts from ten characters on, without blanks at its ends or twice inside (as on the sheet)."""
    return len(trimmed(text)) >= MIN_EXPLANATION


def trimmed(text: str) -> str:
    """The text as the sheet's formulas see it: ``BLANKS`` as spaces, none at its ends, one between words."""
    for blank in BLANKS:
        text = text.replace(blank, " ")
    return " ".join(part for part in text.split(" ") if part)


def total_of_given(indicator: Indicator, entries: Entries) -> Decimal | None:
    """The sum of the children that were answered; None when none was."""
    amounts = [entries[key].amount for key in indicator.total_of]
    given = [amount for amount in amounts if amount is not None]
    return sum(given, ZERO) if given else None


def percent_keys(rule: Rule) -> tuple[str, ...]:
    """The rows of a relation whose rounding is to be allowed for: all of them where percents are compared."""
    assert rule.relation
    return (*rule.relation.left, *rule.relation.right) if rule.indicator.is_percent else ()


def cells_used(rule: Rule) -> Iterator[str]:
    """The keys a rule looks at, the judged one first."""
    if rule.relation:
        yield from dict.fromkeys((*rule.relation.left, *rule.relation.right, *rule.relation.when.keys))
        return
    yield rule.key
    yield from rule.indicator.ratio_of or rule.indicator.total_of

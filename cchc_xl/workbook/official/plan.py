"""What one official workbook is to hold: who and when, what is filled in, and what every formula will show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cell, Edition, Entry, Indicator, Period, ReportingUnit, State
from cchc_xl.number import tidy
from cchc_xl.relations.excel import (
    STATE_BLANK,
    STATE_NONE_ARISING,
    STATE_NUMBER,
    STATE_UNREADABLE,
    Refs,
    verdict_word,
)
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Outcome, Rule, recomputed, rules_of, trimmed
from cchc_xl.workbook.layout import DOCUMENTS, HELPER_STATE, HELPER_VALUE, Place, places
from cchc_xl.workbook.official.remaining import takes_mark

Typed = Decimal | int | float | str

# Verdicts by urgency: the hidden columns hold these numbers, the colours follow them.
VERDICTS = ("no_data", "passed", "explained", "note", "warning", "error")
EXPLAINED, NOTE, WARNING, ERROR = 2, 3, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What a filled workbook holds: used for samples, tests, prefilled values."""

    answers: Mapping[str, Typed] = field(default_factory=dict)  # key -> what is typed in an answer cell
    typed_over: Mapping[str, Typed] = field(default_factory=dict)  # key -> typed over the formula cell
    notes: Mapping[str, str] = field(default_factory=dict)  # key -> Ghi chú
    explanations: Mapping[str, str] = field(default_factory=dict)  # rule id -> Giải trình
    words: Mapping[str, str] = field(default_factory=dict)  # outline id -> text
    about: Mapping[str, str] = field(default_factory=dict)  # field id of [about] in ui/sheets.toml -> text
    documents: tuple[tuple[str, str, str, str], ...] = ()  # number, date, kind, abstract
    previous: Mapping[str, Decimal] = field(default_factory=dict)  # last period's values, shown beside the answers
    marked: tuple[int, ...] = ()  # forms whose other rows are marked as having nothing to report
    shared: Mapping[str, Decimal] = field(default_factory=dict)  # given by the consolidating unit, to confirm


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything the sheets are written from. ``entries`` say what the sheet's own formulas make of each cell."""

    edition: Edition
    level: str
    period: Period | None
    unit: ReportingUnit | None
    consolidating: ReportingUnit | None
    fill: Fill
    place: Mapping[str, Place]
    entries: Mapping[str, Entry]
    rules: tuple[Rule, ...]
    outcomes: Mapping[str, Outcome]
    verdicts: Mapping[str, str]  # rule id -> word
    listed: int = 0  # documents on the sheet Danh mục văn bản

    def typed(self, key: str) -> Typed | None:
        """What stands typed in the cell of a row; None for a blank or a formula."""
        typed = self.fill.typed_over.get(key, self.fill.answers.get(key))
        return None if isinstance(typed, str) and not typed else typed

    def state(self, key: str) -> int:
        """The number of the helper column for the state of this row's cell."""
        return _STATES[self.entries[key].state]

    def amount(self, key: str) -> Decimal | None:
        return self.entries[key].amount

    def rank(self, rule: str) -> int:
        """The urgency of a rule's verdict: index in VERDICTS."""
        return VERDICTS.index(next(name for name in VERDICTS if verdict_words()[name] == self.verdicts[rule]))


_STATES = {
    State.BLANK: STATE_BLANK,
    State.NUMBER: STATE_NUMBER,
    State.NONE_ARISING: STATE_NONE_ARISING,
    State.UNREADABLE: STATE_UNREADABLE,
}


def texts() -> Mapping:
    """The words of the official workbook (``ui/sheets.toml``)."""
    return words("sheets")


def verdict_words() -> Mapping[str, str]:
    return texts()["verdicts"]


def plan(
    edition: Edition,
    *,
    period: Period | None,
    unit: ReportingUnit | None,
    consolidating: ReportingUnit | None,
    level: str,
    fill: Fill,
) -> Plan:
    """Compute what each cell of the workbook shows. Raises KeyError for an answer to a row that is not there."""
    unknown = {*fill.answers, *fill.typed_over} - set(edition.by_key)
    if unknown:
        raise KeyError(*sorted(unknown))
    where = places(edition)
    given = {key: value for key, value in fill.shared.items() if edition.by_key[key].cell is Cell.ANSWER}
    fill = replace(fill, answers={**given, **fill.answers}, shared=given)
    entries = _entries(edition, fill, level)
    rules = rules_of(edition, level)
    listed = sum(any(map(trimmed, document)) for document in fill.documents)
    outcomes = {rule.id: judge(rule, entries, level, listed) for rule in rules}
    explained = fill.explanations
    refs = refs_of(where, "")
    verdicts = {name: verdict_word(outcome, refs, explained.get(name, "")) for name, outcome in outcomes.items()}
    return Plan(
        edition=edition,
        level=level,
        period=period,
        unit=unit,
        consolidating=consolidating,
        fill=fill,
        place=where,
        entries=entries,
        rules=rules,
        outcomes=outcomes,
        verdicts=verdicts,
        listed=listed,
    )


def refs_of(where: Mapping[str, Place], explanation: str) -> Refs:
    """Where the verdict formulas find the helper cells; ``explanation`` is the address of the Giải trình cell."""
    said = verdict_words()
    return Refs(
        value=lambda key: where[key].absolute(HELPER_VALUE),
        state=lambda key: where[key].absolute(HELPER_STATE),
        explanation=explanation,
        documents=documents_cell(),
        **{name: said[name] for name in VERDICTS},
    )


def documents_cell() -> str:
    """Where the sheet Danh mục văn bản counts what is listed: ``'Danh mục văn bản'!$G$2``."""
    return f"'{texts()['sheets'][DOCUMENTS]}'!$G$2"


def none_arising_words() -> tuple[str, ...]:
    """The words for "nothing to report" that the sheet's formulas know, in capitals."""
    return tuple(texts()["answers"]["none_arising"])


def choice_text(value: int, label: str) -> str:
    """``1 – Có``."""
    return texts()["answers"]["choice"].format(value=value, label=label)


def _entries(edition: Edition, fill: Fill, level: str) -> Mapping[str, Entry]:
    entries: dict[str, Entry] = {}
    for key, row in edition.by_key.items():
        typed = fill.typed_over.get(key, fill.answers.get(key, ""))
        issued = row.cell is Cell.FORMULA and key not in fill.typed_over
        entry = Entry(key=key, state=State.BLANK, intact=True) if issued else _entry(row, typed)
        if entry.state is State.BLANK and row.form in fill.marked and takes_mark(row, level):
            entry = replace(entry, state=State.NONE_ARISING)
        entries[key] = entry
    for _ in edition.forms:  # totals of totals, ratios of totals: settled long before
        for key, entry in entries.items():
            if entry.intact:
                value = recomputed(edition.by_key[key], entries)
                state = State.BLANK if value is None else State.NUMBER
                entries[key] = Entry(key=key, state=state, value=value, intact=True)
    return entries


def _entry(row: Indicator, typed: Typed) -> Entry:
    """A typed cell as the helper columns see it: a number, KPS, a choice in words, nothing, or unreadable."""
    if not isinstance(typed, str):
        return Entry(key=row.key, state=State.NUMBER, value=tidy(Decimal(str(typed))))
    said = trimmed(typed)
    if not said:
        return Entry(key=row.key, state=State.BLANK)
    if said.upper() in none_arising_words():
        return Entry(key=row.key, state=State.NONE_ARISING)
    for choice in row.choices:
        if said.upper() == choice_text(choice.value, choice.label).upper():
            return Entry(key=row.key, state=State.NUMBER, value=Decimal(choice.value))
    return Entry(key=row.key, state=State.UNREADABLE, raw=typed)

"""Where the rules stand on the sheet Kiểm tra, and what its summaries show."""

from collections.abc import Mapping
from dataclasses import dataclass

from cchc_xl.model import Cell, Edition
from cchc_xl.relations.rules import Rule, is_foreign
from cchc_xl.workbook.layout import STATUS, column_letters
from cchc_xl.workbook.official.plan import ERROR, EXPLAINED, WARNING, Plan, texts

FORM, RULE, KEY, CONTENT, FOUND, EXPECTED, VERDICT, ADVICE, EXPLANATION = range(9)
# Hidden: urgency, place in the list of things to do, 1 for an answer that is owed, common words.
RANK, ORDER, DUE, WORDS = range(9, 13)

WIDTHS = (44, 124, 62, 430, 72, 72, 116, 220, 240)  # pixels, of the columns that are seen
SIZE = 11

OVERALL_ROW = 2
FORMS_ROW = 4  # the caption; then the head, one row a form, the sum
LIST_LENGTH = 8


@dataclass(frozen=True, slots=True)
class StatusRows:
    """0-based rows of the sheet. ``rows``: rule id -> row; the rules of a form stand together, relations first."""

    order: tuple[Rule, ...]
    rows: Mapping[str, int]
    forms: Mapping[int, int]
    on_key: Mapping[str, tuple[str, ...]]
    due: Mapping[int, frozenset[str]]  # form -> rules of answers that this level owes

    @property
    def total_row(self) -> int:
        return max(self.forms.values()) + 1

    @property
    def list_row(self) -> int:
        """The first row of the list of things to do."""
        return self.total_row + 3

    @property
    def head_row(self) -> int:
        return self.list_row + LIST_LENGTH + 2

    @property
    def first(self) -> int:
        return self.head_row + 1

    @property
    def last(self) -> int:
        return self.head_row + len(self.order)

    def column(self, column: int) -> str:
        """``$J$30:$J$190``: a column of the table of rules, on the sheet itself."""
        letters = column_letters(column)
        return f"${letters}${self.first + 1}:${letters}${self.last + 1}"

    def rank_cell(self, rule: str) -> str:
        return self.cell(self.rows[rule], RANK)

    def cell(self, row: int, column: int) -> str:
        """The address as seen from another sheet."""
        return f"'{texts()['sheets'][STATUS]}'!${column_letters(column)}${row + 1}"

    def rules_on(self, key: str) -> tuple[str, ...]:
        """Ids of the rules that judge this row."""
        return self.on_key[key]

    def rank_of_row(self, plan: Plan, key: str) -> int:
        return max(plan.rank(rule) for rule in self.rules_on(key))

    def counts(self, plan: Plan, form: int) -> Mapping[str, int]:
        """What the summary row of a form shows."""
        ranks = [plan.rank(rule.id) for rule in self.order if rule.indicator.form == form]
        answered = sum(plan.rank(rule) > 0 for rule in self.due[form])
        return {
            "answered": answered,
            "blank": len(self.due[form]) - answered,
            "errors": ranks.count(ERROR),
            "warnings": ranks.count(WARNING),
            "explained": ranks.count(EXPLAINED),
        }

    def form_state(self, plan: Plan, form: int) -> tuple[str, str]:
        """The cell that says how a form stands, for the form's own sheet, and what it shows."""
        return f"={self.cell(self.forms[form], ADVICE)}", form_state(self.counts(plan, form), bool(self.due[form]))


def form_state(counts: Mapping[str, int], owed: bool) -> str:
    said = texts()["status_sheet"]
    if counts["errors"]:
        return said["form_errors"]
    if counts["warnings"]:
        return said["form_warnings"]
    if owed and not counts["answered"]:
        return said["form_nothing"]
    return said["form_blanks" if counts["blank"] else "done"]


def status_rows(edition: Edition, rules: tuple[Rule, ...], level: str) -> StatusRows:
    """Lay out the sheet: form by form; rules between rows first, then each row's own rule."""
    order = tuple(sorted(rules, key=lambda rule: (rule.indicator.form, rule.relation is None)))
    forms = {form.number: FORMS_ROW + 2 + number for number, form in enumerate(edition.forms)}
    head = StatusRows(order, {}, forms, {}, {}).head_row
    on_key: dict[str, tuple[str, ...]] = {}
    for rule in order:
        on_key[rule.key] = (*on_key.get(rule.key, ()), rule.id)
    due = {number: frozenset(rule.id for rule in order if _owed(rule, number, level)) for number in forms}
    rows = {rule.id: head + 1 + number for number, rule in enumerate(order)}
    return StatusRows(order, rows, forms, on_key, due)


def _owed(rule: Rule, form: int, level: str) -> bool:
    row = rule.indicator
    own = rule.relation is None and row.cell is Cell.ANSWER
    return own and row.form == form and not is_foreign(row, level)

"""Sheet and Python say the same: every rule, as a cell formula computed by LibreOffice and as ``judge``.

Each fill is one made-up workbook: its helper cells (number, state) are one column, its verdicts another.
"""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cell, Edition, Entry, Indicator, Kind, State
from cchc_xl.number import round_half_up
from cchc_xl.relations.excel import (
    STATE_BLANK,
    STATE_NONE_ARISING,
    STATE_NUMBER,
    STATE_UNREADABLE,
    Refs,
    excel_verdict,
    verdict_word,
)
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Rule, Status, recomputed, rules_of
from cchc_xl.workbook.layout import address
from tests.conftest import CASES, SEED, entries_of, seeded_share

FILLS = 600
EXPLANATIONS = (
    "",
    "vốn kéo dài",
    "123456789",
    "1234567890",
    "  123456789 ",
    "\u00a0\u00a01234567\u00a0\u00a0",
    "a  b  c  d  e",
    "ab  cd  ef  gh",
    "\u00a0vốn bổ\u00a0sung\u00a0",
    "\tchín ký\t\t",
    "mười\nký tự",
    "\r\n123456789\r\n",
)
STATES = {
    State.NUMBER: STATE_NUMBER,
    State.BLANK: STATE_BLANK,
    State.NONE_ARISING: STATE_NONE_ARISING,
    State.UNREADABLE: STATE_UNREADABLE,
}
Fill = dict[str, Entry]
Asked = tuple[Fill, tuple[Rule, ...], int]  # the last: how many documents are listed


def answer(indicator: Indicator, chance: random.Random) -> object:
    """What a clerk may leave in an answer cell; "" for nothing."""
    draw = chance.random()
    if draw < 0.30:
        return ["", "", "", 0, 0, "KPS", "nhiều", "?"][chance.randrange(8)]
    if indicator.choices:
        return chance.choice([0, 1, 1, 2, 3, -1])
    if indicator.kind is Kind.PERCENT:
        return chance.choice([0, 100, 100, 23, "62,5", 99.9, 100.5, 8.33, 33.3, 14, -1, chance.randint(0, 99) / 10])
    if draw < 0.33:
        return chance.choice([-1, 1.5, 999999, 1000000, 1000000.4])
    top = chance.choice([3, 3, 12, 40, 200])
    return chance.randint(0, top) + (chance.choice([0, 0, 0.5]) if indicator.kind is Kind.AMOUNT else 0)


def over_formula(indicator: Indicator, entries: Fill, chance: random.Random) -> object:
    """What a clerk may have typed over a formula: right at some precision, at its edge, or wrong."""
    value = recomputed(indicator, entries)
    if value is None or chance.random() < 0.2:
        return chance.choice(["", 0, "KPS", "nhiều", 50, -3, 12.5])
    if indicator.total_of:
        return value + chance.choice([0, 0, 1, -1])
    part, base = (entries[key].amount for key in indicator.ratio_of)
    exact = 100 * part / base
    edge = chance.choice(["0", "0.05", "-0.05", "0.049", "0.051", "0.4", "0.5", "-0.5", "0.6"])
    return round_half_up(exact + Decimal(edge), chance.choice([0, 1, 2]))


def fills(edition: Edition) -> Iterator[Fill]:
    """Made-up workbooks, the same at every run. Some are nearly empty, some nearly whole."""
    chance = random.Random(SEED)
    for number in range(FILLS):
        filled = (0.1, 0.9, 1.0)[number % 3]
        typed = {
            key: answer(indicator, chance)
            for key, indicator in edition.by_key.items()
            if indicator.has_cell and indicator.cell is not Cell.FORMULA and chance.random() < filled
        }
        entries = entries_of(edition, typed)
        over = {
            key: over_formula(indicator, entries, chance)
            for key, indicator in edition.by_key.items()
            if indicator.cell is Cell.FORMULA and chance.random() < 0.5
        }
        yield entries_of(edition, typed | over)


def written_cases(edition: Edition, rules: tuple[Rule, ...]) -> Iterator[Asked]:
    """The cases that test_relations.py judges, each with its own rule."""
    by_rule = tomllib.loads((CASES / "relations.toml").read_text("utf-8"))
    for rule in rules:
        for case in by_rule.get(rule.id, ()):
            yield entries_of(edition, case["cells"]), (rule,), case.get("documents", 0)


def scratch_book(edition: Edition, asked: list[Asked], level: str) -> bytes:
    """Sheets V (numbers), S (states), E (explanations), R (verdicts), L (documents): a column for each fill."""
    stream = BytesIO()
    row_of = {key: row for row, key in enumerate(edition.by_key)}
    with xlsxwriter.Workbook(stream) as book:
        values, states, explained, results, listed = (book.add_worksheet(name) for name in "VSERL")
        for column, (entries, rules, documents) in enumerate(asked):
            for key, row in row_of.items():
                states.write_number(row, column, STATES[entries[key].state])
                amount = entries[key].amount
                # As in the official workbook: no number is the empty text of a formula, not an empty cell.
                values.write(row, column, '=""' if amount is None else float(amount))
            listed.write_number(0, column, documents)
            refs = refs_of(column, row_of)
            for row, rule in enumerate(rules):
                explained.write_string(row, column, explanation(row, column))
                here = replace(refs, explanation=f"E!{address(row, column)}")
                results.write_formula(row, column, excel_verdict(rule, here, level))
    return stream.getvalue()


def refs_of(column: int, row_of: dict[str, int]) -> Refs:
    verdicts = {name: word for name, word in words("sheets")["verdicts"].items() if name != "ready"}
    return Refs(
        value=lambda key: f"V!{address(row_of[key], column)}",
        state=lambda key: f"S!{address(row_of[key], column)}",
        explanation="",
        documents=f"L!{address(0, column)}",
        **verdicts,
    )


def listed(entries: Fill, at: int) -> int:
    """As many documents as row 1/1 says, one more, or none."""
    amount = entries["1/1"].amount
    whole = amount is not None and amount >= 0 and amount == int(amount)
    return int(amount) + at % 2 if whole and at % 3 else 0


def explanation(row: int, column: int) -> str:
    return EXPLANATIONS[(row + column) % len(EXPLANATIONS)]


@pytest.mark.parametrize("level", ["xã", "huyện"])
def test_every_verdict_of_the_sheet_is_that_of_python(edition, recalculated, share, level):
    rules = rules_of(edition, level)
    drawn = seeded_share(list(fills(edition)), share)
    asked = [*written_cases(edition, rules), *((fill, rules, listed(fill, at)) for at, fill in enumerate(drawn))]
    shown = recalculated(scratch_book(edition, asked, level))["R"]
    refs, differences, seen = refs_of(0, {}), [], set()
    for column, (entries, of_column, documents) in enumerate(asked):
        for row, rule in enumerate(of_column):
            outcome = judge(rule, entries, level, documents)
            seen.add((rule.id, outcome.status))
            said, wanted = shown.get(address(row, column)), verdict_word(outcome, refs, explanation(row, column))
            if said != wanted:
                cells = {key: entries[key].raw for key in looked_at(rule) if entries[key].raw}
                differences.append((rule.id, said, wanted, cells, explanation(row, column)))
    assert not differences, f"{len(differences)} differ: {differences[:10]}"
    for status, least in ((Status.PASSED, 0.95), (Status.FAILED, 0.95), (Status.NO_DATA, 0.85)):
        met = sum((rule.id, status) in seen for rule in rules)
        assert met >= least * len(rules), f"the fills make only {met} of {len(rules)} rules come out {status}"


def looked_at(rule: Rule) -> set[str]:
    relation = rule.relation
    if relation:
        return {*relation.left, *relation.right, *relation.when.keys}
    return {rule.key, *(rule.indicator.ratio_of or ()), *rule.indicator.total_of}

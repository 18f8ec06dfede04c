"""The rules as cell formulas and as ``judge``, computed here: the quick half of test_relations_excel.py."""

from dataclasses import replace
from decimal import Decimal
from itertools import islice, product

import pytest

from cchc_xl.model import Op
from cchc_xl.relations.excel import excel_verdict, trimmed, verdict_word
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import rules_of
from tests.conftest import entries_of
from tests.formula_values import FormulaError, compiled
from tests.test_relations import conditional
from tests.test_relations_excel import EXPLANATIONS, FILLS, STATES, fills, listed, refs_of, written_cases


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('IF(""=0,1,2)', 2),  # text is no number
        ('IF("">0,1,2)', 1),  # and greater than every one
        ("SUM(V!R1,V!R2,2)", 5),
        ("MIN(V!R1,4)-MAX(V!R2,1)", 1),
        ("-INT(-ROUND(7/2,6))", 4),
        ("ROUND(-2.5,0)", -3),
        ('LEN(TRIM(SUBSTITUTE(T("a  b"&"")," "," ")))', None),  # & is not used in our formulas
        ('LEN(TRIM(SUBSTITUTE("a\u00a0\u00a0b","\u00a0"," ")))', 3),
        ("1/0", FormulaError),
        ("V!R1+1", FormulaError),
        ("IF(TRUE,1,1/0)", 1),
    ],
)
def test_the_arithmetic_of_a_sheet(formula, value):
    cells = {"V!R1": "", "V!R2": Decimal(3)}
    if value is None:
        with pytest.raises(AssertionError):
            compiled("=" + formula)
    elif value is FormulaError:
        with pytest.raises(FormulaError):
            compiled("=" + formula)(cells)
    else:
        assert compiled("=" + formula)(cells) == value


def cells_of(entries, row_of, documents: int, said: str) -> dict[str, object]:
    """The helper cells as test_relations_excel writes them: V numbers, S states, E the explanation, L documents."""
    cells: dict[str, object] = {"L!R0": Decimal(documents), "E!R0": said}
    for key, row in row_of.items():
        amount = entries[key].amount
        cells[f"V!R{row}"] = "" if amount is None else amount
        cells[f"S!R{row}"] = Decimal(STATES[entries[key].state])
    return cells


def refs_here(row_of):
    return replace(
        refs_of(0, row_of),
        value=lambda key: f"V!R{row_of[key]}",
        state=lambda key: f"S!R{row_of[key]}",
        explanation="E!R0",
        documents="L!R0",
    )


@pytest.mark.parametrize("op", [Op.ANSWERED, Op.GREATER, Op.EQUAL])
def test_conditions_that_no_rule_of_2022_uses(edition, op):
    """As a formula and as ``judge``, on every mix of what the rows of the condition may hold."""
    row_of = {key: row for row, key in enumerate(edition.by_key)}
    refs, rule = refs_here(row_of), conditional(edition, ("1/1", "1/3.1"), op, None if op is Op.ANSWERED else 5)
    formula, words_met = compiled(excel_verdict(rule, refs, "xã")), set()
    for first, second, done in product((5, 0, 6, "", "KPS", "nhiều"), (0, 5, "", "nhiều"), (32, 34, "")):
        entries = entries_of(edition, {"1/1": first, "1/3.1": second, "1/2.1": 33, "1/2.2": done})
        wanted = verdict_word(judge(rule, entries, "xã"), refs, "")
        assert formula(cells_of(entries, row_of, 0, "")) == wanted, (first, second, done)
        words_met.add(wanted)
    assert words_met == {refs.passed, refs.error, refs.no_data}


@pytest.mark.parametrize("level", ["xã", "huyện"])
def test_every_verdict_as_a_formula_is_that_of_python(edition, share, level):
    rules, row_of = rules_of(edition, level), {key: row for row, key in enumerate(edition.by_key)}
    refs = refs_here(row_of)
    formulas = {rule.id: compiled(excel_verdict(rule, refs, level)) for rule in rules}
    drawn = list(islice(fills(edition), round(FILLS * share)))
    asked = [*written_cases(edition, rules), *((fill, rules, listed(fill, at)) for at, fill in enumerate(drawn))]
    for at, (entries, of_workbook, documents) in enumerate(asked):
        said = EXPLANATIONS[at % len(EXPLANATIONS)]
        cells = cells_of(entries, row_of, documents, said)
        for rule in of_workbook:
            wanted = verdict_word(judge(rule, entries, level, documents), refs, said)
            assert formulas[rule.id](cells) == wanted, (rule.id, said)


def test_blanks_are_written_so_that_every_system_reads_them_alike():
    """CHAR(160) is another sign on a Mac; a bare tab or line end would not survive in a formula."""
    formula = trimmed("A!B1")
    assert "CHAR(160)" not in formula and '"\u00a0"' in formula
    assert all(f"CHAR({code})" in formula for code in (9, 10, 13)) and not set(formula) & set("\t\n\r")

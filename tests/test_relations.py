"""Every rule on a few cells that a clerk could read: cases/relations.toml."""

import tomllib
from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_xl.model import Op, Severity, State
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import (
    Status,
    cells_used,
    is_explained,
    is_foreign,
    may_be_explained,
    may_be_wrong,
    percent_tolerance,
    recomputed,
    rules_of,
)
from tests.conftest import CASES, entries_of

BY_RULE = tomllib.loads((CASES / "relations.toml").read_text("utf-8"))
ALL = [pytest.param(rule, case, id=f"{rule}: {case['says']}") for rule, cases in BY_RULE.items() for case in cases]


def verdict(edition, rule_id: str, cells: dict, level: str = "xã", documents: int = 0) -> str:
    rule = next(rule for rule in rules_of(edition, level) if rule.id == rule_id)
    outcome = judge(rule, entries_of(edition, cells), level, documents)
    if outcome.status is Status.NO_DATA:
        return "undecided"
    return outcome.severity or "passed"


@pytest.mark.parametrize(("rule", "case"), ALL)
def test_case(edition, rule, case):
    assert verdict(edition, rule, case["cells"], documents=case.get("documents", 0)) == case["gives"]


def test_every_relation_has_a_quiet_and_a_loud_case(edition):
    for relation in edition.relations:
        given = {case["gives"] for case in BY_RULE[relation.id]}
        assert "passed" in given, relation.id
        assert given & {relation.severity, relation.escalate_to}, relation.id


def test_failed_says_what_was_found_and_what_was_expected(edition):
    rule = next(rule for rule in rules_of(edition, "xã") if rule.id == "1/2")
    outcome = judge(rule, entries_of(edition, {"1/2.1": 33, "1/2.2": 14, "1/2": "63,6"}), "xã")
    assert (outcome.finding, outcome.found, outcome.expected) == ("ratio-mismatch", Decimal("63.6"), Decimal("42.4"))


def test_a_workbook_of_another_level_has_no_rules_of_the_first(edition):
    commune = {rule.id for rule in rules_of(edition, "xã")}
    district = {rule.id for rule in rules_of(edition, "huyện")}
    assert commune - district == {"7/5.1.1-01", "7/5.3.1-01", "7/5.2-vs-5.2.1"}
    assert verdict(edition, "2/1.1", {"2/1.1": 2}, "huyện") == "passed"


def test_rules_come_form_by_form_and_cover_every_cell(edition):
    rules = rules_of(edition, "xã")
    forms = [rule.indicator.form for rule in rules]
    assert forms == sorted(forms)
    cells = [rule.key for rule in rules if rule.relation is None]
    assert cells == [indicator.key for indicator in edition.indicators if indicator.has_cell]
    assert len({rule.id for rule in rules}) == len(rules)
    assert len(rules) == len(cells) + len(edition.relations)


def test_an_empty_workbook_has_nothing_loud(edition):
    """A blank is "chưa có số liệu", never an error."""
    entries = entries_of(edition, {})
    for level in edition.levels:
        assert all(judge(rule, entries, level).status is not Status.FAILED for rule in rules_of(edition, level))


def test_a_row_outside_the_level_is_no_finding(edition):
    entries = entries_of(edition, {"1/1": "không thuộc phạm vi"})
    assert entries["1/1"].state is State.NOT_APPLICABLE
    rule = next(rule for rule in rules_of(edition, "xã") if rule.id == "1/1")
    assert judge(rule, entries, "xã").status is Status.PASSED


def test_a_percent_is_compared_at_the_precision_left_in_it():
    wanted = {"42": "0.5", "42.4": "0.05", "42.42": "0.05", "100": "0.5", "0": "0.5"}
    assert {value: str(percent_tolerance(Decimal(value))) for value in wanted} == wanted


@pytest.mark.parametrize(
    ("cells", "key", "value"),
    [
        ({"1/2.1": 33, "1/2.2": 14}, "1/2", "42.4"),
        ({"1/2.1": 0, "1/2.2": 0}, "1/2", None),
        ({"1/2.1": 33, "1/2.2": "KPS"}, "1/2", "0"),
        ({"1/2.1": 33}, "1/2", None),
        ({"1/2.1": 33, "1/2.2": "nhiều"}, "1/2", None),
        ({"1/2.1": 8, "1/2.2": 1}, "1/2", "12.5"),
        ({"1/2.1": 16, "1/2.2": 1}, "1/2", "6.3"),  # 6.25: half away from zero
        ({"1/2.1": 10, "1/2.2": 10}, "1/2", "100"),
        ({"3/1.4.3": 172}, "3/1.4", "172"),
        ({"3/1.4.1": "KPS", "3/1.4.3": 172}, "3/1.4", "172"),
        ({"3/1.4.1": "KPS"}, "3/1.4", "0"),
        ({}, "3/1.4", None),
    ],
)
def test_what_the_issued_formula_gives(edition, cells, key, value):
    wanted = None if value is None else Decimal(value)
    assert recomputed(edition.by_key[key], entries_of(edition, cells)) == wanted


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("", False),
        ("123456789", False),
        ("1234567890", True),
        ("  123456789  ", False),
        ("\u00a0\u00a0123456789\u00a0\u00a0", False),
        ("a    b    c", False),
        ("vốn kéo dài", True),
    ],
)
def test_an_explanation_has_ten_characters(text, enough):
    assert is_explained(text) is enough


def test_the_rows_of_other_levels(edition):
    foreign = {indicator.key for indicator in edition.indicators if is_foreign(indicator, "xã")}
    assert {"2/1.1", "2/2.1", "2/3.1", "3/1.4.1", "3/1.4.2"} <= foreign
    assert all(edition.by_key[key].foreign is not Severity.ERROR for key in foreign)


def test_every_operator_is_in_use(edition):
    assert {relation.op for relation in edition.relations} == set(Op)


# --- conditions that no rule of 2022 uses, and staff may -----------------------------------------------------------


def conditional(edition, keys, op=Op.ANSWERED, value=None):
    """2.2 <= 2.1, asked only where these rows are answered."""
    relation = next(one for one in edition.relations if one.id == "1/2.2<=2.1")
    when = replace(relation.when, keys=keys, op=op, value=value)
    rule = next(one for one in rules_of(edition, "xã") if one.id == relation.id)
    return replace(rule, relation=replace(relation, when=when))


WRONG = {"1/2.1": 33, "1/2.2": 34}


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"1/1": 5, "1/3.1": 0}, Status.FAILED),
        ({"1/1": "KPS", "1/3.1": 0}, Status.FAILED),
        ({"1/1": 5}, Status.PASSED),  # not both: not asked
        ({}, Status.PASSED),
        ({"1/1": 5, "1/3.1": "nhiều"}, Status.NO_DATA),
        ({"1/1": "nhiều"}, Status.NO_DATA),
    ],
)
def test_a_rule_asked_only_of_who_answered_other_rows(edition, cells, status):
    rule = conditional(edition, ("1/1", "1/3.1"))
    assert judge(rule, entries_of(edition, WRONG | cells), "xã").status is status


@pytest.mark.parametrize(
    ("op", "value", "cells", "status"),
    [
        (Op.GREATER, 5, {"1/1": 5}, Status.PASSED),
        (Op.GREATER, 5, {"1/1": 6}, Status.FAILED),
        (Op.EQUAL, 5, {"1/1": 5}, Status.FAILED),
        (Op.EQUAL, 5, {"1/1": 6}, Status.PASSED),
        (Op.EQUAL, 5, {}, Status.NO_DATA),
    ],
)
def test_a_rule_asked_only_at_some_number(edition, op, value, cells, status):
    rule = conditional(edition, ("1/1",), op, Decimal(value))
    assert judge(rule, entries_of(edition, WRONG | cells), "xã").status is status


@pytest.mark.parametrize(
    ("rule_id", "level", "explained", "wrong"),
    [
        ("1/1", "xã", False, True),
        ("2/1.1", "xã", True, True),  # another level's number: a warning
        ("2/1.1", "huyện", False, True),
        ("1/2.2<=2.1", "xã", False, True),
        ("3/2-sum", "xã", True, False),
        ("3/3.3.1-vs-7/6.7.1", "xã", True, False),  # a note that may become a warning
        ("1/1-documents", "xã", False, False),
    ],
)
def test_which_rules_ask_for_an_explanation_and_which_can_be_wrong(edition, rule_id, level, explained, wrong):
    rule = next(one for one in rules_of(edition, level) if one.id == rule_id)
    assert (may_be_explained(rule, level), may_be_wrong(rule)) == (explained, wrong)


def test_another_levels_note_asks_for_no_explanation(edition):
    rule = next(one for one in rules_of(edition, "xã") if one.id == "2/1.1")
    note = replace(rule, indicator=replace(rule.indicator, foreign=Severity.NOTE))
    assert not may_be_explained(note, "xã")
    assert judge(note, entries_of(edition, {"2/1.1": 1}), "xã").severity is Severity.NOTE


def test_which_cells_a_rule_looks_at(edition):
    rules = {rule.id: list(cells_used(rule)) for rule in rules_of(edition, "xã")}
    assert rules["1/1"] == ["1/1"] and rules["1/2"] == ["1/2", "1/2.2", "1/2.1"]
    assert rules["3/1.4"] == ["3/1.4", "3/1.4.1", "3/1.4.2", "3/1.4.3"]
    assert rules["1/3.3.1-needs-3"] == ["1/3.3.1", "1/3.1", "1/3.2"]
    assert rules["1/2.2<=2.1"] == ["1/2.2", "1/2.1"]


@pytest.mark.parametrize(("typed", "passes"), [("999999,9", True), (1_000_000, False), ("1000000,5", False)])
def test_an_amount_is_below_its_limit_and_not_just_at_it(edition, typed, passes):
    assert (verdict(edition, "6/1.1-size", {"6/1.1": typed}) == "passed") is passes


def test_without_a_list_of_documents_nothing_is_compared(edition):
    rule = next(one for one in rules_of(edition, "xã") if one.id == "1/1-documents")
    assert judge(rule, entries_of(edition, {"1/1": 21}), "xã").status is Status.NO_DATA

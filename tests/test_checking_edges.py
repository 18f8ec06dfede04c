"""What the checks say at the edge of what they know: no unit, no period, nothing sent, texts that are no numbers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.checking.evidence import evidence_of
from cchc_xl.checking.history import check_history
from cchc_xl.checking.jumps import usual_changes
from cchc_xl.checking.peers import MOST_TWINS, check_peers
from cchc_xl.checking.resubmission import compare, sentences
from cchc_xl.checking.slips import slips
from cchc_xl.checking.suspicion import suspect_swap
from cchc_xl.consolidation.merge import merge
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Finding, Kind, ReportingUnit, Roster, Severity, State
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import rules_of
from tests.conftest import entries_of
from tests.test_checking_cases import CODE, submission

QUARTER = "2022-Q1"
LAST_DAY = period_of(load(), QUARTER).end


def over_time(now, before, edition, roster=None) -> list[str]:
    return [one.id for one in check_history(now, before, edition, roster=roster)]


# --- earlier periods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [{"unit": None}, {"period": None}, {"period": "2022-13T"}])
def test_a_workbook_of_nobody_knows_when_is_compared_with_nothing(edition, unknown):
    before = submission({"1/2.2": 14}, period=QUARTER)
    now = submission({"1/2.2": 9})
    assert "history-fell" in over_time(now, [before], edition)
    assert over_time(replace(now, **unknown), [before], edition) == []


@pytest.mark.parametrize("lost", [{"unit": None}, {"period": None}, {"refused": True}])
def test_an_earlier_workbook_of_nobody_knows_when_is_passed_over(edition, lost):
    before = replace(submission({"1/2.2": 14}, period=QUARTER), **lost)
    assert over_time(submission({"1/2.2": 9}), [before], edition) == []


def roster_of(**unit) -> Roster:
    return Roster(file="ds.csv", units=(ReportingUnit(code=CODE, name="Bình Lãng", **unit),))


def test_another_units_earlier_workbook_is_not_ours(edition):
    other = submission({"1/2.2": 14}, period=QUARTER, code="11086", name="Hưng Đạo")
    assert over_time(submission({"1/2.2": 9}), [other], edition) == []
    assert over_time(submission({"1/2.2": 9}), [other], edition, roster_of()) == []


@pytest.mark.parametrize(
    ("since", "code", "findings"),
    [
        (LAST_DAY + timedelta(days=1), CODE, ["history-predecessors"]),  # the old unit of that code, and another one
        (LAST_DAY, CODE, ["history-fell"]),  # it was there on the period's last day: its own number
        (None, "11091", ["history-predecessors"]),  # no day given, and only another unit has sent
    ],
)
def test_a_unit_made_of_others_is_compared_from_its_day_on(edition, since, code, findings):
    roster = roster_of(predecessors=("11091", "11093"), valid_from=since)
    if since and code == CODE:
        roster = roster_of(predecessors=("11091", CODE), valid_from=since)
    before = submission({"1/2.2": 14}, period=QUARTER, code=code)
    assert over_time(submission({"1/2.2": 9}), [before], edition, roster) == findings


def test_predecessors_of_which_none_has_sent_say_nothing(edition):
    roster = roster_of(predecessors=("11091", "11093"), valid_from=date(2022, 4, 1))
    before = submission({"1/2.2": 14}, period=QUARTER, code="11086", name="Hưng Đạo")
    assert over_time(submission({"1/2.2": 9}), [before], edition, roster) == []


@pytest.mark.parametrize(
    ("was", "now", "jumps"),
    [
        *((20, 0, True), (20, 1, True), (20, 19, False), (20, 20, False), (20, 21, False)),
        (0, 60, True),
        (1, 5, False),  # five times as many, of so few
    ],
)
def test_a_number_that_comes_from_nothing_or_falls_to_it_is_a_jump_too(edition, was, now, jumps):
    before = submission({"4/2.2": was}, period=QUARTER)
    pairs = [
        (submission({"4/2.2": 20}, code=f"2{n:04}"), submission({"4/2.2": 20}, code=f"2{n:04}", period=QUARTER))
        for n in range(9)
    ]
    found = [one.id for one in check_history(submission({"4/2.2": now}), [before], edition, peers=pairs)]
    assert ("history-jump" in found) == jumps


def test_periods_of_two_editions_show_no_usual_change(edition):
    pairs = [(submission({"4/2.2": 20}), submission({"4/2.2": 20}, period=QUARTER)) for _ in range(9)]
    assert any(key[2] == "4/2.2" for key in usual_changes(pairs, edition))
    other = [(now, replace(before, edition="xa-2019")) for now, before in pairs]
    assert usual_changes(other, edition) == {}


# --- beside other units ---------------------------------------------------------------------------------------------

TWIN = {"4/2.2": 24, "5/1": 3_204, "6/1.1": 5_820, "6/1.2": 4_310, "7/6.7.1": 1_733, "3/3.3.1": 2_732, "1/2.1": 127}
TWIN |= {"1/2.2": 54, "1/1": 61, "2/1.2": 17, "3/1.4.3": 172, "3/3.3.2": 2_700, "4/2.1": 25, "5/1.1": 29}


def twins(count: int, edition) -> dict[str, list[Finding]]:
    everyone = [submission(TWIN, code=f"1{n:04}", name=f"Xã {n}") for n in range(count)]
    everyone += [submission({key: value + n for key, value in TWIN.items()}, code=f"2{n:04}") for n in range(9)]
    found = check_peers(everyone, edition)
    return {code: [one for one in given if one.id == "peer-twin"] for code, given in found.items()}


def test_two_workbooks_with_the_same_numbers_name_each_other(edition):
    found = twins(2, edition)
    assert [found[code][0].args["unit_code"] for code in ("10000", "10001")] == ["10001", "10000"]


def test_of_many_alike_each_names_a_few(edition):
    found = twins(MOST_TWINS + 2, edition)
    assert {len(given) for code, given in found.items() if code.startswith("1")} <= {MOST_TWINS, 0}
    assert any(found.values())


# --- a second version -----------------------------------------------------------------------------------------------


def said(before, after, edition, requests=()) -> str:
    return "\n".join(sentences(compare(before, after, list(requests), edition), edition, "11092.xlsx"))


def test_a_changed_date_or_signer_nobody_asked_about_is_named_with_both_texts(edition):
    before = submission({"1/1": 21}, about={"unit_code": "11092"})
    after = submission({"1/1": 21}, about={"unit_code": "11086"})
    text = said(before, after, edition)
    assert "11092" in text and "11086" in text
    emptied = said(before, replace(after, about={}), edition)
    assert "11092" in emptied and "{" not in emptied and "None" not in emptied


def test_words_or_unit_that_were_asked_for_may_change(edition):
    before = submission({"1/1": 21}, about={"unit_code": "11092"}, words={"direction": "a"})
    after = submission({"1/1": 21}, about={"unit_code": "11086"}, words={"direction": "b"})
    parts = lambda asked: [  # noqa: E731
        one.part
        for one in compare(
            before, after, [Finding(id=name, severity=Severity.ERROR) for name in asked], edition
        ).unasked_texts
    ]
    assert parts(()) == ["words", "about"]
    assert parts(("words-none",)) == ["about"]
    assert parts(("identity-unknown",)) == ["words"]
    assert parts(("words-none", "identity-unknown")) == []


def test_a_row_that_the_first_version_lacked_counts_as_blank_there(edition):
    """A version kept from before a form got a new row."""
    after = submission({"1/1": 21})
    before = replace(after, entries={key: entry for key, entry in after.entries.items() if key != "1/1"})
    made = compare(before, after, [], edition, found=[])
    assert [(change.key, change.before) for change in made.unasked] == [("1/1", None)]
    assert "để trống → 21" in "\n".join(sentences(made, edition, "11092.xlsx"))
    assert compare(before, submission({}), [], edition, found=[]).unasked == ()


# --- ratios ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "wrong"), [("42.4", False), ("42.5", False), ("42.3", True), ("42.6", True)])
def test_a_ratio_half_way_between_may_be_rounded_either_way(edition, typed, wrong):
    """849 of 2.000 are 42,45 %."""
    found = check(submission({"1/2.1": 2000, "1/2.2": 849, "1/2": typed}), edition)
    assert ("ratio-mismatch" in [one.id for one in found]) == wrong


# --- slips of the hand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind", "thousands"),
    [
        ("1.5", Kind.COUNT, False),  # 1.500 loses two zeros and is 1.5: of a count rather another mistake
        ("1.25", Kind.COUNT, True),
        ("1.234", Kind.COUNT, True),
        ("1.5", Kind.AMOUNT, True),
        ("1.234", Kind.AMOUNT, True),
        ("12", Kind.AMOUNT, False),
        ("1.2345", Kind.AMOUNT, False),
        ("1.25", Kind.PERCENT, False),
    ],
)
def test_a_thousands_dot_taken_for_a_comma(edition, typed, kind, thousands):
    row = next(row for row in edition.indicators if row.kind is kind and row.has_cell and not row.choices)
    meant = [slip.meant for slip in slips(Decimal(typed), row) if slip.name == "thousands"]
    assert meant == ([Decimal(typed) * 1000] if thousands else [])


# --- likely causes --------------------------------------------------------------------------------------------------


def causes(edition, typed: dict, rule: str) -> list[tuple]:
    """(name, rows) of the likely causes of what fails there."""
    (finding,) = [one for one in check(submission(typed), edition) if rule in (one.rule, one.key) and one.causes]
    return [(one.name, one.keys) for one in finding.causes]


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        # a part of 0, or one like another, does not hide the one left out
        ({"3/1.4.1": 0, "3/1.4.2": 3, "3/1.4.3": 172, "3/1.4": 172}, ("left_out", ("3/1.4", "3/1.4.2"))),
        ({"3/1.4.1": 5, "3/1.4.2": 5, "3/1.4.3": 172, "3/1.4": 10}, ("left_out", ("3/1.4", "3/1.4.3"))),
        # 175 = 3 + 172 stood there, and 172 of the row below was typed in place of the 3
        ({"3/1.4.1": 172, "3/1.4.2": 172, "3/1.4.3": 0, "3/1.4": 175}, ("neighbour", ("3/1.4.1", "3/1.4.2"))),
    ],
)
def test_why_a_total_differs_from_its_parts(edition, typed, cause):
    assert cause in causes(edition, typed, "3/1.4")


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ({"2/2.1": 5, "2/2.2.1": 3}, [("2/2.1", "2/1.2")]),  # the row below is answered: the one above
        ({"2/2.1": 5, "2/1.2": 3}, [("2/2.1", "2/2.2.1")]),
        ({"2/2.1": 5}, [("2/2.1", "2/2.2.1"), ("2/2.1", "2/1.2")]),
    ],
)
def test_a_number_in_another_levels_row_may_belong_beside_it(edition, typed, rows):
    assert [keys for name, keys in causes(edition, typed, "2/2.1") if name == "own_row"] == rows


@pytest.mark.parametrize(
    ("first", "second", "rank"),
    [
        (33, 14, 1.0),
        (30, 10, 1.0),
        (31, 10, 2.2),
        (10, 31, 2.2),
        (0, 5, 2.2),
        (20, 20, None),
        ("", 20, None),
        (20, "", None),
    ],
)
def test_two_rows_with_each_others_numbers_are_likelier_the_closer_they_are(edition, first, second, rank):
    entries = entries_of(edition, {"1/2.1": first, "1/2.2": second})
    evidence = evidence_of(entries, edition, "xã", [judge(rule, entries, "xã") for rule in rules_of(edition, "xã")])
    found = list(suspect_swap("1/2.1", "1/2.2", evidence, 1))
    assert [one.rank for one in found] == ([] if rank is None else [rank])
    for one in found:
        assert one.changes == {"1/2.1": second, "1/2.2": first} and one.cause.keys == ("1/2.1", "1/2.2")


# --- two files of one unit ------------------------------------------------------------------------------------------


def test_two_unreadable_answers_to_one_row_are_two_answers(edition):
    one = submission({"1/1": "khoảng 20"}, code="11092")
    other = replace(submission({"1/1": "hơn 30"}, code="11092"), file="b.xlsx", sha256="b")
    made = merge(edition, [one, other])
    assert made.submission.entries["1/1"].state is State.UNREADABLE
    (conflict,) = made.conflicts
    assert (conflict.id, conflict.key) == ("identity-two-answers", "1/1")
    assert conflict.args == {"count": 2, "values": "khoảng 20 (11092.xlsx); hơn 30 (b.xlsx)"}
    assert merge(edition, [one, replace(one, file="b.xlsx", sha256="b")]).conflicts == ()


def test_words_come_from_the_first_file_that_has_them(edition):
    one = submission({"1/1": 20}, words={"direction": "", "tasks": "một"}, explanations={"1/1": "vì sao"})
    other = submission({"1/1": 20}, words={"direction": "hai", "tasks": "ba"}, explanations={"1/1": "khác"})
    made = merge(edition, [one, replace(other, file="b.xlsx")]).submission
    assert dict(made.words) == {"direction": "hai", "tasks": "một"} and dict(made.explanations) == {"1/1": "vì sao"}

"""What is wrong with a workbook and why, on the one real report and on small cases."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.editions.catalogue import advice, cause_sentence, message, sentences
from cchc_xl.model import Severity, Submission, UnitName

from .conftest import entries_of

SAMPLES = Path(__file__).parent.parent / "samples"


def submission_of(edition, typed, *, explanations=None, level="xã") -> Submission:
    return Submission(
        file="x.xlsx",
        sha256="x",
        edition=edition.id,
        period="2022-6T",
        unit=UnitName(code="11092", name="Bình Lãng"),
        level=level,
        entries=entries_of(edition, typed),
        explanations=explanations or {},
    )


def found(edition, typed, **more):
    """rule -> finding of errors and warnings."""
    findings = check(submission_of(edition, typed, **more), edition)
    return {one.rule: one for one in findings if one.severity is not Severity.NOTE}


@pytest.fixture(scope="module")
def real() -> dict[str, str]:
    """The figures of the one real report as printed."""
    with (SAMPLES / "binh-lang-2022-6T.tsv").open(encoding="utf-8", newline="") as rows:
        return {row["key"]: row["printed"] for row in csv.DictReader(rows, delimiter="\t") if row["printed"]}


def test_the_real_report_shows_its_mistakes_and_nothing_that_is_right(edition, real):
    assert set(found(edition, real)) == {"1/2", "6/1.2<=1.1", "7/5.2-vs-5.2.1", "7/6.7.2-needs"}


def test_the_wrong_ratio_of_the_real_report_comes_with_its_likely_cause(edition, real):
    wrong = found(edition, real)["1/2"]
    assert (wrong.id, wrong.severity, wrong.cell) == ("ratio-mismatch", Severity.ERROR, "D8")
    assert (wrong.found, wrong.expected) == (Decimal("63.6"), Decimal("42.4"))
    assert wrong.causes[0].keys == ("1/1", "1/2.1")
    assert cause_sentence(wrong.causes[0]).startswith("63,6 = 21/33")
    assert "42,4%" in message(wrong, edition) and "14/33" in message(wrong, edition)


def test_a_warning_is_explained_by_ten_characters_in_its_own_cell(edition, real):
    rule = "6/1.2<=1.1"
    short = found(edition, real, explanations={rule: "  vốn dài  "})[rule]
    long = found(edition, real, explanations={rule: "vốn năm 2021 kéo dài"})[rule]
    elsewhere = found(edition, real, explanations={"6/1": "vốn năm 2021 kéo dài"})[rule]
    assert [one.explained for one in (short, long, elsewhere)] == [False, True, False]


def test_an_error_cannot_be_explained_away(edition, real):
    assert not found(edition, real, explanations={"1/2": "số này là đúng rồi"})["1/2"].explained


@pytest.mark.parametrize("typed", [42, 42.4, 42.42])
def test_a_ratio_is_accepted_at_the_precision_typed(edition, typed):
    assert "1/2" not in found(edition, {"1/2.1": 33, "1/2.2": 14, "1/2": typed})


@pytest.mark.parametrize(
    ("typed", "cause", "keys"),
    [
        ({"1/2.1": 33, "1/2.2": 14, "1/2": 235.7}, "swapped", ("1/2.1", "1/2.2")),
        ({"1/2.1": 33, "1/2.2": 14, "1/2": 0.424}, "fraction", ("1/2.2", "1/2.1")),
        ({"1/2.1": 33, "1/2.2": 14, "1/2": 66.7, "1/1": 21}, "other_base", ("1/2.2", "1/1")),
        ({"1/2.1": 33, "1/2.2": 14, "1/2": 31.2, "1/3.1": 5, "1/3.2": 16}, "other_pair", ("1/3.1", "1/3.2")),
    ],
)
def test_likely_causes_of_a_wrong_ratio(edition, typed, cause, keys):
    causes = found(edition, typed)["1/2"].causes
    assert (cause, keys) in [(one.name, one.keys) for one in causes] and len(causes) <= 3


TIED = {"3/3": 738, "3/3.3.1": 738, "3/3.3.2": 738}


@pytest.mark.parametrize(
    ("typed", "rule", "cause", "keys"),
    [
        ({"3/1.4.1": 3, "3/1.4.3": 172, "3/1.4": 172}, "3/1.4", "left_out", ("3/1.4", "3/1.4.1")),
        ({"3/1.4.1": 3, "3/1.4.3": 172, "3/1.4": 178}, "3/1.4", "double", ("3/1.4", "3/1.4.1")),
        ({"3/1.4.3": 172, "3/1.4": 127}, "3/1.4", "transposed", ("3/1.4",)),
        ({"3/1.4.3": 172, "3/1.4": 1720}, "3/1.4", "too_large", ("3/1.4",)),
        ({"3/1.4.3": 172, "3/1.4": 95}, "3/1.4", "overtyped", ("3/1.4",)),
        ({"1/2.1": 14, "1/2.2": 33}, "1/2.2<=2.1", "rows_swapped", ("1/2.2", "1/2.1")),
        ({**TIED, "3/3.3.2": 783}, "3/3.3.2<=3.3.1", "transposed", ("3/3.3.2",)),
        ({**TIED, "3/3": 7380}, "3/3-sum", "too_large", ("3/3",)),
        ({"4/2.1": 20, "4/2.2": 200, "5/1.1": 20}, "4/2.2<=2.1", "too_large", ("4/2.2",)),
        ({"6/1.1": 3_500_000_000}, "6/1.1-size", "dong", ("6/1.1",)),
        ({"3/3.3.1": "", "3/3.3.2": 1.024}, "3/3.3.2", "thousands", ("3/3.3.2",)),
        ({"1/4.1": 30, "1/4.2": 14, "1/4.3": 30, "1/4.4": 0}, "1/4-parts", "too_large", ("1/4.3",)),
        ({"2/1.1": 5}, "2/1.1", "own_row", ("2/1.1", "2/1.2")),
        ({"3/3.3.1": 700, "3/3.3.2": 651, "3/3.3": 95, "3/3.4.1": 20, "3/3.4.2": 19}, "3/3.3", "other_percent", None),
        ({"7/6.7.1": 738, "7/6.7.2": 710, "7/6.7": 23}, "7/6.7", "transposed", ("7/6.7.2",)),
    ],
)
def test_likely_causes_of_other_mistakes(edition, typed, rule, cause, keys):
    causes = found(edition, typed)[rule].causes
    first_two = [(one.name, one.keys) for one in causes[:2]]
    assert cause in [name for name, _ in first_two]
    assert keys is None or (cause, keys) in first_two


def test_a_number_left_from_the_previous_period_is_said(edition):
    typed = {"1/2.1": 33, "1/2.2": 9, "1/2": 42.4}
    before = entries_of(edition, {"1/2.1": 33, "1/2.2": 9})
    wrong = next(one for one in check(submission_of(edition, typed), edition, before) if one.rule == "1/2")
    assert (wrong.causes[0].name, wrong.causes[0].keys) == ("previous", ("1/2.2",))


def test_rows_with_the_same_number_are_one_suggestion(edition):
    typed = {"3/1.1": 17, "3/2.2": 17, "3/2": 17, "3/3.4.1": 2, "3/3.4.2": 1, "3/3.4": 5.9}
    cause = found(edition, typed)["3/3.4"].causes[0]
    assert cause.name == "other_base" and {"3/1.1", "3/2", "3/2.2"} < set(cause.keys)
    assert "1.1 hoặc 2 hoặc 2.2" in cause_sentence(cause)


def test_a_number_of_another_level_asks_for_a_reason_and_zero_is_nothing(edition):
    assert found(edition, {"2/1.1": 5})["2/1.1"].id == "level-foreign"
    assert "2/1.1" not in found(edition, {"2/1.1": 0})
    assert "2/1.1" not in found(edition, {"2/1.1": 5}, level="huyện")


def test_blank_rows_are_one_note_a_form(edition):
    notes = [one for one in check(submission_of(edition, {}), edition) if one.id == "blank-form"]
    assert [one.args["form"] for one in notes] == [1, 2, 3, 4, 5, 6, 7]


def test_every_finding_that_the_checks_can_make_has_both_sentences(edition, real):
    for one in check(submission_of(edition, real | {"1/5.2": 7, "1/1": -3, "1/3.1": 1.5, "7/3": 120}), edition):
        assert message(one, edition) and advice(one, edition)
        assert "{" not in message(one, edition) + advice(one, edition)
    kinds = {name.split("-")[0] for name in sentences() if name not in ("causes", "remarks", "fates")}
    families = {"file", "identity", "layout", "number", "formula", "ratio", "total", "choice", "relation", "level"}
    assert kinds <= families | {"blank", "history", "peer", "words"}

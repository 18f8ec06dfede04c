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

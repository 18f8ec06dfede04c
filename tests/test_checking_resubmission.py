"""A second version is held against the requests: answered or not, and what changed that nobody asked about."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.checking.resubmission import Outcome, compare, sentences
from cchc_xl.editions.requests import ASKED, kind_of
from cchc_xl.model import Cause, Edition, Finding, Severity, Submission, UnitName
from tests.conftest import entries_of

FIRST = {"1/1": 21, "1/2.1": 33, "1/2.2": 14, "1/2": "63,6", "6/1.1": 3000, "6/1.2": 5000, "2/1.2": 17}


@pytest.fixture
def version(edition: Edition):
    """``version({...}, explanations={...})``: the first version with some rows typed anew."""

    def make(typed=(), *, explanations=(), **other) -> Submission:
        known = {
            "file": "11092.xlsx",
            "sha256": "0" * 64,
            "edition": edition.id,
            "period": "2022-6T",
            "unit": UnitName(code="11092", name="Bình Lãng"),
            "level": "xã",
            "entries": entries_of(edition, {**FIRST, **dict(typed)}),
            "explanations": dict(explanations),
        }
        return Submission(**{**known, **other})

    return make


@pytest.fixture
def requests(edition, version):
    return check(version(), edition)


def outcomes(result) -> dict[str | None, Outcome]:
    return {one.request.rule: one.outcome for one in (*result.answered, *result.unanswered)}


def without(typed: dict, *keys: str) -> dict:
    return {key: value for key, value in typed.items() if key not in keys}


def test_nothing_changed_means_nothing_answered(edition, version, requests):
    result = compare(version(), version(), requests, edition)
    asked = [one for one in requests if kind_of(one) in ASKED]
    assert len(asked) >= 2
    assert [one.request for one in result.unanswered] == asked
    assert {one.outcome for one in result.unanswered} == {Outcome.UNCHANGED}
    assert (result.answered, result.unasked, result.unasked_texts, result.new) == ((), (), (), ())


def test_a_corrected_number_answers_its_request(edition, version, requests):
    result = compare(version(), version({"1/2": "42,4"}), requests, edition)
    assert outcomes(result)["1/2"] is Outcome.CORRECTED
    assert outcomes(result)["6/1.2<=1.1"] is Outcome.UNCHANGED
    assert result.unasked == ()


def test_correcting_a_part_answers_as_well(edition, version, requests):
    result = compare(version(), version({"1/2.2": 21}), requests, edition)
    assert outcomes(result)["1/2"] is Outcome.CORRECTED
    assert result.unasked == ()


def test_another_wrong_number_is_no_answer(edition, version, requests):
    result = compare(version(), version({"1/2": "50"}), requests, edition)
    (one,) = [one for one in result.unanswered if one.request.rule == "1/2"]
    assert one.outcome is Outcome.STILL_WRONG
    assert one.now is not None and one.now.found == Decimal(50)


def test_an_explanation_answers_a_warning(edition, version, requests):
    said = {"6/1.2<=1.1": "Vốn kéo dài từ năm 2021 chuyển sang."}
    result = compare(version(), version(explanations=said), requests, edition)
    assert outcomes(result)["6/1.2<=1.1"] is Outcome.EXPLAINED
    assert outcomes(result)["1/2"] is Outcome.UNCHANGED


def test_an_explanation_does_not_answer_an_error(edition, version, requests):
    result = compare(version(), version(explanations={"1/2": "Số này là đúng, đã kiểm tra."}), requests, edition)
    assert outcomes(result)["1/2"] is Outcome.UNCHANGED


def test_a_too_short_explanation_is_none(edition, version, requests):
    result = compare(version(), version(explanations={"6/1.2<=1.1": "đúng"}), requests, edition)
    assert outcomes(result)["6/1.2<=1.1"] is Outcome.UNCHANGED


def test_a_row_nobody_asked_about_is_named(edition, version, requests):
    result = compare(version(), version({"1/1": 20, "2/1.2": 71, "4/1.1": 4}), without_blanks(requests), edition)
    assert [change.key for change in result.unasked] == ["2/1.2", "4/1.1"]
    (change,) = [one for one in result.unasked if one.key == "2/1.2"]
    assert change.before.value == 17 and change.after.value == 71


def without_blanks(requests):
    return [one for one in requests if one.id != "blank-form"]


def test_a_row_that_a_cause_points_at_may_change(edition, version):
    asked = Finding(
        id="ratio-mismatch",
        severity=Severity.ERROR,
        rule="1/2",
        key="1/2",
        causes=(Cause(name="other_part", keys=("1/1",)),),
    )
    result = compare(version(), version({"1/1": 20}), [asked], edition)
    assert result.unasked == ()
    assert compare(version(), version({"1/1": 20}), [replace(asked, causes=())], edition).unasked


def test_filling_blanks_that_were_asked_for_is_no_surprise(edition, version, requests):
    assert any(one.id == "blank-form" for one in requests)
    result = compare(version(), version({"2/1.1": 4, "1/4.1": "KPS"}), requests, edition)
    assert result.unasked == ()


def test_a_total_that_only_follows_its_parts_is_no_change(edition, version):
    result = compare(version(), version({"2/1.2": 18}), (), edition)
    assert [change.key for change in result.unasked] == ["2/1.2"]


def test_the_same_number_typed_another_way_is_no_change(edition, version):
    assert compare(version(), version({"6/1.1": "3.000"}), (), edition).unasked == ()
    assert [one.key for one in compare(version(), version({"6/1.1": "KPS"}), (), edition).unasked] == ["6/1.1"]


def test_two_texts_that_are_no_numbers_differ(edition, version):
    first = version({"6/1.1": "abc"})
    assert compare(first, version({"6/1.1": "abc"}), (), edition).unasked == ()
    assert [one.key for one in compare(first, version({"6/1.1": "xyz"}), (), edition).unasked] == ["6/1.1"]


def test_a_new_error_is_told_apart_from_the_old_ones(edition, version, requests):
    result = compare(version(), version({"1/2.2": 40}), requests, edition)
    assert result.new and all(kind_of(one) in ASKED for one in result.new)
    told = {(one.id, one.rule) for one in requests}
    assert not told & {(one.id, one.rule) for one in result.new}


def test_other_words_and_another_unit_are_named(edition, version):
    first = version(words={"direction": "a"}, about={"unit_code": "11092", "report_date": "09/6/2022"})
    second = version(words={"direction": "b", "tasks": "c"}, about={"unit_code": "11086", "report_date": "10/6/2022"})
    result = compare(first, second, (), edition)
    assert [(one.part, one.name) for one in result.unasked_texts] == [
        ("words", "direction"),
        ("words", "tasks"),
        ("about", "unit_code"),
    ]


def test_a_request_of_other_checks_is_answered_by_a_change_or_an_explanation(edition, version):
    """What needs another file (the previous period, the other units) can't be checked again from this file alone."""
    asked = Finding(id="history-falls", severity=Severity.WARNING, rule="history/1/1", key="1/1")
    outcome = lambda after: outcomes(compare(version(), after, [asked], edition))["history/1/1"]  # noqa: E731
    assert outcome(version()) is Outcome.UNCHANGED
    assert outcome(version({"1/1": 30})) is Outcome.CORRECTED
    assert outcome(version(explanations={"history/1/1": "Kỳ trước báo nhầm số."})) is Outcome.EXPLAINED


def test_findings_of_the_caller_decide_when_given(edition, version):
    asked = Finding(id="history-falls", severity=Severity.WARNING, rule="history/1/1", key="1/1")
    after = version({"1/1": 30})
    assert compare(version(), after, [asked], edition, found=[asked]).unanswered[0].outcome is Outcome.STILL_WRONG
    assert compare(version(), after, [asked], edition, found=[]).answered[0].outcome is Outcome.CORRECTED


def test_a_refused_version_answers_nothing(edition, version, requests):
    broken = Finding(id="file-broken", severity=Severity.ERROR, args={"file": "x", "problem": "y"})
    refused = Submission(file="11092.xlsx", sha256="1" * 64, refused=True, findings=(broken,))
    result = compare(version(), refused, requests, edition)
    assert result.answered == () and result.unasked == () and result.new == (broken,)
    again = compare(refused, version({"1/2": "42,4"}), [broken], edition)
    assert [one.outcome for one in again.answered] == [Outcome.CORRECTED]
    assert again.unasked == ()


def test_the_sentences_say_place_and_values(edition, version, requests):
    after = version({"1/2": "50", "2/1.2": "KPS", "6/1.2": 2000}, words={"direction": "mới"})
    lines = sentences(compare(version(), after, without_blanks(requests), edition), edition, "11092.xlsx")
    text = "\n".join(lines)
    assert lines[0].startswith("1/2 yêu cầu đã được trả lời")
    assert "Đã đổi nhưng vẫn chưa đúng: Biểu 1, dòng 2, ô D8" in text.replace("\u00a0", " ")
    assert "17 → không phát sinh" in text and "I. Công tác chỉ đạo, điều hành" in text
    assert "Đã sửa: Biểu 6, dòng 1.2" in text.replace("\u00a0", " ")
    assert "{" not in text

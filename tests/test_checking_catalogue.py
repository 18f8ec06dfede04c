"""The catalogue as a whole: each rule has its right and its wrong example, each sentence is asked for by some test."""

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.cli.frame import earlier_sentence
from cchc_xl.editions.catalogue import advice, message, sentences, words
from cchc_xl.errors import UsageError
from cchc_xl.model import Cell, Finding, Kind, Severity
from cchc_xl.office import OfficeFailed
from cchc_xl.relations.judge import _FINDING_OF as FINDING_OF
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Status, is_foreign, rules_of
from cchc_xl.rounds.pipeline import Checked
from cchc_xl.rounds.reading.judging import earlier_refused, earlier_submissions
from cchc_xl.rounds.reading.recalculating import _noted
from cchc_xl.word.row_oddities import stray
from cchc_xl.word.table_reading import Line
from tests.conftest import CASES, entries_of
from tests.round_files import workbook
from tests.seeded_errors import submission

TESTS = Path(__file__).parent
PLAIN = ("causes", "remarks", "fates")
# Made from parts by test_workbook_corrections: the word behind the prefix stands there.
COMPOSED = "number-correction-"
READ_AS_TEXT = {"number-correction-whose", "number-correction-typed"}  # there too, by their sentences
# What an answer may be: per kind of row one that is right and one that is wrong.
TYPED = {
    Kind.COUNT: (12, "1,5"),
    Kind.TOTAL: (12, "1,5"),
    Kind.AMOUNT: ("2500,5", -1),
    Kind.PERCENT: ("85,5", 101),
    Kind.FLAG: (1, 7),
    Kind.CHOICE: (1, 7),
}


def test_every_cell_rule_passes_on_a_right_and_fails_on_a_wrong_number(edition):
    """The same rule for every row of its kind: no row is left without one, and none is always silent or never."""
    for rule in rules_of(edition, "xã"):
        row = rule.indicator
        if rule.relation or row.cell is not Cell.ANSWER or row.kind is Kind.HEADING:
            continue
        right, wrong = TYPED[row.kind]
        foreign = is_foreign(row, "xã")  # a number of another level is never right here
        for typed, expected in ((right, Status.FAILED if foreign else Status.PASSED), (wrong, Status.FAILED)):
            outcome = judge(rule, entries_of(edition, {row.key: typed}), "xã")
            assert outcome.status is expected, (rule.id, outcome)
        assert foreign or judge(rule, entries_of(edition, {}), "xã").status is Status.NO_DATA, rule.id


def test_every_formula_passes_when_it_agrees_and_fails_when_it_does_not(edition):
    for rule in rules_of(edition, "xã"):
        if rule.relation or rule.indicator.cell is not Cell.FORMULA:
            continue
        cells = _parts_of(edition, rule.key)
        right = entries_of(edition, cells)[rule.key].amount
        level = next(one for one in edition.levels if not is_foreign(rule.indicator, one))
        assert judge(rule, entries_of(edition, cells | {rule.key: right}), level).status is Status.PASSED, rule.id
        wrong = judge(rule, entries_of(edition, cells | {rule.key: right + 7}), level)
        assert (wrong.status, wrong.severity) == (Status.FAILED, Severity.ERROR), rule.id
        assert judge(rule, entries_of(edition, {rule.key: right}), level).status is Status.NO_DATA, rule.id


def _parts_of(edition, key: str) -> dict[str, object]:
    """The answers that a formula is made of, through the formulas in between."""
    row, cells = edition.by_key[key], {}
    for number, part in enumerate(row.ratio_of or row.total_of):
        below = edition.by_key[part]
        cells |= _parts_of(edition, part) if below.cell is Cell.FORMULA else {part: 14 if number == 0 else 33}
    return cells


def test_every_finding_is_asked_for_in_some_test():
    """An id of findings.toml that no test names is a sentence nobody has seen."""
    told = "".join(path.read_text("utf-8") for path in TESTS.rglob("*") if path.suffix in (".py", ".toml"))
    of_relations = set(FINDING_OF.values())  # by tests/cases/relations.toml
    for name in sentences().keys() - set(PLAIN) - of_relations - READ_AS_TEXT:
        short = name.removeprefix(COMPOSED)
        assert f'"{name}"' in told or f"'{name}'" in told or (short != name and f'"{short}"' in told), name


def test_every_relation_finding_has_its_rule_with_examples(edition):
    by_rule = tomllib.loads((CASES / "relations.toml").read_text("utf-8"))
    shown = {FINDING_OF[one.op] for one in edition.relations if one.id in by_rule}
    assert shown == {FINDING_OF[one.op] for one in edition.relations}


@pytest.mark.parametrize(
    ("cells", "kind", "key"),
    [
        ({"7/5.2.1": "0,85"}, "number-fraction", "7/5.2.1"),
        ({"6/1.2": 1_650_000_000}, "number-magnitude", "6/1.2"),
        ({"3/3.3.1": 44_927}, "number-like-date", "3/3.3.1"),
    ],
)
def test_what_is_odd_but_right_can_be_explained_in_the_rows_own_cell(edition, cells, kind, key):
    asked = _found(submission(edition, cells), edition, kind)
    assert (asked.severity, asked.rule, asked.explained) == (Severity.WARNING, key, False)
    said = replace(submission(edition, cells), explanations={key: "Đã đối chiếu, số đúng."})
    assert _found(said, edition, kind).explained and "Kiểm tra" in advice(asked, edition)


def _found(one, edition, kind: str) -> Finding:
    (found,) = [finding for finding in check(one, edition) if finding.id == kind]
    return found


def test_the_sentence_demands_no_more_than_its_severity(edition):
    """A note says what is so and asks for nothing; an error does not offer an explanation that would not count."""
    for name in sentences().keys() - set(PLAIN):
        known, ask = sentences()[name], "giải trình ở trang"
        assert ask not in known.get("advice_note", "") and ask not in known.get("advice_error", "")
    finding = _found(submission(edition, {"3/3.3.1": 700, "7/6.7.1": 738}), edition, "relation-differs")
    assert finding.severity is Severity.NOTE and "phải bằng" not in message(finding, edition)
    assert "giải trình" not in advice(finding, edition)
    error = _found(submission(edition, {"1/2.1": 33, "1/2.2": 34}), edition, "relation-exceeds")
    assert "phải nhỏ hơn hoặc bằng" in message(error, edition) and "Kiểm tra" not in advice(error, edition)


def test_a_number_that_is_not_there_is_said_in_words(edition):
    finding = Finding(id="formula-overwritten", severity=Severity.NOTE, key="1/3.3", found=Decimal(0))
    assert words("sheets")["rows"]["nothing"] in message(finding, edition)


def test_a_program_that_can_not_recalculate_is_said_in_a_sentence(edition):
    one = Checked(submission=submission(edition, {}), findings=(), edition=edition)
    (note,) = _noted(one, OfficeFailed("office-slow", seconds=60)).findings
    assert note.id == "formula-not-recalculated" and "quá 60 giây" in message(note, edition)


def test_rows_that_are_none_of_the_forms_are_named_by_what_stands_in_them(edition):
    said = [stray(Line(cells=cells), edition.forms[0], {}) for cells in (("", "xem phụ lục", ""), ("", "Cộng", "21"))]
    assert said == [("layout-word-stray-text", Severity.NOTE), ("layout-word-stray-value", Severity.WARNING)]


def test_earlier_files_none_of_which_can_be_read_are_said(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 hong")
    with pytest.raises(UsageError) as error:
        earlier_submissions(tmp_path, None)
    assert error.value.name == "previous-unreadable"


def test_one_unreadable_earlier_file_is_named_and_the_others_compared(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 hong")
    (tmp_path / "b.xlsx").write_bytes(workbook({"1/1": 5}, period="2022-Q1"))
    assert len(earlier_submissions(tmp_path, None)) == 1
    (name,) = earlier_refused(tmp_path, None)
    assert "1 tệp kỳ trước" in earlier_sentence([name]) and "a.xlsx" in earlier_sentence([name])
    assert earlier_sentence(earlier_refused(tmp_path / "b.xlsx", None)) == ""

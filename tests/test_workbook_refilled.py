"""What can't be marked in place comes back in a fresh official workbook, with every answer as it was."""

import random
from dataclasses import replace

import openpyxl
import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cell, Entry, Finding, Severity, State
from cchc_xl.rounds.sending.returning import write_feedback
from cchc_xl.workbook.feedback import mark
from cchc_xl.workbook.marking.refilled import on_official_places, refilled
from cchc_xl.workbook.reader import read
from tests.filled import EDITION, UNIT, facts, filled
from tests.marked import FILE, checked, parts, workbook
from tests.rounds import random_submission


def again(submission, **more):
    (result,) = read(refilled(submission, EDITION, **more), file=FILE, edition=EDITION)
    return result


@pytest.mark.parametrize("content", [workbook, filled], ids=["with mistakes", "full"])
def test_answers_words_and_identity_are_the_same(content):
    before = checked(content())[0]
    after = again(before, unit=UNIT)
    assert facts(after) == facts(before)
    assert (after.unit, after.period, after.level) == (before.unit, before.period, before.level)
    assert (after.words, after.explanations, after.documents) == (before.words, before.explanations, before.documents)


@pytest.mark.parametrize("seed", range(8))
def test_random_submissions_come_back_the_same(seed):
    before = random_submission(EDITION, UNIT, random.Random(seed))
    blank = {State.BLANK, State.NOT_APPLICABLE}  # which of the two is the reader's word
    for (key, one), two in zip(facts(before).items(), facts(again(before)).values(), strict=True):
        assert one == two or (one[0] in blank and two[0] in blank), key


def test_a_number_typed_over_a_formula_stays_and_one_that_agrees_is_a_formula_again():
    before = checked(workbook())[0]
    values_only = {
        key: replace(entry, intact=False, formula=None) if entry.state is State.NUMBER else entry
        for key, entry in before.entries.items()
    }
    after = again(replace(before, entries=values_only), unit=UNIT)
    assert after.entries["1/2"].formula is None and str(after.entries["1/2"].value) == "63.6"
    assert after.entries["6/1"].intact and after.entries["6/1"].value == before.entries["6/1"].value


def test_text_that_no_xml_can_hold_is_shown_as_such():
    before = checked(workbook())[0]
    hostile = Entry(key="1/5.1", state=State.UNREADABLE, raw="=1+1\x00\ud800", note="a\x0bb")
    after = again(replace(before, entries={**before.entries, "1/5.1": hostile}))
    assert after.entries["1/5.1"].state is State.UNREADABLE
    assert after.entries["1/5.1"].raw == "=1+1\ufffd\ufffd" and after.entries["1/5.1"].formula is None


def test_findings_point_at_the_official_cells_and_can_be_marked_there():
    submission, findings = checked(workbook())
    elsewhere = [replace(one, sheet="Sheet1", cell="Z99") if one.cell else one for one in findings]
    stray = Finding(
        id="number-heading", severity=Severity.NOTE, sheet="Sheet1", cell="A1", args={"code": "1", "raw": "x"}
    )
    moved = on_official_places([*elsewhere, stray], EDITION)
    assert [(one.sheet, one.cell) for one in moved[:-1] if one.key] == [
        (one.sheet, one.cell) for one in findings if one.key
    ]
    assert (moved[-1].sheet, moved[-1].cell) == (None, None)
    result = mark(refilled(submission, EDITION, unit=UNIT), moved, EDITION, file=FILE, unit=UNIT)
    assert any("comments" in name for name in parts(result))


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_a_file_of_another_kind_comes_back_as_a_marked_official_workbook(office, kind, tmp_path):
    """An .ods or .xls can't be patched: its answers go into the official workbook, marked there; it itself stays."""
    (tmp_path / "a.xlsx").write_bytes(workbook())
    sent = office.convert(tmp_path / "a.xlsx", tmp_path / "out", kind)
    before = sent.read_bytes()
    sent_as, path = write_feedback(sent, tmp_path / "11092_CAN-SUA.xlsx")
    again, findings = checked(path.read_bytes())
    assert sent.read_bytes() == before
    assert openpyxl.load_workbook(path).sheetnames[0] == words("feedback")["sheet"]["title"]
    answers = [key for key, row in EDITION.by_key.items() if row.cell is Cell.ANSWER]
    assert [again.entries[key].amount for key in answers] == [sent_as.submission.entries[key].amount for key in answers]
    assert {one.rule for one in findings if one.severity is Severity.ERROR} == {
        one.rule for one in sent_as.findings if one.severity is Severity.ERROR
    }

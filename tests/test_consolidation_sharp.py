"""Adding up at the edges: whom a remark names, which line holds, what JSON and CSV say. See test_checking_sharp.py."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.compare import can_rank, changes, rankings
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.consolidation.corrections import sent_text, settle, with_corrections
from cchc_xl.consolidation.exports import facts_csv, figures_json, inert, plain
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import (
    Cell,
    CorrectionLine,
    Entry,
    Finding,
    Kind,
    LineState,
    Method,
    ReportingUnit,
    Roster,
    Severity,
    State,
    Target,
    UnitState,
)
from cchc_xl.relations.corrected import as_sent, recompute
from tests.conftest import entries_of
from tests.test_consolidation import HUYEN, added_up, names, roster_of, workbook

EDITION = load()
PERIOD = period_of(EDITION, "2022-6T")


def remark(figure, name):
    (found,) = [one for one in figure.remarks if one.name == name]
    return found.args


# --- remarks --------------------------------------------------------------------------------------------------------


def test_a_choice_of_which_nothing_arose_is_said_and_counted():
    made = added_up(EDITION, {"1": {"1/5.2": "KPS"}, "2": {"1/5.2": 1}, "3": {"1/5.2": "KPS"}}).figures["1/5.2"]
    assert made.distribution == {0: 2, 1: 1, 2: 0} and remark(made, "none-arising-choice") == {"count": 2}
    quiet = added_up(EDITION, {"1": {"1/5.2": 0}, "2": {"1/5": "KPS"}}).figures
    assert "none-arising-choice" not in names(quiet["1/5.2"]) + names(quiet["1/5"])


def test_a_share_over_a_roster_names_how_many_are_silent():
    made = added_up(EDITION, {"1": {"7/5.1.1": 100}, "2": {"7/5.1.1": 0}, "3": {}}).figures["7/5.1.1"]
    assert remark(made, "share-silent") == {"count": 1}
    assert names(added_up(EDITION, {"1": {"7/5.1.1": 100}}).figures["7/5.1.1"]) == []
    none = added_up(EDITION, {"1": {}}).figures["7/5.1.1"]
    assert none.whole is None and names(none) == []


@pytest.mark.parametrize(
    ("key", "units", "own", "name"),
    [
        ("7/5.2.1", {"1": 80, "2": 90}, 88, "mean"),
        ("4/2.5", {"1": 20, "2": 10}, 15, "estimate"),
        ("7/6.4.3", {"1": 5, "2": 9}, 12, "bounds"),
    ],
)
def test_how_a_number_that_is_no_sum_was_made_is_said_beside_an_own_one(key, units, own, name):
    typed = {code: {key: value, "4/2.1": 20} for code, value in units.items()}
    assert names(added_up(EDITION, typed, own={}).figures[key]) == [name]
    beside = added_up(EDITION, typed, own={key: own}).figures[key]
    assert beside.whole == own and names(beside)[0] == f"{name}-beside"
    assert beside.remarks[0].args["unit"] == HUYEN.full_name
    silent = added_up(EDITION, {"1": {}}, own={key: own}).figures[key]
    assert (silent.communes, silent.whole) == (None, own) and name not in names(silent)
    assert names(added_up(EDITION, {"1": {}}, own={}).figures[key]) == []


def test_a_reduction_of_everybody_or_without_heads_has_no_base():
    typed = {"1": {"4/2.1": 20, "4/2.5": 20}, "2": {"4/2.1": 0, "4/2.5": 100}, "3": {"4/2.5": 50}, "4": {"4/2.1": 7}}
    made = added_up(EDITION, typed, own={}).figures["4/2.5"]
    assert made.communes == 20 and made.n == 1 and remark(made, "estimate") == {"n": 1}
    alone = added_up(EDITION, {"1": {"4/2.1": 0, "4/2.5": 20}}, own={}).figures["4/2.5"]
    assert alone.communes is None and names(alone) == []


def test_an_own_row_takes_the_parts_before_what_was_typed():
    own = {"2/3.2.1": 40, "2/3.2.2": 10, "2/3.2": 99}
    assert added_up(EDITION, {"1": {}}, own=own).figures["2/3.2"].own == 25
    assert added_up(EDITION, {"1": {}}, own={"2/3.2.1": 40, "2/3.2": 99}).figures["2/3.2"].own == 99
    assert added_up(EDITION, {"1": {}}).figures["2/3.2"].own is None


def test_a_total_without_its_rows_is_named_only_where_it_was_typed():
    figures = added_up(EDITION, {"1": {"3/1.4": 172}, "2": {"3/1.4.3": 172}, "3": {}}, own={}).figures
    assert remark(figures["3/1.4"], "only-total") == {"count": 1, "units": ("Xã 1",)}


def test_who_deviates_is_named_with_the_number():
    made = added_up(EDITION, {"1": {"3/1.4.3": 172}, "2": {"3/1.4.3": 172}, "3": {"3/1.4.3": 1720}}).figures["3/1.4.3"]
    assert remark(made, "deviators") == {"units": ("Xã 3 (1.720)",)}
    tie = added_up(EDITION, {"1": {"3/1.4.3": 9}, "2": {"3/1.4.3": 8}}, roster=roster_of("1", "2", owner=None))
    assert remark(tie.figures["3/1.4.3"], "tie") == {"values": (8, 9), "unit": "?"}
    assert added_up(EDITION, {"1": {}}).figures["3/1.4.3"].whole is None


def test_what_an_own_number_means_at_another_level_is_said():
    made = added_up(EDITION, {"1": {"1/4.1": 20}}, own={"1/4.1": 60}).figures["1/4.1"]
    assert names(made) == ["level-meaning"] and made.remarks[0].args == {"unit": HUYEN.full_name}
    alone = added_up(EDITION, {"1": {"1/4.1": 20}}, roster=roster_of("1", owner=None)).figures["1/4.1"]
    assert names(alone) == [] and alone.communes == 20
    owing = added_up(EDITION, {"1": {"1/4.1": 20}}).figures["1/4.1"]
    assert names(owing) == ["own-missing", "level-meaning"]


@pytest.mark.parametrize(("own", "said"), [({"6/1.1": 10, "6/1.2": 1}, 10), ({"6/1.1": 10}, 50)])
def test_a_ratio_of_events_counted_at_both_levels_is_the_own_one(own, said):
    figures = added_up(EDITION, {"1": {"6/1.1": 4, "6/1.2": 2}}, own=own).figures
    assert (figures["6/1"].communes, figures["6/1"].whole) == (50, said)
    assert ("same-events" in names(figures["6/1"])) == ("6/1.2" in own)


# --- cautions -------------------------------------------------------------------------------------------------------


def test_only_what_is_open_puts_a_figure_in_doubt():
    """An error, or a warning without its reason, of a unit that counts; never one on another level's row."""
    typed = {"6/1.1": 3_500_000_000}
    sent = [workbook(EDITION, "1", typed, explanations={"6/1.1-size": "vốn của dự án nhiều năm"})]
    made = consolidate(EDITION, PERIOD, roster_of("1", owner=None), sent, check)
    assert names(made.figures["6/1.1"]) == []
    own = added_up(EDITION, {"1": {"6/1.1": 5}}, own=typed).figures["6/1.1"]
    assert remark(own, "flagged") == {"count": 1, "units": (HUYEN.full_name,)}
    foreign = added_up(EDITION, {"1": {"2/1.1": 5}}, own={"2/1.1": 3}).figures["2/1.1"]
    assert names(foreign) == []
    unread = added_up(EDITION, {"1": {"1/2.2": "mười", "1/2.1": 30}, "2": {"1/2.1": 4, "1/2.2": 1}}, own={}).figures
    assert remark(unread["1/2"], "unreadable") == {"count": 1, "units": ("Xã 1",)}
    assert "unreadable" not in names(unread["1/2.1"])


def test_a_flagged_number_that_is_in_no_figure_is_not_named():
    """63.6 over 0/0: wrong, and there is no figure."""
    made = added_up(EDITION, {"1": {"1/2.1": 0, "1/2.2": 0, "1/2": 63.6}}, own={}).figures["1/2"]
    assert made.communes is None and "flagged" not in names(made)
    flags = added_up(EDITION, {"1": {"1/5.2": 7}}, own={}).figures["1/5.2"]
    assert flags.distribution is not None and "flagged" in names(flags)


# --- corrections ----------------------------------------------------------------------------------------------------


def line(key, value, *, unit="1", reason="gõ nhầm", source="điện thoại", number=None, **more) -> CorrectionLine:
    return CorrectionLine(
        unit=unit, key=key, value=value, number=number, reason=reason, source=source, file="x", row=7, **more
    )


def a_round(**more):
    return added_up(EDITION, {"1": {"1/1": 5, "1/2.1": 40, "1/2.2": 10, "7/5.2.1": 63.6, "1/5": 0}, "2": {}}, **more)


def settled(*lines, base=None) -> list[CorrectionLine]:
    return list(settle(base or a_round(), lines))


def said(one: CorrectionLine) -> tuple[LineState, str]:
    return one.state, one.finding.id.removeprefix("number-correction-") if one.finding else ""


@pytest.mark.parametrize(
    ("key", "value", "number", "held"),
    [
        ("1/1", "0", None, 0),
        ("1/1", "-1", None, "unreadable"),
        ("1/1", "", Decimal(-1), "unreadable"),
        ("1/1", "", Decimal(0), 0),
        ("1/1", "", Decimal("1.5"), "unreadable"),
        ("1/1", "KPS", None, 0),
        ("1/1", "nhiều", None, "unreadable"),
        ("1/1", "", None, "empty"),
        ("1/1", "Chưa có số liệu", None, "blank"),
        ("6/1.1", "2.500,5", None, "2500.5"),
        ("6/1.1", "", Decimal(-1), "unreadable"),
        ("7/5.2.1", "63,6", None, "63.6"),
        ("7/5.2.1", "64%", None, 64),
        ("1/5", "1", None, 1),
        ("1/5", "", Decimal(2), "unreadable"),
        ("1/2", "50", None, "formula"),
        ("3/1.4", "50", None, "formula"),
        ("1/99", "50", None, "key"),
        ("1/3", "50", None, "key"),  # a heading
    ],
)
def test_which_number_a_line_may_put(key, value, number, held):
    (one,) = settled(line(key, value, number=number))
    if held in ("unreadable", "empty", "formula", "key"):
        assert said(one) == (LineState.WRONG, held) and one.correction is None
        assert one.finding.severity is Severity.ERROR and one.finding.cell == "D7"
        if held == "formula":
            rows = {"1/2": "2.2, 2.1", "3/1.4": "1.4.1, 1.4.2, 1.4.3"}
            assert one.finding.args["rows"] == rows[key]
    else:
        assert said(one) == (LineState.APPLIED, "")
        assert one.correction.value == (None if held == "blank" else Decimal(held))


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ("5", LineState.APPLIED),
        ("5,0", LineState.CHANGED),  # no number of a count
        ("5.0", LineState.APPLIED),
        ("", LineState.APPLIED),
        ("4", LineState.CHANGED),
        ("Chưa có số liệu", LineState.CHANGED),
        ("NaN", LineState.CHANGED),
        ("Infinity", LineState.CHANGED),
    ],
)
def test_a_line_holds_only_while_the_unit_says_what_it_said(sent, state):
    (one,) = settled(line("1/1", "8", sent=sent))
    assert one.state is state and one.sent == (sent or "5")
    if state is LineState.CHANGED:
        assert one.finding.severity is Severity.WARNING and one.finding.args["now"] == "5"
        assert one.correction is None


@pytest.mark.parametrize(("sent", "state"), [("63,6", LineState.APPLIED), ("63.6", LineState.APPLIED)])
def test_a_percent_as_it_was_sent(sent, state):
    assert settled(line("7/5.2.1", "64", sent=sent))[0].state is state


def test_what_was_not_answered_is_named_as_such():
    (one,) = settled(line("1/6", "1", sent="Chưa có số liệu"))
    assert one.state is LineState.APPLIED and one.correction.original == "Chưa có số liệu"
    (zero,) = settled(line("1/6", "1", sent="0"))
    assert zero.state is LineState.CHANGED
    kps = added_up(EDITION, {"1": {"1/1": "KPS"}})
    assert settled(line("1/1", "1", sent="KPS"), base=kps)[0].state is LineState.APPLIED
    assert settled(line("1/1", "1", sent="0"), base=kps)[0].state is LineState.CHANGED
    assert sent_text(Entry(key="1/1", state=State.UNREADABLE)) != sent_text(Entry(key="1/1", state=State.BLANK))


@pytest.mark.parametrize(
    ("more", "state", "problem"),
    [
        ({"reason": ""}, LineState.PROPOSED, "proposed"),
        ({"source": ""}, LineState.PROPOSED, "proposed"),
        ({"reason": "", "source": ""}, LineState.PROPOSED, "proposed"),
        ({"reason": "", "origin": "Chi tiết 1!D7"}, LineState.PROPOSED, "typed"),
        ({"unit": "", "origin": "Chi tiết 1!D7"}, LineState.PROPOSED, "whose"),
        ({"unit": ""}, LineState.WRONG, "unit"),
        ({"unit": "99"}, LineState.WRONG, "unit"),
        ({"unit": "3"}, LineState.UNSENT, "unsent"),
    ],
)
def test_what_a_line_still_wants(more, state, problem):
    base = a_round(roster=roster_of("1", "2", "3"))
    (one,) = settled(line("1/1", "8", **more), base=base)
    assert said(one) == (state, problem) and one.correction is None
    assert one.finding.severity is (Severity.ERROR if state is LineState.WRONG else Severity.WARNING)
    if state is LineState.PROPOSED and problem != "whose":
        assert one.sent == "5"


def test_a_finding_on_a_line_without_row_or_key_names_no_cell():
    (one,) = settled(replace(line("", "8"), row=0))
    assert (one.finding.cell, one.finding.key) == (None, None)


def test_of_lines_for_one_number_equal_ones_count_once():
    first, second, other = settled(line("1/1", "8"), line("1/1", "8"), line("1/2.1", "41"))
    assert [one.state for one in (first, second, other)] == [LineState.APPLIED, LineState.WITHDRAWN, LineState.APPLIED]
    assert second.correction is None and first.correction.value == 8
    differing = settled(line("1/1", "8"), line("1/1", "9"), line("1/1", "9", reason=""))
    assert [said(one) for one in differing] == [(LineState.WRONG, "twice")] * 2 + [(LineState.PROPOSED, "proposed")]
    assert differing[0].finding.args["values"] == "8 (7); 9 (7)" and differing[0].correction is None


@pytest.mark.parametrize(
    ("codes", "typed", "state"),
    [
        (("0070", "71"), "70", LineState.APPLIED),
        (("0070", "00070"), "70", LineState.WRONG),  # of two nobody knows which
        (("0070",), "A70", LineState.WRONG),
        (("A070",), "70", LineState.WRONG),
    ],
)
def test_a_code_that_lost_its_zeros(codes, typed, state):
    base = added_up(EDITION, {code: {"1/1": 5} for code in codes})
    (one,) = settled(line("1/1", "8", unit=typed), base=base)
    assert one.state is state


def test_corrected_figures_and_findings():
    """What was put right is checked anew; a reading finding on it goes, others stay; the rest is untouched."""
    told = (
        Finding(id="number-as-text", severity=Severity.NOTE, key="1/1"),
        Finding(id="number-as-text", severity=Severity.NOTE, key="1/2.1"),
        Finding(id="layout-moved", severity=Severity.NOTE),
    )
    sent = [
        workbook(EDITION, "1", {"1/1": 5, "1/2.1": 20, "1/2.2": 32}, findings=told),
        workbook(EDITION, "298", {"1/1": 3}),
    ]
    base = consolidate(EDITION, PERIOD, roster_of("1"), sent, check)
    seen = []

    def recorded(submission, edition):
        seen.append((submission.unit.code, [one.id for one in submission.findings]))
        return check(submission, edition)

    made = with_corrections(base, [line("1/1", "8"), line("1/2.2", "12")], recorded)
    assert [code for code, _ in seen] == ["1"], "only whose numbers changed is checked again"
    assert (made.figures["1/1"].communes, made.figures["1/1"].whole, made.figures["1/2"].communes) == (8, 11, 60)
    assert remark(made.figures["1/1"], "corrected") == {"count": 1, "units": ("Xã 1 (5 → 8)",)}
    assert remark(made.figures["1/2"], "corrected") == {"count": 1, "units": ("Xã 1 (160 → 60)",)}
    assert "corrected" not in names(made.figures["1/2.1"])
    assert made.units == base.units and made.files == base.files
    own = with_corrections(base, [line("1/1", "4", unit="298")], check)
    assert own.figures["1/1"].own == 4 and remark(own.figures["1/1"], "corrected")["units"] == (
        f"{HUYEN.full_name} (3 → 4)",
    )
    nothing = with_corrections(base, [line("1/1", "nhiều")], check)
    assert nothing.figures is base.figures and nothing.corrections == ()


def test_a_formula_that_was_typed_over_follows_nothing():
    entries = entries_of(EDITION, {"1/2.1": 40, "1/2.2": 10, "1/2": 99, "3/1.4.1": 2, "3/1.4.3": 5})
    changed = dict(entries) | {
        "1/2.2": replace(entries["1/2.2"], value=Decimal(20)),
        "3/1.4.1": replace(entries["3/1.4.1"], value=Decimal(7)),
    }
    recompute(EDITION, changed)
    assert changed["1/2"].value == 99 and changed["3/1.4"].value == 12
    emptied = dict(entries) | {
        key: replace(entries[key], state=State.BLANK, value=None) for key in ("3/1.4.1", "3/1.4.3")
    }
    recompute(EDITION, emptied)
    assert (emptied["3/1.4"].state, emptied["3/1.4"].value) == (State.BLANK, None)
    was = entries["1/1"]
    assert as_sent({"1/1": replace(was, value=Decimal(9), sent=was)}, "1/1") is was and as_sent(entries, "1/1") is was


def test_a_ratio_of_totals_is_computed_after_them():
    """A form in which a ratio's part is a total further down."""
    ratio = replace(EDITION.by_key["1/2"], ratio_of=("3/1.4", "1/2.1"))
    ours = replace(EDITION, by_key={**EDITION.by_key, "1/2": ratio})
    entries = entries_of(EDITION, {"1/2.1": 40, "3/1.4.3": 10})
    entries["3/1.4.3"] = replace(entries["3/1.4.3"], value=Decimal(20))
    recompute(ours, entries)
    assert entries["1/2"].value == 50 and ours.by_key["3/1.4"].cell is Cell.FORMULA


# --- which file counts ----------------------------------------------------------------------------------------------


def test_the_first_file_that_says_anything_gives_the_row():
    sent = [
        workbook(EDITION, "1", {"1/1": "không thuộc phạm vi", "1/2.1": 33, "1/2.2": 14}, file="a.xlsx"),
        workbook(EDITION, "1", {"1/1": 5, "1/2": 42}, file="b.xlsx"),
        workbook(EDITION, "1", {"1/1": 5}, file="c.xlsx"),
    ]
    made = consolidate(EDITION, PERIOD, roster_of("1"), sent, check).units[0]
    assert (made.state, made.sources["1/1"].file) == (UnitState.COUNTED, "b.xlsx")
    assert (made.sources["1/2"].file, made.submission.entries["1/2"].value) == ("b.xlsx", 42), (
        "the typed-over one shows"
    )
    assert made.submission.file == "a.xlsx; b.xlsx; c.xlsx"


def test_an_unreadable_answer_beside_a_number_is_another_answer():
    sent = [
        workbook(EDITION, "1", {"1/1": "khoảng 5"}, file="a.xlsx"),
        workbook(EDITION, "1", {"1/1": 5}, file="b.xlsx"),
    ]
    made = consolidate(EDITION, PERIOD, roster_of("1"), sent, check).units[0]
    assert made.state is UnitState.WAITING
    assert made.findings[0].args == {"count": 2, "values": "khoảng 5 (a.xlsx); 5 (b.xlsx)"}


def test_the_same_hash_under_two_units_is_no_duplicate():
    twice = [workbook(EDITION, code, {"1/1": 5}, sha="same") for code in ("1", "2")]
    made = consolidate(EDITION, PERIOD, roster_of("1", "2"), twice, check)
    assert made.figures["1/1"].communes == 10
    over = [workbook(EDITION, "1", {"1/2.1": 40, "1/2.2": 10} | more, sha="same") for more in ({}, {"1/2": 99})]
    assert [one.fate.value for one in consolidate(EDITION, PERIOD, roster_of("1"), over, check).files] == [
        "duplicate" if one else "counted" for one in (0, 1)
    ], "a formula that still stands says nothing of its own"


def test_a_finding_already_told_is_not_told_again():
    kind = "identity-period-other"
    known = Finding(id=kind, severity=Severity.ERROR)
    for findings, count in (((), 1), ((known,), 1)):
        stranger = replace(workbook(EDITION, "1", {}, findings=findings), period="2022-Q1")
        (file,) = consolidate(EDITION, PERIOD, roster_of("1"), [stranger], check).files
        assert [one.id for one in file.findings].count(kind) == count


# --- one consolidation against another -----------------------------------------------------------------------------


def test_what_changed_since_the_figures_were_written():
    before = json.loads(figures_json(added_up(EDITION, {"1": {"1/1": 5}, "2": {"1/2.1": 3}}, own={"1/1": 7})))
    now = added_up(EDITION, {"1": {"1/1": 6}, "2": {}}, own={"1/1": 7}).figures
    found = {(one.key, one.block): (one.old, one.new) for one in changes(before, now)}
    assert found == {
        ("1/1", "communes"): (5, 6),
        ("1/1", "whole"): (12, 13),
        ("1/2.1", "communes"): (3, None),
        ("1/2.1", "whole"): (3, None),
    }
    assert changes({"1/1": "x", "1/2.1": {"communes": "3"}}, {"1/1": now["1/1"]}) == ()
    assert changes({}, now) == ()


def ranked(values: dict[str, object], **more):
    made = added_up(EDITION, {code: {"1/1": value} for code, value in values.items()}, own={})
    return rankings(replace(made, **more), ["1/1", "1/1"])


def test_fewer_than_four_units_have_no_quarters_and_nobody_is_far():
    (three,) = ranked({"1": 5, "2": 6, "3": 900, "4": ""})
    assert [one.quartile for one in three.units] == [0, 0, 0] and not any(one.outlier for one in three.units)
    assert three.silent == ("4",) and (three.low, three.median, three.high) == (Decimal("5.5"), 6, 453)
    (four,) = ranked({"1": 5, "2": 6, "3": 7, "4": 8})
    assert [one.quartile for one in four.units] == [4, 3, 2, 1] and four.median == Decimal("6.5")
    assert [one.rank for one in four.units] == [1, 2, 3, 4] and four.descending
    (none,) = ranked({"1": "", "2": ""})
    assert none.units == () and none.median is None
    (same,) = ranked({"1": 5, "2": 5, "3": 5, "4": 900})
    assert not any(one.outlier for one in same.units), "most are equal: no distance is usual"
    (of_four,) = ranked({"1": 5, "2": 6, "3": 7, "4": 900})
    assert [one.unit for one in of_four.units if one.outlier] == ["4"]
    (far,) = ranked({"1": 5, "2": 6, "3": 7, "4": 8, "5": 900})
    assert [one.unit for one in far.units if one.outlier] == ["5"]


def test_the_least_is_first_only_where_the_target_is_a_most():
    target = Target(key="1/1", value=Decimal(5), at_least=False)
    (least,) = ranked({"1": 5, "2": 6}, targets=(target,))
    assert [one.unit for one in least.units] == ["1", "2"] and not least.descending
    (most,) = ranked({"1": 5, "2": 6}, targets=(replace(target, at_least=True),))
    assert [one.unit for one in most.units] == ["2", "1"]


# --- JSON and CSV ---------------------------------------------------------------------------------------------------


def test_the_json_has_what_belongs_to_a_method_and_nothing_else():
    made = added_up(
        EDITION,
        {"1": {"3/1.4.3": 172, "7/6.4.3": 5, "1/5.2": 1, "7/5.2.1": 80.5}, "2": {"3/1.4.3": 171, "7/6.4.3": 9}},
        own={"3/1.4.3": 172},
    )
    written = json.loads(figures_json(made))
    assert written["3/1.4.3"]["deviators"] == [{"unit": "2", "value": 171}] and "bounds" not in written["3/1.4.3"]
    assert written["7/6.4.3"]["bounds"] == [9, 14] and "deviators" not in written["7/6.4.3"]
    assert written["7/6.5.3"]["bounds"] is None
    assert written["1/5.2"]["distribution"] == {"0": 0, "1": 1, "2": 0} and "distribution" not in written["1/1"]
    assert written["7/5.2.1"]["communes"] == 80.5 and isinstance(written["7/6.4.3"]["communes"], int)
    assert "corrections" not in written["1/1"] and written["1/1"]["parts"] == []
    (part,) = written["1/5.2"]["parts"]
    assert part == {"unit": "1", "value": 1, "file": "1.xlsx", "sheet": "Biểu 1", "cell": part["cell"]}
    assert json.loads(figures_json(replace(made, figures={}))) == {}
    assert (plain(None), plain(Decimal("2.0")), plain(Decimal("2.5"))) == (None, 2, 2.5)


def test_the_json_names_corrections_made_here_and_below():
    base = added_up(EDITION, {"1": {"1/1": 5}, "2": {"1/1": 7}}, own={"1/1": 1})
    unit = base.units[1]
    entry = unit.submission.entries["1/1"]
    below = replace(entry, value=Decimal(9), sent=entry, corrected="nhầm")
    submission = replace(unit.submission, entries={**unit.submission.entries, "1/1": below})
    base = replace(base, units=(base.units[0], replace(unit, submission=submission)))
    made = with_corrections(base, [line("1/1", "8"), line("1/1", "Chưa có số liệu", unit="298")], check)
    assert json.loads(figures_json(made))["1/1"]["corrections"] == [
        {"unit": "2", "sent": "7", "value": 9},
        {"unit": "1", "sent": "5", "value": 8},
        {"unit": "298", "sent": "1", "value": None},
    ]
    again = with_corrections(base, [line("1/1", "10", unit="2")], check)
    assert json.loads(figures_json(again))["1/1"]["corrections"] == [{"unit": "2", "sent": "7", "value": 10}]
    only_said = replace(entry, sent=entry)
    plain_one = replace(base.units[1], submission=replace(submission, entries={**submission.entries, "1/1": only_said}))
    assert "corrections" not in json.loads(figures_json(replace(base, units=(base.units[0], plain_one))))["1/1"]


def test_the_csv_has_what_was_sent_of_every_unit_that_counts():
    base = added_up(
        EDITION, {"1": {"1/1": 5, "6/1.1": "2500,5"}, "2": {}}, own={"1/1": 1}, roster=roster_of("1", "2", "3")
    )
    unit = base.units[0]
    entry = unit.submission.entries["1/1"]
    corrected = {**unit.submission.entries, "1/1": replace(entry, value=Decimal(9), sent=entry)}
    base = replace(base, units=(replace(unit, submission=replace(unit.submission, entries=corrected)), *base.units[1:]))
    content = facts_csv(base)
    assert content.startswith(b"\xef\xbb\xbfunit_code,") and content.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 3 * len(EDITION.by_key) and {row["unit_code"] for row in rows} == {"1", "2", "298"}
    values = {(row["unit_code"], row["key"]): (row["state"], row["value"], row["file"]) for row in rows}
    assert values["1", "1/1"] == ("number", "5", "1.xlsx") and values["1", "6/1.1"] == ("number", "2500.5", "1.xlsx")
    assert values["2", "1/1"] == ("blank", "", "2.xlsx") and values["298", "1/1"] == ("number", "1", "298.xlsx")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_formulas_first_character_is_no_first_character(start):
    assert inert(f"{start}1") == f"'{start}1" and inert(f"1{start}") == f"1{start}" and inert("") == ""


# --- against what is known of a row ---------------------------------------------------------------------------------


def test_rows_of_every_method_are_looked_at_here():
    assert {row.method for row in EDITION.indicators} == set(Method)
    assert {row.kind for row in EDITION.indicators} == set(Kind)


def test_a_unit_that_waits_is_in_no_figure_and_still_due():
    rivals = [workbook(EDITION, "1", {"1/1": n}, file=f"{n}.xlsx") for n in (5, 6)]
    made = consolidate(EDITION, PERIOD, roster_of("1", "2"), [*rivals, workbook(EDITION, "2", {"1/1": 4})], check)
    assert (made.figures["1/1"].communes, made.figures["1/1"].n, made.figures["1/1"].N) == (4, 1, 2)
    own = [workbook(EDITION, "298", {"1/1": n}, file=f"{n}.xlsx") for n in (5, 6)]
    waiting = consolidate(EDITION, PERIOD, roster_of("2"), [*own, workbook(EDITION, "2", {"1/1": 4})], check)
    assert waiting.own.state is UnitState.WAITING and names(waiting.figures["1/1"]) == ["own-missing"]


def test_no_unit_due_is_no_division():
    nobody = Roster(file="a.csv", units=(), consolidating=ReportingUnit(code="298", name="Tứ Kỳ", level="huyện"))
    made = consolidate(EDITION, PERIOD, nobody, [], check)
    assert made.figures["7/5.1.1"].whole is None and made.figures["1/1"].N == 0


def test_the_parts_of_a_ratio_are_the_units_ratios():
    typed = {"1": {"1/2.1": 40, "1/2.2": 10}, "2": {"1/2.1": 0, "1/2.2": 0}, "3": {"1/2.1": 9}}
    figure = added_up(EDITION, typed, own={"1/2.1": 10, "1/2.2": 10}).figures["1/2"]
    (part,) = figure.parts
    assert (part.unit, part.value, part.file, part.sheet) == ("1", 25, "1.xlsx", "Biểu 1")
    assert (figure.n, figure.communes, figure.own, figure.whole) == (2, 25, 100, 40)


def test_the_json_is_laid_out_as_the_library_would():
    """The parts are written by hand, for speed: line by line the same."""
    typed = {"1": {"1/1": 5, "1/2.1": 40, "1/2.2": 11}, "2": {"1/1": 6}}
    content = figures_json(added_up(EDITION, typed, own={"1/1": 7})).decode()
    assert content == json.dumps(json.loads(content), ensure_ascii=False, indent=1) + "\n"


def test_a_line_that_was_taken_back_is_kept_and_says_nothing():
    (one,) = settled(line("1/1", "Không điều chỉnh"))
    assert said(one) == (LineState.WITHDRAWN, "") and one.correction is None


def test_by_which_rows_units_are_put_in_order():
    made = a_round()
    assert can_rank(made, "1/1") and can_rank(made, "1/2") and can_rank(made, "7/5.2.1")
    assert not can_rank(made, "1/5.2") and not can_rank(made, "3/1.4.3") and not can_rank(made, "9/9")


def test_a_reading_finding_counts_until_its_number_is_corrected():
    told = tuple(Finding(id="number-two-ways", severity=Severity.WARNING, key=key) for key in ("1/1", "1/2.1"))
    sent = [workbook(EDITION, "1", {"1/1": 5, "1/2.1": 30}, findings=told)]
    base = consolidate(EDITION, PERIOD, roster_of("1", owner=None), sent, check)
    assert names(base.figures["1/1"]) == names(base.figures["1/2.1"]) == ["flagged"]
    made = with_corrections(base, [line("1/1", "8")], check)
    assert names(made.figures["1/1"]) == ["corrected"] and names(made.figures["1/2.1"]) == ["flagged"]


def test_numbers_of_a_line_are_read_by_their_row_and_shown_in_official_style():
    (one,) = settled(line("3/3.3.1", "1.500"))
    assert one.correction.value == 1500
    first, _ = settled(line("3/3.3.1", "1500"), line("3/3.3.1", "nhiều", number=Decimal(1600)))
    assert first.finding.args["values"] == "1.500 (7); nhiều (7)"
    (changed,) = settled(line("3/3.3.1", "5", sent="1500"))
    assert (changed.finding.args["was"], changed.finding.args["now"]) == ("1.500", "Chưa có số liệu")


def test_a_reduction_passes_over_who_gave_no_heads():
    typed = {"1": {"4/2.5": 50}, "2": {"4/2.1": 20, "4/2.5": 20}}
    made = added_up(EDITION, typed, own={}).figures["4/2.5"]
    assert (made.communes, made.n) == (20, 1)


def test_an_own_number_corrected_below_is_in_the_json_too_and_a_round_of_no_owner_has_one():
    base = added_up(EDITION, {"1": {"1/1": 5}}, own={"1/1": 7})
    entry = base.own.submission.entries["1/1"]
    below = {**base.own.submission.entries, "1/1": replace(entry, value=Decimal(9), sent=entry, corrected="nhầm")}
    base = replace(base, own=replace(base.own, submission=replace(base.own.submission, entries=below)))
    assert json.loads(figures_json(base))["1/1"]["corrections"] == [{"unit": "298", "sent": "7", "value": 9}]
    alone = added_up(EDITION, {"1": {"1/1": 5}}, roster=roster_of("1", owner=None))
    assert json.loads(figures_json(alone))["1/1"]["whole"] == 5 and facts_csv(alone).count(b"\r\n") > 100


@pytest.mark.parametrize(("edition", "said"), [(None, "?"), ("xa-2099", "xa-2099")])
def test_a_workbook_of_other_forms_is_named_by_them(edition, said):
    stranger = replace(workbook(EDITION, "1", {}), edition=edition)
    (file,) = consolidate(EDITION, PERIOD, roster_of("1"), [stranger], check).files
    assert file.args == {"edition": said, "wanted": EDITION.id}


def test_a_number_corrected_below_and_here_names_what_was_first_sent():
    base = added_up(EDITION, {"1": {"1/1": 7}})
    unit = base.units[0]
    entry = unit.submission.entries["1/1"]
    below = {**unit.submission.entries, "1/1": replace(entry, value=Decimal(9), sent=entry, corrected="nhầm")}
    base = replace(base, units=(replace(unit, submission=replace(unit.submission, entries=below)),))
    made = with_corrections(base, [line("1/1", "10")], check)
    assert remark(made.figures["1/1"], "corrected") == {"count": 1, "units": ("Xã 1 (7 → 10)",)}


def test_a_formula_that_was_emptied_gives_way_to_one_that_stands():
    sent = [
        workbook(EDITION, "1", {"1/2.1": 40, "1/2.2": 10, "1/2": ""}, file="a.xlsx"),
        workbook(EDITION, "1", {"1/2.1": 40, "1/2.2": 10}, file="b.xlsx"),
    ]
    made = consolidate(EDITION, PERIOD, roster_of("1"), sent, check).units[0]
    assert made.sources["1/2"].file == "b.xlsx" and made.submission.entries["1/2"].value == 25


def test_a_number_at_a_quarters_edge_is_in_the_higher_one():
    (five,) = ranked({"1": 5, "2": 6, "3": 7, "4": 8, "5": 9})
    assert [(one.value, one.quartile) for one in five.units] == [(9, 4), (8, 4), (7, 3), (6, 2), (5, 1)]


def test_a_row_that_was_nothing_before_does_not_hide_what_changed_below():
    now = added_up(EDITION, {"1": {"1/1": 6, "1/2.1": 3}}, own={}).figures
    before = {"1/1": None, "1/2.1": {"communes": 2, "own": None, "whole": 2}}
    assert [(one.key, one.block, one.old, one.new) for one in changes(before, now)] == [
        ("1/2.1", "communes", 2, 3),
        ("1/2.1", "whole", 2, 3),
    ]

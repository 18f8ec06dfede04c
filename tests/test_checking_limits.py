"""At the very edge of each limit of the checks: one less is quiet, one more is loud. Found by changing the code."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cchc_xl.checking import peers
from cchc_xl.checking.checks import MIN_LISTED, check
from cchc_xl.checking.earlier import known_period
from cchc_xl.checking.history import check_history, entries_before
from cchc_xl.checking.jumps import usual_changes
from cchc_xl.checking.limits import Time, is_guessed, limit, severity_of, time_of
from cchc_xl.checking.outside import compare_outside, figures_of
from cchc_xl.checking.peers import check_peers
from cchc_xl.checking.resubmission import compare
from cchc_xl.checking.robust import change, usual
from cchc_xl.checking.wording import Phrase, Said, _agree, _begins, _contradicted, _is_label, _turn
from cchc_xl.model import Kind, ReportingUnit, Roster, Severity
from tests.test_checking_cases import submission

QUARTER, LAST_YEAR = "2022-Q1", "2021-6T"
STOCK, MOVING = "4/2.2", "3/3.3.1"


# --- blank rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [0, 1])
def test_only_so_many_blank_rows_are_named(edition, more):
    form = edition.forms[2]
    rows = [row for row in form.indicators if row.kind not in (Kind.HEADING, Kind.RATIO, Kind.TOTAL)]
    filled = {row.key: 1 for row in rows[MIN_LISTED + more :]}
    (note,) = [one for one in check(submission(filled), edition) if one.id == "blank-form" and one.args["form"] == 3]
    assert note.args["count"] == MIN_LISTED + more
    assert str(note.args["codes"]).endswith("…") == bool(more)
    assert str(note.args["codes"]).count(",") == MIN_LISTED - 1


# --- jumps ----------------------------------------------------------------------------------------------------------


def jump(edition, was, now, peers=(), key=STOCK, period=QUARTER):
    """(severity, how many others were looked at) of a change in a stock, None where nothing is said."""
    before = submission({key: was}, period=period)
    pairs = [
        (submission({key: second}, code=f"2{n:04}"), submission({key: first}, code=f"2{n:04}", period=period))
        for n, (first, second) in enumerate(peers)
    ]
    found = check_history(submission({key: now}), [before], edition, peers=pairs)
    return next(((one.severity, one.args["units"]) for one in found if one.id == "history-jump"), None)


WARNING, NOTE = (Severity.WARNING, 0), (Severity.NOTE, 0)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (9, 59, None),  # fewer than sixty
        (10, 60, NOTE),
        (11, 65, None),  # less than six times
        (60, 10, NOTE),
        (0, 500, None),  # from nothing: alone that says nothing
        (500, 0, None),
        (10, 100, WARNING),  # just ten times
        (100, 10, WARNING),
        (9, 90, NOTE),  # of less than a hundred not
        (10, 109, WARNING),
        (10, 112, NOTE),
        (100, 911, WARNING),
        (100, 889, NOTE),
        (100, 1098, WARNING),
        (5, 500, WARNING),
        (-10, 100, None),
        (10, -100, None),
    ],
)
def test_a_jump_alone(edition, was, now, said):
    assert jump(edition, was, now) == said


STEADY, FOURFOLD, EIGHTFOLD = [(20, 20)] * 9, [(19, 79)] * 9, [(9, 79)] * 9


@pytest.mark.parametrize(
    ("was", "now", "peers", "loud"),
    [
        (0, 150, STEADY, Severity.NOTE),
        (10, 100, STEADY, Severity.WARNING),
        (100, 150, STEADY, None),
        (99, 244, STEADY, None),  # six spreads of 0,15: 2,4596 times
        (99, 246, STEADY, Severity.NOTE),
        (19, 28, FOURFOLD, None),  # less than half as much again is no jump, whatever the others do
        (19, 30, FOURFOLD, Severity.NOTE),
        (4, 8, EIGHTFOLD, None),  # nor is a difference of four
        (4, 9, EIGHTFOLD, Severity.NOTE),
        (19, 79, FOURFOLD, None),
    ],
)
def test_a_jump_beside_others(edition, was, now, peers, loud):
    assert jump(edition, was, now, peers) == (None if loud is None else (loud, 9))


@pytest.mark.parametrize(("count", "known"), [(7, False), (8, True)])
def test_what_is_usual_needs_eight_units(edition, count, known):
    cells = {STOCK: 0, "7/5.2.1": 50, "4/2.5": 10, "3/1.4.3": 172, "1/5.2": 1}  # the others never jump
    pairs = [(submission(cells), submission(cells, period=QUARTER))] * count
    made = usual_changes(pairs, edition)
    assert (("2022-6T", QUARTER, STOCK) in made) is known
    assert set(made) <= {("2022-6T", QUARTER, STOCK)}
    if known:
        (others, units) = made["2022-6T", QUARTER, STOCK]
        assert (others.middle, others.spread, units) == (0, 0.15, 8)


def test_a_number_below_zero_is_usual_nowhere(edition):
    pairs = [(submission({STOCK: 5}), submission({STOCK: -1}, period=QUARTER))] * 9
    assert usual_changes(pairs, edition) == {}


def test_what_is_one_for_all_or_has_no_time_never_jumps(edition):
    assert jump(edition, 17, 172, key="3/1.4.3") is None
    assert jump(edition, 1, 100, key="7/5.2.1") is None  # a percent


def test_the_measure_of_a_change():
    assert change(9.0, 9.0) == 0 and change(19.0, 9.0) == -change(9.0, 19.0) > 0.69
    others = usual([1.0, 2.0, 3.0, 4.0, 100.0], 0.5)
    assert (others.middle, round(others.spread, 4), round(others.z(3 + 1.4826), 6)) == (3.0, 1.4826, 1.0)
    assert usual([5.0], 0.25).spread == 0.25


# --- beside others --------------------------------------------------------------------------------------------------


def beside(edition, mine: dict, others: list[dict], kind: str) -> list:
    everyone = [submission(mine)] + [submission(cells, code=f"2{n:04}") for n, cells in enumerate(others)]
    return [one for one in check_peers(everyone, edition).get("11092", ()) if one.id == kind]


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([172, 172], True),  # three units have answered, two agree
        ([172], False),
        ([172, 171], False),  # not more than half
        ([172, 172, 171], False),  # just half
    ],
)
def test_a_deviation_needs_three_units_and_most_of_them(edition, others, said):
    found = beside(edition, {"3/1.4.3": 17}, [{"3/1.4.3": one} for one in others], "peer-deviates")
    assert bool(found) is said
    if said:
        assert (found[0].found, found[0].expected, found[0].args["agree"], found[0].args["units"]) == (17, 172, 2, 3)


# --- copies and outside figures, at their limits --------------------------------------------------------------------

MOVING_ROWS = ("3/3.3.1", "3/3.3.2", "3/3.4.1", "3/3.4.2", "7/6.7.1", "7/6.7.2", "1/1", "1/3.3.1")


def copied(edition, cells: dict, before: dict, **more) -> list[str]:
    earlier = [submission(before, period=QUARTER, **more)]
    return [one.id for one in check_history(submission(cells), earlier, edition) if "copy" in one.id]


@pytest.mark.parametrize(("count", "said"), [(5, []), (6, ["history-copy"])])
def test_six_equal_numbers_of_the_period_are_a_copy(edition, count, said):
    cells = {key: 5 for key in MOVING_ROWS[:count]}
    assert copied(edition, cells, cells) == said
    assert copied(edition, cells | {"1/3.3.2": 3}, cells | {"1/3.3.2": 4}) == []


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((10, 11, 12, 13), ["history-copy-form"]),
        ((9, 11, 12, 13), []),
        ((10, 11, 12), []),
    ],
)
def test_four_large_equal_numbers_are_a_copy_of_a_form(edition, numbers, said):
    cells = dict(zip(("3/3.3.1", "3/3.3.2", "3/3.4.1", "3/3.4.2"), numbers, strict=False))
    assert copied(edition, cells | {"1/1": 3}, cells | {"1/1": 4}) == said


def test_a_merged_unit_copies_nobody_and_last_year_is_looked_at_too(edition):
    cells = dict.fromkeys(MOVING_ROWS, 50)
    sent = [submission(cells, period=LAST_YEAR), submission({"1/1": 4}, period=QUARTER)]
    found = check_history(submission(cells), sent, edition)
    assert "history-copy" in [one.id for one in found]
    roster = Roster(
        file="ds.csv",
        units=(
            ReportingUnit(code="11092", name="Bình Lãng", predecessors=("11092", "11093"), valid_from=date(2022, 4, 1)),
        ),
    )
    merged = [
        submission(dict.fromkeys(MOVING_ROWS, 25), period=QUARTER),
        submission(dict.fromkeys(MOVING_ROWS, 25), period=QUARTER, code="11093", name="Khác"),
    ]
    found = [one.id for one in check_history(submission(cells), merged, edition, roster=roster)]
    assert "history-copy" not in found
    with_year = [*merged, submission(cells, period=LAST_YEAR)]
    found = [one.id for one in check_history(submission(cells), with_year, edition, roster=roster)]
    assert "history-copy" not in found, "last year it was another unit, too"


def test_a_code_means_the_unit_of_the_periods_last_day(edition):
    """Two units of one code, one after the other: only the later one was made of others."""
    old = ReportingUnit(code="11092", name="Cũ", valid_until=date(2022, 3, 31), predecessors=("11091",))
    new = ReportingUnit(code="11092", name="Bình Lãng", valid_from=date(2022, 4, 1), predecessors=("11092", "11093"))
    before = [submission({"1/2.2": 14}, period=QUARTER), submission({"1/2.2": 1}, period=QUARTER, code="11093")]
    for units in ((old, new), (new, old)):
        found = check_history(submission({"1/2.2": 9}), before, edition, roster=Roster(file="ds.csv", units=units))
        (fell,) = [one for one in found if one.id == "history-fell"]
        assert fell.expected == 15, "the sum of the two that it was made of"


@pytest.mark.parametrize(
    ("key", "given", "figure", "severity"),
    [
        ("3/3.3.1", 100, "98", Severity.WARNING),  # two of 98 are more than 2 %
        ("3/3.3.1", 98, "100", Severity.NOTE),
        ("3/3.3.1", 97, "100", Severity.WARNING),
        ("7/5.2.1", 80, "81", Severity.NOTE),  # at "80" and "81" a point apart may be rounding: nothing is said
        ("7/5.2.1", Decimal("80.5"), "81.5", Severity.NOTE),
        ("7/5.2.1", Decimal("80.5"), "81.6", Severity.WARNING),
    ],
)
def test_a_small_difference_from_an_outside_figure_is_a_note(edition, key, given, figure, severity):
    table = figures_of([("Mã đơn vị", key), ("11092", figure.replace(".", ","))], edition)
    found = compare_outside(submission({key: given}), table, edition)
    within = abs(Decimal(given) - Decimal(figure)) <= 1 and "." not in figure and key == "7/5.2.1"
    assert [one.severity for one in found] == ([] if within else [severity])


@pytest.mark.parametrize(("day", "said"), [(42_004, False), (42_005, True), (49_674, True), (49_675, False)])
def test_the_first_and_the_last_day_taken_for_one(edition, day, said):
    found = [one.id for one in check(submission({"1/1": day}), edition)]
    assert ("number-like-date" in found) is said


def test_a_number_that_sixty_one_units_share_makes_no_twins(edition):
    cells = {key: 100 + at for at, key in enumerate((*MOVING_ROWS, "4/2.2", "5/1.1"))}
    for count, said in ((60, True), (61, False)):
        everyone = [submission(cells, code=f"3{n:04}") for n in range(count)]
        found = [one.id for given in check_peers(everyone, edition).values() for one in given]
        assert ("peer-twin" in found) is said


def test_half_a_file_in_the_words_is_compared_with_nothing(edition):
    words = {"procedures": "Trong kỳ tiếp nhận tổng số hồ sơ là 12,5 hồ sơ."}
    assert not [one for one in check(submission({"7/6.7.1": 738}, words=words), edition) if one.id == "words-differs"]
    words = {"procedures": "Trong kỳ tiếp nhận tổng số hồ sơ là 125 hồ sơ."}
    assert [one.key for one in check(submission({"7/6.7.1": 738}, words=words), edition) if one.id == "words-differs"]


# --- over time ----------------------------------------------------------------------------------------------------


def over_time(edition, key, was, now, *, period="2022-6T", before=QUARTER):
    """(finding, severity) of a row against one earlier workbook, jumps left out."""
    found = check_history(submission({key: now}, period=period), [submission({key: was}, period=before)], edition)
    return [(one.id.removeprefix("history-"), str(one.severity)) for one in found if one.id != "history-jump"]


@pytest.mark.parametrize(
    ("key", "was", "now", "said"),
    [
        ("1/2.2", 14, 14, []),
        ("1/2.2", 14, 13, [("fell", "warning")]),
        ("6/1.2", 5000, 4900, [("fell", "note")]),  # just 2 %
        ("6/1.2", 5000, 4899, [("fell", "warning")]),
        ("3/3.3.1", 700, 700, []),
        ("3/3.3.1", 700, 686, [("part-larger", "note")]),
        ("3/3.3.1", 700, 685, [("part-larger", "warning")]),
        ("1/2.1", 10, 49, [("plan-changed", "note")]),
        ("1/2.1", 10, 50, [("plan-changed", "warning")]),
        ("1/2.1", 50, 10, [("plan-changed", "warning")]),
        ("1/2.1", 10, 0, [("plan-changed", "warning")]),
        ("1/2.1", 0, 10, []),
        ("1/2.1", 10, 10, []),
        ("4/2.5", "20,5", "19,5", [("since-fell", "note")]),  # just a point
        ("4/2.5", "20,5", "19,4", [("since-fell", "warning")]),
        ("4/2.5", "20,5", "20,4", []),  # may be rounding
        ("4/2.5", "20,5", "20,3", [("since-fell", "note")]),
        ("4/2.5", "20,5", "20,6", []),
        ("3/1.4.3", 172, 17, []),  # one for all: the others say what is right
    ],
)
def test_what_a_row_may_do_within_the_year(edition, key, was, now, said):
    assert over_time(edition, key, was, now) == said


def test_a_quarter_of_its_own_need_not_be_larger_than_the_half_year(edition):
    assert over_time(edition, "3/3.3.1", 700, 300, period="2022-Q3", before="2022-6T") == []
    assert over_time(edition, "3/3.3.1", 700, 300, period="2022-9T", before="2022-6T") == [("part-larger", "warning")]


def test_the_latest_of_several_earlier_periods_counts(edition):
    sent = [submission({"1/2.2": was}, period=period) for was, period in ((14, QUARTER), (20, "2022-6T"))]
    for earlier in (sent, sent[::-1]):
        (fell,) = check_history(submission({"1/2.2": 18}, period="2022-9T"), earlier, edition)
        assert (fell.id, fell.expected) == ("history-fell", 20)


def test_a_percent_since_2015_is_held_against_last_year_too(edition):
    sent = [submission({"4/2.5": "30"}, period=LAST_YEAR), submission({"1/1": 3}, period=QUARTER)]
    (fell,) = [one for one in check_history(submission({"4/2.5": "20"}), sent, edition) if "since" in one.id]
    assert fell.expected == 30
    only = check_history(submission({"4/2.5": "20"}), sent[:1], edition)
    assert [one.id for one in only if "since" in one.id] == ["history-since-fell"]


def test_last_years_numbers_alone_may_be_copied(edition):
    cells = dict.fromkeys(MOVING_ROWS, 50)
    found = check_history(submission(cells), [submission(cells, period=LAST_YEAR)], edition)
    assert "history-copy" in [one.id for one in found]


@pytest.mark.parametrize(("was", "now", "severity"), [(10, 100, "note"), (10, 70, "note")])
def test_a_jump_of_a_merged_unit_is_a_note(edition, was, now, severity):
    unit = ReportingUnit(code="11092", name="Bình Lãng", predecessors=("11092", "11093"), valid_from=date(2022, 4, 1))
    sent = [
        submission({STOCK: was - 1}, period=QUARTER),
        submission({STOCK: 1}, period=QUARTER, code="11093", name="Khác"),
    ]
    for others in ((), [(submission({STOCK: 20}), submission({STOCK: 20}, period=QUARTER))] * 9):
        found = check_history(
            submission({STOCK: now}), sent, edition, roster=Roster(file="ds.csv", units=(unit,)), peers=others
        )
        (jumped,) = [one for one in found if one.id == "history-jump"]
        assert str(jumped.severity) == severity


@pytest.mark.parametrize(("done", "said"), [(76, True), (77, False)])
def test_a_percent_six_spreads_away_is_far(edition, done, said):
    """Spreads are never taken for less than four points."""
    others = [{"3/3.3.1": 100, "3/3.3.2": 100}] * 9
    assert bool(beside(edition, {"3/3.3.1": 100, "3/3.3.2": done}, others, "peer-outlier")) is said


@pytest.mark.parametrize(("done", "said"), [(80, True), (81, False)])
def test_a_percent_is_far_from_twenty_points_on_whatever_staff_take_for_a_spread(edition, done, said, monkeypatch):
    monkeypatch.setattr(peers, "limit", lambda area, name: Decimal(1) if name == "z" else limit(area, name))
    others = [{"3/3.3.1": 100, "3/3.3.2": 100}] * 9
    found = beside(edition, {"3/3.3.1": 100, "3/3.3.2": done}, others, "peer-outlier")
    assert [one.key for one in found if one.key == "3/3.3"] == ["3/3.3"] * said


@pytest.mark.parametrize(
    ("mine", "others", "said"),
    [
        (815, 99, False),  # six spreads of 0,35 are 8,17 times
        (817, 99, True),
        (12, 199, True),
        (24, 199, False),
        (21, 1, True),
        (20, 1, False),  # less than twenty away
        (60, 0, False),  # mostly nothing: nothing is usual
    ],
)
def test_a_count_is_far_by_times(edition, mine, others, said):
    assert bool(beside(edition, {"1/1": mine}, [{"1/1": others}] * 9, "peer-outlier")) is said


@pytest.mark.parametrize(("mine", "said"), [(400, True), (397, False), (23, True), (26, False)])
def test_a_count_is_far_from_four_times_on_whatever_staff_take_for_a_spread(edition, mine, said, monkeypatch):
    monkeypatch.setattr(peers, "limit", lambda area, name: Decimal(1) if name == "z" else limit(area, name))
    assert bool(beside(edition, {"1/1": mine}, [{"1/1": 99}] * 9, "peer-outlier")) is said


# --- beside others: who counts ------------------------------------------------------------------------------------


def test_a_workbook_that_names_no_level_is_of_the_forms_level(edition):
    cells = [{"3/1.4.3": 172}] * 3
    everyone = [submission({"3/1.4.3": 17}, level=None)]
    everyone += [submission(one, code=f"2{n:04}", level=None) for n, one in enumerate(cells)]
    assert [one.id for one in check_peers(everyone, edition)["11092"]] == ["peer-deviates"]


def test_a_consolidating_unit_that_did_not_answer_says_nothing_of_what_is_common(edition):
    everyone = [submission({"3/1.4.3": value}, code=f"2{n:04}") for n, value in enumerate((172, 172, 17))]
    silent = submission({}, code="298", name="Tứ Kỳ", level="huyện")
    assert list(check_peers([*everyone, silent], edition)) == ["20002"]
    other = submission({"3/1.4.3": 17}, code="299", name="Khác", level="huyện")
    assert list(check_peers([*everyone, silent, other], edition)) == ["20000", "20001"]


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said", "unit", "agree"),
    [
        ("738", "738", "hồ sơ", True),
        ("738", "739", "hồ sơ", False),
        ("42", "42.5", "%", False),  # nobody rounds 42,5 from 42
        ("42.4", "42", "%", True),
        ("42.55", "42", "%", True),
        ("42.6", "42", "%", False),
        ("42", "43", "%", False),
        ("42", "42", "%", True),
        ("42.4", "42.5", "%", True),
        ("42.4", "42.6", "%", False),
    ],
)
def test_do_two_numbers_say_the_same(given, said, unit, agree):
    assert _agree(Decimal(given), Decimal(said), unit) is agree


@pytest.mark.parametrize(
    ("before", "label"),
    [
        ("theo công văn số ", True),
        ("mức độ (", True),
        ("năm: ", True),
        ("tổng số ", False),
        ("tiếp nhận ", False),
        ("xuấtđộ ", False),  # the end of another word
        ("xuất ađộ ", False),
        ("số", True),
        ("", False),
    ],
)
def test_a_word_that_makes_a_number_a_name(before, label):
    assert bool(_is_label(before)) is label


@pytest.mark.parametrize(
    ("text", "unit", "begins"),
    [
        ("hồ sơ,", "hồ sơ", True),
        ("hồ sơ", "hồ sơ", True),
        ("hồ sơm", "hồ sơ", False),
        ("hồ sơm, x", "hồ sơ", False),
        ("%2", "%", True),
        ("hồ", "hồ sơ", False),
    ],
)
def test_a_unit_word_is_a_word(text, unit, begins):
    assert _begins(text, unit) is begins


@pytest.mark.parametrize(
    ("sentence", "at"),
    [
        ("tiếp nhận 738 hồ sơ, trong đó 12 hồ sơ", 21),
        ("6 tháng đầu năm tiếp nhận 738 hồ sơ", 35),
        ("năm 2022 tiếp nhận 738 hồ sơ", 28),
        ("năm 2021 tiếp nhận 738 hồ sơ", 4),
        ("tăng 5 hồ sơ trong đó", 0),
    ],
)
def test_where_a_sentence_begins_to_speak_of_something_else(sentence, at):
    assert _turn(sentence, "2022") == at


SOLVED = "Giải quyết đúng hạn {} hồ sơ."
RECEIVED = "Trong kỳ tiếp nhận tổng số hồ sơ là {} hồ sơ."


def differing(edition, cells: dict, **words) -> list[tuple[str, str, Decimal]]:
    found = check(submission(cells, words=words), edition)
    return [(one.key, str(one.severity), one.found) for one in found if one.id == "words-differs"]


def test_of_two_contradictions_of_a_row_the_graver_is_kept(edition):
    cells = {"3/3.3.2": 700, "7/6.7.1": 738}
    note, warning = "Tiếp nhận trực tuyến 3/9 hồ sơ.", RECEIVED.format(8)
    assert differing(edition, cells, procedures=note) == [("7/6.7.1", "note", 738)]
    for text in (f"{note} {warning}", f"{warning} {note}"):
        assert differing(edition, cells, procedures=text) == [("7/6.7.1", "warning", 738)]
    twice = check(submission(cells, words={"procedures": f"{RECEIVED.format(8)} {RECEIVED.format(9)}"}), edition)
    (first,) = [one for one in twice if one.id == "words-differs"]
    assert first.args["said"] == "8 hồ sơ" and first.args["heading"] != "procedures"


def test_headings_that_are_not_compared_are_passed_over(edition):
    words = {"tasks": RECEIVED.format(5), "procedures": RECEIVED.format(6)}
    (found,) = [one for one in check(submission({"7/6.7.1": 7}, words=words), edition) if one.id == "words-differs"]
    assert found.args["said"] == "6 hồ sơ"
    assert differing(edition, {"7/6.7.1": 7}, tasks=RECEIVED.format(5)) == []


def test_a_row_that_is_blank_contradicts_nothing(edition):
    assert differing(edition, {}, procedures=RECEIVED.format(5)) == []
    assert differing(edition, {"3/3.3.1": 7}, procedures=RECEIVED.format(5)) == []
    assert differing(edition, {"7/6.7.1": 0}, procedures=RECEIVED.format(5)) == [("7/6.7.1", "warning", 0)]


@pytest.mark.parametrize(("length", "said"), [(2_000, True), (2_001, False)])
def test_a_sentence_that_says_too_much_says_nothing_clearly(edition, length, said):
    text = RECEIVED.format(5)
    long = text[:-1] + " " + "x" * (length - len(text)) + "."
    assert len(long) == length + 1  # the full stop and the blank after it part sentences
    assert bool(differing(edition, {"7/6.7.1": 7}, procedures=long[:length])) is said


def test_a_part_before_a_slash_is_compared_with_its_own_row(edition):
    text = "Tiếp nhận trực tuyến {}/{} hồ sơ."
    cells = {"7/6.7.1": 738, "7/6.7.2": 170}
    assert differing(edition, cells, procedures=text.format(170, 738)) == []
    assert differing(edition, cells, procedures=text.format(171, 738)) == [("7/6.7.2", "note", 170)]
    assert differing(edition, cells, procedures=text.format(170, 739)) == [("7/6.7.1", "note", 738)]
    assert differing(edition, {"7/6.7.1": 738}, procedures=text.format(171, 738)) == []
    phrase = Phrase(
        units=("hồ sơ",), needs=(), without=(), keys=("7/6.7.1", "7/6.7.2"), part="7/6.7.2", severity=Severity.NOTE
    )
    said = Said(value=Decimal(170), part=Decimal(170), unit="hồ sơ", text="170/170 hồ sơ")
    assert _contradicted([said], phrase, submission(cells)) == "7/6.7.1", "the part is not the whole"
    whole = replace(said, part=None)
    assert _contradicted([whole], phrase, submission(cells)) == ""


# --- a second version ---------------------------------------------------------------------------------------------


def asked_about(edition, typed: dict, then: dict, rules: set[str]):
    before, after = submission(typed), submission(then)
    requests = [one for one in check(before, edition) if one.rule in rules]
    assert {one.rule for one in requests} == rules
    return compare(before, after, requests, edition)


def test_rows_of_the_rule_that_was_asked_about_may_change_and_no_others(edition):
    typed = {"1/2.1": 30, "1/2.2": 34, "1/1": 5}
    made = asked_about(edition, typed, typed | {"1/2.1": 40, "1/1": 6}, {"1/2.2<=2.1"})
    assert [one.key for one in made.unasked] == ["1/1"] and [one.outcome for one in made.answered] == ["corrected"]
    made = asked_about(edition, typed, typed | {"1/2.1": 31}, {"1/2.2<=2.1"})
    assert [one.outcome for one in made.unanswered] == ["still_wrong"] and made.unasked == ()
    made = asked_about(edition, typed, typed, {"1/2.2<=2.1"})
    assert [one.outcome for one in made.unanswered] == ["unchanged"]


def test_the_condition_of_a_rule_belongs_to_its_rows(edition):
    typed = {"1/5": 0, "1/5.1": 5}
    made = asked_about(edition, typed, typed | {"1/5": 1, "1/5.2": 1}, {"1/5.1-not-5"})
    assert [one.key for one in made.unasked] == ["1/5.2"]


def test_the_parts_of_a_ratio_that_was_asked_about_may_change(edition):
    typed = {"1/2.1": 33, "1/2.2": 14, "1/2": 63.6}
    made = asked_about(edition, typed, typed | {"1/2.2": 21}, {"1/2"})
    assert made.unasked == () and [one.outcome for one in made.answered] == ["corrected"]


def test_what_is_new_is_only_what_nobody_was_told(edition):
    before = submission({"1/2.1": 30, "1/2.2": 34})
    after = submission({"1/2.1": 30, "1/2.2": 34, "3/3.3.1": 5, "3/3.3.2": 6})
    requests = check(before, edition)
    assert [one.rule for one in compare(before, after, requests, edition).new] == ["3/3.3.2<=3.3.1"]
    told = replace(before, findings=tuple(one for one in check(after, edition) if one.rule == "3/3.3.2<=3.3.1"))
    assert compare(told, after, requests, edition).new == ()


def test_a_row_that_was_answered_is_not_what_a_note_on_blank_rows_asked_for(edition):
    before, after = submission({"1/1": 5}), submission({"1/1": 6, "1/3.1": 2, "4/2.2": 20})
    blank = [one for one in check(before, edition) if one.id == "blank-form" and one.args["form"] == 1]
    assert [one.key for one in compare(before, after, blank, edition).unasked] == ["1/1", "4/2.2"]


@pytest.mark.parametrize("which", ["before", "after", "both"])
def test_of_a_refused_version_no_words_are_compared(edition, which):
    one, other = submission({"1/1": 5}, words={"direction": "a"}), submission({"1/1": 6}, words={"direction": "b"})
    before = replace(one, refused=which != "after")
    after = replace(other, refused=which != "before")
    made = compare(before, after, [], edition)
    assert made.unasked_texts == () and made.unasked == ()
    assert compare(one, other, [], edition).unasked_texts != ()


# --- which earlier workbook counts ----------------------------------------------------------------------------------


def test_what_stood_in_the_nearest_earlier_workbook(edition):
    now = submission({"1/1": 9})
    sent = [submission({"1/1": 3}, period=QUARTER), submission({"1/1": 4}, period=LAST_YEAR)]
    assert entries_before(now, sent, edition)["1/1"].value == 3
    assert entries_before(now, sent[1:], edition)["1/1"].value == 4
    assert entries_before(now, [], edition) == {} and entries_before(replace(now, period=None), sent, edition) == {}


def test_a_unit_that_kept_its_code_and_names_no_day_is_the_sum_of_what_it_was_made_of(edition):
    unit = ReportingUnit(code="11092", name="Bình Lãng", predecessors=("11091", "11092"))
    roster, sent = Roster(file="ds.csv", units=(unit,)), [submission({"1/2.2": 14}, period=QUARTER)]
    found = check_history(submission({"1/2.2": 9}), sent, edition, roster=roster)
    assert [one.id for one in found] == ["history-predecessors"]
    sent.append(submission({"1/2.2": 3}, period=QUARTER, code="11091", name="Khác"))
    (fell,) = check_history(submission({"1/2.2": 9}), sent, edition, roster=roster)
    assert (fell.expected, str(fell.severity)) == (17, "note")


@pytest.mark.parametrize(("others", "said"), [(6, False), (7, True)])
def test_a_number_is_far_from_others_only_of_eight_units(edition, others, said):
    rest = [{"3/3.3.1": 700, "3/3.3.2": 700}] * others
    found = beside(edition, {"3/3.3.1": 700, "3/3.3.2": 150}, rest, "peer-outlier")
    assert bool(found) is said
    if said:
        assert found[0].args["units"] == 8 and found[0].expected == 100


def test_a_unit_that_only_changed_its_code_is_the_sum_of_one(edition):
    unit = ReportingUnit(code="11092", name="Bình Lãng", predecessors=("11091",), valid_from=date(2022, 4, 1))
    sent = [submission({"1/2.2": 14}, period=QUARTER, code="11091", name="Khác")]
    (fell,) = check_history(submission({"1/2.2": 9}), sent, edition, roster=Roster(file="ds.csv", units=(unit,)))
    assert (fell.id, fell.expected, str(fell.severity)) == ("history-fell", 14, "note")


@pytest.mark.parametrize("key", ["7/5.1.1", "3/1.4.3", "7/5.2", "1/5.2"])
def test_what_is_a_share_one_for_all_somebody_elses_or_a_choice_has_no_outliers(edition, key):
    everyone = [{key: 100}] * 9
    assert beside(edition, {key: 0}, everyone, "peer-outlier") == []
    assert beside(edition, {"7/5.2.1": 0}, [{"7/5.2.1": 100}] * 9, "peer-outlier") != []


def test_a_table_with_one_row_a_number(edition):
    table = [
        ("Sở Nội vụ", "", ""),
        ("Kỳ", "Mã đơn vị", "Giá trị", "Chỉ tiêu"),
        ("I", "11092", "738", "3/3.3.1"),
        ("I", "", "5", "3/3.3.1"),
        ("I", "11092", "700", "Hồ sơ đúng hạn"),
        ("I", "11092", "9", "Khác"),
        ("I", "11086", "nhiều", "3/3.3.1"),
        ("I", "11086"),
    ]
    read = figures_of(table, edition)
    assert read.figures == {("11092", "3/3.3.1"): 738, ("11092", "3/3.3.2"): 700}
    assert read.units == {"11092", "11086"} and read.unclear == {("11086", "3/3.3.1"): "nhiều"}
    assert read.ignored == ("Khác", "")
    own = figures_of(table, edition, {"Khác": "3/1.1"})
    assert own.figures["11092", "3/1.1"] == 9


@pytest.mark.parametrize(("level", "said"), [(None, True), ("xã", True), ("huyện", False)])
def test_amounts_are_measured_against_the_forms_own_level(edition, level, said):
    """Đồng where million đồng is meant: a district may have as much."""
    found = check(submission({"6/1.2": 1_000_000}, level=level), edition)
    assert ("number-magnitude" in [one.id for one in found]) is said
    assert "number-magnitude" not in [one.id for one in check(submission({"6/1.2": 999_999}, level=level), edition)]


@pytest.mark.parametrize(
    ("rows", "equal", "said"),
    [(10, 9, True), (10, 8, False), (9, 8, False), (8, 8, True), (7, 7, False)],
)
def test_twins_share_nine_numbers_of_ten_and_eight_at_least(edition, rows, equal, said):
    keys = (*MOVING_ROWS, "4/2.2", "5/1.1")[:rows]
    mine = {key: 100 + at for at, key in enumerate(keys)}
    other = {key: value + (at >= equal) for at, (key, value) in enumerate(mine.items())}
    found = beside(edition, mine, [other], "peer-twin")
    assert bool(found) is said
    if said:
        assert (found[0].args["count"], found[0].args["large"], found[0].args["unit_code"]) == (equal, equal, "20000")


@pytest.mark.parametrize(("large", "said"), [(4, False), (5, True)])
def test_twins_share_five_large_numbers(edition, large, said):
    cells = {key: 10 if at < large else 9 for at, key in enumerate(MOVING_ROWS)}
    found = beside(edition, cells, [cells], "peer-twin")
    assert bool(found) is said and (not said or found[0].args["large"] == large)


def test_how_each_row_behaves_over_time(edition):
    """What the column of the form says; a row of which it says nothing behaves in no way we know."""
    times = {"4/2.5": Time.SINCE, "1/2.2": Time.CUMULATIVE, STOCK: Time.STOCK, "3/3.3.1": Time.FLOW, "1/2.1": Time.PLAN}
    assert {key: time_of(edition.by_key[key]) for key in times} == times
    timeless = replace(edition.by_key["1/1"], time="khi có")
    assert time_of(timeless) is Time.NONE
    ours = replace(edition, by_key={**edition.by_key, "1/1": timeless})
    before, now = submission({"1/1": 10}, period=LAST_YEAR), submission({"1/1": 1000})
    assert [one.id for one in check_history(now, [before], edition)] == ["history-jump"]
    assert check_history(now, [before], ours) == ()
    assert [is_guessed(edition.by_key[key]) for key in ("1/2.2", "1/4.1")] == [False, True]


def test_a_refused_workbook_has_no_history(edition):
    refused = replace(submission({"1/2.2": 9}), refused=True)
    assert check_history(refused, [submission({"1/2.2": 14}, period=QUARTER)], edition) == ()


def test_nothing_and_columns_of_another_edition_say_nothing(edition):
    table = figures_of([("Mã đơn vị", "Đã giải quyết"), ("11092", "KPS"), ("11086", "-")], edition)
    assert table.figures == {} and table.unclear == {} and table.units == {"11092", "11086"}
    moved = replace(edition, code_map={"3/3.3.1": "3/3.3.2"})  # what "đã giải quyết" meant has another key there
    table = figures_of([("Mã đơn vị", "Đã giải quyết", "Hồ sơ đúng hạn"), ("11092", "738", "700")], moved)
    assert table.figures == {("11092", "3/3.3.2"): 738} and table.ignored == ("Hồ sơ đúng hạn",)


def test_a_refused_file_and_one_of_nobody_are_beside_nobody(edition):
    everyone = [submission({"3/1.4.3": value}, code=f"2{n:04}") for n, value in enumerate((172, 172, 17))]
    refused = replace(submission({"3/1.4.3": 9}, code="20009"), refused=True, entries={})
    nobody = replace(submission({"3/1.4.3": 9}), unit=None)
    assert list(check_peers([*everyone, refused, nobody], edition)) == ["20002"]


def test_a_finding_names_its_sheet_and_cell(edition):
    found = check(submission({"1/2.1": 33, "1/2.2": 34, "3/3.3.1": 45_000}), edition)
    places = {one.id: (one.sheet, one.cell) for one in found}
    assert places["relation-exceeds"] == ("Biểu 1", "D10") and places["number-like-date"] == ("Biểu 3", "D27")
    assert places["blank-form"] == ("Biểu 7", None), "the last form's"
    nowhere = submission({"1/2.1": 33, "1/2.2": 34})
    bare = {key: replace(entry, sheet="", cell="") for key, entry in nowhere.entries.items()}
    for one in check(replace(nowhere, entries=bare), edition):
        assert (one.sheet, one.cell) == (None, None)


def test_a_number_without_its_row_does_not_hide_the_next_one(edition):
    """The files are no part of anything here, and the percent still contradicts."""
    text = "Tiếp nhận trực tuyến 738 hồ sơ, tỷ lệ hồ sơ trực tuyến đạt 50%."
    assert differing(edition, {"7/6.7.1": 738, "7/6.7.2": 170}, procedures=text) == [("7/6.7", "note", Decimal(23))]


def test_a_figure_that_is_none_does_not_hide_the_others(edition):
    table = figures_of([("Mã đơn vị", "1/1", "3/3.3.1", "7/6.7.1"), ("11092", "nhiều", "738", "5")], edition)
    found = compare_outside(submission({"1/1": 5, "3/3.3.1": 7, "7/6.7.1": 5}), table, edition)
    assert [(one.id, one.key) for one in found] == [("peer-outside-unclear", "1/1"), ("peer-outside", "3/3.3.1")]
    assert found[0].args["said"] == "nhiều"


def test_a_later_workbook_and_one_of_the_same_period_are_not_earlier_ones(edition):
    later = [submission({"1/2.2": 14}, period=period) for period in ("2022-9T", "2022-N", "2022-6T", "2023-Q1")]
    assert check_history(submission({"1/2.2": 9}), later, edition) == ()
    sent = [*later, submission({"1/2.2": 10}, period=QUARTER)]
    (fell,) = check_history(submission({"1/2.2": 9}), sent, edition)
    assert fell.expected == 10


def test_a_pair_of_two_editions_does_not_hide_the_pairs_after_it(edition):
    good = (submission({STOCK: 5}), submission({STOCK: 5}, period=QUARTER))
    odd = (good[0], replace(good[1], edition="xa-2019"))
    ((others, units),) = usual_changes([odd, *[good] * 8], edition).values()
    assert (others.middle, units) == (0, 8)


@pytest.mark.parametrize(("given", "said"), [(100, True), ("100,5", False), (0, True), (-1, False)])
def test_a_percent_that_is_none_is_wrong_by_itself_and_beside_nobody(edition, given, said):
    others = [{"7/5.2.1": 50}] * 9
    assert bool(beside(edition, {"7/5.2.1": given}, others, "peer-outlier")) is said


@pytest.mark.parametrize(
    ("code", "known"), [("1900-6T", False), ("1901-6T", True), ("22-6T", False), ("2022-XX", False)]
)
def test_which_periods_there_are(edition, code, known):
    assert (known_period(edition, code) is not None) is known


def test_a_sum_of_units_is_named_as_one(edition):
    unit = ReportingUnit(code="11092", name="Bình Lãng", predecessors=("11091",), valid_from=date(2022, 4, 1))
    sent = [submission({"1/2.2": 14}, period=QUARTER, code="11091", name="Khác")]
    (summed,) = check_history(submission({"1/2.2": 9}), sent, edition, roster=Roster(file="ds.csv", units=(unit,)))
    (alone,) = check_history(submission({"1/2.2": 9}), [submission({"1/2.2": 14}, period=QUARTER)], edition)
    assert "cộng" in summed.args["period"] and "cộng" not in alone.args["period"]


def test_a_rule_is_weak_only_where_that_is_said(edition):
    assert severity_of("history-fell") is Severity.WARNING and severity_of("history-fell", weak=True) is Severity.NOTE
    assert severity_of("history-copy", weak=True) is Severity.WARNING
    assert peers.MOST_TWINS == 3


def test_a_period_of_last_year_of_another_kind_is_no_match(edition):
    for period, said in (("2021-6T", ["history-jump"]), ("2021-Q1", []), ("2021-N", [])):
        found = check_history(submission({MOVING: 1000}), [submission({MOVING: 10}, period=period)], edition)
        assert [one.id for one in found] == said, period


def test_a_unit_of_the_roster_that_was_made_of_no_other_is_compared_with_itself(edition):
    roster = Roster(file="ds.csv", units=(ReportingUnit(code="11092", name="Bình Lãng"),))
    sent = [submission({"1/2.2": 14}, period=QUARTER)]
    (fell,) = check_history(submission({"1/2.2": 9}), sent, edition, roster=roster)
    assert (fell.id, str(fell.severity)) == ("history-fell", "warning")


@pytest.mark.parametrize(
    ("others", "said"), [(("11091",), "history-divided"), (("11090",), "history-fell"), ((), "history-fell")]
)
def test_a_unit_that_was_divided_is_nobodys_sum(edition, others, said):
    unit = ReportingUnit(code="11092", name="Bình Lãng", predecessors=("11091",), valid_from=date(2022, 4, 1))
    other = ReportingUnit(code="11086", name="Hưng Đạo", predecessors=others)
    sent = [submission({"1/2.2": 14}, period=QUARTER, code="11091", name="Khác")]
    found = check_history(submission({"1/2.2": 9}), sent, edition, roster=Roster(file="ds.csv", units=(unit, other)))
    assert [one.id for one in found] == [said]


def test_a_row_that_fell_to_nothing_is_no_copy(edition):
    cells = dict.fromkeys(MOVING_ROWS[:6], 5)
    assert copied(edition, cells | {"1/3.3.1": 0}, cells | {"1/3.3.1": 4}) == []
    assert copied(edition, cells | {"1/3.3.1": 0}, cells | {"1/3.3.1": 0}) == ["history-copy"]
    assert MIN_LISTED == 12


def test_the_middle_of_counts_is_said_to_one_decimal(edition):
    others = [{"1/1": 99}] * 5 + [{"1/1": 199}] * 4
    (far,) = beside(edition, {"1/1": 100_000}, others, "peer-outlier")
    assert far.expected == Decimal("140.4")


def test_lines_cut_short_and_long_texts_of_a_table(edition):
    table = figures_of([("Kỳ", "Mã đơn vị", "1/1"), ("I",), (), ("I", "11092", "x" * 70)], edition)
    assert table.unclear == {("11092", "1/1"): "x" * 60} and table.units == {"11092"}

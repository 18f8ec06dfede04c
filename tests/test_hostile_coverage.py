"""What mutation testing and branch coverage found untested: each case was a change that no other test noticed."""

from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check_typing
from cchc_xl.checking.jumps import change_causes, is_telling
from cchc_xl.checking.outside import columns_of, compare_outside, figures_of, missing_columns
from cchc_xl.model import Choice, Kind, Whole
from cchc_xl.number import (
    LARGEST,
    Stored,
    decimals_of,
    from_cell,
    from_text,
    in_prose,
    percent_of,
    round_half_up,
    tidy,
    vietnamese,
)
from tests.conftest import entries_of
from tests.test_consolidation import added_up, workbook

# --- the door for numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1.234.567", "1,234,567"])
def test_two_groups_are_no_percent_and_no_doubt_is_left(text):
    reading = from_text(text, Kind.PERCENT)
    assert (reading.value, reading.word, reading.doubt) == (None, "unreadable", "")


@pytest.mark.parametrize(
    ("text", "kind", "value", "doubt"),
    [
        ("1.234", Kind.COUNT, 1234, "number-as-text"),
        ("1.234", Kind.AMOUNT, 1234, "number-as-text"),
        ("1.234", Kind.PERCENT, "1.234", "number-two-ways"),
        ("1,234", Kind.COUNT, 1234, "number-two-ways"),
        ("1,234", Kind.PERCENT, "1.234", "number-two-ways"),
        ("1,234.5", Kind.AMOUNT, "1234.5", "number-two-ways"),
        ("1.234,5", Kind.AMOUNT, "1234.5", "number-as-text"),
        ("12.5", Kind.AMOUNT, "12.5", "number-two-ways"),
        ("12,5", Kind.AMOUNT, "12.5", "number-as-text"),
        ("12.5", Kind.PERCENT, "12.5", "number-as-text"),
        ("1 234", Kind.COUNT, 1234, "number-as-text"),
        ("-5", Kind.COUNT, -5, "number-as-text"),
    ],
)
def test_each_way_of_writing_and_what_is_said_of_it(text, kind, value, doubt):
    reading = from_text(text, kind)
    assert (reading.value, reading.doubt) == (Decimal(value), doubt)


@pytest.mark.parametrize("text", ["1,5", "1.5", "1.234,5", "1,234.5"])
def test_a_count_takes_no_decimals(text):
    assert from_text(text, Kind.COUNT).word == "unreadable"


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_largest_number_and_the_one_beyond(sign):
    largest = Decimal(sign + str(LARGEST))
    assert from_cell(sign + "1000000000000000") == largest
    assert from_cell(sign + "1000000000000001") is None
    assert from_text(sign + "1000000000000000", Kind.COUNT).value == largest
    assert from_text(sign + "1000000000000001", Kind.COUNT).word == "unreadable"


def test_what_is_left_over_by_a_computation_is_nothing():
    assert from_cell("9.9e-16") == 0 and from_cell("-9.9e-16") == 0
    assert from_cell("1e-15") == Decimal("1e-15")
    assert str(from_cell("-0")) == "0"


@pytest.mark.parametrize(
    "text", ["66666\x1c", "1\x0b", "\u00a01", "1_000", "１２", "٣", "", " ", "+", ".", "1e", "0x1"]
)
def test_only_what_xml_calls_a_number_is_one(text):
    """``\\s`` of a regular expression knows blanks that ``float`` does not: found by coverage-guided fuzzing."""
    assert from_cell(text) is None


@pytest.mark.parametrize("text", [" 5", "5 ", "\n5\t", "+5", "5.", "05", "5e0", ".5e1"])
def test_a_number_as_xml_may_write_it(text):
    assert from_cell(text) == 5


def test_rounding_goes_away_from_zero_and_leaves_what_it_cannot_hold():
    assert round_half_up(Decimal("0.05"), 1) == Decimal("0.1")
    assert round_half_up(Decimal("-0.05"), 1) == Decimal("-0.1")
    assert round_half_up(Decimal("2.5")) == 3 and round_half_up(Decimal("2.449"), 1) == Decimal("2.4")
    many = Decimal("1234567890123456789012345678")
    assert round_half_up(many, 5) == many


def test_percent_of_nothing_is_none():
    assert percent_of(Decimal(0), Decimal(0)) is None and percent_of(Decimal(5), Decimal(0)) is None
    assert percent_of(Decimal(1), Decimal(8)) == Decimal("12.5")
    assert percent_of(Decimal(1), Decimal(1)) == 100


@pytest.mark.parametrize(
    ("number", "left"), [("63.6", 1), ("42", 0), ("42.0", 0), ("100", 0), ("0.25", 2), ("0", 0), ("1E+3", 0)]
)
def test_decimals_left(number, left):
    assert decimals_of(Decimal(number)) == left


def test_tidy_numbers():
    assert [str(tidy(Decimal(text))) for text in ("1E+2", "100.0", "63.60", "-0", "0.10")] == [
        "100",
        "100",
        "63.6",
        "0",
        "0.1",
    ]


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        ("3000", None, "3.000"),
        ("63.6", None, "63,6"),
        ("63.66", 1, "63,7"),
        ("63.04", 1, "63"),
        ("1234567.5", None, "1.234.567,5"),
        ("-5", None, "-5"),
        ("0", None, "0"),
    ],
)
def test_the_official_style(value, decimals, shown):
    assert vietnamese(Decimal(value), decimals) == shown


def test_prose_has_two_digits_and_what_is_missing_has_a_dash():
    said = [in_prose(None if value is None else Decimal(value)) for value in (0, 1, 9, 10, None, -5, "0.5")]
    assert said == ["0", "01", "09", "10", "–", "-5", "0,5"]
    assert vietnamese(None, missing="x") == "x"


CHOICES = (Choice(value=0, label="Không"), Choice(value=1, label="Có"))
THREE = tuple(Choice(value=value, label=label) for value, label in ((0, "Chưa"), (1, "Một phần"), (2, "Toàn bộ")))


@pytest.mark.parametrize(
    ("text", "choices", "value", "doubt"),
    [
        ("1", CHOICES, 1, "number-as-text"),
        ("1 – Có", CHOICES, 1, ""),
        ("1 - Có", CHOICES, 1, "number-choice-words"),
        ("01", CHOICES, 1, "number-as-text"),
        ("có", CHOICES, 1, "number-choice-words"),
        ("x", CHOICES, 1, "number-choice-words"),
        ("không", CHOICES, 0, "number-choice-words"),
        ("2. toàn bộ", THREE, 2, "number-choice-words"),
        ("một phần", THREE, 1, "number-choice-words"),
    ],
)
def test_a_choice_however_it_is_written(text, choices, value, doubt):
    reading = from_text(text, Kind.COUNT, choices)
    assert (reading.value, reading.word, reading.doubt) == (Decimal(value), "", doubt)


@pytest.mark.parametrize(("text", "choices"), [("2", CHOICES), ("x", THREE), ("có", THREE), ("3 – Không", THREE)])
def test_no_choice_of_the_row(text, choices):
    assert from_text(text, Kind.COUNT, choices).word == "unreadable"


@pytest.mark.parametrize(
    ("text", "kind", "choices", "value"),
    [
        ("3.127", Kind.AMOUNT, (), "3.127"),  # typed that would be three thousand
        ("3.127", Kind.PERCENT, (), "3.127"),
        ("3.127", Kind.COUNT, (), None),
        ("3", Kind.COUNT, (), "3"),
        ("1", Kind.FLAG, CHOICES, "1"),
        ("2", Kind.FLAG, CHOICES, None),
        ("1.5", Kind.CHOICE, THREE, None),
        ("KPS", Kind.COUNT, (), None),
        (" 5 ", Kind.COUNT, (), "5"),
        ("1E+16", Kind.COUNT, (), None),
    ],
)
def test_a_number_stored_in_a_table_of_text_has_no_thousands_marks(text, kind, choices, value):
    reading = from_text(Stored(text), kind, choices)
    assert (reading.value, reading.word) == ((Decimal(value), "") if value else (None, "unreadable"))
    assert reading.doubt == "" and isinstance(Stored(text).strip(), Stored)


@pytest.mark.parametrize("text", ["9" * 1_000_001, "-" + "9" * 1_000_001, "9," + "9" * 1_000_001])
def test_a_million_digits_are_no_number_and_raise_nothing(text):
    assert from_text(text, Kind.COUNT).word == "unreadable"
    assert from_text(text, Kind.AMOUNT).word in ("", "unreadable")


# --- rollups --------------------------------------------------------------------------------------------------------


def a_total(edition):
    """A total of rows that are all added up, and its rows."""
    added = {row.key for row in edition.indicators if row.method.value == "sum"}
    return next(row for row in edition.indicators if len(row.total_of) >= 2 and set(row.total_of) <= added)


def partial(figure) -> list:
    return [remark for remark in figure.remarks if remark.name == "partial"]


def test_a_total_of_which_a_part_is_missing_says_which(edition):
    total = a_total(edition)
    first, *rest = total.total_of
    figure = added_up(edition, {"1": {first: 5}, "2": {first: 1}}).figures[total.key]
    (said,) = partial(figure)
    assert figure.communes == 6
    assert tuple(said.args["codes"]) == tuple(edition.by_key[key].code for key in rest)


def test_a_whole_total_and_an_empty_one_are_not_partial(edition):
    total = a_total(edition)
    whole = added_up(edition, {"1": dict.fromkeys(total.total_of, 2)}).figures[total.key]
    assert whole.communes == 2 * len(total.total_of) and not partial(whole)
    empty = added_up(edition, {"1": {}, "2": {}}).figures[total.key]
    assert empty.communes is None and not partial(empty)


# --- checks ---------------------------------------------------------------------------------------------------------


def test_the_staffs_own_map_of_columns(edition):
    table = [
        ("Tên cột", "Mã chỉ tiêu"),
        ("Hồ sơ", "3/3.3.1"),
        ("Hồ sơ đúng hạn", " 3/3.3.2. "),
        ("Không có", "9/9.9"),
        ("", "1/1"),
        ("Thiếu mã",),
        ("Mục lớn", "3/1"),
    ]
    columns, unknown = columns_of(table, edition)
    assert columns["Hồ sơ"] == "3/3.3.1" and columns["Hồ sơ đúng hạn"] == "3/3.3.2"
    assert "9/9.9" in unknown and "" not in columns and "Thiếu mã" not in columns
    assert missing_columns([("Mã", "hồ  sơ"), ("11092", "5")], columns) == tuple(
        name for name in columns if name != "Hồ sơ"
    )


def test_a_table_of_one_row_a_number_and_one_of_one_row_a_unit_say_the_same(edition):
    wide = figures_of([("Sở Nội vụ",), ("Mã đơn vị", "3/3.3.1", "lạ"), ("11092", "738", "1"), ("", "5", "")], edition)
    head = ("Mã đơn vị", "Chỉ tiêu", "Giá trị")
    assert wide.figures == {("11092", "3/3.3.1"): Decimal(738)} and wide.units == {"11092"}
    assert wide.ignored == ("lạ",)
    twice = figures_of([("Mã đơn vị", "3/3.3.1"), ("11092", "738"), ("11092", "739"), ("11086", "nhiều")], edition)
    assert twice.figures == {} and set(twice.unclear) == {("11092", "3/3.3.1"), ("11086", "3/3.3.1")}
    assert figures_of([head], edition).figures == {}


def test_whose_figure_it_is(edition):
    table = figures_of([("Mã đơn vị", "1/1"), ("123", "5"), ("11092.0", "6")], edition)
    given = {"123": workbook(edition, "00123", {"1/1": 6}), "11092": workbook(edition, "11092", {"1/1": 6})}
    (differs,) = compare_outside(given["123"], table, edition)
    assert (differs.id, differs.found, differs.expected) == ("peer-outside", 6, 5)
    assert compare_outside(given["11092"], table, edition) == ()
    (absent,) = compare_outside(workbook(edition, "999", {}), table, edition)
    assert absent.id == "peer-outside-absent"
    assert compare_outside(workbook(edition, "298", {}), table, edition) == (), "the table is of the units below"
    (blank,) = compare_outside(workbook(edition, "11092", {}), table, edition)
    assert blank.id == "peer-outside-blank"
    assert compare_outside(given["123"], figures_of([], edition), edition) == ()


@pytest.mark.parametrize(
    ("key", "now", "before", "name"),
    [
        ("3/3.3.1", 7380, 738, "too_large"),
        ("3/3.3.1", 74, 740, "too_small"),
        ("3/3.3.1", 500, 510, None),
    ],
)
def test_what_may_have_happened_to_a_number(edition, key, now, before, name):
    row, entries = edition.by_key[key], entries_of(edition, {key: now})
    causes = change_causes(row, Decimal(now), Decimal(before), entries, edition)
    names = [cause.name for cause in causes]
    assert (name in names) if name else not is_telling(causes, Decimal(now), Decimal(before))
    if name:
        assert causes[0].args["typed"] == now
        assert is_telling(causes, Decimal(now), Decimal(before)) == (causes[0].args["meant"] == before)


def test_a_number_of_the_row_beside(edition):
    key, other = "3/3.3.1", "3/3.3.2"
    entries = entries_of(edition, {key: 5000, other: 5000})
    causes = change_causes(edition.by_key[key], Decimal(5000), Decimal(700), entries, edition)
    assert any(cause.name == "neighbour" and cause.keys == (key, other) for cause in causes)
    assert not is_telling((), Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"4/2.2": 44_927}, ["number-like-date"]),
        ({"4/2.2": 20}, []),
        ({"4/2.2": "20"}, []),
        ({"4/2.2": ""}, []),
    ],
)
def test_what_excel_makes_of_a_typed_day(edition, typed, found):
    assert [one.id for one in check_typing(workbook(edition, "11092", typed), edition)] == found


def test_a_percent_stored_as_a_fraction(edition):
    key = next(row.key for row in edition.indicators if row.kind is Kind.PERCENT and row.has_cell)
    fractions = {"0.85": ["number-fraction"], "85": [], "0": [], "1": []}
    for typed, found in fractions.items():
        submission = workbook(edition, "11092", {key: Decimal(typed)})
        assert [one.id for one in check_typing(submission, edition)] == found, typed


@pytest.mark.parametrize(("own", "less"), [(4, True), (5, False), (6, False)])
def test_an_own_number_that_holds_the_units_events(edition, own, less):
    key = next(row.key for row in edition.indicators if row.whole is Whole.OWN and row.kind is Kind.COUNT)
    figure = added_up(edition, {"1": {key: 2}, "2": {key: 3}}, own={key: own}).figures[key]
    assert (figure.whole, figure.communes) == (own, 5)
    assert ("own-less" in [remark.name for remark in figure.remarks]) == less


def test_a_ratio_of_numbers_that_are_one_for_all_says_a_tie_and_nothing_else(edition):
    same = {row.key for row in edition.indicators if row.method.value == "same"}
    ratio = next(row for row in edition.indicators if row.ratio_of and set(row.ratio_of) <= same)
    part, base = ratio.ratio_of
    tied = added_up(edition, {"1": {part: 1, base: 4}, "2": {part: 2, base: 4}}).figures[ratio.key]
    assert tied.whole is None and [remark.name for remark in tied.remarks] == ["tie"]
    agreed = added_up(edition, {"1": {part: 1, base: 4}, "2": {part: 1, base: 4}, "3": {part: 1, base: 5}})
    assert agreed.figures[ratio.key].whole == 25
    assert [remark.name for remark in agreed.figures[ratio.key].remarks if remark.name == "tie"] == []


@pytest.mark.parametrize(("given", "differs"), [("63.6", False), ("63.55", False), ("63.8", True), ("70", True)])
def test_a_percent_may_be_rounded_in_one_of_two_places(edition, given, differs):
    key = next(row.key for row in edition.indicators if row.kind is Kind.PERCENT and row.has_cell)
    table = figures_of([("Mã đơn vị", key), ("11092", "63,6")], edition)
    found = compare_outside(workbook(edition, "11092", {key: Decimal(given)}), table, edition)
    assert [one.id for one in found] == (["peer-outside"] if differs else [])

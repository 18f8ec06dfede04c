"""The number door: what Vietnamese clerks type, and back."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cchc_xl.model import Choice, Kind
from cchc_xl.number import (
    LARGEST,
    decimals_of,
    from_cell,
    from_text,
    in_prose,
    percent_of,
    round_half_up,
    tidy,
    vietnamese,
)

FLAG = (Choice(value=0, label="Không"), Choice(value=1, label="Có"))
HOW = (Choice(value=0, label="Trực tuyến"), Choice(value=1, label="Phát phiếu"), Choice(value=2, label="Kết hợp"))
REFUSED = "unreadable"

COUNT, AMOUNT, PERCENT = Kind.COUNT, Kind.AMOUNT, Kind.PERCENT
AS_TEXT, TWO_WAYS, WITH_WORDS = "number-as-text", "number-two-ways", "number-with-words"

NUMBERS = [
    # counts: a dot is a thousands mark, decimals are refused
    ("33", COUNT, "33", AS_TEXT),
    ("01", COUNT, "1", AS_TEXT),
    ("3.000", COUNT, "3000", AS_TEXT),
    ("3 000", COUNT, "3000", AS_TEXT),
    ("3\u00a0000", COUNT, "3000", AS_TEXT),
    ("3,000", COUNT, "3000", TWO_WAYS),
    ("1.234.567", COUNT, "1234567", AS_TEXT),
    (" 14 ", COUNT, "14", AS_TEXT),
    ("\u00a014\u00a0", COUNT, "14", AS_TEXT),
    ("1\u200b4", COUNT, "14", AS_TEXT),
    ("'14", COUNT, "14", AS_TEXT),
    ("02 văn bản", COUNT, "2", WITH_WORDS),
    ("13 người", COUNT, "13", WITH_WORDS),
    ("13người", COUNT, "13", WITH_WORDS),
    ("≈70", COUNT, "70", "number-approximate"),
    ("~ 70", COUNT, "70", "number-approximate"),
    ("-5", COUNT, "-5", AS_TEXT),
    ("\u22125", COUNT, "-5", AS_TEXT),
    ("63,6", COUNT, REFUSED, ""),
    ("1.5", COUNT, REFUSED, ""),
    ("1.50", COUNT, REFUSED, ""),
    ("1.234,5", COUNT, REFUSED, ""),
    ("12.34.567", COUNT, REFUSED, ""),
    ("1,10", COUNT, REFUSED, ""),
    ("100%", COUNT, REFUSED, ""),
    ("3/14", COUNT, REFUSED, ""),
    ("1-2", COUNT, REFUSED, ""),
    ("1.2.2022", COUNT, REFUSED, ""),
    ("05/6/2022", COUNT, REFUSED, ""),
    ("14 + 3", COUNT, REFUSED, ""),
    ("14 (3 mới)", COUNT, REFUSED, ""),
    ("Đang TH", COUNT, REFUSED, ""),
    ("x", COUNT, REFUSED, ""),
    ("1e3", COUNT, REFUSED, ""),
    ("nan", COUNT, REFUSED, ""),
    ("inf", COUNT, REFUSED, ""),
    ("1_000", COUNT, REFUSED, ""),
    ("#N/A", COUNT, REFUSED, ""),
    ("1" + "0" * 30, COUNT, REFUSED, ""),
    ("9" * 15, COUNT, "9" * 15, AS_TEXT),
    # percents: comma or dot followed by one or two digits is decimal
    ("63,6", PERCENT, "63.6", AS_TEXT),
    ("63.6", PERCENT, "63.6", AS_TEXT),
    ("63,60", PERCENT, "63.6", AS_TEXT),
    ("100%", PERCENT, "100", AS_TEXT),
    ("0 %", PERCENT, "0", AS_TEXT),
    ("23 %", PERCENT, "23", AS_TEXT),
    ("63,6 %", Kind.RATIO, "63.6", AS_TEXT),
    ("63,636", PERCENT, "63.636", TWO_WAYS),
    ("63.636", PERCENT, "63.636", TWO_WAYS),
    ("≈70%", PERCENT, "70", "number-approximate"),
    ("1.234.567", PERCENT, REFUSED, ""),
    ("14/33", PERCENT, REFUSED, ""),
    ("%", PERCENT, REFUSED, ""),
    # triệu đồng: d.ddd is thousands, and said where it could be a decimal
    ("3.000", AMOUNT, "3000", AS_TEXT),
    ("1.234,5", AMOUNT, "1234.5", AS_TEXT),
    ("5.000.000.000", AMOUNT, "5000000000", AS_TEXT),
    ("1,5", AMOUNT, "1.5", AS_TEXT),
    ("1.5", AMOUNT, "1.5", TWO_WAYS),
    ("1,234.5", AMOUNT, "1234.5", TWO_WAYS),
    ("3,000", AMOUNT, "3000", TWO_WAYS),
    ("3.000 triệu đồng", AMOUNT, "3000", WITH_WORDS),  # its own unit; other words may change its size
    ("3 tỷ", AMOUNT, REFUSED, ""),
    ("3 nghìn hồ sơ", COUNT, REFUSED, ""),
    ("1.234.5", AMOUNT, REFUSED, ""),
]


@pytest.mark.parametrize(("text", "kind", "wanted", "doubt"), NUMBERS, ids=[f"{n[0]!r} {n[1]}" for n in NUMBERS])
def test_a_number_typed_as_text(text, kind, wanted, doubt):
    reading = from_text(text, kind)
    if wanted == REFUSED:
        assert (reading.word, reading.value) == (REFUSED, None)
    else:
        assert (reading.word, str(reading.value), reading.doubt) == ("", wanted, doubt)


@pytest.mark.parametrize(
    ("text", "word", "doubt"),
    [
        ("", "blank", ""),
        (" \u00a0 ", "blank", ""),
        ("\u200b", "blank", ""),
        ("'", "blank", ""),
        ("KPS", "none_arising", ""),
        ("kps.", "none_arising", "number-word"),
        ("Không phát sinh", "none_arising", ""),
        ("Không phát sinh", "none_arising", ""),  # decomposed letters
        ("Không", "none_arising", "number-word"),
        ("không có", "none_arising", "number-word"),
        ("-", "none_arising", "number-word"),
        ("–", "none_arising", "number-word"),
        ("…", "blank", "number-placeholder"),
        ("...", "blank", "number-placeholder"),
        ("Chưa có số liệu", "blank", "number-placeholder"),
        ("Không thuộc phạm vi", "not_applicable", ""),
    ],
)
def test_three_kinds_of_nothing_are_kept_apart(text, word, doubt):
    reading = from_text(text, COUNT)
    assert (reading.value, reading.word, reading.doubt) == (None, word, doubt)


@pytest.mark.parametrize(
    ("text", "choices", "value"),
    [
        ("1", FLAG, 1),
        ("01", FLAG, 1),
        ("1 – Có", FLAG, 1),
        ("1: có", FLAG, 1),
        ("1 có", FLAG, 1),
        ("Có", FLAG, 1),
        ("x", FLAG, 1),
        ("X", FLAG, 1),
        ("v", FLAG, 1),
        ("Không", FLAG, 0),
        ("Chưa", FLAG, 0),
        ("-", FLAG, 0),
        ("0 – Không", FLAG, 0),
        ("Kết hợp", HOW, 2),
        ("2 - Kết hợp", HOW, 2),
        ("Phát phiếu", HOW, 1),
        ("3", HOW, None),
        ("x", HOW, None),
        ("Có", HOW, None),
        ("1,2", HOW, None),
        ("1 và 2", HOW, None),
    ],
)
def test_a_choice_is_read_by_code_or_words(text, choices, value):
    reading = from_text(text, Kind.FLAG if choices is FLAG else Kind.CHOICE, choices)
    assert reading.value == value
    assert (reading.word == "unreadable") == (value is None)


@pytest.mark.parametrize("kind", list(Kind))
@given(text=st.text(max_size=40))
@example(text="٣٣")
@example(text="²")
@example(text="\ud800")
def test_no_text_whatever_raises(kind, text):
    for choices in ((), FLAG, HOW):
        reading = from_text(text, kind, choices)
        assert (reading.value is None) == bool(reading.word)
        assert reading.value is None or reading.value.is_finite()


@given(text=st.text(alphabet="0123456789.,-+ %≈~'x–KPS\u00a0", max_size=24))
def test_what_looks_like_a_number_is_read_or_refused(text):
    for kind in Kind:
        reading = from_text(text, kind)
        assert reading.value is None or abs(reading.value) <= LARGEST


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_amounts_survive_printing_and_reading(value):
    reading = from_text(vietnamese(value), AMOUNT)
    assert reading.value == value


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_counts_survive_printing_and_reading(value):
    assert from_text(vietnamese(Decimal(value)), COUNT).value == value


@given(st.decimals(min_value=0, max_value=999, places=2))
def test_percents_survive_printing_and_reading(value):
    assert from_text(vietnamese(value), PERCENT).value == value


@given(st.floats(min_value=-1e14, max_value=1e14, allow_nan=False))
def test_a_numeric_cell_is_the_shortest_number_of_its_double(number):
    expected = number if abs(number) >= 1e-15 else 0  # what is smaller was left over by a computation
    assert float(from_cell(repr(number))) == expected


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("63.6", "63.6"),
        ("63.600000000000001", "63.6"),
        ("42.424242424242422", "42.42424242424242"),
        ("1E+2", "100"),
        ("3000", "3000"),
        ("0", "0"),
        ("-0", "0"),
        ("0.1", "0.1"),
        ("nan", None),
        ("inf", None),
        ("1e308", None),
        ("", None),
        ("63,6", None),
    ],
)
def test_the_stored_number_of_a_cell(stored, value):
    number = from_cell(stored)
    assert number == (None if value is None else Decimal(value))
    assert number is None or str(number) == value


@given(st.text(max_size=30))
def test_no_stored_text_raises(text):
    assert from_cell(text) is None or from_cell(text).is_finite()


@pytest.mark.parametrize(
    ("value", "decimals", "wanted"),
    [("0.5", 0, "1"), ("-0.5", 0, "-1"), ("2.5", 0, "3"), ("6.25", 1, "6.3"), ("42.42", 1, "42.4"), ("0.05", 1, "0.1")],
)
def test_rounding_is_that_of_excel(value, decimals, wanted):
    assert round_half_up(Decimal(value), decimals) == Decimal(wanted)


@pytest.mark.parametrize(
    ("value", "decimals", "text", "prose"),
    [
        ("63.6", None, "63,6", "63,6"),
        ("3000", None, "3.000", "3.000"),
        ("1234567.5", None, "1.234.567,5", "1.234.567,5"),
        ("2", None, "2", "02"),
        ("9", None, "9", "09"),
        ("0", None, "0", "0"),
        ("10", None, "10", "10"),
        ("42.4242", 1, "42,4", "42,4"),
        ("100.0", 1, "100", "100"),
        ("6.96", 1, "7", "07"),
        ("-3", None, "-3", "-3"),
        ("-0.04", 1, "0", "0"),
        ("1E+2", None, "100", "100"),
    ],
)
def test_printing(value, decimals, text, prose):
    assert vietnamese(Decimal(value), decimals) == text
    assert in_prose(Decimal(value), decimals) == prose


def test_no_value_is_printed_as_a_dash_and_never_as_0():
    assert vietnamese(None) == "–"
    assert in_prose(None, missing="") == ""


def test_decimals_left_in_a_number():
    assert [decimals_of(Decimal(text)) for text in ("42", "42.0", "42.4", "42.42", "1E+2", "0")] == [0, 0, 1, 2, 0, 0]


def test_zero_over_zero_is_nothing():
    assert percent_of(Decimal(0), Decimal(0)) is None
    assert percent_of(Decimal(0), Decimal(5)) == 0
    assert tidy(round_half_up(percent_of(Decimal(14), Decimal(33)), 1)) == Decimal("42.4")

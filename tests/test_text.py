"""Names compared, never rewritten."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_xl.text import code_key, file_words, label_key, markless, nfc, same_sound, without_controls


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa", "hoà"),
        ("thủy", "thuỷ"),
        ("quý", "quí"),
        ("Tứ Kỳ", "Tứ Kì"),
        ("Mỹ", "Mĩ"),
        ("lý", "lí"),
        ("Cộng Hòa", "cộng hoà"),
        ("Bình Lãng", unicodedata.normalize("NFD", "Bình Lãng")),
        ("Hưng  Đạo", "Hưng\u00a0Đạo"),
        ("Đại Sơn", "Ðại Sơn"),
        ("Đại Sơn", "Ɖại Sơn"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert same_sound(one) == same_sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bình Lãng", "Bình Lăng"),
        ("Hoằng Đồng", "Hoằng Đông"),
        ("Tái Sơn", "Tây Sơn"),
        ("Minh", "Mình"),
        ("Tày", "Tài"),
    ],
)
def test_different_names(one, other):
    assert same_sound(one) != same_sound(other)


def test_without_marks_the_two_spellings_of_binh_lang_meet():
    assert markless("Bình Lãng") == markless("Bình Lăng") == "binh lang"
    assert markless("Đại Sơn") == "dai son"


def test_labels_are_compared_without_punctuation():
    assert label_key("Số TTHC  (mức độ 3, 4).") == label_key("số TTHC mức độ 3 4")


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("1.4.", "1.4"),
        ("1.4", "1.4"),
        (" 2.1) ", "2.1"),
        ("2,1", "2.1"),
        ("1.10.", "1.10"),
        ("3.3.1.", "3.3.1"),
        ("", ""),
    ],
)
def test_a_printed_code_is_an_identifier(printed, code):
    assert code_key(printed) == code


def test_a_name_from_outside_stays_on_one_line():
    assert without_controls("a\nb\r\x1b[31mc\u202ed") == "a b [31mc d"


def test_file_names():
    assert file_words("Bình Lãng") == "Binh-Lang"
    assert file_words("Đại Sơn / ../x") == "Dai-Son-x"


@given(st.text(max_size=30))
def test_keys_are_stable_on_any_text(text):
    assert nfc(nfc(text)) == nfc(text)
    assert markless(markless(text)) == markless(text)
    assert label_key(text.upper()) == label_key(text.upper())
    for key in (same_sound, label_key, code_key, without_controls, file_words):
        assert isinstance(key(text), str)
    assert all(unicodedata.category(c)[0] != "C" for c in without_controls(text))
    assert not set(file_words(text)) & set('/\\:*?"<>|.')

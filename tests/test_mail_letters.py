"""The words of letters: official and short by default, staff's own where there are some, never more than text."""

import re
import unicodedata
from pathlib import Path

import pytest

from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import MailError
from cchc_xl.mail import letters

KINDS = ("issue", "feedback", "receipt", "reminder-before", "reminder-after", "reminder-fix", "report")
PASTED = ("issue", "reminder-before", "reminder-after", "reminder-fix")
FEW = {"don_vi": "xã Bình Lãng", "ma": "11092", "ky": "6 tháng đầu năm 2022", "ma_ky": "2022-6T"}
ALL = FEW | {
    "han": "17 giờ 00 ngày 20/6/2022",
    "tep": "11092_Binh-Lang_2022-6T.xlsx",
    "noi_gui": "Phòng Nội vụ huyện Tứ Kỳ",
    "lien_he": "bà Lan, điện thoại 0220 3747 000",
    "lan": "2",
    "tinh_hinh": "còn 2 lỗi phải sửa, 1 mục cần giải trình",
    "chi_tiet": "1. Biểu 1, dòng 2, ô D8: sai.\n2. Biểu 3, dòng 3.1: thiếu.",
    "luc_nhan": "9 giờ 05 ngày 19/6/2022",
    "ma_bam": "ab" * 32,
    "tep_nhan": "Báo cáo.xlsx",
}


@pytest.mark.parametrize("values", [FEW, ALL], ids=["few", "all"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_letters(kind, values):
    subject, body = letters.render(kind, values)
    assert subject.startswith("[CCHC 2022-6T 11092] ") and "\n" not in subject
    assert letters.tag_in(f"Re: TL: {subject}") == ("2022-6T", "11092")
    assert "xã Bình Lãng" in body and "6 tháng đầu năm 2022" in subject and body.endswith("Trân trọng cảm ơn.\n")
    for text in (subject, body):
        assert not set("{}") & set(text) and "  " not in text and " ," not in text and " ." not in text
        assert "()" not in text and unicodedata.is_normalized("NFC", text)
    assert "\n\n\n" not in body and all(line == line.strip() for line in body.split("\n"))
    if values is ALL and kind in ("issue", "feedback", "reminder-before", "reminder-after", "report"):
        assert ALL["han"] in body and ALL["lien_he"] in body


def test_what_a_letter_asks_for_is_in_it():
    body = letters.render("feedback", ALL)[1]
    assert "1. Biểu 1, dòng 2, ô D8: sai.\n2. Biểu 3, dòng 3.1: thiếu.\n" in body and ALL["tinh_hinh"] in body
    body = letters.render("receipt", ALL)[1]
    assert ALL["ma_bam"] in body and ALL["luc_nhan"] in body and ALL["tep_nhan"] in body


@pytest.mark.parametrize("values", [FEW, ALL], ids=["few", "all"])
@pytest.mark.parametrize("kind", PASTED)
def test_the_short_texts_to_paste(kind, values):
    text = letters.paste(kind, values)
    assert text.count("\n") == 1 and text.startswith("Kính gửi xã Bình Lãng: ") and len(text) < 600
    assert "()" not in text and "  " not in text and not set("{}") & set(text)


def test_every_name_that_is_offered_is_used_by_some_letter():
    shipped = str(words("mail")["letters"]) + str(words("mail")["pastes"])
    assert all(name in shipped for name in set(words("mail")["names"]) - {"ma", "ma_ky"})


# --- staff's own -------------------------------------------------------------------------------------------------
def test_staff_write_their_own_letter():
    text = (
        "\ufeffBáo cáo {{ ky }} của {{ don_vi }}\r\n\r\nChào {{ don_vi }}!\r\n"
        "{% if han %}\r\nHạn: {{ han }}\r\n{% else %}\r\nChưa có hạn\r\n{% endif %}\r\nLan\r\n"
    )
    subject, body = letters.render("issue", ALL, text, "mau-thu/issue.txt")
    assert subject == "[CCHC 2022-6T 11092] Báo cáo 6 tháng đầu năm 2022 của xã Bình Lãng"
    assert body == "Chào xã Bình Lãng!\nHạn: 17 giờ 00 ngày 20/6/2022\nLan\n"
    assert "Chưa có hạn" in letters.render("issue", FEW, text)[1]
    own_tag = letters.render("issue", FEW, "Đề nghị [CCHC {{ ma_ky }} {{ ma }}]\nx")[0]
    assert own_tag == "Đề nghị [CCHC 2022-6T 11092]", "the tag stands once"
    assert letters.paste("issue", FEW, "Gửi {{ don_vi }}") == "Gửi xã Bình Lãng\n"


@pytest.mark.parametrize(
    ("text", "line", "tag"),
    [
        ("Kỳ {{ kỳ_báo_cáo }}\nx", 1, "{{ kỳ_báo_cáo }}"),
        ("x\n\n{{ donvi }} gửi {{ ky }}\n", 3, "{{ donvi }}"),
        ("x\ny\n{{ don_vi \nz", 3, "{{ don_vi"),
        ("x\n{{ don_vi }\n", 2, "{{ don_vi }"),
        ("x\n{% if han %}\nHạn\n", 2, "{% if han %}"),
        ("x\nHạn\n{% endif %}", 3, "{% endif %}"),
        ("x\n{% for i in don_vi %}a{% endfor %}", 2, "{% for i in don_vi %}"),
        ("x\n{{ don_vi.__class__ }}", 2, "{{ don_vi.__class__ }}"),
        ("x\n{{ ''.__class__.__mro__ }}", 2, "{{ ''.__class__.__mro__ }}"),
        ("x\n{{ don_vi | upper }}", 2, "{{ don_vi | upper }}"),
        ("x\n{{ don_vi() }}", 2, "{{ don_vi() }}"),
        ("x\n{{ 'a' * 999999999 }}", 2, "{{ 'a' * 999999999 }}"),
        ("x\n{{ 9 ** 9 ** 9 }}", 2, "{{ 9 ** 9 ** 9 }}"),
        ("x\n{% set a = 1 %}", 2, "{% set a = 1 %}"),
        ("x\n{% include '/etc/passwd' %}", 2, "{% include '/etc/passwd' %}"),
        ("x\n{% macro a() %}{% endmacro %}", 2, "{% macro a() %}"),
        ("x\n{{ don_vi", 2, "{{ don_vi"),
        ("x\n" + "y\n" * 40 + "{{ " + "a" * 500 + " }}", 42, "{{ aaa"),
    ],
)
def test_a_broken_tag_is_named_with_file_and_line(text, line, tag):
    with pytest.raises(MailError) as caught:
        letters.render("issue", ALL, text, "mau-thu/issue.txt")
    said = error_sentence(caught.value)
    assert f"mau-thu/issue.txt, dòng {line}: thẻ {tag}" in said and said.isprintable() and len(said) < 420


@pytest.mark.parametrize("text", ["", " \n\r\n ", "\ufeff"])
def test_an_empty_text_is_a_sentence(text):
    with pytest.raises(MailError, match="letter-empty"):
        letters.render("issue", ALL, text, "mau-thu/issue.txt")


def test_texts_as_notepad_saves_them():
    for charset in ("utf-8", "utf-8-sig", "utf-16"):
        assert letters.text_of("Đề nghị".encode(charset), "issue.txt") == "Đề nghị"
    with pytest.raises(MailError) as caught:
        letters.text_of("Ðề".encode()[:-1] + b"\xcc\xf0", "mau-thu/issue.txt")
    assert "UTF-8" in error_sentence(caught.value)
    with pytest.raises(MailError, match="letter-charset"):
        letters.text_of(b"\xff\xfex", "issue.txt")


# --- values are text and nothing else ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "value",
    [
        "{{ ma }}",
        "{% if ma %}",
        "{{ ''.__class__ }}",
        "Xã <b>A</b> & B",
        "Xã A\r\nBcc: x@y",
        "a\x00\x1b[2J\u202eb",
        "\ud800",
        unicodedata.normalize("NFD", "xã Bình Lãng"),
        "\u2028\u2029\x85",
    ],
)
def test_a_value_is_never_read_as_a_tag(value):
    subject, body = letters.render("issue", FEW | {"don_vi": value, "ky": value, "chi_tiet": value, "ma": value})
    assert subject.isprintable() and all(line.isprintable() for line in body.split("\n"))
    subject.encode(), body.encode()
    if value.startswith("{"):
        assert value in body and value in subject
    assert "&lt;" not in body and "&amp;" not in body


def test_values_of_other_kinds_and_unknown_kinds_of_letter():
    assert "(lần 3)" in letters.render("feedback", FEW | {"lan": 3})[0]
    with pytest.raises(KeyError):
        letters.render("invoice", FEW)


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("RE: [CCHC 2022-6T 11092] Đề nghị", ("2022-6T", "11092")),
        ("Fwd: Re: [CCHC  2022-6T\t11092]", ("2022-6T", "11092")),
        ("[CCHC 2022-Q1 298]", ("2022-Q1", "298")),
        ("[CCHC 2022-6T]", None),
        ("CCHC 2022-6T 11092", None),
        ("[CCHC 2022-6T 11092; DROP]", None),
        ("", None),
    ],
)
def test_an_answer_is_known_by_the_tag(subject, found):
    assert letters.tag_in(subject) == found


def test_every_sentence_of_mail_is_used_and_every_one_used_is_there():
    code = "".join(path.read_text("utf-8") for path in Path(letters.__file__).parent.glob("*.py"))
    said = words("mail")["errors"]
    raised = set(re.findall(r'"((?:mail|imap|letter)-[a-z-]+)"', code))
    assert raised == set(said)
    # The last one is said where turns of senders are kept.
    outcomes = set(re.findall(r'_said\("([a-z]+)"', code)) | {"refused", "postponed", "elsewhere"}
    assert outcomes == set(words("mail")["outcomes"])

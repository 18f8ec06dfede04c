"""The Phiếu: one page, an official letter, everything urgent in it, and text that stays text."""

import re
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document
from docx.shared import Mm

from cchc_xl.editions.catalogue import advice, message, words
from cchc_xl.model import Finding, ReportingUnit, Severity
from cchc_xl.word.request import build
from tests.filled import EDITION, ROSTER, UNIT
from tests.marked import FILE, checked, workbook

MARKED = "11092_Binh-Lang_CAN-SUA_lan-1.xlsx"


def letter(**changes) -> bytes:
    submission, findings = checked(workbook())
    known = {"marked": MARKED, "unit": UNIT, "sender": ROSTER.consolidating}
    return build(submission, changes.pop("findings", findings), EDITION, **{**known, **changes})


def text_of(content: bytes) -> str:
    """All text in reading order, cells as lines."""
    lines = []
    for block in Document(BytesIO(content)).iter_inner_content():
        if hasattr(block, "rows"):
            lines += [paragraph.text for row in block.rows for cell in row.cells for paragraph in cell.paragraphs]
        else:
            lines.append(block.text)
    return "\n".join(lines)


def requests_table(content: bytes):
    return Document(BytesIO(content)).tables[1]


def wide(count: int) -> tuple[Finding, ...]:
    """Many requests with long and wide words."""
    raw = "MMMM WWWW " * 12
    return tuple(
        Finding(id="number-unreadable", severity=Severity.ERROR, key="1/5.1", cell="D23", args={"raw": raw + str(n)})
        for n in range(count)
    )


def test_the_letter_names_both_sides_period_and_round():
    text = text_of(letter(round_number=2))
    assert "ỦY BAN NHÂN DÂN\nHUYỆN TỨ KỲ" in text
    assert "Kính gửi: Ủy ban nhân dân xã Bình Lãng." in text
    assert "6 tháng đầu năm 2022 (lần 2)" in text
    assert MARKED in text and "{" not in text


def test_errors_and_warnings_are_listed_with_what_to_do():
    findings = checked(workbook())[1]
    asked = [one for one in findings if one.severity is not Severity.NOTE]
    rows = requests_table(letter()).rows
    assert len(rows) == 1 + len(asked)
    cells = [[cell.text for cell in row.cells] for row in rows[1:]]
    for finding in asked:
        assert any(
            message(finding, EDITION, FILE) in said and advice(finding, EDITION, FILE) == todo
            for _, _, said, todo in cells
        )
    assert cells[0][1].replace("\u00a0", " ").startswith("Biểu 1, dòng ")


def test_what_does_not_fit_is_counted():
    content = letter(findings=wide(40))
    shown = len(requests_table(content).rows) - 1
    assert 1 <= shown < 12
    assert f"Còn {40 - shown} mục nữa" in text_of(content)


def test_a_deadline_and_a_contact_are_printed_as_given():
    sender = replace(ROSTER.consolidating, contact="Bà Nguyễn Thị A", phone="0220 3 747 000")
    text = text_of(letter(deadline="17 giờ ngày 15/6/2022", sender=sender))
    assert "trước 17 giờ ngày 15/6/2022" in text and "Bà Nguyễn Thị A, điện thoại 0220 3 747 000" in text
    assert "trước ngày ……" in text_of(letter())


def test_a_ready_workbook_is_confirmed():
    text = text_of(letter(findings=()))
    assert "đủ điều kiện tổng hợp" in text and words("feedback")["slip"]["subject_ready"] in text
    assert len(Document(BytesIO(letter(findings=()))).tables) == 2  # letterhead and signature only


def test_without_a_roster_the_letter_still_stands():
    text = text_of(letter(unit=None, sender=None))
    assert "ĐƠN VỊ TỔNG HỢP" in text and "Ủy ban nhân dân Bình Lãng" in text


def test_text_from_a_unit_stays_text():
    raw = "{{ 7*7 }} <w:t> & \x0b \ud800"
    hostile = Finding(id="number-unreadable", severity=Severity.ERROR, key="1/5.1", args={"raw": raw})
    unit = ReportingUnit(code="1", name="A <b> {{ x }} \x00", type="xã")
    text = text_of(letter(findings=(hostile,), unit=unit))
    assert "{{ 7*7 }} <w:t> &" in text and "A <b> {{ x }}" in text


def test_paper_and_type_are_those_of_an_official_letter():
    word = Document(BytesIO(letter()))
    section = word.sections[0]
    margins = (section.left_margin, section.right_margin, section.top_margin, section.bottom_margin)
    assert [round(one / Mm(1)) for one in margins] == [30, 20, 20, 20]
    assert word.styles["Normal"].font.name == "Times New Roman"


def test_the_same_input_gives_the_same_bytes():
    submission, findings = checked(workbook())
    one, two = (build(submission, findings, EDITION, marked=MARKED, unit=UNIT) for _ in range(2))
    assert one == two


def test_it_is_one_page_in_libreoffice_whatever_it_holds(office, tmp_path):
    sender = replace(ROSTER.consolidating, contact="Bà Nguyễn Thị A " * 4, phone="0220 3 747 000")
    long = replace(UNIT, printed_name="Thị trấn Nông trường Việt Lâm và các vùng phụ cận")
    normal = checked(workbook())[1]
    cases = [
        letter(),
        letter(findings=normal * 8, sender=sender),
        letter(findings=wide(40), unit=long, sender=sender),
        letter(findings=wide(1)),
        letter(findings=()),
        letter(findings=tuple(_one(n) for n in range(60)), sender=sender),
    ]
    sources = []
    for number, content in enumerate(cases):
        sources.append(tmp_path / f"{number}.docx")
        sources[-1].write_bytes(content)
    made = office.convert_all(sources, tmp_path / "out", "pdf")
    pages = [len(re.findall(rb"/Type\s*/Page\b", path.read_bytes())) for path in made]
    assert pages == [1] * len(cases)


def _one(number: int) -> Finding:
    return Finding(
        id="ratio-mismatch",
        severity=Severity.ERROR,
        rule="1/2",
        key="1/2",
        cell="D8",
        found=Decimal("63.6"),
        expected=Decimal("42.4"),
        args={"part": Decimal(14), "base": Decimal(33 + number)},
    )


@pytest.mark.parametrize("size", range(1, 14))
def test_rows_are_left_out_only_when_the_page_is_full(size):
    shown = len(requests_table(letter(findings=tuple(_one(n) for n in range(size)))).rows) - 1
    assert shown == size or shown >= 5

"""A unit's own Word report from its workbook: official form, right numbers, and what was typed as it was typed."""

import random
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from cchc_xl.editions.load import available, load, period_of
from cchc_xl.model import Cell, Entry, ReportingUnit, State, Submission, UnitName
from cchc_xl.word import commune, intake
from cchc_xl.word.own_figures import right_entries, sentences
from cchc_xl.workbook.reader import read, read_file
from cchc_xl.workbook.template import Fill, build
from tests.conftest import entries_of
from tests.filled import ROSTER, UNIT, filled
from tests.word_files import paragraphs, part, whole_text

EDITION = load()
DISTRICT = ROSTER.consolidating
SAMPLES = Path(__file__).parent.parent / "samples" / "tu-ky-2022-6T" / "nhan-ve"
REAL = SAMPLES / "11092_Binh-Lang_2022-6T.xlsx"
DOCUMENTS = (
    ("59/KH-UBND", "28/12/2021", "Kế hoạch", "Công tác cải cách hành chính năm 2022"),
    ("15/KH-UBND", "25/02/2022", "Kế hoạch", "Tự kiểm tra cải cách hành chính"),
)
ABOUT = {
    "report_number": "5/BC-UBND",
    "report_date": "09/6/2022",
    "place": "Bình Lãng",
    "signer_capacity": "CHỦ TỊCH",
    "signer": "Trần Văn Bình",
}


def submission(typed: dict | None = None, **fields) -> Submission:
    """As read, with only these answers: ``{"1/2.1": 33, "1/2.2": 14, "1/2": "63,6"}``."""
    given = {
        "edition": EDITION.id,
        "period": "2022-6T",
        "unit": UnitName(code="11092", name="Bình Lãng"),
        "level": "xã",
    }
    return Submission(
        file="11092.xlsx", sha256="0" * 64, entries=entries_of(EDITION, typed or {}), **{**given, **fields}
    )


def report(one: Submission, **names) -> bytes:
    return commune.build(one, EDITION, **{"unit": UNIT, "consolidating": DISTRICT, **names})


def read_real() -> Submission:
    return read_file(REAL)[0]


def values_in(content: bytes) -> dict[str, str]:
    """Key -> text of the value cell in the annex."""
    forms = [table for table in docx.Document(BytesIO(content)).tables if len(table.columns) == 5]
    found = {}
    for form, table in zip(EDITION.forms, forms, strict=False):
        for row, indicator in zip(list(table.rows)[2:], form.indicators, strict=True):
            found[indicator.key] = row.cells[3].text
    return found


# --- the letter -----------------------------------------------------------------------------------------------------
def test_letterhead_title_receiver_and_signature():
    word = docx.Document(BytesIO(report(submission(about=ABOUT))))
    left, right = word.tables[0].rows[0].cells
    assert [p.text for p in left.paragraphs if p.text] == ["ỦY BAN NHÂN DÂN", "XÃ BÌNH LÃNG", "Số: 05/BC-UBND"]
    assert [p.text for p in right.paragraphs if p.text][-1] == "Bình Lãng, ngày 09 tháng 6 năm 2022"
    texts = [p.text for p in word.paragraphs if p.text]
    assert texts[:3] == ["BÁO CÁO", "Công tác cải cách hành chính 6 tháng đầu năm 2022", texts[2]]
    assert texts[2] == "Kính gửi: Ủy ban nhân dân huyện Tứ Kỳ."
    receivers, signed = word.tables[1].rows[0].cells
    assert receivers.paragraphs[0].text == "Nơi nhận:" and receivers.paragraphs[-1].text == "- Lưu: VT, NV."
    assert [p.text for p in signed.paragraphs] == ["TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", "Trần Văn Bình"]
    assert signed.paragraphs[0].paragraph_format.space_after >= Pt(60)


def test_what_is_not_known_is_left_to_fill():
    word = docx.Document(BytesIO(commune.build(submission(unit=None, period=None), EDITION)))
    left, right = word.tables[0].rows[0].cells
    assert left.paragraphs[-1].text == "Số: ……/BC-UBND" and "ngày … tháng … năm …" in right.text
    assert "Kính gửi: ……………………………." in [p.text for p in word.paragraphs]


@pytest.mark.parametrize(
    ("name", "unit", "printed"),
    [
        ("Bình Lãng", None, "XÃ BÌNH LÃNG"),
        ("thị trấn Tứ Kỳ", None, "THỊ TRẤN TỨ KỲ"),
        ("Xã Bình Lãng", None, "XÃ BÌNH LÃNG"),
        ("tu ky", ReportingUnit(code="11074", name="Tứ Kỳ", type="thị trấn", level="xã"), "THỊ TRẤN TỨ KỲ"),
        ("Bình Lăng", UNIT, "XÃ BÌNH LÃNG"),
    ],
)
def test_the_printed_name(name, unit, printed):
    content = commune.build(submission(about={"unit_name": name}), EDITION, unit=unit)
    left = docx.Document(BytesIO(content)).tables[0].rows[0].cells[0]
    assert left.paragraphs[1].text == printed


def test_the_official_outline_in_order():
    lines = paragraphs(report(submission({"1/1": 21})))
    heads = [line for line in lines if re.match(r"^([IV]+\. [A-ZĐ]|\d\. )", line)]
    assert heads == [
        "I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH",
        "II. KẾT QUẢ THỰC HIỆN CẢI CÁCH HÀNH CHÍNH",
        "1. Cải cách thể chế",
        "2. Cải cách thủ tục hành chính",
        "3. Cải cách tổ chức bộ máy hành chính nhà nước",
        "4. Cải cách chế độ công vụ",
        "5. Cải cách tài chính công",
        "6. Xây dựng và phát triển Chính quyền điện tử, Chính quyền số",
        "III. ĐÁNH GIÁ CHUNG",
        "1. Kết quả đạt được",
        "2. Tồn tại, hạn chế",
        "3. Nguyên nhân",
        "IV. NHIỆM VỤ TRỌNG TÂM KỲ TỚI",
        "V. KIẾN NGHỊ, ĐỀ XUẤT",
    ]


def test_words_stand_under_their_heading_line_by_line():
    said = {"shortcomings": "Còn thiếu máy tính.\n- Mạng chậm.\r\n+ Người dân ít dùng.", "proposals": "Đề nghị hỗ trợ."}
    lines = paragraphs(report(submission(words=said)))
    at = lines.index("2. Tồn tại, hạn chế")
    assert lines[at + 1 : at + 5] == ["Còn thiếu máy tính.", "- Mạng chậm.", "+ Người dân ít dùng.", "3. Nguyên nhân"]
    assert lines[lines.index("V. KIẾN NGHỊ, ĐỀ XUẤT") + 1] == "Đề nghị hỗ trợ."


# --- numbers --------------------------------------------------------------------------------------------------------
def test_the_recomputed_ratio_is_printed_whatever_was_typed_over_it():
    """63,6 was printed for 14 of 33."""
    content = report(submission({"1/2.1": 33, "1/2.2": 14, "1/2": "63,6"}))
    assert values_in(content)["1/2"] == "42,4"
    assert "tỷ lệ hoàn thành đạt 42,4%" in whole_text(content) and "63,6" not in whole_text(content)


def test_a_ratio_of_a_total_typed_over_is_right_too():
    entries = right_entries(submission({"5/3": 9, "5/3.1": 1, "5/3.2": 2}).entries, EDITION)
    assert entries["5/3"].value == 3
    alone = right_entries(submission({"5/3": 9}).entries, EDITION)
    assert alone["5/3"].value == 9  # no part contradicts it


@pytest.mark.parametrize("typed", [{"1/2": "63,6"}, {"1/2": 50, "1/2.1": 0, "1/2.2": 0}, {"1/2": 50, "1/2.2": 4}])
def test_a_ratio_that_cannot_be_computed_stays_blank(typed):
    content = report(submission(typed))
    assert values_in(content)["1/2"] == "" and "tỷ lệ hoàn thành" not in whole_text(content)


def test_blank_rows_stay_blank_in_table_and_text():
    content = report(submission())
    assert set(values_in(content).values()) == {""}
    text = whole_text(content)
    assert not re.search(r"\b0\b|None|nan|\{", text)
    assert text.count("Chưa có số liệu và nội dung báo cáo ở mục này.") == 7
    assert text.count("Chưa có nội dung báo cáo ở mục này.") == 5


def test_zero_none_arising_one_and_many():
    content = report(
        submission({"1/1": "KPS", "1/3.1": 0, "2/1.2": 3, "3/3.3.1": 1640, "3/3.3.2": 1633, "6/2.2": "KPS"})
    )
    values, text = values_in(content), whole_text(content)
    assert (values["1/1"], values["1/3.1"], values["2/1.2"], values["6/2.2"]) == ("KPS", "0", "3", "KPS")
    assert (values["3/3.3.1"], values["3/3.3"]) == ("1.640", "99,6")
    assert "trong kỳ không ban hành văn bản chỉ đạo cải cách hành chính." in text
    assert "không kiểm tra tổ chức nào." in text and "trong kỳ cấp xã ban hành 03 văn bản." in text
    assert (
        "số hồ sơ UBND cấp xã đã giải quyết xong là 1.640; số giải quyết đúng hạn là 1.633; tỷ lệ đúng hạn đạt 99,6%."
        in text
    )


def test_choices_are_said_in_words_and_printed_as_codes():
    content = report(submission({"1/5": 1, "1/5.1": 738, "1/5.2": 2, "1/6": 0, "7/2": 1}))
    text = whole_text(content)
    assert "trong kỳ có tổ chức khảo sát; số phiếu khảo sát là 738; hình thức khảo sát: kết hợp" in text
    assert "trong kỳ không tổ chức đối thoại" in text and values_in(content)["1/5.2"] == "2"


def test_unreadable_and_other_levels_rows_are_not_printed_as_numbers():
    one = submission({"1/1": "hai chục", "2/1.1": 0})
    assert one.entries["1/1"].state is State.UNREADABLE
    values = values_in(report(one))
    assert values["1/1"] == "" and values["2/1.1"] == "0"


def test_every_sentence_of_every_row_reads_as_a_sentence(share):
    """Random answers, with blanks, 0 and KPS: no open blanks, no double stops, every number as in the tables."""
    chance = random.Random(7)
    rows = [row for row in EDITION.indicators if row.cell is Cell.ANSWER]
    for _ in range(max(3, round(60 * share))):
        typed = {}
        for row in rows:
            code = chance.choice(row.choices).value if row.choices else chance.choice((0, 1, 9, 12, 1234))
            typed[row.key] = chance.choice(("", "KPS" if not row.choices else code, code, code))
        entries = right_entries(entries_of(EDITION, typed), EDITION)
        for part_ in EDITION.words["outline"]:
            for sentence in sentences(part_["id"], entries, EDITION):
                assert sentence.endswith(".") and sentence[0].isupper()
                assert not re.search(r"\{|\}|None|;;|\.\.|  |: [.;]|; \.", sentence), sentence


def test_the_forms_are_read_back_as_they_were_answered():
    """The report goes through ``intake``: every row of every form with its value."""
    for file in (REAL, SAMPLES / "11131_Van-To_2022-6T_gia-lap.xlsx"):
        one = read_file(file)[0]
        found = intake.read_report(report(one), EDITION)
        right = right_entries(one.entries, EDITION)
        for key, row in EDITION.by_key.items():
            entry = right[key]
            expected = entry.state if entry.state in (State.NUMBER, State.NONE_ARISING) else State.BLANK
            if row.has_cell:
                assert (found.rows[key].state, found.rows[key].value) == (expected, entry.value), key
        assert {row.sureness for row in found.rows.values()} == {1.0}
        assert found.period == "2022-6T" and found.unit == "xã Bình Lãng"


def test_the_real_workbook():
    content = report(read_real())
    values, text = values_in(content), whole_text(content)
    assert (values["1/2"], values["3/3.3"], values["6/1"], values["7/6.7"]) == ("42,4", "100", "166,7", "23")
    assert (values["6/1.1"], values["3/2"], values["1/4.1"], values["2/2"]) == ("3.000", "17", "", "0")
    assert (
        "tổng số hồ sơ đã tiếp nhận là 738; số tiếp nhận trực tuyến là 170; tỷ lệ tiếp nhận trực tuyến đạt 23%." in text
    )


def test_a_workbook_as_a_clerk_fills_it():
    fill = Fill(
        answers={"1/2.1": 33, "1/2.2": 14},
        notes={"1/2.1": "theo Kế hoạch 59"},
        words={"direction": "Đã họp 06 cuộc."},
        documents=DOCUMENTS,
        about=ABOUT,
    )
    book = build(EDITION, period=period_of(EDITION, "2022-6T"), unit=UNIT, consolidating=DISTRICT, fill=fill)
    content = report(read(book, file="a.xlsx", roster=ROSTER)[0])
    assert "theo Kế hoạch 59" in part(content) and "Đã họp 06 cuộc." in whole_text(content)
    assert "Trần Văn Bình" in part(content) and "59/KH-UBND" in part(content)


# --- annexes --------------------------------------------------------------------------------------------------------
def test_seven_official_tables_with_repeated_heads():
    word = docx.Document(BytesIO(report(submission())))
    forms = [table for table in word.tables if len(table.columns) == 5]
    assert [len(table.rows) - 2 for table in forms] == [len(form.indicators) for form in EDITION.forms]
    for table, form in zip(forms, EDITION.forms, strict=True):
        rows = list(table.rows)
        marks = [[mark.tag for mark in row._tr.get_or_add_trPr()] for row in rows]
        assert marks[0] == marks[1] == [qn("w:cantSplit"), qn("w:tblHeader")] and marks[2] == [qn("w:cantSplit")]
        assert rows[0].cells[0].text == "STT" and "6 tháng đầu năm 2022" in rows[0].cells[1].text
        for row, indicator in zip(rows[2:], form.indicators, strict=True):
            cells = [cell.text for cell in row.cells]
            assert cells[:3] == [indicator.printed_code, indicator.label, indicator.unit]


def test_the_list_of_documents_is_the_second_annex():
    content = report(submission(documents=DOCUMENTS, about=ABOUT))
    lines = paragraphs(content)
    assert "Phụ lục I" in lines and "Phụ lục II" in lines and "Phụ lục" not in lines
    table = docx.Document(BytesIO(content)).tables[-1]
    assert [cell.text for cell in table.rows[1].cells] == ["1", *DOCUMENTS[0]] and len(table.rows) == 3
    assert "(Kèm theo Báo cáo số 05/BC-UBND ngày 09 tháng 6 năm 2022 của Ủy ban nhân dân xã Bình Lãng)" in lines
    alone = paragraphs(report(submission()))
    assert "Phụ lục" in alone and not any("Phụ lục I" in line for line in alone)


# --- text is data ---------------------------------------------------------------------------------------------------
HOSTILE = (
    *("& < > \" '", "{{ 7*7 }}", "{% for x in ().__class__ %}", "{%p if x %}", "</w:t></w:r></w:p>", "<!--", "]]>"),
    *("=1+1", "=cmd|' /c calc'!A1", "\u202ebáo cáo\u202c", "\u200bẩn\u200b", "a\tb", "  đầu và cuối  ", "_x000D_"),
    *("\ue5b00\ue5b1", "😀 số liệu", "%s %d {0} {}", "Việt\u0323 Nam", "&amp;lt;", "&#x26;", "Ð¬n vÞ", "x" * 5000),
)
CONTROLS = ("\x00", "\x01", "\x0b", "\x0c", "\x1b", "\ud800", "\ufffe", "\x7f")


def hostile_lines(count: int) -> list[str]:
    chance = random.Random(500)
    return [chance.choice(HOSTILE) + " " + chance.choice(HOSTILE) + f" #{number}" for number in range(count)]


def test_500_odd_strings_come_out_as_they_went_in():
    lines = hostile_lines(500)
    headings = [part_["id"] for part_ in EDITION.words["outline"]]
    said = {name: "\n".join(lines[at :: len(headings)]) for at, name in enumerate(headings)}
    content = report(submission(words=said))
    shown = set(paragraphs(content))
    assert [line for line in lines if line not in shown] == []
    assert "49" not in {line.strip() for line in shown}


@pytest.mark.parametrize("text", [*HOSTILE, *(f"a{one}b" for one in CONTROLS)])
def test_odd_text_in_every_field(text):
    entries = {**submission().entries}
    entries["1/1"] = replace(entries["1/1"], note=text)
    one = submission(
        words={"direction": text},
        about={name: text for name in (*ABOUT, "unit_name", "period")},
        documents=((text, text, text, text),),
    )
    content = commune.build(
        replace(one, entries=entries, period=text[:20], unit=UnitName(code=text, name=text)), EDITION
    )
    word = docx.Document(BytesIO(content))
    visible = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800\ufffe]", "\ufffd", text)
    table = word.tables[-1]
    assert table.rows[1].cells[1].text == visible
    form = next(table for table in word.tables if len(table.columns) == 5)
    assert form.rows[2].cells[4].text == visible


def test_right_to_left_and_very_long_text_opens_in_libreoffice(office, tmp_path):
    said = {part_["id"]: "\n".join(hostile_lines(60)) for part_ in EDITION.words["outline"]}
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(report(submission(words=said, documents=((("x" * 3000,) * 4),))))
    assert office.to_pdf(source, tmp_path).stat().st_size > 50_000


# --- the file -------------------------------------------------------------------------------------------------------
def test_reproducible_and_without_a_clock():
    one = submission({"1/1": 21}, words={"direction": "a"}, documents=DOCUMENTS)
    assert report(one) == report(one)
    assert set(re.findall(r"20\d\d-\d\d-\d\d", part(report(one), "docProps/core.xml"))) == {"2022-01-01"}


@pytest.mark.parametrize("edition", available())
def test_every_edition_gives_a_report(edition):
    forms = load(edition)
    one = Submission(
        file="a.xlsx",
        sha256="0" * 64,
        edition=edition,
        period=f"2025-{next(iter(forms.period_kinds))}",
        unit=UnitName(code="1", name="Bình Lãng"),
        level=forms.level,
        entries={key: Entry(key=key, state=State.NUMBER, value=Decimal(1)) for key in forms.by_key},
    )
    text = whole_text(commune.build(one, forms))
    assert "tỷ lệ" in text.lower() and "{" not in text


def test_the_consolidating_units_own_report():
    own = submission({"1/1": 30}, level="huyện", about={})
    lines = paragraphs(commune.build(own, EDITION, unit=DISTRICT))
    assert any("Ủy ban nhân dân huyện Tứ Kỳ" in line for line in lines)


def test_pages_in_libreoffice(office, tmp_path):
    """Numbers from page 2 on, each annex from 1; every page of the forms has the head of a table."""
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(report(read(filled(), file="a.xlsx", roster=ROSTER)[0]))
    pdf = office.to_pdf(source, tmp_path)
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = text.strip("\f").split("\f")
    first = next(number for number, page in enumerate(pages) if page.strip().startswith("Phụ lục"))
    assert [page.strip().split()[0] for page in pages[1:first]] == [str(number) for number in range(2, first + 1)]
    assert all("STT" in page and "Ghi chú" in page for page in pages[first:])
    assert "Nơi nhận:" in pages[first - 1] and "TM. ỦY BAN NHÂN DÂN" in pages[first - 1]


def test_body_text_is_justified_14_point():
    body = docx.Document(BytesIO(report(submission()))).styles["Normal"]
    assert body.font.size == Pt(14) and body.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY

"""The form of an official document: Nghị định 30/2020/NĐ-CP, annex I (and the shipped template, which has it)."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt

from cchc_xl.editions.load import available, load
from cchc_xl.shipped import shipped
from cchc_xl.word import narrative, paper
from cchc_xl.word.official import narrative_template
from tests.rounds import random_round
from tests.word_files import part


@pytest.fixture(scope="module")
def template() -> bytes:
    return narrative_template(load())


@pytest.fixture(scope="module")
def word(template):
    return docx.Document(BytesIO(template))


def test_the_shipped_template_is_the_one_built(template):
    """templates/xa-2022/bao-cao-tong-hop.docx is a product: rebuild it when wording or form changes."""
    assert shipped("templates", "xa-2022", narrative.TEMPLATE).read_bytes() == template


@pytest.mark.parametrize("edition", available())
def test_every_edition_has_a_template_that_fills(edition):
    forms, made = load(edition), random_round(3, 5, own=True)
    units = tuple(replace(unit, findings=()) for unit in made.units)  # those of the other edition's rules
    consolidation = replace(made, edition=forms, units=units, own=replace(made.own, findings=()))
    report = narrative.build(consolidation, template=narrative_template(forms))
    assert docx.Document(BytesIO(report)).paragraphs


def test_paper_and_margins(word):
    for section in word.sections:
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert 20 <= round(section.top_margin.mm) <= 25 and 20 <= round(section.bottom_margin.mm) <= 25
        assert 30 <= round(section.left_margin.mm) <= 35 and 15 <= round(section.right_margin.mm) <= 20


def test_every_style_is_times_new_roman_in_every_script(word, template):
    for fonts in word.styles.element.iter(qn("w:rFonts")):
        assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {paper.FONT}
        assert len(fonts.attrib) == 4  # no theme font that would win
    assert set(re.findall(r'w:ascii="([^"]*)"', part(template))) <= {paper.FONT}


def test_body_text(word):
    body = word.styles[paper.BODY]
    assert body.font.size == Pt(14)
    assert body.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert body.paragraph_format.first_line_indent == Cm(1.27)
    assert body.paragraph_format.space_after == Pt(6)


def test_page_number_centred_at_the_top_from_page_two(word, template):
    body, annex = word.sections
    for section in (body, annex):
        assert section.different_first_page_header_footer
    header = body.header
    assert header.paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert "PAGE" in header._element.xml and not body.first_page_header.paragraphs[0].text
    assert annex._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


def test_national_name_and_motto(word):
    left, right = word.tables[0].rows[0].cells
    nation, motto = right.paragraphs[0], right.paragraphs[1]
    assert nation.text == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" and nation.runs[0].font.bold
    assert motto.text == "Độc lập - Tự do - Hạnh phúc" and motto.runs[0].font.bold
    assert Pt(12) <= nation.runs[0].font.size <= Pt(13) <= motto.runs[0].font.size <= Pt(14)
    assert left.paragraphs[-1].text == "Số: {{ so_ban_hanh }}/{{ ky_hieu }}"


def test_title_receiver_and_signature(word):
    texts = [paragraph.text for paragraph in word.paragraphs]
    guide = [text for text in texts if text.startswith("{#p ")]
    assert texts[: len(guide)] == guide and all(text.endswith(" #}") for text in guide)  # for the staff, never printed
    assert texts[len(guide) : len(guide) + 2] == ["BÁO CÁO", "Công tác cải cách hành chính {{ ky }}"]
    assert "Kính gửi: {{ kinh_gui }}." in texts
    left, right = word.tables[1].rows[0].cells
    receivers = [p.text for p in left.paragraphs if not p.text.startswith("{")]
    assert receivers[:2] == ["Nơi nhận:", "- Như trên;"] and receivers[-1] == "- Lưu: VT, NV."
    head = left.paragraphs[0].runs[0].font
    assert (head.size, head.bold, head.italic) == (Pt(12), True, True)
    assert left.paragraphs[1].runs[0].font.size == Pt(11)
    assert [p.text for p in right.paragraphs] == ["{{ chuc_vu }}", "{{ nguoi_ky }}"]
    assert right.paragraphs[0].paragraph_format.space_after >= Pt(60)  # room for seal and digital signature


def test_tables_repeat_their_heads_and_keep_rows_whole(word):
    table = word.tables[2]
    marks = [[mark.tag for mark in row._tr.get_or_add_trPr()] for row in table.rows]
    assert marks[0] == marks[1] == [qn("w:cantSplit"), qn("w:tblHeader")]
    assert marks[3] == [qn("w:cantSplit")]
    widths = [column.width for column in table.columns]
    assert abs(sum(widths) - Mm(160)) < Mm(1)


def test_reproducible_and_without_a_clock(template):
    assert narrative_template(load()) == template
    with zipfile.ZipFile(BytesIO(template)) as package:
        core = package.read("docProps/core.xml").decode()
        assert {member.date_time[0] for member in package.infolist()} == {1980}
        assert not any("thumbnail" in name for name in package.namelist())
    assert re.findall(r"\d{4}-\d\d-\d\d", core) == ["2022-01-01", "2022-01-01"]


def test_every_page_of_the_annex_has_the_tables_head(office, tmp_path):
    """LibreOffice's pages as text: the head repeats on each page, numbers stand from page 2 on."""
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(narrative.build(random_round(5, 23, own=True)))
    pdf = office.to_pdf(source, tmp_path)
    assert pdf.stat().st_size > 50_000
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = text.strip("\f").split("\f")
    first = next(number for number, page in enumerate(pages) if page.strip().startswith("Phụ lục"))
    assert len(pages) - first > 4
    for page in pages[first:]:
        assert "STT" in page and "Ghi chú" in page
    assert [page.strip().split()[0] for page in pages[1:first]] == [str(number) for number in range(2, first + 1)]

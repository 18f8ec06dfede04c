"""Old-style Word reports read back: every row with its value, whatever the tables look like; oddities said."""

import random
import re
import zipfile
from copy import deepcopy
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from cchc_xl.checking.checks import check
from cchc_xl.editions.catalogue import advice, error_sentence, message, words
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Severity, State
from cchc_xl.number import from_text
from cchc_xl.word import intake
from cchc_xl.word.package import WordFileError
from cchc_xl.workbook.official.review_sheet import Review, ReviewRow
from cchc_xl.workbook.reader import read, read_file
from cchc_xl.workbook.template import Fill, build
from tests.old_reports import NARRATIVE, form_rows, official_rows, old_report, printed, saved, table, tables
from tests.word_files import edited, with_part

EDITION = load()
SAMPLE = Path(__file__).parent.parent / "samples" / "tu-ky-2022-6T" / "nhan-ve" / "11092_Binh-Lang_2022-6T.xlsx"


def read_back(content: bytes) -> intake.WordReport:
    return intake.read_report(content, EDITION)


def wrong_rows(report: intake.WordReport) -> dict[str, tuple]:
    """Rows whose text, state or value differs from the real report's."""
    values = printed()
    wrong = {}
    for key, row in EDITION.by_key.items():
        value = from_text(values[key], row.kind, row.choices).value
        state = State.BLANK if value is None else State.NUMBER
        found = report.rows[key]
        if (found.text, found.state, found.value) != (values[key], state, value):
            wrong[key] = (values[key], found)
    return wrong


def odd(report: intake.WordReport) -> set[tuple[str, int | None]]:
    """(finding, form) of every oddity."""
    forms = {f.key: EDITION.by_key[f.key].form for f in report.oddities if f.key}
    return {(f.id, forms.get(f.key, f.args.get("form"))) for f in report.oddities}


def workbook_of(report: intake.WordReport, file: str = "bao-cao.docx") -> bytes:
    shown = intake.review_of(report, EDITION)
    rows = tuple(ReviewRow(**row) for row in shown["rows"])
    return build(
        EDITION,
        period=period_of(EDITION, report.period) if report.period else None,
        fill=Fill(**intake.fill_of(report, EDITION)),
        review=Review(file=file, rows=rows, oddities=shown["oddities"]),
    )


@pytest.fixture(scope="module")
def report() -> intake.WordReport:
    return read_back(old_report())


# --- the real report ------------------------------------------------------------------------------------------------
def test_all_123_rows_of_the_real_report(report):
    assert len(report.rows) == 123
    assert wrong_rows(report) == {}
    assert {row.sureness for row in report.rows.values()} == {1.0}
    assert all(row.table and row.row for row in report.rows.values())


def test_what_is_odd_about_the_real_report_is_said(report):
    assert odd(report) == {
        ("layout-word-stray-unit", 3),
        ("layout-word-split", 3),
        ("layout-word-code-dot", 3),
        ("layout-word-stray-number", 7),
        ("identity-word-names", None),
    }
    assert all(finding.severity is Severity.NOTE for finding in report.oddities)
    said = [message(finding, EDITION) + advice(finding, EDITION) for finding in report.oddities]
    assert not any("{" in text for text in said)


def test_the_workbook_says_what_the_sample_workbook_says(report):
    """The same entries, and the same findings of reading and of every check."""
    (made,), (sample,) = read(workbook_of(report), file="doc.xlsx"), read_file(SAMPLE)
    assert not made.refused and made.period == "2022-6T"
    assert {k: (e.state, e.value) for k, e in made.entries.items()} == {
        k: (e.state, e.value) for k, e in sample.entries.items()
    }
    for entry in made.entries.values():
        assert entry.cell == sample.entries[entry.key].cell
    assert findings_of(made) == findings_of(sample)
    assert any(name == "ratio-mismatch" for name, _, _ in findings_of(made))


def findings_of(submission) -> set:
    found = (*submission.findings, *check(submission, EDITION))
    return {(one.id, one.rule, one.severity) for one in found if not one.id.startswith("identity-")}


def test_narrative_unit_period_and_frame(report):
    assert report.unit == "xã Bình Lãng" and report.period == "2022-6T"
    assert report.about == {
        "place": "Bình Lãng",
        "report_date": "09/6/2022",
        "signer_capacity": "CHỦ TỊCH",
        "signer": "Trần Văn Bình",
    }
    outline = [part["id"] for part in EDITION.words["outline"]]
    assert list(report.words) == outline
    assert report.words["shortcomings"] == "Dịch vụ công trực tuyến đạt thấp."
    assert report.words["causes"] == "Người dân còn thiếu thiết bị."
    assert report.words["tasks"].splitlines()[0] == "1. Tiếp tục thực hiện cải cách thể chế theo kế hoạch."
    assert report.words["proposals"] == "Đề nghị hỗ trợ máy vi tính."
    (made,) = read(workbook_of(report), file="doc.xlsx")
    assert made.words == report.words and made.unit.name == "xã Bình Lãng"


def test_what_the_narrative_says_of_the_numbers(report):
    told = {key: [(m.value, m.agrees) for m in row.mentions] for key, row in report.rows.items() if row.mentions}
    assert told == {
        "7/6.7.2": [(170, True)],
        "7/6.7.1": [(738, True)],
        "7/6.7": [(23, True)],
        "1/5.1": [(738, True)],
        "4/2.1": [(20, True)],
    }
    other = [(text.replace("23%", "32%"), bold) for text, bold in NARRATIVE]
    (mention,) = read_back(old_report(narrative=other)).rows["7/6.7"].mentions
    assert (mention.value, mention.agrees, mention.heading) == (32, False, "procedures") and "32%" in mention.said


# --- tables of every kind -------------------------------------------------------------------------------------------
def with_tabs(word, form):
    for row in form_rows(form):
        word.add_paragraph("\t".join(row))


def with_many_tabs(word, form):
    """Tabs used to line things up: blank columns tell nothing."""
    for code, label, unit, value in form_rows(form):
        word.add_paragraph(f"{code}\t{label}\t\t{unit}\t\t{value}")


def nested(word, form):
    table(word.add_table(rows=1, cols=1).cell(0, 0), form_rows(form))


def without_note_column(word, form):
    made = word.add_table(rows=1, cols=4)
    for cell, text in zip(made.rows[0].cells, ("TT", "Nội dung chỉ tiêu", "ĐVT", "Số liệu"), strict=True):
        cell.text = text
    for row in form_rows(form):
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text


def without_head(word, form):
    table(word, form_rows(form), head=False)


def repeated_heads(word, form):
    rows = form_rows(form)
    for start in range(0, len(rows), 9):
        table(word, rows[start : start + 9])


def split_each_row(word, form):
    """A page break after every row: twenty tables a form."""
    for row in form_rows(form):
        table(word, [row], head=False)
        word.add_paragraph("")


def value_before_unit(word, form):
    made = word.add_table(rows=1, cols=5)
    heads = ("STT", "Chỉ tiêu thống kê", "Số lượng/Tỷ lệ", "Đơn vị tính", "Ghi chú")
    for cell, text in zip(made.rows[0].cells, heads, strict=True):
        cell.text = text
    for code, label, unit, value in form_rows(form):
        for cell, text in zip(made.add_row().cells, (code, label, value, unit, ""), strict=True):
            cell.text = text


def columns_of_their_own(word, form):
    """Cells over several grid columns, as Word leaves them after a column was moved by hand."""
    tables(word, form)
    for row in word.tables[-1]._tbl.iter(qn("w:tc")):
        span = row.get_or_add_tcPr()
        if span.find(qn("w:gridSpan")) is None:
            mark = OxmlElement("w:gridSpan")
            mark.set(qn("w:val"), "2")
            span.append(mark)


def small_table_around_values(word, form):
    """Each value in a small table of its own inside its cell."""
    made = table(word, form_rows(form))
    for row in list(made.rows)[2:]:
        cell = row.cells[3]
        text, cell.text = cell.text, ""
        cell.add_table(rows=1, cols=1).cell(0, 0).text = text


LAYOUTS = {
    "paragraphs with tabs": with_tabs,
    "tabs to line up": with_many_tabs,
    "a table in a cell": nested,
    "four columns, other heads": without_note_column,
    "no head": without_head,
    "the head again on each page": repeated_heads,
    "every row a table": split_each_row,
    "value before unit": value_before_unit,
    "wide cells": columns_of_their_own,
    "values in tables of their own": small_table_around_values,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_rows_whatever_the_layout(layout):
    report = read_back(old_report(LAYOUTS[layout]))
    assert wrong_rows(report) == {}
    assert all(row.sureness >= 0.8 for row in report.rows.values())


def test_tabs_are_said_and_less_sure():
    report = read_back(old_report(with_tabs))
    assert {("layout-word-tabs", form) for form in range(1, 8)} <= odd(report)
    assert {row.sureness for row in report.rows.values()} == {0.8}


def test_all_forms_in_one_table():
    """Titles stand in rows of the table."""

    def one_table(word, form):
        made = word.tables[-1] if form > 1 else word.add_table(rows=0, cols=5)
        title = made.add_row()
        title.cells[0].merge(title.cells[4]).text = f"Biểu mẫu {form}"
        for row in form_rows(form):
            for cell, text in zip(made.add_row().cells, row, strict=False):
                cell.text = text

    assert wrong_rows(read_back(old_report(one_table))) == {}


def test_forms_in_another_order_without_titles():
    word = docx.Document()
    for form in (5, 7, 1, 6, 2, 4, 3):
        table(word, form_rows(form))
        word.add_paragraph("")
    assert wrong_rows(read_back(saved(word))) == {}


def test_a_wrong_title_is_said_and_the_rows_decide():
    content = edited(old_report(), lambda xml: xml.replace("Biểu mẫu 5<", "Biểu mẫu 9<").replace("Cải cách chế độ", ""))
    assert wrong_rows(read_back(content)) == {}
    content = edited(old_report(), lambda xml: xml.replace("Biểu mẫu 2<", "Biểu mẫu 6<"))
    report = read_back(content)
    assert wrong_rows(report) == {} and ("layout-word-title", 2) in odd(report)


def rewritten(change) -> bytes:
    """The report with every row passed through ``change(form, row)``: a row, several, or none."""

    def write(word, form):
        rows = [new for row in form_rows(form) for new in change(form, row)]
        table(word, rows)

    return old_report(write)


def test_codes_by_automatic_numbering_are_not_in_the_text():
    report = read_back(rewritten(lambda form, row: [("", *row[1:])]))
    assert wrong_rows(report) == {}
    assert {name for name, _ in odd(report)} >= {"layout-word-code-missing"}


def test_codes_without_any_dot_and_with_brackets():
    def change(form, row):
        return [(row[0].rstrip(".").replace(".", ",") + ")" if row[0] else "", *row[1:])]

    report = read_back(rewritten(change))
    assert wrong_rows(report) == {} and ("layout-word-code-dot", 1) in odd(report)


def test_code_and_label_in_one_cell():
    report = read_back(rewritten(lambda form, row: [("", f"{row[0]} {row[1]}", *row[2:])]))
    assert wrong_rows(report) == {}


def test_a_wrong_code_goes_by_the_label():
    def change(form, row):
        return [("2.1.", *row[1:])] if (form, row[0]) == (1, "2.2.") else [row]

    report = read_back(rewritten(change))
    assert wrong_rows(report) == {}
    assert ("layout-word-code-other", 1) in odd(report) and report.rows["1/2.2"].sureness < intake.UNSURE


def test_labels_of_last_years_forms_and_slips_of_the_pen():
    def change(form, row):
        return [(row[0], row[1].replace("TTHC", "thủ tục hành chính").replace("hoà", "hòa").upper(), *row[2:])]

    assert wrong_rows(read_back(rewritten(change))) == {}


def test_another_label_is_said():
    def change(form, row):
        return [(row[0], "Số cuộc thi tìm hiểu", *row[2:])] if (form, row[0]) == (1, "3.1.") else [row]

    report = read_back(rewritten(change))
    assert ("layout-word-label-other", 1) in odd(report) and report.rows["1/3.1"].sureness < intake.UNSURE


def test_a_row_twice_with_other_numbers_waits_for_a_person():
    def change(form, row):
        return [row, (*row[:3], "99")] if (form, row[0]) == (1, "2.1.") else [row]

    report = read_back(rewritten(change))
    assert report.rows["1/2.1"].value == 33 and report.rows["1/2.1"].sureness < 0.5
    assert ("layout-word-row-twice", 1) in odd(report)
    same = read_back(rewritten(lambda form, row: [row, row] if (form, row[0]) == (1, "2.1.") else [row]))
    assert ("layout-word-row-twice", 1) not in odd(same)


def test_a_wrong_code_beside_a_label_that_repeats():
    """3.2.1 typed as 3.1.1: its label stands three times in the form; the next one not yet found is meant."""

    def change(form, row):
        return [("3.1.1.", *row[1:3], "7")] if (form, row[0]) == (3, "3.2.1.") else [row]

    report = read_back(rewritten(change))
    assert (report.rows["3/3.1.1"].value, report.rows["3/3.2.1"].value) == (0, 7)
    assert report.rows["3/3.2.1"].sureness < intake.UNSURE

    def repeated(form, row):
        return [row, (*row[:3], "5")] if (form, row[0]) == (3, "3.1.1.") else [row]

    again = read_back(rewritten(repeated))
    assert again.rows["3/3.2.1"].value == 0 and again.rows["3/3.2.1"].sureness == 1


def test_rows_cut_in_two_by_a_page_break():
    """The first half has code and unit, the second the rest of the label and sometimes the value."""

    def change(form, row):
        words = row[1].split()
        if len(words) < 6:
            return [row]
        first, second = " ".join(words[:4]), " ".join(words[4:])
        late = form % 2 == 0
        return [(row[0], first, row[2], "" if late else row[3]), ("", second, "", row[3] if late else "")]

    report = read_back(rewritten(change))
    assert wrong_rows(report) == {} and not any("stray-value" in name for name, _ in odd(report))
    assert report.rows["4/1.1"].reasons == ("continued",)


def test_a_missing_row_and_a_missing_form_stay_blank_and_are_said():
    report = read_back(rewritten(lambda form, row: [] if form == 4 or row[0] == "5.1." else [row]))
    assert {("layout-word-form-missing", 4), ("layout-word-row-missing", 1)} <= odd(report)
    assert report.rows["1/5.1"].sureness == 0 and report.rows["4/2.1"].state is State.BLANK
    assert "4/2.1" not in intake.fill_of(report, EDITION)["answers"]


def test_numbers_beside_their_column():
    def change(form, row):
        return [(row[0], row[1], row[3], "")] if (form, row[0]) == (5, "1.1.") else [row]

    report = read_back(rewritten(change))
    assert report.rows["5/1.1"].value == 20 and ("layout-word-beside", 5) in odd(report)


def test_stray_rows_are_never_taken():
    def change(form, row):
        strays = [("", "", "", "57"), ("- 12 -", "", "", ""), ("", "Ghi chú thêm của đơn vị", "", "")]
        return [row, *strays] if (form, row[0]) == (4, "2.1.") else [row]

    report = read_back(rewritten(change))
    assert wrong_rows(report) == {}
    assert {(f"layout-word-stray-{kind}", 4) for kind in ("value", "number", "text")} <= odd(report)


VALUES = [
    ("1/2", "63,6 %", State.NUMBER, "63.6"),
    ("6/1.1", "3.000", State.NUMBER, "3000"),
    ("6/1.1", "3.000 triệu đồng", State.NUMBER, "3000"),
    ("1/1", "02 văn bản", State.NUMBER, "2"),
    ("1/1", "21\u00a0", State.NUMBER, "21"),
    ("1/1", "KPS", State.NONE_ARISING, None),
    ("1/1", "Không", State.NONE_ARISING, None),
    ("1/1", "…", State.BLANK, None),
    ("1/1", "khoảng hai chục", State.UNREADABLE, None),
    ("1/1", "17\n4", State.UNREADABLE, None),
    ("1/5", "x", State.NUMBER, "1"),
    ("1/5.2", "Phát phiếu", State.NUMBER, "1"),
    ("1/3", "5", State.BLANK, None),  # a heading without a cell
]


@pytest.mark.parametrize(("key", "text", "state", "value"), VALUES)
def test_values_go_through_the_door_for_numbers(key, text, state, value):
    printed_code = EDITION.by_key[key].printed_code
    form = EDITION.by_key[key].form

    def change(number, row):
        return [(*row[:3], text)] if (number, row[0]) == (form, printed_code) else [row]

    report = read_back(rewritten(change))
    row = report.rows[key]
    assert (row.state, row.value) == (state, Decimal(value) if value else None)
    (made,) = read(workbook_of(report), file="doc.xlsx")
    if EDITION.by_key[key].has_cell:
        assert (made.entries[key].state, made.entries[key].value) == (row.state, row.value)


# --- what Word does to text -----------------------------------------------------------------------------------------
def run_of(xml: str, text: str) -> str:
    """The XML of the first run that holds exactly this text."""
    found = re.search(rf"<w:r>(?:(?!</w:r>).)*<w:t[^>]*>{re.escape(text)}</w:t></w:r>", xml)
    assert found, text
    return found[0]


def test_tracked_changes_are_read_as_accepted():
    def change(xml):
        old = run_of(xml, "738")  # the first: the questionnaires
        kept = old.replace("738", "740")
        deleted = old.replace("<w:t>", "<w:delText>").replace("</w:t>", "</w:delText>")
        mark = 'w:id="1" w:author="a" w:date="2022-06-09T00:00:00Z"'
        return xml.replace(old, f"<w:del {mark}>{deleted}</w:del><w:ins {mark}>{kept}</w:ins>", 1)

    report = read_back(edited(old_report(), change))
    assert report.rows["1/5.1"].value == 740
    assert ("layout-word-tracked", None) in odd(report)


def test_a_deleted_row_is_not_there():
    def change(xml):
        at = xml.index("Số lượng phiếu khảo sát")
        start = xml.rindex("<w:tr>", 0, at)
        row = xml[start:at].replace("<w:tr>", '<w:tr><w:trPr><w:del w:id="1" w:author="a"/></w:trPr>', 1)
        return xml[:start] + row + xml[at:]

    report = read_back(edited(old_report(), change))
    assert report.rows["1/5.1"].sureness == 0 and ("layout-word-row-missing", 1) in odd(report)


def test_text_cut_into_runs_controls_and_hidden_text():
    def change(xml):
        old = run_of(xml, "738")
        cut = old.replace("738", "7") + "<w:proofErr w:type='spellStart'/>" + old.replace("738", "38")
        hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>999</w:t></w:r>"
        return xml.replace(old, f"<w:sdt><w:sdtContent>{cut}</w:sdtContent></w:sdt>{hidden}", 1)

    assert wrong_rows(read_back(edited(old_report(), change))) == {}


def test_rows_and_tables_in_content_controls():
    word = docx.Document(BytesIO(old_report()))
    for made in word.tables:
        control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent/></w:sdt>")
        made._tbl.addprevious(control)
        control[0].append(made._tbl)
        row = made._tbl.findall(qn("w:tr"))[-1]
        inner = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent/></w:sdt>")
        row.addprevious(inner)
        inner[0].append(row)
    assert wrong_rows(read_back(saved(word))) == {}


def test_forms_in_text_boxes_are_read_once():
    word = docx.Document()
    paragraph = word.add_paragraph()
    for form in range(1, 8):
        holder = docx.Document()
        table(holder, form_rows(form))
        box = parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><w:txbxContent/></w:drawing></mc:Choice>'
            "<mc:Fallback><w:pict><w:txbxContent/></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
        for content in box.iter(qn("w:txbxContent")):
            content.append(deepcopy(holder.tables[0]._tbl))
        paragraph._p.append(box)
    report = read_back(saved(word))
    assert wrong_rows(report) == {} and not any(name == "layout-word-row-twice" for name, _ in odd(report))


def test_a_body_under_another_name_and_the_strict_format():
    source = zipfile.ZipFile(BytesIO(old_report()))
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for member in source.namelist():
            text = source.read(member)
            if member.endswith(".rels") or member == "[Content_Types].xml":
                text = text.replace(b"word/document.xml", b"word/document2.xml")
            if member == "word/document.xml":
                old = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
                text = text.replace(old, b"http://purl.oclc.org/ooxml/wordprocessingml/main")
            target.writestr(member.replace("word/document.xml", "word/document2.xml"), text)
    assert wrong_rows(read_back(out.getvalue())) == {}


def test_a_copy_of_last_periods_forms_is_said():
    other = edited(
        old_report(), lambda xml: xml.replace("cho kỳ báo cáo 6 tháng đầu năm 2022", "cho kỳ báo cáo quý I năm 2022")
    )
    report = read_back(other)
    assert report.period == "2022-6T" and ("identity-word-periods", None) in odd(report)


# --- safe and bounded -----------------------------------------------------------------------------------------------
def zip_of(**parts: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


BODY = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'
DOCTYPE = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
REFUSED = {
    "nothing": b"",
    "text": b"bao cao",
    "pdf": b"%PDF-1.7 ...",
    "old doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "rtf": b"{\\rtf1 ...}",
    "broken zip": b"PK\x03\x04" + bytes(50),
    "a zip of something else": zip_of(**{"xl/workbook.xml": b"<x/>"}),
    "no xml": zip_of(**{"word/document.xml": b"\x00\x01"}),
    "doctype": zip_of(**{"word/document.xml": DOCTYPE + BODY % b"<w:p><w:r><w:t>&b;</w:t></w:r></w:p>"}),
    "doctype in UTF-16": zip_of(**{"word/document.xml": (DOCTYPE + BODY % b"").decode().encode("utf-16")}),
    "late doctype": zip_of(**{"word/document.xml": b"<!--" + b" " * 9000 + b"-->" + DOCTYPE + BODY % b""}),
    "too deep": zip_of(**{"word/document.xml": BODY % (b"<w:sdt>" * 5000 + b"</w:sdt>" * 5000)}),
    "too long": zip_of(**{"word/document.xml": BODY % (b"<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 40_000)}),
    "unpacks too large": zip_of(**{"word/document.xml": BODY % (b" " * 70_000_000)}),
    "no forms": zip_of(**{"word/document.xml": BODY % b"<w:p><w:r><w:t>Bien ban hop</w:t></w:r></w:p>"}),
    "empty": zip_of(**{"word/document.xml": BODY % b""}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_vietnamese_sentence(name):
    with pytest.raises(WordFileError) as refused:
        read_back(REFUSED[name])
    sentence = error_sentence(refused.value)
    assert sentence.endswith(".") and "{" not in sentence and "\n" not in sentence


def test_no_damage_to_the_file_gives_anything_but_a_sentence(share):
    """Bytes of the body flipped, cut or doubled at random: rows or one sentence, never another error."""
    body = zipfile.ZipFile(BytesIO(old_report())).read("word/document.xml")
    chance = random.Random(2022)
    for _ in range(round(300 * share)):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 6)):
            at, end = sorted(chance.sample(range(len(damaged)), 2))
            cut = damaged[at : min(end, at + 400)]
            kind = chance.randint(0, 2)
            if kind == 0:
                damaged[at] = chance.randrange(256)
            elif kind == 1:
                del damaged[at : at + len(cut)]
            else:
                damaged[at:at] = cut
        try:
            read_back(with_part(old_report_bytes(), bytes(damaged)))
        except WordFileError:
            continue


@cache
def old_report_bytes() -> bytes:
    return old_report()


def test_rows_moved_about_at_random_keep_their_values(share):
    """Rows of all forms shuffled within their form, some labels cut short: still every value at its key."""
    chance = random.Random(30)
    for _ in range(max(1, round(20 * share))):

        def write(word, form):
            rows = [row for number, _, row in official_rows() if number == form]
            chance.shuffle(rows)
            table(word, [(row[0], row[1][: chance.choice((60, 90, 200))], *row[2:]) for row in rows])

        assert wrong_rows(read_back(old_report(write))) == {}


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(WordFileError) as refused:
        intake.read_report_file(tmp_path / "khong-co.docx", EDITION)
    assert error_sentence(refused.value).endswith(".")


def test_endless_rows_take_a_bounded_time():
    """Ten thousand rows that are almost rows of form 3: the forms themselves are still read."""
    labels = [row[1] for form, _, row in official_rows() if form == 3]
    chance = random.Random(1)
    rows = "".join(
        _xml_row(f"9.{n % 99}.", " ".join(chance.sample(labels[n % 25].split(), 3) * 4)) for n in range(10_000)
    )

    def change(xml):
        at = xml.rindex("<w:sectPr")
        return f"{xml[:at]}<w:tbl>{rows}</w:tbl>{xml[at:]}"

    report = read_back(edited(old_report(), change))
    assert wrong_rows(report) == {} and len(report.oddities) < 400


def _xml_row(*cells: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in cells) + "</w:tr>"


# --- the sheet Rà soát ----------------------------------------------------------------------------------------------
def test_the_review_sheet(report):
    book = openpyxl.load_workbook(BytesIO(workbook_of(report)))
    sheet = book["Rà soát"]
    assert book.sheetnames[-1] == "Rà soát" and book.active.title == "Thông tin"
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=9)]
    head = next(number for number, row in enumerate(cells) if row[:2] == ["Biểu", "Mã"])
    rows = cells[head + 1 :]
    assert len(rows) == 123 and [row[0] + "/" + row[1] for row in rows] == list(EDITION.by_key)
    told = {f"{row[0]}/{row[1]}": row for row in rows}
    assert told["1/2"][3:8] == ["63,6", "63,6", "bảng 3, dòng 4", "chắc", "đúng mã, đúng tên chỉ tiêu"]
    assert told["1/4.1"][3:5] == [None, "(để trống)"] and "170/738" in told["7/6.7.2"][8]
    assert "123/123" in cells[2][0]
    links = {link.ref: link.location for row in sheet.iter_rows() for cell in row if (link := cell.hyperlink)}
    assert "'Biểu 1'!D8" in links.values() and len(links) == 123
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_text_from_the_report_is_inert_in_the_workbook():
    evil = '=cmd|" /c calc"!A1'

    def change(form, row):
        return [(row[0], row[1], row[2], evil)] if (form, row[0]) == (1, "1.") else [row]

    odd_text = "=1+1 {{ 7*7 }} <b> & '"
    narrative = [(text.replace("Không có hồ sơ trễ hẹn.", odd_text), bold) for text, bold in NARRATIVE]

    def write(word, form):
        table(word, [new for row in form_rows(form) for new in change(form, row)])

    report = read_back(old_report(write, narrative=narrative))
    content = workbook_of(report, file="=a\x07.docx")
    book = openpyxl.load_workbook(BytesIO(content))
    assert not any(cell.data_type == "f" for row in book["Rà soát"].iter_rows() for cell in row)
    (made,) = read(content, file="doc.xlsx")
    assert made.entries["1/1"].state is State.UNREADABLE and made.entries["1/1"].raw == evil
    assert made.words["achievements"] == odd_text


def test_a_very_long_narrative_is_cut_and_said():
    narrative = [*NARRATIVE[:2], *[("Nội dung rất dài. " * 50, False)] * 60, *NARRATIVE[3:]]
    report = read_back(old_report(narrative=narrative))
    assert ("words-cut", None) in odd(report)
    (made,) = read(workbook_of(report), file="doc.xlsx")
    assert 30_000 < len(made.words["direction"]) <= 32_000


def test_every_reason_has_a_sentence_and_a_weight():
    assert set(words("intake")["reasons"]) == set(intake._SURE)


def test_reproducible(report):
    assert workbook_of(read_back(old_report())) == workbook_of(report)


def test_another_edition_reads_by_its_own_rows():
    frame = load("xa-2025-khung")
    found = intake.read_report(old_report(), frame)
    assert sum(row.sureness > 0 for row in found.rows.values()) > 50


def test_an_old_doc_goes_through_libreoffice(office, tmp_path):
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(old_report())
    old = office.convert(source, tmp_path / "cu", "doc")
    assert wrong_rows(intake.read_report_file(old, EDITION)) == {}

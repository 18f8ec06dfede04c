"""The unit's own workbook comes back marked: nothing else changes, nothing is lost, and the marks go away again."""

import os
import re
import shutil
import subprocess
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from cchc_xl.editions.catalogue import advice, cause_sentence, error_sentence, message, words
from cchc_xl.editions.requests import paste_text
from cchc_xl.errors import CchcError
from cchc_xl.model import Finding, Severity, UnitName
from cchc_xl.workbook.feedback import feedback_name, mark, patched_parts, unmarked
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.package import Limits
from cchc_xl.workbook.marking.cell_marks import SWITCH
from cchc_xl.workbook.marking.inert_text import inert
from cchc_xl.workbook.master import build as build_master
from tests.filled import EDITION, UNIT, facts
from tests.marked import FILE, checked, marked, packed_parts, parts, with_parts, workbook
from tests.rounds import random_round

TITLE = words("feedback")["sheet"]["title"]
MARK = words("feedback")["note"]["mark"]
ALLOWED = re.compile(
    r"\[Content_Types\]\.xml|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml|xl/worksheets/sheet\d+\.xml"
    r"|xl/worksheets/_rels/sheet\d+\.xml\.rels|xl/comments\d+\.xml|xl/drawings/vmlDrawing\d+\.vml"
)


def opened(content: bytes):
    return openpyxl.load_workbook(BytesIO(content))


def cells_of(content: bytes) -> dict[str, dict]:
    """Sheet -> everything stored in its cells: kind, value, formula, format number."""
    book = Book(content, Limits())
    return {entry.title: dict(book.sheet(entry).cells) for entry in book.sheets}


# --- what changes and what does not ---------------------------------------------------------------------------------


def test_only_the_named_parts_differ():
    before, after = parts(workbook()), parts(marked(workbook()))
    differing = {name for name in after if after[name] != before.get(name)}
    assert set(before) <= set(after)
    assert differing == set(patched_parts(workbook(), checked(workbook())[1], EDITION, file=FILE))
    assert all(ALLOWED.fullmatch(name) for name in differing)


def test_other_parts_keep_even_their_packed_bytes():
    before, after = packed_parts(workbook()), packed_parts(marked(workbook()))
    named = set(patched_parts(workbook(), checked(workbook())[1], EDITION, file=FILE))
    untouched = set(before) - named
    assert {"xl/sharedStrings.xml", "xl/theme/theme1.xml", "docProps/custom.xml"} <= untouched
    assert all(before[name] == after[name] for name in untouched)


def test_a_form_without_findings_is_not_touched():
    touched = {finding.sheet for finding in checked(workbook())[1] if finding.cell}
    named = patched_parts(workbook(), checked(workbook())[1], EDITION, file=FILE)
    quiet = [entry for entry in Book(workbook(), Limits()).sheets if entry.title not in touched]
    assert len(quiet) >= 4
    assert not {entry.part for entry in quiet[1:]} & set(named)  # the first one was the sheet shown: no longer


def test_every_stored_value_and_formula_stays():
    after = cells_of(marked(workbook()))
    after.pop(TITLE)
    assert after == cells_of(workbook())


def test_the_facts_read_are_the_same():
    before, findings = checked(workbook())
    after, findings_after = checked(marked(workbook()))
    assert facts(after) == facts(before)
    assert findings_after == findings
    assert (after.words, after.about, after.unit, after.period) == (
        before.words,
        before.about,
        before.unit,
        before.period,
    )


def test_the_same_input_gives_the_same_bytes():
    assert marked(workbook()) == marked(workbook())


# --- the sheet ------------------------------------------------------------------------------------------------------


def test_the_sheet_stands_in_front_and_is_the_one_shown():
    book = opened(marked(workbook()))
    assert book.sheetnames == [TITLE, *opened(workbook()).sheetnames]
    assert book.active.title == TITLE
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == [TITLE]


def test_print_areas_and_titles_stay_with_their_sheets():
    before, after = opened(workbook()), opened(marked(workbook()))
    for sheet in before:
        assert after[sheet.title].print_area == sheet.print_area
        assert after[sheet.title].print_title_rows == sheet.print_title_rows
    assert after[TITLE].print_title_rows


def test_every_finding_is_listed_with_a_link_to_its_cell():
    findings = checked(workbook())[1]
    sheet = opened(marked(workbook()))[TITLE]
    text = {cell.value for row in sheet for cell in row}
    targets = {cell.hyperlink.location for row in sheet for cell in row if cell.hyperlink}
    assert len(findings) > 10
    for finding in findings:
        assert message(finding, EDITION, FILE) in text
        assert advice(finding, EDITION, FILE) in text
        if finding.sheet:
            assert f"'{finding.sheet}'!{finding.cell or 'A1'}" in targets
        for cause in finding.causes:
            assert any(cause_sentence(cause) in str(one) for one in text)
    assert f"'{words('sheets')['sheets']['status']}'!A1" in targets


def test_unit_period_round_and_counts_stand_on_top():
    sheet = opened(marked(workbook(), round_number=2))[TITLE]
    about, counts = sheet["A2"].value, sheet["A3"].value
    assert "Bình Lãng (11092)" in about and "6 tháng đầu năm 2022" in about and "lần 2" in about
    kinds = [finding.severity for finding in checked(workbook())[1]]
    assert f"{kinds.count(Severity.ERROR)} lỗi phải sửa" in counts
    assert f"{kinds.count(Severity.WARNING)} mục cần giải trình" in counts


def test_errors_come_first():
    sheet = opened(marked(workbook()))[TITLE]
    order = list(words("feedback")["kinds"].values())
    kinds = [order.index(row[1].value) for row in sheet.iter_rows() if row[1].value in order]
    assert kinds == sorted(kinds) and len(set(kinds)) == 3


# --- marks and notes ------------------------------------------------------------------------------------------------


def test_marked_cells_carry_the_colour_of_their_worst_finding():
    book, findings = opened(marked(workbook())), checked(workbook())[1]
    rank = [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    fills = {Severity.ERROR: "FFF8B4AE", Severity.WARNING: "FFFBD59B", Severity.NOTE: "FFCFE0F5"}
    worst: dict[tuple[str, str], Severity] = {}
    for finding in sorted(findings, key=lambda one: -rank.index(one.severity)):
        if finding.cell:
            worst[finding.sheet, finding.cell] = finding.severity
    coloured = {}
    for sheet in book:
        for area in sheet.conditional_formatting:
            for rule in area.rules:
                if any(SWITCH in formula for formula in rule.formula):
                    assert rule.priority <= len(worst)
                    coloured[sheet.title, str(area.sqref)] = rule.dxf.fill.bgColor.rgb
    assert coloured == {place: fills[severity] for place, severity in worst.items()}


def test_notes_say_what_is_wrong_what_to_do_and_why():
    book = opened(marked(workbook()))
    for finding in checked(workbook())[1]:
        if not finding.cell:
            continue
        note = book[finding.sheet][finding.cell].comment.text
        assert message(finding, EDITION, FILE) in note
        assert advice(finding, EDITION, FILE) in note
        assert all(cause_sentence(cause) in note for cause in finding.causes)
    assert "1/2" in book["Biểu 1"]["D8"].comment.text


def test_the_clerks_own_notes_stay_and_ours_follow():
    book = opened(workbook())
    book["Biểu 1"]["D8"].comment = Comment("Chị Hoa: lấy số từ báo cáo quý", "Hoa")
    book["Biểu 1"]["B9"].comment = Comment("Chỉ của tôi", "Hoa")
    out = BytesIO()
    book.save(out)
    after = opened(marked(out.getvalue()))["Biểu 1"]
    assert after["D8"].comment.text.startswith("Chị Hoa: lấy số từ báo cáo quý\n\n" + MARK)
    assert after["B9"].comment.text == "Chỉ của tôi" and after["B9"].comment.author == "Hoa"
    restored = opened(unmarked(marked(out.getvalue()), file=FILE))["Biểu 1"]
    assert restored["D8"].comment.text == "Chị Hoa: lấy số từ báo cáo quý"
    assert restored["B9"].comment.text == "Chỉ của tôi"
    assert [cell.coordinate for row in restored for cell in row if cell.comment] == ["D8", "B9"]


def test_every_note_has_one_box():
    after = parts(marked(workbook()))
    for name, data in after.items():
        if "comments" in name:
            number = re.findall(r"\d+", name)[0]
            vml = after[f"xl/drawings/vmlDrawing{number}.vml"].decode()
            ElementTree.fromstring(vml)
            assert vml.count("<v:shape ") == data.count(b"<comment ")
            assert len(set(re.findall(r'id="(_x0000_s\d+)"', vml))) == vml.count("<v:shape ")


def test_protected_sheets_stay_protected():
    before, after = opened(workbook()), opened(marked(workbook()))
    assert before["Biểu 1"].protection.sheet
    for sheet in before:
        assert after[sheet.title].protection == sheet.protection


# --- hostile text ---------------------------------------------------------------------------------------------------

HOSTILE = '=HYPERLINK("http://x","a") <b>&]]> \x00\x0b \ud800 _x000D_ \r\n {{ 7*7 }} \''


def test_text_from_a_unit_stays_text():
    finding = Finding(
        id="number-unreadable",
        severity=Severity.ERROR,
        key="1/5.1",
        sheet="Biểu 1",
        cell="D23",
        args={"raw": HOSTILE},
    )
    content = mark(workbook(), [finding], EDITION, file=FILE)
    sheet = opened(content)[TITLE]
    (said,) = [cell.value for row in sheet for cell in row if cell.value and "HYPERLINK" in str(cell.value)]
    assert "\ufffd\ufffd \ufffd _x005F_x000D_ \n {{ 7*7 }}" in said and "<b>&]]>" in said
    assert b"<f>" not in parts(content)["xl/worksheets/sheet13.xml"]
    assert facts(checked(content)[0]) == facts(checked(workbook())[0])


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_can_stand_in_xml(text):
    from xml.sax.saxutils import escape

    root = ElementTree.fromstring(f"<t>{escape(inert(text))}</t>")
    assert not re.search("_x[0-9A-Fa-f]{4}_", (root.text or "").replace("_x005F_", ""))


def test_a_cell_that_is_not_there_is_listed_without_a_link():
    finding = Finding(id="layout-row-missing", severity=Severity.ERROR, key="1/5.1", sheet="Biểu 99", cell="D23")
    sheet = opened(mark(workbook(), [finding], EDITION, file=FILE))[TITLE]
    assert [cell.hyperlink.location for row in sheet for cell in row if cell.hyperlink] == ["'Kiểm tra'!A1"]


# --- the marks go away ----------------------------------------------------------------------------------------------


def without_sheet(content: bytes) -> bytes:
    """As a clerk leaves it: the sheet deleted, so that names pointing to it point nowhere."""
    book = parts(content)["xl/workbook.xml"].decode()
    book = re.sub(rf'<sheet name="{TITLE}"[^>]*/>', "", book)
    book = re.sub(rf"'{TITLE}'![^<]*", "#REF!", book)
    book = re.sub(r'<definedName name="_xlnm.Print_Titles" localSheetId="0">#REF!</definedName>', "", book)
    book = re.sub(r'localSheetId="(\d+)"', lambda found: f'localSheetId="{int(found[1]) - 1}"', book)
    return with_parts(content, {"xl/workbook.xml": book.encode()})


def test_after_the_sheet_is_deleted_the_facts_are_the_same():
    left = without_sheet(marked(workbook()))
    assert TITLE not in opened(left).sheetnames
    assert facts(checked(left)[0]) == facts(checked(workbook())[0])
    assert checked(left)[1] == checked(workbook())[1]


@pytest.mark.parametrize("delete", [False, True], ids=["as it was sent", "after deleting the sheet"])
def test_unmarking_takes_everything_away(delete):
    content = marked(workbook())
    clean = unmarked(without_sheet(content) if delete else content, file=FILE)
    assert not any(SWITCH.encode() in data or MARK.encode() in data for data in parts(clean).values())
    assert opened(clean).sheetnames == opened(workbook()).sheetnames
    assert cells_of(clean) == cells_of(workbook())
    rules = [
        {
            str(area.sqref): [rule.priority for rule in area.rules]
            for area in opened(one)["Biểu 1"].conditional_formatting
        }
        for one in (clean, workbook())
    ]
    assert rules[0] == rules[1]


def test_a_workbook_without_marks_is_not_touched_by_unmarking():
    assert unmarked(workbook(), file=FILE) == workbook()


def test_the_next_round_replaces_the_marks_of_the_one_before():
    once, twice = marked(workbook()), marked(marked(workbook()), round_number=2)
    assert opened(twice).sheetnames == opened(once).sheetnames
    assert parts(twice)["xl/styles.xml"] == parts(once)["xl/styles.xml"]
    assert parts(twice)["xl/worksheets/sheet2.xml"] == parts(once)["xl/worksheets/sheet2.xml"]
    assert parts(twice)["xl/workbook.xml"].count(SWITCH.encode()) == 1
    assert "lần 2" in opened(twice)[TITLE]["A2"].value


def test_a_sheet_of_the_same_title_that_is_not_ours_stays():
    book = opened(workbook())
    book.create_sheet(TITLE)["A1"] = "của tôi"
    out = BytesIO()
    book.save(out)
    after = opened(marked(out.getvalue()))
    assert after.sheetnames[0] == f"{TITLE} (2)" and after[TITLE]["A1"].value == "của tôi"


def test_a_workbook_that_is_ready_says_so():
    note = Finding(id="number-word", severity=Severity.NOTE, key="1/5.1", sheet="Biểu 1", cell="D23", args={"raw": "0"})
    sheet = opened(mark(workbook(), [note], EDITION, file=FILE))[TITLE]
    assert sheet["A1"].value == words("feedback")["sheet"]["heading_ready"]
    empty = opened(mark(workbook(), [], EDITION, file=FILE))[TITLE]
    assert words("feedback")["sheet"]["nothing"] in {cell.value for row in empty for cell in row}


# --- what can't be marked -------------------------------------------------------------------------------------------

_MAIN = b"spreadsheetml.sheet.main+xml"


def _another() -> bytes:
    out = BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def _changed(part: str, old: bytes, new: bytes) -> bytes:
    return with_parts(workbook(), {part: parts(workbook())[part].replace(old, new)})


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
UNMARKABLE = {
    "empty": lambda: b"",
    "old Excel": lambda: _COMPOUND + "Workbook\0".encode("utf-16-le"),
    "password": lambda: _COMPOUND + "EncryptedPackage\0".encode("utf-16-le"),
    "web page": lambda: b"<html><table></table></html>",
    "PDF": lambda: b"%PDF-1.7",
    "OpenDocument": lambda: with_parts(
        workbook(), {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "[Content_Types].xml": None}
    ),
    "cut short": lambda: workbook()[:-4000],
    "macros": lambda: with_parts(workbook(), {"xl/vbaProject.bin": b"x"}),
    "signed": lambda: with_parts(workbook(), {"_xmlsignatures/sig1.xml": b"<x/>"}),
    "template": lambda: _changed("[Content_Types].xml", _MAIN, b"spreadsheetml.template.main+xml"),
    "styles are no XML": lambda: with_parts(workbook(), {"xl/styles.xml": b"<styleSheet"}),
    "styles with a DOCTYPE": lambda: _changed("xl/styles.xml", b"<styleSheet", b"<!DOCTYPE styleSheet><styleSheet"),
    "no styles": lambda: with_parts(workbook(), {"xl/styles.xml": None}),
    "another workbook": _another,
    "a consolidation of one unit": lambda: build_master(random_round(1, 1, own=False)),
}


def test_garbage_can_not_be_unmarked():
    for content in (b"", b"PK\x03\x04", workbook()[:-4000]):
        with pytest.raises(CchcError):
            unmarked(content, file=FILE)


@pytest.mark.parametrize("case", UNMARKABLE)
def test_a_file_that_can_not_be_marked_gets_a_sentence(case):
    with pytest.raises(CchcError) as caught:
        mark(UNMARKABLE[case](), (), EDITION, file="thu/11092.xlsx")
    sentence = error_sentence(caught.value)
    assert "11092.xlsx" in sentence and "{" not in sentence and len(sentence) > 40


# --- names and the text to paste ------------------------------------------------------------------------------------


def test_the_file_name_says_unit_and_what_to_do():
    assert feedback_name(UNIT, 1, ready=False) == "11092_Binh-Lang_CAN-SUA_lan-1.xlsx"
    assert feedback_name(UnitName(code="11092", name="Bình Lãng"), 2, ready=True) == (
        "11092_Binh-Lang_DU-DIEU-KIEN_lan-2.xlsx"
    )
    assert feedback_name(UnitName(code="../x", name=""), 1, ready=False) == "x_0_CAN-SUA_lan-1.xlsx"


def test_the_text_to_paste_is_short_and_names_the_worst():
    submission, findings = checked(workbook())
    text = paste_text(submission, findings, EDITION, marked="11092_Binh-Lang_CAN-SUA_lan-1.xlsx", unit=UNIT)
    assert text.startswith("Kính gửi xã Bình Lãng.")
    assert "63,6" in text and "11092_Binh-Lang_CAN-SUA_lan-1.xlsx" in text
    assert len(text.splitlines()) <= 11 and "{" not in text
    ready = paste_text(submission, (), EDITION, marked="x.xlsx", unit=UNIT)
    assert "đủ điều kiện" in ready and "63,6" not in ready


# --- other programs -------------------------------------------------------------------------------------------------


def saved_by_openpyxl() -> bytes:
    out = BytesIO()
    opened(workbook()).save(out)
    return out.getvalue()


def held_to_the_same(content: bytes) -> None:
    """What must hold for a workbook from any program."""
    before, findings = checked(content)
    result = mark(content, findings, EDITION, file=FILE)
    named = patched_parts(content, findings, EDITION, file=FILE)
    was, now = packed_parts(content), packed_parts(result)
    assert all(now[name] == was[name] for name in was if name not in named)
    assert facts(checked(result)[0]) == facts(before)
    cells = cells_of(result)
    cells.pop(TITLE)
    assert cells == cells_of(content)
    assert facts(checked(unmarked(result, file=FILE))[0]) == facts(before)
    assert opened(result).active.title == TITLE
    assert opened(result)["Biểu 1"]["D8"].comment is not None


def test_a_workbook_saved_by_openpyxl():
    held_to_the_same(saved_by_openpyxl())


def test_a_workbook_with_prefixed_names():
    """As the Open XML SDK writes: every element has a prefix."""
    changed = {}
    for name in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet2.xml"):
        text = parts(workbook())[name].decode()
        text = re.sub(r"<(/?)(?![?!])", r"<\1x:", text).replace('xmlns="', 'xmlns:x="')
        changed[name] = text.encode()
    held_to_the_same(with_parts(workbook(), changed))


def test_a_workbook_whose_names_are_lost():
    """Rows are then told by code and label: the sheet of requests must not pass for a form."""
    book = re.sub(rb"<definedNames>.*</definedNames>", b"", parts(workbook())["xl/workbook.xml"])
    nameless = with_parts(workbook(), {"xl/workbook.xml": book})
    result = marked(nameless)
    assert checked(result)[0].entries == checked(nameless)[0].entries
    held_to_the_same(nameless)


EXCEL_VML = """<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
 xmlns:x="urn:schemas-microsoft-com:office:excel">
 <o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="7"/></o:shapelayout>
 <v:shapetype id="_x0000_t201" coordsize="21600,21600" o:spt="201" path="m,l,21600r21600,l21600,xe"/>
 <v:shape id="Button_x0020_1" o:spid="_x0000_s7169" type="#_x0000_t201" style='position:absolute'>
  <v:textbox><div><font>In biểu<br>ngay</font></div></v:textbox>
  <x:ClientData ObjectType="Button"><x:Anchor>1, 2, 3, 4, 5, 6, 7, 8</x:Anchor></x:ClientData>
 </v:shape>
 <v:shape id="_x0000_s7170" type="#_x0000_t202" style='visibility:hidden'>
  <x:ClientData ObjectType="Note"><x:Row>7</x:Row><x:Column>3</x:Column></x:ClientData></v:shape>
</xml>
"""
_MAIN_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def as_excel_saves(*, threaded: bool = False) -> bytes:
    """Form 1 with a button, a note on D8, a rule in ``extLst``, and prefixes that old programs may ignore."""
    sheet = parts(workbook())["xl/worksheets/sheet2.xml"].decode()
    sheet = sheet.replace(
        "<worksheet ",
        '<worksheet xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
        'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" xr:uid="{00000000}" ',
        1,
    )
    extra = (
        '<mc:AlternateContent><mc:Choice Requires="x14"><controls><control shapeId="7169" r:id="rId1"/></controls>'
        '</mc:Choice></mc:AlternateContent><extLst><ext uri="{78C0D931}" '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings>'
        '<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        '<x14:cfRule type="expression" priority="1" id="{1}"><xm:f>1=2</xm:f></x14:cfRule><xm:sqref>A1</xm:sqref>'
        "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"
    )
    sheet = sheet.replace("</worksheet>", '<legacyDrawing r:id="rId1"/>' + extra)
    links = f'<Relationship Id="rId1" Type="{_OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/>'
    links += f'<Relationship Id="rId2" Type="{_OFFICE}/comments" Target="/xl/comments1.xml"/>'
    if threaded:
        kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
        links += f'<Relationship Id="rId3" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/>'
    note = '<comment ref="D8" authorId="0"><text><t>của xã</t></text></comment>'
    changed = {
        "xl/worksheets/sheet2.xml": sheet,
        "xl/worksheets/_rels/sheet2.xml.rels": f'<Relationships xmlns="{_RELS}">{links}</Relationships>',
        "xl/drawings/vmlDrawing1.vml": EXCEL_VML,
        "xl/comments1.xml": f'<comments xmlns="{_MAIN_SPACE}"><authors><author>Hoa</author></authors>'
        f"<commentList>{note}</commentList></comments>",
    }
    if threaded:
        changed["xl/threadedComments/threadedComment1.xml"] = (
            '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
            '<threadedComment ref="D8" id="{1}"><text>của xã</text></threadedComment></ThreadedComments>'
        )
    return with_parts(workbook(), {name: text.encode() for name, text in changed.items()})


def test_a_workbook_as_excel_saves_it():
    content = as_excel_saves()
    result = parts(marked(content))
    vml = result["xl/drawings/vmlDrawing1.vml"].decode()
    assert vml.startswith(EXCEL_VML.partition("</xml>")[0])  # with its tag that is never closed
    assert "_x0000_s7171" in vml and vml.count("<x:Row>7</x:Row>") == 1
    sheet = result["xl/worksheets/sheet2.xml"].decode()
    assert 'mc:Ignorable="x14ac xr"' in sheet and 'xr:uid="{00000000}"' in sheet
    assert re.search(r'<x14:cfRule type="expression" priority="([2-9])"', sheet)
    assert sheet.index("<legacyDrawing") < sheet.index("<mc:AlternateContent") < sheet.index("<extLst")
    assert opened(marked(content))["Biểu 1"]["D8"].comment.text.startswith("của xã\n\n" + MARK)
    held_to_the_same(content)
    clean = parts(unmarked(marked(content), file=FILE))
    assert clean["xl/drawings/vmlDrawing1.vml"].decode().count("<v:shape ") == EXCEL_VML.count("<v:shape ")


def test_a_thread_of_comments_is_left_alone():
    result = parts(marked(as_excel_saves(threaded=True)))
    comments = result["xl/comments1.xml"].decode()
    assert '<comment ref="D8" authorId="0"><text><t>của xã</t></text></comment>' in comments
    assert comments.count("<comment ") > 1


def test_a_workbook_in_the_strict_form():
    """Other namespaces and relationship types throughout."""
    swap = {
        _MAIN_SPACE.encode(): b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        _OFFICE.encode(): b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    changed = {}
    for name, data in parts(workbook()).items():
        if name.endswith((".xml", ".rels")) and not name.startswith("docProps/"):
            for old, new in swap.items():
                data = data.replace(old, new)
            changed[name] = data
    strict = with_parts(workbook(), changed)
    result = parts(marked(strict))
    assert b"schemas.openxmlformats.org/officeDocument/2006" not in result["xl/_rels/workbook.xml.rels"]
    assert facts(checked(marked(strict))[0]) == facts(checked(workbook())[0])
    assert b"purl.oclc.org/ooxml/spreadsheetml/main" in result["xl/worksheets/sheet13.xml"]


def test_libreoffice_opens_a_marked_workbook_and_gives_it_back(office, tmp_path):
    source = tmp_path / "a.xlsx"
    source.write_bytes(marked(workbook()))
    saved = office.convert(source, tmp_path / "out", "xlsx").read_bytes()
    book = opened(saved)
    assert book.sheetnames == opened(source.read_bytes()).sheetnames
    links = [cell.hyperlink.location for row in book[TITLE] for cell in row if cell.hyperlink]
    assert "'Biểu 1'!D8" in [link.removeprefix("#") for link in links if link]
    assert MARK in book["Biểu 1"]["D8"].comment.text
    assert any(SWITCH.encode() in data for name, data in parts(saved).items() if "worksheets/" in name)
    assert facts(checked(saved)[0]) == facts(checked(workbook())[0])
    clean = unmarked(saved, file=FILE)
    assert not any(SWITCH.encode() in data or MARK.encode() in data for data in parts(clean).values())
    assert facts(checked(clean)[0]) == facts(checked(workbook())[0])


def test_a_workbook_saved_by_libreoffice(office, tmp_path):
    source = tmp_path / "a.xlsx"
    source.write_bytes(workbook())
    content = office.convert(source, tmp_path / "out", "xlsx").read_bytes()
    held_to_the_same(content)
    again = tmp_path / "b.xlsx"
    again.write_bytes(marked(content))
    assert opened(office.convert(again, tmp_path / "out", "xlsx").read_bytes()).sheetnames[0] == TITLE


SCRIPT = """
const [, , tool, source, target] = process.argv;
(async () => {
  if (tool === 'exceljs') {
    const book = new (require('exceljs').Workbook)();
    await book.xlsx.readFile(source);
    await book.xlsx.writeFile(target);
  } else {
    const xlsx = require('xlsx');
    const book = xlsx.readFile(source, {cellFormula: true, cellStyles: true});
    delete book.Custprops;  // it writes them in a wrong encoding
    xlsx.writeFile(book, target, {bookSST: true, compression: true});
  }
})().catch(error => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="session")
def npm(tmp_path_factory):
    """A folder with ExcelJS and SheetJS; skipped where npm or its registry can't be reached."""
    program = shutil.which("npm")
    if program is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    command = [program, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "exceljs@4.4.0", "xlsx@0.18.5"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=300, env={**os.environ, "CI": "1"})
    except subprocess.TimeoutExpired:
        pytest.skip("npm install took too long")
    if done.returncode:
        pytest.skip("npm can't install exceljs and xlsx here")
    (folder / "save.js").write_text(SCRIPT, "utf-8")
    return folder


@pytest.mark.full
@pytest.mark.parametrize("tool", ["exceljs", "sheetjs"])
def test_a_workbook_saved_by_an_npm_library(npm, tool, office, tmp_path):
    source, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(workbook())
    subprocess.run(["node", str(npm / "save.js"), tool, str(source), str(target)], check=True, cwd=npm, timeout=120)
    held_to_the_same(target.read_bytes())
    again = tmp_path / "c.xlsx"
    again.write_bytes(marked(target.read_bytes()))
    book = opened(office.convert(again, tmp_path / "out", "xlsx").read_bytes())
    assert book.sheetnames[0] == TITLE and MARK in book["Biểu 1"]["D8"].comment.text

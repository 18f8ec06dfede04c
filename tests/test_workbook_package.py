"""Any bytes are answered: read right, or refused with a sentence, in bounded time and memory."""

import random
import re
import struct
import time
import zipfile
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel

from cchc_xl.editions.catalogue import advice, message
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.formulas import moved
from cchc_xl.workbook.incoming.isolated import xls_values
from cchc_xl.workbook.incoming.kinds import kind_of
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.incoming.styles_in import format_kind
from cchc_xl.workbook.layout import address
from cchc_xl.workbook.marking.inert_text import inert
from cchc_xl.workbook.reader import read, read_file
from cchc_xl.workbook.template import Fill, build

from .conftest import seeded_share
from .damage import packed, parts_of
from .filled import EDITION, facts, filled

ROOT = Path(__file__).parent.parent
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def small(
    rows: str, *, strings: str = "", book: str = "", styles: str = "", sheet_tail: str = "", main: str = MAIN
) -> bytes:
    """A workbook of one sheet written by hand: ``rows`` stand in its sheetData."""
    relation = "<Relationship Id='{0}' Type='" + RELATIONS + "/{1}' Target='{2}'/>"
    parts = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": _relations(relation.format("a", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{RELATIONS}'>"
        + (book or "<sheets><sheet name='S' sheetId='1' r:id='b'/></sheets>")
        + "</workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            relation.format("b", "worksheet", "worksheets/sheet1.xml")
            + relation.format("c", "sharedStrings", "/xl/sharedStrings.xml")
            + relation.format("d", "styles", "styles.xml")
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{sheet_tail}</worksheet>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}" count="1">{strings}</sst>'
    if styles:
        parts["xl/styles.xml"] = f"<styleSheet xmlns='{main}'>{styles}</styleSheet>"
    return packed({name: body.encode() for name, body in parts.items()})


def _relations(inside: str) -> str:
    return (
        f"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{inside}</Relationships>"
    )


def cells(content: bytes) -> dict[str, tuple[str | None, str | None]]:
    """Address -> (stored text, formula) of the first sheet."""
    book = Book(content, Limits())
    sheet = book.sheet(book.sheets[0])
    return {address(*place): (cell.text, cell.formula) for place, cell in sheet.cells.items()}


def refusal(content: bytes, file: str = "a.xlsx") -> str:
    """The finding's id; every refusal has its sentences and takes a few seconds at most."""
    start = time.process_time()
    (submission,) = read(content, file=file)
    assert time.process_time() - start < 4
    assert submission.refused and not submission.entries and len(submission.sha256) == 64
    (finding,) = submission.findings
    assert message(finding, EDITION, file) and advice(finding, EDITION, file)
    return finding.id


# --- legal, but odd ---------------------------------------------------------------------------------------------

ODD = {
    "attributes in another order": ('<row r="1"><c t="s" s="0" r="A1"><v>0</v></c></row>', ("chữ", None)),
    "single quotes": ("<row r='1'><c r='A1' t='s'><v>0</v></c></row>", ("chữ", None)),
    "CDATA": ('<row r="1"><c r="A1" t="str"><v><![CDATA[chữ]]></v></c></row>', ("chữ", None)),
    "an inline string": ('<row r="1"><c r="A1" t="inlineStr"><is><t>chữ</t></is></c></row>', ("chữ", None)),
    "inline runs": (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>ch</t></r><r><t>ữ</t></r></is></c></row>',
        ("chữ", None),
    ),
    "an inline phonetic run": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>chữ</t><rPh sb="0" eb="1"><t>xx</t></rPh></is></c></row>',
        ("chữ", None),
    ),
    "phonetic runs in the table": ('<row r="1"><c r="A1" t="s"><v>1</v></c></row>', ("chữ", None)),
    "rich runs in the table": ('<row r="1"><c r="A1" t="s"><v>2</v></c></row>', ("chữ đậm", None)),
    "no addresses": ("<row><c t='s'><v>0</v></c></row>", ("chữ", None)),
    "white space and comments": ('<row r="1">\n <!-- x --> <c r="A1" t="s">\n<v>0</v>\n</c></row>', ("chữ", None)),
    "an error value": ('<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c></row>', ("#DIV/0!", None)),
    "a truth value": ('<row r="1"><c r="A1" t="b"><v>1</v></c></row>', ("1", None)),
    "a day": ('<row r="1"><c r="A1" t="d"><v>2022-06-09</v></c></row>', ("2022-06-09", None)),
    "a formula's text": ('<row r="1"><c r="A1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>', ("ab", '"a"&"b"')),
    "an empty formula text": ('<row r="1"><c r="A1" t="str"><f>""</f><v></v></c></row>', ("", '""')),
    "a formula without value": ('<row r="1"><c r="A1"><f>1+1</f></c></row>', (None, "1+1")),
    "entities": ('<row r="1"><c r="A1" t="str"><f>1&lt;2</f><v>&#x61;&amp;&#98;</v></c></row>', ("a&b", "1<2")),
    "elements of another namespace": (
        '<row r="1"><c r="A1"><x:f xmlns:x="urn:x">9</x:f><v>5</v><x:v xmlns:x="urn:x">9</x:v></c></row>',
        ("5", None),
    ),
}
STRINGS = (
    "<si><t>chữ</t></si><si><t>chữ</t><rPh sb='0' eb='1'><t>xx</t></rPh><phoneticPr fontId='0'/></si>"
    "<si><r><t>chữ </t></r><r><rPr><b/></rPr><t>đậm</t></r></si>"
)


@pytest.mark.parametrize("name", ODD)
def test_legal_oddities_are_read_right(name):
    rows, expected = ODD[name]
    assert cells(small(rows, strings=STRINGS)) == {"A1": expected}


@pytest.mark.parametrize("name", ODD)
def test_legal_oddities_are_read_right_in_strict_files(name):
    rows, expected = ODD[name]
    assert cells(small(rows, strings=STRINGS, main=STRICT)) == {"A1": expected}


def test_a_prefix_for_the_main_namespace():
    parts = parts_of(small('<row r="1"><c r="A1"><v>5</v></c></row>'))
    body = parts["xl/worksheets/sheet1.xml"].decode().replace('xmlns="', 'xmlns:x="')
    parts["xl/worksheets/sheet1.xml"] = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", body).encode()
    assert cells(packed(parts)) == {"A1": ("5", None)}


def test_shared_formulas_move_as_a_fill_does():
    rows = (
        '<row r="1"><c r="B1">'
        '<f t="shared" ref="B1:C2" si="0">A1+$A1+A$1+SUM(A1:B3)+"A1"+LOG10(A1)</f><v>1</v></c></row>'
        '<row r="2"><c r="C2"><f t="shared" si="0"/><v>2</v></c></row>'
    )
    assert cells(small(rows))["C2"] == ("2", 'B2+$A2+B$1+SUM(B2:C4)+"A1"+LOG10(B2)')
    assert moved("A1", -1, 0) == "#REF!"


def test_formats_that_change_what_a_number_means():
    kinds = {
        "0%": "percent",
        "0.0%": "percent",
        '0.0"%"': "",
        r"0.0\%": "",
        "[Red]0.00%;-0%": "percent",
        "dd/mm/yyyy": "date",
        "[$-42A]d mmmm yyyy": "date",
        "[h]:mm": "date",
        "General": "",
        '#,##0" đồng"': "",
        "#,##0_);(#,##0)": "",
        "@": "",
    }
    assert {code: format_kind(code) for code in kinds} == kinds


# What is stored, and what was typed: ST_Xstring, undone once.
ESCAPED = {
    "a_x000D_b": "a\rb",
    "a_x005F_x000D_b": "a_x000D_b",
    "a_x005F_x005F_b": "a_x005F_b",
    "_x0041_x0042_": "Ax0042_",
    "_x000d_": "\r",
    "_xD83D__xDE00_": "😀",
    "_xD83D_": "\ufffd",
    "_x12_ _X0041_ x0041_ _x00G1_": "_x12_ _X0041_ x0041_ _x00G1_",
}
TABLED = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
WRITTEN = {
    "in the table": (TABLED, "<si><t>{0}</t></si>"),
    "in a run of the table": (TABLED, "<si><r><t>{0}</t></r><r><rPr><b/></rPr><t>x0041_</t></r></si>"),
    "in the table, fully parsed": (TABLED, "<si ><t>{0}</t></si>"),
    "inline": ('<row r="1"><c r="A1" t="inlineStr"><is><t>{0}</t></is></c></row>', ""),
    "as a formula's text": ('<row r="1"><c r="A1" t="str"><f>B1</f><v>{0}</v></c></row>', ""),
    "as a formula's text, fully parsed": ('<row r="1"><c t="str" r="A1"><f>B1</f><v>{0}</v></c></row>', ""),
}


@pytest.mark.parametrize("where", WRITTEN)
@pytest.mark.parametrize("stored", ESCAPED)
def test_letters_written_as_numbers_are_undone_once(stored, where):
    rows, strings = (text.format(stored) for text in WRITTEN[where])
    tail = "x0041_" if where == "in a run of the table" else ""
    assert cells(small(rows, strings=strings))["A1"][0] == ESCAPED[stored] + tail


@pytest.mark.parametrize("text", ["_x000D_", "_x005F_", "a\rb", "dòng một\ndòng hai", "_x0041_"])
def test_what_we_write_comes_back_letter_by_letter(text):
    """Words typed by a unit: out through XlsxWriter, in through the reader; and as a marked file's sheet has them."""
    (one,) = read(build(EDITION, fill=Fill(words={"direction": f"x{text}y"})), file="a.xlsx")
    assert one.words == {"direction": f"x{text}y"}
    for said in (text, f"{text}x000D_"):
        rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{inert(said)}</t></is></c></row>'
        assert cells(small(rows))["A1"][0] == said.replace("\r", "\n")


# --- against another reader -------------------------------------------------------------------------------------


def test_every_cell_agrees_with_openpyxl(share):
    """Values and formulas of every cell, of every workbook that is shipped."""
    shipped = sorted([*(ROOT / "samples").rglob("*.xlsx"), *(ROOT / "templates").rglob("*.xlsx")])
    for content in (filled(), *(path.read_bytes() for path in seeded_share(shipped, share))):
        agrees_with_openpyxl(content)


def test_every_cell_of_a_save_by_libreoffice_agrees_with_openpyxl(office, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(filled())
    (saved,) = office.convert_all([tmp_path / "a.xlsx"], tmp_path / "ra", "xlsx")
    agrees_with_openpyxl(saved.read_bytes())


def agrees_with_openpyxl(content: bytes) -> None:
    values = openpyxl.load_workbook(BytesIO(content), data_only=True)
    formulas = openpyxl.load_workbook(BytesIO(content))
    book = Book(content, Limits())
    compared = 0
    for entry in book.sheets:
        ours = book.sheet(entry).cells
        pairs = zip(values[entry.title].iter_rows(), formulas[entry.title].iter_rows(), strict=True)
        for row, pair in enumerate(pairs):
            for column, (value, formula) in enumerate(zip(*pair, strict=True)):
                cell = ours.pop((row, column), None)
                assert _as_openpyxl(cell) == _plain(value.value), (entry.title, row, column)
                expected = formula.value if formula.data_type == "f" else None
                assert (cell.formula if cell else None) == (expected[1:] if expected else None)
                compared += cell is not None
        assert not ours, "nothing that the other does not know"
    assert compared > 10


def _as_openpyxl(cell) -> object:
    if cell is None or not cell.text:
        return None
    return cell.text if cell.is_text or cell.kind == "e" else float(cell.text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return float(to_excel(value))
    return float(value) if isinstance(value, int | float) else value or None


def test_the_plain_form_and_the_full_parser_say_the_same(monkeypatch):
    quick = Book(filled(), Limits())
    sheets = [quick.sheet(entry) for entry in quick.sheets]
    texts = [quick._sheet_part(entry, texts_only=True) for entry in quick.sheets]
    monkeypatch.setattr("cchc_xl.workbook.incoming.xml_parts.LARGEST_PART", -1)
    slow = Book(filled(), Limits())
    assert [slow.sheet(entry) for entry in slow.sheets] == sheets
    assert [slow._sheet_part(entry, texts_only=True) for entry in slow.sheets] == texts


@given(st.text(alphabet=st.sampled_from("<>/=\"&;crvfst A1\t0'lqu]-![CDAT"), max_size=60))
def test_the_plain_form_is_never_read_differently(piece):
    """What the quick way accepts, the full parser reads alike; what it does not accept goes to the full parser."""
    rows = f'<row r="1"><c r="A1" t="str"><v>{piece}</v></c><c r="B1"><f>1+1</f><v>2</v></c></row>'
    assert_read_alike(small(rows))


ODD_ROWS = [
    '<row r="1"><c r="A1" t="str"/><c r="B1" t="s"/><c r="C1" s="0"/></row>',
    '<row r="1"><c r="A1" t="str"></c><c r="B1" t="str"><v/></c><c r="C1" t="str"><v></v></c></row>',
    '<row r="1"><c r="A1" t="str"><f>""</f></c><c r="B1" t="str"><f>""</f><v/></c><c r="C1"><f>1</f></c></row>',
    '<row r="1"><c r="A1"/></row><c r="B1"><v>1</v></c>',
    '<row r="1"><c r="A1"><v>1</v></c></row>x',
    '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
    '<row r="1"/><row r="2"><c r="A2"><v>1</v></c></row></sheetData><sheetData>',
    '</row><row r="1"><c r="A1"><v>1</v></c>',
    '<row r="1"><c r="A1"><v>1</v></c><row r="2"><c r="A2"><v>1</v></c></row></row>',
    '<row r="1"><c r="A1"><v>1</v></c></row></row><row r="2"><row r="3"><c r="A2"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>1</v></c>',
    '<row r="1"></row><row r="2"/><row r="3"><c r="A3"><v>1</v></c></row><row r="4"></row><row r="5"/>',
    '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
    '<row r="1"><c r="A1"><f>1</f><f>2</f><v>2</v></c></row>',
    "",
]


@pytest.mark.parametrize("rows", ODD_ROWS)
def test_odd_rows_are_read_alike_by_the_quick_way_and_the_full_parser(rows):
    assert_read_alike(small(rows))


ODD_STRINGS = ["<si><t>a</t></si>x", "<si><t>a</t></si><si/>", "<si><r><t>a</t></r><t>b</t></si>", "<si><t>a</t>"]


@pytest.mark.parametrize("strings", ODD_STRINGS)
def test_odd_tables_of_strings_are_read_alike(strings):
    assert_read_alike(small('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=strings))


def assert_read_alike(content):
    """By the quick way and by the full parser: the same cells, or the same kind of refusal."""
    try:
        quick = cells(content)
    except Exception as refused:
        quick = type(refused)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cchc_xl.workbook.incoming.xml_parts.LARGEST_PART", -1)
        try:
            slow = cells(content)
        except Exception as refused:
            slow = type(refused)
    assert quick == slow


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("1+1", ()),
        ("cmd|&apos; /c calc&apos;!A0", ("dde",)),
        ("webservice(A1)", ("web",)),
        ("IF(A1,_xlfn.FILTERXML(A1,A2),0)", ("web",)),
        ("HYPERLINK(A1)", ("hyperlink",)),
        ("HYPERLINK(&quot;#A1&quot;)", ()),
        (f"{'1+' * 600}CALL(A1)", ("web",)),
    ],
)
def test_what_a_formula_starts_is_seen_on_every_way_of_reading(formula, found):
    content = small(f'<row r="1"><c r="A1"><f>{formula}</f><v>1</v></c></row>')
    for texts_only in (False, True, False):  # the last from what is remembered of the first
        book = Book(content, Limits())
        (book.typed_texts if texts_only else book.sheet)(book.sheets[0])
        assert book.active() == found


# --- kinds of files ---------------------------------------------------------------------------------------------

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def _zip(*names: str) -> bytes:
    return packed(dict.fromkeys(names, b"x"))


KINDS = {
    "file-empty": [b""],
    "file-encrypted": [COMPOUND + "EncryptedPackage\0".encode("utf-16-le")],
    "file-legacy": [b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'],
    "file-html": [
        b"<html><table><tr><td>1</td></tr></table></html>",
        b"\xef\xbb\xbf\n<!DOCTYPE html><p>",
        "<html>".encode("utf-16"),
        b"MIME-Version: 1.0\nContent-Type: multipart/related",
    ],
    "file-wrong-kind": [
        b"%PDF-1.7",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff\xe0",
        b"a;b;c\n1;2;3\n",
        "Mã,Tên\n1,Bình Lãng\n".encode(),
        b"{\\rtf1}",
        b"Rar!\x1a\x07",
        b"\x00\x01\x02\x03",
        COMPOUND,
        COMPOUND + "WordDocument\0".encode("utf-16-le"),
        _zip("[Content_Types].xml", "word/document.xml"),
        _zip("[Content_Types].xml", "ppt/presentation.xml"),
        _zip("anh.jpg"),
        packed({"mimetype": b"application/vnd.oasis.opendocument.text"}),
    ],
    "file-broken": [b"PK\x03\x04", filled()[:5000], b"x" * 1000 + filled(), _zip("[Content_Types].xml")],
    "file-not-official": [small('<row r="1"><c r="A1"><v>5</v></c></row>')],
}

OTHER_FORMATS = {
    COMPOUND + "Workbook\0".encode("utf-16-le"): "file-legacy",
    b"\x09\x08\x10\x00" + b"\0" * 100: "file-legacy",
    _zip("[Content_Types].xml", "xl/workbook.bin"): "file-broken",  # read by a pass of our own
}


@pytest.mark.parametrize(("content", "without"), OTHER_FORMATS.items())
def test_other_formats_are_refused_when_broken_or_without_their_library(content, without, monkeypatch):
    assert refusal(content) in ("file-broken", "file-not-official")
    monkeypatch.setattr("cchc_xl.workbook.reader.is_possible", lambda: False)
    assert refusal(content) == without


def test_a_library_that_aborts_or_hangs_does_not_take_us_along(monkeypatch):
    for child, expected in (("import os; os.abort()", "file-broken"), ("while True: pass", "file-slow")):
        monkeypatch.setattr("cchc_xl.workbook.incoming.isolated._CHILD", ("-c", child))
        with pytest.raises(Refused) as refused:
            xls_values(b"x", replace(Limits(), seconds=0.5))
        assert refused.value.finding == expected


@pytest.mark.parametrize(("expected", "content"), [(name, one) for name, ones in KINDS.items() for one in ones])
def test_each_kind_of_file_has_its_sentence(expected, content):
    assert refusal(content) == expected


def test_owner_files_and_missing_files(tmp_path):
    assert refusal(filled(), "thư mục/~$11092.xlsx") == "file-owner"
    (missing,) = read_file(tmp_path / "không có.xlsx")
    assert missing.refused and missing.findings[0].id == "file-missing"
    (folder,) = read_file(tmp_path)
    assert folder.findings[0].id == "file-unreadable"


def test_read_by_content_whatever_the_suffix():
    (submission,) = read(filled(), file="11092.xls")
    assert [finding.id for finding in submission.findings] == ["file-suffix"]
    assert kind_of(filled()) == "xlsx"


# --- hostile ----------------------------------------------------------------------------------------------------


def _bomb(name: str, unit: bytes, count: int, head: bytes = b"", tail: bytes = b"") -> bytes:
    """The filled workbook with a part of ``count`` times ``unit``; packed piece by piece, it stays small."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part, body in parts_of(filled()).items():
            if part != name:
                package.writestr(part, body)
        with package.open(name, "w") as stream:
            stream.write(head)
            block = unit * max(1, 100_000 // len(unit))
            for _ in range(count * len(unit) // len(block)):
                stream.write(block)
            stream.write(tail)
    return out.getvalue()


SHEET = "xl/worksheets/sheet2.xml"
HEAD, TAIL = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
TOP = f'<worksheet xmlns="{MAIN}">'.encode()


def _lying(content: bytes, name: str, size: int) -> bytes:
    """The directory says that a part is smaller than it is."""
    at = content.rindex(name.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]


def _directory_twice(content: bytes) -> bytes:
    """Two directory entries on one body."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        start = package.start_dir
        count = len(package.infolist())
    end = content.rindex(b"PK\x05\x06")
    directory = content[start:end]
    name = content.index(b"xl/worksheets/sheet3.xml", start)
    entry_start = content.rindex(b"PK\x01\x02", start, name)
    entry = content[entry_start : entry_start + 46 + len("xl/worksheets/sheet3.xml")]
    twin = entry.replace(b"sheet3.xml", b"sheetX.xml")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(directory + twin), start, 0)
    return content[:start] + directory + twin + tail


def _duplicate(content: bytes) -> bytes:
    out = BytesIO(content)
    with zipfile.ZipFile(out, "a") as package, pytest.warns(UserWarning):
        package.writestr(SHEET, HEAD + TAIL)
    return out.getvalue()


def _flipped(content: bytes) -> bytes:
    at = content.index(b"xl/worksheets/sheet2.xml") + 200
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def _with(name: str, body: bytes) -> bytes:
    return packed(parts_of(filled()) | {name: body})


def _doctype(name: str) -> bytes:
    body = parts_of(filled())[name]
    at = body.index(b"?>") + 2
    entities = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    )
    return _with(name, body[:at] + entities + body[at:])


HOSTILE = {
    "a gigabyte of blanks": (lambda: _bomb(SHEET, b" ", 1_000_000_000, HEAD, TAIL), "file-too-large"),
    "twenty million rows": (lambda: _bomb(SHEET, b"<row/>", 20_000_000, HEAD, TAIL), "file-too-large"),
    "eight million rows": (lambda: _bomb(SHEET, b"<row/>", 8_000_000, HEAD, TAIL), "file-broken"),
    "a million cells": (
        lambda: _bomb(SHEET, b"<c><v>1</v></c>", 1_000_000, HEAD + b"<row>", b"</row>" + TAIL),
        ("file-broken", "file-too-large"),
    ),
    "a hundred thousand rows of cells": (
        lambda: _bomb(SHEET, b"<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>", 100_000, HEAD, TAIL),
        "file-too-large",
    ),
    "one shared string of 60 MB": (
        lambda: _bomb(
            "xl/sharedStrings.xml", b"a", 60_000_000, f'<sst xmlns="{MAIN}"><si><t>'.encode(), b"</t></si></sst>"
        ),
        "file-too-large",
    ),
    "ten million shared strings": (
        lambda: _bomb(
            "xl/sharedStrings.xml", b"<si><t/></si>", 10_000_000, f'<sst xmlns="{MAIN}">'.encode(), b"</sst>"
        ),
        "file-too-large",
    ),
    "a cell of 40 000 characters": (
        lambda: _with(SHEET, HEAD + b'<row r="1"><c r="A1" t="str"><v>' + b"a" * 40_000 + b"</v></c></row>" + TAIL),
        "file-too-large",
    ),
    "one tag of 20 MB": (lambda: _bomb(SHEET, b"a", 20_000_000, TOP + b'<x y="', b'"/></worksheet>'), "file-broken"),
    "a row number beyond all": (
        lambda: _with(SHEET, HEAD + b'<row r="99999999999999999999"/>' + TAIL),
        "file-broken",
    ),
    "a column beyond all": (
        lambda: _with(SHEET, HEAD + b'<row r="1"><c r="ZZZZ1"><v>1</v></c></row>' + TAIL),
        "file-broken",
    ),
    "a negative row": (lambda: _with(SHEET, HEAD + b'<row r="-5"><c r="A-5"><v>1</v></c></row>' + TAIL), "file-broken"),
    "a string that is not there": (
        lambda: _with(SHEET, HEAD + b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>' + TAIL),
        "file-broken",
    ),
    "a style that is not there": (
        lambda: _with(SHEET, HEAD + b'<row r="1"><c r="A1" s="99999"><v>1</v></c></row>' + TAIL),
        "file-broken",
    ),
    "one cell twice": (
        lambda: _with(SHEET, HEAD + b'<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>' + TAIL),
        "file-ambiguous",
    ),
    "a million elements deep": (
        lambda: _bomb(SHEET, b"<a>", 1_000_000, TOP, b"</worksheet>"),
        "file-broken",
    ),
    "a hundred thousand deep in styles": (
        lambda: _with("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">'.encode() + b"<a>" * 100_000),
        "file-broken",
    ),
    "a number format of 200 000 characters": (
        lambda: _with(
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="200" formatCode="{"0" * 200_000}"/></numFmts>'
            "</styleSheet>".encode(),
        ),
        "file-too-large",
    ),
    "ten thousand sheets": (
        lambda: small("", book="<sheets>" + "<sheet name='S' r:id='b'/>" * 10_000 + "</sheets>"),
        "file-too-large",
    ),
    "three hundred thousand names": (
        lambda: small(
            "",
            book="<sheets><sheet name='S' r:id='b'/></sheets><definedNames>"
            + "<definedName name='BM1_1'>S!$A$1</definedName>" * 300_000
            + "</definedNames>",
        ),
        "file-too-large",
    ),
    "two thousand five hundred parts": (
        lambda: packed(parts_of(filled()) | {f"xl/x{number}.xml": b"" for number in range(2_500)}),
        "file-too-large",
    ),
    "no sheets": (lambda: small("", book="<sheets/>"), "file-broken"),
    "a sheet's part missing": (
        lambda: packed({name: body for name, body in parts_of(filled()).items() if name != SHEET}),
        "file-broken",
    ),
    "cut XML": (lambda: _with(SHEET, parts_of(filled())[SHEET][:-300]), "file-broken"),
    "XML in an unknown encoding": (
        lambda: _with(SHEET, b'<?xml version="1.0" encoding="klingon"?><worksheet/>'),
        "file-broken",
    ),
    "bytes that are no UTF-8": (
        lambda: _with(SHEET, HEAD + b'<row r="1"><c r="A1" t="str"><v>\xff\xfe</v></c></row>' + TAIL),
        "file-broken",
    ),
    "another root": (lambda: _with(SHEET, b"<chartsheet/>"), "file-broken"),
    "a part twice": (lambda: _duplicate(filled()), "file-ambiguous"),
    "two entries on one body": (lambda: _directory_twice(filled()), "file-ambiguous"),
    "a name that climbs": (lambda: packed(parts_of(filled()) | {"../x.xml": b""}), "file-broken"),
    "an absolute name": (lambda: packed(parts_of(filled()) | {"/x.xml": b""}), "file-broken"),
    "a flipped byte": (lambda: _flipped(filled()), "file-broken"),
    "a size that lies": (
        lambda: _lying(_bomb(SHEET, b" ", 100_000_000, HEAD, TAIL), SHEET, 1000),
        ("file-broken", "file-too-large"),
    ),
    "more than 20 MB": (
        lambda: packed(parts_of(filled()) | {"xl/x.bin": random.Random(1).randbytes(21_000_000)}),
        "file-too-large",
    ),
    "entities in a sheet": (lambda: _doctype(SHEET), "file-doctype"),
    "entities in the strings": (lambda: _doctype("xl/sharedStrings.xml"), "file-doctype"),
    "entities in the book": (lambda: _doctype("xl/workbook.xml"), "file-doctype"),
    "entities in the styles": (lambda: _doctype("xl/styles.xml"), "file-doctype"),
    "entities in the properties": (lambda: _doctype("docProps/custom.xml"), "file-doctype"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_bounded_time(name):
    make, expected = HOSTILE[name]
    assert refusal(make()) in ((expected,) if isinstance(expected, str) else expected)


def test_a_refused_file_keeps_its_name_and_hash():
    (submission,) = read(b"%PDF-1.7", file="báo cáo.xlsx")
    assert submission.file == "báo cáo.xlsx" and submission.unit is None and submission.period is None


def test_active_content_is_listed_and_left_alone():
    extra = {"xl/vbaProject.bin": b"x", "xl/externalLinks/externalLink1.xml": b"x", "xl/activeX/activeX1.xml": b"x"}
    (submission,) = read(packed(parts_of(filled()) | extra), file="11092.xlsm")
    (finding,) = submission.findings
    assert finding.id == "file-active" and len(finding.args["what"]) == 3
    assert facts(submission) == facts(read(filled(), file="11092.xlsx")[0])


@given(st.integers(min_value=0, max_value=len(filled()) - 1), st.integers(min_value=1, max_value=255))
def test_no_flipped_byte_is_read_wrong(at, mask):
    """A bit flip gives the same facts or a refusal: every part has its checksum."""
    content = filled()
    (submission,) = read(content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :], file="11092.xlsx")
    assert submission.refused or submission.findings or facts(submission) == facts(_clean())


def _clean():
    return read(filled(), file="11092.xlsx")[0]


@given(st.binary(max_size=300))
def test_no_bytes_raise(content):
    for start in (b"", b"PK\x03\x04", COMPOUND[:8], b"<html", b"%PDF"):
        (submission,) = read(start + content, file="x.xlsx")
        assert submission.refused

"""OpenDocument workbooks: the same facts as .xlsx, with errors, percents and identity; bounded whatever they repeat."""

import time
from decimal import Decimal

import pytest

from cchc_xl.model import State
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.ods_content import excel_spelling
from cchc_xl.workbook.incoming.ods_in import OdsBook
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.layout import address
from cchc_xl.workbook.reader import read

from .damage import formula, packed, parts_of, replaced, typed, without_names
from .filled import facts, filled

NAMES = {"office": "office", "table": "table", "text": "text", "draw": "drawing", "meta": "meta"}
SPACES = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"' for name, full in NAMES.items())
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
MIME = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}


def ods(tables: str) -> bytes:
    """A workbook written by hand: ``tables`` stand in its body."""
    body = f"<office:document-content {SPACES} {CALC}><office:body><office:spreadsheet>{tables}"
    body += "</office:spreadsheet></office:body></office:document-content>"
    return packed(MIME | {"content.xml": body.encode()})


def table(rows: str) -> str:
    return f'<table:table table:name="S">{rows}</table:table>'


def row(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def text(said: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{said}</text:p></table:table-cell>'


def number(said: str, kind: str = "float", more: str = "") -> str:
    value = f'office:value-type="{kind}" office:value="{said}"{more}'
    return f"<table:table-cell {value}><text:p>?</text:p></table:table-cell>"


def cells(content: bytes):
    """Address -> (kind, text, style's kind) of the first sheet."""
    book = OdsBook(content, Limits())
    found = book.sheet(book.sheets[0]).cells
    return {address(*place): (cell.kind, cell.text, book.format_kind(cell.style)) for place, cell in found.items()}


# --- what LibreOffice saves ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(office, tmp_path_factory):
    """``saved(workbook)``: as LibreOffice saves it in .ods."""

    def save(content: bytes) -> bytes:
        folder = tmp_path_factory.mktemp("ods")
        (folder / "a.xlsx").write_bytes(content)
        return office.convert(folder / "a.xlsx", folder / "out", "ods").read_bytes()

    return save


def test_everything_a_workbook_says_is_said_by_its_ods(saved):
    (xlsx,), (one,) = read(filled(), file="a.xlsx"), read(saved(filled()), file="a.ods")
    assert facts(one) == facts(xlsx)
    assert (one.edition, one.period, one.unit, one.level) == (xlsx.edition, xlsx.period, xlsx.unit, xlsx.level)
    assert (one.about, one.words, one.documents) == (xlsx.about, xlsx.words, xlsx.documents)
    assert [finding.id for finding in one.findings] == ["formula-unknown"]


def test_identity_comes_from_properties_and_names(saved):
    book = OdsBook(saved(filled()), Limits())
    assert {name: book.properties[name] for name in ("CCHC_EDITION", "CCHC_UNIT", "CCHC_PERIOD")} == {
        "CCHC_EDITION": "xa-2022",
        "CCHC_UNIT": "11092",
        "CCHC_PERIOD": "2022-6T",
    }
    assert (book.constant("CCHC_UNIT"), book.constant("BM1_1")) == ("11092", None)
    places = [book.place(name) for name in book.names if name.name == "BM1_1"]
    assert [(place[0].title, address(*place[1:])) for place in places if place] == [("Biểu 1", "D7")]


def test_properties_and_names_that_disagree_stop_an_ods_too(saved):
    content = replaced(filled(), "docProps/custom.xml", "11092", "11086")
    (one,) = read(saved(content), file="a.ods")
    assert one.refused and one.findings[0].id == "identity-carriers-differ"


def test_errors_percents_and_formulas_of_the_clerk(saved):
    content = formula(filled(), "Biểu 1", "D7", "1/0")
    content = formula(content, "Biểu 1", "D9", "100+27", 127)
    content = typed(content, "Biểu 1", "D10", "ba mươi")
    (xlsx,), (one,) = read(content, file="a.xlsx"), read(saved(content), file="a.ods")
    assert one.entries["1/1"].state is State.UNREADABLE
    assert [finding.id for finding in one.findings if finding.key == "1/1"] == ["number-error-cell"]
    assert one.entries["1/2.1"].value == Decimal(127) and one.entries["1/2.1"].formula == "=100+27"
    for key in ("1/2.1", "1/2.2"):
        assert [f.id for f in one.findings if f.key == key] == [f.id for f in xlsx.findings if f.key == key]


def test_rows_are_found_without_names(saved):
    (one,), (xlsx,) = read(saved(without_names(filled())), file="a.ods"), read(filled(), file="a.xlsx")
    assert facts(one) == facts(xlsx) and "layout-by-code" in [finding.id for finding in one.findings]


def test_every_cell_is_that_of_the_xlsx(saved):
    ours, theirs = OdsBook(saved(filled()), Limits()), Book(filled(), Limits())
    for entry, other in zip(ours.sheets, theirs.sheets, strict=True):
        assert entry.title == other.title
        mine, wanted = ours.sheet(entry).cells, theirs.sheet(other).cells
        for place, cell in wanted.items():
            found = mine.get(place)
            said = None if found is None else float(found.text) if found.kind == "n" else found.text or None
            expected = float(cell.text) if cell.kind == "n" and cell.text else cell.text or None
            assert said == expected, (entry.title, address(*place))


def test_macros_in_it_are_listed(saved):
    parts = parts_of(saved(filled())) | {"Basic/script-lc.xml": b"<x/>"}
    (one,) = read(packed(parts), file="a.ods")
    assert [finding.id for finding in one.findings] == ["formula-unknown", "file-active"]


# --- what may stand in one -------------------------------------------------------------------------------------


def test_kinds_of_cells():
    content = ods(
        table(
            row(
                number("12")
                + number("0.636", "percentage")
                + number("3", "currency")
                + '<table:table-cell office:value-type="date" office:date-value="2022-06-09"/>'
                + '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
                + text("KPS")
                + '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
                + ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
                + '<table:table-cell table:formula="of:=[.A1]&amp;1" office:value-type="string"><text:p>121</text:p>'
                + "</table:table-cell>"
            )
        )
    )
    assert cells(content) == {
        "A1": ("n", "12", ""),
        "B1": ("n", "0.636", "percent"),
        "C1": ("n", "3", ""),
        "D1": ("d", "2022-06-09", "date"),
        "E1": ("b", "1", ""),
        "F1": ("str", "KPS", ""),
        "G1": ("e", "#DIV/0!", ""),
        "H1": ("str", "121", ""),
    }


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<text:p>a  b\n c</text:p>", "a b c"),
        ('<text:p>a<text:s text:c="3"/>b</text:p>', "a   b"),
        ("<text:p>a<text:s/>b<text:tab/>c<text:line-break/>d</text:p>", "a b\tc\nd"),
        ("<text:p>một</text:p><text:p>hai</text:p>", "một\nhai"),
        ("<text:p><text:span>12</text:span> người</text:p>", "12 người"),
        ("<office:annotation><text:p>lời người khác</text:p></office:annotation><text:p>21</text:p>", "21"),
        ("<draw:frame><draw:text-box><text:p>hình</text:p></draw:text-box></draw:frame><text:p>21</text:p>", "21"),
    ],
)
def test_only_the_text_of_the_cell_itself_is_read(inside, said):
    cell = f'<table:table-cell office:value-type="string">{inside}</table:table-cell>'
    assert cells(ods(table(row(cell)))) == {"A1": ("str", said, "")}


def test_what_is_repeated_stands_in_every_place():
    empty = '<table:table-cell table:number-columns-repeated="2"/>'
    twice = number("7", more=' table:number-columns-repeated="2"')
    content = ods(table(row(empty, 3) + row(twice, 2) + row(text("x"))))
    assert list(cells(content)) == ["A4", "B4", "A5", "B5", "A6"]


def test_covered_cells_take_their_place_and_merges_are_known():
    first = text("gộp", ' table:number-columns-spanned="2" table:number-rows-spanned="2"')
    covered = "<table:covered-table-cell/>"
    content = ods(table(row(first + covered + text("c")) + row(covered + covered + text("d"))))
    assert list(cells(content)) == ["A1", "C1", "C2"]
    book = OdsBook(content, Limits())
    assert book.sheet(book.sheets[0]).merges == ((0, 0, 1, 1),)


def test_tables_that_are_no_sheets_are_left_out():
    inner = f'<table:table-cell><table:table table:name="T">{row(text("trong"))}</table:table></table:table-cell>'
    links = f"<table:dde-links><table:dde-link>{table(row(text('xa')))}</table:dde-link></table:dde-links>"
    book = OdsBook(ods(table(row(inner + text("ngoài"))) + links), Limits())
    assert [entry.title for entry in book.sheets] == ["S"]
    assert [cell.text for cell in book.sheet(book.sheets[0]).cells.values()] == ["ngoài"]


@pytest.mark.parametrize(
    ("stored", "spelt"),
    [
        ("of:=SUM([.D9:.D11];[.E2])", "SUM(D9:D11;E2)"),
        ("of:=['Biểu 1'.$D$7]+[$Sheet1.A1]", "'Biểu 1'!$D$7+Sheet1!A1"),
        ("of:=['Xã ''A'''.D7]", "'Xã ''A'''!D7"),
        ("msoxl:=A1+1", "A1+1"),
        ("=14+7", "14+7"),
        ('of:=IF([.A1]="[x]";1;2)', 'IF(A1="[x]";1;2)'),
    ],
)
def test_formulas_are_told_as_excel_spells_them(stored, spelt):
    assert excel_spelling(stored) == spelt


# --- bounds ----------------------------------------------------------------------------------------------------

MANY = ' table:number-columns-repeated="16384"'
BOMBS = {
    "a million rows of sixteen thousand cells": (row(number("1", more=MANY), 1_048_576), "file-too-large"),
    "a million full rows": (row(number("1"), 1_048_576), "file-too-large"),
    "rows that are all full": (row(number("1", more=MANY)) * 40, "file-too-large"),
    "blanks by the thousand million": (row(text('<text:s text:c="999999999"/>x')), "file-too-large"),
    "blanks in very many pieces": (row(text('<text:s text:c="30000"/>' * 300)), "file-too-large"),
    "a text without end": (row(text("x" * 40_000)), "file-too-large"),
    "paragraphs without end": (
        row("<table:table-cell>" + "<text:p>xxxxxxxxx</text:p>" * 20_000 + "</table:table-cell>"),
        "file-too-large",
    ),
    "content below the last row": (row("", 1_048_576) + row(number("1")), "file-broken"),
    "content beside the last column": (row(f"<table:table-cell{MANY}/>" + number("1")), "file-broken"),
    "elements without end": (
        row("<table:table-cell>" + "<draw:g>" * 80 + "</draw:g>" * 80 + "</table:table-cell>"),
        "file-broken",
    ),
    "merges without end": (row('<table:table-cell table:number-columns-spanned="2"/>' * 16_000) * 2, "file-too-large"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_nothing_grows_without_end(name):
    rows, finding = BOMBS[name]
    start = time.process_time()
    (one,) = read(ods(table(rows)), file="a.ods")
    assert time.process_time() - start < 3
    assert one.refused and [found.id for found in one.findings] == [finding]


def test_empty_rows_and_cells_without_end_are_nothing():
    content = ods(table(row(number("1")) + row(f"<table:table-cell{MANY}/>", 1_048_570) + row("", 99_999_999_999)))
    assert cells(content) == {"A1": ("n", "1", "")}


def test_too_many_sheets():
    with pytest.raises(Refused) as refusal:
        OdsBook(ods(table("") * 65), Limits())
    assert refusal.value.finding == "file-too-large"


def test_doctype_password_and_emptiness_have_their_sentences():
    body = parts_of(ods(table(row(text("x")))))["content.xml"]
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + body
    manifest = b"<manifest><manifest:encryption-data/></manifest>"
    for content, finding in (
        (packed(MIME | {"content.xml": evil}), "file-doctype"),
        (packed(MIME | {"content.xml": body, "META-INF/manifest.xml": manifest}), "file-encrypted"),
        (ods(""), "file-broken"),
        (packed(MIME), "file-broken"),
        (packed(MIME | {"content.xml": b"<html/>"}), "file-broken"),
        (ods(table(row(text("x")))), "file-not-official"),
    ):
        (one,) = read(content, file="a.ods")
        assert [found.id for found in one.findings] == [finding]

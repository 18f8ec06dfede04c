"""What is kept of one workbook never changes what another one reads, and never grows beyond its bound."""

import gc
import random
import re
import tracemalloc

import pytest

from cchc_xl.workbook.incoming import book_in, locate, xml_parts
from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA
from cchc_xl.workbook.incoming.plain_rows import taken_apart
from cchc_xl.workbook.reader import read

from .conftest import SEED
from .damage import packed, parts_of
from .filled import ROSTER, filled
from .test_workbook_mutants import mutant
from .test_workbook_package import MAIN, assert_read_alike, cells, small

COUNT = 300
PIECES = (
    *("<v>", "</v>", "<v/>", "<v></v>", "</c>", "</row>", "<f>", "</f>", "<si>", "</si>", "<t>", "&amp;", "&", "&#10;"),
    *("<!-- -->", "<![CDATA[1]]>", "]]>", "\0", "\t", "\r", "\ufffe", "_x000D_", "_x", "1", "-", '"', "<", ">", " "),
    *(' t="s"', ' t="str"', ' s="1"', ' spans="1:8"', ' xmlns="a"', ' x14ac:dyDescent="1"', ' b:c="1"', ' 1a="1"'),
    *('<c r="A1"><v>7</v></c>', '<row r="1"/>', '<c r="D9"/>', '<row r="9999999"/>', "<sheetData>", "</sheetData>"),
)
READ = re.compile(r"xl/(?:worksheets/sheet|sharedStrings|styles|workbook)[\w.]*xml$")
TOKEN = re.compile(r"<[^<>]*>|[^<>]+")


@pytest.fixture(scope="module")
def kept() -> list[Kept]:
    """Everything that is kept in this process."""
    reading(filled())
    return [one for one in gc.get_objects() if isinstance(one, Kept)]


def reading(content: bytes) -> object:
    return read(content, file="11092.xlsx", roster=ROSTER)


def cut_and_pasted(rng: random.Random) -> bytes:
    """A workbook with one place of one part changed: a piece of XML put in, put over another, moved or taken out."""
    parts = parts_of(filled())
    name = rng.choice([name for name in sorted(parts) if READ.match(name)])
    tokens = TOKEN.findall(parts[name].decode())
    at, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    match rng.randrange(4):
        case 0:
            tokens.insert(at, rng.choice(PIECES))
        case 1:
            middle = rng.randrange(len(tokens[at]) + 1)
            tokens[at] = tokens[at][:middle] + rng.choice(PIECES) + tokens[at][middle:]
        case 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            del tokens[at]
    parts[name] = "".join(tokens).encode()
    return packed(parts)


def crowd(share: float) -> list[bytes]:
    """Workbooks of every kind: whole, damaged, hostile."""
    rng = random.Random(SEED)
    count = round(COUNT * share)
    made = [cut_and_pasted(rng) for _ in range(count)] + [mutant(rng)[0] for _ in range(count // 4)]
    return [filled(), *made]


def test_a_workbook_reads_alike_whatever_was_read_before(kept, share):
    """Each alone, and all of them twice in any order with what is kept of the others."""
    workbooks = crowd(share)
    alone = []
    for content in workbooks:
        for one in kept:
            one.forget()
        alone.append(reading(content))
    order = [*range(len(workbooks))] * 2
    random.Random(SEED).shuffle(order)
    for number in order:
        assert reading(workbooks[number]) == alone[number], number


def test_the_quick_ways_read_what_the_long_ones_read(kept, share):
    """With what is kept of all others: as the full parser and the search for each row alone, or refused as by them."""
    workbooks = crowd(share)
    quick = [reading(content) for content in workbooks]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_parts, "LARGEST_PART", -1)
        patch.setattr(locate, "spots_as_issued", lambda book, labels: None)
        for number, content in enumerate(workbooks):
            assert reading(content) == quick[number], number


def test_a_workbook_as_issued_takes_the_quick_ways(monkeypatch):
    monkeypatch.delattr(book_in, "SheetPart")
    monkeypatch.delattr(locate, "_named")
    (one,) = reading(filled())
    assert not one.refused


def test_what_programs_write_is_read_the_quick_way(monkeypatch):
    """As Excel and LibreOffice do: spans and dyDescent of rows, line ends as entities, formulas that are volatile."""
    rows = (
        '<row r="1" spans="1:3" ht="15" x14ac:dyDescent="0.25"><c r="A1" s="0" t="s"><v>0</v></c>'
        '<c r="B1" t="str"><f aca="false">A1&amp;"x"</f><v>a&#10;b &amp;#10;</v></c>'
        '<c r="C1"><f ca="1">1+1</f></c></row>'
        '<row r="2" customFormat="false" ht="12.8" hidden="false"/><row r="4"><c r="A4" t="n"><v>7</v></c></row>'
    )
    content = small(
        rows, strings="<si><t>một&#10;hai</t></si>", styles="<cellXfs count='1'><xf numFmtId='0'/></cellXfs>"
    )
    declared = parts_of(content)
    sheet = "xl/worksheets/sheet1.xml"
    declared[sheet] = declared[sheet].replace(b"<worksheet ", b'<worksheet xmlns:x14ac="a" ')
    monkeypatch.delattr(book_in, "SheetPart")
    assert cells(packed(declared)) == {
        "A1": ("một\nhai", None),
        "B1": ("a\nb &#10;", 'A1&"x"'),
        "C1": (None, "1+1"),
        "A4": ("7", None),
    }


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "utf-8", "UTF-8"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_declared_encoding_counts(encoding, part):
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>Tổng</v></c></row>'
    parts = parts_of(small(rows, strings="<si><t>Tổng</t></si>"))
    parts[part] = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + parts[part]
    meant = "Tổng" if encoding.lower() == "utf-8" else "Tổng".encode().decode("latin-1")
    assert cells(packed(parts))["A1" if "shared" in part else "B1"][0] == meant


A1 = '<row r="1"><c r="A1"><v>7</v></c></row>'
ODD_SHEETS = [
    f'<x:worksheet xmlns:x="{MAIN}" xmlns="other"><sheetData>{A1}</sheetData></x:worksheet>',
    f'<x:worksheet xmlns:x="{MAIN}" xmlns="other"><x:sheetData/><sheetData>{A1}</sheetData></x:worksheet>',
    f'<?p <worksheet xmlns="a"?><x:worksheet xmlns:x="{MAIN}"><sheetData>{A1}</sheetData></x:worksheet>',
    f'<worksheet xmlns="{MAIN}"><a xmlns="other"><sheetData>{A1}</sheetData></a></worksheet>',
    f'<worksheet xmlns="{MAIN}"><a\nxmlns = "other"><sheetData>{A1}</sheetData></a></worksheet>',
    f'<worksheet xmlns="{MAIN}"><c r="A2"><v>8</v></c><sheetData>{A1}</sheetData></worksheet>',
    f'<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData><c r="A2"><v>8</v></c></worksheet>',
    f'<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData><row r="3"><c r="A3"><v>8</v></c></row></worksheet>',
    f'<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData><v>8</v></worksheet>',
    f'<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData><!-- {A1} --></worksheet>',
    f'<worksheet xmlns="{MAIN}"><!-- <sheetData> --><sheetData>{A1}</sheetData></worksheet>',
    f'<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData><mergeCells><mergeCell ref="?"/></mergeCells></worksheet>',
    f'<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData></worksheet><',
    f'\ufeff<worksheet xmlns="{MAIN}"><sheetData>{A1}</sheetData></worksheet>',
    f'<worksheet xmlns="other"><sheetData>{A1}</sheetData></worksheet>',
]
ODD_ROWS = [
    '<row x14ac:dyDescent="1" r="1"><c r="A1"><v>7</v></c></row>',
    '<row r="1" x14ac:dyDescent="1"><c r="A1"><v>7</v></c></row>',
    '<row r="1" ht="1" ht="2"><c r="A1"><v>7</v></c></row>',
    '<row r="1" 1t="1"><c r="A1"><v>7</v></c></row>',
    '<row r="1"><c r="A1"><v>7</v></c></row><row r="1048577"/>',
    '<row r="1"><c r="A1"><v>7</v></c></row><row r="1048577"></row>',
    '<row r="1"><c r="A1" t="str"><v>]]&gt;</v></c></row>',
    '<row r="1"><c r="A1" t="str"><v>]]></v></c></row>',
    '<row r="1"><c r="A1" t="str"><v>\ufffe</v></c></row>',
    '<row r="1"><c r="A1" t="str"><v>\0</v></c></row>',
    '<row r="1"><c r="A1" t="str"><v><v>7</v></v></c></row>',
    '<row r="1"><c r="A1"><f>1</f><v></v></c><c r="B1" t="s"><v></v></c><c r="C1"><v></v></c></row>',
    '<row r="1"><c r="A1" t="s"><v>00</v></c></row>',
    '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
    f'<row r="1"><c r="A1" t="str"><v>{"a" * 40_000}</v></c></row>',
    f'<row r="1"><c r="A1"><f>{"1+" * 20_000}1</f><v>7</v></c></row>',
]


@pytest.mark.parametrize("sheet", ODD_SHEETS)
def test_odd_sheets_are_read_alike(sheet):
    parts = parts_of(small(A1))
    assert_read_alike(packed(parts | {"xl/worksheets/sheet1.xml": sheet.encode()}))


@pytest.mark.parametrize("rows", ODD_ROWS)
def test_odd_rows_are_read_alike(rows):
    assert_read_alike(small(rows, strings="<si><t>a</t></si>"))


ODD_TABLES = [
    f'<x:sst xmlns:x="{MAIN}"><si><t>a</t></si></x:sst>',
    f'<sst xmlns="{MAIN}"><a xmlns="other"><si><t>a</t></si></a></sst>',
    f'<sst xmlns="{MAIN}" count="1" uniqueCount="1"><x:si xmlns:x="{MAIN}"><x:t>b</x:t></x:si><si><t>a</t></si></sst>',
    f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>x',
    f'<sst xmlns="{MAIN}"><si><t>a]]></t></si></sst>',
    f'<sst xmlns="{MAIN}"><si><t>{"a" * 40_000}</t></si></sst>',
]


@pytest.mark.parametrize("table", ODD_TABLES)
def test_odd_tables_are_read_alike(table):
    parts = parts_of(small('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings="<si><t>b</t></si>"))
    assert_read_alike(packed(parts | {"xl/sharedStrings.xml": table.encode()}))


# --- the bound --------------------------------------------------------------------------------------------------


def test_what_is_kept_is_found_again_until_it_is_too_much():
    few: Kept[str, int] = Kept(1600)
    for number in range(16):
        assert few.keep(str(number), number, 100) == number
    assert [few.find(str(number)) for number in range(16)] == [*range(16)]
    few.keep("one more", 1, 100)
    assert few.find("0") is None and few.find("one more") == 1


def test_what_is_too_large_pushes_nothing_out():
    few: Kept[str, int] = Kept(1600)
    few.keep("small", 1, 100)
    assert few.keep("large", 2, 201) == 2
    assert few.find("small") == 1 and few.find("large") is None


def test_rows_that_never_come_again_fill_no_memory():
    """Sheets crowded with the shortest cells, all different: what is kept of them stays within its bound."""
    tracemalloc.start()
    try:
        for number in range(20):
            lines = range(number * 80 + 1, number * 80 + 81)
            inside = {row: "".join(f'<c r="{chr(65 + at)}{row}"><v>1</v></c>' for at in range(26)) for row in lines}
            rows = "".join(f'<row r="{row}">{cells_in}</row>' for row, cells_in in inside.items())
            assert taken_apart(f"<sheetData>{rows}</sheetData>".encode()) is not None
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 16 * MEGA, held

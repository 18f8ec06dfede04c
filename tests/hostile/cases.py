"""Every crafted file of the threat list, by its number there, with the finding it must give.

``SAME``: the file is read, the facts are the untouched workbook's and nothing is said against it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.damage import edited, packed, part_of, parts_of, typed, with_cell
from tests.filled import filled
from tests.hostile.zips import lying, one_body_many_names, package, plain, repeated

SAME = ""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET, STRINGS, BOOK = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
STYLES, RELS = "xl/styles.xml", "xl/_rels/workbook.xml.rels"
HEAD, TAIL = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
SST = f'<sst xmlns="{MAIN}">'.encode()
ONE = "Biểu 1"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
BROKEN, LARGE, AMBIGUOUS, DOCTYPE = "file-broken", "file-too-large", "file-ambiguous", "file-doctype"


@dataclass(frozen=True, slots=True)
class Case:
    """``number``: of the threat list. ``expected``: ids of which one must be given; ``facts_kept``: and no more."""

    number: str
    what: str
    make: Callable[[], bytes]
    expected: tuple[str, ...]
    file: str = "11092.xlsx"
    facts_kept: bool = False

    @property
    def name(self) -> str:
        return f"{self.number} {self.what}"


def bomb(part: str, head: bytes, unit: bytes, count: int, tail: bytes, said: int | None = None) -> bytes:
    body = repeated(part, head, unit, count, tail)
    return package(parts_of(filled()), body if said is None else lying(body, said))


def having(part: str, body: bytes | str) -> bytes:
    return packed(parts_of(filled()) | {part: body if isinstance(body, bytes) else body.encode()})


def sheet(rows: str, more: str = "") -> bytes:
    return having(SHEET, HEAD + rows.encode() + b"</sheetData>" + more.encode() + b"</worksheet>")


def stray(xml: str) -> bytes:
    """Biểu 1 as it was, with more rows at its end."""
    return edited(filled(), part_of(filled(), ONE), lambda text: text.replace("</sheetData>", xml + "</sheetData>"))


def merged(*ranges: str) -> bytes:
    more = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    part = part_of(filled(), ONE)
    return edited(filled(), part, lambda text: text.replace("</mergeCells>", more + "</mergeCells>"))


def answer(value: str, kind: str = "") -> bytes:
    return with_cell(filled(), ONE, "D9", f'<c r="D9" s="{{s}}"{kind}><v>{value}</v></c>')


def as_date(value: str) -> bytes:
    styles = parts_of(filled())[STYLES].decode()
    number = styles[styles.index("<cellXfs") :].count("<xf ") - styles[styles.index("</cellXfs>") :].count("<xf ")
    content = having(STYLES, styles.replace("</cellXfs>", '<xf numFmtId="14"/></cellXfs>'))
    return with_cell(content, ONE, "D9", f'<c r="D9" s="{number}"><v>{value}</v></c>')


def laughing(part: str, depth: int = 10) -> bytes:
    """A billion laughs before the root of a part."""
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, depth))
    return declared(part, f"[{entities}]")


def declared(part: str, what: str) -> bytes:
    body = parts_of(filled())[part].decode()
    at = body.index("?>") + 2
    return having(part, body[:at] + f"<!DOCTYPE x {what}>" + body[at:])


def quadratic() -> bytes:
    entity, use = "a" * 100_000, "&a;" * 20_000
    text = f'<!DOCTYPE x [<!ENTITY a "{entity}">]><sst xmlns="{MAIN}"><si><t>{use}</t></si></sst>'
    return having(STRINGS, text)


def many_sheets(count: int) -> bytes:
    more = "".join(f'<sheet name="S{n}" sheetId="{n + 100}" r:id="rId1"/>' for n in range(count))
    return edited(filled(), BOOK, lambda text: text.replace("</sheets>", more + "</sheets>"))


def many_names(count: int, name: str) -> bytes:
    more = "".join(f"<definedName name=\"{name}{n}\">'Biểu 1'!$A$1</definedName>" for n in range(count))
    return edited(filled(), BOOK, lambda text: text.replace("</definedNames>", more + "</definedNames>"))


def one_formula(terms: int) -> bytes:
    text = "+".join(["A1"] * terms)
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><f t="shared" si="0">{text if row == 1001 else ""}</f><v>1</v></c></row>'
        for row in range(1001, 21_001)
    )
    return stray(rows)


def without(*names: str) -> bytes:
    return packed({name: body for name, body in parts_of(filled()).items() if name not in names})


def twice(part: str, other: str) -> bytes:
    """A part again under a name that differs in case only, or not at all."""
    return package(parts_of(filled()), plain(part, parts_of(filled())[part]), plain(other, HEAD + TAIL))


def misnamed() -> bytes:
    """The name before the part is another one than in the directory: streaming programs see the first."""
    parts = parts_of(filled())
    return package(parts, replace(plain(SHEET, parts[SHEET]), local_name="xl/worksheets/sheet3.xml"))


def absent() -> bytes:
    return edited(filled(), BOOK, lambda text: re.sub(r'<sheet name="Biểu 3"[^>]*/>', "", text))


def strings_of(*names: str) -> bytes:
    return COMPOUND + b"".join((name + "\0").encode("utf-16-le") for name in names)


def long_strings() -> bytes:
    """One string of a megabyte, in twenty thousand cells."""
    rows = "".join(f'<row r="{n}"><c r="K{n}" t="s"><v>0</v></c></row>' for n in range(1001, 21_001))
    content = stray(rows)
    strings = parts_of(content)[STRINGS].decode().replace("<si><t>", "<si><t>" + "x" * 1_000_000, 1)
    return packed(parts_of(content) | {STRINGS: strings.encode()})


CELL = '<row r="{0}"><c r="{1}"><v>1</v></c></row>'

CASES = (
    Case("B1", "a gigabyte of blanks", lambda: bomb(SHEET, HEAD, b" ", 1 << 30, TAIL), (LARGE,)),
    Case("B1", "a gigabyte that says it is a kilobyte", lambda: bomb(SHEET, HEAD, b" ", 1 << 30, TAIL, 1000), (LARGE,)),
    Case(
        "B1",
        "forty megabytes in each of two parts that say nothing",
        lambda: package(
            parts_of(filled()),
            lying(repeated(SHEET, HEAD, b" ", 40 << 20, TAIL), 10),
            lying(repeated(STRINGS, SST, b" ", 40 << 20, b"</sst>"), 10),
        ),
        (LARGE, BROKEN),
    ),
    Case("B2", "twenty million rows", lambda: bomb(SHEET, HEAD, b"<row/>", 20_000_000, TAIL), (LARGE,)),
    Case("B2", "nine million rows", lambda: bomb(SHEET, HEAD, b"<row/>", 9_000_000, TAIL), (BROKEN,)),
    Case(
        "B3",
        "one shared string of a gigabyte",
        lambda: bomb(STRINGS, SST + b"<si><t>", b"a", 1 << 30, b"</t></si></sst>"),
        (LARGE,),
    ),
    Case(
        "B3",
        "one shared string of 60 MB",
        lambda: bomb(STRINGS, SST + b"<si><t>", b"a", 60_000_000, b"</t></si></sst>"),
        (LARGE,),
    ),
    Case(
        "B4",
        "ten million shared strings",
        lambda: bomb(STRINGS, SST, b"<si><t>a</t></si>", 10_000_000, b"</sst>"),
        (LARGE,),
    ),
    Case(
        "B4",
        "three million shared strings",
        lambda: bomb(STRINGS, SST, b"<si><t>a</t></si>", 3_000_000, b"</sst>"),
        (LARGE,),
    ),
    Case("B5", "a string of a megabyte in twenty thousand cells", long_strings, (LARGE,)),
    Case("B6", "one cell in the last corner", lambda: stray(CELL.format(1048576, "XFD1048576")), (SAME,)),
    Case("B6", "a blank in A1048576", lambda: stray(CELL.format(1048576, "A1048576")), (SAME,)),
    Case(
        "B6",
        "nothing but two corners",
        lambda: sheet(CELL.format(1, "A1") + CELL.format(1048576, "XFD1048576")),
        ("layout-name-disagrees",),
    ),
    Case("B7", "everything merged", lambda: merged("A1:XFD1048576"), ("layout-merged",)),
    Case("B7", "whole columns merged beside the form", lambda: merged("M1:Q1048576"), (SAME,)),
    Case("B7", "a hundred thousand merges", lambda: merged(*(f"Z{n}:AA{n}" for n in range(1, 100_001))), (LARGE,)),
    Case("B8", "a row beyond all numbers", lambda: sheet('<row r="99999999999999999999"/>'), (BROKEN,)),
    Case("B9", "a column beyond all", lambda: stray(CELL.format(900, "ZZZZ1")), (BROKEN,)),
    Case("B9", "a row below zero", lambda: stray(CELL.format(-5, "A-5")), (BROKEN,)),
    Case("B9", "a number in letters", lambda: answer("twelve"), ("number-unreadable",)),
    Case("B10", "1e999", lambda: answer("1e999"), ("number-unreadable",)),
    Case("B10", "NaN", lambda: answer("NaN"), ("number-unreadable",)),
    Case("B10", "INF", lambda: answer("INF"), ("number-unreadable",)),
    Case("B11", "a date after the end of days", lambda: as_date("99999999999"), ("number-date", "number-unreadable")),
    Case("B12", "a string that is not there", lambda: answer("99999", ' t="s"'), (BROKEN,)),
    Case(
        "B12",
        "a style that is not there",
        lambda: stray('<row r="900"><c r="A900" s="999"><v>1</v></c></row>'),
        (BROKEN,),
    ),
    *(
        Case("B13", f"a billion laughs in {part}", lambda part=part: laughing(part), (DOCTYPE,))
        for part in (STRINGS, BOOK, SHEET, STYLES, "docProps/custom.xml", RELS)
    ),
    Case("B13", "one long entity twenty thousand times", quadratic, (DOCTYPE,)),
    *(
        Case(
            "B14",
            f"an entity from {where}",
            lambda where=where: declared(SHEET, f'[<!ENTITY x SYSTEM "{where}">]'),
            (DOCTYPE,),
        )
        for where in ("file:///etc/passwd", "http://127.0.0.1:9/x", "\\\\\\\\host\\\\share\\\\x")
    ),
    Case("B14", "a DTD from the network", lambda: declared(BOOK, 'SYSTEM "http://127.0.0.1:9/x.dtd"'), (DOCTYPE,)),
    Case(
        "B14",
        "a DOCTYPE in UTF-16",
        lambda: having(
            SHEET,
            ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x []>' + HEAD.decode() + TAIL.decode()).encode("utf-16"),
        ),
        (DOCTYPE,),
    ),
    Case("B15", "a million elements deep", lambda: bomb(SHEET, HEAD, b"<a>", 1_000_000, TAIL), (BROKEN,)),
    Case(
        "B15",
        "a hundred thousand deep in styles",
        lambda: having(STYLES, f'<styleSheet xmlns="{MAIN}">' + "<a>" * 100_000),
        (BROKEN,),
    ),
    Case(
        "B15",
        "two million attributes",
        lambda: bomb(SHEET, HEAD + b"<row ", b"x='1' ", 2_000_000, b"/>" + TAIL),
        (BROKEN,),
    ),
    Case("B16", "ten thousand sheets", lambda: many_sheets(10_000), (LARGE,)),
    Case("B16", "three hundred thousand names of ours", lambda: many_names(300_000, "BM1_9_"), (LARGE,)),
    Case("B16", "three hundred thousand names of others", lambda: many_names(300_000, "x"), (SAME,)),
    Case("B16", "one formula of 24 kB in twenty thousand cells", lambda: one_formula(8_000), (LARGE,)),
    Case(
        "B16",
        "a number format of 200,000 characters",
        lambda: edited(
            filled(),
            STYLES,
            lambda t: t.replace(
                "<fonts", f'<numFmts><numFmt numFmtId="199" formatCode="{"0" * 200_000}"/></numFmts><fonts', 1
            ),
        ),
        (LARGE,),
    ),
    Case("B17", "a sheet's part missing", lambda: without(SHEET), (BROKEN,)),
    Case("B17", "the book's part missing", lambda: without(BOOK), (BROKEN,)),
    Case("B17", "the relations missing", lambda: without(RELS), (BROKEN,)),
    Case("B17", "the strings missing", lambda: without(STRINGS), (BROKEN,)),
    Case("B17", "no sheets", lambda: having(BOOK, f'<workbook xmlns="{MAIN}"><sheets/></workbook>'), (BROKEN,)),
    Case("B17", "cut XML", lambda: having(SHEET, parts_of(filled())[SHEET][:-300]), (BROKEN,)),
    Case("B17", "a cut file", lambda: filled()[:-2000], (BROKEN,)),
    Case("B17", "half a file", lambda: filled()[: len(filled()) // 2], (BROKEN,)),
    Case("B17", "a kilobyte in front", lambda: b"x" * 1024 + filled(), (BROKEN,)),
    Case("B17", "a form's sheet absent", absent, ("layout-form-missing",)),
    Case("B18", "a part twice", lambda: twice(SHEET, SHEET), (AMBIGUOUS,)),
    Case("B18", "a part twice, in other letters", lambda: twice(SHEET, SHEET.upper()), (AMBIGUOUS,)),
    Case("B18", "a part under another name than in the directory", misnamed, (AMBIGUOUS,)),
    Case(
        "B18",
        "two thousand entries on one body",
        lambda: one_body_many_names(parts_of(filled()), SHEET, 1_900),
        (AMBIGUOUS,),
    ),
    Case("B18", "another workbook in front", lambda: having(SHEET, HEAD + TAIL) + filled(), (BROKEN,)),
    Case("B18", "a name that climbs", lambda: having("../x.xml", b""), (BROKEN,)),
    Case(
        "B18",
        "two thousand five hundred parts",
        lambda: packed(parts_of(filled()) | {f"xl/x{n}.xml": b"" for n in range(2_500)}),
        (LARGE,),
    ),
    Case("F1", "a password", lambda: strings_of("EncryptionInfo", "EncryptedPackage"), ("file-encrypted",)),
    Case("F2", "a workbook named .xls", filled, ("file-suffix",), "11092.xls", facts_kept=True),
    Case("F2", "an .xls of nothing named .xlsx", lambda: strings_of("Workbook"), (BROKEN, "file-legacy")),
    Case(
        "F3",
        "a web page named .xls",
        lambda: b"<html><body><table><tr><td>1</td></tr></table></body></html>",
        ("file-html",),
        "11092.xls",
    ),
    Case(
        "F3",
        "a mail archive page (.mht) named .xls",
        lambda: b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n",
        ("file-html",),
        "11092.xls",
    ),
    Case("F3", "a CSV named .xls", lambda: "Mã;Tên\n1;Bình Lãng\n".encode(), ("file-wrong-kind",), "11092.xls"),
    Case(
        "F3",
        "XML Spreadsheet 2003 named .xls",
        lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        ("file-legacy",),
        "11092.xls",
    ),
    Case("F4", "an owner file", lambda: b"\x05admin" + bytes(159), ("file-owner",), "~$11092.xlsx"),
    Case("F4", "an empty file", lambda: b"", ("file-empty",)),
    Case("F4", "half a download", lambda: filled()[:30_000], (BROKEN,), "11092.xlsx.crdownload"),
    Case(
        "F4",
        "a folder's settings",
        lambda: b"[.ShellClassInfo]\r\nIconResource=x\r\n",
        ("file-wrong-kind",),
        "desktop.ini",
    ),
    Case(
        "I3",
        "a control character",
        lambda: edited(filled(), STRINGS, lambda t: t.replace("<si><t>", "<si><t>\x0b", 1)),
        (BROKEN,),
    ),
    Case("I3", "an answer of 40,000 characters", lambda: typed(filled(), ONE, "D9", "1" * 40_000), (LARGE,)),
)

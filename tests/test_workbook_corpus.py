"""One filled workbook, damaged in every way we know: the same facts come back, or an explicit finding."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from xml.sax.saxutils import unescape

import openpyxl
import pytest

from cchc_xl.model import Cell, Submission
from cchc_xl.workbook.reader import read

from .damage import (
    Edit,
    cell_xml,
    cleared,
    columns_inserted,
    edited,
    formula,
    packed,
    part_of,
    parts_of,
    renamed,
    replaced,
    rows_moved,
    typed,
    with_cell,
    without_names,
)
from .filled import EDITION, ROSTER, facts, filled
from .old_fonts import tcvn3, vni

ONE, THREE = "Biểu 1", "Biểu 3"


def reading(content: bytes, file: str = "11092.xlsx") -> Submission:
    (submission,) = read(content, file=file, roster=ROSTER)
    return submission


def silent_differences(before: Submission, after: Submission) -> dict[str, tuple]:
    """Rows that changed without a finding on them, on a row they are computed from, or on their whole form."""
    if after.refused:
        return {} if after.findings else {"file": ("refused", None)}
    said = {finding.key for finding in after.findings}
    lost = {finding.args.get("form") for finding in after.findings if finding.id == "layout-form-missing"}
    for row in EDITION.indicators:
        if row.cell is Cell.FORMULA and said & set(row.ratio_of or row.total_of):
            said.add(row.key)
    was, now = facts(before), facts(after)
    return {
        key: (was[key], now[key])
        for key in was
        if was[key] != now[key] and key not in said and EDITION.by_key[key].form not in lost
    }


TAMPERING = {"formula-overwritten", "formula-edited", "formula-shifted", "formula-deleted", "formula-stored-value"}
TYPED_OVER = "a right number over a formula"


def ids(submission: Submission) -> set[str]:
    return {finding.id for finding in submission.findings}


# --- edits that are a little longer than a line -----------------------------------------------------------------


def text_changed(change) -> Edit:
    """All shared strings changed: NFD, no-break spaces, fonts of old."""
    return lambda content: edited(
        content,
        "xl/sharedStrings.xml",
        lambda text: re.sub(r"(?<=>)[^<]+(?=</t>)", lambda found: change(found[0]), text),
    )


def forms_in_font(content: bytes, font: Callable[[str], str]) -> bytes:
    """Labels, heads and units of the forms as a font of old stores them; what clerks type now stays as it is."""
    own = {text for row in EDITION.indicators for text in (row.label, row.unit)}
    own |= {str(EDITION.words[name]) for name in EDITION.words if name.startswith("head_")}
    own |= {form.title for form in EDITION.forms}
    return text_changed(lambda text: font(text) if unescape(text) in own else text)(content)


def codes_changed(content: bytes, change) -> bytes:
    """The codes of Biểu 3 as numbers or dates, names lost, so that only labels and neighbours are left."""
    part = part_of(content, THREE)
    strings = re.findall(r"<si>(.*?)</si>", parts_of(content)["xl/sharedStrings.xml"].decode())

    def cell(found: re.Match) -> str:
        code = re.sub(r"<[^>]+>", "", strings[int(found[2])])
        return f'<c r="{found[1]}"><v>{change(code)}</v></c>' if code[:1].isdigit() else found[0]

    pattern = r'<c r="(A\d+)"[^>]* t="s"><v>(\d+)</v></c>'
    return edited(without_names(content), part, lambda text: re.sub(pattern, cell, text))


def as_number(code: str) -> str:
    return ".".join(code.strip(".").split(".")[:2])


def as_date(code: str) -> str:
    return str(44_562 + sum(int(digit) for digit in code if digit.isdigit()))


def sorted_rows(content: bytes, first: int = 7, last: int = 25) -> bytes:
    """The rows of Biểu 1 in reverse order, as after a sort: contents move, names stay."""
    part = part_of(content, ONE)

    def edit(text: str) -> str:
        rows = {n: re.search(rf'<row r="{n}".*?</row>', text)[0] for n in range(first, last + 1)}
        for number in range(first, last + 1):
            other = first + last - number
            fresh = re.sub(rf'(r="[A-Z]*){number}"', rf'\g<1>{other}"', rows[number])
            rows[number] = rows[number], fresh, other
        for _, (old, _, _) in sorted(rows.items()):
            number = re.match(r'<row r="(\d+)"', old)[1]
            text = text.replace(old, f"@{number}@")
        for _, fresh, other in rows.values():
            text = text.replace(f"@{other}@", fresh)
        return text

    return edited(content, part, edit)


def without_strings(content: bytes) -> bytes:
    """The string table dropped: every text written in its cell."""
    parts = parts_of(content)
    strings = re.findall(r"<si>(.*?)</si>", parts.pop("xl/sharedStrings.xml").decode(), re.S)

    def inline(found: re.Match) -> str:
        return f'<c {found[1]} t="inlineStr"><is>{strings[int(found[2])]}</is></c>'

    for name, body in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(r'<c ([^>]*) t="s"><v>(\d+)</v></c>', inline, body.decode()).encode()
    parts["xl/_rels/workbook.xml.rels"] = re.sub(
        rb"<Relationship [^>]*sharedStrings[^>]*/>", b"", parts["xl/_rels/workbook.xml.rels"]
    )
    return packed(parts)


def without_styles(content: bytes) -> bytes:
    parts = parts_of(content)
    del parts["xl/styles.xml"]
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", parts[rels])
    return packed(parts)


def without_stored(content: bytes) -> bytes:
    """Every formula without its value, as a library writes it."""
    parts = parts_of(content)
    for name, body in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(r"(</f>)<v>[^<]*</v>", r"\1", body.decode()).encode()
    return packed(parts)


def sheets_changed(change) -> Edit:
    """An edit of every sheet's text."""

    def edit(content: bytes) -> bytes:
        parts = parts_of(content)
        for name, body in parts.items():
            if name.startswith("xl/worksheets/sheet"):
                parts[name] = change(body.decode()).encode()
        return packed(parts)

    return edit


def without_part(*names: str) -> Edit:
    return lambda content: packed({name: body for name, body in parts_of(content).items() if name not in names})


def copied_sheet(answer: int | None) -> Edit:
    """Biểu 1 copied within the book, as Excel does it: with names of its own; one answer changed in the copy."""

    def edit(content: bytes) -> bytes:
        parts = parts_of(content)
        source = part_of(content, ONE)
        copy = parts[source].decode()
        if answer is not None:
            copy = copy.replace(cell_xml(copy, "D9"), f'<c r="D9"><v>{answer}</v></c>')
        parts["xl/worksheets/sheet99.xml"] = copy.encode()
        rels = parts["xl/_rels/workbook.xml.rels"].decode()
        kind = re.search(r'Type="([^"]*/worksheet)"', rels)[1]
        parts["xl/_rels/workbook.xml.rels"] = rels.replace(
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{kind}" Target="worksheets/sheet99.xml"/></Relationships>',
        ).encode()
        book = parts["xl/workbook.xml"].decode()
        count = book.count("<sheet ")
        book = book.replace("</sheets>", '<sheet name="Biểu 1 (2)" sheetId="99" r:id="rId99"/></sheets>')
        names = re.findall(r'<definedName name="(BM1_[^"]*)">\'Biểu 1\'(![^<]*)<', book)
        own = "".join(
            f'<definedName name="{name}" localSheetId="{count}">\'Biểu 1 (2)\'{cell}</definedName>'
            for name, cell in names
        )
        parts["xl/workbook.xml"] = book.replace("</definedNames>", own + "</definedNames>").encode()
        return packed(parts)

    return edit


def stacked(content: bytes) -> bytes:
    """Biểu 1 and Biểu 2 on one sheet, one below the other, names lost, one of the sheets gone."""
    first, second = part_of(content, ONE), part_of(content, "Biểu 2")
    content = rows_moved(without_names(content), "Biểu 2", 1, 40)
    parts = parts_of(content)
    rows = re.search(r"<sheetData>(.*)</sheetData>", parts[second].decode(), re.S)[1]
    joined = parts[first].decode().replace("</sheetData>", rows + "</sheetData>")
    book = re.sub(r'<sheet name="Biểu 2"[^>]*/>', "", parts["xl/workbook.xml"].decode())
    return packed(parts | {first: joined.encode(), "xl/workbook.xml": book.encode()})


def merged(reference: str) -> Edit:
    return lambda content: edited(
        content,
        part_of(content, ONE),
        lambda text: re.sub(r"<mergeCells[^>]*>", rf'\g<0><mergeCell ref="{reference}"/>', text),
    )


def shared(content: bytes) -> bytes:
    """Two formulas of Biểu 3 as Excel writes them after a fill-down (their text is the same, three rows apart)."""
    part = part_of(content, THREE)

    def edit(text: str) -> str:
        first, second = cell_xml(text, "D26"), cell_xml(text, "D29")
        fill = first.replace("<f>", '<f t="shared" ref="D26:D29" si="0">')
        follower = re.sub(r"<f>.*?</f>", '<f t="shared" si="0"/>', second)
        return text.replace(first, fill).replace(second, follower)

    return edited(content, part, edit)


# --- the corpus -------------------------------------------------------------------------------------------------

SAME: Mapping[str, Edit] = {
    "sheet renamed, three spellings": lambda c: renamed(
        renamed(renamed(c, ONE, "BM03"), THREE, "Sheet3"), "Biểu 5", "5"
    ),
    "sheet renamed, names lost": lambda c: without_names(renamed(c, THREE, "Bieu mau 3")),
    "names lost": without_names,
    "one name lost": lambda c: edited(
        c, "xl/workbook.xml", lambda t: re.sub(r'<definedName name="BM1_2_1">.*?</definedName>', "", t)
    ),
    "names in small letters": lambda c: replaced(c, "xl/workbook.xml", 'name="BM', 'name="bm'),
    "row inserted in a form": lambda c: rows_moved(c, ONE, 10, 1),
    "row inserted, names lost": lambda c: without_names(rows_moved(c, ONE, 10, 1)),
    "three rows inserted above": lambda c: rows_moved(c, THREE, 1, 3),
    "column inserted at the left": lambda c: columns_inserted(c, ONE, "A"),
    "column inserted before the values": lambda c: columns_inserted(c, THREE, "D"),
    "column inserted before the notes": lambda c: columns_inserted(c, THREE, "E"),
    "column inserted before the hidden ones": lambda c: columns_inserted(c, ONE, "I"),
    "column inserted, names lost": lambda c: without_names(columns_inserted(c, ONE, "C")),
    "empty row of a form deleted": lambda c: rows_moved(rows_moved(c, ONE, 10, 1), ONE, 10, -1),
    "texts decomposed (NFD)": text_changed(lambda t: unicodedata.normalize("NFD", t)),
    "texts decomposed, names lost": lambda c: without_names(text_changed(lambda t: unicodedata.normalize("NFD", t))(c)),
    "no-break spaces, names lost": lambda c: without_names(text_changed(lambda t: t.replace(" ", "\u00a0"))(c)),
    "line breaks in labels, names lost": lambda c: without_names(
        text_changed(lambda t: t.replace(" TTHC", "\nTTHC"))(c)
    ),
    "texts in a TCVN3 font": lambda c: forms_in_font(c, tcvn3),
    "texts in a TCVN3 font, names lost": lambda c: without_names(forms_in_font(c, tcvn3)),
    "texts in a TCVN3 font, one name lost": lambda c: edited(
        forms_in_font(c, tcvn3),
        "xl/workbook.xml",
        lambda t: re.sub(r'<definedName name="BM1_2_1">.*?</definedName>', "", t),
    ),
    "texts in a VNI font": lambda c: forms_in_font(c, vni),
    "texts in a VNI font, names lost": lambda c: without_names(forms_in_font(c, vni)),
    "texts in a VNI font, a row inserted": lambda c: rows_moved(forms_in_font(c, vni), ONE, 10, 1),
    "tone marks placed the old way": text_changed(lambda t: t.replace("óa", "oá").replace("ủy", "uỷ")),
    "codes without the last dot": text_changed(lambda t: t.rstrip(".") if t[:1].isdigit() and len(t) < 9 else t),
    "codes as numbers, names lost": lambda c: codes_changed(c, as_number),
    "codes as dates, names lost": lambda c: codes_changed(c, as_date),
    "codes deleted": lambda c: edited(
        c, part_of(c, THREE), lambda t: re.sub(r'<c r="A\d+"[^>]* t="s"><v>\d+</v></c>', "", t)
    ),
    "rows hidden": lambda c: edited(c, part_of(c, ONE), lambda t: re.sub(r'<row r="9"', '<row r="9" hidden="1"', t)),
    "sheets in another order": lambda c: edited(
        c,
        "xl/workbook.xml",
        lambda t: re.sub(r"(<sheet name=\"Biểu 1\"[^>]*/>)(.*?)(</sheets>)", r"\2\1\3", t),
    ),
    "a sheet hidden": lambda c: replaced(
        c, "xl/workbook.xml", '<sheet name="Biểu 3"', '<sheet state="hidden" name="Biểu 3"'
    ),
    "string table dropped": without_strings,
    "styles dropped": without_styles,
    "stored values dropped": without_stored,
    "custom properties dropped": without_part("docProps/custom.xml"),
    "identity names dropped": lambda c: edited(
        c, "xl/workbook.xml", lambda t: re.sub(r'<definedName name="CCHC_.*?</definedName>', "", t)
    ),
    "shared formulas": shared,
    "formulas with semicolons": sheets_changed(
        lambda t: re.sub(r"<f>IF\(.*?</f>", lambda f: f[0].replace(",", ";"), t)
    ),
    "formulas in small letters, with spaces": sheets_changed(
        lambda t: re.sub(r"<f>IF\(AND.*?</f>", lambda f: f[0].replace("IF(", "if( ").replace(",", " , "), t)
    ),
    "formulas with dollars": sheets_changed(
        lambda t: re.sub(r"<f>IF\(AND.*?</f>", lambda f: re.sub(r"\b([DJ])(\d+)", r"$\1$\2", f[0]), t)
    ),
    "formulas with the sheet's own name": lambda c: edited(
        c, part_of(c, ONE), lambda t: t.replace("ROUND(100*D10/D9,1)", f"ROUND(100*'{ONE}'!D10/'{ONE}'!D9,1)")
    ),
    "formulas with _xlfn": sheets_changed(lambda t: t.replace("<f>IF(AND(ISNUMBER", "<f>_xlfn.IF(AND(ISNUMBER")),
    "formulas with a leading plus": sheets_changed(lambda t: t.replace("<f>IF(AND(ISNUMBER", "<f>+IF(AND(ISNUMBER")),
    "a formula of the same meaning": lambda c: formula(c, ONE, "D8", 'IFERROR(ROUND(100*D10/D9,1),"")', 42.5),
    "a total put back as a sum": lambda c: formula(c, THREE, "D11", "SUM(D12:D14)", reading(c).entries["3/1.4"].value),
    "a copy of the sheet with the same answers": copied_sheet(None),
    "two forms on one sheet": stacked,
    "merged to the right": merged("D9:E9"),
    "a merge of whole columns elsewhere": merged("M1:N1048576"),
    "a merge of everything elsewhere": merged("XEZ1:XFD1048576"),
    "a stray space at the end of the sheet": lambda c: edited(
        c,
        part_of(c, ONE),
        lambda t: t.replace(
            "</sheetData>", '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'
        ),
    ),
    "an answer in an inline string": lambda c: typed(c, ONE, "D9", "127"),
    "an answer with its unit": lambda c: typed(c, ONE, "D9", "127 văn bản"),
    "an answer with spaces": lambda c: typed(c, ONE, "D9", " 127\u00a0"),
    "an answer with an apostrophe": lambda c: typed(c, ONE, "D9", "'127"),
    "an answer as a formula": lambda c: formula(c, ONE, "D9", "100+27", 127),
    "a right number over a formula": lambda c: typed(c, ONE, "D8", 42.5),
    "numbers with an exponent": lambda c: with_cell(c, ONE, "D9", '<c r="D9" s="{s}"><v>1.27E2</v></c>'),
    "numbers with sixteen digits": lambda c: with_cell(c, ONE, "D9", '<c r="D9" s="{s}"><v>127.00000000000001</v></c>'),
    "a number with type n": lambda c: with_cell(c, ONE, "D9", '<c r="D9" s="{s}" t="n"><v>127</v></c>'),
    "calculation chain dropped": without_part("xl/calcChain.xml"),
    "document properties dropped": without_part("docProps/app.xml", "docProps/core.xml"),
    "the help and check sheets emptied": lambda c: edited(
        c, part_of(c, "Kiểm tra"), lambda t: re.sub(r"<sheetData>.*</sheetData>", "<sheetData/>", t, flags=re.S)
    ),
}

SAID: Mapping[str, tuple[Edit, str]] = {
    "a row deleted": (lambda c: rows_moved(c, ONE, 9, -1), "layout-row-missing"),
    "a row deleted, names lost": (lambda c: without_names(rows_moved(c, ONE, 9, -1)), "layout-row-missing"),
    "a sheet deleted": (
        lambda c: edited(c, "xl/workbook.xml", lambda t: re.sub(r'<sheet name="Biểu 3"[^>]*/>', "", t)),
        "layout-form-missing",
    ),
    "rows sorted": (sorted_rows, "layout-name-disagrees"),
    "a label pasted over another row": (
        lambda c: edited(
            c,
            part_of(c, ONE),
            lambda t: t.replace(
                cell_xml(t, "A9") + cell_xml(t, "B9"),
                (cell_xml(t, "A10") + cell_xml(t, "B10")).replace('"A10"', '"A9"').replace('"B10"', '"B9"'),
            ),
        ),
        "layout-name-disagrees",
    ),
    "a copy of the sheet with another answer": (copied_sheet(5), "layout-row-twice"),
    "answers merged downwards": (merged("D9:D10"), "layout-merged"),
    "a wrong number over a formula": (lambda c: typed(c, ONE, "D8", 63.6), "formula-overwritten"),
    "a text over a formula": (lambda c: typed(c, ONE, "D8", "KPS"), "formula-overwritten"),
    "a formula deleted": (lambda c: cleared(c, ONE, "D8"), "formula-deleted"),
    "a formula edited": (lambda c: formula(c, ONE, "D8", "ROUND(100*D10/D7,1)", 80), "formula-edited"),
    "a formula shifted by a row": (
        lambda c: edited(
            c,
            part_of(c, ONE),
            lambda t: t.replace(
                cell_xml(t, "D8"),
                re.sub(r"([DJ])(\d+)", lambda f: f"{f[1]}{int(f[2]) + 1}", cell_xml(t, "D8")).replace(
                    'r="D9"', 'r="D8"'
                ),
            ),
        ),
        "formula-shifted",
    ),
    "a formula pointing to another book": (
        lambda c: formula(c, ONE, "D8", "'[1]Biểu 1'!D8", 80),
        "formula-edited",
    ),
    "a stored value changed": (
        lambda c: edited(c, part_of(c, ONE), lambda t: t.replace("</f><v>42.5</v>", "</f><v>63.6</v>", 1)),
        "formula-stored-value",
    ),
    "an answer in words": (lambda c: typed(c, ONE, "D9", "nhiều"), "number-unreadable"),
    "an answer on two lines": (lambda c: typed(c, ONE, "D9", "120 và 7"), "number-unreadable"),
    "an error value": (lambda c: with_cell(c, ONE, "D9", '<c r="D9" t="e"><v>#VALUE!</v></c>'), "number-error-cell"),
    "a truth value": (lambda c: with_cell(c, ONE, "D9", '<c r="D9" t="b"><v>1</v></c>'), "number-unreadable"),
    "a date by its type": (lambda c: with_cell(c, ONE, "D9", '<c r="D9" t="d"><v>2022-06-09</v></c>'), "number-date"),
    "a number that is none": (lambda c: with_cell(c, ONE, "D9", '<c r="D9"><v>twelve</v></c>'), "number-unreadable"),
    "infinity": (lambda c: with_cell(c, ONE, "D9", '<c r="D9"><v>1e999</v></c>'), "number-unreadable"),
    "not a number": (lambda c: with_cell(c, ONE, "D9", '<c r="D9"><v>NaN</v></c>'), "number-unreadable"),
    "an answer formula without value": (lambda c: formula(c, ONE, "D9", "100+27"), "number-unreadable"),
    "another answer with a thousands dot": (lambda c: typed(c, ONE, "D9", "1.127"), "number-as-text"),
    "an answer approximated": (lambda c: typed(c, ONE, "D9", "≈130"), "number-approximate"),
    "a dash for nothing": (lambda c: typed(c, ONE, "D9", "-"), "number-word"),
    "dots for not yet": (lambda c: typed(c, ONE, "D9", "…"), "number-placeholder"),
    "a number typed in a heading": (lambda c: typed(c, ONE, "D11", 77), "number-heading"),
    "the unit's code differs in the two carriers": (
        lambda c: replaced(c, "docProps/custom.xml", ">11092<", ">11086<"),
        "identity-carriers-differ",
    ),
    "the period differs in the two carriers": (
        lambda c: replaced(c, "docProps/custom.xml", ">2022-6T<", ">2022-Q1<"),
        "identity-carriers-differ",
    ),
}


@pytest.fixture(scope="module")
def original() -> Submission:
    submission = reading(filled())
    assert submission.findings == ()
    assert submission.entries["1/2.1"].value == 127, "the corpus knows this answer"
    return submission


@pytest.mark.parametrize("name", SAME)
def test_damage_that_changes_no_fact(name, original):
    submission = reading(SAME[name](filled()))
    assert not submission.refused, submission.findings
    assert {k: (facts(original)[k], v) for k, v in facts(submission).items() if v != facts(original)[k]} == {}
    assert submission.unit == original.unit and submission.period == original.period
    assert not TAMPERING & ids(submission) or name == TYPED_OVER, "no false alarm"


@pytest.mark.parametrize("name", SAID)
def test_damage_that_is_said(name, original):
    edit, expected = SAID[name]
    submission = reading(edit(filled()))
    assert expected in ids(submission), submission.findings
    assert silent_differences(original, submission) == {}


def test_the_corpus_is_large_enough():
    """At least 60 damaged variants."""
    assert len(SAME) + len(SAID) >= 60


def test_clean_saves_by_other_programs_change_nothing(original, office, tmp_path):
    """LibreOffice as .xlsx, .ods and .xls; openpyxl as .xlsx: the same facts, no false tampering."""
    source = tmp_path / "11092.xlsx"
    source.write_bytes(filled())
    saved = {kind: office.convert(source, tmp_path / kind, kind) for kind in ("xlsx", "ods", "xls")}
    for kind, path in saved.items():
        submission = reading(path.read_bytes(), path.name)
        assert facts(submission) == facts(original), kind
        assert submission.unit == original.unit and submission.period == original.period
        assert ids(submission) == (set() if kind == "xlsx" else {"formula-unknown"})
    again = openpyxl.load_workbook(source)
    again.save(tmp_path / "again.xlsx")
    submission = reading((tmp_path / "again.xlsx").read_bytes())
    assert facts(submission) == facts(original) and ids(submission) == {"formula-not-calculated"}

"""Files made to mislead, hang or stop the program: each is refused or said, in time, never read as something else."""

import os
import re
import time
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

import pytest

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.model import Severity, State, Submission
from cchc_xl.workbook import reader, sources
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.formulas import LONGEST, Verdict, compared, moved, spelled, tokens
from cchc_xl.workbook.incoming.package import MASTER_LIMITS, Limits
from cchc_xl.workbook.incoming.rows_in import Labels, same_head
from cchc_xl.workbook.incoming.sheet_in import CellIn
from cchc_xl.workbook.incoming.side_sheets import shown
from cchc_xl.workbook.incoming.styles_in import DATE
from cchc_xl.workbook.layout import KIND_NAME, MASTER_KIND
from cchc_xl.workbook.reader import read, read_file

from .damage import edited, formula, packed, part_of, parts_of, replaced, with_cell
from .filled import EDITION, answers, facts, filled

WORKBOOK = "xl/workbook.xml"
SECONDS = 5.0  # far below the ten that a file may take


def one(content: bytes) -> Submission:
    started = time.monotonic()
    (submission,) = read(content, file="11092.xlsx")
    assert time.monotonic() - started < SECONDS
    return submission


def refusal(submission: Submission) -> str:
    assert submission.refused
    (finding,) = submission.findings
    text = sentences()[finding.id]["message"].format(**finding.args)
    assert "{" not in text
    return finding.id


# --- what is no file --------------------------------------------------------------------------------------------


def test_a_pipe_a_device_and_a_folder_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "ống.xlsx")
    for path in (tmp_path / "ống.xlsx", Path(os.devnull), tmp_path):
        (submission,) = read_file(path)
        assert refusal(submission) == "file-unreadable"


def test_a_file_too_large_is_not_loaded(tmp_path):
    with (tmp_path / "to.xlsx").open("wb") as stream:
        stream.truncate(8 << 30)
    (submission,) = read_file(tmp_path / "to.xlsx")
    assert refusal(submission) == "file-too-large"
    assert str(MASTER_LIMITS.packed >> 20) in str(submission.findings[0].args["problem"])


def test_a_name_no_file_can_have():
    (submission,) = read_file(Path("a\0b.xlsx"))
    assert refusal(submission) == "file-missing"


@pytest.mark.parametrize("error", [MemoryError, OverflowError, RecursionError, ValueError])
def test_what_no_check_foresaw_refuses_that_file_only(monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(reader, "locate", fails)
    assert refusal(one(filled())) == "file-broken"


def test_a_mistake_of_the_program_is_not_hidden(monkeypatch):
    monkeypatch.setattr(reader, "locate", lambda *_: None)
    with pytest.raises(AttributeError):
        one(filled())


# --- dates ------------------------------------------------------------------------------------------------------


def test_a_date_after_the_last_day_is_a_number():
    content = edited(filled(), WORKBOOK, lambda text: text.replace("<workbookPr ", '<workbookPr date1904="1" ', 1))
    styles = parts_of(content)["xl/styles.xml"].decode()
    style = int(re.search(r'<cellXfs count="(\d+)"', styles)[1])
    content = edited(content, "xl/styles.xml", lambda text: text.replace("</cellXfs>", '<xf numFmtId="14"/></cellXfs>'))

    def dated(text: str) -> str:
        cell = rf'\1 s="{style}"><v>2958000</v></c>'
        return re.sub(r'(<c r="B\d+")[^>]*?(?:/>|>.*?</c>)', cell, text)

    submission = one(edited(content, part_of(content, "Thông tin"), dated))
    assert not {"file-broken"} & {finding.id for finding in submission.findings}


@pytest.mark.parametrize("date1904", [False, True])
@pytest.mark.parametrize("serial", ["2957000", "2957003", "2958000", "2958464", "2958466", "1e14"])
def test_every_serial_is_shown_somehow(monkeypatch, date1904, serial):
    book = Book(filled(), Limits())
    book.date1904 = date1904
    monkeypatch.setattr(book, "format_kind", lambda _: DATE)
    assert shown(CellIn("n", serial, None, 0), book)


# --- names ------------------------------------------------------------------------------------------------------


def moved_name(column: str, value: str) -> bytes:
    """The name of row 2.1 points to another column of its row, where another number stands."""
    content = edited(filled(), WORKBOOK, lambda text: text.replace("'Biểu 1'!$D$9<", f"'Biểu 1'!${column}$9<"))

    def hidden(text: str) -> str:
        row = re.search(r'<row r="9".*?</row>', text)[0]
        kept = re.sub(rf'<c r="{column}9".*?(?:/>|</c>)', "", row)
        return text.replace(row, kept.replace("</row>", f'<c r="{column}9"><v>{value}</v></c></row>'))

    return edited(content, part_of(content, "Biểu 1"), hidden)


@pytest.mark.parametrize("column", ["M", "ZZ"])
def test_a_name_beside_the_column_of_values_is_not_believed(column):
    submission = one(moved_name(column, "3300"))
    entry = submission.entries["1/2.1"]
    assert (entry.value, entry.cell) == (answers()["1/2.1"], "D9")
    (said,) = [finding for finding in submission.findings if finding.id == "layout-name-beside"]
    assert (said.severity, said.key, said.cell) == (Severity.ERROR, "1/2.1", f"{column}9")
    before = facts(one(filled()))
    assert {key: fact for key, fact in facts(submission).items() if fact != before[key]} == {}


def test_names_of_a_whole_form_beside_its_values_are_not_believed():
    def beside(text: str) -> str:
        return re.sub(r"('Biểu 1'!)\$D\$(\d+<)", r"\1$ZZ$\2", text)

    submission = one(edited(filled(), WORKBOOK, beside))
    assert facts(submission) == facts(one(filled()))
    assert "layout-name-beside" in {finding.id for finding in submission.findings}


HEAD = '<c r="{0}6" t="inlineStr"><is><t>Số lượng/ Tỷ lệ</t></is></c>'


def form_names(column: str = "D", by: int = 0):
    """All names of Biểu 1 point to another column, or ``by`` rows down."""

    def edit(text: str) -> str:
        pattern = r"('Biểu 1'!)\$D\$(\d+)<"
        return re.sub(pattern, lambda found: f"{found[1]}${column}${int(found[2]) + by}<", text)

    return edit


def second_column(content: bytes, column: str, value: str, head: str = HEAD) -> bytes:
    """Another column of Biểu 1 with numbers in every row, under a head of its own."""

    def edit(text: str) -> str:
        text = re.sub(r'(<row r="6".*?)</row>', lambda found: found[1] + head.format(column) + "</row>", text)
        for number in range(7, 31):
            text = re.sub(
                rf'(<row r="{number}".*?)</row>',
                lambda found, at=number: f'{found[1]}<c r="{column}{at}"><v>{value}</v></c></row>',
                text,
            )
        return text

    return edited(content, part_of(content, "Biểu 1"), edit)


def silent_differences(submission, before) -> set[str]:
    """Rows with another fact than before and no error that names them, or a part of them."""
    said = {finding.key for finding in submission.findings if finding.severity is Severity.ERROR}
    said |= {one.key for one in EDITION.indicators if {*(one.ratio_of or ()), *one.total_of} & said}
    now = facts(submission)
    return {key for key, fact in facts(before).items() if now[key] != fact and key not in said}


@pytest.mark.parametrize("by", [1, -1, 2, 5])
def test_names_of_a_whole_form_some_rows_away_are_not_believed(by):
    submission = one(edited(filled(), WORKBOOK, form_names(by=by)))
    assert facts(submission) == facts(one(filled()))
    said = [finding for finding in submission.findings if finding.id == "layout-name-disagrees"]
    assert len(said) > 15 and {finding.severity for finding in said} == {Severity.ERROR}


@pytest.mark.parametrize("column", ["L", "N", "ZZ"])
@pytest.mark.parametrize("moved", [True, False], ids=["names moved there", "names left alone"])
def test_a_second_column_under_a_head_of_its_own_is_never_silently_believed(column, moved):
    content = second_column(filled(), column, "77")
    content = edited(content, WORKBOOK, form_names(column)) if moved else content
    submission, before = one(content), one(filled())
    assert not silent_differences(submission, before)
    assert submission.entries["1/1"].state is State.UNREADABLE
    said = {finding.key for finding in submission.findings if finding.id == "layout-row-twice"}
    assert {"1/1", "1/2.1", "1/4.1"} <= said


def test_a_second_column_that_says_the_same_is_no_contradiction():
    value = str(answers()["1/1"])
    submission = one(second_column(filled(), "L", value))
    assert submission.entries["1/1"].value == answers()["1/1"]
    assert "1/1" not in {finding.key for finding in submission.findings}


def test_a_second_column_without_numbers_or_without_the_head_is_nothing():
    for content in (
        second_column(filled(), "L", ""),
        second_column(filled(), "L", "77", HEAD.replace("Số lượng/ Tỷ lệ", "Kỳ trước")),
    ):
        assert facts(one(content)) == facts(one(filled()))
        assert not [finding for finding in one(content).findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("by", [100, 1000])
def test_names_led_to_empty_rows_under_a_faked_head_are_not_believed(by):
    """The head is taken away, so that the rows can't be read by code; numbers stand where the names now point."""
    content = edited(filled(), WORKBOOK, form_names(by=by))
    part = part_of(content, "Biểu 1")
    rows = "".join(f'<row r="{7 + by + at}"><c r="D{7 + by + at}"><v>77</v></c></row>' for at in range(24))
    content = edited(content, part, lambda text: text.replace("</sheetData>", rows + "</sheetData>"))
    content = replaced(content, "xl/sharedStrings.xml", "Số lượng/ Tỷ lệ", "Số")
    submission = one(content)
    assert not any(entry.value == 77 for entry in submission.entries.values())
    assert not silent_differences(submission, one(filled()))
    assert submission.entries["1/1"].value in (None, answers()["1/1"])


def test_codes_faked_to_suit_names_a_row_away():
    """The STT column is shifted with the names, the labels are not: the labels say whose row it is."""
    content = edited(filled(), WORKBOOK, form_names(by=1))
    part = part_of(content, "Biểu 1")

    def shifted(text: str) -> str:
        cells = re.findall(r'<c r="A(\d+)"( s="\d+" t="s"><v>\d+</v></c>)', text)
        bodies = {int(row): body for row, body in cells if int(row) >= 7}
        for row in sorted(bodies)[1:]:
            text = text.replace(f'<c r="A{row}"{bodies[row]}', f'<c r="A{row}"{bodies.get(row - 1, bodies[row])}')
        return text

    submission, before = one(edited(content, part, shifted)), one(filled())
    assert not silent_differences(submission, before)
    values = {key: entry.value for key, entry in submission.entries.items() if entry.value is not None}
    assert all(values[key] == before.entries[key].value for key in values)


# --- formulas ---------------------------------------------------------------------------------------------------

LONG = ["'" * 32_700, "'a" + "'" * 32_699, '"' * 32_701, "a" * 32_700, "a." * 16_000, "$A" * 16_000, "'a!" * 10_000]


@pytest.mark.parametrize("text", LONG, ids=["'", "'a'", '"', "a", "a.", "$A", "'a!"])
def test_a_long_formula_is_read_in_time(text):
    content = formula(filled(), "Biểu 1", "D8", text, 42.4)
    submission = one(content)
    assert "formula-edited" in {finding.id for finding in submission.findings if finding.key == "1/2"}
    started = time.monotonic()
    tokens(text)
    assert time.monotonic() - started < 1


def test_a_formula_no_program_writes_has_no_spelling():
    assert spelled("A1+" * LONGEST, "S") == ("", ())
    assert compared("A1+" * LONGEST, "S", "A1", lambda cell: cell) is Verdict.EDITED
    assert moved("A1+" * LONGEST, 1, 0) == "A1+" * LONGEST


@pytest.mark.parametrize("terms", [900, 8_000])
def test_one_formula_stored_for_twenty_thousand_cells(terms):
    text = "+".join(["A1"] * terms)
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><f t="shared" si="0">{text if row == 1001 else ""}</f><v>1</v></c></row>'
        for row in range(1001, 21_001)
    )
    content = edited(
        filled(), part_of(filled(), "Biểu 1"), lambda sheet: sheet.replace("</sheetData>", rows + "</sheetData>")
    )
    assert refusal(one(content)) == "file-too-large"


# --- cells and texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["<v>1</v><is><t>2</t></is>", "<is><t>2</t></is><v>1</v>"])
@pytest.mark.parametrize("kind", ["", ' t="inlineStr"'])
def test_two_contents_in_one_cell_are_no_number(body, kind):
    submission = one(with_cell(filled(), "Biểu 1", "D9", f'<c r="D9" s="{{s}}"{kind}>{body}</c>'))
    assert submission.entries["1/2.1"].state is State.UNREADABLE
    assert "number-unreadable" in {finding.id for finding in submission.findings if finding.key == "1/2.1"}


def test_long_texts_are_no_labels():
    labels, long = Labels(EDITION), EDITION.by_key["1/2.1"].label + " và" * 400
    assert labels.named_by(long) == ()
    assert not labels.agrees(EDITION.by_key["1/2.1"], long)


def with_sheet(content: bytes, title: str, rows: str) -> bytes:
    parts = parts_of(content)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    parts["xl/worksheets/sheet99.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    sheet = f'<sheet name="{title}" sheetId="99" r:id="rId99"/></sheets>'
    parts[WORKBOOK] = parts[WORKBOOK].decode().replace("</sheets>", sheet).encode()
    rels = "xl/_rels/workbook.xml.rels"
    one_more = f'<Relationship Id="rId99" Type="{kind}" Target="worksheets/sheet99.xml"/></Relationships>'
    parts[rels] = parts[rels].decode().replace("</Relationships>", one_more).encode()
    return packed(parts)


def test_many_long_texts_are_read_in_time():
    head = '<row r="1"><c r="Z1" t="inlineStr"><is><t>Số lượng/ Tỷ lệ</t></is></c></row>'
    long = "Tổng số văn bản " * 2_000
    cells = "".join(
        f'<row r="{row}"><c r="B{row}" t="inlineStr"><is><t>{long}</t></is></c></row>' for row in range(2, 900)
    )
    assert facts(one(with_sheet(filled(), "Thêm", head + cells))) == facts(one(filled()))


def test_one_long_text_in_many_cells_beside_the_forms():
    content = filled()
    part = part_of(content, words("sheets")["sheets"]["documents"])
    strings = parts_of(content)["xl/sharedStrings.xml"].decode()
    number = len(re.findall("<si>", strings))
    long = "<si><t>" + "văn bản " * 4_000 + "</t></si></sst>"
    content = edited(content, "xl/sharedStrings.xml", lambda text: text.replace("</sst>", long))
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{column}{row}" t="s"><v>{number}</v></c>' for column in "ABCDE") + "</row>"
        for row in range(1001, 21_001)
    )
    content = edited(content, part, lambda text: text.replace("</sheetData>", rows + "</sheetData>"))
    assert refusal(one(content)) == "file-too-large"


def test_cells_of_all_sheets_together_are_counted():
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{column}{row}"><v>1</v></c>' for column in "FGHIJKLMN") + "</row>"
        for row in range(1001, 13_001)
    )
    content = filled()
    for form in (1, 2, 3):
        content = edited(
            content,
            part_of(content, f"Biểu {form}"),
            lambda text: text.replace("</sheetData>", rows + "</sheetData>"),
        )
    submission = one(content)
    assert refusal(submission) == "file-too-large"
    assert str(Limits().held_cells) in str(submission.findings[0].args["problem"])


def test_calling_itself_a_master_gives_a_file_no_larger_limits(monkeypatch):
    given: list[Limits] = []

    def opened(content: bytes, limits: Limits, *listing: object) -> Book:
        given.append(limits)
        return Book(content, limits, *listing)

    monkeypatch.setattr(reader, "Book", opened)
    monkeypatch.setattr(Book, "properties", {KIND_NAME: MASTER_KIND})
    assert refusal(one(with_sheet(filled(), sources.sheet_name(1), ""))) in ("file-not-official", "file-broken")
    assert given == [Limits()]


def test_the_answers_of_the_untouched_file():
    assert one(filled()).entries["1/2.1"].value == Decimal(127)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "spelled_as", [str, str.upper, lambda head: head.replace("Số", "Śô"), lambda head: f" {head}:"]
)
def test_a_head_of_values_is_known_in_every_spelling_of_its_letters(form, spelled_as):
    head = str(EDITION.words["head_value"])
    text = normalize(form, spelled_as(head))
    assert same_head(text, head) and Labels(EDITION).is_value_head(text)
    assert not Labels(EDITION).is_value_head("Hai mươi bảy")

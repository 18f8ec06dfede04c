"""Plain tables read in: what staff keep as .xlsx or .csv, and the rows of a master by which it is read again.

Each table is written small and whole, so that a row that is not taken can be seen beside those that are.
"""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import load
from cchc_xl.model import Kind, State, Submission, UnitName
from cchc_xl.number import from_text
from cchc_xl.workbook import said, sources
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.identity import Identity
from cchc_xl.workbook.incoming.package import Limits
from cchc_xl.workbook.incoming.said_in import read_said
from cchc_xl.workbook.incoming.source_rows import has_sources, is_master, numbered_rows, read_sources, sent_in
from cchc_xl.workbook.incoming.table_in import Unreadable, headed_rows, table_of, table_titled

EDITION = load()
STATES = sources.state_words()
FOLLOWS = words("master")["sources"]["follows"]


def book_of(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


# --- tables of staff ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        (b"a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
        (b"a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
        ('\ufeffMã,Tên\n11092,"Bình Lãng, xã"\n'.encode(), [["Mã", "Tên"], ["11092", "Bình Lãng, xã"]]),
        (b'a,b\n"1\n2",3\n', [["a", "b"], ["1\n2", "3"]]),
    ],
)
def test_a_csv_however_it_is_parted(content, rows):
    assert table_of(content, "ds.csv") == rows


def test_a_workbooks_first_sheet_from_its_first_row_on():
    content = book_of({"Một": [["Mã", "Tên"], [], [11092, "Bình Lãng"]], "Hai": [["khác"]]})
    assert table_of(content, "ds.xlsx") == [["Mã", "Tên"], [], ["11092", "Bình Lãng"]]
    assert table_of(book_of({"Một": []}), "ds.xlsx") == []


@pytest.mark.parametrize(
    ("content", "said_in"),
    [
        (b"", "problems.empty"),
        (b" \n\t", "problems.empty"),
        (b"%PDF-1.7 x", "problems.kind"),
        ("Mã,Tên\n".encode("utf-16-le") + b"\xd8\x00", None),
        (b"M\xe3,T\xean\n11092,x\n", "problems.encoding"),
    ],
)
def test_what_is_no_table_is_a_sentence(content, said_in):
    with pytest.raises(Unreadable) as refused:
        table_of(content, "ds.csv")
    problems = words("roster")["problems"]
    assert refused.value.problem in ([problems[said_in.partition(".")[2]]] if said_in else problems.values())


def test_what_stands_in_a_cell_is_never_blank_and_a_number_is_one():
    """A numeric 1.127 is one and a bit in any country; #N/A, TRUE and a formula nobody computed are no empty cells."""
    book = openpyxl.Workbook()
    book.active.append([1.127, 0.5, "#N/A", True, "=1+1", "1.127"])
    book.active["B1"].number_format = "0%"
    out = BytesIO()
    book.save(out)
    (line,) = table_of(out.getvalue(), "a.xlsx")
    assert line == ["1.127", "50%", "#N/A", "TRUE", "=1+1", "1.127"]
    readings = [from_text(cell, Kind.AMOUNT) for cell in (line[0], line[5])]
    assert [one.value for one in readings] == [Decimal("1.127"), Decimal(1127)]
    assert from_text(line[1], Kind.PERCENT).value == 50


def test_a_workbook_that_cannot_be_read_is_said_in_the_readers_words():
    with pytest.raises(Unreadable) as refused:
        table_of(book_of({"Một": [["Mã"]]})[:-200], "ds.xlsx")
    assert refused.value.problem and "{" not in refused.value.problem


def test_a_csv_field_longer_than_any_text_is_refused():
    with pytest.raises(Unreadable):
        table_of(b'a,b\n"' + b"x" * 200_000 + b'",2\n', "ds.csv")


def test_a_table_as_wide_and_high_as_a_sheet_keeps_its_first_columns():
    """A cell at the far end makes no billion of blank ones."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["XFD300"] = "Mã", "Tên", "lạc"
    out = BytesIO()
    book.save(out)
    rows = table_of(out.getvalue(), "ds.xlsx")
    assert (len(rows), len(rows[0]), rows[0][:2]) == (300, 64, ["Mã", "Tên"])


def test_the_sheet_of_a_title_after_the_first():
    content = book_of({"Cột": [["số liệu"]], "Bảng CỘT": [["Tên cột", "Mã chỉ tiêu"]], "khác": [["x"]]})
    assert table_titled(content, "so.xlsx", ["bảng cột"]) == [["Tên cột", "Mã chỉ tiêu"]]
    assert table_titled(content, "so.xlsx", ["cột"]) == [], "the first sheet holds the figures"
    assert table_titled(b"a,b\n", "so.csv", ["a"]) == []


def test_rows_below_their_head():
    assert headed_rows([["", " "], ["Mã ", "", "Giá trị"], ["A.1", "x", "5"], ["A.2"], ["", "", ""]]) == [
        {"Mã": "A.1", "Giá trị": "5"},
        {"Mã": "A.2"},
    ]
    assert headed_rows([["", " "]]) == [] and headed_rows([]) == []


# --- rows of a master -----------------------------------------------------------------------------------------------


def source(key: str, value: object = "", state: str = "number", **more: object) -> list[object]:
    given = {
        "unit_code": "11092",
        "unit_name": "Bình Lãng",
        "level": "xã",
        "key": key,
        "state": STATES.get(state, state),
        "value": value,
        "file": "a.xlsx",
        "sha256": "a" * 64,
    } | more
    return [given.get(column, "") for column in sources.COLUMNS]


def master(rows: dict[int, list[list[object]]], *, but: int = 0, beside: dict[str, list] | None = None) -> Book:
    """A workbook with the sheets of source rows of every form but one."""
    sheets = {
        sources.sheet_name(form.number): [sources.header(), *rows.get(form.number, [])]
        for form in EDITION.forms
        if form.number != but
    }
    return Book(book_of(sheets | (beside or {"khác": []})), Limits())


def read(book: Book) -> tuple[Submission, ...]:
    identity = Identity(unit=None, period="2022-6T", level="huyện", findings=())
    return read_sources(book, EDITION, identity, "tong-hop.xlsx", "m" * 64)


def test_a_workbook_with_source_rows_is_a_master_and_one_without_is_none():
    assert is_master(master({}), EDITION) and has_sources(master({}), EDITION)
    assert is_master(master({}, but=1), EDITION) and not has_sources(master({}, but=1), EDITION)
    plain = Book(book_of({"Biểu 1": [["x"]]}), Limits())
    assert not is_master(plain, EDITION) and not has_sources(plain, EDITION)
    assert read(plain) == ()


@pytest.mark.parametrize(
    ("row", "state", "value"),
    [
        (source("1/1", 21), State.NUMBER, Decimal(21)),
        (source("1/1", "21"), State.NUMBER, Decimal(21)),
        (source("1/1", 0), State.NUMBER, Decimal(0)),
        (source("1/1", "nhiều"), State.UNREADABLE, None),
        (source("1/1", ""), State.UNREADABLE, None),
        (source("1/1", 5, "none_arising"), State.NONE_ARISING, None),
        (source("1/1", "", "blank"), State.BLANK, None),
    ],
)
def test_what_a_source_row_says(row, state, value):
    (submission,) = read(master({1: [row]}))
    entry = submission.entries["1/1"]
    assert (entry.state, entry.value) == (state, value)
    assert submission.unit == UnitName(code="11092", name="Bình Lãng")
    assert len(submission.entries) == len(EDITION.by_key)


@pytest.mark.parametrize(
    "row",
    [source("9/9.9", 21), source("1/1", 21, "lạ"), source("1/1", 21, unit_code=""), source("", 21)],
)
def test_a_row_of_no_unit_no_key_or_no_state_is_none(row):
    assert read(master({1: [row]})) == ()


def test_a_number_keeps_its_own_file_and_the_masters_where_it_names_none():
    rows = [source("1/1", 21), source("1/1", 5, unit_code="11086", file="", sha256="", level="")]
    one, other = read(master({1: rows}))
    assert (one.file, one.sha256) == ("a.xlsx", "a" * 64)
    assert (other.file, other.sha256, other.level) == ("tong-hop.xlsx", "m" * 64, EDITION.level)


def test_a_number_corrected_below_stands_with_what_was_sent_beside_it():
    rows = [
        source("1/1", 210, corrected=21, correction="gõ nhầm"),
        source("1/2.1", 33, corrected="bỏ", correction=FOLLOWS),
    ]
    (submission,) = read(master({1: rows}))
    entry, follows = submission.entries["1/1"], submission.entries["1/2.1"]
    assert (entry.value, entry.sent.amount, entry.corrected) == (21, 210, "gõ nhầm")
    assert (follows.state, follows.value, follows.sent.amount, follows.corrected) == (State.BLANK, None, 33, "")
    (finding,) = submission.findings
    assert (finding.id, finding.key) == ("number-corrected-below", "1/1")
    assert (finding.args["sent"], finding.args["now"]) == (210, 21)


@pytest.mark.parametrize(
    ("typed", "formula", "intact"),
    [("42.4", "x", True), ("42.4", "", False), ("63.6", "x", False), ("42", "x", False)],
)
def test_a_ratio_with_a_formula_that_follows_from_its_parts_is_as_issued(typed, formula, intact):
    rows = [source("1/2.1", 33), source("1/2.2", 14), source("1/2", typed, formula=formula)]
    (submission,) = read(master({1: rows}))
    assert submission.entries["1/2"].value == Decimal(typed)
    assert submission.entries["1/2"].intact == intact


def test_columns_are_known_by_their_titles_in_any_order():
    order = list(reversed(range(len(sources.COLUMNS))))
    head = [sources.header()[n] for n in order] + ["ghi chú của tôi"]
    row = [source("1/1", 21)[n] for n in order] + ["x"]
    book = Book(book_of({sources.sheet_name(1): [head, [], row]}), Limits())
    assert [
        (at, one["key"], one["value"]) for at, one in numbered_rows(book.sheet(book.titled(sources.sheet_name(1))))
    ] == [(2, "1/1", "21")]


def test_what_each_row_had_sent_as_the_sheet_of_corrections_writes_it():
    none_arising = words("master")["detail"]["none_arising"]
    rows = [
        source("1/1", 63.5),
        source("1/2.1", "", "none_arising"),
        source("1/2.2", "", "blank"),
        source("1/3.1", 7, corrected=9),
        source("1/3.2", 7, corrected="bỏ"),
    ]
    book = master({1: rows})
    given = {key: text for (unit, key), text in sent_in(book, 1).items() if unit == "11092"}
    assert given == {"1/1": "63.5", "1/2.1": none_arising, "1/2.2": STATES["blank"], "1/3.1": "9", "1/3.2": "bỏ"}
    assert sent_in(Book(book_of({"Biểu 1": []}), Limits()), 1) == {}


# --- what units wrote beside their numbers --------------------------------------------------------------------------

KINDS = said.kind_words()


def said_rows(*rows: tuple[str, str, str], head: Sequence[str] = said.header()) -> dict[str, list]:
    """(kind, item, text) of Bình Lãng below the two lines of the sheet's title."""
    made = [
        [{"unit_code": "11092", "kind": kind, "item": item, "text": text}.get(name, "") for name in said.COLUMNS]
        for kind, item, text in rows
    ]
    return {said.sheet_name(): [["Tiêu đề"], ["dòng hai"], list(head), *made]}


def beside(*rows: tuple[str, str, str], **more):
    return read_said(master({}, beside=said_rows(*rows, **more)), EDITION)


def test_explanations_words_and_documents_come_back_by_unit():
    heading, title = next(iter(said.titles_of(EDITION).items()))
    found = beside(
        (KINDS["explanations"], "6/1.2<=1.1", "vốn kéo dài"),
        (KINDS["words"], title, "phần một, "),
        (KINDS["words"], title, "phần hai"),
        (KINDS["documents"], "1", "12/KH | 01/02/2022 | KH | Kế hoạch | CCHC"),
        (KINDS["documents"], "2", "13/QĐ"),
        ("loại lạ", "x", "không đọc"),
        (KINDS["words"], title, ""),
    )
    assert found == {
        ("11092", ""): {
            "explanations": {"6/1.2<=1.1": "vốn kéo dài"},
            "words": {heading: "phần một, phần hai"},
            "documents": (("12/KH", "01/02/2022", "KH", "Kế hoạch | CCHC"), ("13/QĐ", "", "", "")),
        }
    }


def test_a_heading_the_edition_does_not_know_keeps_its_title():
    assert beside((KINDS["words"], "Mục cũ", "chữ"))["11092", ""] == {"words": {"Mục cũ": "chữ"}}


def test_a_sheet_without_its_columns_or_none_at_all_says_nothing():
    head = ["lạ" if name == "text" else title for name, title in zip(said.COLUMNS, said.header(), strict=True)]
    assert beside((KINDS["words"], "Mục", "chữ"), head=head) == {}
    assert read_said(master({}), EDITION) == {}


def test_what_was_said_goes_with_the_units_numbers():
    book = master({1: [source("1/1", 21)]}, beside=said_rows((KINDS["explanations"], "1/1", "vì thế")))
    (submission,) = read(book)
    assert dict(submission.explanations) == {"1/1": "vì thế"}

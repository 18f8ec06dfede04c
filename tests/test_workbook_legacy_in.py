"""Workbooks of other formats, .xls read in a process of its own and .xlsb by our own pass: values, errors, formats.

Made by LibreOffice from filled .xlsx workbooks, and record by record (``other_formats``) for what it does not write.
"""

import json
import struct
import time
from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import psutil
import pytest
from openpyxl.packaging.custom import StringProperty

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Severity, State
from cchc_xl.workbook import reader
from cchc_xl.workbook.incoming import isolated
from cchc_xl.workbook.incoming.legacy import ValueBook
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.incoming.sheet_in import Merge
from cchc_xl.workbook.layout import KIND_NAME, UPWARD_KIND, places
from cchc_xl.workbook.template import Fill, build
from tests.damage import packed, parts_of
from tests.filled import ROSTER, answers, facts, filled
from tests.mail_files import Entry
from tests.other_formats import (
    FORMATS,
    Error,
    Formula,
    brt,
    brt_sheet,
    brt_text,
    record,
    summary,
    xls,
    xls_stream,
    xlsb,
    xlsb_parts,
)

pytest.importorskip("xlrd")
PLENTY = replace(Limits(), seconds=60.0)  # a busy machine
EDITION = load()
WHERE = places(EDITION)

CELLS = {
    (0, 0): "Biểu mẫu",
    (0, 1): (0.636, 1),
    (0, 2): (44682, 2),
    (0, 3): 21,
    (1, 0): Error("#REF!"),
    (1, 1): True,
    (2, 0): Formula(21),
    (2, 1): Formula("chữ"),
    (2, 2): Formula(""),
    (2, 3): Formula(Error("#DIV/0!")),
    (3, 0): Formula(False),
    (4, 2): 1e300,
}
STORED = {
    (0, 0): ("str", "Biểu mẫu"),
    (0, 1): ("n", "0.636"),
    (0, 2): ("n", "44682"),
    (0, 3): ("n", "21"),
    (1, 0): ("e", "#REF!"),
    (1, 1): ("b", "1"),
    (2, 0): ("n", "21"),
    (2, 1): ("str", "chữ"),
    (2, 2): ("str", ""),
    (2, 3): ("e", "#DIV/0!"),
    (3, 0): ("b", "0"),
    (4, 2): ("n", "1e+300"),
}
UNIT_IN_XLS = ("CCHC_UNIT", b"\x17\x05\x0011092")  # a name that is a text
CELL_IN_XLS = ("BM1_2", struct.pack("<BHHH", 0x3A, 0, 7, 3))  # 'Biểu 1'!$D$8
UNIT_IN_XLSB = ("CCHC_UNIT", b"\x17" + struct.pack("<H", 5) + "11092".encode("utf-16-le"))
CELL_IN_XLSB = ("BM1_2", struct.pack("<BHIH", 0x5A, 0, 7, 3))


def stored(book: ValueBook, title: str) -> dict[tuple[int, int], tuple[str, str]]:
    return {place: (cell.kind, cell.text) for place, cell in book.sheet(book.titled(title)).cells.items()}


def refusal(content: bytes, limits: Limits = PLENTY) -> Refused:
    with pytest.raises(Refused) as failed:
        ValueBook(content, limits)
    return failed.value


def problem(name: str, **args: object) -> str:
    return words("reader")["problems"][name].format(**args)


# --- the same workbook, saved as .xls ---------------------------------------------------------------------------------


def with_odd_cells() -> bytes:
    """A filled workbook with what a clerk's copy-and-paste leaves behind."""
    book = openpyxl.load_workbook(BytesIO(filled()))

    def cell(key: str):
        return book[WHERE[key].sheet][WHERE[key].cell()]

    cell("1/2.1").value = "=1/0"
    cell("1/2.2").value = "=NA()"
    cell("3/3.3.1").value = "=VLOOKUP(99,A1:B2,2,FALSE)"
    cell("1/1").value = "=10+5"
    cell("1/3.3.1").value, cell("1/3.3.1").number_format = date(2022, 5, 1), "dd/mm/yyyy"
    cell("4/1.1").value, cell("4/1.1").number_format = 0.636, "0.0%"
    cell("4/2.5").value = 0.5
    cell("5/1.1").value = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sent_up() -> bytes:
    """The consolidated figures as the consolidating unit's own workbook: its kind stands in a custom property alone."""
    fill = Fill(answers=answers())
    content = build(EDITION, period=period_of(EDITION, "2022-6T"), unit=ROSTER.consolidating, fill=fill)
    book = openpyxl.load_workbook(BytesIO(content))
    book.custom_doc_props.append(StringProperty(name=KIND_NAME, value=UPWARD_KIND))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def saved(office, tmp_path_factory):
    """What is read of three workbooks, and of the same saved as .xls by LibreOffice."""
    folder = tmp_path_factory.mktemp("saved")
    contents = {"clean": filled(), "odd": with_odd_cells(), "up": sent_up()}
    for name, content in contents.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    paths = office.convert_all([folder / f"{name}.xlsx" for name in contents], folder / "xls", "xls")
    contents = {(name, "xlsx"): content for name, content in contents.items()}
    contents |= {(path.stem, "xls"): path.read_bytes() for path in paths}
    return {one: reader.read(content, file=".".join(one), roster=ROSTER)[0] for one, content in contents.items()}


def test_a_clean_xls_gives_the_same_facts_identity_and_names(saved):
    before, after = saved["clean", "xlsx"], saved["clean", "xls"]
    assert facts(after) == facts(before) and not after.refused
    assert (after.unit, after.period, after.level) == (before.unit, before.period, before.level)
    assert [(one.id, dict(one.args)) for one in after.findings] == [("formula-unknown", {})]
    assert all(after.entries[key].intact for key, entry in before.entries.items() if entry.intact and entry.value)


def test_error_cells_of_xls_are_told_and_never_blank(saved):
    odd = saved["odd", "xls"]
    errors = {"1/2.1": "#DIV/0!", "1/2.2": "#N/A", "3/3.3.1": "#N/A"}
    for key, word in errors.items():
        assert (odd.entries[key].state, odd.entries[key].value) == (State.UNREADABLE, None)
        (finding,) = [one for one in odd.findings if one.key == key]
        assert (finding.id, finding.args["raw"], finding.cell) == ("number-error-cell", word, WHERE[key].cell())
        assert finding.severity is Severity.ERROR


def test_percents_days_and_truths_of_xls_read_as_those_of_xlsx(saved):
    odd, same = saved["odd", "xls"], saved["odd", "xlsx"]
    for key in ("4/1.1", "4/2.5", "1/3.3.1"):
        assert facts(odd)[key] == facts(same)[key], key
    assert [str(odd.entries[key].value) for key in ("4/1.1", "4/2.5")] == ["63.6", "0.5"]
    ids = {key: [one.id for one in odd.findings if one.key == key] for key in ("4/1.1", "4/2.5", "1/3.3.1", "5/1.1")}
    assert ids == {
        "4/1.1": ["number-percent-cell"],
        "4/2.5": [],
        "1/3.3.1": ["number-date"],
        "5/1.1": ["number-unreadable"],
    }


def test_a_formula_the_clerk_typed_is_said_in_xls_too(saved):
    odd = saved["odd", "xls"]
    assert (odd.entries["1/1"].value, odd.entries["1/1"].formula) == (15, "=10+5")
    assert [one.id for one in odd.findings if one.key == "1/1"] == ["number-typed-formula"]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_copy_sent_up_that_comes_back_is_known_in_xls_too(saved, kind):
    """Read as the unit's own part, every number would count twice."""
    assert saved["up", kind].refused and [one.id for one in saved["up", kind].findings] == ["file-own-result"]


# --- both formats, cell by cell ---------------------------------------------------------------------------------------


def made(kind: str, **more: object) -> bytes:
    """The cells above as a file of this kind."""
    sheets = {"Biểu 1": CELLS, "Sheet2": {(0, 0): "x"}}
    if kind == "xls":
        return xls(sheets, formats=FORMATS, names=(UNIT_IN_XLS, CELL_IN_XLS), **more)
    return xlsb(sheets, short=kind == "short", formats=FORMATS, names=(UNIT_IN_XLSB, CELL_IN_XLSB), **more)


KINDS = pytest.mark.parametrize("kind", ["xls", "xlsb", "short"])


@KINDS
def test_every_kind_of_cell_is_kept_as_stored(kind):
    """``short``: cells without a column of their own, which other readers pass over in silence."""
    book = ValueBook(made(kind), PLENTY)
    assert stored(book, "Biểu 1") == STORED
    assert stored(book, "Sheet2") == {(0, 0): ("str", "x")}
    sheet = book.sheet(book.sheets[0])
    assert [book.format_kind(sheet.cells[0, column].style) for column in range(4)] == ["", "percent", "date", ""]
    with_formula = {place for place, cell in sheet.cells.items() if cell.formula is not None}
    assert with_formula == {(2, 0), (2, 1), (2, 2), (2, 3), (3, 0)}
    assert sheet.cells[2, 0].formula == ("14+7" if kind == "xls" else "…")


@KINDS
def test_names_and_days_of_the_book_are_known(kind):
    book = ValueBook(made(kind, date1904=True), PLENTY)
    assert book.constant("cchc_unit") == "11092" and book.constant("CCHC_PERIOD") is None
    name = next(one for one in book.names if one.name == "BM1_2")
    assert book.place(name) == (book.sheets[0], 7, 3) and book.constant("BM1_2") is None
    assert book.date1904 and not ValueBook(made(kind), PLENTY).date1904
    assert not book.formulas_known and book.formats_known
    assert book.active() == () and dict(book.properties) == {}


@KINDS
def test_sheets_are_found_by_title_and_kept_whole(kind):
    book = ValueBook(made(kind), PLENTY)
    first = book.sheets[0]
    assert book.titled("BIỂU 1") == first and book.titled("không có") is None
    book.in_time()
    book.forget(first)
    assert book.sheet(first) is book.typed_texts(first) and book.sheet(first).cells
    assert book.format_kind(99) == ""


def test_merged_ranges_are_known():
    book = ValueBook(xls({"a": CELLS}, merges=[(5, 0, 6, 2)]), PLENTY)
    assert book.sheet(book.sheets[0]).merges == (Merge(5, 0, 6, 2),)


def test_a_book_without_sheets_is_broken(monkeypatch):
    assert refusal(xlsb({})).arguments["problem"] == problem("sheets")
    monkeypatch.setattr(isolated, "_CHILD", saying(sheets=[]))
    assert refusal(b"x").arguments["problem"] == problem("sheets")


# --- .xls: what stands beside the cells -------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "wide"), [(1200, False), (65001, False), (1258, True), (1252, False)])
def test_custom_properties_of_xls_are_read_whatever_their_code_page(page, wide):
    said = {"CCHC_UNIT": "11092", "CCHC_PERIOD": "2022-6T"} | ({"CCHC_LEVEL": "xã"} if page != 1252 else {})
    stream = Entry("\5DocumentSummaryInformation", summary(said, page=page, wide=wide))
    assert ValueBook(xls({"a": CELLS}, stream), PLENTY).properties == said


@pytest.mark.parametrize("stream", [b"", b"\0" * 20, b"\xfe\xff" + b"\xff" * 100, summary({"a": "b"})[:90]])
def test_a_summary_that_cannot_be_read_says_nothing(stream):
    book = ValueBook(xls({"a": CELLS}, Entry("\5DocumentSummaryInformation", stream)), PLENTY)
    assert dict(book.properties) == {} and stored(book, "a") == STORED


def test_macros_objects_and_links_of_xls_are_listed():
    storages = [Entry(name, children=[Entry("x", b"y")]) for name in ("_VBA_PROJECT_CUR", "MBD0001F")]
    other = record(0x1AE, struct.pack("<HH", 1, 3) + b"\0abc") + record(0x1AE, struct.pack("<HH", 0, 3) + b"\0a\3b")
    macro_sheet = record(0x85, struct.pack("<IBBBB", 0, 0, 1, 1, 0) + b"M")
    assert ValueBook(xls({"a": CELLS}, *storages, extra=other), PLENTY).active() == (
        "vba",
        "external",
        "embedding",
        "dde",
    )
    assert ValueBook(xls({"a": CELLS}, extra=macro_sheet), PLENTY).active() == ("macrosheet",)


def test_formulas_of_xls_that_start_programs_are_listed():
    call = b"\x17\x01\x00a\x42\x01\x67\x01"  # HYPERLINK("a")
    assert ValueBook(xls({"a": {(0, 0): Formula("a", call)}}), PLENTY).active() == ("hyperlink",)


def test_shared_and_unknown_formulas_of_xls():
    here = struct.pack("<BHH", 1, 1, 0)  # as the cell A2 has it
    shared = struct.pack("<HHBBBBH", 1, 2, 0, 0, 0, 2, 5) + struct.pack("<BHH", 0x4C, 0, 0xC001)  # one to the right
    cells = {
        (1, 0): Formula(1, here, shared),
        (2, 0): Formula(2, here),
        (3, 0): Formula(3, b"\x77\x77"),
        (4, 0): Formula(4, b""),
        (5, 0): Formula(5, struct.pack("<BHH", 1, 9, 9)),
    }
    book = ValueBook(xls({"a": cells}), PLENTY)
    sheet = book.sheet(book.sheets[0]).cells
    assert [sheet[row, 0].formula for row in range(1, 6)] == ["B2", "B3", "…", "…", "…"]
    assert [sheet[row, 0].text for row in range(1, 6)] == ["1", "2", "3", "4", "5"]


def test_a_truth_typed_in_libreoffice_is_no_number():
    """It writes the formula TRUE with the number 1."""
    book = ValueBook(xls({"a": {(0, 0): Formula(1, b"\x1d\x01"), (0, 1): Formula(0, b"\x1d\x00")}}), PLENTY)
    assert stored(book, "a") == {(0, 0): ("b", "1"), (0, 1): ("b", "0")}


def test_an_old_stream_without_a_container_is_read_and_a_locked_one_has_its_sentence():
    stream = xls_stream({"Biểu 1": CELLS}, formats=FORMATS)
    assert stored(ValueBook(stream, PLENTY), "Biểu 1") == STORED
    assert refusal(xls_stream({"a": CELLS}, extra=record(0x2F, bytes(54)))).finding == "file-encrypted"
    (submission,) = reader.read(xls({"a": CELLS}, extra=record(0x2F, bytes(54))), file="a.xls")
    assert [one.id for one in submission.findings] == ["file-encrypted"]


@pytest.mark.parametrize(
    "content", [b"\x09\x08\x10\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), b"", b"abc"]
)
def test_what_is_no_xls_is_broken(content):
    assert refusal(content).arguments["problem"] == problem("other_program")


def test_a_truncated_xls_is_broken_and_not_half_read():
    whole = xls({"a": {(row, 0): row for row in range(900)}})
    assert refusal(whole[:9000]).finding == "file-broken"


# --- .xls: limits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"held_cells": 3}, "cells_held"),
        ({"sheets": 1}, "sheet_count"),
        ({"names": 1}, "names"),
        ({"merges": 0}, "merges"),
    ],
)
def test_more_than_a_form_can_hold_is_refused(limits, word):
    content = xls(
        {"a": CELLS, "b": CELLS}, formats=FORMATS, names=(UNIT_IN_XLS, CELL_IN_XLS), merges=[(5, 0, 6, 2), (7, 0, 8, 2)]
    )
    assert stored(ValueBook(content, PLENTY), "a")
    refused = refusal(content, replace(PLENTY, **limits))
    assert refused.finding == "file-too-large"
    assert refused.arguments["problem"] == problem(word, limit=next(iter(limits.values())))


def test_long_texts_are_cut_and_too_many_characters_refused(monkeypatch):
    content = xls({"a": {(0, 0): "dài" * 9}})
    assert stored(ValueBook(content, replace(PLENTY, text=5)), "a") == {(0, 0): ("str", "dàidà")}
    monkeypatch.setattr(isolated, "_CHARACTERS", 20)
    assert refusal(content).finding == "file-too-large"


def test_a_file_larger_than_any_form_is_not_opened():
    for content in (xls({"a": CELLS}), xlsb({"a": CELLS})):
        assert refusal(content, replace(PLENTY, packed=100)).finding == "file-too-large"


# --- .xls: the process of its own -------------------------------------------------------------------------------------


def running(code: str) -> tuple[str, ...]:
    """A child that runs this instead of reading."""
    return ("-c", code)


def saying(**said: object) -> tuple[str, ...]:
    """A child that says this and nothing else."""
    whole = {"formats": [], "names": [], "properties": {}, "active": [], "date1904": False} | said
    return running(f"import sys; sys.stdin.buffer.read(); print({json.dumps(json.dumps(whole))})")


def heard(monkeypatch, **said: object):
    monkeypatch.setattr(isolated, "_CHILD", saying(**said))
    return isolated.xls_values(b"x", PLENTY)


def sheet(*cells: list, name: object = "Biểu 1", merges: object = ()) -> dict:
    return {"name": name, "cells": list(cells), "merges": merges}


GOOD = [0, 1, "n", "21", None, 0]


def test_what_the_child_says_is_kept_cell_by_cell(monkeypatch):
    said = heard(
        monkeypatch, sheets=[sheet(GOOD, [8, 3, "str", "KPS", "A1", 4])], formats=["0%"], names=[["BM1", 0, "x"]]
    )
    assert {place: cell[:] for place, cell in said.sheets[0].cells.items()} == {
        (0, 1): ("n", "21", None, 0),
        (8, 3): ("str", "KPS", "A1", 4),
    }
    assert said.formats == ("percent",) and said.names == (("BM1", 0, "x"),)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"sheets": 5},
        {"sheets": [{"name": "x", "merges": []}]},
        {"sheets": [sheet(GOOD, name=5)]},
        {"sheets": [sheet([1])]},
        {"sheets": [sheet([-1, *GOOD[1:]])]},
        {"sheets": [sheet([0, 16384, *GOOD[2:]])]},
        {"sheets": [sheet([0, 1, "?", *GOOD[3:]])]},
        {"sheets": [sheet([0, 1, "n", 21, None, 0])]},
        {"sheets": [sheet([*GOOD[:5], -1])]},
        {"sheets": [sheet(GOOD, merges=[[1, 2]])]},
        {"sheets": [sheet(GOOD)], "formats": [5]},
        {"sheets": [sheet(GOOD)], "properties": {"a": 5}},
        {"sheets": [sheet(GOOD)], "properties": []},
        {"refused": "?"},
    ],
)
def test_what_is_not_said_as_agreed_is_a_broken_file(monkeypatch, wrong):
    with pytest.raises(Refused) as failed:
        heard(monkeypatch, **wrong)
    assert failed.value.finding == "file-broken"


@pytest.mark.parametrize("code", ["import sys; sys.exit(1)", "print('no json')", "import os; os.abort()", "print('5')"])
def test_a_child_that_dies_or_talks_nonsense_is_a_broken_file(monkeypatch, code):
    monkeypatch.setattr(isolated, "_CHILD", running(code))
    assert refusal(b"x").finding == "file-broken"


def children():
    """What runs below this process: servers of other tests may be among it."""
    return set(psutil.Process().children(recursive=True))


GROWS = "import time\nheld = []\nwhile True:\n    held.append(bytearray(4 << 20)); time.sleep(0.002)\n"


@pytest.mark.parametrize("code", [GROWS, f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {GROWS!r}])"])
def test_a_child_that_really_grows_is_ended_where_the_system_sets_no_limit(monkeypatch, code):
    """The ceiling every system has, Windows too: looked at from here, of the child and of what it started."""
    others = children()
    monkeypatch.setattr(isolated, "_CHILD", running(code))
    monkeypatch.setattr(isolated, "MEMORY", 120 << 20)
    started = time.monotonic()
    refused = refusal(b"x", replace(Limits(), seconds=50.0))
    assert refused.finding == "file-too-large" and time.monotonic() - started < 30
    assert refused.arguments["problem"] == problem("memory", limit=120)
    assert children() <= others, "nothing is left running"


def test_what_a_child_started_ends_with_it(monkeypatch):
    code = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    others = children()
    monkeypatch.setattr(isolated, "_CHILD", running(code))
    refused = refusal(b"x", replace(Limits(), seconds=1.0))
    assert (refused.finding, refused.arguments) == ("file-slow", {"seconds": 1})
    assert children() <= others


def test_a_child_that_is_gone_before_the_first_look_is_no_mistake():
    """As on Windows, where the number of a process that ended is free at once."""
    with isolated._ended(2**22 + 1) as nobody:
        assert nobody is None and isolated._memory_of(nobody) == 0


def test_a_child_that_the_system_holds_says_so_itself(monkeypatch):
    """Fewer addresses than even a small file needs (not on Windows, nor on macOS)."""
    pytest.importorskip("resource")
    monkeypatch.setattr(isolated, "_ADDRESSES", 24 << 20)
    refused = refusal(xls({"a": {(row, column): "x" * 40 for row in range(200) for column in range(100)}}))
    assert refused.finding in ("file-too-large", "file-broken")  # broken where not even that can be said


def test_an_honest_file_stays_far_below_both_ceilings(monkeypatch):
    monkeypatch.setattr(isolated, "MEMORY", 100 << 20)
    monkeypatch.setattr(isolated, "_ADDRESSES", 256 << 20)
    assert stored(ValueBook(xls({"Biểu 1": CELLS}, formats=FORMATS), PLENTY), "Biểu 1") == STORED


def test_without_the_libraries_or_without_a_python_such_files_are_refused_with_the_remedy(monkeypatch):
    assert isolated.is_possible()
    monkeypatch.setattr(isolated.sys, "frozen", True, raising=False)
    assert not isolated.is_possible()
    monkeypatch.setattr(isolated.sys, "frozen", False, raising=False)
    monkeypatch.setattr(isolated, "_NEEDED", ("xlrd", "khong_co_thu_vien_nay"))
    (submission,) = reader.read(xls({"a": CELLS}), file="a.xls")
    assert [one.id for one in submission.findings] == ["file-legacy"]


# --- .xlsb ------------------------------------------------------------------------------------------------------------


def all_sheets(content: bytes) -> dict[str, dict[tuple[int, int], object]]:
    """Every stored value of an .xlsx workbook of ours, formulas told apart."""
    values = openpyxl.load_workbook(BytesIO(content), data_only=True)
    book = openpyxl.load_workbook(BytesIO(content))
    found: dict[str, dict[tuple[int, int], object]] = {}
    for sheet in book:
        cells = found[sheet.title] = {}
        for row in sheet:
            for cell in row:
                value = values[sheet.title][cell.coordinate].value
                if value is not None or cell.data_type == "f":
                    computed = cell.data_type == "f"
                    cells[cell.row - 1, cell.column - 1] = (
                        Formula("" if value is None else value) if computed else value
                    )
    return found


@pytest.mark.parametrize("short", [False, True])
def test_the_same_workbook_as_xlsb_gives_the_same_facts(saved, short):
    (whole,) = reader.read(filled(), file="11092.xlsx")
    (values,) = reader.read(xlsb(all_sheets(filled()), short=short), file="11092.xlsb")
    assert facts(values) == facts(whole)
    assert {one.id for one in values.findings} == {"formula-unknown", "identity-edition-missing", "layout-by-code"}
    assert values.unit == whole.unit and values.period == whole.period, "as the sheet Thông tin says"


def test_properties_of_xlsb_are_those_of_xlsx():
    custom = {name: body for name, body in parts_of(filled()).items() if name.startswith("docProps/custom")}
    book = ValueBook(packed(xlsb_parts({"a": brt_sheet(CELLS)}) | custom), PLENTY)
    assert book.properties["CCHC_UNIT"] == "11092" and book.properties["CCHC_PERIOD"] == "2022-6T"


def test_packed_numbers_shared_and_rich_texts_and_merged_ranges_of_xlsb():
    def number(whole: int, hundredth: int = 0) -> bytes:
        return struct.pack("<i", whole << 2 | 2 | hundredth) if whole < 1 << 29 else b""

    head = struct.pack("<HBB", 0, 0, 0)
    half = struct.unpack("<Q", struct.pack("<d", 63.5))[0] >> 32
    bodies = [
        (2, number(21)),
        (2, number(-5)),
        (2, number(6360, 1)),
        (2, struct.pack("<I", half & ~3)),
        (2, struct.pack("<I", half & ~3 | 1)),
        (7, struct.pack("<I", 1)),
        (62, b"\0" + brt_text("nhiều màu")),
        (3, b"\x63"),
    ]
    row = brt(145) + brt(0, bytes(25))
    row += b"".join(brt(kind, struct.pack("<I", at) + head + body) for at, (kind, body) in enumerate(bodies))
    row += brt(146) + brt(176, struct.pack("<IIII", 3, 4, 0, 1))
    book = ValueBook(packed(xlsb_parts({"a": row}, strings=("một", "hai"))), PLENTY)
    texts = [cell.text for cell in book.sheet(book.sheets[0]).cells.values()]
    assert texts == ["21", "-5", "63.6", "63.5", "0.635", "hai", "nhiều màu", "#?"]
    assert book.sheet(book.sheets[0]).merges == (Merge(3, 0, 4, 1),)


def test_names_of_xlsb_that_are_no_cell_or_point_nowhere():
    names = (
        ("BM1_1", b""),
        ("BM1_2", b"\x1e\x05\x00"),  # a number
        ("BM1_3", struct.pack("<BHIH", 0x3A, 7, 0, 0)),  # of a sheet that is not there
        ("BM1_4", struct.pack("<BHIIHH", 0x3B, 0, 7, 9, 3, 4)),  # a range: its first cell
        ("khac", struct.pack("<BHIH", 0x3A, 0, 0, 0)),
    )
    book = ValueBook(xlsb({"a'b": CELLS}, names=names), PLENTY)
    assert [(one.name, one.refers_to) for one in book.names] == [
        ("BM1_1", ""),
        ("BM1_2", ""),
        ("BM1_3", ""),
        ("BM1_4", "'a''b'!D8"),
    ]
    assert book.place(book.names[3]) == (book.sheets[0], 7, 3) and book.place(book.names[0]) is None


def changed(part: str, body: bytes) -> bytes:
    """A sound .xlsb with one part put in."""
    return packed(xlsb_parts({"a": brt_sheet(CELLS)}, strings=("x",)) | {part: body})


SHEET = "xl/worksheets/sheet1.bin"
ROW = brt(145) + brt(0, bytes(25))
HEAD = struct.pack("<IHBB", 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("part", "body", "word"),
    [
        (SHEET, b"\x81", "truncated"),
        (SHEET, b"\x05\xff\xff\xff\xff\xff", "truncated"),
        (SHEET, b"\x05\x10abc", "truncated"),
        (SHEET, ROW + brt(5, HEAD + b"abc"), "truncated"),
        (SHEET, ROW + brt(6, HEAD + struct.pack("<I", 9) + b"ab"), "truncated"),
        (SHEET, ROW + brt(6, HEAD + struct.pack("<I", 40_000)), "text"),
        (SHEET, ROW + brt(7, HEAD + struct.pack("<I", 5)), "string"),
        (SHEET, brt(145) + brt(5, HEAD + bytes(8)), "reference"),
        (SHEET, ROW + brt(5, struct.pack("<IHBB", 16_384, 0, 0, 0) + bytes(8)), "reference"),
        (SHEET, brt(145) + brt(0, struct.pack("<I", 1 << 20)), "reference"),
        ("xl/workbook.bin", brt(156, b"abc"), "truncated"),
    ],
)
def test_a_damaged_xlsb_is_broken_and_never_half_read(part, body, word):
    refused = refusal(changed(part, body))
    assert refused.finding in ("file-broken", "file-too-large")
    known = {"part": part, "limit": 32_767, "cell": refused.arguments["problem"].rpartition("(")[2].rstrip(")")}
    assert refused.arguments["problem"] == problem(word, **known)


def test_what_stands_outside_the_cells_is_none():
    """Excel for Mac writes such records behind the cells, for older programs."""
    body = (
        brt(2, HEAD + bytes(4))
        + ROW
        + brt(5, HEAD + struct.pack("<d", 5))
        + brt(146)
        + brt(35)
        + brt(1, HEAD)
        + brt(36)
    )
    assert stored(ValueBook(changed(SHEET, body), PLENTY), "a") == {(0, 0): ("n", "5")}


def test_a_cell_stored_twice_in_xlsb_is_refused():
    twice = ROW + brt(5, HEAD + struct.pack("<d", 1)) + brt(5, HEAD + struct.pack("<d", 2))
    assert refusal(changed(SHEET, twice)).finding == "file-ambiguous"


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"cells": 3}, "cells"),
        ({"held_cells": 15}, "cells_held"),
        ({"sheets": 1}, "sheet_count"),
        ({"names": 1}, "names"),
        ({"strings": 1}, "strings"),
        ({"merges": 1}, "merges"),
    ],
)
def test_more_than_a_form_can_hold_is_refused_in_xlsb_too(limits, word):
    merges = ((5, 0, 6, 2), (7, 0, 8, 2))
    shared = ROW + brt(7, HEAD + struct.pack("<I", 0)) + brt(146)
    sheets = {"a": brt_sheet(CELLS, merges=merges), "b": brt_sheet(CELLS), "c": shared}
    content = packed(xlsb_parts(sheets, strings=("x", "y"), names=(UNIT_IN_XLSB, CELL_IN_XLSB)))
    assert len(ValueBook(content, PLENTY).sheets) == 3
    refused = refusal(content, replace(PLENTY, **limits))
    assert refused.arguments["problem"] == problem(word, limit=next(iter(limits.values())))


def test_an_xlsb_is_held_to_its_time():
    refused = refusal(xlsb({"a": {(row, 0): row for row in range(3000)}}), replace(Limits(), seconds=0.0))
    assert refused.finding == "file-slow"


def test_macros_of_xlsb_are_listed_and_a_chart_is_no_sheet():
    parts = xlsb_parts({"a": brt_sheet(CELLS), "Chart1": b""}) | {"xl/vbaProject.bin": b"x"}
    relations = parts["xl/_rels/workbook.bin.rels"].replace(
        b'worksheet" Target="worksheets/sheet2', b'chartsheet" Target="x'
    )
    book = ValueBook(packed(parts | {"xl/_rels/workbook.bin.rels": relations}), PLENTY)
    assert [entry.title for entry in book.sheets] == ["a"] and book.active() == ("vba",)

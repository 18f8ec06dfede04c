"""Whatever a workbook holds, the checks say it in whole sentences: no exception, no number no clerk would write."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest

from cchc_xl.checking.checks import check
from cchc_xl.checking.history import check_history, entries_before
from cchc_xl.checking.outside import columns_of, compare_outside, figures_of, missing_columns
from cchc_xl.checking.peers import check_peers
from cchc_xl.editions.catalogue import advice, cause_sentence, error_sentence, message
from cchc_xl.editions.load import load
from cchc_xl.errors import UsageError
from cchc_xl.model import Finding, ReportingUnit, State, Submission
from cchc_xl.rounds.reading.judging import outside_figures
from tests.conftest import seeded_share
from tests.rounds import random_submission
from tests.seeded_errors import submission, world

ROUNDS, SIZE = 40, 12
ODD = ("-5", "1E+15", "0.000001", "999999999999999", "1.5", "1E+3", "-0.1", "0")
WORDS = (
    "tổng số 12 hồ sơ tiếp nhận 3 " * 700,
    "Tổng số hồ sơ tiếp nhận là: 999999999 hồ sơ 1/2/3 %%%",
    "\x00{found}\u202e 5 hồ sơ",
)


def wild(edition, one: Submission, chance: random.Random) -> Submission:
    entries = dict(one.entries)
    for key in chance.sample([key for key, row in edition.by_key.items() if row.has_cell], 8):
        value = Decimal(chance.choice(ODD))
        entries[key] = replace(entries[key], state=State.NUMBER, value=value, intact=False)
    text = {"procedures": chance.choice(WORDS), "digital": chance.choice(WORDS), "unknown": "5 hồ sơ"}
    return replace(one, entries=entries, words=text)


def wild_round(edition, seed: int) -> Iterator[Finding]:
    chance = random.Random(seed)
    units = [ReportingUnit(code=f"{11000 + n}", name=f"Đơn vị {n}", type="xã", level="xã") for n in range(SIZE)]
    now = [wild(edition, random_submission(edition, unit, chance), chance) for unit in units]
    periods = ["2022-Q1", "2021-6T", "2021-N", "2022-XX", None]
    before = [
        replace(wild(edition, random_submission(edition, unit, chance), chance), period=chance.choice(periods))
        for unit in units
    ]
    beside = check_peers(now, edition)
    keys = ("3/3.3.1", "7/6.7", "1/5.2")
    shown = ("-5", "0.000001", "1.5", "0", "x", "nhiều")
    table = [["Mã", *keys], *([unit.code, *chance.choices(shown, k=len(keys))] for unit in units)]
    outside = figures_of(table, edition)
    for one, old in zip(now, before, strict=True):
        yield from check(one, edition, entries_before(one, [old], edition))
        yield from check_history(one, [old], edition, peers=tuple(zip(now, before, strict=True)))
        yield from beside.get(one.unit.code, ())
        yield from compare_outside(one, outside, edition)


def test_wild_workbooks_are_said_in_whole_sentences(edition, share):
    for seed in seeded_share(range(ROUNDS), share):
        for finding in wild_round(edition, seed):
            said = [message(finding, edition), advice(finding, edition), *map(cause_sentence, finding.causes)]
            assert len(finding.causes) <= 3
            assert not [text for text in said if "{" in text or "E+" in text or "None" in text], said


def test_checking_a_workbook_costs_about_a_millisecond(edition):
    """About 1 ms of CPU is wanted; five are allowed here, for slow machines."""
    workbooks = [submission(edition, world(edition, seed).cells) for seed in range(20)]
    start = time.process_time()
    for one in workbooks:
        check(one, edition)
    assert time.process_time() - start < 0.005 * len(workbooks)


def test_a_refused_file_gets_no_further_findings(edition):
    refused = Submission(file="x.xlsx", sha256="x", refused=True)
    assert check(refused, edition) == check_history(refused, [refused], edition) == ()
    assert compare_outside(refused, figures_of([["Mã", "1/1"], ["11092", "1"]], edition), edition) == ()
    assert check_peers([refused], edition) == {}


def test_an_outside_table_becomes_figures_by_its_headers(edition):
    """Headers the staff mapped, headers that are keys, and those nobody knows; a title may stand above them."""
    table = [
        ["KẾT QUẢ MỘT CỬA", ""],
        ["TT", "Mã đơn vị", "Đã giải quyết", "7/6.7", "Ghi chú", "Đã tiếp nhận", "Nộp qua mạng"],
        ["1", "11092", "1.024", "23,04%", "x", "nhiều"],
        ["", "", "5"],
        ["2", "00070", "", "", "", "", "12"],
    ]
    read = figures_of(table, edition, {"nộp  qua mạng": "7/6.7.2"})
    assert read.figures == {
        ("11092", "3/3.3.1"): 1024,
        ("11092", "7/6.7"): Decimal("23.04"),
        ("00070", "7/6.7.2"): 12,
    }
    assert read.units == {"11092", "00070"}
    assert read.ignored == ("TT", "Ghi chú")
    assert read.unclear == {("11092", "7/6.7.1"): "nhiều"}


def test_an_outside_table_may_have_one_row_a_number(edition):
    table = [
        ["unit_code", "key", "value"],
        ["70", "Nộp qua mạng", "12"],
        ["11092.0", "3/3.3.1.", "5"],
        ["1", "3/9", "1"],
    ]
    read = figures_of(table, edition, {"Nộp qua mạng": "7/6.7.2"})
    assert read.figures == {("70", "7/6.7.2"): 12, ("11092", "3/3.3.1"): 5}
    assert read.ignored == ("3/9",)


def test_two_codes_alike_but_for_leading_zeros_are_told_apart(edition):
    both = figures_of([["Mã", "3/3.3.1"], ["01", "5"], ["001", "6"]], edition)
    one = submission(edition, {"3/3.3.1": 5}, code="1")
    assert [finding.id for finding in compare_outside(one, both, edition)] == ["peer-outside-absent"]
    exact = submission(edition, {"3/3.3.1": 6}, code="001")
    assert compare_outside(exact, both, edition) == ()


def test_what_nobody_knows_in_the_map_of_the_staff_is_named(edition):
    columns, unknown = columns_of(
        [["Tên cột", "Chỉ tiêu"], ["HS xong", "3/3.3.1."], ["HS", "3/99"], ["", "3/3"]], edition
    )
    assert (columns, unknown) == ({"HS xong": "3/3.3.1"}, ("3/99",))
    assert missing_columns([["Mã", "hs  Xong"]], columns) == ()
    assert missing_columns([["Mã", "HS"]], columns) == ("HS xong",)


def test_columns_mean_what_they_mean_in_the_edition():
    """The map for everyone is by the keys of the first edition; a later one has them under its own codes."""
    khung = load("xa-2025-khung")
    read = figures_of([["Mã", "Đã giải quyết"], ["11092", "5"]], khung)
    assert {key for _, key in read.figures} == {khung.code_map[key] for key in ["3/3.3.1"] if key in khung.code_map}


def map_file(path, table, columns):
    book = openpyxl.Workbook()
    for line in table:
        book.active.append(line)
    sheet = book.create_sheet("Cột")
    for line in columns:
        sheet.append(line)
    book.save(path)
    return path


def test_staff_keep_their_map_beside_the_export(edition, tmp_path):
    """The first sheet takes each period's export as it comes, the sheet Cột says what its columns are."""
    table = [["BÁO CÁO MỘT CỬA"], ["Mã đơn vị", "HS xong", "Mã nội bộ"], [11092, 1024, "x"], ["00070", "12", None]]
    read = outside_figures(
        map_file(tmp_path / "a.xlsx", table, [["Tên cột", "Chỉ tiêu"], ["HS xong", "3/3.3.1"]]), edition
    )
    assert read.figures == {("11092", "3/3.3.1"): 1024, ("00070", "3/3.3.1"): 12}
    for columns, name in ([["HS xong", "3/99"]], "table-map-key"), ([["HS cũ", "3/3.3.1"]], "table-map-column"):
        with pytest.raises(UsageError) as error:
            outside_figures(map_file(tmp_path / "b.xlsx", table, columns), edition)
        assert error.value.name == name and error_sentence(error.value).endswith(".")

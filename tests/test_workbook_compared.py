"""The master beside earlier periods, targets and a ranking; everything that was sent as one table."""

import shutil
import statistics
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

import cchc_xl
from cchc_xl.checking.checks import check
from cchc_xl.consolidation.compare import rankings
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import load, period_of
from cchc_xl.errors import UsageError
from cchc_xl.model import Consolidation, Method, ReportingUnit, Roster, Target
from cchc_xl.number import round_half_up
from cchc_xl.rounds.adding.comparing import earlier_rounds
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.keeping import settings
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.workbook.consolidated.plan import detail_sheet, plan_of
from cchc_xl.workbook.consolidated.styles import change_decimals
from cchc_xl.workbook.layout import address
from cchc_xl.workbook.master import build
from tests.round_files import WHO, a_round, later, take, workbook
from tests.rounds import PERIOD, random_round, submission_of
from tests.test_workbook_master import formulas, same, stored_in

EDITION = load()


def with_earlier(seed: int, size: int, **more) -> Consolidation:
    """A random round with two earlier ones of other numbers."""
    now, before, year = random_round(seed, size), random_round(seed + 100, size), random_round(seed + 200, size)
    before = replace(before, period=period_of(EDITION, "2022-Q1"))
    return replace(now, previous=before, last_year=replace(year, period=period_of(EDITION, "2021-6T")), **more)


TARGETS = (
    Target(key="7/6.7", value=Decimal(50)),
    Target(key="3/3.3", value=Decimal("98.5")),
    Target(key="1/3.3.1", value=Decimal(2), at_least=False),
)


def test_detail_says_the_period_before_the_change_and_a_year_ago():
    made = with_earlier(3, 7)
    content, plan = build(made), plan_of(made)
    stored, live = stored_in(content), formulas(content)
    assert str(stored["Chi tiết 1"][address(4, plan.previous)]).startswith("Kỳ trước: quý I năm 2022 (")
    for key, figure in made.figures.items():
        sheet, row = detail_sheet(int(key[0])), plan.detail_row[key]
        block = "communes" if key.startswith("1/4.") else "whole"
        if figure.method is Method.DISTRIBUTION:
            continue
        now = getattr(figure, block)
        for earlier, column in ((made.previous, plan.previous), (made.last_year, plan.last_year)):
            was = getattr(earlier.figures[key], block)
            assert same(stored[sheet].get(address(row, column)), None if was is None else float(was)), key
            decimals = change_decimals(EDITION.by_key[key], figure, earlier.figures[key])
            change = None if now is None or was is None else float(round_half_up(now - was, decimals))
            assert same(stored[sheet].get(address(row, column + 1)), change), key
            assert (sheet, address(row, column + 1)) in live


@pytest.mark.parametrize(
    ("part", "before", "shown"), [(4997, 5000, 0), (5003, 5000, 0), (4995, 5000, -0.1), (5000, 4990, 0.1)]
)
def test_a_change_that_shows_as_nothing_has_no_sign(part, before, shown):
    """49,97 after 50 % is −0,03 points: Excel would print it as -0.0."""
    unit = ReportingUnit(code="1", name="Xã", level="xã")
    roster, made = Roster(file="a.csv", units=(unit,)), []
    for value, period in ((part, PERIOD), (before, "2022-Q1")):
        answers = {"1/2.1": Decimal(10000), "1/2.2": Decimal(value)}
        file = replace(submission_of(EDITION, unit, answers), period=period)
        made.append(consolidate(EDITION, period_of(EDITION, period), roster, [file], check))
    now = replace(made[0], previous=made[1], targets=(Target(key="1/2", value=Decimal(before) / 100),))
    cells, plan = stored_in(build(now)), plan_of(now)
    assert cells["Chi tiết 1"][address(plan.detail_row["1/2"], plan.previous + 1)] == shown
    assert shown in [value for at, value in cells["Tổng quan"].items() if at.startswith("F") and value in (0, shown)]


def test_without_an_earlier_period_the_columns_say_so():
    made = random_round(3, 4)
    stored, plan = stored_in(build(made)), plan_of(made)
    assert stored["Chi tiết 1"][address(4, plan.previous)] == "Kỳ trước (chưa có số kỳ trước)"
    assert address(6, plan.previous) not in stored["Chi tiết 1"]
    assert any("Chưa có số kỳ trước" in str(text) for text in stored["Tổng quan"].values())


@pytest.mark.parametrize("size", [0, 1, 3, 12])
def test_everything_compared_and_ranked_is_live_and_right(office, tmp_path, size):
    made = with_earlier(size + 1, size, targets=TARGETS)
    made = replace(made, rankings=rankings(made, ["3/3.3", "7/6.7", "1/1", "1/3.3.1"]))
    path = tmp_path / "master.xlsx"
    path.write_bytes(build(made))
    stored, computed = stored_in(path), stored_in(office.recalculate(path, tmp_path / "out"))
    live = formulas(path.read_bytes())
    wrong = [
        (*at, live[at], stored[at[0]].get(at[1]), computed[at[0]].get(at[1]))
        for at in live
        if not same(stored[at[0]].get(at[1]), computed[at[0]].get(at[1]))
    ]
    assert not wrong
    assert not [v for cells in computed.values() for v in cells.values() if isinstance(v, str) and v.startswith("#")]


def test_progress_towards_targets():
    made = replace(random_round(3, 7), targets=TARGETS)
    cells = stored_in(build(made))["Tổng quan"]
    results = [text for text in cells.values() if text in ("Đạt", "Chưa đạt")]
    figures = [(made.figures[one.key].whole, one) for one in TARGETS]
    reached = [(now >= one.value) if one.at_least else (now <= one.value) for now, one in figures if now is not None]
    assert results == ["Đạt" if one else "Chưa đạt" for one in reached]


def test_there_is_no_ranking_unless_asked_for():
    assert "Xếp hạng" not in stored_in(build(random_round(3, 7)))


def test_places_quartiles_and_what_is_far_against_the_standard_library():
    made = random_round(5, 23)
    (ranking,) = rankings(made, ["1/2.1"])
    values = {part.unit: float(part.value) for part in made.figures["1/2.1"].parts}
    for one in ranking.units:
        assert one.rank == 1 + sum(other > values[one.unit] for other in values.values())
    low, middle, high = statistics.quantiles(values.values(), n=4, method="inclusive")
    assert [float(ranking.low), float(ranking.median), float(ranking.high)] == pytest.approx([low, middle, high])
    assert set(ranking.silent) == {unit.unit.code for unit in made.units} - set(values)
    usual = statistics.median(abs(value - middle) for value in values.values())
    far = {unit for unit, value in values.items() if usual and 0.6745 * abs(value - middle) / usual > 3.5}
    assert {one.unit for one in ranking.units if one.outlier} == far


def test_ties_share_the_better_place_and_one_number_far_off_is_named():
    units = tuple(ReportingUnit(code=str(n), name=f"Xã {n}", level="xã") for n in range(7))
    answers = dict(zip(range(6), (5, 5, 4, 4, 6, 400), strict=True))
    files = [submission_of(EDITION, units[n], {"1/1": Decimal(value)}) for n, value in answers.items()]
    made = consolidate(EDITION, period_of(EDITION, PERIOD), Roster(file="a.csv", units=units), files, check)
    (ranking,) = rankings(made, ["1/1"])
    assert [(one.unit, one.rank, one.outlier) for one in ranking.units] == [
        ("5", 1, True),
        ("4", 2, False),
        ("0", 3, False),
        ("1", 3, False),
        ("2", 5, False),
        ("3", 5, False),
    ]
    assert ranking.silent == ("6",)
    least = replace(made, targets=(Target(key="1/1", value=Decimal(5), at_least=False),))
    assert rankings(least, ["1/1"])[0].units[0].rank == 1 and rankings(least, ["1/1"])[0].units[-1].unit == "5"


# --- earlier periods from what was handed in --------------------------------------------------------------------


def sent(code, answers, period=PERIOD, edition=EDITION):
    unit = ReportingUnit(code=code, name=f"Xã {code}", level="xã")
    made = submission_of(
        edition, unit, {key: Decimal(value) for key, value in answers.items()}, f"{code}-{period}.xlsx"
    )
    return replace(made, period=period)


def units_of(*units) -> Roster:
    return Roster(file="a.csv", units=units, consolidating=None)


def plain(code, **more) -> ReportingUnit:
    return ReportingUnit(code=code, name=f"Xã {code}", level="xã", **more)


def test_the_latest_earlier_period_of_the_year_and_the_same_one_a_year_ago():
    roster = units_of(plain("1"), plain("2"))
    earlier = [
        sent("1", {"1/1": 2}, "2022-Q1"),
        sent("1", {"1/1": 4}, "2021-6T"),
        sent("1", {"1/1": 9}, "2021-N"),
        sent("1", {"1/1": 9}, "2022-9T"),
    ]
    previous, last_year = earlier_rounds(EDITION, period_of(EDITION, PERIOD), roster, earlier)
    assert (previous.period.code, previous.figures["1/1"].whole, previous.sent, previous.N) == ("2022-Q1", 2, 1, 2)
    assert (last_year.period.code, last_year.figures["1/1"].whole) == ("2021-6T", 4)
    assert earlier_rounds(EDITION, period_of(EDITION, PERIOD), roster, []) == (None, None)


def test_units_made_since_stand_as_those_they_were_made_of():
    made = plain("9", predecessors=("1", "2"), valid_from=date(2022, 4, 1))
    roster = units_of(
        plain("1", valid_until=date(2022, 3, 31)), made, plain("3"), plain("4", valid_from=date(2022, 5, 1))
    )
    earlier = [sent(code, {"1/1": 2}, "2022-Q1") for code in "123"]
    previous, _ = earlier_rounds(EDITION, period_of(EDITION, PERIOD), roster, earlier)
    assert (previous.figures["1/1"].whole, previous.sent, previous.N) == (6, 3, 3)
    assert [file.reason for file in previous.files] == ["counted"] * 3


def test_a_unit_divided_among_several_counts_once():
    roster = units_of(
        plain("8", predecessors=("1", "2"), valid_from=date(2022, 4, 1)),
        plain("9", predecessors=("2",), valid_from=date(2022, 4, 1)),
    )
    previous, _ = earlier_rounds(
        EDITION, period_of(EDITION, PERIOD), roster, [sent(code, {"1/1": 2}, "2022-Q1") for code in "12"]
    )
    assert (previous.figures["1/1"].whole, previous.N) == (4, 2)


def test_another_editions_rows_are_compared_where_the_code_map_leads():
    other = replace(EDITION, code_map={"1/1": "1/1", "1/2.1": "1/2.2"})
    older = replace(sent("1", {"1/1": 2, "1/2.1": 7, "1/2.2": 5}, "2022-Q1"), edition="xa-2020")
    previous, _ = earlier_rounds(other, period_of(other, PERIOD), units_of(plain("1")), [older])
    assert [previous.figures[key].whole for key in ("1/1", "1/2.2", "1/2.1")] == [2, 7, None]
    assert earlier_rounds(EDITION, period_of(EDITION, PERIOD), units_of(plain("1")), [older]) == (None, None)


@pytest.fixture
def received(tmp_path):
    home = tmp_path / "nhan"
    home.mkdir()
    (tmp_path / "ds.csv").write_text("Mã đơn vị,Tên đơn vị,Loại\n11083,Đại Sơn,xã\n11086,Hưng Đạo,xã\n", "utf-8")
    for code, value in (("11083", 5), ("11086", 7)):
        (home / f"{code}.xlsx").write_bytes(workbook({"1/1": value, "1/2.1": 10, "1/2.2": value}, code))
    return tmp_path


def run(home, **more):
    return consolidate_paths([home / "nhan"], roster=home / "ds.csv", out=home / "ra", period=PERIOD, **more)


def test_an_earlier_master_gives_the_period_before_with_its_corrections(received):
    earlier = received / "truoc"
    earlier.mkdir()
    (earlier / "a.xlsx").write_bytes(workbook({"1/1": 2}, "11083", period="2022-Q1"))
    first = consolidate_paths([earlier], roster=received / "ds.csv", out=received / "q1")
    book = openpyxl.load_workbook(first.written["tong-hop.xlsx"])
    for column, value in zip("ABDEF", ("11083", "1/1", 3, "nhầm", "điện thoại"), strict=True):
        book["Điều chỉnh"][f"{column}7"] = value
    book.save(first.written["tong-hop.xlsx"])
    second = consolidate_paths([earlier], roster=received / "ds.csv", out=received / "q1")
    result = run(received, previous=second.written["tong-hop.xlsx"])
    assert result.consolidation.previous.figures["1/1"].whole == 3
    stored = stored_in(result.written["tong-hop.xlsx"])
    plan = plan_of(result.consolidation)
    assert stored["Chi tiết 1"][address(6, plan.previous)] == 3
    assert stored["Chi tiết 1"][address(6, plan.previous + 1)] == 9


def test_one_late_commune_changes_what_depends_on_it_and_the_run_says_what(received):
    late = received / "nhan" / "11086.xlsx"
    shutil.move(late, received)
    before = run(received)
    assert before.changed == ()
    shutil.move(received / "11086.xlsx", late)
    after = run(received)
    said = {(one.key, one.block): (one.old, one.new) for one in after.changed}
    assert said["1/1", "communes"] == (5.0, 12) and said["1/2", "whole"][0] == 50.0
    moved = {
        (key, block)
        for key, figure in after.consolidation.figures.items()
        for block in ("communes", "own", "whole")
        if getattr(figure, block) != getattr(before.consolidation.figures[key], block)
    }
    assert set(said) == moved
    assert run(received).changed == ()


def test_a_ranking_by_a_row_that_cannot_rank_is_a_sentence(received):
    with pytest.raises(UsageError) as wrong:
        run(received, ranking=["3/1.4.3"])
    assert wrong.value.name == "ranking-key"
    assert "Xếp hạng" in stored_in(run(received, ranking=["1/1"]).written["tong-hop.xlsx"])


# --- everything that was sent, as a table -----------------------------------------------------------------------


def test_facts_are_long_typed_and_keep_states(received):
    (received / "nhan" / "hong.xlsx").write_bytes(b"PK damaged")
    frame = cchc_xl.facts(received / "nhan", roster=received / "ds.csv")
    assert list(frame.columns[:16]) == [
        *("unit_code", "unit_name", "level", "period", "edition", "key", "form", "code", "label", "state", "value"),
        *("raw", "file", "sha256", "sheet", "cell"),
    ]
    assert frame["value"].dtype == pd.Float64Dtype() and frame["form"].dtype == pd.Int64Dtype()
    rows = frame.set_index(["unit_code", "key"])
    assert rows.loc[("11083", "1/1"), "value"] == 5 and rows.loc[("11083", "1/1"), "cell"] == "D7"
    assert rows.loc[("11083", "1/5"), "state"] == "blank" and rows.loc[("11083", "1/5"), "value"] is pd.NA
    assert len(frame) == 2 * sum(row.has_cell for row in EDITION.indicators)
    ((file, sentence),) = frame.attrs["refused"]
    assert file.endswith("hong.xlsx") and "hỏng" in sentence


def test_facts_of_a_master_are_those_of_its_units(received):
    units = cchc_xl.facts([received / "nhan"], roster=received / "ds.csv")
    master = cchc_xl.facts(run(received).written["tong-hop.xlsx"])
    columns = ["unit_code", "key", "state", "value", "sha256", "cell"]
    pd.testing.assert_frame_equal(units[columns], master[columns])


def test_the_package_loads_no_pandas_until_it_is_asked():
    code = "import cchc_xl, sys; assert 'pandas' not in sys.modules; print(cchc_xl.facts.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "facts"
    with pytest.raises(AttributeError):
        _ = cchc_xl.nothing


def test_a_round_compares_ranks_and_aims_as_its_settings_say(tmp_path):
    home = a_round(tmp_path)
    earlier = tmp_path / "truoc"
    earlier.mkdir()
    (earlier / "a.xlsx").write_bytes(workbook({"1/1": 2}, "11083", period="2022-Q1"))
    path, said = settings.path_of(home), words("round")["settings"]
    book = openpyxl.load_workbook(path)
    wanted = {said["fields"]["ranking"]: "1/1", said["fields"]["previous"]: "../truoc"}
    for row in book[said["sheet"]].iter_rows():
        if row[0].value in wanted:
            row[1].value = wanted[row[0].value]
    book[said["targets"]].append(["1/1", "10", "", ""])
    book.save(path)
    take(home, {"a.xlsx": workbook({"1/1": 5}), "b.xlsx": workbook({"1/1": 7}, "11086")})
    made = consolidate_round(home, later(hours=1), WHO)
    cells = stored_in(made.written["tong-hop.xlsx"])
    assert "Xếp hạng" in cells and "Đạt" in cells["Tổng quan"].values()
    assert made.consolidation.previous.figures["1/1"].whole == 2
    assert audit(home) == ()

"""Every way of consolidating against numbers a clerk could add up, and against an independent computation."""

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.consolidation.corrections import with_corrections
from cchc_xl.consolidation.exports import figures_json
from cchc_xl.editions.load import period_of
from cchc_xl.model import (
    CorrectionLine,
    FileFate,
    Kind,
    LineState,
    Method,
    ReportingUnit,
    Roster,
    State,
    Submission,
    UnitName,
    UnitState,
    Whole,
)

from .conftest import entries_of, seeded_share

HUYEN = ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)


def roster_of(*codes, owner=HUYEN) -> Roster:
    units = tuple(ReportingUnit(code=code, name=f"Xã {code}", type="xã", level="xã") for code in codes)
    return Roster(file="roster.csv", units=units, consolidating=owner)


def workbook(edition, code, typed, *, file=None, sha=None, **more) -> Submission:
    """One unit's workbook with only these cells filled."""
    return Submission(
        file=file or f"{code}.xlsx",
        sha256=sha or f"sha-{file or code}",
        edition=edition.id,
        period="2022-6T",
        unit=UnitName(code=code, name=code),
        level="huyện" if code == "298" else "xã",
        entries=entries_of(edition, typed),
        **more,
    )


def added_up(edition, typed_by_unit, *, own=None, roster=None):
    """The consolidation of these workbooks: code -> typed cells."""
    submissions = [workbook(edition, code, typed) for code, typed in typed_by_unit.items()]
    if own is not None:
        submissions.append(workbook(edition, "298", own))
    roster = roster or roster_of(*typed_by_unit)
    return consolidate(edition, period_of(edition, "2022-6T"), roster, submissions, check)


def names(figure) -> list[str]:
    return [remark.name for remark in figure.remarks]


def test_a_sum_adds_answers_counts_kps_as_zero_and_never_counts_a_blank(edition):
    figures = added_up(edition, {"1": {"1/1": 5}, "2": {"1/1": "KPS"}, "3": {}}, own={"1/1": 7}).figures
    figure = figures["1/1"]
    assert (figure.communes, figure.own, figure.whole, figure.n, figure.N) == (5, 7, 12, 2, 3)
    assert [(part.unit, part.value, part.file) for part in figure.parts] == [("1", 5, "1.xlsx"), ("2", 0, "2.xlsx")]


def test_no_answer_at_all_is_no_figure_rather_than_zero(edition):
    figure = added_up(edition, {"1": {}, "2": {}}).figures["1/1"]
    assert (figure.communes, figure.own, figure.whole, figure.n) == (None, None, None, 0)


def test_a_consolidating_unit_that_has_not_sent_is_said_beside_the_figure(edition):
    figures = added_up(edition, {"1": {"1/1": 5}}).figures
    assert figures["1/1"].whole == 5 and names(figures["1/1"]) == ["own-missing"]
    assert figures["2/1.1"].whole is None and names(figures["2/1.1"]) == ["own-missing"]


def test_without_a_consolidating_unit_nobody_owes_anything(edition):
    figures = added_up(edition, {"1": {"1/1": 5}}, roster=roster_of("1", owner=None)).figures
    assert figures["1/1"].whole == 5 and figures["1/1"].remarks == ()


def test_tasks_given_from_above_have_no_figure_for_the_whole(edition):
    figure = added_up(edition, {"1": {"1/4.1": 20}}, own={"1/4.1": 60}).figures["1/4.1"]
    assert (figure.communes, figure.own, figure.whole) == (20, 60, None)


@pytest.mark.parametrize("key", ["5/2.1", "6/1.1"])
def test_events_that_the_district_counts_too_are_not_added_twice(edition, key):
    given = added_up(edition, {"1": {key: 2}, "2": {key: 1}}, own={key: 3}).figures[key]
    assert (given.communes, given.whole) == (3, 3)
    absent = added_up(edition, {"1": {key: 2}, "2": {key: 1}}, own={}).figures[key]
    assert (absent.communes, absent.whole) == (3, 3)


def test_a_ratio_is_the_ratio_of_sums_over_units_with_both_parts(edition):
    typed = {
        "1": {"1/2.1": 1, "1/2.2": 1},  # 100 %
        "2": {"1/2.1": 99, "1/2.2": 0},  # 0 %
        "3": {"1/2.1": 50},  # part missing: stays out
    }
    figure = added_up(edition, typed).figures["1/2"]
    assert (figure.communes, figure.n, figure.N) == (1, 2, 3)


def test_a_typed_over_ratio_changes_no_figure(edition):
    figure = added_up(edition, {"1": {"1/2.1": 33, "1/2.2": 14, "1/2": 63.6}}).figures["1/2"]
    assert round(figure.communes, 3) == Decimal("42.424")


def test_a_ratio_over_zero_is_no_figure(edition):
    figure = added_up(edition, {"1": {"1/3.3.1": 0, "1/3.3.2": 0}}).figures["1/3.3"]
    assert (figure.communes, figure.whole, figure.n) == (None, None, 1)


def test_the_whole_ratio_adds_the_districts_own_parts(edition):
    own = {"1/2.1": 10, "1/2.2": 9}
    figure = added_up(edition, {"1": {"1/2.1": 30, "1/2.2": 11}}, own=own).figures["1/2"]
    assert (round(figure.communes, 2), figure.own, figure.whole) == (Decimal("36.67"), 90, 50)


def test_a_ratio_of_shared_values_is_the_ratio_of_their_figures(edition):
    typed = {code: {"7/6.4.1": 62, "7/6.4.2": 31} for code in "123"} | {"4": {"7/6.4.1": 60, "7/6.4.2": 60}}
    assert added_up(edition, typed).figures["7/6.4"].whole == 50


def test_a_total_comes_from_the_consolidated_children(edition):
    typed = {code: {"3/1.4.3": 172, "3/1.4.1": 0, "3/1.4.2": 0} for code in "123"}
    figure = added_up(edition, typed, own={"3/1.4.2": 291, "3/1.4.3": 172}).figures["3/1.4"]
    assert (figure.communes, figure.whole) == (172, 463)
    assert names(figure) == ["partial"]  # the province's own row is nobody's yet


def test_the_catalogue_of_procedures_is_never_multiplied_by_the_number_of_units(edition):
    figure = added_up(edition, {str(n): {"3/1.4.3": 172} for n in range(23)}).figures["3/1.4.3"]
    assert (figure.whole, figure.n, figure.N, figure.deviators) == (172, 23, 23, ())


def test_a_deviating_unit_is_named_and_not_added(edition):
    typed = {"1": {"3/1.4.3": 172}, "2": {"3/1.4.3": 172}, "3": {"3/1.4.3": 171}}
    figure = added_up(edition, typed).figures["3/1.4.3"]
    assert figure.whole == 172 and [(one.unit, one.value) for one in figure.deviators] == [("3", 171)]


def test_the_consolidating_units_own_shared_value_stands(edition):
    typed = {"1": {"3/1.4.3": 171}, "2": {"3/1.4.3": 171}, "3": {"3/1.4.3": 172}}
    figure = added_up(edition, typed, own={"3/1.4.3": 172}).figures["3/1.4.3"]
    assert figure.whole == 172 and [one.unit for one in figure.deviators] == ["1", "2"]


def test_a_tie_is_for_a_person(edition):
    figure = added_up(edition, {"1": {"3/1.4.3": 171}, "2": {"3/1.4.3": 172}}, own={}).figures["3/1.4.3"]
    assert figure.whole is None and names(figure) == ["tie"] and figure.deviators == ()


def test_flags_are_counted_and_the_districts_own_flag_stays_apart(edition):
    typed = {"1": {"1/5": "1 – Có"}, "2": {"1/5": 0}, "3": {"1/5": 1}, "4": {}}
    figure = added_up(edition, typed, own={"1/5": 1}).figures["1/5"]
    assert (figure.communes, figure.whole, figure.own, figure.n) == (2, 2, 1, 3)


def test_choices_are_distributed_and_never_added(edition):
    typed = {"1": {"1/5.2": 1}, "2": {"1/5.2": 1}, "3": {"1/5.2": "2 – Kết hợp"}, "4": {}}
    figure = added_up(edition, typed).figures["1/5.2"]
    assert figure.distribution == {0: 0, 1: 2, 2: 1}
    assert (figure.communes, figure.whole, figure.n) == (None, None, 3)


def test_a_share_is_over_the_roster_not_over_the_answers(edition):
    figure = added_up(edition, {"1": {"7/5.1.1": 100}, "2": {"7/5.1.1": 0}, "3": {}, "4": {}}).figures["7/5.1.1"]
    assert (figure.whole, figure.n, figure.N) == (25, 2, 4)


def test_a_mean_says_that_it_is_one_and_gives_way_to_the_districts_own_number(edition):
    typed = {"1": {"7/5.2.1": 80}, "2": {"7/5.2.1": 90}}
    figure = added_up(edition, typed).figures["7/5.2.1"]
    assert figure.whole == 85 and names(figure) == ["mean"]
    assert added_up(edition, typed, own={"7/5.2.1": 88}).figures["7/5.2.1"].whole == 88


def test_a_reduction_is_estimated_from_implied_bases(edition):
    typed = {"1": {"4/2.1": 20, "4/2.5": 20}, "2": {"4/2.1": 18, "4/2.5": 10}}  # bases 25 and 20
    figure = added_up(edition, typed).figures["4/2.5"]
    assert round(figure.whole, 6) == round(Decimal(100) * (1 - Decimal(38) / 45), 6)
    assert names(figure) == ["estimate"]


def test_distinct_procedures_are_only_bounded(edition):
    typed = {"1": {"7/6.4.3": 5, "7/6.4.2": 60}, "2": {"7/6.4.3": 9, "7/6.4.2": 60}}
    figure = added_up(edition, typed).figures["7/6.4.3"]
    assert (figure.whole, figure.bounds) == (9, (9, 14))
    many = {str(n): {"7/6.4.3": 9, "7/6.4.2": 60} for n in range(10)}
    assert added_up(edition, many).figures["7/6.4.3"].bounds == (9, 60)


def test_a_row_of_the_district_is_never_added_from_communes(edition):
    figure = added_up(edition, {"1": {"2/1.1": 5}, "2": {"2/1.1": 5}}, own={"2/1.1": 3}).figures["2/1.1"]
    assert (figure.communes, figure.own, figure.whole, figure.parts) == (None, 3, 3, ())


def test_an_unreadable_cell_is_named_beside_the_figure_it_is_missing_from(edition):
    figure = added_up(edition, {"1": {"1/1": "mười"}, "2": {"1/1": 4}}, own={}).figures["1/1"]
    assert (figure.whole, figure.n) == (4, 1) and names(figure) == ["unreadable"]


def test_a_number_that_is_flagged_and_not_explained_is_counted_and_named_beside_the_figure(edition):
    typed = {"1": {"6/1.1": 3_500_000_000}, "2": {"6/1.1": 4200}}
    figure = added_up(edition, typed, own={}).figures["6/1.1"]
    assert figure.communes == 3_500_004_200 and names(figure) == ["flagged"]
    assert figure.remarks[0].args["units"] == ("Xã 1",)


def test_both_sides_of_a_broken_relation_are_in_doubt(edition):
    figures = added_up(edition, {"1": {"1/2.1": 20, "1/2.2": 32}}, own={}).figures
    assert all("flagged" in names(figures[key]) for key in ("1/2.1", "1/2.2", "1/2"))


def test_a_row_of_the_district_is_not_doubted_because_of_what_communes_typed(edition):
    typed = {"1": {"7/5.2": 70, "7/5.2.1": 85}}
    assert names(added_up(edition, typed, own={"7/5.2": 96}).figures["7/5.2"]) == []


def test_a_code_used_again_means_the_unit_of_that_day(edition):
    old = ReportingUnit(code="1", name="Cũ", level="xã", valid_until=date(2022, 6, 1))
    new = ReportingUnit(code="1", name="Mới", level="xã", valid_from=date(2022, 6, 2))
    for units in ((old, new), (new, old)):
        roster = Roster(file="r.csv", units=units, consolidating=None)
        sent = [workbook(edition, "1", {"1/1": 5})]
        made = consolidate(edition, period_of(edition, "2022-6T"), roster, sent, check)
        assert [unit.unit.name for unit in made.units] == ["Mới"] and made.figures["1/1"].n == 1


def test_an_own_number_smaller_than_what_it_should_hold_is_said(edition):
    figure = added_up(edition, {"1": {"5/2.1": 4}}, own={"5/2.1": 3}).figures["5/2.1"]
    assert figure.whole == 3 and "own-less" in names(figure)


def test_a_total_without_the_rows_below_it_is_named_as_not_counted(edition):
    figure = added_up(edition, {"1": {"3/3": 738}, "2": {"3/3.3.1": 800}}, own={}).figures["3/3"]
    assert figure.whole == 800 and "only-total" in names(figure)


def test_an_own_ratio_on_a_base_of_zero_is_no_number_whatever_was_typed(edition):
    own = {"2/3.2.1": 0, "2/3.2.2": 0, "2/3.2": "KPS"}
    assert added_up(edition, {"1": {}}, own=own).figures["2/3.2"].own is None


def test_two_files_of_one_unit_are_merged_row_by_row(edition):
    roster = roster_of("1")
    halves = [
        workbook(edition, "1", {"1/2.1": 33, "1/1": 5}, file="a.xlsx"),
        workbook(edition, "1", {"1/2.2": 14, "1/1": 5}, file="b.xlsx"),
    ]
    made = consolidate(edition, period_of(edition, "2022-6T"), roster, halves, check)
    assert made.figures["1/1"].communes == 5  # equal answers count once
    assert round(made.figures["1/2"].communes, 1) == Decimal("42.4")  # parts from two files
    merged = made.units[0]
    assert merged.submission.entries["1/2"].value == Decimal("42.4")
    assert merged.sources["1/2.1"].file == "a.xlsx" and merged.sources["1/2.2"].file == "b.xlsx"
    assert [file.fate for file in made.files] == [FileFate.COUNTED] * 2


def test_rules_across_forms_see_forms_that_came_in_two_files(edition):
    halves = [
        workbook(edition, "1", {"3/3.3.1": 100}, file="a.xlsx"),
        workbook(edition, "1", {"7/6.7.1": 300}, file="b.xlsx"),
    ]
    made = consolidate(edition, period_of(edition, "2022-6T"), roster_of("1"), halves, check)
    assert "3/3.3.1-vs-7/6.7.1" in [finding.rule for finding in made.units[0].findings]


def test_different_answers_to_one_row_wait_for_a_person_and_count_nowhere(edition):
    rivals = [workbook(edition, "1", {"1/1": 5}, file="a.xlsx"), workbook(edition, "1", {"1/1": 6}, file="b.xlsx")]
    made = consolidate(edition, period_of(edition, "2022-6T"), roster_of("1"), rivals, check)
    assert made.units[0].state is UnitState.WAITING
    assert [file.fate for file in made.files] == [FileFate.WAITING] * 2
    assert made.figures["1/1"].n == 0
    assert [(finding.id, finding.key) for finding in made.units[0].findings] == [("identity-two-answers", "1/1")]


def test_the_same_file_twice_counts_once(edition):
    twice = [workbook(edition, "1", {"1/1": 5}, file=name, sha="same") for name in ("a.xlsx", "b.xlsx")]
    made = consolidate(edition, period_of(edition, "2022-6T"), roster_of("1"), twice, check)
    assert [file.fate for file in made.files] == [FileFate.COUNTED, FileFate.DUPLICATE]
    assert made.figures["1/1"].communes == 5


@pytest.mark.parametrize(
    ("change", "reason", "finding"),
    [
        ({"period": "2022-Q1"}, "other_period", "identity-period-other"),
        ({"period": None}, "no_period", "identity-period-missing"),
        ({"edition": "xa-2099"}, "other_edition", "identity-edition-other"),
        ({"unit": UnitName(code="999", name="Lạ")}, "not_in_roster", "identity-unit-unknown"),
        ({"unit": None}, "no_unit", "identity-unit-missing"),
    ],
)
def test_what_does_not_belong_is_an_error_finding_listed_and_not_counted(edition, change, reason, finding):
    stranger = replace(workbook(edition, "1", {"1/1": 5}), **change)
    made = consolidate(edition, period_of(edition, "2022-6T"), roster_of("1"), [stranger], check)
    (file,) = made.files
    assert (file.fate, file.reason) == (FileFate.NOT_COUNTED, reason)
    assert finding in [one.id for one in file.findings]
    assert made.units[0].state is UnitState.NOT_SENT and made.figures["1/1"].n == 0


def test_a_unit_that_has_ceased_is_not_due_and_not_counted(edition):
    gone = ReportingUnit(code="1", name="Cũ", level="xã", valid_until=date(2022, 6, 13))
    roster = Roster(file="r.csv", units=(gone,), consolidating=None)
    made = consolidate(edition, period_of(edition, "2022-6T"), roster, [workbook(edition, "1", {"1/1": 5})], check)
    assert made.N == 0 and made.files[0].reason == "not_due"
    assert "identity-unit-not-due" in [finding.id for finding in made.files[0].findings]


# ---------------------------------------------------------------------------------------------------------------
# Against an independent computation.


def random_fill(edition, chance) -> dict[str, object]:
    """Any mix of blanks, zeros, KPS and numbers; consistency is not needed for adding up."""
    typed: dict[str, object] = {}
    for key, row in edition.by_key.items():
        if row.kind in (Kind.HEADING, Kind.RATIO) or row.cell == "formula" or chance.random() < 0.25:
            continue
        if row.choices:
            typed[key] = chance.choice(row.choices).value
        elif chance.random() < 0.1:
            typed[key] = "KPS"
        elif row.kind is Kind.PERCENT:
            typed[key] = chance.choice([0, 100, 100, round(chance.uniform(0, 99), 1)])
        elif row.method is Method.SAME:
            typed[key] = chance.choice([172, 172, 172, 17])
        else:
            typed[key] = chance.choice([0, chance.randint(0, 900)])
    return typed


def number(typed, key):
    value = typed.get(key)
    return None if value is None else 0 if value == "KPS" else value


def straightforward(edition, row, fills, own, made, due):
    """(communes, whole) of one row from what was typed, written without looking at the product's code."""
    given = [v for fill in fills if (v := number(fill, row.key)) is not None]
    mine = number(own, row.key)
    match row.method:
        case Method.SUM:
            communes = sum(given) if given else None
            if row.whole is Whole.NONE:
                return communes, None
            if row.whole is Whole.OWN and mine is not None:
                return communes, mine
            known = [v for v in (communes, mine) if v is not None]
            return communes, sum(known) if known else None
        case Method.COUNT_YES:
            count = sum(v == 1 for v in given) if given else None
            return count, count
        case Method.SHARE:
            share = 100 * sum(v == 100 for v in given) / due if given else None
            return share, share
        case Method.MEAN:
            mean = sum(map(float, given)) / len(given) if given else None
            return mean, mean if mine is None else mine
        case Method.SAME:
            ranked = Counter(given).most_common()
            tie = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
            value = mine if mine is not None else None if tie or not ranked else ranked[0][0]
            return value, value
        case Method.BOUNDS:
            low = max(given) if given else None
            return low, low if mine is None else mine
        case Method.OWN if row.kind is not Kind.RATIO:
            return None, mine
        case Method.TOTAL:
            pair = []
            for block in (0, 1):
                known = [v for key in row.total_of if (v := made[key][block]) is not None]
                pair.append(sum(known) if known else None)
            return tuple(pair)
        case Method.RATIO if edition.by_key[row.ratio_of[0]].method is Method.SAME:
            a, b = (made[key][1] for key in row.ratio_of)
            value = None if a is None or not b else 100 * a / b
            return value, value
        case Method.RATIO:
            both = [[number(fill, key) for key in row.ratio_of] for fill in fills]
            both = [pair for pair in both if None not in pair]
            mine_pair = [number(own, key) for key in row.ratio_of]
            communes = quotient(both)
            if None in mine_pair:
                return communes, communes
            return communes, quotient([mine_pair] if row.whole is Whole.OWN else [*both, mine_pair])
    return None


def quotient(pairs):
    base = sum(float(b) for _, b in pairs)
    return 100 * sum(float(a) for a, _ in pairs) / base if base else None


def close(one, other) -> bool:
    if one is None or other is None:
        return one is None and other is None
    return abs(float(one) - float(other)) < 1e-9 * max(1, abs(float(other)))


def corrections_of(edition, fills, own, chance):
    """Lines on rows that are typed, and the fills as they should then count. Their numbers fit any row but a choice."""
    lines, now, mine = [], [dict(fill) for fill in fills], dict(own)
    rows = [row for row in edition.indicators if row.cell == "answer" and row.kind not in (Kind.HEADING, Kind.RATIO)]
    for _ in range(chance.randint(0, 2 + len(fills) // 3)):
        number, row = chance.randrange(-1, len(fills)), chance.choice(rows)
        fill, code = (mine, "298") if number < 0 else (now[number], str(number))
        if any((line.unit, line.key) == (code, row.key) for line in lines) or (number < 0 and not own):
            continue
        value = (
            chance.choice(row.choices).value if row.choices else chance.choice([0, 100, chance.randint(0, 900), None])
        )
        text = "Chưa có số liệu" if value is None else str(value)
        lines.append(
            CorrectionLine(unit=code, key=row.key, value=text, reason="nhầm", source="điện thoại", file="x", row=7)
        )
        fill.pop(row.key, None)
        if value is not None:
            fill[row.key] = value
    return lines, now, mine


def test_random_rounds_equal_an_independent_computation(edition, share):
    """Units that have not sent, an own part or none, blanks, KPS, zero bases, deviators, corrections."""
    for seed in seeded_share(range(60), share):
        chance = random.Random(seed)
        size = chance.choice([1, 2, 3, chance.randint(4, 25), chance.randint(4, 25), chance.randint(50, 300)])
        fills = [random_fill(edition, chance) for _ in range(size)]
        own = random_fill(edition, chance) if chance.random() < 0.8 else {}
        silent = [f"m{number}" for number in range(chance.choice([0, 0, 1, 3]))]
        roster = roster_of(*map(str, range(size)), *silent)
        made = added_up(edition, {str(i): fill for i, fill in enumerate(fills)}, own=own, roster=roster)
        lines, fills, own = corrections_of(edition, fills, own, chance)
        corrected = with_corrections(made, lines, lambda submission, forms: ())
        assert [line.state for line in corrected.lines] == [LineState.APPLIED] * len(lines)
        written = json.loads(figures_json(corrected))
        assert list(written) == [row.key for row in edition.indicators if row.method is not Method.NONE]
        _equal_independently(edition, written, fills, own, size + len(silent), seed)


def _equal_independently(edition, figures, fills, own, due, seed):
    made = {}
    rows = sorted(
        (row for row in edition.indicators if row.method is not Method.NONE),
        key=lambda row: (row.method in (Method.TOTAL, Method.RATIO), -row.depth, row.method is Method.RATIO),
    )
    for row in rows:
        expected = straightforward(edition, row, fills, own, made, due)
        if expected is None:
            continue
        made[row.key] = expected
        figure = figures[row.key]
        assert close(figure["communes"], expected[0]), (seed, row.key, figure, expected)
        assert close(figure["whole"], expected[1]), (seed, row.key, figure, expected)
        assert figure["N"] == due
        if row.cell != "formula":
            assert figure["n"] == sum(fill.get(row.key) is not None for fill in fills), (seed, row.key)


METHOD_EXAMPLES = {
    # way of consolidating -> (answer changed, rows that must move)
    Method.SUM: ("1/1", {"1/1"}),
    Method.RATIO: ("1/2.2", {"1/2.2", "1/2"}),
    Method.TOTAL: ("5/3.1", {"5/3.1", "5/3"}),
    Method.COUNT_YES: ("1/6", {"1/6"}),
    Method.DISTRIBUTION: ("1/5.2", {"1/5.2"}),
    Method.SAME: ("3/1.4.3", {"3/1.4.3"}),
    Method.SHARE: ("7/5.1.1", {"7/5.1.1"}),
    Method.MEAN: ("7/5.2.1", {"7/5.2.1"}),
    Method.REDUCTION: ("4/2.5", {"4/2.5"}),
    Method.BOUNDS: ("7/6.4.3", {"7/6.4.3"}),
    Method.OWN: ("2/1.1", set()),
}


@pytest.mark.parametrize("method", METHOD_EXAMPLES)
def test_changing_one_answer_by_one_moves_exactly_the_figures_that_depend_on_it(edition, method):
    key, moved = METHOD_EXAMPLES[method]
    fill = {"1/1": 5, "1/2.1": 30, "1/2.2": 10, "5/3.1": 1, "5/3.2": 0, "1/6": 0, "1/5.2": 0, "3/1.4.3": 172}
    fill |= {"7/5.1.1": 100, "7/5.2.1": 80, "4/2.1": 20, "4/2.5": 10, "7/6.4.3": 9, "7/6.4.2": 60, "2/1.1": 0}
    before = added_up(edition, {code: fill for code in "123"}, own={}).figures
    after = added_up(edition, {"1": fill | {key: fill[key] + 1}, "2": fill, "3": fill}, own={}).figures

    def said(figure):
        deviators = tuple(part.value for part in figure.deviators)
        return figure.communes, figure.own, figure.whole, figure.distribution, figure.bounds, deviators

    assert {one for one in before if said(before[one]) != said(after[one])} == moved


def test_every_row_that_is_no_heading_has_a_figure(edition):
    figures = added_up(edition, {"1": {}}).figures
    assert set(figures) == {row.key for row in edition.indicators if row.kind is not Kind.HEADING}


def test_a_refused_file_is_listed(edition):
    refused = Submission(file="x.xlsx", sha256="x", refused=True)
    made = consolidate(edition, period_of(edition, "2022-6T"), roster_of("1"), [refused], check)
    assert made.files[0].fate is FileFate.REFUSED


def test_blank_is_not_zero_and_zero_is_not_blank(edition):
    entries = entries_of(edition, {"1/1": 0})
    assert entries["1/1"].state is State.NUMBER and entries["1/2.1"].state is State.BLANK


def test_rows_that_only_claim_to_be_a_files_never_push_the_file_aside(edition):
    honest = workbook(edition, "1", {"1/2.1": 33}, file="that.xlsx", sha="abc")
    claimed = workbook(edition, "1", {"1/2.1": 99999}, file="that.xlsx", sha="abc")
    for order in ([honest, claimed], [claimed, honest]):
        made = consolidate(edition, period_of(edition, "2022-6T"), roster_of("1"), order, check)
        assert made.units[0].state is UnitState.WAITING and made.figures["1/2.1"].n == 0

"""The sheet Kiểm tra: its live verdicts are Python's, rule by rule; its summaries say what is left to do."""

from decimal import Decimal

import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Cell, State
from cchc_xl.relations.excel import verdict_word
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import is_foreign, rules_of
from cchc_xl.workbook import reader
from cchc_xl.workbook.layout import places
from cchc_xl.workbook.official.plan import plan, refs_of
from cchc_xl.workbook.official.status_rows import status_rows
from cchc_xl.workbook.template import Fill, build

from .conftest import values_of
from .filled import UNIT
from .random_fills import drawn, fills

EDITION = load()
PERIOD = period_of(EDITION, "2022-6T")
RULES = rules_of(EDITION, "xã")
SAID = words("sheets")["verdicts"]


def rows_of(sheets):
    """Rule id -> (key, verdict, advice, explanation) of the table of rules."""
    cells = sheets["Kiểm tra"]
    head = next(int(cell[1:]) for cell, value in cells.items() if cell[0] == "B" and value == "Mã quy tắc")
    assert [cells[f"{column}{head}"] for column in "CGI"] == ["Chỉ tiêu", "Kết quả", "Giải trình"]
    found, row = {}, head + 1
    while f"B{row}" in cells:
        found[cells[f"B{row}"]] = tuple(cells.get(f"{column}{row}", "") for column in "CGHI")
        row += 1
    return found


def overall(sheets):
    return sheets["Kiểm tra"]["D3"]


def to_do(sheets):
    """Rule ids of the list of things to do first."""
    top = status_rows(EDITION, RULES, "xã").list_row
    return [sheets["Kiểm tra"].get(f"B{row}", "") for row in range(top + 1, top + 11)]


def stored(fill):
    return values_of(build(EDITION, period=PERIOD, unit=UNIT, fill=fill))


def pythons_verdicts(submission):
    refs = refs_of(places(EDITION), "")
    return {
        rule.id: verdict_word(outcome(rule, submission), refs, submission.explanations.get(rule.id, ""))
        for rule in RULES
    }


def outcome(rule, submission):
    return judge(rule, submission.entries, "xã", len(submission.documents))


def test_one_row_a_rule_relations_before_the_rows_of_their_form():
    rows = rows_of(stored(Fill()))
    assert sorted(rows) == sorted(rule.id for rule in RULES)
    assert {rule.id: rule.key for rule in RULES} == {rule: row[0] for rule, row in rows.items()}
    assert list(rows)[:2] == ["1/2.2<=2.1", "1/3.3.2<=3.3.1"]


def test_every_verdict_is_pythons(office, tmp_path, share):
    """Requirement: 200 random fills, recalculated by LibreOffice and read back: each verdict equals Python's."""
    chosen = drawn(fills(texts=False), round(200 * share))
    paths = []
    for number, fill in enumerate(chosen):
        paths.append(tmp_path / f"{number}.xlsx")
        paths[-1].write_bytes(build(EDITION, period=PERIOD, unit=UNIT, fill=fill))
    for path in office.recalculate_all(paths, tmp_path / "out"):
        (submission,) = reader.read_file(path)
        shown = {rule: row[1] for rule, row in rows_of(values_of(path)).items()}
        assert shown == pythons_verdicts(submission)


def test_text_that_is_no_kps_is_an_error_on_the_sheet():
    rows = rows_of(stored(Fill(answers={"1/1": "21 văn bản", "1/2.1": "33", "1/3.1": "KPS"})))
    assert [rows[rule][1] for rule in ("1/1", "1/2.1", "1/3.1")] == [SAID["error"], SAID["error"], SAID["passed"]]


def real_figures():
    """What the one real report printed, with 1/2 left to its formula."""
    path = "samples/binh-lang-2022-6T.tsv"
    from cchc_xl.shipped import shipped

    text = shipped(*path.split("/")).read_text("utf-8")
    printed = dict(line.split("\t") for line in text.splitlines()[1:])
    answers = {}
    for key, value in printed.items():
        row = EDITION.by_key[key]
        if value.strip() and row.has_cell and row.cell is not Cell.FORMULA:
            plain = value.replace("%", "").strip()
            plain = plain.replace(",", ".") if row.is_percent else plain.replace(".", "")
            answers[key] = Decimal(plain)
    return answers


def test_the_real_figures_are_not_ready_until_explained(recalculated, tmp_path):
    """1/2 is computed as 42,4; 6/1.2 over 6/1.1 asks for an explanation, which ten characters give on both sides."""
    fill = Fill(answers=real_figures())
    sheets = recalculated(build(EDITION, period=PERIOD, unit=UNIT, fill=fill))
    assert sheets["Biểu 1"][places(EDITION)["1/2"].cell()] == 42.4
    rows = rows_of(sheets)
    assert rows["6/1.2<=1.1"][1] == SAID["warning"] and rows["7/5.2-vs-5.2.1"][1] == SAID["warning"]
    assert overall(sheets).startswith("Chưa đủ điều kiện gửi: còn ")
    quiet = ("3/1.4", "2/1", "5/1-parts", "5/1.1-vs-4/2.2", "7/6.7")
    assert {rows[rule][1] for rule in quiet} == {SAID["passed"]}
    asked = [rule for rule, row in rows.items() if row[1] == SAID["warning"]]
    for text, said in (("123456789", SAID["warning"]), ("1234567890", SAID["explained"])):
        explained = Fill(answers=fill.answers, explanations=dict.fromkeys(asked, text))
        content = build(EDITION, period=PERIOD, unit=UNIT, fill=explained)
        sheets = recalculated(content)
        (submission,) = reader.read(content, file="11092.xlsx")
        assert {rows_of(sheets)[rule][1] for rule in asked} == {said}
        assert {pythons_verdicts(submission)[rule] for rule in asked} == {said}
    assert overall(sheets) == "Đủ điều kiện gửi"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "Chưa có số liệu nào. Hãy bắt đầu từ Biểu 1."),
        ({"1/1": 21}, "Chưa đủ điều kiện gửi: còn 6 biểu chưa có số liệu"),
        ({"1/2.1": 14, "1/2.2": 33}, "Chưa đủ điều kiện gửi: còn 1 lỗi phải sửa, 6 biểu chưa có số liệu"),
        (
            {"6/1.1": 3000, "6/1.2": 5000, "1/1": -1},
            "Chưa đủ điều kiện gửi: còn 1 lỗi phải sửa, 1 mục cần giải trình, 5 biểu chưa có số liệu",
        ),
    ],
)
def test_the_overall_line_says_what_is_missing(answers, says):
    assert overall(stored(Fill(answers=answers))) == says


def test_nothing_arising_everywhere_is_ready():
    nothing = {
        row.key: (row.choices[0].value if row.choices else "KPS")
        for row in EDITION.indicators
        if row.cell is Cell.ANSWER and not is_foreign(row, "xã")
    }
    nothing |= {"1/5": "0 – Không"}
    del nothing["1/5.2"]
    sheets = stored(Fill(answers=nothing))
    left = [rule for rule, row in rows_of(sheets).items() if row[1] in (SAID["error"], SAID["warning"])]
    assert (left, overall(sheets)) == ([], "Đủ điều kiện gửi")


def test_errors_come_first_in_the_list_of_things_to_do():
    sheets = stored(Fill(answers={"6/1.1": 3000, "6/1.2": 5000, "7/6.7.1": 10, "7/6.7.2": 11, "7/6.4.3": 1}))
    assert to_do(sheets)[:3] == ["7/6.7.2<=6.7.1", "6/1.2<=1.1", ""]
    assert to_do(stored(Fill())) == [""] * 10


def test_a_zero_in_a_row_of_another_level_is_nothing():
    foreign = [row.key for row in EDITION.indicators if is_foreign(row, "xã") and row.cell is Cell.ANSWER]
    assert foreign
    for value, said in ((0, {SAID["passed"]}), (3, {SAID["warning"], SAID["note"], SAID["error"]})):
        rows = rows_of(stored(Fill(answers=dict.fromkeys(foreign, value))))
        assert {rows[key][1] for key in foreign} <= said


def test_every_failing_rule_says_what_to_do():
    rows = rows_of(stored(drawn(fills(), 3)[-1]))
    for _, verdict, advice, _ in rows.values():
        assert bool(advice) is (verdict not in (SAID["passed"], SAID["explained"])) or verdict == SAID["no_data"]


def test_the_plan_sees_cells_as_the_sheet_does():
    planned = plan(
        EDITION,
        period=None,
        unit=None,
        consolidating=None,
        level="xã",
        fill=Fill(answers={"1/2.1": 33, "1/2.2": "KPS", "1/3.3.1": 0, "1/3.3.2": 0, "1/1": "\u00a0"}),
    )
    states = {key: planned.entries[key].state for key in ("1/1", "1/2", "1/3.3", "1/2.2", "1/4.1")}
    assert states == {
        "1/1": State.BLANK,
        "1/2": State.NUMBER,
        "1/3.3": State.BLANK,
        "1/2.2": State.NONE_ARISING,
        "1/4.1": State.BLANK,
    }

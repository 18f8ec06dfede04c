"""A filled workbook comes back as what was typed: values, three kinds of nothing, formulas, words (issues 2 and 4)."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.editions.catalogue import message
from cchc_xl.editions.load import period_of
from cchc_xl.model import ReportingUnit, Roster, Severity, State, Submission, UnitName
from cchc_xl.workbook.master import build as build_master
from cchc_xl.workbook.reader import read
from cchc_xl.workbook.template import Fill, build

from .damage import edited, formula, packed, parts_of, replaced, typed, without_names
from .filled import EDITION, ROSTER, UNIT, answers, facts, filled
from .rounds import random_round

ONE, THREE, FIVE, SIX = "Biểu 1", "Biểu 3", "Biểu 5", "Biểu 6"
PERIOD = period_of(EDITION, "2022-6T")


def reading(content: bytes, file: str = "11092.xlsx", roster: Roster | None = ROSTER) -> Submission:
    (submission,) = read(content, file=file, roster=roster)
    return submission


def made(unit: ReportingUnit | None = UNIT, period=PERIOD, **fill) -> Submission:
    return reading(build(EDITION, period=period, unit=unit, fill=Fill(**fill)))


def ids(submission: Submission) -> list[str]:
    return [finding.id for finding in submission.findings]


def test_every_answer_comes_back_with_its_place():
    submission = reading(filled())
    assert submission.findings == () and not submission.refused
    assert list(submission.entries) == list(EDITION.by_key)
    for key, value in answers().items():
        entry = submission.entries[key]
        assert entry.state is (State.NONE_ARISING if value == "KPS" else State.NUMBER)
        assert entry.value == (None if value == "KPS" else value)
    entry = submission.entries["1/2.2"]
    assert (entry.sheet, entry.cell, entry.raw, entry.formula) == (ONE, "D10", "54", None)


def test_formula_cells_are_recomputed_and_intact():
    entry = reading(filled()).entries["1/2"]
    assert (entry.value, entry.stored, entry.intact) == (Decimal("42.5"), Decimal("42.5"), True)
    assert entry.formula.startswith("=IF(AND(ISNUMBER(D10)")


def test_three_kinds_of_nothing_are_kept_apart():
    submission = made(answers={"1/2.1": 0, "1/2.2": "KPS"})
    states = {key: submission.entries[key].state for key in ("1/2.1", "1/2.2", "1/1", "3/1.4.2", "1/3")}
    assert states == {
        "1/2.1": State.NUMBER,
        "1/2.2": State.NONE_ARISING,
        "1/1": State.BLANK,
        "3/1.4.2": State.NOT_APPLICABLE,
        "1/3": State.BLANK,
    }
    assert submission.entries["1/2"].state is State.BLANK, "0/0 is blank"


def test_another_level_is_asked_other_rows():
    district = ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)
    submission = made(unit=district)
    assert submission.level == "huyện"
    assert submission.entries["3/1.4.2"].state is State.BLANK


READ_AS = [
    # row, typed, state, value, finding
    ("1/2.1", 63, State.NUMBER, "63", None),
    ("1/2.1", "3.000", State.NUMBER, "3000", "number-as-text"),
    ("1/2.1", "3 000", State.NUMBER, "3000", "number-as-text"),
    ("1/2.1", "01", State.NUMBER, "1", "number-as-text"),
    ("1/2.1", "02 văn bản", State.NUMBER, "2", "number-with-words"),
    ("1/2.1", "KPS", State.NONE_ARISING, None, None),
    ("1/2.1", "không phát sinh", State.NONE_ARISING, None, None),
    ("1/2.1", "Không", State.NONE_ARISING, None, "number-word"),
    ("1/2.1", "-", State.NONE_ARISING, None, "number-word"),
    ("1/2.1", "…", State.BLANK, None, "number-placeholder"),
    ("1/2.1", "không áp dụng", State.NOT_APPLICABLE, None, None),
    ("1/2.1", "1,5", State.UNREADABLE, None, "number-unreadable"),
    ("1/2.1", "   ", State.BLANK, None, None),
    ("1/5", "1 – Có", State.NUMBER, "1", None),
    ("1/5", "x", State.NUMBER, "1", "number-choice-words"),
    ("1/5", "Có", State.NUMBER, "1", "number-choice-words"),
    ("6/1.1", "1.234,5", State.NUMBER, "1234.5", "number-as-text"),
    ("6/1.1", "5.000", State.NUMBER, "5000", "number-as-text"),
]


@pytest.mark.parametrize(("key", "value", "state", "number", "finding"), READ_AS)
def test_what_clerks_type(key, value, state, number, finding):
    submission = made(answers={key: value})
    entry = submission.entries[key]
    assert (entry.state, entry.value) == (state, Decimal(number) if number else None)
    about = [one for one in submission.findings if one.key == key]
    assert [one.id for one in about] == ([finding] if finding else [])
    for one in about:
        assert (one.sheet, one.cell) == (entry.sheet, entry.cell)
        assert one.severity is (Severity.ERROR if state is State.UNREADABLE else Severity.NOTE)
        assert one.rule == (key if state is State.UNREADABLE else None)
        assert "{" not in message(one, EDITION)


def _percent_row() -> tuple[str, str]:
    row = next(one for one in EDITION.indicators if one.kind == "percent" and one.cell == "answer" and not one.foreign)
    entry = reading(filled()).entries[row.key]
    return row.key, f"{entry.sheet}!{entry.cell}"


def test_a_percent_cell_holds_a_part_of_one():
    key, place = _percent_row()
    sheet, cell = place.split("!")
    book = openpyxl.load_workbook(BytesIO(filled()))
    book[sheet][cell] = 0.636
    book[sheet][cell].number_format = "0.0%"
    book[ONE]["D8"] = 0.425  # typed over a ratio, as Excel does with "42,5%"
    book[ONE]["D8"].number_format = "0.0%"
    book[ONE]["D9"].number_format = "0%"  # a count in a % cell stays what is stored
    book[ONE]["D10"].number_format = '0"%"'
    out = BytesIO()
    book.save(out)
    submission = reading(out.getvalue())
    assert submission.entries[key].value == Decimal("63.6")
    assert submission.entries["1/2"].value == Decimal("42.5")
    assert submission.entries["1/2.1"].value == 127 and submission.entries["1/2.2"].value == 54
    assert ids(submission).count("number-percent-cell") == 2


def test_a_day_in_an_answer_cell_is_no_number():
    book = openpyxl.load_workbook(BytesIO(filled()))
    book[ONE]["D9"] = 44_634
    book[ONE]["D9"].number_format = "d-mmm"
    out = BytesIO()
    book.save(out)
    submission = reading(out.getvalue())
    assert submission.entries["1/2.1"].state is State.UNREADABLE
    assert "number-date" in ids(submission)


def test_typed_over_with_what_the_report_prints():
    """The seed: 63,6 typed over 1/2, whose rows give 42,5."""
    submission = made(answers={"1/2.1": 33, "1/2.2": 14}, typed_over={"1/2": Decimal("63.6")})
    entry = submission.entries["1/2"]
    assert (entry.value, entry.intact, entry.formula) == (Decimal("63.6"), False, None)
    (finding,) = submission.findings
    assert (finding.id, finding.severity, finding.found, finding.expected) == (
        "formula-overwritten",
        Severity.NOTE,
        Decimal("63.6"),
        Decimal("42.4"),
    )
    assert message(finding, EDITION) == "Ô tự tính của dòng 2 bị gõ đè bằng 63,6; công thức cho 42,4."


def test_an_edited_formula_counts_with_its_stored_value():
    submission = reading(formula(filled(), ONE, "D8", "D10/D9*100", 42.519))
    assert submission.entries["1/2"].value == Decimal("42.519")
    (finding,) = submission.findings
    assert finding.id == "formula-edited" and finding.severity is Severity.WARNING
    assert "=D10/D9*100" in message(finding, EDITION)


def test_an_answer_formula_is_a_value_with_a_note():
    submission = reading(formula(filled(), ONE, "D9", "100+27", 127))
    assert submission.entries["1/2.1"].value == 127
    assert ids(submission) == ["number-typed-formula"]
    assert "=100+27" in message(submission.findings[0], EDITION)


def test_notes_explanations_words_documents_and_about():
    rule = EDITION.relations[0].id
    documents = (("01/KH-UBND", "05/01/2022", "Kế hoạch", "Cải cách hành chính năm 2022"),)
    submission = made(
        answers=answers(),
        notes={"1/2.1": "có 2 nhiệm vụ chuyển tiếp"},
        explanations={rule: "Số liệu đúng theo sổ theo dõi", "1/2": "  "},
        words={"direction": "Đã ban hành kế hoạch.\nĐã kiểm tra."},
        about={"signer": "Nguyễn Văn A", "phone": "0912345678"},
        documents=documents,
    )
    assert submission.entries["1/2.1"].note == "có 2 nhiệm vụ chuyển tiếp"
    assert submission.explanations == {rule: "Số liệu đúng theo sổ theo dõi"}
    assert submission.words == {"direction": "Đã ban hành kế hoạch.\nĐã kiểm tra."}
    assert submission.about["signer"] == "Nguyễn Văn A" and submission.about["phone"] == "0912345678"
    assert submission.documents == documents


# --- who and when -----------------------------------------------------------------------------------------------


def test_a_blank_template_is_of_nobody():
    submission = reading(build(EDITION), roster=None)
    assert (submission.unit, submission.period, submission.level) == (None, None, "xã")
    assert ids(submission) == ["identity-unit-missing", "identity-period-missing"]


def test_without_a_roster_the_file_s_own_name_stands():
    assert reading(filled(), roster=None).unit == UnitName(code="11092", name="Bình Lãng")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Bình Lãng", "11092"),
        ("Bình Lăng", "11092"),
        ("xã Bình Lãng", "11092"),
        ("UBND XÃ BÌNH LÃNG", "11092"),
        ("Ủy ban nhân dân xã Hưng Đạo", "11086"),
        ("Hưng Ðạo", "11086"),
        ("Hung Dao", "11086"),
        ("Tứ Kì", "298"),
        ("thị trấn Hưng Đạo", ""),
        ("Nơi khác", ""),
    ],
)
def test_a_unit_known_by_its_name_only(name, code):
    submission = made(unit=None, about={"unit_name": name})
    assert submission.unit.code == code
    assert ("identity-unit-by-name" if code else "identity-unit-unknown") in ids(submission)


def test_names_alike_without_marks_are_no_guess():
    twins = Roster(
        file="x",
        units=(
            ReportingUnit(code="1", name="Hoằng Đồng", type="xã", level="xã"),
            ReportingUnit(code="2", name="Hoằng Đông", type="xã", level="xã"),
        ),
    )
    content = build(EDITION, period=PERIOD, fill=Fill(about={"unit_name": "Hoang Dong"}))
    assert reading(content, roster=twins).unit.code == ""
    exact = build(EDITION, period=PERIOD, fill=Fill(about={"unit_name": "Hoằng Đông"}))
    assert reading(exact, roster=twins).unit.code == "2"


def test_a_code_that_is_not_in_the_roster():
    stranger = ReportingUnit(code="99999", name="Nơi khác", type="xã", level="xã")
    submission = made(unit=stranger)
    assert submission.unit == UnitName(code="99999", name="Nơi khác")
    assert ids(submission) == ["identity-unit-unknown"] and submission.findings[0].severity is Severity.ERROR


def test_a_name_that_is_another_unit_s():
    submission = made(about={"unit_name": "Hưng Đạo"})
    assert submission.unit == UnitName(code="11092", name="Bình Lãng")
    assert ids(submission) == ["identity-unit-name"]


@pytest.mark.parametrize(
    ("field", "text"), [("unit_code", "11086"), ("period", "quý I năm 2022"), ("period", "2022-Q1")]
)
def test_what_is_written_on_the_first_sheet_may_not_contradict(field, text):
    submission = made(about={field: text})
    assert submission.refused and ids(submission) == ["identity-carriers-differ"]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("6 tháng đầu năm 2022", "2022-6T"),
        ("Kỳ báo cáo 6 tháng đầu năm 2022", "2022-6T"),
        ("2022-6T", "2022-6T"),
        ("6T/2022", "2022-6T"),
        ("QUÝ I NĂM 2022", "2022-Q1"),
        ("quí I năm 2022", "2022-Q1"),
        ("năm 2022", "2022-N"),
        ("tháng 5 năm 2022", None),
    ],
)
def test_a_period_as_people_write_it(text, period):
    submission = made(period=None, about={"period": text})
    assert submission.period == period
    assert ids(submission) == ([] if period else ["identity-period-unknown"])


def test_an_edition_that_nobody_has():
    content = replaced(
        replaced(filled(), "docProps/custom.xml", "xa-2022", "xa-1999"), "xl/workbook.xml", "xa-2022", "xa-1999"
    )
    submission = reading(content)
    assert submission.refused and ids(submission) == ["identity-edition-unknown"]


def test_no_edition_at_all():
    parts = {name: body for name, body in parts_of(filled()).items() if name != "docProps/custom.xml"}
    content = edited(packed(parts), "xl/workbook.xml", lambda text: text.replace("CCHC_EDITION", "CCHC_X"))
    assert ids(reading(content)) == ["identity-edition-missing"]


# --- other files ------------------------------------------------------------------------------------------------


def test_forms_of_one_unit_in_several_files():
    book = openpyxl.load_workbook(BytesIO(filled()))
    for title in book.sheetnames:
        if title not in (ONE, "Thông tin"):
            del book[title]
    for name in [
        name for name, defined in book.defined_names.items() if name.startswith("BM") and "Biểu 1" not in defined.value
    ]:
        del book.defined_names[name]
    out = BytesIO()
    book.save(out)
    submission = reading(out.getvalue())
    assert not submission.refused and submission.entries["1/2.1"].value == 127
    assert ids(submission).count("layout-form-missing") == 6


def test_a_workbook_made_by_hand_without_any_names():
    """An office that retyped the forms: one sheet a form, its own title above, codes and labels only."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for form in EDITION.forms:
        sheet = book.create_sheet(f"BM{form.number:02}")
        sheet.append([f"Biểu mẫu {form.number}: {form.title}"])
        sheet.append([])
        sheet.append(["STT", "Chỉ tiêu thống kê", "Đơn vị tính", "Số lượng/Tỷ lệ", "Ghi chú"])
        for row in form.indicators:
            typed_in = answers().get(row.key)
            value = float(typed_in) if isinstance(typed_in, Decimal) else typed_in
            sheet.append([row.printed_code, row.label, row.unit, value])
    out = BytesIO()
    book.save(out)
    submission = reading(out.getvalue())
    assert {key: submission.entries[key].value for key in answers()} == {
        key: None if value == "KPS" else value for key, value in answers().items()
    }
    assert "layout-by-code" in ids(submission)


def test_findings_stand_in_the_order_of_the_forms():
    content = typed(typed(filled(), SIX, "D8", "nhiều"), ONE, "D9", "nhiều")
    keys = [finding.key for finding in reading(content).findings]
    assert keys == ["1/2", "1/2.1", "6/1", "6/1.1"]


def test_reading_twice_says_the_same():
    content = without_names(typed(filled(), FIVE, "D8", "nhiều"))
    assert reading(content) == reading(content)


def test_the_sheet_s_verdicts_are_never_believed():
    """A doctored Kiểm tra changes nothing that is read."""
    content = edited(
        filled(),
        "xl/sharedStrings.xml",
        lambda text: text.replace("Lỗi phải sửa", "Đạt").replace("Cần giải trình", "Đạt"),
    )
    assert facts(reading(content)) == facts(reading(filled()))


def test_a_master_is_read_by_its_source_rows():
    """The next level up gets each unit's entries with their origin; the master's own forms are not read."""
    round_ = random_round(3, 8, own=True)
    submissions = read(build_master(round_), file="tong-hop.xlsx")
    sent = {unit.unit.code: unit for unit in (*round_.units, round_.own) if unit and unit.submission}
    assert {one.unit.code for one in submissions} == set(sent)
    for one in submissions:
        source = sent[one.unit.code].submission
        assert (one.file, one.sha256, one.period) == (source.file, source.sha256, "2022-6T")
        assert facts(one) == facts(source)
        places = {key: (entry.sheet, entry.cell) for key, entry in one.entries.items() if entry.answered}
        assert places == {key: (source.entries[key].sheet, source.entries[key].cell) for key in places}

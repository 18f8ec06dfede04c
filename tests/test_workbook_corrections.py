"""Corrections in the master: filled in by staff, judged, taken into the figures, carried on, never lost."""

import json
import random
import shutil
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from cchc_xl import console
from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.consolidation.corrections import with_corrections
from cchc_xl.consolidation.exports import figures_json
from cchc_xl.editions.catalogue import message
from cchc_xl.editions.load import load, period_of
from cchc_xl.errors import UsageError
from cchc_xl.model import Consolidation, CorrectionLine, LineState, Method, ReportingUnit, Roster, State
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.adding.correcting import held_lines
from cchc_xl.rounds.adding.tied import verify_report
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.workbook import reader
from cchc_xl.workbook.consolidated.plan import detail_sheet, plan_of
from cchc_xl.workbook.layout import address
from cchc_xl.workbook.master import build
from tests.round_files import WHO, later, take, workbook
from tests.round_files import a_round as a_round_folder
from tests.rounds import PERIOD, corrected_round, random_lines, random_round, submission_of
from tests.test_workbook_master import stored_in

EDITION = load()
UNITS = tuple(ReportingUnit(code=f"1100{n}", name=f"Đơn vị {n}", type="xã", level="xã") for n in range(4))
OWNER = ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)
ROSTER = Roster(file="danh-sach.csv", units=UNITS, consolidating=OWNER)
ANSWERS = {
    "11000": {"1/1": 5, "1/2.1": 40, "1/2.2": 10, "3/1.4.3": 172, "1/5": 0, "6/1.1": 4200},
    "11001": {"1/1": 7, "1/2.1": 60, "1/2.2": 30, "3/1.4.3": 172, "1/5": 1},
    "11002": {"1/1": "KPS", "3/1.4.3": 171},
}


def a_round(answers=ANSWERS) -> Consolidation:
    """Three of four units and the consolidating one have sent."""
    files = [_sent(unit, answers[unit.code]) for unit in UNITS if unit.code in answers]
    files.append(_sent(OWNER, {"1/1": 3, "2/1.1": 9}))
    return consolidate(EDITION, period_of(EDITION, PERIOD), ROSTER, files, check)


def _sent(unit, answers):
    typed = {key: State.NONE_ARISING if value == "KPS" else Decimal(str(value)) for key, value in answers.items()}
    return submission_of(EDITION, unit, typed)


def line(unit, key, value, *, reason="gõ nhầm", source="điện thoại 12/7", **more) -> CorrectionLine:
    number = None if isinstance(value, str) else Decimal(str(value))
    return CorrectionLine(
        unit=unit, key=key, value=str(value), number=number, reason=reason, source=source, row=7, file="x", **more
    )


def corrected(*lines, base=None) -> Consolidation:
    return with_corrections(base or a_round(), lines, check)


def said(consolidation) -> list[tuple[LineState, str]]:
    return [(one.state, one.finding.id if one.finding else "") for one in consolidation.lines]


# --- which lines hold -------------------------------------------------------------------------------------------


def test_figures_are_the_units_numbers_and_the_corrections_and_both_are_shown():
    made = corrected(line("11000", "1/1", 8), line("298", "2/1.1", 10))
    figure = made.figures["1/1"]
    assert (figure.communes, figure.own, figure.whole, figure.n) == (15, 3, 18, 3)
    assert made.figures["2/1.1"].whole == 10
    assert "corrected" in [remark.name for remark in figure.remarks]
    assert made.units[0].submission.entries["1/1"].value == 5, "what was sent stays"
    first = made.corrections[0]
    assert (first.unit, first.original, first.value) == ("11000", "5", 8)


def test_rows_that_follow_from_a_corrected_one_follow():
    made = corrected(line("11000", "1/2.2", 20))
    assert made.figures["1/2"].communes == 50 and "corrected" in [one.name for one in made.figures["1/2"].remarks]


def test_a_number_taken_back_counts_no_more_and_kps_counts_as_zero():
    made = corrected(line("11000", "1/1", "Chưa có số liệu"), line("11001", "1/1", "KPS"))
    assert (made.figures["1/1"].communes, made.figures["1/1"].n) == (0, 2)


def test_a_number_that_was_put_right_is_in_doubt_no_more():
    base = a_round({**ANSWERS, "11001": {"1/2.1": 20, "1/2.2": 32}})
    assert "flagged" in [one.name for one in base.figures["1/2"].remarks]
    made = corrected(line("11001", "1/2.2", 12), base=base)
    assert "flagged" not in [one.name for one in made.figures["1/2"].remarks]
    assert made.units[1].findings == base.units[1].findings, "the unit's own workbook is still wrong"


@pytest.mark.parametrize(
    ("wrong", "state", "finding"),
    [
        (line("99999", "1/1", 8), LineState.WRONG, "unit"),
        (line("11000", "1/99", 8), LineState.WRONG, "key"),
        (line("11000", "1/2", 8), LineState.WRONG, "formula"),
        (line("11000", "1/1", ""), LineState.WRONG, "empty"),
        (line("11000", "1/1", "khoảng tám"), LineState.WRONG, "unreadable"),
        (line("11000", "1/1", -1), LineState.WRONG, "unreadable"),
        (line("11000", "1/1", 1.5), LineState.WRONG, "unreadable"),
        (line("11000", "1/5", 7), LineState.WRONG, "unreadable"),
        (line("11000", "1/1", 8, reason=""), LineState.PROPOSED, "proposed"),
        (line("11000", "1/1", 8, source=""), LineState.PROPOSED, "proposed"),
        (line("11003", "1/1", 8), LineState.UNSENT, "unsent"),
        (line("11000", "1/1", 8, sent="4"), LineState.CHANGED, "changed"),
        (line("11000", "1/1", "Không điều chỉnh"), LineState.WITHDRAWN, ""),
    ],
)
def test_a_line_that_does_not_hold_is_kept_and_said_and_changes_nothing(wrong, state, finding):
    base = a_round()
    made = corrected(wrong, base=base)
    assert said(made) == [(state, f"number-correction-{finding}" if finding else "")]
    assert made.figures == base.figures and not made.corrections
    assert made.lines[0].value == wrong.value


def test_two_lines_for_one_number_count_once_when_equal_and_not_at_all_when_they_differ():
    assert corrected(line("11000", "1/1", 8), line("11000", "1/1", 8)).figures["1/1"].communes == 15
    made = corrected(line("11000", "1/1", 8), line("11000", "1/1", 9))
    assert made.figures["1/1"].communes == 12
    assert said(made) == [(LineState.WRONG, "number-correction-twice")] * 2


@pytest.mark.parametrize("typed", ["5", "5.0", "05"])
def test_what_was_sent_may_be_written_as_people_write_it(typed):
    assert corrected(line("11000", "1/1", 8, sent=typed)).figures["1/1"].communes == 15


def test_a_code_that_lost_its_zeros_still_means_its_unit():
    unit = ReportingUnit(code="00070", name="An", level="xã")
    roster = Roster(file="a.csv", units=(unit,), consolidating=None)
    base = consolidate(EDITION, period_of(EDITION, PERIOD), roster, [_sent(unit, {"1/1": 5})], check)
    assert corrected(line("70", "1/1", 8), base=base).figures["1/1"].whole == 8


# --- in the master ----------------------------------------------------------------------------------------------


def lines_in(content: bytes, folder: Path) -> list[CorrectionLine]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tong-hop.xlsx").write_bytes(content)
    return list(held_lines(folder, "tong-hop.xlsx", a_round()).lines)


MIXED = (
    line("11000", "1/1", 8, who="Lan", day="12/7/2022"),
    line("11001", "1/2.2", 31.0),
    line("11001", "1/1", "KPS"),
    line("11000", "6/1.1", "4.300"),
    line("11002", "1/1", "Chưa có số liệu"),
    line("298", "2/1.1", 10),
    line("11000", "3/1.4.3", 170, reason=""),
    line("11003", "1/1", 8),
    line("11000", "1/2.1", "Không điều chỉnh"),
    line("99999", "1/1", "=1+1"),
)


def test_lines_survive_any_number_of_reruns(tmp_path):
    made, before = corrected(*MIXED), None
    for turn in range(3):
        content = build(made)
        read = lines_in(content, tmp_path / str(turn))
        assert [one.unit for one in read] == [one.unit for one in MIXED]
        again = corrected(*read)
        assert again.figures == made.figures and again.corrections == made.corrections
        assert [one.state for one in again.lines] == [one.state for one in made.lines]
        assert turn < 2 or before == content, "the same lines give the same bytes"
        made, before = again, content


def test_corrected_cells_are_live_and_right(recalculated):
    """LibreOffice computes a master with corrections to the values stored, and the originals stand in their rows."""
    made = corrected(*MIXED)
    content = build(made)
    stored = openpyxl.load_workbook(BytesIO(content), data_only=True)
    computed = recalculated(content)
    for sheet in stored:
        for row in sheet:
            for cell in row:
                if isinstance(cell.value, int | float):
                    assert computed[sheet.title][cell.coordinate] == pytest.approx(cell.value, rel=1e-9), cell
    live = openpyxl.load_workbook(BytesIO(content))
    value = live["Chi tiết 1"]["D7"].value
    assert value == "=IF(ISNUMBER('Điều chỉnh'!$D$7),'Điều chỉnh'!$D$7,IF('Điều chỉnh'!$D$7=\"KPS\",0,\"\"))"
    assert stored["Chi tiết 1"]["D7"].value == 8 and stored["Nguồn số liệu 1"]["G2"].value == 5
    assert "Số đã gửi: 5" in live["Chi tiết 1"]["D7"].comment.text
    assert live["Chi tiết 1"]["D7"].hyperlink.location == "'Nguồn số liệu 1'!G2"


@pytest.mark.parametrize("seed", [1, 4])
def test_units_and_corrections_make_the_figure_and_both_stand_on_the_sheet(seed):
    made = corrected_round(seed, 9)
    stored, plan = stored_in(build(made)), plan_of(made)
    told = 0
    for key, figure in made.figures.items():
        if figure.method is not Method.SUM:
            continue
        sheet = stored[detail_sheet(int(key[0]))]
        sent = [unit.submission.entries[key].amount or 0 for unit in made.units if unit.submission]
        moved = sheet.get(address(plan.detail_row[key], plan.adjusted), 0)
        assert sum(sent) + Decimal(moved) == (figure.communes or 0), key
        told += bool(moved)
    assert told


def test_two_levels_and_one_give_the_same_figures():
    """A province over two districts' masters, each with corrections, and over the communes' own workbooks."""
    whole = random_round(7, 14, own=False)
    parts = whole.units[:6], whole.units[6:]
    province = Roster(file="a.csv", units=tuple(unit.unit for unit in whole.units), consolidating=None)
    up, lines = [], []
    for number, units in enumerate(parts):
        roster = Roster(file="a.csv", units=tuple(unit.unit for unit in units), consolidating=None)
        sent = [_with_words(unit.submission) for unit in units if unit.submission]
        district = consolidate(EDITION, whole.period, roster, sent, check)
        district = with_corrections(district, random_lines(district, number, 30), check)
        lines += district.lines
        up += reader.read(build(district), file=f"{number}.xlsx")
    sent = [_with_words(unit.submission) for unit in whole.units if unit.submission]
    flat = with_corrections(consolidate(EDITION, whole.period, province, sent, check), lines, check)
    above = consolidate(EDITION, whole.period, province, up, check)
    assert len(flat.corrections) >= 5
    for key, figure in flat.figures.items():
        other = above.figures[key]
        for name in ("communes", "own", "whole", "n", "N", "distribution", "bounds"):
            assert getattr(other, name) == getattr(figure, name), (key, name)
        assert {part.unit: part.value for part in other.parts} == {part.unit: part.value for part in figure.parts}
    corrected_units = {one.unit for one in flat.corrections}
    for unit, same in zip(flat.units, above.units, strict=True):
        if unit.unit.code not in corrected_units:
            assert [(one.id, one.key, one.explained) for one in unit.findings] == [
                (one.id, one.key, one.explained) for one in same.findings
            ]
        if unit.submission:
            assert same.submission.words == unit.submission.words
    assert json.loads(figures_json(above))["1/1"].get("corrections") == json.loads(figures_json(flat))["1/1"].get(
        "corrections"
    )


def _with_words(submission):
    explained = {relation.id: "Đã đối chiếu hồ sơ gốc." for relation in EDITION.relations[::2]}
    return replace(submission, explanations=explained, words={"danh-gia": f"Lời của {submission.unit.name}"})


def test_a_corrected_number_goes_up_as_corrected_with_what_was_sent_beside_it():
    made = corrected(*MIXED)
    above = consolidate(EDITION, made.period, ROSTER, list(reader.read(build(made), file="tong-hop.xlsx")), check)
    for key, figure in made.figures.items():
        for block in ("communes", "own", "whole", "n"):
            assert getattr(above.figures[key], block) == getattr(figure, block), (key, block)
    entry = above.units[0].submission.entries["1/1"]
    assert (entry.value, entry.sent.value) == (8, 5) and "gõ nhầm" in entry.corrected
    assert "number-corrected-below" in [one.id for one in above.units[0].findings]
    assert "corrected" in [one.name for one in above.figures["1/1"].remarks]
    twice = consolidate(EDITION, made.period, ROSTER, list(reader.read(build(above), file="x.xlsx")), check)
    assert {key: one.whole for key, one in twice.figures.items()} == {k: f.whole for k, f in made.figures.items()}
    assert twice.units[0].submission.entries["1/1"].sent.value == 5


def test_explanations_words_and_documents_go_up(tmp_path):
    base = a_round()
    unit = base.units[0]
    rich = replace(
        unit.submission,
        explanations={"1/2": "Đã đối chiếu với hồ sơ."},
        words={"danh-gia": "Dài. " * 9000, "khac": "=1+1"},
        documents=(("12/KH-UBND", "5/1/2022", "Kế hoạch", "CCHC | 2022"),),
    )
    base = replace(base, units=(replace(unit, submission=rich), *base.units[1:]))
    read = reader.read(build(base), file="tong-hop.xlsx")[0]
    assert dict(read.explanations) == dict(rich.explanations) and read.documents == rich.documents
    assert dict(read.words) == dict(rich.words)


# --- staff at work in the folder --------------------------------------------------------------------------------


def edit(path: Path, cells: dict[tuple[str, str], object]) -> None:
    """As a person does: open, type, save (with a program that keeps formulas)."""
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    book.save(path)


def typed_line(row, unit, key, value, reason="gõ nhầm", source="điện thoại") -> dict[tuple[str, str], object]:
    texts = {"A": unit, "B": key, "D": value, "E": reason, "F": source}
    return {("Điều chỉnh", f"{column}{row}"): text for column, text in texts.items()}


class Office:
    """A folder of workbooks received and one of outputs."""

    def __init__(self, home: Path) -> None:
        self.home, self.out = home, home / "ra"
        self.roster = home / "danh-sach.csv"
        self.roster.write_text(
            "Mã đơn vị,Tên đơn vị,Loại,Vai trò\n11083,Đại Sơn,xã,\n11086,Hưng Đạo,xã,\n298,Tứ Kỳ,huyện,tổng hợp\n",
            "utf-8",
        )
        self.receive("11083", {"1/1": 5, "1/2.1": 40, "1/2.2": 10})
        self.receive("11086", {"1/1": 7})

    def receive(self, unit: str, answers: dict[str, int]) -> None:
        (self.home / "nhan").mkdir(exist_ok=True)
        (self.home / "nhan" / f"{unit}.xlsx").write_bytes(workbook(answers, unit))

    def run(self):
        return consolidate_paths([self.home / "nhan"], roster=self.roster, out=self.out)

    def figure(self, key: str, result) -> dict:
        return json.loads(result.written["figures.json"].read_bytes())[key]


@pytest.fixture
def at_work(tmp_path) -> Office:
    return Office(tmp_path)


def test_a_line_filled_in_is_taken_into_the_figures_at_the_next_run_and_stays(at_work):
    master = at_work.run().written["tong-hop.xlsx"]
    edit(master, typed_line(7, "11083", "1/1", 8))
    edited = master.read_bytes()
    result = at_work.run()
    assert master.read_bytes() == edited and result.written["tong-hop.xlsx"].name == "tong-hop (2).xlsx"
    figure = at_work.figure("1/1", result)
    assert (figure["communes"], figure["remarks"][-1]) == (15, "corrected")
    assert figure["corrections"] == [{"unit": "11083", "sent": "5", "value": 8}]
    assert [(one.key, one.block, one.old, one.new) for one in result.changed] == [
        ("1/1", "communes", 12.0, 15),
        ("1/1", "whole", 12.0, 15),
    ]
    told = [text.plain for text in console.consolidated(result)]
    assert "1 số được điều chỉnh theo trang Điều chỉnh; số đã gửi vẫn giữ nguyên." in told
    assert any("Biểu 1 dòng 1 (" in text and text.endswith("cộng các đơn vị: 12 → 15") for text in told)
    assert verify_report(result.written["bao-cao.docx"], result.written["tong-hop.xlsx"]) == ()
    facts = result.written["so-lieu.csv"].read_text("utf-8-sig")
    assert "\n11083,Đại Sơn,1/1,number,5," in facts.replace("\r", "")
    first = result.written["tong-hop.xlsx"].read_bytes()
    again = at_work.run()
    assert again.written["tong-hop.xlsx"].read_bytes() == first and again.changed == ()


def test_lines_added_to_the_newer_copy_join_those_of_the_older(at_work):
    edit(at_work.run().written["tong-hop.xlsx"], typed_line(7, "11083", "1/1", 8))
    newer = at_work.run().written["tong-hop.xlsx"]
    edit(newer, typed_line(8, "11086", "1/1", 9) | {("Điều chỉnh", "D7"): 6})
    result = at_work.run()
    assert result.written["tong-hop.xlsx"].name == "tong-hop (3).xlsx"
    assert at_work.figure("1/1", result)["communes"] == 15
    assert [(one.unit, one.value, one.state) for one in result.consolidation.lines] == [
        ("11083", "6", LineState.APPLIED),
        ("11086", "9", LineState.APPLIED),
    ]
    assert [one.id for one in result.consolidation.notices] == ["number-correction-older"]


def test_numbers_typed_over_formulas_are_kept_offered_and_not_applied(at_work):
    master = at_work.run().written["tong-hop.xlsx"]
    over = {("Biểu 1", "D7"): 45, ("Chi tiết 1", "D7"): 8, ("Chi tiết 1", "E7"): "=7+2", ("Biểu 2", "D8"): 3}
    over |= {("Nguồn số liệu 1", "G4"): 41}
    edit(master, over)
    edited = master.read_bytes()
    result = at_work.run()
    assert master.read_bytes() == edited
    assert at_work.figure("1/1", result)["communes"] == 12 and not result.consolidation.corrections
    offered = {one.origin: (one.unit, one.key, one.state) for one in result.consolidation.lines}
    assert offered["tong-hop.xlsx, Biểu 1!D7: 45"] == ("", "1/1", LineState.PROPOSED)
    assert offered["tong-hop.xlsx, Chi tiết 1!D7: 8"] == ("11083", "1/1", LineState.PROPOSED)
    assert offered["tong-hop.xlsx, Nguồn số liệu 1!G4: 41"] == ("11083", "1/2.1", LineState.PROPOSED)
    assert len(offered) == 5
    shown = openpyxl.load_workbook(result.written["tong-hop.xlsx"])
    messages = [cell.value for cell in shown["Lỗi và giải trình"]["H"]]
    assert any("Biểu 1!D7: 45 được gõ đè lên số tổng hợp" in str(text) for text in messages)
    sheet = shown["Điều chỉnh"]
    row = next(row for row in range(7, 12) if "Chi tiết 1!D7" in str(sheet[f"M{row}"].value))
    edit(
        result.written["tong-hop.xlsx"],
        {("Điều chỉnh", f"E{row}"): "xã báo lại", ("Điều chỉnh", f"F{row}"): "điện thoại"},
    )
    last = at_work.run()
    assert at_work.figure("1/1", last)["communes"] == 15
    assert len(last.consolidation.lines) == 5, "nothing is offered twice"


def test_a_resubmission_with_another_number_stops_the_correction_until_a_person_confirms(at_work):
    edit(at_work.run().written["tong-hop.xlsx"], typed_line(7, "11083", "1/1", 8) | {("Điều chỉnh", "C7"): 5})
    assert at_work.figure("1/1", at_work.run())["communes"] == 15
    at_work.receive("11083", {"1/1": 6})
    result = at_work.run()
    assert at_work.figure("1/1", result)["communes"] == 13
    (finding,) = [one.finding for one in result.consolidation.lines]
    assert message(finding, EDITION).endswith("đổi từ 5 thành 6, nên điều chỉnh này chưa được tính.")
    edit(result.written["tong-hop.xlsx"], {("Điều chỉnh", "C7"): 6})
    assert at_work.figure("1/1", at_work.run())["communes"] == 15


def test_the_number_sent_is_known_from_the_first_run_even_if_nobody_wrote_it(at_work):
    edit(at_work.run().written["tong-hop.xlsx"], typed_line(7, "11083", "1/1", 8))
    at_work.receive("11083", {"1/1": 6})
    result = at_work.run()
    assert [one.state for one in result.consolidation.lines] == [LineState.CHANGED]
    edit(result.written["tong-hop.xlsx"], {("Điều chỉnh", "C7"): None})
    assert at_work.figure("1/1", at_work.run())["communes"] == 15, "cleared in the newer copy: what it shows is meant"


def test_a_master_that_cannot_be_read_is_said_and_stays(at_work):
    master = at_work.run().written["tong-hop.xlsx"]
    master.write_bytes(b"PK damaged")
    result = at_work.run()
    assert [one.id for one in result.consolidation.notices] == ["number-correction-file"] and result.has_errors
    assert master.read_bytes() == b"PK damaged"


def test_corrections_of_another_period_are_neither_used_nor_written_over(at_work):
    edit(at_work.run().written["tong-hop.xlsx"], typed_line(7, "11083", "1/1", 8))
    ours = at_work.run().written["tong-hop.xlsx"]
    (at_work.home / "nhan" / "11086.xlsx").unlink()
    (at_work.home / "nhan" / "11083.xlsx").write_bytes(workbook({"1/1": 3}, "11083", period="2022-Q3"))
    with pytest.raises(UsageError) as refused:
        at_work.run()
    assert refused.value.name == "corrections-elsewhere" and ours.exists()
    ours.unlink()
    result = at_work.run()
    assert [one.id for one in result.consolidation.notices] == ["number-correction-other"]
    assert result.written["tong-hop.xlsx"].name == "tong-hop (2).xlsx" and not result.consolidation.lines


ODD = [
    "=1+1",
    "#REF!",
    True,
    1e300,
    -5,
    0.5,
    "x" * 40_000,
    "\u202e8",
    "1/2",
    "KPS",
    "=cmd|' /c calc'!A1",
    "11083",
    None,
]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_stands_on_the_sheet_is_a_line_with_a_sentence_or_in_the_figures(at_work, seed):
    rng = random.Random(seed)
    master = at_work.run().written["tong-hop.xlsx"]
    cells = {("Điều chỉnh", f"{column}{row}"): rng.choice(ODD) for row in range(7, 27) for column in "ABCDEFGH"}
    edit(master, {place: value for place, value in cells.items() if value is not None})
    filled = {int(cell[1:]) for (_, cell), value in cells.items() if value is not None}
    made = at_work.run().consolidation
    assert {line.row for line in made.lines} == filled
    for line in made.lines:
        assert line.finding or line.state in (LineState.APPLIED, LineState.WITHDRAWN)
        assert not line.finding or message(line.finding, EDITION)
    assert [line.row for line in at_work.run().consolidation.lines] == sorted(filled)


def test_nothing_typed_nothing_said(at_work):
    """A master that was only opened and saved again offers nothing."""
    master = at_work.run().written["tong-hop.xlsx"]
    edit(master, {})
    result = at_work.run()
    assert result.consolidation.lines == () and result.consolidation.notices == ()
    assert result.written["tong-hop.xlsx"].name == "tong-hop (2).xlsx"


def test_a_master_saved_by_libreoffice_offers_nothing(at_work, office, tmp_path):
    master = at_work.run().written["tong-hop.xlsx"]
    shutil.copy(office.recalculate(master, tmp_path / "lo"), master)
    assert at_work.run().consolidation.lines == ()


# --- a round and its audit --------------------------------------------------------------------------------------


def test_the_audit_proves_units_and_corrections_and_finds_one_that_nobody_made(tmp_path):
    home = a_round_folder(tmp_path)
    take(home, {"a.xlsx": workbook({"1/1": 5}), "b.xlsx": workbook({"1/1": 7}, "11086")})
    master = consolidate_round(home, later(hours=1), WHO).written["tong-hop.xlsx"]
    edit(master, typed_line(7, "11083", "1/1", 8))
    made = consolidate_round(home, later(hours=2), WHO)
    assert made.consolidation.figures["1/1"].communes == 15 and audit(home) == ()
    path = made.written["figures.json"]
    figures = json.loads(path.read_bytes())
    figures["1/1"]["corrections"][0]["value"] = 9
    figures["1/1"]["communes"] = 16
    path.write_text(json.dumps(figures), "utf-8")
    assert any("11083" in problem and "1/1" in problem for problem in audit(home))

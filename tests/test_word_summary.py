"""The chief's page: who has not sent, what misses its target, what changed, what to decide. Always one page."""

import re
import subprocess
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import docx
import pytest

from cchc_xl.model import Consolidation, Letterhead, Remark, Target, UnitState
from cchc_xl.word import summary
from cchc_xl.word.anchors import Kind, anchors, refresh, verify
from cchc_xl.word.summary_paper import summary_template
from cchc_xl.word.tagcheck import BrokenTemplate
from tests.rounds import random_round
from tests.word_files import edited, paragraphs, typed_into, whole_text

TARGETS = (
    Target(key="7/6.7", value=Decimal(50)),
    Target(key="3/3.3", value=Decimal(500)),
    Target(key="1/3.2", value=Decimal(1), at_least=False),
)


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    return replace(random_round(11, 23, own=True), targets=TARGETS, previous=random_round(12, 23, own=True))


@pytest.fixture(scope="module")
def page(round_) -> bytes:
    return summary.build(round_)


def rows(page: bytes) -> list[list[str]]:
    """The table of figures, controls included."""
    table = docx.Document(BytesIO(page)).tables[1]
    return [["".join(t.text or "" for t in cell._tc.iter("{*}t")) for cell in row.cells] for row in table.rows]


def test_who_has_not_sent_is_named(round_, page):
    absent = [unit.unit.full_name for unit in round_.units if unit.state is UnitState.NOT_SENT]
    line = next(line for line in paragraphs(page) if "xã đã gửi báo cáo" in line)
    assert f"{round_.sent}/23 xã đã gửi báo cáo và được tổng hợp." in line
    assert f"Chưa gửi (0{len(absent)}): {', '.join(absent)}." in line


def test_targets_with_the_result_the_change_and_a_verdict(page):
    head, *lines = rows(page)
    assert head == ["Chỉ tiêu", "Kết quả", "Mục tiêu", "So kỳ trước", "Đánh giá"]
    by_place = {re.search(r"\((Biểu \d, dòng [\d.]+)\)", line[0])[1]: line for line in lines}
    on_time = by_place["Biểu 3, dòng 3.3"]
    assert on_time[2] == "từ 500%" and on_time[4] == "Chưa đạt" and on_time[3].endswith(" điểm")
    assert by_place["Biểu 7, dòng 6.7"][4] == "Đạt"
    assert by_place["Biểu 1, dòng 3.2"][2] == "đến 01" and by_place["Biểu 1, dòng 3.2"][4] == "Chưa đạt"
    verdicts = [line[4] for line in lines]
    assert verdicts == sorted(verdicts, key=["Chưa đạt", "Đạt", "–"].index)  # what is amiss comes first


def test_a_target_reached_as_printed_is_reached(round_):
    nearly = replace(round_.figures["7/6.7"], whole=Decimal("49.96"))
    page = summary.build(replace(round_, figures={**round_.figures, "7/6.7": nearly}))
    line = next(line for line in rows(page) if "dòng 6.7" in line[0])
    assert (line[1].removesuffix(" (*)"), line[4]) == ("50%", "Đạt")


def doubted(round_: Consolidation, *names: str) -> Consolidation:
    """The round with these units' numbers in 6/1.1 in doubt, nothing else."""
    quiet = {key: replace(figure, remarks=()) for key, figure in round_.figures.items()}
    remark = Remark(name="flagged", args={"count": len(names), "units": names})
    quiet["6/1.1"] = replace(quiet["6/1.1"], remarks=(remark,) if names else ())
    return replace(round_, figures=quiet)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), ""),
        (("xã A",), "(*) Chưa rõ số của xã A."),
        (("xã A", "xã B", "xã C", "xã D"), "(*) Chưa rõ số của xã A, xã B và 02 xã khác."),
    ],
)
def test_a_rate_made_of_doubtful_numbers_is_marked_and_their_units_named(round_, names, said):
    table = rows(summary.build(doubted(round_, *names)))
    line = next(line for line in table if "Biểu 6, dòng 1)" in line[0])
    assert line[0].partition("dòng 1)")[2] == said
    assert line[1].endswith(" (*)") == bool(names)
    others = [one for one in table[1:] if one is not line]
    assert others and not any("(*)" in cell for one in others for cell in one)


def test_without_targets_and_an_earlier_period_there_are_no_empty_columns(round_):
    bare = rows(summary.build(replace(round_, targets=(), previous=None)))
    assert bare[0] == ["Chỉ tiêu", "Kết quả"] and len(bare) > 1
    aimed = rows(summary.build(replace(round_, previous=None)))
    assert len(aimed[0]) == 5 and {line[3] for line in aimed[1:]} == {"chưa có"}
    compared = rows(summary.build(replace(round_, targets=())))
    assert {line[2] for line in compared[1:]} == {"chưa đặt"}


def test_it_counts_the_same_findings_as_the_overview_page(round_, page):
    from cchc_xl.page.overview import _counts

    counts = _counts(round_)
    said = next(line for line in paragraphs(page) if "lỗi phải sửa" in line)
    assert f"còn {counts['errors']} lỗi phải sửa, {counts['warnings']} điểm bất thường chưa giải trình" in said


def test_what_is_to_decide(round_, page):
    text = whole_text(page)
    assert "- Lùi hạn hoặc ký báo cáo khi chưa có số của" in text
    assert "- Biện pháp đối với chỉ tiêu chưa đạt mục tiêu:" in text
    quiet = replace(
        round_,
        units=tuple(replace(unit, findings=()) for unit in round_.units if unit.state is UnitState.COUNTED),
        own=replace(round_.own, findings=()),
        targets=(),
        previous=None,
    )
    said = whole_text(summary.build(quiet))
    assert "Số liệu đã đủ và rõ: đề nghị ký báo cáo." in said and "Không còn lỗi phải sửa" in said
    assert "Đợt này chưa đặt mục tiêu" in said and "Chưa có số liệu kỳ trước để so." in said


def test_the_owners_own_missing_part_is_said():
    text = whole_text(summary.build(random_round(5, 4, own=False)))
    assert "Số liệu riêng của huyện Tứ Kỳ chưa có." in text and "Giao hoàn thành số liệu riêng" in text


def test_its_numbers_are_tied_as_in_the_narrative(round_, page):
    assert verify(page, round_.figures, round_.edition) == ()
    assert {"3/3.3@whole", "7/6.7@whole", "round@sent"} <= {anchor.tag for anchor in anchors(page)}
    wrong = edited(page, lambda xml: typed_into(xml, "7/6.7@whole", "99,9%"))
    (difference,) = verify(wrong, round_.figures, round_.edition)
    assert (difference.kind, difference.shown) == (Kind.EDITED, "99,9%")
    assert verify(refresh(wrong, round_.figures, round_.edition), round_.figures, round_.edition) == ()


def test_the_letterhead_of_the_round(round_):
    head = Letterhead(superior="UBND huyện Tứ Kỳ", issuer="PHÒNG NỘI VỤ", place="Tứ Kỳ", date="20/6/2022")
    page = summary.build(replace(round_, letterhead=head))
    left, right = docx.Document(BytesIO(page)).tables[0].rows[0].cells
    assert [p.text for p in left.paragraphs if p.text] == ["UBND HUYỆN TỨ KỲ", "PHÒNG NỘI VỤ"]
    assert "Tứ Kỳ, ngày 20 tháng 6 năm 2022" in [p.text for p in right.paragraphs]


def test_equal_rounds_give_equal_bytes_and_hostile_names_stay_text(round_, page):
    assert summary.build(round_) == page
    silent = next(unit for unit in round_.units if unit.state is UnitState.NOT_SENT)
    renamed = replace(silent, unit=replace(silent.unit, name="{{ x }}</w:t> & \x07", type=""))
    units = tuple(renamed if unit is silent else unit for unit in round_.units)
    assert "{{ x }}</w:t> &" in whole_text(summary.build(replace(round_, units=units)))


def test_staff_change_the_template_and_a_wrong_tag_is_named(round_):
    changed = edited(summary_template(), lambda xml: xml.replace("Đề nghị xem xét", "Kính trình xem xét"))
    assert "Kính trình xem xét" in whole_text(summary.build(round_, template=changed))
    broken = edited(summary_template(), lambda xml: xml.replace("{{ tinh_hinh }}", "{{ tinh_hinhh }}"))
    with pytest.raises(BrokenTemplate) as error:
        summary.build(round_, template=broken)
    assert "tinh_hinhh" in error.value.arguments["tag"]


def long_names(round_: Consolidation) -> Consolidation:
    """Every unit named as long as a name gets, every percent row under its target."""
    name = "Đơn vị sự nghiệp công lập có tên rất dài số"
    units = tuple(
        replace(unit, unit=replace(unit.unit, name=f"{name} {number}")) for number, unit in enumerate(round_.units)
    )
    targets = tuple(Target(key=row.key, value=Decimal(99)) for row in round_.edition.indicators if row.is_percent)
    return replace(round_, units=units, targets=targets)


def test_it_is_one_page_whatever_the_round_holds(round_, office, tmp_path):
    rounds = {
        "usual": round_,
        "nobody": random_round(5, 0, own=False),
        "many": replace(random_round(5, 300, own=False), targets=TARGETS, previous=round_),
        "long": long_names(random_round(6, 300, own=False)),
        "all": long_names(replace(random_round(7, 40, own=False), previous=random_round(8, 40))),
    }
    sources = []
    for name, one in rounds.items():
        sources.append(tmp_path / f"{name}.docx")
        sources[-1].write_bytes(summary.build(one))
    for path in office.convert_all(sources, tmp_path / "pdf", "pdf"):
        said = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
        assert "Pages:           1\n" in said, path.name

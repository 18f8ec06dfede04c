"""Numbers in the narrative stay tied to their figures: compared with the master, brought up to date."""

import re
import time
from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_xl.consolidation.consolidate import figures_of
from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.model import Consolidation, UnitState
from cchc_xl.number import tidy, vietnamese
from cchc_xl.word import narrative
from cchc_xl.word.anchors import Kind, anchors, refresh, sentence, verify
from cchc_xl.word.package import WordFileError
from cchc_xl.word.tags import value_of
from tests.rounds import random_round
from tests.word_files import control_of, edited, paragraphs, part, typed_into, typed_over, with_part


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    return random_round(5, 23, own=True)


@pytest.fixture(scope="module")
def report(round_) -> bytes:
    return narrative.build(round_)


def one_less(round_: Consolidation) -> Consolidation:
    """The same round before its last commune had sent."""
    late = next(unit for unit in reversed(round_.units) if unit.submission)
    not_yet = replace(late, submission=None, sources={}, findings=(), state=UnitState.NOT_SENT)
    units = tuple(not_yet if unit is late else unit for unit in round_.units)
    return replace(round_, units=units, figures=figures_of(round_.edition, units, round_.own))


def codes_sent(round_: Consolidation) -> list[str]:
    return [unit.unit.code for unit in round_.units if unit.submission]


def test_every_number_of_the_text_is_the_masters(round_, report):
    found = anchors(report)
    assert len(found) > 250
    assert {"1/2.1@whole", "1/2@whole", "3/3.3@communes", "1/5.2@choice-1", "1/1@n", "1/1@N"} <= {a.tag for a in found}
    for anchor in (anchor for anchor in found if "absent" not in anchor.tag):
        digits = re.sub(r"[^\d,]", "", anchor.text).replace(",", ".")
        value = value_of(round_.figures, anchor.tag)
        assert not digits or abs(Decimal(digits) - tidy(value)) <= Decimal("0.05"), anchor
    assert verify(report, round_.figures, round_.edition) == ()
    assert refresh(report, round_.figures, round_.edition) == report


def test_an_anchor_tells_where_it_stands(round_, report):
    anchor = next(anchor for anchor in anchors(report) if anchor.tag == "1/2.1@whole")
    assert (anchor.key, anchor.block, anchor.text) == ("1/2.1", "whole", anchor.written)
    assert anchor.text in anchor.context and "nhiệm vụ" in anchor.context


def test_one_altered_digit_is_found_and_healed(round_, report):
    changed = edited(report, lambda xml: typed_into(xml, "3/3.3.1@communes", "9.999.999"))
    (found,) = verify(changed, round_.figures, round_.edition)
    assert (found.kind, found.tag, found.shown) == (Kind.EDITED, "3/3.3.1@communes", "9.999.999")
    assert found.expected in sentence(found, round_.edition) and "sửa tay" in sentence(found, round_.edition)
    healed = refresh(changed, round_.figures, round_.edition)
    assert verify(healed, round_.figures, round_.edition) == ()
    assert paragraphs(healed) == paragraphs(report)


def test_a_late_commune_makes_numbers_stale_and_refresh_heals_them(round_):
    early = one_less(round_)
    old = narrative.build(early)
    found = verify(old, round_.figures, round_.edition)
    assert {difference.kind for difference in found} == {Kind.STALE}
    late = next(code for code in codes_sent(round_) if code not in codes_sent(early))
    assert {"round@sent", "1/1@n", f"round@absent-{late}"} <= {difference.tag for difference in found}
    said = [sentence(difference, round_.edition) for difference in found]
    assert all("số cũ" in one or "đơn vị gửi" in one or "nay phải ghi là" in one or "Biểu đồ" in one for one in said)
    renewed = refresh(old, round_.figures, round_.edition)
    assert verify(renewed, round_.figures, round_.edition) == ()
    name = next(unit.unit.full_name for unit in round_.units if unit.unit.code == late)
    assert f"{name} (nay đã có số liệu)" in "\n".join(paragraphs(renewed))
    back = refresh(renewed, early.figures, early.edition)
    assert f"{name} (nay đã có số liệu)" not in "\n".join(paragraphs(back))


def test_a_number_whose_unit_is_gone_is_an_orphan_and_stays(round_):
    early = one_less(round_)
    gone = set(codes_sent(round_)) - set(codes_sent(early))
    report = narrative.build(round_)
    orphans = [d for d in verify(report, early.figures, early.edition) if d.kind is Kind.ORPHAN]
    assert orphans and {d.tag.partition("@unit-")[2] for d in orphans} == gone
    assert "không còn trong bản tổng hợp" in sentence(orphans[0], early.edition)
    left = verify(refresh(report, early.figures, early.edition), early.figures, early.edition)
    assert {d.kind for d in left} == {Kind.ORPHAN}


def test_a_tag_of_no_figure_is_an_orphan(round_, report):
    changed = edited(report, lambda xml: xml.replace('w:val="1/2.1@whole"', 'w:val="1/99@whole"', 1))
    (found,) = verify(changed, round_.figures, round_.edition)
    assert (found.kind, found.tag, found.expected) == (Kind.ORPHAN, "1/99@whole", "")
    assert sentence(found, round_.edition)


@pytest.mark.parametrize(
    "tag", ["1/2.1@whole", "1/1@whole", "3/3.3.1@communes", "3/3.3@communes", "4/2.1@whole", "6/1.1@whole"]
)
def test_a_number_typed_over_its_control_is_found(round_, report, tag):
    changed = edited(report, lambda xml: typed_over(xml, tag, "987.654"))
    (found,) = verify(changed, round_.figures, round_.edition)
    assert (found.kind, found.tag, found.shown) == (Kind.TYPED, tag, "987.654")
    assert found.expected in sentence(found, round_.edition) and "gõ tay" in sentence(found, round_.edition)


def test_a_number_changed_with_track_changes_is_found(round_, report):
    """What is struck out is not read; what is inserted is."""

    def tracked(xml: str) -> str:
        control = control_of(xml, "1/2.1@whole")
        content = (
            "<w:sdtContent><w:del><w:r><w:delText>33</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>98</w:t></w:r><w:r><w:t>765</w:t></w:r></w:ins></w:sdtContent>"
        )
        return xml.replace(control, re.sub(r"<w:sdtContent>.*</w:sdtContent>", content, control, flags=re.DOTALL))

    (found,) = verify(edited(report, tracked), round_.figures, round_.edition)
    assert (found.kind, found.shown) == (Kind.EDITED, "98765")
    healed = refresh(edited(report, tracked), round_.figures, round_.edition)
    assert verify(healed, round_.figures, round_.edition) == ()


def test_the_right_number_typed_over_is_no_difference(round_, report):
    text = next(anchor.text for anchor in anchors(report) if anchor.tag == "3/3.3.1@communes")
    changed = edited(report, lambda xml: typed_over(xml, "3/3.3.1@communes", text))
    assert verify(changed, round_.figures, round_.edition) == ()


def test_a_number_typed_over_in_a_table_is_found(round_, report):
    *before, tables = part(report).split("<w:tbl>", 3)  # the letter's two frames come first
    changed = with_part(report, "<w:tbl>".join([*before, typed_over(tables, "1/2.1@whole", "4321")]))
    (found,) = verify(changed, round_.figures, round_.edition)
    assert (found.kind, found.tag, found.shown) == (Kind.TYPED, "1/2.1@whole", "4321")


LABELLED = """
Tổng số nhiệm vụ được giao là 54.321, tăng nhanh.
Trong kỳ, số phiếu khảo sát đã phát ra; số lượng phiếu khảo sát: 54.321 phiếu.
Tỷ lệ hoàn thành Kế hoạch CCHC năm 2022 đạt 54,3%.
Có 54.321 văn bản chỉ đạo CCHC đã ban hành trên toàn huyện.
""".strip().splitlines()

QUIET = """
Năm 2022 toàn huyện có nhiều chuyển biến; kế hoạch số 59/KH-UBND ngày 28/12/2021 được thực hiện.
Tỷ lệ hoàn thành Kế hoạch CCHC năm 2022 cao hơn năm 2021.
Thực hiện Nghị quyết số 76/NQ-CP ngày 15/7/2021; 06 cuộc họp chuyên đề.
Biểu 1, dòng 2.1 ghi số nhiệm vụ đề ra trong kế hoạch.
""".strip().splitlines()


def with_sentence(report: bytes, text: str) -> bytes:
    added = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    return edited(report, lambda xml: xml.replace("<w:body>", f"<w:body>{added}", 1))


@pytest.mark.parametrize("text", LABELLED)
def test_a_sentence_of_the_staff_that_contradicts_the_master_is_found(round_, report, text):
    (found,) = verify(with_sentence(report, text), round_.figures, round_.edition)
    assert found.kind is Kind.TYPED and found.context == text


def test_a_units_own_number_beside_its_name_is_right(round_, report):
    part_ = next(part for part in round_.figures["3/3.3.1"].parts if part.value > 20)
    labelled = "Tổng số phiếu khảo sát; tổng số hồ sơ TTHC đã giải quyết xong là"
    number = vietnamese(part_.value)
    for text, wrong in (
        (f"Tại xã Bình Lãng, tổng số hồ sơ TTHC đã giải quyết xong là {number}", 0),
        (f"Tại xã Bình Lãng, tổng số hồ sơ TTHC đã giải quyết xong là {number}99", 1),
        (f"{labelled} {number}", 1),
    ):
        assert len(verify(with_sentence(report, text), round_.figures, round_.edition)) == wrong


@pytest.mark.parametrize("text", QUIET)
def test_a_sentence_without_an_indicators_number_is_left_alone(round_, report, text):
    assert verify(with_sentence(report, text), round_.figures, round_.edition) == ()


def test_refresh_keeps_hand_edited_wording(round_):
    """Ten sentences reworded around their numbers: every number moves, every word stays."""
    early = one_less(round_)
    old = narrative.build(early)
    words_of = {
        "được ban hành": "do các cấp ký ban hành",
        "Về thực hiện kế hoạch năm: số nhiệm vụ đề ra": "Kế hoạch năm nay: số việc đặt ra",
        "số nhiệm vụ đã hoàn thành": "đến nay số nhiệm vụ xong",
        "qua kiểm tra": "sau khi kiểm tra",
        "Về khảo sát sự hài lòng:": "Khảo sát người dân:",
        "Về đối thoại:": "Công tác đối thoại:",
        "Giải ngân vốn đầu tư công:": "Vốn đầu tư công:",
        "Kỷ luật:": "Về kỷ luật, kỷ cương:",
        "Tuyển dụng:": "Công tác tuyển dụng:",
        "Văn bản điện tử:": "Về văn bản điện tử:",
    }
    changed = old
    for said, instead in words_of.items():
        changed = edited(changed, lambda xml, said=said, instead=instead: xml.replace(said, instead, 1))
    renewed = refresh(changed, round_.figures, round_.edition)
    assert verify(renewed, round_.figures, round_.edition) == ()
    text = "\n".join(paragraphs(renewed))
    assert all(instead in text for instead in words_of.values())
    without_numbers = [re.sub(r"[\d.,]+", "#", line) for line in paragraphs(changed)]
    same = [re.sub(r"[\d.,]+", "#", line.replace(" (nay đã có số liệu)", "")) for line in paragraphs(renewed)]
    assert [a for a, b in zip(without_numbers, same, strict=True) if a != b] == []


def test_words_for_none_and_for_nothing_known_move_with_the_number(round_):
    """ "không có" becomes "có 07", "chưa có số liệu về" becomes "không có": the sentence stays a sentence."""
    figure = round_.figures["1/3.1"]
    none, unknown, some = (
        {**round_.figures, "1/3.1": replace(figure, whole=value)} for value in (Decimal(0), None, Decimal(7))
    )

    def said(figures) -> str:
        anchor = next(a for a in anchors(narrative.build(replace(round_, figures=figures))) if a.tag == "1/3.1@whole")
        return anchor.text

    assert (said(none), said(unknown), said(some)) == ("không có", "chưa có số liệu về", "07")
    for before, after, text in ((none, some, "có 07"), (unknown, none, "không có"), (unknown, some, "có 07")):
        report = narrative.build(replace(round_, figures=before))
        renewed = refresh(report, after, round_.edition)
        assert next(a.text for a in anchors(renewed) if a.tag == "1/3.1@whole") == text
        assert verify(renewed, after, round_.edition) == ()


def test_a_signed_file_is_refused(round_, report):
    signed = with_part(report, "<Signature/>", "_xmlsignatures/sig1.xml")
    with pytest.raises(WordFileError) as caught:
        refresh(signed, round_.figures, round_.edition)
    assert "đã ký số" in error_sentence(caught.value)
    assert verify(signed, round_.figures, round_.edition) == ()


def test_numbers_stay_tied_when_libreoffice_saves_the_file(round_, report, office, tmp_path):
    """LibreOffice drops the tags of content controls and keeps their titles: the tie is read from there."""
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(edited(report, lambda xml: typed_into(xml, "3/3.3.1@communes", "9.999.999")))
    saved = office.convert(source, tmp_path / "saved", "docx").read_bytes()
    assert [a.tag for a in anchors(saved)] == [a.tag for a in anchors(report)]
    (found,) = verify(saved, round_.figures, round_.edition)
    assert (found.kind, found.tag) == (Kind.EDITED, "3/3.3.1@communes")
    assert verify(refresh(saved, round_.figures, round_.edition), round_.figures, round_.edition) == ()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_word_file_is_a_sentence(round_, content):
    for use in (anchors, lambda one: verify(one, round_.figures, round_.edition)):
        with pytest.raises(WordFileError) as caught:
            use(content)
        assert error_sentence(caught.value).startswith("Không mở được tệp Word")


def test_parts_without_a_change_stay_byte_for_byte(round_):
    early = one_less(round_)
    old = narrative.build(early)
    renewed = refresh(old, round_.figures, round_.edition)
    assert part(old, "word/styles.xml") == part(renewed, "word/styles.xml")
    assert refresh(old, round_.figures, round_.edition) == renewed


def test_a_text_without_any_tied_number_is_a_difference(round_, report):
    """As after copying into another program: that nothing contradicts is no proof."""

    def untied(xml: str) -> str:
        return re.sub(r"</?w:sdt(?:Content)?>", "", re.sub(r"<w:sdtPr>.*?</w:sdtPr>", "", xml, flags=re.DOTALL))

    (difference,) = verify(edited(report, untied), round_.figures, round_.edition)
    assert difference.kind is Kind.UNTIED
    assert sentence(difference, round_.edition).startswith("Không còn số nào gắn với sổ tổng hợp")


def test_long_texts_take_time_in_step_with_their_length(round_, report):
    """Four times the numbers in one paragraph take about four times as long, not sixteen."""

    def seconds(times: int) -> float:
        words = "Trong kỳ xã Đơn vị 1 có số nhiệm vụ đã hoàn thành là 123456 nhiệm vụ và " * times
        long = edited(
            report, lambda xml: xml.replace("</w:body>", f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body>")
        )
        start = time.perf_counter()
        assert len(verify(long, round_.figures, round_.edition)) == times
        return time.perf_counter() - start

    short = min(seconds(1500) for _ in range(2))
    assert seconds(6000) < 9 * short


@pytest.mark.parametrize("name", ["word/document.xml", "word/media/image1.png"])
def test_a_package_that_would_fill_the_memory_is_refused(round_, report, name):
    size = 21_000_000 if name.endswith(".xml") else 61_000_000
    with pytest.raises(WordFileError) as error:
        verify(with_part(report, " " * size, name), round_.figures, round_.edition)
    assert "lớn hơn" in error_sentence(error.value)

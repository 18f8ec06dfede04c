"""The narrative report: what it says, in which words, and what communes' own words can't do to it."""

import random
import re
import time
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import docx
import pytest

from cchc_xl.editions.before import figures_before
from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.editions.load import load
from cchc_xl.editions.worded import worded
from cchc_xl.model import (
    Consolidation,
    FileFate,
    Finding,
    HandedIn,
    Letterhead,
    Part,
    Severity,
    Submission,
    UnitState,
)
from cchc_xl.word import narrative
from cchc_xl.word.anchors import anchors
from cchc_xl.word.official import narrative_template
from cchc_xl.word.placing import fit_for_xml
from cchc_xl.word.spoken import headed
from cchc_xl.word.tagcheck import BrokenTemplate
from tests.conftest import SEED, seeded_share
from tests.rounds import random_round
from tests.word_files import edited, paragraphs, part, whole_text


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    return random_round(11, 23, own=True)


@pytest.fixture(scope="module")
def report(round_) -> bytes:
    return narrative.build(round_)


def with_words(round_: Consolidation, said: dict[int, dict[str, str]]) -> Consolidation:
    """The round with the words of its nth unit that has sent."""
    sent = [unit for unit in round_.units if unit.submission]
    words = {sent[number].unit.code: texts for number, texts in said.items()}
    units = tuple(
        replace(unit, submission=replace(unit.submission, words=words[unit.unit.code]))
        if unit.unit.code in words
        else unit
        for unit in round_.units
    )
    return replace(round_, units=units)


def with_figure(round_: Consolidation, key: str, **values) -> Consolidation:
    return replace(round_, figures={**round_.figures, key: replace(round_.figures[key], **values)})


def sentence_with(report: bytes, start: str) -> str:
    return next(line for line in paragraphs(report) if line.startswith(start))


def test_the_official_outline_stands_in_order(report):
    text = whole_text(report)
    wanted = [
        *("CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH", "II. KẾT QUẢ THỰC HIỆN CẢI CÁCH HÀNH CHÍNH", "1. Cải cách thể chế"),
        *("2. Cải cách thủ tục hành chính", "3. Cải cách tổ chức bộ máy hành chính nhà nước"),
        *("4. Cải cách chế độ công vụ", "5. Cải cách tài chính công"),
        *("6. Xây dựng và phát triển Chính quyền điện tử, Chính quyền số", "III. ĐÁNH GIÁ CHUNG"),
        *("1. Kết quả đạt được", "2. Tồn tại, hạn chế", "3. Nguyên nhân", "IV. NHIỆM VỤ TRỌNG TÂM KỲ TỚI"),
        *("V. KIẾN NGHỊ, ĐỀ XUẤT", "Phụ lục"),
    ]
    places = [text.index(heading) for heading in wanted]
    assert places == sorted(places)
    assert "{{" not in text and "{%" not in text and "HƯỚNG DẪN" not in text


def test_all_official_rows_stand_in_the_annex(round_, report):
    tables = docx.Document(BytesIO(report)).tables
    forms = [table for table in tables if len(table.columns) == 5]
    rows = [[cell.text for cell in row.cells] for table in forms for row in table.rows[2:]]
    assert [(row[0], row[1]) for row in rows] == [(i.printed_code, i.label) for i in round_.edition.indicators]
    assert len(forms) == 7


def test_the_same_round_gives_the_same_bytes(round_, report):
    assert narrative.build(round_) == report


def test_a_leader_a_laggard_and_the_common_rate(round_):
    """3/3.3 with three units: who leads, who lags, tied to each unit's own number."""
    first, second, third = [unit.unit for unit in round_.units if unit.submission][:3]
    values = ((first, "100"), (second, "35.24"), (third, "80"))
    parts = tuple(Part(unit=u.code, value=Decimal(v), file="", sheet="", cell="") for u, v in values)
    quiet = replace(round_, units=tuple(replace(unit, findings=()) for unit in round_.units))
    report = narrative.build(with_figure(quiet, "3/3.3", communes=Decimal("71.7"), parts=parts, n=3))
    line = sentence_with(report, "Kết quả giải quyết của UBND cấp xã")
    assert f"Cao nhất là {first.full_name} (100%)" in line
    assert f"; thấp nhất là {second.full_name} (35,2%), {third.full_name} (80%)." in line
    assert "tỷ lệ đúng hạn đạt 71,7% (03/23 xã)" in line
    assert f"3/3.3@unit-{second.code}" in {anchor.tag for anchor in anchors(report)}


def test_a_unit_with_an_open_error_is_not_ranked(round_):
    wrong = next(unit for unit in round_.units if unit.submission)
    numbers = {"found": Decimal(1), "expected": Decimal(2), "args": {"part": Decimal(1), "base": Decimal(2)}}
    finding = Finding(id="ratio-mismatch", severity=Severity.ERROR, rule="3/3.3", key="3/3.3", **numbers)
    sent = [unit.unit.code for unit in round_.units if unit.submission]
    parts = tuple(Part(unit=code, value=Decimal(50 + n), file="", sheet="", cell="") for n, code in enumerate(sent))
    units = tuple(replace(u, findings=(finding,) if u is wrong else ()) for u in round_.units)
    changed = with_figure(replace(round_, units=units), "3/3.3", communes=Decimal(60), parts=parts)
    report = narrative.build(changed)
    line = sentence_with(report, "Kết quả giải quyết của UBND cấp xã")
    assert f"Chưa xếp {wrong.unit.full_name} vì số liệu còn lỗi hoặc chưa giải trình; số chung nêu trên đã tính" in line
    assert f"{wrong.unit.full_name} (" not in line
    text = whole_text(report)
    assert f"- {headed(wrong.unit.full_name)} còn 01 lỗi phải sửa: (Biểu 3) Dòng 3.3: đã ghi 1%" in text
    assert f"Yêu cầu {wrong.unit.full_name} rà soát" in text


def test_an_explained_number_is_told_with_its_explanation(round_):
    who = next(unit for unit in round_.units if unit.submission)
    rule = round_.edition.relations[0]
    explained = {"explained": True, "explanation": " Do cấp trên giao bổ sung & gấp "}
    finding = Finding(id="relation-exceeds", severity=Severity.WARNING, rule=rule.id, key=rule.key, **explained)
    units = tuple(replace(u, findings=(finding,) if u is who else ()) for u in round_.units)
    text = whole_text(narrative.build(replace(round_, units=units)))
    assert "Các xã đã giải trình những số liệu khác thường:" in text
    assert re.search(rf"- {headed(who.unit.full_name)}: .*Giải trình: Do cấp trên giao bổ sung & gấp", text)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "trong kỳ chưa có số liệu về văn bản chỉ đạo"),
        (Decimal(0), "trong kỳ không có văn bản chỉ đạo"),
        (Decimal(1), "trong kỳ có 01 văn bản chỉ đạo"),
        (Decimal(10), "trong kỳ có 10 văn bản chỉ đạo"),
        (Decimal(3000), "trong kỳ có 3.000 văn bản chỉ đạo"),
    ],
)
def test_none_one_many_and_nothing_known(round_, value, said):
    report = narrative.build(with_figure(round_, "1/1", whole=value, communes=value, own=None, parts=()))
    assert said in sentence_with(report, "Về ban hành văn bản")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "tỷ lệ hoàn thành hiện chưa tính được"),
        (Decimal(0), "tỷ lệ hoàn thành đạt 0%"),
        (Decimal(100), "tỷ lệ hoàn thành đạt 100%"),
        (Decimal(2100) / 33, "tỷ lệ hoàn thành đạt 63,6%"),
        (Decimal("5.04"), "tỷ lệ hoàn thành đạt 5%"),
    ],
)
def test_a_percent_in_vietnamese_style(round_, value, said):
    report = narrative.build(with_figure(round_, "1/2", whole=value, parts=()))
    assert said in sentence_with(report, "Về thực hiện kế hoạch năm")


def test_change_from_the_previous_period(round_):
    before = {
        "1/1": replace(round_.figures["1/1"], whole=round_.figures["1/1"].whole - 5),
        "1/2": replace(round_.figures["1/2"], whole=round_.figures["1/2"].whole + Decimal("12.5")),
        "3/3.3.1": round_.figures["3/3.3.1"],
    }
    text = whole_text(narrative.build(round_, previous=before))
    assert ", tăng 05 so với kỳ trước (" in text
    assert ", giảm 12,5 điểm phần trăm so với kỳ trước (" in text
    assert ", bằng kỳ trước" in text
    assert "so với kỳ trước" not in whole_text(narrative.build(round_))


def test_who_sent_who_did_not_who_waits_and_what_could_not_be_used(round_):
    sent = [unit for unit in round_.units if unit.submission]
    units = tuple(
        replace(unit, state=UnitState.WAITING, submission=None) if unit is sent[0] else unit for unit in round_.units
    )
    missing = [unit.unit.full_name for unit in round_.units if unit.state is UnitState.NOT_SENT]
    odd = HandedIn(
        submission=Submission(file="thu/tep & lạ.xlsx", sha256="0", refused=True),
        fate=FileFate.REFUSED,
        reason="refused",
    )
    own = replace(round_.own, state=UnitState.NOT_SENT, submission=None)
    line = sentence_with(narrative.build(replace(round_, units=units, files=(odd,), own=own)), "Tình hình gửi báo cáo")
    assert f"{len(sent) - 1}/23 xã đã gửi báo cáo" in line
    assert "Chưa gửi: " + ", ".join(missing) + "." in line
    assert f"trả lời khác nhau: {sent[0].unit.full_name}." in line
    assert "Số liệu riêng của huyện Tứ Kỳ chưa có" in line
    assert "01 tệp gửi về không tổng hợp được: tep & lạ.xlsx (không đọc được)." in line


def test_communes_words_are_grouped_and_attributed(round_):
    ask = "Đề nghị hỗ trợ máy tính.\nĐề nghị mở lớp tập huấn."
    changed = with_words(round_, {0: {"proposals": ask}, 2: {"proposals": ask}, 3: {"proposals": "Cấp chữ ký số."}})
    first, _, third, fourth = [unit.unit.full_name for unit in changed.units if unit.submission][:4]
    lines = paragraphs(narrative.build(changed))
    at = lines.index(f"- {headed(first)}, {third}: Đề nghị hỗ trợ máy tính.")
    assert lines[at - 1] == "Nội dung các xã báo cáo:"
    assert lines[at + 1 : at + 3] == ["Đề nghị mở lớp tập huấn.", f"- {headed(fourth)}: Cấp chữ ký số."]


def test_without_anything_asked_for_the_section_says_so(round_, report):
    assert "Các xã không có kiến nghị, đề xuất." in whole_text(report)


PIECES = (
    *("&", "<", ">", "</w:t></w:r></w:p>", "<w:br/>", "]]>", "&amp;", "&#65;", "<!--", "=HYPERLINK(1)", "“quotes”"),
    *("{{ 7*7 }}", "{% for x in y %}", "{%p if z %}", "{_{", "}_}", "{#", "{{r so(1) }}", "%s {0} $x", "\\n"),
    *("\u202e\u200f", "\u200b", "\t", "\x0b", "\x00", "\ud800", "\uffff", "\ue5b01\ue5b1", "😀", "a" * 3000),
    *("xã Bình Lãng", "63,6%", "Đề nghị"),
)


def hostile(count: int) -> list[str]:
    rng = random.Random(SEED)
    texts = [f"{n:03}" + "".join(rng.choices(PIECES, k=rng.randint(1, 6))) for n in range(count)]
    assert len(set(texts)) == count
    return texts


def test_hostile_words_come_out_as_the_same_text(round_, share):
    """Only what no XML can hold is replaced, visibly; everything else is there character by character."""
    texts = seeded_share(hostile(500), share)
    headings = [heading["id"] for heading in round_.edition.words["outline"]]
    sent = [unit for unit in round_.units if unit.submission]
    for start in range(0, len(texts), len(headings) * len(sent)):
        batch = texts[start : start + len(headings) * len(sent)]
        said: dict[int, dict[str, str]] = {}
        for number, text in enumerate(batch):
            said.setdefault(number // len(headings), {})[headings[number % len(headings)]] = text
        lines = "\n".join(paragraphs(narrative.build(with_words(round_, said))))
        for text in batch:
            expected = re.split(r"[\n\r\v\f\x85\u2028\u2029]", text)
            for line in expected:
                assert fit_for_xml(line).strip() in lines


def test_hostile_words_open_in_libreoffice(round_, office, tmp_path):
    headings = [heading["id"] for heading in round_.edition.words["outline"]]
    texts = hostile(36)
    said = {n: dict(zip(headings, texts[n * 12 : n * 12 + 12], strict=True)) for n in range(3)}
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(narrative.build(with_words(round_, said)))
    assert office.to_pdf(source, tmp_path).read_bytes()[:5] == b"%PDF-"


def tagged(round_: Consolidation, text: str, at: str = "Thực hiện chế độ báo cáo") -> bytes:
    """The shipped template with this text typed at the start of a paragraph."""
    return edited(narrative_template(round_.edition), lambda xml: xml.replace(f">{at}", f">{text} {at}", 1))


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("{{ so(&quot;1/2.1@whole&quot; }}", "sai cách viết"),
        ("{{ so(&quot;1/2.1@whole&quot;) }", "thiếu dấu mở hoặc đóng"),
        ("so(&quot;1/2.1@whole&quot;) }}", "thiếu dấu mở hoặc đóng"),
        ("{{ so(&quot;1/99@whole&quot;) }}", "không có chỉ tiêu hoặc phần số liệu 1/99"),
        ("{{ so(&quot;1/2.1@toan&quot;) }}", "không có chỉ tiêu hoặc phần số liệu 1/2.1@toan"),
        ("{{ huyen }}", "dùng tên không có (huyen)"),
        ("{{ cac_bieu.x }}", "dùng tên không có"),
        ("{% if thieu_so_rieng %}", "chưa có thẻ đóng"),
        ("{% endfor %}", "không có thẻ mở"),
        ("{% macro x() %}", "sai cách viết"),
        ("{{ &quot;a&quot; * 100000000 }}", "phép tính quá lớn"),
        ("{{ so() }}", "sai cách viết"),
        ("{{ ky.__class__.__mro__ }}", ""),
    ],
)
def test_a_broken_tag_is_named_with_its_paragraph(round_, tag, problem):
    with pytest.raises(BrokenTemplate) as caught:
        narrative.build(round_, template=tagged(round_, tag))
    said = error_sentence(caught.value)
    assert problem in said and "<w:" not in said and "Traceback" not in said
    assert "Thực hiện chế độ báo cáo" in said
    assert tag.replace("&quot;", '"')[:6].strip() in said


def test_staff_change_wording_and_tags_as_word_cuts_them(round_):
    """Words before and after a tag in one run, curly quotes, a tag cut into runs, a tag without its r."""
    cut = '{{r so(“1/2</w:t></w:r><w:r><w:t>.1@whole”) }} xong, {{ so("1/2.1@whole") }}'
    report = narrative.build(round_, template=tagged(round_, f"Đã có {cut} nhé."))
    line = next(line for line in paragraphs(report) if "nhé" in line)
    number = next(anchor.text for anchor in anchors(report) if anchor.tag == "1/2.1@whole")
    assert line.startswith(f"Đã có {number} xong, {number} nhé. Thực hiện")


def test_a_template_that_is_no_word_file_is_a_sentence(round_):
    with pytest.raises(Exception) as caught:
        narrative.build(round_, template=b"not a zip")
    assert error_sentence(caught.value).startswith("Không mở được mẫu báo cáo Word")


def test_level_words_come_from_edition_and_roster(round_):
    """A province consolidating: the word for the level below stays the edition's, its own comes from the roster."""
    owner = replace(round_.roster.consolidating, name="Hải Phòng", type="thành phố", level="tỉnh", parent="")
    changed = replace(round_, roster=replace(round_.roster, consolidating=owner), own=None)
    text = whole_text(narrative.build(changed))
    assert "Ủy ban nhân dân thành phố Hải Phòng báo cáo kết quả" in text
    assert "do UBND thành phố, Chủ tịch UBND thành phố giao" in text
    assert "THÀNH PHỐ HẢI PHÒNG" in part(narrative.build(changed))


def test_the_letters_frame_takes_what_the_own_workbook_says(round_):
    about = {
        "place": "Tứ Kỳ",
        "report_number": "5/BC-UBND",
        "report_date": "9/2/2022",
        "signer": "Trần Xuân A",
        "signer_capacity": "KT. Chủ tịch/Phó Chủ tịch",
    }
    own = replace(round_.own, submission=replace(round_.own.submission, about=about))
    text = re.sub(r"<[^>]+>", "", part(narrative.build(replace(round_, own=own))))
    for said in ("Số: 05/BC-UBND", "Tứ Kỳ, ngày 09 tháng 02 năm 2022", "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"):
        assert said in text
    assert "PHÓ CHỦ TỊCH" in text and "Trần Xuân A" in text


def frame_of(report: bytes) -> tuple[list[str], list[str], list[str], list[str]]:
    """The lines of the letterhead (left, right) and of the signature block (left, right)."""
    tables = docx.Document(BytesIO(report)).tables
    cells = [*tables[0].rows[0].cells, *tables[1].rows[0].cells]
    return tuple([line for p in cell.paragraphs for line in p.text.split("\n") if line] for cell in cells)


def test_the_letters_frame_takes_what_the_round_sets(round_):
    head = Letterhead(
        symbol="BC-PNV",
        superior="UBND huyện Tứ Kỳ",
        issuer="PHÒNG NỘI VỤ HUYỆN TỨ KỲ",
        place="Tứ Kỳ",
        number="7",
        date="5/1/2022",
        capacity="KT. Trưởng phòng; Phó Trưởng phòng",
        signer="Trần Xuân B",
        receiver="Sở Nội vụ tỉnh Hải Dương",
        receivers=("Như trên", "- UBND huyện;", "Lưu: VT."),
    )
    report = narrative.build(replace(round_, letterhead=head))
    above, date, copies, signed = frame_of(report)
    assert above == ["UBND HUYỆN TỨ KỲ", "PHÒNG NỘI VỤ HUYỆN TỨ KỲ", "Số: 07/BC-PNV"]
    assert date[-1] == "Tứ Kỳ, ngày 05 tháng 01 năm 2022"
    assert copies == ["Nơi nhận:", "- Như trên;", "- UBND huyện;", "- Lưu: VT."]
    assert signed == ["KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG", "Trần Xuân B"]  # no body is signed for
    text = whole_text(report)
    assert "Kính gửi: Sở Nội vụ tỉnh Hải Dương." in text
    assert "Phòng Nội vụ huyện Tứ Kỳ báo cáo kết quả" in text
    assert "(Kèm theo Báo cáo số 07/BC-PNV ngày 05 tháng 01 năm 2022 của Phòng Nội vụ huyện Tứ Kỳ)" in text


def test_the_peoples_committee_signs_for_its_members(round_):
    head = Letterhead(capacity="KT. CHỦ TỊCH; PHÓ CHỦ TỊCH", issuer="UBND huyện Tứ Kỳ")
    above, _, copies, signed = frame_of(narrative.build(replace(round_, letterhead=head)))
    assert above == ["UBND HUYỆN TỨ KỲ", "Số: ……/BC-UBND"]
    assert signed == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    assert copies[1] == "- Như trên;" and len(copies) > 3  # the template's own lines


def test_hostile_letterhead_is_only_text(round_):
    head = Letterhead(issuer="{{ x }}</w:t>&", receivers=("{% for %}",), signer="a\x07b", receiver="<b>")
    text = part(narrative.build(replace(round_, letterhead=head)))
    assert "{{ X }}&lt;/W:T&gt;&amp;" in text and "{% for %}" in text and "\x07" not in text


def test_the_previous_period_of_the_consolidation_is_spoken_of(round_):
    """The same sentences as with figures given; rows that mean something else in another edition are left out."""
    before = replace(with_figure(round_, "1/1", whole=Decimal(1), communes=Decimal(1)), letterhead=Letterhead())
    now = with_figure(round_, "1/1", whole=Decimal(4), communes=Decimal(4))
    line = sentence_with(narrative.build(replace(now, previous=before)), "Về ban hành văn bản")
    assert "tăng 03 so với kỳ trước (01)" in line
    assert "so với kỳ trước" not in whole_text(narrative.build(now))
    new = load("xa-2025-khung")
    later = replace(now, edition=new, previous=before)
    assert figures_before(later)["1/1"].whole == 1
    assert "3/3.2" not in figures_before(later) and "7/6.7" not in figures_before(later)


def test_the_frame_of_two_levels_speaks_in_its_own_words():
    """Derived by the map: rows that ended are not spoken of, "mức độ 3, 4" is "một phần", "toàn trình"."""
    new = load("xa-2025-khung")
    body = worded(words("word")["body"], new)
    said = "\n".join(block.get("text", "") for block in body)
    assert len(body) >= len(words("word")["body"]["xa-2022"]) - 1
    assert "mức độ" not in said and "huyện" not in said and "trực tuyến một phần" in said
    keys = set(re.findall(r"\d+/\d+(?:\.\d+)*", said))
    assert keys <= set(new.by_key) and "3/3.2.1" not in keys and len(keys) > 60
    assert worded(words("word")["overdue"], new) == "1/4.4"
    assert worded({"xa-2022": ["1/1"]}, replace(new, id="khac")) is None


def test_a_narrative_of_23_units_takes_about_two_seconds(round_):
    start = time.perf_counter()
    narrative.build(round_)
    assert time.perf_counter() - start < 4

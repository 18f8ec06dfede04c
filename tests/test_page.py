"""The overview page: what it says, that nothing in it is loaded or run, and what a real browser makes of it."""

import base64
import hashlib
import re
import subprocess
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from cchc_xl.model import Consolidation, Remark, Target, UnitState
from cchc_xl.number import vietnamese
from cchc_xl.page import drawing, overview
from tests.rounds import random_round

HOSTILE = '"><script>document.title="chạy"</script><img src=x onerror=alert(1)>&lt;{{ 7*7 }}{% for %}\u202e\x07'
VOID = {"meta", "br", "img", "input", "link", "hr"}


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    targets = (Target(key="7/6.7", value=Decimal(50)), Target(key="3/3.3", value=Decimal(200)))
    earlier = random_round(12, 23, own=True)
    return replace(random_round(11, 23, own=True), targets=targets, previous=earlier, last_year=earlier)


@pytest.fixture(scope="module")
def page(round_) -> str:
    return overview.build(round_).decode()


class Tags(HTMLParser):
    """Every tag with its attributes, and that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)))


def named(round_: Consolidation, name: str) -> Consolidation:
    """The round with its first unit called so."""
    first, *others = round_.units
    renamed = replace(first, unit=replace(first.unit, name=name, type=""))
    return replace(round_, units=(renamed, *others))


def test_coverage_figures_targets_and_change(round_, page):
    said = text_of(page)
    sent = sum(unit.state is UnitState.COUNTED for unit in round_.units)
    assert f"{sent}/23 xã đã gửi và được tính" in said
    assert "Tổng quan cải cách hành chính 6 tháng đầu năm 2022" in said
    row = re.search(r"<tr><td class=\"name\">Tỷ lệ hồ sơ TTHC do UBND cấp xã.*?</tr>", page)[0]
    assert ">từ 200%<" in row and ">Chưa đạt<" in row and re.search(r">(tăng|giảm) [\d.,]+ điểm<", row)


def test_every_unit_stands_in_the_table_with_its_findings(round_, page):
    rows = re.findall(r'<tr data-ten="([^"]*)"', page)
    assert len(rows) == 24 and rows[0].startswith("xã Đơn vị 1 ") and rows[-1].startswith("huyện Tứ Kỳ")
    errors = sum(f.severity.value == "error" for unit in (*round_.units, round_.own) for f in unit.findings)
    assert page.count("<b>Lỗi phải sửa:</b>") <= errors and "<b>Lỗi phải sửa:</b>" in page


def test_a_bar_a_unit_and_lines_for_target_and_common_value(round_, page):
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 1 + 1 + 3  # states, change over periods, one each chosen rate
    on_time = next(chart for chart in charts if "(Biểu 3, dòng 3.3)" in chart)
    answered = len(round_.figures["3/3.3"].parts)
    assert on_time.count('class="plain"') + on_time.count('class="doubtful"') == answered
    assert 'class="common"' in on_time and 'class="target"' in on_time and "mục tiêu 200%" in on_time


def test_many_units_are_drawn_as_a_spread():
    page = overview.build(random_round(5, 300)).decode()
    assert "90–100" in page and len(page) < 700_000


def test_without_units_without_earlier_periods():
    page = overview.build(random_round(5, 0, own=False)).decode()
    assert "Chưa có số liệu kỳ trước để so." in page and Tags(page).open == []


def test_nothing_is_loaded_and_only_the_filter_runs(page):
    tags = Tags(page)
    assert tags.open == []
    assert not [tag for tag, _ in tags.found if tag in ("img", "link", "iframe", "object", "embed", "a", "form")]
    assert [attrs for tag, attrs in tags.found if tag == "script"] == [{}]
    assert not [
        attrs for _, attrs in tags.found if any(name.startswith("on") or name in ("src", "href") for name in attrs)
    ]
    policy = next(attrs["content"] for tag, attrs in tags.found if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert (
        "unsafe-eval" not in policy
        and "url(" not in page
        and "@import" not in page
        and "http" not in page.replace("http-equiv", "")
    )


def test_text_of_others_stays_text(round_):
    page = overview.build(named(round_, HOSTILE)).decode()
    tags = Tags(page)
    assert tags.open == [] and not [tag for tag, _ in tags.found if tag == "img"]
    assert len([tag for tag, _ in tags.found if tag == "script"]) == 1
    assert "{{ 7*7 }}" in page and "\u202e" not in page and "\x07" not in page


def test_no_contact_of_anybody_stands_in_it(round_):
    first, *others = round_.units
    unit = replace(first.unit, phone="0912345678", contact="Nguyễn Thị Bí Mật", email=("a@b.vn",))
    page = overview.build(replace(round_, units=(replace(first, unit=unit), *others))).decode()
    assert not [word for word in ("0912345678", "Bí Mật", "a@b.vn") if word in page]


def test_equal_rounds_give_equal_bytes(round_):
    assert overview.build(round_) == overview.build(round_)


def test_a_wild_number_does_not_press_the_others_flat():
    chart = drawing.bars("x", [drawing.Bar(name="a", value=Decimal(50)), drawing.Bar(name="b", value=Decimal(99999))])
    usual, wild = chart.rects
    assert wild.x + wild.width <= drawing.WIDTH and usual.width > 0.4 * wild.width
    assert any(word.text == "99.999" for word in chart.words)


def test_a_number_stands_clear_of_the_lines_and_says_when_it_is_doubtful():
    rows = [drawing.Bar(name="a", value=Decimal(47)), drawing.Bar(name="b", value=Decimal(20), doubtful=True)]
    chart = drawing.bars("x", rows, [("common", Decimal(50), "mức chung")], " (*)")
    (line,) = chart.lines
    near, far = (word for word in chart.words if word.text in ("47", "20 (*)"))
    assert near.x > line.x1 and far.x + 6 * len(far.text) < line.x1


def browse(chromium: str, folder, *options: str) -> str:
    """What a real browser answers."""
    fixed = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder / 'profile'}")
    command = [chromium, *fixed, *options, (folder / "tong-quan.html").as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_a_real_browser_shows_it_filters_it_and_prints_it(round_, chromium, tmp_path):
    """Scripts smuggled in do not run (the title would change); the page's own does (its handlers hide rows)."""
    page = overview.build(named(round_, HOSTILE)).decode()
    probe = 'box.value = "tu ky"; open.checked = false; apply();'  # what typing does
    script = overview._file(overview.SCRIPT)
    own = script.replace("  box.addEventListener", f"  {probe}\n  box.addEventListener", 1)
    assert own != script
    policy = re.search(r"sha256-[^']+", page)[0]

    allowed = "sha256-" + base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
    (tmp_path / "tong-quan.html").write_text(page.replace(script, own).replace(policy, allowed), "utf-8")
    dom = browse(chromium, tmp_path, "--dump-dom")
    assert "<title>Tổng quan" in dom and dom.count("<svg") == page.count("<svg")
    rows = re.findall(r"<tr data-ten=[^>]*>", dom)
    assert len(rows) == 24 and [" hidden" in row for row in rows] == [True] * 23 + [False]
    (tmp_path / "tong-quan.html").write_text(page.replace(script, own), "utf-8")  # a changed script is refused
    assert " hidden" not in "".join(re.findall(r"<tr data-ten=[^>]*>", browse(chromium, tmp_path, "--dump-dom")))
    printed = tmp_path / "in.pdf"
    browse(chromium, tmp_path, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    assert printed.read_bytes().startswith(b"%PDF")
    shown = subprocess.run(["pdftotext", "-layout", printed, "-"], capture_output=True, text=True, check=True).stdout
    assert "Đã gửi" in shown and "Tìm đơn vị" not in shown  # the filter is for the screen
    *_, last, _ = shown.split("\f")
    assert 3 <= shown.count("\f") <= 8 and "Đơn vị" in last and "Biểu 3," in last  # the table's head again


def test_the_periods_stand_in_time_order():
    columns = [("2021-6T", Decimal(10)), ("2022-Q1", None), ("2022-6T", Decimal(300))]
    chart = drawing.periods("x", [("a", columns)])
    assert [word.text for word in chart.words] == ["10", "2021-6T", "–", "2022-Q1", "300", "2022-6T", "a"]
    assert all(rect.height <= 150 for rect in chart.rects)


def test_a_number_in_doubt_is_marked_with_its_units(round_):
    quiet = {key: replace(figure, remarks=()) for key, figure in round_.figures.items()}
    plain = overview.build(replace(round_, figures=quiet)).decode()
    assert '<div class="doubt">' not in plain
    names = tuple(f"xã <b>{number}" for number in range(8))
    remark = Remark(name="unreadable", args={"count": len(names), "units": names})
    quiet["1/2.2"] = replace(quiet["1/2.2"], remarks=(remark,))
    text = overview.build(replace(round_, figures=quiet)).decode()
    assert text.count('<div class="doubt">') == 1 and "xã &lt;b&gt;5 và 2 đơn vị khác còn lỗi" in text
    value = vietnamese(quiet["1/2"].whole, 1)
    assert f"{value}% (*)</td>" in text


def test_a_long_name_over_a_group_stands_in_two_lines():
    name = "Tỷ lệ hồ sơ TTHC do UBND cấp xã tiếp nhận được giải quyết đúng hạn (3/3.3)"
    chart = drawing.periods("x", [(name, [("2022-6T", Decimal(10))])])
    assert " ".join(word.text for word in chart.words[2:]) == name

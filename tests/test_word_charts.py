"""Charts in the narrative: one column a unit, tied to the figures, drawn by Word itself."""

import random
import re
import subprocess
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from cchc_xl.model import Consolidation
from cchc_xl.word import narrative
from cchc_xl.word.anchors import Kind, refresh, sentence, verify
from cchc_xl.word.charts import chart_part, charts_in, columns_of, drawn, names_of, values_in
from cchc_xl.word.package import read_package, write_package
from tests.rounds import random_round
from tests.word_files import part

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    """As a good round gives: every unit with a rate from 0 to 100."""
    made, rng = random_round(11, 23, own=True), random.Random(1)
    figures = dict(made.figures)
    for key in ("3/3.3", "7/6.7"):
        parts = figures["1/1"].parts
        changed = tuple(replace(one, value=Decimal(rng.randint(0, 1000)) / 10) for one in parts)
        figures[key] = replace(figures[key], parts=changed)
    return replace(made, figures=figures)


@pytest.fixture(scope="module")
def report(round_) -> bytes:
    return narrative.build(round_)


def names(round_: Consolidation) -> dict[str, str]:
    return names_of(unit.unit for unit in round_.units)


def test_two_charts_stand_in_the_text_with_the_units_numbers(round_, report):
    parts = read_package(report)
    found = {key: name for key, _, name in charts_in(parts)}
    assert set(found) == {"3/3.3", "7/6.7"}
    for key, name in found.items():
        root = etree.fromstring(parts[name])
        shown = [point.findtext(f"{C}v") for point in root.iterfind(f".//{C}cat//{C}pt")]
        assert shown == [name for name, _ in columns_of(round_.figures[key], names(round_))]
        assert len(values_in(parts[name], name)) == len(round_.figures[key].parts) == len(shown)
    types = part(report, "[Content_Types].xml")
    assert all(f'PartName="/{name}"' in types for name in found.values())
    assert narrative.build(round_) == report


def test_no_chart_for_one_unit_or_for_too_many():
    assert not list(charts_in(read_package(narrative.build(random_round(5, 1, own=False)))))
    assert drawn("1/2", "x", [(str(n), Decimal(n)) for n in range(41)]) is None


def test_a_changed_number_of_a_unit_is_found_and_drawn_anew(round_, report):
    first, *others = round_.figures["3/3.3"].parts
    later = replace(round_.figures["3/3.3"], parts=(replace(first, value=Decimal("12.34")), *others))
    figures = {**round_.figures, "3/3.3": later}
    found = [one for one in verify(report, figures, round_.edition) if one.tag == "3/3.3@units"]
    assert [one.kind for one in found] == [Kind.STALE]
    assert sentence(found[0], round_.edition).startswith('Biểu đồ "Tỷ lệ hồ sơ TTHC do UBND cấp xã')
    healed = refresh(report, figures, round_.edition, names(round_))
    assert [one for one in verify(healed, figures, round_.edition) if one.tag == "3/3.3@units"] == []
    parts = read_package(healed)
    drawn_anew = {key: values_in(parts[name], name) for key, _, name in charts_in(parts)}
    assert drawn_anew["3/3.3"][0] == "12,3"
    before = read_package(report)
    same = next(name for key, _, name in charts_in(before) if key == "7/6.7")
    assert parts[same] == before[same]


def test_a_column_altered_by_hand_is_found(round_, report):
    parts = read_package(report)
    name = next(name for key, _, name in charts_in(parts) if key == "3/3.3")
    altered = re.sub(rb"(<c:numCache>.*?<c:v>)[^<]*", rb"\g<1>55.5", parts[name], count=1)
    (difference,) = verify(write_package({**parts, name: altered}), round_.figures, round_.edition)
    assert difference.tag == "3/3.3@units"
    assert verify(write_package({**parts, name: b"<broken"}), round_.figures, round_.edition)[0].tag == "3/3.3@units"


@pytest.mark.parametrize("name", ["<c:v>&amp;", "</a:t>&", "{{ 7*7 }}", 'Xã "Đỏ"', "x" * 500])
def test_a_name_is_only_text(name):
    part = chart_part(name, [(name, Decimal(1)), ("b", Decimal(200))])
    root = etree.fromstring(part)
    shown = root.find(f".//{C}cat//{C}pt/{C}v").text
    assert shown == (name if len(name) <= 28 else name[:27] + "…")
    assert root.find(f".//{C}valAx/{C}scaling/{C}max") is None  # a wild number is not cut off


def test_two_columns_at_least():
    assert drawn("1/2", "x", [("a", Decimal(1))]) is None
    assert drawn("1/2", "x", [("a", Decimal(1)), ("b", Decimal(2))]).key == "1/2"


def test_libreoffice_draws_it(report, office, tmp_path):
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(report)
    path = office.to_pdf(source, tmp_path / "pdf")
    said = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "dòng 3.3" in said and "dòng 6.7" in said and "Xã Đơn vị 3" in said


def test_charts_stay_known_when_libreoffice_saves_the_file(round_, report, office, tmp_path):
    source = tmp_path / "bao-cao.docx"
    source.write_bytes(report)
    saved = office.convert(source, tmp_path / "out", "docx").read_bytes()
    assert {key for key, _, _ in charts_in(read_package(saved))} == {"3/3.3", "7/6.7"}
    assert not [one for one in verify(saved, round_.figures, round_.edition) if one.tag.endswith("@units")]
    first, *others = round_.figures["3/3.3"].parts
    later = replace(round_.figures["3/3.3"], parts=(replace(first, value=Decimal("12.34")), *others))
    figures = {**round_.figures, "3/3.3": later}
    assert [one.tag for one in verify(saved, figures, round_.edition) if one.tag.endswith("@units")] == ["3/3.3@units"]
    healed = refresh(saved, figures, round_.edition, names(round_))
    assert not [one for one in verify(healed, figures, round_.edition) if one.tag.endswith("@units")]

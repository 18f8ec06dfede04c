"""The district master: every figure live, equal to the consolidation, and walked back to the cell it came from."""

import html
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from python_calamine import CalamineWorkbook

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate, figures_of
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import (
    Cell,
    Consolidation,
    FileFate,
    Kind,
    Method,
    ReportingUnit,
    Roster,
    State,
    Submission,
    UnitState,
)
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook import reader, sources
from cchc_xl.workbook.consolidated import plan as master_plan
from cchc_xl.workbook.consolidated import unit_cells
from cchc_xl.workbook.consolidated.cells import NotWritten
from cchc_xl.workbook.consolidated.plan import plan_of, shown_block
from cchc_xl.workbook.layout import address
from cchc_xl.workbook.master import build
from tests.conftest import Sheets, seeded_share
from tests.rounds import PERIOD, corrected_round, random_round, submission_of

FUNCTIONS = {"IF", "AND", "ISNUMBER", "SUM", "SUMIF", "SUMPRODUCT", "COUNT", "COUNTIF", "COUNTIFS"}
FUNCTIONS |= {"AVERAGE", "MAX", "MIN", "INDEX", "COLUMN", "N", "RANK", "QUARTILE", "MEDIAN", "ROUND"}
ROUNDS = list(enumerate([1, 2, 3, 5, 8, 23, 4, 6, 9, 12] * 4 + [0, 1, 7, 40, 23, 70, 300, 2, 2, 3]))


@pytest.fixture(scope="module")
def round_23() -> Consolidation:
    return random_round(1, 23, own=True)


@pytest.fixture(scope="module")
def book_23(round_23):
    return openpyxl.load_workbook(BytesIO(build(round_23)))


def formulas(content: bytes) -> dict[tuple[str, str], str]:
    """(sheet, cell) -> formula, as they stand in the file."""
    found = {}
    with zipfile.ZipFile(BytesIO(content)) as package:
        for number, sheet in enumerate(sheet_names(package), 1):
            body = package.read(f"xl/worksheets/sheet{number}.xml").decode()
            for cell, formula in re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f>([^<]*)</f>', body):
                found[sheet, cell] = html.unescape(formula)
    return found


def sheet_names(package: zipfile.ZipFile) -> list[str]:
    return [
        html.unescape(name) for name in re.findall(r'<sheet name="([^"]+)"', package.read("xl/workbook.xml").decode())
    ]


def stored_in(workbook: bytes | Path) -> Sheets:
    """Sheet -> cell -> stored value, by a reader that gives no value to an empty cell with a link."""
    content = workbook if isinstance(workbook, bytes) else workbook.read_bytes()
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {
        name: {
            address(row, column): value
            for row, values in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for column, value in enumerate(values)
            if value != ""
        }
        for name in book.sheet_names
    }


def same(one: object, other: object) -> bool:
    """Equal as shown: nothing and "" alike, numbers to 1e-9 of their size."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1, abs(one))
    return (one or "") == (other or "") if not isinstance(one, int | float) else False


# --- the figures ------------------------------------------------------------------------------------------------


def test_recalculation_changes_no_stored_value(office, tmp_path, share):
    """LibreOffice computes every formula of seeded random rounds to the value stored, and no error value.

    With corrections, earlier periods, targets and rankings in them.
    """
    sources_, made = [], seeded_share(ROUNDS, share)
    for seed, size in made:
        sources_.append(tmp_path / f"{seed}-{size}.xlsx")
        sources_[-1].write_bytes(build(corrected_round(seed, size)))
    for path, again in zip(sources_, office.recalculate_all(sources_, tmp_path / "out"), strict=True):
        stored, computed = stored_in(path), stored_in(again)
        live = formulas(path.read_bytes())
        assert len(live) > 300
        differing = [
            (*at, formula, stored[at[0]].get(at[1]), computed[at[0]].get(at[1]))
            for at, formula in live.items()
            if not same(stored[at[0]].get(at[1]), computed[at[0]].get(at[1]))
        ]
        assert not differing
        errors = [v for cells in computed.values() for v in cells.values() if isinstance(v, str) and v.startswith("#")]
        assert not errors


@pytest.mark.parametrize(("seed", "own"), [(1, True), (2, False), (3, None)])
def test_every_figure_is_a_formula_with_the_consolidated_value(seed, own):
    consolidation = random_round(seed, 9, own=own)
    content = build(consolidation)
    live, stored, plan = formulas(content), stored_in(content), plan_of(consolidation)
    blocks = {"communes": plan.communes, "own": plan.own_part, "whole": plan.whole, "n": plan.count}
    for key, figure in consolidation.figures.items():
        sheet = master_plan.detail_sheet(int(key.partition("/")[0]))
        for name, column in blocks.items():
            cell = address(plan.detail_row[key], column)
            value = getattr(figure, name)
            assert same(stored[sheet].get(cell), None if value is None else float(value)), (key, name)
            assert value is None or (sheet, cell) in live, (key, name)
        for value, count in (figure.distribution or {}).items():
            cell = address(plan.helper_row[key, f"choice-{value}"], plan.communes)
            assert stored[sheet][cell] == count and (sheet, cell) in live
        if figure.bounds:
            cells = [address(plan.helper_row[key, name], plan.communes) for name in ("low", "high")]
            assert [stored[sheet][cell] for cell in cells] == [float(bound) for bound in figure.bounds]


def test_the_official_form_shows_the_whole_and_the_sum_of_units_where_a_whole_means_nothing(round_23):
    content, plan = build(round_23), plan_of(round_23)
    stored, live = stored_in(content), formulas(content)
    for form in round_23.edition.forms:
        for number, indicator in enumerate(form.indicators):
            figure, at = round_23.figures.get(indicator.key), (f"Biểu {form.number}", f"D{7 + number}")
            if figure is None or indicator.method is Method.DISTRIBUTION:
                assert at not in live
                continue
            alone = indicator.key.startswith("1/4.")
            assert (shown_block(indicator, plan) == plan.communes) == alone
            expected = figure.communes if alone else figure.whole
            assert same(stored[at[0]].get(at[1]), None if expected is None else float(expected)), indicator.key
            assert at in live
    n = round_23.figures["1/4.1"].n
    assert stored["Biểu 1"]["E18"].startswith(f"{n}/23; Cộng các xã")  # 1/4.1, in print


def test_who_is_missing_in_a_figure_is_named_beside_it(round_23):
    stored, plan = stored_in(build(round_23)), plan_of(round_23)
    absent = [unit.unit.full_name for unit in round_23.units if unit.state is not UnitState.COUNTED]
    for key in ("1/1", "1/2", "3/1.4.3", "5/2.1"):
        figure, said = round_23.figures[key], stored[f"Chi tiết {key[0]}"][address(plan.detail_row[key], plan.remark)]
        named = said.lower().partition("chưa có số: ")[2].partition(" và ")[0].split(", ")
        assert len(named) == min(5, figure.N - figure.n) and (absent[0].lower() in named or len(named) == 5)
        more = figure.N - figure.n - len(named)
        assert (f" và {more} đơn vị khác" in said) == (more > 0)
    assert stored["Biểu 1"]["J7"] == stored["Chi tiết 1"][address(plan.detail_row["1/1"], plan.remark)]


def test_a_unit_cell_is_a_formula_on_its_source_row(round_23, book_23):
    plan = plan_of(round_23)
    for number, counted in enumerate(round_23.units):
        for key in ("1/2.1", "3/1.4.3", "7/6.7.2"):
            form = int(key[0])
            cell = book_23[f"Chi tiết {form}"].cell(plan.detail_row[key] + 1, master_plan.FIRST_UNIT + number + 1)
            if counted.state is not UnitState.COUNTED:
                assert cell.value is None
                continue
            source = f"'Nguồn số liệu {form}'!{plan.source(counted.unit.code, key)}"
            assert cell.value == f'=IF({source}="","",{source})'


# --- one answer changed by one ----------------------------------------------------------------------------------

STEADY = {Kind.PERCENT: 99, Kind.FLAG: 0, Kind.CHOICE: 0}


def steady_round() -> Consolidation:
    """Five units that answer everything, the consolidating one only what is its own."""
    edition = load()
    units = tuple(ReportingUnit(code=f"1100{n}", name=f"Đơn vị {n}", type="xã", level="xã") for n in range(5))
    owner = ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)
    answers = {}
    for place, row in enumerate(row for row in edition.indicators if row.cell is Cell.ANSWER):
        answers[row.key] = [Decimal(STEADY.get(row.kind, 20 + 3 * place % 17)) for _ in units]
        if row.method is Method.SAME:
            answers[row.key][3:] = [Decimal(7)] * 2
    files = [
        submission_of(edition, unit, {key: values[number] for key, values in answers.items()})
        for number, unit in enumerate(units)
    ]
    own = {row.key: Decimal(5) for row in edition.indicators if row.method is Method.OWN and row.cell is Cell.ANSWER}
    files.append(submission_of(edition, owner, own | {"1/1": Decimal(4)}))
    roster = Roster(file="danh-sach.csv", units=units, consolidating=owner)
    return consolidate(edition, period_of(edition, PERIOD), roster, files, check)


def with_one_more(consolidation: Consolidation, code: str, key: str) -> Consolidation:
    """The same round with one answer of one unit greater by 1."""

    def changed(counted):
        if counted is None or counted.unit.code != code:
            return counted
        entries = dict(counted.submission.entries)
        entries[key] = replace(entries[key], value=entries[key].value + 1)
        for row in consolidation.edition.indicators:
            if entries[row.key].intact:
                value = recomputed(row, entries)
                state = State.BLANK if value is None else State.NUMBER
                entries[row.key] = replace(entries[row.key], value=value, state=state)
        return replace(counted, submission=replace(counted.submission, entries=entries))

    units, own = tuple(changed(unit) for unit in consolidation.units), changed(consolidation.own)
    return replace(consolidation, units=units, own=own, figures=figures_of(consolidation.edition, units, own))


def typed_into_source(content: bytes, consolidation: Consolidation, code: str, key: str, value: float) -> bytes:
    """The workbook as if a person had typed another number into the value cell of a source row."""
    sheet, cell = sources.sheet_name(int(key[0])), plan_of(consolidation).source(code, key)
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        part = f"xl/worksheets/sheet{sheet_names(old).index(sheet) + 1}.xml"
        for name in old.namelist():
            body = old.read(name)
            if name == part:
                pattern = rf'(<c r="{cell}"[^>]*><v>)[^<]*(</v>)'.encode()
                body, count = re.subn(pattern, rb"\g<1>" + str(value).encode() + rb"\g<2>", body)
                assert count == 1
            new.writestr(name, body)
    return out.getvalue()


CHANGES = {
    "sum": ("11001", "1/1"),
    "sum, the whole is the own part's": ("11001", "5/2.1"),
    "sum, no whole": ("11001", "1/4.1"),
    "sum, own part": ("298", "1/1"),
    "ratio, part": ("11002", "1/2.2"),
    "ratio, base": ("11002", "1/2.1"),
    "total and total of totals": ("11000", "6/2.4.1"),
    "count_yes": ("11003", "1/5"),
    "distribution": ("11003", "1/5.2"),
    "same: a tie": ("11000", "3/1.4.3"),
    "same, and the ratio of what is the same": ("11000", "7/6.4.2"),
    "share": ("11004", "7/5.1.1"),
    "mean": ("11004", "7/3"),
    "reduction": ("11004", "4/2.5"),
    "reduction, base": ("11004", "4/2.1"),
    "bounds": ("11002", "7/6.4.3"),
    "own": ("298", "2/1.1"),
    "own, repeated by a unit": ("11000", "2/1.1"),
}


def by_form(names: Iterable[str]) -> list[dict[str, str]]:
    """The cases in groups with one a form: no figure depends on another form, so one file proves a group."""
    groups: list[dict[str, str]] = []
    for name in names:
        form = CHANGES[name][1][0]
        free = next((group for group in groups if form not in group), None)
        if free is None:
            groups.append(free := {})
        free[form] = name
    return groups


def test_one_answer_greater_by_one_moves_exactly_the_figures_that_depend_on_it(office, tmp_path):
    """For each way of consolidating: typed into the source row, computed by LibreOffice, compared figure by figure."""
    before = steady_round()
    proved = {before.figures[key].method for _, key in CHANGES.values()}
    assert proved | {Method.RATIO, Method.TOTAL} == {figure.method for figure in before.figures.values()}
    plan, groups, paths, rounds = plan_of(before), by_form(CHANGES), [], []
    for number, group in enumerate(groups):
        content, after = build(before), before
        for code, key in (CHANGES[name] for name in group.values()):
            after = with_one_more(after, code, key)
            counted = next(unit for unit in (*after.units, after.own) if unit.unit.code == code)
            content = typed_into_source(content, before, code, key, float(counted.submission.entries[key].value))
        rounds.append(after)
        paths.append(tmp_path / f"{number}.xlsx")
        paths[-1].write_bytes(content)
    for group, after, path in zip(groups, rounds, office.recalculate_all(paths, tmp_path / "out"), strict=True):
        computed, moved, found = stored_in(path), changes(before, after), set()
        for (key, block), (was, now) in blocks_of(before, after).items():
            cell = computed[master_plan.detail_sheet(int(key[0]))].get(_cell(plan, key, block))
            assert same(cell, now), (group, key, block)
            if not same(cell, was):
                found.add((key, block))
        assert found == moved
        for form, name in group.items():
            assert any(key[0] == form for key, _ in moved) == (name != "own, repeated by a unit"), name


def blocks_of(before: Consolidation, after: Consolidation) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    pairs: dict[tuple[str, str], tuple[object, object]] = {}
    for key, old in before.figures.items():
        new = after.figures[key]
        for block in ("communes", "own", "whole", "n"):
            pairs[key, block] = (getattr(old, block), getattr(new, block))
        for value, count in (old.distribution or {}).items():
            pairs[key, f"choice-{value}"] = (count, (new.distribution or {})[value])
    return {at: tuple(None if v is None else float(v) for v in pair) for at, pair in pairs.items()}


def changes(before: Consolidation, after: Consolidation) -> set[tuple[str, str]]:
    return {at for at, (was, now) in blocks_of(before, after).items() if not same(was, now)}


def _cell(plan, key: str, block: str) -> str:
    if block.startswith("choice-"):
        return address(plan.helper_row[key, block], plan.communes)
    column = {"communes": plan.communes, "own": plan.own_part, "whole": plan.whole, "n": plan.count}[block]
    return address(plan.detail_row[key], column)


# --- walking ----------------------------------------------------------------------------------------------------


def targets(book) -> dict[tuple[str, str], tuple[str, str]]:
    """Every link: (sheet, cell) -> (sheet, cell)."""
    found = {}
    for sheet in book.worksheets:
        for at, hyperlink in ((cell.coordinate, cell.hyperlink) for row in sheet for cell in row if cell.hyperlink):
            assert hyperlink.location and not hyperlink.target, "no link leads out of the workbook"
            name, _, cell = hyperlink.location.rpartition("!")
            found[sheet.title, at] = (name.strip("'"), cell)
    return found


def test_every_link_leads_to_a_cell_of_the_workbook(book_23):
    assert len(resolved(book_23)) > 2000


def test_every_link_of_random_rounds_resolves(share):
    for seed, size in seeded_share(ROUNDS, share):
        assert resolved(openpyxl.load_workbook(BytesIO(build(corrected_round(seed, size)))))


def resolved(book) -> dict[tuple[str, str], tuple[str, str]]:
    """All links; each leads to a cell within what its sheet holds."""
    links, sizes = targets(book), {sheet.title: (sheet.max_row, sheet.max_column) for sheet in book.worksheets}
    for sheet, cell in links.values():
        column, row = coordinate_from_string(cell)
        assert row <= sizes[sheet][0] and column_index_from_string(column) <= sizes[sheet][1], (sheet, cell)
    return links


def test_two_clicks_lead_from_a_figure_to_a_units_source_row(round_23, book_23):
    """From Biểu 3 to Chi tiết 3 to Nguồn số liệu 3, where the file and its cell stand."""
    links, plan = targets(book_23), plan_of(round_23)
    walked = 0
    for number, indicator in enumerate(round_23.edition.forms[2].indicators):
        start = ("Biểu 3", f"D{7 + number}")
        if indicator.key not in round_23.figures:
            continue
        sheet, cell = links[start]
        assert (sheet, cell) == ("Chi tiết 3", f"A{plan.detail_row[indicator.key] + 1}")
        for place, counted in enumerate(round_23.units):
            if counted.state is not UnitState.COUNTED:
                continue
            row = re.sub(r"\D", "", cell)
            source_sheet, source_cell = links[sheet, f"{address(0, master_plan.FIRST_UNIT + place)[:-1]}{row}"]
            source = [c.value for c in book_23[source_sheet][re.sub(r"\D", "", source_cell)]]
            said = dict(zip(sources.COLUMNS, source, strict=True))
            assert (said["unit_code"], said["key"]) == (counted.unit.code, indicator.key)
            entry = counted.submission.entries[indicator.key]
            assert (said["file"], said["sheet"], said["cell"]) == (f"{counted.unit.code}.xlsx", entry.sheet, entry.cell)
            assert said["sha256"] == counted.submission.sha256
            walked += 1
    assert walked > 400


def test_figures_have_names(round_23, book_23):
    plan = plan_of(round_23)
    assert book_23.defined_names["TH_1_2_1"].attr_text == plan.outside("1/2.1", plan.whole)
    assert book_23.defined_names["CD_3_3_3_1"].attr_text == plan.outside("3/3.3.1", plan.communes)
    assert not [name for name in book_23.defined_names if name.startswith("BM")], "a master is no unit's workbook"


# --- what it must not hold --------------------------------------------------------------------------------------


def test_formulas_are_plain():
    """No function newer than Excel 2007, no array formulas, no MODE, nothing from outside, no 3-D reference."""
    content = build(corrected_round(3, 23))
    with zipfile.ZipFile(BytesIO(content)) as package:
        assert not [name for name in package.namelist() if "externalLink" in name or "metadata" in name]
        bodies = [package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name]
    assert not re.search(r"<f [^>]*t=", "".join(bodies))
    texts = [text for body in bodies for text in re.findall(r"<f>([^<]*)</f>", body)]
    assert len(texts) > 2500
    for text in texts:
        bare = re.sub(r"&quot;[^&]*&quot;|\"[^\"]*\"", "", text)
        assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= FUNCTIONS, text
        assert "[" not in text and len(text) < 1000
        assert not re.search(r"'[^']*:[^']*'!", text)


def test_text_from_a_unit_stays_text(round_23):
    """Unreadable answers of this round begin with "="; none of them is a formula."""
    content = build(round_23)
    cells = stored_in(content)
    typed = [v for name, sheet in cells.items() if "Nguồn" in name for v in sheet.values() if v == "=cmd|' /c calc'!A1"]
    assert typed
    live = formulas(content)
    assert not [formula for formula in live.values() if "cmd" in formula]
    assert not [at for at in live if at[0].startswith("Nguồn")]


TEXTS = ["=1+1", "+1", "-1+2", "@SUM(1)", "http://x.vn", "{=1}", "a\x00b\x0b\ufffe", "x" * 40_000]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_of_a_unit_can_be_written(text):
    edition = load()
    unit = ReportingUnit(code="00070", name="An", type="xã", level="xã")
    submission = submission_of(edition, unit, {"1/1": Decimal(3)})
    entries = dict(submission.entries)
    entries["1/2.1"] = replace(entries["1/2.1"], state=State.UNREADABLE, raw=text, note=text)
    submission = replace(submission, entries=entries, file=f"{text[:200]}.xlsx")
    roster = Roster(file="a.csv", units=(unit,))
    content = build(consolidate(edition, period_of(edition, PERIOD), roster, [submission], check))
    live, cells = formulas(content), stored_in(content)
    assert not [at for at in live if at[0].startswith("Nguồn")]
    assert str(cells["Nguồn số liệu 1"]["H4"]).startswith(text[:3]) or "\x00" in text
    assert cells["Nguồn số liệu 1"]["A2"] == "00070"


def test_equal_rounds_give_equal_bytes(round_23):
    assert build(round_23) == build(random_round(1, 23, own=True))


# --- who, and who has sent --------------------------------------------------------------------------------------


def test_identity_stands_twice(book_23):
    properties = {prop.name: prop.value for prop in book_23.custom_doc_props.props}
    expected = {"CCHC_EDITION": "xa-2022", "CCHC_PERIOD": "2022-6T", "CCHC_UNIT": "298"}
    assert properties == {**expected, "CCHC_KIND": "tong-hop"}
    for name, value in expected.items():
        assert book_23.defined_names[name].attr_text == f'"{value}"'


def test_a_master_is_read_as_the_workbooks_of_its_units(round_23):
    """The next level up gets the same answers, states and origins, and the same figures."""
    edition = round_23.edition
    read = reader.read(build(round_23), file="tong-hop.xlsx")
    counted = [unit for unit in (*round_23.units, round_23.own) if unit.state is UnitState.COUNTED]
    assert [s.unit.code for s in read] == [unit.unit.code for unit in counted]
    for submission, unit in zip(read, counted, strict=True):
        assert (submission.file, submission.sha256) == (unit.submission.file, unit.submission.sha256)
        for key, entry in unit.submission.entries.items():
            again = submission.entries[key]
            assert (again.state, again.amount, again.cell) == (entry.state, entry.amount, entry.cell), key
    again = consolidate(edition, round_23.period, round_23.roster, list(read), check)
    for key, figure in round_23.figures.items():
        other = again.figures[key]
        for block in ("communes", "own", "whole", "n"):
            assert getattr(other, block) == getattr(figure, block), (key, block)


def test_every_file_and_every_finding_is_listed_once(round_23):
    strange = submission_of(load(), ReportingUnit(code="99999", name="Lạ", type="xã", level="xã"), {}, "lạ.xlsx")
    refused = Submission(file="hỏng.xlsx", sha256="ab" * 32, refused=True)
    files = [handed_in.submission for handed_in in round_23.files] + [strange, refused]
    twice = replace(files[0], file="gửi lại.xlsx", sha256="cd" * 32)
    entry = replace(twice.entries["1/2.1"], state=State.NUMBER, value=Decimal(98765))
    files.append(replace(twice, entries={**twice.entries, "1/2.1": entry}))
    consolidation = consolidate(load(), round_23.period, round_23.roster, files, check)
    cells = stored_in(build(consolidation))
    sent = [value for value in cells["Tình hình nộp"].values() if isinstance(value, str)]
    for handed_in in consolidation.files:
        assert sent.count(handed_in.submission.file) >= 1, handed_in.submission.file
    fates = {handed_in.fate for handed_in in consolidation.files}
    assert fates >= {FileFate.COUNTED, FileFate.NOT_COUNTED, FileFate.REFUSED}
    assert {"Được tổng hợp", "Không tổng hợp", "Không đọc được"} <= set(sent)
    listed = sum(len(unit.findings) for unit in (*consolidation.units, consolidation.own))
    others = [h for h in consolidation.files if h.fate not in (FileFate.COUNTED, FileFate.DUPLICATE)]
    shared = {id(f) for unit in consolidation.units for f in unit.findings}
    listed += sum(1 for h in others for f in h.findings if id(f) not in shared)
    numbers = [v for at, v in cells["Lỗi và giải trình"].items() if re.fullmatch(r"A\d+", at) and isinstance(v, float)]
    assert numbers == list(range(1, listed + 1))


def test_levels_come_from_roster_and_edition():
    """A province over districts, and a list without a consolidating unit: no word of a level stands in the code."""
    edition = load()
    unit = ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện")
    owner = ReportingUnit(code="30", name="Hải Dương", type="tỉnh", level="tỉnh", consolidating=True)
    submission = submission_of(edition, unit, {"1/1": Decimal(3)})
    period = period_of(edition, PERIOD)
    roster = Roster(file="a.csv", units=(unit,), consolidating=owner)
    cells = stored_in(build(consolidate(edition, period, roster, [submission], check)))["Chi tiết 1"]
    assert {"Cộng các huyện", "Số của tỉnh", "Toàn tỉnh"} <= set(cells.values())
    alone = consolidate(edition, period, Roster(file="a.csv", units=(unit,)), [submission], check)
    content = build(alone)
    assert {"Cộng các huyện", "Số của tỉnh", "Toàn tỉnh"} <= set(stored_in(content)["Chi tiết 1"].values())
    assert openpyxl.load_workbook(BytesIO(content)).defined_names["CCHC_UNIT"].attr_text == '""'


# --- limits -----------------------------------------------------------------------------------------------------


def test_many_units_have_no_link_a_cell_but_the_same_formulas(monkeypatch, round_23):
    few = formulas(build(round_23))
    monkeypatch.setattr(unit_cells, "MOST_LINKS", 5)
    content = build(round_23)
    assert formulas(content) == few
    book = openpyxl.load_workbook(BytesIO(content))
    assert not [at for at in targets(book) if at[0].startswith("Chi tiết") and int(re.sub(r"\D", "", at[1])) > 6]


def test_too_many_units_leave_the_source_rows_out_and_say_so(monkeypatch, round_23):
    monkeypatch.setattr(master_plan, "MOST_SOURCES", 5)
    for module in ("master", "consolidated.overview"):
        monkeypatch.setattr(f"cchc_xl.workbook.{module}.MOST_SOURCES", 5)
    content = build(round_23)
    cells = stored_in(content)
    assert not [name for name in cells if name.startswith("Nguồn")]
    assert any("so-lieu.csv" in str(value) for value in cells["Tổng quan"].values())
    plan = plan_of(round_23)
    figure = round_23.figures["1/1"]
    assert cells["Chi tiết 1"][address(plan.detail_row["1/1"], plan.whole)] == float(figure.whole)


def test_a_dropped_cell_is_an_error():
    import xlsxwriter

    from cchc_xl.workbook.consolidated.cells import link, write_text

    book = xlsxwriter.Workbook(BytesIO())
    sheet = book.add_worksheet()
    with pytest.raises(NotWritten):
        write_text(sheet, 2**21, 0, "x", book.add_format())
    with pytest.raises(NotWritten), pytest.warns(UserWarning):
        link(sheet, 0, 0, "internal:'a'!" + "A" * 3000, book.add_format())
    book.close()


def test_a_source_row_leads_to_the_cell_of_the_units_own_file(round_23):
    file = next(unit.submission.file for unit in round_23.units if unit.submission)
    content = build(round_23, {file: f"../nhận về/{file}"})
    assert formulas(content) == formulas(build(round_23))
    book = openpyxl.load_workbook(BytesIO(content))
    links = [cell.hyperlink for row in book["Nguồn số liệu 1"] for cell in row if cell.hyperlink]
    target = f"..\\nhận%20về\\{file}"  # as Excel itself writes paths
    assert [(link.target, link.location) for link in links[:2]] == [(target, "'Biểu 1'!D7"), (target, "'Biểu 1'!D8")]
    assert links[0].ref == "K2" and book["Nguồn số liệu 1"]["K2"].value == file
    sent = [cell.hyperlink.target for row in book["Tình hình nộp"] for cell in row if cell.hyperlink]
    assert target in sent


def test_number_formats_are_such_as_excel_takes(round_23):
    """At most four sections, conditions in the first two only: Excel calls a workbook with others broken."""
    with zipfile.ZipFile(BytesIO(build(round_23))) as package:
        formats = re.findall(r'formatCode="([^"]*)"', package.read("xl/styles.xml").decode())
    assert {html.unescape(one) for one in formats} > {'#,##0.0##;-#,##0.0##;"KPS"', "[=0]0;[=100]0;0.0"}
    for one in formats:
        sections = re.sub("&quot;.*?&quot;", "", one).split(";")
        assert len(sections) <= 4 and not any("[" in section for section in sections[2:]), one


def test_charts_are_bound_to_cells(round_23):
    """Each chart draws ranges of this workbook, with the values that stand there."""
    content, plan = build(round_23), plan_of(round_23)
    with zipfile.ZipFile(BytesIO(content)) as package:
        charts = [package.read(name).decode() for name in package.namelist() if "charts/chart" in name]
    ranges = [re.findall(r"<c:f>([^<]*)</c:f>", chart) for chart in charts]
    assert ranges[0] == ["'Tổng quan'!$B$7:$B$9", "'Tổng quan'!$C$7:$C$9"]
    last = address(0, plan.communes - 1)[:-1]
    row = plan.detail_row["3/3.3"] + 1
    assert ranges[1] == [f"'Chi tiết 3'!$D$5:${last}$5", f"'Chi tiết 3'!$D${row}:${last}${row}"]
    drawn = re.findall(r"<c:v>([^<]*)</c:v>", re.findall(r"<c:numCache>.*</c:numCache>", charts[0])[0])
    assert [int(float(value)) for value in drawn] == [round_23.sent, round_23.N - round_23.sent, 0]

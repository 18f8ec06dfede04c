"""Corrections, explanations and findings that staff keep in workbooks of ours, damaged or filled with anything."""

import random
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.consolidation.corrections import with_corrections
from cchc_xl.editions.catalogue import advice, error_sentence, message, words
from cchc_xl.editions.load import load, period_of
from cchc_xl.errors import CchcError
from cchc_xl.model import Consolidation, ReportingUnit, Roster, Submission
from cchc_xl.rounds.adding.amending import write_amendment
from cchc_xl.rounds.adding.correcting import held_lines
from cchc_xl.rounds.adding.tied import refresh_report, verify_report
from cchc_xl.rounds.adding.typing_in import write_portal
from cchc_xl.word import narrative
from cchc_xl.workbook import master
from cchc_xl.workbook.reader import read
from tests.bounded import SECONDS
from tests.conftest import SEED
from tests.damage import part_of
from tests.fuzz.cells import Cells
from tests.rounds import random_lines, random_round, random_submission

NAME = "tong-hop.xlsx"


@pytest.fixture(scope="module")
def sent() -> Consolidation:
    return random_round(5, 4, own=True)


@pytest.fixture(scope="module")
def corrected(sent) -> bytes:
    """A master with corrections, some that hold and some that do not."""
    return master.build(with_corrections(sent, random_lines(sent, 3, 8), check), {})


def taken(folder: Path, sent: Consolidation) -> Consolidation:
    held = held_lines(folder, NAME, sent)
    return replace(with_corrections(sent, held.lines, check), notices=held.notices)


def said(made: Consolidation) -> set[str]:
    """Everything that is said of corrections, as sentences."""
    findings = [*made.notices, *(line.finding for line in made.lines if line.finding)]
    return {message(one, made.edition) + advice(one, made.edition) for one in findings}


def test_damaged_corrections_change_no_figure_without_a_word(sent, corrected, tmp_path, share):
    """A figure differs only with a sentence, or by what stands in the one cell or line that was touched."""
    path = tmp_path / NAME
    path.write_bytes(corrected)
    before = taken(tmp_path, sent)
    applied = {(one.unit, one.key): one.value for one in before.corrections}
    assert len(applied) >= 2
    attacked, rng, same = Cells(corrected, [part_of(corrected, "Điều chỉnh")], lambda row: 5 < row < 18), None, 0
    rng = random.Random(SEED)
    for _ in range(round(800 * share)):
        mutant = attacked.mutant(rng)
        path.write_bytes(mutant.content)
        started = time.process_time()
        after = taken(tmp_path, sent)
        assert time.process_time() - started < SECONDS
        changed = [key for key, figure in before.figures.items() if after.figures[key] != figure]
        same += not changed
        new = said(after) - said(before)
        now = {(one.unit, one.key): one.value for one in after.corrections}
        touched = {place for place in applied.keys() | now.keys() if applied.get(place) != now.get(place)}
        assert not changed or new or (mutant.how in ("cell", "content", "deleted") and len(touched) <= 2), mutant.what
        assert all(one.reason and one.source and (one.unit, one.key) in now for one in after.corrections)
    assert same > 50 * share


def test_damaged_masters_are_one_sentence_for_every_command(sent, corrected, tmp_path, share):
    """verify, refresh, amend, portal: what they write is from the numbers of before, or they say what is wrong."""
    whole, other, word = tmp_path / NAME, tmp_path / "khac.xlsx", tmp_path / "bao-cao.docx"
    whole.write_bytes(corrected)
    word.write_bytes(narrative.build(sent))
    parts = [part_of(corrected, title) for title in ("Điều chỉnh", "Biểu 1", "Tổng quan")]
    attacked, rng, refused = Cells(corrected, parts), random.Random(SEED), 0
    for number in range(round(200 * share)):
        mutant = attacked.mutant(rng)
        other.write_bytes(mutant.content)
        out = tmp_path / f"{number}.docx"
        jobs = (
            lambda out=out: write_amendment(whole, other, out),
            lambda out=out: write_portal(other, out.with_suffix(".xlsx")),
            lambda: verify_report(word, other),
            lambda out=out: refresh_report(word, other, out.with_stem(f"{out.stem}b")),
        )
        job = jobs[number % len(jobs)]
        try:
            job()
        except CchcError as error:
            refused += 1
            assert error_sentence(error)
    assert {path.parent for path in tmp_path.rglob("*")} == {tmp_path}
    assert whole.read_bytes() == corrected


def test_an_export_with_two_columns_of_one_name_is_said(corrected, tmp_path):
    """Which of them is the portal's, nobody can tell: the last one was taken before."""
    path, export = tmp_path / NAME, tmp_path / "cong.csv"
    path.write_bytes(corrected)
    export.write_text("Mã,Giá trị,giá trị \n1/1,5,7\n", "utf-8")
    with pytest.raises(CchcError) as failed:
        write_portal(path, tmp_path / "ra.xlsx", export=export)
    assert "hai cột cùng tên Giá trị" in error_sentence(failed.value)


@pytest.fixture(scope="module")
def explained() -> bytes:
    """A master of units that wrote beside their numbers."""
    edition, rng = load(), random.Random(SEED)
    units = tuple(ReportingUnit(code=f"1100{n}", name=f"Đơn vị {n}", type="xã", level="xã") for n in range(3))
    files = [
        replace(
            random_submission(edition, unit, rng),
            explanations={"1/2.2<=2.1": f"vì {unit.code} " * 900, "peer-twin": "như nhau"},
            words={edition.words["outline"][0]["id"]: "Kết quả chính"},
            documents=(("1/BC", "01/02/2022", "Báo cáo", "về việc | x"),),
        )
        for unit in units
    ]
    roster = Roster(file="ds.csv", units=units, consolidating=None)
    return master.build(consolidate(edition, period_of(edition, "2022-6T"), roster, files, check), {})


def beside(files: Sequence[Submission]) -> dict[tuple[str, str], object]:
    """(unit, what it is about) -> what the unit wrote."""
    said = {}
    for one in files:
        for about in (one.explanations, one.words, dict(enumerate(one.documents))):
            said |= {(one.unit.code, str(name)): text for name, text in about.items()}
    return said


def test_damaged_explanations_are_those_of_before_or_the_master_says_so(explained, share):
    """The sheet where a master keeps what units wrote: one cell of it is one text, or one piece of a long one."""
    before = beside(read(explained, file=NAME))
    assert len(before) == 12
    attacked = Cells(explained, [part_of(explained, words("master")["said"]["sheet"])])
    rng, same = random.Random(SEED), 0
    for _ in range(round(1_500 * share)):
        mutant = attacked.mutant(rng)
        started = time.process_time()
        after = read(mutant.content, file=NAME)
        assert time.process_time() - started < SECONDS
        if any(one.refused for one in after):
            continue
        now = beside(after)
        lost = [place for place, text in before.items() if now.get(place) != text]
        same += not lost
        assert len(lost) <= 1 or mutant.how != "cell" or _is_head(mutant.near), mutant.what
    assert same > 50 * share


def _is_head(near: str) -> bool:
    return re.search(r' r="[A-Z]+[1-4]"', near) is not None

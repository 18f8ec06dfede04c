"""Σ unit cells = master cells: the audit reads every number of the outputs again from the originals."""

import csv
import io
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.proving.auditing import audit
from tests.round_files import WHO, a_round, later, take, workbook

FIRST = {"1/1": 5, "1/2.1": 33, "1/2.2": 14}


@pytest.fixture(scope="module")
def consolidated(tmp_path_factory) -> Path:
    """A round with a report in two parts, a corrected one and the consolidating unit's own, consolidated into ra/."""
    home = a_round(tmp_path_factory.mktemp("round"))
    take(home, {"a.xlsx": workbook(FIRST), "b.xlsx": workbook({"1/1": 7}, "11086")})
    take(home, {"a2.xlsx": workbook({"1/2.2": 15, "1/2.1": 33})}, later(hours=1))
    take(home, {"own.xlsx": workbook({"1/1": 9}, "298")}, later(hours=1))
    take(home, {"b2.xlsx": workbook({"2/1.1": 7}, "11086")}, later(hours=2))
    take(
        home, {"c.xlsx": workbook({"1/1": 3}, "11092"), "refused.xlsx": b"PK", "other.xlsx": workbook({}, period=None)}
    )
    made = consolidate_round(home, later(hours=3), WHO)
    assert {"bao-cao.docx", "figures.json", "so-lieu.csv", "tong-hop.xlsx", "loi-theo-quy-tac.xlsx"} <= {*made.written}
    return home


@pytest.fixture
def home(consolidated, tmp_path):
    return Path(shutil.copytree(consolidated, tmp_path / "dot"))


def test_outputs_that_say_what_the_originals_say_are_right(home):
    assert audit(home) == ()
    facts = {(row["unit_code"], row["key"]): row for row in _rows(home)}
    assert facts["11083", "1/2.2"]["value"] == "15" and facts["11083", "1/1"]["value"] == "5"
    assert facts["11083", "1/2.2"]["file"] == "a2.xlsx" and facts["11083", "1/1"]["file"] == "a.xlsx"
    assert facts["11083", "1/2"]["value"].startswith("45.5"), "the ratio follows the corrected part"


def test_what_came_after_the_consolidation_does_not_make_it_wrong(home):
    take(home, {"late.xlsx": workbook(FIRST | {"1/1": 6})}, later(hours=9))
    assert audit(home) == ()


def _rows(home):
    return [*csv.DictReader(io.StringIO((home / "ra" / "so-lieu.csv").read_text("utf-8-sig"), newline=""))]


def _write(home, rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    (home / "ra" / "so-lieu.csv").write_text(text.getvalue(), "utf-8-sig")


def _change(home, unit, key, **values):
    rows = _rows(home)
    for row in rows:
        if (row["unit_code"], row["key"]) == (unit, key):
            row |= values
    _write(home, rows)


def _figure(home, key, value):
    path = home / "ra" / "figures.json"
    figures = json.loads(path.read_text())
    figures[key]["communes"] = value
    path.write_text(json.dumps(figures))


def _source_row(home):
    path = home / "ra" / "tong-hop.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book.worksheets if one.title.startswith("Nguồn"))
    cell = next(row[6] for row in sheet.iter_rows(min_row=2) if row[0].value == "11086" and row[4].value == "1/1")
    assert cell.value == 7
    cell.value = 8
    book.save(path)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda home: _change(home, "11083", "1/1", value="6"), "1/1"),
        (lambda home: _change(home, "11083", "1/1", value="", state="blank"), "1/1"),
        (lambda home: _change(home, "11083", "1/1", sha256="0" * 64), "0000"),
        (lambda home: _figure(home, "1/2.1", 34), "1/2.1"),
        (lambda home: _figure(home, "1/2.1", None), "1/2.1"),
        (lambda home: _write(home, [row for row in _rows(home) if row["unit_code"] != "11086"]), "11086"),
        (lambda home: (home / "ra" / "so-lieu.csv").unlink(), "so-lieu.csv"),
        (lambda home: (home / "ra" / "so-lieu.csv").write_text("no table"), "so-lieu.csv"),
        (lambda home: (home / "ra" / "figures.json").write_text("{}"), "figures.json"),
        (lambda home: (home / "ra" / "figures.json").write_text("["), "figures.json"),
        (lambda home: (home / "ra" / "tong-hop.xlsx").unlink(), "tong-hop.xlsx"),
        (lambda home: (home / "ra" / "tong-hop.xlsx").write_bytes(b"x"), "tong-hop.xlsx"),
        (_source_row, "1/1"),
    ],
)
def test_any_other_number_is_found(home, harm, said):
    harm(home)
    problems = audit(home)
    assert problems and any(said in one for one in problems), problems
    assert not [one for one in problems if "{" in one]


def test_an_output_that_a_person_edited_stays_and_the_new_one_is_audited(home):
    _change(home, "11083", "1/1", value="6")
    made = consolidate_round(home, later(hours=12), WHO)
    assert made.written["so-lieu.csv"].name == "so-lieu (2).csv"
    assert audit(home) == ()
    made.written["so-lieu.csv"].unlink()
    assert "so-lieu (2).csv" in audit(home)[0]

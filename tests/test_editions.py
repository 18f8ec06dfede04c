"""The edition's data against an independent copy of the official forms, and how broken data are told."""

import csv
import shutil
from datetime import date
from pathlib import Path

import pytest

from cchc_xl import editions
from cchc_xl.editions import catalogue
from cchc_xl.editions.catalogue import error_sentence, sentences
from cchc_xl.editions.load import available, load, load_folder, period_of
from cchc_xl.errors import DefinitionError, UsageError
from cchc_xl.model import Cell, Kind, Method
from cchc_xl.text import nfc
from tests.conftest import DATA

SHIPPED = Path(editions.__file__).parent


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_row_is_the_official_one_letter_by_letter(edition):
    wanted = [row | {"method": row["method"] or "none"} for row in table("xa-2022-rows.tsv")]
    loaded = [
        {
            "form": str(indicator.form),
            "code": indicator.code,
            "printed_code": indicator.printed_code,
            "label": indicator.label,
            "unit": indicator.unit,
            "method": indicator.method.value,
            "cell": indicator.cell.value,
        }
        for indicator in edition.indicators
    ]
    assert loaded == wanted
    assert len(loaded) == 123


def test_every_relation_is_the_agreed_one(edition):
    loaded = []
    for relation in edition.relations:
        if relation.constant is not None:
            right = str(relation.constant)
        else:
            right = ", ".join(map(str, relation.members)) or " + ".join(relation.right)
        row = (relation.id, " + ".join(relation.left), relation.op.value, right, relation.severity.value)
        loaded.append(dict(zip(("id", "left", "op", "right", "severity"), row, strict=True)))
    wanted = {row["id"]: row for row in table("xa-2022-relations.tsv")}
    # Its note says "with 3.1 or 3.2": the second row stands on the right side of ours.
    wanted["4/3.4-base"]["right"] = "4/3.1 + 4/3.2"
    ours = [row for row in loaded if row["id"] not in wanted]
    assert [row for row in loaded if row["id"] in wanted] == list(wanted.values())
    assert ours == [{"id": "1/1-documents", "left": "1/1", "op": "listed", "right": "", "severity": "note"}]
    assert len(loaded) == 50


def test_every_relation_says_what_it_rests_on(edition):
    assert all(relation.basis for relation in edition.relations)


def test_texts_are_composed_letters(edition):
    for indicator in edition.indicators:
        for text in (indicator.label, indicator.unit, indicator.bold, indicator.italic):
            assert text == nfc(text)
        assert indicator.bold in indicator.label and indicator.italic in indicator.label


def test_kinds_and_methods_fit_together(edition):
    for row in edition.indicators:
        assert (row.kind is Kind.HEADING) == (row.method is Method.NONE), row.key
        assert (row.cell is Cell.NONE) == (row.kind is Kind.HEADING), row.key
        assert (row.kind is Kind.RATIO) == bool(row.ratio_of), row.key
        assert (row.kind is Kind.RATIO) or (row.method is not Method.RATIO), row.key
        assert bool(row.owners) == (row.kind is not Kind.HEADING), row.key
        parts = (*(row.ratio_of or ()), *row.total_of)
        assert all(edition.by_key[key].form == row.form for key in parts), "formulas stay on their sheet"


@pytest.mark.parametrize(
    ("code", "title", "start", "end"),
    [
        ("2022-Q1", "quý I năm 2022", date(2021, 12, 15), date(2022, 3, 14)),
        ("2022-6T", "6 tháng đầu năm 2022", date(2021, 12, 15), date(2022, 6, 14)),
        ("2022-Q3", "quý III năm 2022", date(2022, 6, 15), date(2022, 9, 14)),
        ("2022-9T", "9 tháng đầu năm 2022", date(2021, 12, 15), date(2022, 9, 14)),
        ("2022-N", "năm 2022", date(2021, 12, 15), date(2022, 12, 14)),
    ],
)
def test_periods(edition, code, title, start, end):
    period = period_of(edition, code)
    assert (period.code, period.title, period.start, period.end) == (code, title, start, end)


@pytest.mark.parametrize("code", ["", "2022", "2022-", "2022-Q2", "22-6T", "-6T", "2022-6T-x", "0000-6T", "²022-6T"])
def test_an_unknown_period_is_one_sentence(edition, code):
    with pytest.raises(UsageError) as unknown:
        period_of(edition, code)
    assert "2022-6T" in error_sentence(unknown.value)


@pytest.mark.parametrize("name", ["xa-1999", "", "..", "ui", "../xa-2022", "/"])
def test_an_unknown_edition_is_one_sentence(name):
    with pytest.raises(UsageError) as unknown:
        load(name)
    assert "xa-2022" in error_sentence(unknown.value)
    assert "xa-2022" in available() and name not in available()


# Each spoils one place of a file: file, what stands there, what is put there, what the problem must name.
SPOILS = [
    ("form1.toml", 'kind = "count"', 'kind = "number"', ("form1.toml", "1/1", "kind")),
    ("form1.toml", 'ratio_of = ["1/2.2", "1/2.1"]', 'ratio_of = ["1/2.2", "1/9"]', ("form1.toml", "1/2", "1/9")),
    ("form1.toml", 'ratio_of = ["1/3.3.2", "1/3.3.1"]', "", ("form1.toml", "1/3.3", "ratio_of")),
    ("form2.toml", 'total_of = ["2/1.1", "2/1.2"]', "", ("form2.toml", "2/1", "total_of")),
    ("form2.toml", 'owners = ["huyện"]', 'owners = ["quận"]', ("form2.toml", "2/1.1", "quận")),
    ("form3.toml", 'unit = "', 'unti = "', ("form3.toml", "3/1", "unit")),
    ("form4.toml", 'code = "2.2"', 'code = "2.1"', ("form4.toml", "4/2.1", "lặp")),
    ("relations.toml", 'op = "<="', 'op = "=<"', ("relations.toml", "1/2.2<=2.1", "op")),
    ("relations.toml", 'right = ["1/3.3.1"]', 'right = ["1/3.3.9"]', ("relations.toml", "1/3.3.2<=3.3.1", "1/3.3.9")),
    ("relations.toml", 'id = "1/4-parts"', 'id = "1/3.3.2<=3.3.1"', ("relations.toml", "1/3.3.2<=3.3.1", "lặp")),
    ("relations.toml", 'severity = "note"', 'severity = "hint"', ("relations.toml", "1/5.1-vs-3/3.3.1", "severity")),
    ("relations.toml", 'when = { level = "xã" }', 'when = { level = "ấp" }', ("relations.toml", "7/5.1.1-01", "ấp")),
]


def spoiled(tmp_path: Path, spoils: list) -> Path:
    folder = tmp_path / "xa-2022"
    shutil.copytree(SHIPPED / "xa-2022", folder)
    for file, old, new, _ in spoils:
        text = (folder / file).read_text("utf-8")
        assert old in text, f"{file} no longer holds {old}"
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return folder


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as broken:
        load_folder(folder)
    return broken.value.problems


@pytest.mark.parametrize("spoil", SPOILS, ids=[f"{spoil[0]}: {spoil[2] or spoil[1]}" for spoil in SPOILS])
def test_one_definition_error_names_file_and_key(tmp_path, spoil):
    found = problems_of(spoiled(tmp_path, [spoil]))
    assert any(all(word in problem for word in spoil[3]) for problem in found), found


def test_all_definition_errors_are_told_at_once(tmp_path):
    """A person who keeps an edition sees the whole list, not one error a run."""
    found = problems_of(spoiled(tmp_path, SPOILS))
    for *_, named in SPOILS:
        assert any(all(word in problem for word in named) for problem in found), (named, found)


def test_broken_files_are_told_at_once(tmp_path):
    folder = spoiled(tmp_path, [])
    (folder / "form1.toml").write_text("number = ", "utf-8")
    (folder / "form2.toml").write_bytes(b"\xff\xfe")
    (folder / "form3.toml").unlink()
    (folder / "relations.toml").write_text("[[relation]]\nid = 1\nid = 2\n", "utf-8")
    found = problems_of(folder)
    for file in ("form1.toml", "form2.toml", "form3.toml", "relations.toml"):
        assert any(problem.startswith(file) for problem in found), (file, found)


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("edition.toml", "", "edition.toml"),
        ("edition.toml", 'forms = "seven"', "edition.toml"),
        ("form1.toml", "number = 1\nindicator = 5", "form1.toml"),
        ("form1.toml", 'number = 1\n[[indicator]]\ncode = "1"\nlabel = 5', "form1.toml"),
        ("form1.toml", "", "form1.toml"),
        ("relations.toml", "relation = 5", "relations.toml"),
        ("relations.toml", '[[relation]]\nid = "a"\nleft = "1/1"\nop = "=="\nseverity = "note"', "relations.toml"),
        ("relations.toml", '[[relation]]\nid = "a"\nleft = ["1/1"]\nop = "=="\nseverity = "note"', "relations.toml"),
        (
            "relations.toml",
            '[[relation]]\nid = "a"\nleft = ["1/1"]\nop = "=="\nseverity = "note"\nconstant = "many"',
            "relations.toml",
        ),
        (
            "relations.toml",
            '[[relation]]\nid = "a"\nleft = ["1/1"]\nop = "=="\nseverity = "note"\nconstant = 0\n'
            'when = { keys = ["1/1"] }',
            "relations.toml",
        ),
    ],
)
def test_wrong_shapes_are_problems_and_never_tracebacks(tmp_path, file, text, named):
    folder = spoiled(tmp_path, [])
    (folder / file).write_text(text, "utf-8")
    assert any(problem.startswith(named) for problem in problems_of(folder))


def test_every_finding_has_a_message_and_an_advice():
    plain = {"causes", "remarks", "fates"}
    for name, sentence in sentences().items():
        if name not in plain:
            at_a_severity = {f"{text}_{one}" for text in ("message", "advice") for one in ("error", "note")}
            assert {"message", "advice"} <= set(sentence) <= {"message", "advice"} | at_a_severity, name
            assert sentence["message"].strip() and sentence["advice"].strip(), name
            family = name.split("-")[0]
            assert family in FAMILIES, name


FAMILIES = {
    *("file", "identity", "layout", "number", "formula", "ratio", "total"),
    *("choice", "relation", "level", "blank", "history", "peer", "words"),
}


def test_texts_are_cached_per_area():
    assert catalogue.words("sheets") is catalogue.words("sheets")

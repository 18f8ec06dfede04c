"""Consolidating again: only what changed is read, and what is remembered never outlives what made it true."""

import json
import os
import shutil
import sqlite3
import zlib
from dataclasses import replace
from importlib import import_module, resources
from pathlib import Path

import pytest

from cchc_xl.cli.workbooks import consolidate
from cchc_xl.editions.rows import Problems, as_data
from cchc_xl.errors import CchcError
from cchc_xl.rounds import pipeline
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.rounds.reading import cache, intake_files
from cchc_xl.rounds.reading.cache import CACHE, Remembered, name_of, remembered_in, stamp_of, unpacked
from cchc_xl.rounds.reading.intake_files import read_checked, workbooks_in
from cchc_xl.rounds.reading.stored import to_text

from .test_cli import ROSTER, SAMPLE
from .test_rounds_workers import UNITS

editions = import_module("cchc_xl.editions.load")
OUTPUTS = ("tong-hop.xlsx", "bao-cao.docx", "so-lieu.csv", "figures.json")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CCHC_XL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def received(tmp_path) -> Path:
    folder = tmp_path / "nhan-ve"
    folder.mkdir()
    for path in sorted((SAMPLE / "nhan-ve").iterdir())[:5]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def opened_files(monkeypatch) -> list[str]:
    """Names of the files that were really read, run by run."""
    asked: list[str] = []
    real = intake_files.results_of

    def results_of(files, **more):
        asked.extend(path.name for path, _ in files)
        return real(files, **more)

    monkeypatch.setattr(intake_files, "results_of", results_of)
    return asked


def read(received: Path, out: Path, roster=UNITS) -> tuple:
    return read_checked(workbooks_in([received]), roster=roster, remembered=remembered_in(out, roster))


def names(received: Path) -> list[str]:
    return sorted(path.name for path in received.iterdir())


def test_a_second_run_reads_nothing_and_says_the_same(received, tmp_path, opened_files):
    first = read(received, tmp_path / "ra")
    assert opened_files == names(received)
    opened_files.clear()
    second = read(received, tmp_path / "ra")
    assert opened_files == []
    assert repr(second) == repr(first)


def test_only_changed_new_and_renamed_files_are_read(received, tmp_path, opened_files):
    read(received, tmp_path / "ra")
    opened_files.clear()
    first, second, third, *_ = sorted(received.iterdir())
    other = sorted((SAMPLE / "nhan-ve").iterdir())[7]
    shutil.copy(other, first)  # other content under the old name
    second.rename(received / "ten-moi.xlsx")
    shutil.copy(other, received / "them.xlsx")
    third.unlink()
    again = read(received, tmp_path / "ra")
    assert sorted(opened_files) == sorted([first.name, "ten-moi.xlsx", "them.xlsx"])
    assert repr(again) == repr(read_checked(workbooks_in([received]), roster=UNITS))


def test_same_size_and_time_do_not_make_a_file_the_same(received, tmp_path, opened_files):
    read(received, tmp_path / "ra")
    opened_files.clear()
    victim = sorted(received.iterdir())[0]
    before = victim.stat()
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    os.utime(victim, ns=(before.st_atime_ns, before.st_mtime_ns))
    read(received, tmp_path / "ra")
    assert opened_files == [victim.name]


def test_refused_files_are_tried_again(received, tmp_path, opened_files):
    victim = sorted(received.iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:10_000])
    read(received, tmp_path / "ra")
    opened_files.clear()
    read(received, tmp_path / "ra")
    assert opened_files == [victim.name]


@pytest.mark.parametrize("wrong", [{"period": "2022-KHONG"}, {"ranking": ("9/9",)}, {"previous": "khong-co"}])
def test_wrong_use_leaves_nothing_where_nothing_was(received, tmp_path, wrong):
    wrong = {name: tmp_path / said if name == "previous" else said for name, said in wrong.items()}
    for out in (tmp_path / "ra", tmp_path / "moi" / "ra"):
        with pytest.raises(CchcError):
            consolidate_paths([received], roster=ROSTER, out=out, **wrong)
        assert not out.exists() and not (tmp_path / "moi").exists()
    (tmp_path / "co-san").mkdir()
    (tmp_path / "co-san" / "cua-toi.txt").write_text("x", "utf-8")
    with pytest.raises(CchcError):
        consolidate_paths([received], roster=ROSTER, out=tmp_path / "co-san", **wrong)
    assert [path.name for path in (tmp_path / "co-san").iterdir()] == ["cua-toi.txt"]


def test_wrong_use_later_forgets_nothing(received, tmp_path, opened_files):
    consolidate_paths([received], roster=ROSTER, out=tmp_path / "ra")
    opened_files.clear()
    with pytest.raises(CchcError):
        consolidate_paths([received], roster=ROSTER, out=tmp_path / "ra", ranking=("9/9",))
    assert opened_files == [] and (tmp_path / "ra" / CACHE).is_file()


# --- an upgrade, another edition, another roster ----------------------------------------------------------------


def test_an_upgraded_program_reads_everything_anew(received, tmp_path, opened_files, monkeypatch):
    read(received, tmp_path / "ra")
    opened_files.clear()
    package = tmp_path / "cchc_xl"
    shutil.copytree(Path(cache.__file__).parent.parent.parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "number.py").write_text((package / "number.py").read_text("utf-8") + "\n# corrected\n", "utf-8")
    cache.program.cache_clear()
    monkeypatch.setattr(cache.resources, "files", lambda name: package)
    try:
        read(received, tmp_path / "ra")
    finally:
        cache.program.cache_clear()
    assert opened_files == names(received)


def test_a_corrected_edition_reads_everything_anew(received, tmp_path, opened_files, home):
    """The edition staff imported is corrected: whatever was read before may mean something else."""
    definition, _ = editions._definition(resources.files("cchc_xl.editions").joinpath("xa-2022"), Problems())
    data = as_data(definition)
    kept = home / "cchc-xl" / "editions" / "xa-thu.json"
    kept.parent.mkdir(parents=True)
    for title in ("Biểu mẫu thử", "Biểu mẫu thử, đã sửa"):
        data["head"]["values"] |= {"id": "xa-thu", "title": title}
        kept.write_text(json.dumps(data), "utf-8")
        editions.load.cache_clear()
        assert editions.load("xa-thu").title == title
        opened_files.clear()
        read(received, tmp_path / "ra")
        assert opened_files == names(received)
        read(received, tmp_path / "ra")
        assert opened_files == names(received), "nothing changed"


def test_another_roster_reads_everything_anew(received, tmp_path, opened_files):
    read(received, tmp_path / "ra")
    renamed = replace(UNITS, units=(replace(UNITS.units[0], name="Tên khác"), *UNITS.units[1:]))
    opened_files.clear()
    read(received, tmp_path / "ra", renamed)
    assert opened_files == names(received)


def test_another_reader_of_old_formats_counts_as_another_program(monkeypatch):
    before = stamp_of(UNITS)
    monkeypatch.setattr(cache.metadata, "version", lambda name: "99")
    assert stamp_of(UNITS) != before


# --- damage and forgery -----------------------------------------------------------------------------------------


def rows(out: Path) -> list[tuple]:
    with sqlite3.connect(out / CACHE) as database:
        return database.execute("SELECT name, stamp, text, seal FROM known").fetchall()


@pytest.mark.parametrize("damage", ["text", "seal", "name", "garbage", "truncated", "empty", "table", "folder"])
def test_a_damaged_cache_is_as_good_as_none(received, tmp_path, opened_files, damage):
    out = tmp_path / "ra"
    first = read(received, out)
    opened_files.clear()
    path = out / CACHE
    if damage in ("text", "seal", "name"):
        with sqlite3.connect(path) as database:
            wrong = {"text": "zeroblob(40)", "seal": "12", "name": "name || ' '"}[damage]
            database.execute(f"UPDATE known SET {damage} = {wrong}")
    elif damage == "table":
        with sqlite3.connect(path) as database:
            database.execute("ALTER TABLE known RENAME TO other")
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        content = path.read_bytes()
        path.write_bytes({"garbage": b"x" * 5000, "truncated": content[: len(content) // 2], "empty": b""}[damage])
    assert repr(read(received, out)) == repr(first)
    if damage != "truncated":  # what is whole in the first half may be used
        assert opened_files == names(received)
    assert repr(read(received, out)) == repr(first)


def test_a_forged_entry_changes_nothing(received, tmp_path):
    """Somebody who can write the folder but has not this user's key puts numbers of his own into the cache."""
    out = tmp_path / "ra"
    first = read(received, out)
    submission, found = first[0]
    entry = submission.entries["1/2.1"]
    wrong = replace(submission, entries={**submission.entries, "1/2.1": replace(entry, value=entry.value + 1)})
    honest = remembered_in(out, UNITS)
    forger = Remembered(path=honest.path, stamp=honest.stamp, key=b"0" * 64)
    forger.remember({name_of(submission.sha256, submission.file): to_text(((wrong, found),))})
    assert len(list(forger.known([name_of(submission.sha256, submission.file)]))) == 1
    assert repr(read(received, out)) == repr(first)


def test_an_entry_moved_to_another_name_is_not_believed(received, tmp_path):
    out = tmp_path / "ra"
    read(received, out)
    (one, stamp, text, seal), (other, *_) = rows(out)[:2]
    with sqlite3.connect(out / CACHE) as database:
        database.execute("UPDATE known SET text = ?, seal = ? WHERE name = ?", (text, seal, other))
    remembered = remembered_in(out, UNITS)
    assert remembered.stamp == stamp
    assert [name for name, _ in remembered.known([one, other])] == [one]


def test_what_a_master_says_of_other_files_is_never_remembered(received, tmp_path, opened_files):
    """Its rows name files and their hashes; somebody may have written them so that an honest file is taken for read."""
    made = consolidate_paths([received], roster=ROSTER, out=tmp_path / "huyen")
    folder, out = tmp_path / "tinh", tmp_path / "ra"
    folder.mkdir()
    shutil.copy(made.written["tong-hop.xlsx"], folder / "tong-hop.xlsx")
    opened_files.clear()
    for _ in range(2):
        units = [one for one, _ in read(folder, out)]
        assert len(units) == 5 and all(one.relayed for one in units)
    assert opened_files == ["tong-hop.xlsx"] * 2
    assert not (out / CACHE).exists() or not rows(out)


def test_without_a_key_nothing_is_remembered(received, tmp_path, home):
    home.parent.mkdir(exist_ok=True)
    home.write_text("no folder")
    read(received, tmp_path / "ra")
    assert not (tmp_path / "ra" / CACHE).exists()


def test_texts_are_data(tmp_path):
    remembered = Remembered(path=tmp_path / CACHE, stamp="s", key=b"k" * 64)
    remembered.remember({"name": "text"})
    ((_, _, packed, _),) = rows(tmp_path)
    assert zlib.decompress(packed) == b"text"
    assert [unpacked(one) for _, one in remembered.known(["name"])] == ["text"]


# --- the whole job ----------------------------------------------------------------------------------------------


def outputs(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in OUTPUTS}


def test_outputs_are_the_same_with_and_without_what_is_remembered(received, tmp_path):
    warm, cold = tmp_path / "ra", tmp_path / "ra2"
    consolidate_paths([received], roster=ROSTER, out=warm)
    shutil.copy(sorted((SAMPLE / "nhan-ve").iterdir())[8], received)
    consolidate_paths([received], roster=ROSTER, out=warm)
    consolidate_paths([received], roster=ROSTER, out=cold)
    assert outputs(warm) == outputs(cold)


def asked(capsys, received: Path, out: Path, roster: Path = ROSTER, **more: str) -> tuple[int, str]:
    """The command as typed: exit code and what it printed."""
    code = consolidate([received], roster=roster, output=out, **more)
    return code, capsys.readouterr().out


def written_at(out: Path) -> dict[str, int]:
    return {name: (out / name).stat().st_mtime_ns for name in OUTPUTS}


def test_asked_again_with_nothing_changed_the_outputs_stand(received, tmp_path, capsys):
    out = tmp_path / "ra"
    first = asked(capsys, received, out)
    before = written_at(out)
    assert asked(capsys, received, out) == first
    assert written_at(out) == before
    assert asked(capsys, received, out, period="2022-6T") == first
    assert written_at(out) != before, "another question was answered with the old outputs"


@pytest.mark.parametrize("change", ["source", "new", "gone", "roster", "document"])
def test_what_changes_while_the_job_is_done_is_found_the_next_time(received, tmp_path, capsys, monkeypatch, change):
    """The first answer is of what was read; asked again, nobody hears it of files it was not made from."""
    out, roster = tmp_path / "ra", tmp_path / "danh-sach.csv"
    shutil.copy(ROSTER, roster)
    asked(capsys, received, out, roster)
    first, last = sorted(received.iterdir())[0], sorted((SAMPLE / "nhan-ve").iterdir())[8]
    real = pipeline.make_outputs

    def late(*args, **more):
        if change in ("source", "new"):
            shutil.copy(last, first if change == "source" else received)
        elif change == "gone":
            first.unlink()
        elif change == "roster":
            roster.write_text(roster.read_text("utf-8").replace("Hưng Đạo", "Hưng Đạo Mới"), "utf-8")
        else:
            (received / "loi.docx").write_bytes(b"x")
        return real(*args, **more)

    monkeypatch.setattr(pipeline, "make_outputs", late)
    (out / "so-lieu.csv").unlink()  # so that the job is done
    asked(capsys, received, out, roster)
    monkeypatch.setattr(pipeline, "make_outputs", real)
    before = written_at(out)
    asked(capsys, received, out, roster)
    assert written_at(out) != before
    cold = tmp_path / "ra2"
    asked(capsys, received, cold, roster)
    assert outputs(out)["figures.json"] == outputs(cold)["figures.json"]


@pytest.mark.parametrize("change", ["source", "new", "gone", "output", "output-gone", "roster", "other-file"])
def test_whatever_changed_the_job_is_done(received, tmp_path, capsys, change):
    out, roster = tmp_path / "ra", tmp_path / "danh-sach.csv"
    shutil.copy(ROSTER, roster)
    asked(capsys, received, out, roster)
    before = outputs(out), written_at(out)
    first, last = sorted(received.iterdir())[0], sorted((SAMPLE / "nhan-ve").iterdir())[8]
    if change in ("source", "new"):
        shutil.copy(last, first if change == "source" else received)
    elif change == "gone":
        first.unlink()
    elif change == "roster":
        text = roster.read_text("utf-8")
        roster.write_text(text.replace("Hưng Đạo", "Hưng Đạo Mới"), "utf-8")
    elif change == "other-file":
        (received / "ghi-chu.txt").write_text("x", "utf-8")
    elif change == "output":
        (out / "figures.json").write_bytes(b"{}")
    else:
        (out / "so-lieu.csv").unlink()
    asked(capsys, received, out, roster)
    if change in ("source", "new", "gone", "roster"):
        assert outputs(out)["figures.json"] != before[0]["figures.json"] or change == "roster"
        assert (out / "tong-hop.xlsx").read_bytes() != before[0]["tong-hop.xlsx"]
    elif change == "output":  # a person's file stays; ours is beside it
        assert (out / "figures.json").read_bytes() == b"{}"
        assert (out / "figures (2).json").read_bytes() == before[0]["figures.json"]
    else:
        assert outputs(out) == before[0]
        assert written_at(out) != before[1]

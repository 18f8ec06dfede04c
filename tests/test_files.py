"""Writing: always the old file or the new one, and nothing that a person edited is replaced."""

import os
import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import OutputError
from cchc_xl.files import RECORD, canonical_zip, sha256_of, write_atomic, write_outputs


def test_written_flushed_put_in_place_and_the_folder_flushed(tmp_path, monkeypatch):
    """In this order: content on disk, then the rename, then the rename itself on disk."""
    calls = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(handle):
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"file of {os.fstat(handle).st_size} bytes"
        calls.append(f"fsync {kind}")
        real_fsync(handle)

    def replace(source, target):
        calls.append(f"replace {Path(target).name}")
        assert Path(source).parent == Path(target).parent, "a rename is atomic within one folder only"
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomic(tmp_path / "a.csv", b"12345")
    assert calls == ["fsync file of 5 bytes", "replace a.csv", "fsync folder"]
    assert (tmp_path / "a.csv").read_bytes() == b"12345"


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_when_writing_fails_the_old_file_stays_and_nothing_else(tmp_path, monkeypatch, broken):
    target = tmp_path / "a.csv"
    target.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OutputError) as failed:
        write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert "a.csv" in error_sentence(failed.value)


def test_a_folder_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError):
        write_atomic(tmp_path / "a.csv", b"new")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        write_atomic(tmp_path / "file" / "a.csv", b"new")


def test_missing_folders_are_made_and_the_file_is_readable_by_others(tmp_path):
    target = tmp_path / "ra" / "kỳ 1" / "a.csv"
    before = os.umask(0o022)
    try:
        write_atomic(target, b"x")
    finally:
        os.umask(before)
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_an_untouched_output_is_replaced(tmp_path):
    assert write_outputs(tmp_path, [("a.csv", b"1")]) == {"a.csv": tmp_path / "a.csv"}
    assert write_outputs(tmp_path, [("a.csv", b"2")]) == {"a.csv": tmp_path / "a.csv"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [RECORD, "a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"2"


def test_an_output_that_a_person_edited_stays(tmp_path):
    write_outputs(tmp_path, [("a.csv", b"1"), ("b.csv", b"1")])
    (tmp_path / "a.csv").write_bytes(b"edited")
    written = write_outputs(tmp_path, [("a.csv", b"2"), ("b.csv", b"2")])
    assert written == {"a.csv": tmp_path / "a (2).csv", "b.csv": tmp_path / "b.csv"}
    assert (tmp_path / "a.csv").read_bytes() == b"edited"
    assert (tmp_path / "a (2).csv").read_bytes() == b"2"


def test_a_file_that_is_not_ours_stays(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"somebody's")
    assert write_outputs(tmp_path, [("a.csv", b"1")]) == {"a.csv": tmp_path / "a (2).csv"}
    assert (tmp_path / "a.csv").read_bytes() == b"somebody's"


@pytest.mark.parametrize("record", [b"", b"not json", b"[]", b"\xff\xfe", b'{"a.csv": 5}'])
def test_a_broken_record_costs_no_edit(tmp_path, record):
    write_outputs(tmp_path, [("a.csv", b"1")])
    (tmp_path / RECORD).write_bytes(record)
    assert write_outputs(tmp_path, [("a.csv", b"2")]) == {"a.csv": tmp_path / "a (2).csv"}
    assert (tmp_path / "a.csv").read_bytes() == b"1"


def test_equal_content_is_written_in_place_whatever_the_record_says(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"1")
    assert write_outputs(tmp_path, [("a.csv", b"1")]) == {"a.csv": tmp_path / "a.csv"}


def test_packages_of_equal_content_are_equal_bytes():
    def package(year: int) -> bytes:
        stream = BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in ("b.xml", "a.xml"):
                archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), f"<{name}/>")
        return stream.getvalue()

    assert package(2020) != package(2021)
    one, other = canonical_zip(package(2020)), canonical_zip(package(2021))
    assert sha256_of(one) == sha256_of(other)
    with zipfile.ZipFile(BytesIO(one)) as archive:
        assert archive.namelist() == ["b.xml", "a.xml"], "the order of members is kept"
        assert archive.read("a.xml") == b"<a.xml/>"

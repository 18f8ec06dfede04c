"""Outputs of very many units are made in files aside: the same bytes, and nothing left behind."""

import errno
import tempfile

import pytest

from cchc_xl.errors import OutputError
from cchc_xl.files import sha256_of, write_outputs
from cchc_xl.rounds.adding import held
from cchc_xl.rounds.pipeline import consolidate_paths
from cchc_xl.workbook.consolidated import parts

from .test_cli import ROSTER, SAMPLE
from .test_rounds_cache import outputs


@pytest.fixture
def aside(tmp_path, monkeypatch):
    """Every round counts as a large one; its files aside are made here."""
    folder = tmp_path / "tam"
    folder.mkdir()
    monkeypatch.setattr(held, "MOST_HELD", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_same_outputs_and_nothing_left(tmp_path, aside, monkeypatch):
    consolidate_paths([SAMPLE / "nhan-ve"], roster=ROSTER, out=tmp_path / "ra")
    assert list(aside.iterdir()) == []
    monkeypatch.setattr(held, "MOST_HELD", 1000)
    consolidate_paths([SAMPLE / "nhan-ve"], roster=ROSTER, out=tmp_path / "ra2")
    assert outputs(tmp_path / "ra") == outputs(tmp_path / "ra2")


def test_no_room_aside_is_said_in_a_sentence(tmp_path, aside):
    aside.rmdir()
    with pytest.raises(OutputError):
        consolidate_paths([SAMPLE / "nhan-ve"], roster=ROSTER, out=tmp_path / "ra")


def test_a_disk_that_is_full_while_the_master_is_packed_is_said_in_a_sentence(tmp_path, aside, monkeypatch):
    real = parts._Packager._pack

    def full(packager, name, written):
        if name.endswith("sheet9.xml"):
            raise OSError(errno.ENOSPC, "full", str(written))
        real(packager, name, written)

    monkeypatch.setattr(parts._Packager, "_pack", full)
    with pytest.raises(OutputError) as told:
        consolidate_paths([SAMPLE / "nhan-ve"], roster=ROSTER, out=tmp_path / "ra")
    assert isinstance(told.value.__cause__, OSError)
    assert not (tmp_path / "ra" / "tong-hop.xlsx").exists()


def test_a_file_as_content_keeps_what_a_person_edited(tmp_path):
    content = tmp_path / "so-lieu.csv"
    content.write_bytes(b"new")
    out = tmp_path / "ra"
    first = write_outputs(out, [("so-lieu.csv", content)])["so-lieu.csv"]
    assert first.read_bytes() == b"new" and sha256_of(content) == sha256_of(b"new")
    first.write_bytes(b"edited")
    content.write_bytes(b"newer")
    second = write_outputs(out, [("so-lieu.csv", content)])["so-lieu.csv"]
    assert (first.read_bytes(), second.read_bytes(), second.name) == (b"edited", b"newer", "so-lieu (2).csv")

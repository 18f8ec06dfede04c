"""LibreOffice as an oracle: it must compute anew, leave sources alone, end in time."""

from io import BytesIO

import pytest
import xlsxwriter

from cchc_xl import office as libreoffice
from cchc_xl.editions.catalogue import error_sentence
from tests.conftest import values_of


def wrong_book(stored: object) -> bytes:
    """A workbook whose formula 100*4/3 carries a wrong stored value."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Biểu 1")
        sheet.write("A1", 4)
        sheet.write_formula("B1", "=ROUND(100*A1/3,1)", None, stored)
    return stream.getvalue()


def test_a_wrong_stored_value_is_computed_anew(recalculated):
    assert values_of(wrong_book(50))["Biểu 1"]["B1"] == 50
    assert recalculated(wrong_book(50)) == {"Biểu 1": {"A1": 4, "B1": 133.3}}


def test_several_files_in_one_run_keep_order_and_names(office, tmp_path):
    sources = [tmp_path / folder / "xã.xlsx" for folder in ("a", "b")]
    for number, source in enumerate(sources):
        source.parent.mkdir()
        source.write_bytes(wrong_book(number))
    made = office.recalculate_all(sources, tmp_path / "out")
    assert [path.name for path in made] == ["xã.xlsx", "xã (2).xlsx"]
    assert all(values_of(path)["Biểu 1"]["B1"] == 133.3 for path in made)
    assert [path.name for path in sorted(tmp_path.rglob("a/*"))] == ["xã.xlsx"], "nothing is left beside a source"


def test_pdf(office, tmp_path):
    source = tmp_path / "-a.xlsx"
    source.write_bytes(wrong_book(50))
    made = office.to_pdf(source, tmp_path / "out")
    assert made.name == "-a.pdf" and made.read_bytes().startswith(b"%PDF-")


def test_a_run_that_takes_too_long_is_ended(office, tmp_path):
    source = tmp_path / "a.xlsx"
    source.write_bytes(wrong_book(50))
    with pytest.raises(office.OfficeFailed) as slow:
        office.convert_all([source], tmp_path / "out", "pdf", seconds=0.05)
    assert "LibreOffice" in error_sentence(slow.value)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_converted_is_named(office, tmp_path):
    source = tmp_path / "a.xlsx"
    source.write_bytes(wrong_book(50))
    with pytest.raises(office.OfficeFailed) as failed:
        office.convert(source, tmp_path / "out", "no-such-kind")
    assert "a.xlsx" in error_sentence(failed.value)


def test_a_machine_without_libreoffice_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(libreoffice, "_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert libreoffice.find() is None
    with pytest.raises(libreoffice.OfficeMissing) as missing:
        libreoffice.to_pdf(tmp_path / "a.xlsx", tmp_path)
    assert "LibreOffice" in error_sentence(missing.value)

"""A report as PDF taken in: rows and words as from Word, each marked for a second look; what can't be read says why."""

from io import BytesIO

import docx
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.editions.load import load
from cchc_xl.word import intake, pdf_reading
from cchc_xl.word.package import WordFileError
from tests.old_reports import old_report
from tests.test_word_intake import wrong_rows

EDITION = load()


@pytest.fixture(scope="module")
def printed(office, tmp_path_factory) -> bytes:
    """The old report with ruled tables, as LibreOffice prints it."""
    pytest.importorskip("pdfplumber")
    folder = tmp_path_factory.mktemp("pdf")
    word = docx.Document(BytesIO(old_report()))
    for table in word.tables:
        table.style = "Table Grid"
    word.save(folder / "bao-cao.docx")
    return office.to_pdf(folder / "bao-cao.docx", folder).read_bytes()


def problem_of(content: bytes) -> str:
    with pytest.raises(WordFileError) as error:
        intake.read_report(content, EDITION)
    return error_sentence(error.value)


def test_all_rows_are_read_and_none_is_sure(printed):
    report = intake.read_report(printed, EDITION)
    assert wrong_rows(report) == {}
    assert all(row.sureness < intake.UNSURE and "pdf" in row.reasons for row in report.rows.values())
    assert (report.unit, report.period) == ("xã Bình Lãng", "2022-6T")


def test_its_words_stand_under_the_same_headings_as_in_word(printed):
    assert intake.read_report(printed, EDITION).words == intake.read_report(old_report(), EDITION).words


def test_the_review_says_that_it_was_a_pdf(printed):
    shown = intake.review_of(intake.read_report(printed, EDITION), EDITION)
    assert all(row["reason"].endswith("đọc từ bản PDF") for row in shown["rows"])


def test_a_scan_is_refused_with_a_sentence():
    """A page with a drawing and no text: what a scanner makes."""
    pytest.importorskip("pdfplumber")
    assert "quét từ giấy" in problem_of(_pdf(b"0 0 m 100 100 l S"))


def _pdf(drawing: bytes) -> bytes:
    """A PDF of one page with a drawing and no text."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length " + str(len(drawing)).encode() + b">>stream\n" + drawing + b"\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"%PDF-1.7\n" + b"\x00" * 5000, b"%PDF-1.4\n1 0 obj<<" * 2000])
def test_a_broken_pdf_is_a_sentence(content):
    pytest.importorskip("pdfplumber")
    assert any(said in problem_of(content) for said in ("hỏng", "quét từ giấy", "không tìm thấy biểu mẫu"))


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf_reading, "is_possible", lambda: False)
    assert "cchc-xl[pdf]" in problem_of(b"%PDF-1.4")


def test_a_pdf_without_forms_is_a_sentence(office, tmp_path):
    pytest.importorskip("pdfplumber")
    word = docx.Document()
    word.add_paragraph("Thông báo nghỉ lễ.")
    word.save(tmp_path / "a.docx")
    content = office.to_pdf(tmp_path / "a.docx", tmp_path).read_bytes()
    assert "không tìm thấy biểu mẫu" in problem_of(content)


def test_a_pdf_with_more_pages_than_are_read_is_refused_and_not_cut(printed, monkeypatch):
    monkeypatch.setattr(pdf_reading, "_PAGES", 1)
    assert problem_of(printed)

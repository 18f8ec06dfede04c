"""A unit's words as a Word file beside its workbook: read by the outline, used only beyond doubt, always said."""

import zipfile
from io import BytesIO

import docx
import pytest

from cchc_xl.cli import app
from cchc_xl.editions.catalogue import advice, message
from cchc_xl.model import Severity, Submission, UnitName
from cchc_xl.rounds.pipeline import check_workbooks, consolidate_paths
from cchc_xl.rounds.reading.own_words import reason, with_own_words
from cchc_xl.word.own_words import OwnWords, read_own_words, read_words
from cchc_xl.word.package import WordFileError
from cchc_xl.workbook.template import Fill, build
from tests.filled import EDITION, ROSTER, UNIT, answers, period_of
from tests.old_reports import old_report

PERIOD = period_of(EDITION, "2022-6T")
HEAD = (
    ("ỦY BAN NHÂN DÂN", False),
    ("XÃ BÌNH LÃNG", False),
    ("BÁO CÁO", True),
    ("Công tác cải cách hành chính 6 tháng đầu năm 2022", True),
    ("Ủy ban nhân dân xã Bình Lãng báo cáo như sau:", False),
)
OFFICIAL = (
    ("I. Công tác chỉ đạo, điều hành", True),
    ("Đã ban hành 21 văn bản.", False),
    ("Đã họp 06 cuộc.", False),
    ("II.2. Cải cách thủ tục hành chính", True),
    ("Đã niêm yết công khai.", False),
    ("III.2. Tồn tại, hạn chế", True),
    ("Còn thiếu máy tính.", False),
    ("V. Kiến nghị, đề xuất", True),
    ("Cấp thêm kinh phí.", False),
    ("Trên đây là báo cáo của xã.", False),
    ("Nơi nhận: như trên", False),
)
SAID = {
    "direction": "Đã ban hành 21 văn bản.\nĐã họp 06 cuộc.",
    "procedures": "Đã niêm yết công khai.",
    "shortcomings": "Còn thiếu máy tính.",
    "proposals": "Cấp thêm kinh phí.",
}


def word(lines) -> bytes:
    document = docx.Document()
    for text, bold in lines:
        document.add_paragraph().add_run(text).bold = bold or None
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(**fill) -> bytes:
    return build(EDITION, period=PERIOD, unit=UNIT, fill=Fill(answers=answers(), **fill))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "nhan").mkdir()
    (tmp_path / "nhan" / "11092_Binh-Lang_2022-6T.xlsx").write_bytes(workbook())
    lines = [
        "Mã đơn vị,Tên đơn vị,Loại,Vai trò",
        "11092,Bình Lãng,xã,",
        "11086,Hưng Đạo,xã,",
        "298,Tứ Kỳ,huyện,tổng hợp",
    ]
    (tmp_path / "ds.csv").write_text("\n".join(lines), "utf-8")
    return tmp_path


# --- reading ---------------------------------------------------------------------------------------------------


def test_the_words_below_each_heading_of_the_outline():
    assert read_words(word(HEAD + OFFICIAL), EDITION) == SAID


def test_headings_as_old_reports_number_them():
    lines = (
        ("I. CÔNG TÁC CHỈ ĐẠO ĐIỀU HÀNH", True),
        ("Đã ban hành 21 văn bản.", False),
        ("II. KẾT QUẢ THỰC HIỆN", True),
        ("2. Cải cách thủ tục hành chính", True),
        ("Đã niêm yết công khai.", False),
        ("III. ĐÁNH GIÁ CHUNG", True),
        ("2. Tồn tại, hạn chế", True),
        ("Còn thiếu máy tính.", False),
    )
    said = read_words(word(lines), EDITION)
    assert (said["direction"], said["procedures"]) == ("Đã ban hành 21 văn bản.", "Đã niêm yết công khai.")
    assert said["shortcomings"] == "Còn thiếu máy tính."


def test_headings_whose_numbers_word_counts_by_itself():
    lines = (
        ("CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH", True),
        ("Công tác chỉ đạo, điều hành được quan tâm.", False),
        ("KẾT QUẢ THỰC HIỆN", True),
        ("Cải cách thể chế", True),
        ("Cải cách thể chế", False),
    )
    said = read_words(word(lines), EDITION)
    assert said == {"direction": "Công tác chỉ đạo, điều hành được quan tâm.", "institutions": "Cải cách thể chế"}


def test_a_letter_without_headings_gives_nothing():
    assert read_words(word(HEAD), EDITION) == {}
    assert read_own_words(word(HEAD), "a.docx", EDITION).problem == "no_headings"


def test_whose_and_for_when():
    one = read_own_words(word(HEAD + OFFICIAL), "a.docx", EDITION)
    assert (one.units[0], one.period, one.problem) == ("xã Bình Lãng", "2022-6T", "")


def bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"<a>" + b" " * 80_000_000 + b"</a>")
    return out.getvalue()


def doctype() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    return out.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"%PDF-1.7", bomb(), doctype()])
def test_what_is_no_sound_word_file_is_said_and_never_raised(content):
    one = read_own_words(content, "a.docx", EDITION)
    assert one.problem == "unreadable" and reason(one.problem, one.args) and not one.words
    with pytest.raises(WordFileError):
        read_words(content, EDITION)


def test_a_report_with_the_forms_is_for_intake():
    assert read_own_words(old_report(), "a.docx", EDITION).problem == "forms"


# --- whose words they become -----------------------------------------------------------------------------------


def submission(file="11092_Binh-Lang.xlsx", code="11092", **more) -> Submission:
    about = {"edition": EDITION.id, "period": "2022-6T", "unit": UnitName(code=code, name="Bình Lãng")} | more
    return Submission(file=file, sha256="0" * 64, **about)


def own(file="loi.docx", **more) -> OwnWords:
    return OwnWords(**{"file": file, "words": SAID, "units": ("xã Bình Lãng",), "period": "2022-6T"} | more)


def given(submissions, files):
    made = with_own_words(submissions, files, EDITION, ROSTER)
    return made, [finding for one in made.submissions for finding in one.findings]


@pytest.mark.parametrize(
    "file",
    [
        own(),
        own("11092_Binh-Lang_loi.docx", units=()),
        own("11092_BINH-LANG.docx", units=()),
        own(units=("xã Bình Lăng",)),
    ],
)
def test_words_go_to_the_unit_that_the_file_tells(file):
    other = submission("11086.xlsx", "11086", unit=UnitName(code="11086", name="Hưng Đạo"))
    made, (said,) = given([other, submission()], [file])
    assert [one.words for one in made.submissions] == [{}, SAID]
    assert (said.id, said.severity, made.unused) == ("words-from-file", Severity.NOTE, ())
    assert file.file in message(said, EDITION) and "II.2. Cải cách thủ tục hành chính" in message(said, EDITION)
    assert advice(said, EDITION)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([own(period="2022-9T")], "period"),
        ([own(period="")], "period"),
        ([own(), own("them.docx")], "several"),
        ([own("11086_Hung-Dao.docx")], "differ"),
        ([own("11092_x.docx", units=("xã Không Có",))], "stranger"),
        ([own(problem="no_headings", words={})], "no_headings"),
        ([own(problem="tracked")], "tracked"),
    ],
)
def test_what_is_doubtful_is_said_and_not_used(files, why):
    other = submission("11086.xlsx", "11086", unit=UnitName(code="11086", name="Hưng Đạo"))
    made, said = given([other, submission()], files)
    assert not any(one.words for one in made.submissions)
    assert len(said) == len(files) and {one.id for one in said} == {"words-file-unused"}
    assert all(one.args["reason"] == reason(why, {}) for one in said)


def test_words_typed_in_the_workbook_are_never_replaced():
    typed = submission(words={"tasks": "Viết trong sổ."})
    made, (said,) = given([typed], [own()])
    assert made.submissions[0].words == {"tasks": "Viết trong sổ."}
    assert said.args["reason"] == reason("typed", {})


def test_of_several_workbooks_of_a_unit_one_with_words_is_enough():
    made, (said,) = given([submission(), submission("b.xlsx", words={"tasks": "Viết trong sổ."})], [own()])
    assert not made.submissions[0].words and said.args["reason"] == reason("typed", {})


def test_a_file_of_nobody_here_is_listed():
    made, said = given([submission()], [own(units=("xã Hưng Đạo",)), own("x.docx", units=())])
    assert not said and [file for file, _ in made.unused] == ["loi.docx", "x.docx"]


def test_a_whole_report_beside_a_workbook_with_words_needs_no_remark():
    made, said = given([submission(words={"tasks": "Viết trong sổ."})], [own(problem="forms")])
    assert not said and not made.unused


def test_refused_files_get_nothing():
    made, said = given([Submission(file="11092.xlsx", sha256="", refused=True)], [own()])
    assert not said and len(made.unused) == 1


# --- the commands ----------------------------------------------------------------------------------------------


def test_check_takes_the_word_file_of_the_same_name(folder):
    file = folder / "nhan" / "11092_Binh-Lang_2022-6T.xlsx"
    file.with_suffix(".docx").write_bytes(word(HEAD + OFFICIAL))
    (checked,) = check_workbooks([str(file)])
    assert checked.submission.words == SAID
    assert next(one.id for one in checked.findings if one.id.startswith("words-")) == "words-from-file"


def test_check_leaves_other_word_files_alone(folder):
    file = folder / "nhan" / "11092_Binh-Lang_2022-6T.xlsx"
    (folder / "nhan" / "cong-van.docx").write_bytes(word(HEAD + OFFICIAL))
    (checked,) = check_workbooks([str(file)])
    assert not checked.submission.words and not any(one.id.startswith("words-f") for one in checked.findings)


def test_consolidation_takes_words_from_the_folder_and_names_the_rest(folder, capsys):
    (folder / "nhan" / "bao-cao-xa.docx").write_bytes(word(HEAD + OFFICIAL))
    (folder / "nhan" / "giay-moi.docx").write_bytes(word((("Giấy mời", True),)))
    (folder / "nhan" / "~$o-cao-xa.docx").write_bytes(b"x")
    result = consolidate_paths([folder / "nhan"], roster=folder / "ds.csv", out=folder / "ra")
    (unit,) = [one for one in result.consolidation.units if one.submission]
    assert unit.submission.words == SAID and any(one.id == "words-from-file" for one in unit.submission.findings)
    assert [name.rpartition("/")[2] for name, _ in result.words_unused] == ["giay-moi.docx"]
    assert [name.rpartition("/")[2] for name in result.passed] == ["~$o-cao-xa.docx"]
    app(
        ["consolidate", str(folder / "nhan"), "--roster", str(folder / "ds.csv"), "-o", str(folder / "ra2")],
        standalone_mode=False,
    )
    assert "giay-moi.docx" in capsys.readouterr().out


def test_the_units_own_report_says_the_words_of_its_word_file(folder):
    file = folder / "nhan" / "11092_Binh-Lang_2022-6T.xlsx"
    (folder / "nhan" / "11092_loi.docx").write_bytes(word(HEAD + OFFICIAL))
    app(["report", str(file), "-o", str(folder / "bao-cao.docx")], standalone_mode=False)
    texts = [one.text for one in docx.Document(str(folder / "bao-cao.docx")).paragraphs]
    assert "Còn thiếu máy tính." in texts

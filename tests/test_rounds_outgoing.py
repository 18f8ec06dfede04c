"""The outputs beside the four of the contract, from the command line and in a round; PDF where LibreOffice is there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cchc_xl.errors import UsageError
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.adding.outgoing import NAMES, PDF, asked_for, more_outputs, with_pdf
from cchc_xl.rounds.adding.tied import consolidation_of
from tests.round_files import WHO, a_round, later, take, workbook
from tests.rounds import random_round
from tests.test_cli import ROSTER, SAMPLE, run
from tests.word_files import edited, whole_text

FEW = ("11092_Binh-Lang_2022-6T.xlsx", "11083_Dai-Son_2022-6T_gia-lap.xlsx", "298_Tu-Ky_2022-6T_gia-lap.xlsx")


def few() -> list[Path]:
    return [SAMPLE / "nhan-ve" / name for name in FEW]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    """Three sample workbooks consolidated with everything but PDF."""
    out = tmp_path_factory.mktemp("out")
    return out, run("consolidate", *few(), "--roster", ROSTER, "-o", out, "--with", "summary, page,upward,portal")


def test_what_is_asked_for_is_written_beside_the_four(made):
    out, done = made
    assert done.returncode == 1 and "Traceback" not in done.stderr  # the sample's workbooks have errors
    four = {"bao-cao.docx", "figures.json", "so-lieu.csv", "tong-hop.xlsx"}
    assert {path.name for path in out.iterdir() if path.name[0] != "."} == {*four, *NAMES.values()}
    assert f"Đã ghi {out / 'tong-quan.html'}" in done.stdout
    assert "Công tác cải cách hành chính 6 tháng đầu năm 2022" in whole_text((out / "tom-tat.docx").read_bytes())


def test_the_same_files_give_the_same_bytes(made, tmp_path):
    out, _ = made
    run("consolidate", *few(), "--roster", ROSTER, "-o", tmp_path, "--with", "summary,page,upward,portal")
    for name in NAMES.values():
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name


def test_the_copy_sent_up_is_never_taken_for_a_report(made, tmp_path):
    """Outputs inside the inbox are left out; a copy moved there by hand is refused with a sentence."""
    out, _ = made
    moved = tmp_path / "ban-gui-cap-tren.xlsx"
    moved.write_bytes((out / moved.name).read_bytes())
    done = run("consolidate", *few()[:2], moved, "--roster", ROSTER, "-o", tmp_path / "ra")
    assert "Không tính" in done.stdout and "Chưa có sổ của huyện Tứ Kỳ" in done.stdout


@pytest.mark.parametrize("words", ["summry", "page,tat-ca"])
def test_a_wrong_word_is_a_sentence(words, tmp_path):
    with pytest.raises(UsageError):
        asked_for(words)
    done = run("consolidate", few()[0], "--roster", ROSTER, "-o", tmp_path, "--with", words)
    assert done.returncode == 2 and "Chọn trong: summary, page, upward, portal, pdf." in done.stderr
    assert not list(tmp_path.iterdir())


def test_pdf_of_every_word_file_and_the_same_bytes_each_time(office, tmp_path):
    outputs = more_outputs(random_round(11, 4, own=True), asked=("summary",))
    first = dict(with_pdf(outputs))
    assert list(first) == ["tom-tat.docx", "tom-tat.pdf"] and first["tom-tat.pdf"].startswith(b"%PDF")
    assert dict(with_pdf(outputs)) == first
    path = tmp_path / "tom-tat.pdf"
    path.write_bytes(first["tom-tat.pdf"])
    said = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "TÓM TẮT KẾT QUẢ TỔNG HỢP" in said


def test_without_libreoffice_pdf_is_a_sentence_and_the_rest_is_there(tmp_path):
    nowhere = {**os.environ, "PATH": str(tmp_path / "khong-co")}
    done = run("consolidate", few()[0], "--roster", ROSTER, "-o", tmp_path / "ra", "--all", env=nowhere)
    assert "chưa cài LibreOffice" in done.stdout and "Traceback" not in done.stderr
    assert (tmp_path / "ra" / "tom-tat.docx").exists() and not list((tmp_path / "ra").glob(f"*.{PDF}"))
    done = run("report", few()[0], "-o", tmp_path / "xa.docx", "--pdf", env=nowhere)
    assert done.returncode == 0 and "chưa cài LibreOffice" in done.stdout and (tmp_path / "xa.docx").exists()


def test_a_units_own_report_as_pdf(office, tmp_path):
    done = run("report", few()[0], "-o", tmp_path / "xa.docx", "--pdf")
    assert done.returncode == 0 and (tmp_path / "xa.pdf").read_bytes().startswith(b"%PDF")
    assert f"Đã ghi {tmp_path / 'xa.pdf'}" in done.stdout


def test_a_round_has_them_all_in_its_folder(tmp_path):
    home = a_round(tmp_path)
    take(home, {"a.xlsx": workbook({"1/1": 5, "1/2.1": 33, "1/2.2": 14})})
    consolidate_round(home, later(hours=1), WHO)
    assert {*NAMES.values()} <= {path.name for path in (home / "ra").iterdir()}


def test_an_amendment_from_two_masters(made, tmp_path):
    out, _ = made
    run("consolidate", *few()[:1], "--roster", ROSTER, "-o", tmp_path / "cu", "--period", "2022-6T")
    done = run("amend", tmp_path / "cu" / "tong-hop.xlsx", out / "tong-hop.xlsx", "-o", tmp_path / "dinh-chinh.docx")
    assert done.returncode == 0 and "số thay đổi giữa hai sổ tổng hợp" in done.stdout
    said = whole_text((tmp_path / "dinh-chinh.docx").read_bytes())
    assert "Ủy ban nhân dân huyện Tứ Kỳ đính chính" in said
    done = run("amend", out / "tong-hop.xlsx", few()[0], "-o", tmp_path / "x.docx")
    assert done.returncode == 2 and "không phải sổ tổng hợp" in done.stderr


def test_the_portals_export_against_a_master(made, tmp_path):
    out, _ = made
    figure = consolidation_of(out / "tong-hop.xlsx").figures["1/1"]
    export = tmp_path / "cong.csv"
    export.write_text(f"Mã,Giá trị\n1/1,{figure.whole}\n1/2.1,999999\n9/9,5\n", "utf-8")
    done = run("portal", out / "tong-hop.xlsx", "-o", tmp_path / "nhap.xlsx", "--compare", export)
    assert done.returncode == 1 and "1/2.1 999999: KHÁC: sổ tổng hợp" in done.stdout
    assert "Mã 9/9 trên bảng của cổng không có trong bảng nhập (giá trị 5)." in done.stdout
    assert "1/1 " not in done.stdout.replace("1/1.", "")
    export.write_text("Tên;Số\nA;5\n", "utf-8")
    done = run("portal", out / "tong-hop.xlsx", "-o", tmp_path / "nhap.xlsx", "--compare", export)
    assert done.returncode == 2 and "không có cột mã và cột giá trị" in done.stderr


def test_verify_says_when_no_number_is_tied_any_more(made, tmp_path):
    """As when the text was copied into a new file: that nothing contradicts is no proof."""
    out, _ = made

    def untied(xml: str) -> str:
        xml = re.sub(r"<w:sdtPr>.*?</w:sdtPr>", "", xml, flags=re.DOTALL)
        return re.sub(r"</?w:sdt(?:Content)?>", "", xml)

    copied = tmp_path / "chep.docx"
    copied.write_bytes(edited((out / "bao-cao.docx").read_bytes(), untied))
    done = run("verify", copied, "--master", out / "tong-hop.xlsx")
    assert done.returncode == 1 and "Không còn số nào gắn với sổ tổng hợp" in done.stdout
    done = run("verify", out / "bao-cao.docx", "--master", out / "tong-hop.xlsx")
    assert done.returncode == 0, done.stdout
    done = run("verify", out / "tom-tat.docx", "--master", out / "tong-hop.xlsx")
    assert done.returncode == 0, done.stdout


def test_staff_take_a_template_change_its_wording_and_use_it(tmp_path):
    mine = tmp_path / "mau"
    assert run("template", "-o", mine / "bao-cao-tong-hop.docx").returncode == 0
    assert run("template", "-o", mine / "tom-tat.docx").returncode == 0
    for name in ("bao-cao-tong-hop.docx", "tom-tat.docx"):
        changed = edited((mine / name).read_bytes(), lambda xml: xml.replace("Công tác cải cách", "Kết quả cải cách"))
        (mine / name).write_bytes(changed)
    order = (
        "consolidate",
        few()[0],
        "--roster",
        ROSTER,
        "-o",
        tmp_path / "ra",
        "--with",
        "summary",
        "--templates",
        mine,
    )
    run(*order)
    for name in ("bao-cao.docx", "tom-tat.docx"):
        assert "Kết quả cải cách hành chính 6 tháng" in whole_text((tmp_path / "ra" / name).read_bytes())
    broken = edited(changed, lambda xml: xml.replace("{{ tinh_hinh }}", "{{ tinh_hinh("))
    (mine / "tom-tat.docx").write_bytes(broken)
    before = {path.name: path.read_bytes() for path in (tmp_path / "ra").iterdir() if path.is_file()}
    done = run(*order)
    assert done.returncode == 2 and 'đoạn "{{ tinh_hinh(' in done.stderr and "Traceback" not in done.stderr
    after = {path.name: path.read_bytes() for path in (tmp_path / "ra").iterdir() if path.is_file()}
    assert {name for name in after if after[name] != before.get(name)} <= {".cchc-xl-cache.sqlite"}
    done = run(*order[:-1], tmp_path)
    assert done.returncode == 2 and "không có mẫu Word nào" in done.stderr


def test_a_round_uses_the_templates_in_its_own_folder(tmp_path):
    home = a_round(tmp_path)
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    (home / "mau-bao-cao").mkdir()
    run("template", "-o", home / "mau-bao-cao" / "tom-tat.docx")
    path = home / "mau-bao-cao" / "tom-tat.docx"
    path.write_bytes(edited(path.read_bytes(), lambda xml: xml.replace("TÓM TẮT KẾT QUẢ", "KÍNH TRÌNH TÓM TẮT")))
    consolidate_round(home, later(hours=1), WHO)
    assert "KÍNH TRÌNH TÓM TẮT" in whole_text((home / "ra" / "tom-tat.docx").read_bytes())


def test_a_round_prints_its_word_files_when_asked(office, tmp_path):
    home = a_round(tmp_path)
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    made = consolidate_round(home, later(hours=1), WHO, pdf=True)
    assert made.not_made == () and {"bao-cao.pdf", "tom-tat.pdf"} <= {*made.written}
    assert all(made.written[name].read_bytes().startswith(b"%PDF") for name in ("bao-cao.pdf", "tom-tat.pdf"))


def test_a_changed_template_is_not_overlooked_when_nothing_else_changed(tmp_path):
    """Asked again, an unchanged round is not made anew; another template is a change."""
    mine = tmp_path / "mau"
    run("template", "-o", mine / "tom-tat.docx")
    order = (
        "consolidate",
        few()[0],
        "--roster",
        ROSTER,
        "-o",
        tmp_path / "ra",
        "--with",
        "summary",
        "--templates",
        mine,
    )
    run(*order)
    run(*order)
    path = mine / "tom-tat.docx"
    path.write_bytes(edited(path.read_bytes(), lambda xml: xml.replace("TÓM TẮT", "BẢN TÓM TẮT")))
    run(*order)
    assert "BẢN TÓM TẮT KẾT QUẢ" in whole_text((tmp_path / "ra" / "tom-tat.docx").read_bytes())

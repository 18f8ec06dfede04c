"""An old-style Word report as a commune writes it: real rows, real oddities, narrative of our own.

The figures and labels are those of the one real report (``tests/data``, ``samples``); so is what is odd about its
tables: an uncoded row with a unit, a form split after 3.1.2, a page number caught in form 7, a code without its dot.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import docx

from tests.conftest import DATA

PRINTED = Path(__file__).parent.parent / "samples" / "binh-lang-2022-6T.tsv"
PERIOD = "6 tháng đầu năm 2022"
TITLES = {
    1: "Công tác chỉ đạo điều hành CCHC",
    2: "Cải cách thể chế",
    3: "Cải cách thủ tục hành chính",
    4: "Cải cách bộ máy hành chính nhà nước",
    5: "Cải cách chế độ công vụ",
    6: "Cải cách tài chính công",
    7: "Xây dựng chính quyền điện tử, Chính quyền số",
}
NARRATIVE = (
    ("I. CÔNG TÁC CHỈ ĐẠO ĐIỀU HÀNH", True),
    ("Ủy ban nhân dân xã Bình Lãng đã ban hành 21 văn bản chỉ đạo.", False),
    ("UBND xã Bình Lăng phân công từng công chức.", False),
    ("II. KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH", True),
    ("1. Cải cách thể chế", True),
    ("1.1. Công tác xây dựng văn bản", True),
    ("Trong kỳ UBND xã Bình Lãng không ban hành văn bản quy phạm pháp luật.", False),
    ("2. Cải cách thủ tục hành chính", True),
    ("Bộ phận một cửa đã tiếp nhận và giải quyết trực tuyến 170/738 hồ sơ, tỷ lệ đạt 23% số hồ sơ trực tuyến.", False),
    ("Bộ phận một cửa đã phát phiếu lấy ý kiến khảo sát, tổng số 738 phiếu.", False),
    ("3. Cải cách tổ chức bộ máy hành chính nhà nước", True),
    ("Biên chế được giao: 20 biên chế.", False),
    ("4. Cải cách chế độ công vụ", True),
    ("Công chức chấp hành nghiêm quy chế làm việc.", False),
    ("5. Cải cách tài chính công", True),
    ("Giải ngân theo kế hoạch cấp trên giao.", False),
    ("6. Xây dựng và phát triển Chính quyền điện tử, chính quyền số", True),
    ("Tổ công nghệ số cộng đồng hướng dẫn người dân.", False),
    ("III. ĐÁNH GIÁ CHUNG", True),
    ("1. Mặt tích cực:", True),
    ("Không có hồ sơ trễ hẹn.", False),
    ("2. Những tồn tại, hạn chế, nguyên nhân", True),
    ("2.1. Tồn tại, hạn chế", True),
    ("Dịch vụ công trực tuyến đạt thấp.", False),
    ("2.2. Nguyên nhân.", True),
    ("Người dân còn thiếu thiết bị.", False),
    ("IV. MỘT SỐ NHIỆM VỤ TRỌNG TÂM 6 THÁNG CUỐI NĂM 2022.", True),
    ("1. Tiếp tục thực hiện cải cách thể chế theo kế hoạch.", False),
    ("2. Rà soát văn bản.", False),
    ("V. KIẾN NGHỊ, ĐỀ XUẤT:", True),
    ("Đề nghị hỗ trợ máy vi tính.", False),
    ("Trên đây là tình hình cải cách hành chính của Ủy ban nhân dân xã Bình Lãng./.", False),
)

Row = tuple[str, str, str, str]  # code, label, unit, value


def printed() -> dict[str, str]:
    """Key -> value as the real report prints it."""
    with PRINTED.open(encoding="utf-8", newline="") as rows:
        return {row["key"]: row["printed"] for row in csv.DictReader(rows, delimiter="\t")}


def official_rows() -> Iterator[tuple[int, str, Row]]:
    """(form, code, row as printed) of all 123 rows."""
    values = printed()
    with (DATA / "xa-2022-rows.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            key = f"{row['form']}/{row['code']}"
            yield int(row["form"]), row["code"], (row["printed_code"], row["label"], row["unit"], values[key])


def form_rows(form: int) -> list[Row]:
    """The rows of a form with the real oddities among them."""
    rows: list[Row] = []
    for number, code, row in official_rows():
        if number != form:
            continue
        rows.append(row)
        if (form, code) == (3, "1"):
            rows.append(("", "", "Thủ tục", ""))
        if (form, code) == (7, "6.5.2"):
            rows.append(("", "4", "", ""))
    return rows


def old_report(write_form: Callable | None = None, narrative: Sequence[tuple[str, bool]] = NARRATIVE) -> bytes:
    """The whole report. ``write_form(word, form)`` writes the rows of one form its own way."""
    word = docx.Document()
    _letterhead(word)
    word.add_paragraph().add_run(f"BÁO CÁO\nCông tác cải cách hành chính {PERIOD}").bold = True
    for text, bold in narrative:
        word.add_paragraph().add_run(text).bold = bold or None
    _signature(word)
    word.add_paragraph("PHỤ LỤC")
    word.add_paragraph(f"BIỂU MẪU THỐNG KÊ SỐ LIỆU\n{PERIOD.upper()} TRÊN ĐỊA BÀN XÃ BÌNH LÃNG")
    for form, title in TITLES.items():
        word.add_paragraph().add_run(f"Biểu mẫu {form}\n{title}").bold = True
        (write_form or tables)(word, form)
    word.add_paragraph()  # Word always ends a file with one
    return saved(word)


def saved(word) -> bytes:
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def tables(word, form: int) -> None:
    """One table; form 3 is split by a page break after 3.1.2, without a new head."""
    rows = form_rows(form)
    cut = next((number + 1 for number, row in enumerate(rows) if form == 3 and row[0] == "3.1.2."), len(rows))
    table(word, rows[:cut])
    if rows[cut:]:
        word.add_paragraph()
        table(word, rows[cut:], head=False)


def table(place, rows: Sequence[Row], *, head: bool = True):
    """A table with the official head over two rows, merged as in the official forms; levels bold or italic."""
    made = place.add_table(rows=2 * head + len(rows), cols=5)
    if head:
        upper, lower = made.rows[0].cells, made.rows[1].cells
        upper[0].merge(lower[0]).text = "STT"
        upper[1].merge(lower[1]).text = f"Chỉ tiêu thống kê (sử dụng cho kỳ báo cáo {PERIOD})"
        upper[2].merge(upper[3]).text = "Kết quả thống kê"
        lower[2].text, lower[3].text = "Đơn vị tính", "Số lượng/ Tỷ lệ"
        upper[4].merge(lower[4]).text = "Ghi chú"
    for cells, row in zip(list(made.rows)[2 * head :], rows, strict=True):
        dots = row[0].rstrip(".").count(".")
        for cell, text in zip(cells.cells, row, strict=False):
            run = cell.paragraphs[0].add_run(text)
            run.bold, run.italic = (dots == 0) or None, (dots > 1) or None
    return made


def _letterhead(word) -> None:
    left, right = word.add_table(rows=1, cols=2).rows[0].cells
    left.text = "ỦY BAN NHÂN DÂN\nXÃ BÌNH LÃNG\nSố:      /BC-UBND"
    right.text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    right.add_paragraph("Bình Lãng, ngày 09 tháng 6 năm 2022")


def _signature(word) -> None:
    left, right = word.add_table(rows=1, cols=2).rows[0].cells
    left.text = "Nơi nhận:\n- Phòng Nội vụ huyện;\n- Lưu: VT."
    right.text = "CHỦ TỊCH\n\n\nTrần Văn Bình"

"""The template of the chief's page: an ordinary Word file with tags, owned by the staff. Wording: ``ui/word.toml``."""

from io import BytesIO

from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from cchc_xl.editions.catalogue import words
from cchc_xl.files import canonical_zip
from cchc_xl.word import paper
from cchc_xl.word.official import cell_text, letterhead

_SIZE, _TABLE_SIZE = 13, 10
_COLUMNS = (71, 21, 19, 28, 21)  # mm: row, result, target, change, verdict
_BARE_COLUMNS = (130, 30)  # where there is neither a target nor an earlier period
_CELLS = ("ten", "ket_qua", "muc_tieu", "ky_truoc", "danh_gia")


def summary_template() -> bytes:
    """``tom-tat.docx`` as shipped: reproducible, for staff to edit."""
    texts = words("word")["summary"]["paper"]
    word = paper.new_paper(texts["title_property"])
    for line in texts["guide"]:
        paper.line(word, f"{{#p {line} #}}", size=10, italic=True, align=WD_ALIGN_PARAGRAPH.LEFT)
    superior = ("{%p if cap_tren %}", "{{ cap_tren }}", "{%p endif %}")
    letterhead(word, superior=superior, issuer=("{{ ten_co_quan }}",), number="", place_date=texts["place_date"])
    for number, text in enumerate(texts["title"]):
        title = paper.line(word, text, bold=True)
        title.paragraph_format.space_before = Pt(0 if number else 14)
    paper.rule(word, 5.6)
    _heading(word, texts["coverage"])
    _text(word, "{{ tinh_hinh }}")
    _heading(word, texts["rows"])
    for condition, widths in (("{%p if so_sanh %}", _COLUMNS), ("{%p else %}", _BARE_COLUMNS)):
        _text(word, condition)
        _table(word, texts["columns"], widths)
    _text(word, "{%p endif %}")
    _loop(word, "cau in nhan_xet", "- {{ cau }}")
    _heading(word, texts["unclear"])
    _text(word, "{{ can_lam_ro }}")
    _heading(word, texts["decisions"])
    _loop(word, "viec in quyet_dinh", "- {{ viec }}")
    paper.line(word, texts["source"], size=11, italic=True).paragraph_format.space_before = Pt(6)
    out = BytesIO()
    word.save(out)
    return canonical_zip(out.getvalue())


def _heading(word: Word, text: str) -> None:
    made = word.add_paragraph(style=paper.SUBHEADING)
    run = made.add_run(text)
    run.font.size = Pt(_SIZE)
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(4), Pt(1)
    made.paragraph_format.first_line_indent = Cm(0)


def _text(word: Word, text: str, *, hanging: bool = False) -> None:
    made = word.add_paragraph(style=paper.BODY)
    run = made.add_run(text)
    run.font.size = Pt(_SIZE)
    form = made.paragraph_format
    form.space_after, form.first_line_indent = Pt(2), Cm(0)
    if hanging:
        form.left_indent, form.first_line_indent = Cm(0.5), Cm(-0.35)


def _loop(word: Word, over: str, text: str) -> None:
    _text(word, f"{{%p for {over} %}}")
    _text(word, text, hanging=True)
    _text(word, "{%p endfor %}")


def _table(word: Word, titles: list[str], widths: tuple[int, ...]) -> None:
    table = word.add_table(rows=4, cols=len(widths))
    table.style = "Table Grid"
    table.autofit = False
    paper.fix_widths(table, widths)
    for cell, title in zip(table.rows[0].cells, titles, strict=False):
        cell_text(cell, title, bold=True, size=_TABLE_SIZE).alignment = WD_ALIGN_PARAGRAPH.CENTER
    paper.repeat_as_head(table.rows[0])
    for number, tag in ((1, "{%tr for dong in chi_tieu %}"), (3, "{%tr endfor %}")):
        cell_text(table.rows[number].cells[0], tag)
    for number, (cell, name) in enumerate(zip(table.rows[2].cells, _CELLS, strict=False)):
        made = cell_text(cell, f"{{{{ dong.{name} }}}}", size=_TABLE_SIZE)
        made.paragraph_format.space_before = made.paragraph_format.space_after = Pt(1)
        if number:
            made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paper.keep_whole(table.rows[2])

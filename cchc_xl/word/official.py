"""The narrative's template in the form of Nghị định 30/2020: an ordinary Word file with tags, owned by the staff.

Wording comes from ``ui/word.toml``; an edition without sentences of its own gets one line a row, from its forms.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO

from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.worded import worded
from cchc_xl.files import canonical_zip
from cchc_xl.model import Edition, Form, Indicator, Method, Whole
from cchc_xl.word import paper

COLUMNS = (13, 63, 23, 28, 33)  # mm: code, label, unit, value, note
_CELLS = ("stt", "chi_tieu", "don_vi", "gia_tri", "ghi_chu")
_CENTRED_CELLS = frozenset({"don_vi", "gia_tri"})
_SMALL_CELLS = frozenset({"ghi_chu"})


def narrative_template(edition: Edition) -> bytes:
    """``bao-cao-tong-hop.docx`` as shipped: reproducible, for staff to edit."""
    letter = words("word")["letter"]
    word = paper.new_paper(letter["title_property"])
    for line in words("word")["guide"]["lines"]:
        paper.line(word, f"{{#p {line} #}}", size=10, italic=True, align=WD_ALIGN_PARAGRAPH.LEFT)
    letterhead(
        word,
        superior=("{%p if cap_tren %}", "{{ cap_tren }}", "{%p endif %}"),
        issuer=("{{ ten_co_quan }}",),
        number=letter["number"].format(number="{{ so_ban_hanh }}", symbol="{{ ky_hieu }}"),
        place_date="{{ noi_ngay_ban_hanh }}",
    )
    title_block(word, subject=letter["subject"].format(period="{{ ky }}"), receiver="{{ kinh_gui }}")
    _paragraph(word, letter["intro"])
    for block in _blocks(edition):
        _block(word, block, edition)
    _paragraph(word, letter["end"]).paragraph_format.keep_with_next = True  # a signature never stands alone
    set_once = ("{%p if noi_nhan %}", "{%p for dong in noi_nhan %}", "{{ dong }}", "{%p endfor %}", "{%p else %}")
    receivers = (*set_once, *letter["receivers"], "{%p endif %}")
    signature(word, receivers=receivers, capacity="{{ chuc_vu }}", signer="{{ nguoi_ky }}")
    paper.new_section(word)
    _annex(word, edition, letter)
    out = BytesIO()
    word.save(out)
    return canonical_zip(out.getvalue())


def letterhead(
    word: Word, *, issuer: Sequence[str], number: str, place_date: str, superior: Sequence[str] = ()
) -> None:
    """The body that reports (below the one above it) and its number at the left; nation, place and date at the right.

    ``superior``, ``issuer``: lines; only the issuing body stands in bold.
    """
    letter = words("word")["letter"]
    left, right = paper.frame(word, 64, 96)
    for text in superior:
        paper.line(left, text, size=13)
    for text in issuer:
        paper.line(left, text, size=13, bold=True)
    paper.rule(left, 2.1)
    if number:
        paper.line(left, number, size=13)
    paper.line(right, letter["nation"], size=12, bold=True)
    paper.line(right, letter["motto"], size=13, bold=True)
    paper.rule(right, 2.2)
    paper.line(right, place_date, size=13, italic=True)


def title_block(word: Word, *, subject: str, receiver: str) -> None:
    """Kind and subject of the document with the rule below them, and whom it goes to."""
    letter = words("word")["letter"]
    head = paper.line(word, letter["kind"], bold=True)
    head.paragraph_format.space_before = Pt(18)
    paper.line(word, subject, bold=True)
    paper.rule(word, 5.6)
    to = paper.line(word, letter["to"].format(receiver=receiver), after=12)
    to.paragraph_format.space_before = Pt(8)


def _blocks(edition: Edition) -> Iterator[Mapping[str, str]]:
    """The body, block by block: the edition's own wording, else one line a row of its forms under its outline."""
    texts = words("word")
    yield from worded(texts["body"], edition) or _generic(edition)
    yield from _of_outline(texts["closing"], edition)


def _of_outline(blocks: Iterable[Mapping[str, str]], edition: Edition) -> Iterator[Mapping[str, str]]:
    """The sections whose heading the edition's outline has; a section goes from its heading to the next."""
    known, kept = _titles(edition), True
    for block in blocks:
        kept = block["heading"] in known if "heading" in block else kept
        if kept:
            yield block


def _generic(edition: Edition) -> Iterator[Mapping[str, str]]:
    """Under the outline's headings in order: the first is form 1's, the next ones are the fields, one a form."""
    headings = [heading["id"] for heading in edition.words["outline"]]
    for number, (form, heading) in enumerate(zip(edition.forms, headings, strict=False)):
        if number == 1:
            yield {"heading": "results"}
        yield {"heading": heading}
        if number == 0:
            yield {"text": "{{ tinh_hinh_gui() }}"}
        yield from _generic_rows(form)
        yield {"said": heading}
    yield {"heading": "assessment"}
    for heading in headings[len(edition.forms) : len(edition.forms) + 1]:
        yield from ({"heading": heading}, {"said": heading})


def _generic_rows(form: Form) -> Iterator[Mapping[str, str]]:
    """One line a row, the headings between them: the number with its unit, n of N, and what to know about it."""
    for row in form.indicators:
        label = row.label.rstrip(".")
        if row.method is Method.NONE:
            yield {"text": f"{label}:"}
        elif row.method is Method.DISTRIBUTION:
            yield {"text": f'- {label}: {{{{ lua_chon("{row.key}") }}}}{{{{ nghi_van("{row.key}") }}}}'}
        elif row.method is Method.OWN and row.choices:
            yield {"text": f'- {label}: {{{{ chon("{row.key}") }}}}'}
        else:
            yield {"text": f"- {label}: {_generic_number(row)}"}


def _generic_number(row: Indicator) -> str:
    communes = row.whole is Whole.NONE or row.method is Method.COUNT_YES
    number = f'{{{{r so("{row.key}@{"communes" if communes else "whole"}") }}}}'
    unit = "" if row.is_percent or row.choices or not row.unit else f" {row.unit[:1].lower()}{row.unit[1:]}"
    if row.method is Method.COUNT_YES:
        unit = " {{ loai_don_vi }}"
    if row.method is Method.OWN:
        return f"{number}{unit}"
    return f'{number}{unit}{{{{ tren("{row.key}") }}}}{{{{ luu_y("{row.key}") }}}}.{{{{ nghi_van("{row.key}") }}}}'


def _block(word: Word, block: Mapping[str, str], edition: Edition) -> None:
    if "heading" in block:
        _heading(word, block["heading"], edition)
    elif "said" in block:
        _said(word, block["said"])
    elif "chart" in block:
        _chart(word, block["chart"])
    else:
        for name, tag in (("each", "for"), ("only", "if")):
            if name in block:
                _paragraph(word, f"{{%p {tag} {block[name]} %}}")
        made = _paragraph(word, block["text"], style=paper.QUOTED if "each" in block else paper.BODY)
        made.paragraph_format.keep_with_next = block["text"].endswith(":") or None  # it leads to what follows
        for name, tag in (("each", "for"), ("only", "if")):
            if name in block:
                _paragraph(word, f"{{%p end{tag} %}}")


def _chart(word: Word, key: str) -> None:
    """The chart of a row on a line of its own; no line where there is none."""
    _paragraph(word, f'{{%p if bieu_do("{key}") %}}')
    paper.line(word, f'{{{{ bieu_do("{key}") }}}}', after=6)
    _paragraph(word, "{%p endif %}")


def _heading(word: Word, heading: str, edition: Edition) -> None:
    """``heading``: an id of outline or ``[headings]``."""
    heading_line(word, _titles(edition)[heading])


def _titles(edition: Edition) -> dict[str, str]:
    return {one["id"]: one["title"] for one in edition.words["outline"]} | words("word")["headings"]


def heading_line(word: Word, title: str) -> None:
    """Roman numbers in capitals; "II.1. …" as "1. …" below them."""
    numeral, dot, rest = title.partition(".")
    below = rest[:1].isdigit()
    text = rest if below else numeral + dot + rest.upper()
    word.add_paragraph(text, style=paper.SUBHEADING if below else paper.HEADING)


def _said(word: Word, heading: str) -> None:
    said = words("word")["said"]
    _paragraph(word, f'{{%p if loi("{heading}") %}}')
    _paragraph(word, said["intro"]).paragraph_format.keep_with_next = True
    _paragraph(word, f'{{%p for muc in loi("{heading}") %}}')
    _paragraph(word, said["line"], style=paper.QUOTED)
    _paragraph(word, "{%p for dong in muc.tiep %}")
    _paragraph(word, "{{ dong }}", style=paper.QUOTED)
    for closing in ("{%p endfor %}", "{%p endfor %}", "{%p endif %}"):
        _paragraph(word, closing)


def _paragraph(word: Word, text: str, *, style: str = paper.BODY) -> Paragraph:
    return word.add_paragraph(text, style=style)


def signature(word: Word, *, receivers: Sequence[str], capacity: str, signer: str) -> None:
    """Who gets it, who signs; room for the seal and the digital signature between capacity and name."""
    letter = words("word")["letter"]
    left, right = paper.frame(word, 80, 80)
    to_left = WD_ALIGN_PARAGRAPH.LEFT
    head = paper.line(left, letter["receivers_title"], size=12, bold=True, italic=True, align=to_left)
    head.paragraph_format.space_before = Pt(6)
    for receiver in receivers:
        paper.line(left, receiver, size=11, align=to_left)
    signed_as = paper.line(right, capacity, bold=True, after=72)
    signed_as.paragraph_format.space_before = Pt(6)
    paper.line(right, signer, bold=True)
    paper.keep_together(left, right)


def _annex(word: Word, edition: Edition, letter: Mapping) -> None:
    paper.line(word, letter["annex"], bold=True)
    place = letter["annex_place"].format(period="{{ ky_hoa }}", unit="{{ don_vi_hoa }}")
    name = paper.line(word, f"{edition.words['appendix']} {place}", bold=True)
    name.paragraph_format.left_indent = name.paragraph_format.right_indent = Cm(1.5)
    if edition.words.get("mark"):
        paper.line(word, edition.words["mark"], italic=True)
    paper.line(word, letter["annex_of"], italic=True, after=6)
    _paragraph(word, "{%p if thieu_so_rieng %}")
    paper.line(word, "{{ thieu_so_rieng }}", italic=True, after=6)
    _paragraph(word, "{%p endif %}")
    _paragraph(word, "{%p for bieu in cac_bieu %}")
    for text, before in (("{{ bieu.ten }}", 12), ("{{ bieu.tieu_de }}", 0)):
        head = paper.line(word, text, bold=True, after=0 if before else 6)
        head.paragraph_format.space_before = Pt(before)
        head.paragraph_format.keep_with_next = True
    _form_table(word, edition)
    _paragraph(word, "{%p endfor %}")


def _form_table(word: Word, edition: Edition) -> None:
    """One official table; its rows repeat for each row of a form, its two head rows on every page."""
    table = word.add_table(rows=5, cols=len(COLUMNS))
    table.style = "Table Grid"
    table.autofit = False
    paper.fix_widths(table, COLUMNS)
    form_head(table, edition, "{{ ky }}")
    for number, tag in ((2, "{%tr for dong in bieu.dong %}"), (4, "{%tr endfor %}")):
        cell_text(table.rows[number].cells[0], tag)
    for cell, name in zip(table.rows[3].cells, _CELLS, strict=True):
        paragraph = cell_text(cell, f"{{{{ dong.{name} }}}}", size=10 if name in _SMALL_CELLS else None)
        if name in _CENTRED_CELLS:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paper.keep_whole(table.rows[3])


def form_head(table, edition: Edition, period: str) -> None:
    """The official head over two rows, repeated on every page. ``table`` has the five official columns."""
    names = edition.words
    upper, lower = table.rows[0].cells, table.rows[1].cells
    heads = (
        (upper[0].merge(lower[0]), names["head_code"]),
        (upper[1].merge(lower[1]), names["head_label"].format(period=period)),
        (upper[2].merge(upper[3]), names["head_result"]),
        (lower[2], names["head_unit"]),
        (lower[3], names["head_value"]),
        (upper[4].merge(lower[4]), names["head_note"]),
    )
    for cell, text in heads:
        for extra in cell.paragraphs[1:]:
            extra._p.getparent().remove(extra._p)
        paragraph = cell_text(cell, text, bold=True)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        cell.vertical_alignment = 1
    for row in table.rows[:2]:
        paper.keep_whole(row)
        paper.repeat_as_head(row)


def cell_text(cell, text: str, *, bold: bool = False, size: float | None = None) -> Paragraph:
    """Text in the style of tables in a fresh cell."""
    paragraph = cell.paragraphs[0]
    paragraph.style = paper.TABLE
    run = paragraph.add_run(text)
    run.font.bold = bold or None
    if size:
        run.font.size = Pt(size)
    return paragraph

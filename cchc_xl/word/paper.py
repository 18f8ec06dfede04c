"""Paper, type and layout of an official document (Nghị định 30/2020, annex I), made with python-docx.

A4 portrait; margins 20/20/30/20 mm; Times New Roman in every style; body 14 pt justified, first line 1.27 cm, 6 pt
between paragraphs; page number centred at the top from page 2 on.
"""

from datetime import UTC, datetime

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
BODY, HEADING, SUBHEADING, CENTRED, TABLE = "Normal", "Heading 1", "Heading 2", "CCHC Centred", "CCHC Table"
QUOTED = "CCHC Quoted"  # what others wrote: its numbers are theirs
_BODY_SIZE, _TABLE_SIZE = Pt(14), Pt(11.5)
_FIRST_LINE = Cm(1.27)
_NONE = Pt(0)
_MADE = datetime(2022, 1, 1, tzinfo=UTC)  # a fixed date: equal content gives equal bytes
_KEPT_STYLES = frozenset({"Normal", "Heading 1", "Heading 2", "Header", "Table Grid", "Normal Table"})


def new_paper(title: str) -> Word:
    """An empty document with the paper and styles of an official letter."""
    word = Document()
    for style in list(word.styles):
        if style.name not in _KEPT_STYLES and style.type != WD_STYLE_TYPE.LIST and not _is_default(style):
            style.delete()
    for link in list(word.styles.element.iter(qn("w:link"))):  # to character styles that are gone
        link.getparent().remove(link)
    _fonts(word)
    _styles(word)
    for name, relation in list(word.part.package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):  # of the library's own sample
            word.part.package.rels.pop(name)
    for paragraph in list(word.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)
    _page(word.sections[0])
    properties = word.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "", ""
    properties.comments, properties.language = "", "vi-VN"
    properties.created = properties.modified = _MADE.replace(tzinfo=None)
    properties.revision = 1
    return word


def _is_default(style) -> bool:
    return style.element.get(qn("w:default")) in ("1", "true")


def _fonts(word: Word) -> None:
    """Times New Roman for every script in every style: a theme font would win over the name alone."""
    root = word.styles.element
    for fonts in list(root.iter(qn("w:rFonts"))):
        _set_fonts(fonts)
    for style in word.styles:
        if style.type in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER):
            _set_fonts(style.element.get_or_add_rPr().get_or_add_rFonts())
    for lang in root.iter(qn("w:lang")):
        lang.set(qn("w:val"), "vi-VN")
        lang.set(qn("w:eastAsia"), "vi-VN")


def _set_fonts(fonts) -> None:
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _styles(word: Word) -> None:
    styles = word.styles
    _look(styles[BODY], size=_BODY_SIZE, align=WD_ALIGN_PARAGRAPH.JUSTIFY, first_line=_FIRST_LINE, after=Pt(6))
    _look(styles[HEADING], bold=True, first_line=_FIRST_LINE, before=Pt(6), after=Pt(6), keep=True)
    _look(styles[SUBHEADING], bold=True, first_line=_FIRST_LINE, before=Pt(0), after=Pt(6), keep=True)
    quoted = styles.add_style(QUOTED, WD_STYLE_TYPE.PARAGRAPH)
    quoted.base_style = styles[BODY]
    for name, size, align in (
        (CENTRED, _BODY_SIZE, WD_ALIGN_PARAGRAPH.CENTER),
        (TABLE, _TABLE_SIZE, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[BODY]
        _set_fonts(style.element.get_or_add_rPr().get_or_add_rFonts())
        _look(style, size=size, align=align, first_line=Cm(0), after=Pt(0))
    styles[TABLE].paragraph_format.space_before = styles[TABLE].paragraph_format.space_after = Pt(2)
    _look(styles["Header"], size=_BODY_SIZE, align=WD_ALIGN_PARAGRAPH.CENTER, first_line=Cm(0), after=Pt(0))


def _look(style, *, size=_BODY_SIZE, bold=False, align=None, first_line=None, before=_NONE, after=None, keep=False):
    style.font.size, style.font.bold, style.font.italic = size, bold, False
    for colour in list(style.element.iter(qn("w:color"))):
        colour.getparent().remove(colour)
    for name in ("w:sz", "w:szCs"):
        for element in style.element.iter(qn(name)):
            element.set(qn("w:val"), str(int(size.pt * 2)))
    form = style.paragraph_format
    form.alignment = align if align is not None else form.alignment
    form.first_line_indent = first_line
    form.space_before, form.space_after = before, after
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    form.keep_with_next, form.widow_control = keep, True


def _page(section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance, section.footer_distance = Mm(10), Mm(10)
    section.different_first_page_header_footer = True
    header = section.header
    header.is_linked_to_previous = False
    paragraph = header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for child in list(paragraph._p):
        if child.tag != qn("w:pPr"):
            paragraph._p.remove(child)
    _page_field(paragraph)


def _page_field(paragraph: Paragraph) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("shown", "2"), ("end", "")):
        run = paragraph.add_run(text if kind == "shown" else None)
        if kind == "":
            instruction = OxmlElement("w:instrText")
            instruction.text = text
            run._r.append(instruction)
        elif kind != "shown":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def new_section(word: Word) -> None:
    """The annex: a new page with its own page numbers."""
    section = word.add_section(WD_SECTION.NEW_PAGE)
    section.different_first_page_header_footer = True
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    margins = section._sectPr.find(qn("w:pgMar"))
    margins.addnext(numbers)


def line(place, text: str, *, size: float = 14, bold=False, italic=False, align=None, after: float = 0) -> Paragraph:
    """A paragraph of the letter's frame, in a cell or the body, without indent."""
    paragraph = place.add_paragraph(style=CENTRED)
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(after)
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.italic = Pt(size), bold, italic
    return paragraph


def rule(place, inset: float) -> None:
    """The line below a name: a thin border, ``inset`` of the width left free at either side (in cm)."""
    paragraph = place.add_paragraph(style=CENTRED)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Cm(inset)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    form.space_after = Pt(4)
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    _insert_borders(paragraph._p.get_or_add_pPr(), borders)


def _insert_borders(properties, borders) -> None:
    """Where the schema wants them: before spacing and what follows it."""
    after = [child for child in properties if child.tag in (qn("w:spacing"), qn("w:ind"), qn("w:jc"))]
    if after:
        after[0].addprevious(borders)
    else:
        properties.append(borders)


def frame(word: Word, left: float, right: float):
    """A table without borders holding two blocks side by side; gives its two cells, emptied. Widths in mm."""
    table = word.add_table(rows=1, cols=2)
    table.autofit = False
    fix_widths(table, (left, right))
    cells = table.rows[0].cells
    for cell in cells:
        cell._tc.remove(cell.paragraphs[0]._p)
    return cells


def fix_widths(table, widths: tuple[float, ...]) -> None:
    """Column widths in mm, in the grid and in every cell, so that every program agrees."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def keep_together(*cells) -> None:
    """All lines of these cells on one page: a signature never stands apart from its capacity."""
    for cell in cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True
        keep_whole(cell._tc.getparent())


def repeat_as_head(row) -> None:
    """The row stands again on every page the table runs over."""
    _row_mark(row._tr, "w:tblHeader")


def keep_whole(row) -> None:
    """The row is never broken over two pages."""
    _row_mark(getattr(row, "_tr", row), "w:cantSplit")


def _row_mark(row, name: str) -> None:
    properties = row.get_or_add_trPr()
    if properties.find(qn(name)) is None:
        mark = OxmlElement(name)
        properties.insert(0, mark) if name == "w:cantSplit" else properties.append(mark)

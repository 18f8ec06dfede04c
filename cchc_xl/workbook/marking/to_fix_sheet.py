"""The sheet "Cần sửa": what is asked of the unit, a line each, with links to the cells. Text and numbers only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import Request
from cchc_xl.text import without_controls
from cchc_xl.workbook.layout import address, column_letters
from cchc_xl.workbook.marking.inert_text import inert, quoted_sheet
from cchc_xl.workbook.marking.to_fix_styles import SIZE
from cchc_xl.workbook.official.row_heights import height, plain

NUMBER, KIND, FORM, CODE, CELL, FOUND, MESSAGE, ADVICE, CAUSES = range(9)
WIDTHS = (40, 104, 60, 62, 66, 96, 330, 280, 270)  # pixels
_CENTRED = (NUMBER, FORM, CODE)
_LEAST_ROW, _MOST_ROW = 20.0, 400.0
_SHOWN = 40  # characters counted of a long stored text
_INDENT = 12  # pixels
_MARGINS = '<pageMargins left="0.6" right="0.6" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
_PAGE = '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One request as it stands on the sheet. ``held``: (is a number, stored text) of the cell, None for nothing."""

    request: Request
    sheet: str  # title of the sheet to jump to; "" when there is none
    cell: str  # "" for the whole sheet
    held: tuple[bool, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands over the lines. ``status``: title of the sheet of explanations, "" when the file has none."""

    title: str
    about: str
    counts: str
    how: tuple[str, ...]
    status: str


def first_row(head: Head) -> int:
    """The 0-based row of the first request."""
    return 3 + len(head.how) + (1 if head.status else 0) + 1


def switch_range(title: str, head: Head, lines: Sequence[Line]) -> str:
    """The cells of the column "Đang ghi", at least one: ``'Cần sửa'!$F$9:$F$20``."""
    first = first_row(head) + 1
    column = column_letters(FOUND)
    return f"{quoted_sheet(title)}!${column}${first}:${column}${first + max(len(lines), 1) - 1}"


def title_row(title: str, head: Head) -> str:
    """The row of column titles, repeated on every printed page: ``'Cần sửa'!$8:$8``."""
    return f"{quoted_sheet(title)}!${first_row(head)}:${first_row(head)}"


def sheet_xml(head: Head, lines: Sequence[Line], looks: Mapping[str, int], space: str) -> bytes:
    """The part of the sheet. ``looks``: numbers of ``add_styles``; ``space``: the file's spreadsheet namespace."""
    rows = "".join((*_head_rows(head, looks), *_line_rows(head, lines, looks)))
    last, first = column_letters(len(WIDTHS) - 1), first_row(head)
    merged = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in range(1, first))
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{(wide - 5) / 7:.4f}" customWidth="1"/>' for n, wide in enumerate(WIDTHS, 1)
    )
    links = "".join(_links(head, lines))
    pane = f'<pane ySplit="{first}" topLeftCell="A{first + 1}" activePane="bottomLeft" state="frozen"/>'
    footer = escape(words("feedback")["sheet"]["footer"])
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{space}"><sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{first + max(len(lines), 1)}"/>'
        f'<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">{pane}'
        f'<selection pane="bottomLeft" activeCell="A{first + 1}" sqref="A{first + 1}"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{rows}</sheetData>'
        f'<mergeCells count="{first - 1}">{merged}</mergeCells>'
        f"{f'<hyperlinks>{links}</hyperlinks>' if links else ''}{_MARGINS}{_PAGE}"
        f"<headerFooter><oddFooter>{footer}</oddFooter></headerFooter></worksheet>"
    ).encode()


def _head_rows(head: Head, looks: Mapping[str, int]) -> Iterator[str]:
    over = [(head.title, "title", 26.0), (head.about, "about", 20.0), (head.counts, "about", 20.0)]
    over += [(text, "how", _high([(text, sum(WIDTHS))])) for text in head.how]
    if head.status:
        over.append((words("feedback")["sheet"]["back"], "link", 18.0))
    for row, (text, look, high) in enumerate(over):
        yield _row(row, high, _text(row, 0, text, looks[look]))
    titles = words("feedback")["sheet"]["columns"]
    cells = "".join(_text(len(over), n, title, looks["head"]) for n, title in enumerate(titles))
    yield _row(len(over), 22.0, cells)


def _line_rows(head: Head, lines: Sequence[Line], looks: Mapping[str, int]) -> Iterator[str]:
    first = first_row(head)
    for number, line in enumerate(lines):
        texts = _texts(line)
        wide = [(text[:_SHOWN] if n == FOUND else text, WIDTHS[n] - _INDENT) for n, text in texts.items()]
        cells = "".join(_cell(first + number, n, texts[n], line, looks) for n in range(len(WIDTHS)))
        yield _row(first + number, _high(wide), cells)
    if not lines:
        yield _row(first, _LEAST_ROW, _text(first, 0, words("feedback")["sheet"]["nothing"], looks["how"]))


def _texts(line: Line) -> dict[int, str]:
    request = line.request
    return {
        NUMBER: str(request.number),
        KIND: request.kind_word,
        FORM: str(request.form or ""),
        CODE: request.code,
        CELL: line.cell or (words("feedback")["sheet"]["whole_sheet"] if line.sheet else ""),
        FOUND: line.held[1] if line.held else "",
        MESSAGE: request.message,
        ADVICE: request.advice,
        CAUSES: "\n".join(f"{n}. {cause}" if len(request.causes) > 1 else cause for n, cause in _counted(request)),
    }


def _counted(request: Request) -> Iterator[tuple[int, str]]:
    return enumerate(request.causes, start=1)


def _cell(row: int, column: int, text: str, line: Line, looks: Mapping[str, int]) -> str:
    if column == FOUND and line.held and line.held[0]:
        return f'<c r="{address(row, column)}" s="{looks["number"]}"><v>{escape(text)}</v></c>'
    if column == NUMBER:
        return f'<c r="{address(row, column)}" s="{looks["number"]}"><v>{text}</v></c>'
    look = "text"
    if column == KIND:
        look = line.request.kind
    elif column == CELL:
        look = "cell" if line.sheet else "centre"
    elif column in _CENTRED or column == FOUND:
        look = "centre"
    return _text(row, column, text, looks[look])


def _text(row: int, column: int, text: str, style: int) -> str:
    if not text:
        return f'<c r="{address(row, column)}" s="{style}"/>'
    safe = escape(inert(text, words("feedback")["sheet"]["cut"]))
    return f'<c r="{address(row, column)}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'


def _row(row: int, high: float, cells: str) -> str:
    return f'<row r="{row + 1}" ht="{high}" customHeight="1">{cells}</row>'


def _high(cells: Sequence[tuple[str, int]]) -> float:
    return min(height([(plain(text), wide, SIZE) for text, wide in cells], least=_LEAST_ROW), _MOST_ROW)


def _links(head: Head, lines: Sequence[Line]) -> Iterator[str]:
    first = first_row(head)
    if head.status:
        yield _link(address(first - 2, 0), head.status, "A1", words("feedback")["sheet"]["back"])
    for number, line in enumerate(lines):
        if line.sheet:
            shown = line.cell or words("feedback")["sheet"]["whole_sheet"]
            yield _link(address(first + number, CELL), line.sheet, line.cell or "A1", shown)


def _link(at: str, sheet: str, cell: str, shown: str) -> str:
    target = inert(f"{quoted_sheet(sheet)}!{cell}")
    tip = without_controls(f"{sheet}!{cell}")
    return (
        f"<hyperlink ref={quoteattr(at)} location={quoteattr(target)} tooltip={quoteattr(inert(tip))} "
        f"display={quoteattr(inert(shown))}/>"
    )

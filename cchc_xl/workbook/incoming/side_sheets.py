"""What a unit wrote beside the forms: Thông tin, Kiểm tra (explanations), Phần lời báo cáo, Danh mục văn bản.

The sheets are found by title, or by what stands on them when they were renamed.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition
from cchc_xl.number import HUNDRED, Stored, from_cell, tidy
from cchc_xl.relations.rules import BLANKS
from cchc_xl.text import label_key
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.package import too_large
from cchc_xl.workbook.incoming.sheet_in import MIXED, CellIn, SheetIn
from cchc_xl.workbook.incoming.styles_in import DATE, PERCENT
from cchc_xl.workbook.layout import ABOUT, DOCUMENTS, STATUS, WORDS

Document = tuple[str, str, str, str]
_DOCUMENT_COLUMNS = ("number", "date", "kind", "abstract")
_LAST_DAY = 2_958_465  # 31.12.9999, counted from 1900
_LAST_DAY_1904 = 2_957_003
_LONGEST_TITLE = 200
_TRUTHS = {"1": "TRUE", "0": "FALSE"}
_BLANKS = " " + "".join(BLANKS)
_MOST_SAID = 2_000_000  # characters under one head: a text stored once may stand in very many cells

title_key = lru_cache(maxsize=4096)(label_key)  # titles repeat from file to file


def about(book: Book) -> dict[str, str]:
    """Field id -> text of the sheet Thông tin; blank fields are left out."""
    sheet = _sheet(book, ABOUT)
    if sheet is None:
        return {}
    fields = {title_key(label): name for name, label in words("sheets")["about"].items()}
    found: dict[str, str] = {}
    for (row, column), cell in sheet.cells.items():
        if column > 3 or not _is_title(cell):
            continue
        name = fields.get(title_key(cell.text or ""))
        said = shown(sheet.cells.get((row, column + 1)), book) if name else ""
        if name and said:
            found.setdefault(name, said)
    return found


def explanations(book: Book) -> dict[str, str]:
    """Rule id -> Giải trình, where somebody typed one."""
    sheet = _sheet(book, STATUS, texts_only=True)
    titles = words("sheets")["status"]
    head = _head(sheet, (titles["rule"], titles["explanation"])) if sheet else None
    if sheet is None or head is None:
        return {}
    row, (rule_column, text_column) = head
    shut = words("sheets")["status_sheet"]["must_fix"]
    found: dict[str, str] = {}
    length = 0
    for (at, column), cell in sheet.cells.items():
        if at > row and column == text_column and (said := _as_counted(cell, book)) and said != shut:
            rule = shown(sheet.cells.get((at, rule_column)), book)
            length = _longer(length, (rule, said))
            if rule:
                found[rule] = said
    return found


def _as_counted(cell: CellIn, book: Book) -> str:
    """The text as the sheet counts it: no other blanks are taken off its ends."""
    return (cell.text or "").strip(_BLANKS) if cell.is_text else shown(cell, book)


def report_words(book: Book, edition: Edition) -> dict[str, str]:
    """Heading id -> what the unit wrote under it."""
    sheet = _sheet(book, WORDS)
    outline: Iterable[Mapping[str, str]] = edition.words.get("outline", ())  # type: ignore[assignment]
    titles = {title_key(part["title"]): part["id"] for part in outline}
    found: dict[str, str] = {}
    for (row, column), cell in (sheet.cells if sheet else {}).items():
        if not _is_title(cell):
            continue
        heading = titles.get(title_key(cell.text or ""))
        said = sheet.text_at(row, column + 1).strip() if heading and sheet else ""
        if heading and said:
            found.setdefault(heading, said)
    return found


def documents(book: Book) -> tuple[Document, ...]:
    """Rows of Danh mục văn bản: number, date, kind, abstract; empty rows are left out."""
    sheet = _sheet(book, DOCUMENTS)
    titles = words("sheets")["documents"]["columns"]
    head = _head(sheet, tuple(titles[name] for name in _DOCUMENT_COLUMNS)) if sheet else None
    if sheet is None or head is None:
        return ()
    row, columns = head
    rows = sorted({at for at, column in sheet.cells if at > row and column in columns})
    listed: list[Document] = []
    length = 0
    for at in rows:
        number, day, kind, abstract = (shown(sheet.cells.get((at, column)), book) for column in columns)
        length = _longer(length, (number, day, kind, abstract))
        if number or day or kind or abstract:
            listed.append((number, day, kind, abstract))
    return tuple(listed)


def _longer(length: int, texts: tuple[str, ...]) -> int:
    """``length`` and these texts together. Raises Refused when that is more than anybody writes."""
    length += sum(map(len, texts))
    if length > _MOST_SAID:
        raise too_large("said", _MOST_SAID)
    return length


def shown(cell: CellIn | None, book: Book) -> str:
    """A cell as a person reads it: text trimmed, dates as dd/mm/yyyy, numbers plain; "" for errors."""
    if cell is None or not cell.text or cell.kind in ("e", "b", MIXED):
        return ""
    if cell.is_text:
        return cell.text.strip()
    if cell.kind == "d":
        year, _, rest = cell.text[:10].partition("-")
        month, _, day = rest.partition("-")
        return f"{day}/{month}/{year}"
    number = from_cell(cell.text)
    if number is None:
        return ""
    last = _LAST_DAY_1904 if book.date1904 else _LAST_DAY
    if book.format_kind(cell.style) == DATE and 0 < number < last:
        return day_of(int(number), date1904=book.date1904).strftime("%d/%m/%Y")
    return f"{tidy(number):f}"


def as_stands(cell: CellIn, book: Book) -> str:
    """As ``shown``, but a number stays one (``Stored``; of a percent cell "50%") and nothing there is blank.

    What is no number, and a formula nobody has computed, is there as it stands.
    """
    if not cell.text:
        return f"={cell.formula}" if cell.formula else ""
    text = shown(cell, book)
    if cell.is_text:
        return text
    if not text:
        return _TRUTHS.get(cell.text, cell.text) if cell.kind == "b" else cell.text
    number = from_cell(cell.text)
    if "/" in text or number is None:
        return text
    return f"{tidy(number * HUNDRED):f}%" if book.format_kind(cell.style) == PERCENT else Stored(text)


def day_of(serial: int, *, date1904: bool) -> date:
    """The day of a stored date. 1900 was no leap year, but Excel counts 29.2.1900 as day 60."""
    if date1904:
        return date(1904, 1, 1) + timedelta(days=serial)
    return date(1899, 12, 31) + timedelta(days=serial - (serial > 59))


def _is_title(cell: CellIn) -> bool:
    return cell.is_text and bool(cell.text) and len(cell.text or "") <= _LONGEST_TITLE and cell.formula is None


def _sheet(book: Book, name: str, *, texts_only: bool = False) -> SheetIn | None:
    entry = book.titled(words("sheets")["sheets"][name])
    if entry is None:
        title = title_key(words("sheets")["sheets"][name])
        entry = next((one for one in book.sheets if title_key(one.title) == title), None)
    if entry is None:
        return None
    return book.typed_texts(entry) if texts_only else book.sheet(entry)


def _head(sheet: SheetIn | None, titles: tuple[str, ...]) -> tuple[int, tuple[int, ...]] | None:
    """The first row that holds all these column titles, with their columns."""
    if sheet is None:
        return None
    return _head_by(sheet, {title: number for number, title in enumerate(titles)}, str) or _head_by(
        sheet, {title_key(title): number for number, title in enumerate(titles)}, title_key
    )


def _head_by(
    sheet: SheetIn, titles: Mapping[str, int], key: Callable[[str], str]
) -> tuple[int, tuple[int, ...]] | None:
    rows: dict[int, dict[int, int]] = {}
    quick = key is str
    for (row, column), cell in sheet.cells.items():
        text = cell.text
        if not text or (quick and text not in titles):
            continue
        if _is_title(cell):
            number = titles.get(key(text))
            if number is not None:
                rows.setdefault(row, {}).setdefault(number, column)
    complete = [row for row, found in rows.items() if len(found) == len(titles)]
    if not complete:
        return None
    row = min(complete)
    return row, tuple(rows[row][number] for number in range(len(titles)))

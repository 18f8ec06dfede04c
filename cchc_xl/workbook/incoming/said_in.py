"""What units wrote beside their numbers, read from a master: explanations, words, documents."""

from collections.abc import Mapping

from cchc_xl.model import Edition
from cchc_xl.workbook import said
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.sheet_in import SheetIn

Said = Mapping[str, object]  # fields of a submission


def read_said(book: Book, edition: Edition) -> Mapping[tuple[str, str], Said]:
    """(unit code, role) -> explanations, words, documents; empty for a master without that sheet. Raises Refused."""
    entry = book.titled(said.sheet_name())
    if entry is None:
        return {}
    texts = _texts(book.sheet(entry))
    book.forget(entry)
    headings = {title: heading for heading, title in said.titles_of(edition).items()}
    found: dict[tuple[str, str], dict[str, object]] = {}
    for (unit, role, kind, item), text in texts.items():
        fields = found.setdefault((unit, role), {})
        if kind == "documents":
            parts = [part.strip() for part in text.split(said.PARTING.strip(), 3)]
            row = (*parts, "", "", "", "")[:4]
            fields[kind] = (*fields.get(kind, ()), row)  # type: ignore[misc]
        else:
            fields.setdefault(kind, {})[headings.get(item, item) if kind == "words" else item] = text  # type: ignore[index]
    return found


def _texts(sheet: SheetIn) -> dict[tuple[str, str, str, str], str]:
    """(unit, role, kind, item) -> text, continued rows joined. Columns are known by their titles."""
    titles = dict(zip(said.header(), said.COLUMNS, strict=True))
    kinds = {word: kind for kind, word in said.kind_words().items()}
    columns = {
        titles[cell.text]: column
        for (row, column), cell in sheet.cells.items()
        if row == said.HEAD_ROW and cell.text in titles
    }
    if not {"unit_code", "kind", "item", "text"} <= columns.keys():
        return {}
    found: dict[tuple[str, str, str, str], str] = {}
    for row in sorted({row for row, _ in sheet.cells if row > said.HEAD_ROW}):
        said_in = {name: sheet.text_at(row, column) for name, column in columns.items()}
        kind = kinds.get(said_in["kind"])
        if kind and said_in["unit_code"] and said_in["text"]:
            mark = (said_in["unit_code"], said_in.get("role", ""), kind, said_in["item"])
            found[mark] = found.get(mark, "") + said_in["text"]
    return found

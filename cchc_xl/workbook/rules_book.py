"""The catalogue of rules as a workbook for staff: one row a rule, to read, filter and print."""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

from cchc_xl.editions.catalogue import words

_WIDTHS = (22, 10, 52, 22, 62, 28)


def build(title: str, lines: Iterable[tuple[str, ...]]) -> bytes:
    """``lines``: rule id, key, label, severity, content, basis. The same lines give the same bytes."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "created": datetime(2022, 1, 1)})
    font = {"font_name": "Times New Roman", "font_size": 12, "valign": "top", "text_wrap": True}
    plain, head = book.add_format(font | {"border": 1}), book.add_format(font | {"bold": True, "border": 1})
    texts = words("cli")["rules"]
    sheet = book.add_worksheet(texts["sheet"])
    sheet.write_string(0, 0, title, book.add_format({**font, "bold": True, "text_wrap": False, "font_size": 14}))
    for column, (name, width) in enumerate(zip(texts["columns"], _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, name, head)
    row = 2
    for row, line in enumerate(lines, start=3):
        for column, text in enumerate(line):
            sheet.write_string(row, column, text, plain)
    sheet.autofilter(2, 0, row, len(_WIDTHS) - 1)
    sheet.freeze_panes(3, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    book.close()
    return out.getvalue()

"""What is odd about the tables of somebody's Word report: rows that are none, forms cut up, rows that are missing."""

from collections.abc import Iterator, Mapping, Set

from cchc_xl.model import Edition, Finding, Form, Severity
from cchc_xl.word.row_parts import Columns, Found, is_bare_number, label_of
from cchc_xl.word.table_reading import Line

_SHOWN = 80
_LISTED = 12


def stray(line: Line, form: Form, columns: Columns) -> tuple[str, Severity]:
    """Finding and severity for a row that is none of the form's: a page number, a unit, a number, a text."""
    filled = [text for text in line.cells if text]
    units = {label_of(row.unit) for row in form.indicators if row.unit}
    if len(filled) == 1 and is_bare_number(filled[0]):
        if columns and line.cells.index(filled[0]) == columns["value"]:
            return "layout-word-stray-value", Severity.WARNING
        return "layout-word-stray-number", Severity.NOTE
    if len(filled) == 1 and label_of(filled[0]) in units:
        return "layout-word-stray-unit", Severity.NOTE
    if any(is_bare_number(text) for text in filled[1:]):
        return "layout-word-stray-value", Severity.WARNING
    return "layout-word-stray-text", Severity.NOTE


def about_forms(edition: Edition, rows: Mapping[str, Found], tables: Mapping[int, Set[int]]) -> Iterator[Finding]:
    """Forms and rows that are missing, typed with tabs, cut into several tables, codes without their dot.

    ``tables``: form -> numbers of the tables it was found in, 0 for paragraphs.
    """
    for form in edition.forms:
        args: dict[str, object] = {"form": form.number, "title": form.title}
        found = [rows[row.key] for row in form.indicators if row.key in rows]
        if not found:
            yield Finding(id="layout-word-form-missing", severity=Severity.WARNING, args=args)
            continue
        places = tables.get(form.number, frozenset())
        if 0 in places:
            yield Finding(id="layout-word-tabs", severity=Severity.WARNING, args=args)
        if len(places) > 1:
            yield Finding(id="layout-word-split", severity=Severity.NOTE, args={**args, "count": len(places)})
        undotted = [one.printed for one in found if one.printed and not one.printed.rstrip().endswith(".")]
        if undotted:
            codes = ", ".join(undotted[:_LISTED]) + (" …" if len(undotted) > _LISTED else "")
            yield Finding(id="layout-word-code-dot", severity=Severity.NOTE, args={**args, "codes": codes})
        for row in form.indicators:
            if row.key not in rows:
                yield Finding(id="layout-word-row-missing", severity=Severity.WARNING, key=row.key)


def cut(text: str) -> str:
    """On one line, not too long to repeat in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"

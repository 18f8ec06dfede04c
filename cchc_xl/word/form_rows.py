"""The rows of the official forms found in the lines of a Word file, whatever their tables look like.

A table belongs to the form whose codes and labels it has; the title above it decides only where these don't. A row
is known by its code and label together: alone each can be wrong or there twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Finding, Form, Indicator, Severity
from cchc_xl.text import label_key
from cchc_xl.word.row_oddities import about_forms, cut, stray
from cchc_xl.word.row_parts import (
    Columns,
    Found,
    Parts,
    alike,
    answered,
    columns_of,
    head_of,
    label_of,
    parts_of,
)
from cchc_xl.word.table_reading import Line

_WHOLE, _SAME, _CLOSE = 0.93, 0.85, 0.6
_LONGEST_TITLE = 240
_LEAST_SCORE = 0.9
_MOST_ROWS = 1_500  # rows of forms looked at: the forms have a hundred or two
_MOST_ODD = 300
_GUESSES = ("code-missing", "code-other", "label-other")


@dataclass(slots=True)
class _Segment:
    """Rows of one table, or of paragraphs with tabs, under one title."""

    titled: int | None
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRows:
    """All rows found, and everything odd about how they stand."""

    rows: Mapping[str, Found]
    oddities: tuple[Finding, ...]
    tabbed: frozenset[int]  # forms typed with tabs


def find_rows(lines: Sequence[Line], edition: Edition) -> FormRows:
    """Every row of every form. Nothing in the lines raises."""
    search = _Search(edition)
    for segment in _segments(lines, edition):
        search.take(segment)
    return search.result()


def title_number(text: str, edition: Edition) -> int | None:
    """The form a title line names: "Biểu mẫu 3", "Biểu số 03. Cải cách …", or a form's title alone."""
    if len(text) > _LONGEST_TITLE:
        return None
    said = label_of(text)
    for number, title in _titles(edition.id, tuple((form.number, form.title) for form in edition.forms)):
        rest = said[len(title) :].strip()
        if said == title or (said.startswith(f"{title} ") and alike(rest, _form(edition, number).title) >= _CLOSE):
            return number
    return next((form.number for form in edition.forms if alike(text, form.title) >= _SAME), None)


@lru_cache(maxsize=64)
def _titles(edition: str, forms: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    patterns = words("intake")["heads"]["titles"]
    spelt = {
        (number, label_key(pattern.format(form=title, number=shown)))
        for number, title in forms
        for pattern in patterns
        for shown in (str(number), f"{number:02d}")
    }
    return tuple(sorted(spelt, key=lambda one: -len(one[1])))


def _form(edition: Edition, number: int) -> Form:
    return next(form for form in edition.forms if form.number == number)


def _segments(lines: Sequence[Line], edition: Edition) -> Iterator[_Segment]:
    """Rows that stand together; a title, inside a table too, begins a new one."""
    titled: int | None = None
    segment = _Segment(None)
    table = -1
    for line in lines:
        filled = [text for text in line.cells if text]
        named = title_number(line.text, edition) if len(filled) == 1 else None
        if named is not None or not line.is_row or line.table != table:
            if segment.lines:
                yield segment
            titled = named if named is not None else titled
            segment, table = _Segment(titled), line.table
        if named is None and line.is_row and filled:
            segment.lines.append(line)
    if segment.lines:
        yield segment


class _Search:
    """Takes segment after segment; remembers the form, the columns and the place reached."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._rows: dict[str, Found] = {}
        self._odd: list[Finding] = []
        self._form: Form | None = None
        self._columns: Columns = {}
        self._width = 0
        self._reached: dict[int, int] = {}
        self._tables: dict[int, set[int]] = {}
        self._tabbed: set[int] = set()
        self._taken = 0
        self._last: Found | None = None

    def take(self, segment: _Segment) -> None:
        """Read the rows of one segment; those of no form are left."""
        heads = [head for line in segment.lines[:4] if (head := head_of(line))]
        columns = columns_of(heads)
        rows = [line for line in segment.lines if not head_of(line)][: _MOST_ROWS - self._taken]
        width = len(segment.lines[0].cells)
        if not columns and width == self._width and segment.lines[0].table:
            columns = self._columns
        form = self._form_of(rows, segment.titled, columns)
        if form is None:
            return
        title_other = segment.titled not in (None, form.number) and segment.titled not in self._tables
        if title_other:
            self._note("layout-word-title", form, segment.lines[0], printed=segment.titled)
        self._form, self._columns, self._width = form, columns, width
        self._tables.setdefault(form.number, set()).add(segment.lines[0].table)
        if not segment.lines[0].table:
            self._tabbed.add(form.number)
        self._taken += len(rows)
        for line in rows:
            self._row(line, form, columns, title_other)

    def _form_of(self, rows: Sequence[Line], titled: int | None, columns: Columns) -> Form | None:
        """The form whose rows these are; the one being read for a rest that says nothing."""
        if not rows:
            return None
        parts = [parts_of(line, columns) for line in rows]
        scores = {form.number: sum(_score(one, form) for one in parts) for form in self._edition.forms}
        best = max(scores.values())
        if best >= _LEAST_SCORE:
            fitting = [number for number, score in scores.items() if score >= best - 0.01]
            number = titled if titled in fitting else fitting[0]
            return _form(self._edition, number)
        goes_on = self._form is not None and len(rows[0].cells) == self._width and rows[0].table > 0
        return self._form if goes_on and titled in (None, self._form.number) else None

    def _row(self, line: Line, form: Form, columns: Columns, title_other: bool) -> None:
        parts = parts_of(line, columns)
        if self._continues(line, parts, form, columns):
            return
        row, reason = self._known(parts, form)
        if row is None:
            self._stray(line, form)
            return
        found = Found(
            key=row.key,
            answer=answered(line, parts, row, columns),
            line=line,
            reason=reason,
            printed=parts.printed,
            label=parts.label,
            title_other=title_other,
        )
        self._last = found
        self._reached[form.number] = form.indicators.index(row)
        self._keep(found, row, parts, form)

    def _continues(self, line: Line, parts: Parts, form: Form, columns: Columns) -> bool:
        """The second half of the row before, cut by a page break: the rest of its label, perhaps its value."""
        before = self._last
        if before is None or parts.code or not parts.label or before.key not in self._rows:
            return False
        row = self._edition.by_key[before.key]
        whole = f"{before.label} {parts.label}"
        if row.form != form.number or alike(whole, row.label) < max(_WHOLE, alike(before.label, row.label)):
            return False
        answer = answered(line, parts, row, columns)
        if answer.value and not before.answer.value:
            before = replace(before, answer=answer)
        self._last = self._rows[row.key] = replace(before, label=whole, reason="continued")
        return True

    def _known(self, parts: Parts, form: Form) -> tuple[Indicator | None, str]:
        coded = next((row for row in form.indicators if row.code == parts.code), None) if parts.code else None
        if coded and not parts.label:
            return (coded, "label-missing") if any(parts.rest) else (None, "")
        close = alike(parts.label, coded.label) if coded else 0.0
        taken = self._rows.get(coded.key) if coded else None
        if coded and close >= _SAME and (taken is None or taken.reason in _GUESSES):
            return coded, "sure"
        named = self._by_label(parts.label, form)
        if named and named is not coded:
            return named, "code-other" if parts.code else "code-missing"
        return (coded, "sure" if close >= _CLOSE else "label-other") if coded else (None, "")

    def _by_label(self, label: str, form: Form) -> Indicator | None:
        """The next row of that label that was not found yet (labels repeat)."""
        fitting = [
            (place, row)
            for place, row in enumerate(form.indicators)
            if row.key not in self._rows and alike(label, row.label) >= _SAME
        ]
        after = [row for place, row in fitting if place > self._reached.get(form.number, -1)]
        return after[0] if after else fitting[0][1] if fitting else None

    def _keep(self, found: Found, row: Indicator, parts: Parts, form: Form) -> None:
        before = self._rows.get(row.key)
        guessed = before is not None and before.reason in _GUESSES and found.reason == "sure"
        if before is None or guessed or not before.answer.value:
            self._rows[row.key] = found
        elif found.answer.value and found.answer.value != before.answer.value:
            self._rows[row.key] = replace(before, reason="twice")
            values = {"first": cut(before.answer.value), "second": cut(found.answer.value)}
            self._note("layout-word-row-twice", form, found.line, Severity.WARNING, key=row.key, **values)
        if found.reason in _GUESSES:
            severity = Severity.NOTE if found.reason == "code-missing" else Severity.WARNING
            args = {"raw": cut(parts.label), "printed": parts.printed}
            self._note(f"layout-word-{found.reason}", form, found.line, severity, key=row.key, **args)

    def _stray(self, line: Line, form: Form) -> None:
        """A row that is none of the form's: said, never taken."""
        name, severity = stray(line, form, self._columns)
        self._note(name, form, line, severity, raw=cut(line.text))

    def _note(
        self, name: str, form: Form, line: Line, severity: Severity = Severity.NOTE, *, key: str = "", **args: object
    ) -> None:
        if len(self._odd) >= _MOST_ODD:
            return
        where = {"form": form.number, "table": line.table, "row": line.row}
        self._odd.append(Finding(id=name, severity=severity, key=key or None, args={**where, **args}))

    def result(self) -> FormRows:
        """Everything found, with what is missing."""
        return FormRows(
            rows=dict(self._rows),
            oddities=(*self._odd, *about_forms(self._edition, self._rows, self._tables)),
            tabbed=frozenset(self._tabbed),
        )


def _score(parts: Parts, form: Form) -> float:
    """How much this row speaks for the form: code and label together most."""
    coded = next((row for row in form.indicators if row.code == parts.code), None) if parts.code else None
    if coded and parts.label:
        close = alike(parts.label, coded.label)
        if close >= _CLOSE:
            return close
    if parts.label and any(label_of(parts.label) == label_of(row.label) for row in form.indicators):
        return 0.5
    return 0.0

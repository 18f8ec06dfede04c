"""An old-style Word report read back into rows: what stands where, how surely, and what the narrative says of it."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from cchc_xl.editions.catalogue import advice, message, words
from cchc_xl.errors import problem_of
from cchc_xl.files import bytes_of
from cchc_xl.model import Cell, Edition, Finding, Indicator, Severity, State
from cchc_xl.number import from_text, vietnamese
from cchc_xl.text import without_controls
from cchc_xl.word.form_rows import FormRows, find_rows
from cchc_xl.word.mentions import Mention, mentions_of
from cchc_xl.word.narrative_parts import words_by_heading
from cchc_xl.word.pdf_reading import body_of_pdf
from cchc_xl.word.report_head import ReportHead, head_of_report, other_spellings
from cchc_xl.word.row_parts import Found
from cchc_xl.word.table_reading import body_of, kind_of, word_problem

UNSURE = 0.8  # below it a person has to look
_SURE = {  # reason -> how sure it leaves a row
    "sure": 1.0,
    "code-missing": 0.8,
    "label-missing": 0.8,
    "continued": 0.8,
    "tabs": 0.8,
    "label-other": 0.7,
    "pdf": 0.7,
    "doubt": 0.7,
    "title": 0.7,
    "code-other": 0.6,
    "beside": 0.6,
    "heading": 0.5,
    "twice": 0.3,
    "unreadable": 0.2,
    "missing": 0.0,
}
_STATES = {
    "": State.NUMBER,
    "none_arising": State.NONE_ARISING,
    "not_applicable": State.NOT_APPLICABLE,
    "blank": State.BLANK,
    "unreadable": State.UNREADABLE,
}
_LONGEST_CELL = 32_000  # characters; an Excel cell holds 32 767
_SHOWN = 80
_CONVERTED = frozenset({"doc", "rtf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRow:
    """One row of the edition as the report has it. ``table`` 0: a paragraph, or nowhere.

    ``sureness``: 0 to 1 that the number is this row's; ``reasons``: names under [reasons] in ui/intake.toml.
    """

    key: str
    text: str = ""  # as printed
    state: State = State.BLANK
    value: Decimal | None = None
    note: str = ""
    table: int = 0
    row: int = 0
    sureness: float = 0.0
    reasons: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WordReport:
    """What a Word report says. ``unit``: with its type word; ``period``: a code; both "" when not found."""

    rows: Mapping[str, WordRow]
    unit: str
    period: str
    about: Mapping[str, str]
    words: Mapping[str, str]
    oddities: tuple[Finding, ...] = ()


def read_report_file(path: Path, edition: Edition) -> WordReport:
    """As ``read_report``; .doc and .rtf through LibreOffice where it is installed.

    Raises WordFileError (one sentence; also for a file that is not there), OfficeFailed.
    """
    try:
        content = bytes_of(path)
    except OSError as error:
        raise word_problem("no-file", problem=problem_of(error)) from error
    if kind_of(content) not in _CONVERTED:
        return read_report(content, edition)
    from cchc_xl import office

    if office.find() is None:
        raise word_problem(kind_of(content))
    with tempfile.TemporaryDirectory(prefix="cchc-intake-") as folder:
        return read_report(office.convert(path, Path(folder), "docx").read_bytes(), edition)


def read_report(content: bytes, edition: Edition) -> WordReport:
    """Rows for every key of the edition, with everything odd about the reading. ``content``: a .docx or a .pdf.

    Raises WordFileError, one sentence, for a file that is none, is broken, too large, or has no form in it.
    """
    printed = kind_of(content) == "pdf"
    body = body_of_pdf(content) if printed else body_of(content)
    found = find_rows(body.lines, edition)
    if not found.rows:
        raise word_problem("no-forms")
    head = head_of_report(body.lines, edition)
    narrative = words_by_heading(body.lines, edition)
    rows, doubts = _rows(found, edition)
    rows = {key: _from_print(row) for key, row in rows.items()} if printed else rows
    told = mentions_of(narrative, {key: row.value for key, row in rows.items()})
    tracked = (Finding(id="layout-word-tracked", severity=Severity.WARNING),) if body.tracked else ()
    return WordReport(
        rows={key: _with_mentions(row, told.get(key, ())) for key, row in rows.items()},
        unit=head.unit,
        period=head.period,
        about=head.about,
        words=narrative,
        oddities=(*tracked, *_about_head(head), *found.oddities, *doubts, *_too_long(narrative, edition)),
    )


def _rows(found: FormRows, edition: Edition) -> tuple[dict[str, WordRow], tuple[Finding, ...]]:
    rows: dict[str, WordRow] = {}
    doubts: list[Finding] = []
    for key, row in edition.by_key.items():
        one = found.rows.get(key)
        if one is None:
            rows[key] = WordRow(key=key, reasons=("missing",))
            continue
        rows[key], said = _row(one, row, tabbed=row.form in found.tabbed and not one.line.table)
        doubts += said
    return rows, tuple(doubts)


def _row(found: Found, row: Indicator, *, tabbed: bool) -> tuple[WordRow, list[Finding]]:
    """The value through the door for numbers. In Word every number is text: that alone is no doubt."""
    answer = found.answer
    reading = from_text(answer.value, row.kind, row.choices)
    state, reasons, said = _STATES[reading.word], [found.reason], []
    if not row.has_cell and answer.value:
        state, reading = State.BLANK, from_text("", row.kind)
        reasons.append("heading")
        said.append(_odd("number-heading", row, answer.value))
    elif state is State.UNREADABLE:
        reasons.append("unreadable")
        said.append(_odd("number-unreadable", row, answer.value))
    elif reading.doubt not in ("", "number-as-text"):
        reasons.append("doubt")
        said.append(_odd(reading.doubt, row, answer.value, reading.value))
    if answer.place != "column":
        reasons.append("beside")
        taken = words("intake")["beside"]["taken" if answer.place == "beside" else "left"]
        said.append(_odd("layout-word-beside", row, answer.seen, taken=taken))
    reasons += [name for name, holds in (("tabs", tabbed), ("title", found.title_other)) if holds]
    reasons = [name for name in reasons if name != "sure"] or ["sure"]
    return (
        WordRow(
            key=row.key,
            text=answer.value,
            state=state,
            value=reading.value,
            note=answer.note,
            table=found.line.table,
            row=found.line.row,
            sureness=min(_SURE[name] for name in reasons),
            reasons=tuple(reasons),
        ),
        said,
    )


def _from_print(row: WordRow) -> WordRow:
    """A row read from a PDF: where its cells end is seen from lines on paper, so a person looks at it again."""
    if "missing" in row.reasons:
        return row
    reasons = (*(name for name in row.reasons if name != "sure"), "pdf")
    return replace(row, reasons=reasons, sureness=min(row.sureness, _SURE["pdf"]))


def _odd(name: str, row: Indicator, raw: str, found: Decimal | None = None, **args: object) -> Finding:
    shown = without_controls(raw)[:_SHOWN]
    return Finding(id=name, severity=Severity.WARNING, key=row.key, found=found, args={"raw": shown, **args})


def _with_mentions(row: WordRow, mentions: tuple[Mention, ...]) -> WordRow:
    return replace(row, mentions=mentions) if mentions else row


def _about_head(head: ReportHead) -> Iterator[Finding]:
    if not head.unit:
        yield Finding(id="identity-unit-missing", severity=Severity.WARNING)
    if names := other_spellings(head):
        args = {"names": ", ".join(names[:4]), "unit_name": head.unit}
        yield Finding(id="identity-word-names", severity=Severity.NOTE, args=args)
    if not head.period:
        yield Finding(id="identity-period-missing", severity=Severity.WARNING)
    if len(head.periods) > 1:
        args = {"periods": ", ".join(head.periods), "period": head.period}
        yield Finding(id="identity-word-periods", severity=Severity.WARNING, args=args)


def _too_long(narrative: Mapping[str, str], edition: Edition) -> Iterator[Finding]:
    titles = _titles(edition)
    for heading, text in narrative.items():
        if len(text) > _LONGEST_CELL:
            args = {"heading": titles[heading], "count": Decimal(_LONGEST_CELL)}
            yield Finding(id="words-cut", severity=Severity.WARNING, args=args)


def _titles(edition: Edition) -> dict[str, str]:
    return {part["id"]: part["title"] for part in edition.words["outline"]}  # type: ignore[attr-defined]


def fill_of(report: WordReport, edition: Edition) -> dict[str, dict]:
    """What the official workbook is filled with: answers, typed_over, notes, words, about (as ``template.Fill``).

    A number printed in a formula row is typed over it; text that is no number goes into the cell as it is.
    """
    answers: dict[str, Decimal | str] = {}
    typed_over: dict[str, Decimal | str] = {}
    for key, row in report.rows.items():
        typed = _typed(row)
        if typed is not None and edition.by_key[key].has_cell:
            (typed_over if edition.by_key[key].cell is Cell.FORMULA else answers)[key] = typed
    about = {**report.about, **({"unit_name": report.unit} if report.unit else {})}
    return {
        "answers": answers,
        "typed_over": typed_over,
        "notes": {key: _cell(row.note) for key, row in report.rows.items() if row.note},
        "words": {heading: _cell(text) for heading, text in report.words.items()},
        "about": about,
    }


def _typed(row: WordRow) -> Decimal | str | None:
    if row.state is State.NUMBER:
        return row.value
    if row.state is State.NONE_ARISING:
        return str(words("sheets")["answers"]["none_arising"][0])
    return _cell(without_controls(row.text)) if row.state is State.UNREADABLE else None


def _cell(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + words("intake")["review"]["cut"]


def review_of(report: WordReport, edition: Edition) -> dict[str, tuple]:
    """What the sheet Rà soát shows, as plain texts: ``oddities`` (severity, place, message, advice) and ``rows``.

    A row is a dict: key, printed, read, place, sureness (0 to 1), reason, mentions, has_number.
    """
    return {
        "oddities": tuple(_odd_line(finding, edition) for finding in report.oddities),
        "rows": tuple(_review_row(row, edition) for row in report.rows.values()),
    }


def _odd_line(finding: Finding, edition: Edition) -> tuple[str, str, str, str]:
    row, form = edition.by_key.get(finding.key or ""), finding.args.get("form")
    place = words("intake")["review"]["whole_file"]
    if row:
        place = words("intake")["review"]["form_row"].format(form=row.form, code=row.code)
    elif form:
        place = str(edition.words["sheet"]).format(number=form)
    texts = (message(finding, edition), advice(finding, edition))
    return (finding.severity.value, place, *(without_controls(text) for text in texts))


def _review_row(row: WordRow, edition: Edition) -> dict[str, object]:
    said = words("intake")["review"]
    read = vietnamese(row.value) if row.state is State.NUMBER else said["states"][row.state.value]
    name = "place" if row.table else "no_place" if "missing" in row.reasons else "place_paragraph"
    return {
        "key": row.key,
        "printed": without_controls(row.text),
        "read": "" if "missing" in row.reasons else read,
        "place": said[name].format(table=row.table, row=row.row),
        "sureness": row.sureness,
        "reason": "; ".join(words("intake")["reasons"][reason] for reason in row.reasons),
        "mentions": "\n".join(_told(one, edition) for one in row.mentions),
        "has_number": row.state in (State.NUMBER, State.NONE_ARISING),
    }


def _told(mention: Mention, edition: Edition) -> str:
    said = words("intake")["review"]
    numeral = _titles(edition)[mention.heading].partition(" ")[0].rstrip(".")
    verdict = said["agrees" if mention.agrees else "differs"]
    return str(said["mention"]).format(said=mention.said, heading=numeral, verdict=verdict)

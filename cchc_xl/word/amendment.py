"""``Phụ lục đính chính``: which reported numbers change between two masters, from what to what, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.unit_words import units_word
from cchc_xl.files import canonical_zip
from cchc_xl.model import Consolidation, Counted, Entry, Figure, Indicator, State
from cchc_xl.number import in_prose, vietnamese
from cchc_xl.text import without_controls
from cchc_xl.word import paper
from cchc_xl.word.letter import letter_values
from cchc_xl.word.official import cell_text
from cchc_xl.word.placing import fit_for_xml

_COLUMNS = (12, 21, 41, 27, 27, 32)  # mm
_CENTRED = (0, 1, 3, 4)
_SIZE, _SMALL = 11.0, 10.0
_TOLD = 4  # units named in a reason
_LONGEST = 160  # characters of a unit's reason
_PERCENT, _OTHER = 1, 3  # decimals printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """One number that is no longer the one reported, as printed. ``reason``: why, as far as the masters tell."""

    row: Indicator
    block: str  # whole, communes, own or choices (how many units gave each answer)
    old: str
    new: str
    reason: str


def amended(old: Consolidation, new: Consolidation) -> tuple[Amended, ...]:
    """Every row of the official forms whose printed number changed, in the order of the forms."""
    return tuple(_amended(old, new))


def _amended(old: Consolidation, new: Consolidation) -> Iterator[Amended]:
    changed: set[str] = set()
    found = []
    for row in new.edition.indicators:
        before, after = old.figures.get(row.key), new.figures.get(row.key)
        if after is None or before is None:
            continue
        block = _block(after if _value(after, _block(after)) is not None else before)
        texts = _printed(row, before, block), _printed(row, after, block)
        if texts[0] != texts[1]:
            changed.add(row.key)
            found.append((row, block, texts))
    for row, block, (was, now) in found:
        yield Amended(row=row, block=block, old=was, new=now, reason=_reason(old, new, row, changed))


def _block(figure: Figure) -> str:
    """The part of the figure that the report prints."""
    if figure.distribution is not None:
        return "choices"
    if figure.whole is None and figure.communes is not None:
        return "communes"
    return "own" if figure.whole is None and figure.own is not None else "whole"


def _value(figure: Figure, block: str) -> Decimal | None:
    return getattr(figure, block, None)


def _printed(row: Indicator, figure: Figure, block: str) -> str:
    said = words("upward")["amendment"]
    if figure.distribution is not None:
        return str(said["joint"]).join(
            said["choices"].format(label=choice.label, count=figure.distribution.get(choice.value, 0))
            for choice in row.choices
        )
    return _number(_value(figure, block), row)


def _number(value: Decimal | None, row: Indicator) -> str:
    if value is None:
        return str(words("upward")["amendment"]["missing"])
    return vietnamese(value, _PERCENT if row.is_percent else _OTHER) + ("%" if row.is_percent else "")


def _answer(value: Decimal | None, row: Indicator) -> str:
    """A unit's answer as printed: a choice by its words."""
    return next((choice.label for choice in row.choices if choice.value == value), _number(value, row))


def _reason(old: Consolidation, new: Consolidation, row: Indicator, changed: set[str]) -> str:
    """Which units' answers changed; for a computed row, which of its parts did."""
    said = words("upward")["amendment"]
    parts = [new.edition.by_key[key].code for key in (row.ratio_of or row.total_of) if key in changed]
    if parts:
        return str(said["parts"]).format(codes=", ".join(parts))
    told = list(_by_unit(old, new, row))
    if not told:
        return str(said["way"])
    more = [said["more"].format(count=len(told) - _TOLD)] if len(told) > _TOLD else []
    return str(said["joint"]).join([*told[:_TOLD], *more])


def _by_unit(old: Consolidation, new: Consolidation, row: Indicator) -> Iterator[str]:
    before, after = _answers(old, row.key), _answers(new, row.key)
    for code in dict.fromkeys((*after, *before)):
        was, now = before.get(code), after.get(code)
        if _amount(was) != _amount(now):
            name = (now or was)[0]  # type: ignore[index]
            yield _change(row, name, was[1] if was else None, now[1] if now else None)


def _answers(consolidation: Consolidation, key: str) -> dict[str, tuple[str, Entry]]:
    everyone: tuple[Counted, ...] = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    return {
        one.unit.code: (one.unit.full_name, one.submission.entries[key])
        for one in everyone
        if one.submission and key in one.submission.entries
    }


def _amount(answer: tuple[str, Entry] | None) -> Decimal | None:
    return answer[1].amount if answer else None


def _change(row: Indicator, name: str, was: Entry | None, now: Entry | None) -> str:
    said = words("upward")["amendment"]
    old, new = (entry.amount if entry else None for entry in (was, now))
    blanks = {"unit": name, "old": _answer(old, row), "new": _answer(new, row), "source": ""}
    if now and now.corrected:
        sent = now.sent.amount if now.sent and now.sent.state is not State.UNREADABLE else old
        text = said["corrected"].format(**{**blanks, "old": _answer(sent, row), "reason": now.corrected})
    elif old is None:
        text = said["late"].format(**blanks)
    else:
        text = said["resent" if new is not None else "withdrawn"].format(**blanks)
    line = without_controls(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def build(old: Consolidation, new: Consolidation) -> bytes:
    """The appendix as .docx, reproducible; it says so when nothing changed. Both are of one period and edition."""
    said, rows = words("upward")["amendment"], amended(old, new)
    frame = letter_values(new, _owner(new) or words("word")["phrases"]["owner_unknown"])
    blanks: Mapping[str, object] = {
        "authority": frame["co_quan"],
        "period": new.period.title,
        "year": new.period.code[:4],
        "count": in_prose(Decimal(len(rows))),
    }
    word = paper.new_paper(said["title_property"])
    paper.line(word, said["kind"], bold=True)
    paper.line(word, said["subject"].format(**blanks), bold=True)
    paper.line(word, _fit(said["of"].format(**blanks)), italic=True, after=10)
    intro = said["intro" if rows else "nothing"].format(**blanks)
    word.add_paragraph(_fit(intro), style=paper.BODY)
    if rows:
        _table(word, rows, new)
        word.add_paragraph(said["end"], style=paper.BODY).paragraph_format.space_before = Pt(6)
    out = BytesIO()
    word.save(out)
    return canonical_zip(out.getvalue())


def _fit(text: str) -> str:
    return fit_for_xml(without_controls(text))


def _table(word: Word, rows: tuple[Amended, ...], new: Consolidation) -> None:
    titles, level = words("upward")["amendment"]["columns"], units_word(new)
    table = word.add_table(rows=1 + len(rows), cols=len(_COLUMNS))
    table.style = "Table Grid"
    table.autofit = False
    paper.fix_widths(table, _COLUMNS)
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        cell_text(cell, title, bold=True, size=_SIZE).alignment = WD_ALIGN_PARAGRAPH.CENTER
    paper.keep_whole(table.rows[0])
    paper.repeat_as_head(table.rows[0])
    for number, (line, one) in enumerate(zip(table.rows[1:], rows, strict=True), start=1):
        paper.keep_whole(line)
        reason = one.reason[:1].upper() + one.reason[1:]
        texts = (str(number), _place(one.row), _label(one, new, level), one.old, one.new, reason)
        for column, (cell, text) in enumerate(zip(line.cells, texts, strict=True)):
            size = _SMALL if column == len(_COLUMNS) - 1 else _SIZE
            made = cell_text(cell, _fit(text), size=size)
            if column in _CENTRED:
                made.alignment = WD_ALIGN_PARAGRAPH.CENTER
            made.paragraph_format.keep_with_next = number == len(rows) or None  # what follows is no page of its own


def _place(row: Indicator) -> str:
    return str(words("upward")["amendment"]["place"]).format(form=row.form, code=row.code)


def _label(one: Amended, new: Consolidation, level: str) -> str:
    said, owner = words("upward")["amendment"], _owner(new)
    beside = said.get(f"block_{one.block}", "").format(level=level, owner=owner)
    return one.row.label.rstrip(".") + (beside if one.block != "own" or owner else "")


def _owner(new: Consolidation) -> str:
    """The consolidating unit inside a sentence: a type word at its head is written small; "" when nobody is named."""
    name = new.roster.consolidating.full_name if new.roster.consolidating else ""
    types: Mapping[str, str] = new.edition.words["types"]  # type: ignore[assignment]
    typed = any(name.lower().startswith(f"{word} ") for word in types)
    return name[:1].lower() + name[1:] if typed else name

"""The seven official forms as rows for the narrative's annex, numbers tied to their figures."""

from dataclasses import dataclass, replace

from cchc_xl.editions.catalogue import remark_sentence, words
from cchc_xl.editions.unit_words import units_word
from cchc_xl.model import Consolidation, Figure, Indicator, Method, Remark
from cchc_xl.word.tags import Passage, Styled, joined, number, passage, say

_NAMED = 5  # units named in a note
_SAID_ABOVE = frozenset({"own-missing", "bounds", "level-meaning"})  # above the tables; in the cell; by "communes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as printed; names as template tags use them."""

    stt: Passage
    chi_tieu: Passage
    don_vi: str
    gia_tri: Passage
    ghi_chu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One form as printed."""

    ten: str
    tieu_de: str
    dong: tuple[Row, ...]


def tables(consolidation: Consolidation) -> tuple[Table, ...]:
    """All forms of the edition in order."""
    name, level = consolidation.edition.words["form"], units_word(consolidation)
    return tuple(
        Table(
            ten=name.format(number=form.number),
            tieu_de=form.title,
            dong=tuple(_row(consolidation, row, level) for row in form.indicators),
        )
        for form in consolidation.edition.forms
    )


def _row(consolidation: Consolidation, row: Indicator, level: str) -> Row:
    figure = consolidation.figures.get(row.key)
    all_bold = bool(row.bold) and row.bold.rstrip(".") == row.label.rstrip(".")
    return Row(
        stt=passage(Styled(text=row.printed_code, bold=all_bold)),
        chi_tieu=printed_label(row),
        don_vi=row.unit,
        gia_tri=_value(consolidation, row, figure) if figure else passage(),
        ghi_chu=_note(figure, level) if figure else "",
    )


def printed_label(row: Indicator) -> Passage:
    """The official label with its bold and italic stretches."""
    pieces: list[Styled] = [Styled(text=row.label)]
    for stretch, bold, italic in ((row.bold, True, False), (row.italic, False, True)):
        if stretch:
            pieces = [cut for piece in pieces for cut in _cut(piece, stretch, bold, italic)]
    return passage(*pieces)


def _cut(piece: Styled, stretch: str, bold: bool, italic: bool) -> tuple[Styled, ...]:
    before, found, after = piece.text.partition(stretch)
    if not found:
        return (piece,)
    styled = Styled(text=found, bold=piece.bold or bold, italic=piece.italic or italic)
    rest = (Styled(text=text, bold=piece.bold, italic=piece.italic) for text in (before, after))
    first, last = rest
    return tuple(one for one in (first, styled, last) if one.text)


def _value(consolidation: Consolidation, row: Indicator, figure: Figure) -> Passage:
    edition, figures, phrases = consolidation.edition, consolidation.figures, words("word")["phrases"]

    def tied(block: str) -> Passage:
        return number(figures, f"{row.key}@{block}", edition, table=True)

    if figure.distribution is not None:
        return joined(
            [
                say(phrases["choices_in_table"], label=choice.label, value=tied(f"choice-{choice.value}"))
                for choice in row.choices
            ],
            "\n",
        )
    if figure.bounds and figure.bounds[0] != figure.bounds[1] and figure.own is None:
        return say(phrases["bounds"], low=tied("low"), high=tied("high"))
    return tied("communes" if figure.whole is None and figure.communes is not None else "whole")


def _note(figure: Figure, level: str) -> str:
    """How many units it rests on and every word of caution. ``level``: what the units are called."""
    phrases = words("word")["phrases"]
    said = []
    if figure.method is not Method.OWN:
        said.append(phrases["note_units"].format(n=figure.n, N=figure.N, level=level))
    if figure.method is Method.COUNT_YES:
        said.append(phrases["note_count_yes"].format(level=level))
    elif figure.whole is None and figure.communes is not None:
        said.append(phrases["note_communes"].format(level=level))
    said += [remark_sentence(_shortened(remark)) for remark in figure.remarks if remark.name not in _SAID_ABOVE]
    return "; ".join(said)


def _shortened(remark: Remark) -> Remark:
    """The remark with a long list of units cut: all of them stand in the master."""
    units = remark.args.get("units")
    if not isinstance(units, tuple) or len(units) <= _NAMED:
        return remark
    return replace(remark, args={**remark.args, "units": (*units[:_NAMED], "…")})

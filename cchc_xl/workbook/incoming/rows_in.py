"""Rows recognised by their code and label, for sheets whose cell names are gone or no longer to be trusted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from unicodedata import normalize

from cchc_xl.model import Edition, Indicator
from cchc_xl.text import code_key, label_key, nfc
from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.layout import LABEL, NOTE, VALUE

SHORTEST_LABEL = 6  # consonants: shorter texts are headings of columns, units, remarks
SHORTEST_HEAD, LONGEST_HEAD = 4, 40  # consonants, characters
LONGEST_LABEL = 1_000  # characters: longer texts are no labels
ALIKE = 0.75  # of two labels, when the code already agrees


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """The plain consonants of a text.

    Old TCVN3 and VNI fonts, decomposed Unicode and text decoded wrongly all change the marked letters and the
    vowels only: "Bình Lãng", "B×nh L·ng" and "Bình Laõng" are all "bnhlng".
    """
    return "".join(c for c in text.lower() if "a" <= c <= "z" and c not in "aeiouy")


@lru_cache(maxsize=8192)  # heads repeat from file to file
def same_head(text: str, head: str) -> bool:
    """Is this the head of a column, in whatever font?"""
    bones = skeleton(head)
    return label_key(text) == label_key(head) or (len(bones) >= SHORTEST_HEAD and skeleton(text) == bones)


@cache
def _heads(_: str) -> Kept[str, bool]:
    """Texts seen in some file: are they heads of values, as this one is?"""
    return Kept(MEGA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Columns of a form on a sheet, below the row of its head. 0-based; None: no such column."""

    row: int
    value: int
    note: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row recognised as an indicator's. ``sure``: code and label agree."""

    key: str
    row: int
    value: int
    note: int | None
    sure: bool


class Labels:
    """What the edition's rows look like: lookups by consonants of the label and by code.

    ``in_time`` raises when the time for the file is over; a file may hold many texts.
    """

    def __init__(self, edition: Edition, in_time: Callable[[], None] = lambda: None) -> None:
        self.edition = edition
        self.in_time = in_time
        self.order = {key: number for number, key in enumerate(edition.by_key)}
        self._value_head = str(edition.words["head_value"])
        self.value_heads = _heads(self._value_head)
        self._first_letter = skeleton(self._value_head)[:1]
        self._note_head = str(edition.words["head_note"])

    @cached_property
    def by_skeleton(self) -> Mapping[str, tuple[Indicator, ...]]:
        return _grouped(self.edition.indicators)

    def named_by(self, text: str) -> tuple[Indicator, ...]:
        """The indicators with this label; several share one."""
        if len(text) > LONGEST_LABEL:
            return ()
        self.in_time()
        bones = skeleton(text)
        found = self.by_skeleton.get(bones, ()) if len(bones) >= SHORTEST_LABEL else ()
        exact = tuple(one for one in found if label_key(one.label) == label_key(text)) if len(found) > 1 else ()
        return exact or found

    def agrees(self, indicator: Indicator, text: str) -> bool:
        """Is this the indicator's label, up to spelling, fonts and small changes of wording?"""
        if len(text) > LONGEST_LABEL:
            return False
        self.in_time()
        if text == indicator.label or skeleton(text) == skeleton(indicator.label):
            return True
        mine, seen = label_key(indicator.label), label_key(text)
        if min(len(mine), len(seen)) >= 12 and (mine.startswith(seen) or seen.startswith(mine)):
            return True
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(None, mine, seen, autojunk=False)
        return all(bound() >= ALIKE for bound in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))

    def is_value_head(self, text: str) -> bool:
        """In whatever font; nearly all other texts lack one of its letters, which is quick to see."""
        if len(text) >= LONGEST_HEAD:
            return False
        letters = text if text.isascii() else normalize("NFD", text)  # a mark may stand on the letter
        return self._first_letter in letters.lower() and same_head(text, self._value_head)

    def is_note_head(self, text: str) -> bool:
        return len(text) < LONGEST_HEAD and same_head(text, self._note_head)

    def heads(self, sheet: SheetIn) -> tuple[Head, ...]:
        """The heads of the forms on a sheet, from top to bottom."""
        values: dict[int, int] = {}
        notes: dict[int, int] = {}
        for (row, column), cell in sheet.cells.items():
            if cell.is_text and cell.text and len(cell.text) < LONGEST_HEAD and cell.formula is None:
                if same_head(cell.text, self._value_head):
                    values[row] = min(column, values.get(row, column))
                elif same_head(cell.text, self._note_head):
                    notes[row] = column
        return tuple(
            Head(row=row, value=column, note=_nearest(notes, row, column)) for row, column in sorted(values.items())
        )


def _grouped(indicators: Iterable[Indicator]) -> dict[str, tuple[Indicator, ...]]:
    groups: dict[str, list[Indicator]] = defaultdict(list)
    for indicator in indicators:
        groups[skeleton(indicator.label)].append(indicator)
    return {bones: tuple(group) for bones, group in groups.items()}


def _nearest(notes: Mapping[int, int], row: int, value: int) -> int | None:
    """The note column of the head nearest to ``row``; the head has two rows."""
    near = [column for at, column in notes.items() if abs(at - row) <= 1 and column > value]
    return min(near) if near else None


def recognised(sheet: SheetIn, labels: Labels, *, headless: bool = False) -> tuple[Row, ...]:
    """Every row of the sheet that is an indicator's, from top to bottom.

    A sheet without the official head is no form, unless ``headless``: then the official order of columns counts.
    """
    heads = labels.heads(sheet)
    if not heads and not headless:
        return ()
    texts = _texts(sheet, heads)
    column = _label_column(texts, labels)
    if column is None:
        return ()
    rows: list[Row] = []
    previous = ""
    for row in sorted({row for row, at in texts if at == column}):
        indicator, sure = _indicator(texts[row, column], _code(sheet, row, column), previous, labels)
        if indicator is None:
            continue
        previous = indicator.key
        head = _head_of(heads, row) or Head(row=0, value=column + VALUE - LABEL, note=column + NOTE - LABEL)
        rows.append(Row(key=indicator.key, row=row, value=head.value, note=head.note, sure=sure))
    return tuple(rows)


def _texts(sheet: SheetIn, heads: tuple[Head, ...]) -> dict[tuple[int, int], str]:
    """Texts that may be labels: left of the values."""
    last = min((head.value for head in heads), default=1 << 14)
    return {
        place: cell.text
        for place, cell in sheet.cells.items()
        if cell.is_text and cell.text and place[1] < last and SHORTEST_LABEL <= len(cell.text) <= LONGEST_LABEL
    }


def _label_column(texts: Mapping[tuple[int, int], str], labels: Labels) -> int | None:
    counts = Counter(column for (_, column), text in texts.items() if labels.named_by(text))
    return counts.most_common(1)[0][0] if counts else None


def _head_of(heads: tuple[Head, ...], row: int) -> Head | None:
    above = [head for head in heads if head.row < row]
    return above[-1] if above else (heads[0] if heads else None)


def _code(sheet: SheetIn, row: int, label_column: int) -> str:
    """The code as it stands left of the label; "" where there is none or it became a date."""
    for column in range(label_column - 1, max(-1, label_column - 4), -1):
        text = sheet.text_at(row, column)
        if text.strip():
            return code_key(text) if len(text) <= LONGEST_LABEL else ""
    return ""


def _indicator(text: str, code: str, previous: str, labels: Labels) -> tuple[Indicator | None, bool]:
    """The indicator of a row, and whether code and label agree. ``previous``: the key of the row above."""
    named = labels.named_by(text)
    agreeing = [one for one in named if one.code == code]
    if agreeing:
        return _following(agreeing, previous, labels), True
    if named:
        return _following(named, previous, labels), False
    if code and previous:
        same = labels.edition.by_key.get(f"{previous.partition('/')[0]}/{code}")
        if same and labels.agrees(same, nfc(text)):
            return same, True
    return None, False


def _following(candidates: Iterable[Indicator], previous: str, labels: Labels) -> Indicator:
    """Of several rows with one label, the first after the row above; the codes of neighbours tell them apart."""
    ordered = sorted(candidates, key=lambda one: labels.order[one.key])
    after = [one for one in ordered if labels.order[one.key] > labels.order.get(previous, -1)]
    return (after or ordered)[0]

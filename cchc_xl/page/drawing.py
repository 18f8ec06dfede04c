"""Charts as plain shapes: where each bar, line and word stands, for the page's template to print as inline SVG.

Lengths are pixels. A chart is as wide as ``WIDTH`` and as tall as its content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.number import HUNDRED, ZERO, vietnamese

WIDTH = 720
_NAMES, _VALUES = 190, 62  # room for the names at the left, for the numbers at the right
_ROW, _BAR = 17, 11
_TOP, _BOTTOM = 28, 8
_COLUMNS_HIGH = 150
_NARROW_BAND = 26  # below this a band of a stacked bar has no room for its number
_LONGEST, _LONGEST_GROUP = 30, 40  # characters of a name
_LETTER = 6.2  # width of a letter
_BEYOND = Decimal("1.1")
_LINE_LEFT, _LINE_RIGHT = 140, 580  # between them a word over a line is centred on it

PLAIN, DOUBTFUL, SENT, NOT_SENT, WAITING = "plain", "doubtful", "sent", "not-sent", "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """One bar. ``look``: a class of the page's style."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Text at a place. ``anchor``: start, middle or end of the text stands there."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line between two points."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One drawing. ``title`` is read aloud in its place."""

    title: str
    height: float
    rects: tuple[Rect, ...] = ()
    words: tuple[Word, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def width(self) -> int:
        return WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One number with its name; None draws no bar."""

    name: str
    value: Decimal | None
    doubtful: bool = False


def _clipped(name: str, most: int = _LONGEST) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _two_lines(name: str) -> tuple[str, ...]:
    """The name over a group, broken between words; only what two lines can't hold is cut."""
    first, rest = "", name.split()
    while rest and len(first) + 1 + len(rest[0]) <= _LONGEST_GROUP:
        first = f"{first} {rest.pop(0)}".strip()
    return tuple(_clipped(line, _LONGEST_GROUP) for line in (first, " ".join(rest)) if line)


def stacked(title: str, bands: Sequence[tuple[str, int]]) -> Chart:
    """One bar of bands (look, count) that together are the whole."""
    total, x = sum(count for _, count in bands), 0.0
    rects, words = [], []
    for look, count in bands:
        width = WIDTH * count / total if total else 0
        if count:
            rects.append(Rect(x=x, y=2, width=round(width, 1), height=30, look=look))
            if width >= _NARROW_BAND:
                words.append(Word(x=round(x + width / 2, 1), y=22, text=str(count), anchor="middle"))
        x += width
    return Chart(title=title, height=34, rects=tuple(rects), words=tuple(words))


def bars(title: str, rows: Sequence[Bar], marks: Sequence[tuple[str, Decimal, str]] = (), doubt: str = "") -> Chart:
    """A bar a row, in the order given. ``marks``: (look, value, word) of lines across all of them.

    ``doubt``: what stands after a doubtful number, for a print without colours.

    One wild number would press all others flat: a bar ends a little beyond 100 and the marks, its number says the rest.
    """
    room = WIDTH - _NAMES - _VALUES
    most = max([HUNDRED, *(value for _, value, _ in marks)]) * _BEYOND
    height = _TOP + _ROW * len(rows) + _BOTTOM
    crossing = [round(_NAMES + _share(value, most) * room, 1) for _, value, _ in marks]
    rects, words, lines = [], [], []
    for number, row in enumerate(rows):
        y = _TOP + _ROW * number
        words.append(Word(x=_NAMES - 8, y=y + 11, text=_clipped(row.name), anchor="end"))
        long = _share(row.value, most) * room
        if row.value is not None:
            look = DOUBTFUL if row.doubtful else PLAIN
            rects.append(Rect(x=_NAMES, y=y + 2, width=round(long, 1), height=_BAR, look=look))
        text = vietnamese(row.value, 1) + (doubt if row.doubtful and row.value is not None else "")
        words.append(Word(x=_beside(_NAMES + long + 5, text, crossing), y=y + 11, text=text))
    for number, ((look, _, said), x) in enumerate(zip(marks, crossing, strict=True)):
        lines.append(Line(x1=x, y1=_TOP - 2, x2=x, y2=height - 4, look=look))
        words.append(_over(x, 10 if number < len(marks) - 1 else 22, said))
    return Chart(title=title, height=height, rects=tuple(rects), words=tuple(words), lines=tuple(lines))


def _share(value: Decimal | None, most: Decimal) -> float:
    return float(min(max(value, ZERO) / most, 1)) if value is not None and most else 0.0


def _beside(x: float, text: str, crossing: Sequence[float]) -> float:
    """Where the number begins: behind each line that would run through it."""
    for line in sorted(crossing):
        if x - 2 <= line <= x + len(text) * _LETTER + 2:
            x = line + 4
    return round(x, 1)


def _over(x: float, y: float, text: str) -> Word:
    """A word over a line, kept inside the drawing."""
    anchor = "start" if x < _LINE_LEFT else "end" if x > _LINE_RIGHT else "middle"
    return Word(x=x, y=y, text=text, anchor=anchor)


def spread(title: str, values: Sequence[Decimal]) -> Chart:
    """How many units lie in each band of ten points, where there are too many for a bar each."""
    counts = [0] * 11
    for value in values:
        counts[min(max(int(value // 10), 0), 10) if value != HUNDRED else 9] += 1
    step, most = WIDTH / 11, max(counts, default=0) or 1
    rects, words = [], []
    for number, count in enumerate(counts):
        x, high = number * step, (_COLUMNS_HIGH - 40) * count / most
        y = _COLUMNS_HIGH - 20 - high
        rects.append(
            Rect(x=round(x + 6, 1), y=round(y, 1), width=round(step - 12, 1), height=round(high, 1), look=PLAIN)
        )
        middle = round(x + step / 2, 1)
        words.append(Word(x=middle, y=round(y - 4, 1), text=str(count), anchor="middle"))
        band = f"{number * 10}–{number * 10 + 10}" if number < 10 else "> 100"
        words.append(Word(x=middle, y=_COLUMNS_HIGH - 6, text=band, anchor="middle"))
    base = _COLUMNS_HIGH - 20
    axis = Line(x1=0, y1=base, x2=WIDTH, y2=base, look="axis")
    return Chart(title=title, height=_COLUMNS_HIGH, rects=tuple(rects), words=tuple(words), lines=(axis,))


def periods(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, Decimal | None]]]]) -> Chart:
    """A group of columns a row: the same figure in each period, the last one the present."""
    step = WIDTH / max(len(groups), 1)
    values = [value for _, columns in groups for _, value in columns if value is not None]
    most, base = max([HUNDRED, *(value for value in values if value <= 2 * HUNDRED)]), _COLUMNS_HIGH - 22
    rects, words = [], []
    for number, (name, columns) in enumerate(groups):
        left, wide = number * step + 8, (step - 16) / max(len(columns), 1)
        for place, (period, value) in enumerate(columns):
            high = _share(value, most) * (base - 44)
            x, look = left + place * wide, PLAIN if place == len(columns) - 1 else "earlier"
            if value is not None:
                rects.append(
                    Rect(
                        x=round(x + 3, 1),
                        y=round(base - high, 1),
                        width=round(wide - 6, 1),
                        height=round(high, 1),
                        look=look,
                    )
                )
            middle = round(x + wide / 2, 1)
            words.append(Word(x=middle, y=round(base - high - 4, 1), text=vietnamese(value, 1), anchor="middle"))
            words.append(Word(x=middle, y=base + 12, text=period, anchor="middle"))
        for place, said in enumerate(_two_lines(name)):
            words.append(Word(x=round(number * step + step / 2, 1), y=11 + place * 13, text=said, anchor="middle"))
    axis = Line(x1=0, y1=base, x2=WIDTH, y2=base, look="axis")
    return Chart(title=title, height=_COLUMNS_HIGH, rects=tuple(rects), words=tuple(words), lines=(axis,))

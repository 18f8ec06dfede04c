"""How high a row must be for its text: word wrap computed from the widths of the letters, not guessed."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

Run = tuple[str, bool, bool]  # text, bold, italic

POINTS_PER_PIXEL = 0.75
_WORD = re.compile(r"\s|\S+")
PADDING = 8  # pixels a cell keeps free at its sides, with one to spare
SAFETY = 1.04  # programs round each letter to whole pixels on screen
PAGE = (297 - 40) / 25.4 * 72  # points of an A4 page between the margins
SHRINK = 1.17  # a form this much longer than its pages is printed a little smaller rather than on one more
WIDER = 1.045  # LibreOffice sets columns a little wider than Excel, prints smaller, and so has more rows on a page
GAP = 12.0  # points between a table and its signatures
LEADING = 1.3  # height of a line over the size of the letters, as Excel sets Times New Roman


def height(cells: Iterable[tuple[Sequence[Run], int, float]], *, least: float = 0) -> float:
    """The height in points of a row with these cells: (runs, column width in pixels, font size in points)."""
    needed = [lines(runs, width, size) * size * LEADING + 3 for runs, width, size in cells]
    return round(max([least, *needed]) * 4) / 4


def lines(runs: Sequence[Run], width: int, size: float) -> int:
    """How many lines the text takes in a column of ``width`` pixels; line feeds count."""
    room = (width - PADDING) * POINTS_PER_PIXEL
    count, used = 1, 0.0
    for word, long in _words(runs):
        if word == "\n":
            count, used = count + 1, 0.0
            continue
        long *= size * SAFETY / 1000
        if used and used + long > room and not word.isspace():
            count, used = count + 1, 0.0
        while long > room:  # a word longer than the line is broken
            count, long = count + 1, long - room
        used += long
    return count


def signature_page(
    before: float, head: float, rows: Sequence[float], block: Sequence[float], shrink: float = SHRINK
) -> tuple[int, float]:
    """Keep the signature block in one piece: (number of pages to print on, height of the row above the block).

    ``before``: everything over the rows on the first page; ``head``: what is repeated on the others; in points.
    ``shrink``: how many times as long as its pages a form may be before it gets one more.
    """
    whole, high = before + sum(rows) + GAP + sum(block), GAP + sum(block)
    pages = 1
    while whole + (pages - 1) * head > pages * PAGE * shrink:
        pages += 1
    room = max(PAGE, (whole + (pages - 1) * head) / pages)
    ends = [_end(before, head, rows, page) for page in (room, room * WIDER)]
    whole_block = all(page == pages or high <= left for page, left in ends)
    return pages, GAP if whole_block else max(GAP, min(ends[1][1] + 1, 400))


def _end(before: float, head: float, rows: Sequence[float], page: float) -> tuple[int, float]:
    """The page on which the rows end, and what is left of it under them."""
    number, used = 1, before
    for high in rows:
        fits = used + high <= page
        number, used = (number, used + high) if fits else (number + 1, head + high)
    return number, page - used


def plain(text: str, *, bold: bool = False, italic: bool = False) -> tuple[Run, ...]:
    return ((text, bold, italic),)


def _words(runs: Sequence[Run]) -> list[tuple[str, float]]:
    """Words, spaces and line feeds with their widths in thousandths; a word may change its style within."""
    if len(runs) == 1:
        return [(word, _word_width(word, runs[0][1], runs[0][2])) for word in _WORD.findall(runs[0][0])]
    words: list[tuple[str, float]] = []
    for text, bold, italic in runs:
        widths = _widths(bold, italic)
        for letter in text:
            wide = 0 if letter == "\n" else _width(letter, widths)
            last = words[-1][0] if words else "\n"
            if letter.isspace() or last.isspace():
                words.append((letter, wide))
            else:
                words[-1] = (last + letter, words[-1][1] + wide)
    return words


@lru_cache(maxsize=20_000)
def _word_width(word: str, bold: bool, italic: bool) -> int:
    widths = _widths(bold, italic)
    return sum(_width(letter, widths) for letter in word if letter != "\n")


def _width(letter: str, widths: Mapping[str, int]) -> int:
    if letter in widths:
        return widths[letter]
    return widths.get(unicodedata.normalize("NFD", letter)[0], 1000)


@cache
def _widths(bold: bool, italic: bool) -> Mapping[str, int]:
    style = "_".join(name for name, on in (("bold", bold), ("italic", italic)) if on) or "regular"
    table = tomllib.loads(resources.files("cchc_xl.workbook.official").joinpath("font_widths.toml").read_text("utf-8"))
    return {letter: int(width) for width, letters in table[style].items() for letter in letters}

"""Formula texts: spelled alike whatever program wrote them, moved as a fill does, compared with the issued one."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import lru_cache

from cchc_xl.workbook.layout import column_letters

LONGEST = 8_192  # characters Excel allows in a formula

# Nothing is tried twice: a quote that is never closed takes all that follows it.
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"]++|"")*+"?)'
    r"|(?P<sheet>(?:'(?:[^']++|'')*+'|[^\W\d][\w.]*+)!)"
    r"|(?P<quoted>'(?:[^']++|'')*+'?)"
    r"|(?P<ref>(?<![\w.])\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w.(]))"
    r"|(?P<name>[^\W\d][\w.]*)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.S,
)
_PARTS = re.compile(r"^(\$?)([A-Za-z]{1,3})(\$?)(\d+)$")
_PREFIXES = ("_XLFN.", "_XLWS.", "COM.SUN.STAR.SHEET.ADDIN.ANALYSIS.")
_TEXT = re.compile(r'"[^"]*"')
_DDE = re.compile(r"[\w'\]]\|[^|]*!")
_LINK = re.compile(r'HYPERLINK\s*\((?!\s*"#)')  # those within the book are ours
WEB = ("WEBSERVICE(", "FILTERXML(", "RTD(", "CALL(", "REGISTER.ID(")

Cell = tuple[int, int]  # 0-based row and column


class Verdict(StrEnum):
    """How a formula compares with the issued one."""

    SAME = "same"
    SHIFTED = "shifted"  # the same formula, a constant number of rows away
    EDITED = "edited"


def _reference(text: str) -> Cell:
    parts = _PARTS.match(text)
    assert parts
    column = 0
    for letter in parts[2].upper():
        column = column * 26 + ord(letter) - 64
    return int(parts[4]) - 1, column - 1


def tokens(formula: str) -> list[tuple[str, str]]:
    """(kind, text) pairs without spaces; kinds: text, sheet, quoted, ref, name, number, other."""
    found = []
    for match in _TOKEN.finditer(formula):
        kind = match.lastgroup or "other"
        if kind != "space":
            found.append((kind, match.group()))
    return found


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as a fill writes it ``rows`` down and ``columns`` right; ``$`` holds a reference in place.

    One longer than ``LONGEST`` stays as it is: it is compared with nothing.
    """
    if len(formula) > LONGEST:
        return formula
    pieces = []
    for match in _TOKEN.finditer(formula):
        text = match.group()
        pieces.append(_moved_reference(text, rows, columns) if match.lastgroup == "ref" else text)
    return "".join(pieces)


def _moved_reference(text: str, rows: int, columns: int) -> str:
    parts = _PARTS.match(text)
    assert parts
    row, column = _reference(text)
    row = row if parts[3] else row + rows
    column = column if parts[1] else column + columns
    if row < 0 or column < 0:
        return "#REF!"
    return f"{parts[1]}{column_letters(column)}{parts[3]}{row + 1}"


@lru_cache(maxsize=1024)  # workbooks of one round hold the same formulas
def spelled(formula: str, sheet: str) -> tuple[str, tuple[Cell, ...]]:
    """The formula with ``@`` for each reference, and the cells referred to, in order.

    Spaces, case, ``;`` for ``,``, ``$``, the own sheet's name, ``_xlfn.`` and a leading ``=`` or ``+`` are no
    difference. Another sheet's name stays in the text. A formula longer than any program writes has no spelling: "".
    """
    if len(formula) > LONGEST:
        return "", ()
    pieces: list[str] = []
    cells: list[Cell] = []
    own = sheet.lower()
    for kind, text in tokens(formula.strip().lstrip("=+")):
        if kind == "ref":
            cells.append(_reference(text))
            pieces.append("@")
        elif kind == "sheet":
            title = text[:-1].removeprefix("'").removesuffix("'").replace("''", "'")
            if title.lower() != own:
                pieces.append(text)
        elif kind == "text":
            pieces.append(text)
        else:
            pieces.append(_one_spelling(text))
    return "".join(pieces), tuple(cells)


def _one_spelling(text: str) -> str:
    upper = text.upper()
    for prefix in _PREFIXES:
        upper = upper.removeprefix(prefix)
    return "," if upper == ";" else upper


def compared(found: str, sheet: str, issued: str, stands: Callable[[Cell], Cell]) -> Verdict:
    """Compare a formula of ``sheet`` with the issued one. ``stands``: official cell -> where it stands now."""
    shape, cells = spelled(found, sheet)
    issued_shape, issued_cells = spelled(issued, sheet)
    if shape != issued_shape:
        return Verdict.EDITED
    expected = [stands(cell) for cell in issued_cells]
    if list(cells) == expected:
        return Verdict.SAME
    shifts = {row - wanted for (row, _), (wanted, _) in zip(cells, expected, strict=True)}
    same_columns = all(column == wanted for (_, column), (_, wanted) in zip(cells, expected, strict=True))
    return Verdict.SHIFTED if len(shifts) == 1 and same_columns else Verdict.EDITED


def dangers(formulas: Iterable[str]) -> tuple[str, ...]:
    """What these formulas start beyond computing: "dde" (a program), "web" (the network), "hyperlink"."""
    joined = "\n".join(formulas)
    started = "|" in joined and any(_DDE.search(_TEXT.sub("", line)) for line in joined.split("\n") if "|" in line)
    upper = joined.upper()
    called = any(call in upper for call in WEB)
    linked = "HYPERLINK" in upper and _LINK.search(upper) is not None
    return ("dde",) * started + ("web",) * called + ("hyperlink",) * linked

"""The plain form in which Excel, XlsxWriter and LibreOffice write cells and strings, read at the speed of ``re``.

A part is read this way only when every byte of it between its outer tags is of the plain form; everything else
(attributes in another order, CDATA, inline strings, prefixes, phonetic readings, shared formulas …) is left to
the full parser, which also reads the outer tags. Both give the same; tests hold them against each other.
"""

import re
from collections.abc import Mapping

from cchc_xl.workbook.layout import column_letters

LARGEST_PART = 4 * 1024 * 1024  # bytes; larger parts are streamed by the full parser

_CONTROLS = bytes(set(range(32)) - {9, 10})  # not allowed in XML, and carriage returns, which XML turns into \n
_STRANGE_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos);")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}

_FORMULA = r'(?:<f(?: a?ca="\w+")?>{}[^<]+{}</f>)?'
_CELL = r'<c r="{0}[A-Z]{{1,3}}{1}{0}[1-9]\d{{0,6}}{1}"(?: s="{0}\d{{1,7}}{1}")?(?: t="{0}s|str|n|b|e{1}")?'
_ROW = r'<row r="[1-9]\d{0,6}"(?: (?!xmlns=)[\w:]+="[^"<]*")*/?>|</row>'
_ALL_CELLS = re.compile(
    "<sheetData>(?:"
    + _CELL.format("(?:", ")")
    + "(?:/>|>"
    + _FORMULA.format("", "")
    + r"(?:<v>[^<]*</v>|<v/>)?</c>)|"
    + _ROW
    + ")*+</sheetData>"
)
_FULL_CELL = re.compile(_CELL.format("(", ")") + ">" + _FORMULA.format("(", ")") + r"(?:<v>([^<]*)</v>|<v/>)?</c>")
_TEXT_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d{1,7})")? t="(s|str)">(?:<v>([^<]*)</v>|<v/>)?</c>'
)
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:]{2,30})"/>')

_T = r'<t(?: xml:space="preserve")?>[^<]*</t>'
_RUN = r'<r>(?:<rPr>(?:<\w+(?: \w+="[^"<]*")*/>)*</rPr>)?' + _T + "</r>"
_ALL_STRINGS = re.compile(f"(?:<si>(?:{_T}|(?:{_RUN})+)</si>)*+")
_STRING = re.compile(f"<si>(?:{_T.replace('[^<]*', '([^<]*)')}|((?:{_RUN})+))</si>")
_PIECE = re.compile(r"<t(?: xml:space=\"preserve\")?>([^<]*)</t>")

# letters -> 0-based column, for the columns in use
COLUMNS: Mapping[str, int] = {column_letters(number): number for number in range(16_384)}

# column letters, row, style, kind, formula, value; "" for what is not there, entities as written
PlainCell = tuple[str, str, str, str, str, str]


def split(content: bytes, first: bytes, last: bytes, instead: bytes = b"") -> tuple[bytes, str] | None:
    """(the part with ``instead`` for what stands from ``first`` to ``last``, that text); None: it is not plain."""
    start, end = content.find(first), content.rfind(last)
    if not 0 <= start <= end:
        return None
    end += len(last)
    outside = content[:start] + instead + content[end:]
    inside = _decoded(content[start:end])
    return None if inside is None or b"<!" in outside else (outside, inside)


def _decoded(inside: bytes) -> str | None:
    if len(inside.translate(None, _CONTROLS)) != len(inside):
        return None
    try:
        text = inside.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _STRANGE_ENTITY.search(text) else text


def plain_cells(inside: str) -> list[PlainCell] | None:
    """The cells of a ``sheetData`` that are more than a style; None when anything in it is not of the plain form."""
    return _FULL_CELL.findall(inside) if _ALL_CELLS.fullmatch(inside) else None


def plain_texts(inside: str) -> list[PlainCell] | None:
    """Only the cells that hold a text which is no formula's result."""
    if not _ALL_CELLS.fullmatch(inside):
        return None
    found = _TEXT_CELL.findall(inside)
    return [(letters, row, style, kind, "", value) for letters, row, style, kind, value in found]


def plain_merges(outside: bytes) -> list[str] | None:
    """The merged ranges of a sheet without its cells; None when its elements may be of another namespace."""
    merges = _MERGE.findall(outside)
    plain = outside.count(b"<mergeCell ") == len(merges) and b"<worksheet " in outside
    return [one.decode() for one in merges] if plain and outside.count(b" xmlns=") == 1 else None


def plain_strings(inside: str) -> list[str] | None:
    """The string table in order; None when anything in it is not of the plain form."""
    if not _ALL_STRINGS.fullmatch(inside):
        return None
    return [unescaped("".join(_PIECE.findall(runs)) if runs else text) for text, runs in _STRING.findall(inside)]


def unescaped(text: str) -> str:
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text) if "&" in text else text

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
_WRITTEN_LETTER = re.compile("_x([0-9A-Fa-f]{4})_")

_ROW = r'<row r="[1-9]\d{0,6}"(?: (?!xmlns=)[\w:]+="[^"<]*")*+'
_ROWS_BEFORE = rf"(?:\A<sheetData>|</row>)(?:{_ROW}(?:/>|></row>))*+"  # the row before ends, empty ones follow
_HEAD = r'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d{1,7})")?(?: t="(s|str|n|b|e)")?'
_INSIDE = r'(?:<f(?: a?ca="\w+")?>([^<]+)</f>)?(?:<v>([^<]*)</v>|<v/>)?'
# One match a cell, with the tags of rows before it. What is not plain is swallowed whole, the end mark included.
_CELL = re.compile(f"(?:{_ROWS_BEFORE}{_ROW}>)?+{_HEAD}(?:/>|>{_INSIDE}</c>)|{_ROWS_BEFORE}(</sheetData>)\\Z|(?s:.+)")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:]{2,30})"/>')

_RUN = r'<r>(?:<rPr>(?:<\w+(?: \w+="[^"<]*")*/>)*</rPr>)?<t(?: xml:space="preserve")?>[^<]*</t></r>'
_STRING = re.compile(f'<si>(?:<t(?: xml:space="preserve")?>([^<]*)</t>|((?:{_RUN})+))</si>|((?s:.+))')
_PIECE = re.compile(r"<t(?: xml:space=\"preserve\")?>([^<]*)</t>")

_CODE = re.compile(r'<numFmt numFmtId="(\d{1,6})" formatCode="([^"<]*)"/>')
_XF = r'<xf numFmtId="{0}\d{{1,6}}{1}"(?: (?!numFmtId=|xmlns)[\w:]+="[^"<]*")*+'
_INSIDE_XF = r"(?:<(?:alignment|protection)(?: (?!xmlns)[\w:]+=\"[^\"<]*\")*+/>)*+"
_ALL_FORMATS = re.compile(
    r'<cellXfs(?: count="\d+")?>(?:' + _XF.format("(?:", ")") + f"(?:/>|>{_INSIDE_XF}</xf>))*+</cellXfs>"
)
_FORMAT = re.compile(_XF.format("(", ")"))

_NAME = re.compile(r'<definedName name="([\w.]*)"(?: localSheetId="(\d{1,4})")?(?: hidden="1")?>([^<]*)</definedName>')
_ALL_NAMES = re.compile(f"<definedNames>(?:{_NAME.pattern})*+</definedNames>")

# letters -> 0-based column, for the columns in use
COLUMNS: Mapping[str, int] = {column_letters(number): number for number in range(16_384)}

# column letters, row, style, kind, formula, value, ""; "" for what is not there, entities as written
PlainCell = tuple[str, str, str, str, str, str, str]


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
    """The cells of a ``sheetData``, also those with a style only; None when anything in it is not of the plain form."""
    cells = _CELL.findall(inside)
    return cells if cells and cells.pop()[6] else None


def plain_merges(outside: bytes) -> list[str] | None:
    """The merged ranges of a sheet without its cells; None when its elements may be of another namespace."""
    merges = _MERGE.findall(outside)
    plain = outside.count(b"<mergeCell ") == len(merges) and b"<worksheet " in outside
    return [one.decode() for one in merges] if plain and outside.count(b" xmlns=") == 1 else None


def plain_strings(inside: str) -> list[str] | None:
    """The string table in order; None when anything in it is not of the plain form."""
    found = _STRING.findall(inside)
    if found and found[-1][2]:
        return None
    if "_x" in inside:
        pieces = ((_PIECE.findall(runs) if runs else (text,)) for text, runs, _ in found)
        return ["".join(as_typed(unescaped(piece)) for piece in string) for string in pieces]
    return [unescaped("".join(_PIECE.findall(runs)) if runs else text) for text, runs, _ in found]


def unescaped(text: str) -> str:
    """The five entities of XML undone; ``&amp;`` last, so that nothing is undone twice."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    return text.replace("&amp;", "&")


def as_typed(text: str) -> str:
    """A stored text as it was typed: ``_x000D_`` stands for a carriage return, ``_x005F_x000D_`` for ``_x000D_``.

    Undone once, in one pass (ECMA-376, ST_Xstring). Halves of a letter that come without their other half are replaced.
    """
    if "_x" not in text:
        return text
    letters = _WRITTEN_LETTER.sub(lambda found: chr(int(found[1], 16)), text)
    return letters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain_formats(content: bytes) -> tuple[list[tuple[str, str]], list[str]] | None:
    """((number, code) of each number format, the number of each cell format); None when the part is not plain."""
    parts = split(content, b"<cellXfs", b"</cellXfs>")
    if parts is None or parts[0].count(b" xmlns=") != 1 or b"<styleSheet xmlns=" not in parts[0]:
        return None
    outside = _decoded(parts[0][parts[0].find(b"<styleSheet") :])
    if outside is None or not _ALL_FORMATS.fullmatch(parts[1]):
        return None
    codes = _CODE.findall(outside)
    plain = len(codes) == outside.count("<numFmt ") and "cellXfs" not in outside
    return (codes, _FORMAT.findall(parts[1])) if plain else None


def plain_names(inside: str) -> list[tuple[str, str, str]] | None:
    """(name, number of its sheet or "", what it refers to) of each defined name; None when they are not plain."""
    return _NAME.findall(inside) if _ALL_NAMES.fullmatch(inside) else None

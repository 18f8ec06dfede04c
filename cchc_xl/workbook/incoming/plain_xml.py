"""The plain form in which Excel, XlsxWriter and LibreOffice write texts, names and formats, at the speed of ``re``.

A part is read this way only when every byte of it between its outer tags is of the plain form; everything else
(CDATA, prefixes, phonetic readings …) is left to the full parser, which also reads the outer tags. Both give the
same; tests hold them against each other. Most texts and names stand in every workbook of a round: they are kept.
"""

import re

from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA

LARGEST_PART = 4 * MEGA  # bytes; larger parts are streamed by the full parser

_CONTROLS = bytes(set(range(32)) - {9, 10})  # not allowed in XML, and carriage returns, which XML turns into \n
_STRANGE = (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # nor are these
_STRANGE_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#10);)")
_WRITTEN_LETTER = re.compile("_x([0-9A-Fa-f]{4})_")

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^<>?]*\?>)?\s*<[A-Za-z]\w*+[\s>]")
_DEFAULT_NAMESPACE = re.compile(rb"\sxmlns\s*=")
_OTHER_ENCODING = re.compile(rb"[^<>]*<\?xml [^<>?]*\bencoding\s*+=\s*+(?!['\"](?i:utf-8)['\"])")
_TABLE = re.compile(
    rb"(?:<\?xml version=\"1\.0\" encoding=\"UTF-8\"(?: standalone=\"(?:yes|no)\")?\?>\s*)?"
    rb'<sst xmlns="http://schemas\.openxmlformats\.org/spreadsheetml/2006/main"'
    rb'(?: count="\d{1,9}")?(?: uniqueCount="\d{1,9}")?></sst>\s*'
)
_TEXT_END, _NAME_END = b"</si>", b"</definedName>"
_RUN = r'<r>(?:<rPr>(?:<\w+(?: \w+="[^"<]*")*/>)*</rPr>)?<t(?: xml:space="preserve")?>[^<]*</t></r>'
_TEXT = re.compile(f'<si>(?:<t(?: xml:space="preserve")?>([^<]*)</t>|((?:{_RUN})+))')
_PIECE = re.compile(r"<t(?: xml:space=\"preserve\")?>([^<]*)</t>")

_CODE = re.compile(r'<numFmt numFmtId="(\d{1,6})" formatCode="([^"<]*)"/>')
_XF = r'<xf numFmtId="{0}\d{{1,6}}{1}"(?: (?!numFmtId=|xmlns)[\w:]+="[^"<]*")*+'
_INSIDE_XF = r"(?:<(?:alignment|protection)(?: (?!xmlns)[\w:]+=\"[^\"<]*\")*+/>)*+"
_ALL_FORMATS = re.compile(
    r'<cellXfs(?: count="\d+")?>(?:' + _XF.format("(?:", ")") + f"(?:/>|>{_INSIDE_XF}</xf>))*+</cellXfs>"
)
_FORMAT = re.compile(_XF.format("(", ")"))

_NAME = re.compile(r'<definedName name="([\w.]*)"(?: localSheetId="(\d{1,4})")?(?: hidden="1")?>([^<]*)')

PlainName = tuple[str, int | None, str]  # name, number of its sheet, what it refers to

_TEXTS: Kept[bytes, str] = Kept(4 * MEGA)
_NAMES: Kept[bytes, PlainName] = Kept(MEGA)
_WEIGHT = 200  # bytes of memory for a text or a name, beside its letters


def split(content: bytes, first: bytes, last: bytes, instead: bytes = b"") -> tuple[bytes, bytes] | None:
    """(the part with ``instead`` for what stands from ``first`` to ``last``, that); None when it is not there."""
    start, end = content.find(first), content.rfind(last)
    if not 0 <= start <= end:
        return None
    end += len(last)
    return content[:start] + instead + content[end:], content[start:end]


def is_plain_around(outside: bytes) -> bool:
    """May names without prefix between these tags be taken as the root's own, and bytes as UTF-8?"""
    return (
        b"<!" not in outside
        and outside.count(b"<?") <= 1
        and _ROOT.match(outside) is not None
        and len(_DEFAULT_NAMESPACE.findall(outside)) == 1
        and not _OTHER_ENCODING.match(outside)
    )


def decoded(inside: bytes) -> str | None:
    """The text of bytes that need no XML parser to be understood; None for all others."""
    if len(inside.translate(None, _CONTROLS)) != len(inside):
        return None
    for strange in _STRANGE:
        if strange in inside:
            return None
    try:
        text = inside.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _STRANGE_ENTITY.search(text) else text


def plain_strings(content: bytes, longest: int) -> list[str] | None:
    """The string table in order; None when anything in it is not of the plain form, or too long."""
    parts = split(content, b"<si>", _TEXT_END)
    if parts is None or not _TABLE.fullmatch(parts[0]):
        return None
    *pieces, _ = parts[1].split(_TEXT_END)
    strings = list(map(_TEXTS.find, pieces))
    if None in strings:
        strings = [_string(piece) if text is None else text for piece, text in zip(pieces, strings, strict=True)]
        if None in strings:
            return None
    return strings if max(map(len, strings), default=0) <= longest else None


def _string(piece: bytes) -> str | None:
    """``<si><t>a</t>`` or runs of text."""
    text = decoded(piece)
    found = _TEXT.fullmatch(text) if text else None
    if found is None:
        return None
    written = [found[1]] if found[2] is None else _PIECE.findall(found[2])
    return _TEXTS.keep(piece, "".join(as_typed(unescaped(one)) for one in written), 2 * len(piece) + _WEIGHT)


def unescaped(text: str) -> str:
    """The five entities of XML and a line's end undone; ``&amp;`` last, so that nothing is undone twice."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    text = text.replace("&#10;", "\n")
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
    if parts is None or not is_plain_around(parts[0]):
        return None
    outside, inside = decoded(parts[0][parts[0].find(b"<styleSheet") :]), decoded(parts[1])
    if outside is None or inside is None or not _ALL_FORMATS.fullmatch(inside):
        return None
    codes = _CODE.findall(outside)
    plain = len(codes) == outside.count("<numFmt ") and "cellXfs" not in outside
    return (codes, _FORMAT.findall(inside)) if plain else None


def plain_names(inside: bytes, longest: int) -> list[PlainName] | None:
    """The defined names; None when anything among them is not of the plain form, or too long."""
    *pieces, rest = inside.removeprefix(b"<definedNames>").split(_NAME_END)
    names = [_NAMES.find(piece) or _name(piece) for piece in pieces]
    whole = [name for name in names if name is not None and len(name[2]) <= longest]
    return whole if len(whole) == len(names) and rest == b"</definedNames>" else None


def _name(piece: bytes) -> PlainName | None:
    text = decoded(piece)
    found = _NAME.fullmatch(text) if text else None
    if found is None:
        return None
    name = (found[1], int(found[2]) if found[2] else None, unescaped(found[3]).strip())
    return _NAMES.keep(piece, name, 2 * len(piece) + _WEIGHT)

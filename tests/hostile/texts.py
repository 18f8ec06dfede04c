"""Five hundred texts that a commune might put where it may write freely: formulas, tags, paths, headers, letters."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from cchc_xl.editions.load import period_of
from cchc_xl.model import ReportingUnit, Submission
from cchc_xl.relations.rules import rules_of
from cchc_xl.workbook.layout import places as places_of
from cchc_xl.workbook.template import Fill, build
from tests.damage import packed, part_of, parts_of
from tests.filled import EDITION, UNIT, answers, filled

_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    "＝",
    "＋",
    "－",
    "＠",
    " =",
    "'=",
    '"=',
    "\u200b=",
    "\ufeff=",
    "==",
    "=-",
)
_CALLS = (
    "1+1",
    "cmd|'/c calc'!A1",
    'HYPERLINK("http://127.0.0.1:9/","mở")',
    'WEBSERVICE("http://127.0.0.1:9/")',
    "SUM(A1:A9)",
    "A1",
    '"x"&"y"',
    "'Biểu 1'!D9",
    'DDE("soffice";"x";"y")',
    "@SUM(1)",
)
_PLAIN = (
    *("{{ 7*7 }}", "{% for x in y %}", "{# x #}", "{{ self.__class__.__mro__ }}", "{{r x}}", "{%p if 1 %}", "${7*7}"),
    *(
        "</w:t></w:r></w:p>",
        "<w:br/>",
        "A & B",
        "a < b > c",
        "&amp;",
        "&#0;",
        "]]>",
        "<!-- x -->",
        "<!DOCTYPE x>",
        "&lt;",
    ),
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '" onmouseover="x',
        "javascript:alert(1)",
        "<b>đậm</b>",
    ),
    *("_x000D_", "_x005F_x000D_", "_x0041_", "_xD800_", "_X000D_", "__x000D__", "_x000d_"),
    *(
        '"',
        '""',
        '","',
        '";"',
        "a,b",
        "a;b",
        "a\tb",
        '"a";=1+1',
        "a\n=1+1",
        "'",
        "''",
        "'1",
        "\\",
        "\\n",
        "%s",
        "{0}",
        "{}",
    ),
    *(
        "../../x.xlsx",
        "..\\..\\x",
        "C:\\x",
        "/etc/passwd",
        "CON",
        "NUL.xlsx",
        "file:///etc/passwd",
        "\\\\host\\x",
        "a:b|c?*",
    ),
    *("Bcc: x@y.z", "x\r\nBcc: x@y.z", "Subject: x\n\nthân", "=?utf-8?B?QQ==?=", "a@b.vn, c@d.vn", "<a@b.vn>"),
    *(
        "\u202exslx.cod",
        "\u200fمرحبا",
        "a\u0301",
        "é",
        "Bình Lãng",
        "Bi\u0300nh La\u0303ng",
        "\u2028",
        "\u2029x",
        "\u00a0x\u00a0",
    ),
    *("\x0b", "\x00", "\x1b[31mđỏ\x1b[0m", "\x7f", "\ufffe", "\ud83d", "\udc00x", "😀", "𝟙", "٣", "１２"),
    *("1E999", "-5", "+5", "007", "1/2", "2022-06-09", "TRUE", "#REF!", "#N/A", "KPS", "nan", "null", "None"),
    *("x" * 300, "dài " * 2_000, "=" + "1+" * 3_000 + "1", "😀" * 4_000, "a" * 32_000),
)
COUNT = 500


def texts() -> tuple[str, ...]:
    """The five hundred, all different, the same at every run."""
    rng = random.Random(11)
    found = dict.fromkeys((*_PLAIN, *(start + call for start in _STARTS for call in _CALLS)))
    pieces = [text for text in _PLAIN if len(text) < 60]
    while len(found) < COUNT:
        found[" ".join(rng.sample(pieces, 2)) if rng.random() < 0.5 else rng.choice(_STARTS) + rng.choice(pieces)] = (
            None
        )
    return tuple(found)[:COUNT]


def stored(text: str) -> str:
    """As Excel stores it: what XML can't hold, and what looks like such an escape, is written out in hexadecimal."""
    out = []
    for at, letter in enumerate(text):
        code = ord(letter)
        is_escape = letter == "_" and _looks_escaped(text[at : at + 7])
        if is_escape or (code < 32 and letter not in "\t\n") or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF):
            out.append(f"_x{code:04X}_")
        else:
            out.append(escape(letter))
    return "".join(out)


def _looks_escaped(piece: str) -> bool:
    return (
        len(piece) == 7
        and piece[1] == "x"
        and piece[6] == "_"
        and all(c in "0123456789abcdefABCDEF" for c in piece[2:6])
    )


def free_cells() -> Iterator[tuple[str, str]]:
    """(sheet, cell) of Ghi chú of the forms, row by row."""
    for key, place in places_of(EDITION).items():
        if EDITION.by_key[key].has_cell:
            yield place.sheet, "E" + place.cell().lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$")


def with_texts(cells: Mapping[tuple[str, str], str], content: bytes | None = None) -> bytes:
    """The filled workbook with these texts typed in, in Excel's way of storing them."""
    content = content or filled()
    parts = parts_of(content)
    by_sheet: dict[str, dict[str, str]] = {}
    for (sheet, cell), text in cells.items():
        by_sheet.setdefault(sheet, {})[cell] = text
    for sheet, typed in by_sheet.items():
        part = part_of(content, sheet)

        def one(found: re.Match, typed=typed) -> str:
            if found[1] not in typed:
                return found[0]
            style = re.search(r' s="(\d+)"', found[0])
            attributes = f' s="{style[1]}"' if style else ""
            text = stored(typed[found[1]])
            return f'<c r="{found[1]}"{attributes} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

        pattern = re.compile(r'<c r="([A-Z]+\d+)"(?:[^>]*/>|[^>]*>.*?</c>)', re.S)
        parts[part] = pattern.sub(one, parts[part].decode()).encode()
    return packed(parts)


FREE = ("report_number", "place", "signer_capacity", "signer", "preparer", "phone")


def carrying(given: Sequence[str], unit: ReportingUnit = UNIT) -> tuple[bytes, dict[str, str]]:
    """A unit's filled workbook with these texts in every cell where a clerk may write freely.

    Returned with place -> text: ``note 1/2.1``, ``said 1/2``, ``words direction``, ``about signer``, ``document 3.1``.
    Texts are put in as a spreadsheet program stores them.
    """
    places = [
        *(f"note {row.key}" for row in EDITION.indicators if row.has_cell),
        *(f"said {rule.id}" for rule in rules_of(EDITION, "xã")),
        *(f"words {part['id']}" for part in EDITION.words["outline"]),
        *(f"about {name}" for name in FREE),
        *(f"document {row}.{column}" for row in range(20) for column in range(4)),
    ]
    assert len(given) <= len(places), len(places)
    placed = dict(zip(places, given, strict=False))

    def marks(start: str) -> dict[str, str]:
        return {place[len(start) :]: f"¤{n}¤" for n, place in enumerate(placed) if place.startswith(start)}

    rows = {place: f"¤{n}¤" for n, place in enumerate(placed) if place.startswith("document ")}
    documents = tuple(
        tuple(rows.get(f"document {row}.{column}", "x") for column in range(4))
        for row in range(20)
        if f"document {row}.0" in rows
    )
    fill = Fill(
        answers=answers(),
        notes=marks("note "),
        explanations=marks("said "),
        words=marks("words "),
        about=marks("about "),
        documents=documents,
    )
    content = build(EDITION, period=period_of(EDITION, "2022-6T"), unit=unit, fill=fill)
    parts, texts_of = parts_of(content), list(placed.values())
    strings = parts["xl/sharedStrings.xml"].decode()
    for number in range(len(texts_of)):
        assert f">¤{number}¤<" in strings, list(placed)[number]
    filled_in = re.sub(r"<t(?: [^>]*)?>¤(\d+)¤<", lambda one: _stored_run(texts_of[int(one[1])]), strings)
    return packed(parts | {"xl/sharedStrings.xml": filled_in.encode()}), placed


def _stored_run(text: str) -> str:
    return f'<t xml:space="preserve">{stored(text)}<'


def as_read(submission: Submission, place: str) -> str:
    """What the reader found at a place of ``carrying``."""
    kind, _, name = place.partition(" ")
    if kind == "document":
        row, _, column = name.partition(".")
        return submission.documents[int(row)][int(column)]
    if kind == "note":
        return submission.entries[name].note
    texts_of = {"said": submission.explanations, "words": submission.words, "about": submission.about}
    return texts_of[kind].get(name, "")

"""The filled workbook with something in it that runs, loads or calls: what a form of ours never has.

Every such part carries ``MARK``, so that it can be looked for in whatever the program writes.
"""

import re
from collections.abc import Mapping

from tests.damage import formula, packed, part_of, parts_of
from tests.filled import filled

MARK = "KHONGDUOCCHAY"  # in all active parts, and nowhere else
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
BOOK_RELS = "xl/_rels/workbook.xml.rels"
BODY = f"<x>{MARK}</x>".encode()


def _related(rels: str, kind: str, target: str, *, external: bool = False) -> bytes:
    """The workbook with one more relation; its part, unless elsewhere, holds the mark."""
    parts = parts_of(filled())
    if rels not in parts:
        empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        parts[rels] = empty.encode()
    mode = ' TargetMode="External"' if external else ""
    one = f'<Relationship Id="rIdX9" Type="{kind}" Target="{target}"{mode}/></Relationships>'
    parts[rels] = parts[rels].decode().replace("</Relationships>", one).encode()
    if not external:
        folder = rels.partition("_rels/")[0]
        parts[folder + target] = BODY
    return packed(parts)


def _called(text: str, sheet: str = "Biểu 1", cell: str = "D8") -> bytes:
    return formula(filled(), sheet, cell, text, 42.5)


def _in_unread_sheet(text: str) -> bytes:
    """In a sheet that has no numbers for us."""
    part = part_of(filled(), "Hướng dẫn")
    body = parts_of(filled())[part].decode()
    row = f'<row r="900"><c r="A900"><f>{text}</f><v>0</v></c></row></sheetData>'
    return packed(parts_of(filled()) | {part: body.replace("</sheetData>", row).encode()})


def _sheet_rels() -> str:
    folder, _, file = part_of(filled(), "Biểu 1").rpartition("/")
    return f"{folder}/_rels/{file}.rels"


def cases() -> Mapping[str, tuple[bytes, str]]:
    """Name -> workbook, the word of ui/reader.toml [active] that must be listed."""
    own = _sheet_rels()
    return {
        "macros": (_related(BOOK_RELS, f"{MICROSOFT}/vbaProject", "vbaProject.bin"), "vba"),
        "macros under another name": (_related(BOOK_RELS, f"{MICROSOFT}/vbaProject", "media/image1.png"), "vba"),
        "an Excel 4 macro sheet": (_related(BOOK_RELS, f"{MICROSOFT}/xlMacrosheet", "macrosheets/s.xml"), "macrosheet"),
        "a macro sheet elsewhere": (_related(BOOK_RELS, f"{MICROSOFT}/xlMacrosheet", "worksheets/m.xml"), "macrosheet"),
        "an ActiveX control": (_related(own, f"{OFFICE}/control", "activeX1.xml"), "activex"),
        "an embedded object": (_related(own, f"{OFFICE}/oleObject", "oleObject1.bin"), "embedding"),
        "an embedded package": (_related(own, f"{OFFICE}/package", "a.docx"), "embedding"),
        "another book's link": (_related(BOOK_RELS, f"{OFFICE}/externalLink", "externalLinks/l.xml"), "external"),
        "a data connection": (_related(BOOK_RELS, f"{OFFICE}/connections", "connections.xml"), "connection"),
        "buttons of its own": (
            _related(
                "_rels/.rels", "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility", "ui.xml"
            ),
            "custom_ui",
        ),
        "custom XML": (_related("_rels/.rels", f"{OFFICE}/customXml", "customXml/item1.xml"), "custom_xml"),
        "a picture from the network": (
            _related("xl/drawings/_rels/d.xml.rels", f"{OFFICE}/image", f"http://127.0.0.1:9/{MARK}", external=True),
            "remote",
        ),
        "a template from the network": (
            _related("_rels/.rels", f"{OFFICE}/attachedTemplate", f"file://host/{MARK}", external=True),
            "remote",
        ),
        "a DDE call": (_called(f"cmd|'/c {MARK}'!A1"), "dde"),
        "a DDE call in a sheet not read": (_in_unread_sheet(f"cmd|'/c {MARK}'!A1"), "dde"),
        "a DDE call with an entity": (_in_unread_sheet(f"cmd&#124;'/c {MARK}'!A1"), "dde"),
        "a call of the network": (_called(f'WEBSERVICE("http://127.0.0.1:9/{MARK}")'), "web"),
        "a call in small letters": (_called(f'webservice("http://127.0.0.1:9/{MARK}")'), "web"),
        "a link by formula": (_called(f'HYPERLINK("http://127.0.0.1:9/{MARK}","10")'), "hyperlink"),
        "a link on an answer": (
            formula(filled(), "Biểu 1", "D9", f'HYPERLINK("http://127.0.0.1:9/{MARK}",127)', 127),
            "hyperlink",
        ),
    }


def everything() -> bytes:
    """One workbook with all of it."""
    parts = parts_of(filled())
    for number, (content, _) in enumerate(cases().values()):
        for name, body in parts_of(content).items():
            relation = re.search(rb'<Relationship Id="rIdX9".*?/>', body) if name.endswith(".rels") else None
            if name not in parts:
                parts[name] = body
            elif relation:
                own = relation[0].replace(b"rIdX9", b"rIdY%d" % number)
                parts[name] = parts[name].replace(b"</Relationships>", own + b"</Relationships>")
    content = formula(packed(parts), "Biểu 1", "D8", f"cmd|'/c {MARK}'!A1", 42.5)
    return formula(content, "Biểu 1", "D9", f'HYPERLINK("http://127.0.0.1:9/{MARK}",127)', 127)

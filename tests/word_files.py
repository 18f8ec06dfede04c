"""Word files in tests: what they say, and what a person does to them."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import docx

DOCUMENT = "word/document.xml"


def part(content: bytes, name: str = DOCUMENT) -> str:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return package.read(name).decode()


def with_part(content: bytes, text: str, name: str = DOCUMENT) -> bytes:
    """The file with one part replaced or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.infolist():
            if member.filename != name:
                target.writestr(member, source.read(member))
        target.writestr(name, text)
    return out.getvalue()


def edited(content: bytes, change: Callable[[str], str]) -> bytes:
    """The file with its body XML changed; the change must do something."""
    before = part(content)
    after = change(before)
    assert after != before
    return with_part(content, after)


def paragraphs(content: bytes) -> list[str]:
    """The text of every paragraph of the body, controls included, outside tables."""
    root = docx.Document(BytesIO(content)).element.body
    return [text for paragraph in root.iterchildren("{*}p") if (text := text_of(paragraph))]


def text_of(paragraph) -> str:
    shown = {"t": lambda e: e.text or "", "tab": lambda e: "\t", "br": lambda e: "\n"}
    pieces = []
    for element in paragraph.iter("{*}t", "{*}tab", "{*}br"):
        if element.getparent().tag.endswith("}r"):
            pieces.append(shown[element.tag.rpartition("}")[2]](element))
    return "".join(pieces)


def whole_text(content: bytes) -> str:
    return "\n".join(paragraphs(content))


def control_of(xml: str, tag: str) -> str:
    """The XML of the first content control with this tag."""
    found = re.search(rf'<w:sdt>(?:(?!</w:sdt>).)*<w:tag w:val="{re.escape(tag)}"/>.*?</w:sdt>', xml, re.DOTALL)
    assert found, tag
    return found[0]


def typed_into(xml: str, tag: str, text: str) -> str:
    """The body with this text inside the tag's control, as when a person types there."""
    control = control_of(xml, tag)
    return xml.replace(control, re.sub(r"(<w:t[^>]*>)[^<]*(</w:t>)", rf"\g<1>{text}\g<2>", control), 1)


def typed_over(xml: str, tag: str, text: str) -> str:
    """The body with plain text in place of the whole control, as when a person deletes it and types."""
    return xml.replace(control_of(xml, tag), f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>', 1)

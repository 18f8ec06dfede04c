"""Filling a staff-owned Word template: sandboxed Jinja tags in, finished package out.

What the tags give (names, communes' own words, numbers) never passes through template code or XML patching: each
value leaves a mark of two private-use characters, and the marks are replaced in the parsed XML at the end. So no
text from a commune can become a tag, and none is altered on the way.
"""

import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError, TemplateRuntimeError, UndefinedError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from lxml import etree

from cchc_xl.word.charts import Drawn, with_charts
from cchc_xl.word.package import (
    WordFileError,
    parse,
    problem,
    read_package,
    serialise,
    text_parts,
    write_package,
)
from cchc_xl.word.placing import mark, place
from cchc_xl.word.tagcheck import TAG, BrokenTemplate, check, heal, refuse_halves, right
from cchc_xl.word.tags import NoSuchFigure, Passage, passage

_PARAGRAPH = re.compile(r"<w:p(?=[ >/])")
_ANY_XML = re.compile(r"<[^>]*>")
_NAME = re.compile(r"'([^']*)'")
_LARGEST_FACTOR = 10_000
_LONGEST_TEXT = 50_000_000  # characters of a filled part: as many as one is read back with


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, also without what fills the memory (``"a" * 100000000``, ``"%9999999d" % 1``)."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context, operator, left, right):
        """Multiply and divide small whole numbers only; raises SecurityError otherwise."""
        if any(not isinstance(side, int) or abs(side) > _LARGEST_FACTOR for side in (left, right)) or operator == "**":
            raise SecurityError(problem("too-large"))
        return super().call_binop(context, operator, left, right)


def fill(template: bytes, values: Mapping[str, object]) -> bytes:
    """The template with its tags filled, reproducibly.

    ``values``: names the tags may use. Raises BrokenTemplate (naming paragraph and tag) or WordFileError.
    """
    from docxtpl import DocxTemplate

    try:
        parts = read_package(template)
    except WordFileError as error:
        raise WordFileError("template-unreadable", **error.arguments) from error
    patcher = DocxTemplate(BytesIO(template))  # only its patching of p, tr, tc, r tags is used
    filled = dict(parts)
    for name, root in text_parts(parts):
        if any("{" in (text.text or "") for text in root.iter("{*}t")):
            filled[name], charts = _fill_part(root, name, values, patcher)
            filled = with_charts(filled, name, charts) if charts else filled
    return write_package(filled)


def _fill_part(
    root: etree._Element, name: str, values: Mapping[str, object], patcher
) -> tuple[bytes, dict[str, Drawn]]:
    said: list[Passage] = []

    def leave_mark(value: object) -> object:
        if isinstance(value, Undefined):
            str(value)  # a strict undefined says what is missing
        if callable(value) or (isinstance(value, Sequence | Mapping) and not isinstance(value, str | Passage)):
            raise TemplateRuntimeError  # a function without its brackets, a list: nothing to print
        said.append(value if isinstance(value, Passage) else passage(value))
        return mark(len(said) - 1)

    sandbox = _Sandbox(undefined=StrictUndefined, autoescape=True, finalize=leave_mark)
    heal(root)
    refuse_halves(root)  # a library that looks for the end of each takes for ever
    patched = patcher.patch_xml(etree.tostring(root, encoding="unicode"))
    source = _PARAGRAPH.sub("\n<w:p", patched)  # one paragraph a line: an error's line is its paragraph
    tree = right(root, source, sandbox, values)
    if tree is None:
        check(root, sandbox, values)
    try:
        xml = _bounded(sandbox.from_string(tree or source).generate(values))
    except (TemplateError, NoSuchFigure, SyntaxError, RecursionError) as error:
        raise _broken(error, source) from error
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        if _is_ours(error):
            raise
        raise _broken(error, source) from error
    filled = parse(xml.encode(), name)
    charts = place(filled, said)
    return serialise(filled), charts


def _bounded(pieces: Iterable[str]) -> str:
    """The pieces as one text. Raises SecurityError when tags in tags make more of it than a file can hold."""
    text: list[str] = []
    left = _LONGEST_TEXT
    for piece in pieces:
        text.append(piece)
        left -= len(piece)
        if left < 0:
            raise SecurityError(problem("too-large"))
    return "".join(text)


def _is_ours(error: Exception) -> bool:
    """Whether it came up inside the functions a tag calls: then the program is wrong, not the template."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    last = max((number for number, file in enumerate(files) if file == "<template>"), default=len(files))
    return any(Path(file).parent == Path(__file__).parent for file in files[last:])


def _broken(error: Exception, source: str) -> BrokenTemplate:
    """The paragraph and tag in which rendering stopped, from the line of the template it stopped at."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    number = lines[-1] if lines else getattr(error, "lineno", None) if isinstance(error, TemplateError) else None
    paragraph = _ANY_XML.sub("", source.split("\n")[number - 1]) if number else ""
    if isinstance(error, UndefinedError):
        return BrokenTemplate("template-name", paragraph, _tag_in(paragraph, ""), ", ".join(_NAME.findall(str(error))))
    if isinstance(error, NoSuchFigure):
        missing = str(error.args[0])
        return BrokenTemplate(
            "template-figure", paragraph, _tag_in(paragraph, missing), problem("unknown-figure", tag=missing)
        )
    if isinstance(error, SecurityError):
        return BrokenTemplate("template-tag", paragraph, _tag_in(paragraph, ""), problem("too-large"))
    return BrokenTemplate("template-tag", paragraph, _tag_in(paragraph, ""), problem("syntax"))


def _tag_in(paragraph: str, hint: str) -> str:
    """The tag of the paragraph that holds the hint; else its tags together."""
    tags = TAG.findall(paragraph)
    return next((tag for tag in tags if hint and hint in tag), " ".join(tags))

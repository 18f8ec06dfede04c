"""The tags of a staff-owned template, checked paragraph by paragraph before anything is filled.

Word cuts a tag into runs as it likes and turns straight quotes into curly ones; ``heal`` puts each tag into one
stretch of text. ``check`` names the paragraph and the tag that is wrong; ``right`` tells that nothing is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes
from lxml import etree

from cchc_xl.errors import CchcError
from cchc_xl.text import without_controls
from cchc_xl.word.package import W, problem, text_of, texts_of
from cchc_xl.word.placing import set_text

_INSIDE = r"(?:(?!\{\{|\{%).)*?"  # a tag never holds the start of another: there one was not closed
TAG = re.compile(rf"\{{\{{{_INSIDE}\}}\}}|\{{%{_INSIDE}%\}}|\{{#(?:(?!\{{#).)*?#\}}", re.DOTALL)
_HALF = re.compile(r"\{\{|\}\}|\{%|%\}")
_SCOPE = re.compile(r"^(\{[{%])(?:r|p|tr|tc)\s")
_RUN_SCOPE = re.compile(r"^\{\{\s*r\s")
_WORD = re.compile(r"^\{%[-+]?\s*(\w+)")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "„": '"', "\u00a0": " "})
_CLOSES = {"endif": "if", "endfor": "for"}
_WORDS = frozenset({"if", "elif", "else", "for", "set", *_CLOSES})
_SHOWN = 90
_DEEPEST_FOR, _DEEPEST = 3, 20  # tags in tags: every for inside another one multiplies
_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim", "upper")
_GROWING = (nodes.Concat, nodes.Add, nodes.Mul, nodes.List, nodes.Tuple, nodes.Dict)


class BrokenTemplate(CchcError):
    """A tag of the Word template is wrong. ``arguments``: paragraph, tag, problem."""

    def __init__(self, name: str, paragraph: str, tag: str, problem: str = "") -> None:
        super().__init__(name, paragraph=shortened(paragraph), tag=shortened(tag), problem=problem)


def shortened(text: str) -> str:
    line = without_controls(text)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class _Tag:
    text: str
    paragraph: str

    @property
    def plain(self) -> str:
        """As Jinja reads it: without the p, tr, tc, r of Word."""
        return _SCOPE.sub(r"\1 ", self.text)

    @property
    def word(self) -> str:
        found = _WORD.match(self.plain)
        return found[1] if found else ""

    @property
    def is_allowed(self) -> bool:
        return not self.text.startswith("{%") or self.word in _WORDS


def heal(root: etree._Element) -> None:
    """Each tag into one text element, with straight quotes; ``{{r …}}`` as ``{{ … }}`` (runs are cut later)."""
    for paragraph in root.iter(f"{W}p"):
        texts = texts_of(paragraph)
        whole = "".join(t.text or "" for t in texts)
        if "{" not in whole:
            continue
        for found in reversed(list(TAG.finditer(whole))):
            _put(texts, found.start(), found.end(), _RUN_SCOPE.sub("{{ ", found[0].translate(_QUOTES)))


def _put(texts: list[etree._Element], start: int, end: int, tag: str) -> None:
    """Write ``tag`` over the characters start..end of the texts taken together, into the first of them."""
    position = 0
    placed = False
    for element in texts:
        text = element.text or ""
        a, b = max(start - position, 0), min(end - position, len(text))
        position += len(text)
        if a < b:
            set_text(element, text[:a] + ("" if placed else tag) + text[b:])
            placed = True


def right(root: etree._Element, source: str, environment: Environment, known: Iterable[str]) -> nodes.Template | None:
    """``source``, made of the part, as Jinja understands it; None where ``check`` may have to say what is wrong."""
    try:
        tags = [tag for tag in _tags(root) if not tag.text.startswith("{#")]
        _check_partners(tags)
        tree = environment.parse(source)
    except (BrokenTemplate, TemplateSyntaxError, RecursionError, ValueError):
        return None
    is_right = all(tag.is_allowed for tag in tags) and _is_modest(tree)
    return tree if is_right and not _names(tree) - {*known, "loop"} - _names(tree, "store") else None


def _names(tree: nodes.Template, context: str = "") -> set[str]:
    return {node.name for node in tree.find_all(nodes.Name) if not context or node.ctx == context}


def refuse_halves(root: etree._Element) -> None:
    """Raises BrokenTemplate for the first half of a tag."""
    for _ in _tags(root):
        pass


def check(root: etree._Element, environment: Environment, known: Iterable[str]) -> None:
    """Raises BrokenTemplate for the first tag that is wrong: half a tag, bad syntax, no partner, unknown name."""
    tags = [tag for tag in _tags(root) if not tag.text.startswith("{#")]
    trees = [(tag, _tree(tag, environment)) for tag in tags]
    _check_partners(tags)
    for tag, tree in trees:
        if not _is_modest(tree):
            raise BrokenTemplate("template-tag", tag.paragraph, tag.text, problem("too-large"))
    names = set(known) | {"loop"}
    for _, tree in trees:
        names |= {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    for tag, tree in trees:
        unknown = sorted({node.name for node in tree.find_all(nodes.Name)} - names)
        if unknown:
            raise BrokenTemplate("template-name", tag.paragraph, tag.text, ", ".join(unknown))


def _is_modest(tree: nodes.Template) -> bool:
    """Can nothing in the tag fill the memory: no method of a text, few filters, no name for what doubles each time?"""
    try:
        given = any(next(one.find_all(_GROWING), None) for one in tree.find_all(nodes.Assign))
        called = all(isinstance(one.node, nodes.Name) for one in tree.find_all(nodes.Call))
        return called and not given and all(one.name in _FILTERS for one in tree.find_all(nodes.Filter))
    except RecursionError:  # thousands of sums in one tag
        return False


def _tags(root: etree._Element) -> Iterable[_Tag]:
    for paragraph in root.iter(f"{W}p"):
        whole = "".join(t.text or "" for t in texts_of(paragraph))
        shown = text_of(paragraph)
        half = _HALF.search(TAG.sub(lambda found: " " * len(found[0]), whole))
        if half:
            raise BrokenTemplate("template-tag", shown, whole[half.start() : half.start() + 40], problem("half"))
        for found in TAG.finditer(whole):
            yield _Tag(found[0], shown)


def _tree(tag: _Tag, environment: Environment) -> nodes.Template:
    """The tag as Jinja understands it, made whole where it is one half of a pair. Raises BrokenTemplate."""
    if tag.word in _CLOSES or tag.word == "else":
        return nodes.Template([])
    if not tag.is_allowed:
        raise BrokenTemplate("template-tag", tag.paragraph, tag.text, problem("syntax"))
    whole = tag.plain
    if tag.word in ("if", "for"):
        whole += f"{{% end{tag.word} %}}"
    elif tag.word == "elif":
        whole = "{% if 1 %}" + whole + "{% endif %}"
    try:
        return environment.parse(whole)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:  # also a number of thousands of digits
        raise BrokenTemplate("template-tag", tag.paragraph, tag.text, problem("syntax")) from error


def _check_partners(tags: Iterable[_Tag]) -> None:
    waiting: list[_Tag] = []
    for tag in tags:
        if tag.word in ("if", "for"):
            waiting.append(tag)
            if len(waiting) > _DEEPEST or sum(one.word == "for" for one in waiting) > _DEEPEST_FOR:
                raise BrokenTemplate("template-tag", tag.paragraph, tag.text, problem("too-large"))
        elif tag.word in _CLOSES or tag.word in ("else", "elif"):
            wanted = _CLOSES.get(tag.word)
            if not waiting or (wanted and waiting[-1].word != wanted):
                raise BrokenTemplate("template-close", tag.paragraph, tag.text)
            if wanted:
                waiting.pop()
    if waiting:
        raise BrokenTemplate("template-open", waiting[-1].paragraph, waiting[-1].text)

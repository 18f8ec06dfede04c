"""Numbers in a Word text that stay tied to their figures: read back, compared with the master, brought up to date.

A tied number is a content control whose tag is ``key@block``; its title keeps the text we wrote, so that a number
gone stale can be told from one changed by hand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from lxml import etree

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Figure
from cchc_xl.text import without_controls
from cchc_xl.word.charts import BLOCK, chart_part, charts_in, columns_of, is_right
from cchc_xl.word.controls import controls, property_of, set_property, show, shown_in, tag_of, written_in
from cchc_xl.word.package import (
    W,
    WordFileError,
    is_signed,
    read_package,
    serialise,
    text_of,
    text_parts,
    write_package,
)
from cchc_xl.word.tags import ABSENT, ROUND, NoSuchFigure, accepted, is_percent, shown, split, title, value_of

_CONTEXT = 90


class Kind(StrEnum):
    """What is wrong with a number in the text."""

    STALE = "stale"  # as we wrote it, but the figure has changed since
    EDITED = "edited"  # changed by hand to something else than the figure
    ORPHAN = "orphan"  # its figure is not in the master any more
    TYPED = "typed"  # plain text beside an indicator's words, contradicting the master
    UNTIED = "untied"  # no number of the whole text is tied: nothing could be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One tied number. ``text``: as shown now; ``written``: as we wrote it, None when not known."""

    tag: str
    text: str
    written: str | None
    context: str  # the paragraph it stands in, as read
    part: str

    @property
    def key(self) -> str:
        return split(self.tag)[0]

    @property
    def block(self) -> str:
        return split(self.tag)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One number of the text that is not the master's. ``expected``: as it should be printed, "" when unknown."""

    kind: Kind
    tag: str
    shown: str
    expected: str
    context: str


def anchors(docx: bytes) -> tuple[Anchor, ...]:
    """Every tied number in reading order. Raises WordFileError when the file is no Word file."""
    return tuple(found for name, root in text_parts(read_package(docx)) for found in _in_part(root, name))


def _in_part(root: etree._Element, part: str) -> Iterator[Anchor]:
    last, context = None, ""
    for control in controls(root):
        paragraph = next(control.iterancestors(f"{W}p"), control)
        if paragraph is not last:  # one paragraph may hold thousands of numbers
            last, context = paragraph, text_of(paragraph)
        yield Anchor(
            tag=tag_of(control), text=shown_in(control), written=written_in(control), context=context, part=part
        )


def verify(docx: bytes, figures: Mapping[str, Figure], edition: Edition) -> tuple[Difference, ...]:
    """Every number in the text that is not the master's, tied or typed. Raises WordFileError.

    A text without any tied number is a difference by itself: that nothing contradicts is no proof.
    """
    from cchc_xl.word.typed import contradictions

    found, charts = anchors(docx), _wrong_charts(read_package(docx), figures)
    tied = [difference for anchor in found if (difference := _compare(anchor, figures, edition))]
    if not found:
        tied = [Difference(kind=Kind.UNTIED, tag="", shown="", expected="", context="")]
    typed = [
        Difference(kind=Kind.TYPED, tag=one.tag, shown=one.shown, expected=one.expected, context=one.context)
        for one in contradictions(docx, figures, edition)
    ]
    return (*tied, *charts, *typed)


def _wrong_charts(parts: Mapping[str, bytes], figures: Mapping[str, Figure]) -> tuple[Difference, ...]:
    """A difference for each of our charts whose columns are not the units' numbers any more."""
    found = []
    for key, told, name in charts_in(parts):
        if key not in figures or not is_right(parts[name], name, figures[key]):
            kind = Kind.STALE if key in figures else Kind.ORPHAN
            found.append(Difference(kind=kind, tag=f"{key}@{BLOCK}", shown="", expected="", context=told))
    return tuple(found)


def _compare(anchor: Anchor, figures: Mapping[str, Figure], edition: Edition) -> Difference | None:
    try:
        value = value_of(figures, anchor.tag)
    except NoSuchFigure:
        return _difference(Kind.ORPHAN, anchor, "")
    if _is_right(anchor.text, value, anchor.tag, edition):
        return None
    kind = Kind.STALE if anchor.text == anchor.written else Kind.EDITED
    named = anchor.key == ROUND and anchor.block.startswith(ABSENT)
    expected = _name(anchor.text, value) if named else shown(value, anchor.tag, edition)
    return _difference(kind, anchor, expected)


def _is_right(text: str, value: Decimal | None, tag: str, edition: Edition) -> bool:
    if split(tag)[1].startswith(ABSENT):
        return text == _name(text, value)
    return text in accepted(value, tag, edition)


def _name(text: str, value: Decimal | None) -> str:
    """The name of a unit that had not sent, with a word added when it has sent since."""
    since = words("word")["anchor"]["sent_since"]
    name = text.removesuffix(since)
    return name + since if value else name


def _difference(kind: Kind, anchor: Anchor, expected: str) -> Difference:
    return Difference(kind=kind, tag=anchor.tag, shown=anchor.text, expected=expected, context=anchor.context)


def sentence(difference: Difference, edition: Edition) -> str:
    """One Vietnamese sentence for the user: where, what stands there, what it should be."""
    if difference.kind is Kind.UNTIED:
        return str(words("word")["differences"]["untied"])
    key, block = split(difference.tag)
    known = key in edition.by_key
    name: str = difference.kind
    if key == ROUND and difference.kind is not Kind.ORPHAN:
        name = "absent" if block.startswith(ABSENT) else "round"
    if block == BLOCK:
        name = "chart"
    form, _, code = key.partition("/")
    line = without_controls(difference.context)
    return words("word")["differences"][name].format(
        context=line if len(line) <= _CONTEXT else f"{line[: _CONTEXT - 1]}…",
        shown=difference.shown,
        expected=difference.expected,
        tag=difference.tag,
        form=form,
        code=edition.by_key[key].code if known else code,
    )


def refresh(
    docx: bytes, figures: Mapping[str, Figure], edition: Edition, names: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """The same file with its tied numbers brought up to date; wording, and parts without a change, stay as they are.

    Charts are drawn anew where their numbers changed; ``names``: unit code -> name under its column. Orphans stay too.
    Raises WordFileError for a digitally signed file: a change would void the signature.
    """
    parts = read_package(docx)
    if is_signed(parts):
        raise WordFileError("word-signed")
    renewed = dict(parts)
    for name, root in text_parts(parts):
        if any([_renew(control, figures, edition) for control in controls(root)]):
            renewed[name] = serialise(root)
    for key, told, name in charts_in(parts):
        if key in figures and not is_right(parts[name], name, figures[key]):
            renewed[name] = chart_part(told, columns_of(figures[key], names))
    return write_package(renewed) if renewed != parts else docx


def _renew(control: etree._Element, figures: Mapping[str, Figure], edition: Edition) -> bool:
    """Bring one control up to date; tells whether anything changed."""
    tag, now = tag_of(control), shown_in(control)
    try:
        value = value_of(figures, tag)
    except NoSuchFigure:
        return False
    text = now if _is_right(now, value, tag, edition) else _in_the_same_way(now, value, control, tag, edition)
    named = title(tag, text)
    if text == now and property_of(control, "alias") == named:
        return False
    set_property(control, "alias", named)
    if text != now:
        show(control, text)
    return True


def _in_the_same_way(now: str, value: Decimal | None, control: etree._Element, tag: str, edition: Edition) -> str:
    """The new number in the manner of the old text: bare in a table, or with the verb that stood in the control."""
    if split(tag)[1].startswith(ABSENT):
        return _name(now, value)
    table = next(control.iterancestors(f"{W}tc"), None) is not None and not (is_percent(tag, edition) and "%" in now)
    said = shown(value, tag, edition, table=table)
    for way in words("word")["forms"].values():
        before, _, after = way["many"].partition("{n}")
        alone = now in (way["missing"], way["zero"]) and "{n}" not in now
        if before and (alone or (now.startswith(before) and now.endswith(after))):
            if value is None:
                return way["missing"]
            return (way["zero"] if value == 0 else way["many"]).format(n=said)
    return said

"""A chart in a Word text: one column a unit for one row, drawn by Word itself from numbers kept in the file.

Its numbers are tied too: the drawing names the row, so that ``verify`` can hold the columns against the master and
``refresh`` can draw them anew.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from posixpath import join, normpath
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Figure, ReportingUnit
from cchc_xl.number import HUNDRED, round_half_up, tidy, vietnamese
from cchc_xl.text import without_controls
from cchc_xl.word.package import DOCUMENT, WordFileError, parse, serialise

MOST = 40  # units; above, the names under the columns can't be read
FEWEST = 2
BLOCK = "units"  # of the tag: 3/3.3@units
_NAME = "CCHC "  # how the drawing of a row is named
_WIDTH, _HEIGHT = 5_760_000, 2_520_000  # EMU: 160 by 70 mm
_LONGEST = 28  # characters of a name under its column
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_TYPE_PART = "[Content_Types].xml"
_DECIMALS = 1
_BAR, _GRID = "2F75B5", "D9D9D9"

Columns = Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A chart to stand in the text. ``title`` is read aloud in its place; ``part``: its XML."""

    key: str
    title: str
    part: bytes

    def __str__(self) -> str:
        return ""


def columns_of(figure: Figure, names: Mapping[str, str]) -> Columns:
    """(name, number as printed) of every unit that gave one, in roster order. ``names``: unit code -> name."""
    return [(names.get(part.unit, part.unit), tidy(round_half_up(part.value, _DECIMALS))) for part in figure.parts]


def drawn(key: str, title: str, columns: Columns) -> Drawn | None:
    """The chart of one row; None for too few units, or too many to be read."""
    if not FEWEST <= len(columns) <= MOST:
        return None
    return Drawn(key=key, title=title, part=chart_part(title, columns))


def chart_part(title: str, columns: Columns) -> bytes:
    """The chart as Word keeps it. The same columns give the same bytes."""
    names = "".join(
        f'<c:pt idx="{at}"><c:v>{escape(_clipped(name))}</c:v></c:pt>' for at, (name, _) in enumerate(columns)
    )
    numbers = "".join(f'<c:pt idx="{at}"><c:v>{value:f}</c:v></c:pt>' for at, (_, value) in enumerate(columns))
    count, last = len(columns), len(columns) + 1
    most = max((value for _, value in columns), default=HUNDRED)
    top = f'<c:max val="{HUNDRED}"/>' if most <= HUNDRED else ""
    body = _BODY.format(
        title=escape(title), names=names, numbers=numbers, count=count, last=last, top=top, bar=_BAR, grid=_GRID
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{body}'.encode()


def _clipped(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def drawing(one: Drawn, relation: str, identity: int) -> etree._Element:
    """The run that shows the chart in line with the text. ``relation``: of the chart's part."""
    return etree.fromstring(
        f'<w:r xmlns:w="{_W}"><w:drawing><wp:inline xmlns:wp="{_WP}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{_WIDTH}" cy="{_HEIGHT}"/>'
        f'<wp:docPr id="{identity}" name={quoteattr(_NAME + one.key)} descr={quoteattr(one.title)}/>'
        f'<a:graphic xmlns:a="{_A}"><a:graphicData uri="{_C}">'
        f'<c:chart xmlns:c="{_C}" xmlns:r="{_R}" r:id="{relation}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def with_charts(parts: Mapping[str, bytes], name: str, made: Mapping[str, Drawn]) -> dict[str, bytes]:
    """The package with the charts of one text part. ``made``: relation id -> chart."""
    found, folder = dict(parts), name.rpartition("/")[0]
    relations_name = f"{folder}/_rels/{name.rpartition('/')[2]}.rels"
    empty = f'<Relationships xmlns="{_RELATIONS}"/>'.encode()
    relations = parse(found.get(relations_name, empty), relations_name)
    types = parse(found.get(_TYPE_PART, b""), _TYPE_PART)
    for relation, one in made.items():
        part = f"{folder}/charts/{relation}.xml"
        found[part] = one.part
        attributes = {"Id": relation, "Type": f"{_R}/chart", "Target": f"charts/{relation}.xml"}
        etree.SubElement(relations, f"{{{_RELATIONS}}}Relationship", attributes)
        etree.SubElement(types, f"{{{_TYPES}}}Override", {"PartName": f"/{part}", "ContentType": _CHART_TYPE})
    found[relations_name], found[_TYPE_PART] = serialise(relations), serialise(types)
    return found


def charts_in(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """(key, title, name of the part) of each of our charts in the body.

    LibreOffice drops the name of the drawing; then the chart is known by its title, which says form and row.
    """
    relations_name = "word/_rels/document.xml.rels"
    if relations_name not in parts:
        return
    targets = {one.get("Id"): one.get("Target", "") for one in parse(parts[relations_name], relations_name)}
    for frame in parse(parts[DOCUMENT], DOCUMENT).iter(f"{{{_WP}}}inline", f"{{{_WP}}}anchor"):
        about, chart = frame.find(f"{{{_WP}}}docPr"), next(frame.iter(f"{{{_C}}}chart"), None)
        if about is None or chart is None:
            continue
        part = normpath(join("word", targets.get(chart.get(f"{{{_R}}}id"), ""))).lstrip("/")
        name, told = about.get("name", ""), about.get("descr", "")
        if part in parts and not name.startswith(_NAME):
            told = _title_in(parts[part], part)
            found = _title_pattern().fullmatch(told)
            name = f"{_NAME}{found['form']}/{found['code']}" if found else ""
        if part in parts and name:
            yield name.removeprefix(_NAME), told, part


def _title_in(part: bytes, name: str) -> str:
    """The title as printed; "" for a chart that can't be read."""
    try:
        root = parse(part, name)
    except WordFileError:
        return ""
    title = root.find(f"{{{_C}}}chart/{{{_C}}}title")
    return "" if title is None else "".join(text.text or "" for text in title.iter(f"{{{_A}}}t"))


@cache
def _title_pattern() -> re.Pattern[str]:
    pattern = re.escape(words("word")["phrases"]["chart"])
    for blank, form in {"label": ".*", "form": r"(?P<form>\d+)", "code": r"(?P<code>[\d.]+)"}.items():
        pattern = pattern.replace(re.escape(f"{{{blank}}}"), form)
    return re.compile(pattern, re.DOTALL)


def names_of(units: Iterable[ReportingUnit]) -> dict[str, str]:
    """Unit code -> its name under a column."""
    named = {unit.code: without_controls(unit.full_name) for unit in units}
    return {code: name[:1].upper() + name[1:] for code, name in named.items()}


def is_right(part: bytes, name: str, figure: Figure) -> bool:
    """Whether the columns show the units' numbers of the figure, in their order."""
    wanted = tuple(vietnamese(value, _DECIMALS) for _, value in columns_of(figure, {}))
    return values_in(part, name) == wanted


def values_in(part: bytes, name: str) -> tuple[str, ...]:
    """The columns' numbers as a person reads them, in order; () for a chart that can't be read."""
    try:
        root = parse(part, name)
    except WordFileError:
        return ()
    texts = [point.findtext(f"{{{_C}}}v") or "" for point in root.iterfind(f".//{{{_C}}}val//{{{_C}}}pt")]
    try:
        return tuple(vietnamese(Decimal(text), _DECIMALS) for text in texts)
    except ArithmeticError:
        return ()


_FONT = '<a:latin typeface="Times New Roman"/><a:cs typeface="Times New Roman"/>'
_AXIS = (
    '<c:delete val="0"/><c:axPos val="{{place}}"/>{{grid_lines}}'
    '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
    '<c:tickLblPos val="nextTo"/>'
    '<c:txPr><a:bodyPr{{turn}}/><a:p><a:pPr><a:defRPr sz="900">' + _FONT + "</a:defRPr></a:pPr>"
    '<a:endParaRPr lang="vi-VN"/></a:p></c:txPr>'
)
_BODY = (
    f'<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}">'
    '<c:roundedCorners val="0"/><c:chart>'
    '<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="1100" b="1">' + _FONT + "</a:defRPr></a:pPr>"
    '<a:r><a:rPr lang="vi-VN" sz="1100" b="1">' + _FONT + "</a:rPr><a:t>{title}</a:t></a:r></a:p></c:rich></c:tx>"
    '<c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>'
    '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
    '<c:ser><c:idx val="0"/><c:order val="0"/>'
    '<c:spPr><a:solidFill><a:srgbClr val="{bar}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>'
    '<c:dLbls><c:numFmt formatCode="General" sourceLinked="0"/><c:spPr><a:noFill/></c:spPr>'
    '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="800">' + _FONT + "</a:defRPr></a:pPr>"
    '<a:endParaRPr lang="vi-VN"/></a:p></c:txPr><c:dLblPos val="outEnd"/>'
    '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
    '<c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    '<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${last}</c:f><c:strCache><c:ptCount val="{count}"/>{names}</c:strCache>'
    "</c:strRef></c:cat>"
    "<c:val><c:numRef><c:f>Sheet1!$B$2:$B${last}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
    '<c:ptCount val="{count}"/>{numbers}</c:numCache></c:numRef></c:val></c:ser>'
    '<c:gapWidth val="60"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
    '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling>'
    + _AXIS.format().format(place="b", grid_lines="", turn=' rot="-5400000" vert="horz"')
    + '<c:crossAx val="2"/><c:crosses val="autoZero"/></c:catAx>'
    '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/>{top}<c:min val="0"/></c:scaling>'
    + _AXIS.format().format(
        place="l",
        grid_lines='<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="'
        + _GRID
        + '"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>',
        turn="",
    )
    + '<c:crossAx val="1"/><c:crosses val="autoZero"/></c:valAx>'
    '</c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>'
)

"""The yellow boxes of notes (VML): where they stand, how large; read and changed as text, for Excel's VML is no XML."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cchc_xl.workbook.incoming.sheet_in import position
from cchc_xl.workbook.marking.patching import Element, Patch

VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
WIDTH = 320  # pixels
_LINE, _LETTERS, _LEAST, _MOST = 17, 50, 60, 420  # pixels a line, letters a line, lowest and highest box
_GAP = 12
_COLUMN, _ROW = 64, 20  # pixels where the sheet says nothing
_BLOCK = 1024  # shape numbers of one drawing

_SPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_EMPTY = f'<xml {_SPACES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{{block}}"/></o:shapelayout></xml>'
_TYPE_ID = "_x0000_t202"
_SHAPE_TYPE = (
    f'<v:shapetype {{spaces}}id="{_TYPE_ID}" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    f'<v:shape {{spaces}}id="_x0000_s{{number}}" type="#{_TYPE_ID}" style="position:absolute;width:{{width}}pt;'
    'height:{height}pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:Locked>False</x:Locked><x:AutoFill>False</x:AutoFill><x:LockText>False</x:LockText>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_CLOSE = re.compile(r"</(?:\w+:)?xml\s*>\s*$")
_SHAPES = re.compile(r"<(?P<v>\w+:)?shape\b(?!type).*?</(?P=v)shape\s*>", re.S)
_SHAPE_NUMBER = re.compile(r"_s(\d{1,9})[\"']")
_IDMAP = re.compile(r"idmap\b[^>]*\bdata\s*=\s*[\"']([\d, ]+)[\"']")
_ROW_OF, _COLUMN_OF = (re.compile(rf"<(?:\w+:)?{name}>\s*(\d+)\s*<") for name in ("Row", "Column"))
_IS_NOTE = re.compile(r"ObjectType\s*=\s*[\"']Note[\"']")


class Box(NamedTuple):
    """A box to add: the cell of its note and the note's text, for its size."""

    cell: str
    text: str


def new_drawing(blocks: Iterable[int]) -> str:
    """A drawing without shapes, its numbers apart from those of the workbook's other drawings."""
    return _EMPTY.format(block=max(blocks, default=0) + 1)


def blocks_of(vml: str) -> tuple[int, ...]:
    """The blocks of shape numbers that a drawing has taken."""
    return tuple(int(one) for found in _IDMAP.findall(vml) for one in re.findall(r"\d{1,6}", found))


def with_boxes(vml: str, boxes: Iterable[Box], grid: "Grid") -> str | None:
    """The drawing with boxes added; None when it has no end where they could stand."""
    end = _CLOSE.search(vml)
    if end is None:
        return None
    spaces = "" if all(space in vml[: vml.find(">")] for space in _SPACES.split()) else f"{_SPACES} "
    added = [] if f'"{_TYPE_ID}"' in vml else [_SHAPE_TYPE.format(spaces=spaces)]
    number = max([int(one) for one in _SHAPE_NUMBER.findall(vml)], default=_BLOCK * max(blocks_of(vml), default=1))
    for order, box in enumerate(boxes, start=1):
        row, column = position(box.cell) or (0, 0)
        high = _height(box.text)
        added.append(
            _SHAPE.format(
                spaces=spaces,
                number=number + order,
                width=WIDTH * 3 // 4,
                height=high * 3 // 4,
                order=order,
                anchor=grid.anchor(row, column, high),
                row=row,
                column=column,
            )
        )
    return vml[: end.start()] + "".join(added) + vml[end.start() :]


def without_boxes(vml: str, cells: Iterable[str]) -> str:
    """The drawing without the boxes of these cells' notes."""
    gone = {position(cell) for cell in cells}
    return _SHAPES.sub(lambda found: "" if _cell_of(found[0]) in gone else found[0], vml)


def boxed(vml: str) -> frozenset[tuple[int, int]]:
    """The cells (0-based row and column) whose notes have a box."""
    return frozenset(cell for found in _SHAPES.finditer(vml) if (cell := _cell_of(found[0])) is not None)


def _cell_of(shape: str) -> tuple[int, int] | None:
    row, column = _ROW_OF.search(shape), _COLUMN_OF.search(shape)
    return (int(row[1]), int(column[1])) if row and column and _IS_NOTE.search(shape) else None


def _height(text: str) -> int:
    lines = sum(1 + len(line) // _LETTERS for line in text.split("\n")) + 1
    return min(max(lines * _LINE, _LEAST), _MOST)


class Grid:
    """Widths and heights of a sheet's columns and rows in pixels, for the anchors of boxes."""

    def __init__(self, patch: Patch, root: Element) -> None:
        self._columns: list[tuple[int, int, int]] = [
            (int(one.get("min", "1")), int(one.get("max", "1")), _pixels(one, "width", 7, 5))
            for one in root.iterfind(f"{patch.tag('cols')}/{patch.tag('col')}")
            if one.get("width")
        ]
        self._rows: Mapping[int, int] = {
            int(one.get("r", "0")) - 1: _pixels(one, "ht", 4 / 3, 0)
            for one in root.iterfind(f"{patch.tag('sheetData')}/{patch.tag('row')}")
            if one.get("ht") and (one.get("r") or "").isdecimal()
        }

    def anchor(self, row: int, column: int, height: int) -> str:
        """Left column, offset, top row, offset, right column, offset, bottom row, offset: right of the cell."""
        left, top = column + 1, max(row - 1, 0)
        right, across = self._walk(left, _GAP + WIDTH, self._width)
        bottom, down = self._walk(top, 4 + height, self._height)
        return f"{left}, {_GAP}, {top}, 4, {right}, {across}, {bottom}, {down}"

    def _walk(self, start: int, pixels: int, size_of) -> tuple[int, int]:
        at = start
        while pixels >= size_of(at) and at < start + 200:
            pixels -= size_of(at)
            at += 1
        return at, min(pixels, size_of(at))

    def _width(self, column: int) -> int:
        return next((wide for low, high, wide in self._columns if low <= column + 1 <= high), _COLUMN)

    def _height(self, row: int) -> int:
        return self._rows.get(row, _ROW)


def _pixels(element: Element, name: str, factor: float, extra: int) -> int:
    if element.get("hidden") in ("1", "true"):
        return 0
    try:
        return max(0, min(int(float(element.get(name, "0")) * factor) + extra, 2000))
    except (ValueError, OverflowError):
        return _ROW

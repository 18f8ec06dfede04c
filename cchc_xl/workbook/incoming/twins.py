"""A second column of values beside the one that is read: another column under the head of values, in the same rows.

Somebody who copies the column with its head, or makes the cell names point into a copy of it, leaves two numbers in a
row. Which one was meant only a person knows: both are taken as places of the row, and two that differ are said.
"""

from collections.abc import Mapping

from cchc_xl.workbook.incoming.rows_in import LONGEST_HEAD, Labels
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.spots import Spot


def with_twins(spots: Mapping[str, tuple[Spot, ...]], labels: Labels) -> dict[str, tuple[Spot, ...]]:
    """The same places, each with those of its row under the other heads of values where something stands."""
    heads: dict[str, frozenset[int]] = {}
    for ones in spots.values():
        for spot in ones:
            if spot.sheet.name not in heads:
                heads[spot.sheet.name] = _columns(spot.sheet, labels)
    if all(len(columns) < 2 for columns in heads.values()):
        return dict(spots)
    return {key: (*ones, *_twins(ones, heads, labels)) for key, ones in spots.items()}


def _columns(sheet: SheetIn, labels: Labels) -> frozenset[int]:
    """Columns with a head of values anywhere."""
    texts = {text for kind, text, _, _ in sheet.cells.values() if kind != "n"}
    known = labels.value_heads.find
    maybe = [text for text in texts if text and known(text) is not False]
    heads = {text for text in maybe if _is_head(text, labels)}
    return frozenset(column for (_, column), cell in sheet.cells.items() if cell[1] in heads and cell[0] != "n")


def _is_head(text: str, labels: Labels) -> bool:
    if labels.value_heads.find(text):
        return True
    is_head = len(text) < LONGEST_HEAD and labels.is_value_head(text)
    return labels.value_heads.keep(text, is_head, 2 * len(text) + 200)


def _twins(ones: tuple[Spot, ...], heads: Mapping[str, frozenset[int]], labels: Labels) -> tuple[Spot, ...]:
    taken = {(spot.sheet.name, spot.row, spot.column) for spot in ones}
    found: list[Spot] = []
    for spot in ones:
        for column in sorted(heads[spot.sheet.name]):
            place = (spot.sheet.name, spot.row, column)
            if place in taken or not spot.sheet.text_at(spot.row, column).strip():
                continue
            if _same_table(spot, column, labels):
                taken.add(place)
                found.append(spot._replace(column=column))
    return tuple(found)


def _same_table(spot: Spot, column: int, labels: Labels) -> bool:
    """Forms may stand side by side: then labels of the next one stand between the columns."""
    first, last = sorted((spot.column, column))
    return not any(labels.named_by(spot.sheet.text_at(spot.row, at)) for at in range(first + 1, min(last, first + 64)))

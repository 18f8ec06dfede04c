"""Formulas going out with the value they show, so that a file looks right before any program recalculates it."""

from typing import Any


class _EmptyText(str):
    """An empty text that XlsxWriter stores as text, as Excel does itself; for a plain "" it leaves the type out."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return super().__hash__()


EMPTY = _EmptyText()


def write_formula(sheet: Any, row: int, column: int, formula: str, look: Any, shown: float | str) -> None:
    """Write ``formula`` (with "=") and the value it shows; "" where it shows nothing."""
    sheet.write_formula(row, column, formula, look, EMPTY if shown == "" else shown)

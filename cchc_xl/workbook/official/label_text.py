"""The printed texts of a row in stretches and lines, as the paper form has them."""

import re

from cchc_xl.model import Indicator
from cchc_xl.workbook.official.row_heights import Run

_AFTER_A_CODE = re.compile(r"(= \d+;?) ")


def unit_lines(unit: str) -> str:
    """A unit that lists its codes has one on each line: ``Không = 0`` above ``Có = 1``, as on paper."""
    return _AFTER_A_CODE.sub(r"\1\n", unit)


def label_runs(row: Indicator) -> tuple[Run, ...]:
    """The label in stretches of one look each: (text, bold, italic)."""
    bold, italic = _stretch(row.label, row.bold), _stretch(row.label, row.italic)
    runs: list[Run] = []
    for number, letter in enumerate(row.label):
        look = (number in bold, number in italic)
        if runs and runs[-1][1:] == look:
            runs[-1] = (runs[-1][0] + letter, *look)
        else:
            runs.append((letter, *look))
    return tuple(runs)


def _stretch(label: str, part: str) -> range:
    start = label.find(part) if part else -1
    return range(start, start + len(part)) if start >= 0 else range(0)

"""Filled workbooks read with formulas, checked and bounded, against python-calamine reading the values of the forms."""

import time
from collections.abc import Callable
from io import BytesIO

from python_calamine import CalamineWorkbook

from cchc_xl.editions.load import load
from cchc_xl.workbook.reader import read

from .peers import FORMS
from .workbooks import units, workbook

MOST = 3.5  # times python-calamine, which reads neither formulas nor the sheets beside the forms
WORKBOOKS, ROUNDS = 3, 15


def _values(content: bytes) -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    for form in FORMS:
        book.get_sheet_by_name(form).to_python()


def _quickest(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of the quickest of many rounds, taken in turns so that a busy machine slows both."""
    best = [1e9, 1e9]
    for _ in range(ROUNDS):
        for number, work in enumerate((first, second)):
            start = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - start)
    return best[0], best[1]


def test_reading_takes_at_most_three_and_a_half_times_the_values_alone():
    edition, patterns = load(), {}
    contents = [workbook(edition, unit, number, patterns) for number, unit in enumerate(units(WORKBOOKS))]
    ours, theirs = _quickest(
        lambda: [read(content, file="x.xlsx") for content in contents],
        lambda: [_values(content) for content in contents],
    )
    assert ours <= MOST * theirs, f"{ours * 1000:.1f} ms against {theirs * 1000:.1f} ms"

"""Coverage-guided fuzzing of the door for numbers: ``python -m tests.fuzz.numbers [-max_total_time=600] [FOLDER]``.

What must hold for any text: no exception; a finite number or a word; the same after it is written and read again.
"""

import sys

import atheris

with atheris.instrument_imports(include=["cchc_xl"]):
    from cchc_xl.editions.load import load
    from cchc_xl.model import Kind
    from cchc_xl.number import LARGEST, from_cell, from_text, vietnamese

KINDS = tuple(Kind)
CHOICES = next(row.choices for row in load().indicators if row.choices)


def one_input(content: bytes) -> None:
    given = atheris.FuzzedDataProvider(content)
    kind, choices = KINDS[given.ConsumeIntInRange(0, len(KINDS) - 1)], CHOICES if given.ConsumeBool() else ()
    text = given.ConsumeUnicode(len(content))
    cell = from_cell(text)
    assert cell is None or (cell.is_finite() and abs(cell) <= LARGEST)
    reading = from_text(text, kind, choices)
    assert (reading.value is None) == bool(reading.word)
    if reading.value is not None:
        assert reading.value.is_finite() and abs(reading.value) <= LARGEST
        if not choices and not (kind in (Kind.PERCENT, Kind.RATIO) and abs(reading.value) >= 1000):
            again = from_text(vietnamese(reading.value), kind)
            assert again.value == reading.value or again.doubt == "number-two-ways", (text, reading, again)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()

"""Addresses and names of the official workbook, and its issued formulas against what Python recomputes."""

import random
from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter

from cchc_xl.model import Cell, State
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook.layout import (
    HELPER_STATE,
    VALUE,
    address,
    column_letters,
    issued_formula,
    key_of_name,
    name_of,
    places,
)
from tests.conftest import SEED, entries_of, seeded_share
from tests.test_relations_excel import STATES, answer

FILLS = 120


def test_columns_and_cells():
    assert [column_letters(column) for column in (0, 3, 25, 26, 701, 702)] == ["A", "D", "Z", "AA", "ZZ", "AAA"]
    assert address(9, 3) == "D10"


def test_every_row_has_a_place_and_a_name_of_its_own(edition):
    where = places(edition)
    assert list(where) == list(edition.by_key)
    assert len({(place.sheet, place.row) for place in where.values()}) == 123
    assert name_of(edition.by_key["3/3.3.1"]) == "BM3_3_3_1"
    for key, indicator in edition.by_key.items():
        assert key_of_name(name_of(indicator)) == key


@pytest.mark.parametrize(
    "name", ["", "BM", "BM3", "BM_1", "BMx_1", "BM3_", "BM3_a", "CCHC_UNIT", "BM²_1", "BM3_²", "_xlnm.Print_Area"]
)
def test_other_names_are_no_rows(name):
    assert key_of_name(name) is None


def test_the_issued_formulas_give_what_python_recomputes(edition, recalculated, share):
    """Ratios and totals over numbers, zeros, blanks, KPS and unreadable text; the same sheet shows the same."""
    where, chance, wanted = places(edition), random.Random(SEED), {}
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for number in seeded_share(range(FILLS), share):
            answers = (row for row in edition.indicators if row.has_cell and row.cell is not Cell.FORMULA)
            entries = entries_of(edition, {row.key: answer(row, chance) for row in answers})
            for form in edition.forms:
                sheet = book.add_worksheet(f"{number}-{form.number}")
                for row in form.indicators:
                    place, entry = where[row.key], entries[row.key]
                    sheet.write(place.row, HELPER_STATE, STATES[entry.state])
                    if row.cell is Cell.FORMULA:
                        sheet.write_formula(place.row, VALUE, "=" + issued_formula(row, where), None, "?")
                        wanted[sheet.name, place.cell()] = recomputed(row, entries)
                    elif entry.state is State.NUMBER:
                        sheet.write_number(place.row, VALUE, float(entry.value))
                    elif entry.raw:
                        sheet.write_string(place.row, VALUE, entry.raw)
    shown = recalculated(stream.getvalue())
    assert {value is None for value in wanted.values()} == {True, False}
    differences = []
    for (sheet, cell), value in wanted.items():
        said = shown[sheet].get(cell) or (0 if shown[sheet].get(cell) == 0 else None)
        if (None if said is None else Decimal(repr(said))) != value:
            differences.append((sheet, cell, said, value))
    assert not differences, f"{len(differences)} of {len(wanted)}: {differences[:10]}"

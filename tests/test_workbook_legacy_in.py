"""Workbooks of other formats (.xls, .xlsb), read by another library in a process of its own: values only.

That library reads .xlsx as well, so the same filled workbook can be read both ways and compared row by row.
"""

import json
from dataclasses import replace

import pytest

from cchc_xl.workbook import reader
from cchc_xl.workbook.incoming import isolated
from cchc_xl.workbook.incoming.kinds import READABLE_ELSEWHERE
from cchc_xl.workbook.incoming.legacy import ValueBook
from cchc_xl.workbook.incoming.package import Limits, Refused
from tests.damage import typed
from tests.filled import facts, filled

pytest.importorskip("python_calamine")
PLENTY = replace(Limits(), seconds=60.0)  # a busy machine


def saying(*sheets: dict) -> str:
    """A child that says this and nothing else."""
    return f"import sys; sys.stdin.buffer.read(); print({json.dumps(json.dumps(sheets))})"


def said(monkeypatch, *sheets: dict, limits: Limits = PLENTY):
    monkeypatch.setattr(isolated, "_CHILD", saying(*sheets))
    return isolated.sheets_of(b"x", limits)


def refused(monkeypatch, *sheets: dict, limits: Limits = PLENTY) -> str:
    with pytest.raises(Refused) as failed:
        said(monkeypatch, *sheets, limits=limits)
    return failed.value.finding


def sheet(*cells: list, more: bool = False) -> dict:
    return {"name": "Biểu 1", "cells": list(cells), "more": more}


def test_what_the_child_says_is_kept_cell_by_cell(monkeypatch):
    assert said(monkeypatch, sheet([0, 1, "n", "21"], [8, 3, "str", "KPS"])) == [
        ("Biểu 1", {(0, 1): ("n", "21"), (8, 3): ("str", "KPS")})
    ]
    assert said(monkeypatch) == []


def test_more_than_a_sheet_may_hold_is_refused_and_a_long_text_is_cut(monkeypatch):
    assert refused(monkeypatch, sheet([0, 0, "n", "1"], more=True)) == "file-too-large"
    ((_, cells),) = said(monkeypatch, sheet([0, 0, "str", "dài" * 9]), limits=replace(PLENTY, text=5))
    assert cells == {(0, 0): ("str", "dàidà")}


@pytest.mark.parametrize(
    "wrong", [{}, {"name": "x", "cells": 5, "more": False}, {"name": "x", "cells": [[1]], "more": 0}]
)
def test_what_is_not_said_as_agreed_is_a_broken_file(monkeypatch, wrong):
    assert refused(monkeypatch, wrong) == "file-broken"


def test_a_file_larger_than_any_form_is_not_given_to_the_child():
    with pytest.raises(Refused) as failed:
        isolated.sheets_of(b"xx", replace(Limits(), packed=1))
    assert failed.value.finding == "file-too-large"


def read_as_values(content: bytes, monkeypatch):
    """As the reader reads a workbook of another format."""
    monkeypatch.setattr(reader, "_kind", lambda *_: READABLE_ELSEWHERE[0])
    monkeypatch.setattr(reader, "Limits", lambda: PLENTY)
    (submission,) = reader.read(content, file="11092.xls")
    return submission


def test_the_same_workbook_read_for_its_values_gives_the_same_facts(monkeypatch):
    (whole,) = reader.read(filled(), file="11092.xlsx")
    values = read_as_values(filled(), monkeypatch)
    differing = {key for key, fact in facts(values).items() if fact != facts(whole)[key]}
    assert not values.refused and differing == set()
    assert all(values.entries[key].intact for key, entry in whole.entries.items() if entry.intact and entry.value)


def test_a_number_typed_over_a_formula_counts_as_typed_there_too(monkeypatch):
    entry = reader.read(filled(), file="x.xlsx")[0].entries["1/2"]
    values = read_as_values(typed(filled(), entry.sheet, entry.cell, 63.6), monkeypatch)
    assert (str(values.entries["1/2"].value), values.entries["1/2"].intact) == ("63.6", False)


def test_such_a_book_knows_sheets_and_texts_and_nothing_of_names_formats_or_macros():
    book = ValueBook(filled(), PLENTY)
    first = book.sheets[0]
    assert book.titled(first.title.upper()) == first and book.titled("không có") is None
    assert book.sheet(first) is book.typed_texts(first) and book.sheet(first).merges == ()
    assert (book.constant("x"), book.active(), book.names, dict(book.properties)) == (None, (), (), {})
    assert not book.formulas_known and not book.formats_known
    assert book.place(None) is None and book.format_kind(3) == book.format_kind(0)
    book.in_time()
    book.forget(first)
    assert book.sheet(first).cells, "everything was read at once"


def test_a_book_without_sheets_is_broken(monkeypatch):
    monkeypatch.setattr(isolated, "_CHILD", saying())
    with pytest.raises(Refused) as failed:
        ValueBook(b"x", PLENTY)
    assert failed.value.finding == "file-broken"

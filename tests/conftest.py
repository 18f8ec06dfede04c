"""What all tests share.

Two speeds of proof: a long proof asks for ``share`` and takes that part of its cases (``seeded_share``). The default
run gets a seeded tenth; ``pytest -m full`` runs the same tests on all cases.

A test that needs a program asks for ``office`` (LibreOffice) or ``chromium``: it is skipped where that is missing, and
fails there when CCHC_REQUIRE_TOOLS=1 (as in .ci/run).
"""

import os
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import hypothesis
import openpyxl
import pytest

from cchc_xl import office as libreoffice
from cchc_xl.editions.load import load
from cchc_xl.model import Cell, Edition, Entry, State
from cchc_xl.number import from_text
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook.layout import places
from tests.mail_servers import authority, imap, smtp, trusted  # noqa: F401 (fixtures)

hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("steady")

SEED = 2022
DATA = Path(__file__).parent / "data"
CASES = Path(__file__).parent / "cases"

Case = TypeVar("Case")
Typed = int | float | str | Decimal
Sheets = dict[str, dict[str, object]]  # sheet -> cell -> value


@pytest.fixture(scope="session", params=[0.1, pytest.param(1.0, marks=pytest.mark.full)], ids=["tenth", "whole"])
def share(request) -> float:
    """How much of a long proof to run: 0.1, or 1.0 under ``-m full``."""
    return request.param


def seeded_share(cases: Sequence[Case], share: float) -> list[Case]:
    """The same part of the cases at every run, at least one, in their order."""
    count = max(1, round(len(cases) * share))
    chosen = random.Random(SEED).sample(range(len(cases)), count)
    return [cases[number] for number in sorted(chosen)]


@pytest.fixture(scope="session")
def edition() -> Edition:
    return load("xa-2022")


@pytest.fixture(scope="session")
def office():
    """The module ``cchc_xl.office`` where LibreOffice is installed."""
    if libreoffice.find() is None:
        reason = "LibreOffice (soffice) is not installed"
        pytest.fail(reason) if os.environ.get("CCHC_REQUIRE_TOOLS") == "1" else pytest.skip(reason)
    return libreoffice


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that runs without a screen."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = "Chromium is not installed"
        pytest.fail(reason) if os.environ.get("CCHC_REQUIRE_TOOLS") == "1" else pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def recalculated(office, tmp_path_factory) -> Callable[[bytes], Sheets]:
    """``recalculated(workbook)``: every value of every sheet after LibreOffice has computed all formulas anew."""

    def recalculate(workbook: bytes) -> Sheets:
        folder = tmp_path_factory.mktemp("recalculated")
        source = folder / "book.xlsx"
        source.write_bytes(workbook)
        return values_of(office.recalculate(source, folder / "out"))

    return recalculate


def values_of(workbook: Path | bytes) -> Sheets:
    """Sheet -> cell -> stored value, as openpyxl sees them."""
    stream = BytesIO(workbook if isinstance(workbook, bytes) else workbook.read_bytes())
    book = openpyxl.load_workbook(stream, data_only=True)
    return {
        sheet.title: {cell.coordinate: cell.value for row in sheet for cell in row if cell.value is not None}
        for sheet in book.worksheets
    }


def entries_of(edition: Edition, typed: Mapping[str, Typed]) -> dict[str, Entry]:
    """All entries of a workbook in which only these cells were filled: ``{"1/2.1": 33, "1/2.2": 14, "1/2": "63,6"}``.

    Text goes through the number door: "KPS" is none arising, "" blank, "abc" unreadable. A formula cell that is not
    mentioned still has its issued formula and holds what that gives.
    """
    unknown = set(typed) - set(edition.by_key)
    assert not unknown, f"no such rows: {unknown}"
    where = places(edition)
    entries = {}
    for key, indicator in edition.by_key.items():
        place = {"sheet": where[key].sheet, "cell": where[key].cell()}
        intact = indicator.cell is Cell.FORMULA and key not in typed
        entries[key] = Entry(key=key, intact=intact, **place, **_answer(edition, key, typed.get(key, "")))
    for _ in range(2):  # totals of totals, ratios of totals
        for key, entry in entries.items():
            value = recomputed(edition.by_key[key], entries) if entry.intact else None
            if value is not None:
                entries[key] = Entry(
                    key=key, state=State.NUMBER, value=value, intact=True, sheet=entry.sheet, cell=entry.cell
                )
    return entries


def _answer(edition: Edition, key: str, typed: Typed) -> dict[str, object]:
    if not isinstance(typed, str):
        return {"state": State.NUMBER, "value": Decimal(str(typed)), "raw": str(typed)}
    indicator = edition.by_key[key]
    reading = from_text(typed, indicator.kind, indicator.choices)
    state = State(reading.word) if reading.word else State.NUMBER
    return {"state": state, "value": reading.value, "raw": typed or None}

"""A made-up round of any size on disk: a roster, and filled official workbooks whose stored values are right.

The product's own template writes one workbook for each pattern of answers (which rows are answered, which verdicts
hold); for the other units the stored numbers of that workbook are replaced in its sheets, cell by cell, by those of
the unit. What a patched workbook holds is what the template would have written (``test_workbooks.py``).
"""

import csv
import io
import random
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Edition, ReportingUnit
from cchc_xl.workbook.layout import ABOUT, DOCUMENTS, HELPER_VALUE, STATUS, address, sheet_of
from cchc_xl.workbook.official.cell_states import echo_text
from cchc_xl.workbook.official.compared import expected, found
from cchc_xl.workbook.official.plan import Fill, Plan, plan, refs_of, texts
from cchc_xl.workbook.official.status_rows import EXPECTED, FOUND, status_rows
from cchc_xl.workbook.template import build

from ..test_shipped import ROOT, script

PERIOD, SEED = "2022-6T", 20220614
ECHO = 6  # the column of amounts in words
NAME, CODE = "Qqmauqq", "00000qq"  # of the unit that the patterns are written for
OWNER = ReportingUnit(code="H", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)
_STORED = re.compile(r'<c r="([A-Z]+\d+)"[^>]*>(?:<f>[^<]*</f>)?<v>([^<]*)</v></c>')

plausible = script(ROOT / "samples" / "make_samples.py").plausible
Stored = Mapping[tuple[str, str], str]  # (sheet, cell) -> the text of its <v>


@dataclass(frozen=True, slots=True)
class Pattern:
    """One written workbook taken apart. ``parts``: part name -> text, or (texts and cells in turn) for a sheet."""

    parts: Mapping[str, str | tuple[str | tuple[str, str], ...]]

    def filled(self, unit: ReportingUnit, stored: Stored) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
            for name, part in self.parts.items():
                pieces = (part,) if isinstance(part, str) else part
                text = "".join(piece if isinstance(piece, str) else stored[piece] for piece in pieces)
                for mark, word in ((NAME, unit.name), (NAME.upper(), unit.name.upper()), (CODE, unit.code)):
                    text = text.replace(mark, word)
                package.writestr(name, text.encode())
        return out.getvalue()


def make_round(folder: Path, count: int) -> Path:
    """``count`` workbooks in ``folder/nhan-ve``, the last the consolidating unit's; returns the roster's path.

    A folder made before is taken as it is.
    """
    roster, received = folder / "danh-sach.csv", folder / "nhan-ve"
    if roster.exists():
        return roster
    received.mkdir(parents=True, exist_ok=True)
    for unit, content in workbooks(load(), count):
        (received / f"{unit.code}_{PERIOD}.xlsx").write_bytes(content)
    with io.StringIO(newline="") as text:
        rows = csv.writer(text)
        rows.writerow(("unit_code", "unit_name", "type", "level", "parent", "role"))
        rows.writerow((OWNER.code, OWNER.name, OWNER.type, OWNER.level, "", "tổng hợp"))
        rows.writerows((unit.code, unit.name, unit.type, unit.level, OWNER.code, "") for unit in units(count - 1))
        roster.write_text(text.getvalue(), "utf-8")
    return roster


def units(count: int) -> tuple[ReportingUnit, ...]:
    return tuple(
        ReportingUnit(code=f"{10000 + number}", name=f"Bình An {number + 1}", type="xã", level="xã")
        for number in range(count)
    )


def workbooks(edition: Edition, count: int) -> Iterator[tuple[ReportingUnit, bytes]]:
    """(unit, its workbook): ``count - 1`` reporting units, then the consolidating one."""
    patterns: dict[object, Pattern] = {}
    for number, unit in enumerate(units(count - 1)):
        yield unit, workbook(edition, unit, number, patterns)
    own = Fill(answers=plausible(random.Random(SEED)))
    yield OWNER, build(edition, period=period_of(edition, PERIOD), unit=OWNER, consolidating=OWNER, fill=own)


def fill_of(number: int) -> Fill:
    """The answers of the unit with this number: plausible, consistent, unlike the others'."""
    return Fill(answers=plausible(random.Random(SEED + number)))


def workbook(edition: Edition, unit: ReportingUnit, number: int, patterns: dict[object, Pattern]) -> bytes:
    """One unit's workbook; ``patterns`` keeps those written before."""
    planned = _planned(edition, unit, fill_of(number))
    states = tuple(entry.state for entry in planned.entries.values())
    key = (states, tuple(planned.verdicts.items()))
    if key not in patterns:
        mark = ReportingUnit(code=CODE, name=NAME, type=unit.type, level=unit.level)
        whole = build(edition, period=period_of(edition, PERIOD), unit=mark, consolidating=OWNER, fill=fill_of(number))
        patterns[key] = _taken_apart(whole, edition, set(_stored(planned)))
    return patterns[key].filled(unit, _stored(planned))


def _planned(edition: Edition, unit: ReportingUnit, fill: Fill) -> Plan:
    period = period_of(edition, PERIOD)
    return plan(edition, period=period, unit=unit, consolidating=OWNER, level=unit.level, fill=fill)


def _stored(planned: Plan) -> dict[tuple[str, str], str]:
    """Every stored value that depends on the numbers, as XlsxWriter writes it."""
    stored: dict[tuple[str, str], str] = {}
    for row in planned.edition.indicators:
        place, amount = planned.place[row.key], planned.entries[row.key].amount
        if not row.has_cell or amount is None:
            continue
        issued = planned.entries[row.key].intact
        if planned.typed(row.key) is not None or issued:
            stored[place.sheet, place.cell()] = _float(amount) if issued else f"{float(amount):.16G}"
        stored[place.sheet, place.cell(HELPER_VALUE)] = _float(amount)
        stored[place.sheet, place.cell(ECHO)] = echo_text(row, planned.state(row.key), amount)
    names, rows = texts()["sheets"], status_rows(planned.edition, planned.rules, planned.level)
    refs = refs_of(planned.place, "")
    for rule in rows.order:
        for column, number in ((FOUND, found(rule, planned, refs)), (EXPECTED, expected(rule, planned, refs))):
            if number[1] is not None:
                stored[names[STATUS], address(rows.rows[rule.id], column)] = _float(number[1])
    counted = planned.amount(str(planned.edition.words.get("documents_key", "")) or "1/1")
    if counted is not None:
        stored[names[DOCUMENTS], "G4"] = _float(counted)
    return stored


def _float(value: object) -> str:
    return str(float(value))


def _taken_apart(content: bytes, edition: Edition, cells: set[tuple[str, str]]) -> Pattern:
    names = texts()["sheets"]
    order = [names[ABOUT], *(sheet_of(edition, form) for form in edition.forms), names[DOCUMENTS]]
    order += [name for kind, name in names.items() if kind not in (ABOUT, DOCUMENTS)]
    parts: dict[str, str | tuple[str | tuple[str, str], ...]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            text = package.read(name).decode()
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            parts[name] = _pieces(text, order[int(number[1]) - 1], cells) if number else text
    return Pattern(parts)


def _pieces(text: str, sheet: str, cells: set[tuple[str, str]]) -> tuple[str | tuple[str, str], ...]:
    pieces: list[str | tuple[str, str]] = []
    done = 0
    for match in _STORED.finditer(text):
        place = (sheet, match[1])
        if place in cells and 't="s"' not in match[0]:
            pieces += [text[done : match.start(2)], place]
            done = match.end(2)
    return (*pieces, text[done:])

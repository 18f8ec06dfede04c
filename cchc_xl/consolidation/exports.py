"""The figures as JSON and the facts as CSV, in the shapes that outside scripts rely on."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal

from cchc_xl.editions.catalogue import remark_sentence
from cchc_xl.model import Consolidation, Counted, Figure, Part

CSV_HEADER = ("unit_code", "unit_name", "key", "state", "value", "file", "sha256", "sheet", "cell")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def figures_json(consolidation: Consolidation) -> bytes:
    """``figures.json``: every indicator that is no heading, unrounded (floats have 15 to 17 digits)."""
    figures = {key: _figure(figure) for key, figure in consolidation.figures.items()}
    return (json.dumps(figures, ensure_ascii=False, indent=1) + "\n").encode()


def plain(value: Decimal | None) -> int | float | None:
    """A number as JSON has it: whole ones as integers."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _figure(figure: Figure) -> dict[str, object]:
    made: dict[str, object] = {
        "method": figure.method.value,
        "communes": plain(figure.communes),
        "own": plain(figure.own),
        "whole": plain(figure.whole),
        "n": figure.n,
        "N": figure.N,
        "parts": [_part(part) for part in figure.parts],
        "remarks": [remark.name for remark in figure.remarks],
        "remark_texts": [remark_sentence(remark) for remark in figure.remarks],
    }
    if figure.distribution is not None:
        made["distribution"] = {str(value): count for value, count in figure.distribution.items()}
    if figure.method.value == "same":
        made["deviators"] = [{"unit": part.unit, "value": plain(part.value)} for part in figure.deviators]
    if figure.method.value == "bounds":
        made["bounds"] = [plain(bound) for bound in figure.bounds] if figure.bounds else None
    return made


def _part(part: Part) -> dict[str, object]:
    return {
        "unit": part.unit,
        "value": plain(part.value),
        "file": part.file,
        "sheet": part.sheet,
        "cell": part.cell,
    }


def facts_csv(consolidation: Consolidation) -> bytes:
    """``so-lieu.csv``: one row per counted submission and key, UTF-8 with BOM, ``.`` decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    for counted in (*consolidation.units, *((consolidation.own,) if consolidation.own else ())):
        writer.writerows(_rows(counted))
    return text.getvalue().encode("utf-8-sig")


def _rows(counted: Counted) -> Iterator[tuple[str, ...]]:
    if counted.submission is None:
        return
    for key, entry in counted.submission.entries.items():
        source = counted.sources[key]
        value = "" if entry.value is None else f"{entry.value:f}"
        yield (
            inert(counted.unit.code),
            inert(counted.unit.title),
            key,
            entry.state.value,
            value,
            inert(source.file),
            inert(source.sha256),
            inert(entry.sheet),
            inert(entry.cell),
        )


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before a formula's first character."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text

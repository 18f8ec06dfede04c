"""The figures as JSON and the facts as CSV, in the shapes that outside scripts rely on."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import BinaryIO

from cchc_xl.consolidation.corrections import sent_text
from cchc_xl.editions.catalogue import remark_sentence
from cchc_xl.model import Consolidation, Counted, Figure, Part
from cchc_xl.relations.corrected import as_sent

CSV_HEADER = ("unit_code", "unit_name", "key", "state", "value", "file", "sha256", "sheet", "cell")
_ONE_A_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",\n    ", ": "))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def figures_json(consolidation: Consolidation) -> bytes:
    """``figures.json``: every indicator that is no heading, unrounded (floats have 15 to 17 digits)."""
    out = io.BytesIO()
    write_figures(consolidation, out)
    return out.getvalue()


def write_figures(consolidation: Consolidation, out: BinaryIO) -> None:
    """The same into a file, figure by figure: of ten thousand units the whole is too much to hold."""
    corrections, lead = _corrections(consolidation), b"{\n"
    for key, figure in consolidation.figures.items():
        made = json.dumps({key: _figure(figure, corrections.get(key, ()))}, ensure_ascii=False, indent=1)
        made = made.replace('"parts": []', f'"parts": {_parts_text(figure)}', 1)
        out.write(lead + made.removeprefix("{\n").removesuffix("\n}").encode())
        lead = b",\n"
    out.write(b"\n}\n" if consolidation.figures else b"{}\n")


def plain(value: Decimal | None) -> int | float | None:
    """A number as JSON has it: whole ones as integers."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _corrections(consolidation: Consolidation) -> dict[str, list[dict[str, object]]]:
    """Key -> whose number the figure takes in otherwise than sent: corrected here, or by the office below."""
    found: dict[tuple[str, str], tuple[str, Decimal | None]] = {}
    for counted in (*consolidation.units, *((consolidation.own,) if consolidation.own else ())):
        for key, entry in counted.submission.entries.items() if counted.submission else ():
            if entry.sent and entry.corrected:
                found[counted.unit.code, key] = (sent_text(entry.sent), entry.value)
    for one in consolidation.corrections:
        sent, _ = found.get((one.unit, one.key), (one.original, None))
        found[one.unit, one.key] = (sent, one.value)
    listed: dict[str, list[dict[str, object]]] = {}
    for (unit, key), (sent, value) in found.items():
        listed.setdefault(key, []).append({"unit": unit, "sent": sent, "value": plain(value)})
    return listed


def _parts_text(figure: Figure) -> str:
    """As ``json.dumps`` indents them there, at a third of its time: each part is a flat object."""
    flat = (_ONE_A_LINE.encode(_part(part))[1:-1] for part in figure.parts)
    inside = ",\n".join(f"   {{\n    {one}\n   }}" for one in flat)
    return f"[\n{inside}\n  ]" if inside else "[]"


def _figure(figure: Figure, corrections: Sequence[dict[str, object]]) -> dict[str, object]:
    made: dict[str, object] = {
        "method": figure.method.value,
        "communes": plain(figure.communes),
        "own": plain(figure.own),
        "whole": plain(figure.whole),
        "n": figure.n,
        "N": figure.N,
        "parts": [],  # by far the most of it: see _parts_text
        "remarks": [remark.name for remark in figure.remarks],
        "remark_texts": [remark_sentence(remark) for remark in figure.remarks],
    }
    if corrections:
        made["corrections"] = list(corrections)
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
    """``so-lieu.csv``: one row per counted submission and key, as sent, UTF-8 with BOM, ``.`` decimals."""
    out = io.BytesIO()
    write_facts(consolidation, out)
    return out.getvalue()


def write_facts(consolidation: Consolidation, out: BinaryIO) -> None:
    """The same into a file, unit by unit."""
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    for counted in (*consolidation.units, *((consolidation.own,) if consolidation.own else ())):
        writer.writerows(_rows(counted))
    text.detach()


def _rows(counted: Counted) -> Iterator[tuple[str, ...]]:
    if counted.submission is None:
        return
    for key in counted.submission.entries:
        entry, source = as_sent(counted.submission.entries, key), counted.sources[key]
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

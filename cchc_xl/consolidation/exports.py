"""The figures as JSON and the facts as CSV, in the shapes that outside scripts rely on."""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO

from cchc_xl.consolidation.corrections import sent_text
from cchc_xl.editions.catalogue import remark_sentence
from cchc_xl.model import Consolidation, Counted, Entry, Figure
from cchc_xl.relations.corrected import as_sent

CSV_HEADER = ("unit_code", "unit_name", "key", "state", "value", "file", "sha256", "sheet", "cell")
Answers = dict[int, tuple[Entry, str, str]]  # id of an entry -> see _answer
_MOST_KEPT = 50_000  # texts met before
_END = "\r\n"
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
    """As ``json.dumps`` indents them there, at a tenth of its time: each part is a flat object of known shape."""
    inside = ",\n".join(
        f'   {{\n    "unit": {_quoted(part.unit)},\n    "value": {plain(part.value)},\n'
        f'    "file": {_quoted(part.file)},\n    "sheet": {_quoted(part.sheet)},\n'
        f'    "cell": {_quoted(part.cell)}\n   }}'
        for part in figure.parts
    )
    return f"[\n{inside}\n  ]" if inside else "[]"


@lru_cache(maxsize=_MOST_KEPT)
def _quoted(text: str) -> str:
    """A text as JSON has it; units, files and cells come again in every figure."""
    return json.dumps(text, ensure_ascii=False)


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


def facts_csv(consolidation: Consolidation) -> bytes:
    """``so-lieu.csv``: one row per counted submission and key, as sent, UTF-8 with BOM, ``.`` decimals."""
    out = io.BytesIO()
    write_facts(consolidation, out)
    return out.getvalue()


def write_facts(consolidation: Consolidation, out: BinaryIO) -> None:
    """The same into a file, unit by unit."""
    answers: Answers = {}
    out.write(codecs.BOM_UTF8 + f"{_csv(*CSV_HEADER)}{_END}".encode())
    for counted in (*consolidation.units, *((consolidation.own,) if consolidation.own else ())):
        out.write("".join(_rows(counted, answers)).encode())


def _rows(counted: Counted, answers: Answers) -> Iterator[str]:
    """A unit's lines. ``answers``: of entries met before, units give the same ones over and over."""
    if counted.submission is None:
        return
    unit = _csv(inert(counted.unit.code), inert(counted.unit.title))
    files: dict[int, str] = {}
    for key in counted.submission.entries:
        entry, source = as_sent(counted.submission.entries, key), counted.sources[key]
        if (answer := answers.get(id(entry))) is None:
            if len(answers) >= _MOST_KEPT:
                answers.clear()
            answer = answers[id(entry)] = _answer(key, entry)
        if (file := files.get(id(source))) is None:
            file = files[id(source)] = _csv(inert(source.file), inert(source.sha256))
        yield f"{unit},{answer[1]},{file},{answer[2]}{_END}"


def _answer(key: str, entry: Entry) -> tuple[Entry, str, str]:
    """The entry itself, so that its id stays its own; what it says; where it stands."""
    value = "" if entry.value is None else f"{entry.value:f}"
    return entry, _csv(key, entry.state.value, value), _csv(inert(entry.sheet), inert(entry.cell))


def _csv(*fields: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=_END).writerow(fields)  # the end of a line is one reason to quote a field
    return text.getvalue().removesuffix(_END)


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before a formula's first character."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text

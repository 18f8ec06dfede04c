"""The outputs of a round held against its originals: every cell of a unit, every sum, every row of the master."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path

from cchc_xl.consolidation.exports import CSV_HEADER
from cchc_xl.editions.catalogue import words
from cchc_xl.files import sha256_of
from cchc_xl.model import Cell, Entry, Method, Submission
from cchc_xl.relations.corrected import as_sent
from cchc_xl.rounds.adding.consolidating import CONSOLIDATED, CONSOLIDATING
from cchc_xl.rounds.keeping.folder import OUTPUTS, Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.pipeline import FACTS, FIGURES, MASTER
from cchc_xl.rounds.reading.originals import read_originals

_LISTED = 20  # problems of one kind: the rest would only echo them

Fact = tuple[str, Decimal | None, str]  # state, value, sha256
Facts = Mapping[tuple[str, str], Fact]  # (unit, key) -> fact


def output_problems(the_round: Round, events: Sequence[Event], names: Mapping[str, str]) -> Iterator[str]:
    """Sentences; none where nothing was consolidated yet. ``names``: the originals of the ledger."""
    home, written = the_round.folder / OUTPUTS, _written(events)
    facts_file, figures_file, master_file = (home / written.get(name, name) for name in (FACTS, FIGURES, MASTER))
    if _cut_short(events, (facts_file, figures_file, master_file)):
        return
    if not facts_file.exists():
        if written or master_file.exists() or figures_file.exists():
            yield words("round")["audit"]["facts_missing"].format(file=str(facts_file))
        return
    facts = _facts(facts_file)
    if facts is None:
        yield words("round")["audit"]["output_unreadable"].format(file=str(facts_file))
        return
    for problems in (
        _against_originals(the_round, facts, names),
        _sums(the_round, facts, figures_file),
        _master(the_round, facts, master_file, figures_file),
    ):
        yield from _first(problems)


def _written(events: Sequence[Event]) -> Mapping[str, str]:
    """Output -> the name it was written under by the last consolidation that was finished."""
    finished = [event for event in events if event.kind == CONSOLIDATED]
    written = finished[-1].body["written"] if finished else {}
    return written if isinstance(written, Mapping) else {}


def _cut_short(events: Sequence[Event], files: Sequence[Path]) -> bool:
    """The last consolidation was not finished, and every output is one of ours, old or new: a rerun completes them."""
    runs = [event for event in events if event.kind in (CONSOLIDATING, CONSOLIDATED)]
    if not runs or runs[-1].kind == CONSOLIDATED:
        return False
    ours = {sha256 for event in runs for sha256 in event.body["outputs"].values()}  # type: ignore[attr-defined]
    return all(sha256_of(file.read_bytes()) in ours for file in files if file.exists())


def _first(problems: Iterator[str]) -> Iterator[str]:
    for number, problem in enumerate(problems):
        if number == _LISTED:
            yield words("round")["audit"]["more"]
            return
        yield problem


def _facts(path: Path) -> Facts | None:
    """``so-lieu.csv`` as written by us; None for anything else."""
    try:
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
        if tuple(rows.fieldnames or ()) != CSV_HEADER:
            return None
        return {
            (row["unit_code"], row["key"]): (
                row["state"],
                Decimal(row["value"]) if row["value"] else None,
                row["sha256"],
            )
            for row in rows
        }
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, InvalidOperation):
        return None


def _against_originals(the_round: Round, facts: Facts, names: Mapping[str, str]) -> Iterator[str]:
    """Each cell read again from the file it came from. Formula cells of a report in parts are computed from all."""
    said = words("round")["audit"]
    sources: dict[str, set[str]] = {}
    for (unit, _), (_, _, sha256) in facts.items():
        sources.setdefault(unit, set()).add(sha256)
    wanted = sorted({sha256 for listed in sources.values() for sha256 in listed if sha256 in names})
    read = read_originals(the_round, {sha256: names[sha256] for sha256 in wanted})
    for (unit, key), (state, value, sha256) in facts.items():
        row = the_round.edition.by_key.get(key)
        if sha256 not in read or row is None:
            yield said["fact_source"].format(unit=unit, file=FACTS, sha256=sha256)
            continue
        if len(sources[unit]) > 1 and row.cell is Cell.FORMULA:
            continue
        entry = _entry(read[sha256], unit, key)
        if entry is None or (entry.state.value, entry.value) != (state, value):
            wrong = f"{entry.state.value} {_number(entry.value)}" if entry else "?"
            blanks = {"unit": unit, "key": key, "value": f"{state} {_number(value)}", "sha256": sha256}
            yield said["fact"].format(file=FACTS, wanted=wrong, **blanks)


def _entry(submissions: Sequence[Submission], unit: str, key: str) -> Entry | None:
    """The entry of this unit: its own part in a master, else the only one there is."""
    own = [one for one in submissions if len(submissions) == 1 or (one.unit and one.unit.code == unit)]
    return as_sent(own[0].entries, key) if own and key in own[0].entries else None


def _sums(the_round: Round, facts: Facts, path: Path) -> Iterator[str]:
    """Added up anew from the units' cells, each sum is what figures.json says."""
    said = words("round")["audit"]
    try:
        figures = json.loads(path.read_text("utf-8"), parse_float=Decimal)
        given = {key: figures[key]["communes"] for key in figures}
        corrected = _corrected_in(figures)
    except (OSError, ValueError, TypeError, KeyError):
        yield said["output_unreadable"].format(file=str(path))
        return
    own = the_round.roster.consolidating
    for row in the_round.edition.indicators:
        if row.method is not Method.SUM:
            continue
        values = [
            _counted(facts[unit, key], corrected.get((unit, key), facts))
            for unit, key in facts
            if key == row.key and unit != (own.code if own else "")
        ]
        known = [value for value in values if value is not None]
        total = sum(known, Decimal(0)) if known else None
        found = given.get(row.key)
        if total != (None if found is None else Decimal(str(found))):
            blanks = {"key": row.key, "value": _number(found), "sum": _number(total)}
            yield said["figure"].format(file=FIGURES, **blanks)


def _corrected_in(figures: Mapping[str, Mapping]) -> dict[tuple[str, str], object]:
    """(unit, key) -> the number that ``figures.json`` takes in instead of the one sent; None: no answer."""
    return {(one["unit"], key): one["value"] for key in figures for one in figures[key].get("corrections", ())}


def _counted(fact: Fact, corrected: object) -> Decimal | None:
    """What one unit adds: its number, or the one that ``figures.json`` says it was corrected to (null: none)."""
    state, value, _ = fact
    if corrected is None or isinstance(corrected, int | Decimal):
        return None if corrected is None else Decimal(corrected)
    return (value if value is not None else Decimal(0)) if state in ("number", "none_arising") else None


def _master(the_round: Round, facts: Facts, path: Path, figures: Path) -> Iterator[str]:
    """The source rows of the master, which all its figures are formulas over."""
    from cchc_xl.workbook.reader import read_file

    said = words("round")["audit"]
    if not path.exists():
        yield said["output_unreadable"].format(file=str(path))
        return
    submissions = read_file(path, roster=the_round.roster, edition=the_round.edition)
    rows = {
        (one.unit.code, key, one.sha256): entry for one in submissions if one.unit for key, entry in one.entries.items()
    }
    if any(one.refused for one in submissions):
        yield said["output_unreadable"].format(file=str(path))
        return
    for (unit, key), (state, value, sha256) in facts.items():
        entry = rows.get((unit, key, sha256))
        entry = entry.sent or entry if entry else None
        found = (entry.state.value, entry.value) if entry else ("?", None)
        if found[0] != state or _stored(found[1]) != _stored(value):
            blanks = {"unit": unit, "key": key, "value": f"{found[0]} {_number(found[1])}"}
            yield said["master_row"].format(file=MASTER, wanted=f"{state} {_number(value)}", **blanks)
    yield from (
        said["master_more"].format(file=MASTER, unit=unit, key=key)
        for (unit, key, _), entry in rows.items()
        if (unit, key) not in facts and entry.answered
    )
    yield from _unfounded(rows, figures)


def _unfounded(rows: Mapping[tuple[str, str, str], Entry], figures: Path) -> Iterator[str]:
    """Corrections stand in the master with their reason, and are the same as those of ``figures.json``."""
    in_master = {(unit, key): entry.value for (unit, key, _), entry in rows.items() if entry.sent and entry.corrected}
    with suppress(OSError, ValueError, TypeError, KeyError):
        listed = _corrected_in(json.loads(figures.read_text("utf-8"), parse_float=Decimal))
        for unit, key in sorted(listed.keys() | in_master.keys()):
            value = in_master.get((unit, key), "?")
            wanted = listed.get((unit, key), "?")
            if value != wanted:
                blanks = {"unit": unit, "key": key, "value": _number(value), "wanted": _number(wanted)}
                yield words("round")["audit"]["correction"].format(file=MASTER, **blanks)


def _stored(value: Decimal | None) -> float | None:
    """A number as a workbook stores it."""
    return None if value is None else float(value)


def _number(value: object) -> str:
    return "" if value is None else f"{value}"

"""What staff corrected in the masters that lie in the folder of outputs: read, put together, never lost.

An edited master stays and the new one goes beside it, so several may hold lines. What a person edited goes before what
only we wrote, and of two edited ones the newer (higher number): it was made from the other. Differences are said.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from cchc_xl.editions.catalogue import sentences, words
from cchc_xl.errors import UsageError, problem_of
from cchc_xl.files import is_as_written, own_outputs
from cchc_xl.model import Consolidation, CorrectionLine, Finding, LineState, Severity
from cchc_xl.relations.corrected import as_sent

_FILE = "number-correction-file"
_ALIKE = 200  # characters: longer texts may have been cut when they were carried on


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Lines found, to be judged, and what is to be said about the files they stand in."""

    lines: tuple[CorrectionLine, ...] = ()
    notices: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Master:
    """One master in the folder. ``number``: 1 for the plain name, else the one in brackets."""

    path: Path
    number: int
    edited: bool


def held_lines(folder: Path, name: str, made: Consolidation, handed_in: Sequence[Path] = ()) -> Held:
    """Every line of ``Điều chỉnh`` in the masters of that name in ``folder``, and numbers typed over our own.

    ``made``: the consolidation they are for, not yet corrected. ``handed_in``: files that were read as reports; what
    others send corrects nothing of ours, under whatever name. Raises UsageError where lines of another period would be
    written over.
    """
    theirs = {*map(os.path.realpath, handed_in)} - {*map(os.path.realpath, own_outputs(folder))}
    found: list[CorrectionLine] = []
    typed: list[CorrectionLine] = []
    notices: list[Finding] = []
    for master in _masters(folder, name):
        lines, offered, said = _read(master, made)
        if os.path.realpath(master.path) in theirs:
            notices += _sent_by_others(master, len(lines) + len(offered))
            continue
        notices += said
        notices += _disagreeing(found, lines) if master.edited else ()
        known = {_about(line) for line in found}
        found += [line for line in lines if _about(line) not in known or not line.unit]
        typed += offered
    found = list(_distinct(found))
    return Held(lines=(*found, *_offered(typed, found)), notices=tuple(notices))


def _about(line: CorrectionLine) -> tuple[str, str]:
    return line.unit[:_ALIKE], line.key[:_ALIKE]


def _masters(folder: Path, name: str) -> list[_Master]:
    """Those a person edited first, the newest first."""
    stem, suffix = re.escape(Path(name).stem), re.escape(Path(name).suffix)
    pattern = re.compile(rf"^{stem}(?: \((\d{{1,6}})\))?{suffix}$")
    found = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        named = pattern.match(path.name)
        if named and path.is_file():
            found.append(_Master(path=path, number=int(named[1] or 1), edited=_is_edited(path)))
    return sorted(found, key=lambda one: (one.edited, one.number), reverse=True)


def _is_edited(path: Path) -> bool:
    try:
        return not is_as_written(path)
    except OSError:
        return True


def _read(
    master: _Master, made: Consolidation
) -> tuple[Sequence[CorrectionLine], Sequence[CorrectionLine], Sequence[Finding]]:
    """(lines, numbers typed over, notices) of one master."""
    from cchc_xl.workbook.incoming.book_in import Book
    from cchc_xl.workbook.incoming.corrections_in import HeadMissing, read_lines
    from cchc_xl.workbook.incoming.identity import carried
    from cchc_xl.workbook.incoming.package import MASTER_LIMITS, UNFORESEEN, Refused
    from cchc_xl.workbook.incoming.typed_over import typed_over

    file, edition = master.path.name, made.edition
    try:
        book = Book(master.path.read_bytes(), MASTER_LIMITS)
        said = carried(book)
        lines = read_lines(book, edition, file)
        if (said.edition, said.period) != (edition.id, made.period.code):
            return (), (), tuple(_of_another(master, said.period, lines))
        return lines, typed_over(book, edition, file, _sent(made)) if master.edited else (), ()
    except HeadMissing:
        return (), (), (_unread(file, words("master")["corrections"]["head_missing"]),)
    except Refused as refusal:
        problem = sentences()[refusal.finding]["message"].format(**{"file": file, **refusal.arguments})
        return (), (), (_unread(file, problem.rstrip(".")),)
    except OSError as error:
        return (), (), (_unread(file, problem_of(error)),)
    except UNFORESEEN as error:
        return (), (), (_unread(file, type(error).__name__),)


def _sent(made: Consolidation) -> dict[tuple[str, str, str], Decimal | None]:
    """(unit code, key, sha256) -> what the unit's workbook says."""
    everyone = (*made.units, *((made.own,) if made.own else ()))
    return {
        (unit.unit.code, key, unit.sources[key].sha256): as_sent(unit.submission.entries, key).amount
        for unit in everyone
        if unit.submission
        for key in unit.submission.entries
    }


def _unread(file: str, problem: str) -> Finding:
    return Finding(id=_FILE, severity=Severity.ERROR, args={"master": file, "problem": problem})


def _of_another(master: _Master, period: str | None, lines: Sequence[CorrectionLine]) -> Iterator[Finding]:
    """Lines of another period are not ours to use, nor to write over: a master nobody edited would be replaced."""
    if lines:
        args = {"master": master.path.name, "period": period or "?", "count": len(lines)}
        if not master.edited:
            raise UsageError("corrections-elsewhere", **args)
        yield Finding(id="number-correction-other", severity=Severity.WARNING, args=args)


def _sent_by_others(master: _Master, count: int) -> tuple[Finding, ...]:
    args = {"master": master.path.name, "count": count}
    return (Finding(id="number-correction-sent", severity=Severity.WARNING, args=args),) if count else ()


def _disagreeing(used: Sequence[CorrectionLine], lines: Iterable[CorrectionLine]) -> Iterator[Finding]:
    """Lines of an older copy that say another number than the one in use."""
    first = {(line.unit, line.key): line for line in reversed(used) if line.unit}
    for line in lines:
        other = first.get((line.unit, line.key))
        if other and (other.value, other.reason, other.source) != (line.value, line.reason, line.source):
            args = {"master": line.file, "place": words("master")["corrections"]["sheet"], "row": line.row}
            args |= {"text": line.value, "used": other.file, "used_row": other.row}
            yield Finding(id="number-correction-older", severity=Severity.NOTE, key=line.key or None, args=args)


def _distinct(lines: Sequence[CorrectionLine]) -> Iterator[CorrectionLine]:
    """Lines without a unit stand in every copy: once each, and not where a person has given them one."""
    seen = {line.origin for line in lines if line.unit and line.origin}
    for line in lines:
        texts = (line.key, line.value, line.reason, line.source, line.who, line.day)
        mark = line.origin or " ".join(text[:_ALIKE] for text in texts)
        if line.unit or mark not in seen:
            yield line
        seen.add(mark)


def _offered(typed: Sequence[CorrectionLine], lines: Sequence[CorrectionLine]) -> Iterator[CorrectionLine]:
    """Numbers typed over that no line stands for yet, each once."""
    told = {line.origin for line in lines if line.origin} | {""}
    said = {(line.unit, line.key, line.value) for line in lines if line.unit}
    for line in typed:
        mark = (line.unit, line.key, line.value)
        if line.origin in told or (line.unit and mark in said):
            continue
        told.add(line.origin)
        said.add(mark)
        yield replace(line, state=LineState.PROPOSED)

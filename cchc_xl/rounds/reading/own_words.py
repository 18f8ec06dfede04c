"""Words that a unit hands in as a Word file beside its workbook: used only beyond doubt, and always said."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import problem_of
from cchc_xl.model import Edition, Finding, ReportingUnit, Roster, Severity, Submission
from cchc_xl.rounds.reading.intake_files import is_document, named
from cchc_xl.workbook.incoming.identity import by_name

if TYPE_CHECKING:
    from cchc_xl.word.own_words import OwnWords

_CODE = re.compile(r"^(\d{2,10})(?=[_\- .]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithWords:
    """``submissions`` in their order, some with words; ``unused``: (Word file, why it says nothing to anybody here).

    ``owners``: for each Word file its unit's code and a name of [own_words] why it is not used; ("", …) for nobody's.
    """

    submissions: tuple[Submission, ...]
    unused: tuple[tuple[str, str], ...] = ()
    owners: tuple[tuple[str, str], ...] = ()


def read_word_files(files: Iterable[tuple[Path, str]], edition: Edition) -> tuple["OwnWords", ...]:
    """(path, name to show) of Word files, as read. A file that is too large or gone is said, never raised."""
    return tuple(_read(path, name, edition) for path, name in files)


def _read(path: Path, name: str, edition: Edition) -> "OwnWords":
    from cchc_xl.word.own_words import OwnWords, read_own_words
    from cchc_xl.word.table_reading import LARGEST_FILE

    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        return OwnWords(file=name, problem="unreadable", args={"problem": problem_of(error)})
    return read_own_words(content, name, edition)


def words_beside(file: Path) -> tuple[tuple[Path, str], ...]:
    """Word files that belong to one workbook by name: of the same stem, or beginning with the same code."""
    code = _code(file.name)
    near: list[Path] = []
    with suppress(OSError, ValueError):  # a folder that can't be listed, a name that no file can have
        near = sorted(filter(is_document, file.parent.iterdir()))
    same = (one for one in near if one.stem.lower() == file.stem.lower() or (code and _code(one.name) == code))
    return tuple((path, named(path)) for path in same)


def with_own_words(
    submissions: Sequence[Submission], files: Sequence["OwnWords"], edition: Edition, roster: Roster | None = None
) -> WithWords:
    """Give each unit the words of its Word file where its workbooks have none.

    Whose a file is, is told by the unit's name in it, or by its own name; both, when they are there, must agree, and
    the period must be the workbook's. Words typed in a workbook are never replaced. A finding ``words-from-file``
    says where words came from, ``words-file-unused`` why a unit's file was left aside.
    """
    made = list(submissions)
    unused: list[tuple[str, str]] = []
    told: list[tuple[str, str]] = []
    owners = [(one, *_owner(one, submissions, edition, roster)) for one in files]
    for one, unit, doubt in owners:
        places = [at for at, sub in enumerate(made) if unit and not sub.refused and _is_of(sub, unit)]
        if not places:
            told.append(("", one.problem or doubt or "unit"))
            unused.append((one.file, reason(told[-1][1], one.args)))
            continue
        rivals = sum(other == unit for _, other, _ in owners) > 1
        typed = any(text.strip() for at in places for text in made[at].words.values())
        if one.problem == "forms" and typed:  # a whole report beside a workbook that lacks nothing
            told.append(("", one.problem))
            continue
        why = one.problem or doubt or _doubt(one, [made[at] for at in places], edition, rivals=rivals, typed=typed)
        told.append((unit, why))
        made[places[0]] = _left_aside(made[places[0]], one, why) if why else _given(made[places[0]], one, edition)
    return WithWords(submissions=tuple(made), unused=tuple(unused), owners=tuple(told))


def reason(name: str, args: Mapping[str, object]) -> str:
    """A phrase of ui/reader.toml [own_words]."""
    return str(words("reader")["own_words"][name]).format(**args)


def _doubt(one: "OwnWords", mine: Sequence[Submission], edition: Edition, *, rivals: bool, typed: bool) -> str:
    if rivals:
        return "several"
    if any(sub.edition != edition.id for sub in mine):
        return "edition"
    if any(sub.period != one.period for sub in mine):
        return "period"
    return "typed" if typed else ""


def _is_of(submission: Submission, unit: str) -> bool:
    return submission.unit is not None and submission.unit.code == unit


def _given(submission: Submission, one: "OwnWords", edition: Edition) -> Submission:
    titles = {part["id"]: part["title"] for part in edition.words["outline"]}  # type: ignore[attr-defined]
    headings = tuple(titles[name] for name in titles if name in one.words)
    args = {"word": one.file, "headings": headings}
    said = Finding(id="words-from-file", severity=Severity.NOTE, args=args)
    return replace(submission, words=dict(one.words), findings=(*submission.findings, said))


def _left_aside(submission: Submission, one: "OwnWords", why: str) -> Submission:
    args = {"word": one.file, "reason": reason(why, one.args)}
    said = Finding(id="words-file-unused", severity=Severity.NOTE, args=args)
    return replace(submission, findings=(*submission.findings, said))


def _owner(
    one: "OwnWords", submissions: Sequence[Submission], edition: Edition, roster: Roster | None
) -> tuple[str, str]:
    """The code of the unit the file is of, and what is doubtful about that; ("", "") when nothing tells it."""
    units = roster or _known(submissions)
    by_file = _by_file(one.file, submissions, units)
    named_unit = by_name(one.units[0], edition, units) if one.units else None
    if one.units and named_unit is None:
        return by_file, "stranger" if by_file else ""
    by_head = named_unit.code if named_unit else ""
    if by_file and by_head and by_file != by_head:
        return by_file, "differ"
    return by_head or by_file, ""


def _by_file(file: str, submissions: Sequence[Submission], units: Roster) -> str:
    """The unit of the workbook of the same name; else the one whose code begins the file's name."""
    stem = Path(file).stem.lower()
    alike = {sub.unit.code for sub in submissions if sub.unit and Path(sub.file).stem.lower() == stem}
    if len(alike) == 1:
        return alike.pop()
    code = _code(Path(file).name)
    return code if code and units.find(code) else ""


def _code(name: str) -> str:
    found = _CODE.match(name)
    return found[1] if found else ""


def _known(submissions: Sequence[Submission]) -> Roster:
    """The units of the workbooks themselves, where no roster is given."""
    seen = {one.unit.code: one.unit for one in submissions if one.unit and one.unit.code}
    return Roster(file="", units=tuple(ReportingUnit(code=code, name=unit.name) for code, unit in seen.items()))

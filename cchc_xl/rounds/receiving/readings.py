"""What the originals say, read by the program of today and remembered in a cache that may be lost at any time."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from cchc_xl.checking.checks import check
from cchc_xl.editions.catalogue import message, words
from cchc_xl.editions.load import available, load
from cchc_xl.editions.severities import resevered
from cchc_xl.files import sha256_of
from cchc_xl.model import Cell, Edition, Finding, Severity, State, Submission
from cchc_xl.relations.rules import trimmed
from cchc_xl.rounds.keeping.archive import original
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import LEDGER
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.reading.originals import read_originals

CACHE = "bo-nho-dem.sqlite"
# Kinds (ui/reader.toml) that somebody may have meant as a workbook; any other kind is no report.
_MEANT = frozenset(
    {"xlsx", "xlsm", "xls", "xlsb", "ods", "xml2003", "encrypted", "broken-zip", "front", "empty", "html", "csv"}
)
IDENTITY = "identity-"
_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".ods", ".csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one unit says in one file. ``kind``: what the file really is, a word of ui/reader.toml [kinds]."""

    kind: str
    meant: bool  # as a workbook
    refused: str = ""  # why it can't be read, as a sentence
    edition: str = ""
    period: str = ""
    unit: str = ""
    name: str = ""
    provisional: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0  # not explained
    explained: Mapping[str, str] = field(default_factory=dict)  # rule of an explained warning -> Giải trình
    said: bool = False  # something stands on its sheet of words
    own: Mapping[str, object] = field(default_factory=dict)  # of a Word file: what it says, as ``OwnWords`` takes it


Readings = Mapping[str, tuple[Reading, ...]]  # sha256 -> one, or one a unit for a master


def readings_of(the_round: Round, names: Mapping[str, str], progress: Progress = quiet) -> Readings:
    """Every wanted original as read. ``names``: sha256 -> the name it came under. Raises RoundError if one is gone."""
    stamp = stamp_of(the_round)
    known = dict(_remembered(the_round.folder, stamp, names))
    missing = {sha: name for sha, name in names.items() if sha not in known}
    if missing:
        made = _read(the_round, missing, progress)
        _remember(the_round.folder, stamp, made)
        known |= made
    return known


def _read(the_round: Round, names: Mapping[str, str], progress: Progress) -> dict[str, tuple[Reading, ...]]:
    from cchc_xl.workbook.incoming.kinds import kind_of

    made: dict[str, tuple[Reading, ...]] = {}
    to_open: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for sha, name in names.items():
        path = original(the_round.folder, sha)
        kinds[sha] = kind_of(path.read_bytes())
        if _is_meant(kinds[sha], name):
            to_open[sha] = name
        else:
            own = _own_words(path, the_round.edition) if kinds[sha] == "docx" else {}
            made[sha] = (Reading(kind=kinds[sha], meant=False, own=own),)
    for sha, found in read_originals(the_round, to_open, progress=progress).items():
        made[sha] = tuple(_reading(one, kinds[sha], the_round) for one in found)
    return made


def _own_words(path: Path, edition: Edition) -> dict[str, object]:
    from cchc_xl.rounds.reading.own_words import read_word_files

    (one,) = read_word_files([(path, "")], edition)
    about = {"period": one.period, "problem": one.problem, "args": dict(one.args)}
    return {"words": dict(one.words), "units": one.units, **about}


def _is_meant(kind: str, name: str) -> bool:
    if kind in ("html", "csv"):
        return name.lower().endswith(_SUFFIXES)
    return kind in _MEANT


def _reading(submission: Submission, kind: str, the_round: Round) -> Reading:
    edition = the_round.edition
    if submission.refused:
        finding = submission.findings[0]
        return Reading(kind=kind, meant=True, refused=message(finding, edition, submission.file).rstrip("."))
    forms = edition if submission.edition == edition.id or submission.edition not in available() else None
    forms = forms or load(submission.edition or edition.id)
    findings = (*submission.findings, *resevered(check(submission, forms), the_round.settings.severities))
    errors, warnings = problems_in(findings)
    unit = submission.unit
    return Reading(
        kind=kind,
        meant=True,
        edition=submission.edition or "",
        period=submission.period or "",
        unit=unit.code if unit else "",
        name=unit.name if unit else "",
        provisional=submission.about.get("status") == words("sheets")["about_sheet"]["kinds"][1],
        answers=answers_of(submission, forms),
        errors=errors,
        warnings=warnings,
        explained=explained_in(findings),
        said=any(text.strip() for text in submission.words.values()),
    )


def explained_in(findings: Iterable[Finding]) -> dict[str, str]:
    """Rule -> the explanation of its warning, as it is compared."""
    told = (one for one in findings if one.severity is Severity.WARNING and one.rule and one.explained)
    return {str(one.rule): trimmed(one.explanation) for one in told}


def problems_in(findings: Iterable[Finding]) -> tuple[int, int]:
    """How many errors, and how many warnings that the unit could explain and did not.

    Whose a file is and of which period is judged by the round: such findings are no mistakes in the numbers.
    """
    listed = [finding for finding in findings if not finding.id.startswith(IDENTITY)]
    open_warnings = [one for one in listed if one.severity is Severity.WARNING and one.rule and not one.explained]
    return sum(finding.severity is Severity.ERROR for finding in listed), len(open_warnings)


def answers_of(submission: Submission, edition: Edition) -> dict[str, str]:
    """Key -> what was answered, as text to compare: "14", "63.6"; KPS is "0". Formula cells answer nothing."""
    answers: dict[str, str] = {}
    for key, entry in submission.entries.items():
        if edition.by_key[key].cell is Cell.FORMULA:
            continue
        amount = entry.amount
        if amount is not None:
            answers[key] = f"{amount.normalize():f}"
        elif entry.state is State.UNREADABLE:
            answers[key] = f'"{entry.raw}"'
    return answers


def stamp_of(the_round: Round) -> str:
    """Changes with the program, the edition and the roster: then everything is read anew."""
    parts = (_program(), repr(the_round.edition), repr(the_round.roster), repr(the_round.settings.severities))
    return sha256_of("\0".join(parts).encode())


@cache
def _program() -> str:
    digest = sha256()
    for source in sorted(_sources(resources.files("cchc_xl")), key=lambda one: one.name):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for one in folder.iterdir():
        if one.is_dir() and one.name != "_shipped":
            yield from _sources(one)
        elif one.name.endswith((".py", ".toml")):
            yield one


def _remembered(folder: Path, stamp: str, wanted: Iterable[str]) -> Iterator[tuple[str, tuple[Reading, ...]]]:
    """Whatever the cache still knows; a line that does not bear its own hash is forgotten."""
    path, wished = folder / LEDGER / CACHE, set(wanted)
    if not path.is_file():
        return
    with suppress(sqlite3.Error, ValueError, TypeError), closing(sqlite3.connect(path, timeout=1.0)) as database:
        for sha, text, own in database.execute("SELECT sha256, text, own FROM readings WHERE stamp = ?", (stamp,)):
            if sha in wished and own == _own(stamp, sha, text):
                yield sha, tuple(Reading(**one) for one in json.loads(text))


def _remember(folder: Path, stamp: str, made: Readings) -> None:
    """Old stamps are dropped. A cache that can't be written is done without."""
    path = folder / LEDGER / CACHE
    rows = [(sha, stamp, json.dumps([asdict(one) for one in readings])) for sha, readings in made.items()]
    try:
        with closing(sqlite3.connect(path, timeout=1.0)) as database, database:
            database.execute("PRAGMA synchronous=OFF")
            database.execute("CREATE TABLE IF NOT EXISTS readings (sha256 PRIMARY KEY, stamp, text, own)")
            database.execute("DELETE FROM readings WHERE stamp != ?", (stamp,))
            database.executemany(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?)",
                [(sha, stamp, text, _own(stamp, sha, text)) for sha, stamp, text in rows],
            )
    except sqlite3.OperationalError:  # somebody else writes it, or nobody may
        return
    except sqlite3.DatabaseError:  # not a database any more
        with suppress(OSError):
            path.unlink()


def _own(stamp: str, sha: str, text: str) -> str:
    return sha256_of("\0".join((stamp, sha, text)).encode())

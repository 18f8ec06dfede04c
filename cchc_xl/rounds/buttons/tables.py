"""What the control workbook shows of a round: its units, the files it got, what is wrong, and how many of each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cchc_xl.editions.catalogue import advice, message, words
from cchc_xl.model import Edition, Finding, Severity
from cchc_xl.rounds.following.judged import JudgedUnit
from cchc_xl.rounds.following.status import reason_sentence
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.receiving.states import Fate, Stage, Standing, UnitStanding
from cchc_xl.text import without_controls

Table = tuple[tuple[str, ...], ...]  # rows of text

_TIME = "{:%d/%m/%Y %H:%M}"
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INERT = "\u2019"  # set before a text that a spreadsheet might take for a formula
_LAST_FATES = (Fate.WAITING, Fate.REFUSED, Fate.CURRENT)  # those come first
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def inert_text(text: str) -> str:
    """Text on one line, cut to what a cell shows, that no spreadsheet takes for a formula."""
    said = words("control")["words"]
    shown = without_controls(text)
    shown = shown if len(shown) <= said["text_shown"] else shown[: said["text_shown"] - 1] + said["cut"]
    return _INERT + shown if shown.startswith(_FORMULA_SIGNS) else shown


def _table(rows: Iterator[Sequence[str]], columns: int) -> Table:
    """At most so many rows as a sheet should hold, the last one saying how many are left."""
    said = words("control")["words"]
    listed = [tuple(inert_text(cell) for cell in row) for row in rows]
    more = len(listed) - said["rows_shown"]
    if more > 0:
        last = said["more_rows"].format(count=more)
        listed = [*listed[: said["rows_shown"]], (last, *[""] * (columns - 1))]
    return tuple(listed)


def units_table(the_round: Round, stands: Standing, names: Mapping[str, str]) -> Table:
    """One row a unit, in the order of the roster. ``names``: sha256 -> the name the file came under."""
    columns = len(words("control")["tables"]["units"])
    return _table((_unit_row(one, names, the_round) for one in stands.units), columns)


def _unit_row(one: UnitStanding, names: Mapping[str, str], the_round: Round) -> tuple[str, ...]:
    said = words("control")["words"]
    sent = bool(one.current)
    received = min((version.received for version in one.current), default=None)
    return (
        one.unit.code,
        one.unit.full_name,
        words("round")["states"][one.stage.value],
        str(one.errors) if sent else "",
        str(one.warnings) if sent else "",
        _TIME.format(received.astimezone()) if received else "",
        said["yes"] if one.late else "",
        said["yes"] if one.signed_copy else "",
        "; ".join(names[version.sha256] for version in one.current),
    )


def files_table(the_round: Round, stands: Standing) -> Table:
    """Every attachment with its fate; what waits for a person first, then the newest."""
    seen = sorted(stands.seen, key=lambda one: one.arrival.order, reverse=True)
    seen.sort(key=lambda one: _LAST_FATES.index(one.fate) if one.fate in _LAST_FATES else len(_LAST_FATES))
    texts = words("round")
    rows = (
        (
            one.arrival.name,
            texts["channels"][one.arrival.channel],
            _TIME.format(one.arrival.received.astimezone()),
            texts["fates"][one.fate.value],
            one.unit,
            reason_sentence(one, the_round),
            one.arrival.sha256[:12],
        )
        for one in seen
    )
    return _table(iter(rows), len(words("control")["tables"]["files"]))


def findings_table(judged: Iterable[JudgedUnit], edition: Edition) -> Table:
    """What is wrong in each unit's workbook, the worst first within a unit."""
    rows = (
        _finding_row(one, finding, edition)
        for one in judged
        for finding in sorted(one.findings, key=lambda finding: (_RANK[finding.severity], finding.explained))
    )
    return _table(rows, len(words("control")["tables"]["findings"]))


def _finding_row(one: JudgedUnit, finding: Finding, edition: Edition) -> tuple[str, ...]:
    said, file = words("control"), one.submission.file
    indicator = edition.by_key.get(finding.key or "")
    row = said["words"]["row"].format(code=indicator.code) if indicator else ""
    cell = said["words"]["cell"].format(cell=finding.cell) if finding.cell else ""
    return (
        one.stands.unit.code,
        one.stands.unit.full_name,
        said["severities"]["explained" if is_explained(finding) else finding.severity.value],
        ", ".join(part for part in (finding.sheet or "", row, cell) if part) or said["words"]["whole_file"],
        message(finding, edition, file),
        advice(finding, edition, file),
    )


def is_explained(finding: Finding) -> bool:
    return finding.severity is Severity.WARNING and finding.explained


def counts_of(stands: Standing) -> dict[str, int]:
    """A number for each of ui/control.toml [counts]. The consolidating unit counts as one of the units."""
    stages = Counter(one.stage for one in stands.units)
    by_stage = {stage.value: stages[stage] for stage in Stage}
    return {
        "sent": len(stands.units) - stages[Stage.NOT_SENT],
        **by_stage,
        "late": sum(one.late for one in stands.units),
        "waiting": sum(one.fate is Fate.WAITING for one in stands.seen),
    }


def next_step(stands: Standing, counts: Mapping[str, int], *, has_outputs: bool) -> str:
    """What a person should do now, as a sentence."""
    said = words("control")["next"]
    if not stands.seen:
        return said["collect"]
    if counts["waiting"]:
        return said["decide"]
    if counts["to_fix"]:
        return said["feedback"].format(count=counts["to_fix"])
    if counts["not_sent"]:
        return said["remind"].format(count=counts["not_sent"])
    return said["open"] if has_outputs else said["consolidate"]

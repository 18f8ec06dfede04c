"""A unit has sent again: which requests it answered, which not, and what changed that nobody asked about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cchc_xl.checking.checks import check
from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import ASKED, Request, kind_of, requests_of
from cchc_xl.model import Cell, Edition, Entry, Finding, State, Submission
from cchc_xl.number import vietnamese
from cchc_xl.relations.rules import is_explained
from cchc_xl.text import without_controls

# Fields of Thông tin that say who reports what; the others change with every letter.
_FIELDS = ("unit_name", "unit_code", "period", "period_days", "status")

_Identity = tuple[str, str | None, str | None, object]


class Outcome(StrEnum):
    """What became of one request."""

    CORRECTED = "corrected"
    EXPLAINED = "explained"
    UNCHANGED = "unchanged"
    STILL_WRONG = "still_wrong"  # something was changed, but the finding stands

    @property
    def is_answer(self) -> bool:
        return self in (Outcome.CORRECTED, Outcome.EXPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request and its outcome. ``now``: the same finding on the new version, None when it is gone."""

    request: Finding
    outcome: Outcome
    now: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row whose answer is another one now. None: the version has no such row."""

    key: str
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """A text that is another one now. ``part``: "words" (name: id of the heading) or "about" (name of the field)."""

    part: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resubmission:
    """The new version held against the requests on the one before. ``new``: what has to be asked now, not before."""

    answered: tuple[Answer, ...]
    unanswered: tuple[Answer, ...]
    unasked: tuple[Change, ...]
    unasked_texts: tuple[TextChange, ...]
    new: tuple[Finding, ...]


def compare(
    before: Submission,
    after: Submission,
    requests: Sequence[Finding],
    edition: Edition,
    found: Sequence[Finding] | None = None,
) -> Resubmission:
    """What the new version does about the requests made on the one before.

    ``requests``: findings sent to the unit; notes among them ask for nothing, but changing their rows is no surprise.
    ``found``: everything to say about the new version; when None its reading findings and the checks that need no
    other file. A request that these checks can't repeat (history, peers …) counts as answered when one of its rows
    changed or an explanation stands now.
    """
    now = tuple(found) if found is not None else (*after.findings, *check(after, edition))
    known = {_identity(finding): finding for finding in now}
    repeatable = None if found is not None else {_identity(one) for one in (*before.findings, *check(before, edition))}
    changed = _changed(before, after, edition)
    asked = [one for one in requests if kind_of(one) in ASKED]
    answers = [_answer(one, after, known, repeatable, changed, edition) for one in asked]
    expected = {key for one in requests for key in _rows_of(one, before, edition)}
    told = {_identity(one) for one in (*requests, *before.findings)}
    return Resubmission(
        answered=tuple(one for one in answers if one.outcome.is_answer),
        unanswered=tuple(one for one in answers if not one.outcome.is_answer),
        unasked=tuple(change for key, change in changed.items() if key not in expected),
        unasked_texts=() if before.refused or after.refused else tuple(_texts(before, after, requests)),
        new=tuple(one for one in now if kind_of(one) in ASKED and _identity(one) not in told),
    )


def _identity(finding: Finding) -> _Identity:
    return finding.id, finding.rule, finding.key, finding.args.get("form")


def _changed(before: Submission, after: Submission, edition: Edition) -> Mapping[str, Change]:
    """Rows with another answer. A formula that still stands only follows its parts, and is no change of its own."""
    if before.refused or after.refused:
        return {}
    changes = {}
    for key, indicator in edition.by_key.items():
        old, new = before.entries.get(key), after.entries.get(key)
        follows = indicator.cell is Cell.FORMULA and (new is None or new.intact)
        if not follows and _said(old) != _said(new):
            changes[key] = Change(key=key, before=old, after=new)
    return changes


def _said(entry: Entry | None) -> tuple[State, object, str | None]:
    """What counts of an answer; of an unreadable one its text."""
    if entry is None:
        return State.BLANK, None, None
    return entry.state, entry.value, entry.raw if entry.state is State.UNREADABLE else None


def _answer(
    request: Finding,
    after: Submission,
    known: Mapping[_Identity, Finding],
    repeatable: set[_Identity] | None,
    changed: Mapping[str, Change],
    edition: Edition,
) -> Answer:
    identity = _identity(request)
    touched = any(key in changed for key in _own_rows(request, edition))
    if after.refused:
        return Answer(request=request, outcome=Outcome.UNCHANGED, now=known.get(identity))
    now = known.get(identity)
    if now is not None:
        if kind_of(now) not in ASKED:
            return Answer(request=request, outcome=Outcome.EXPLAINED if now.explained else Outcome.CORRECTED, now=now)
        return Answer(request=request, outcome=Outcome.STILL_WRONG if touched else Outcome.UNCHANGED, now=now)
    if repeatable is None or identity in repeatable or touched:
        return Answer(request=request, outcome=Outcome.CORRECTED)
    explained = is_explained(after.explanations.get(request.rule or "", ""))
    return Answer(request=request, outcome=Outcome.EXPLAINED if explained else Outcome.UNCHANGED)


def _own_rows(finding: Finding, edition: Edition) -> set[str]:
    """The rows that a finding is about: its own, its parts, those of its relation, those its causes point at."""
    keys = {finding.key} if finding.key else set()
    indicator = edition.by_key.get(finding.key or "")
    if indicator:
        keys |= {*(indicator.ratio_of or ()), *indicator.total_of}
    relation = next((one for one in edition.relations if one.id == finding.rule), None)
    if relation:
        keys |= {*relation.left, *relation.right, *relation.when.keys}
    return keys | {key for cause in finding.causes for key in cause.keys}


def _rows_of(finding: Finding, before: Submission, edition: Edition) -> set[str]:
    """The rows that may change because of a finding; of one on a whole form, the rows that waited for an answer."""
    keys = _own_rows(finding, edition)
    form = finding.args.get("form")
    if not finding.key and isinstance(form, int):
        rows = (key for key, indicator in edition.by_key.items() if indicator.form == form)
        keys |= {key for key in rows if key not in before.entries or not before.entries[key].answered}
    return keys


def _texts(before: Submission, after: Submission, requests: Sequence[Finding]) -> Iterable[TextChange]:
    asked = {one.id.partition("-")[0] for one in requests}
    pairs = []
    if "words" not in asked:
        pairs += [("words", name, before.words, after.words) for name in {**before.words, **after.words}]
    if "identity" not in asked:
        pairs += [("about", name, before.about, after.about) for name in _FIELDS]
    for part, name, old, new in pairs:
        if old.get(name, "") != new.get(name, ""):
            yield TextChange(part=part, name=name, before=old.get(name, ""), after=new.get(name, ""))


def sentences(result: Resubmission, edition: Edition, file: str) -> tuple[str, ...]:
    """The result line by line for a person: a summary, what is open, what nobody asked about, what was answered."""
    ui = words("feedback")["resubmission"]
    lines = [
        ui["summary"].format(
            answered=len(result.answered),
            asked=len(result.answered) + len(result.unanswered),
            unanswered=len(result.unanswered),
            unasked=len(result.unasked) + len(result.unasked_texts),
            new=len(result.new),
        )
    ]
    lines += [_line(one.outcome.value, one.request, edition, file) for one in result.unanswered]
    lines += [_line("new", finding, edition, file) for finding in result.new]
    lines += [_change_line(change, edition) for change in result.unasked]
    lines += [_text_line(change, edition) for change in result.unasked_texts]
    lines += [_line(one.outcome.value, one.request, edition, file) for one in result.answered]
    return tuple(lines)


def _line(kind: str, finding: Finding, edition: Edition, file: str) -> str:
    request: Request = requests_of((finding,), edition, file)[0]
    pattern = words("feedback")["resubmission"][kind]
    return without_controls(pattern.format(place=request.place, message=request.message))


def _change_line(change: Change, edition: Edition) -> str:
    indicator = edition.by_key[change.key]
    names, ui = words("feedback")["place"], words("feedback")["resubmission"]
    place = names["row"].format(form=indicator.form, code=indicator.code)
    return without_controls(ui["unasked"].format(place=place, before=_shown(change.before), after=_shown(change.after)))


def _shown(entry: Entry | None) -> str:
    ui = words("feedback")["resubmission"]
    if entry is None:
        return str(ui["blank"])
    if entry.state is State.NUMBER:
        return vietnamese(entry.value)
    return f"{ui['unreadable']} ({entry.raw})" if entry.state is State.UNREADABLE else str(ui[entry.state.value])


def _text_line(change: TextChange, edition: Edition) -> str:
    ui = words("feedback")["resubmission"]
    if change.part == "words":
        outline: Iterable[Mapping[str, str]] = edition.words.get("outline", ())  # type: ignore[assignment]
        titles = {one["id"]: one["title"] for one in outline}
        return without_controls(ui["unasked_words"].format(heading=titles.get(change.name, change.name)))
    field = words("sheets")["about"].get(change.name, change.name)
    before, after = (text or ui["blank"] for text in (change.before, change.after))
    return without_controls(ui["unasked_about"].format(field=field, before=before, after=after))

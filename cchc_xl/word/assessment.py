"""What the assessment says from the round itself: who sent, what is wrong, what was explained, what to do next."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from cchc_xl.editions.catalogue import fate_sentence, message, words
from cchc_xl.editions.unit_words import own_word
from cchc_xl.editions.worded import worded
from cchc_xl.model import Counted, FileFate, Finding, ReportingUnit, Severity, UnitState
from cchc_xl.number import in_prose
from cchc_xl.word.sentences import Sentences
from cchc_xl.word.spoken import headed
from cchc_xl.word.standing import Place, open_findings, standing, units_in
from cchc_xl.word.tags import ROUND, Passage, absent, joined, number, passage, say, value_of

_FIRST = 3  # units named in a task
_MESSAGES = 3  # errors told in full for each unit


def round_state(speech: Sentences) -> Passage:
    """Who sent, who did not, who waits for a person, which files could not be used."""
    consolidation, phrases = speech.consolidation, speech.phrases
    said = [say(phrases["sent"], sent=sent_number(speech), due=due_number(speech), level=speech.level)]
    missing = units_in(consolidation, UnitState.NOT_SENT)
    waiting = units_in(consolidation, UnitState.WAITING)
    if consolidation.N and consolidation.sent == consolidation.N:
        said.append(say(phrases["sent_all"], level=speech.level))
    if missing:
        said.append(say(phrases["not_sent"], units=_absent(speech, missing)))
    if waiting:
        said.append(say(phrases["waiting"], units=_absent(speech, waiting)))
    if consolidation.own and consolidation.own.state is not UnitState.COUNTED:
        block = own_word(consolidation, consolidation.own.unit.level)
        said.append(say(phrases["own_not_sent"], owner=speech.owner, block=block))
    said.append(_files_left(speech))
    return passage(*said)


def _all_names(speech: Sentences, units: Sequence[ReportingUnit]) -> str:
    """Here nobody is left out: these units have to act."""
    return speech.phrases["joint"].join(unit.full_name for unit in units)


def _absent(speech: Sentences, units: Sequence[ReportingUnit]) -> Passage:
    """Their names, tied: when one of them has sent since, that can be told."""
    return joined([passage(absent(unit.code, unit.full_name)) for unit in units], speech.phrases["joint"])


def sent_number(speech: Sentences) -> Passage:
    """How many due units are counted, tied where it can be."""
    return _round_number(speech, "sent", speech.consolidation.sent)


def due_number(speech: Sentences) -> Passage:
    """How many units are due, tied where it can be."""
    return _round_number(speech, "due", speech.consolidation.N)


def _round_number(speech: Sentences, block: str, count: int) -> Passage:
    """Tied to the figures when they give the same count (a unit that sent only blanks is in none of them)."""
    figures, tag = speech.consolidation.figures, f"{ROUND}@{block}"
    if value_of(figures, tag) == count:
        return number(figures, tag, speech.consolidation.edition)
    return passage(in_prose(Decimal(count)))


def _files_left(speech: Sentences) -> Passage:
    left = [one for one in speech.consolidation.files if one.fate in (FileFate.REFUSED, FileFate.NOT_COUNTED)]
    if not left:
        return passage()
    files = [
        speech.phrases["file_left"].format(
            file=_file_name(one.submission.file), reason=fate_sentence(one.reason, one.args) if one.reason else one.fate
        )
        for one in left
    ]
    count, named = in_prose(Decimal(len(left))), speech.phrases["joint"].join(files)
    return say(speech.phrases["files_left"], count=count, files=named)


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _counted(speech: Sentences) -> tuple[Counted, ...]:
    own = (speech.consolidation.own,) if speech.consolidation.own else ()
    return tuple(one for one in (*speech.consolidation.units, *own) if one.state is UnitState.COUNTED)


def remaining_errors(speech: Sentences) -> tuple[Passage, ...]:
    """One sentence a unit whose errors still stand, then one a unit that has not explained; the first few told."""
    return (
        *_open_lines(speech, Severity.ERROR, "error_line"),
        *_open_lines(speech, Severity.WARNING, "unexplained_line"),
    )


def _open_lines(speech: Sentences, severity: Severity, phrase: str) -> Iterator[Passage]:
    for counted in _counted(speech):
        found = [finding for finding in open_findings(counted) if finding.severity is severity]
        if not found:
            continue
        told = " ".join(_message(speech, counted, finding) for finding in found[:_MESSAGES])
        if len(found) > _MESSAGES:
            more = in_prose(Decimal(len(found) - _MESSAGES))
            told = told.rstrip(".") + speech.phrases["error_more"].format(count=more)
        count = in_prose(Decimal(len(found)))
        yield say(speech.phrases[phrase], unit=headed(counted.unit.full_name), count=count, messages=told)


def explanations(speech: Sentences) -> tuple[Passage, ...]:
    """One sentence for each number out of the ordinary that its unit has explained."""
    return tuple(
        say(
            speech.phrases["explained_line"],
            unit=headed(counted.unit.full_name),
            message=_message(speech, counted, finding),
            explanation=_explanation(counted, finding),
        )
        for counted in _counted(speech)
        for finding in counted.findings
        if finding.explained
    )


def _explanation(counted: Counted, finding: Finding) -> str:
    given = finding.explanation
    if not given and counted.submission and finding.rule:
        given = counted.submission.explanations.get(finding.rule, "")
    return given.strip()


def _message(speech: Sentences, counted: Counted, finding: Finding) -> str:
    file = counted.submission.file if counted.submission else ""
    said = message(finding, speech.consolidation.edition, _file_name(file))
    row = speech.consolidation.edition.by_key.get(finding.key or "")
    if row is None:
        return said
    place = speech.phrases["form"].format(form=row.form)
    named = re.search(re.escape(place) + r"(?!\d)", said)
    return said if named else speech.phrases["in_form"].format(place=place, message=said)


def below_average(speech: Sentences) -> tuple[Passage, ...]:
    """Which units stand under the common rate of each rate the narrative looks at; which numbers in it are in doubt."""
    said = []
    for key, name, tag, places in _lagging(speech):
        blanks = {
            "name": name,
            "units": speech.with_numbers(key, places),
            "value": speech.so(tag),
            "level": speech.level,
        }
        said.append(passage(say(speech.phrases["below"], **blanks), speech.nghi_van(key)))
    return tuple(said)


def _lagging(speech: Sentences) -> Iterator[tuple[str, str, str, tuple[Place, ...]]]:
    """(key, name in a sentence, tag of the common rate, lagging places) of every rate with laggards."""
    consolidation = speech.consolidation
    for rate in worded(words("word")["rates"], consolidation.edition) or ():
        figure = consolidation.figures[rate["key"]]
        common = figure.communes
        if common is None:
            continue
        places = standing(consolidation, rate["key"]).below(common)
        if places:
            yield rate["key"], rate["name"], f"{rate['key']}@communes", places


def next_tasks(speech: Sentences) -> tuple[Passage, ...]:
    """What the round itself gives to do: rates to lift, overdue work, numbers to repair, units to press."""
    consolidation, phrases = speech.consolidation, speech.phrases
    tasks = [
        say(phrases["raise"], name=name, units=speech.with_numbers(key, places[:_FIRST]))
        for key, name, _, places in _lagging(speech)
    ]
    overdue = worded(words("word")["overdue"], consolidation.edition)
    late = standing(consolidation, overdue).above_zero if overdue else ()
    if late:
        tasks.append(say(phrases["overdue"], units=speech.with_numbers(overdue, late)))
    wrong = [counted.unit for counted in consolidation.units if open_findings(counted)]
    if wrong:
        tasks.append(say(phrases["repair"], units=_all_names(speech, wrong)))
    missing = units_in(consolidation, UnitState.NOT_SENT)
    if missing:
        tasks.append(say(phrases["press"], units=_absent(speech, missing)))
    return tuple(tasks)

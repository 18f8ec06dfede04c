"""One page for the chief (``tom-tat.docx``): who has not sent, what misses its target, what changed, what to decide.

Lists are cut short so that it stays one page whatever the round holds; all of it stands in the master.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.editions.before import figures_before
from cchc_xl.editions.catalogue import words
from cchc_xl.editions.glance import Glance, glances
from cchc_xl.editions.worded import worded
from cchc_xl.model import Consolidation, Counted, Edition, FileFate, Finding, ReportingUnit, Severity, Target, UnitState
from cchc_xl.number import in_prose, vietnamese
from cchc_xl.shipped import shipped
from cchc_xl.text import without_controls
from cchc_xl.word.assessment import due_number, sent_number
from cchc_xl.word.filling import fill
from cchc_xl.word.letter import letter_values
from cchc_xl.word.sentences import Sentences
from cchc_xl.word.standing import standing, units_in
from cchc_xl.word.tags import Passage, Styled, absent, joined, passage, say, shown

TEMPLATE = "tom-tat.docx"
_NAMED = 6  # units named in a list, fewer when their names are long
_LIST = 80  # characters of a list of names
_DECIDED = 2  # units named in a decision: they stand above already
_LAGGING = 3  # units named as the last ones
_ROWS, _UNSURE_ROWS = 6, 4  # rows of the table; fewer where many need a line on whose numbers are in doubt
_MANY_UNSURE = 3
_MISSED = 2  # rows under their target told with their last units
_DOUBTED, _DOUBTED_LIST = 2, 40  # units named below a row whose number is in doubt, characters of their list
_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_GAP = 30, 56, 60  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table; names as template tags use them."""

    ten: Passage
    ket_qua: Passage
    muc_tieu: str
    ky_truoc: str
    danh_gia: Passage


def build(consolidation: Consolidation, *, template: bytes | None = None) -> bytes:
    """The page as .docx, reproducible; its numbers are tied to their figures as in the narrative.

    ``template``: the staff's own. Raises BrokenTemplate (naming paragraph and tag) or WordFileError.
    """
    return fill(template or template_of(consolidation.edition), _values(consolidation))


def template_of(edition: Edition) -> bytes:
    """The shipped template; one made anew where none is shipped."""
    path = shipped("templates", edition.id, TEMPLATE)
    if path:
        return path.read_bytes()
    from cchc_xl.word.summary_paper import summary_template

    return summary_template()


def _values(consolidation: Consolidation) -> dict[str, object]:
    speech, rows = Sentences(consolidation=consolidation), glances(consolidation)
    frame = letter_values(consolidation, _clipped(speech.owner))
    return {
        **frame,
        "ten_co_quan": "\n".join(_clipped(line) for line in str(frame["ten_co_quan"]).split("\n")),
        "cap_tren": _clipped(str(frame["cap_tren"])),
        "tinh_hinh": _coverage(speech),
        "so_sanh": bool(consolidation.targets) or bool(figures_before(consolidation)),
        "chi_tieu": tuple(_line(speech, one) for one in rows[: _room(rows)]),
        "nhan_xet": tuple(_remarks(speech, rows)),
        "can_lam_ro": _unclear(speech),
        "quyet_dinh": tuple(_decisions(speech, rows)) or (passage(_texts()["nothing_to_decide"]),),
    }


def _texts() -> dict[str, str]:
    return words("word")["summary"]


def _clipped(text: str, most: int = _LONGEST_NAME) -> str:
    said = without_controls(text)
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def _fitting(names: Sequence[str], most: int = _NAMED, room: int = _LIST) -> int:
    """How many of the names a list takes, at least one."""
    for number, name in enumerate(names[:most]):
        room -= len(name) + 2
        if room < 0:
            return max(number, 1)
    return min(len(names), most)


def _named(speech: Sentences, units: Sequence[ReportingUnit], *, tied: bool = False, most: int = _NAMED) -> Passage:
    """The first few units, and how many more there are. ``tied``: their names tell when they have sent since."""
    names = [_clipped(unit.full_name) for unit in units[:most]]
    shown_units = list(zip(units, names, strict=False))[: _fitting(names, most)]
    said = [passage(absent(unit.code, name) if tied else name) for unit, name in shown_units]
    return passage(joined(said, _texts()["joint"]), speech.more([unit.full_name for unit in units[len(said) :]]))


def _coverage(speech: Sentences) -> Passage:
    consolidation, texts = speech.consolidation, _texts()
    said = [say(texts["sent"], sent=sent_number(speech), due=due_number(speech), level=speech.level)]
    for state, name in ((UnitState.NOT_SENT, "not_sent"), (UnitState.WAITING, "waiting")):
        units = units_in(consolidation, state)
        if units:
            said.append(say(texts[name], count=in_prose(Decimal(len(units))), units=_named(speech, units, tied=True)))
    if consolidation.own and consolidation.own.state is not UnitState.COUNTED:
        said.append(say(texts["own_missing"], owner=_clipped(speech.owner)))
    left = sum(one.fate in (FileFate.REFUSED, FileFate.NOT_COUNTED) for one in consolidation.files)
    for count, name in ((left, "files_left"), (len(consolidation.corrections), "corrected")):
        if count:
            said.append(say(texts[name], count=in_prose(Decimal(count))))
    return joined(said, " ")


def _room(rows: Sequence[Glance]) -> int:
    """How many rows the page takes."""
    return _UNSURE_ROWS if sum(one.unsure for one in rows[:_ROWS]) >= _MANY_UNSURE else _ROWS


def _name(speech: Sentences, one: Glance) -> str:
    """The row as a sentence calls it: the narrative's name for a rate, else its official label."""
    rates = worded(words("word")["rates"], speech.consolidation.edition) or ()
    called = next((rate["name"] for rate in rates if rate["key"] == one.row.key), "")
    label = _texts()["rate"].format(name=called) if called else one.row.label.partition("(")[0].strip(" .")
    return _clipped(label, _LONGEST_LABEL)


def _inside(name: str) -> str:
    """A row's name inside a sentence; one that begins with an abbreviation keeps its capitals."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _line(speech: Sentences, one: Glance) -> Line:
    texts = _texts()
    place = texts["place"].format(form=one.row.form, code=one.row.code)
    verdict = {None: "", True: texts["missed"], False: texts["reached"]}[one.under]
    return Line(
        ten=passage(f"{_name(speech, one)} {place}", *_doubts(speech, one)),
        ket_qua=passage(speech.so(one.tag), texts["mark"] if one.unsure else ""),
        muc_tieu=_aim(one.target, one, speech) if one.target else texts["no_target"],
        ky_truoc=_change(one) or texts["no_earlier"],
        danh_gia=passage(Styled(text=verdict or texts["nothing"], bold=bool(one.under))),
    )


def _doubts(speech: Sentences, one: Glance) -> Iterator[Styled]:
    """Why the number is marked: the first units in doubt; where there are none, what is missing in it."""
    texts, names = _texts(), [_clipped(name) for name in one.doubted]
    named = names[: _fitting(names, _DOUBTED, _DOUBTED_LIST)]
    if named:
        units = texts["joint"].join(named) + speech.more(one.doubted[len(named) :])
        yield Styled(text="\n" + texts["doubt"].format(units=units), italic=True)
    for gap in one.gaps[: not named]:
        yield Styled(text="\n" + texts["gap"].format(said=_clipped(gap, _LONGEST_GAP)), italic=True)


def _aim(target: Target, one: Glance, speech: Sentences) -> str:
    value = shown(target.value, one.tag, speech.consolidation.edition)
    return _texts()["at_least" if target.at_least else "at_most"].format(value=value)


def _change(one: Glance) -> str:
    texts, decimals = _texts(), 1 if one.row.is_percent else None
    if one.change is None:
        return ""
    size = vietnamese(abs(one.change), decimals)
    if size == "0":
        return texts["unchanged"]
    return texts[("points_" if one.row.is_percent else "") + ("more" if one.change > 0 else "less")].format(change=size)


def _remarks(speech: Sentences, rows: Sequence[Glance]) -> Iterator[Passage]:
    """What the table does not say: who is last where a target is missed, and what there is nothing to hold against."""
    texts, aimed = _texts(), [one for one in rows if one.target]
    missed = [one for one in aimed if one.under]
    if aimed:
        counts = {"count": in_prose(Decimal(len(missed))), "all": in_prose(Decimal(len(aimed)))}
        yield say(texts["targets" if missed else "targets_reached"], **counts)
    else:
        yield passage(texts["no_targets"])
    for one in missed[:_MISSED]:
        units = _last(speech, one)
        if units:
            yield say(texts["last"], name=_name(speech, one), units=units)
    if len(rows) > _room(rows):
        yield say(texts["more_rows"], count=in_prose(Decimal(len(rows) - _room(rows))))
    if not figures_before(speech.consolidation):
        yield passage(texts["no_previous"])


def _last(speech: Sentences, one: Glance) -> Passage:
    """The units with the lowest numbers in a percent row that should be higher, lowest first."""
    if one.target is None or not one.target.at_least or not one.row.is_percent:
        return passage()
    lowest = standing(speech.consolidation, one.row.key).lowest_first[:_LAGGING]
    lowest = lowest[: _fitting([_clipped(place.unit.full_name) for place in lowest])]
    said = [
        say(
            _texts()["unit_value"],
            unit=_clipped(place.unit.full_name),
            value=speech.so(f"{one.row.key}@unit-{place.unit.code}"),
        )
        for place in lowest
    ]
    return joined(said, _texts()["joint"])


def _unclear(speech: Sentences) -> Passage:
    """How many errors and unexplained numbers stand in how many units, the worst first."""
    texts, consolidation = _texts(), speech.consolidation
    counted = [one for one in (*consolidation.units, consolidation.own) if one and one.state is UnitState.COUNTED]
    if not counted:
        return passage(texts["nobody"])
    worst = sorted(((one, len(_standing(one))) for one in counted), key=lambda pair: -pair[1])
    worst = [(one, count) for one, count in worst if count]
    explained = sum(finding.explained for one in counted for finding in one.findings)
    told = say(texts["explained"], count=in_prose(Decimal(explained))) if explained else passage()
    if not worst:
        return joined([one for one in (passage(texts["all_clear"]), told) if one], " ")
    names = [texts["unit_count"].format(unit=_clipped(one.unit.full_name), count=n) for one, n in worst[:_NAMED]]
    names = names[: _fitting(names)]
    kinds = _severities(counted)
    said = say(
        texts["unclear"],
        units=texts["joint"].join(names) + speech.more([one.unit.full_name for one, _ in worst[len(names) :]]),
        count=in_prose(Decimal(len(worst))),
        errors=in_prose(Decimal(kinds[Severity.ERROR])),
        warnings=in_prose(Decimal(kinds[Severity.WARNING])),
    )
    return joined([one for one in (said, told) if one], " ")


def _standing(counted: Counted) -> tuple[Finding, ...]:
    """Errors and what waits for an explanation: the same that the master and the overview page count."""
    return tuple(one for one in counted.findings if one.severity is not Severity.NOTE and not one.explained)


def _severities(counted: Sequence[Counted]) -> Counter[Severity]:
    return Counter(finding.severity for one in counted for finding in _standing(one))


def _decisions(speech: Sentences, rows: Sequence[Glance]) -> Iterator[Passage]:
    """What only the chief can decide, the most pressing first."""
    consolidation, texts = speech.consolidation, _texts()
    absent_units = units_in(consolidation, UnitState.NOT_SENT)
    if absent_units:
        yield say(texts["decide_absent"], units=_named(speech, absent_units, tied=True, most=_DECIDED))
    waiting = units_in(consolidation, UnitState.WAITING)
    if waiting:
        yield say(texts["decide_waiting"], units=_named(speech, waiting, most=_DECIDED))
    if consolidation.own and consolidation.own.state is not UnitState.COUNTED:
        yield say(texts["decide_own"], owner=_clipped(speech.owner))
    wrong = [one for one in consolidation.units if one.state is UnitState.COUNTED and _standing(one)]
    wrong.sort(key=lambda one: -len(_standing(one)))
    if wrong:
        yield say(texts["decide_wrong"], units=_named(speech, [one.unit for one in wrong], most=_DECIDED))
    missed = [one for one in rows if one.under]
    if missed:
        names = texts["joint"].join(_inside(_name(speech, one)) for one in missed[:_MISSED])
        others = len(missed) - _MISSED
        more = texts["and_more_rows"].format(count=in_prose(Decimal(others))) if others > 0 else ""
        yield say(texts["decide_missed"], names=names + more)

"""Word files beside the workbooks of a round: whose words they are, and whether they are used. Always said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cchc_xl.model import Submission, UnitName
from cchc_xl.rounds.keeping.archive import original
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.own_words import read_word_files, reason, with_own_words
from cchc_xl.rounds.receiving.arrivals import APPROVED, LOCKED
from cchc_xl.rounds.receiving.claims import Rulings, rulings_in
from cchc_xl.rounds.receiving.readings import Readings
from cchc_xl.rounds.receiving.senders import doubt
from cchc_xl.rounds.receiving.states import Fate, Seen, Standing, UnitStanding

if TYPE_CHECKING:
    from cchc_xl.word.own_words import OwnWords

USED, UNUSED = "own_words", "own_words_unused"  # sentences of ui/round.toml [reasons]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """A Word file that could be some unit's words."""

    seen: Seen
    words: "OwnWords"


def words_told(
    the_round: Round,
    seen: Sequence[Seen],
    units: Sequence[UnitStanding],
    readings: Readings,
    events: Sequence[Event],
) -> tuple[Seen, ...]:
    """The attachments again; a Word file with a unit's words says so, or why they are not used.

    Of files of one name the last counts; what came after an approval or a lock does not change what was ruled on.
    """
    offers = _offers(seen, readings, rulings_in(events))
    if not offers:
        return tuple(seen)
    names = {one.arrival.sha256: one.arrival.name for one in seen}
    books = [book for one in units for book in _books(the_round, one, readings, names)]
    owners = with_own_words(books, [one.words for one in offers], the_round.edition, the_round.roster).owners
    told: dict[int, Seen] = {}
    for offer, (code, why) in zip(offers, owners, strict=True):
        unit = next((one for one in units if one.unit.code == code), None)
        if unit is None:
            continue
        why = why or _too_late(unit, offer.seen) or _stranger(the_round, unit, offer.seen)
        args: Mapping[str, object] = {"unit": unit.unit.full_name}
        if why:
            args = {**args, "why": reason(why, offer.words.args)}
        told[offer.seen.arrival.seq] = replace(offer.seen, unit=code, reason=UNUSED if why else USED, args=args)
    return tuple(told.get(one.arrival.seq, one) for one in seen)


def with_words(
    the_round: Round, stands: Standing, submissions: Sequence[Submission], codes: Sequence[str] | None = None
) -> tuple[Submission, ...]:
    """The current workbooks with the words of the Word files that are used. ``codes``: of these units only."""
    used = [one for one in stands.seen if one.reason == USED and (codes is None or one.unit in codes)]
    if not used:
        return tuple(submissions)
    files = [(original(the_round.folder, one.arrival.sha256), one.arrival.name) for one in used]
    read = read_word_files(files, the_round.edition)
    return with_own_words(submissions, read, the_round.edition, the_round.roster).submissions


def _offers(seen: Sequence[Seen], readings: Readings, rulings: Rulings) -> list[_Offer]:
    from cchc_xl.word.own_words import OwnWords

    latest: dict[object, _Offer] = {}  # name and whom it names: every unit may call its file bao-cao.docx
    for one in sorted(seen, key=lambda one: one.arrival.order):
        own = readings[one.arrival.sha256][0].own if one.fate is Fate.NOT_A_REPORT else None
        decision = rulings.decisions.get(one.arrival.sha256)
        if not own or one.arrival.entered.isoformat() in rulings.undone or (decision and decision.body["reject"]):
            continue
        said = (one.arrival.name.casefold(), *own["units"])  # type: ignore[misc]
        latest[said] = _Offer(seen=one, words=OwnWords(file=one.arrival.name, **own))
    return list(latest.values())


def _books(the_round: Round, stands: UnitStanding, readings: Readings, names: Mapping[str, str]) -> list[Submission]:
    """The unit's current workbooks, as far as it matters whose they are and whether they hold words."""
    name = UnitName(code=stands.unit.code, name=stands.unit.name)
    about = {"edition": the_round.edition.id, "period": the_round.period.code, "unit": name}
    made = []
    for version in stands.current:
        said = any(one.said for one in readings[version.sha256] if len(readings[version.sha256]) == 1)
        text = {"": "…"} if said else {}
        made.append(Submission(file=names[version.sha256], sha256=version.sha256, words=text, **about))
    return made


def _too_late(stands: UnitStanding, seen: Seen) -> str:
    verdict = stands.verdict
    ruled = verdict is not None and verdict.kind in (APPROVED, LOCKED) and seen.arrival.entered > verdict.at
    return "settled" if ruled else ""


def _stranger(the_round: Round, stands: UnitStanding, seen: Seen) -> str:
    return "sender" if doubt(the_round, seen.arrival, stands.unit) else ""

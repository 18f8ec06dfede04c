"""Official workbooks to send out: blank, or a unit's own with what is already known beside its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.checking.history import entries_before
from cchc_xl.editions.load import DEFAULT, load, period_of
from cchc_xl.errors import UsageError
from cchc_xl.model import Edition, Method, ReportingUnit, Roster, Submission, UnitName
from cchc_xl.rounds.following.judged import earlier_of
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import TEMPLATES, Round, open_round
from cchc_xl.rounds.pipeline import read_roster_file
from cchc_xl.rounds.reading.intake_files import Progress, quiet, read_all
from cchc_xl.rounds.reading.judging import earlier_submissions
from cchc_xl.rounds.sending.letter_values import deadline_text, letter_values, with_extension
from cchc_xl.rounds.sending.parcels import Packed, Parcel, packer, stem_of
from cchc_xl.rounds.sending.posting import post
from cchc_xl.rounds.sending.prepared import Prepared

if TYPE_CHECKING:
    from cchc_xl.workbook.template import Fill

ISSUE = "issue"


def issue_round(
    folder: Path,
    now: datetime,
    who: str,
    *,
    previous: Path | None = None,
    send: bool = False,
    dry_run: bool = False,
    drafts: str = "",
    progress: Progress = quiet,
) -> Prepared:
    """One personalised workbook for each unit in ``folder/bieu-mau``, with a text to paste and a mail draft.

    A unit gets another one only when its content changed. ``previous``: earlier workbooks, else those the settings
    name. ``send``: also mail what has not been mailed; ``dry_run``: only say what would be written;
    ``drafts``: a mailbox (``imaps://…``) into whose folder of drafts the letters are laid too.
    Raises UsageError, RoundError, RosterError, OutputError.
    """
    events = ledger.events(folder)
    the_round = open_round(folder, events)
    earlier = earlier_of(the_round, previous)
    parcels = [_parcel(the_round, unit, earlier, now) for unit in the_round.units]
    return post(
        the_round, events, parcels, now=now, who=who, send=send, dry_run=dry_run, drafts=drafts, progress=progress
    )


def _parcel(the_round: Round, unit: ReportingUnit, earlier: Sequence[Submission], now: datetime) -> Parcel:
    fill = _known(the_round.edition, unit, the_round.period.code, the_round.roster, earlier, None)
    deadline = deadline_text(the_round, unit, now)
    fill = replace(fill, shared=the_round.settings.shared, about={"deadline": deadline} if deadline else {})
    about = repr((the_round.edition, the_round.period, replace(unit, email=()), the_round.roster.consolidating, fill))
    return Parcel(kind=ISSUE, unit=unit, about=about, pack=packer(_pack, the_round, unit, fill), returns=True)


def _pack(the_round: Round, unit: ReportingUnit, fill: "Fill", number: int, at: datetime) -> Packed:
    from cchc_xl.workbook.template import build

    own = the_round.roster.consolidating
    book = build(the_round.edition, period=the_round.period, unit=unit, consolidating=own, fill=fill)
    name = f"{stem_of(unit)}_{the_round.period.code}.xlsx"
    han = with_extension(the_round, unit, deadline_text(the_round, unit, at))
    values = letter_values(the_round, unit, han, number, tep=name)
    return Packed(files=((f"{TEMPLATES}/{name}", book),), values=values)


def make_template(
    *,
    edition: str = DEFAULT,
    period: str | None = None,
    roster: Path | None = None,
    unit: str | None = None,
    previous: Path | None = None,
    shared: Path | None = None,
) -> bytes:
    """A blank official workbook, personalised when a unit of the roster is given.

    ``previous``: earlier workbooks; the unit's last values stand beside the answers, its last words as a start.
    ``shared``: the consolidating unit's workbook; values that are one for all units are prefilled from it.
    Raises UsageError, RosterError.
    """
    from cchc_xl.workbook.template import build

    forms = load(edition)
    when = period_of(forms, period) if period else None
    if (roster is None) != (unit is None) or ((previous or shared) and unit is None):
        raise UsageError("unit-needs-roster")
    if roster is None or unit is None:
        return build(forms, period=when)
    units = read_roster_file(roster, forms)
    found = units.find(unit, when.end if when else None)
    if found is None:
        raise UsageError("unit-unknown", unit=unit, file=str(roster))
    fill = _known(forms, found, period, units, earlier_submissions(previous, units), shared)
    return build(forms, period=when, unit=found, consolidating=units.consolidating, fill=fill)


def _known(
    edition: Edition,
    unit: ReportingUnit,
    period: str | None,
    roster: Roster,
    earlier: Sequence[Submission],
    shared: Path | None,
):
    """The Fill of what is known before the clerk begins."""
    from cchc_xl.workbook.official.last_words import carried_over
    from cchc_xl.workbook.template import Fill

    asked = Submission(
        file="", sha256="", edition=edition.id, period=period, unit=UnitName(code=unit.code, name=unit.title)
    )
    before = entries_before(asked, earlier, edition, roster)
    own = [one for one in earlier if one.unit and one.unit.code == unit.code and one.words and one.period]
    last = max(own, key=lambda one: period_of(load(one.edition or DEFAULT), one.period).end, default=None)
    return Fill(
        answers={},
        previous={key: entry.amount for key, entry in before.items() if entry.amount is not None},
        words=carried_over(last.words) if last else {},
        shared=_shared(edition, shared, roster),
    )


def _shared(edition: Edition, file: Path | None, roster: Roster) -> Mapping[str, Decimal]:
    """Values that are one for all units, as the consolidating unit's workbook gives them."""
    if file is None:
        return {}
    (submission, *_) = read_all([(file, str(file))], roster=roster, edition=edition)
    if submission.refused:
        raise UsageError("path-missing", path=str(file))
    return {
        key: amount
        for key, entry in submission.entries.items()
        if edition.by_key[key].method is Method.SAME and (amount := entry.amount) is not None
    }

"""What letters say of a unit: the blanks of their templates, filled from roster, settings and period."""

from datetime import datetime, time

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import unit_title
from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping.folder import Round

_DAY_ENDS = time(23, 59, 59)


def letter_values(the_round: Round, unit: ReportingUnit, han: str, number: int, **more: str) -> dict[str, str]:
    """Name of ui/mail.toml [names] -> text. ``han``: the deadline to name, "" for none; ``more``: other names."""
    return {
        "don_vi": unit_title(unit),
        "ma": unit.code,
        "ky": the_round.period.title,
        "ma_ky": the_round.period.code,
        "han": han,
        "noi_gui": sender_title(the_round),
        "lien_he": _contact(the_round),
        "lan": str(number) if number > 1 else "",
        **more,
    }


def sender_title(the_round: Round) -> str:
    """Who writes: ``Ủy ban nhân dân huyện Tứ Kỳ``; "" where the roster names nobody."""
    own = the_round.roster.consolidating
    return str(words("feedback")["slip"]["authority_sentence"]).format(unit=unit_title(own)) if own else ""


def _contact(the_round: Round) -> str:
    own = the_round.roster.consolidating
    if own is None or not own.contact:
        return ""
    pattern = words("feedback")["slip"]["contact_phone"]
    return str(pattern).format(contact=own.contact, phone=own.phone) if own.phone else own.contact


def deadline_text(the_round: Round, unit: ReportingUnit, now: datetime) -> str:
    """``17 giờ 00 ngày 20/06/2022``; without an hour when it is the end of a day; "" where no deadline is set."""
    moment = the_round.settings.deadline_of(unit.code, now)
    if moment is None:
        return ""
    whole = moment.time() == _DAY_ENDS
    return words("round")["words"]["deadline_day" if whole else "deadline"].format(at=moment)


def deadline_ahead(the_round: Round, unit: ReportingUnit, now: datetime) -> str:
    """The unit's deadline as text when it is still to come; else "": a date gone by is no date to ask for."""
    moment = the_round.settings.deadline_of(unit.code, now)
    return deadline_text(the_round, unit, now) if moment and moment >= now else ""


def with_extension(the_round: Round, unit: ReportingUnit, deadline: str) -> str:
    """The deadline and why the unit has a later one than the others."""
    reason = the_round.settings.reasons.get(unit.code, "")
    if not deadline or not reason or unit.code not in the_round.settings.extensions:
        return deadline
    return words("round")["words"]["extended"].format(deadline=deadline, reason=reason)


def moment_text(moment: datetime, now: datetime) -> str:
    """``09 giờ 05 ngày 20/06/2022`` by the clock of ``now``."""
    return words("round")["words"]["deadline"].format(at=moment.astimezone(now.tzinfo))

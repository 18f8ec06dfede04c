"""Is this mail from the unit whose workbook it brings?

The sender is held against the addresses of the roster, and against what a trusted mail server found out about it.
"""

from collections.abc import Mapping

from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.receiving.arrivals import MAIL, Arrival

Doubt = tuple[str, Mapping[str, object]]  # a sentence of ui/round.toml [reasons] and its arguments


def doubt(the_round: Round, arrival: Arrival, unit: ReportingUnit) -> Doubt | None:
    """Why a person must look at who sent this; None when the sender is the unit's own, or staff passing it on.

    A roster without any address can't be held against anything: then nobody is doubted, unless a mail server that the
    settings trust says that the mail does not come from whom it says.
    """
    if arrival.channel != MAIL:
        return None
    if any(one.email for one in _everybody(the_round)):
        found = _another(the_round, arrival, unit)
        if found:
            return found
    return _forged(the_round, arrival, unit)


def _another(the_round: Round, arrival: Arrival, unit: ReportingUnit) -> Doubt | None:
    """The address is not one of the unit's, nor of staff."""
    if len(arrival.senders) != 1:
        return "senders", {"count": len(arrival.senders), "sender": ", ".join(arrival.senders)}
    sender = arrival.senders[0]
    own = the_round.roster.consolidating
    if is_from(unit, sender) or (own and is_from(own, sender)):
        return None
    other = sender_unit(the_round, sender)
    if other:
        return "sender_other", {"sender": sender, "other": other.full_name, "unit": unit.full_name}
    return "sender", {"sender": sender, "unit": unit.full_name}


def _forged(the_round: Round, arrival: Arrival, unit: ReportingUnit) -> Doubt | None:
    """The address is right, but the server that took the mail in says that somebody else wrote it there."""
    check = arrival.sender_check
    if check is None or not check.failed or check.server not in the_round.settings.mail.trusted:
        return None
    checks = ", ".join(check.failed).upper()
    sender = ", ".join(arrival.senders)
    return "forged", {"server": check.server, "sender": sender, "checks": checks, "unit": unit.full_name}


def sender_unit(the_round: Round, sender: str) -> ReportingUnit | None:
    """The unit that has this address; None when no unit or several have it."""
    found = [unit for unit in _everybody(the_round) if is_from(unit, sender)]
    return found[0] if len(found) == 1 else None


def is_from(unit: ReportingUnit, sender: str) -> bool:
    """Address by address; an entry ``@xa.gov.vn`` in the roster stands for every address there."""
    listed = {address.lower() for address in unit.email}
    return sender in listed or "@" + sender.rpartition("@")[2] in listed


def _everybody(the_round: Round) -> tuple[ReportingUnit, ...]:
    own = the_round.roster.consolidating
    return (*the_round.roster.units, *((own,) if own else ()))

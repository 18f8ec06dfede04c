"""From parcels to what the staff see: written, and sent when that was asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.sending.parcels import Parcel, prepare
from cchc_xl.rounds.sending.prepared import Prepared


def post(
    the_round: Round,
    events: Sequence[Event],
    parcels: Sequence[Parcel],
    *,
    now: datetime,
    who: str,
    send: bool,
    dry_run: bool,
    drafts: str = "",
    left_out: Sequence[tuple[str, str]] = (),
    progress: Progress = quiet,
) -> Prepared:
    """Prepare every parcel; with ``send`` also mail those that have an address and have not been mailed.

    ``drafts``: a mailbox into which letters that have not gone out are laid as drafts. A letter that a person rewrote
    is left to that person. ``left_out``: units for which
    there is no parcel, and why. Raises UsageError, RoundError, OutputError, MailError.
    """
    from cchc_xl.rounds.sending.drafting import addresses_of, is_rewritten, lay_drafts, send_letters

    if send and not dry_run and not the_round.settings.mail.can_send:
        raise UsageError("mail-not-set", file=words("round")["settings"]["file"])
    prepared, posted = prepare(the_round, events, parcels, now=now, who=who, dry_run=dry_run, progress=progress)
    said = words("round")["left_out"]
    mute = [(one.unit.full_name, said["no_address"]) for one in parcels if not addresses_of(one.unit)] if send else []
    kept = [one for one in posted if (send or drafts) and not dry_run and is_rewritten(one, the_round)]
    mute += [(one.parcel.unit.full_name, said["rewritten"]) for one in kept]
    posted, sent = tuple(one for one in posted if one not in kept), 0
    if drafts and not dry_run:
        lay_drafts(the_round, events, posted, drafts, now=now, who=who, progress=progress)
    if send and not dry_run:
        sent = send_letters(the_round, events, posted, now=now, who=who, progress=progress)
    return replace(prepared, sent=sent, left_out=(*prepared.left_out, *left_out, *mute))

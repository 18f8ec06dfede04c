"""The letter of a parcel: a text to paste, a draft to open in the mail program, or sent when that was asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import UsageError
from cchc_xl.files import bytes_of, is_edited
from cchc_xl.mail import letters, outbox, secrets
from cchc_xl.mail.outbox import Letter
from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import WORDING, Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.sending.parcels import Files, Posted, stem_of
from cchc_xl.rounds.sending.turns import Turns, left_to_reach

DRAFTED = "drafted"
THROTTLE = 2.0  # seconds between letters: providers take a burst for spam


def addresses_of(unit: ReportingUnit) -> tuple[str, ...]:
    """Where letters go; ``@xa.gov.vn`` in the roster tells senders apart but is no address."""
    return tuple(address for address in unit.email if outbox.is_address(address))


def draft_files(posted: Posted, the_round: Round) -> Files:
    """The text to paste, and the draft where the unit has an address."""
    parcel, packed, said = posted.parcel, posted.content, words("round")["parcels"][posted.parcel.kind]
    stem, kind = _stem(posted), packed.letter or parcel.kind
    paste = packed.paste or letters.paste(
        kind, packed.values, *_own_wording(the_round, said["paste"].format(kind=kind))
    )
    files: Files = ((f"{stem}.txt", paste.encode("utf-8-sig")),)
    if not addresses_of(parcel.unit):
        return files
    draft = outbox.eml(letter_of(posted, the_round), the_round.settings.mail.sender, posted.at, draft=True)
    return (*files, (f"{stem}.eml", draft))


def _stem(posted: Posted) -> str:
    """Where text and draft lie in the round's folder, without their suffix."""
    said, stem = words("round")["parcels"][posted.parcel.kind], stem_of(posted.parcel.unit)
    return f"{said['folder'].format(stem=stem)}/{said['name'].format(stem=stem, number=posted.number)}"


def is_rewritten(posted: Posted, the_round: Round) -> bool:
    """Did a person change text or draft? Then the program's own wording is not to go out in their place."""
    return any(is_edited(the_round.folder / f"{_stem(posted)}{suffix}") for suffix in (".txt", ".eml"))


def letter_of(posted: Posted, the_round: Round) -> Letter:
    """The letter with the parcel's files attached, worded by the staff's own template where there is one."""
    parcel, packed = posted.parcel, posted.content
    kind = packed.letter or parcel.kind
    subject, body = letters.render(kind, packed.values, *_own_wording(the_round, f"{kind}.txt"))
    return Letter(
        kind=parcel.kind,
        to=addresses_of(parcel.unit),
        subject=subject,
        body=body,
        attachments=tuple((name.rpartition("/")[2], content) for name, content in packed.files),
        key=posted.key,
    )


def _own_wording(the_round: Round, name: str) -> tuple[str | None, str]:
    """The staff's own text of that name, None where there is none; and where it stands, for error sentences."""
    path = the_round.folder / WORDING / name
    return (letters.text_of(bytes_of(path), name) if path.is_file() else None), f"{WORDING}/{name}"


def send_letters(
    the_round: Round,
    events: Sequence[Event],
    posted: Sequence[Posted],
    *,
    now: datetime,
    who: str,
    progress: Progress = quiet,
) -> int:
    """Send what has an address and has not gone out; how many went. A run that was cut short is taken up again.

    Raises UsageError where no server is set, MailError without a password or when not everything could be sent.
    """
    mail = the_round.settings.mail
    if not mail.can_send:
        raise UsageError("mail-not-set", file=words("round")["settings"]["file"])
    letters_due = [letter_of(one, the_round) for one in posted if _unreached(one, events)]
    made = [replace(one, to=left_to_reach(events, one.key, one.to)) for one in letters_due]
    units = {one.key: one.parcel.unit.code for one in posted}
    turns, count = Turns(folder=the_round.folder, who=who, now=now, units=units), 0

    def on_sent(letter: Letter) -> None:
        nonlocal count
        count += 1
        turns.sent(letter)
        progress("send", count, len(made))

    password = secrets.password_for(mail.user or mail.sender)
    outbox.send(made, mail, password, THROTTLE, (), on_sent, now=now, claim=turns.take, on_kept=turns.kept)
    return count


def _unreached(posted: Posted, events: Sequence[Event]) -> bool:
    return bool(left_to_reach(events, posted.key, addresses_of(posted.parcel.unit)))


def lay_drafts(
    the_round: Round,
    events: Sequence[Event],
    posted: Sequence[Posted],
    url: str,
    *,
    now: datetime,
    who: str,
    progress: Progress = quiet,
) -> None:
    """Lay what has an address, has not gone out and was not laid before into the drafts of a mailbox.

    Raises MailError; what was laid is in the ledger and is not laid again.
    """
    from cchc_xl.mail import imap
    from cchc_xl.mail.drafts import append_drafts

    place = imap.place_of(url)
    done = {str(event.body["letter"]) for event in events if event.kind == DRAFTED}
    due = [one for one in posted if _unreached(one, events) and one.key not in done]
    if not due:
        return
    made = [letter_of(one, the_round) for one in due]
    units, count = {one.key: one.parcel.unit.code for one in due}, 0

    def on_appended(letter: Letter) -> None:
        nonlocal count
        count += 1
        body = {"letter": letter.key, "parcel": letter.kind, "unit": units[letter.key], "folder": place.folder}
        ledger.add(the_round.folder, DRAFTED, body, now=now, who=who, mark=f"{DRAFTED}:{letter.key}")
        progress("send", count, len(made))

    sender, password = the_round.settings.mail.sender, secrets.password_for(place.account)
    append_drafts(made, url, password, sender=sender, now=now, on_appended=on_appended)

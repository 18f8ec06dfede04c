"""Letters laid as drafts into the office's own mailbox, for a person to look at and send."""

from collections.abc import Callable, Iterable
from datetime import datetime

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.mail.composing import Letter, address, eml, message_id
from cchc_xl.mail.imap import BROKEN, answered, go_to, library_errors, opened, place_of, what_broke
from cchc_xl.text import without_controls


def append_drafts(
    letters: Iterable[Letter],
    url: str,
    password: str,
    *,
    sender: str,
    now: datetime,
    on_appended: Callable[[Letter], None],
) -> str:
    """Lay the letters as drafts into the mailbox, in the folder the server marks as that of drafts; its name.

    ``url``: as for ``fetch``; a folder named there (not INBOX) is taken instead. A draft that lies there already is
    not laid down twice. ``on_appended(letter)`` is called for each as soon as it lies there. Raises MailError.
    """
    place, drafts = place_of(url), list(letters)
    with opened(place, password, folder="") as mailbox:
        said = {"host": without_controls(place.host), "user": without_controls(place.user)}
        folder = place.folder if place.folder.upper() != "INBOX" else _drafts_folder(mailbox, said)
        go_to(mailbox, folder, said, readonly=False)
        for number, letter in enumerate(drafts):
            try:
                _append(mailbox, letter, folder, sender, now)
            except (*BROKEN, *library_errors()) as error:
                told = {"host": said["host"], "folder": without_controls(folder), "problem": what_broke(error)}
                raise MailError("imap-append", **told, done=number, all=len(drafts)) from error
            on_appended(letter)
    return folder


def _append(mailbox, letter: Letter, folder: str, sender: str, now: datetime) -> None:
    label = message_id(letter, address(sender) if sender.strip() else "")
    if any(answered(mailbox.client.uid("SEARCH", "HEADER", "Message-ID", f'"{label}"'))):
        return
    mailbox.append(eml(letter, sender, now), folder, dt=now, flag_set=["\\Draft", "\\Seen"])


def _drafts_folder(mailbox, said: dict[str, str]) -> str:
    try:
        folders = mailbox.folder.list()
    except (*BROKEN, *library_errors()) as error:
        raise MailError("imap-lost", host=said["host"], problem=what_broke(error)) from error
    for folder in folders:
        if any(flag.lower() == "\\drafts" for flag in folder.flags):
            return folder.name
    there = {folder.name.casefold(): folder.name for folder in folders}
    for name in words("mail")["drafts"]["names"]:
        if name.casefold() in there:
            return there[name.casefold()]
    raise MailError("imap-no-drafts", **said)

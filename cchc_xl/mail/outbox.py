"""Letters on their way out: sent through the office's own mail server, only when somebody asked for that.

Each letter the server has acknowledged is reported at once, so a run that breaks off is taken up where it stopped.
"""

import smtplib
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.mail.composing import Letter, address, eml, is_address, key_of
from cchc_xl.mail.connecting import PATIENCE, Account, Server, answer_text, connected, problem_of
from cchc_xl.text import without_controls

__all__ = ["Account", "Letter", "Outcome", "Server", "Unfinished", "address", "eml", "is_address", "key_of", "send"]

_REASONS = 5  # told in one sentence
_IN_A_ROW = 3  # temporary refusals after which the rest waits for another run


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a letter: sent, already, partly, refused, postponed, uncertain, lost, sender, elsewhere or unsent.

    ``sentence``: what a person should know, "" for sent, already and unsent.
    """

    letter: Letter
    state: str
    sentence: str = ""


class Unfinished(MailError):
    """Not everything went out. ``outcomes``: one for each letter, in the order given."""

    def __init__(self, outcomes: tuple[Outcome, ...]) -> None:
        self.outcomes = outcomes
        gone = sum(one.state in ("sent", "already", "partly") for one in outcomes)
        reasons = list(dict.fromkeys(one.sentence for one in outcomes if one.sentence))
        if len(reasons) > _REASONS:
            reasons = [*reasons[:_REASONS], _said("more", count=len(reasons) - _REASONS)]
        left = sum(one.state == "unsent" for one in outcomes)
        if left:
            reasons.append(_said("unsent", count=left))
        super().__init__("mail-unfinished", sent=gone, all=len(outcomes), reasons=" ".join(reasons))


def _free(letter: Letter) -> Outcome | None:
    return None


def _unheard(outcome: Outcome) -> None:
    return None


def send(
    letters: Iterable[Letter],
    server: Account,
    password: str,
    throttle: float,
    sent_already: Collection[str],
    on_sent: Callable[[Letter], None],
    *,
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
    claim: Callable[[Letter], Outcome | None] = _free,
    on_kept: Callable[[Outcome], None] = _unheard,
) -> tuple[Outcome, ...]:
    """Send each letter whose key is not among ``sent_already``; ``throttle`` seconds between two.

    ``on_sent(letter)`` is called as soon as the server has taken a letter, before the next is tried: log it there.
    ``claim(letter)`` is asked right before a letter is tried: an outcome it gives stands, and the letter is not tried;
    ``on_kept`` gets what became of a letter that was tried and is not known to have gone.
    A letter the server refuses does not stop the others; three temporary refusals in a row or a lost connection do.
    TLS is always verified (a private authority: SSL_CERT_FILE); no password travels unencrypted except to loopback.
    ``now``: the date of the letters. Raises MailError when nothing could be tried, and ``Unfinished`` (a MailError)
    when not every letter went to every address; what went was reported through ``on_sent``.
    """
    waiting = list(letters)
    sender = _sender(server)
    if all(letter.key in sent_already for letter in waiting):
        return tuple(Outcome(letter=letter, state="already") for letter in waiting)
    with connected(server, password) as connection:
        run = _Run(connection, sender, now, throttle, sleep, on_sent, claim, on_kept)
        outcomes = tuple(run.each(waiting, sent_already))
    if any(one.state not in ("sent", "already") for one in outcomes):
        raise Unfinished(outcomes)
    return outcomes


def _sender(server: Account) -> str:
    if not is_address(server.sender):
        raise MailError("mail-sender", address=without_controls(server.sender))
    return address(server.sender)


@dataclass(slots=True)
class _Run:
    """One connection's worth of letters."""

    connection: smtplib.SMTP
    sender: str
    now: datetime
    throttle: float
    sleep: Callable[[float], None]
    on_sent: Callable[[Letter], None]
    claim: Callable[[Letter], Outcome | None]
    on_kept: Callable[[Outcome], None]

    def each(self, letters: Iterable[Letter], sent_already: Collection[str]) -> Iterator[Outcome]:
        done = set(sent_already)
        stopped, tried, in_a_row = False, 0, 0
        for letter in letters:
            if letter.key in done:
                yield Outcome(letter=letter, state="already")
                continue
            if stopped:
                yield Outcome(letter=letter, state="unsent")
                continue
            if tried and self.throttle > 0:
                self.sleep(self.throttle)
            held = self.claim(letter)
            if held:
                yield held
                continue
            tried += 1
            outcome = self.one(letter)
            if outcome.state in ("sent", "partly"):
                done.add(letter.key)
                self.on_sent(letter)
            else:
                self.on_kept(outcome)
            in_a_row = in_a_row + 1 if outcome.state == "postponed" else 0
            stopped = outcome.state in ("lost", "uncertain", "sender") or in_a_row >= _IN_A_ROW
            yield outcome

    def one(self, letter: Letter) -> Outcome:
        """Try one letter. The connection may be gone afterwards."""
        if not letter.to or not all(map(is_address, letter.to)):
            return Outcome(letter=letter, state="refused", sentence=_bad_address(letter))
        content = eml(letter, self.sender, self.now, draft=False)
        given = False  # whether the server may hold the whole letter
        try:
            refused = self.envelope(letter)
            code, answer = self.connection.docmd("DATA")
            if code != 354:
                raise smtplib.SMTPDataError(code, answer)
            # A line that begins with a dot gets a second one; the lone dot at the end hands the letter over.
            self.connection.send(content.replace(b"\r\n.", b"\r\n.."))
            given = True
            code, answer = self.handed_over()
            if code != 250:
                given = False
                raise smtplib.SMTPDataError(code, answer)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            return self.turned_down(letter, error)
        except (smtplib.SMTPException, OSError) as error:
            to = ", ".join(letter.to)
            sentence = _said("uncertain", to=to) if given else _said("lost", problem=problem_of(error))
            return Outcome(letter=letter, state="uncertain" if given else "lost", sentence=sentence)
        if refused:
            sentence = _said("partly", to=", ".join(letter.to), refused=", ".join(refused))
            return Outcome(letter=letter, state="partly", sentence=sentence)
        return Outcome(letter=letter, state="sent")

    def handed_over(self) -> tuple[int, bytes]:
        """End the letter and wait for what the server says of it."""
        self.connection.send(b".\r\n")
        socket = self.connection.sock
        usual = socket.gettimeout()
        socket.settimeout(PATIENCE)
        try:
            return self.connection.getreply()
        finally:
            socket.settimeout(usual)

    def envelope(self, letter: Letter) -> tuple[str, ...]:
        """Name sender and receivers; the receivers not taken, when at least one was."""
        code, answer = self.connection.mail(self.sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, self.sender)
        refused: dict[str, tuple[int, bytes]] = {}
        receivers = tuple(dict.fromkeys(address(one) for one in letter.to))
        for receiver in receivers:
            code, answer = self.connection.rcpt(receiver)
            if code == 421:
                raise smtplib.SMTPServerDisconnected(answer_text(answer))
            if code not in (250, 251):
                refused[receiver] = (code, answer)
        if len(refused) == len(receivers):
            raise smtplib.SMTPRecipientsRefused(refused)
        return tuple(refused)

    def turned_down(self, letter: Letter, error: smtplib.SMTPException) -> Outcome:
        """The server said no: for now (4xx) or for good. Whatever was begun is taken back."""
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            code, answer = next(iter(error.recipients.values()))
            for_now = all(400 <= one[0] < 500 for one in error.recipients.values())
        else:
            code, answer = error.smtp_code, error.smtp_error
            for_now = 400 <= code < 500
        problem = str(words("mail")["problems"]["answer"]).format(answer=f"{code} {answer_text(answer)}".strip())
        if code in (421, -1):
            return Outcome(letter=letter, state="lost", sentence=_said("lost", problem=problem))
        if isinstance(error, smtplib.SMTPSenderRefused):  # for all letters alike
            return Outcome(letter=letter, state="sender", sentence=_said("sender", sender=self.sender, problem=problem))
        try:
            self.connection.rset()
        except (smtplib.SMTPException, OSError):
            return Outcome(letter=letter, state="lost", sentence=_said("lost", problem=problem))
        state = "postponed" if for_now else "refused"
        return Outcome(letter=letter, state=state, sentence=_said(state, to=", ".join(letter.to), problem=problem))


def _bad_address(letter: Letter) -> str:
    wrong = [one for one in letter.to if not is_address(one)]
    errors = words("mail")["errors"]
    return errors["mail-address"].format(address=without_controls(wrong[0])) if wrong else errors["mail-no-receiver"]


def _said(outcome: str, **blanks: object) -> str:
    return str(words("mail")["outcomes"][outcome]).format(**blanks)

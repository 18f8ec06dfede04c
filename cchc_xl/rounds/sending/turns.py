"""One letter is tried by one person at a time: whoever tries it enters that first, and what came of it afterwards.

How long ago a try began is told by the clock of the disk that holds the round: those of two PCs may differ by hours.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.mail.outbox import Letter, Outcome, address, is_address
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.keeping.share_clock import share_moment

SENDING, SENT, KEPT = "sending", "sent", "not_gone"
_LONGEST_TRY = timedelta(minutes=15)  # longer than a server may take for one letter: after that the try was cut short


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The letters of one run. ``units``: key of a letter -> code of its unit; ``now``: when the run began."""

    folder: Path
    who: str
    now: datetime
    units: dict[str, str]
    began: float = field(default_factory=time.monotonic)

    @property
    def moment(self) -> datetime:
        """Now, as a run may take long."""
        return self.now + timedelta(seconds=time.monotonic() - self.began)

    def take(self, letter: Letter) -> Outcome | None:
        """Enter that the letter is being tried; or why not: it has gone, or somebody is at it. Raises RoundError."""
        events = [event for event in ledger.events(self.folder) if event.body.get("letter") == letter.key]
        if not left_to_reach(events, letter.key, letter.to):
            return Outcome(letter=letter, state="already")
        tries, clock = [event for event in events if event.kind in (SENDING, SENT, KEPT)], share_moment(self.folder)
        if tries and tries[-1].kind == SENDING and self._since(tries[-1], clock) < _LONGEST_TRY:
            return _elsewhere(letter, tries[-1])
        number = sum(event.kind == SENDING for event in tries)
        mark = f"{SENDING}:{letter.key}:{number}"
        entered = self._enter(SENDING, letter, mark, to=list(letter.to), clock=clock)
        return None if entered.new else _elsewhere(letter, entered.event)

    def _since(self, event: Event, clock: int) -> timedelta:
        """How long ago a try began. A clock that was put back since says nothing of it: then by how much."""
        began = event.body.get("clock")
        if isinstance(began, int):
            return abs(timedelta(milliseconds=clock - began))
        return abs(self.moment - event.at)  # entered by an earlier version of the program

    def sent(self, letter: Letter) -> None:
        self._enter(SENT, letter, f"{SENT}:{letter.key}:{' '.join(letter.to)}", to=list(letter.to))

    def kept(self, outcome: Outcome) -> None:
        """The try is over: the letter may be tried again, as the sentence of an uncertain one says."""
        self._enter(KEPT, outcome.letter, None, state=outcome.state)

    def _enter(self, kind: str, letter: Letter, mark: str | None, **more: object) -> ledger.Entered:
        body = {"letter": letter.key, "parcel": letter.kind, "unit": self.units[letter.key], **more}
        return ledger.add(self.folder, kind, body, now=self.moment, who=self.who, mark=mark)


def left_to_reach(events: Sequence[Event], key: str, to: Sequence[str]) -> tuple[str, ...]:
    """Those of the addresses to which the letter has not gone: the roster may have been put right since."""
    gone: set[str] = set()
    for event in events:
        if event.kind == SENT and event.body["letter"] == key:
            listed = event.body["to"]
            gone |= {_plain(str(one)) for one in listed} if isinstance(listed, list) else set()
    return tuple(one for one in to if _plain(one) not in gone)


def _plain(text: str) -> str:
    return (address(text) if is_address(text) else text).lower()


def _elsewhere(letter: Letter, event: Event) -> Outcome:
    said = str(words("mail")["outcomes"]["elsewhere"])
    blanks = {"to": ", ".join(letter.to), "who": event.who, "at": f"{event.at:%H:%M %d/%m/%Y}"}
    minutes = int(_LONGEST_TRY.total_seconds() // 60)
    return Outcome(letter=letter, state="elsewhere", sentence=said.format(minutes=minutes, **blanks))

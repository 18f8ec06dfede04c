"""A unit has sent again: its version now held against the one that the last answer was about."""

from collections.abc import Sequence
from datetime import datetime

from cchc_xl.checking.resubmission import compare, sentences
from cchc_xl.consolidation.merge import merge
from cchc_xl.model import Submission
from cchc_xl.rounds.following.judged import JudgedUnit
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.reading.judging import checker
from cchc_xl.rounds.receiving.asked import PREPARED
from cchc_xl.rounds.receiving.current import names_in, of_files


def compared_with_last(
    the_round: Round, judged: JudgedUnit, events: Sequence[Event], earlier: Sequence[Submission], at: datetime
) -> tuple[str, ...]:
    """What became of the requests made before ``at``, as sentences, the summary first; none for a first version."""
    shas, names, edition = _parts_before(judged, events, at), names_in(events), the_round.edition
    if not shas or not set(shas) <= set(names):
        return ()
    before = merge(edition, of_files(the_round, judged.stands.unit, shas, names)).submission
    judge = checker([before], earlier, the_round.roster, the_round.settings.severities)
    requests = (*before.findings, *judge(before, edition))
    result = compare(before, judged.submission, requests, edition, judged.findings)
    return sentences(result, edition, judged.submission.file)


def _parts_before(judged: JudgedUnit, events: Sequence[Event], at: datetime) -> list[str]:
    """The files that the last answer to the unit was about, when they are other files than those of now."""
    now, about = [part.sha256 for part in judged.parts], []
    for event in events:
        parts = event.body.get("parts")
        if event.kind == PREPARED and event.body["unit"] == judged.stands.unit.code and event.at < at:
            about += [[str(sha) for sha in parts]] if isinstance(parts, list) else []
    return next((parts for parts in reversed(about) if parts != now), [])

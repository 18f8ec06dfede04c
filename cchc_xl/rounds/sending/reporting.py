"""Communes' own Word reports, all of a round in one batch, and the one that goes back with an answer."""

from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.rounds.following.judged import JudgedUnit, judged_round
from cchc_xl.rounds.keeping.folder import REPORTS, Round
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.current import standing_of
from cchc_xl.rounds.sending.letter_values import letter_values
from cchc_xl.rounds.sending.parcels import Packed, Parcel, packer, stem_of
from cchc_xl.rounds.sending.posting import post
from cchc_xl.rounds.sending.prepared import Prepared

REPORT = "report"


def report_round(
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
    """The Word report of each unit whose workbook counts now, in ``folder/bao-cao-don-vi``, with draft and text.

    ``send``, ``dry_run``, ``drafts``: as ``issue_round``; ``previous`` plays no part in a report and is taken for the
    sake of one signature. Raises UsageError, RoundError, RosterError, OutputError.
    """
    the_round, stands, events = standing_of(folder, now, progress)
    judged = judged_round(the_round, stands, events, previous)
    said = words("round")["left_out"]
    parcels = [
        Parcel(
            kind=REPORT,
            unit=one.stands.unit,
            about=repr([part.sha256 for part in one.parts]),
            pack=packer(_pack, the_round, one),
            returns=True,
        )
        for one in judged.values()
    ]
    left_out = [
        (one.unit.full_name, said["waiting" if one.contradicting else one.stage.value])
        for one in stands.units
        if one.unit.code not in judged
    ]
    return post(
        the_round,
        events,
        parcels,
        left_out=left_out,
        now=now,
        who=who,
        send=send,
        dry_run=dry_run,
        drafts=drafts,
        progress=progress,
    )


def _pack(the_round: Round, judged: JudgedUnit, number: int, at: datetime) -> Packed:
    report = report_file(the_round, judged, REPORTS)
    name = report[0].rpartition("/")[2]
    values = letter_values(the_round, judged.stands.unit, "", number, tep=name)
    return Packed(files=(report,), paste=words("round")["paste"][REPORT].format(**values).lstrip(), values=values)


def report_file(the_round: Round, judged: JudgedUnit, home: str, number: int | None = None) -> tuple[str, bytes]:
    """(path in the round's folder, content) of a unit's Word report; ``number`` tells those of several versions."""
    from cchc_xl.word import commune

    unit = judged.stands.unit
    pattern = words("round")["words"]["report_name" if number is None else "report_name_again"]
    name = pattern.format(stem=stem_of(unit), period=the_round.period.code, number=number)
    own = the_round.roster.consolidating
    return f"{home}/{name}", commune.build(judged.submission, the_round.edition, unit=unit, consolidating=own)

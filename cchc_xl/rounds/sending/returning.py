"""What goes back to a unit: its own file, marked; or, where that can't be marked, the official workbook filled anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import (
    ASKED,
    base_name,
    counts_sentence,
    file_name,
    is_ready,
    kind_of,
    paste_text,
    requests_of,
)
from cchc_xl.errors import UsageError
from cchc_xl.files import write_output
from cchc_xl.model import Edition, Finding, ReportingUnit, Submission
from cchc_xl.rounds.following.judged import JudgedUnit, earlier_of, judged_round
from cchc_xl.rounds.keeping.archive import original
from cchc_xl.rounds.keeping.folder import ANSWERS, Round
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.pipeline import Checked, check_workbooks, read_roster_file
from cchc_xl.rounds.reading.intake_files import Progress, quiet
from cchc_xl.rounds.receiving.arrivals import RETURNED
from cchc_xl.rounds.receiving.asked import FEEDBACK, RECEIPT, Asked
from cchc_xl.rounds.receiving.current import standing_of
from cchc_xl.rounds.receiving.resubmitting import compared_with_last
from cchc_xl.rounds.receiving.states import UnitStanding
from cchc_xl.rounds.sending.letter_values import deadline_ahead, letter_values, moment_text
from cchc_xl.rounds.sending.parcels import Files, Packed, Parcel, packer, stem_of
from cchc_xl.rounds.sending.posting import post
from cchc_xl.rounds.sending.prepared import Prepared
from cchc_xl.rounds.sending.reporting import report_file
from cchc_xl.rounds.sending.turning_back import refused_parcels


def feedback_round(
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
    """What goes back to each unit whose workbook counts now, in ``folder/phan-hoi``, once for each version.

    With findings to answer: the marked workbook, the Phiếu, its Word report, a text to paste, a mail draft, and what
    became of the requests made before. Otherwise a receipt. A file that can't be taken is told to its unit with the
    reason. ``previous``, ``send``, ``dry_run``, ``drafts``: as ``issue_round``. Raises UsageError, RoundError,
    RosterError, OutputError.
    """
    the_round, stands, events = standing_of(folder, now, progress)
    judged = judged_round(the_round, stands, events, previous)
    earlier = earlier_of(the_round, previous)
    parcels, left_out = [], []
    for stand in stands.units:
        if stand.unit.code in judged:
            parcels.append(_parcel(the_round, judged[stand.unit.code], events, earlier))
        else:
            left_out.append((stand.unit.full_name, words("round")["left_out"][_why_not(stand)]))
    parcels += refused_parcels(the_round, stands)
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


def _why_not(stands: UnitStanding) -> str:
    """A word of ui/round.toml [left_out]."""
    return "waiting" if stands.contradicting else stands.stage.value


def _parcel(the_round: Round, judged: JudgedUnit, events: Sequence[Event], earlier: Sequence[Submission]) -> Parcel:
    unit, reason = judged.stands.unit, _returned(judged.stands)
    ready = is_ready(judged.findings) and not reason
    shas = [part.sha256 for part in judged.parts]
    told = [(one.id, one.rule, one.key, one.cell, one.severity.value, one.explained) for one in judged.findings]
    return Parcel(
        kind=RECEIPT if ready else FEEDBACK,
        unit=unit,
        about=repr((shas, told, reason)),
        pack=packer(_receipt, the_round, judged)
        if ready
        else packer(_feedback, the_round, judged, events, tuple(earlier), reason),
        noted={"parts": shas, **_asked(judged).noted()},
    )


def _asked(judged: JudgedUnit) -> Asked:
    kinds = [kind_of(one) for one in judged.findings]
    return Asked(errors=kinds.count("error"), warnings=kinds.count("warning"))


def _returned(stands: UnitStanding) -> str:
    """Why staff returned the files that are current now; "" where they did not."""
    verdict = stands.verdict
    return str(verdict.body["reason"]) if verdict and verdict.kind == RETURNED else ""


def _receipt(the_round: Round, judged: JudgedUnit, number: int, at: datetime) -> Packed:
    unit, said = judged.stands.unit, words("round")["paste"]
    values = letter_values(
        the_round,
        unit,
        "",
        number,
        tinh_hinh=counts_sentence(judged.findings),
        luc_nhan=moment_text(max(version.received for version in judged.stands.current), at),
        ma_bam=", ".join(part.sha256 for part in judged.parts),
        tep_nhan=", ".join(base_name(part.file) for part in judged.parts),
    )
    paste = said[RECEIPT].format(**values | {"noi_gui": values["noi_gui"] or said["nobody"]}).lstrip()
    report = report_file(the_round, judged, f"{ANSWERS}/{stem_of(unit)}", number)
    return Packed(files=(report,), paste=paste, values=values)


def _feedback(
    the_round: Round,
    judged: JudgedUnit,
    events: Sequence[Event],
    earlier: Sequence[Submission],
    reason: str,
    number: int,
    at: datetime,
) -> Packed:
    unit = judged.stands.unit
    home, marked = f"{ANSWERS}/{stem_of(unit)}", file_name("to_fix", unit, number)
    compared = compared_with_last(the_round, judged, events, earlier, at)
    said = words("round")["paste"]
    back = [said["returned"].format(reason=reason)] if reason else []
    summary = said["compared"].format(summary=compared[0]) if compared else ""
    files: Files = (
        (f"{home}/{marked}", marked_book(the_round, judged, marked, number, summary)),
        (f"{home}/{file_name('slip', unit, number)}", _slip(the_round, judged, marked, summary, number, at)),
        report_file(the_round, judged, home, number),
    )
    if compared:
        name = f"{home}/{file_name('compared', unit, number)}"
        files = (*files, (name, ("\n".join(compared) + "\n").encode("utf-8-sig")))
    paste, values = _said(the_round, judged, marked, [*back, *([summary] if summary else [])], number, at)
    return Packed(files=files, paste=paste, values=values)


def _slip(the_round: Round, judged: JudgedUnit, marked: str, before: str, number: int, at: datetime) -> bytes:
    """The Phiếu. ``before``: what became of earlier requests."""
    from cchc_xl.word import request

    return request.build(
        judged.submission,
        judged.findings,
        the_round.edition,
        marked=marked,
        unit=judged.stands.unit,
        sender=the_round.roster.consolidating,
        round_number=number,
        deadline=deadline_ahead(the_round, judged.stands.unit, at),
        before=before,
    )


def _said(
    the_round: Round, judged: JudgedUnit, marked: str, more: Sequence[str], number: int, at: datetime
) -> tuple[str, dict[str, str]]:
    """The text to paste and what the letter says. ``more``: lines beside the requests."""
    unit, edition, submission, findings = judged.stands.unit, the_round.edition, judged.submission, judged.findings
    deadline = deadline_ahead(the_round, unit, at)
    text = paste_text(submission, findings, edition, marked=marked, unit=unit, deadline=deadline).strip()
    asked = [one for one in requests_of(findings, edition, submission.file) if one.kind in ASKED]
    details = [f"{one.number}. {one.place}: {one.message}" for one in asked]
    values = letter_values(
        the_round,
        unit,
        deadline,
        number,
        tep=marked,
        tinh_hinh=words("round")["paste"]["left"].format(counts=counts_sentence(findings)),
        chi_tiet="\n".join((*more, *details)),
    )
    return _with_lines(text, more), values


def _with_lines(text: str, more: Sequence[str]) -> str:
    """The text with lines put in before its last one, the thanks."""
    *lines, thanks = text.splitlines()
    return "\n".join((*lines, *more, thanks)) + "\n"


def marked_book(the_round: Round, judged: JudgedUnit, name: str, number: int, compared: str = "") -> bytes:
    """The unit's own file, marked; of a report in parts, and of what can't be marked, the official workbook anew.

    ``compared``: a sentence on what became of earlier requests.
    """
    unit = judged.stands.unit
    content = None
    if len(judged.parts) == 1:
        content = original(the_round.folder, judged.parts[0].sha256).read_bytes()
    return _marked(
        content,
        judged.submission,
        judged.findings,
        the_round.edition,
        name=name,
        number=number,
        unit=unit,
        consolidating=the_round.roster.consolidating,
        compared=compared,
    )


def _marked(
    content: bytes | None,
    submission: Submission,
    findings: Sequence[Finding],
    edition: Edition,
    *,
    name: str,
    number: int = 1,
    unit: ReportingUnit | None = None,
    consolidating: ReportingUnit | None = None,
    compared: str = "",
) -> bytes:
    from cchc_xl.workbook import feedback
    from cchc_xl.workbook.marking.patching import NotMarkable
    from cchc_xl.workbook.marking.refilled import on_official_places, refilled

    about: Mapping = {"file": name, "round_number": number, "unit": unit, "compared": compared}
    try:
        if content is not None:
            return feedback.mark(content, findings, edition, **about)
    except NotMarkable:  # signed, with macros, of another program: answers go into a fresh workbook
        content = None
    fresh = refilled(submission, edition, unit=unit, consolidating=consolidating)
    return feedback.mark(fresh, on_official_places(findings, edition), edition, **about)


def write_feedback(
    file: Path, out: Path, roster: Path | None = None, previous: Path | None = None
) -> tuple[Checked, Path]:
    """Check ``file`` and write its marked copy to ``out``, or beside it; ``file`` itself is never touched.

    A file that was refused can't be marked: raises UsageError with what to do instead.
    """
    if out.exists() and file.exists() and out.samefile(file):
        raise UsageError("output-is-input", file=str(out))
    (checked, *others) = check_workbooks([str(file)], roster, previous)
    submission, edition = checked.submission, checked.edition
    if submission.refused or others:
        raise UsageError("feedback-refused", file=str(file))
    units = read_roster_file(roster, edition) if roster else None
    unit = units.find(submission.unit.code) if units and submission.unit else None
    own = units.consolidating if units else None
    marked = _marked(
        file.read_bytes(), submission, checked.findings, edition, name=out.name, unit=unit, consolidating=own
    )
    return checked, write_output(out, marked)

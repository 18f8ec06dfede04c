"""What each button of the control workbook does, and the sentences that say so."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from cchc_xl.editions.catalogue import advice, message, words
from cchc_xl.errors import UsageError
from cchc_xl.model import FileFate, Finding, Severity, UnitState
from cchc_xl.rounds.adding.consolidating import CONSOLIDATED
from cchc_xl.rounds.buttons.control_settings import ControlSettings, Settled
from cchc_xl.rounds.buttons.tables import Table, findings_table, is_explained
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import OUTPUTS, Round
from cchc_xl.rounds.pipeline import MASTER, NARRATIVE, Consolidated, not_sent
from cchc_xl.rounds.reading.intake_files import Progress
from cchc_xl.rounds.receiving.current import standing_of
from cchc_xl.rounds.sending.prepared import Prepared
from cchc_xl.text import without_controls

Link = tuple[str, Path]  # caption, file or folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one action did: sentences, what to link to, what to open, the findings to list (None: as listed before)."""

    sentences: tuple[str, ...]
    links: tuple[Link, ...] = ()
    opens: tuple[Path, ...] = ()
    findings: Table | None = None
    has_errors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every action gets."""

    control: ControlSettings
    settled: Settled
    now: datetime
    who: str
    progress: Progress

    @property
    def folder(self) -> Path:
        return self.settled.round.folder


def output_of(folder: Path, name: str) -> Path | None:
    """Where an output of the last consolidation was written; None where there was none."""
    made = [event for event in ledger.events(folder) if event.kind == CONSOLIDATED]
    written = made[-1].body.get("written") if made else None
    return folder / OUTPUTS / str(written[name]) if isinstance(written, Mapping) and name in written else None


def _named(units: Sequence[str]) -> str:
    said = words("control")
    most = said["words"]["units_named"]
    more = said["messages"]["units_more"].format(count=len(units) - most) if len(units) > most else ""
    return ", ".join(units[:most]) + more


def _issue(desk: Desk) -> Done:
    from cchc_xl.rounds.sending.issuing import issue_round

    return _prepared(desk, issue_round, "issued")


def _feedback(desk: Desk) -> Done:
    from cchc_xl.rounds.sending.returning import feedback_round

    return _prepared(desk, feedback_round, "fed_back")


def _report(desk: Desk) -> Done:
    from cchc_xl.rounds.sending.reporting import report_round

    return _prepared(desk, report_round, "reported")


def _remind(desk: Desk) -> Done:
    from cchc_xl.rounds.sending.reminding import remind_round

    return _prepared(desk, remind_round, "reminded")


def _prepared(desk: Desk, make: Callable[..., Prepared], kind: str) -> Done:
    said, sends = words("control")["messages"], desk.control.sends
    made = make(desk.folder, desk.now, desk.who, send=sends, progress=desk.progress)
    lines = [said[kind].format(count=len(made.written)) if made.written else said["none_made"]]
    if sends:
        lines.append(said["sent"].format(count=made.sent))
    elif made.written:
        lines.append(said["not_sent"].format(how=words("control")["choices"]["send"][0]))
    most = words("control")["words"]["units_named"]
    lines += [said["left_out"].format(unit=unit, reason=reason.rstrip(".")) for unit, reason in made.left_out[:most]]
    if len(made.left_out) > most:
        lines.append(said["left_out_more"].format(count=len(made.left_out) - most))
    homes = dict.fromkeys(path.relative_to(desk.folder).parts[0] for path in made.written)
    caption = words("control")["links"]["made"]
    return Done(sentences=tuple(lines), links=tuple((f"{caption}: {home}", desk.folder / home) for home in homes))


def _collect(desk: Desk) -> Done:
    from cchc_xl.rounds.receiving.collecting import collect

    said, source = words("control")["messages"], _source(desk)
    got = collect(desk.folder, source, None, desk.now, desk.who, lambda sha256, name: None, desk.progress)
    lines = [said["collected"].format(new=got.new, known=len(got.seen) - got.new)]
    if not got.seen:
        lines = [said["collected_none"].format(path=source)]
    if got.questions:
        senders = [without_controls(", ".join(one.senders)) for one in got.questions]
        lines.append(said["questions"].format(count=len(got.questions), senders=_named(senders)))
    if got.passed:
        names = [without_controls(one.path.name) for one in got.passed]
        lines.append(said["passed"].format(count=len(names), names=_named(names)))
    links = ((words("control")["links"]["source"], source),) if isinstance(source, Path) else ()
    return Done(sentences=tuple(lines), links=links)


def _source(desk: Desk) -> Path | str:
    """The folder of arrivals, or the mailbox as written."""
    from cchc_xl.mail.imap import is_url

    text, label = desk.control.text("source"), words("control")["fields"]["source"]
    if not text:
        raise UsageError("control-source", label=label)
    if is_url(text):
        return text
    source = desk.control.path("source")
    if not source.exists():
        raise UsageError("control-source-missing", path=str(source))
    return source


def _check(desk: Desk) -> Done:
    from cchc_xl.rounds.following.judged import judged_round

    said = words("control")["messages"]
    the_round, stands, events = standing_of(desk.folder, desk.now, desk.progress)
    judged = judged_round(the_round, stands, events)
    counts = _errors_and_warnings([finding for one in judged.values() for finding in one.findings])
    line = said["checked"].format(count=len(judged), **counts)
    listed = findings_table(judged.values(), the_round.edition)
    return Done(sentences=(line if judged else said["checked_none"],), findings=listed, has_errors=counts["errors"] > 0)


def _consolidate(desk: Desk) -> Done:
    from cchc_xl.rounds.adding.consolidating import consolidate_round

    made = consolidate_round(desk.folder, desk.now, desk.who, None, desk.progress)
    links = tuple(
        (words("control")["links"][name], made.written[file])
        for name, file in (("master", MASTER), ("narrative", NARRATIVE))
    )
    return Done(sentences=_consolidated(desk.settled.round, made), links=links, has_errors=made.has_errors)


def _consolidated(the_round: Round, made: Consolidated) -> tuple[str, ...]:
    said, all_of = words("control")["messages"], made.consolidation
    everyone = (*all_of.units, *((all_of.own,) if all_of.own else ()))
    waiting = [one.unit.full_name for one in everyone if one.state is UnitState.WAITING]
    away = [one for one in all_of.files if one.fate not in (FileFate.COUNTED, FileFate.WAITING)]
    found = [finding for one in everyone if one.state is UnitState.COUNTED for finding in one.findings]
    own_missing = all_of.own is not None and all_of.own.state is UnitState.NOT_SENT
    lines = (
        said["consolidated"].format(period=the_round.period.title, sent=all_of.sent, due=all_of.N),
        said["missing"].format(units=_named(not_sent(all_of))) if not_sent(all_of) else "",
        said["own_missing"].format(unit=all_of.own.unit.full_name) if all_of.own and own_missing else "",
        said["unit_waiting"].format(units=_named(waiting)) if waiting else "",
        said["turned_away"].format(count=len(away)) if away else "",
        said["found"].format(**_errors_and_warnings(found)),
        *_amended(made),
        *(said["beside"].format(name=name, path=path) for name, path in made.written.items() if path.name != name),
    )
    return tuple(line for line in lines if line)


def _errors_and_warnings(findings: Sequence[Finding]) -> dict[str, int]:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING and not is_explained(finding) for finding in findings)
    return {"errors": errors, "warnings": warnings}


def _amended(made: Consolidated) -> Iterator[str]:
    """Corrections taken in, each that was not with the reason, and how many figures are not those of before."""
    said, all_of = words("cli")["summary"], made.consolidation
    if all_of.corrections:
        yield said["corrections"].format(count=len(all_of.corrections))
    refused = [line.finding for line in all_of.lines if line.finding]
    loud = [one for one in all_of.notices if one.severity is not Severity.NOTE]
    for finding in [*refused, *loud][: words("control")["words"]["units_named"]]:
        yield without_controls(f"{message(finding, all_of.edition)} {advice(finding, all_of.edition)}")
    if made.changed:
        yield said["changed"].format(count=len(made.changed)).rstrip(":") + "."


def _open(desk: Desk) -> Done:
    master = output_of(desk.folder, MASTER)
    if master is None:
        raise UsageError("control-no-output")
    if not master.exists():
        raise UsageError("control-output-gone", path=str(master))
    folder = (words("control")["links"]["outputs"], master.parent)
    said = words("control")["messages"]["opened"].format(path=master)
    return Done(sentences=(said,), links=(folder,), opens=(master,))


def _refresh(desk: Desk) -> Done:
    return Done(sentences=(words("control")["messages"]["refreshed"],))


ACTIONS: Mapping[str, Callable[[Desk], Done]] = MappingProxyType(
    {
        "issue": _issue,
        "collect": _collect,
        "check": _check,
        "feedback": _feedback,
        "consolidate": _consolidate,
        "report": _report,
        "remind": _remind,
        "open": _open,
        "refresh": _refresh,
    }
)

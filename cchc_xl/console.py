"""What the command line shows: findings and results as rich renderables. Prints nothing itself."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cchc_xl.editions.catalogue import advice, cause_sentence, fate_sentence, message, words
from cchc_xl.model import Consolidation, Counted, FileFate, Finding, Severity, State, UnitState, UnitStatus
from cchc_xl.number import vietnamese
from cchc_xl.rounds.editing import RuleLine
from cchc_xl.rounds.pipeline import Checked, Consolidated, not_sent
from cchc_xl.text import without_controls

_STYLE = {"error": "bold red", "warning": "yellow", "explained": "green", "note": "cyan"}
_RANK = {"error": 0, "warning": 1, "explained": 2, "note": 3}
WORST_LISTED = 5
PASSED_LISTED = 5
CHANGES_LISTED = 30


def kind_of(finding: Finding) -> str:
    """error, warning, explained or note."""
    explained = finding.severity is Severity.WARNING and finding.explained
    return "explained" if explained else finding.severity.value


def checked_file(checked: Checked, *, with_entries: bool) -> Iterator[RenderableType]:
    """One file for a person: who, counts, what was read if asked, findings by form with the worst first."""
    ui, submission = words("cli")["report"], checked.submission
    yield Text(without_controls(submission.file), style="bold")
    if not submission.refused:
        unit = submission.unit
        name = without_controls(unit.name) if unit else ui["nobody"]
        period = submission.period or ui["no_period"]
        yield Text("  " + ui["unit"].format(name=name, code=unit.code if unit else "?", period=period))
    yield Text("  " + _counts(checked, judged=not with_entries))
    if with_entries and not submission.refused:
        yield Padding(_entries(checked), (0, 0, 0, 2), expand=False)
    yield from _findings(checked)
    yield Text("")


def _counts(checked: Checked, *, judged: bool) -> str:
    """``judged``: every check was made, so that nothing found means ready to send."""
    ui = words("cli")["report"]
    if checked.submission.refused:
        return ui["refused"]
    kinds = [kind_of(finding) for finding in checked.findings]
    counts = ui["counts"].format(
        errors=kinds.count("error"),
        warnings=kinds.count("warning"),
        explained=kinds.count("explained"),
        notes=kinds.count("note"),
    )
    return counts if not judged or {"error", "warning"} & set(kinds) else f"{ui['ready']}: {counts}"


def _entries(checked: Checked) -> Table:
    ui = words("cli")["report"]
    table = Table(*ui["read_head"])
    for key, indicator in checked.edition.by_key.items():
        entry = checked.submission.entries[key]
        shown = vietnamese(entry.value) if entry.state is State.NUMBER else without_controls(entry.raw or "")
        label = Text(indicator.label, overflow="ellipsis", no_wrap=True)
        place = Text(without_controls(f"{entry.sheet}!{entry.cell}"))
        table.add_row(key, label, ui["states"][entry.state.value], Text(shown), place)
    return table


def _findings(checked: Checked) -> Iterator[RenderableType]:
    """Grouped by form, the form with the worst finding first; within a form the worst first."""
    ui = words("cli")["report"]
    groups: dict[int, list[Finding]] = {}
    for finding in checked.findings:
        form = checked.edition.by_key[finding.key].form if finding.key in checked.edition.by_key else 0
        groups.setdefault(form, []).append(finding)
    for form in sorted(groups, key=lambda one: (min(_RANK[kind_of(finding)] for finding in groups[one]), one)):
        yield Text("  " + (ui["form"].format(form=form) if form else ui["whole_file"]), style="bold underline")
        for finding in sorted(groups[form], key=lambda one: _RANK[kind_of(one)]):
            yield Padding(_finding(finding, checked), (0, 0, 0, 4), expand=False)


def _finding(finding: Finding, checked: Checked) -> Group:
    ui, kind = words("cli")["report"], kind_of(finding)
    file = without_controls(checked.submission.file)
    head = Text.assemble((ui[kind], _STYLE[kind]), " ", message(finding, checked.edition, file))
    if finding.cell:
        place = ui["place"].format(sheet=finding.sheet, cell=finding.cell)
        head.append(f" [{place}]", style="dim")
    lines: list[RenderableType] = [head]
    if kind == "explained":
        lines.append(Text("  " + ui["explanation"].format(text=without_controls(finding.explanation))))
    elif kind != "note":
        lines.append(Text("  " + ui["advice"].format(advice=advice(finding, checked.edition, file))))
    lines += [Text("  " + ui["cause"].format(cause=cause_sentence(cause))) for cause in finding.causes]
    return Group(*lines)


def consolidated(result: Consolidated) -> Iterator[Text]:
    """A short summary that a district officer understands: who, what is wrong, what was written."""
    ui, all_of = words("cli")["summary"], result.consolidation
    title = ui["title"].format(period=all_of.period.title, sent=all_of.sent, due=all_of.N)
    yield Text(title, style="bold")
    missing = not_sent(all_of)
    if missing:
        yield Text(ui["not_sent"].format(units=", ".join(missing)))
    if all_of.own and all_of.own.state is UnitState.NOT_SENT:
        yield Text(ui["own_missing"].format(unit=all_of.own.unit.full_name))
    waiting = [unit.unit.full_name for unit in _units(all_of) if unit.state is UnitState.WAITING]
    if waiting:
        yield Text(ui["waiting"].format(units=", ".join(waiting)), style="yellow")
    for file in all_of.files:
        if file.fate not in (FileFate.COUNTED, FileFate.WAITING):
            reason = fate_sentence(file.reason, file.args)
            shown = without_controls(file.submission.file)
            yield Text(ui["turned_away"].format(file=shown, reason=reason), style="yellow")
    if result.passed:
        shown = ", ".join(without_controls(Path(name).name) for name in result.passed[:PASSED_LISTED])
        more = " …" if len(result.passed) > PASSED_LISTED else ""
        yield Text(ui["passed_over"].format(count=len(result.passed), files=shown + more))
    for word, reason in result.words_unused[:PASSED_LISTED]:
        yield Text(ui["words_unused"].format(file=without_controls(Path(word).name), reason=reason))
    yield from _found(all_of)
    yield from _corrections(all_of)
    yield from _changed(result)
    yield from _written(result)
    yield Text(ui["notes"], style="dim")


def styled(lines: Iterable[tuple[str, str]]) -> Iterator[Text]:
    """Lines (text, style) as they were when ``consolidated`` gave them."""
    return (Text(text, style=style) for text, style in lines)


def _units(all_of: Consolidation) -> tuple[Counted, ...]:
    return (*all_of.units, *((all_of.own,) if all_of.own else ()))


def _found(all_of: Consolidation) -> Iterator[Text]:
    """Counts over the workbooks that count; which units have most errors."""
    ui = words("cli")["summary"]
    counted = [unit for unit in _units(all_of) if unit.state is UnitState.COUNTED]
    kinds = [kind_of(finding) for unit in counted for finding in unit.findings]
    counts = {"errors": kinds.count("error"), "warnings": kinds.count("warning"), "explained": kinds.count("explained")}
    yield Text(ui["findings"].format(**counts))
    errors = {unit.unit.full_name: [kind_of(one) for one in unit.findings].count("error") for unit in counted}
    worst = sorted((name for name in errors if errors[name]), key=lambda name: -errors[name])
    if worst:
        named = ", ".join(ui["unit_errors"].format(unit=name, count=errors[name]) for name in worst[:WORST_LISTED])
        more = ui["more_units"].format(count=len(worst) - WORST_LISTED) if len(worst) > WORST_LISTED else ""
        yield Text(ui["worst"].format(units=named + more))


def _corrections(all_of: Consolidation) -> Iterator[Text]:
    """How many corrections the figures take in; every line that they don't, with what to do."""
    ui = words("cli")["summary"]
    if all_of.corrections:
        yield Text(ui["corrections"].format(count=len(all_of.corrections)))
    told = [line.finding for line in all_of.lines if line.finding]
    for finding in (*told, *(one for one in all_of.notices if one.severity is not Severity.NOTE)):
        text = f"{message(finding, all_of.edition)} {advice(finding, all_of.edition)}"
        yield Text(without_controls(text), style=_STYLE[finding.severity.value])


def _changed(result: Consolidated) -> Iterator[Text]:
    """The figures that are no longer those written before, old and new."""
    ui, edition = words("cli")["summary"], result.consolidation.edition
    if not result.changed:
        return
    yield Text(ui["changed"].format(count=len(result.changed)), style="bold")
    for one in result.changed[:CHANGES_LISTED]:
        indicator = edition.by_key[one.key]
        old = vietnamese(None if one.old is None else Decimal(repr(one.old)), 2)
        blanks = {"form": indicator.form, "code": indicator.code, "label": indicator.label.rstrip(".")}
        block = ui["blocks"][one.block]
        yield Text("  " + ui["change"].format(**blanks, block=block, old=old, new=vietnamese(one.new, 2)))
    if len(result.changed) > CHANGES_LISTED:
        yield Text("  " + ui["more_changes"].format(count=len(result.changed) - CHANGES_LISTED))


def _written(result: Consolidated) -> Iterator[Text]:
    ui = words("cli")["summary"]
    for name, path in result.written.items():
        kind = "written" if path.name == name else "written_beside"
        yield Text(ui[kind].format(path=path, name=name))
    for sentence in result.not_made:
        yield Text(sentence, style="yellow")


def rule_table(lines: Iterable[RuleLine]) -> Table:
    """The catalogue of rules for a person."""
    rule, _, _, severity, content, _ = words("cli")["rules"]["columns"]
    table = Table(rule, severity, content)
    for line in lines:
        table.add_row(Text(line.id), Text(line.severity), Text(line.content))
    return table


def unit_table(units: Iterable[UnitStatus]) -> Table:
    """A round at a glance: every unit's state, who entered it, when, what was noted, whom to call."""
    ui, states = words("cli")["standing"], words("round")["states"]
    table = Table(*ui["status"], title=ui["title"], title_justify="left")
    for one in units:
        contact = ", ".join(filter(None, (one.unit.contact, one.unit.phone)))
        when = f"{one.when:%H:%M %d/%m/%Y}" if one.when else ""
        marks = (ui["yes"] if marked else "" for marked in (one.late, one.signed_copy))
        cells = (one.unit.code, one.unit.full_name, states[one.state], when, one.who, *marks, one.note, contact)
        table.add_row(*(Text(without_controls(cell)) for cell in cells), Text(_short(one.sha256)))
    return table


def file_table(standing: Mapping[str, list[dict]]) -> Table:
    """Every attachment received and its fate."""
    ui, texts = words("cli")["standing"], words("round")
    files = Table(*ui["attachments"], title=ui["files"], title_justify="left")
    for one in standing["attachments"]:
        words_of = (texts["channels"][one["channel"]], texts["fates"][one["fate"]])
        reason = without_controls(one["reason"] or "")
        name, unit = Text(without_controls(one["name"])), Text(one["unit"] or "")
        files.add_row(name, *words_of, unit, Text(reason), _short(one["sha256"]))
    return files


def _short(sha256: str | None) -> str:
    return (sha256 or "")[:8]

"""What is asked of a unit: its findings with their sentences, the most urgent first, and a short text to paste."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cchc_xl.editions.catalogue import advice, cause_sentence, message, words
from cchc_xl.editions.load import period_of
from cchc_xl.errors import UsageError
from cchc_xl.model import Edition, Finding, ReportingUnit, Severity, Submission, UnitName
from cchc_xl.text import file_words, without_controls

KINDS = ("error", "warning", "note", "explained")  # the most urgent first
ASKED = ("error", "warning")  # what has to be answered before the figures can be used
PASTED = 6  # requests named in the text to paste


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One finding as the unit reads it. ``number`` counts from 1 in the order of urgency; ``kind``: see KINDS."""

    number: int
    kind: str
    finding: Finding
    form: int | None
    code: str
    message: str
    advice: str
    causes: tuple[str, ...]

    @property
    def kind_word(self) -> str:
        """``Lỗi phải sửa``."""
        return str(words("feedback")["kinds"][self.kind])

    @property
    def place(self) -> str:
        """``Biểu 1, dòng 2, ô D8``."""
        names, finding = words("feedback")["place"], self.finding
        if self.code:
            name = "row_cell" if finding.cell else "row"
            return str(names[name]).format(form=self.form, code=self.code, cell=finding.cell)
        if finding.sheet and finding.cell:
            return str(names["cell"]).format(sheet=without_controls(finding.sheet), cell=finding.cell)
        return without_controls(finding.sheet) if finding.sheet else str(names["file"])


def kind_of(finding: Finding) -> str:
    """error, warning, note, or explained (a warning with a sufficient explanation)."""
    explained = finding.severity is Severity.WARNING and finding.explained
    return "explained" if explained else finding.severity.value


def requests_of(findings: Iterable[Finding], edition: Edition, file: str) -> tuple[Request, ...]:
    """All findings as requests: errors, then warnings, notes, explained ones; within a kind in the order given."""
    ordered = sorted(findings, key=lambda finding: KINDS.index(kind_of(finding)))
    return tuple(_request(number, finding, edition, file) for number, finding in enumerate(ordered, start=1))


def _request(number: int, finding: Finding, edition: Edition, file: str) -> Request:
    indicator = edition.by_key.get(finding.key or "")
    form = indicator.form if indicator else finding.args.get("form")
    return Request(
        number=number,
        kind=kind_of(finding),
        finding=finding,
        form=form if isinstance(form, int) else None,
        code=indicator.code if indicator else "",
        message=message(finding, edition, file),
        advice=advice(finding, edition, file),
        causes=tuple(cause_sentence(cause) for cause in finding.causes),
    )


def is_ready(findings: Iterable[Finding]) -> bool:
    """True when nothing has to be corrected or explained any more."""
    return not any(kind_of(finding) in ASKED for finding in findings)


def counts_sentence(findings: Iterable[Finding]) -> str:
    """``1 lỗi phải sửa, 3 mục cần giải trình``; kinds that don't occur are left out."""
    ui = words("feedback")["counts"]
    numbers = Counter(kind_of(finding) for finding in findings)
    named = [ui[kind].format(n=numbers[kind]) for kind in KINDS if numbers[kind]]
    return str(ui["joint"]).join(named) or str(ui["none"])


def unit_title(unit: ReportingUnit | UnitName) -> str:
    """The unit as it stands in a sentence: ``xã Bình Lãng``, or the bare name a workbook carries."""
    return without_controls(unit.full_name if isinstance(unit, ReportingUnit) else unit.name)


def period_title(code: str | None, edition: Edition) -> str:
    """``6 tháng đầu năm 2022``; a code the edition does not know as it is, "" for none."""
    if not code:
        return ""
    try:
        return period_of(edition, code).title
    except UsageError:
        return without_controls(code)


def file_name(kind: str, unit: ReportingUnit | UnitName, round_number: int) -> str:
    """A name fit for every system, by ``[names]``: ``11092_Binh-Lang_CAN-SUA_lan-1.xlsx``."""
    name = unit.title if isinstance(unit, ReportingUnit) else unit.name
    pattern = str(words("feedback")["names"][kind])
    return pattern.format(code=file_words(unit.code) or "0", name=file_words(name) or "0", round=round_number)


def paste_text(
    submission: Submission,
    findings: Sequence[Finding],
    edition: Edition,
    *,
    marked: str,
    unit: ReportingUnit | None = None,
    deadline: str = "",
) -> str:
    """A few plain lines for a mail or Zalo. ``marked``: name of the marked workbook that goes with them."""
    ui = words("feedback")["paste"]
    who = unit or submission.unit
    about = {
        "unit": unit_title(who) if who else words("feedback")["slip"]["nobody"],
        "period": period_title(submission.period, edition) or words("feedback")["slip"]["no_period"],
        "file": base_name(submission.file),
        "counts": counts_sentence(findings),
    }
    lines = [ui["greeting"].format(**about), ui["intro_ready" if is_ready(findings) else "intro"].format(**about)]
    asked = [one for one in requests_of(findings, edition, submission.file) if one.kind in ASKED]
    lines += [_pasted(one) for one in asked[:PASTED]]
    if len(asked) > PASTED:
        lines.append(ui["more"].format(n=len(asked) - PASTED))
    if asked:
        until = ui["deadline"].format(deadline=deadline) if deadline else ""
        lines.append(ui["ask"].format(marked=without_controls(marked), deadline=until))
    return "\n".join((*lines, ui["thanks"])) + "\n"


def _pasted(request: Request) -> str:
    ui = words("feedback")["paste"]
    line = ui["line"].format(number=request.number, place=request.place, message=without_controls(request.message))
    return line + (ui["cause"].format(cause=without_controls(request.causes[0])) if request.causes else "")


def base_name(file: str) -> str:
    """The last part of a path of any system, safe to show on one line."""
    return without_controls(file.replace("\\", "/").rpartition("/")[2])

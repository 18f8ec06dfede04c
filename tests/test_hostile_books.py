"""The five hundred hostile texts in what a round writes beside its results: status and settings workbook, the sheet for
the portal, the chief's page, a button's result for the macro, texts and drafts of letters.

As in test_hostile_injection.py: held against the same thing made of harmless texts, nothing more may be live.
"""

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import period_of
from cchc_xl.model import Consolidation, Letterhead, PortalRow, ReportingUnit, Roster, Target, UnitState, UnitStatus
from cchc_xl.rounds.buttons.control import ControlResult
from cchc_xl.rounds.buttons.screen import ENCODING, LINE, result_file
from cchc_xl.rounds.keeping.folder import new_round
from cchc_xl.rounds.sending.reminding import remind_round
from cchc_xl.word import summary
from cchc_xl.workbook import portal, roster_book, settings_book, status_book
from tests.conftest import values_of
from tests.filled import EDITION
from tests.round_files import NOW, WHO
from tests.rounds import random_round
from tests.test_hostile_injection import (
    STARTS,
    TEXTS,
    formulas,
    kept,
    live_differences,
    paragraphs,
    unit_names,
    visible,
)

WHEN = datetime(2022, 6, 20, 9, 0)
READ = tuple(map(kept, TEXTS))  # as every reader of ours gives them: halves of letters are replaced
ALIKE = tuple("x" * len(text) for text in READ)
ESCAPED = re.compile("_x005F_x", re.I)  # of two escapes that overlap XlsxWriter writes one out


def lost(content: bytes, sheet: str, given: tuple[str, ...] = READ) -> list[str]:
    """Texts that do not stand on a sheet, in any cell; openpyxl leaves some of Excel's escapes as they are."""
    raw = " ".join(str(value) for value in values_of(content)[sheet].values())
    said = visible(raw) + visible(re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), raw))
    return [text[:60] for text in given if not ESCAPED.search(text) and visible(text) not in said]


def units(given: tuple[str, ...]) -> tuple[ReportingUnit, ...]:
    return tuple(
        ReportingUnit(code=f"{n:05}", name=text, type="xã", level="xã", contact=text, phone=text, email=(text,))
        for n, text in enumerate(given)
    )


# --- workbooks ------------------------------------------------------------------------------------------------------


def status_of(given: tuple[str, ...]) -> bytes:
    period = period_of(EDITION, "2022-6T")
    stands = [
        UnitStatus(
            unit=unit, state="to_fix", when=WHEN, who=text, sha256="0" * 64, file=text, note=text, signed_copy=text
        )
        for unit, text in zip(units(given), given, strict=True)
    ]
    files = [
        status_book.FileLine(
            **dict.fromkeys(("name", "unit", "channel", "sender", "entered_by", "fate", "reason"), text),
            received=WHEN,
            sha256="0" * 64,
        )
        for text in given
    ]
    return status_book.build(period, stands, files, given[0], WHEN)


def test_no_text_is_live_in_the_status_workbook():
    hostile, honest = status_of(TEXTS), status_of(ALIKE)
    assert live_differences(hostile, honest) == {}
    for sheet in (words("round")["status_book"][name] for name in ("units_sheet", "files_sheet")):
        assert lost(hostile, sheet) == []


def test_no_text_is_live_in_the_settings_workbook():
    hostile, honest = (
        settings_book.build(EDITION, "2022-6T", Roster(file="ds.csv", units=units(given), consolidating=None))
        for given in (READ, ALIKE)
    )
    assert live_differences(hostile, honest) == {}
    assert lost(hostile, words("round")["settings"]["lists"]) == []


def test_the_roster_to_fill_in_has_no_formula():
    assert not [
        one
        for part, live in formulas(roster_book.build(EDITION)).items()
        if "sheet1.xml" in part
        for one in live
        if one.startswith("=")
    ]


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    return random_round(11, 12, own=True)


def portal_of(round_: Consolidation, given: tuple[str, ...]) -> bytes:
    key = "1/1"
    rows = tuple(PortalRow(code=f"{n} {text}" if n % 2 else text, key=key, title=text) for n, text in enumerate(given))
    export = portal.export_of([{"Mã": f"{text} chỉ ở đó", "Giá trị": text} for text in given])
    named = [replace(unit, unit=replace(unit.unit, name=given[n])) for n, unit in enumerate(round_.units)]
    return portal.build(replace(round_, units=tuple(named)), rows, export)


def test_no_text_is_live_in_the_sheet_for_the_portal(round_):
    hostile, honest = portal_of(round_, READ), portal_of(round_, ALIKE)
    assert live_differences(hostile, honest) == {}
    assert lost(hostile, "Nhập cổng", tuple(text for text in READ if len(text) < 1_000)) == []


# --- the chief's page -----------------------------------------------------------------------------------------------


def tags_and_targets(document: bytes) -> set[str]:
    """Every element name, field instruction and outside target of a .docx."""
    live = set()
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        for name in package.namelist():
            text = package.read(name).decode("utf-8", "replace")
            live |= set(re.findall(r"<(w:\w+)", text)) if name.startswith("word/") else set()
            live |= set(re.findall(r"<w:instrText[^>]*>([^<]*)<", text))
            live |= set(re.findall(r'Target="([^"]*)"[^>]*TargetMode="External"', text))
    return live


def page_of(round_: Consolidation, given: tuple[str, ...]) -> bytes:
    """The round with these as names of its units (not sent ones are named in the page) and in the letterhead."""
    named = tuple(
        replace(unit, unit=replace(unit.unit, name=text, printed_name=text), state=UnitState.NOT_SENT, submission=None)
        if hasattr(unit, "submission")
        else replace(unit, unit=replace(unit.unit, name=text, printed_name=text))
        for unit, text in zip(round_.units, given, strict=False)
    )
    head = Letterhead(**dict.fromkeys(("symbol", "superior", "issuer", "place", "number", "date", "signer"), given[0]))
    targets = (Target(key="3/3.3", value=Decimal(500), note=given[1]),)
    return summary.build(replace(round_, units=named, letterhead=head, targets=targets))


def test_no_text_is_live_in_the_chiefs_page(round_):
    """Twelve names at a time: of each page the elements, fields and targets are those of a harmless one."""
    short = [text for text in unit_names() if len(text) < 25]
    size = len(round_.units)
    honest = tags_and_targets(page_of(round_, tuple(f"Đơn vị {n}" for n in range(size))))
    for at in range(0, len(short) - size, size * 4):
        given = tuple(short[at : at + size])
        page = page_of(round_, given)
        assert tags_and_targets(page) <= honest, given
        said = visible("\n".join(paragraph.text for paragraph in paragraphs(page)))
        absent = [text for text, unit in zip(given, round_.units, strict=True) if unit.state is UnitState.NOT_SENT]
        assert all(visible(text) in said for text in absent[:3]), given


# --- a button's result for the macro --------------------------------------------------------------------------------


def records(content: bytes) -> list[list[str]]:
    return [line.split("\t") for line in content.decode(ENCODING).split("\n")]


def result_of(given: tuple[str, ...]) -> ControlResult:
    columns = {name: len(head) for name, head in words("control")["tables"].items()}
    tables = {name: tuple((text,) * width for text in given) for name, width in columns.items()}
    return ControlResult(
        action="refresh",
        ok=True,
        sentences=given,
        next_step=given[0],
        fields={f"f{n}": text for n, text in enumerate(given)},
        seen={f"s{n}": text for n, text in enumerate(given)},
        tables=tables,
        links=((given[0], Path("a") / "b.xlsx"),),
    )


def test_a_buttons_result_has_the_records_it_would_have_of_harmless_texts():
    """No text adds a record or a part of one, none opens a file, and no cell of a table or field starts a formula."""
    hostile, honest = (records(result_file(result_of(given), WHEN)) for given in (TEXTS, ALIKE))
    assert [(one[0], len(one)) for one in hostile] == [(one[0], len(one)) for one in honest]
    assert [one[:2] for one in hostile if one[0] in ("set", "table")] == [
        one[:2] for one in honest if one[0] in ("set", "table")
    ]
    cells = [cell for one in hostile if one[0] == "row" for cell in one[1:]]
    cells += [one[2] for one in hostile if one[0] == "set" and one[1] not in ("MESSAGE", "NEXT", "OK", "LAST")]
    assert not [cell for cell in cells if cell.startswith(STARTS) or "\r" in cell or LINE in cell]


# --- letters --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reminded(tmp_path_factory) -> tuple[Path, list[str]]:
    """A round whose units are called by hostile names, each with a text and a draft to remind it."""
    folder, names = tmp_path_factory.mktemp("thu"), [one for one in unit_names()[::3] if not ESCAPED.search(one)]
    lines = io.StringIO()
    rows = [("Mã đơn vị", "Tên đơn vị", "Người phụ trách", "Thư điện tử")]
    rows += [(f"{n:05}", name, name, f"u{n}@xa.vn") for n, name in enumerate(names)]
    csv.writer(lines).writerows(rows)
    (folder / "ds.csv").write_bytes(lines.getvalue().encode("utf-8-sig", "surrogatepass"))
    new_round(folder / "dot", folder / "ds.csv", "2022-6T", None, NOW, WHO)
    remind_round(folder / "dot", NOW, WHO)
    return folder / "dot", names


def test_every_unit_has_one_text_and_one_draft_inside_the_round(reminded):
    home, names = reminded
    written = [path for path in home.rglob("*") if path.suffix in (".eml", ".txt")]
    assert sum(path.suffix == ".eml" for path in written) == len(names)
    for path in home.rglob("*"):
        assert home.resolve() in path.resolve().parents
        assert not set(path.name) & set('\\\r\n\0:*?"<>|\u202e'), path.name


def test_a_draft_goes_to_its_unit_only_and_names_it_in_its_body(reminded):
    home, names = reminded
    seen = set()
    for path in home.rglob("*.eml"):
        parsed = message_from_bytes(path.read_bytes(), policy=policy.default)
        number = int(re.fullmatch(r"u(\d+)@xa\.vn", parsed["To"])[1])
        seen.add(number)
        assert parsed["Bcc"] is None and parsed["Cc"] is None and not parsed.defects
        assert len(parsed.get_all("Subject")) == 1 and f"{number:05}" in parsed["Subject"]
        assert next(part.get_content_type() for part in parsed.walk() if not part.is_multipart()) == "text/plain"
        assert visible(names[number]) in visible(parsed.get_body().get_content()), names[number]
    assert seen == set(range(len(names)))


def test_a_text_to_paste_names_its_unit_letter_by_letter(reminded):
    home, names = reminded
    said = [visible(path.read_text("utf-8-sig")) for path in home.rglob("*.txt")]
    for name in names:
        assert any(visible(name) in text for text in said), name
    for path in home.rglob("*.txt"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e\u2028]", path.read_text("utf-8-sig")), path.name

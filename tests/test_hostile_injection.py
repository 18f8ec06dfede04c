"""Five hundred hostile texts in every cell where somebody may write: none becomes a formula, a tag, a header or a path.

What a workbook of ours holds is held against the same workbook made of harmless texts: every formula, link and part
must be the same. What cannot stand in a file at all (control letters, half letters) is visibly replaced.
"""

import csv
import html.parser
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from pathlib import Path

import docx
import pytest

from cchc_xl.consolidation.exports import facts_csv, figures_json, inert
from cchc_xl.editions.load import load
from cchc_xl.mail.composing import Letter, eml, file_name, key_of
from cchc_xl.mail.mailbox import read_message
from cchc_xl.model import ReportingUnit, Roster, Submission
from cchc_xl.rounds.following.listing import findings_book
from cchc_xl.rounds.pipeline import check_workbooks, consolidate_paths
from cchc_xl.rounds.sending.returning import write_feedback
from cchc_xl.word import commune
from cchc_xl.workbook import rules_book
from cchc_xl.workbook.reader import read, read_file
from cchc_xl.workbook.roster import roster_of
from cchc_xl.workbook.template import Fill, build
from tests.filled import EDITION, OTHER, UNIT
from tests.hostile.texts import as_read, carrying, stored, texts
from tests.round_files import NOW

TEXTS = texts()
HALF = len(TEXTS) // 2
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def kept(text: str) -> str:
    """A text as it can be kept: halves of letters replaced, ends trimmed."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def visible(text: str) -> str:
    """The letters of a text, for comparing what two formats keep: no blanks, nothing that no file can hold."""
    composed = unicodedata.normalize("NFC", kept(text))
    return "".join(c for c in composed if c.isprintable() and not c.isspace() and c != "\ufffd")


def formulas(content: bytes) -> dict[str, list[str]]:
    """Part -> texts of all its formulas, defined names and outside relations: everything that is live."""
    live: dict[str, list[str]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            text = package.read(name).decode("utf-8", "replace")
            live[name] = re.findall(r"<(?:\w+:)?(?:f|definedName|formula1|formula2|formula|cfvo)\b[^>]*>([^<]+)<", text)
            live[name] += re.findall(r'Target="([^"]*)"[^>]*TargetMode="External"', text)
    return live


# --- through the reader ---------------------------------------------------------------------------------------------


def test_five_hundred_different_texts():
    assert len(set(TEXTS)) == 500
    for what in ("=", "+", "-", "@", "\t", "\r", "HYPERLINK", "DDE", "cmd|", "_x000D_", "\ud83d", "\x0b", "\u202e"):
        assert any(what in text for text in TEXTS), what
    for what in ("{{", "</w:t>", '"', "../", "Bcc:", "<script>"):
        assert any(what in text for text in TEXTS), what


@pytest.fixture(scope="module")
def carried() -> tuple[tuple[bytes, Mapping[str, str]], ...]:
    return carrying(TEXTS[:HALF]), carrying(TEXTS[HALF:], OTHER)


def test_every_text_is_read_as_it_was_typed(carried):
    for content, placed in carried:
        (submission,) = read(content, file="x.xlsx")
        wrong = {place: (text, as_read(submission, place)) for place, text in placed.items()}
        assert {place: pair for place, pair in wrong.items() if kept(pair[0]) != pair[1].strip()} == {}


# --- a whole consolidation ------------------------------------------------------------------------------------------


def consolidated(folder: Path, contents: Sequence[bytes], names: Sequence[str]):
    """Two workbooks and a roster whose units are called by hostile names."""
    source = folder / "nhan"
    source.mkdir(parents=True)
    for number, content in enumerate(contents):
        (source / f"{number}.xlsx").write_bytes(content)
    rows = [("Mã đơn vị", "Tên đơn vị", "Tên in trên văn bản", "Tên khác", "Người phụ trách")]
    rows += [("11092", names[0], names[1], names[2], names[3]), ("11086", *names[4:8])]
    rows += [(f"2{n:04}", name, "", "", "") for n, name in enumerate(names[8:])]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    (folder / "ds.csv").write_bytes(out.getvalue().encode("utf-8-sig", "surrogatepass"))
    return consolidate_paths([source], roster=folder / "ds.csv", out=folder / "ra", period="2022-6T")


def unit_names() -> list[str]:
    """Texts that a CSV roster can hold and that are a name at all."""
    return [
        text for text in TEXTS if len(text) < 80 and visible(text) and "\x00" not in text and kept(text) == text.strip()
    ]


@pytest.fixture(scope="module")
def made(carried, tmp_path_factory):
    names = unit_names()[:120]
    hostile = consolidated(tmp_path_factory.mktemp("thu"), [content for content, _ in carried], names)
    alike = ["x" * len(kept(text)) for text in TEXTS]  # an explanation counts by its length
    harmless = [carrying(alike[:HALF]), carrying(alike[HALF:], OTHER)]
    plain = [f"Xã {number}" for number in range(len(names))]
    honest = consolidated(tmp_path_factory.mktemp("lành"), [content for content, _ in harmless], plain)
    return hostile, honest


def live_differences(content: bytes, other: bytes) -> dict[str, tuple]:
    one, two = formulas(content), formulas(other)
    return {
        part: (sorted(set(one.get(part, ())) - set(two.get(part, ())))[:3])
        for part in one.keys() | two.keys()
        if set(one.get(part, ())) - set(two.get(part, ()))
    }


def test_no_text_is_live_in_the_master(made):
    hostile, honest = (one.written["tong-hop.xlsx"].read_bytes() for one in made)
    assert live_differences(hostile, honest) == {}


def test_notes_come_back_from_the_master_as_they_were(made, carried):
    found = read_file(made[0].written["tong-hop.xlsx"])
    notes = {(one.unit.code, key): entry.note for one in found for key, entry in one.entries.items()}
    for code, (_, placed) in zip(("11092", "11086"), carried, strict=True):
        for place, text in placed.items():
            kind, _, key = place.partition(" ")
            if kind == "note" and "_x005F_x" not in text:  # of two that overlap XlsxWriter escapes one
                assert visible(notes[code, key]) == visible(text), place


def test_no_cell_of_the_csv_starts_a_formula_and_names_are_equal(made):
    content = made[0].written["so-lieu.csv"].read_bytes()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    head = rows[0]
    for row in rows[1:]:
        named = dict(zip(head, row, strict=True))
        for column, cell in named.items():
            number = column == "value" and re.fullmatch(r"-?\d+(\.\d+)?", cell)
            assert number or not cell.startswith(STARTS), (column, cell)
    units = {unit.unit.code: unit.unit.title for unit in made[0].consolidation.units}
    assert all(row[1] in (units[row[0]], "'" + units[row[0]]) for row in rows[1:])


def test_one_apostrophe_at_most():
    for text in TEXTS:
        cell = inert(text)
        assert not cell.startswith(STARTS)
        assert cell in (text, "'" + text)


def test_the_word_reports_hold_the_texts_and_nothing_else(made, carried):
    """The narrative and each commune's report: no template tag survives, no paragraph is torn open."""
    for _, (content, placed) in enumerate(carried):
        (submission,) = read(content, file="x.xlsx")
        report = commune.build(submission, EDITION, unit=UNIT)
        said = visible("\n".join(paragraph.text for paragraph in paragraphs(report)))
        for place, text in placed.items():
            if place.startswith("words ") and len(text) < 5_000:
                assert visible(text) in said, (place, text)
    for result in made:
        assert paragraphs(result.written["bao-cao.docx"].read_bytes())


def paragraphs(content: bytes) -> list:
    document = docx.Document(io.BytesIO(content))
    cells = (cell for table in document.tables for row in table.rows for cell in row.cells)
    return [*document.paragraphs, *(paragraph for cell in cells for paragraph in cell.paragraphs)]


def test_words_in_a_report_text_by_text(made):
    """All five hundred, as the words under the first heading, a hundred at a time."""
    (submission,) = read(carrying(["chữ"])[0], file="x.xlsx")
    heading = EDITION.words["outline"][0]["id"]
    for at in range(0, len(TEXTS), 100):
        given = [text for text in TEXTS[at : at + 100] if visible(text) and len(text) < 5_000]
        report = commune.build(with_words(submission, heading, "\n".join(map(one_line, given))), EDITION, unit=UNIT)
        said = visible("\n".join(paragraph.text for paragraph in paragraphs(report)))
        for text in given:
            assert visible(one_line(text)) in said, text


def one_line(text: str) -> str:
    return " ".join(kept(text).split("\n"))


def with_words(submission: Submission, heading: str, text: str) -> Submission:
    from dataclasses import replace

    return replace(submission, words={heading: text})


# --- the other workbooks --------------------------------------------------------------------------------------------


def test_no_text_is_live_in_the_feedback(carried, tmp_path):
    """The clerk's own file, marked: every formula of theirs stays theirs, and none is new but ours."""
    for number, (content, _) in enumerate(carried):
        (tmp_path / f"{number}.xlsx").write_bytes(content)
        _, path = write_feedback(tmp_path / f"{number}.xlsx", tmp_path / f"{number}_CAN-SUA.xlsx")
        before, after = formulas(content), formulas(path.read_bytes())
        new = {part: set(live) - set(before.get(part, ())) for part, live in after.items()}
        for part, live in new.items():
            for one in live:
                assert not any(call in one for call in ("cmd", "HYPERLINK(&quot;http", "WEBSERVICE", "DDE")), (
                    part,
                    one,
                )


def test_no_text_is_live_in_a_template_of_a_hostile_unit():
    honest = formulas(build(EDITION, unit=UNIT, fill=Fill(words={"direction": "x"})))
    for text in unit_names()[::25]:
        unit = ReportingUnit(code="11092", name=visible(text), level="xã", contact=visible(text), phone=visible(text))
        live = formulas(build(EDITION, unit=unit, consolidating=unit, fill=Fill(words={"direction": text})))
        for part, found in live.items():
            new = set(found) - set(honest.get(part, ()))
            assert all(one.startswith("&quot;") or one.startswith('"') for one in new), (text, part, new)


def test_no_text_is_live_in_books_of_findings_and_rules(made):
    hostile, honest = (findings_book(one.consolidation) for one in made)
    assert live_differences(hostile, honest) == {}
    rows = tuple((text[:200], text[:200], "x", "x", kept(text)[:2000], "x") for text in map(kept, TEXTS))
    plain = tuple(("a", "b", "x", "x", "c", "x") for _ in TEXTS)
    assert live_differences(rules_book.build("x", rows), rules_book.build("x", plain)) == {}


def test_a_roster_gives_its_names_back_and_no_format_more():
    names = unit_names()
    lines = io.StringIO()
    csv.writer(lines).writerows([("Mã đơn vị", "Tên đơn vị"), *((f"{n:05}", name) for n, name in enumerate(names))])
    roster = roster_of(lines.getvalue().encode(), file="ds.csv", edition=load())
    assert [visible(unit.name) for unit in roster.units] == [visible(name) for name in names]
    assert isinstance(roster, Roster)


# --- page and mail --------------------------------------------------------------------------------------------------


class Tags(html.parser.HTMLParser):
    """The tags with their attribute names, and all text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_data(self, data):
        self.text.append(data)


def test_no_text_is_live_in_the_page(made):
    page = pytest.importorskip("cchc_xl.page.overview")
    seen = []
    for result in made:
        parser = Tags()
        parser.feed(page.build(result.consolidation).decode())
        seen.append(parser)
    hostile, honest = seen
    assert set(hostile.tags) <= set(honest.tags) | {("li", ()), ("td", ("class",)), ("span", ("class",))}
    assert sum(tag == "script" for tag, _ in hostile.tags) == sum(tag == "script" for tag, _ in honest.tags)
    said = visible(" ".join(hostile.text))
    for unit in made[0].consolidation.units[:40]:
        assert visible(unit.unit.full_name) in said


def test_letters_keep_their_headers():
    """No text makes a header, a receiver or a name of a folder of its own; the body comes back equal."""
    for text in TEXTS:
        attached = ((text, b"x"), ("b.xlsx", b"y"))
        given = ("remind", ("a@b.vn",), text, text + "\nhết", attached)
        letter = Letter(
            kind=given[0], to=given[1], subject=text, body=given[3], attachments=attached, key=key_of(*given)
        )
        content = eml(letter, "noivu@tuky.gov.vn", NOW)
        parsed = message_from_bytes(content, policy=policy.default)
        assert parsed["To"] == "a@b.vn" and parsed["Bcc"] is None and len(parsed.get_all("Subject")) == 1
        assert visible(str(parsed["Subject"]))[:300] == visible(text)[:300]
        body = parsed.get_body().get_content()
        assert visible(body) == visible(text + "\nhết"), text
        assert not parsed.defects
        message = read_message(content)
        assert [one.content for one in message.attachments] == [b"x", b"y"]
        for one in message.attachments:
            assert one.name and not set(one.name) & set('/\\\r\n\0:*?"<>|')


def test_a_file_name_is_only_a_name():
    for text in TEXTS:
        name = file_name(text)
        assert name and name == Path(name).name and len(name.encode()) <= 255 * 4
        assert not set(name) & set('/\\\r\n\0:*?"<>|\u202e') and name not in (".", "..")


def test_stored_text_is_what_excel_stores():
    assert stored("_x000D_") == "_x005F_x000D_" and stored("\x0b") == "_x000B_" and stored("=a") == "=a"


def test_figures_and_facts_are_valid(made):
    import json

    for one in made:
        assert json.loads(figures_json(one.consolidation)) and facts_csv(one.consolidation)


def test_checking_hostile_texts_never_raises(carried, tmp_path):
    for number, (content, _) in enumerate(carried):
        (tmp_path / f"{number}.xlsx").write_bytes(content)
        (checked,) = check_workbooks([str(tmp_path / f"{number}.xlsx")])
        assert not checked.submission.refused

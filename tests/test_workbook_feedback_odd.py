"""Feedback on workbooks that clerks and other programs have done odd things to: it is still one patch and no repair."""

import re
from io import BytesIO

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.protection import WorkbookProtection

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Finding, Severity
from cchc_xl.workbook.feedback import mark, patched_parts, unmarked
from tests.filled import EDITION, facts
from tests.marked import FILE, checked, marked, packed_parts, parts, workbook

TITLE = words("feedback")["sheet"]["title"]
STATUS = words("sheets")["sheets"]["status"]
LONGEST = 32_767


def opened(content: bytes):
    return openpyxl.load_workbook(BytesIO(content))


def saved(change) -> bytes:
    """The workbook as changed by hand and saved by another program."""
    book, out = opened(workbook()), BytesIO()
    change(book)
    book.save(out)
    return out.getvalue()


def locked(book) -> None:
    book.security = WorkbookProtection(workbookPassword="abc", lockStructure=True)


def long_explanation(book) -> None:
    sheet = book[STATUS]
    heads = {cell.value: cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    column = heads[words("sheets")["status_sheet"]["columns"]["explanation"]].column
    row = next(cell.row for line in sheet.iter_rows() for cell in line if cell.value == "6/1.2<=1.1")
    sheet.cell(row, column).value = ("vốn kéo dài “2021” & <b> " * 2000)[:LONGEST]


def renamed(book) -> None:
    book["Biểu 1"].title = "B1 'mới' & \"cũ\""


def own_notes(book) -> None:
    book["Biểu 1"]["D8"].comment = Comment("Hỏi lại chị Hoa", "Xã")
    book["Biểu 6"]["A1"].comment = Comment("Số liệu tài chính", "Kế toán")


def hidden(book) -> None:
    book["Biểu 6"].sheet_state = "veryHidden"
    book["Biểu 2"].sheet_state = "hidden"


ODD = {one.__name__: one for one in (locked, long_explanation, renamed, own_notes, hidden)}


@pytest.fixture(scope="module", params=ODD, ids=ODD)
def odd(request) -> bytes:
    return saved(ODD[request.param])


def test_only_the_named_parts_differ_and_the_facts_stay(odd):
    before, after = packed_parts(odd), packed_parts(marked(odd))
    named = set(patched_parts(odd, checked(odd)[1], EDITION, file=FILE))
    assert {name for name in after if after[name] != before.get(name)} <= named
    assert set(before) <= set(after)
    assert facts(checked(marked(odd))[0]) == facts(checked(odd)[0])
    assert checked(marked(odd))[0].explanations == checked(odd)[0].explanations
    assert opened(marked(odd)).sheetnames[0] == TITLE


def test_the_marks_go_away_again(odd):
    clean = unmarked(marked(odd), file=FILE)
    assert opened(clean).sheetnames == opened(odd).sheetnames
    assert facts(checked(clean)[0]) == facts(checked(odd)[0])
    assert checked(clean)[1] == checked(odd)[1]
    for sheet in opened(odd):
        kept = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
        left = {
            cell.coordinate: cell.comment.text for row in opened(clean)[sheet.title] for cell in row if cell.comment
        }
        assert left == kept


def test_the_next_round_starts_from_the_marked_file(odd):
    again = marked(marked(odd), round_number=2)
    assert opened(again).sheetnames == opened(marked(odd)).sheetnames
    assert facts(checked(again)[0]) == facts(checked(odd)[0])


@pytest.mark.full
def test_libreoffice_opens_it_without_loss(office, odd, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(marked(odd))
    back = office.convert(tmp_path / "a.xlsx", tmp_path / "out", "xlsx").read_bytes()
    assert {key: entry.amount for key, entry in checked(back)[0].entries.items()} == {
        key: entry.amount for key, entry in checked(odd)[0].entries.items()
    }
    assert opened(back).sheetnames == opened(marked(odd)).sheetnames


def test_the_longest_explanation_is_read_whole():
    content = saved(long_explanation)
    (explanation,) = checked(content)[0].explanations.values()
    assert (
        len(explanation) >= LONGEST - 1 and checked(marked(content))[0].explanations == checked(content)[0].explanations
    )


def test_links_find_a_renamed_form_with_quotes_in_its_name():
    content = saved(renamed)
    targets = {c.hyperlink.location for row in opened(marked(content))[TITLE] for c in row if c.hyperlink}
    assert "'B1 ''mới'' & \"cũ\"'!D8" in targets


def test_a_clerk_who_wrote_on_our_sheet_gets_a_new_one():
    book, out = opened(marked(workbook())), BytesIO()
    book[TITLE]["J20"] = "đã sửa dòng này"
    book.move_sheet(TITLE, offset=3)
    book.save(out)
    after = marked(out.getvalue(), round_number=2)
    names = opened(after).sheetnames
    assert names[0] == TITLE and len([name for name in names if name.startswith(TITLE)]) == 1
    assert facts(checked(after)[0]) == facts(checked(workbook())[0])


def test_a_thousand_findings_on_one_cell_still_fit():
    one = Finding(id="number-as-text", severity=Severity.WARNING, key="1/5.1", sheet="Biểu 1", cell="D23")
    many = [one.__class__(**{**_fields(one), "args": {"raw": "x" * 200, "number": n}}) for n in range(1000)]
    after = opened(mark(workbook(), many, EDITION, file=FILE))
    assert len(after["Biểu 1"]["D23"].comment.text) <= LONGEST
    assert after[TITLE].max_row >= 1000


def _fields(finding: Finding) -> dict:
    return {name: getattr(finding, name) for name in ("id", "severity", "key", "sheet", "cell")}


def test_a_locked_structure_stays_locked():
    content = saved(locked)
    pattern = rb"<workbookProtection[^>]*/>"
    kept = re.search(pattern, parts(content)["xl/workbook.xml"])
    assert kept and kept[0] in parts(marked(content))["xl/workbook.xml"]

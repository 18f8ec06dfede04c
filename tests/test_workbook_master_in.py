"""What is handed in as an earlier or other office's master and is none: one sentence, never a traceback."""

import pytest

from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import UsageError
from cchc_xl.workbook import sources
from cchc_xl.workbook.incoming.master_in import read_master
from tests.filled import filled
from tests.test_workbook_tables_in import EDITION, book_of, source

SENT = words("master")["sheets"]["sent"]
ROWS = {sources.sheet_name(form.number): [sources.header(), source("1/1", 21)] for form in EDITION.forms}


def refused(path) -> str:
    with pytest.raises(UsageError) as failed:
        read_master(path)
    assert "{" not in error_sentence(failed.value)
    return failed.value.name


def test_a_master_that_is_not_there(tmp_path):
    assert refused(tmp_path / "khong-co.xlsx") == "path-missing"


@pytest.mark.parametrize(
    "content",
    [b"PK damaged", b"", filled(), book_of(ROWS)],
    ids=["damaged", "empty", "a unit's workbook", "without the sheet of what was sent"],
)
def test_what_is_no_master_is_said(content, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert refused(path) == "not-a-master"


def test_units_stand_below_the_head_of_their_codes(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(book_of(ROWS | {SENT: [["khác"]]}))
    assert read_master(path).roster.units == ()
    titles = words("master")["sent"]["columns"]
    path.write_bytes(
        book_of(
            ROWS
            | {SENT: [["x"], [titles["unit_code"], titles["unit_name"]], ["11092", "Bình Lãng"], [], ["11086", "x"]]}
        )
    )
    assert [unit.code for unit in read_master(path).roster.units] == ["11092"]

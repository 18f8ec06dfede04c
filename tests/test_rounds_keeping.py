"""The quiet corners of keeping: files that stand there already, locks that change hands, folders in odd places."""

import ctypes
import os
import sqlite3
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import OutputError, RoundError, UsageError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.keeping import archive, ledger, lock, settings
from cchc_xl.rounds.keeping.folder import new_round, open_round, place_warning
from cchc_xl.rounds.keeping.settings import roster_book
from tests.conftest import values_of
from tests.round_files import NOW, PERIOD, WHO, a_round, set_up

FIELDS = words("round")["settings"]["fields"]
CONTENT = b"PK\3\4 a workbook"
SHA = sha256_of(CONTENT)

# --- originals ------------------------------------------------------------------------------------------------------


def kept(home: Path) -> Path:
    assert archive.set_down(home, CONTENT) == SHA
    archive.settle(home, SHA)
    return archive.place_of(home, SHA)


def test_a_file_that_stands_there_whole_is_not_written_again(tmp_path):
    place = kept(tmp_path)
    assert place.read_bytes() == CONTENT and archive.waiting(tmp_path) == ()
    archive.set_down(tmp_path, CONTENT)
    assert archive.waiting(tmp_path) == ()
    archive.settle(tmp_path, SHA)  # nothing waits: nothing to do
    assert list(archive.settled(tmp_path)) == [place] and archive.original(tmp_path, SHA) == place


def test_a_damaged_original_is_healed_though_it_is_read_only(tmp_path):
    place = kept(tmp_path)
    os.chmod(place, 0o666)
    place.write_bytes(b"harm")
    os.chmod(place, 0o444)
    assert kept(tmp_path) == place and place.read_bytes() == CONTENT


def test_what_waits_beside_a_whole_original_goes_and_the_original_stays(tmp_path):
    place = kept(tmp_path)
    staged = tmp_path / archive.ARCHIVE / archive.WAITING / SHA
    staged.write_bytes(CONTENT)
    archive.settle(tmp_path, SHA)
    assert not staged.exists() and place.read_bytes() == CONTENT


def test_an_original_is_read_where_it_waits_and_said_to_be_missing_where_it_does_not(tmp_path):
    archive.set_down(tmp_path, CONTENT)
    assert archive.original(tmp_path, SHA).parent.name == archive.WAITING and archive.waiting(tmp_path) == (SHA,)
    with pytest.raises(RoundError) as failed:
        archive.original(tmp_path, "0" * 64)
    assert "0" * 12 in error_sentence(failed.value)
    assert archive.waiting(tmp_path / "elsewhere") == () and list(archive.settled(tmp_path / "elsewhere")) == []


def test_another_program_that_moves_the_file_first_is_no_failure(tmp_path, monkeypatch):
    archive.set_down(tmp_path, CONTENT)
    replace = os.replace

    def faster(staged, place):
        replace(staged, place)
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "replace", faster)
    archive.settle(tmp_path, SHA)
    assert archive.place_of(tmp_path, SHA).read_bytes() == CONTENT


def test_a_move_that_fails_is_one_sentence_and_the_file_still_waits(tmp_path, monkeypatch):
    archive.set_down(tmp_path, CONTENT)

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OutputError) as failed:
        archive.settle(tmp_path, SHA)
    assert "{" not in error_sentence(failed.value) and archive.waiting(tmp_path) == (SHA,)


def test_what_can_not_be_read_is_not_whole_and_a_stray_file_is_listed(tmp_path):
    place = kept(tmp_path)
    assert archive.is_whole(place, SHA) and not archive.is_whole(place, "0" * 64)
    assert not archive.is_whole(tmp_path, SHA) and not archive.is_whole(tmp_path / "none", SHA)
    stray = tmp_path / archive.ARCHIVE / "stray.txt"
    stray.write_bytes(b"x")
    assert set(archive.settled(tmp_path)) == {place, stray}
    hidden = tmp_path / archive.ARCHIVE / archive.WAITING / ".draft"
    hidden.write_bytes(b"x")
    assert archive.waiting(tmp_path) == ()


# --- the lock -------------------------------------------------------------------------------------------------------


def lock_of(**said) -> dict[str, object]:
    return {"host": lock.socket.gethostname(), "pid": os.getpid(), "token": "x", **said}


@pytest.mark.parametrize(
    ("holder", "silent", "left"),
    [
        (lock_of(host="other"), 29.0, False),
        (lock_of(host="other"), 30.0, False),
        (lock_of(host="other"), 30.1, True),
        (lock_of(pid="12"), 30.1, True),
        ({}, 0.0, False),
        (lock_of(), 0.0, True),  # ours, and we hold no such lock
        (lock_of(pid=os.getppid()), 1e9, False),  # alive: however long
        (lock_of(pid=2**22 + 7), 0.0, True),  # beyond any process number
    ],
)
def test_which_lock_was_left_behind(holder, silent, left):
    assert lock._is_left_over(holder, silent) is left


def test_a_program_of_somebody_else_runs_too(monkeypatch):
    def refused(pid, signal):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "kill", refused)
    assert not lock._is_left_over(lock_of(pid=1), 1e9)


@pytest.mark.parametrize(("handle", "code", "runs"), [(0, 259, False), (7, 259, True), (7, 1, False)])
def test_on_windows_a_program_is_asked_after_and_never_ended(monkeypatch, handle, code, runs):
    """os.kill would end it there: the system's own question is put instead, and the handle given back."""
    closed = []

    def exit_code(given, out):
        out._obj.value = code

    kernel = SimpleNamespace(
        OpenProcess=lambda access, inherit, pid: handle, GetExitCodeProcess=exit_code, CloseHandle=closed.append
    )
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(os, "kill", None)
    with monkeypatch.context() as there:
        there.setattr(sys, "platform", "win32")
        left = lock._is_left_over(lock_of(pid=12), 0.0)
    assert left is not runs and closed == ([handle] if handle else [])


def test_a_lock_that_changed_hands_is_put_back(tmp_path):
    path = tmp_path / "khoa.json"
    path.write_text('{"token": "new"}')
    lock._take_away(path, "old", "mine")
    assert path.read_text() == '{"token": "new"}' and list(tmp_path.iterdir()) == [path]
    lock._take_away(path, "new", "mine")
    assert list(tmp_path.iterdir()) == []
    lock._take_away(path, "new", "mine")  # somebody else was faster
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[]", "{", '"x"', ""])
def test_a_lock_that_says_nothing_is_nobodys(tmp_path, text):
    path = tmp_path / "khoa.json"
    path.write_text(text)
    assert lock._holder(path) == {} and lock._holder(tmp_path / "none") == {}


def test_a_folder_in_which_no_lock_can_be_made_is_one_sentence(tmp_path):
    (tmp_path / "a").write_bytes(b"a file where a folder should be")
    with pytest.raises(OutputError), lock.locked(tmp_path / "a" / "khoa.json", now=NOW, who=WHO):
        pass


def test_without_links_a_lock_that_stands_there_stays(tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    path = tmp_path / "khoa.json"
    path.write_text("{}")
    monkeypatch.setattr(os, "link", no_links)
    assert not lock._create(path, b"mine", "a:1:1") and path.read_text() == "{}"
    path.unlink()
    assert lock._create(path, b"mine", "a:1:1") and path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]


# --- the ledger -----------------------------------------------------------------------------------------------------


def add(folder: Path, text: str = "x"):
    return ledger.add(folder, "remarked", {"text": text}, now=NOW, who=WHO)


def test_a_head_that_is_missing_or_unreadable_stops_writing_beyond_the_first_event(tmp_path):
    head = tmp_path / ledger.LEDGER / ledger.HEAD
    add(tmp_path)
    head.unlink()
    add(tmp_path)  # the first event alone may have lost its head to a crash
    for text in (None, "{", '{"seq": "x", "hash": "y"}', "[]", '{"seq": 0, "hash": "y"}'):
        head.unlink() if text is None else head.write_text(text)
        with pytest.raises(RoundError) as failed:
            add(tmp_path)
        assert "{" not in error_sentence(failed.value)
        assert ledger.broken_links(tmp_path)


def test_a_head_without_a_chain_is_an_altered_ledger(tmp_path):
    add(tmp_path)
    (tmp_path / ledger.LEDGER / ledger.DATABASE).unlink()
    assert not ledger.exists(tmp_path) and ledger.broken_links(tmp_path)
    with pytest.raises(RoundError):
        add(tmp_path)
    with pytest.raises(RoundError):
        ledger.events(tmp_path / "nowhere")


def test_a_ledger_that_is_a_folder_or_no_database_is_one_sentence(tmp_path):
    database = tmp_path / ledger.LEDGER / ledger.DATABASE
    database.mkdir(parents=True)
    with pytest.raises((RoundError, OutputError)) as failed:
        add(tmp_path)
    assert "{" not in error_sentence(failed.value)
    database.rmdir()
    database.write_bytes(b"no database " * 500)
    for use in (add, ledger.events):
        with pytest.raises((RoundError, OutputError)) as failed:
            use(tmp_path)
        assert "{" not in error_sentence(failed.value)
    assert ledger.broken_links(tmp_path)


def test_an_empty_database_has_no_events(tmp_path):
    (tmp_path / ledger.LEDGER).mkdir()
    sqlite3.connect(tmp_path / ledger.LEDGER / ledger.DATABASE).close()
    assert ledger.events(tmp_path) == ()
    assert add(tmp_path).event.seq == 1 and len(ledger.events(tmp_path)) == 1


def test_a_table_of_another_shape_is_one_sentence(tmp_path):
    (tmp_path / ledger.LEDGER).mkdir()
    database = sqlite3.connect(tmp_path / ledger.LEDGER / ledger.DATABASE)
    database.execute("CREATE TABLE events (seq INTEGER)")
    database.commit()
    database.close()
    with pytest.raises(RoundError) as failed:
        ledger.events(tmp_path)
    assert "{" not in error_sentence(failed.value)
    with pytest.raises(OutputError):
        add(tmp_path)
    assert ledger.broken_links(tmp_path)


def test_a_database_that_can_not_even_be_opened_is_one_sentence(tmp_path, monkeypatch):
    add(tmp_path)

    def refused(*_, **__):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", refused)
    for use in (add, ledger.events):
        with pytest.raises(RoundError) as failed:
            use(tmp_path)
        assert "{" not in error_sentence(failed.value)


# --- the folder -----------------------------------------------------------------------------------------------------


def test_a_round_is_made_once_and_completed_where_it_was_cut_short(tmp_path):
    home = a_round(tmp_path)
    with pytest.raises(UsageError) as failed:
        new_round(home, tmp_path / "danh-sach.csv", PERIOD, None, NOW, WHO)
    assert PERIOD in error_sentence(failed.value)
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "cai-dat.xlsx").write_bytes((home / "cai-dat.xlsx").read_bytes())
    before = (cut / "cai-dat.xlsx").read_bytes()
    roster = home / f"{words('round')['roster']['file']}.xlsx"
    made = new_round(cut, roster, PERIOD, None, NOW, WHO)  # the roster as a workbook
    assert (cut / "cai-dat.xlsx").read_bytes() == before and made.period.code == PERIOD
    assert [unit.code for unit in made.units][-1] == "298"
    assert made.unit("11083") is not None and made.unit("99999") is None
    assert (cut / roster.name).read_bytes() == roster.read_bytes()


def test_a_round_whose_first_event_is_missing_is_unfinished(tmp_path):
    add(tmp_path)
    with pytest.raises(RoundError) as failed:
        open_round(tmp_path)
    assert failed.value.name == "round-unfinished" and "{" not in error_sentence(failed.value)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("OneDrive - UBND/dot", "OneDrive"),
        ("dropbox/dot", "Dropbox"),
        ("du-lieu/Google Drive (a@b.vn)/dot", "Google Drive"),
        ("du-lieu/MyDropbox/dot", ""),
        ("dot", ""),
    ],
)
def test_a_folder_that_a_service_writes_into_is_warned_of(tmp_path, path, service):
    said = place_warning(tmp_path / path)
    assert bool(said) == bool(service) and service in said


@pytest.mark.parametrize("path", ["\\\\may-chu\\chung\\dot", "//may-chu/chung/dot"])
def test_a_folder_on_the_network_is_warned_of(path):
    class Share:
        def resolve(self):
            return path

    assert path in place_warning(Share())


# --- the roster as a workbook -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_codes_keep_their_zeros_and_columns_to_fill_in_are_there(mark):
    rows = [["Mã đơn vị", "Tên đơn vị", "email"], ["00070", "An, Bình; Chi" if mark == "\t" else "An", "a@b.vn"]]
    text = "\ufeff" + "\n".join(mark.join(row) for row in rows)
    (cells,) = values_of(roster_book(text.encode())).values()
    assert cells["A2"] == "00070" and cells["C2"] == "a@b.vn"
    titles = [value for place, value in cells.items() if place.endswith("1") and len(place) == 2]
    assert titles[:3] == rows[0] and "Loại" in titles and titles.count("email") == 1
    assert "Thư điện tử" not in titles


def test_a_list_without_codes_is_left_as_it_is():
    (cells,) = values_of(roster_book("Tên,Loại\nAn,xã\n".encode())).values()
    assert cells == {"A1": "Tên", "B1": "Loại", "A2": "An", "B2": "xã"}


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    home = a_round(tmp_path_factory.mktemp("settings"))
    return home, (home / "cai-dat.xlsx").read_bytes()


@pytest.fixture
def made(fresh):
    """A round with its settings as they were made."""
    home, content = fresh
    (home / "cai-dat.xlsx").write_bytes(content)
    return home


def changed(home: Path, cells: dict[tuple[str, str], object], *, without: str = "", formats: str = "") -> Path:
    """The settings workbook with these cells typed; ``without``: a sheet taken out."""
    path = home / "cai-dat.xlsx"
    book = openpyxl.load_workbook(path)
    for (sheet, place), value in cells.items():
        book[sheet][place] = value
        if formats:
            book[sheet][place].number_format = formats
    if without:
        del book[without]
    book.save(path)
    return path


def problem(home: Path) -> str:
    with pytest.raises(RoundError) as failed:
        open_round(home)
    return error_sentence(failed.value)


@pytest.mark.parametrize(
    ("cells", "part"),
    [
        ({("Cài đặt", "A40"): "Hạn nộp", ("Cài đặt", "B40"): "20/6/2022"}, '"Hạn nộp" không ở mục nào'),
        ({("Cài đặt", "A40"): "Hạn gửi", ("Cài đặt", "B40"): "20/6/2022"}, '"Hạn gửi" đã có ở dòng trên'),
        ({("Cài đặt", "B40"): "20/6/2022"}, '"20/6/2022" không ở mục nào'),
        (
            {("Gia hạn", f"{c}{r}"): v for r in (2, 3) for c, v in (("A", "11086"), ("B", "20/6/2022"))},
            '"11086" đã có ở dòng trên',
        ),
    ],
)
def test_a_line_that_would_be_passed_over_is_named(made, cells, part):
    changed(made, cells)
    assert part in problem(made)


def test_a_sheet_that_is_gone_is_named(made):
    changed(made, {}, without="Gia hạn")
    assert "Gia hạn" in problem(made)


def test_notes_of_the_staff_in_other_columns_stand_in_nobodys_way(made):
    changed(made, {("Cài đặt", "A40"): "Hỏi chị Hoa", ("Cài đặt", "D41"): "x"})
    assert open_round(made).settings.deadline is None


@pytest.mark.parametrize(
    ("value", "formats", "said"),
    [
        (datetime(2022, 6, 20, 17, 30), "dd/mm/yyyy hh:mm", datetime(2022, 6, 20, 17, 30)),
        (datetime(2022, 6, 20), "dd/mm/yyyy", datetime(2022, 6, 20, 23, 59, 59)),
        ("17h05 20/6/2022", "", datetime(2022, 6, 20, 17, 5)),
        (True, "", "TRUE"),
        ('=TODAY()&""', "", "TODAY"),  # nobody has computed it: it isn't blank either
    ],
)
def test_a_day_as_a_cell_or_as_text(made, value, formats, said):
    places = {
        row[0].value: row[1].coordinate
        for row in openpyxl.load_workbook(made / "cai-dat.xlsx")["Cài đặt"].iter_rows(min_row=2)
    }
    changed(made, {("Cài đặt", places["Hạn gửi"]): value}, formats=formats)
    if isinstance(said, datetime):
        assert open_round(made).settings.deadline == said
    else:
        assert said in problem(made)


@pytest.mark.parametrize(("value", "formats"), [(0.955, "0.0%"), (95.5, "General"), ("95,5%", "General")])
def test_a_target_in_percent_however_it_is_stored(made, value, formats):
    changed(made, {("Mục tiêu", "B2"): value, ("Mục tiêu", "A2"): "3/3.3"}, formats=formats)
    (target,) = open_round(made).settings.targets
    assert target.value == Decimal("95.5")


def test_settings_from_anywhere_and_where_earlier_workbooks_lie(made, tmp_path):
    set_up(made, {"Hạn gửi": "20/6/2022"})
    the_round = open_round(made)
    path = tmp_path / "cai-dat-khac.xlsx"
    path.write_bytes((made / "cai-dat.xlsx").read_bytes())
    assert settings.read_file(path, the_round.roster, the_round.edition) == the_round.settings
    assert settings.previous_in(path) is None
    path.write_bytes(settings.text_book("x", {"Cài đặt": [["Mục", "Nội dung"], [FIELDS["previous"], "kỳ I"]]}))
    assert settings.previous_in(path) == tmp_path / "kỳ I"
    (tmp_path / settings.PACKED_EARLIER).mkdir()
    assert settings.previous_in(path) == tmp_path / settings.PACKED_EARLIER
    (tmp_path / "kỳ I").mkdir()
    assert settings.previous_in(path) == tmp_path / "kỳ I"
    path.write_bytes(settings.text_book("x", {"Biểu 1": [["x"]]}))
    for use in (settings.previous_in, lambda one: settings.read_file(one, the_round.roster, the_round.edition)):
        with pytest.raises(RoundError) as failed:
            use(path)
        assert failed.value.name == "settings-other" and "Cài đặt" in error_sentence(failed.value)
    with pytest.raises(RoundError) as failed:
        settings.sheets_of(tmp_path / "none.xlsx")
    assert failed.value.name == "settings-unreadable"

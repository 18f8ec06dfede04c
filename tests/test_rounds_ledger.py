"""The ledger: nothing entered is lost, altered or doubled, whoever writes at once and whatever is flipped."""

import json
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import threading

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import OutputError, RoundError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.keeping import ledger, lock
from cchc_xl.rounds.keeping.archive import place_of
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.collecting import collect
from tests.conftest import SEED, seeded_share
from tests.round_files import NOW, WHO, Took, a_round, take, workbook

HEAD, DATABASE = ("so-cai", "dau-chuoi.json"), ("so-cai", "so-cai.sqlite")


@pytest.fixture
def home(tmp_path):
    """A round with three files and a question in its ledger."""
    home = a_round(tmp_path)
    take(home, {"a.xlsx": workbook({"1/1": 5}), "b.pdf": b"%PDF-1.7", "c.eml": b"From: a@b\n\nHow?"})
    return home


def add(folder, number=1, mark=None):
    return ledger.add(folder, "remarked", {"text": f"Ghi chú {number}"}, now=NOW, who=WHO, mark=mark)


def change(home, statement, *values):
    database = sqlite3.connect(home.joinpath(*DATABASE))
    database.execute(statement, values)
    database.commit()
    database.close()


# --- entering ----------------------------------------------------------------------------------------------------
def test_events_come_back_as_entered(tmp_path):
    first, second = add(tmp_path, 1, "x"), add(tmp_path, 2)
    assert ledger.events(tmp_path) == (first.event, second.event)
    assert (second.event.seq, second.event.at, second.event.body) == (2, NOW, {"text": "Ghi chú 2"})
    assert json.loads(tmp_path.joinpath(*HEAD).read_text())["seq"] == 2
    assert ledger.broken_links(tmp_path) == ()


def test_a_mark_is_entered_once(tmp_path):
    assert add(tmp_path, 1, "x").new
    again = add(tmp_path, 2, "x")
    assert not again.new and again.event.body == {"text": "Ghi chú 1"} and len(ledger.events(tmp_path)) == 1


def test_a_head_left_behind_by_a_crash_is_mended_before_anything_is_acknowledged(tmp_path):
    add(tmp_path, 1)
    before = tmp_path.joinpath(*HEAD).read_bytes()
    add(tmp_path, 2, "x")
    tmp_path.joinpath(*HEAD).write_bytes(before)
    assert ledger.broken_links(tmp_path) == (), "one event beyond the head: its writer was cut short"
    assert not add(tmp_path, 2, "x").new
    assert json.loads(tmp_path.joinpath(*HEAD).read_text())["seq"] == 2


def test_nothing_is_entered_over_a_cut(home):
    change(home, "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)")
    for use in (add, ledger.events):
        with pytest.raises(RoundError) as failed:
            use(home)
        assert "audit" in error_sentence(failed.value)
    assert audit(home)


def test_reading_is_not_kept_waiting_by_a_writer(home):
    with lock.locked(home / "so-cai" / "khoa.json", now=NOW, who="Hoa"):
        assert len(ledger.events(home)) == 4 and audit(home) == ()
    database = sqlite3.connect(home.joinpath(*DATABASE), isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    assert len(ledger.events(home)) == 4
    database.close()


# --- the lock ----------------------------------------------------------------------------------------------------
def test_a_lock_kept_too_long_names_its_owner(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.2)
    path, held, done = tmp_path / "khoa.json", threading.Event(), threading.Event()

    def hold():
        with lock.locked(path, now=NOW, who="Hoa"):
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        with pytest.raises(RoundError) as failed, lock.locked(path, now=NOW, who="Lan"):
            pass
        assert "Hoa" in error_sentence(failed.value) and NOW.isoformat() in error_sentence(failed.value)
    finally:
        done.set()
        holder.join()
    assert not path.exists()


def test_the_lock_of_a_program_that_died_is_taken_over_at_once(tmp_path):
    path = tmp_path / "khoa.json"
    code = (
        "import os, sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from cchc_xl.rounds.keeping.lock import locked\n"
        "with locked(Path(sys.argv[1]), now=datetime(2022, 1, 1, tzinfo=UTC), who='x'): os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], env={**os.environ, "PYTHONPATH": os.getcwd()})
    assert done.returncode == 9 and path.exists()
    with lock.locked(path, now=NOW, who=WHO):
        assert json.loads(path.read_text())["who"] == WHO
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"host": "other", "pid": 1, "token": "x", "who": "Hoa", "at": "2022"}']
)
def test_a_lock_that_nobody_renews_is_taken_over(tmp_path, monkeypatch, content):
    monkeypatch.setattr(lock, "SILENT_SECONDS", 0.1)
    path = tmp_path / "khoa.json"
    path.write_bytes(content)
    with lock.locked(path, now=NOW, who=WHO):
        pass
    assert [*tmp_path.iterdir()] == []


def test_without_links_on_the_disk_the_lock_still_holds(tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path, order = tmp_path / "khoa.json", []

    def work(name):
        for _ in range(20):
            with lock.locked(path, now=NOW, who=name):
                order.append(name)
                order.append(name)

    workers = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(order) == 120 and all(order[at] == order[at + 1] for at in range(0, 120, 2))


# --- eight processes ---------------------------------------------------------------------------------------------
def _register(home, source, number, failed):
    took = Took()
    try:
        collect(home, source, None, NOW, f"máy {number}", took)
    except BaseException as error:
        failed.put(f"{number}: {error!r}")
        raise
    (home.parent / f"took-{number}.json").write_text(json.dumps(took.lines))


def test_eight_processes_register_a_thousand_files_once_each(tmp_path, share):
    """R7. Every file lies in two of the folders, so that processes meet over the same content and the same file."""
    count, home = max(80, round(1000 * share)), a_round(tmp_path)
    for number in range(count):
        content = f"{number}: not a workbook".encode()
        for folder in (f"in{number % 4}", f"in{(number + 1) % 4}"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"{number}.txt").write_bytes(content)
    context = multiprocessing.get_context("spawn")
    failed = context.Queue()
    workers = [
        context.Process(target=_register, args=(home, tmp_path / f"in{number % 4}", number, failed))
        for number in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(600)
    assert failed.empty() and [worker.exitcode for worker in workers] == [0] * 8
    bodies = [event.body for event in ledger.events(home) if event.kind == "received"]
    assert len(bodies) == 2 * count and len({body["sha256"] for body in bodies}) == count
    assert len({(body["sha256"], body["source"]) for body in bodies}) == 2 * count, "each once"
    for number in range(8):
        lines = json.loads((tmp_path / f"took-{number}.json").read_text())
        assert len(lines) == sum(1 for _ in (tmp_path / f"in{number % 4}").iterdir())
    assert audit(home) == ()


# --- rot ---------------------------------------------------------------------------------------------------------
COLUMNS = ("seq", "at", "who", "kind", "mark", "body", "previous", "hash")


def _flip_original(home, rng):
    files = sorted((home / "luu-tru").rglob("*"))
    path = rng.choice([one for one in files if one.is_file()])
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.chmod(0o644)
    path.write_bytes(content)


def _flip_value(home, rng):
    """One bit of one value, whatever SQLite makes of the bytes afterwards."""
    database = sqlite3.connect(home.joinpath(*DATABASE))
    database.text_factory = bytes
    rows = [*database.execute(f"SELECT {', '.join(COLUMNS)} FROM events")]
    row = rng.choice(rows)
    column = rng.choice([number for number, value in enumerate(row) if value is not None])
    value = row[column]
    if isinstance(value, int):
        changed = value ^ (1 << rng.randrange(20))
    else:
        changed = bytearray(value)
        changed[rng.randrange(len(value))] ^= 1 << rng.randrange(8)
        changed = bytes(changed)
    cast = "?" if isinstance(value, int) else "CAST(? AS TEXT)"
    try:
        database.execute(f"UPDATE events SET {COLUMNS[column]} = {cast} WHERE seq = ?", (changed, row[0]))
        database.commit()
    finally:
        database.close()


def _flip_in_the_file(home, rng):
    """One bit of a value as it lies in the database file."""
    path = home.joinpath(*DATABASE)
    content = bytearray(path.read_bytes())
    database = sqlite3.connect(path)
    rows = [*database.execute(f"SELECT {', '.join(COLUMNS[1:])} FROM events")]
    database.close()
    value = rng.choice([text for text in rng.choice(rows) if text and len(text) > 8]).encode()
    places = [at for at in range(len(content)) if content.startswith(value, at)]
    content[rng.choice(places) + rng.randrange(len(value))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def _flip_head(home, rng):
    path = home.joinpath(*HEAD)
    content = bytearray(path.read_bytes())
    spots = [at for at, byte in enumerate(content) if chr(byte) in "0123456789abcdef" and at > 6]
    content[rng.choice(spots)] ^= 1 << rng.randrange(3)
    path.write_bytes(content)


FLIPS = (_flip_original, _flip_value, _flip_in_the_file, _flip_head)


def test_a_thousand_single_flips_are_all_found(home, share):
    """R15: one bit of one byte of an original, of a value of the ledger, or of the head."""
    kept = {path: path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}
    missed = []
    for number in seeded_share(range(1000), share):
        rng = random.Random(SEED + number)
        flip = FLIPS[number % len(FLIPS)]
        try:
            flip(home, rng)
        except sqlite3.Error:  # a change that the database itself does not allow
            _flip_original(home, rng)
        if not audit(home):
            missed.append((number, flip.__name__))
        for path, content in kept.items():
            if path.read_bytes() != content:
                path.write_bytes(content)
    assert not missed
    assert audit(home) == ()


def test_a_tail_cut_off_is_found_however_long(home):
    kept, count = home.joinpath(*DATABASE).read_bytes(), len(ledger.events(home))
    for left in range(count):
        change(home, "DELETE FROM events WHERE seq > ?", left)
        assert audit(home), left
        home.joinpath(*DATABASE).write_bytes(kept)
    assert audit(home) == ()


def test_an_older_copy_of_the_whole_ledger_is_found(home):
    """Chain and head agree, but originals lie in the archive that it does not know."""
    kept = {path: path.read_bytes() for path in (home / "so-cai").iterdir()}
    take(home, {"d.txt": b"more"})
    for path, content in kept.items():
        path.write_bytes(content)
    assert ledger.broken_links(home) == ()
    assert sha256_of(b"more") in audit(home)[0]


@pytest.mark.parametrize(
    "harm",
    [
        lambda home: home.joinpath(*HEAD).unlink(),
        lambda home: home.joinpath(*DATABASE).unlink(),
        lambda home: home.joinpath(*DATABASE).write_bytes(b""),
        lambda home: home.joinpath(*DATABASE).write_bytes(b"no database at all" * 100),
        lambda home: home.joinpath(*DATABASE).write_bytes(home.joinpath(*DATABASE).read_bytes()[:5000]),
        lambda home: place_of(home, sha256_of(b"%PDF-1.7")).unlink(),
        lambda home: (home / "luu-tru" / "stray.txt").write_bytes(b"x"),
        lambda home: change(home, "DELETE FROM events WHERE seq = 2"),
        lambda home: change(home, "UPDATE events SET who = 'Hoa' WHERE seq = 2"),
        lambda home: change(home, "UPDATE events SET who = CAST(who AS BLOB) WHERE seq = 2"),
        lambda home: change(home, "DROP TABLE events"),
        lambda home: change(home, "INSERT INTO events VALUES (5, 'x', 'x', 'x', 'y', 'x', 'x', 'x')"),
    ],
)
def test_other_harm_is_found_and_said_in_sentences(home, harm):
    harm(home)
    problems = audit(home)
    assert problems and not [one for one in problems if "{" in one or not one.endswith(".")]


def test_a_disk_without_room_is_one_sentence_and_loses_nothing(home, monkeypatch):
    """SQLite itself runs out of room in the middle of a transaction."""
    code = (
        "import resource, signal, sys; from pathlib import Path; from tests.test_rounds_ledger import add\n"
        "from cchc_xl.errors import OutputError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))\n"
        "try:\n"
        "    for number in range(400): add(Path(sys.argv[1]), number)\n"
        "except OutputError as error: print('said', number); sys.exit(0)\n"
    )
    if sys.platform == "win32":
        pytest.skip("no file size limits there")
    before = len(ledger.events(home))
    for room in (20_000, 33_000, 50_000):
        run = [sys.executable, "-c", code, str(home), str(room)]
        done = subprocess.run(run, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()})
        assert done.returncode == 0 and done.stdout.startswith("said"), done.stderr
        entered = int(done.stdout.split()[1])
        assert len(ledger.events(home)) >= before + entered
        before = len(ledger.events(home))
        assert audit(home) == ()
    assert add(home, mark="x").new and audit(home) == ()


def test_a_folder_that_cannot_be_written_is_one_sentence(home, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError) as failed:
        add(home)
    monkeypatch.undo()
    assert "không có quyền" in error_sentence(failed.value)

"""R5, R6: failing or dying at every single operation on files. Nothing acknowledged is lost, and a rerun completes."""

import os
import random
import shutil
import subprocess
import sys
import time

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import OutputError
from cchc_xl.files import sha256_of
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.archive import original
from cchc_xl.rounds.keeping.folder import new_round
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.closing import close_round
from cchc_xl.rounds.receiving.collecting import collect
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.rounds.sending.returning import feedback_round
from tests.conftest import SEED, seeded_share
from tests.failing_files import killed_at, no_room, refused, struck
from tests.round_files import NOW, WHO, a_round, later, mail, take, workbook

only_where_processes_fork = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")


@pytest.fixture
def scene(tmp_path):
    """A round with one file in it, and a folder with three more to collect: workbook, mail with a copy, text."""
    home = a_round(tmp_path / "before")
    source = tmp_path / "in"
    source.mkdir()
    content = workbook({"1/1": 5})
    (source / "a.xlsx").write_bytes(content)
    (source / "b.eml").write_bytes(mail([("copy.xlsx", content), ("c.pdf", b"%PDF-1.7")]))
    (source / "d.txt").write_bytes(b"a list")
    (source / "e.eml").write_bytes(mail([], message_id="2"))
    return home, source


class Acknowledged:
    """Acknowledgements written at once to a file outside the round, as a terminal would have shown them."""

    def __init__(self, path):
        self.path = path
        path.write_text("")

    def __call__(self, sha256, name):
        with self.path.open("a") as stream:
            stream.write(sha256 + "\n")

    @property
    def lines(self):
        return self.path.read_text().split()


def fresh(home, tmp_path, number):
    copy = tmp_path / f"run-{number}"
    shutil.copytree(home, copy)
    return copy


def check_kept(copy, acknowledged):
    """What was acknowledged is stored, whole and in the ledger; whatever was cut short, the audit is content."""
    assert audit(copy) == ()
    entered = {event.body.get("sha256") for event in ledger.events(copy)}
    listed = {one["sha256"] for one in status(copy, NOW)["attachments"]}
    for sha256 in acknowledged:
        assert sha256 in entered and sha256 in listed
        assert sha256_of(original(copy, sha256).read_bytes()) == sha256


def check_rerun(copy, source, tmp_path, expected):
    """Running again completes: the same attachments with the same fates, each once."""
    again = Acknowledged(tmp_path / "again.txt")
    collect(copy, source, None, NOW, WHO, again)
    assert len(again.lines) == 4 and audit(copy) == ()
    assert sorted(map(str, status(copy, NOW)["attachments"])) == expected
    assert [*(copy / "luu-tru" / "cho").iterdir()] in ([], leftovers(copy))


def leftovers(copy):
    """Half-written temporary files of a killed run: nobody takes them for originals."""
    return [path for path in (copy / "luu-tru" / "cho").iterdir() if path.suffix == ".tmp"]


def untouched(home, source, tmp_path):
    """An undisturbed run: how many operations it takes and what it leads to."""
    copy = fresh(home, tmp_path, "untouched")
    with struck(0, no_room) as counter:
        collect(copy, source, None, NOW, WHO, Acknowledged(tmp_path / "acknowledged.txt"))
    return counter, sorted(map(str, status(copy, NOW)["attachments"]))


@pytest.mark.parametrize("strike", [no_room, refused])
def test_failing_at_every_operation_of_collect(scene, tmp_path, share, strike):
    home, source = scene
    counter, expected = untouched(home, source, tmp_path)
    assert counter.count > 80
    for at in seeded_share(range(1, counter.count + 1), share):
        copy, acknowledged = fresh(home, tmp_path, at), Acknowledged(tmp_path / "acknowledged.txt")
        try:
            with struck(at, strike):
                collect(copy, source, None, NOW, WHO, acknowledged)
        except OutputError as error:
            assert "{" not in error_sentence(error)
        check_kept(copy, acknowledged.lines)
        check_rerun(copy, source, tmp_path, expected)
        shutil.rmtree(copy)


@only_where_processes_fork
def test_dying_at_every_operation_of_collect(scene, tmp_path, share):
    home, source = scene
    counter, expected = untouched(home, source, tmp_path)
    killed = 0
    for at in seeded_share(range(1, counter.count + 2), share):
        copy, acknowledged = fresh(home, tmp_path, at), Acknowledged(tmp_path / "acknowledged.txt")
        killed += killed_at(at, lambda: collect(copy, source, None, NOW, WHO, acknowledged))  # noqa: B023
        check_kept(copy, acknowledged.lines)
        check_rerun(copy, source, tmp_path, expected)
        shutil.rmtree(copy)
    assert killed


@pytest.fixture
def two_masters(tmp_path, monkeypatch):
    """A round consolidated, then a corrected workbook; the making of master and report counts no operations."""
    home = a_round(tmp_path / "before")
    take(home, {"a.xlsx": workbook({"1/1": 5})})
    consolidate_round(home, NOW, WHO)
    take(home, {"a.xlsx": workbook({"1/1": 6})}, later(hours=1))
    made = consolidate_round(fresh(home, tmp_path, "new"), later(hours=2), WHO)
    outputs = {name: path.read_bytes() for name, path in made.written.items()}
    given = tuple(outputs.items())
    for name, made_now in (("make_outputs", ()), ("findings_book", b""), ("finished", (given, ()))):
        monkeypatch.setattr(f"cchc_xl.rounds.adding.consolidating.{name}", lambda *_, said=made_now: said)
    return home, outputs


def check_outputs(copy, home, new, at):
    """Each output is the old one or the new one; the rerun makes all of them new."""
    for name, content in new.items():
        assert (copy / "ra" / name).read_bytes() in (content, (home / "ra" / name).read_bytes()), (at, name)
    assert audit(copy) == ()
    written = consolidate_round(copy, later(hours=3), WHO).written
    assert {name: path.read_bytes() for name, path in written.items()} == new
    assert audit(copy) == ()


def consolidation_operations(home, tmp_path):
    with struck(0, no_room) as counter:
        consolidate_round(fresh(home, tmp_path, "counted"), later(hours=2), WHO)
    return counter.count


def test_failing_at_every_operation_of_consolidate(two_masters, tmp_path, share):
    home, new = two_masters
    for at in seeded_share(range(1, consolidation_operations(home, tmp_path) + 1), share):
        copy = fresh(home, tmp_path, at)
        try:
            with struck(at, no_room):
                consolidate_round(copy, later(hours=2), WHO)
        except OutputError as error:
            assert "{" not in error_sentence(error)
        check_outputs(copy, home, new, at)
        shutil.rmtree(copy)


@only_where_processes_fork
def test_dying_at_every_operation_of_consolidate(two_masters, tmp_path, share):
    home, new = two_masters
    for at in seeded_share(range(1, consolidation_operations(home, tmp_path) + 2), share):
        copy = fresh(home, tmp_path, at)
        killed_at(at, lambda: consolidate_round(copy, later(hours=2), WHO))  # noqa: B023
        check_outputs(copy, home, new, at)
        shutil.rmtree(copy)


@only_where_processes_fork
def test_dying_at_every_operation_of_a_new_round(tmp_path):
    roster = a_round(tmp_path / "other").parent / "danh-sach.csv"
    at, alive = 0, False
    while not alive:
        at += 1
        home = tmp_path / f"round-{at}"
        alive = not killed_at(at, lambda: new_round(home, roster, "2022-6T", None, NOW, WHO))  # noqa: B023
        if not ledger.exists(home) or not ledger.events(home):
            new_round(home, roster, "2022-6T", None, NOW, WHO)
        collect(home, roster, None, NOW, WHO, lambda sha256, name: None)
        assert audit(home) == () and len(status(home, NOW)["units"]) == 4
    assert at > 20


def test_everything_is_flushed_before_it_is_acknowledged(scene, tmp_path):
    """In this order: original flushed and in its folder, event committed, head flushed, original in its place."""
    home, source = scene
    with struck(0, no_room) as counter:
        seen = []
        collect(home, source / "d.txt", None, NOW, WHO, lambda *_: seen.append(list(counter.calls)))
    write = ["open", "fsync", "replace", "open", "fsync"]  # content, then the folder it was renamed in
    lock = ["open", "write", "link", "unlink"]
    move = ["replace", "open", "fsync", "open", "fsync"]
    made = [call for call in seen[0] if call != "mkdir"]
    assert made == [*write, *lock, *write, "unlink", *move]


COLLECTOR = """
import sys
from pathlib import Path
from cchc_xl.rounds.receiving.collecting import collect
from tests.round_files import NOW, WHO
collect(Path(sys.argv[1]), Path(sys.argv[2]), None, NOW, WHO, lambda sha256, name: print(sha256, name, flush=True))
"""


def test_killed_at_random_moments_also_inside_the_database(tmp_path, share):
    """What no wrapper sees: SQLite's own writes. Every acknowledgement that was printed is kept."""
    source, rng = tmp_path / "in", random.Random(SEED)
    source.mkdir()
    for number in range(150):
        (source / f"{number:03}.txt").write_bytes(b"%d" % number)
    home, acknowledged = a_round(tmp_path), set()
    runs = max(4, round(40 * share))
    for run in range(runs):
        arguments = [sys.executable, "-c", COLLECTOR, str(home), str(source)]
        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment, text=True) as process:
            enough = rng.randrange(1, 4 + 150 * (run + 1) // runs)
            printed = [line for _, line in zip(range(enough), process.stdout, strict=False)]
            time.sleep(rng.random() * 0.02)
            process.kill()
            printed += [line for line in process.stdout if line.endswith("\n")]
        acknowledged |= {line.split()[0] for line in printed}
        assert audit(home) == ()
        assert acknowledged <= {event.body.get("sha256") for event in ledger.events(home)}
    collect(home, source, None, NOW, WHO, lambda *_: None)
    assert len(status(home, NOW)["attachments"]) == 150 and audit(home) == ()


# --- what goes out -----------------------------------------------------------------------------------------------
JOBS = {"issue": issue_round, "feedback": feedback_round, "close": close_round}


@pytest.fixture(params=JOBS)
def going_out(request, tmp_path):
    """A round in which there is something to issue, to answer, to pack; the job; what an undisturbed run leads to."""
    home = a_round(tmp_path / "before", {"11083": "daison@tuky.gov.vn"})
    take(home, {"a.xlsx": workbook({"1/2.1": 33, "1/2.2": 40})})
    job, whole = JOBS[request.param], fresh(home, tmp_path, "whole")
    with struck(0, no_room) as counter:
        job(whole, later(hours=1), WHO)
    return home, job, counter.count, made_by(whole)


def made_by(home):
    """What lies outside ledger and archive: name -> bytes; packs without the ledger in them, which tells the moment."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path.suffix != ".tmp"]
    kept = [path for path in files if path.relative_to(home).parts[0] not in ("so-cai", "luu-tru", "dong-goi")]
    packs = [path for path in files if path.parent.name == "dong-goi" and path.suffix == ".zip"]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in kept} | {one.name: b"" for one in packs}


def check_whole_or_absent(copy, expected):
    """No file by halves; a record of what was written may lag one file behind."""
    for name, content in made_by(copy).items():
        assert name.endswith(".cchc-xl.json") or content == expected.get(name), name
    assert audit(copy) == ()


def check_completed(copy, job, expected):
    """The next run makes everything, each number once."""
    job(copy, later(hours=1), WHO)
    assert made_by(copy) == expected and audit(copy) == ()
    prepared = [
        (e.body["parcel"], e.body["unit"], e.body["number"]) for e in ledger.events(copy) if e.kind == "prepared"
    ]
    assert len(prepared) == len(set(prepared)) and all(number == 1 for *_, number in prepared)


def some(count, share):
    """A thirtieth of the moments by default: each run makes workbooks and reports."""
    return seeded_share(range(1, count + 1), share if share == 1.0 else share / 3)


def test_failing_at_every_operation_of_what_goes_out(going_out, tmp_path, share):
    home, job, count, expected = going_out
    assert count > 20
    for at in some(count, share):
        copy = fresh(home, tmp_path, at)
        try:
            with struck(at, no_room):
                job(copy, later(hours=1), WHO)
        except OutputError as error:
            assert "{" not in error_sentence(error)
        check_whole_or_absent(copy, expected)
        check_completed(copy, job, expected)
        shutil.rmtree(copy)


@only_where_processes_fork
def test_dying_at_every_operation_of_what_goes_out(going_out, tmp_path, share):
    home, job, count, expected = going_out
    killed = 0
    for at in some(count, share):
        copy = fresh(home, tmp_path, at)
        killed += killed_at(at, lambda: job(copy, later(hours=1), WHO))  # noqa: B023
        check_whole_or_absent(copy, expected)
        check_completed(copy, job, expected)
        shutil.rmtree(copy)
    assert killed

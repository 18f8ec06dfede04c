"""Whatever the disk does: the old file or the new one, a sentence, and an exit code; never a half of either."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cchc_xl import files
from cchc_xl.editions.catalogue import error_sentence, words
from cchc_xl.errors import OutputError
from cchc_xl.files import RECORD, sha256_of, write_atomic, write_outputs
from tests.conftest import seeded_share
from tests.damage import parts_of
from tests.failing_files import no_room, refused, struck
from tests.filled import filled

ROOT = Path(__file__).parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a small file system, limits and descriptors of Linux")
ROOTLESS = os.name == "posix" and os.geteuid() != 0
SAMPLE = ROOT / "samples" / "tu-ky-2022-6T"
ROSTER = next(SAMPLE.glob("danh-sach-don-vi.csv"))
WORKBOOK = sorted((SAMPLE / "nhan-ve").glob("*.xlsx"))[0]
OUTPUTS = [("a.csv", b"1" * 5_000), ("b.docx", b"2" * 5_000), ("c.xlsx", b"3" * 5_000)]


def run(*args: object, limit: int = 0, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    """The command line in a process of its own; ``limit``: bytes after which every write fails, as on a full disk."""

    def limited() -> None:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "cchc_xl", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limited if limit else None,
    )


def one_sentence(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr and "Error" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].endswith(".")


# --- open in another program ----------------------------------------------------------------------------------------


@contextmanager
def held(*names: str, error: type[OSError] = PermissionError) -> Iterator[list[str]]:
    """What Windows does while Excel or Word has these files open: nothing may take their place."""
    real, asked = os.replace, []

    def replace(source, target):
        asked.append(Path(target).name)
        if Path(target).name in names:
            raise error(errno.EACCES, "Access is denied", str(target))
        real(source, target)

    os.replace = replace
    try:
        yield asked
    finally:
        os.replace = real


def test_an_output_open_in_excel_is_written_beside(tmp_path):
    write_outputs(tmp_path, [("tong-hop.xlsx", b"old"), ("a.csv", b"old")])
    with held("tong-hop.xlsx"):
        written = write_outputs(tmp_path, [("tong-hop.xlsx", b"new"), ("a.csv", b"new")])
    assert written == {"tong-hop.xlsx": tmp_path / "tong-hop (2).xlsx", "a.csv": tmp_path / "a.csv"}
    assert (tmp_path / "tong-hop.xlsx").read_bytes() == b"old"
    assert (tmp_path / "tong-hop (2).xlsx").read_bytes() == b"new"
    assert not list(tmp_path.glob(".*.tmp"))
    again = write_outputs(tmp_path, [("tong-hop.xlsx", b"newer")])
    assert again == {"tong-hop.xlsx": tmp_path / "tong-hop.xlsx"}, "closed again: nobody edited it"


def test_it_is_said(tmp_path):
    sentence = words("cli")["summary"]["written_beside"].format(path="x (2)", name="x")
    assert "đang mở" in sentence and "giữ nguyên" in sentence


def test_both_open_a_third_name_is_found(tmp_path):
    write_outputs(tmp_path, [("a.csv", b"1")])
    with held("a.csv"):
        write_outputs(tmp_path, [("a.csv", b"2")])
    with held("a.csv", "a (2).csv"):
        written = write_outputs(tmp_path, [("a.csv", b"3")])
    assert written["a.csv"].read_bytes() == b"3" and written["a.csv"].name == "a (3).csv"
    assert (tmp_path / "a.csv").read_bytes() == b"1" and (tmp_path / "a (2).csv").read_bytes() == b"2"


def test_everything_held_is_one_sentence_naming_the_file(tmp_path):
    write_outputs(tmp_path, [("a.csv", b"1")])
    with held("a.csv", "a (2).csv"), pytest.raises(OutputError) as failed:
        write_outputs(tmp_path, [("a.csv", b"2")])
    assert "a.csv" in error_sentence(failed.value)
    assert (tmp_path / "a.csv").read_bytes() == b"1" and not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("number", [errno.EIO, errno.EBUSY, errno.ESTALE, errno.EXDEV, errno.ENETDOWN, errno.EEXIST])
def test_a_rename_that_a_network_share_refuses(tmp_path, number):
    write_outputs(tmp_path, [("a.csv", b"old")])

    def broken(*_):
        raise OSError(number, os.strerror(number))

    real, os.replace = os.replace, broken
    try:
        with pytest.raises(OutputError) as failed:
            write_outputs(tmp_path, [("a.csv", b"new")])
    finally:
        os.replace = real
    assert (tmp_path / "a.csv").read_bytes() == b"old" and not list(tmp_path.glob(".*.tmp"))
    assert "a.csv" in error_sentence(failed.value)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_share_that_flushes_no_folders_and_knows_no_permissions(tmp_path, monkeypatch, number):
    real = os.fsync

    def fsync(handle):
        import stat

        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        real(handle)

    def chmod(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "chmod", chmod)
    write_atomic(tmp_path / "a.csv", b"x")
    assert (tmp_path / "a.csv").read_bytes() == b"x"


# --- every operation, in order --------------------------------------------------------------------------------------


def test_the_order_for_every_output(tmp_path):
    """File flushed, renamed, folder flushed: for each output and for the record of what we wrote after it."""
    with struck(0, no_room) as counter:
        write_outputs(tmp_path, OUTPUTS)
    calls = [call for call in counter.calls if call in ("fsync", "replace", "open")]
    assert calls == ["open", "fsync", "replace", "open", "fsync"] * 2 * len(OUTPUTS)


@pytest.mark.parametrize("strike", [no_room, refused])
def test_failing_at_every_operation(tmp_path, strike, share):
    """Each output is old or new, a person's edit is never replaced, and the next run makes all of them new."""
    with struck(0, strike) as counter:
        write_outputs(tmp_path / "counted", OUTPUTS)
    for at in seeded_share(range(1, counter.count + 1), max(share, 0.5)):
        folder = tmp_path / str(at)
        write_outputs(folder, [(name, b"old") for name, _ in OUTPUTS])
        (folder / "b.docx").write_bytes(b"edited by a person")
        try:
            with struck(at, strike):
                write_outputs(folder, OUTPUTS)
        except OutputError as error:
            assert "{" not in error_sentence(error)
        for name, content in OUTPUTS:
            kept = b"edited by a person" if name == "b.docx" else b"old"
            assert (folder / name).read_bytes() in (kept, content if name != "b.docx" else kept)
        written = write_outputs(folder, OUTPUTS)
        assert all(path.read_bytes() == dict(OUTPUTS)[name] for name, path in written.items())
        assert (folder / "b.docx").read_bytes() == b"edited by a person"


def test_a_full_disk_between_an_output_and_the_record_of_it(tmp_path, monkeypatch):
    """The record is older than the output: the output then counts as edited, and stays. Nothing is replaced."""
    write_outputs(tmp_path, [("a.csv", b"1")])
    real = files.write_atomic

    def full(path, content):
        if path.name == RECORD:
            raise OutputError("output-failed", file=str(path), problem="No space left on device")
        real(path, content)

    monkeypatch.setattr(files, "write_atomic", full)
    with pytest.raises(OutputError):
        write_outputs(tmp_path, [("a.csv", b"2")])
    monkeypatch.setattr(files, "write_atomic", real)
    assert (tmp_path / "a.csv").read_bytes() == b"2"
    (tmp_path / "a.csv").write_bytes(b"a person's")
    assert write_outputs(tmp_path, [("a.csv", b"3")])["a.csv"].name == "a (2).csv"
    assert (tmp_path / "a.csv").read_bytes() == b"a person's"


def test_a_person_who_restores_the_same_bytes_loses_nothing(tmp_path):
    write_outputs(tmp_path, [("a.csv", b"1")])
    (tmp_path / "a.csv").write_bytes(b"mine")
    (tmp_path / RECORD).write_text(json.dumps({"a.csv": sha256_of(b"other")}))
    assert write_outputs(tmp_path, [("a.csv", b"2")])["a.csv"].name == "a (2).csv"


# --- the commands on a disk that is full ----------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[Path], list[object]]] = {
    "template": lambda out: ["template", "-o", out / "x.xlsx"],
    "feedback": lambda out: ["feedback", WORKBOOK, "-o", out / "x.xlsx"],
    "consolidate": lambda out: ["consolidate", WORKBOOK, "--roster", ROSTER, "-o", out],
    "report": lambda out: ["report", WORKBOOK, "-o", out],
    "rules": lambda out: ["rules", "-o", out / "x.xlsx"],
    "edition export": lambda out: ["edition", "export", "-o", out / "x.xlsx"],
}


@LINUX
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_a_full_disk(tmp_path, name):
    """No file may grow beyond two kilobytes: what lxml, zipfile or we write meets the end of the disk."""
    out = tmp_path / "ra"
    out.mkdir()
    (out / "x.xlsx").write_bytes(b"old")
    done = run(*COMMANDS[name](out), limit=2_048)
    one_sentence(done)
    assert (out / "x.xlsx").read_bytes() == b"old"
    assert not [path for path in out.iterdir() if path.suffix == ".tmp"]


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A real file system of 64 kilobytes, where the machine lets us mount one."""
    home = tmp_path / "đĩa nhỏ"
    home.mkdir()
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("mounting needs root")
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(home)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield home
    subprocess.run(["umount", str(home)], check=True)


def test_a_real_full_disk(small_disk):
    (small_disk / "tong-hop.xlsx").write_bytes(b"old")
    done = run("consolidate", WORKBOOK, "--roster", ROSTER, "-o", small_disk)
    one_sentence(done)
    assert (small_disk / "tong-hop.xlsx").read_bytes() == b"old"
    assert not list(small_disk.glob(".*.tmp"))


def test_a_disk_that_fills_up_between_two_outputs(small_disk):
    (small_disk / "day").write_bytes(bytes(40_000))
    with pytest.raises(OutputError):
        write_outputs(small_disk, [("a", b"1" * 8_000), ("b", b"2" * 30_000)])
    assert (small_disk / "a").read_bytes() == b"1" * 8_000 and not (small_disk / "b").exists()
    (small_disk / "day").unlink()
    assert write_outputs(small_disk, [("a", b"3" * 9_000), ("b", b"4" * 9_000)])["a"] == small_disk / "a"


# --- folders and names ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(not ROOTLESS, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError):
            write_outputs(tmp_path, [("a.csv", b"new")])
        assert (tmp_path / "a.csv").read_bytes() == b"old"
    finally:
        tmp_path.chmod(0o700)


@pytest.fixture
def read_only(tmp_path) -> Iterator[Path]:
    home = tmp_path / "chỉ đọc"
    home.mkdir()
    (home / "tong-hop.xlsx").write_bytes(b"old")
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("mounting needs root")
    if subprocess.run(["mount", "--bind", home, home], capture_output=True, check=False).returncode:
        pytest.skip("no folder can be mounted here")
    again = subprocess.run(["mount", "-o", "remount,ro,bind", home], capture_output=True, check=False)
    yield home
    subprocess.run(["umount", home], check=True)
    assert again.returncode == 0


def test_a_read_only_folder_gives_a_sentence_with_the_file(read_only):
    done = run("consolidate", WORKBOOK, "--roster", ROSTER, "-o", read_only)
    one_sentence(done)
    assert (read_only / "tong-hop.xlsx").read_bytes() == b"old"


@pytest.mark.parametrize(
    "name", ["Kết quả tổng hợp 6 tháng", "dài" * 60, "a b'c\"d&e", "日本語", "e\u0301", "chấm.", "x" * 200]
)
def test_long_and_unicode_folders(tmp_path, name):
    out = tmp_path / name / name / name / name / name / name
    if len(os.fsencode(name)) > 255:
        out = tmp_path / name[:80] / name[:80]
    done = run("consolidate", WORKBOOK, "--roster", ROSTER, "-o", out)
    assert done.returncode in (0, 1), done.stderr
    assert parts_of((out / "tong-hop.xlsx").read_bytes())


def test_a_name_longer_than_any_file_system_takes(tmp_path):
    name = tmp_path / ("x" * 300 + ".xlsx")
    for args in (
        ["template", "-o", name],
        ["consolidate", name, "--roster", ROSTER, "-o", tmp_path],
        ["consolidate", WORKBOOK, "--roster", name, "-o", tmp_path],
        ["consolidate", WORKBOOK, "--roster", ROSTER, "-o", name],
        ["feedback", WORKBOOK, "-o", name],
        ["intake", name, "-o", tmp_path / "x.xlsx"],
        ["verify", name, "--master", name],
        ["round", "new", name, "--roster", ROSTER, "--period", "2022-6T"],
        ["round", "collect", name, "--from", tmp_path],
        ["round", "status", name],
    ):
        one_sentence(run(*args))
    assert run("check", name).returncode == 1


@LINUX
def test_a_file_whose_name_is_no_utf8_is_printed_safely(tmp_path):
    """Read, checked, consolidated and listed: the name is shown with a sign for what is no letter."""
    folder = os.fsencode(tmp_path) + b"/nhan"
    os.mkdir(folder)
    with open(folder + b"/b\xe1o c\xe1o \x1b[31m.xlsx", "wb") as stream:
        stream.write(filled())
    with open(folder + b"/\xff\xfe.pdf", "wb") as stream:
        stream.write(b"%PDF")
    path = os.fsdecode(folder + b"/b\xe1o c\xe1o \x1b[31m.xlsx")
    for args in (["check", path], ["check", "--json", path], ["read", path]):
        done = run(*args)
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        assert "\x1b" not in done.stdout
    done = run("consolidate", tmp_path / "nhan", "--roster", ROSTER, "-o", tmp_path / "ra", "--period", "2022-6T")
    assert done.returncode in (0, 1), done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    report = run("report", path, "-o", tmp_path / "bc")
    assert report.returncode == 0 and "\x1b" not in report.stdout, report.stderr

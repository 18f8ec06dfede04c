"""LibreOffice where it is installed: recalculation of workbooks, PDF, conversion. The product is complete without it.

Every call has a profile of its own that is thrown away, works on copies (LibreOffice puts lock files beside what it
opens) and ends within a time limit.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cchc_xl.errors import CchcError

START_SECONDS = 60  # a first start on a slow machine
FILE_SECONDS = 30  # per file

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
)

# Mode 0: always. --convert-to alone keeps the values stored in a file, however wrong they are.
_ITEM = (
    '<item oor:path="/org.openoffice.Office.{path}">'
    '<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_SETTINGS = (
    ("Calc/Formula/Load", "OOXMLRecalcMode", "0"),
    ("Calc/Formula/Load", "ODFRecalcMode", "0"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
)


_DAY = b"20220101000000"
# Where a PDF tells when it was made: its dates, its two names, a check sum over them.
_MOMENT = (
    re.compile(rb"(/(?:CreationDate|ModDate)\s*\(D:)(\d{14})([^)]*\))"),
    re.compile(rb"(/ID\s*\[\s*<)([0-9A-Fa-f]{32})(>)"),
    re.compile(rb"(/ID\s*\[\s*<[0-9A-Fa-f]{32}>\s*<)([0-9A-Fa-f]{32})(>)"),
    re.compile(rb"(/DocChecksum\s*/)([0-9A-Fa-f]{32})()"),
)


class OfficeMissing(CchcError):
    """LibreOffice is not installed on this machine."""


class OfficeFailed(CchcError):
    """LibreOffice ran, but did not make the file asked for, or not in time."""


def find() -> Path | None:
    """The program ``soffice`` of this machine; None where LibreOffice is not installed."""
    named = shutil.which("soffice") or shutil.which("libreoffice")
    candidates = [named] if named else [place for place in _PLACES if Path(place).is_file()]
    return Path(candidates[0]) if candidates else None


def recalculate(path: Path, folder: Path) -> Path:
    """The workbook with every formula computed anew, as .xlsx in ``folder``. Raises OfficeMissing, OfficeFailed."""
    return convert(path, folder, "xlsx")


def recalculate_all(paths: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    """As ``recalculate``, in one run of the program (about half a second a file); results in the order given."""
    return convert_all(paths, folder, "xlsx")


def to_pdf(path: Path, folder: Path) -> Path:
    """The document as PDF in ``folder``; a workbook is computed anew first. Raises OfficeMissing, OfficeFailed."""
    return convert(path, folder, "pdf")


def convert(path: Path, folder: Path, kind: str) -> Path:
    """The document as ``kind`` ("xlsx", "docx", "pdf" …) in ``folder``. Raises OfficeMissing, OfficeFailed."""
    return convert_all((path,), folder, kind)[0]


def convert_all(paths: Sequence[Path], folder: Path, kind: str, seconds: float | None = None) -> tuple[Path, ...]:
    """Each document as ``kind`` in ``folder``, named as its source ("a.xlsx", "a (2).xlsx"), in the order given.

    ``seconds``: the time limit of the whole run. Raises OfficeMissing, OfficeFailed, OSError (unreadable source).
    """
    program = find()
    if program is None:
        raise OfficeMissing("office-missing")
    limit = seconds if seconds is not None else START_SECONDS + FILE_SECONDS * len(paths)
    with tempfile.TemporaryDirectory(prefix="cchc-office-", ignore_cleanup_errors=True) as scratch:
        made = _run(program, paths, Path(scratch), kind, limit)
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_move(done, folder, path.stem, kind) for done, path in zip(made, paths, strict=True))


def _run(program: Path, paths: Sequence[Path], scratch: Path, kind: str, limit: float) -> list[Path]:
    profile, sources, out = scratch / "profile", scratch / "in", scratch / "out"
    _write_profile(profile)
    sources.mkdir()
    copies = [sources / f"{number:06d}{path.suffix}" for number, path in enumerate(paths)]
    for path, copy in zip(paths, copies, strict=True):
        shutil.copyfile(path, copy)
    options = ["--headless", "--norestore", "--nologo", "--nolockcheck", f"-env:UserInstallation={profile.as_uri()}"]
    command = [str(program), *options, "--convert-to", kind, "--outdir", str(out), *map(str, copies)]
    said = _bounded(command, limit, scratch)
    made = [out / f"{copy.stem}.{kind}" for copy in copies]
    for path, done in zip(paths, made, strict=True):
        if not done.is_file():
            raise OfficeFailed("office-failed", file=path.name, kind=kind, problem=said)
    return made


def _write_profile(profile: Path) -> None:
    items = "".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
    head = '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(f"{head}{items}</oor:items>", "utf-8")


def _bounded(command: list[str], limit: float, scratch: Path) -> str:
    """Run in a process group of its own, ended as a whole at the time limit. Returns the last line said."""
    log = scratch / "log.txt"
    with log.open("wb") as stream:
        group = {"start_new_session": True} if os.name == "posix" else {}
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, cwd=scratch, **group
        )
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            raise OfficeFailed("office-slow", seconds=round(limit)) from None
        finally:
            _end(process)
    lines = log.read_text("utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else f"exit {process.returncode}"


def _end(process: subprocess.Popen) -> None:
    """soffice is a starter: the program itself is its child and must go with it."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _move(done: Path, folder: Path, stem: str, kind: str) -> Path:
    target, number = folder / f"{stem}.{kind}", 2
    while target.exists():
        target, number = folder / f"{stem} ({number}).{kind}", number + 1
    return Path(shutil.move(done, target))


def undated(pdf: bytes) -> bytes:
    """A PDF as LibreOffice writes it, with the marks of the moment blanked: the same text gives the same bytes.

    Every mark keeps its length, so that the table of places in the file stays right.
    """
    for mark in _MOMENT:
        pdf = mark.sub(lambda found: found[1] + (_DAY + b"0" * 32)[: len(found[2])] + found[3], pdf)
    return pdf

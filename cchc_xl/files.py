"""Writing files so that there is always the old one or the new one, and nothing a person edited is replaced."""

import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Collection, Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from cchc_xl.errors import OutputError, problem_of

_NO_FOLDER_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF)

RECORD = ".cchc-xl.json"  # beside our outputs: what we wrote, by name and sha256


MEGA = 1024 * 1024
_LARGEST = 256 * MEGA  # bytes of a file that a person names: no table, text or workbook is larger


def bytes_of(path: Path) -> bytes:
    """The bytes of a file that a person named. Raises OSError, also for a pipe or a device: those would never end."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.ENXIO, os.strerror(errno.ENXIO), str(path))
    if status.st_size > _LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return path.read_bytes()


def sha256_of(content: bytes | Path) -> str:
    """The hash of these bytes, or of what a file holds. Raises OSError for a file that can't be read."""
    if isinstance(content, Path):
        with content.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    return hashlib.sha256(content).hexdigest()


def write_atomic(path: Path, content: bytes | Path) -> None:
    """Write beside, flush to disk, then take the place of ``path``. Raises OutputError; the old file stays.

    ``content``: the bytes, or a file that holds them where they are too many to be held in memory.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            _fill(stream, content)
            stream.flush()
            os.fsync(stream.fileno())
        _open_to_others(temporary)
        os.replace(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except OSError as error:
        raise OutputError("output-failed", file=str(path), problem=problem_of(error)) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _fill(stream: BinaryIO, content: bytes | Path) -> None:
    if isinstance(content, Path):
        with content.open("rb") as source:
            shutil.copyfileobj(source, stream, MEGA)
    else:
        stream.write(content)


def _open_to_others(temporary: str) -> None:
    """Give it the usual permissions; a share or a stick that knows none keeps its own."""
    with suppress(PermissionError, NotImplementedError):
        os.chmod(temporary, 0o666 & ~_umask())


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no folder handles to flush, nor have some network shares."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_FLUSH:
            raise
    finally:
        os.close(handle)


def write_outputs(
    folder: Path, outputs: Iterable[tuple[str, bytes | Path]], frozen: Collection[str] = ()
) -> dict[str, Path]:
    """Write named outputs into ``folder``; one that a person has edited since stays, the new one goes beside it.

    So does one whose name is ``frozen``, and one that another program holds open. Returns name -> path written.
    Raises OutputError.
    """
    record = _read_record(folder)
    written: dict[str, Path] = {}
    for name, content in outputs:
        path = folder / name
        if name in frozen and path.is_file() and sha256_of(path) == sha256_of(content):
            written[name] = path
            continue
        if _is_kept(path, record.get(name), content, frozen):
            path = _name_beside(folder, name, {one: sha for one, sha in record.items() if one not in frozen})
        path = _put(path, content)
        record[path.name] = sha256_of(content)
        written[name] = path
        write_atomic(folder / RECORD, json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode())
    return written


def _put(path: Path, content: bytes | Path) -> Path:
    """Write to ``path``, or under a new name beside it where another program (Excel, Word) holds it open."""
    try:
        write_atomic(path, content)
    except OutputError as error:
        if not (isinstance(error.__cause__, PermissionError) and path.is_file()):
            raise
        beside = _name_beside(path.parent, path.name, {})
        with suppress(OutputError):
            write_atomic(beside, content)
            return beside
        raise
    return path


def _is_kept(path: Path, known: str | None, content: bytes | Path, frozen: Collection[str]) -> bool:
    """Does something stand there that stays: frozen, or neither what we wrote nor what we are about to write?

    What can't be read is somebody's too. Raises OutputError for a name that no file can have.
    """
    try:
        if not path.exists():
            return False
    except OSError as error:
        raise OutputError("output-failed", file=path.name, problem=problem_of(error)) from error
    try:
        return path.is_dir() or path.name in frozen or sha256_of(path) not in (known, sha256_of(content))
    except OSError:
        return True


def is_edited(path: Path) -> bool:
    """Does a file stand there that is not what ``write_outputs`` put there last?"""
    if not path.exists():
        return False
    return path.is_dir() or sha256_of(path) != _read_record(path.parent).get(path.name)


def write_output(path: Path, content: bytes) -> Path:
    """One output to the name a person gave; a file there that is not ours, or was edited since, stays.

    Returns where it was written: ``path``, or a numbered name beside it. Raises OutputError.
    """
    return write_outputs(path.parent, [(path.name, content)])[path.name]


def _read_record(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def is_as_written(path: Path) -> bool:
    """Does the file hold what ``write_outputs`` wrote there, untouched since? Raises OSError."""
    return _read_record(path.parent).get(path.name) == sha256_of(path)


def own_outputs(folder: Path) -> tuple[Path, ...]:
    """What was written into ``folder`` by ``write_outputs``, whether or not somebody edited it since."""
    return tuple(folder / name for name in _read_record(folder))


def _name_beside(folder: Path, name: str, record: dict[str, str]) -> Path:
    """``bao-cao (2).docx``: the first such name that is free, or holds what we wrote there and nobody touched since."""
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 2
    while (path := folder / f"{stem} ({number}){suffix}").exists():
        if path.is_file() and record.get(path.name) == sha256_of(path):
            break
        number += 1
    return path


def canonical_zip(content: bytes) -> bytes:
    """The same package with fixed dates and order of members kept: equal content gives equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            fixed = zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            fixed.create_system = 3
            target.writestr(fixed, source.read(member), compresslevel=9)
    return out.getvalue()

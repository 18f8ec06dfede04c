"""Writing files so that there is always the old one or the new one, and nothing a person edited is replaced."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from cchc_xl.errors import OutputError

RECORD = ".cchc-xl.json"  # beside our outputs: what we wrote, by name and sha256


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_atomic(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, then take the place of ``path``. Raises OutputError; the old file stays."""
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except OSError as error:
        raise OutputError("output-failed", file=str(path), problem=error.strerror or str(error)) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no folder handles to flush."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_outputs(folder: Path, outputs: Iterable[tuple[str, bytes]]) -> dict[str, Path]:
    """Write named outputs into ``folder``; one that a person has edited since stays, the new one goes beside it.

    Returns name -> path written. Raises OutputError.
    """
    record = _read_record(folder)
    written: dict[str, Path] = {}
    for name, content in outputs:
        path = folder / name
        if path.is_dir() or (
            path.exists() and sha256_of(path.read_bytes()) not in (record.get(name), sha256_of(content))
        ):
            path = _name_beside(folder, name, record)
        write_atomic(path, content)
        record[path.name] = sha256_of(content)
        written[name] = path
        write_atomic(folder / RECORD, json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode())
    return written


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


def own_outputs(folder: Path) -> tuple[Path, ...]:
    """What was written into ``folder`` by ``write_outputs``, whether or not somebody edited it since."""
    return tuple(folder / name for name in _read_record(folder))


def _name_beside(folder: Path, name: str, record: dict[str, str]) -> Path:
    """``bao-cao (2).docx``: the first such name that is free, or holds what we wrote there and nobody touched since."""
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 2
    while (path := folder / f"{stem} ({number}){suffix}").exists():
        if path.is_file() and record.get(path.name) == sha256_of(path.read_bytes()):
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

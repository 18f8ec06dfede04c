"""The archive pack of a round: everything needed to prove what was counted and to add it up to the same bytes."""

import json
import os
import platform
import zipfile
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from io import BytesIO
from pathlib import Path

from cchc_xl import __version__
from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import derivation_of, home, shipped_editions
from cchc_xl.errors import RoundError
from cchc_xl.files import RECORD, sha256_of, write_output
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.folder import EARLIER, PACKS, Round, open_round
from cchc_xl.rounds.keeping.ledger import HEAD, LEDGER, LOCK
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.auditing_events import CLOSED
from cchc_xl.rounds.reading.cache import program
from cchc_xl.rounds.reading.intake_files import Progress, quiet, workbooks_in
from cchc_xl.rounds.receiving.readings import CACHE

CONTENTS, EDITION = "goi-luu-tru.json", "bo-bieu-mau"
_FIXED = (1980, 1, 1, 0, 0, 0)
_NOT_KEPT = (LOCK, CACHE, f"{CACHE}-journal")


def close_round(folder: Path, now: datetime, who: str, progress: Progress = quiet) -> Path:
    """Write the archive pack into ``folder/dong-goi`` and enter it in the ledger; its path.

    A zip of the round's folder as it is (settings, roster, issued workbooks, originals, ledger, outputs, letters),
    the earlier workbooks it was compared with, the edition's data, and ``goi-luu-tru.json``: versions and the sha256
    of every member. Unpacked anywhere it is a round again. Raises RoundError where the audit finds anything.
    """
    problems = audit(folder)
    if problems:
        raise RoundError("close-audit", count=len(problems), first=problems[0])
    events = ledger.events(folder)
    the_round = open_round(folder, events)
    members = [*_members(the_round, progress)]
    contents = _contents(the_round, members, last=events[-1].seq)
    said = words("round")["words"]
    name = said["pack_name"].format(period=the_round.period.code, day=now.date())
    path = write_output(folder / PACKS / name, _zipped([(CONTENTS, contents), *members]))
    body = {"file": path.name, "pack": sha256_of(path.read_bytes()), "last": events[-1].seq, "members": len(members)}
    ledger.add(folder, CLOSED, body, now=now, who=who)
    return path


def _members(the_round: Round, progress: Progress) -> Iterator[tuple[str, bytes]]:
    """(name in the pack, bytes): the folder, then what lies outside it and had a part in the round."""
    folder = the_round.folder
    files = [path for path in sorted(folder.rglob("*")) if _is_kept(path.relative_to(folder)) and path.is_file()]
    for number, path in enumerate(files, start=1):
        yield _name(path, folder), path.read_bytes()
        progress("pack", number, len(files))
    previous = the_round.settings.previous
    if previous and previous.exists() and not (folder / EARLIER).is_dir():
        root = previous if previous.is_dir() else previous.parent
        for path in (one for one, _ in workbooks_in([previous]) if one.is_file()):  # a pipe would never end
            yield f"{EARLIER}/{_name(path, root)}", path.read_bytes()
    yield from _edition(the_round.edition.id)


def _name(path: Path, folder: Path) -> str:
    """The name in the pack, whatever bytes the file's own is made of."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")


def _edition(name: str) -> Iterator[tuple[str, bytes]]:
    """The data of the edition, and of the one it is derived from."""
    if name not in shipped_editions():
        yield f"{EDITION}/{name}.json", (home() / f"{name}.json").read_bytes()
        return
    base, _ = derivation_of(name)
    for one in filter(None, (base, name)):
        files = resources.files("cchc_xl.editions").joinpath(one).iterdir()
        for file in sorted(files, key=lambda found: found.name):
            if file.name.endswith(".toml"):
                yield f"{EDITION}/{one}/{file.name}", file.read_bytes()


def _is_kept(path: Path) -> bool:
    """Not packs, caches, locks or half-written files; what ``files`` keeps beside outputs belongs to them.

    Nor what an unpacked pack brought along: contents and edition are written anew.
    """
    if path.parts[0] in (PACKS, CONTENTS, EDITION) or path.name in _NOT_KEPT or path.suffix == ".tmp":
        return False
    return path.name == RECORD or not path.name.startswith(".")


def _contents(the_round: Round, members: list[tuple[str, bytes]], last: int) -> bytes:
    """What the pack is made of and by what, for people and programs."""
    head = json.loads((the_round.folder / LEDGER / HEAD).read_text("utf-8"))
    told = {
        "program": {"version": __version__, "sha256": program(), "python": platform.python_version()},
        "edition": the_round.edition.id,
        "period": the_round.period.code,
        "units": len(the_round.units),
        "ledger": {"events": last, "head": head["hash"]},
        "files": {name: sha256_of(content) for name, content in members},
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    """Equal members give equal bytes. Workbooks are packed already: stored as they are."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in members:
            info = zipfile.ZipInfo(name, _FIXED)
            info.compress_type = zipfile.ZIP_STORED if content.startswith(b"PK") else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            pack.writestr(info, content)
    return out.getvalue()

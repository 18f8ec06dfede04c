"""Many files read and checked by several processes: same order and same results for any number of them.

A process that dies (killed, out of memory) loses nothing: what it had not handed over is read again in a process of
its own, and only a file that kills its reader once more, alone, is refused.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.files import sha256_of
from cchc_xl.model import Edition, Finding, Roster, Severity, Submission
from cchc_xl.rounds.reading.stored import Checked, Result, Rows, to_text

POOL_FROM = 50  # files: below that starting workers costs more than it saves
AHEAD = 3  # shares of the files that are handed out for each worker
_MOST, _SHARES = 200, 24  # files in a share; shares of a small round, so that no worker waits long for another

_MET: Rows = {}  # rows this process has handed over before

File = tuple[Path, str]  # where it lies, the name to show
Work = Callable[[Sequence[File]], list[Result]]


def results_of(
    files: Sequence[File],
    *,
    roster: Roster | None,
    edition: Edition | None,
    checked: bool,
    workers: int = 0,
    executor: Executor | None = None,
) -> Iterator[Result]:
    """What each file gave, in the order of the files. ``workers``: 0 decides by their number.

    ``executor``: any other ``concurrent.futures`` executor whose workers see the same files under the same paths,
    such as that of a Dask cluster.
    """
    work = partial(read_some, roster=roster, edition_id=edition.id if edition else None, checked=checked)
    workers = workers or (os.cpu_count() or 1 if len(files) > POOL_FROM else 1)
    if executor is not None:
        yield from _gathered(files, work, executor, len(files))
    elif workers == 1 or len(files) < 2:
        for file in files:
            yield from work([file])
    else:
        from concurrent.futures import ProcessPoolExecutor

        _warm_up()
        with ProcessPoolExecutor(max_workers=workers) as pool:
            yield from _gathered(files, work, pool, AHEAD * workers)


def read_some(files: Sequence[File], *, roster: Roster | None, edition_id: str | None, checked: bool) -> list[Result]:
    """What a worker does: read these files, and check what each says by itself if that is wanted."""
    from cchc_xl.editions.load import load
    from cchc_xl.workbook.reader import read_file

    edition = load(edition_id) if edition_id else None
    results: list[Result] = []
    for path, name in files:
        found = read_file(path, file=name, roster=roster, edition=edition)
        results.append(_as_text(tuple(_checked(one) if checked else (one, None) for one in found), _MET))
    return results


def _checked(submission: Submission) -> Checked:
    from cchc_xl.checking.checks import check
    from cchc_xl.editions.load import load

    if submission.refused or submission.edition is None:
        return submission, None
    return submission, check(submission, load(submission.edition))


def _as_text(results: tuple[Checked, ...], known: Rows) -> Result:
    try:
        return to_text(results, known)
    except TypeError:
        return results


def _warm_up() -> None:
    """Load what every worker needs before they are made: where processes are forked they share it."""
    import cchc_xl.checking.checks
    import cchc_xl.workbook.reader  # noqa: F401
    from cchc_xl.editions.load import load

    load()


def _gathered(files: Sequence[File], work: Work, executor: Executor, ahead: int) -> Iterator[Result]:
    """``ahead``: how many shares are handed out before the first result is taken, so that few are held at a time."""
    size = max(1, min(_MOST, len(files) // _SHARES))
    shares = iter([files[at : at + size] for at in range(0, len(files), size)])
    waiting = deque((share, _submitted(executor, work, share)) for share in islice(shares, ahead))
    while waiting:
        share, done = waiting.popleft()
        yield from salvaged(share, work) if done is None or _failed(done) else done.result()
        waiting.extend((share, _submitted(executor, work, share)) for share in islice(shares, 1))


def _submitted(executor: Executor, work: Work, share: Sequence[File]) -> Future | None:
    try:
        return executor.submit(work, share)
    except BrokenExecutor:  # a worker died while there was still work to hand out
        return None


def _failed(done: Future) -> bool:
    """Did the workers fail? If the program did, it will again when the share is read here, and say so."""
    try:
        return done.exception() is not None
    except CancelledError:
        return True


def salvaged(files: Sequence[File], work: Work) -> list[Result]:
    """Read in a process of its own; if that dies, the halves apart. A file that kills it alone is refused."""
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(max_workers=1) as alone:
        done = alone.submit(work, files)
        problem = done.exception()
    if problem is None:
        return done.result()
    if not isinstance(problem, BrokenExecutor | MemoryError):
        raise problem
    if len(files) == 1:
        return [((_refused(*files[0]), None),)]
    half = len(files) // 2
    return [*salvaged(files[:half], work), *salvaged(files[half:], work)]


def _refused(path: Path, name: str) -> Submission:
    from cchc_xl.workbook.incoming.on_disk import content_of
    from cchc_xl.workbook.incoming.package import Refused

    digest = ""
    with suppress(OSError, ValueError, Refused):
        digest = sha256_of(content_of(path))
    args = {"file": name, "problem": words("reader")["problems"]["unforeseen"]}
    finding = Finding(id="file-broken", severity=Severity.ERROR, args=args)
    return Submission(file=name, sha256=digest, refused=True, findings=(finding,))

"""Read files one by one, each in a process of its own, and print how long and how large that was.

Run as ``python -m tests.hostile.measured``: a line of JSON in (path, name to show), a line of JSON out. The processes
are forked from one that has the program loaded and nothing else, so that what a file costs is seen.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

from cchc_xl.editions.load import load
from cchc_xl.workbook.reader import read_file

CEILING = 2 << 30  # bytes of address space: a mistake ends in a MemoryError, not in a machine that stands still


def _read(path: str, name: str, out: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 31))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    said = [
        {
            "refused": one.refused,
            "ids": [finding.id for finding in one.findings],
            "facts": {key: [entry.state.value, str(entry.value)] for key, entry in one.entries.items()},
        }
        for one in read_file(Path(path), file=name)
    ]
    os.write(out, json.dumps(said).encode())


def _measured(path: str, name: str) -> dict[str, object]:
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            _read(path, name, writing)
            os._exit(0)
        except BaseException:  # any exception at all is what the test looks for
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    _, status, usage = os.wait4(child, 0)
    return {
        "exit": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mb": usage.ru_maxrss / 1024,
        "said": json.loads(said) if said else [],
    }


def main() -> None:
    load()
    for line in sys.stdin:
        print(json.dumps(_measured(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

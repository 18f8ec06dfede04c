"""How long and how large the work on one file may become, whatever is in it."""

import resource
import time

SECONDS, MEGABYTES = 2.0, 200


class Bounded:
    """Fails when the work took too much of the processor, or the process grew too much."""

    def __enter__(self):
        self._started, self._before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def __exit__(self, *_):
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self._before) / 1024
        assert time.process_time() - self._started < SECONDS and grown < MEGABYTES

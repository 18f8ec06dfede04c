"""The shipped sample round: the whole job on real and synthetic workbooks."""

from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.rounds.adding.outgoing import NAMES
from cchc_xl.rounds.pipeline import Consolidated, consolidate_paths
from cchc_xl.rounds.reading.intake_files import Progress
from cchc_xl.shipped import shipped

ROUND = "tu-ky-2022-6T"
ROSTER, RECEIVED = "danh-sach-don-vi.csv", "nhan-ve"
PERIOD = "2022-6T"


def run_sample(out: Path, progress: Progress) -> tuple[Consolidated, Path]:
    """Consolidate the sample round into ``out``; also where its workbooks lie. Raises UsageError if not shipped."""
    sample = shipped("samples", ROUND)
    if sample is None:
        raise UsageError("sample-missing")
    roster, more = sample / ROSTER, tuple(NAMES)
    result = consolidate_paths([sample / RECEIVED], roster=roster, out=out, period=PERIOD, more=more, progress=progress)
    return result, sample

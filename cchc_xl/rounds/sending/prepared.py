"""What one command made ready for the units of a round."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """``written``: files under ``folder`` (with a dry run: those that would be written); ``sent``: letters that went
    out. ``left_out``: (unit or file, why nothing was made for it), as sentences.
    """

    folder: Path
    written: tuple[Path, ...] = ()
    sent: int = 0
    left_out: tuple[tuple[str, str], ...] = ()

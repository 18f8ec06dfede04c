"""What changed between two masters of one round, for the level above."""

from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.files import write_output
from cchc_xl.rounds.adding.tied import consolidation_of


def write_amendment(old: Path, new: Path, out: Path) -> tuple[Path, int]:
    """Write the appendix of amended numbers; also how many there are. Raises UsageError for two rounds that differ."""
    from cchc_xl.word import amendment

    before, after = consolidation_of(old), consolidation_of(new)
    if (before.edition.id, before.period.code) != (after.edition.id, after.period.code):
        raise UsageError(
            "masters-differ",
            old=f"{before.edition.id}, {before.period.title}",
            new=f"{after.edition.id}, {after.period.title}",
        )
    if any(out.exists() and out.samefile(master) for master in (old, new)):
        raise UsageError("output-is-input", file=str(out))
    return write_output(out, amendment.build(before, after)), len(amendment.amended(before, after))

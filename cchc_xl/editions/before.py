"""The figures of an earlier period by the keys of this one: codes change between editions, meanings must not."""

from collections.abc import Mapping
from dataclasses import replace

from cchc_xl.model import Consolidation, Figure


def figures_before(now: Consolidation, before: Consolidation | None = None) -> Mapping[str, Figure]:
    """Key of this edition -> the earlier figure that means the same; rows that can't be compared are left out.

    ``before``: the period before of this year when not given. Empty where there is none.
    """
    earlier = before or now.previous
    if earlier is None:
        return {}
    if earlier.edition.id == now.edition.id:
        return earlier.figures
    moved = {new: earlier.figures[old] for old, new in now.edition.code_map.items() if old in earlier.figures}
    return {key: replace(figure, key=key) for key, figure in moved.items()}

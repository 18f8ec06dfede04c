"""Files shipped beside the code: ``templates/`` and ``samples/``, in the wheel or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(*parts: str) -> Path | None:
    """The path of a shipped file or folder, e.g. ``shipped("samples", "tu-ky-2022-6T")``; None if not there."""
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    return None

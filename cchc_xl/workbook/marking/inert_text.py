"""Text from outside, made fit for XML and for a cell: it stays text, whatever it holds."""

import re

LONGEST = 32_000  # characters; a cell keeps 32,767
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_SIGN = "\ufffd"


def inert(text: str, cut: str = "") -> str:
    """``text`` as it can stand in ``<t>``: what XML can't hold visibly replaced, an overlong one cut with ``cut``.

    ``_x000D_`` would come back as a carriage return, so its first sign is escaped in turn.
    """
    return _ESCAPE.sub("_x005F_x", visible(text, cut))


def visible(text: str, cut: str = "") -> str:
    """As ``inert``, for a program that escapes by itself."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(lines) > LONGEST:
        lines = lines[:LONGEST] + cut
    return _NOT_XML.sub(_SIGN, lines)


def quoted_sheet(title: str) -> str:
    """``'Biểu 1'`` as it stands in a reference."""
    return "'" + title.replace("'", "''") + "'"

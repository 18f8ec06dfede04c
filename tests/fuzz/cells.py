"""Seeded attacks on workbooks that staff keep: one cell exchanged for what no clerk types, or one part damaged.

By default the tests take a seeded tenth; thousands with ``pytest -m full``.
"""

import random
import re
from collections.abc import Callable, Sequence

from tests.hostile.mutants import Mutant, Package
from tests.hostile.zips import plain, written

_CELL = re.compile(r'<c r="([A-Z]+(\d+))"(?: s="(\d+)")?[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
# What stands in a cell, of any kind: {r} its place, {s} its own format, {x} a text.
FORMS = (
    *(
        '<c r="{r}" s="{s}" t="e"><v>#N/A</v></c>',
        '<c r="{r}" s="{s}" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="{r}" s="{s}" t="b"><v>1</v></c>',
        '<c r="{r}" s="{s}"><v>1e308</v></c>',
        '<c r="{r}" s="{s}"><v>-0</v></c>',
        '<c r="{r}" s="{s}"><v>NaN</v></c>',
        '<c r="{r}" s="{s}"><v>1e999</v></c>',
        '<c r="{r}" s="{s}"><v>1.127</v></c>',
        '<c r="{r}" s="{s}"><v>44732.708333333336</v></c>',
        '<c r="{r}"><v>44732.9999999</v></c>',
    ),
    *(
        '<c r="{r}" s="{s}" t="d"><v>2022-06-20T17:00:00</v></c>',
        '<c r="{r}" s="{s}" t="d"><v>x/y</v></c>',
        '<c r="{r}" s="{s}"><f>NOW()</f></c>',
        '<c r="{r}" s="{s}" t="str"><f>"a"</f><v>#N/A</v></c>',
        '<c r="{r}" s="{s}" t="str"><v>1/2</v></c>',
        '<c r="{r}" s="{s}" t="s"><v>99999</v></c>',
        '<c r="{r}" s="999"><v>1</v></c>',
    ),
    *['<c r="{r}" s="{s}" t="inlineStr"><is><t>{x}</t></is></c>'] * 12,
)
TEXTS = (
    *(
        "",
        "=1+1",
        "=cmd|' /c calc'!A1",
        "@SUM(1)",
        "+1",
        "-1",
        "{{ 7*7 }}",
        "{% for x in y %}",
        "{0}",
        "{unit}",
        "%s%n",
    ),
    *("../../x", "C:\\x", "/etc/passwd", "CON", "a/b", "a_x0000_b", "a_x000D_b", "\u202etxt.exe", "A\u0301", "\u2028"),
    *(
        "a\nb",
        "a\tb",
        "&amp;&lt;&gt;",
        "\u200b",
        "\u00a0",
        "x" * 300,
        "x" * 40_000,
        "٣",
        "１１０８３",
        "99999999999999999999",
    ),
    *("1.000", "63,6", "1e5", "#N/A", "TRUE", "KPS", "01/02/2022", "31/02/2022", "25:99 01/01/2022", "17h 20/6/2022"),
    *("0:00 01/01/0001", "23:59 31/12/9999", "xa-2022", "2022-6T", "0000-6T", "9999-N", "imaps://u:p@h/x", "a@b;c@d"),
    *("tổng hợp", "huyện", "xã", "11083", "1/1", "9/9.9", "3/3.3.1", "Lỗi phải sửa", "\U0001f600", "_xD800_"),
)


class Cells:
    """A workbook whose parts ``parts`` are attacked, in rows for which ``wanted`` holds (as Excel counts)."""

    def __init__(self, content: bytes, parts: Sequence[str], wanted: Callable[[int], bool] = lambda row: True) -> None:
        self._package = Package(content, parts=[*parts, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
        texts = {part: self._package.parts[part].decode() for part in dict.fromkeys(parts)}
        found = [(part, one) for part, text in texts.items() for one in _CELL.finditer(text)]
        self._cells = [(part, one) for part, one in found if wanted(int(one[2]))]
        self._texts = texts

    def mutant(self, rng: random.Random) -> Mutant:
        """Two of three times a cell exchanged (``how`` "cell"), else a part or some bytes damaged."""
        if rng.random() < 1 / 3:
            return self._package.mutant(rng)
        part, cell = rng.choice(self._cells)
        said = rng.choice(TEXTS).encode("utf-8", "replace").decode()
        xml = rng.choice(FORMS).replace("{r}", cell[1]).replace("{s}", cell[3] or "0").replace("{x}", said)
        text = self._texts[part]
        changed = plain(part, (text[: cell.start()] + xml + text[cell.end() :]).encode())
        bodies = {**self._package.bodies, part: changed}
        return Mutant(written(bodies.values()), "cell", part, f"{xml[:120]} was {cell[0][:120]}")

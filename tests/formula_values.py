"""A spreadsheet's own arithmetic for the formulas of our rules, in a few lines: what LibreOffice proves slowly.

``compiled("=IF(V!R1>0,\\"a\\",\\"b\\")")`` is a function of the cells, ``{"V!R1": Decimal(3)}``. As in Excel: text is
greater than every number and not equal to one, arithmetic with text is an error, SUM, MIN and MAX pass over text cells.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Value = Decimal | str | bool
Cells = Mapping[str, Value]
Compiled = Callable[[Cells], Value]

_TOKEN = re.compile(r'"(?:[^"]|"")*"|\d+(?:\.\d+)?(?:E[+-]?\d+)?|[A-Z]![A-Z]\w*|[A-Z]+|<=|>=|<>|[-=<>+*/(),]')


class FormulaError(Exception):
    """What a sheet shows as #VALUE! or #DIV/0!."""


@dataclass(frozen=True, slots=True)
class _Node:
    value: Compiled
    is_cell: bool = False


def compiled(formula: str) -> Compiled:
    """The formula as a function of its cells; raises FormulaError where the sheet would show an error."""
    assert formula.startswith("=")
    tokens = _TOKEN.findall(formula[1:])
    assert "".join(tokens) == formula[1:], formula
    node, rest = _comparison(tokens)
    assert not rest, rest
    return node.value


def _comparison(tokens: Sequence[str]) -> tuple[_Node, Sequence[str]]:
    left, tokens = _sum(tokens)
    if tokens and tokens[0] in _COMPARED:
        compare = _COMPARED[tokens[0]]
        right, tokens = _sum(tokens[1:])
        one, other = left.value, right.value
        return _Node(lambda cells: compare(_rank(one(cells)), _rank(other(cells)))), tokens
    return left, tokens


def _sum(tokens: Sequence[str]) -> tuple[_Node, Sequence[str]]:
    node, tokens = _product(tokens)
    while tokens and tokens[0] in "+-":
        sign = 1 if tokens[0] == "+" else -1
        right, tokens = _product(tokens[1:])
        node = _Node(lambda cells, a=node, b=right, s=sign: _number(a.value(cells)) + s * _number(b.value(cells)))
    return node, tokens


def _product(tokens: Sequence[str]) -> tuple[_Node, Sequence[str]]:
    node, tokens = _single(tokens)
    while tokens and tokens[0] in "*/":
        compute = _divided if tokens[0] == "/" else lambda a, b: a * b
        right, tokens = _single(tokens[1:])
        node = _Node(lambda cells, a=node, b=right, c=compute: c(_number(a.value(cells)), _number(b.value(cells))))
    return node, tokens


def _divided(one: Decimal, other: Decimal) -> Decimal:
    if other == 0:
        raise FormulaError
    return one / other


def _single(tokens: Sequence[str]) -> tuple[_Node, Sequence[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "-":
        node, rest = _single(rest)
        return _Node(lambda cells: -_number(node.value(cells))), rest
    if first == "(":
        node, rest = _comparison(rest)
        assert rest[0] == ")"
        return node, rest[1:]
    if first[0] == '"':
        text = first[1:-1].replace('""', '"')
        return _Node(lambda cells: text), rest
    if first[0].isdigit():
        number = Decimal(first)
        return _Node(lambda cells: number), rest
    if "!" in first:
        return _Node(lambda cells: cells[first], is_cell=True), rest
    if first in ("TRUE", "FALSE"):
        return _Node(lambda cells: first == "TRUE"), rest
    return _call(first, rest)


def _call(name: str, tokens: Sequence[str]) -> tuple[_Node, Sequence[str]]:
    assert tokens[0] == "("
    arguments: list[_Node] = []
    while tokens[0] != ")":
        node, tokens = _comparison(tokens[1:])
        arguments.append(node)
    if name == "IF":
        test, yes, no = (one.value for one in arguments)
        return _Node(lambda cells: yes(cells) if test(cells) else no(cells)), tokens[1:]
    function = _FUNCTIONS[name]
    if name in ("SUM", "MIN", "MAX"):
        return _Node(lambda cells: function(_numbers(arguments, cells))), tokens[1:]
    return _Node(lambda cells: function(*(one.value(cells) for one in arguments))), tokens[1:]


def _numbers(arguments: Sequence[_Node], cells: Cells) -> list[Decimal]:
    values = [(one, one.value(cells)) for one in arguments]
    return [_number(value) for one, value in values if not (one.is_cell and isinstance(value, str))]


def _number(value: Value) -> Decimal:
    if isinstance(value, str):
        raise FormulaError
    return Decimal(value)


def _rank(value: Value) -> tuple[int, Value]:
    kind = 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0
    return kind, value.lower() if isinstance(value, str) else value


def _rounded(value: Value, digits: Value) -> Decimal:
    return _number(value).quantize(Decimal(1).scaleb(-int(_number(digits))), rounding=ROUND_HALF_UP)


_COMPARED: Mapping[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_FUNCTIONS: Mapping[str, Callable] = {
    "SUM": lambda numbers: sum(numbers, Decimal(0)),
    "MIN": lambda numbers: min(numbers, default=Decimal(0)),
    "MAX": lambda numbers: max(numbers, default=Decimal(0)),
    "OR": lambda *tests: any(tests),
    "NOT": lambda test: not test,
    "ABS": lambda value: abs(_number(value)),
    "INT": lambda value: Decimal(math.floor(_number(value))),
    "ROUND": _rounded,
    "LEN": lambda text: Decimal(len(text)),
    "TRIM": lambda text: " ".join(part for part in text.split(" ") if part),
    "SUBSTITUTE": lambda text, old, new: text.replace(old, new),
    "CHAR": lambda code: chr(int(code)),
    "T": lambda value: value if isinstance(value, str) else "",
}

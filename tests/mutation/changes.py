"""Small changes of a module's code, each of which some test should notice."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd}
_JOINED = {ast.And: ast.Or, ast.Or: ast.And}


@dataclass(frozen=True, slots=True)
class Change:
    """``what``: with a number where a line has several alike. ``inside``: in a function; the rest stays."""

    line: int
    what: str
    inside: bool
    _source: str
    _at: int  # which node
    _change: Callable[[ast.AST], None]

    def tree(self) -> ast.Module:
        """The module with this one thing changed."""
        tree = ast.parse(self._source)
        self._change(list(ast.walk(tree))[self._at])
        return ast.fix_missing_locations(tree)


def changes(source: str) -> Iterator[Change]:
    """Every change of a module, in the order of its lines."""
    tree = ast.parse(source)
    spared = {id(one) for node in ast.walk(tree) for one in _decorators(node)}  # frozen=True: nothing is computed
    inside = {id(one) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for one in ast.walk(node)}
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    nodes = [node for node in ast.walk(tree) if hasattr(node, "lineno") and id(node) not in spared]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    seen: Counter[tuple[int, str]] = Counter()
    for node in nodes:
        for what, change in _of(node):
            seen[node.lineno, what] += 1
            again = f" #{seen[node.lineno, what]}" if seen[node.lineno, what] > 1 else ""
            yield Change(node.lineno, what + again, id(node) in inside, source, numbers[id(node)], change)


def _decorators(node: ast.AST) -> Iterator[ast.AST]:
    for decorator in getattr(node, "decorator_list", ()):
        yield from ast.walk(decorator)


def _of(node: ast.AST) -> Iterator[tuple[str, object]]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            other = _COMPARED[type(operator)]
            yield f"{type(operator).__name__} -> {other.__name__}", _setting("ops", at, other())
    elif isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED and not _is_type(node):
        other = _COMPUTED[type(node.op)]
        yield f"{type(node.op).__name__} -> {other.__name__}", _setting("op", None, other())
    elif isinstance(node, ast.BoolOp):
        other = _JOINED[type(node.op)]
        yield f"{type(node.op).__name__} -> {other.__name__}", _setting("op", None, other())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", _becoming(lambda one: ast.Call(ast.Name("bool", ast.Load()), [one.operand], []))
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        other = not node.value if isinstance(node.value, bool) else node.value + 1
        yield f"{node.value} -> {other}", _setting("value", None, other)
    elif isinstance(node, ast.If | ast.IfExp):
        yield "condition turned", _setting_test
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "returns None", _setting("value", None, ast.Constant(None))
    elif isinstance(node, ast.Continue):
        yield "continue -> break", _becoming(lambda one: ast.Break())


def _is_type(node: ast.BinOp) -> bool:
    """``X | None`` of a hint: nothing is computed."""
    return isinstance(node.op, ast.BitOr) and any(_is_none(side) for side in (node.left, node.right))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _setting(field: str, at: int | None, value: object):
    def change(node: ast.AST) -> None:
        if at is None:
            setattr(node, field, value)
        else:
            getattr(node, field)[at] = value

    return change


def _setting_test(node: ast.If | ast.IfExp) -> None:
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _becoming(made):
    """The node itself becomes another one, in place."""

    def change(node: ast.AST) -> None:
        other = made(node)
        where = {"lineno": node.lineno, "col_offset": node.col_offset}
        node.__class__ = other.__class__
        node.__dict__.clear()
        node.__dict__.update(other.__dict__ | where)

    return change

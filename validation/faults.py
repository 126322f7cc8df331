"""Small faults in Python code: which there can be in a file, and the file with one of them.

A comparison turned, a sum made a difference, a larger made a smaller, a number off by one, a condition denied, a
statement left out. Annotations, imports, messages and assertions are left as they are, and so is the `strict` of `zip`, which
asserts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import dataclass
from itertools import pairwise

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
_SWAPPED = {"maximum": "minimum", "minimum": "maximum", "both": "either", "either": "both"}
_BUILT_IN = {"min": "max", "max": "min"}


@dataclass(frozen=True)
class Site:
    """Where a fault can be made: the node by its place in `_code`, and which of its faults."""

    file: str
    node: int
    change: int


@dataclass(frozen=True)
class Mutant:
    """A file with one fault.

    file:          as the site names it
    lines:         those of the statement with the fault
    before, after: that statement; with the file, by which a mutant is known again
    function:      name and first line of the function or method with the fault; None: it acts when the file is imported
    tree:          the whole file
    """

    file: str
    lines: range
    before: str
    after: str
    function: tuple[str, int] | None
    tree: ast.Module


def sites(file: str, text: str) -> list[Site]:
    """Every fault that there can be in a file.

    >>> len(sites("a.py", "def f(x):\\n    return max(x + 1, 0)\\n"))
    4
    """
    nodes = enumerate(_code(ast.parse(text)))
    return [Site(file, number, change) for number, node in nodes for change in range(_changes(node))]


def mutant(site: Site, text: str) -> Mutant:
    """A file with one fault.

    >>> made = mutant(Site("a.py", 5, 0), "def f(x):\\n    return x + 1\\n")
    >>> made.lines, made.before, made.after, made.function
    (range(2, 3), 'return x + 1', 'return x - 1', ('f', 1))
    """
    tree = ast.parse(text)
    mutated = deepcopy(tree)
    node, again = (list(_code(each))[site.node] for each in (tree, mutated))
    way, changed = _way(tree, node), _way(mutated, again)
    _change(again, site.change)
    statement = _innermost(way)
    return Mutant(site.file, _lines(statement), _words(statement), _words(_innermost(changed)), _function(way), mutated)


def _code(tree: ast.Module) -> Iterator[ast.AST]:
    """What can be made wrong."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            parts = value if isinstance(value, list) else [value]
            waiting.extend(part for part in parts if isinstance(part, ast.AST) and not _left(part))


def _left(node: ast.AST) -> bool:
    """What is left as it is, though it is code."""
    match node:
        case ast.keyword(arg="strict") | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
    return isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Assert)


def _changes(node: ast.AST) -> int:
    """In how many ways a node can be made wrong."""
    match node:
        case ast.Compare(ops=[op]):
            return len(_TURNED[type(op)])
        case ast.BinOp(op=op):
            return int(type(op) in _OTHER)
        case ast.Attribute(attr=name):
            return int(name in _SWAPPED)
        case ast.Name(id=name):
            return int(name in _BUILT_IN)
        case ast.Call(func=ast.Attribute(attr="where")):
            return 1
        case ast.Constant(value=value):
            return int(isinstance(value, bool | int | float))
        case ast.If(test=ast.Compare() | ast.UnaryOp()) | ast.IfExp(test=ast.Compare() | ast.UnaryOp()):
            return 0  # it is turned itself
        case ast.UnaryOp(op=ast.USub() | ast.Not()) | ast.BoolOp() | ast.If() | ast.IfExp():
            return 1
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            return 1
    return 0


def _change(node: ast.AST, which: int) -> None:
    """Make a node wrong in place."""
    match node:
        case ast.Compare():
            node.ops = [_TURNED[type(node.ops[0])][which]()]
        case ast.BinOp():
            node.op = _OTHER[type(node.op)]()
        case ast.Attribute():
            node.attr = _SWAPPED[node.attr]
        case ast.Name():
            node.id = _BUILT_IN[node.id]
        case ast.Call():
            node.args[1], node.args[2] = node.args[2], node.args[1]
        case ast.Constant(value=value):
            node.value = not value if isinstance(value, bool) else value + 1
        case ast.UnaryOp(op=ast.USub()):
            node.op = ast.UAdd()
        case ast.UnaryOp():
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Expr():
            node.value = ast.Constant(value=...)
        case ast.AugAssign():
            node.value, node.op = ast.Constant(value=0), ast.Add()
    ast.fix_missing_locations(node)


# --- where a node stands ---------------------------------------------------------------------------------------------


def _way(tree: ast.AST, node: ast.AST) -> list[ast.AST]:
    """From the file down to a node, both included."""
    if tree is node:
        return [tree]
    ways = (_way(child, node) for child in ast.iter_child_nodes(tree))
    below = next((way for way in ways if way), [])
    return [tree, *below] if below else []


def _innermost(way: list[ast.AST]) -> ast.stmt:
    return next(each for each in reversed(way) if isinstance(each, ast.stmt))


def _function(way: list[ast.AST]) -> tuple[str, int] | None:
    """The function or method whose body a node stands in, not one within another."""
    names = []
    for outer, inner in pairwise(way):
        if isinstance(outer, ast.ClassDef):
            names.append(outer.name)
        if isinstance(outer, ast.FunctionDef):
            first = min([outer, *outer.decorator_list], key=lambda each: each.lineno).lineno
            return (".".join([*names, outer.name]), first) if inner in outer.body else None
    return None


def _lines(statement: ast.stmt) -> range:
    """The lines of a statement without those of the statements in it."""
    inside = getattr(statement, "body", None)
    return range(statement.lineno, max(inside[0].lineno, statement.lineno + 1) if inside else _end(statement) + 1)


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _words(statement: ast.stmt) -> str:
    """A statement without those in it."""
    shown = copy(statement)
    for name, empty in (("body", [ast.Pass()]), ("orelse", []), ("decorator_list", []), ("finalbody", [])):
        if hasattr(shown, name):
            setattr(shown, name, empty)
    return ast.unparse(shown).removesuffix("\n    pass")

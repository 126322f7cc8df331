"""Whether a condition can be told: a comparison with what is no number is false, and must not pass for one that was missed."""

from __future__ import annotations

from collections.abc import Callable

from gainsim import ops
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Binary, Unary
from gainsim.ops.tree import Node

INFINITE = float("inf")


def is_told(condition: Formula, value: Callable[[Formula], Value]) -> Value:
    """Where a condition is decided by comparisons of numbers.

    value: what a part of the condition comes to

    `a and b` is told where both are, and where one that is told does not hold; `a or b` where both are, and where one that
    is told holds: so `hours > 0 and up / hours >= 98%` may be asked of no hours.

    >>> from gainsim.ops.formula import parse
    >>> nan = float("nan")
    >>> values = {"x": nan, "y": 1.0, "x > 0": False, "y > 0": True, "y < 0": False, "0": 0.0}
    >>> told = lambda text: bool(is_told(parse(text), lambda part: values[part.text[slice(*part.tree.span)]]))
    >>> told("x > 0"), told("not x > 0"), told("y < 0 and x > 0"), told("y > 0 and x > 0"), told("y > 0 or x > 0")
    (False, False, True, False, True)
    """
    part = condition.tree
    if isinstance(part, Unary):
        return is_told(condition.part(part.operand), value)
    assert isinstance(part, Binary)
    sides = [condition.part(side) for side in (part.left, part.right)]
    if part.operator not in ("and", "or"):
        return _both(*(_is_number(value(side)) for side in sides))
    told = [is_told(side, value) for side in sides]
    holds = [value(side) for side in sides]
    decide = [ops.negate(one) for one in holds] if part.operator == "and" else holds
    alone = [_both(one, other) for one, other in zip(told, decide, strict=True)]
    return _either(_both(*told), _either(*alone))


def _is_number(value: Value) -> Value:
    return _both(value > -INFINITE, value < INFINITE)


def _both(one: Value, other: Value) -> Value:
    """The condition that both hold; what is known already is no part of it."""
    if not isinstance(one, Node):
        return other if one else False
    if not isinstance(other, Node):
        return one if other else False
    return ops.both(one, other)


def _either(one: Value, other: Value) -> Value:
    """The condition that one of them holds; what is known already is no part of it."""
    if not isinstance(one, Node):
        return True if one else other
    if not isinstance(other, Node):
        return True if other else one
    return ops.either(one, other)

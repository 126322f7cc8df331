"""The vocabulary: everything a driver step, a formula, a term or a policy may say.

Given arrays, each function computes at once; given nodes, it is written into their tree. Both give the same bits,
because only IEEE basic operations, comparisons and our own kernels are used: NumPy's exp, log, power, minimum, maximum
and sum differ between machines or leave the sign of zero open.

>>> import numpy as np
>>> clip(np.array([-1.0, 0.5, 3.0]), 0.0, 1.0)
array([0. , 0.5, 1. ])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gainsim.ops.tree import Node

#: an array, a number, or a node of a tree: a step cannot tell, and need not
Value = Any


def tree_of(*values: Value) -> Any:
    """The tree that any of the values belongs to, or None if all are arrays and numbers."""
    for value in values:
        if isinstance(value, Node):
            return value.tree
    return None


def where(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` on the paths where the condition holds, `otherwise` on the rest; both are computed.

    Where the condition cannot be told, for it compares what is no number, what is chosen is no number either.
    """
    chosen = choose(condition, then, otherwise)
    decided = told(condition)
    if not isinstance(decided, Node) or not isinstance(chosen, Node):
        return chosen
    return doubted(_held(decided, chosen, compared(condition)))


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """`where` without doubt, for what knows itself what becomes of no number, as the kernels do."""
    tree = tree_of(condition, then, otherwise)
    if tree is None:
        return np.where(condition, then, otherwise)
    if not isinstance(condition, Node):  # known already
        return then if condition else otherwise
    return tree.node("where", condition, then, otherwise)


def _held(condition: Value, value: Value, doubtful: list[Node]) -> Value:
    """`value` where the condition holds, elsewhere no number at all; doubtful: the values that may be to blame."""
    held = choose(condition, value, float("nan"))
    if isinstance(held, Node) and doubtful:
        held.tree.compared[held.number] = doubtful
    return held


def require(condition: Value, value: Value, refusal: str, found: Value | None = None) -> Value:
    """`value` where the condition holds; elsewhere no number at all, and the error that ends the run says `refusal`.

    found: what breaks the rule, where the error is to say what it is
    """
    required = doubted(_held(condition, value, compared(condition)))
    if isinstance(required, Node):
        required.tree.refusals[required.number] = refusal
        if isinstance(found, Node):
            required.tree.refused[required.number] = found
    return required


def minimum(a: Value, b: Value) -> Value:
    """The smaller of two values; of two equal ones (zeros of either sign too) the second."""
    return where(a < b, a, b)


def maximum(a: Value, b: Value) -> Value:
    """The larger of two values; of two equal ones (zeros of either sign too) the second."""
    return where(a > b, a, b)


def clip(x: Value, low: Value, high: Value) -> Value:
    """`x`, held between `low` and `high`; `high` wins if they cross."""
    return minimum(maximum(x, low), high)


def absolute(x: Value) -> Value:
    """The size of `x`, without its sign."""
    tree = tree_of(x)
    return np.abs(x) if tree is None else tree.node("abs", x)


def sqrt(x: Value) -> Value:
    """The square root, exactly rounded as IEEE 754 demands; of a negative number not a number."""
    tree = tree_of(x)
    return np.sqrt(x) if tree is None else tree.node("sqrt", x)


def both(a: Value, b: Value) -> Value:
    """The condition that `a` and `b` hold."""
    tree = tree_of(a, b)
    if tree is None:
        return np.logical_and(a, b)
    if isinstance(a, Node) and isinstance(b, Node):
        return tree.node("and", a, b)
    known, asked = (a, b) if isinstance(b, Node) else (b, a)  # what is known now is no value of the program
    return asked if known else False


def either(a: Value, b: Value) -> Value:
    """The condition that `a` or `b` holds."""
    tree = tree_of(a, b)
    if tree is None:
        return np.logical_or(a, b)
    if isinstance(a, Node) and isinstance(b, Node):
        return tree.node("or", a, b)
    known, asked = (a, b) if isinstance(b, Node) else (b, a)
    return True if known else asked


def negate(a: Value) -> Value:
    """The condition that `a` does not hold."""
    tree = tree_of(a)
    return np.logical_not(a) if tree is None else tree.node("not", a)


from gainsim.ops.doubt import compared, doubted, entered, quotient, told  # noqa: E402  (written in this vocabulary, as the next)
from gainsim.ops.kernels import exp, log, logistic, norm_cdf, norm_ppf  # noqa: E402  (the kernels are written in this vocabulary)
from gainsim.ops.rounding import rounded  # noqa: E402  (likewise)

__all__ = [
    "Value",
    "absolute",
    "both",
    "choose",
    "clip",
    "doubted",
    "either",
    "entered",
    "exp",
    "log",
    "logistic",
    "maximum",
    "minimum",
    "negate",
    "norm_cdf",
    "norm_ppf",
    "quotient",
    "rounded",
    "sqrt",
    "told",
    "tree_of",
    "where",
]

"""Doubt: a comparison with what is no number decides nothing, and must not pass for one that was missed.

A quotient, a root, a logarithm and what must keep a rule are *doubtful*, and so is all that is made of them. Where a choice
hangs on a doubtful value that is no number, what is chosen is no number either: so a cap, a gate or a memory never turns it
into an amount, and the run ends with its place. A branch that is not taken may be no number.
"""

from __future__ import annotations

from typing import Any

from gainsim import ops
from gainsim.ops.tree import BOOL, Node


def doubted(value: Any) -> Any:
    """A value that may be no number."""
    if isinstance(value, Node):
        value.doubtful = True
    return value


def entered(value: Any) -> Any:
    """A value that is doubted no longer: it is entered in the ledger too, which ends the run where it is no number."""
    if isinstance(value, Node):
        value.doubtful = False
    return value


def quotient(a: Any, b: Any) -> Any:
    """a / b, which is doubted where b is no plain number: it may be 0 on a path."""
    return doubted(a / b) if isinstance(b, Node) else a / b


def told(condition: Any) -> Any:
    """Where a condition is decided by comparisons of numbers; True where nothing in it is doubtful.

    `a and b` is told where both are, and where one that is told does not hold; `a or b` where both are, and where one that
    is told holds: so `hours > 0 and up / hours >= 98%` may be asked of no hours.

    >>> from gainsim.ops.tree import Tree
    >>> tree = Tree()
    >>> up, hours = (tree.leaf("draw", slot, section=0) for slot in (0, 1))
    >>> told(hours > 0.0), told(quotient(up, hours) >= 0.98)
    (True, n8 = ge(n7, n2))
    """
    if not isinstance(condition, Node):
        return True
    if condition.op == "not":
        return told(condition.args[0])
    if condition.op not in ("and", "or"):
        finite = [each - each >= 0.0 for each in _doubtful(condition)]  # of what is infinite it is no number
        return True if not finite else finite[0] if len(finite) == 1 else ops.both(*finite)
    one, other = condition.args
    told_one, told_other = told(one), told(other)
    if not (isinstance(told_one, Node) or isinstance(told_other, Node)):
        return True
    decide = [ops.negate(each) if condition.op == "and" else each for each in (one, other)]
    alone = ops.either(ops.both(told_one, decide[0]), ops.both(told_other, decide[1]))
    return ops.either(ops.both(told_one, told_other), alone)


def compared(condition: Any) -> list[Node]:
    """The doubtful values that a condition compares."""
    if not isinstance(condition, Node) or condition.kind != BOOL:
        return []
    return [*_doubtful(condition), *(each for part in condition.args for each in compared(part))]


def _doubtful(comparison: Node) -> list[Node]:
    return [each for each in comparison.args if isinstance(each, Node) and each.doubtful]

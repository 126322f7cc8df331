"""The sign of a formula as its tree tells it: who pays, and whether it may turn round."""

from __future__ import annotations

from gainsim.ops.formula import Formula, parse
from gainsim.ops.grammar import (
    Binary,
    Call,
    Choice,
    Dated,
    Expression,
    Lookup,
    Name,
    Number,
    Paid,
    Reduce,
    Unary,
    parts_of,
)


def without_minus(formula: Formula) -> Formula | None:
    """What a formula is the negative of; None where it has no minus sign before the whole, or what is left may be below 0 itself.

    A minus sign before the first factor is one before the whole.

    >>> without_minus(parse("-late * 5 EUR")).text, without_minus(parse("-(10% of saving) + 9_000 EUR"))
    ('late * 5 EUR', None)
    """
    first = formula.tree
    while isinstance(first, Binary) and first.operator in ("*", "/", "of"):
        first = first.left
    if not (isinstance(first, Unary) and first.operator == "-"):
        return None
    (start, end), text = first.span, formula.text
    left = parse(text[:start] + text[slice(*first.operand.span)] + text[end:])
    return None if may_be_negative(left.tree) else left


def may_be_negative(tree: Expression) -> bool:
    """Whether a formula may be below 0 where none of its names is: it subtracts, and nothing keeps that from falling below 0.

    >>> [may_be_negative(parse(text).tree) for text in ("saving-5 EUR", "max(saving - 5 EUR, 0 EUR)", "2 * saving")]
    [True, False, False]
    """
    match tree:
        case Number():
            return tree.value < 0.0
        case Unary():
            return tree.operator == "-"
        case Binary(operator="-"):
            return True
        case Binary(operator="+" | "*" | "/" | "of"):
            return may_be_negative(tree.left) or may_be_negative(tree.right)
        case Call(function="max"):
            return _greatest_may_be_negative(tree.arguments)
        case Call(function="clip"):
            return _greatest_may_be_negative(tree.arguments[:2]) or may_be_negative(tree.arguments[2])
        case Call(function="min"):
            return any(map(may_be_negative, tree.arguments))
        case Call(function="round"):
            return may_be_negative(tree.arguments[0])
        case Call():
            return tree.function == "log"  # abs, exp, logistic and sqrt never are
        case Reduce():
            return tree.kind != "error" and may_be_negative(tree.inner)
        case Choice() | Dated():
            return may_be_negative(tree.then) or may_be_negative(tree.other)
        case _:
            return False


def _greatest_may_be_negative(arguments: tuple[Expression, ...]) -> bool:
    """Of several: not where one of them is a number from 0 up, whatever its names."""
    return any(map(may_be_negative, arguments)) and not any(_is_from_zero_up(each) for each in arguments)


def _is_from_zero_up(tree: Expression) -> bool:
    named = any(isinstance(part, Name | Paid | Lookup) for part, _ in parts_of(tree))
    return not named and not may_be_negative(tree)

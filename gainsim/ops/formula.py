"""Formulas: plain expressions over named values, read by a parser of our own and never by Python's.

    15% * baseline_cost from month 13 else 0
    0.4 + 0.6 * wage_index / wage_index[base]
    measured_saving >= 10% of baseline_cost
    max(500_000 - paid(base_fee), 0)

A formula is parsed once, checked for units once, and evaluated in a `Scope`: over arrays it computes, over the nodes of
a tree it writes itself down.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any, Protocol, TypeVar

import numpy as np

from gainsim import ops
from gainsim.ops import scalars
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
    When,
    children_of,
    parsed,
    parts_of,
)
from gainsim.ops.tokens import FormulaError

LONGEST, HIGHEST = 2_000, 100  # characters; operations that wait for one another

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


class Refused(ValueError):  # noqa: N818  (half a sentence: `evaluate` puts before it the part that is spoken of)
    """A scope's answer to a part of a formula that has no meaning in it, as `price[base]` outside an indexation."""


@dataclass(frozen=True)
class Formula:
    """A parsed formula, or a part of one that still knows the text around it.

    >>> formula = parse("15% of baseline_cost + total(fee)")
    >>> sorted(formula.names), formula.tree.operator
    (['baseline_cost', 'fee'], '+')
    """

    text: str
    tree: Expression

    @cached_property
    def names(self) -> frozenset[str]:
        """The named values it reads, those at a base date included.

        >>> sorted(parse("wage / wage[base] * rate").names)
        ['rate', 'wage']
        """
        return frozenset(part.name for part, _ in parts_of(self.tree) if isinstance(part, Name))

    @cached_property
    def based(self) -> frozenset[str]:
        """Those that it reads at a base date.

        >>> sorted(parse("wage / wage[base] * rate").based)
        ['wage']
        """
        return frozenset(part.name for part, _ in parts_of(self.tree) if isinstance(part, Name) and part.at_base)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The terms of whose payments it speaks.

        >>> sorted(parse("10% of paid(price) + paid(bonus)").terms)
        ['bonus', 'price']
        """
        return frozenset(part.term for part, _ in parts_of(self.tree) if isinstance(part, Paid))

    @cached_property
    def constant(self) -> float | None:
        """What it comes to where it names no value and no moment; else None.

        >>> parse("2 * -5_000 EUR").constant, parse("2 * fee").constant
        (-10000.0, None)
        """
        if any(isinstance(part, Name | Dated | Reduce | Lookup | Paid) for part, _ in parts_of(self.tree)):
            return None
        nowhere: Any = None  # a scope is asked for what it names
        return float(np.asarray(evaluate(self, nowhere)).reshape(-1)[0])

    @property
    def is_dated(self) -> bool:
        """Whether a moment decides what it comes to.

        >>> parse("40% from year 4 else 50%").is_dated
        True
        """
        return any(isinstance(part, Dated) for part, _ in parts_of(self.tree))

    @property
    def is_reduced(self) -> bool:
        """Whether it says itself how something is taken over a window.

        >>> parse("40% of first(fee)").is_reduced, parse("40% of fee").is_reduced
        (True, False)
        """
        return any(isinstance(part, Reduce) for part, _ in parts_of(self.tree))

    def part(self, expression: Expression) -> Formula:
        """A part of the tree as a formula of its own, whose errors still point into the whole text.

        >>> formula = parse("cap - total(gain * share)")
        >>> sorted(formula.part(formula.tree.right.inner).names)
        ['gain', 'share']
        """
        return replace(self, tree=expression)

    def error(self, expression: Expression, message: str) -> FormulaError:
        """A complaint about one part of the formula.

        >>> print(parse("a * b").error(Name("b", span=(4, 5)), "no such value."))
        'b' (column 5): no such value.
        """
        return FormulaError(self.text, expression.span, message)


def parse(text: str | int | float) -> Formula:
    """Read a formula; a number is a formula too.

    Raises FormulaError: for what cannot be read, above 2,000 characters, 40 brackets or branches inside one another,
    or 100 operations in a row.

    >>> parse("2% of cost * 3").tree
    Binary(operator='*', left=Binary(operator='of', left=Number(value=0.02, unit=Unit(powers=(), part=False)),
    right=Name(name='cost', at_base=False)), right=Number(value=3.0, unit=None))
    >>> parse("saving ** 2")
    Traceback (most recent call last):
    gainsim.ops.tokens.FormulaError: '**' (column 8): there are no powers. Write sqrt, exp, log or repeated
    multiplication, as x * x.
    """
    if isinstance(text, bool) or (isinstance(text, float) and not math.isfinite(text)):
        shown = str(text).lower()
        raise FormulaError(shown, (0, len(shown)), "is not a number. Write a formula or a finite number.")
    if not isinstance(text, str):
        return Formula(repr(text), Number(float(text), span=(0, len(repr(text)))))
    if len(text) > LONGEST:
        rule = f"longer than {LONGEST:,} characters. Give parts of it their own names."
        raise FormulaError(text, (0, len(text)), rule)
    formula = Formula(text, parsed(text))
    for part, depth in parts_of(formula.tree):
        if depth > HIGHEST:
            raise formula.error(part, f"more than {HIGHEST} operations deep. Give parts of it their own names.")
    return formula


def _number_too(general: Callable[[Any], Any], single: Callable[[float], float]) -> Callable[[Any], Any]:
    # The kernels take arrays and nodes; of a single number they would make an array of one.
    return lambda x: single(float(x)) if ops.tree_of(x) is None and np.ndim(x) == 0 else general(x)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: reduce(ops.minimum, values),
    "max": lambda *values: reduce(ops.maximum, values),
    "clip": ops.clip,
    "abs": ops.absolute,
    "exp": _number_too(ops.exp, scalars.exp),
    "log": _number_too(lambda x: ops.doubted(ops.log(x)), scalars.log),
    "logistic": _number_too(ops.logistic, scalars.logistic),
    "sqrt": lambda x: ops.doubted(ops.sqrt(x)),
    "round": ops.rounded,
}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": ops.quotient, "of": operator.mul,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "and": ops.both, "or": ops.either,
}  # fmt: skip


class Scope(Protocol[V_co]):
    """Where a formula finds its values: arrays, or nodes of a tree. What it cannot give, it answers with `Refused`."""

    def number(self, key: str, written: float) -> V_co:
        """A number that may be set anew, under its key."""

    def value(self, name: str) -> V_co:
        """The value of this name, now."""

    def base_value(self, name: str) -> V_co:
        """The value of this name at the base date of the indexation."""

    def reduce(self, kind: str, inner: Formula) -> V_co:
        """One number for the assessment window; `inner` is evaluated in the scope of each of its periods."""

    def since(self, when: When) -> V_co:
        """A condition: true from that moment on."""

    def lookup(self, table: str, argument: Any) -> V_co:
        """What a table gives."""

    def paid(self, term: str) -> V_co:
        """What a term pays within the assessment window."""


def evaluate(formula: Formula, scope: Scope[V]) -> V | float:
    """What a formula gives in a scope; numbers are floats, everything else is made by `gainsim.ops` and operators.

    Both branches of a choice are evaluated. Raises FormulaError where a number is divided by 0, and for what the
    scope refuses.

    >>> class Year:
    ...     def value(self, name): return {"gain": 400_000.0, "share": 0.4}[name]
    >>> float(evaluate(parse("min(gain * share, 120_000 EUR)"), Year()))
    120000.0
    """

    def value(part: Expression) -> Any:
        match part:
            case Number():
                return scope.number(part.key, part.value) if part.key and scope is not None else part.value
            case Name():
                return asked(part, scope.base_value if part.at_base else scope.value, part.name)
            case Unary():
                return applied(part, operator.neg if part.operator == "-" else ops.negate)
            case Binary():
                return applied(part, _BINARY[part.operator])
            case Call():
                return applied(part, _FUNCTIONS[part.function])
            case Reduce():
                return asked(part, scope.reduce, part.kind, formula.part(part.inner))
            case Lookup():
                return applied(part, lambda argument: scope.lookup(part.table, argument))
            case Paid():
                return asked(part, scope.paid, part.term)
            case Choice():
                return applied(part, ops.where)
            case Dated():
                return ops.where(asked(part, scope.since, part.when), value(part.then), value(part.other))

    def asked(part: Expression, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Refused as error:
            raise formula.error(part, str(error)) from None

    def applied(part: Expression, function: Callable[..., Any]) -> Any:
        operands = [value(child) for child in children_of(part)]
        try:
            return function(*operands)
        except ZeroDivisionError as error:
            rule = "has no value here (a division by zero). Keep a divisor away from 0, as max(x, 1)."
            raise formula.error(part, rule) from error

    result: V | float = value(formula.tree)
    return result

"""The sign of a formula as its tree and what is known of its names tell it: who pays, and whether it may turn round."""

from __future__ import annotations

from gainsim.drivers.shapes import marginal
from gainsim.offer.drivers import Driver
from gainsim.offer.measured import Measured
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.scenario import Scenario
from gainsim.offer.shapes import SHAPES
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

#: what a distribution falls below in three of a hundred thousand draws is as good as its end: at this normal score
FARTHEST = -4.0


class Signs:
    """The signs of formulas of one offer."""

    def __init__(self, scenario: Scenario) -> None:
        self.drivers, self.values = scenario.drivers, scenario.value

    def without_minus(self, formula: Formula) -> Formula | None:
        """What a formula is the negative of; None where no minus stands before the whole, or what is left may be below 0 itself.

        A minus sign before the first factor is one before the whole: of `-late * 5 EUR` it is `late * 5 EUR`.
        """
        first = formula.tree
        while isinstance(first, Binary) and first.operator in ("*", "/", "of"):
            first = first.left
        if not (isinstance(first, Unary) and first.operator == "-"):
            return None
        (start, end), text = first.span, formula.text
        left = parse(text[:start] + text[slice(*first.operand.span)] + text[end:])
        return None if self.may_be_negative(left.tree) else left

    def may_be_negative(self, tree: Expression) -> bool:
        """Whether a formula may be below 0: a name in it may, or it subtracts and nothing keeps that from falling below 0."""
        match tree:
            case Number():
                return tree.value < 0.0
            case Name():
                return self._named(tree.name)
            case Unary():
                return tree.operator == "-"
            case Binary(operator="-"):
                return True
            case Binary(operator="+" | "*" | "/" | "of"):
                return self.may_be_negative(tree.left) or self.may_be_negative(tree.right)
            case Call(function="max"):
                return self._greatest_may_be_negative(tree.arguments)
            case Call(function="clip"):
                return self._greatest_may_be_negative(tree.arguments[:2]) or self.may_be_negative(tree.arguments[2])
            case Call(function="min"):
                return any(map(self.may_be_negative, tree.arguments))
            case Call(function="round"):
                return self.may_be_negative(tree.arguments[0])
            case Call():
                return tree.function == "log"  # abs, exp, logistic and sqrt never are
            case Reduce():
                return tree.kind != "error" and self.may_be_negative(tree.inner)
            case Choice() | Dated():
                return self.may_be_negative(tree.then) or self.may_be_negative(tree.other)
            case _:
                return False

    def _named(self, name: str) -> bool:
        """Whether what has a name may be below 0; of what nothing is known of, as what a term pays, nothing is said."""
        if name in self.drivers:
            return _driver_may_be_negative(self.drivers[name])
        match self.values.get(name):
            case Formula() as formula:
                return self.may_be_negative(formula.tree)
            case Measured() as measured:
                return self.may_be_negative(measured.measure.tree)
            case Ratchet() as ratchet:
                return self.may_be_negative(ratchet.ratchet.tree) or self.may_be_negative(ratchet.start.tree)
            case _:
                return False

    def _greatest_may_be_negative(self, arguments: tuple[Expression, ...]) -> bool:
        """Of several: not where one of them is a number from 0 up, whatever its names."""
        return any(map(self.may_be_negative, arguments)) and not any(self._is_from_zero_up(each) for each in arguments)

    def _is_from_zero_up(self, tree: Expression) -> bool:
        named = any(isinstance(part, Name | Paid | Lookup) for part, _ in parts_of(tree))
        return not named and not self.may_be_negative(tree)


def _driver_may_be_negative(driver: Driver) -> bool:
    """By what is written of it: a number, a distribution, a process of a level; all other kinds stay above 0 or say nothing."""
    if driver.unit.of_time:
        return False
    if driver.constant is not None:
        return driver.constant < 0.0
    if driver.schedule is not None:
        return min(driver.schedule.values()) < 0.0
    if driver.kind in SHAPES:
        made = marginal(driver)
        return made.at(FARTHEST, *[FARTHEST] * made.further) < 0.0
    return driver.mean_reverting is not None and driver.mean_reverting.of == "level"

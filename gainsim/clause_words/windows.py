"""What adds up over a window: whether an amount that is written for a shorter time counts with its sum."""

from __future__ import annotations

import math

from gainsim.offer.clock import ClockText
from gainsim.offer.drivers import Driver
from gainsim.offer.fees import Fee
from gainsim.offer.measured import Measured
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.scenario import Scenario
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Binary, Call, Choice, Dated, Expression, Name, Number, Unary
from gainsim.units import Unit

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "life": math.inf}


class Windows:
    """The windows of one offer, and what adds up over them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self._known = scenario, dict[str, bool]()

    def add_up(self, formula: Formula, clock: ClockText) -> bool:
        """Whether a formula is an amount over time, and the window longer than the time for which that is settled by itself."""
        return self._months(clock) > self._settled(formula) and self._flows(formula.tree)

    def _months(self, clock: ClockText) -> float:
        return _MONTHS[self.scenario.calendar.step if clock.measured == "period" else clock.measured]

    def _settled(self, formula: Formula) -> float:
        """In months, a period; of a fee the window of its own, for so much of it is paid at once."""
        fee = self.scenario.contract.get(formula.tree.name) if isinstance(formula.tree, Name) else None
        return self._months(fee.clock) if isinstance(fee, Fee) else _MONTHS[self.scenario.calendar.step]

    def _flows(self, tree: Expression) -> bool:
        """Whether it is so much a month, quarter or year; what is divided by such is not, nor what is reduced to one number."""
        match tree:
            case Number():
                return tree.unit is not None and tree.unit.flow is not None
            case Name():
                return self._named(tree.name)
            case Unary():
                return self._flows(tree.operand)
            case Binary(operator="/"):
                return self._flows(tree.left) and not self._flows(tree.right)
            case Binary():
                return self._flows(tree.left) or self._flows(tree.right)
            case Call():
                return any(map(self._flows, tree.arguments))
            case Choice() | Dated():
                return self._flows(tree.then) or self._flows(tree.other)
            case _:
                return False

    def _named(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._of(name)
        return self._known[name]

    def _of(self, name: str) -> bool:
        match self._written(name):
            case Driver() as driver:
                return driver.unit.flow is not None
            case Formula() as value:
                return self._flows(value.tree)
            case Measured() as measured:
                return self._flows(measured.measure.tree)
            case Ratchet() as ratchet:
                return self._flows(ratchet.start.tree)
            case Fee():
                return True
            case Unit() as counted:
                return counted.flow is not None
            case _:
                return False

    def _written(self, name: str) -> object:
        """What the file says of a name."""
        parts = (self.scenario.value, self.scenario.drivers, self.scenario.facts, self.scenario.contract)
        return next((part[name] for part in parts if name in part), None)

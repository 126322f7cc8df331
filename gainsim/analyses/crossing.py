"""When a single future is past a limit: an amount that each future comes to, and the range that it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gainsim.errors import UsageError
from gainsim.ledger import Line
from gainsim.offer.limits import HouseLimit, Layer
from gainsim.offer.scenario import Scenario
from gainsim.outcome import LAYERS, Outcome
from gainsim.spelling import did_you_mean
from gainsim.words import bound as bound_words

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Amount:
    """What a future comes to: the sum of its lines, each times its weight.

    title:      as it is told
    discounted: whether amounts are discounted to the contract's start
    """

    name: str
    title: str
    weigh: Callable[[Line], float]
    discounted: bool

    def of(self, outcome: Outcome) -> Floats:
        """(paths,)."""
        return np.asarray(sum(self.by_group(outcome).values(), np.zeros(outcome.run.paths)))

    def by_group(self, outcome: Outcome) -> dict[str, Floats]:
        """What each term and cost brings into it, (paths,), in the order of the ledger."""
        run, found = outcome.run, dict[str, Floats]()
        for line, amounts in zip(run.rows.lines, run.npv if self.discounted else run.total, strict=True):
            if weight := self.weigh(line):
                found[line.group] = found.get(line.group, 0.0) + weight * amounts
        return found


def _margin(layer: Layer) -> Callable[[Line], float]:
    included = LAYERS[: LAYERS.index(layer) + 1]
    return lambda line: float(line.in_margin and line.layer in included)


def _customer(line: Line) -> float:
    return {"customer": 1.0, "payment": -1.0}.get(line.role, 0.0)


NPV = Amount("npv", "net present value", lambda line: float(line.suppliers_cash), discounted=True)
MARGIN = Amount("margin_money", "margin after all costs", _margin("capital"), discounted=False)
CUSTOMER = Amount("customer_net_benefit", "customer's net benefit", _customer, discounted=False)
#: what may be asked of by name
AMOUNTS: Mapping[str, Amount] = {
    each.name: each
    for each in (
        NPV,
        Amount("npv_after_tax", "net present value after tax", lambda line: float(line.suppliers_cash or line.role == "tax"), True),
        MARGIN,
        CUSTOMER,
        Amount("customer_npv", "customer's net benefit, discounted", _customer, discounted=True),
        Amount("value_created", "value created", lambda line: float(line.role in ("customer", "cost", "accrual")), False),
    )
}


@dataclass(frozen=True)
class Crossing:
    """An amount that falls below one bound, or rises above another; just at a bound it is past neither.

    said: what is asked, where it is not the amount of a single future that was asked of
    """

    amount: Amount
    below: float | None = None
    above: float | None = None
    said: str = ""

    def distance(self, outcome: Outcome) -> Floats:
        """(paths,) how far each future lies within the range; below 0: how far it is past it."""
        amounts = self.amount.of(outcome)
        inside = [amounts - self.below] if self.below is not None else []
        inside += [self.above - amounts] if self.above is not None else []
        return inside[0] if len(inside) == 1 else np.where(inside[0] < inside[1], inside[0], inside[1])

    def sides(self) -> list[Crossing]:
        """Each bound by itself."""
        both = (replace(self, above=None), replace(self, below=None))
        return [side for side in both if side.below is not None or side.above is not None]

    def words(self, currency: str) -> str:
        """As: the net present value below 0 EUR."""
        sides = [("below", self.below), ("above", self.above)]
        said = " or ".join(f"{side} {bound_words(at, currency)}" for side, at in sides if at is not None)
        return f"the {self.amount.title} {said}"


def crossing(measure: str, below: float | None, above: float | None) -> Crossing:
    """What is asked on the command line.

    Raises `UsageError` for an amount that is none, and for a range that is none.
    """
    if measure not in AMOUNTS:
        raise UsageError(
            f"no amount of a single future is called '{measure}'.{did_you_mean(measure, AMOUNTS)} There are {', '.join(AMOUNTS)}."
        )
    if below is not None and above is not None and below >= above:
        raise UsageError(f"nothing lies between: --below {below:,.12g} is to be less than --above {above:,.12g}.")
    return Crossing(AMOUNTS[measure], below, above)


def crossing_of_limit(name: str, scenario: Scenario) -> Crossing:
    """A house limit, asked of a single future; the limit itself is held against all of them together.

    Raises `UsageError` where the file has no such limit, and where a single future has no such figure.
    """
    if name not in scenario.limits:
        known = f" The file has {', '.join(scenario.limits)}." if scenario.limits else " The file has none."
        raise UsageError(f"no limit '{name}'.{did_you_mean(name, scenario.limits)}{known}")
    limit = scenario.limits[name]
    found = _of_limit(name, limit)
    if found is None:
        raise UsageError(
            f"the limit {name} is not one that a single future can break. Those on money, on expected_margin and on chances of "
            "loss and regret are: name one of them, or an amount with --measure."
        )
    return found


def _of_limit(name: str, limit: HouseLimit) -> Crossing | None:
    bound = limit.at_least if limit.at_most is None else limit.at_most
    assert bound is not None
    money = MARGIN if limit.basis == "margin" else NPV
    if name == "chance_of_loss":
        return Crossing(money, below=0.0, said=f"a future counts against the limit {name} where it ends below 0")
    if name == "customer_chance_of_regret":
        return Crossing(CUSTOMER, below=0.0, said=f"a future counts against the limit {name} where the customer ends below 0")
    if name == "expected_margin":
        layer = limit.layer or "contribution"
        words = f"margin ({layer}) less {bound_words(bound, 'fraction')} of revenue"
        margin = _margin(layer)
        amount = Amount("margin_beyond", words, lambda line: margin(line) - bound * (line.role == "payment"), False)
        return Crossing(amount, below=0.0, said=f"the limit {name} is on averages; asked is when a single future earns less")
    if name == "margin_money":
        layer = limit.layer or "capital"
        amount = MARGIN if layer == "capital" else Amount(name, f"margin ({layer})", _margin(layer), discounted=False)
    elif re.fullmatch(r"c?var_\d\d", name):
        amount = money
    elif re.fullmatch(r"npv_p\d+", name):
        amount = NPV
    elif name in AMOUNTS:
        amount = AMOUNTS[name]
    else:
        return None
    said = f"the limit {name} is on all futures together; asked is when a single one is past its bound"
    return Crossing(amount, below=limit.at_least, above=limit.at_most, said=said)

"""What each path came to, by party and layer: the vectors that measures are taken of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Run, simulate_model
from gainsim.budget import OVER
from gainsim.ledger import Layer, Line
from gainsim.returns import deepest_trough
from gainsim.sample import Sample
from gainsim.terms.lifecycle import LIFECYCLE

Floats = NDArray[np.float64]
LAYERS: tuple[Layer, ...] = ("contribution", "overhead", "capital")


@dataclass(frozen=True)
class Outcome:
    """The supplier's and the customer's results, (paths,) each, in the ledger's sign."""

    run: Run

    @cached_property
    def sample(self) -> Sample:
        """What paths weigh, which of them were drawn together, and what is known of them beforehand."""
        return Sample(self.run.weights, self.run.groups, self.run.controls)

    def _sum(self, values: Floats, wanted: Callable[[Line], bool]) -> Floats:
        total = np.zeros(self.run.paths)
        for line, amounts in zip(self.run.rows.lines, values, strict=True):
            if wanted(line):
                total += amounts
        return total

    @cached_property
    def revenue(self) -> Floats:
        """All payments of the customer under the contract."""
        return self._sum(self.run.total, lambda line: line.role == "payment")

    @cached_property
    def committed(self) -> Floats:
        """Payments that the contract promises as such and nothing random moves, those before the first decision with them."""
        return self._sum(self.run.total, lambda line: line.role == "payment" and line.committed) + self._firm

    @cached_property
    def variable(self) -> Floats:
        """Payments that depend on what happens: by volume or price, indexation, gain shares, credits."""
        return self._sum(self.run.total, lambda line: line.role == "payment" and not line.committed) - self._firm

    @cached_property
    def _firm(self) -> float:
        """Plain amounts that nothing but decisions moves, in settlements before any of them may hold: the same on every path."""
        lines, seen, firm = self.run.rows.lines, Counter[int](), 0.0
        for (_, number), amount in zip(self.run.rows.keys, self.run.row_mean.tolist(), strict=True):
            seen[number] += 1
            if seen[number] <= lines[number].firm and lines[number].role == "payment":
                firm += amount
        return firm

    @cached_property
    def from_parties(self) -> Floats:
        """What further parties pay the supplier, less what it pays them."""
        return self._sum(self.run.total, lambda line: line.role == "party")

    def position(self, party: str) -> Floats:
        """The money that a party receives, less what it pays: over all parties these add up to zero."""
        received = self._sum(self.run.total, lambda line: line.moves_cash and line.payee == party)
        return received - self._sum(self.run.total, lambda line: line.moves_cash and line.payer == party)

    @cached_property
    def cost(self) -> Floats:
        """The supplier's costs, capital written down included; negative."""
        return self._sum(self.run.total, lambda line: line.role in ("cost", "accrual"))

    def layer_cost(self, layer: Layer) -> Floats:
        """The costs that count from this layer on; negative."""
        return self._sum(self.run.total, lambda line: line.role in ("cost", "accrual") and line.layer == layer)

    def margin(self, layer: Layer = "capital") -> Floats:
        """Payments, those of further parties among them, less costs up to and including a layer."""
        included = LAYERS[: LAYERS.index(layer) + 1]
        return self._sum(self.run.total, lambda line: line.in_margin and line.layer in included)

    @cached_property
    def npv(self) -> Floats:
        """The supplier's cash, discounted to the contract's start."""
        return self._sum(self.run.npv, lambda line: line.suppliers_cash)

    @cached_property
    def tax(self) -> Floats:
        """What the tax authority gets, negative, or pays back."""
        return self._sum(self.run.total, lambda line: line.role == "tax")

    @cached_property
    def npv_after_tax(self) -> Floats:
        """The supplier's cash less its tax, discounted to the contract's start."""
        return self.npv + self._sum(self.run.npv, lambda line: line.role == "tax")

    def working_capital_cost(self, rate: float) -> Floats:
        """Simple interest on cumulative cash while it is below zero, negative; the rate is a part of it per year."""
        dates = self.run.rows.dates
        years = [self.run.model.calendar.years_since_start(when) for when in dates]
        balance, cost = np.zeros(self.run.paths), np.zeros(self.run.paths)
        for flow, since, until in zip(self.run.cash, years, years[1:], strict=False):
            balance = balance + flow
            cost = cost + np.where(balance < 0.0, balance, 0.0) * (rate * (until - since))
        return cost

    @cached_property
    def customer_benefit(self) -> Floats:
        """What the customer gains and avoids, less what it spends and pays."""
        return self._sum(self.run.total, lambda line: line.role == "customer") - self.revenue

    @cached_property
    def customer_npv(self) -> Floats:
        """What the customer gains and avoids, less what it spends and pays, discounted to the contract's start."""
        gains = self._sum(self.run.npv, lambda line: line.role == "customer")
        return gains - self._sum(self.run.npv, lambda line: line.role == "payment")

    def after_first_deal(self, step: str) -> Floats:
        """The revenue, or the contribution, of settlements after the first deal; 0 where no decision may end the contract."""
        return self._sum(self.run.total, lambda line: line.group == LIFECYCLE and line.step == step)

    @cached_property
    def value_created(self) -> Floats:
        """What the customer gains and avoids less what it spends, less the supplier's costs: payments only share it out."""
        return self._sum(self.run.total, lambda line: line.role in ("customer", "cost", "accrual"))

    @cached_property
    def over_budget(self) -> Floats:
        """By how much the customer's payments exceed its budget, added up over the years."""
        return self._sum(self.run.total, lambda line: line.group == "customer" and line.step == OVER)

    @cached_property
    def by_measurement(self) -> tuple[Floats, Floats]:
        """What errors of measurement alone add to the supplier's margin, and to the customer's benefit.

        Where nothing is measured nothing is run.
        """
        if not self.run.model.measured:
            return np.zeros(self.run.paths), np.zeros(self.run.paths)
        return self.by_errors_of(self.run.model.measured)

    def by_errors_of(self, names: Collection[str]) -> tuple[Floats, Floats]:
        """What the errors of these measured values add to either: the same futures are run once more, these read exactly."""
        run, exact = self.run, self.run.model.exactly(names)
        read = Outcome(simulate_model(exact, run.paths, run.seed, run.threads, sampling=run.sampling))
        return self.margin() - read.margin(), self.customer_benefit - read.customer_benefit

    @cached_property
    def cash_trough(self) -> Floats:
        """The lowest point of the supplier's cumulative cash."""
        return deepest_trough(self.run.cash)

    @property
    def says_customer(self) -> bool:
        """Whether the offer says anything of the customer's own gains."""
        return any(line.role == "customer" for line in self.run.rows.lines)

"""The offer without chance: every driver at its declared central value, as one path that the measures are taken of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Run, rows_of
from gainsim.judging import Judgement, judge
from gainsim.ledger import Line
from gainsim.measuring import SUMMARY, Measured, Measures
from gainsim.model import Model
from gainsim.outcome import LAYERS, Outcome
from gainsim.years import by_year, cash_by_year, year_labels

Floats = NDArray[np.float64]
#: what is said of many futures, and of one alone cannot be said
_OF_MANY = ("chance", "customer_chance", "var_", "cvar_", "npv_p", "cash_trough_p", "measurement_")


@dataclass(frozen=True)
class BaseCase:
    """The offer without chance.

    run:     of the one path
    rows:    (rows,) every row of the ledger, in the order of the run's rows
    by_year: (lines, years) each line by year
    cash:    (years,) the supplier's, as it is paid; what is paid after the contract stands in its last year
    years:   what the years are called
    """

    run: Run
    rows: Floats
    by_year: Floats
    cash: Floats
    years: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<base case of {self.model.scenario.title!r}: net present value {self.npv:,.0f} {self.currency}>"

    @property
    def model(self) -> Model:
        """The offer, every driver a number."""
        return self.run.model

    @property
    def currency(self) -> str:
        """The unit of money."""
        return self.model.scenario.currency

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the ledger."""
        return self.run.rows.lines

    @cached_property
    def outcome(self) -> Outcome:
        """What the one path came to."""
        return Outcome(self.run)

    @cached_property
    def measures(self) -> dict[str, Measured]:
        """The measures of the summary that one path can answer; their standard errors mean nothing."""
        taken = Measures(self.outcome)
        return {
            shown: taken.of(name, basis, layer)
            for shown, name, basis, layer in SUMMARY
            if not name.startswith(_OF_MANY)
        }

    @property
    def npv(self) -> float:
        """The supplier's cash, discounted to the contract's start."""
        return float(self.outcome.npv[0])

    @property
    def revenue(self) -> float:
        """All payments under the contract."""
        return float(self.outcome.revenue[0])

    @property
    def cost(self) -> float:
        """The supplier's costs, capital written down included; negative."""
        return float(self.outcome.cost[0])

    @property
    def margins(self) -> dict[str, float]:
        """Payments less costs up to and including each layer."""
        return {layer: float(self.outcome.margin(layer)[0]) for layer in LAYERS}

    @property
    def limits(self) -> tuple[Judgement, ...]:
        """The limits of the house that a base case can answer; the others are on what chance may do."""
        rules = self.model.scenario.limits
        return tuple(
            judge(name, rule, Measures(self.outcome)) for name, rule in rules.items() if not name.startswith(_OF_MANY)
        )

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The limits of the house that only many futures can answer."""
        return tuple(name for name in self.model.scenario.limits if name.startswith(_OF_MANY))

    def sum(self, *roles: str, layers: tuple[str, ...] = LAYERS) -> Floats:
        """(years,) the lines of some roles added up; payments belong to every layer."""
        wanted = [line.role in roles and (line.agreed or line.layer in layers) for line in self.lines]
        total = np.zeros(len(self.years))
        for values in self.by_year[np.array(wanted, bool)]:
            total = total + values
        return total


def settle_base(offer: Model) -> BaseCase:
    """Settle an offer with every driver at its central value."""
    model, amounts = offer.base
    run = _one_path(model, amounts)
    cash = cash_by_year(model.calendar, run.rows, run.cash[:, 0])
    return BaseCase(run, amounts, by_year(model, amounts), cash, year_labels(model.calendar))


def _one_path(model: Model, amounts: Floats) -> Run:
    rows = rows_of(model)
    total, npv, bound = (np.zeros((len(rows.lines), 1)) for _ in range(3))
    cash = np.zeros((len(rows.dates), 1))
    plan: Any = zip(rows.plan.line, rows.plan.date, rows.plan.discount, amounts, strict=True)
    for line, date, worth, amount in plan:
        total[line] += amount
        npv[line] += worth * amount
        bound[line] += amount != 0.0
        if date >= 0:
            cash[date] += amount
    return Run(
        model, rows, 1, 0, total, npv, bound, cash, amounts, np.full_like(amounts, np.inf), 1.0 * (amounts != 0.0)
    )

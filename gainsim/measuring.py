"""The measures of a run by name: what the deal desk reads, and what house limits are held against."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gainsim import words
from gainsim.ledger import Layer
from gainsim.measures import (
    Estimate,
    Undefined,
    certainty_equivalent,
    cvar,
    estimate,
    mean,
    probability,
    quantile,
    ratio,
    var,
)
from gainsim.offer.limits import Limited, limited
from gainsim.ops import exp
from gainsim.outcome import Outcome
from gainsim.returns import irr, payback
from gainsim.sample import EQUAL, Influence, Sample
from gainsim.terms.lifecycle import CONTRIBUTION_AFTER, REVENUE_AFTER

#: what a measure may be taken of: discounted cash, or the margin after all layers
BASES = ("npv", "margin")
_LEVELLED = re.compile(r"(c?var)_(\d\d)$")
#: with fewer paths, two standard errors are no bound of anything
FEW = 30


@dataclass(frozen=True)
class Measured:
    """A measure of a run: an estimate and the influence behind it, or the reason why there is none.

    event: whether it is the probability of an event
    """

    name: str
    estimate: Estimate | None
    unit: str
    reason: str = ""
    influence: Influence | None = None
    event: bool = False

    @property
    def one_sided(self) -> bool:
        """Whether an event came up on none of the paths or on all of them, so that its standard error says nothing."""
        return self.event and self.estimate is not None and self.estimate.value in (0.0, 1.0)

    @property
    def reach(self) -> float:
        """How far the true value may well lie from this one, in its unit.

        Two standard errors; where an event came up on none or on all of n paths, three in n (the rule of three);
        infinite with fewer than `FEW` paths.
        """
        if self.estimate is None or self.estimate.degrees_of_freedom + 1.0 < FEW:
            return math.inf
        if self.one_sided:
            return 3.0 / (self.estimate.degrees_of_freedom + 1.0)
        return 2.0 * self.estimate.standard_error

    @property
    def shown(self) -> tuple[str, str]:
        """The value and how far it may be wrong, as every table has them."""
        if self.estimate is None:
            return "none", ""
        value = words.figure(self.estimate.value, self.unit)
        return value, self._one_side if self.one_sided else words.doubt(self.estimate)

    @property
    def in_short(self) -> str:
        """The value in a sentence; of an event that came up on no path, what it lies below."""
        value, doubt = self.shown
        return doubt if self.one_sided and doubt != "± ?" else value

    @property
    def _one_side(self) -> str:
        assert self.estimate is not None
        reach = 3.0 / (self.estimate.degrees_of_freedom + 1.0)
        if reach >= 1.0:
            return "± ?"
        return f"above {words.percent(1.0 - reach)}" if self.estimate.value else f"below {100.0 * reach:.2g}%"


@dataclass(frozen=True)
class Measures:
    """Measures of one outcome; given: path weights or groups other than those of the run."""

    outcome: Outcome
    given: Sample | None = None

    @property
    def sample(self) -> Sample:
        """How the paths are weighed and grouped."""
        return self.outcome.sample if self.given is None else self.given

    def of(self, name: str, basis: str = "npv", layer: Layer | None = None) -> Measured:
        """A measure by its name, as house limits and reports write it.

        Raises `KeyError` for a name that is none.
        """
        if name in _SHOWN_AS:
            _, of, basis, layer = _SHOWN_AS[name]
            return replace(self.of(of, basis, layer), name=name)
        found = _LEVELLED.match(name)
        if found:
            function = cvar if found[1] == "cvar" else var
            return self._made(name, function(self._basis(basis), int(found[2]) / 100.0, self.sample), self.currency)
        return _MEASURES[name](self, name, basis, layer)

    @property
    def currency(self) -> str:
        """The unit of money."""
        return self.outcome.run.model.scenario.currency

    def _basis(self, basis: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return self.outcome.npv if basis == "npv" else self.outcome.margin()

    def _made(self, name: str, influence: Influence | Undefined, unit: str) -> Measured:
        if isinstance(influence, Undefined):
            return Measured(name, None, unit, influence.reason)
        return Measured(name, estimate(influence, self.sample, unit), unit, influence=influence)

    def _chance(self, name: str, event: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Measured:
        return replace(self._made(name, probability(event, self.sample), "fraction"), event=True)

    def _mean(self, name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Measured:
        return self._made(name, mean(values, self.sample), self.currency)

    def expected_margin(self, name: str, basis: str, layer: Layer | None) -> Measured:
        """E[margin] / E[revenue], not the mean of ratios; of a revenue that is not what the margin is made of it says nothing."""
        revenue = self.outcome.revenue
        earned = mean(revenue, self.sample).value
        if not earned:
            return Measured(name, None, "fraction", "there is no revenue to compare the margin with")
        if earned < 0.0:
            return Measured(name, None, "fraction", "on average the customer gets more than it pays: revenue is below 0")
        if mean(self.outcome.margin("contribution"), self.sample).value > earned * (1.0 + 1e-9):
            reason = "what further parties pay makes more of the contribution than revenue, which is what the customer pays"
            return Measured(name, None, "fraction", reason)
        return self._made(name, ratio(self.outcome.margin(layer or "contribution"), revenue, self.sample), "fraction")

    def after_first_deal(self, name: str, *_: object) -> Measured:
        """The share of the expected revenue that comes after the first deal: after the first renewal that may fail."""
        return self._later(name, REVENUE_AFTER, self.outcome.revenue, "revenue")

    def contribution_after_first_deal(self, name: str, *_: object) -> Measured:
        """The same of the expected contribution."""
        return self._later(name, CONTRIBUTION_AFTER, self.outcome.margin("contribution"), "contribution")

    def _later(self, name: str, step: str, whole: np.ndarray[tuple[int, ...], np.dtype[np.float64]], what: str) -> Measured:
        later = self.outcome.after_first_deal(step)
        if not later.any():
            return self._made(name, mean(later, self.sample), "fraction")
        if mean(whole, self.sample).value <= 0.0:
            return Measured(name, None, "fraction", f"on average the {what} is not above 0")
        return self._made(name, ratio(later, whole, self.sample), "fraction")

    def cash_irr(self, name: str, *_: object) -> Measured:
        """The internal rate of return of the expected cash."""
        run = self.outcome.run
        return self._made(name, irr(run.cash, self._years(), self.sample), "fraction per year")

    def cash_payback(self, name: str, *_: object) -> Measured:
        """The years until the cash is back and stays back, at the median path."""
        back = payback(self.outcome.run.cash, self._years(), self.sample)
        if back.median is None:
            many = f"the cash comes back on {back.share.value:.0%} of paths, less than half"
            return Measured(name, None, "years", many if self.outcome.run.paths > 1 else "the cash does not come back")
        return self._made(name, back.median, "years")

    def _years(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        calendar = self.outcome.run.model.calendar
        return np.array([calendar.years_since_start(when) for when in self.outcome.run.rows.dates])

    def trough(self, name: str, *_: object) -> Measured:
        """The deepest point of the cumulative cash, on average."""
        return self._mean(name, self.outcome.cash_trough)

    def trough_p5(self, name: str, *_: object) -> Measured:
        """The cash trough that one path in twenty exceeds in depth."""
        return self._made(name, quantile(self.outcome.cash_trough, 0.05, self.sample), self.currency)

    def working_capital(self, name: str, *_: object) -> Measured:
        """What the money costs that is paid out before it has come in; nothing where the file names no rate."""
        written = self.outcome.run.model.scenario.money.working_capital
        step = self.outcome.run.model.calendar.step_months
        rate = 0.0 if written is None else float(exp(np.array([written.log_per_year(step)]))[0]) - 1.0
        return self._mean(name, self.outcome.working_capital_cost(rate))

    def certainty_equivalent(self, name: str, *_: object) -> Measured:
        """What the uncertain margin is worth to the supplier at its risk aversion, where the file states one."""
        aversion = self.outcome.run.model.scenario.money.risk_aversion
        if aversion == 0.0:
            return Measured(name, None, self.currency, "the file states no risk aversion")
        return self._made(name, certainty_equivalent(self.outcome.margin(), aversion, self.sample), self.currency)

    def chance_of_loss(self, name: str, basis: str, *_: object) -> Measured:
        """The probability that the supplier ends below zero."""
        return self._chance(name, self._basis(basis) < 0.0)

    def chance_of_regret(self, name: str, *_: object) -> Measured:
        """The probability that the customer is worse off than without the contract."""
        if not self.outcome.says_customer:
            return Measured(name, None, "fraction", "the file says nothing of what the customer gains")
        return self._chance(name, self.outcome.customer_benefit < 0.0)

    def customer_net_benefit(self, name: str, *_: object) -> Measured:
        """What the customer is better off by, after paying the supplier."""
        if not self.outcome.says_customer:
            return Measured(name, None, self.currency, "the file says nothing of what the customer gains")
        return self._mean(name, self.outcome.customer_benefit)

    def customer_npv(self, name: str, *_: object) -> Measured:
        """The same, discounted to the contract's start at the rate of the file."""
        if not self.outcome.says_customer:
            return Measured(name, None, self.currency, "the file says nothing of what the customer gains")
        return self._mean(name, self.outcome.customer_npv)

    def value_created(self, name: str, *_: object) -> Measured:
        """What both parties and all others have of the offer together: payments cancel."""
        if not self.outcome.says_customer:
            return Measured(name, None, self.currency, "the file says nothing of what the customer gains")
        return self._mean(name, self.outcome.value_created)

    def share_of_value(self, name: str, *_: object) -> Measured:
        """E[the customer's net benefit] / E[value created]; of a value that is not above 0 nobody has a share."""
        if not self.outcome.says_customer:
            return Measured(name, None, "fraction", "the file says nothing of what the customer gains")
        if mean(self.outcome.value_created, self.sample).value <= 0.0:
            return Measured(name, None, "fraction", "on average no value is created")
        return self._made(name, ratio(self.outcome.customer_benefit, self.outcome.value_created, self.sample), "fraction")

    def chance_over_budget(self, name: str, *_: object) -> Measured:
        """The probability that the customer pays more than its budget in some year."""
        if self.outcome.run.model.scenario.customer.budget is None:
            return Measured(name, None, "fraction", "the file states no budget of the customer")
        return self._chance(name, self.outcome.over_budget > 0.0)

    def acv(self, name: str, *_: object) -> Measured:
        """Committed revenue per contract year."""
        calendar = self.outcome.run.model.calendar
        years = calendar.periods * calendar.step_months / 12.0
        return self._made(name, mean(self.outcome.committed / years, self.sample), self.currency + "/year")


def compare(one: Measured, other: Measured, sample: Sample = EQUAL) -> Measured:
    """One offer's measure less another's on the same futures: what is common to both cancels, in the doubt too."""
    if one.influence is None or other.influence is None:
        reason = one.reason or other.reason
        return Measured(one.name, None, one.unit, reason)
    influence = one.influence - other.influence
    return Measured(one.name, estimate(influence, sample, one.unit), one.unit, influence=influence)


_Take = Callable[[Measures, str, str, "Layer | None"], Measured]
_MEASURES: dict[str, _Take] = {
    "npv": lambda m, n, b, y: m._mean(n, m.outcome.npv),
    "npv_p5": lambda m, n, b, y: m._made(n, quantile(m.outcome.npv, 0.05, m.sample), m.currency),
    "npv_p50": lambda m, n, b, y: m._made(n, quantile(m.outcome.npv, 0.5, m.sample), m.currency),
    "npv_p95": lambda m, n, b, y: m._made(n, quantile(m.outcome.npv, 0.95, m.sample), m.currency),
    "expected_revenue": lambda m, n, b, y: m._mean(n, m.outcome.revenue),
    "committed_revenue": lambda m, n, b, y: m._mean(n, m.outcome.committed),
    "expected_variable_revenue": lambda m, n, b, y: m._mean(n, m.outcome.variable),
    "after_first_deal": Measures.after_first_deal,
    "contribution_after_first_deal": Measures.contribution_after_first_deal,
    "expected_from_parties": lambda m, n, b, y: m._mean(n, m.outcome.from_parties),
    "expected_tax": lambda m, n, b, y: m._mean(n, m.outcome.tax),
    "margin_after_tax": lambda m, n, b, y: m._mean(n, m.outcome.margin() + m.outcome.tax),
    "npv_after_tax": lambda m, n, b, y: m._mean(n, m.outcome.npv_after_tax),
    "working_capital_cost": Measures.working_capital,
    "expected_cost": lambda m, n, b, y: m._mean(n, m.outcome.cost if y is None else m.outcome.layer_cost(y)),
    "margin_money": lambda m, n, b, y: m._mean(n, m.outcome.margin(y or "capital")),
    "certainty_equivalent": Measures.certainty_equivalent,
    "expected_margin": Measures.expected_margin,
    "chance_of_loss": Measures.chance_of_loss,
    "irr": Measures.cash_irr,
    "payback": Measures.cash_payback,
    "cash_trough": Measures.trough,
    "cash_trough_p5": Measures.trough_p5,
    "tcv": lambda m, n, b, y: m._mean(n, m.outcome.committed),
    "acv": Measures.acv,
    "customer_net_benefit": Measures.customer_net_benefit,
    "customer_npv": Measures.customer_npv,
    "customer_chance_of_regret": Measures.chance_of_regret,
    "value_created": Measures.value_created,
    "customer_share_of_value": Measures.share_of_value,
    "customer_chance_over_budget": Measures.chance_over_budget,
    "measurement_in_margin": lambda m, n, b, y: m._mean(n, m.outcome.by_measurement[0]),
    "measurement_in_benefit": lambda m, n, b, y: m._mean(n, m.outcome.by_measurement[1]),
}

#: the measures of the summary, in its order: (name shown, measure, basis, layer)
SUMMARY: tuple[tuple[str, str, str, Layer | None], ...] = (
    ("expected_revenue", "expected_revenue", "npv", None),
    ("committed_revenue", "committed_revenue", "npv", None),
    ("expected_variable_revenue", "expected_variable_revenue", "npv", None),
    ("after_first_deal", "after_first_deal", "npv", None),
    ("expected_from_parties", "expected_from_parties", "npv", None),
    ("expected_cost", "expected_cost", "npv", None),
    ("direct_cost", "expected_cost", "npv", "contribution"),
    ("overhead_cost", "expected_cost", "npv", "overhead"),
    ("capital_cost", "expected_cost", "npv", "capital"),
    ("contribution", "margin_money", "npv", "contribution"),
    ("contribution_after_first_deal", "contribution_after_first_deal", "npv", None),
    ("margin_after_overhead", "margin_money", "npv", "overhead"),
    ("margin_after_capital", "margin_money", "npv", "capital"),
    ("expected_tax", "expected_tax", "npv", None),
    ("margin_after_tax", "margin_after_tax", "npv", None),
    ("certainty_equivalent", "certainty_equivalent", "npv", None),
    ("expected_margin", "expected_margin", "npv", "contribution"),
    ("expected_margin_after_overhead", "expected_margin", "npv", "overhead"),
    ("expected_margin_after_capital", "expected_margin", "npv", "capital"),
    ("npv", "npv", "npv", None),
    ("npv_p5", "npv_p5", "npv", None),
    ("npv_p50", "npv_p50", "npv", None),
    ("npv_p95", "npv_p95", "npv", None),
    ("npv_after_tax", "npv_after_tax", "npv", None),
    ("var_90", "var_90", "npv", None),
    ("var_95", "var_95", "npv", None),
    ("var_99", "var_99", "npv", None),
    ("cvar_90", "cvar_90", "npv", None),
    ("cvar_95", "cvar_95", "npv", None),
    ("cvar_99", "cvar_99", "npv", None),
    ("chance_of_loss", "chance_of_loss", "npv", None),
    ("chance_of_loss_margin", "chance_of_loss", "margin", None),
    ("irr", "irr", "npv", None),
    ("payback", "payback", "npv", None),
    ("cash_trough", "cash_trough", "npv", None),
    ("cash_trough_p5", "cash_trough_p5", "npv", None),
    ("working_capital_cost", "working_capital_cost", "npv", None),
    ("tcv", "tcv", "npv", None),
    ("acv", "acv", "npv", None),
    ("customer_net_benefit", "customer_net_benefit", "npv", None),
    ("customer_npv", "customer_npv", "npv", None),
    ("customer_chance_of_regret", "customer_chance_of_regret", "npv", None),
    ("customer_chance_over_budget", "customer_chance_over_budget", "npv", None),
    ("value_created", "value_created", "npv", None),
    ("customer_share_of_value", "customer_share_of_value", "npv", None),
    ("measurement_in_margin", "measurement_in_margin", "npv", None),
    ("measurement_in_benefit", "measurement_in_benefit", "npv", None),
)


_SHOWN_AS = {row[0]: row for row in SUMMARY if row[0] != row[1]}


#: by the measure that is nothing in an offer without such lines, those that then say nothing of their own
_SILENT_WITH = {
    "after_first_deal": ("after_first_deal",),
    "contribution_after_first_deal": ("contribution_after_first_deal",),
    "expected_from_parties": ("expected_from_parties",),
    "expected_tax": ("expected_tax", "margin_after_tax", "npv_after_tax"),
    "working_capital_cost": ("working_capital_cost",),
    "measurement_in_margin": ("measurement_in_margin",),
    "measurement_in_benefit": ("measurement_in_benefit",),
    "overhead_cost": ("overhead_cost", "margin_after_overhead", "expected_margin_after_overhead"),
    "capital_cost": ("capital_cost", "margin_after_capital", "expected_margin_after_capital"),
}


#: what says nothing, not even that it has no value, where the file states nothing to hold it against
_ONLY_WHERE_STATED = ("customer_chance_over_budget", "certainty_equivalent")


def of_nothing_there(taken: Mapping[str, Measured]) -> frozenset[str]:
    """The measures that say nothing of their own, as the offer has no costs of their layer, no further party."""
    found = {name: taken[name].estimate for name in _SILENT_WITH if name in taken}
    empty = [
        name
        for name, money in found.items()
        if money is not None and money.value == 0.0 and not 0.0 < money.standard_error < math.inf
    ]
    not_stated = [name for name in _ONLY_WHERE_STATED if name in taken and taken[name].estimate is None]
    return frozenset(measure for name in empty for measure in _SILENT_WITH[name]).union(not_stated)


def before_tax(taken: Mapping[str, Measured]) -> frozenset[str]:
    """The measures of cash, which are before tax, where the offer has a tax."""
    taxed = "expected_tax" in taken and "expected_tax" not in of_nothing_there(taken)
    return frozenset({"irr", "payback", "cash_trough", "cash_trough_p5"} if taxed else ())


def rules_of(name: str) -> Limited | None:
    """What a measure that has this name, as limits or as the summary call it, may be held against; None where there is none."""
    return limited(_SHOWN_AS[name][1] if name in _SHOWN_AS else name)

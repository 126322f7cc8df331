"""Which driver moves an offer: from one ensemble, every driver's average over the contract held against what the offer came to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.owners import moving_drivers, owner_of
from gainsim.bridge import simulate_model
from gainsim.measures import Estimate, difference, estimate, mean, ratio
from gainsim.model import Model, build
from gainsim.outcome import Outcome

Floats = NDArray[np.float64]
#: the part of the futures on either side of a tornado
TENTH = 0.1


@dataclass(frozen=True)
class Swing:
    """One driver.

    low, high: the mean NPV on the tenth of futures on which its average over the contract is lowest, and highest
    swing:     high less low
    rank:      Spearman's rank correlation of its average and the NPV
    customer:  the same with the customer's net benefit, discounted; None where nothing is said of it
    """

    driver: str
    owner: str
    low: Estimate
    high: Estimate
    swing: Estimate
    rank: float
    customer: float | None


def swings(model: Model, paths: int, seed: int) -> tuple[Swing, ...]:
    """Every driver that moves, the widest swing first.

    What hangs together moves together: the tenth with the dearest power is the tenth with busier plants, where the file says so.
    """
    names = moving_drivers(model)
    entered = build(model.scenario, plans=model.plans, controls=names)
    outcome = Outcome(simulate_model(entered, paths, seed, sampling=model.scenario.run.sampling))
    averages = dict(zip(names, outcome.run.total[len(model.lines) :], strict=True))
    customer = outcome.customer_npv if outcome.says_customer else None
    found = [_swing(name, owner_of(model.scenario.drivers[name]), averages[name], outcome, customer) for name in names]
    return tuple(sorted(found, key=lambda each: -abs(each.swing.value)))


def _swing(name: str, owner: str, average: Floats, outcome: Outcome, customer: Floats | None) -> Swing:
    npv, sample = outcome.npv, outcome.sample
    ranks = _ranks(average)
    count = max(1, round(TENTH * len(npv)))
    lowest, highest = ((ranks < count).astype(float), (ranks >= len(npv) - count).astype(float))
    low, high = (ratio(npv * chosen, chosen, sample) for chosen in (lowest, highest))
    return Swing(
        name, owner, estimate(low, sample), estimate(high, sample), difference(high, low, sample),
        _correlation(ranks, _ranks(npv)), None if customer is None else _correlation(ranks, _ranks(customer)),
    )  # fmt: skip


def _ranks(values: Floats) -> Floats:
    """The place of each path, from 0 on; of equal ones in their order."""
    found = np.empty(len(values))
    found[np.argsort(values, kind="stable")] = np.arange(len(values))
    return found


def _correlation(a: Floats, b: Floats) -> float:
    apart, other = a - mean(a).value, b - mean(b).value
    return mean(apart * other).value / math.sqrt(mean(apart * apart).value * mean(other * other).value)

"""Which driver moves an offer: from one ensemble, every driver's average over the contract held against what the offer came to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.owners import owner_of
from gainsim.measures import Estimate, difference, estimate, mean, ratio
from gainsim.sample import Sample

Floats = NDArray[np.float64]
#: the part of the futures on either side of a tornado
TENTH = 0.1


@dataclass(frozen=True)
class Swing:
    """One driver and one target.

    low, high: the mean of the target on the tenth of futures on which the driver's average over the contract is lowest, and highest
    swing:     high less low
    rank:      Spearman's rank correlation of its average and the target
    """

    driver: str
    owner: str
    low: Estimate
    high: Estimate
    swing: Estimate
    rank: float


def swings(of: Ensemble, target: Target) -> tuple[Swing, ...]:
    """Every driver that moves, the widest swing first.

    What hangs together moves together: the tenth with the dearest power is the tenth with busier plants, where the file says so.
    """
    drivers, ranks = of.model.scenario.drivers, _ranks(target.values)
    found = [_swing(name, owner_of(drivers[name]), values, target, ranks, of.sample) for name, values in of.averages.items()]
    return tuple(sorted(found, key=lambda each: -abs(each.swing.value)))


def _swing(name: str, owner: str, average: Floats, target: Target, of_target: Floats, sample: Sample) -> Swing:
    values, unit, ranks = target.values, target.unit, _ranks(average)
    count = max(1, round(TENTH * len(values)))
    lowest, highest = ((ranks < count).astype(float), (ranks >= len(values) - count).astype(float))
    low, high = (ratio(values * chosen, chosen, sample) for chosen in (lowest, highest))
    return Swing(
        name, owner, estimate(low, sample, unit), estimate(high, sample, unit), difference(high, low, sample, unit),
        _correlation(ranks, of_target),
    )  # fmt: skip


def _ranks(values: Floats) -> Floats:
    """The place of each path, from 0 on; of equal ones in their order."""
    found = np.empty(len(values))
    found[np.argsort(values, kind="stable")] = np.arange(len(values))
    return found


def _correlation(a: Floats, b: Floats) -> float:
    apart, other = a - mean(a).value, b - mean(b).value
    return mean(apart * other).value / math.sqrt(mean(apart * apart).value * mean(other * other).value)

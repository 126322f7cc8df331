"""What the worst futures are made of: the mean of the worst twentieth, split over the terms and costs that add up to it.

A part is the mean of one term, or cost, on those futures (Euler's allocation of the CVaR): the parts add up exactly, and one
says by how much the worst twentieth would move were the term a little larger. It is no cause: a cost that is always the same
has its part too, so what it is in the mean over all futures stands beside it, and the difference tells where the worst futures
come from.

Source: Tasche, Capital allocation to business units and sub-portfolios: the Euler principle (2008)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.measures import Estimate, cvar, difference, estimate, mean, quantile
from gainsim.sample import Influence, Sample

#: the part of the futures that are the worst
WORST = 0.05
#: what a part is on the edge of the worst is taken from so much of the futures to either side
_ASIDE = 0.01
#: futures that lie no further apart than this part of what they come to come to the same
_ROUNDING = 1e-9


@dataclass(frozen=True)
class TailPart:
    """A term or cost, or all of them.

    mean: over all futures; worst: over the worst; apart: the second less the first
    share: of all that the worst futures are worse than the mean; None where they are not
    """

    name: str
    mean: Estimate
    worst: Estimate
    apart: Estimate
    share: float | None


def tail_parts(of: Ensemble, target: Target) -> tuple[TailPart, ...]:
    """The parts that make the worst futures worst, and last the whole; none of a target that is no sum of money."""
    if not target.parts:
        return ()
    sample, unit = of.sample, target.unit
    whole = cvar(target.values, 1.0 - WORST, sample)
    apart = whole.value - mean(target.values, sample).value
    worst = {name: _worst(target.values, part, sample) for name, part in target.parts.items()}
    rows = [(name, mean(part, sample), worst[name]) for name, part in target.parts.items()]
    rows.sort(key=lambda row: row[2].value - row[1].value)
    return tuple(
        TailPart(name, estimate(all_of_it, sample, unit), estimate(at_worst, sample, unit),
                 _apart(at_worst, all_of_it, sample, unit),
                 (at_worst.value - all_of_it.value) / apart if apart < 0.0 else None)
        for name, all_of_it, at_worst in (*rows, (target.name, mean(target.values, sample), whole))
    )  # fmt: skip


def _apart(worst: Influence, mean: Influence, sample: Sample, unit: str) -> Estimate:
    """A part on the worst futures less its mean; of what is certain the rounding of both is no doubt."""
    found = difference(worst, mean, sample, unit)
    return replace(found, standard_error=0.0) if found.standard_error <= _ROUNDING * abs(mean.value) else found


def _worst(values: np.ndarray, part: np.ndarray, sample: Sample) -> Influence:
    """The mean of a part on the worst futures, the one on the edge with the fraction that fills them.

    Influence: edge + (part - edge) / share on the worst, less the value; edge: what the part is on average where the whole lies on
    the edge of the worst, by the line through the futures near it; in their mean where all of them come to the same, but for the
    rounding of sums. Such lines add up, so over all parts these are the influences of the CVaR.
    """
    order = np.argsort(values, kind="stable")
    mass, paths = WORST * len(values), len(values)
    full = int(mass)
    weight = np.zeros(paths)
    weight[order[:full]] = 1.0
    if full < paths:
        weight[order[full]] = mass - full
    value = float((weight * part).sum()) / mass
    near = max(1, round(_ASIDE * paths))
    around = order[max(0, full - near) : full + near]
    whole, own = values[around] - values[around].mean(), part[around]
    spread = float((whole * whole).sum())
    alike = float(np.ptp(values[around])) <= _ROUNDING * float(np.abs(values[around]).max())
    slope = 0.0 if alike else float((whole * own).sum()) / spread
    at = quantile(values, WORST, sample).value
    edge = float(own.mean()) + slope * (at - float(values[around].mean()))
    worst = values <= at
    return Influence(value, edge - value + np.where(worst, part - edge, 0.0) / WORST, known=full > 1)

"""From a distribution as written to a function of the normal score."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from gainsim.drivers import made, marginals, steps
from gainsim.drivers.marginals import Marginal
from gainsim.offer.families import Family
from gainsim.offer.shapes import Count, Shape, Whole


def marginal(shape: Whole | Count) -> Marginal:
    """The distribution that is written."""
    p = getattr(shape, shape.shape)
    return marginals.family(p) if isinstance(p, Family) else _OTHERS[shape.shape](p)


def within(shape: Shape, key: str, low: float = -math.inf, high: float = math.inf) -> Marginal:
    """The distribution of a number that has no meaning below `low` and above `high`: no draw may lie there."""
    made = marginal(shape)
    lowest, highest = made.ends
    if lowest < low or highest > high:
        said = f"below {low:g}, and may be {lowest:g}" if lowest < low else f"above {high:g}, and may be {highest:g}"
        raise ValueError(f"{key} has no meaning {said}. Cut the distribution (truncated), or write one that ends there.")
    return made


_OTHERS: Mapping[str, Callable[[Any], Marginal]] = {
    "normal": marginals.normal,
    "lognormal": marginals.lognormal,
    "uniform": marginals.uniform,
    "triangular": marginals.triangular,
    "pert": marginals.pert,
    "beta": marginals.beta,
    "exponential": marginals.exponential,
    "poisson": lambda p: marginals.stepped(steps.poisson(p.mean), p.mean),
    "negative_binomial": lambda p: marginals.stepped(steps.negative_binomial(p.mean, p.sd), p.mean),
    "binomial": lambda p: marginals.stepped(steps.binomial(p.trials, p.chance), p.trials * p.chance),
    "discrete": marginals.discrete,
    "empirical": marginals.empirical,
    "truncated": lambda p: made.truncated(p, marginal(p.of)),
    "mixture": lambda p: made.mixture([marginal(part) for part in p], [part.weight for part in p]),
    "compound": lambda p: made.compound(marginal(p.number), marginal(p.size), p.each),
}

"""Distributions: each a function of one normal score, with its mean and median.

Draws come first, values later: whatever couples, stratifies or shifts the draws works on the scores, and every
distribution is a monotone function of its own score. Written in the vocabulary, set up in strict arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gainsim import ops
from gainsim.offer import drivers as written
from gainsim.ops import Value, scalars
from gainsim.streams.tables import beta_table


@dataclass(frozen=True)
class Marginal:
    """A distribution. quantile: from a normal score to the value; mode: only where one is declared."""

    quantile: Callable[[Value], Value]
    mean: float
    median: float
    mode: float | None = None

    def central(self, choice: str | float | None) -> float:
        """The declared central value: mean, median, mode or a number."""
        if isinstance(choice, str):
            value = getattr(self, choice)
            if value is None:
                raise ValueError("this distribution has no declared mode. Write central: mean, median or a number.")
            return float(value)
        assert choice is not None
        return float(choice)


def normal(p: written.Normal) -> Marginal:
    """mean + sd z."""
    return Marginal(lambda z: p.mean + p.sd * z, p.mean, p.mean)


def lognormal(p: written.Lognormal) -> Marginal:
    """exp(m + s z). With mean M and deviation D of the value itself, s² = ln(1 + D²/M²) and m = ln M - s²/2."""
    if p.mean is not None and p.sd is not None:
        variance = scalars.log(1.0 + (p.sd / p.mean) * (p.sd / p.mean))
        m, s = scalars.log(p.mean) - 0.5 * variance, math.sqrt(variance)
    elif p.median is not None and p.p90 is not None:
        m, s = scalars.log(p.median), scalars.log(p.p90 / p.median) / scalars.norm_ppf(0.9)
    else:
        assert p.log_mean is not None
        assert p.log_sd is not None
        m, s = p.log_mean, p.log_sd
    return Marginal(lambda z: ops.exp(m + s * z), scalars.exp(m + 0.5 * s * s), scalars.exp(m))


def uniform(p: written.Uniform) -> Marginal:
    """low + (high - low) Φ(z)."""
    width = p.high - p.low
    middle = 0.5 * (p.low + p.high)
    return Marginal(lambda z: p.low + width * ops.norm_cdf(z), middle, middle)


def triangular(p: written.Triangular) -> Marginal:
    """The square root of the probability, rising from low, falling to high; the smaller tail is always used."""
    width, rise, fall = p.high - p.low, p.mode - p.low, p.high - p.mode
    edge = rise / width

    def quantile(z: Value) -> Value:
        below, above = ops.norm_cdf(z), ops.norm_cdf(-z)
        left = p.low + ops.sqrt(below * (width * rise))
        right = p.high - ops.sqrt(above * (width * fall))
        return ops.where(below < edge, left, right)

    median = p.low + math.sqrt(0.5 * width * rise) if edge > 0.5 else p.high - math.sqrt(0.5 * width * fall)
    return Marginal(quantile, (p.low + p.mode + p.high) / 3.0, median, p.mode)


def beta(p: written.Beta) -> Marginal:
    """low + (high - low) B(z), B a table of the beta quantile over the normal score."""
    return _stretched_beta(p.alpha, p.beta, p.low, p.high, None)


def pert(p: written.Pert) -> Marginal:
    """A beta with alpha = 1 + 4 (mode - low) / width, beta = 1 + 4 (high - mode) / width (Malcolm and others, 1959)."""
    width = p.high - p.low
    return _stretched_beta(
        1.0 + 4.0 * (p.mode - p.low) / width, 1.0 + 4.0 * (p.high - p.mode) / width, p.low, p.high, p.mode
    )


def _stretched_beta(a: float, b: float, low: float, high: float, mode: float | None) -> Marginal:
    table, width = beta_table(a, b), high - low
    median = float(table.lookup(_zero())[0])
    return Marginal(lambda z: low + width * table.lookup(z), low + width * (a / (a + b)), low + width * median, mode)


def _zero() -> Value:
    import numpy as np

    return np.zeros(1)


def discrete(outcomes: list[written.Outcome]) -> Marginal:
    """Steps at the normal scores of the cumulative chances, from the lowest value up."""
    ordered = sorted((o for o in outcomes if o.chance > 0), key=lambda o: o.value)
    thresholds, reached = [], 0.0
    for outcome in ordered[:-1]:
        reached += outcome.chance
        thresholds.append(scalars.norm_ppf(min(reached, 1.0 - 2.0**-53)))

    def quantile(z: Value) -> Value:
        value: Value = ordered[0].value + 0.0 * z
        for threshold, outcome in zip(thresholds, ordered[1:], strict=True):
            value = ops.where(z > threshold, outcome.value, value)
        return value

    reached, median = 0.0, ordered[-1].value
    for outcome in ordered:
        reached += outcome.chance
        if reached >= 0.5 - 1e-9:
            median = outcome.value
            break
    mean = 0.0
    for outcome in ordered:  # one by one: newer Pythons' sum() rounds otherwise
        mean = mean + outcome.value * outcome.chance
    return Marginal(quantile, mean, median)


def marginal(shape: written.Shape | written.Driver) -> Marginal:
    """The distribution that is written."""
    if shape.normal is not None:
        return normal(shape.normal)
    if shape.lognormal is not None:
        return lognormal(shape.lognormal)
    if shape.uniform is not None:
        return uniform(shape.uniform)
    if shape.triangular is not None:
        return triangular(shape.triangular)
    if shape.pert is not None:
        return pert(shape.pert)
    if shape.beta is not None:
        return beta(shape.beta)
    assert shape.discrete is not None
    return discrete(shape.discrete)

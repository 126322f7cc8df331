"""Pearson's correlation of the values of two distributions, and the correlation of scores that gives it.

Source: M. C. Cario and B. L. Nelson, Modeling and generating random vectors with arbitrary marginal distributions and
correlation matrix (1997), with Mehler's expansion in place of a double integral
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers.marginals import Marginal
from gainsim.drivers.scores import spaced
from gainsim.ops import scalars

Floats = NDArray[np.float64]
_STRIDE = 1.0 / 1024.0
_TERMS = 200
_FAR, _MOST = 7.5, 0.01  # scores that nobody meets in 10 trillion draws, and the part of a variance that they may hold


@dataclass(frozen=True)
class Attainable:
    """What the values of two distributions can have of Pearson's correlation, over all ways to couple their scores.

    lowest, highest: where one falls, or rises, whenever the other rises
    """

    lowest: float
    highest: float
    terms: Floats

    def of(self, r: float) -> float:
        """The correlation of the values where that of the scores is r: Σ a(n) b(n) rⁿ / (sd sd), from n = 1 on."""
        if abs(r) == 1.0:
            return self.highest if r > 0.0 else self.lowest
        total = 0.0
        for term in self.terms[::-1]:
            total = (total + float(term)) * r
        return total

    def score(self, correlation: float) -> float:
        """The correlation of the scores that gives this one of the values."""
        return scalars.root(lambda r: self.of(r) - correlation, -1.0, 1.0)


def attainable(x: Floats, y: Floats) -> Attainable:
    """What the values of two distributions can have, each as `standard` gives it.

    A lognormal and its like cannot go against each other fully:

    >>> from gainsim import ops
    >>> one = standard(Marginal(ops.exp, 1.6487, 1.0))
    >>> both = attainable(one, one)
    >>> round(both.lowest, 4), round(both.highest, 4), round(both.of(0.5), 4)
    (-0.3679, 1.0, 0.3775)
    """
    highest, lowest = _mean(x * y), _mean(x * y[::-1])
    return Attainable(lowest, highest, _coefficients(x) * _coefficients(y))


def standard(shape: Marginal) -> Floats:
    """The values by score, (n,), less their mean and over their deviation.

    Raises `ValueError` where a distribution has no spread, or no finite variance.
    """
    scores = spaced(_STRIDE).at
    value = np.asarray(shape.quantile(scores), np.float64) + 0.0 * scores
    mean = _mean(value)
    apart = value - mean
    square = apart * apart
    variance = _mean(square)
    if not variance > 1e-24 * (mean * mean):
        raise ValueError("has no spread")
    if _mean(np.where(np.abs(scores) > _FAR, square, 0.0)) > _MOST * variance:
        raise ValueError("has no finite variance")
    return apart / math.sqrt(variance)


def _mean(values: Floats) -> float:
    return float(spaced(_STRIDE).mean(values))


def _coefficients(values: Floats) -> Floats:
    """a(n) = E[value × h(n)], n from 1 on, of Hermite's polynomials with variance 1: √(n + 1) h(n + 1) = z h(n) - √n h(n - 1)."""
    scores = spaced(_STRIDE).at
    before, now = np.zeros_like(scores), np.ones_like(scores)
    found = []
    for n in range(_TERMS):
        before, now = now, (scores * now - math.sqrt(n) * before) * (1.0 / math.sqrt(n + 1.0))
        found.append(_mean(values * now))
    return np.array(found)

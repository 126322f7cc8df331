"""Means over a normal score, by the trapezoid rule in strict arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import kernels
from gainsim.streams.tables import HIGHEST

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """Scores from end to end, (n,), and how much each counts; the weights add up to 1."""

    at: Floats
    weights: Floats

    def mean(self, values: Floats) -> Floats:
        """The mean of what a function is at the scores, (n, …) → (…), added up in their order."""
        return np.asarray(np.add.accumulate((values.T * self.weights).T)[-1])


@lru_cache(maxsize=8)
def spaced(stride: float) -> Scores:
    """Scores that lie a stride apart, with the normal weight.

    That is as good as exact where the function is smooth, and off by the stride's square at a kink, as that of max(z, 0) whose
    mean is 1 / √(2π) = 0.3989:

    >>> score = spaced(0.25)
    >>> float(score.mean(score.at * score.at).round(12)), float(score.mean(np.maximum(score.at, 0.0)).round(4))
    (1.0, 0.3969)
    """
    at = np.arange(-HIGHEST, HIGHEST + 0.5 * stride, stride)
    return Scores(at, np.asarray(kernels.exp(-0.5 * at * at)) * (stride / 2.5066282746310002))

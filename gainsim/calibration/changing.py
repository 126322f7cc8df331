"""A candidate whose volatility changes: GARCH(1,1). It asks for a long history."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.belief import sampled
from gainsim.calibration.series import Judged, Series

Floats = NDArray[np.float64]
#: points below which neither changing volatility, nor regimes, nor jumps can be told from a walk
TOLD_FROM_A_WALK = 120
NOT_IDENTIFIABLE = "not identifiable"


def why_no_more_than_a_walk(series: Series) -> str:
    """Why nothing but a walk can be told: "" where it can."""
    if not series.positive:
        return "a value is not above 0"
    if len(series) < TOLD_FROM_A_WALK:
        return f"{NOT_IDENTIFIABLE} from {len(series)} points, as fewer than {TOLD_FROM_A_WALK} do not tell it from a walk"
    return ""


@dataclass(frozen=True)
class ChangingVariance:
    """growth: of the log of the mean a period; variance: the long-run one of a period; reaction, persistence: its weights."""

    growth: float
    variance: float
    reaction: float
    persistence: float

    def run(self, changes: Floats) -> tuple[Floats, Floats]:
        """The surprises and their variances; of variances one more, the next period's."""
        surprises, variances = np.empty(len(changes)), np.empty(len(changes) + 1)
        v = self.variance
        rest = (1.0 - self.reaction - self.persistence) * self.variance
        for t, change in enumerate(changes.tolist()):
            variances[t] = v
            e = change - (self.growth - 0.5 * v)
            surprises[t] = e
            v = rest + self.reaction * e * e + self.persistence * v
        variances[-1] = v
        return surprises, variances

    def judged(self, series: Series) -> Judged:
        """Each value given those before it."""
        surprises, variances = self.run(np.diff(series.x))
        z = surprises / np.sqrt(variances[:-1])
        density = -0.5 * z * z - 0.5 * np.log(2.0 * np.pi * variances[:-1])
        return Judged(np.append(np.nan, density) + series.stretch, np.append(np.nan, z))

    def sample(self, series: Series) -> Floats:
        """(SAMPLE, 5) growth, variance, reaction, persistence and the next period's variance, as likely as the series makes them.

        Beforehand every part of both that is the reaction is equally likely, of their sum those near 1 are likelier, and the
        long-run variance is that of the changes, or four times as much or a quarter of it, about as often.
        """
        changes = np.diff(series.x)

        def log_density(theta: Floats) -> Floats:
            known = _natural(theta, changes)
            together, part = (1.0 / (1.0 + np.exp(-theta[:, place])) for place in (2, 3))
            beforehand = 2.0 * np.log(together) + 0.5 * np.log1p(-together) + np.log(part) + np.log1p(-part)
            return beforehand - 0.5 * (theta[:, 1] / _LOG_VARIANCE) ** 2 + _likelihood(known, changes)[0]

        known = _natural(sampled(log_density, _theta(self, changes)), changes)
        return np.column_stack([known, _likelihood(known, changes)[1]])


#: the deviation of what is believed of the log of the long-run variance beforehand
_LOG_VARIANCE = 1.4


def _natural(theta: Floats, changes: Floats) -> Floats:
    """(k, 4) → (k, 4): growth, variance, reaction and persistence, from scales without ends on which all are of the size of 1."""
    spread = float(changes.var())
    growth = changes.mean() + theta[:, 0] * math.sqrt(spread / len(changes))
    together, part = 1.0 / (1.0 + np.exp(-np.clip(theta[:, 2:].T, -30.0, 30.0)))
    together *= 0.9999
    return np.column_stack([growth, spread * np.exp(np.clip(theta[:, 1], -5.0, 5.0)), together * part, together * (1.0 - part)])


def _theta(fit: ChangingVariance, changes: Floats) -> Floats:
    spread = float(changes.var())
    whole = fit.reaction + fit.persistence
    part = fit.reaction / whole if whole > 0.0 else 0.5
    growth = (fit.growth - float(changes.mean())) / math.sqrt(spread / len(changes))
    return np.array([growth, math.log(fit.variance / spread), _logit(whole / 0.9999), _logit(part)])


def _logit(part: float) -> float:
    kept = min(max(part, 0.002), 0.998)
    return math.log(kept / (1.0 - kept))


def _likelihood(known: Floats, changes: Floats) -> tuple[Floats, Floats]:
    """(k,) the log likelihood of each row of parameters, up to a constant, and the variance after the last change."""
    growth, variance, reaction, persistence = known.T
    rest = (1.0 - reaction - persistence) * variance
    v, total, scale = variance.copy(), np.zeros(len(known)), np.ones(len(known))
    unit = float(changes.var())
    for t, change in enumerate(changes.tolist()):
        squared = (change - growth + 0.5 * v) ** 2
        total += squared / v
        scale *= v / unit
        if t % 16 == 15:  # logarithms of products: sixteen at a time stay within the range of numbers
            total += np.log(scale)
            scale[:] = 1.0
        v = rest + reaction * squared + persistence * v
    return -0.5 * (total + np.log(scale)), v


@dataclass(frozen=True)
class Garch:
    """A walk whose variance answers to its own surprises."""

    kind = "garch"
    title = "GARCH(1,1)"

    def count(self, series: Series) -> int:
        """Growth, long-run variance, reaction, persistence."""
        return 4

    def why_not(self, series: Series) -> str:
        """It needs many values, above 0."""
        return why_no_more_than_a_walk(series)

    def fit(self, series: Series, near: Any = None) -> ChangingVariance:
        """By a search over all four, from a calm start or from what was found before."""
        from scipy.optimize import minimize

        changes = np.diff(series.x)

        def made(theta: Floats) -> ChangingVariance:
            return ChangingVariance(*_natural(theta[None, :], changes)[0].tolist())

        def loss(theta: Floats) -> float:
            surprises, variances = made(theta).run(changes)
            return 0.5 * float(np.sum(np.log(variances[:-1]) + surprises * surprises / variances[:-1]))

        start = _theta(near, changes) if isinstance(near, ChangingVariance) else np.array([0.0, 0.0, 1.7, -1.5])
        found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6})
        return made(found.x)

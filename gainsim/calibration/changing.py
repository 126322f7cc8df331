"""Candidates whose volatility changes: GARCH(1,1), and two regimes. They ask for a long history."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.series import Judged, Series

Floats = NDArray[np.float64]
#: points below which neither can be told from a walk
LEAST = 120
_TURNS, _CLOSE = 200, 1e-7


def _why_not(series: Series) -> str:
    if not series.positive:
        return "a value is not above 0"
    return f"fewer than {LEAST} points, from which it cannot be told from a walk" if len(series) < LEAST else ""


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
        return _why_not(series)

    def fit(self, series: Series, near: Any = None) -> ChangingVariance:
        """By a search over all four, from a calm start or from what was found before."""
        from scipy.optimize import minimize

        changes = np.diff(series.x)
        spread = float(changes.var())

        def made(theta: Floats) -> ChangingVariance:
            together, part = (1.0 / (1.0 + math.exp(-min(max(float(t), -30.0), 30.0))) for t in theta[2:])
            together *= 0.9999
            variance = spread * math.exp(min(max(float(theta[1]), -5.0), 5.0))
            return ChangingVariance(float(theta[0]), variance, together * part, together * (1.0 - part))

        def loss(theta: Floats) -> float:
            surprises, variances = made(theta).run(changes)
            return 0.5 * float(np.sum(np.log(variances[:-1]) + surprises * surprises / variances[:-1]))

        starts = [np.array([changes.mean() + 0.5 * spread, 0.0, 1.7, -1.5])]
        if isinstance(near, ChangingVariance):
            whole = near.reaction + near.persistence
            part = near.reaction / whole if whole > 0.0 else 0.5
            starts = [np.array([near.growth, math.log(near.variance / spread), _logit(whole / 0.9999), _logit(part)])]
        found = [
            minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6}) for start in starts
        ]
        return made(min(found, key=lambda each: float(each.fun)).x)


def _logit(part: float) -> float:
    kept = min(max(part, 1e-6), 1.0 - 1e-6)
    return math.log(kept / (1.0 - kept))


@dataclass(frozen=True)
class TwoRegimes:
    """Calm and wild: mean and deviation of the log change of a period in each, and the chance to leave it."""

    means: tuple[float, float]
    sds: tuple[float, float]
    leaves: tuple[float, float]

    def filtered(self, changes: Floats) -> tuple[Floats, Floats]:
        """(n + 1, 2) the chance of each regime before a change is seen, and (n, 2) its density in each (Hamilton, 1989)."""
        z = (changes[:, None] - np.array(self.means)) / np.array(self.sds)
        density = np.exp(-0.5 * z * z) / (np.array(self.sds) * math.sqrt(2.0 * math.pi)) + 1e-300
        a, b = self.leaves
        before = np.empty((len(changes) + 1, 2))
        calm = b / (a + b)
        for t, (d0, d1) in enumerate(density.tolist()):
            before[t] = calm, 1.0 - calm
            after = calm * d0 / (calm * d0 + (1.0 - calm) * d1)
            calm = after * (1.0 - a) + (1.0 - after) * b
        before[-1] = calm, 1.0 - calm
        return before, density

    def judged(self, series: Series) -> Judged:
        """Each value given those before it: a mixture of two."""
        from scipy.special import ndtr, ndtri

        changes = np.diff(series.x)
        before, density = self.filtered(changes)
        below = (before[:-1] * ndtr((changes[:, None] - np.array(self.means)) / np.array(self.sds))).sum(axis=1)
        score = ndtri(np.clip(below, 1e-12, 1.0 - 1e-12))
        log = np.log((before[:-1] * density).sum(axis=1))
        return Judged(np.append(np.nan, log) + series.stretch, np.append(np.nan, score))


@dataclass(frozen=True)
class Regimes:
    """A walk that changes between two regimes."""

    kind = "regime_switching"
    title = "two regimes"

    def count(self, series: Series) -> int:
        """A mean, a deviation and a chance to leave for each."""
        return 6

    def why_not(self, series: Series) -> str:
        """It needs many values, above 0."""
        return _why_not(series)

    def fit(self, series: Series, near: Any = None) -> TwoRegimes:
        """By turns: how likely each regime was in each period, and what each regime is like given that (Baum and Welch)."""
        changes = np.diff(series.x)
        sd = max(float(changes.std()), 1e-12)
        mean = float(changes.mean())
        now = near if isinstance(near, TwoRegimes) else TwoRegimes((mean, mean), (0.6 * sd, 1.6 * sd), (0.05, 0.15))
        last = -math.inf
        for _ in range(_TURNS):
            now, likelihood = _turn(now, changes, 0.05 * sd)
            if likelihood - last < _CLOSE * len(changes):
                break
            last = likelihood
        return now if now.sds[0] <= now.sds[1] else TwoRegimes(now.means[::-1], now.sds[::-1], now.leaves[::-1])


def _turn(now: TwoRegimes, changes: Floats, least: float) -> tuple[TwoRegimes, float]:
    """One turn, and the log likelihood before it. least: a deviation below which a regime would be a single point."""
    before, density = now.filtered(changes)
    given = before[:-1] * density
    likelihood = float(np.log(given.sum(axis=1)).sum())
    given /= given.sum(axis=1, keepdims=True)
    a, b = now.leaves
    smooth = given.copy()
    moves = np.zeros((2, 2))
    chances = ((1.0 - a, a), (b, 1.0 - b))
    for t in range(len(changes) - 2, -1, -1):
        ahead = smooth[t + 1] / np.maximum(before[t + 1], 1e-300)
        pair = given[t][:, None] * np.array(chances) * ahead
        moves += pair
        smooth[t] = pair.sum(axis=1)
    weight = smooth.sum(axis=0) + 1e-12
    means = (smooth * changes[:, None]).sum(axis=0) / weight
    sds = np.maximum(np.sqrt((smooth * (changes[:, None] - means) ** 2).sum(axis=0) / weight), least)
    leave = np.clip(np.array([moves[0, 1], moves[1, 0]]) / np.maximum(moves.sum(axis=1), 1e-12), 1e-4, 0.9999)
    made = TwoRegimes(
        (float(means[0]), float(means[1])), (float(sds[0]), float(sds[1])), (float(leave[0]), float(leave[1]))
    )
    return made, likelihood

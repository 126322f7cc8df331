"""A candidate that changes between two regimes, calm and wild. It asks for a long history."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.belief import sampled
from gainsim.calibration.changing import why_no_more_than_a_walk
from gainsim.calibration.series import Judged, Series

Floats = NDArray[np.float64]
_TURNS, _CLOSE = 200, 1e-7
#: a regime whose deviation were a smaller part of all would be a single point
_LEAST_SD = 0.05


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
        calm = b / (a + b)
        chances = []
        for d0, d1 in density.tolist():
            chances.append(calm)
            after = calm * d0 / (calm * d0 + (1.0 - calm) * d1)
            calm = after * (1.0 - a) + (1.0 - after) * b
        before = np.array([*chances, calm])
        return np.column_stack([before, 1.0 - before]), density

    def judged(self, series: Series) -> Judged:
        """Each value given those before it: a mixture of two."""
        from scipy.special import ndtr, ndtri

        changes = np.diff(series.x)
        before, density = self.filtered(changes)
        below = (before[:-1] * ndtr((changes[:, None] - np.array(self.means)) / np.array(self.sds))).sum(axis=1)
        score = ndtri(np.clip(below, 1e-12, 1.0 - 1e-12))
        log = np.log((before[:-1] * density).sum(axis=1))
        return Judged(np.append(np.nan, log) + series.stretch, np.append(np.nan, score))

    def sample(self, series: Series) -> Floats:
        """(SAMPLE, 6) both means, both deviations, both chances to leave, as likely as the series makes them.

        Beforehand all chances are equally likely; each deviation is that of all changes, or four times as much or a quarter, about
        as often; the wild regime is the one with the larger deviation.
        """
        changes = np.diff(series.x)
        mean, sd = float(changes.mean()), float(changes.std())
        scale = sd / math.sqrt(len(changes))

        def natural(theta: Floats) -> Floats:
            return np.column_stack([
                mean + scale * theta[:, :2], sd * np.exp(np.clip(theta[:, 2:4], -5.0, 5.0)),
                1.0 / (1.0 + np.exp(-np.clip(theta[:, 4:], -30.0, 30.0))),
            ])  # fmt: skip

        def log_density(theta: Floats) -> Floats:
            known = natural(theta)
            beforehand = (np.log(known[:, 4:]) + np.log1p(-known[:, 4:])).sum(axis=1)
            beforehand -= 0.5 * ((theta[:, 2:4] / _LOG_SD) ** 2).sum(axis=1)
            beforehand -= 0.5 * (((known[:, :2] - mean) / (_MEAN * sd)) ** 2).sum(axis=1)
            possible = (known[:, 2] < known[:, 3]) & (known[:, 2] > _LEAST_SD * sd)
            return np.where(possible, beforehand + _likelihood(known, changes), -np.inf)

        fit = np.array([*self.means, *self.sds, *self.leaves])
        leaves = np.clip(fit[4:], 0.002, 0.998)
        mode = np.concatenate([(fit[:2] - mean) / scale, np.log(fit[2:4] / sd), np.log(leaves / (1.0 - leaves))])
        return natural(sampled(log_density, mode))


#: the deviations of what is believed beforehand: of the log of a deviation, and of a mean, in deviations of all changes
_LOG_SD, _MEAN = 1.4, 3.0


def _likelihood(known: Floats, changes: Floats) -> Floats:
    """(k,) the log likelihood of each row of parameters, up to a constant."""
    mean, wild_mean, sd, wild_sd, leaves, back = known.T
    calm = back / (leaves + back)
    total = np.zeros(len(known))
    unit = float(changes.std())
    for change in changes.tolist():
        seen = calm * np.exp(-0.5 * ((change - mean) / sd) ** 2) * (unit / sd)
        whole = seen + (1.0 - calm) * np.exp(-0.5 * ((change - wild_mean) / wild_sd) ** 2) * (unit / wild_sd) + 1e-200
        after = seen / whole
        calm = after * (1.0 - leaves) + (1.0 - after) * back
        total += np.log(whole)
    return total


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
        return why_no_more_than_a_walk(series)

    def fit(self, series: Series, near: Any = None) -> TwoRegimes:
        """By turns: how likely each regime was in each period, and what each regime is like given that (Baum and Welch)."""
        changes = np.diff(series.x)
        sd = max(float(changes.std()), 1e-12)
        mean = float(changes.mean())
        now = near if isinstance(near, TwoRegimes) else TwoRegimes((mean, mean), (0.6 * sd, 1.6 * sd), (0.05, 0.15))
        last = -math.inf
        for _ in range(_TURNS):
            now, likelihood = _turn(now, changes, _LEAST_SD * sd)
            if likelihood - last < _CLOSE * len(changes):
                break
            last = likelihood
        return now if now.sds[0] <= now.sds[1] else TwoRegimes(now.means[::-1], now.sds[::-1], now.leaves[::-1])


def _turn(now: TwoRegimes, changes: Floats, least: float) -> tuple[TwoRegimes, float]:
    """One turn, and the log likelihood before it. least: a deviation below which a regime would be a single point."""
    before, density = now.filtered(changes)
    given = before[:-1] * density
    likelihood = float(np.log(given.sum(axis=1)).sum())
    calm = given[:, 0] / given.sum(axis=1)
    a, b = now.leaves
    smooth, ahead = np.empty(len(changes)), float(calm[-1])
    smooth[-1] = ahead
    seen, expected = calm.tolist(), before[:, 0].tolist()
    stays = leaves = comes = wild = 0.0
    for t in range(len(changes) - 2, -1, -1):
        up, down = ahead / max(expected[t + 1], 1e-300), (1.0 - ahead) / max(1.0 - expected[t + 1], 1e-300)
        stay, leave, come = seen[t] * (1.0 - a) * up, seen[t] * a * down, (1.0 - seen[t]) * b * up
        stays, leaves, comes, wild = stays + stay, leaves + leave, comes + come, wild + 1.0 - stay - leave
        smooth[t] = ahead = stay + leave
    both = np.column_stack([smooth, 1.0 - smooth])
    weight = both.sum(axis=0) + 1e-12
    means = (both * changes[:, None]).sum(axis=0) / weight
    sds = np.maximum(np.sqrt((both * (changes[:, None] - means) ** 2).sum(axis=0) / weight), least)
    leave, back = (min(max(gone / max(whole, 1e-12), 1e-4), 0.9999) for gone, whole in ((leaves, stays + leaves), (comes, wild)))
    return TwoRegimes((float(means[0]), float(means[1])), (float(sds[0]), float(sds[1])), (leave, back)), likelihood

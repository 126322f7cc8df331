"""A candidate that jumps: a walk with now and then a sudden change beside the steady ones (Merton). It asks for a long history."""

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
#: how many jumps in one period count, where there is less than one on average
_AT_ONCE = 9
#: rows of parameters that are reckoned at once: what they need stays near the processor
_ROWS = 64
#: a deviation between jumps that were a smaller part of all would be that of a single point
_LEAST_SD = 0.05
#: what is believed beforehand of the deviation of a jump, in deviations of all changes: its middle, and the deviation of its log
_SIZE, _LOG_SIZE = 2.0, 1.0


@dataclass(frozen=True)
class Jumping:
    """Of the log change of a period: drift without jumps, deviation, jumps a period, their mean and deviation."""

    drift: float
    sd: float
    number: float
    log_mean: float
    log_sd: float

    @property
    def row(self) -> Floats:
        """(1, 5) the parameters in this order."""
        return np.array([[self.drift, self.sd, self.number, self.log_mean, self.log_sd]])

    def judged(self, series: Series) -> Judged:
        """Each value, whatever came before: a mixture over the number of jumps."""
        from scipy.special import ndtr, ndtri

        changes = np.diff(series.x)
        chance, mean, sd = _parts(self.row)
        z = (changes[:, None] - mean[0]) / sd[0]
        log = np.log((chance[0] / sd[0] * np.exp(-0.5 * z * z)).sum(axis=1)) - 0.5 * math.log(2.0 * math.pi)
        score = ndtri(np.clip((chance[0] * ndtr(z)).sum(axis=1), 1e-12, 1.0 - 1e-12))
        return Judged(np.append(np.nan, log) + series.stretch, np.append(np.nan, score))

    def sample(self, series: Series) -> Floats:
        """(SAMPLE, 5) the parameters in the order of `row`, as likely as the series makes them.

        Beforehand all numbers up to one a period are alike; the deviation of a jump is twice that of all changes, or in most cases
        between once and five times; and its mean is of the size of its deviation, for no two jumps are alike.
        """
        changes = np.diff(series.x)
        found = sampled(lambda theta: _log_density(theta, changes), _theta(self, changes))
        return _natural(found, changes)


def _natural(theta: Floats, changes: Floats) -> Floats:
    """(k, 5) parameters, from scales without ends on which all are of the size of 1."""
    sd = float(changes.std())
    drift = changes.mean() + theta[:, 0] * sd / math.sqrt(len(changes))
    between, size = np.exp(np.clip(theta[:, 1], math.log(_LEAST_SD), 5.0)), np.exp(np.clip(theta[:, 4], -8.0, 5.0))
    number = 1.0 / (1.0 + np.exp(-np.clip(theta[:, 2], -12.0, 12.0)))
    return np.column_stack([drift, sd * between, number, sd * theta[:, 3], sd * size])


def _theta(fit: Jumping, changes: Floats) -> Floats:
    sd = float(changes.std())
    drift = (fit.drift - float(changes.mean())) * math.sqrt(len(changes)) / sd
    number = math.log(fit.number / (1.0 - fit.number))
    return np.array([drift, math.log(fit.sd / sd), number, fit.log_mean / sd, math.log(fit.log_sd / sd)])


def _log_density(theta: Floats, changes: Floats) -> Floats:
    known = _natural(theta, changes)
    number, mean, log_size = known[:, 2], theta[:, 3], theta[:, 4]
    beforehand = np.log(number) + np.log1p(-number) - 0.5 * ((log_size - math.log(_SIZE)) / _LOG_SIZE) ** 2
    beforehand -= 0.5 * (mean * np.exp(-log_size)) ** 2 + log_size
    return np.where(theta[:, 1] > math.log(_LEAST_SD), beforehand + _likelihood(known, changes), -np.inf)


def _parts(known: Floats) -> tuple[Floats, Floats, Floats]:
    """(k, n) each: the chance of so many jumps in a period, and the mean and deviation of its change then."""
    drift, sd, number, log_mean, log_sd = (each[:, None] for each in known.T)
    n = np.arange(_AT_ONCE)
    factorial = np.cumprod(np.maximum(n, 1.0))
    chance = np.exp(-number) * number**n / factorial
    return chance, drift + n * log_mean, np.sqrt(sd * sd + n * log_sd * log_sd)


def _likelihood(known: Floats, changes: Floats) -> Floats:
    """(k,) the log likelihood of each row of parameters, up to a constant."""
    return np.concatenate([_of_some(known[first : first + _ROWS], changes) for first in range(0, len(known), _ROWS)])


def _of_some(known: Floats, changes: Floats) -> Floats:
    chance, mean, sd = _parts(known)
    most = int(np.max(np.nonzero(chance.max(axis=0) > 1e-8)[0])) + 1
    density = np.full((len(known), len(changes)), 1e-300)
    for n in range(most):
        z = (changes - mean[:, n, None]) / sd[:, n, None]
        z *= z
        z *= -0.5
        density += (chance[:, n] / sd[:, n])[:, None] * np.exp(z, out=z)
    return np.asarray(np.log(density).sum(axis=1))


#: few large and more small jumps, down, up and both ways, on the scales of the search
_STARTS = [
    np.array([0.0, -0.3, *start])
    for start in ((-2.0, -1.5, 0.5), (-2.0, 0.0, 0.5), (-2.0, 1.5, 0.5), (-3.5, -4.0, -0.5), (-3.5, 4.0, -0.5))
]


@dataclass(frozen=True)
class Jumps:
    """A walk with jumps."""

    kind = "geometric_walk"
    title = "geometric walk with jumps"

    def count(self, series: Series) -> int:
        """Drift and deviation; number, mean and deviation of jumps."""
        return 5

    def why_not(self, series: Series) -> str:
        """It needs many values, above 0."""
        return why_no_more_than_a_walk(series)

    def fit(self, series: Series, near: Any = None) -> Jumping:
        """The greatest likelihood, weighed with what is believed beforehand (as `sample` says).

        By the likelihood alone a handful of changes that happen to be alike may pass for all the jumps that there are.

        Source: on the likelihood of jumps, Honoré, Pitfalls in estimating jump-diffusion models, Aarhus (1998)
        """
        from scipy.optimize import minimize

        changes = np.diff(series.x)
        starts = [_theta(near, changes)] if isinstance(near, Jumping) else _STARTS

        def loss(theta: Floats) -> tuple[float, Floats]:
            step = 1e-4 * np.eye(len(theta))
            values = -_log_density(np.vstack([theta, theta + step, theta - step]), changes)
            return float(values[0]), (values[1:6] - values[6:]) / 2e-4

        with np.errstate(all="ignore"):
            found = [minimize(loss, start, jac=True, method="BFGS") for start in starts]
        best = min(found, key=lambda each: float(each.fun)).x
        return Jumping(*_natural(best[None, :], changes)[0].tolist())

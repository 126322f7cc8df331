"""How fast a column reverts: an estimate that is as often too fast as too slow, and an interval that holds near a walk.

Least squares finds reversion where there is none: in a short history every walk seems to come back. What it would find is
simulated for each true weight; those are taken that would give what was found, no less and no more often than they should.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.series import Season, Series, season_basis

Floats = NDArray[np.float64]
PATHS, SEED = 2_000, 20_260_102
#: the lowest true weight that is tried, and how many of its standard errors lie between one and the next
_LOWEST, _APART = -0.6, 1.2


@dataclass(frozen=True)
class Reverting:
    """What the history says of the weight of the last value.

    found:   by least squares
    weights: (grid,) true weights, up to a walk
    chance:  (grid,) the chance to find as low a weight, by true weight; it falls as the true weight rises
    """

    found: float
    weights: Floats
    chance: Floats

    def weight(self, share: float) -> float:
        """The true weight below which so much of our belief lies (a confidence distribution); 1 is a walk.

        Source: Andrews, Exactly median-unbiased estimation of first order autoregressive models, Econometrica 61 (1993)
        """
        from scipy.special import ndtri

        if self.chance[-1] >= 1.0 - share:
            return 1.0
        scores = ndtri(np.clip(1.0 - self.chance, 0.5 / PATHS, 1.0 - 0.5 / PATHS))  # nearly a straight line in the weight
        return float(np.interp(ndtri(share), scores, self.weights))

    @property
    def unbiased(self) -> float:
        """As often too small as too large."""
        return self.weight(0.5)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Within which the true weight lies so often."""
        return self.weight(0.5 - level / 2), self.weight(0.5 + level / 2)


def half_life(weight: float) -> float:
    """In periods; infinite for a walk, none below 0.

    >>> half_life(0.5), half_life(1.0)
    (1.0, inf)
    """
    return math.inf if weight >= 1.0 else math.log(0.5) / math.log(weight) if weight > 0.0 else 0.0


def reverting(series: Series, season: Season) -> Reverting:
    """Hold what least squares finds against what it finds where the truth is known."""
    first = int(series.places[0]) if season != "none" else 0
    found = float(_least_squares(series.x[None, :], _around(len(series), series.per_year, first, season))[0])
    known = _known(len(series), series.per_year, first, season)
    return Reverting(found, grid(len(series)), np.minimum.accumulate((known <= found).mean(axis=1)))


def grid(count: int) -> Floats:
    """True weights that are tried, from one below nothing to a walk, an error of √((1 - weight²) / count) or so apart.

    >>> grid(60)[[0, -1]].round(6).tolist(), len(grid(60)), len(grid(600))
    ([-0.6, 1.0], 16, 47)
    """
    first, last = math.asin(_LOWEST), 0.5 * math.pi
    return np.asarray(np.sin(np.linspace(first, last, 2 + int((last - first) * math.sqrt(count) / _APART))))


@lru_cache(maxsize=8)
def _known(count: int, per_year: int, first: int, season: Season) -> Floats:
    """(grid, paths) what least squares finds in histories of this length, by true weight."""
    from scipy.signal import lfilter

    around = _around(count, per_year, first, season)
    draws = np.random.default_rng(SEED).standard_normal((PATHS, count))
    weights = grid(count)
    found = np.empty((len(weights), PATHS))
    for place, weight in enumerate(weights.tolist()):
        start = draws[:, :1] / math.sqrt(1.0 - weight * weight) if weight < 1.0 else draws[:, :1]
        rest, _ = lfilter([1.0], [1.0, -weight], draws[:, 1:], zi=weight * start)
        found[place] = _least_squares(np.hstack([start, rest]), around)
    return found


def _around(count: int, per_year: int, first: int, season: Season) -> Floats:
    """(count - 1, columns) what is fitted beside the weight, the centre and the season, as orthogonal columns."""
    basis = season_basis(season, per_year)[(first + np.arange(count)) % per_year]
    design = np.hstack([np.ones((count, 1)), basis])
    return np.asarray(np.linalg.qr(design[1:])[0])


def _least_squares(paths: Floats, around: Floats) -> Floats:
    """(paths,) the weight of the last value, the centre and the season fitted beside it."""
    before, after = paths[:, :-1], paths[:, 1:]
    before = before - (before @ around) @ around.T
    return np.asarray((before * after).sum(axis=1) / np.maximum((before * before).sum(axis=1), 1e-300))

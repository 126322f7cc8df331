"""What is known of a walk's highest and lowest point: watched at every moment, watched at dates, and how the two hang together.

Three laws answer the same questions of a geometric walk and a level on one side of its start:

- `EveryMoment`: closed forms by the reflection principle (Karatzas and Shreve, Brownian Motion and Stochastic Calculus, 2.8;
  Reiner and Rubinstein, Risk 4, 1991);
- `AtDates`: n dates at equal distances, by integration over the normal step from date to date (Gauss and Legendre's points);
- `Corrected`: the closed forms with each level farther from the start by the factor exp(0.5826 σ √dt), for between two dates
  the walk goes as far unseen: Broadie, Glasserman and Kou, A continuity correction for discrete barrier options, Mathematical
  Finance 7 (1997), and Connecting discrete and continuous path-dependent options, Finance and Stochastics 3 (1999). What it
  leaves goes faster to 0 than 1/√n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, zeta

from tests.exact import INF, Lognormal, Piece, mean

Floats = NDArray[np.float64]
Pieces = Sequence[Piece]
#: how far a walk is seen beyond a level, on average, in deviations of a step: -ζ(½) / √(2π)
BEYOND = -float(zeta(0.5)) / math.sqrt(2.0 * math.pi)
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_PANEL, _FAR = 2.0, 9.0


@dataclass(frozen=True)
class Walk:
    """drift: the growth of its mean; both drift and volatility per year and continuous."""

    spot: float
    drift: float
    vol: float
    years: float

    @property
    def log_drift(self) -> float:
        return self.drift - self.vol * self.vol / 2.0

    def end(self, spot: float | None = None, years: float | None = None) -> Lognormal:
        t = self.years if years is None else years
        return Lognormal(math.log(spot or self.spot) + self.log_drift * t, self.vol * math.sqrt(t))

    def inside(self, pieces: Pieces, level: float) -> list[Piece]:
        """What is left of a function on the level's side on which the walk starts."""
        low, high = (level, INF) if level < self.spot else (0.0, level)
        cut = [(max(a, low), min(b, high), c, d) for a, b, c, d in pieces]
        return [piece for piece in cut if piece[0] < piece[1]]


class Extremes(Protocol):
    """What a law says of a walk and a level. A function is in pieces, as `tests/exact.py` has them."""

    @property
    def walk(self) -> Walk: ...

    def untouched(self, pieces: Pieces, level: float) -> float:
        """E[f(end); the level was never touched]."""

    def touched(self, levels: Floats, rate: float = 0.0) -> Floats:
        """E[exp(-rate × moment of the touch); the level was touched], of each level; all on one side of the start."""


def beyond(law: Extremes, level: float, upwards: bool) -> float:
    """By how much the highest point lies over a level, or the lowest below it, on average: E[max(highest - level, 0)].

    It is the integral, over all farther levels, of the chance that they are touched. level: not on this side of the start
    """
    walk = law.walk
    reach = abs(walk.log_drift) * walk.years + _FAR * walk.vol * math.sqrt(walk.years)
    far = math.exp(reach if upwards else -reach) * walk.spot
    edges = np.linspace(math.log(level), math.log(far), 101) if (far > level) == upwards else np.full(101, math.log(level))
    middles, half = (edges[1:] + edges[:-1]) / 2.0, np.diff(edges) / 2.0
    levels = np.exp(middles[:, None] + half[:, None] * _POINTS).ravel()
    weights = (np.abs(half)[:, None] * _WEIGHTS).ravel() * levels
    return float(weights @ law.touched(levels))


@dataclass(frozen=True)
class EveryMoment:
    """Watched at every moment."""

    walk: Walk

    def untouched(self, pieces: Pieces, level: float) -> float:
        """Less the walks that start at the level's mirror image, which all have touched it."""
        walk, left = self.walk, self.walk.inside(pieces, level)
        weight = (level / walk.spot) ** (2.0 * walk.log_drift / walk.vol**2)
        return mean(walk.end(), left) - weight * mean(walk.end(level * level / walk.spot), left)

    def touched(self, levels: Floats, rate: float = 0.0) -> Floats:
        walk = self.walk
        spread, mu = walk.vol * math.sqrt(walk.years), walk.log_drift / walk.vol**2
        root = math.sqrt(mu * mu + 2.0 * rate / walk.vol**2)
        ahead = np.log(levels / walk.spot)
        side = np.where(ahead < 0.0, 1.0, -1.0)
        place = side * (ahead / spread + root * spread)
        return np.asarray(
            np.exp((mu + root) * ahead) * ndtr(place) + np.exp((mu - root) * ahead) * ndtr(place - side * 2.0 * root * spread)
        )


@dataclass(frozen=True)
class Corrected:
    """Watched at dates, as the correction has it."""

    walk: Walk
    dates: int

    def untouched(self, pieces: Pieces, level: float) -> float:
        return EveryMoment(self.walk).untouched(pieces, float(self._farther(np.array(level))))

    def touched(self, levels: Floats, rate: float = 0.0) -> Floats:
        return EveryMoment(self.walk).touched(self._farther(levels), rate)

    def _farther(self, levels: Floats) -> Floats:
        shift = BEYOND * self.walk.vol * math.sqrt(self.walk.years / self.dates)
        return np.asarray(levels * np.exp(np.where(levels > self.walk.spot, shift, -shift)))


@dataclass(frozen=True)
class AtDates:
    """Watched at dates at equal distances, the last of them the end, the start not among them.

    A place is the distance from the level, in deviations of a step, on the side on which the walk starts: a step moves it by
    a normal number of deviation 1 around `_ahead`.
    """

    walk: Walk
    dates: int

    def untouched(self, pieces: Pieces, level: float) -> float:
        """The last step, from each place before it, by partial moments: no kink of the function costs digits."""
        places, density = self._before_the_end(level)[1:]
        side = 1.0 if level < self.walk.spot else -1.0
        left = self.walk.inside(pieces, level)
        some = np.flatnonzero(density > 1e-18 * density.max())
        before = level * np.exp(side * self._sd * places[some])
        ends = [mean(self.walk.end(spot, self._dt), left) for spot in before.tolist()]
        return math.fsum(density[some] * np.array(ends))

    def touched(self, levels: Floats, rate: float = 0.0) -> Floats:
        if rate:
            return np.array([self._discounted(level, rate) for level in np.atleast_1d(levels).tolist()])
        away = np.abs(np.log(levels / self.walk.spot)) / self._sd
        return np.asarray(1.0 - self._untouched_from(away, bool(np.all(levels < self.walk.spot))))

    @property
    def _dt(self) -> float:
        return self.walk.years / self.dates

    @property
    def _sd(self) -> float:
        return self.walk.vol * math.sqrt(self._dt)

    def _ahead(self, below: bool) -> float:
        ahead = self.walk.log_drift * self._dt / self._sd
        return ahead if below else -ahead

    def _grid(self, farthest: float, below: bool) -> tuple[Floats, Floats]:
        """Places and weights, as far as a walk comes."""
        length = farthest + abs(self._ahead(below)) * self.dates + _FAR * math.sqrt(self.dates)
        edges = np.linspace(0.0, length, math.ceil(length / _PANEL) + 1)
        half = np.diff(edges)[:, None] / 2.0
        middles = (edges[1:] + edges[:-1])[:, None] / 2.0
        return (middles + half * _POINTS).ravel(), (half * _WEIGHTS).ravel()

    def _discounted(self, level: float, rate: float) -> float:
        """The chance of a first touch at each date, discounted."""
        alive, places, density = self._before_the_end(level)
        last = float(density @ ndtr(places + self._ahead(level < self.walk.spot)))
        first = -np.diff(np.append(alive, last), prepend=1.0)
        return math.fsum(first * np.exp(-rate * self._dt * np.arange(1, self.dates + 1)))

    @lru_cache(maxsize=4_096)  # noqa: B019
    def _before_the_end(self, level: float) -> tuple[Floats, Floats, Floats]:
        """The chance to be untouched at each date but the last; places, and the chance to be there at the last but one."""
        below = level < self.walk.spot
        start, ahead = abs(math.log(level / self.walk.spot)) / self._sd, self._ahead(below)
        if self.dates == 1:
            return np.empty(0), np.array([start]), np.ones(1)
        places, weights = self._grid(start, below)
        step = weights[:, None] * _density(places[:, None] - (places + ahead))
        density = weights * _density(places - (start + ahead))
        alive = [float(density.sum())]
        for _ in range(self.dates - 2):
            density = step @ density
            alive.append(float(density.sum()))
        return np.array(alive), places, density

    def _untouched_from(self, away: Floats, below: bool) -> Floats:
        """The chance that a level is untouched at all dates, by its distance: backwards from the end, for all distances at once."""
        places, weights, chance = self._chances[below]
        moved = np.minimum(away, places[-1]) + self._ahead(below)
        return np.asarray(_density(places - moved[:, None]) @ (weights * chance) + ndtr(moved - self._end(places)))

    @staticmethod
    def _end(places: Floats) -> float:
        """Where the grid ends: beyond it nothing is touched."""
        return float(places[-1] + places[0])

    @cached_property
    def _chances(self) -> dict[bool, tuple[Floats, Floats, Floats]]:
        """Places, weights, and the chance to be untouched at all dates but the first; for levels below the start, and above it."""
        found = {}
        for below in (True, False):
            places, weights = self._grid(0.0, below)
            moved = places + self._ahead(below)
            step = _density(places - moved[:, None]) * weights
            over = ndtr(moved - self._end(places))
            chance = np.ones_like(places)
            for _ in range(self.dates - 1):
                chance = step @ chance + over
            found[below] = places, weights, chance
        return found


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi))

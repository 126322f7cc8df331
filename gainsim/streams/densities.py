"""Quantiles from a density alone: for shapes whose distribution function has no formula.

A density is given by its logarithm over a coordinate that runs over all numbers, chosen so that the log is concave
(it rises to one mode and falls from it, ever more steeply). Then no tail is heavy, and one rule serves every shape:
the mass is summed up over panels from both tails inwards, and each quantile is solved within its panel. All of it is
additions, multiplications and our own kernels, so the tables have the same bits on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.ops import Value, kernels, scalars
from gainsim.streams.tables import HIGHEST, INTERVALS, WIDTH, QuantileTable, hermite_table

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]

_FALL, _PANELS = 0.5, 176  # of the log density over a panel; down to e^-88: beyond it lies nothing beside the e^-37 at 8.25
_HALVINGS, _STEPS = 24, 4  # of a bracket, which need not be exact; of Newton's rule within a panel
_HALF_LOG_2PI = 0.9189385332046728

# Gauss and Legendre's ten points and weights on [-1, 1]; a panel's density is nearly an exponential, so they are exact
POINTS = (0.14887433898163122, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717)
WEIGHTS = (0.29552422471475287, 0.26926671930999635, 0.21908636251598204, 0.1494513491505806, 0.06667134430868814)


@dataclass(frozen=True)
class Density:
    """A log density over all numbers, concave; it need not integrate to 1.

    log:   (n,) → (n,)
    slope: its derivative, falling throughout
    """

    log: Curve
    slope: Curve

    def quantiles(self, z: Floats) -> Floats:
        """The values y with F(y) = Φ(z), (n,), each solved from its own tail.

        Half of a logistic density's mass lies below 0, and nine tenths below ln 9:

        >>> def log(y): return y - 2.0 * kernels.log(1.0 + kernels.exp(y))
        >>> def slope(y): return 1.0 - 2.0 / (1.0 + kernels.exp(-y))
        >>> Density(log, slope).quantiles(np.array([0.0, 1.2815515655446004])).round(12) + 0.0
        array([0.        , 2.19722458])
        """
        y, _ = self._solved(z)
        return y

    def table(self) -> QuantileTable:
        """The table of these quantiles over the normal score: dy/dz = φ / g, d²y/dz² = y' (-z - (ln g)' y')."""
        z = np.arange(INTERVALS + 1, dtype=np.float64) * WIDTH - HIGHEST
        y, log_mass = self._solved(z)
        rise = kernels.exp((log_mass - self.log(y)) - (0.5 * z * z + _HALF_LOG_2PI))
        return hermite_table(y, y[1:] - y[:-1], rise, rise * (-z - self.slope(y) * rise))

    def scores(self) -> Callable[[Value], Value]:
        """The way back, as a function of the vocabulary: from a value y to its score z, with Φ(z) = F(y), by a table.

        dz/dy = g / φ, d²z/dy² = z' ((ln g)' + z z'). Scores beyond ±8.25 count as ±8.25.

        >>> def log(y): return y - 2.0 * kernels.log(1.0 + kernels.exp(y))
        >>> def slope(y): return 1.0 - 2.0 / (1.0 + kernels.exp(-y))
        >>> Density(log, slope).scores()(np.array([0.0, 2.1972245773362196])).round(12) + 0.0
        array([0.        , 1.28155157])
        """
        low, high = (float(end) for end in self.quantiles(np.array([-HIGHEST, HIGHEST])))
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        narrow = half / HIGHEST
        y = middle + (np.arange(INTERVALS + 1, dtype=np.float64) * WIDTH - HIGHEST) * narrow
        z, log_mass = self._scored(y)
        rise = kernels.exp((self.log(y) - log_mass) + (0.5 * z * z + _HALF_LOG_2PI))
        curvature = rise * (self.slope(y) + z * rise)
        table = hermite_table(z, z[1:] - z[:-1], rise * narrow, curvature * (narrow * narrow))
        return lambda value: table.lookup((value - middle) / narrow)

    def _scored(self, y: Floats) -> tuple[Floats, float]:
        """The scores of values, each from its own tail, and the logarithm of the whole mass."""
        edges, top = self._edges()
        below, mass = _below(lambda y: kernels.exp(self.log(y) - top), edges, y)
        above, _ = _below(lambda y: kernels.exp(self.log(-y) - top), -edges[::-1], -y)
        lower = below < above
        z = kernels.norm_ppf(np.where(lower, below, above))
        return np.where(lower, z, -z), top + scalars.log(mass)

    def _solved(self, z: Floats) -> tuple[Floats, float]:
        """The quantiles, and the logarithm of the whole mass."""
        edges, top = self._edges()
        chance = kernels.norm_cdf(-np.abs(z))
        low, mass = _from_below(lambda y: kernels.exp(self.log(y) - top), edges, chance)
        high, _ = _from_below(lambda y: kernels.exp(self.log(-y) - top), -edges[::-1], chance)
        return np.where(z < 0.0, low, -high), top + scalars.log(mass)

    def _edges(self) -> tuple[Floats, float]:
        """The edges of the panels, and the log density at the mode."""
        mode = self._mode()
        top = float(self.log(np.array([mode]))[0])
        return np.concatenate([mode - self._falls(mode, top, -1.0)[::-1], [mode], mode + self._falls(mode, top, 1.0)]), top

    def _mode(self) -> float:
        """Where the density is highest."""
        width = 1.0
        while self._slope_at(-width) <= 0.0 or self._slope_at(width) >= 0.0:
            width = 2.0 * width
        low, high = -width, width
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self._slope_at(middle) > 0.0 else (low, middle)
        return low

    def _slope_at(self, y: float) -> float:
        return float(self.slope(np.array([y]))[0])

    def _falls(self, mode: float, top: float, side: float) -> Floats:
        """How far from the mode, on one side, the log density has fallen by each multiple of `_FALL`, (_PANELS,)."""
        levels = top - _FALL * np.arange(1.0, _PANELS + 1.0)
        width = 1.0
        while float(self.log(np.array([mode + side * width]))[0]) > levels[-1]:
            width = 2.0 * width
        low, high = np.zeros(_PANELS), np.full(_PANELS, width)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            above = self.log(mode + side * middle) > levels
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return high


def _from_below(density: Curve, edges: Floats, chance: Floats) -> tuple[Floats, float]:
    """The points below which these parts of the mass lie, and the mass."""
    masses = _mass(density, edges[:-1], edges[1:])
    before = np.concatenate([[0.0], np.add.accumulate(masses)])
    target = chance * before[-1]
    panel = np.searchsorted(before[1:-1], target, side="right")
    first, last, rest = edges[panel], edges[panel + 1], target - before[panel]
    y = first + (last - first) * (rest / masses[panel])
    for _ in range(_STEPS):
        y = ops.clip(y - (_mass(density, first, y) - rest) / density(y), first, last)
    return y, float(before[-1])


def _below(density: Curve, edges: Floats, y: Floats) -> tuple[Floats, float]:
    """The parts of the mass that lie below these points, and the mass."""
    before = np.concatenate([[0.0], np.add.accumulate(_mass(density, edges[:-1], edges[1:]))])
    panel = np.searchsorted(edges[1:-1], y, side="right")
    return (before[panel] + _mass(density, edges[panel], ops.maximum(y, edges[0]))) / before[-1], float(before[-1])


def _mass(density: Curve, low: Floats, high: Floats) -> Floats:
    """The integral from `low` to `high`, (n,), each over a range in which the density changes by a factor of 2 at most."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    total = np.zeros_like(low)
    for point, weight in zip(POINTS, WEIGHTS, strict=True):
        total = total + weight * (density(middle + half * point) + density(middle - half * point))
    return half * total

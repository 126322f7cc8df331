"""Processes: what a driver is worth from period to period, stepped exactly.

Each is a pure step: (score, memory, parameters of this period) → (value, memory). No Euler steps: the transition of
geometric Brownian motion and of the Ornstein-Uhlenbeck process is known, so the step's length does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers import uncertain
from gainsim.drivers.evolution import Evolution
from gainsim.drivers.jumps import JumpSum, jumps
from gainsim.drivers.marginals import Marginal
from gainsim.drivers.scores import spaced
from gainsim.drivers.season import season_by_period
from gainsim.drivers.shapes import marginal
from gainsim.grid import Calendar
from gainsim.offer import drivers as written
from gainsim.offer.several import certain
from gainsim.offer.shapes import Shape
from gainsim.ops import Value, scalars
from gainsim.rates import Rate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Walk:
    """Geometric Brownian motion. x is the log of value / start; value = start exp(x) season."""

    start: float
    drift: float
    volatility: float
    season: Floats
    jumps: JumpSum | None = None

    def step(self, z: Value, x: Value, season: Value, *jumps: Value) -> tuple[Value, Value]:
        """One period on: x + (drift - volatility²/2) dt + volatility √dt z, and the jumps; all are per period here.

        jumps: two scores, where there are jumps
        """
        x = x + (self.drift + self.volatility * z)
        if self.jumps is not None:
            x = x + self.jumps.of(*jumps)
        return self.start * ops.exp(x) * season, x


def geometric_walk(p: written.GeometricWalk, calendar: Calendar) -> Walk:
    """The mean grows by `drift`, whatever the volatility: ln(mean) rises by ln(1 + drift) a year."""
    dt = calendar.step_months / 12.0
    growth = certain(p.drift).log_per_year(calendar.step_months)
    drift = (growth - 0.5 * certain(p.volatility) * certain(p.volatility)) * dt
    sudden = None
    if p.jumps is not None:
        sudden = jumps(p.jumps, dt)
        drift = drift - sudden.growth if p.jumps.drift == "includes them" else drift
    return Walk(p.start, drift, certain(p.volatility) * math.sqrt(dt), season_by_period(p.season, calendar, 1.0), sudden)


def _walk_central(p: written.GeometricWalk, calendar: Calendar) -> tuple[Floats, Floats]:
    """Mean start (1 + drift)^t, and median start exp((ln(1 + drift) - volatility²/2) t), with the season.

    Jumps that the drift leaves out raise the mean further.
    """
    t, season = _years(calendar), season_by_period(p.season, calendar, 1.0)
    growth = certain(p.drift).log_per_year(calendar.step_months)
    if p.jumps is not None and p.jumps.drift == "leaves them out":
        growth = growth + jumps(p.jumps, 1.0).growth
    mean, median = (
        p.start * np.asarray(ops.exp(rate * t), np.float64) * season
        for rate in (growth, growth - 0.5 * certain(p.volatility) * certain(p.volatility))
    )
    return mean, median


def walk(p: written.GeometricWalk, calendar: Calendar) -> Evolution:
    """A geometric walk as a process; with jumps, or uncertain parameters, its median is not known."""
    if uncertain.uncertain(p):
        return uncertain.walk(p, calendar)
    made = geometric_walk(p, calendar)

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        value, x = made.step(scores[0], memory[0], dated[0], *scores[1:])
        return value, [x]

    mean, median = _walk_central(p, calendar)
    further = 0 if made.jumps is None else 2
    return Evolution(p.start, (0.0,), step, mean, None if made.jumps is not None else median, (made.season,), further)


@dataclass(frozen=True)
class Reversion:
    """An Ornstein-Uhlenbeck process y around 0; its value is centre + y, or centre exp(y).

    keep: what is left of y after a period, exp(-speed dt); sd: of the innovation over a period
    """

    log: bool
    centre: float
    initial: float
    keep: float
    sd: float
    season: Floats

    def step(self, z: Value, y: Value, season: Value) -> tuple[Value, Value]:
        """One period on: keep y + sd z."""
        y = self.keep * y + self.sd * z
        return (self.centre * ops.exp(y) * season if self.log else self.centre + y + season), y


def mean_reverting(p: written.MeanReverting, calendar: Calendar) -> Reversion:
    """Exact step of the level or of the log; the stationary variance is volatility² / (2 speed).

    of price: the long-run mean of exp(centre + y) is `mean`, so the centre of the log is ln(mean) less half the
    stationary variance; of log: it is ln(mean).
    """
    dt, speed = calendar.step_months / 12.0, uncertain.speed_of(p)
    keep = scalars.exp(-speed * dt)
    stationary = certain(p.volatility) * certain(p.volatility) / (2.0 * speed)
    sd = math.sqrt(stationary * (1.0 - keep * keep))
    if p.of == "level":
        return Reversion(False, certain(p.mean), p.start - certain(p.mean), keep, sd, season_by_period(p.season, calendar, 0.0))
    centre = scalars.log(certain(p.mean)) - (0.5 * stationary if p.of == "price" else 0.0)
    initial = scalars.log(p.start) - centre
    return Reversion(True, scalars.exp(centre), initial, keep, sd, season_by_period(p.season, calendar, 1.0))


def reversion(p: written.MeanReverting, calendar: Calendar) -> Evolution:
    """Mean reversion as a process; with uncertain parameters its median is not known."""
    if p.of == "share":
        return _share(p, calendar)
    if uncertain.uncertain(p):
        return uncertain.reversion(p, calendar)
    made = mean_reverting(p, calendar)

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        value, y = made.step(scores[0], memory[0], dated[0])
        return value, [y]

    mean, median = _reversion_central(p, calendar)
    return Evolution(p.start, (made.initial,), step, mean, median, (made.season,))


def _share(p: written.MeanReverting, calendar: Calendar) -> Evolution:
    """The log of the odds reverts as a level does; the value is 1 / (1 + e^-y), its mean an integral over the score."""
    odds = p.model_copy(update={"of": "level", "start": _log_odds(p.start), "mean": _log_odds(certain(p.mean))})
    level = reversion(odds, calendar)
    if level.median is None:
        raise ValueError("the parameters of a share are certain.")

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        y, after = level.step(scores, memory, dated)
        return _from_log_odds(y), after

    t, speed = _years(calendar), uncertain.speed_of(p)
    left = np.asarray(ops.exp(-2.0 * speed * t), np.float64)
    spread = np.sqrt(certain(p.volatility) * certain(p.volatility) / (2.0 * speed) * (1.0 - left))
    score = spaced(0.25)
    mean = score.mean(np.asarray(_from_log_odds(level.median + spread * score.at[:, np.newaxis])))
    return Evolution(p.start, level.memory, step, mean, np.asarray(_from_log_odds(level.median)), level.dated)


def _log_odds(share: float) -> float:
    return scalars.log(share / (1.0 - share))


def _from_log_odds(y: Value) -> Value:
    return 1.0 / (1.0 + ops.exp(-y))


def _reversion_central(p: written.MeanReverting, calendar: Calendar) -> tuple[Floats, Floats]:
    """Mean and median by period: y's mean fades as exp(-speed t), its variance rises to the stationary one."""
    process, t, speed = mean_reverting(p, calendar), _years(calendar), uncertain.speed_of(p)
    left = np.asarray(ops.exp(-speed * t), np.float64)
    y = process.initial * left
    if not process.log:
        level = np.asarray(process.centre + y + process.season, np.float64)
        return level, level
    variance = certain(p.volatility) * certain(p.volatility) / (2.0 * speed) * (1.0 - left * left)
    mean, median = (
        process.centre * np.asarray(ops.exp(y + lift), np.float64) * process.season
        for lift in (0.5 * variance, 0.0 * variance)
    )
    return mean, median


@dataclass(frozen=True)
class RampShape:
    """A controlled improvement: full effect × progress × what has not faded, and noise by period."""

    full_effect: float | Marginal
    progress: Floats
    noise: float

    def value(self, full_effect: Value, progress: Value, z: Value) -> Value:
        """The effect in one period."""
        effect = full_effect * progress
        return effect if self.noise == 0.0 else effect + self.noise * z


def ramp(p: written.Ramp, calendar: Calendar) -> RampShape:
    """Progress is the one reached half-way through a period; the fading starts when the full effect is
    reached: a fade of 4% pa leaves 96% of the effect a year later."""
    delay = p.delay.years if p.delay is not None else 0.0
    rise = p.time_to_full_effect.years
    middle = _years(calendar) - calendar.step_months / 24.0
    progress = (
        np.asarray(ops.clip((middle - delay) / rise, 0.0, 1.0)) if rise > 0 else np.where(middle > delay, 1.0, 0.0)
    )
    if p.fade is not None:
        since = ops.maximum(middle - delay - rise, 0.0)
        left = Rate(-p.fade.value, p.fade.convention).log_per_year(calendar.step_months)
        progress = progress * np.asarray(ops.exp(left * since), np.float64)
    full = marginal(p.full_effect) if isinstance(p.full_effect, Shape) else p.full_effect
    return RampShape(full, progress, p.noise)


def _years(calendar: Calendar) -> Floats:
    """Time at the end of each period, in years."""
    return np.arange(1.0, calendar.periods + 1.0) * (calendar.step_months / 12.0)

"""Processes whose parameters are themselves uncertain: each such parameter is drawn once for a path, and then holds.

The step is that of the certain process with the parameters as values. The mean is averaged over the parameters: those that
are distributions are independent, and those of which several values are written belong together, one set to a path.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers.evolution import Evolution, Parameter, average, one_or_several
from gainsim.drivers.jumps import added, jumps
from gainsim.drivers.marginals import Marginal
from gainsim.drivers.season import season_by_period
from gainsim.drivers.shapes import within
from gainsim.drivers.steps import number_in
from gainsim.grid import Calendar
from gainsim.offer import drivers as written
from gainsim.offer.several import Sets, certain, sets
from gainsim.offer.shapes import Shape
from gainsim.ops import Value, scalars
from gainsim.rates import Rate

Floats = NDArray[np.float64]
_STRIDE = 1.0 / 32.0  # of the score: the mean is right to 1e-5, and where all is smooth as good as exactly


def uncertain(p: Any) -> list[str]:
    """The parameters of a process that are distributions, or of which there are several sets."""
    several = isinstance(p, Sets) and len(sets(p)) > 1
    return [name for name in type(p).model_fields if isinstance(getattr(p, name), Shape)] or ["sets"] * several


def walk(p: written.GeometricWalk, calendar: Calendar) -> Evolution:
    """x + (g - volatility²/2) dt + volatility √dt z, g = ln(1 + drift), with the drift and the volatility of the path.

    The mean start E[(1 + drift)^t] is raised by the jumps that the drift leaves out; the volatility does not move it.
    """
    dt, each = calendar.step_months / 12.0, sets(p)
    drifts = [growth(one.drift, calendar) for one in each]
    volatilities = [_of(one.volatility, "volatility") for one in each]
    sudden = [jumps(one.jumps, dt) for one in each if one.jumps is not None]
    within_drift = p.jumps is not None and p.jumps.drift == "includes them"
    counts = [one.number for one in sudden]
    season = season_by_period(p.season, calendar, 1.0)

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        season, rate, volatility, *of_jumps = dated
        lift = of_jumps[0] if within_drift else 0.0
        x = memory[0] + ((rate - 0.5 * volatility * volatility) * dt - lift) + volatility * (math.sqrt(dt) * scores[0])
        if of_jumps:
            _, log_mean, log_sd, which = of_jumps
            x = x + added(number_in(counts, which, scores[1]), log_mean, log_sd, scores[2])
        return p.start * ops.exp(x) * season, [x]

    periods = np.arange(1.0, calendar.periods + 1.0)
    raised = [0.0 if within_drift else one.growth for one in sudden] or [0.0] * len(each)


    def mean_at(drift: float | Marginal, more: float) -> Floats:
        return averaged(drift, lambda g: ops.exp((g * dt + more) * periods))

    numbers = {"drift": together(drifts), "volatility": together(volatilities)}
    if sudden:
        numbers |= {key: one_or_several([getattr(one, key) for one in sudden]) for key in ("growth", "log_mean", "log_sd")}
        numbers["set"] = one_or_several([float(place) for place in range(len(sudden))])
    mean = p.start * season * average([mean_at(*one) for one in zip(drifts, raised, strict=True)])
    return Evolution(p.start, (0.0,), step, mean, None, (season,), further=2 if sudden else 0, numbers=numbers)


def together(each: Sequence[float | Marginal]) -> Parameter:
    """What a parameter is in each set; one that is drawn is the same in all of them."""
    return each[0] if isinstance(each[0], Marginal) else one_or_several([one for one in each if isinstance(one, float)])


def growth(drift: Rate | Shape | tuple[Rate, ...], calendar: Calendar) -> float | Marginal:
    """The growth of the log of the mean a year, certain or drawn."""
    if isinstance(drift, Shape):
        return _of(drift, "drift", -1.0, lambda rate: ops.log(1.0 + rate))
    return certain(drift).log_per_year(calendar.step_months)


def speed_of(p: written.MeanReverting) -> float:
    """The speed per year, where it is certain: ln 2 / half-life."""
    if p.speed is not None:
        return certain(p.speed)
    assert p.half_life is not None
    return scalars.log(2.0) / certain(p.half_life).years


def reversion(p: written.MeanReverting, calendar: Calendar) -> Evolution:
    """x → c + keep (x - c) + sd z, x the value or its log, c the centre of the path, keep = exp(-speed dt)."""
    log, dt = p.of != "level", calendar.step_months / 12.0
    start = scalars.log(p.start) if log else p.start
    season = season_by_period(p.season, calendar, 1.0 if log else 0.0)

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        season, middle, volatility, pull = dated
        keep, stationary = ops.exp(-pull * dt), volatility * volatility / (2.0 * pull)
        centre = middle - 0.5 * stationary if p.of == "price" else middle
        x = centre + keep * (memory[0] - centre) + ops.sqrt(stationary * (1.0 - keep * keep)) * scores[0]
        return (ops.exp(x) * season if log else x + season), [x]

    each = sets(p)
    middles = [_of(one.mean, "mean", 0.0, ops.log) if log else _of(one.mean, "mean") for one in each]
    volatilities, pulls = [_of(one.volatility, "volatility") for one in each], [_pull(one) for one in each]
    t = np.arange(1.0, calendar.periods + 1.0) * dt

    def mean_of(middle: float | Marginal, volatility: float | Marginal, pull: float | Marginal) -> Floats:
        """By period: given the speed, the centre and the volatility are independent factors."""

        def at(speeds: Floats) -> Floats:
            return np.array([_mean_at(p.of, start, middle, volatility, float(speed), t) for speed in speeds.ravel()])

        return averaged(pull, at)

    expected = average([mean_of(*one) for one in zip(middles, volatilities, pulls, strict=True)])
    return Evolution(
        p.start, (start,), step, expected * season if log else expected + season, None, (season,),
        numbers={"mean": together(middles), "volatility": together(volatilities), "half_life": together(pulls)},
    )  # fmt: skip


def _pull(p: written.MeanReverting) -> float | Marginal:
    """The speed a year, of a half-life that may be drawn in months."""
    if not isinstance(p.half_life, Shape):
        return speed_of(p)
    return _of(p.half_life, "half_life", 0.0, lambda months: 12.0 * scalars.log(2.0) / months)


def _mean_at(
    of: str, start: float, middle: float | Marginal, volatility: float | Marginal, speed: float, t: Floats
) -> Floats:
    """The mean by period of a process with this speed, without its season."""
    left = np.asarray(ops.exp(-speed * t))
    if of == "level":
        return averaged(middle, lambda c: c + left * (start - c))
    of_variance = left * (1.0 - left) if of == "price" else 1.0 - left * left
    lifted = averaged(volatility, lambda v: ops.exp(v * v / (4.0 * speed) * of_variance))
    return lifted * averaged(middle, lambda c: ops.exp(c + left * (start - c)))


def _of(
    number: float | Shape | tuple[float, ...], key: str, low: float = -math.inf, through: Callable[[Value], Value] = lambda x: x
) -> float | Marginal:
    """A parameter as it enters the step: certain, or drawn, and then nowhere below `low`."""
    if isinstance(number, Shape):
        shape = within(number, key, low)
        if shape.further:
            raise ValueError("a parameter is drawn by one score: a mixture or a compound sum cannot stand here.")
        return replace(shape, quantile=lambda *scores: through(shape.quantile(*scores)), of_uniform=None)
    return float(np.asarray(through(np.array([certain(number)])))[0])


def averaged(number: float | Marginal, of: Callable[[Value], Value]) -> Floats:
    """The mean by period of a function of a parameter, (n, 1) → (n, periods); it is drawn once, and may be certain."""
    if isinstance(number, Marginal):
        return number.average(lambda x: of(np.asarray(x)[:, np.newaxis]), _STRIDE)
    return np.asarray(of(np.array([[number]])), np.float64).reshape(-1)

"""Processes whose parameters are themselves uncertain: each such parameter is drawn once for a path, and then holds.

The step is that of the certain process with the parameters as values. The mean is that of the certain process, averaged
over the parameters: with the normal weight, a sum over scores half a unit apart is exact for every smooth function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers.evolution import Evolution
from gainsim.drivers.jumps import jumps
from gainsim.drivers.marginals import Marginal
from gainsim.drivers.season import season_by_period
from gainsim.drivers.shapes import marginal
from gainsim.grid import Calendar
from gainsim.offer import drivers as written
from gainsim.offer.shapes import Shape
from gainsim.ops import Value, scalars
from gainsim.units import Rate

Floats = NDArray[np.float64]
_STRIDE, _REACH = 0.5, 8.0


def uncertain(p: Any) -> list[str]:
    """The parameters of a process that are distributions."""
    return [name for name in type(p).model_fields if isinstance(getattr(p, name), Shape)]


def walk(p: written.GeometricWalk, calendar: Calendar, mean: Callable[[written.GeometricWalk], Floats]) -> Evolution:
    """x + (g - volatility²/2) dt + volatility √dt z, g = ln(1 + drift), with the drift and the volatility of the path.

    mean: of a walk with certain parameters, by period
    """
    dt = calendar.step_months / 12.0
    sudden = None if p.jumps is None else jumps(p.jumps, dt)
    lift = sudden.growth if sudden is not None and p.jumps is not None and p.jumps.drift == "includes them" else 0.0

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        season, rate, volatility = dated
        x = memory[0] + ((rate - 0.5 * volatility * volatility) * dt - lift) + volatility * (math.sqrt(dt) * scores[0])
        if sudden is not None:
            x = x + sudden.of(scores[1], scores[2])
        return p.start * ops.exp(x) * season, [x]

    return Evolution(
        p.start, (0.0,), step, averaged(p, mean), None, (season_by_period(p.season, calendar, 1.0),),
        further=0 if sudden is None else 2, numbers={"drift": growth(p.drift, calendar), "volatility": _of(p.volatility)},
    )  # fmt: skip


def growth(drift: Rate | Shape, calendar: Calendar) -> float | Marginal:
    """The growth of the log of the mean a year, certain or drawn."""
    if isinstance(drift, Shape):
        return _of(drift, lambda rate: ops.log(1.0 + rate))
    return drift.log_per_year(calendar.step_months)


def reversion(
    p: written.MeanReverting, calendar: Calendar, speed: float, mean: Callable[[written.MeanReverting], Floats]
) -> Evolution:
    """x → c + keep (x - c) + sd z, x the value or its log, c the centre of the path, keep = exp(-speed dt).

    speed: the one that is written, where it is certain
    mean:  of a process with certain parameters, by period
    """
    log, dt = p.of != "level", calendar.step_months / 12.0

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        season, middle, volatility, pull = dated
        keep, stationary = ops.exp(-pull * dt), volatility * volatility / (2.0 * pull)
        centre = middle - 0.5 * stationary if p.of == "price" else middle
        x = centre + keep * (memory[0] - centre) + ops.sqrt(stationary * (1.0 - keep * keep)) * scores[0]
        return (ops.exp(x) * season if log else x + season), [x]

    pull = _of(p.half_life, lambda months: 12.0 * scalars.log(2.0) / months) if isinstance(p.half_life, Shape) else speed
    return Evolution(
        p.start,
        (scalars.log(p.start) if log else p.start,),
        step,
        averaged(p, mean),
        None,
        (season_by_period(p.season, calendar, 1.0 if log else 0.0),),
        numbers={
            "mean": _of(p.mean, ops.log) if log else _of(p.mean),
            "volatility": _of(p.volatility),
            "half_life": pull,
        },
    )


def _of(number: float | Shape, through: Callable[[Value], Value] = lambda x: x) -> float | Marginal:
    """A parameter as it enters the step: certain, or drawn."""
    if isinstance(number, Shape):
        shape = marginal(number)
        return replace(shape, quantile=lambda *scores: through(shape.quantile(*scores)))
    return float(np.asarray(through(np.array([number])))[0])


def averaged(p: Any, mean: Callable[[Any], Floats]) -> Floats:
    """The mean by period, over all uncertain parameters, which are independent.

    mean: takes a number as written, and of a mean or a volatility also a column of values; (..., periods)
    """
    names = uncertain(p)
    z = np.arange(-_REACH, _REACH + _STRIDE, _STRIDE)
    weights = np.asarray(ops.exp(-0.5 * z * z)) * (_STRIDE / 2.5066282746310002)
    shapes = {name: marginal(getattr(p, name)) for name in names}
    if any(shape.further for shape in shapes.values()):
        raise ValueError("a parameter is drawn by one score: a mixture or a compound sum cannot stand here.")
    values = {name: np.asarray(shape.quantile(z)) for name, shape in shapes.items()}
    alone = [name for name in names if name in _ONE_BY_ONE]
    columns, weight = {}, np.ones(1)
    for axis, name in enumerate(name for name in names if name not in _ONE_BY_ONE):
        columns[name] = values[name].reshape(-1, *[1] * (axis + 1))
        weight = weights.reshape(-1, *[1] * (axis + 1)) * weight
    total = np.zeros(1)
    for places in product(range(len(z)), repeat=len(alone)):
        given: dict[str, Any] = dict(columns)
        here = weight
        for name, place in zip(alone, places, strict=True):
            given |= _as_written(name, float(values[name][place]))
            here = here * float(weights[place])
        part = here * mean(p.model_copy(update=given))
        total = total + np.add.accumulate(part.reshape(-1, part.shape[-1]))[-1]
    return total


#: what a process has as a rate or a time, and takes one by one
_ONE_BY_ONE = ("drift", "half_life")


def _as_written(name: str, value: float) -> dict[str, Any]:
    """A parameter with a certain value, as the certain process has it."""
    if name == "drift":
        return {"drift": Rate(value)}
    return {"half_life": None, "speed": 12.0 * scalars.log(2.0) / value}

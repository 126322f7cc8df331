"""Autoregressions: values drawn towards the ones before them, and past surprises felt again (ARMA)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers.evolution import Evolution, average, one_or_several, require_step
from gainsim.drivers.season import season_by_period
from gainsim.grid import Calendar
from gainsim.offer import series as written
from gainsim.offer.several import certain, sets
from gainsim.ops import Value, scalars

Floats = NDArray[np.float64]


def autoregression(p: written.Autoregression, calendar: Calendar) -> Evolution:
    """y = Σ ar y(-i) + e + Σ ma e(-j), e = sd z; the value is mean + y, or mean exp(y).

    The variance after n periods is sd² Σ ψ², over the first n weights ψ with which a surprise is felt later: 1, then
    ψ(k) = Σ ar(i) ψ(k - i) + ma(k). `of: price`: the mean of the log is ln(mean) less half the long-run variance.

    Source: Hamilton, Time Series Analysis (1994), sections 3.3 and 3.6
    """
    require_step(p.step, calendar)
    made = [_arma(one, calendar.periods) for one in sets(p)]
    log, orders = p.of != "level", (len(p.ar), len(p.ma))
    season = season_by_period(p.season, calendar, 1.0 if log else 0.0)

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        season, centre, sd, *weights = dated
        xs, es = memory[: orders[0]], memory[orders[0] :]
        e = sd * scores[0]
        y = e
        for weight, value in zip(weights, (*(x - centre for x in xs), *es), strict=True):
            y = y + weight * value
        x = centre + y
        value = ops.exp(x) * season if log else x + season
        return value, [*[x, *xs][: orders[0]], *[e, *es][: orders[1]]]

    mean = average([one.mean for one in made])
    mean, median = (mean * season, made[0].median * season) if log else (mean + season, made[0].median + season)
    first = [scalars.log(value) if log else value for value in p.starts]
    before = [first[max(-1 - i, -len(first))] for i in range(orders[0])]
    weights = zip(*(one.weights for one in made), strict=True)
    return Evolution(
        p.starts[-1], (*before, *[0.0] * orders[1]), step, mean, median if len(made) == 1 else None, (season,),
        numbers={
            "mean": one_or_several([one.centre for one in made]),
            "sd": one_or_several([one.sd for one in made]),
            **{f"weight {i}": one_or_several(each) for i, each in enumerate(weights, start=1)},
        },
    )  # fmt: skip


@dataclass(frozen=True)
class _Arma:
    """An autoregression with certain parameters. weights: ar, then ma; mean, median: by period, without the season."""

    centre: float
    sd: float
    weights: tuple[float, ...]
    mean: Floats
    median: Floats


def _arma(p: written.Autoregression, periods: int) -> _Arma:
    ar, ma, sd = [certain(weight) for weight in p.ar], [certain(weight) for weight in p.ma], certain(p.sd)
    if not _settles(ar):
        said = ", ".join(f"{weight:g}" for weight in ar)
        raise ValueError(f"the weights {said} drive it away from its mean: it never settles. Write smaller ones.")
    log, variance = p.of != "level", sd * sd
    centre = scalars.log(certain(p.mean)) if log else certain(p.mean)
    if p.of == "price":
        centre = centre - 0.5 * variance * _long_run(ar, ma)
    apart = [(scalars.log(value) if log else value) - centre for value in p.starts]
    before = [apart[max(-1 - i, -len(apart))] for i in range(len(ar))]
    expected = centre + _without_surprises(ar, before, periods)
    spread = variance * _squares(_weights(ar, ma, periods))
    if not log:
        return _Arma(centre, sd, (*ar, *ma), expected, expected)
    mean, median = (np.asarray(ops.exp(expected + lift), np.float64) for lift in (0.5 * spread, 0.0 * spread))
    return _Arma(centre, sd, (*ar, *ma), mean, median)


_LONG = 1 << 18  # periods, at most, over which the long-run variance is added up


def _settles(ar: Sequence[float]) -> bool:
    """Whether an autoregression settles: all its partial autocorrelations lie within 1 (the step-down recursion).

    >>> _settles([0.997]), _settles([0.7, 0.31]), _settles([])
    (True, False, True)

    Source: Barndorff-Nielsen and Schou, On the parametrization of autoregressive models, J. Multivariate Analysis 3 (1973)
    """
    weights = list(ar)
    while weights:
        last = weights.pop()
        if not -1.0 < last < 1.0:
            return False
        left = 1.0 - last * last
        weights = [(weight + last * other) / left for weight, other in zip(weights, weights[::-1], strict=True)]
    return True


def _long_run(ar: Sequence[float], ma: Sequence[float]) -> float:
    """The sum of all squared weights, by doubling their number until it grows no more."""
    count, before = 64, 0.0
    while count <= _LONG:
        total = float(_squares(_weights(ar, ma, count))[-1])
        if total <= before * (1.0 + 1e-13):
            return total
        before, count = total, 2 * count
    raise ValueError("it settles so slowly that its long-run mean is out of reach. Write of: log, or smaller weights.")


def _weights(ar: Sequence[float], ma: Sequence[float], count: int) -> list[float]:
    """How much a surprise is felt in its own period and each later one."""
    weights = [1.0]
    for k in range(1, count):
        weight = ma[k - 1] if k <= len(ma) else 0.0
        for i, value in enumerate(ar, start=1):
            if i <= k:
                weight = weight + value * weights[k - i]
        weights.append(weight)
        if not -1e100 < weight < 1e100:
            return [*weights, *[math.inf] * (count - len(weights))]
    return weights


def _squares(weights: Sequence[float]) -> Floats:
    return np.asarray(np.add.accumulate(np.array(weights) * np.array(weights)))


def _without_surprises(ar: Sequence[float], before: Sequence[float], periods: int) -> Floats:
    ys = list(before)
    path = []
    for _ in range(periods):
        y = 0.0
        for weight, value in zip(ar, ys, strict=True):
            y = y + weight * value
        ys = [y, *ys][: len(ar)]
        path.append(y)
    return np.array(path)

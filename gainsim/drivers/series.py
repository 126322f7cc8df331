"""Processes that remember more than their last value: autoregressions, changing volatility, regimes, history again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers import uncertain
from gainsim.drivers.evolution import Evolution
from gainsim.drivers.season import season_by_period
from gainsim.drivers.steps import Steps, from_chances
from gainsim.grid import Calendar
from gainsim.offer import series as written
from gainsim.ops import Value, scalars
from gainsim.ops.bits import to_int
from gainsim.streams.tables import gather

Floats = NDArray[np.float64]


def require_step(step: str, calendar: Calendar) -> None:
    """What is said per period holds on a calendar of the same step only."""
    if step != calendar.step:
        raise ValueError(
            f"this process speaks of steps of a {step}; the calendar has steps of a {calendar.step}. Restate it for them."
        )


def autoregression(p: written.Autoregression, calendar: Calendar) -> Evolution:
    """y = Σ ar y(-i) + e + Σ ma e(-j), e = sd z; the value is mean + y, or mean exp(y).

    The variance after n periods is sd² Σ ψ², over the first n weights ψ with which a surprise is felt later: 1, then
    ψ(k) = Σ ar(i) ψ(k - i) + ma(k). `of: price`: the mean of the log is ln(mean) less half the long-run variance.

    Source: Hamilton, Time Series Analysis (1994), sections 3.3 and 3.6
    """
    require_step(p.step, calendar)
    if not _settles(p.ar):
        said = ", ".join(f"{weight:g}" for weight in p.ar)
        raise ValueError(f"the weights {said} drive it away from its mean: it never settles. Write smaller ones.")
    log, variance = p.of != "level", p.sd * p.sd
    centre = scalars.log(p.mean) if log else p.mean
    if p.of == "price":
        centre = centre - 0.5 * variance * _long_run(p.ar, p.ma)
    apart = [(scalars.log(value) if log else value) - centre for value in p.starts]
    before = [apart[max(-1 - i, -len(apart))] for i in range(len(p.ar))]
    season = season_by_period(p.season, calendar, 1.0 if log else 0.0)
    middle = scalars.exp(centre) if log else centre

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        ys, es = memory[: len(p.ar)], memory[len(p.ar) :]
        e = p.sd * scores[0]
        y = e
        for weight, value in zip((*p.ar, *p.ma), (*ys, *es), strict=True):
            y = y + weight * value
        value = middle * ops.exp(y) * dated[0] if log else middle + y + dated[0]
        return value, [*[y, *ys][: len(p.ar)], *[e, *es][: len(p.ma)]]

    expected = _without_surprises(p.ar, before, calendar.periods)
    spread = variance * _squares(_weights(p.ar, p.ma, calendar.periods))
    if log:
        mean, median = (np.asarray(middle * ops.exp(expected + lift) * season) for lift in (0.5 * spread, 0.0 * spread))
    else:
        mean = median = middle + expected + season
    return Evolution(p.starts[-1], (*before, *[0.0] * len(p.ma)), step, mean, median, (season,))


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


def garch(p: written.Garch, calendar: Calendar) -> Evolution:
    """x + growth - v/2 + √v z; then v = (1 - α - β) V + α v z² + β v, V the long-run variance of a period.

    The mean grows by the drift whatever the volatility does, for each step is lowered by half its own variance.

    Source: Bollerslev, Generalized autoregressive conditional heteroskedasticity, Journal of Econometrics 31 (1986)
    """
    require_step(p.step, calendar)
    dt = calendar.step_months / 12.0
    drift = uncertain.growth(p.drift, calendar)
    long_run = p.volatility * p.volatility * dt
    opening = long_run if p.now is None else p.now * p.now * dt
    rest = (1.0 - p.reaction - p.persistence) * long_run

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        x, variance = memory
        surprise = ops.sqrt(variance) * scores[0]
        x = x + (dated[0] * dt - 0.5 * variance) + surprise
        after = rest + p.reaction * (surprise * surprise) + p.persistence * variance
        return p.start * ops.exp(x), [x, after]

    t = np.arange(1.0, calendar.periods + 1.0)
    mean = p.start * uncertain.averaged(drift, lambda g: ops.exp(g * dt * t))
    return Evolution(p.start, (0.0, opening), step, mean, None, numbers={"drift": drift})


def regime_switching(p: written.RegimeSwitching, calendar: Calendar) -> Evolution:
    """The regime of a period is chosen first, by the chances of the one before it; then a step of its walk is taken.

    The mean follows from the means on the paths in each regime: after a period, those that come into regime j, times its
    growth.

    Source: Hamilton, A new approach to the economic analysis of nonstationary time series, Econometrica 57 (1989)
    """
    require_step(p.step, calendar)
    dt, names = calendar.step_months / 12.0, list(p.regimes)
    growth = [regime.drift.log_per_year(calendar.step_months) * dt for regime in p.regimes.values()]
    variance = [regime.volatility * regime.volatility * dt for regime in p.regimes.values()]
    chances = [_chances(regime, name, names) for name, regime in p.regimes.items()]
    choices = [_choice(row) for row in chances]
    drifts = np.array([g - 0.5 * v for g, v in zip(growth, variance, strict=True)])
    volatilities = np.array([math.sqrt(v) for v in variance])

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        x, regime = memory
        now = choices[0].quantile(scores[1])
        for number, choice in enumerate(choices[1:], start=1):
            now = ops.where(regime > number - 0.5, choice.quantile(scores[1]), now)
        place = to_int(now)
        x = x + (gather(drifts, place) + gather(volatilities, place) * scores[0])
        return p.start * ops.exp(x), [x, now]

    means = [1.0 if name == p.starts_in else 0.0 for name in names]
    path = []
    for _ in range(calendar.periods):
        means = [scalars.exp(growth[j]) * _dot(means, [row[j] for row in chances]) for j in range(len(names))]
        path.append(p.start * _dot(means, [1.0] * len(means)))
    return Evolution(p.start, (0.0, float(names.index(p.starts_in))), step, np.array(path), None, further=1)


def _chances(regime: written.Regime, name: str, names: Sequence[str]) -> list[float]:
    """The chance of each regime in the next period."""
    left = 1.0
    for chance in regime.leaves.values():
        left = left - chance
    return [left if other == name else regime.leaves.get(other, 0.0) for other in names]


def _choice(chances: Sequence[float]) -> Steps:
    some = [(float(n), chance) for n, chance in enumerate(chances) if chance > 0.0]
    return from_chances([n for n, _ in some], [chance for _, chance in some])


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total


def bootstrap(p: written.Bootstrap, calendar: Calendar) -> Evolution:
    """Every `block` periods a place in history is drawn, all equally likely; from there history runs on.

    The mean after whole blocks and a part of one is reckoned over all places that may be drawn.

    Source: Künsch, The jackknife and the bootstrap for general stationary observations, Annals of Statistics 17 (1989)
    """
    require_step(p.step, calendar)
    source = np.asarray(ops.log(np.array(p.history))) if p.of == "log changes" else np.array(p.history)
    pieces = source if p.of == "levels" else source[1:] - source[:-1]
    if p.trend == "removed":
        pieces = pieces - np.add.accumulate(pieces)[-1] / len(pieces)
    places = len(pieces) - p.block + 1
    begins = np.array([float(t % p.block == 0) for t in range(calendar.periods)])
    table = np.array(pieces)

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        x, place = memory
        drawn = ops.clip(ops.norm_cdf(scores[0]) * float(places), 0.0, places - 2.0**-30)
        place = ops.where(dated[0] > 0.5, drawn, place + 1.0)
        piece = gather(table, to_int(place))
        if p.of == "levels":
            return piece, [x, place]
        x = x + piece
        return (p.start * ops.exp(x) if p.of == "log changes" else p.start + x), [x, place]

    mean = _mean_of_blocks(p, pieces, places, calendar.periods)
    return Evolution(p.start, (0.0, 0.0), step, mean, None, (begins,))


def _mean_of_blocks(p: written.Bootstrap, pieces: Floats, places: int, periods: int) -> Floats:
    """The mean by period: of whole blocks before, each of the same mean, and of the part of one that is under way."""
    runs = [pieces[first : first + p.block] for first in range(places)]
    if p.of == "levels":
        within = _average(np.array(runs))
        return np.array([within[t % p.block] for t in range(periods)])
    added = np.add.accumulate(np.array(runs), axis=1)
    part = _average(np.asarray(ops.exp(added)) if p.of == "log changes" else added)
    path, whole = [], 1.0 if p.of == "log changes" else 0.0
    for t in range(periods):
        so_far = part[t % p.block]
        path.append(p.start * (whole * so_far) if p.of == "log changes" else p.start + (whole + so_far))
        if t % p.block == p.block - 1:
            whole = whole * part[-1] if p.of == "log changes" else whole + part[-1]
    return np.array(path)


def _average(rows: Floats) -> Floats:
    return np.asarray(np.add.accumulate(rows, axis=0)[-1] / len(rows))

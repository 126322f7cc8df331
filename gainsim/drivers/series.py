"""Processes that remember more than their last value: changing volatility, regimes, history again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers import uncertain
from gainsim.drivers.evolution import Evolution, average, one_or_several, require_step
from gainsim.drivers.steps import from_chances, place_in
from gainsim.grid import Calendar
from gainsim.offer import series as written
from gainsim.offer.several import certain, sets
from gainsim.ops import Value, scalars
from gainsim.ops.bits import to_int
from gainsim.streams.tables import gather

Floats = NDArray[np.float64]


def garch(p: written.Garch, calendar: Calendar) -> Evolution:
    """x + growth - v/2 + √v z; then v = (1 - α - β) V + α v z² + β v, V the long-run variance of a period.

    The mean grows by the drift whatever the volatility does, for each step is lowered by half its own variance.

    Source: Bollerslev, Generalized autoregressive conditional heteroskedasticity, Journal of Econometrics 31 (1986)
    """
    require_step(p.step, calendar)
    dt, each = calendar.step_months / 12.0, sets(p)
    drifts = [uncertain.growth(one.drift, calendar) for one in each]
    long_run = [certain(one.volatility) * certain(one.volatility) * dt for one in each]
    opening = [v if one.now is None else certain(one.now) * certain(one.now) * dt for v, one in zip(long_run, each, strict=True)]
    reaction, persistence = [certain(one.reaction) for one in each], [certain(one.persistence) for one in each]
    rest = [(1.0 - a - b) * v for a, b, v in zip(reaction, persistence, long_run, strict=True)]
    first = np.array([1.0] + [0.0] * (calendar.periods - 1))

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        first, growth, opening, rest, reaction, persistence = dated
        x, variance = memory[0], ops.where(first > 0.5, opening, memory[1])
        surprise = ops.sqrt(variance) * scores[0]
        x = x + (growth * dt - 0.5 * variance) + surprise
        after = rest + reaction * (surprise * surprise) + persistence * variance
        return p.start * ops.exp(x), [x, after]

    t = np.arange(1.0, calendar.periods + 1.0)
    mean = p.start * average([uncertain.averaged(drift, lambda g: ops.exp(g * dt * t)) for drift in drifts])
    numbers = {"opening": opening, "rest": rest, "reaction": reaction, "persistence": persistence}
    return Evolution(
        p.start, (0.0, 0.0), step, mean, None, (first,),
        numbers={"drift": uncertain.together(drifts), **{key: one_or_several(values) for key, values in numbers.items()}},
    )  # fmt: skip


def regime_switching(p: written.RegimeSwitching, calendar: Calendar) -> Evolution:
    """The regime of a period is chosen first, by the chances of the one before it; then a step of its walk is taken.

    The mean follows from the means on the paths in each regime: after a period, those that come into regime j, times its
    growth.

    Source: Hamilton, A new approach to the economic analysis of nonstationary time series, Econometrica 57 (1989)
    """
    require_step(p.step, calendar)
    made = [_chain(one, calendar) for one in sets(p)]
    drifts, sds = np.concatenate([one.drifts for one in made]), np.concatenate([one.sds for one in made])
    edges, count = [row for one in made for row in one.edges], float(len(p.regimes))

    def step(scores: Sequence[Value], memory: Sequence[Value], dated: Sequence[Value]) -> tuple[Value, Sequence[Value]]:
        x, regime = memory
        first = dated[0] * count
        now = place_in(edges, first + regime, scores[1])
        place = to_int(first + now)
        x = x + (gather(drifts, place) + gather(sds, place) * scores[0])
        return p.start * ops.exp(x), [x, now]

    mean = p.start * average([one.mean for one in made])
    opening = float(list(p.regimes).index(p.starts_in))
    which = one_or_several([float(place) for place in range(len(made))])
    return Evolution(p.start, (0.0, opening), step, mean, None, further=1, numbers={"set": which})


@dataclass(frozen=True)
class _Chain:
    """Regimes with certain parameters.

    drifts, sds: by regime, of the log change of a period
    edges:       by regime, the scores above which the next one follows
    mean:        by period, as a part of the start
    """

    drifts: list[float]
    sds: list[float]
    edges: list[Floats]
    mean: Floats


def _chain(p: written.RegimeSwitching, calendar: Calendar) -> _Chain:
    dt, names = calendar.step_months / 12.0, list(p.regimes)
    growth = [certain(regime.drift).log_per_year(calendar.step_months) * dt for regime in p.regimes.values()]
    variance = [certain(regime.volatility) * certain(regime.volatility) * dt for regime in p.regimes.values()]
    chances = [_chances(regime, name, names) for name, regime in p.regimes.items()]
    means = [1.0 if name == p.starts_in else 0.0 for name in names]
    path = []
    for _ in range(calendar.periods):
        means = [scalars.exp(growth[j]) * _dot(means, [row[j] for row in chances]) for j in range(len(names))]
        path.append(_dot(means, [1.0] * len(means)))
    return _Chain(
        [g - 0.5 * v for g, v in zip(growth, variance, strict=True)],
        [math.sqrt(v) for v in variance],
        [from_chances([float(n) for n in range(len(names))], row).edges for row in chances],
        np.array(path),
    )


def _chances(regime: written.Regime, name: str, names: Sequence[str]) -> list[float]:
    """The chance of each regime in the next period."""
    left = 1.0
    for chance in regime.leaves.values():
        left = left - certain(chance)
    return [left if other == name else certain(regime.leaves.get(other, 0.0)) for other in names]


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
        within = average(np.array(runs))
        return np.array([within[t % p.block] for t in range(periods)])
    added = np.add.accumulate(np.array(runs), axis=1)
    part = average(np.asarray(ops.exp(added)) if p.of == "log changes" else added)
    path, whole = [], 1.0 if p.of == "log changes" else 0.0
    for t in range(periods):
        so_far = part[t % p.block]
        path.append(p.start * (whole * so_far) if p.of == "log changes" else p.start + (whole + so_far))
        if t % p.block == p.block - 1:
            whole = whole * part[-1] if p.of == "log changes" else whole + part[-1]
    return np.array(path)

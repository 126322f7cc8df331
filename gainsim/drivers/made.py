"""Distributions made of others: cut, mixed, added up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gainsim import ops
from gainsim.drivers import steps
from gainsim.drivers.marginals import Marginal, order_of
from gainsim.offer.shapes import Layer, Truncated
from gainsim.ops import Value, kernels, scalars
from gainsim.streams.tables import HIGHEST


def truncated(p: Truncated, whole: Marginal) -> Marginal:
    """Q(z'), z' the score whose place between those of the ends is that of z in all: nothing piles up at an end.

    The mean is found by integration, that of a heavy tail which is left by its formula.
    """
    low = _FARTHEST[0] if p.low is None else _score_of(whole, p.low)
    high = _FARTHEST[1] if p.high is None else _score_of(whole, p.high)
    if not low < high:
        raise ValueError(f"nothing of this {p.of.shape} distribution lies in the range that is left.")
    below, above = _chance(low), _chance(-high)
    between = _chance(high) - below if low + high < 0.0 else _chance(-low) - above
    lowest, highest = (-math.inf if p.low is None else p.low), (math.inf if p.high is None else p.high)

    def quantile(z: Value) -> Value:
        up, down = below + between * ops.norm_cdf(z), above + between * ops.norm_cdf(-z)
        score = ops.where(up < 0.5, ops.norm_ppf(up), -ops.norm_ppf(down))
        return ops.clip(whole.quantile(score), lowest, highest)

    left = Marginal(quantile, 0.0, 0.0)
    if p.high is None and whole.above is not None:
        mean, order = whole.above.mean(lowest, between), whole.above.order
    elif p.low is None and whole.below is not None:
        mean, order = whole.below.mean(highest, between), whole.below.order
    else:
        mean, order = float(left.average(lambda x: x, _STRIDE)), math.inf
    return replace(left, mean=mean, median=left.at(0.0), order=order)


_FARTHEST, _STRIDE = (-40.0, 40.0), 1.0 / 512.0


def _chance(z: float) -> float:
    return float(kernels.norm_cdf(np.array([z]))[0])


def _score_of(shape: Marginal, value: float) -> float:
    """The score at which a distribution reaches a value; beyond all scores where it never does."""
    if shape.at(-HIGHEST) >= value:
        return _FARTHEST[0]
    if shape.at(HIGHEST) <= value:
        return _FARTHEST[1]
    return scalars.root(lambda z: shape.at(z) - value, -HIGHEST, HIGHEST)


def chance_below(shape: Marginal, value: float) -> float:
    """How likely a value of a distribution that needs one score lies below another."""
    return _chance(_score_of(shape, value))


def mixture(shapes: Sequence[Marginal], weights: Sequence[float]) -> Marginal:
    """One part, chosen by a score of its own; the driver's score gives the value within it.

    So the value rises with the driver's score within each part, and dependence works through it. The median is where
    the weighted chances of the parts to stay below it add up to a half.
    """
    choice = steps.from_chances([float(n) for n in range(len(shapes))], weights)
    mean = 0.0
    for shape, weight in zip(shapes, weights, strict=True):
        mean = mean + weight * shape.mean

    def quantile(z: Value, which: Value) -> Value:
        chosen = choice.quantile(which)
        value = shapes[0].quantile(z)
        for n, shape in enumerate(shapes[1:], start=1):
            value = ops.where(chosen > n - 0.5, shape.quantile(z), value)
        return value

    def above_half(value: float) -> float:
        below = -0.5
        for shape, weight in zip(shapes, weights, strict=True):
            below = below + weight * chance_below(shape, value)
        return below

    medians = [shape.median for shape in shapes]
    low, high = min(medians), max(medians)
    median = high if low == high or above_half(high) <= 0.0 else scalars.root(above_half, low, high)  # single values: no root
    order = min(shape.order for shape in shapes)
    return Marginal(quantile, mean, median, further=1, order=order, parts=tuple(shapes))


_MOST_EVENTS = 200


def compound(number: Marginal, size: Marginal, each: Layer | None) -> Marginal:
    """The sum over the events that come of what counts of each: min(max(size - deductible, 0), limit).

    The driver's score gives the number, further scores one size each: as many as the number can be. The mean is the mean
    number times the mean of what counts; the median is not known.
    """
    most = int(number.at(HIGHEST))
    if most > _MOST_EVENTS:
        raise ValueError(
            f"up to {most} events may come in a draw, each with a size of its own; {_MOST_EVENTS} are the most. Draw the total by "
            "a gamma or lognormal of the same mean and deviation, or draw in shorter periods."
        )
    layer = each or Layer()

    def counts(value: Value) -> Value:
        if layer.deductible > 0.0:
            value = ops.maximum(value - layer.deductible, 0.0)
        return value if layer.limit is None else ops.minimum(value, layer.limit)

    def quantile(z: Value, *sizes: Value) -> Value:
        come, total = number.quantile(z), 0.0
        for n, score in enumerate(sizes):
            total = total + ops.where(come > n + 0.5, counts(size.quantile(score)), 0.0)
        return total

    order = order_of(size.below if layer.deductible == 0.0 else None, size.above if layer.limit is None else None)
    return Marginal(quantile, number.mean * _mean_of(size, layer, counts), math.nan, further=most, order=order)


def _mean_of(size: Marginal, layer: Layer, counts: Callable[[Value], Value]) -> float:
    """The mean of what counts of an event; without a limit that of all less what lies within the deductible, heavy tail or not."""
    if layer.limit is not None:
        return float(size.average(counts, _STRIDE))
    if layer.deductible == 0.0:
        return size.mean
    return size.mean - float(size.average(lambda value: ops.minimum(value, layer.deductible), _STRIDE))

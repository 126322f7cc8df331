"""Families of distributions: value = location + scale × standard value, the standard one perhaps with a shape.

Each function here is the standard member of a family, as a quantile over the normal score: by formula where there is
one, else by a table of its density.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.ops import Value, kernels, scalars
from gainsim.streams.densities import Density
from gainsim.streams.tables import QuantileTable, log_gamma

Floats = NDArray[np.float64]
_PI, _EULER, _SQRT_2PI = 3.141592653589793, 0.5772156649015329, 2.5066282746310002


@dataclass(frozen=True)
class Tail:
    """A heavy tail: beyond far values the chance falls as a power of them.

    order: moments of this order and above are infinite: at 2 or less the deviation, at 1 or less the mean too
    mean:  of the values beyond one, given the chance that it is passed
    """

    order: float
    mean: Callable[[float, float], float]


@dataclass(frozen=True)
class Standard:
    """A standard distribution.

    quantile: of a normal score, as the engine draws it
    mean, sd: infinite where the integral is, and no number where there is none
    exact:    the same of an array of scores, solved one by one where `quantile` is a table
    below, above: its tails, where they are heavy
    of_uniform: of the uniform that a score is made of, where that is less to reckon
    """

    quantile: Callable[[Value], Value]
    mean: float
    sd: float
    exact: Callable[[Floats], Floats] | None = None
    below: Tail | None = None
    above: Tail | None = None
    of_uniform: Callable[[Value], Value] | None = None

    def at(self, z: Floats) -> Floats:
        """The values of these scores, without building a table."""
        return np.asarray((self.exact or self.quantile)(z), np.float64)


def log_exponential(z: Value) -> Value:
    """ln(-ln(1 - Φ(z))), the log of the exponential quantile with mean 1: a gamma's of shape 1, and a table like it.

    Through logarithms of Φ it would take three times as long, and near 0 and 1 lose digits.
    """
    return _table(_log_gamma, 1.0).lookup(z)


def exponential(z: Value) -> Value:
    """-ln(1 - Φ(z)): the quantile of the exponential distribution with mean 1."""
    return ops.exp(log_exponential(z))


def logistic(_: float) -> Standard:
    """ln(p / (1 - p))."""
    return Standard(lambda z: exponential(z) - exponential(-z), 0.0, _PI / math.sqrt(3.0))


def largest(_: float) -> Standard:
    """-ln(-ln p): the Gumbel distribution of a largest value; its mean is Euler's constant."""
    return Standard(lambda z: -log_exponential(-z), _EULER, _PI / math.sqrt(6.0))


def smallest(_: float) -> Standard:
    """ln(-ln(1 - p)): of a smallest value."""
    return Standard(log_exponential, -_EULER, _PI / math.sqrt(6.0))


def weibull(shape: float) -> Standard:
    """(-ln(1 - p))^(1/k); its moments are Γ(1 + n/k)."""
    first, second = (scalars.exp(log_gamma(1.0 + n / shape)) for n in (1.0, 2.0))
    return Standard(
        lambda z: ops.exp(log_exponential(z) * (1.0 / shape)),
        first,
        _root(second - first * first),
        of_uniform=lambda u: ops.exp(ops.log(-ops.log(1.0 - u)) * (1.0 / shape)),
    )


def pareto(tail: float) -> Standard:
    """(1 - p)^(-1/α); mean α / (α - 1) and variance α / ((α - 1)² (α - 2)), where they are finite.

    Above x it is the same distribution, x times as large.
    """
    mean = tail / (tail - 1.0) if tail > 1.0 else math.inf
    sd = math.sqrt(tail / (tail - 2.0)) / (tail - 1.0) if tail > 2.0 else math.inf
    above = Tail(tail, lambda x, _: max(x, 1.0) * mean)
    return Standard(lambda z: ops.exp(exponential(z) * (1.0 / tail)), mean, sd, above=above)


def generalised_pareto(tail: float) -> Standard:
    """((1 - p)^-ξ - 1) / ξ, and -ln(1 - p) at ξ = 0; mean 1 / (1 - ξ) and variance 1 / ((1 - ξ)² (1 - 2ξ)).

    Above x it is x more than the same distribution, 1 + ξx times as large.
    e^x - 1 near 0 is (w - 1) x / ln w with w = e^x, again Kahan's rule.
    """
    mean = 1.0 / (1.0 - tail) if tail < 1.0 else math.inf
    sd = mean / math.sqrt(1.0 - 2.0 * tail) if tail < 0.5 else math.inf
    if tail == 0.0:
        return Standard(exponential, mean, sd)

    def quantile(z: Value) -> Value:
        x = exponential(z) * tail
        w = ops.exp(x)
        near = ops.both(w > 0.5, w < 2.0)
        same = ops.either(ops.both(w <= 1.0, w >= 1.0), ops.negate(near))
        grown = (w - 1.0) * (x / ops.log(ops.where(same, 2.0, w)))
        return ops.where(near, ops.where(same, x, grown), w - 1.0) / tail

    def beyond(x: float, _: float) -> float:
        return max(x, 0.0) + (1.0 + tail * max(x, 0.0)) * mean

    return Standard(quantile, mean, sd, above=Tail(1.0 / tail, beyond) if tail > 0.0 else None)


def gamma(shape: float) -> Standard:
    """e^y with the density k y - e^y of y, in logarithms; mean and variance k."""
    return _tabled(_log_gamma, shape, ops.exp, shape, math.sqrt(shape))


@lru_cache(maxsize=256)
def _log_gamma(shape: float) -> Density:
    return Density(lambda y: np.asarray(shape * y - kernels.exp(y)), lambda y: np.asarray(shape - kernels.exp(y)))


def student_t(degrees: float) -> Standard:
    """√ν sinh(y) with the density cosh(y)^-ν of y; variance ν / (ν - 2). With f the density of x itself,

    the mean of the values above x is f(x) (ν + x²) / (ν - 1) over the chance of them.
    """
    half = 0.5 * math.sqrt(degrees)
    sd = math.sqrt(degrees / (degrees - 2.0)) if degrees > 2.0 else math.inf
    mean = 0.0 if degrees > 1.0 else math.nan
    log_at_0 = log_gamma(0.5 * degrees + 0.5) - log_gamma(0.5 * degrees) - 0.5 * scalars.log(degrees * _PI)

    def above(x: float, chance: float) -> float:
        if degrees <= 1.0:
            return math.inf
        density = scalars.exp(log_at_0 - (0.5 * degrees + 0.5) * scalars.log(1.0 + x * x / degrees))
        return density * (degrees + x * x) / (degrees - 1.0) / chance

    t = _tabled(t_density, degrees, lambda y: half * (ops.exp(y) - ops.exp(-y)), mean, sd)
    return replace(t, below=Tail(degrees, lambda x, chance: -above(-x, chance)), above=Tail(degrees, above))


@lru_cache(maxsize=256)
def t_density(degrees: float) -> Density:
    """cosh(y)^-ν: of asinh(x / √ν), x Student's t."""

    def log(y: Floats) -> Floats:
        size = np.abs(y)
        return np.asarray(-degrees * (size + kernels.log(1.0 + kernels.exp(-2.0 * size))))

    def slope(y: Floats) -> Floats:
        left = kernels.exp(-2.0 * np.abs(y))
        return np.asarray(np.where(y < 0.0, degrees, -degrees) * ((1.0 - left) / (1.0 + left)))

    return Density(log, slope)


def skew_normal(skew: float) -> Standard:
    """The density 2 φ(x) Φ(αx); with δ = α / √(1 + α²), mean δ √(2/π) and variance 1 - 2δ²/π (Azzalini, 1985).

    A negative skew is the mirror image of a positive one.
    """
    mean = skew / math.sqrt(1.0 + skew * skew) * math.sqrt(2.0 / _PI)
    leaning, side = _tabled(_leaning, abs(skew), lambda x: x, 0.0, 0.0), -1.0 if skew < 0.0 else 1.0
    return Standard(
        lambda z: side * leaning.quantile(side * z), mean, math.sqrt(1.0 - mean * mean), lambda z: side * leaning.at(side * z)
    )


@lru_cache(maxsize=256)
def _leaning(skew: float) -> Density:
    def slope(x: Floats) -> Floats:
        place = skew * x
        held = ops.maximum(place, -37.0)  # below, the density is e^-684 of its highest: nothing is drawn there
        hazard = kernels.exp(-0.5 * held * held) / _SQRT_2PI / kernels.norm_cdf(held)
        return np.asarray(skew * (hazard + (held - place)) - x)

    def log(x: Floats) -> Floats:
        place = skew * x
        held = ops.maximum(place, -37.0)
        return np.asarray(kernels.log(kernels.norm_cdf(held)) - 0.5 * (x * x + (place - held) * (place + held)))

    return Density(log, slope)


def _tabled(
    density: Callable[[float], Density], shape: float, outward: Callable[[Value], Value], mean: float, sd: float
) -> Standard:
    """A standard distribution by the density of a coordinate; its table is built when the first value is drawn."""
    return Standard(
        lambda z: outward(_table(density, shape).lookup(z)), mean, sd, lambda z: np.asarray(outward(density(shape).quantiles(z)))
    )


@lru_cache(maxsize=256)
def _table(density: Callable[[float], Density], shape: float) -> QuantileTable:
    return density(shape).table()


def lognormal(log_sd: float) -> Standard:
    """exp(s z)."""
    mean = scalars.exp(0.5 * log_sd * log_sd)
    return Standard(lambda z: ops.exp(log_sd * z), mean, mean * _root(mean * mean - 1.0))


def _root(x: float) -> float:
    return math.sqrt(max(x, 0.0))

"""Closed forms: the moments of a piecewise-linear function of a normal or lognormal number.

A function is a list of pieces (low, high, level, slope): level + slope × x for low < x < high, zero elsewhere. Jumps
between pieces are welcome. Sharing steps without memory, credits and target-cost prices are such functions of their
gain, level or cost, so their expected payment is known; and so is the spread of it, against which a standard error is
held.

Sources: partial moments of the normal: Winkler, Roodman and Britney, Management Science 19 (1972); of the lognormal:
Black, Journal of Financial Economics 3 (1976).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

INF = math.inf
_UNIT = NormalDist()

#: low, high, level, slope
Piece = tuple[float, float, float, float]


class Law(Protocol):
    """A distribution that knows E[xᵏ; low < x < high] for k from 0 to 4."""

    def part(self, k: int, low: float, high: float) -> float: ...


def _density(z: float) -> float:
    return 0.0 if math.isinf(z) else _UNIT.pdf(z)


def _chance(a: float, b: float) -> float:
    """P(a < z < b), from whichever tail is the smaller."""
    return _UNIT.cdf(b) - _UNIT.cdf(a) if a + b < 0.0 else _UNIT.cdf(-a) - _UNIT.cdf(-b)


def _normal_parts(a: float, b: float) -> list[float]:
    """E[zᵏ; a < z < b] for k from 0 to 4: m_k = (k-1) m_(k-2) + a^(k-1) φ(a) - b^(k-1) φ(b)."""
    parts = [_chance(a, b), _density(a) - _density(b)]
    for k in range(2, 5):
        edges = [0.0 if math.isinf(z) else z ** (k - 1) * _density(z) for z in (a, b)]
        parts.append((k - 1) * parts[k - 2] + edges[0] - edges[1])
    return parts


@dataclass(frozen=True)
class Normal:
    """Mean and standard deviation.

    >>> law = Normal(3.0, 2.0)
    >>> round(law.part(0, -INF, 3.0), 12), round(law.part(1, -INF, INF), 12), round(law.part(2, -INF, INF), 12)
    (0.5, 3.0, 13.0)
    """

    mean: float
    sd: float

    def part(self, k: int, low: float, high: float) -> float:
        if self.sd == 0.0:
            return self.mean**k if low < self.mean < high else 0.0
        moments = _normal_parts((low - self.mean) / self.sd, (high - self.mean) / self.sd)
        return math.fsum(math.comb(k, j) * self.mean ** (k - j) * self.sd**j * moments[j] for j in range(k + 1))


@dataclass(frozen=True)
class Lognormal:
    """Mean and standard deviation of the log.

    >>> law = Lognormal(0.0, 0.5)
    >>> round(law.part(1, 0.0, INF), 12) == round(math.exp(0.125), 12), round(law.part(0, 1.0, INF), 12)
    (True, 0.5)
    """

    log_mean: float
    log_sd: float

    def part(self, k: int, low: float, high: float) -> float:
        m, s = self.log_mean, self.log_sd
        a = -INF if low <= 0.0 else (math.log(low) - m) / s - k * s
        b = INF if high == INF else -INF if high <= 0.0 else (math.log(high) - m) / s - k * s
        return math.exp(k * m + 0.5 * k * k * s * s) * _chance(a, b)


def lognormal_by_mean(mean: float, sd: float) -> Lognormal:
    """The lognormal whose value, not its log, has this mean and standard deviation."""
    variance = math.log1p((sd / mean) ** 2)
    return Lognormal(math.log(mean) - 0.5 * variance, math.sqrt(variance))


def raw_moment(law: Law, pieces: Sequence[Piece], power: int) -> float:
    """E[f(x)^power], power from 1 to 4."""
    return math.fsum(
        math.comb(power, k) * level ** (power - k) * slope**k * law.part(k, low, high)
        for low, high, level, slope in pieces
        for k in range(power + 1)
    )


def mean(law: Law, pieces: Sequence[Piece]) -> float:
    """E[f(x)].

    A call struck at 2 on a normal number around 2 with deviation 1 is worth φ(0):

    >>> round(mean(Normal(2.0, 1.0), [(2.0, INF, -2.0, 1.0)]), 9)
    0.39894228
    """
    return raw_moment(law, pieces, 1)


def central_moments(law: Law, pieces: Sequence[Piece]) -> tuple[float, float]:
    """The second and the fourth central moment of f(x); f is moved to its mean first, so that little cancels."""
    middle = mean(law, pieces)
    moved = [(low, high, level - middle, slope) for low, high, level, slope in pieces]
    outside = 1.0 - math.fsum(law.part(0, low, high) for low, high, _, _ in pieces)  # there f is zero
    second, fourth = (raw_moment(law, moved, power) + outside * middle**power for power in (2, 4))
    return second, fourth


def deviation(law: Law, pieces: Sequence[Piece]) -> float:
    """The standard deviation of f(x).

    >>> round(deviation(Normal(5.0, 3.0), [(-INF, INF, 1.0, 2.0)]), 9)
    6.0
    """
    return math.sqrt(central_moments(law, pieces)[0])


def black_call(forward: float, strike: float, log_sd: float) -> float:
    """E[max(x - strike, 0)] of a lognormal number with mean `forward`: Black's formula, undiscounted.

    >>> round(black_call(100.0, 100.0, 0.2), 6)
    7.965567
    >>> call = mean(Lognormal(math.log(100.0) - 0.02, 0.2), [(95.0, INF, -95.0, 1.0)])
    >>> abs(call - black_call(100.0, 95.0, 0.2)) < 1e-12
    True
    """
    d = math.log(forward / strike) / log_sd + 0.5 * log_sd
    return forward * _UNIT.cdf(d) - strike * _UNIT.cdf(d - log_sd)


def bachelier_call(mean: float, strike: float, sd: float) -> float:
    """E[max(x - strike, 0)] of a normal number: Bachelier's formula.

    >>> call = raw_moment(Normal(3.0, 2.0), [(4.0, INF, -4.0, 1.0)], 1)
    >>> abs(call - bachelier_call(3.0, 4.0, 2.0)) < 1e-12
    True
    """
    d = (mean - strike) / sd
    return (mean - strike) * _UNIT.cdf(d) + sd * _UNIT.pdf(d)


def by_quadrature(law: Law, f: Callable[[float], float], steps: int = 40_000) -> float:
    """E[f(x)] by the midpoint rule over the normal score: slow, and independent of the partial moments above.

    >>> def f(x): return max(x - 4.0, 0.0) ** 2
    >>> abs(by_quadrature(Normal(3.0, 2.0), f) - raw_moment(Normal(3.0, 2.0), [(4.0, INF, -4.0, 1.0)], 2)) < 1e-6
    True
    """
    width = 20.0 / steps
    total = []
    for n in range(steps):
        z = -10.0 + (n + 0.5) * width
        if isinstance(law, Lognormal):
            x = math.exp(law.log_mean + law.log_sd * z)
        else:
            assert isinstance(law, Normal)
            x = law.mean + law.sd * z
        total.append(f(x) * _UNIT.pdf(z))
    return width * math.fsum(total)

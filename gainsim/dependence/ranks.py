"""From rank correlations to the correlation of normal scores, and the sine that it takes."""

from __future__ import annotations

from gainsim import ops
from gainsim.ops import Value

_PI = 3.141592653589793
_TERMS = 11  # of the sine's series: on a quarter turn the next is below 1e-18


def sin_pi(x: Value, rest: Value) -> Value:
    """sin(πx) for x in [0, 1], given with rest = 1 - x so that both ends keep their digits.

    >>> round(float(sin_pi(0.5, 0.5)), 15), round(float(sin_pi(1.0 / 6.0, 5.0 / 6.0)), 15)
    (1.0, 0.5)
    """
    t = _PI * ops.minimum(x, rest)
    square, series = t * t, 1.0
    for n in range(_TERMS, 0, -1):
        series = 1.0 - square * (1.0 / (2.0 * n * (2.0 * n + 1.0))) * series
    return t * series


def of_rank(rank_correlation: float) -> float:
    """2 sin(πρ / 6): the correlation of two normal scores whose ranks have Spearman's correlation ρ.

    >>> round(of_rank(0.5), 6)
    0.517638

    Source: K. Pearson, On further methods of determining correlation (1907)
    """
    return 2.0 * _odd(rank_correlation / 6.0)


def of_tau(tau: float) -> float:
    """sin(πτ / 2): the correlation of two normal scores with Kendall's τ; of two Student t scores too.

    >>> round(of_tau(1.0 / 3.0), 15)
    0.5

    Source: M. G. Kendall, Biometrika 36 (1949); for elliptical distributions H.-B. Fang, K.-T. Fang and S. Kotz, Journal of
    Multivariate Analysis 82 (2002)
    """
    return _odd(tau / 2.0)


def _odd(x: float) -> float:
    size = abs(x)
    return float(sin_pi(size, 1.0 - size)) * (1.0 if x >= 0.0 else -1.0)

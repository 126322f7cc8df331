"""Quantile tables: any distribution as a piecewise polynomial over the normal score.

A value is drawn as quantile(Φ(z)) of a normal score z. Where no formula gives the quantile, a table does: on each of
1,024 equal intervals of [-8.25, 8.25] the quintic polynomial that has the exact value, slope and curvature at both
ends. Looking up is a multiplication, six loads and five multiply-and-adds, so it is as fast as it is strict.

Tables are built by IEEE basic operations and the kernels alone: they have the same bits on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.ops import Value, kernels, scalars
from gainsim.ops.bits import iadd, imul, to_float, to_int
from gainsim.ops.tree import Node

Floats = NDArray[np.float64]

INTERVALS = 1024
HIGHEST = 8.25  # beyond it the last value holds; a 53-bit uniform reaches 8.21
WIDTH = 2.0 * HIGHEST / INTERVALS  # 33 / 2048, exact
_INVERSE_WIDTH = INTERVALS / (2.0 * HIGHEST)
_LAST = 1023.9999999999999  # just below 1024
_DEGREE = 5


def gather(table: Floats, index: Value) -> Value:
    """Element `index` of a constant table: plain indexing of arrays, one load for a node."""
    return index.tree.gather(table, index) if isinstance(index, Node) else table[index]


@dataclass(frozen=True, eq=False)
class QuantileTable:
    """A quantile function over the normal score.

    coefficients: (1024, 6), of the powers 0 to 5 of the place in the interval, 0 at its lower end and 1 at its upper

    A straight line, for a start: the value is the score itself.

    >>> z = np.arange(INTERVALS + 1) * WIDTH - HIGHEST
    >>> table = hermite_table(z, np.diff(z), np.ones_like(z), np.zeros_like(z))
    >>> table.lookup(np.array([-1.0, 0.3, 20.0]))
    array([-1.  ,  0.3 ,  8.25])
    """

    coefficients: Floats

    def __post_init__(self) -> None:
        if self.coefficients.shape != (INTERVALS, _DEGREE + 1):
            raise ValueError(f"a table has {INTERVALS} x {_DEGREE + 1} coefficients, not {self.coefficients.shape}")
        self.coefficients.setflags(write=False)

    def lookup(self, z: Value) -> Value:
        """The quantile of Φ(z): an array of z's shape, or a node. Scores beyond ±8.25 count as ±8.25."""
        place = ((z if isinstance(z, Node) else np.asarray(z, np.float64)) + HIGHEST) * _INVERSE_WIDTH
        held = ops.clip(place, 0.0, _LAST)
        interval = to_int(held)
        s = ops.where(place >= place, held, place) - to_float(interval)  # what is not a number stays so
        flat, first = self.coefficients.reshape(-1), imul(interval, _DEGREE + 1)
        result = gather(flat, iadd(first, _DEGREE))
        for power in range(_DEGREE - 1, -1, -1):
            result = result * s + gather(flat, iadd(first, power))
        return result


def hermite_table(value: Floats, rise: Floats, slope: Floats, curvature: Floats) -> QuantileTable:
    """The table with this value, slope dx/dz and curvature d²x/dz² at each end of its intervals.

    On an interval of width h, with d the rise, p = h x' and q = h² x'' at its ends 0 and 1, the polynomial in s is
    x0 + p0 s + q0/2 s² + (10d - 6p0 - 4p1 - 3/2 q0 + 1/2 q1) s³
    + (-15d + 8p0 + 7p1 + 3/2 q0 - q1) s⁴ + (6d - 3p0 - 3p1 - 1/2 q0 + 1/2 q1) s⁵.

    value, slope, curvature: (1025,), value ascending
    rise:                    (1024,), the differences of value: given apart, for near 1 they are known better than it

    Where a quantile is so steep that the polynomial might fall (a beta below about 0.1 far in its tail), its Bézier
    points are held in ascending order: then it cannot.
    """
    p, q = slope * WIDTH, curvature * (WIDTH * WIDTH)
    d, p0, p1, q0, q1 = rise, p[:-1], p[1:], q[:-1], q[1:]
    powers = np.stack([
        p0,
        0.5 * q0,
        10.0 * d - 6.0 * p0 - 4.0 * p1 - 1.5 * q0 + 0.5 * q1,
        8.0 * p0 + 7.0 * p1 - 15.0 * d + 1.5 * q0 - q1,
        6.0 * d - 3.0 * p0 - 3.0 * p1 - 0.5 * q0 + 0.5 * q1,
    ])  # fmt: skip
    zero = np.zeros_like(d)
    points = [zero, 0.2 * p0, 0.4 * p0 + 0.05 * q0, d - 0.4 * p1 + 0.05 * q1, d - 0.2 * p1, d]
    ascending = np.ones(len(d), np.bool_)
    held = [zero]
    for before, point in pairwise(points):
        ascending &= before <= point
        held.append(ops.minimum(ops.maximum(point, held[-1]), d))
    _, b1, b2, b3, b4, b5 = held
    steady = np.stack([
        5.0 * b1,
        10.0 * (b2 - 2.0 * b1),
        10.0 * (b3 - 3.0 * (b2 - b1)),
        5.0 * (b4 - 4.0 * (b3 + b1) + 6.0 * b2),
        b5 - 5.0 * (b4 - b1) + 10.0 * (b3 - b2),
    ])  # fmt: skip
    return QuantileTable(np.concatenate([value[None, :-1], np.where(ascending, powers, steady)]).T.copy())


# Stirling's series for ln Γ(x), x >= 10: 1/12, -1/360, ... over odd powers; the next term is below 1e-15
_STIRLING = (-691.0 / 360360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0)
_HALF_LOG_2PI = 0.9189385332046728


def log_gamma(x: float) -> float:
    """ln Γ(x) of a positive number, to about 1e-15 of itself, and of 1 where it is small.

    Stirling's series after x has been shifted to 10 or more by Γ(x + 1) = x Γ(x).

    >>> round(log_gamma(5.0), 14) == round(scalars.log(24.0), 14)
    True
    """
    shift = 1.0
    while x < 10.0:
        shift, x = shift * x, x + 1.0
    inverse = 1.0 / x
    square, series = inverse * inverse, 0.0
    for coefficient in _STIRLING:
        series = series * square + coefficient
    return ((x - 0.5) * scalars.log(x) - x) + (_HALF_LOG_2PI + series * inverse) - scalars.log(shift)


LARGEST_SHAPE, SMALLEST_SHAPE = 1000.0, 1e-6
TINY = 1e-300  # where a quantile, or its distance from 1, would be smaller, the table holds it here
_LOG_TINY = scalars.log(TINY)
_TERMS = 80  # of the continued fraction; the slowest shape (1000 and 0.001) needs 72 for 2e-14
_STEPS = 10  # of Newton's rule; the slowest shape (1000 and 1000) needs 9


@lru_cache(maxsize=256)
def beta_table(alpha: float, beta: float) -> QuantileTable:
    """The quantile of the beta distribution on [0, 1] with shapes alpha and beta, each from 1e-6 to 1000.

    The density is x^(alpha - 1) (1 - x)^(beta - 1) / B(alpha, beta). At each of the 1,025 ends of intervals the smaller
    side is solved: x up to (alpha + 1) / (alpha + beta + 2), above it 1 - x with the shapes exchanged.

    Accuracy for |z| <= 8, as a part of the range, against SciPy's quantiles: 3e-14 with both shapes from 1 on, 1e-12
    from 0.3, 1e-10 from 0.1; below that the quantile is nearly a step, and 1,024 intervals are too wide for it: 5e-5
    with both at 0.01. As a part of the quantile itself, in the lower tail too, 1e-10 with both shapes from 1 on. The
    table ascends (within rounding of the last place) and stays in [0, 1] for every shape.
    A quantile below 1e-300, or as near to 1, is held there.

    A standard PERT shape, at its median and at both tails:

    >>> table = beta_table(2.0, 4.0)
    >>> table.lookup(np.array([-3.0, 0.0, 3.0])).round(6)
    array([0.011756, 0.31381 , 0.868195])
    """
    for name, shape in (("alpha", alpha), ("beta", beta)):
        if not SMALLEST_SHAPE <= shape <= LARGEST_SHAPE:
            raise ValueError(f"{name} = {shape:g}: a shape of a beta distribution lies between 1e-6 and 1000.")
    z = np.arange(INTERVALS + 1) * WIDTH - HIGHEST
    edge = np.array([(alpha + 1.0) / (alpha + beta + 2.0)])
    log_at_edge, _ = _incomplete_beta(alpha, beta, log_beta(alpha, beta), kernels.log(edge))
    low = kernels.norm_cdf(z) <= kernels.exp(log_at_edge)
    high = ~low
    x, rest, slope, curvature = (np.zeros_like(z) for _ in range(4))
    x[low], slope[low], curvature[low] = _solve(alpha, beta, z[low])
    rest[high], slope[high], mirrored = _solve(beta, alpha, -z[high])
    x[high], curvature[high] = 1.0 - rest[high], -mirrored
    rise = np.where(high[:-1], rest[:-1] - rest[1:], x[1:] - x[:-1])
    return hermite_table(x, rise, slope, curvature)


def log_beta(a: float, b: float) -> float:
    """ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b), to about 1e-12.

    >>> round(log_beta(2.0, 4.0), 12) == round(-scalars.log(20.0), 12)
    True
    """
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)


def _incomplete_beta(a: float, b: float, log_b: float, t: Floats) -> tuple[Floats, Floats]:
    """ln I_x(a, b) at x = e^t, and its derivative in t, for x up to about (a + 1) / (a + b + 2); relative error 1e-12.

    I = x^a (1-x)^b / B times the continued fraction 1 / (β0 + α1 / (β1 + α2 / ...)), evaluated from its last term up,

        αn = (a+n-1) (a+b+n-1) n (b-n) x² / (a+2n-1)²,
        βn = a + 2n + (n (b-n) / (a+2n-1) - (a+n) (a+b+n) / (a+2n+1)) x.

    Source: A. R. DiDonato and A. H. Morris, Significant digit computation of the incomplete beta function ratios, ACM
    Transactions on Mathematical Software 18 (1992), equation 9.
    """
    x = kernels.exp(t)
    y, square = 1.0 - x, x * x
    below, above = np.ones_like(x), 0.0
    for n in range(_TERMS, -1, -1):
        w = n * (b - n) / (a + 2.0 * n - 1.0) if n else 0.0
        slope = w - (a + n) / (a + 2.0 * n + 1.0) * (a + b + n)
        below = (a + 2.0 * n) + slope * x + above * square / below
        above = (a + n - 1.0) * (a + b + n - 1.0) / (a + 2.0 * n - 1.0) * w if n else 0.0
    # below is now x^a (1-x)^b / (B I); the density of t, x^a (1-x)^(b-1) / B, over I is the derivative
    return (a * t + b * kernels.log(y) - log_b) - kernels.log(below), below / y


def _solve(a: float, b: float, z: Floats) -> tuple[Floats, Floats, Floats]:
    """x with I_x(a, b) = Φ(z), dx/dz and d²x/dz², for scores whose x is at most edge = (a + 1) / (a + b + 2).

    Newton's rule for ln I in t = ln x, from t = (ln Φ + ln a + ln B) / a or ln edge, the smaller of them. It cannot
    fail: for b >= 1, ln I is concave in t and the start lies to the left of the root (I <= x^a / (a B)); for b < 1 it
    is convex (a sum of exponentials) and the start lies to the right. On its proper side Newton's rule never passes
    the root, and each step doubles the digits once they are right.

    x' = φ / f = x t' with t' = (φ / Φ) / (d ln I / dt), and x'' = x' (-z - (a - 1 - (b - 1) x / (1-x)) t').
    """
    log_b, log_edge = log_beta(a, b), scalars.log((a + 1.0) / (a + b + 2.0))
    p = kernels.norm_cdf(z)
    log_p = kernels.log(p)
    t = ops.clip((log_p + (scalars.log(a) + log_b)) / a, _LOG_TINY, log_edge)
    for _ in range(_STEPS):
        log_i, derivative = _incomplete_beta(a, b, log_b, t)
        t = ops.clip(t + (log_p - log_i) / derivative, _LOG_TINY, log_edge)
    _, derivative = _incomplete_beta(a, b, log_b, t)
    x, density = kernels.exp(t), kernels.exp(-0.5 * z * z - _HALF_LOG_2PI)
    t_slope = np.where(t > _LOG_TINY, density / p / derivative, 0.0)
    x_slope = x * t_slope
    return x, x_slope, x_slope * (-z - ((a - 1.0) - (b - 1.0) * x / (1.0 - x)) * t_slope)

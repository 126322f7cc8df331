"""The strict kernels for single numbers: set-up constants have the same bits on every machine too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gainsim.ops import kernels


def exp(x: float) -> float:
    """e to the power x.

    >>> exp(0.0)
    1.0
    """
    return float(kernels.exp(np.array([x]))[0])


def log(x: float) -> float:
    """The natural logarithm of x > 0.

    >>> log(1.0)
    0.0
    """
    return float(kernels.log(np.array([x]))[0])


def logistic(x: float) -> float:
    """1 / (1 + e to the power -x).

    >>> logistic(0.0)
    0.5
    """
    return float(kernels.logistic(np.array([x]))[0])


def norm_ppf(u: float) -> float:
    """The standard normal quantile of u in (0, 1).

    >>> norm_ppf(0.5)
    0.0
    """
    return float(kernels.norm_ppf(np.array([u]))[0])


def root(of: Callable[[float], float], low: float, high: float, near: float = 1e-13) -> float:
    """A place between low and high at which a function changes its sign, to `near` of itself (or of 1 where it is small).

    Chandrupatla's rule: inverse quadratic interpolation where the last three points promise that it lands well within the
    bracket, else the bracket's middle. Function values at the ends may be infinite; their signs must differ.

    >>> round(root(lambda x: x * x - 2.0, 0.0, 2.0), 12)
    1.414213562373

    Source: T. R. Chandrupatla, Advances in Engineering Software 28 (1997)
    """
    a, b = low, high
    fa, fb = of(a), of(b)
    if (fa > 0.0) is (fb > 0.0):
        raise ValueError("the function has one sign at both ends")
    c, fc, part = a, fa, 0.5
    for _ in range(200):
        x = a + part * (b - a)
        fx = of(x)
        if (fx > 0.0) is (fa > 0.0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        best = a if abs(fa) < abs(fb) else b
        least = near * max(1.0, abs(best)) / max(abs(b - c), 1e-300)
        if least > 0.5 or fa == 0.0:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        if phi * phi < xi and (1.0 - phi) * (1.0 - phi) < 1.0 - xi:
            part = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        else:
            part = 0.5
        part = min(max(part, least), 1.0 - least)
    return best

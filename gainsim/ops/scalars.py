"""The strict kernels for single numbers: set-up constants have the same bits on every machine too."""

from __future__ import annotations

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


def norm_ppf(u: float) -> float:
    """The standard normal quantile of u in (0, 1).

    >>> norm_ppf(0.5)
    0.0
    """
    return float(kernels.norm_ppf(np.array([u]))[0])

"""Rounding, as contracts say it: to whole steps, halves by a rule."""

from __future__ import annotations

from typing import Literal

from gainsim import ops
from gainsim.ops import Value

#: where a number between two steps goes: to the nearest, a half away from zero or to the even step; or towards zero
Rule = Literal["half away", "half even", "towards zero"]

_WHOLE = 4503599627370496.0  # 2^52: from here on every number is whole; added, it leaves a whole number below
_NEAR = 1.7763568394002505e-15  # 2^-49: 1.005 lies a hair below its decimals, and means a half
_FINE = 70368744177664.0  # 2^46 steps: beyond them that hair would be more than an eighth of a step


def rounded(x: Value, step: float, rule: Rule = "half away") -> Value:
    """`x` as a whole number of steps; a size within 2^-49 of its own below a half or a whole step counts as that.

    From 2^46 steps on it is as it is stored.

    step: above 0, in the unit of x; of 0.01 and the like the inverse is whole, and is what counts

    >>> import numpy as np
    >>> rounded(np.array([1.005, -2.5, 2.345]), 0.01), rounded(np.array([2.5, 3.5]), 1.0, "half even")
    (array([ 1.01, -2.5 ,  2.35]), array([2., 4.]))
    >>> rounded(np.array([-1.99, 1.999]), 1.0, "towards zero")
    array([-1.,  1.])
    """
    parts = (1.0 / step + _WHOLE) - _WHOLE
    in_parts = parts > 1.0 and abs(parts * step - 1.0) <= 1e-12
    size = ops.absolute(x)
    stored = size * parts if in_parts else size / step
    slack = ops.choose(stored < _FINE, stored * _NEAR, 0.0)
    steps = stored + slack
    if rule == "towards zero":
        count = _floor(steps)
    elif rule == "half away":
        count = _floor(steps + 0.5)
    else:
        below = _floor(steps)
        even = _floor(below * 0.5) * 2.0 >= below
        half = ops.absolute(steps - (below + 0.5)) <= 2.0 * slack
        beyond = steps - below > 0.5
        count = ops.choose(ops.choose(half, ops.negate(even), beyond), below + 1.0, below)
    amount = count / parts if in_parts else count * step
    return ops.choose(x < 0.0, 0.0 - amount, amount)


def _floor(x: Value) -> Value:
    """The largest whole number that is not above x, for x from 0 on."""
    nearest = (x + _WHOLE) - _WHOLE
    lowered = ops.choose(nearest > x, nearest - 1.0, nearest)
    return ops.choose(x < _WHOLE, lowered, x)

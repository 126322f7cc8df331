"""The Brownian bridge: the scores of a walk drawn from its end backwards, the coarse path before the fine one."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def bridge_order(periods: int) -> list[tuple[int, int, int]]:
    """(point, point before, point behind) in the order in which a walk is drawn: its end, its middle, its quarters …

    Points are numbered by the periods that lie before them; nothing lies behind the end, which is its own.

    >>> bridge_order(4)
    [(4, 0, 4), (2, 0, 4), (1, 0, 2), (3, 2, 4)]
    """
    order, gaps = [(periods, 0, periods)], deque([(0, periods)])
    while gaps:
        low, high = gaps.popleft()
        if high - low > 1:
            middle = (low + high) // 2
            order.append((middle, low, high))
            gaps += [(low, middle), (middle, high)]
    return order


def bridged(z: Floats) -> Floats:
    """The scores of each period, (periods, ...), from independent scores in bridge order, of the same shape.

    With W the sum of the scores up to a point m between l and h, which are known:
    W(m) = W(l) + (m-l)/(h-l) (W(h) - W(l)) + √((m-l)(h-m)/(h-l)) z. The transformation is a rotation: what comes out is as
    independent as what goes in.

    >>> bool(np.isclose(bridged(np.array([1.5, 0.0, 0.0, 0.0])), 0.75).all())  # √4 × 1.5, spread evenly
    True

    Source: Glasserman, Monte Carlo Methods in Financial Engineering (2003), section 3.1
    """
    periods = len(z)
    walk = np.zeros((periods + 1, *z.shape[1:]))
    for score, (point, low, high) in zip(z, bridge_order(periods), strict=True):
        if point == high:
            walk[point] = math.sqrt(periods) * score
            continue
        before, behind = float(point - low), float(high - point)
        part, spread = before / (before + behind), math.sqrt(before * behind / (before + behind))
        walk[point] = walk[low] + part * (walk[high] - walk[low]) + spread * score
    return walk[1:] - walk[:-1]

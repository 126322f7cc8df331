"""Tables as steps: a line through points, whole values by range, marginal rates by slice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gainsim import ops
from gainsim.offer.tables import Table
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind, Tabled


def units_of(table: Table) -> Tabled:
    """The units of what a table is looked up by, and of what is written in it."""
    by, written = table.units
    of, gives = (Kind.BARE if unit is None else unit for unit in (by, written))
    return Tabled(of, gives, marginal=table.slices is not None)


def look_up(table: Table, x: Value) -> Value:
    """What a table gives."""
    if table.line is not None:
        return line([(edge.value, value.value) for edge, value in table.line.points], x)
    if table.whole is not None:
        return whole([(e.value if e else None, inside, v.value) for e, inside, v in table.whole.slices], x)
    assert table.slices is not None
    return slices([(e.value if e else None, v.value) for e, _, v in table.slices.slices], x)


def line(points: Sequence[tuple[float, float]], x: Value) -> Value:
    """Straight between points, flat outside; of two points with one x the second holds from there on.

    points: ((x, y), ...), x ascending

    >>> import numpy as np
    >>> line(((0.35, 0.5), (0.45, 0.4), (0.45, 0.3)), np.array([0.2, 0.4, 0.45, 0.9])).round(12)
    array([0.5 , 0.45, 0.3 , 0.3 ])

    Source: sliding scale commissions of proportional reinsurance; minimum savings rates, 42 CFR 425.604(b)
    """
    value: Value = points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if right > left:
            value = ops.where(x >= left, low + (x - left) * ((high - low) / (right - left)), value)
    return ops.where(x >= points[-1][0], points[-1][1], value)


def whole(ranges: Sequence[tuple[float | None, bool, float]], x: Value) -> Value:
    """One value for each range, on the whole.

    ranges: ((upper edge, whether the edge is inside, value), ...), the last without an edge

    >>> import numpy as np
    >>> whole(((0.95, False, 0.3), (0.99, True, 0.1), (None, False, 0.0)), np.array([0.94, 0.95, 0.99, 1.0]))
    array([0.3, 0.1, 0.1, 0. ])
    """
    value: Value = ranges[-1][2]
    for edge, inside, below in reversed(ranges[:-1]):
        value = ops.where(x <= edge if inside else x < edge, below, value)
    return value


def slices(ranges: Sequence[tuple[float | None, float]], x: Value) -> Value:
    """The sum over the ranges of rate times the part of x, from 0 up, that lies in the range; nothing below 0.

    ranges: ((upper edge, rate), ...), the last without an edge

    >>> import numpy as np
    >>> slices(((100.0, 0.2), (300.0, 0.5), (None, 0.1)), np.array([-5.0, 100.0, 200.0, 400.0]))
    array([  0.,  20.,  70., 130.])
    """
    total: Value = 0.0
    low = 0.0
    for edge, rate in ranges:
        part = ops.maximum(x, low) if edge is None else ops.clip(x, low, edge)
        total = total + rate * (part - low)
        low = low if edge is None else edge
    return total

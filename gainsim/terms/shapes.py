"""The shapes that terms are made of: pure functions of a gain or a payment, in the vocabulary.

Gain is positive when the customer is better off; a payment is positive towards the supplier; pain is a negative gain.
Given arrays they compute, given nodes they are written down: the same function prices, settles and explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from gainsim import ops
from gainsim.ops import Value

Sides = Literal["gain", "pain", "both"]


def beyond(gain: Value, below: Value, above: Value) -> Value:
    """What of a gain lies outside the band from -below to above: the excess, nothing inside.

    gain, below, above: money per settlement; below and above are sizes, not negative
    At an edge nothing lies beyond: continuous from both sides.

    >>> import numpy as np
    >>> beyond(np.array([-3.0, -1.0, 0.0, 2.0, 5.0]), 1.0, 2.0)
    array([-2.,  0.,  0.,  0.,  3.])
    """
    return ops.where(gain > above, gain - above, ops.where(gain < -below, gain + below, 0.0))


def threshold_excess(gain: Value, at: Value, sides: Sides) -> Value:
    """Only what lies beyond the threshold counts; the side that has no threshold passes whole.

    >>> import numpy as np
    >>> threshold_excess(np.array([-3.0, 1.0, 5.0]), 2.0, "gain")
    array([-3.,  0.,  3.])
    """
    if sides == "gain":
        return ops.where(gain > 0.0, ops.maximum(gain - at, 0.0), gain)
    if sides == "pain":
        return ops.where(gain < 0.0, ops.minimum(gain + at, 0.0), gain)
    return beyond(gain, at, at)


def threshold_from_first(gain: Value, at: Value, sides: Sides) -> Value:
    """Once the threshold is reached, everything counts from the first unit; reaching it exactly is enough.

    >>> import numpy as np
    >>> threshold_from_first(np.array([-3.0, 1.9, 2.0, 5.0]), 2.0, "gain")
    array([-3.,  0.,  2.,  5.])

    Source: minimum savings rate, 42 CFR 425.604(b)
    """
    short = ops.both(gain > 0.0, gain < at)
    slight = ops.both(gain < 0.0, -gain < at)
    missed = {"gain": short, "pain": slight}.get(sides)
    return ops.where(ops.either(short, slight) if missed is None else missed, 0.0, gain)


def slice_between(gain: Value, low: Value, high: Value) -> Value:
    """The part of a gain that falls between two edges, 0 <= low <= high.

    >>> import numpy as np
    >>> slice_between(np.array([-5.0, 1.0, 3.0, 9.0]), 2.0, 4.0)
    array([0., 0., 1., 2.])
    """
    return ops.clip(gain, low, high) - low


def share_bands(gain: Value, bands: Sequence[tuple[Value, Value]], pain: Sequence[tuple[Value, Value]]) -> list[Value]:
    """The supplier's part of a gain, band by band.

    Each share applies to the slice of the gain inside its band (marginal, as tax brackets are). An edge belongs to the
    lower band; the value is the same from both sides.

    gain:    money per settlement, positive = customer better off
    bands:   ((upper edge, supplier share), ...) of gain, edges ascending from 0, the last edge infinite
    pain:    ((lower edge, supplier share), ...) of pain, edges descending from 0, the last edge minus infinity
    returns: one amount a band, pain first, positive = paid to the supplier; the payment is their sum in this order

    30% of any pain, 20% of the first 4m of gain, then half:

    >>> import numpy as np
    >>> inf = float("inf")
    >>> parts = share_bands(np.array([-1.0, 3.0, 4.0, 10.0]), ((4.0, 0.2), (inf, 0.5)), ((-inf, 0.3),))
    >>> parts[0] + parts[1] + parts[2]
    array([-0.3,  0.6,  0.8,  3.8])

    Source: NEC4 Engineering and Construction Contract, clause 54 (share ranges)
    """
    parts = []
    edge: Value = 0.0
    for low, share in pain:
        parts.append(share * (ops.maximum(ops.minimum(gain, edge), low) - edge))
        edge = low
    edge = 0.0
    for high, share in bands:
        parts.append(share * slice_between(gain, edge, high))
        edge = high
    return parts


def share_of_whole(gain: Value, ranges: Sequence[tuple[Value, bool, Value]]) -> list[Value]:
    """The supplier's part of the whole gain, at the share of the range in which it falls; it jumps at the edges.

    gain:    money per settlement, positive = customer better off
    ranges:  ((upper edge, whether the edge is inside, supplier share), ...), edges ascending, the last infinite
    returns: one amount a range, of which one at most is not 0, positive = paid to the supplier

    Nothing of pain, 20% of the whole up to and including 100, 30% of the whole beyond:

    >>> import numpy as np
    >>> inf = float("inf")
    >>> low, middle, high = share_of_whole(
    ...     np.array([-10.0, 0.0, 99.0, 100.0, 101.0]), ((0.0, False, 0.0), (100.0, True, 0.2), (inf, False, 0.3))
    ... )
    >>> (low + middle + high).round(12)
    array([ 0. ,  0. , 19.8, 20. , 30.3])

    Source: sliding scales that apply one rate to all, as shared savings at quality-based rates
    """
    parts = []
    above: Value = None
    for edge, inside, share in ranges:
        reached = gain <= edge if inside else gain < edge
        falls = reached if above is None else ops.both(above, reached)
        parts.append(share * ops.where(falls, gain, 0.0))
        above = gain > edge if inside else gain >= edge
    return parts


def on_side(amount: Value, changed: Value, sides: Sides) -> Value:
    """An amount as changed where it lies on a side, and as it was elsewhere; 0 lies on neither.

    >>> import numpy as np
    >>> amount = np.array([-10.0, 0.0, 10.0])
    >>> on_side(amount, amount * 0.5, "gain")
    array([-10.,   0.,   5.])
    """
    if sides == "gain":
        return ops.where(amount > 0.0, changed, amount)
    if sides == "pain":
        return ops.where(amount < 0.0, changed, amount)
    return changed


def held(payment: Value, floor: Value | None, cap: Value | None) -> Value:
    """A payment held between floor and cap; a missing one does not bind; the cap wins if they cross.

    >>> import numpy as np
    >>> held(np.array([-9.0, 0.0, 9.0]), -4.0, 6.0)
    array([-4.,  0.,  6.])
    """
    if floor is not None:
        payment = ops.maximum(payment, floor)
    return payment if cap is None else ops.minimum(payment, cap)


def reaches_ceiling(target_cost: Value, ceiling: Value, target_price: Value, share: Value, flat: Value) -> Value:
    """The cost at which a target-cost price reaches its ceiling: target cost + (ceiling - target price) / buyer's share.

    share: the supplier's, of the overrun, or of the underrun where the ceiling lies below the target price
    flat:  what it is where the share is 100%, and the price does not move with the cost

    >>> import numpy as np
    >>> reaches_ceiling(100.0, np.array([120.0, 102.0]), 112.0, np.array([0.5, 0.6]), 100.0)
    array([116.,  75.])

    Source: FAR 16.403-1; US Defense Acquisition University, Point of Total Assumption
    """
    moves = share < 1.0
    return ops.where(moves, target_cost + (ceiling - target_price) / ops.where(moves, 1.0 - share, 1.0), flat)

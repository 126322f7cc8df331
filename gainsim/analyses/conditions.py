"""Futures on which drivers lie in a range: how much each of them counts, and what is then known of a measure.

Nothing is drawn anew: all that hangs together with a driver moves along with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.offer.stress import Edge, Range
from gainsim.sample import Influence, Sample

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Drawn:
    """One end of a range that is a percentile of the futures themselves, and so uncertain as they are.

    beyond: (paths,) 1 above it, 0 at it and below
    near:   the paths on either side of it; none where many lie just there, for then it does not move
    sign:   1 where the range lies above it, -1 where below
    """

    beyond: Floats
    near: NDArray[np.intp]
    sign: float


@dataclass(frozen=True)
class Condition:
    """(paths,) 1 on the futures that count, 0 on all others; and the ends of its ranges that are percentiles."""

    weights: Floats
    drawn: tuple[_Drawn, ...] = ()

    @cached_property
    def futures(self) -> int:
        """How many futures count."""
        return int(np.count_nonzero(self.weights))

    def sample(self, of: Sample) -> Sample:
        """The paths as they were drawn, those that count alone having weight."""
        return Sample(weights=self.weights, groups=of.groups)

    def influence(self, of: Influence) -> Influence:
        """The influence, on all paths alike, of a measure that was taken of those that count.

        With w of a path 1 where it counts, P the share of such paths, ψ its influence among them, and q an end that is a
        percentile: [w ψ ∓ E[ψ | at q] (1{beyond q} - its share)] / P. The second part is what moving the end by the path
        itself does; E[ψ | at q] is the mean over the paths next to it. Of a mean below its own percentile this is the influence
        of CVaR.

        Source: the delta method; for one's own percentile Acerbi & Tasche (2002), as `gainsim.measures.cvar`
        """
        paths = len(self.weights)
        psi = self.weights * of.psi
        for end in self.drawn:
            if len(end.near):
                there = float(np.add.accumulate(of.psi[end.near] * self._other(end)[end.near])[-1]) / len(end.near)
                share = float(np.count_nonzero(end.beyond)) / paths
                psi = psi - end.sign * there * (end.beyond - share)
        return Influence(of.value, psi * (paths / max(self.futures, 1)), of.known, of.spent)

    def _other(self, end: _Drawn) -> Floats:
        """(paths,) 1 where all other ends of its ranges let a path count."""
        rest = np.ones(len(self.weights))
        for other in self.drawn:
            if other is not end:
                rest = rest * (other.beyond if other.sign > 0.0 else 1.0 - other.beyond)
        return rest


def condition(where: Iterable[tuple[str, Range]], averages: Mapping[str, Floats], paths: int) -> Condition:
    """The futures on which every one of these drivers lies in its range.

    averages: by driver, (paths,) its average over the contract
    A percentile is that of all futures: above p90 is more than what nine in ten do not exceed, below p90 all that is no more.
    """
    weights, drawn = np.ones(paths), []
    for name, written in where:
        for edge, sign in ((written.above, 1.0), (written.below, -1.0)):
            if edge is not None:
                at, near = _place(edge, averages[name])
                beyond = (averages[name] > at).astype(np.float64)
                weights = weights * (beyond if sign > 0.0 else 1.0 - beyond)
                drawn.append(_Drawn(beyond, near, sign))
    return Condition(weights, tuple(drawn))


def _place(edge: Edge, values: Floats) -> tuple[float, NDArray[np.intp]]:
    """Where an end lies, and the paths next to it where that follows from them."""
    if edge.value is not None:
        return edge.value.value, np.empty(0, np.intp)
    assert edge.share is not None
    order = np.argsort(values, kind="stable")
    rank = min(max(math.ceil(round(edge.share * len(values), 9)), 1), len(values))
    reach = max(1, math.isqrt(len(values)))
    near = order[max(rank - reach, 0) : rank + reach]
    moves = values[near[0]] < values[near[-1]]
    return float(values[order[rank - 1]]), near if moves else near[:0]

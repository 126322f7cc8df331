"""How the surprises of several columns move together: correlations with intervals, and those that are told from chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gainsim.dependence.matrix import ImpossibleCorrelation, factor, repaired

Floats = NDArray[np.float64]
#: how often a pair without dependence is taken for one with it, over all pairs together
LEVEL = 0.05
#: a closer correlation is that of columns that move as one, and is written as this
AS_ONE = 0.999
#: what is written is rounded by so much at most
_ROUNDED = 0.0005


@dataclass(frozen=True)
class Pair:
    """The correlation of two columns' surprises in the periods that both have.

    low, high: an interval that holds the true one 95 times in 100; p: of no correlation
    told:      whether it can be told from chance, all pairs considered
    """

    between: tuple[str, str]
    correlation: float
    low: float
    high: float
    p: float
    points: int
    told: bool

    @property
    def as_one(self) -> bool:
        """Whether both tell the same."""
        return abs(self.correlation) > AS_ONE

    @property
    def written(self) -> float:
        """Its correlation as a scenario may have it."""
        return round(min(max(self.correlation, -AS_ONE), AS_ONE), 3)


def pairs(scores: Mapping[str, Mapping[int, float]]) -> list[Pair]:
    """Every pair of columns. scores: by column, the normal score of each month's surprise, given all before it.

    Source: Fisher, On the probable error of a coefficient of correlation, Metron 1 (1921)
    """
    names = list(scores)
    both = list(combinations(names, 2))
    found = []
    for a, b in both:
        common = sorted(scores[a].keys() & scores[b].keys())
        if len(common) < 8:
            continue
        x, y = (np.array([scores[name][month] for month in common]) for name in (a, b))
        r = float(np.corrcoef(x, y)[0, 1])
        z, error = math.atanh(min(max(r, -0.999999), 0.999999)), 1.0 / math.sqrt(len(common) - 3.0)
        p = math.erfc(abs(z) / error / math.sqrt(2.0))
        low, high = (math.tanh(z + side * 1.96 * error) for side in (-1.0, 1.0))
        found.append(Pair((a, b), r, low, high, p, len(common), p < LEVEL / len(both)))
    return found


def entries(found: Sequence[Pair]) -> list[dict[str, object]]:
    """The `dependence` of a scenario, which holds together.

    The pairs that are told from chance; all of them where those alone cannot hold; the nearest to them that can where they are
    of different periods and cannot hold either.
    """
    names = list(dict.fromkeys(name for pair in found for name in pair.between))
    told, both = ({pair.between: pair.written for pair in found if pair.told or every} for every in (False, True))
    written = next((each for each in (told, both) if _holds(names, each)), None)
    if written is None:
        some = 1.0 - 2.0 * _ROUNDED * len(names)  # drawn in by what rounding may take of it
        nearest = repaired(names, both)
        written = {(a, b): round(some * nearest.get((a, b), nearest.get((b, a), 0.0)), 3) for a, b in both}
    return [{"between": [a, b], "correlation": r, "of": "innovations"} for (a, b), r in written.items()]


def _holds(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> bool:
    try:
        factor(names, pairs)
    except ImpossibleCorrelation:
        return False
    return True

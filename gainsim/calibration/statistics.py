"""What a column comes to: count, mean, deviation, correlation with the value before; right to the last digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Statistics:
    """Of values in their order. sd: with n - 1; lag1: the autocorrelation of neighbours, both less the common mean.

    None stands where there is nothing to reckon it from: one value has no deviation, equal ones no correlation.
    """

    count: int
    mean: float
    sd: float | None
    lag1: float | None
    lowest: float
    highest: float


def statistics_of(values: Sequence[float]) -> Statistics:
    """Every sum is rounded once, of distances from the mean, so that neither size nor length costs digits.

    >>> statistics_of([10_000_001.0, 10_000_003.0, 10_000_002.0])
    Statistics(count=3, mean=10000002.0, sd=1.0, lag1=-0.5, lowest=10000001.0, highest=10000003.0)

    Source: NIST Statistical Reference Datasets, univariate summary statistics
    """
    n = len(values)
    rough = math.fsum(values) / n
    apart = [x - rough for x in values]
    rest = math.fsum(apart) / n
    apart = [x - rest for x in apart]
    squares = math.fsum(x * x for x in apart)
    sd = math.sqrt(squares / (n - 1)) if n > 1 else None
    neighbours = math.fsum(a * b for a, b in pairwise(apart))
    lag1 = neighbours / squares if squares > 0.0 else None
    return Statistics(n, rough + rest, sd, lag1, min(values), max(values))

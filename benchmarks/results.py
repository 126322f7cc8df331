"""What every contender keeps of a run, and how two such results are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.deal import LINES, MONTHS, YEARS

Floats = NDArray[np.float64]
ROWS = MONTHS + YEARS * (len(LINES) - 1)


@dataclass
class Kept:
    """The same for every contender.

    total, npv, bound: (lines, paths) amount, discounted amount, number of settlements in which it is not zero
    cash:              (months, paths) of the supplier
    row_mean, row_error, row_bound: (rows,) mean amount, its standard error, share of paths where it is not zero
    """

    total: Floats
    npv: Floats
    bound: Floats
    cash: Floats
    row_mean: Floats
    row_error: Floats
    row_bound: Floats


def finished_rows(sums: Floats, squares: Floats, counts: Floats, paths: int) -> tuple[Floats, Floats, Floats]:
    """Mean, standard error and share not zero of every row, from its sums over paths."""
    mean = sums / paths
    spread = np.maximum(squares / paths - mean * mean, 0.0)
    return mean, np.sqrt(spread / (paths - 1)), counts / paths


def largest_difference(a: Kept, b: Kept) -> float:
    """The largest difference of any kept result by path, relative to the size of its own row of results."""
    worst = 0.0
    for name in ("total", "npv", "bound", "cash"):
        one, other = getattr(a, name), getattr(b, name)
        size = np.maximum(np.abs(one).max(axis=1), 1.0)
        worst = max(worst, float((np.abs(one - other).max(axis=1) / size).max()))
    return worst


def largest_z(a: Kept, b: Kept) -> float:
    """The largest distance of two independent runs' row means, in standard errors of their difference."""
    error = np.sqrt(a.row_error**2 + b.row_error**2)
    moving = error > 0.0
    if not np.array_equal(a.row_mean[~moving], b.row_mean[~moving]):
        return float("inf")
    return float((np.abs(a.row_mean - b.row_mean)[moving] / error[moving]).max())

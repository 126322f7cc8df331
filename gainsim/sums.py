"""Sums over paths in one fixed order, so that a total is the same bits on every machine.

NumPy chooses the order of `np.sum`, `dot` and `einsum` by version, processor and memory layout. Here the order is
written down and uses nothing but addition: a cell of 1,024 paths is 16 rows of 64 lanes, the rows are added one after
another, the lanes by halves, the cells one after another. Whoever works in blocks of whole cells may keep
`cell_sums` and add them later: the total is the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

CELL = 1024
LANES = 64  # as many as keep eight vector registers busy; joined by halves, which needs no reordering
_ROWS = CELL // LANES
_WORKSPACE = 1 << 21  # numbers copied at a time: 16 MiB, unless one row alone is longer


def strict_sum(x: ArrayLike, axis: int = -1) -> NDArray[np.float64]:
    """The sum along one axis, cell by cell and in cell order.

    total = ((cell₀ + cell₁) + cell₂) + …

    x:       numbers of any shape and memory layout; the axis summed counts the paths
    axis:    the axis of the paths, the last by default
    returns: the shape of x without that axis, float64 (() for a vector); 0 for no paths. A sum of negative zeros is +0

    >>> strict_sum(np.full((2, 3000), 0.5))
    array([1500., 1500.])
    >>> float(strict_sum([1.0, 2.0, 4.0]))
    7.0

    Source: the order is our own; the bound on its rounding is that of Higham, Accuracy and Stability of Numerical
    Algorithms (2002), section 4.2: about (16 + 6 + cells) units in the last place of the sum of magnitudes
    """
    cells = cell_sums(x, axis)
    if cells.shape[-1] == 0:
        return np.zeros(cells.shape[:-1])
    return np.asarray(np.add.accumulate(cells, axis=-1)[..., -1])  # accumulate is sequential by definition


def cell_sums(x: ArrayLike, axis: int = -1) -> NDArray[np.float64]:
    """The sums of each 1,024 paths, the last cell filled up with zeros.

    x:       numbers of any shape and memory layout; the axis summed counts the paths
    returns: the shape of x without that axis, then (cells,): more paths add cells and leave the earlier ones

    >>> cell_sums(np.ones(2500))
    array([1024., 1024.,  452.])

    Source: as for `strict_sum`
    """
    paths_last = np.moveaxis(np.asarray(x), axis, -1)
    lead, paths = paths_last.shape[:-1], paths_last.shape[-1]
    cells = -(-paths // CELL)
    rows = paths_last.reshape(-1 if paths else int(np.prod(lead)), paths)
    sums = np.empty((rows.shape[0], cells))
    step = max(1, _WORKSPACE // max(1, cells * CELL))
    for start in range(0, rows.shape[0], step):
        sums[start : start + step] = _sum_block(rows[start : start + step], cells)
    return sums.reshape(*lead, cells)


def _sum_block(rows: NDArray[Any], cells: int) -> NDArray[np.float64]:
    """The cell sums of a few rows: a padded copy makes the order independent of the layout."""
    padded = np.zeros((rows.shape[0], cells * CELL))
    padded[:, : rows.shape[1]] = rows
    grid = padded.reshape(rows.shape[0], cells, _ROWS, LANES)
    lanes = np.zeros((rows.shape[0], cells, LANES))  # starts at +0: no sum is a negative zero, padded or not
    for row in range(_ROWS):
        lanes += grid[:, :, row, :]
    while lanes.shape[-1] > 1:
        half = lanes.shape[-1] // 2
        lanes = lanes[..., :half] + lanes[..., half:]
    return np.asarray(lanes[..., 0])

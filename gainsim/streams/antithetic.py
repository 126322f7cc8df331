"""Antithetic sampling: every other path is the mirror image of the one before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gainsim.streams.cells import ROWS, CellSource, PhiloxTable, normal_scores
from gainsim.streams.source import ALL_PROMISES, Plan
from gainsim.sums import CELL

Floats = NDArray[np.float64]


class Antithetic(CellSource):
    """Pseudo-random on the even paths; path 2k + 1 has the scores of path 2k with their signs turned round.

    >>> from gainsim.streams.source import StreamPlan
    >>> cell = Antithetic(Plan((StreamPlan("price", 3),), paths=10, seed=1)).cell(0)
    >>> cell.shape, bool((cell[:, 1] == -cell[:, 0]).all())
    ((3, 1024), True)

    Source: Hammersley & Morton, A new Monte Carlo technique: antithetic variates, Proc. Camb. Phil. Soc. 52 (1956)
    """

    promises = ALL_PROMISES

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._uniforms = PhiloxTable(plan)

    def cell(self, number: int) -> Floats:
        """(rows, 1024) standard normal scores of a cell."""
        even = self._uniforms.of(np.arange(number * CELL, (number + 1) * CELL, 2, dtype=np.uint64), self.apply)
        table = np.empty((self.rows, CELL))
        for first in range(0, self.rows, ROWS):
            some = slice(first, first + ROWS)
            table[some, ::2] = normal_scores(even[some], self.apply)
        table[:, 1::2] = -table[:, ::2]
        return table

    def groups(self) -> NDArray[np.int64]:
        """(paths,) the pairs."""
        return np.arange(self.plan.paths, dtype=np.int64) // 2

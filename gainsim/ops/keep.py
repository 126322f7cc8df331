"""What is kept of a run, and the NumPy form of keeping it.

Totals by line and path, cash by date and path, sums over paths by row: added up row by row, in the order of the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.sums import CELL, cell_sums

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RowPlan:
    """Where each row of the ledger goes.

    line:     (rows,) the line it belongs to, -1 where that line is kept already and the row stands here for its cash alone
    date:     (rows,) the cash column it is paid in, -1 where no cash of the supplier moves
    discount: (rows,) what a unit paid then is worth at the start, 0 where no money moves, which is in all rows of a line or none
    """

    line: NDArray[np.int64]
    date: NDArray[np.int64]
    discount: Floats

    @cached_property
    def opens_line(self) -> NDArray[np.int64]:
        """(rows,) 1 for the first row of a line: what was kept there before counts for nothing; else 0."""
        return _opens(self.line)

    @cached_property
    def opens_date(self) -> NDArray[np.int64]:
        """(rows,) 1 for the first row of a cash column; else 0."""
        return _opens(self.date)


def _opens(column: NDArray[np.int64]) -> NDArray[np.int64]:
    first = np.zeros(len(column), np.int64)
    first[np.unique(column, return_index=True)[1]] = 1
    return first


@dataclass(frozen=True)
class Kept:
    """What is kept per path, columns padded to whole cells, and per row and cell.

    total, npv, bound: (lines, paths) amount, discounted amount (0 where no money moves), number of rows that are not zero
    cash:              (dates, paths) of the supplier
    firsts:            (cells, rows) the amounts of the first path of a cell
    sums, squares:     (cells, rows) over the paths of a cell, of what the amounts differ from the first and its squares:
                       a small spread of large amounts loses no digits
    counts:            (cells, rows) of the amounts that are not zero
    """

    total: Floats
    npv: Floats
    bound: Floats
    cash: Floats
    firsts: Floats
    sums: Floats
    squares: Floats
    counts: Floats

    @classmethod
    def empty(cls, lines: int, dates: int, rows: int, paths: int) -> Kept:
        """Room for so many paths."""
        cells = -(-paths // CELL)
        wide = cells * CELL
        total, npv, bound = (np.zeros((lines, wide)) for _ in range(3))
        firsts, sums, squares, counts = (np.zeros((cells, rows)) for _ in range(4))
        return cls(total, npv, bound, np.zeros((dates, wide)), firsts, sums, squares, counts)


def accumulate_arrays(rows: Floats, plan: RowPlan, kept: Kept, cell: int) -> None:
    """Add one cell of rows, (rows, CELL), in NumPy."""
    here = slice(cell * CELL, (cell + 1) * CELL)
    with np.errstate(all="ignore"):  # what is not finite is found, and told, when all is kept
        for row, (line, date, discount) in enumerate(zip(plan.line, plan.date, plan.discount, strict=True)):
            x = rows[row]
            if line >= 0:
                worth = ((kept.npv, discount * x),) if discount != 0.0 else ()
                for array, more in ((kept.total, x), *worth, (kept.bound, np.where(x != 0.0, 1.0, 0.0))):
                    array[line, here] = (0.0 if plan.opens_line[row] else array[line, here]) + more
            if date >= 0:
                kept.cash[date, here] = (0.0 if plan.opens_date[row] else kept.cash[date, here]) + x
        kept.firsts[cell] = rows[:, 0]
        apart = rows - rows[:, :1]
        kept.sums[cell] = cell_sums(apart)[:, 0]
        kept.squares[cell] = cell_sums(apart * apart)[:, 0]
        kept.counts[cell] = cell_sums(rows != 0.0)[:, 0]

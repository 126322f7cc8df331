"""What is kept of a cell of rows: NumPy and compiled code give the same bits, and they are the right sums."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.ops.accumulate import Accumulator
from gainsim.ops.keep import Kept, RowPlan, accumulate_arrays
from gainsim.sums import CELL, strict_sum

Floats = NDArray[np.float64]
LINES, DATES = 3, 2
PLAN = RowPlan(
    line=np.array([0, 2, 0, 1, 2, 0], np.int64),
    date=np.array([0, -1, 1, 1, 0, -1], np.int64),
    discount=np.array([1.0, 0.0, 0.97, 0.9, 0.0, 0.1]),
)


def _cells(count: int) -> list[Floats]:
    """Rows of many sizes, with zeros of both signs among them."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(count, len(PLAN.line), CELL)) * 10.0 ** rng.integers(-8, 9, (count, len(PLAN.line), CELL))
    rows[rng.random(rows.shape) < 0.3] = 0.0
    rows[rng.random(rows.shape) < 0.1] = -0.0
    return list(rows)


def _kept(paths: int) -> Kept:
    return Kept.empty(LINES, DATES, len(PLAN.line), paths)


def _add(compiled: bool, rows: Floats, kept: Kept, cell: int) -> None:
    if compiled:
        Accumulator(PLAN, kept).add(rows, cell)
    else:
        accumulate_arrays(rows, PLAN, kept, cell)


def test_both_give_the_same_bits() -> None:
    by_array, by_loop = _kept(3 * CELL), _kept(3 * CELL)
    for cell, rows in enumerate(_cells(3)):
        accumulate_arrays(rows, PLAN, by_array, cell)
        Accumulator(PLAN, by_loop).add(rows, cell)
    for field in fields(Kept):
        assert getattr(by_array, field.name).tobytes() == getattr(by_loop, field.name).tobytes(), field.name


@pytest.mark.parametrize("compiled", [True, False])
def test_totals_are_the_sums_of_their_rows_in_order(compiled: bool) -> None:
    kept, (first, second) = _kept(2 * CELL), _cells(2)
    for cell, rows in enumerate((first, second)):
        _add(compiled, rows, kept, cell)
    for cell, x in enumerate((first, second)):
        here = slice(cell * CELL, (cell + 1) * CELL)
        np.testing.assert_array_equal(kept.total[0, here], (x[0] + x[2]) + x[5])
        np.testing.assert_array_equal(kept.total[1, here], x[3])
        np.testing.assert_array_equal(kept.npv[0, here], (x[0] + 0.97 * x[2]) + 0.1 * x[5])
        assert not kept.npv[2, here].any()  # no money moves
        np.testing.assert_array_equal(kept.bound[2, here], (x[1] != 0.0) * 1.0 + (x[4] != 0.0))
        np.testing.assert_array_equal(kept.cash[:, here], [x[0] + x[4], x[2] + x[3]])
        apart = x - x[:, :1]
        assert kept.firsts[cell].tolist() == x[:, 0].tolist()
        assert kept.sums[cell].tobytes() == strict_sum(apart).tobytes()
        assert kept.squares[cell].tobytes() == strict_sum(apart * apart).tobytes()
        assert kept.counts[cell].tolist() == (x != 0.0).sum(axis=1).tolist()


def test_cells_may_come_in_any_order() -> None:
    forward, backward = _kept(3 * CELL), _kept(3 * CELL)
    cells = list(enumerate(_cells(3)))
    for cell, rows in cells:
        _add(True, rows, forward, cell)
    for cell, rows in reversed(cells):
        _add(True, rows, backward, cell)
    for field in fields(Kept):
        assert getattr(forward, field.name).tobytes() == getattr(backward, field.name).tobytes(), field.name


def test_room_is_made_for_whole_cells() -> None:
    kept = Kept.empty(2, 3, 4, CELL + 1)
    assert (kept.total.shape, kept.cash.shape, kept.sums.shape) == ((2, 2 * CELL), (3, 2 * CELL), (2, 4))


@pytest.mark.parametrize("compiled", [True, False])
def test_what_stood_there_before_counts_for_nothing_and_a_row_may_count_for_its_cash_alone(compiled: bool) -> None:
    plan = RowPlan(np.array([0, -1, 0, -1]), np.array([0, 0, 1, -1]), np.array([1.0, 0.5, 0.5, 0.5]))
    kept, x = Kept.empty(2, 2, 4, CELL), np.arange(4.0 * CELL).reshape(4, CELL)
    kept.total[:], kept.npv[:], kept.bound[:], kept.cash[:] = np.nan, np.nan, 7.0, np.inf
    if compiled:
        Accumulator(plan, kept).add(x, 0)
    else:
        accumulate_arrays(x, plan, kept, 0)
    assert (kept.total[0] == x[0] + x[2]).all() and np.isnan(kept.total[1]).all()
    assert (kept.npv[0] == x[0] + 0.5 * x[2]).all() and (kept.bound[0] == (x[0] != 0.0) + 1.0).all()
    assert (kept.cash == [x[0] + x[1], x[2]]).all()

"""Sums: right within rounding, in one order whatever the layout, the blocks and the number of paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import gainsim.sums
from gainsim.sums import CELL, cell_sums, strict_sum

SIZES = [0, 1, 7, 8, 9, CELL - 1, CELL, CELL + 1, 3 * CELL + 500]


def _money(*shape: int, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(1e5, 1e6, shape)


def _plain_sum(x: list[float]) -> float:
    """The written order, one addition at a time: the slow twin."""
    total = 0.0
    for start in range(0, len(x), CELL):
        cell = [*x[start : start + CELL], *[0.0] * CELL][:CELL]
        lanes = [0.0] * 64
        for place, value in enumerate(cell):
            lanes[place % 64] += value
        while len(lanes) > 1:
            half = len(lanes) // 2
            lanes = [a + b for a, b in zip(lanes[:half], lanes[half:], strict=True)]
        (part,) = lanes
        total = part if start == 0 else total + part
    return total


@pytest.mark.parametrize("paths", SIZES)
def test_the_order_is_the_written_one_bit_for_bit(paths: int) -> None:
    x = _money(paths)
    assert float(strict_sum(x)).hex() == _plain_sum(x.tolist()).hex()


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, st.integers(0, 2500), elements=st.floats(-1e12, 1e12)))
def test_a_sum_is_right_within_the_bound_on_its_rounding(x: NDArray[np.float64]) -> None:
    bound = (131 + len(x) // CELL + 1) * 2.0**-53 * math.fsum(abs(v) for v in x)
    assert abs(float(strict_sum(x)) - math.fsum(x)) <= bound


@pytest.mark.parametrize("paths", SIZES[1:])
def test_every_layout_gives_the_same_bits(paths: int) -> None:
    x = _money(6, paths)
    expected = strict_sum(x)
    wide = np.zeros((6, 3 * paths))
    wide[:, ::3] = x
    for layout in (np.asfortranarray(x), wide[:, ::3], x[:, ::-1].copy()[:, ::-1], x.astype(">f8")):
        np.testing.assert_array_equal(strict_sum(layout), expected)
    np.testing.assert_array_equal(strict_sum(x.T, axis=0), expected)
    np.testing.assert_array_equal(strict_sum(x.reshape(2, 3, paths)), expected.reshape(2, 3))
    np.testing.assert_array_equal([strict_sum(row) for row in x], expected)


def test_the_size_of_the_workspace_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    x = _money(50, 2000)
    expected = strict_sum(x)
    monkeypatch.setattr(gainsim.sums, "_WORKSPACE", 1)
    np.testing.assert_array_equal(strict_sum(x), expected)


def test_more_paths_leave_the_earlier_cells() -> None:
    x = _money(5 * CELL + 77)
    np.testing.assert_array_equal(cell_sums(x)[:3], cell_sums(x[: 3 * CELL]))


def test_blocks_of_whole_cells_add_up_to_the_same_bits() -> None:
    x = _money(2, 7 * CELL + 5)
    blocks = [cell_sums(x[:, at : at + 2 * CELL]) for at in range(0, x.shape[1], 2 * CELL)]
    total = np.add.accumulate(np.concatenate(blocks, axis=-1), axis=-1)[..., -1]
    np.testing.assert_array_equal(total, strict_sum(x))


def test_booleans_and_integers_are_counted() -> None:
    assert float(strict_sum(np.arange(3000) % 3 == 0)) == 1000.0
    assert float(strict_sum(np.arange(3000))) == 2999 * 1500


def test_no_paths_sum_to_nothing_and_negative_zeros_to_zero() -> None:
    np.testing.assert_array_equal(strict_sum(np.zeros((3, 0))), np.zeros(3))
    assert strict_sum(np.zeros((0, 5))).shape == (0,)
    for paths in (1, CELL):
        assert math.copysign(1.0, float(strict_sum(np.full(paths, -0.0)))) == 1.0

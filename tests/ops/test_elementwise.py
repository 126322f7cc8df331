"""Kernels over arrays: compiled they give the bits that NumPy gives, whatever the shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gainsim.ops import kernels
from gainsim.ops.elementwise import compiled
from gainsim.streams.cells import plainly
from gainsim.streams.latin_hypercube import permuted


def _pair(path: Any, key: Any) -> Any:
    return kernels.uniform_pair(path, key, 0, (key, key))


@pytest.mark.parametrize("count", [1, 31, 32, 33, 1_000])
@pytest.mark.parametrize("kernel", [kernels.exp, kernels.log, kernels.norm_cdf, kernels.norm_ppf, kernels.ppf_tail])
def test_doubles(kernel: Callable[[Any], Any], count: int) -> None:
    x = np.random.default_rng(count).random(count) ** 4
    assert compiled(kernel, x).tobytes() == np.asarray(kernel(x)).tobytes()


def test_whole_numbers_are_broadcast_and_several_results_come_back() -> None:
    path, key = np.arange(70, dtype=np.uint64)[None, :], np.array([[3], [2**32 - 1], [77]], np.uint64)
    found, wanted = compiled(_pair, path, key), _pair(path, key)
    assert [each.shape for each in found] == [(3, 70), (3, 70)]
    assert [each.tobytes() for each in found] == [each.tobytes() for each in wanted]


@pytest.mark.parametrize("count", [1, 2, 313, 512])
def test_permutations(count: int) -> None:
    index, counts = np.arange(count, dtype=np.uint64), np.full(count, count, np.uint64)
    keys = tuple(np.random.default_rng(1).integers(0, limit, (5, count), dtype=np.uint64) for limit in (2**32,) * 3 + (count,))
    alike = [permuted(index, counts, keys, apply) for apply in (plainly, compiled)]
    assert alike[0].tobytes() == alike[1].tobytes()

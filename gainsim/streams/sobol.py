"""Scrambled Sobol points, in Brownian-bridge order for what adds up over the periods."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gainsim.ops.bits import from_bits
from gainsim.ops.kernels import philox, uniform_pair
from gainsim.streams.brownian import bridged
from gainsim.streams.cells import REPLICATIONS, ROWS, CellSource, normal_scores
from gainsim.streams.source import Plan, Promise, key_words
from gainsim.sums import CELL

Floats = NDArray[np.float64]
Integers = NDArray[np.uint64]
#: dimensions that are Sobol points; any further ones, the finest of the bridge, are pseudo-random
MOST = 2_048
_BITS = 52  # of a uniform, in a double between 1 and 2
_PLACES = CELL // REPLICATIONS  # points of a replication in one cell
_LOW_BITS = _PLACES.bit_length() - 1


class Sobol(CellSource):
    """32 independent scramblings of one Sobol sequence; path p is point p // 32 of the scrambling p % 32.

    Dimensions: draws that hold for life first, then the streams period by period; a stream that adds up has its coarse
    points first, by the Brownian bridge. Points are scrambled by random lower triangular matrices and a shift, so that each is
    uniform by itself, and the spread of the 32 means tells the error.

    >>> from gainsim.streams.source import StreamPlan
    >>> cell = Sobol(Plan((StreamPlan("price", 3, adds_up=True),), paths=1024, seed=1)).cell(0)
    >>> end = cell.sum(axis=0)  # the first dimension: 32 points fall into 32 equally likely ranges
    >>> int((end[::32] < 0.0).sum())
    16

    Source: Sobol' (1967) with the direction numbers of Joe & Kuo, SIAM J. Sci. Comput. 30 (2008), as SciPy has them;
    scrambling: Matousek, J. Complexity 14 (1998); bridge: Caflisch, Morokoff & Owen, J. Computational Finance 1 (1997)
    """

    promises: frozenset[Promise] = frozenset(("replay", "more paths"))

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._periods = max((stream.periods for stream in plan.streams), default=0)
        self._walks = [number for number, stream in enumerate(plan.streams) if stream.periods and stream.adds_up]
        self._lasting = sum(1 for stream in plan.streams if stream.periods)
        self._key = key_words(plan.seed, "sobol", plan.replicate)
        self._dimensions = min(self.rows, MOST)
        points = -(-plan.paths // REPLICATIONS)
        directions = _directions(self._dimensions, max(points - 1, _PLACES - 1).bit_length())
        words = _words(self._dimensions, directions.shape[1] + 1, self._key)
        shift, columns = words[:, :, 0], scrambled(directions, words[:, :, 1:])
        self._high = columns[:, :, _LOW_BITS:]
        low = np.repeat(shift[:, None, :], _PLACES, axis=1)
        for place in range(_PLACES):
            for bit in range(_LOW_BITS):
                if place >> bit & 1:
                    low[:, place] ^= columns[:, :, bit]
        self._low = low  # (dimensions, points, replications): a cell's points but for what the cell's number adds

    def cell(self, number: int) -> Floats:
        """(rows, 1024) standard normal scores of a cell."""
        words = np.zeros((self._dimensions, REPLICATIONS), np.uint64)
        for bit in range(self._high.shape[2]):
            if number >> bit & 1:
                words ^= self._high[:, :, bit]
        scores = np.empty((self.rows, CELL))
        for first in range(0, self._dimensions, ROWS):
            some = slice(first, min(first + ROWS, self._dimensions))
            points = (self._low[some] ^ words[some, None, :]).reshape(-1, CELL)
            scores[some] = normal_scores(_uniform(points), self.apply)
        paths = np.arange(number * CELL, (number + 1) * CELL, dtype=np.uint64)
        for row in range(self._dimensions, self.rows):
            scores[row] = normal_scores(np.asarray(uniform_pair(paths, row, 1, self._key)[0]))
        return self._by_stream(scores)

    def _by_stream(self, scores: Floats) -> Floats:
        """From the order of dimensions to that of the plan: streams of many periods, then those that hold for life."""
        streams, periods = self._lasting, self._periods
        for_life = self.rows - streams * periods
        by_period = scores[for_life:].reshape(periods, streams, CELL)
        if self._walks:
            by_period[:, self._walks] = bridged(by_period[:, self._walks])
        table = np.empty_like(scores)
        table[: streams * periods].reshape(streams, periods, CELL)[:] = by_period.transpose(1, 0, 2)
        table[streams * periods :] = scores[:for_life]
        return table


def _uniform(words: Integers) -> Floats:
    """52 bits and a half: an odd multiple of 2^-53, never 0 or 1, exact."""
    return np.asarray(from_bits(words | np.uint64(0x3FF0000000000000)) - (1.0 - 2.0**-53))


@lru_cache(maxsize=8)
def _directions(dimensions: int, columns: int) -> Integers:
    """(dimensions, columns) direction numbers: what each bit of a point's number adds to it, in the upper of 52 bits."""
    from scipy.stats import qmc  # here: only Sobol points pay for it

    found = np.zeros((dimensions, columns), np.uint64)
    for column in range(columns if dimensions else 0):
        points = qmc.Sobol(dimensions, scramble=False, bits=32)
        if column:
            points.fast_forward(2**column - 1)
        last, first = (points.random(2) * 2.0**32).astype(np.uint64)  # in the order of Gray's code, one bit apart
        found[:, column] = (last ^ first) << np.uint64(_BITS - 32)
    found.setflags(write=False)
    return found


def scrambled(directions: Integers, words: Integers) -> Integers:
    """Direction numbers times random lower triangular matrices of bits, (dimensions, replications, columns).

    directions: (dimensions, columns)
    words:      (dimensions, replications, columns)
    """
    dimensions, columns = directions.shape
    result = np.zeros((dimensions, REPLICATIONS, columns), np.uint64)
    places = _BITS - 1 - np.arange(columns, dtype=np.uint64)
    bits = np.uint64(1) << places
    images = (words & (bits - np.uint64(1))) | bits
    for column, place in enumerate(places):
        is_set = (directions >> place & np.uint64(1)).astype(np.bool_)
        result ^= np.where(is_set[:, None, :], images[:, :, column, None], np.uint64(0))
    return result


def _words(dimensions: int, columns: int, key: tuple[int, int]) -> Integers:
    """Random words of 52 bits, (dimensions, replications, columns)."""
    dimension, replication, column = (
        places.astype(np.uint64) for places in np.ogrid[:dimensions, :REPLICATIONS, :columns]
    )
    high, low, _, _ = philox((dimension, column, replication, 0), key)
    words: Integers = (high << np.uint64(20)) | (low >> np.uint64(12))
    return words

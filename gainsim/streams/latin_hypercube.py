"""Latin hypercube: every stream in every period meets each of n equally likely ranges once, in an order of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.ops.kernels import philox
from gainsim.streams.cells import REPLICATIONS, ROWS, CellSource, PhiloxTable, normal_scores
from gainsim.streams.source import Plan, Promise, key_words
from gainsim.sums import CELL

Floats = NDArray[np.float64]
Integers = NDArray[np.uint64]
_ROUNDS = 4
_MASK32 = np.uint64(0xFFFFFFFF)
_BELOW_ONE = 1.0 - 2.0**-53


class LatinHypercube(CellSource):
    """32 independent Latin hypercubes; path p is number p // 32 of the hypercube p % 32.

    score = Φ⁻¹((π(number) + v) / n), π a permutation of 0 … n-1 and v a pseudo-random uniform, both of their own for
    every stream, period and hypercube. So the mean over n paths of anything that is a sum of functions of one score each
    is nearly exact; what arises from several scores together is left to chance.

    >>> from gainsim.streams.source import StreamPlan
    >>> cell = LatinHypercube(Plan((StreamPlan("price", 0),), paths=1024, seed=1)).cell(0)
    >>> int((cell[0, ::32] < 0.0).sum())  # of the first hypercube's 32 paths
    16

    Source: McKay, Beckman & Conover, Technometrics 21 (1979)
    """

    promises: frozenset[Promise] = frozenset(("replay", "longer contract", "another driver"))

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        replication = np.arange(REPLICATIONS)
        sizes = plan.paths // REPLICATIONS + (replication < plan.paths % REPLICATIONS)
        self._counts = np.where(sizes == 0, 1, sizes)  # of few paths, some hypercubes have none
        self._within = PhiloxTable(plan)
        self._keys = _row_keys(plan)  # four words, (rows, replications) each

    def cell(self, number: int) -> Floats:
        """(rows, 1024) standard normal scores of a cell; paths beyond the last of a hypercube begin it again."""
        paths = np.arange(number * CELL, (number + 1) * CELL, dtype=np.uint64)
        counts = np.tile(self._counts, CELL // REPLICATIONS).astype(np.uint64)
        index, within = (paths // REPLICATIONS) % counts, self._within.of(paths)
        table = np.empty((self.rows, CELL))
        for first in range(0, self.rows, ROWS):
            some = slice(first, first + ROWS)
            keys = tuple(np.tile(words[some], CELL // REPLICATIONS).reshape(-1) for words in self._keys)
            numbers, sizes = (np.broadcast_to(x, within[some].shape).reshape(-1) for x in (index, counts))
            place = permuted(numbers, sizes, keys).reshape(within[some].shape)
            u = (place.astype(np.float64) + within[some]) / counts
            table[some] = normal_scores(np.asarray(ops.minimum(u, _BELOW_ONE)))
        return table


def _row_keys(plan: Plan) -> tuple[Integers, ...]:
    """The words that choose the permutation of every row in every replication."""
    replication = np.arange(REPLICATIONS, dtype=np.uint64)[None, :]
    words = [
        philox(
            (replication, np.arange(max(stream.periods, 1), dtype=np.uint64)[:, None], 0, 0),
            key_words(plan.seed, f"{stream.name}/strata", plan.replicate),
        )
        for stream in plan.streams
    ]
    return tuple(np.concatenate(parts) for parts in zip(*words, strict=True))


def permuted(index: Integers, counts: Integers, keys: tuple[Integers, ...]) -> Integers:
    """Where a permutation of 0 … count-1 that the keys choose takes each index: whole numbers, any of them alone.

    A Feistel network permutes the next power of two; what lands beyond the count goes through it again; last all are turned
    round by a random step, so that every index is as likely to land anywhere.

    index, counts: (n,)
    keys:          four words, (n,) each

    >>> key = tuple(np.full(10, word, np.uint64) for word in (1, 2, 3, 4))
    >>> sorted(permuted(np.arange(10, dtype=np.uint64), np.full(10, 10, np.uint64), key).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

    Source: Luby & Rackoff, SIAM J. Computing 17 (1988); walking a cycle: Black & Rogaway, CT-RSA 2002
    """
    bits = int(counts.max() - 1).bit_length()
    place = _mixed(index, bits, keys)
    beyond = np.flatnonzero(place >= counts)
    while len(beyond):
        place[beyond] = _mixed(place[beyond], bits, tuple(key[beyond] for key in keys))
        beyond = beyond[place[beyond] >= counts[beyond]]
    return (place + keys[3] % counts) % counts


def _mixed(x: Integers, bits: int, keys: tuple[Integers, ...]) -> Integers:
    """A permutation of the numbers of so many bits."""
    low_bits, high_bits = bits - bits // 2, bits // 2
    low, high = x & np.uint64((1 << low_bits) - 1), x >> np.uint64(low_bits)
    for number in range(_ROUNDS):
        word = (low + keys[number % 3] + np.uint64(0x9E3779B9 * (number + 1))) & _MASK32
        word = ((word ^ (word >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & _MASK32
        word = ((word ^ (word >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & _MASK32
        word = word ^ (word >> np.uint64(16))
        low, high = high ^ (word & np.uint64((1 << high_bits) - 1)), low
        low_bits, high_bits = high_bits, low_bits
    return low | (high << np.uint64(low_bits))

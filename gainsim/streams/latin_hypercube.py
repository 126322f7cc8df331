"""Latin hypercube: every stream in every period meets each of n equally likely ranges once, in an order of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.ops import Value
from gainsim.ops.bits import iadd, iand, imul, ior, ishl, ishr, ixor, to_float
from gainsim.ops.kernels import philox
from gainsim.streams.cells import REPLICATIONS, ROWS, Apply, CellSource, PhiloxTable, normal_scores, plainly
from gainsim.streams.source import Plan, Promise, key_words
from gainsim.sums import CELL

Floats = NDArray[np.float64]
Integers = NDArray[np.uint64]
_ROUNDS = 4
_MASK32 = 0xFFFFFFFF
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
        *keys, turn = _row_keys(plan)  # (rows, replications) each
        self._keys = (*keys, turn % self._counts.astype(np.uint64))

    def cell(self, number: int) -> Floats:
        """(rows, 1024) standard normal scores of a cell; paths beyond the last of a hypercube begin it again."""
        paths = np.arange(number * CELL, (number + 1) * CELL, dtype=np.uint64)
        each = CELL // REPLICATIONS
        counts = np.tile(self._counts, each).astype(np.uint64)
        index, within = (paths // REPLICATIONS) % counts, self._within.of(paths, self.apply)
        table = np.empty((self.rows, CELL))
        for first in range(0, self.rows, ROWS):
            some = slice(first, first + ROWS)
            keys = tuple(np.tile(words[some], each) for words in self._keys)
            place = permuted(index, counts, keys, self.apply)
            u = self.apply(_within, place, within[some], counts.astype(np.float64))
            table[some] = normal_scores(u, self.apply)
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


def _within(place: Value, within: Value, count: Value) -> Value:
    """A uniform in one of so many ranges, below 1 also when it is rounded."""
    return ops.minimum((to_float(place) + within) / count, _BELOW_ONE)


def permuted(index: Integers, counts: Integers, keys: tuple[Integers, ...], apply: Apply = plainly) -> Integers:
    """Where a permutation of 0 … count-1 that the keys choose takes each index: whole numbers, any of them alone.

    A Feistel network permutes the next power of two; what lands beyond the count goes through it again; last all are turned
    round by a random step, so that every index is as likely to land anywhere.

    index, counts: (n,)
    keys:          three words and a step from 0 to count-1, (n,) or (rows, n) each

    >>> key = tuple(np.full(10, word, np.uint64) for word in (1, 2, 3, 4))
    >>> sorted(permuted(np.arange(10, dtype=np.uint64), np.full(10, 10, np.uint64), key).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

    Source: Luby & Rackoff, SIAM J. Computing 17 (1988); walking a cycle: Black & Rogaway, CT-RSA 2002
    """
    mix = _mixing(int(counts.max() - 1).bit_length())
    place: Integers = apply(mix, index, *keys[:3])
    beyond = place >= counts
    while beyond.any():
        place[beyond] = apply(mix, place[beyond], *(key[beyond] for key in keys[:3]))
        beyond = place >= counts
    turned = place + keys[3]
    return turned - np.where(turned >= counts, counts, np.uint64(0))


@cache
def _mixing(bits: int) -> Callable[..., Value]:
    """A permutation of the numbers of so many bits."""

    def mixed(x: Value, *keys: Value) -> Value:
        low_bits, high_bits = bits - bits // 2, bits // 2
        low, high = iand(x, (1 << low_bits) - 1), ishr(x, low_bits)
        for number in range(_ROUNDS):
            word = iand(iadd(iadd(low, keys[number % 3]), 0x9E3779B9 * (number + 1)), _MASK32)
            word = iand(imul(ixor(word, ishr(word, 16)), 0x85EBCA6B), _MASK32)
            word = iand(imul(ixor(word, ishr(word, 13)), 0xC2B2AE35), _MASK32)
            word = ixor(word, ishr(word, 16))
            low, high = ixor(high, iand(word, (1 << high_bits) - 1)), low
            low_bits, high_bits = high_bits, low_bits
        return ior(low, ishl(high, low_bits))

    return mixed

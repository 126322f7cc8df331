"""Distributions of single values: steps over the normal score, found by halving."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.ops import Value, scalars
from gainsim.ops.bits import iadd, to_float, to_int
from gainsim.streams.tables import HIGHEST, gather

Floats = NDArray[np.float64]
_LEAST = 1e-20  # of the likeliest number's chance: no uniform of 53 bits meets it


@dataclass(frozen=True)
class Steps:
    """A distribution of single values. values: ascending; edges: the scores above which the next one holds, one fewer.

    >>> coin = Steps((0.0, 1.0), np.array([0.0]))
    >>> coin.quantile(np.array([-0.5, 0.0, 0.5]))
    array([0., 0., 1.])
    """

    values: Sequence[float]
    edges: Floats

    def quantile(self, z: Value) -> Value:
        """The value whose step holds the score; a score on an edge belongs to the lower value."""
        return gather(np.asarray(self.values, np.float64), self.place(z))

    def place(self, z: Value) -> Value:
        """The number of edges below a score, as an integer: found by halving."""
        return _halved([self.edges], to_int(0.0 * ops.clip(z, -HIGHEST, HIGHEST)), z)


def place_in(rows: Sequence[Floats], row: Value, z: Value) -> Value:
    """As `Steps.place`, of one of several rows of edges, as a number. row: which, as a number.

    >>> place_in([np.array([0.0]), np.array([-1.0, 1.0])], np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    array([1., 1.])
    """
    width = 1 << max(len(edges) for edges in rows).bit_length()
    first = row * float(width)
    return to_float(_halved(rows, to_int(first), z)) - first


def number_in(laws: Sequence[Steps], which: Value, z: Value) -> Value:
    """As `Steps.quantile`, of one of several laws of single values. which: the law, from 0, as a number."""
    if len(laws) == 1:
        return laws[0].quantile(z)
    width = max(len(law.values) for law in laws)
    table = np.zeros((len(laws), width))
    for row, law in zip(table, laws, strict=True):
        row[: len(law.values)] = law.values
    place = place_in([law.edges for law in laws], which, z)
    return gather(table.reshape(-1), to_int(which * float(width) + place))


def _halved(rows: Sequence[Floats], first: Value, z: Value) -> Value:
    """Where a row begins and how many of its edges lie below a score; rows are filled up to the same width."""
    depth = max(len(edges) for edges in rows).bit_length()
    padded = np.full((len(rows), 1 << depth), np.inf)
    for row, edges in zip(padded, rows, strict=True):
        row[: len(edges)] = edges
    table, index = padded.reshape(-1), first
    for level in range(depth - 1, -1, -1):
        ahead = iadd(index, 1 << level)
        index = ops.where(z > gather(table, iadd(ahead, -1)), ahead, index)
    return index


def one_of(count: int, z: Value) -> Value:
    """One of so many places, from 0, all equally likely."""
    place = ops.norm_cdf(z) * float(count)
    return to_int(ops.clip(place, 0.0, count - 2.0**-30))


def from_chances(values: Sequence[float], chances: Sequence[float]) -> Steps:
    """Steps at the scores of the cumulative chances; each edge is reckoned from the nearer end, so that both tails are exact.

    values: ascending; chances: of each, adding up to 1
    """
    below, above = _added(chances), _added(chances[::-1])[::-1]
    edges = [
        -_score(above[n + 1]) if below[n] > 0.5 else _score(below[n])
        for n in range(len(values) - 1)
    ]  # fmt: skip
    return Steps(tuple(values), np.array(edges, np.float64))


def _added(chances: Sequence[float]) -> list[float]:
    """Sums from the first on, one by one: newer Pythons' sum() rounds otherwise."""
    total, sums = 0.0, []
    for chance in chances:
        total = total + chance
        sums.append(total)
    return sums


def _score(chance: float) -> float:
    return scalars.norm_ppf(min(max(chance, 1e-18), 1.0 - 1.1102230246251565e-16))


def counted(ratio: Callable[[float], float], mode: float, highest: float = math.inf) -> Steps:
    """Whole numbers from 0 to `highest`, by the ratio of each one's chance to that of the number before.

    The chances follow from the likeliest number on both sides, and add up to 1; what no uniform of 53 bits meets is left
    out.
    """
    first = last = math.floor(mode)
    below, above = [], [1.0]
    chance = 1.0
    while first > 0 and chance > _LEAST:
        chance = chance / ratio(float(first))
        below.append(chance)
        first -= 1
    chance = 1.0
    while last < highest and chance > _LEAST:
        last += 1
        chance = chance * ratio(float(last))
        above.append(chance)
    chances = below[::-1] + above
    whole = _added(chances)[-1]
    return from_chances([float(n) for n in range(first, last + 1)], [chance / whole for chance in chances])


def poisson(mean: float) -> Steps:
    """m^n e^-m / n!."""
    return counted(lambda n: mean / n, mean)


def negative_binomial(mean: float, sd: float) -> Steps:
    """Γ(n + r) / (n! Γ(r)) p^r q^n, with p = mean / variance, q = 1 - p and r = mean p / q."""
    p = mean / (sd * sd)
    q = 1.0 - p
    r = mean * p / q
    return counted(lambda n: (n - 1.0 + r) / n * q, max((r - 1.0) * q / p, 0.0))


def binomial(trials: int, chance: float) -> Steps:
    """N! / (n! (N - n)!) p^n q^(N - n)."""
    if chance in (0.0, 1.0):
        return Steps((trials * chance,), np.empty(0))
    odds = chance / (1.0 - chance)
    return counted(lambda n: (trials + 1.0 - n) / n * odds, min(math.floor((trials + 1) * chance), trials), trials)


def line_through(values: Sequence[float]) -> Callable[[Value], Value]:
    """The quantile that runs in straight lines through ordered values, the i-th of n at (i - 1) / (n - 1)."""
    ordered = np.array(sorted(values), np.float64)
    rises, last = np.append(ordered[1:] - ordered[:-1], 0.0), float(len(ordered) - 1)

    def quantile(z: Value) -> Value:
        place = ops.norm_cdf(z) * last
        whole = to_int(ops.clip(place, 0.0, last))
        return gather(ordered, whole) + (place - to_float(whole)) * gather(rises, whole)

    return quantile

"""Sources that draw a cell of 1,024 paths at a time: what Latin hypercube, Sobol and antithetic sampling share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import Value, absolute
from gainsim.ops.kernels import PPF_CENTRE_HALF_WIDTH, ppf_centre, ppf_tail, uniform_pair
from gainsim.streams.source import Paths, Plan, Promise, key_words
from gainsim.sums import CELL

Floats = NDArray[np.float64]
#: how a kernel is run on arrays: in NumPy, or compiled; the bits are the same
Apply = Callable[..., Any]
#: independent replications of a plan that is not drawn path by path; path p belongs to replication p modulo 32, so that
#: every cell has as many paths of each, and Student's factor of 31 degrees of freedom is nearly the normal one
REPLICATIONS = 32
#: rows of a table that are worked on together: they stay in the second-level cache
ROWS = 32


def plainly(of: Callable[..., Value], *arrays: NDArray[Any]) -> Any:
    """A kernel of these arrays in NumPy."""
    return of(*arrays)


@dataclass(frozen=True)
class Scores:
    """The scores of some paths as a table, for a runner that asks stream by stream.

    paths: ascending
    table: (rows, paths)
    """

    first_row: dict[str, int]
    paths: Paths
    table: Floats

    def normals(self, stream: str, paths: Paths, period: int) -> Floats:
        """(paths,) standard normals of `stream` in `period`."""
        scores: Floats = self.table[self.first_row[stream] + period, np.searchsorted(self.paths, paths)]
        return scores

    def normals_once(self, stream: str, paths: Paths) -> Floats:
        """(paths,) standard normals of `stream` that hold for life."""
        return self.normals(stream, paths, 0)


class CellSource(ABC):
    """A source whose scores are a table for every cell of 1,024 paths.

    apply: how its kernels are run
    """

    apply: Apply = staticmethod(plainly)
    promises: frozenset[Promise]

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.first_row: dict[str, int] = {}
        self.rows = 0
        for stream in plan.streams:
            self.first_row[stream.name] = self.rows
            self.rows += max(stream.periods, 1)

    @abstractmethod
    def cell(self, number: int) -> Floats:
        """(rows, 1024) standard normal scores of a cell: stream by stream in the plan's order, period by period."""

    def groups(self) -> NDArray[np.int64] | None:
        """(paths,) which paths were drawn together; None: none."""
        return np.arange(self.plan.paths, dtype=np.int64) % REPLICATIONS

    def weights(self) -> Floats | None:
        """(paths,) what each path weighs, once all are drawn; None: all the same."""
        return None

    def drawn(self, paths: Paths) -> Scores:
        """The scores of these paths, which ascend."""
        cells = np.unique(paths // CELL)
        columns = [np.flatnonzero(paths // CELL == cell) for cell in cells]
        table = np.empty((self.rows, len(paths)))
        for cell, column in zip(cells.tolist(), columns, strict=True):
            table[:, column] = self.cell(cell)[:, paths[column] % CELL]
        return Scores(self.first_row, paths, table)


class PhiloxTable:
    """The uniforms of `Philox` for every row of a plan's table, many rows at a time."""

    def __init__(self, plan: Plan) -> None:
        pairs, self._rows = [], 0
        for stream in plan.streams:
            key, periods = key_words(plan.seed, stream.name, plan.replicate), max(stream.periods, 1)
            pairs += [(self._rows + t, t + 1 < periods, t // 2, *key) for t in range(0, periods, 2)]
            self._rows += periods
        self._pairs = np.array(pairs, np.uint64).reshape(-1, 5)

    def of(self, paths: Paths, apply: Apply = plainly) -> Floats:
        """(rows, paths) uniforms in (0, 1)."""
        table = np.empty((self._rows, len(paths)))
        for first in range(0, len(self._pairs), ROWS):
            row, both, index, key0, key1 = self._pairs[first : first + ROWS].T
            even, odd = apply(_uniforms, paths[None, :], index[:, None], key0[:, None], key1[:, None])
            two = both == 1
            table[row] = even
            table[row[two] + 1] = odd[two]
        return table


def _uniforms(path: Value, index: Value, key0: Value, key1: Value) -> tuple[Value, Value]:
    return uniform_pair(path, index, 0, (key0, key1))


def normal_scores(u: Floats, apply: Apply = plainly) -> Floats:
    """`norm_ppf` of an array, to the bit; the tail's formula is worked out where it is needed only.

    >>> from gainsim.ops.kernels import norm_ppf
    >>> u = np.array([[1e-9, 0.3], [0.5, 0.999]])
    >>> bool((normal_scores(u) == norm_ppf(u)).all())
    True
    """
    z: Floats = apply(ppf_centre, u)
    tail = np.asarray(absolute(u - 0.5)) > PPF_CENTRE_HALF_WIDTH
    if tail.any():
        z[tail] = apply(ppf_tail, u[tail])
    return z

"""What is stored between runs of one offer: values that are known on every path, and arrays that nobody holds any more."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Run, delivery_of
from gainsim.cells import AnySource, filling, in_threads
from gainsim.model import Model
from gainsim.operations.delivery import Delivers
from gainsim.ops.cut import Place, before
from gainsim.streams.sampling import source_of
from gainsim.sums import CELL

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: what operations of a model come to, given the draws, the seed and the number of a replicate
Deliver = Callable[[Model, AnySource, int, int], Delivers]
#: what a run keeps by path
BY_PATH = ("total", "npv", "bound", "cash")


class StoredValues:
    """Values of an offer's program on every path, in the periods in which they are read; drawn once and then only read.

    cells: (cells, rows, 1024)
    rows:  of each value and period, its row
    at_most: bytes that they may take
    delivery: what operations come to
    """

    def __init__(
        self, model: Model, paths: int, seed: int, sampling: str, threads: int, at_most: int, delivery: Deliver = delivery_of
    ) -> None:
        self.model, self.paths, self.seed, self.sampling = model, paths, seed, sampling
        self.threads, self.at_most, self.delivery = threads, at_most, delivery
        self.cells: Floats = np.zeros((-(-paths // CELL), 0, CELL))
        self.rows: dict[Place, int] = {}

    def holds(self, wanted: Mapping[int, Bools]) -> bool:
        """Whether all of these are stored. wanted: by number of a value, the periods, (periods,)."""
        return all(place in self.rows for place in _places(wanted))

    def fit(self, wanted: Mapping[int, Bools], lost: frozenset[int]) -> bool:
        """Whether these may be stored beside what is; lost: values that nobody will read any more."""
        kept = [place for place in self.rows if place[0] not in lost]
        rows = len({*kept, *_places(wanted)})
        return rows * len(self.cells) * CELL * 8 <= self.at_most

    def store(self, wanted: Mapping[int, Bools], lost: frozenset[int]) -> None:
        """Draw what is missing, and let go of what is lost."""
        kept = [place for place in self.rows if place[0] not in lost]
        missing = {
            number: mask
            for number, periods in wanted.items()
            if (mask := np.array([bool(p) and (number, t) not in self.rows for t, p in enumerate(periods)])).any()
        }
        program, places = before(self.model.program, missing)
        more = np.empty((self.cells.shape[0], len(program.rows), CELL))
        source = source_of(self.sampling, self.model.plan(self.paths, self.seed))
        filled = filling(program, source, self.paths, partial(self.delivery, self.model, source, self.seed, 0))

        def work(cells: Iterator[int]) -> None:
            fill = filled()
            for cell in cells:
                fill(cell, more[cell])

        in_threads(work, len(more), self.threads, self.paths)
        self.cells = np.concatenate([self.cells[:, [self.rows[place] for place in kept]], more], axis=1) if kept else more
        self.rows = {place: row for row, place in enumerate(kept)} | {p: len(kept) + row for p, row in places.items()}

    def places(self, number: int, periods: int) -> NDArray[np.int64]:
        """(periods,) the rows of a value; 0 in periods in which nobody reads it."""
        return np.array([self.rows.get((number, t), 0) for t in range(periods)], np.int64)


def _places(wanted: Mapping[int, Bools]) -> list[Place]:
    return [(number, int(t)) for number, periods in wanted.items() for t in np.flatnonzero(periods)]


class Room:
    """Arrays for what a run keeps by path; they are used again once nobody holds the run, or a part of it.

    Each was filled by a run of the same offer, so that whatever no change has reached stands in all of them.
    """

    def __init__(self, first: Run) -> None:
        self._all = [tuple(getattr(first, name).base for name in BY_PATH)]

    def take(self) -> tuple[Floats, ...]:
        """(lines or dates, paths filled up to whole cells), in the order of `BY_PATH`."""
        for arrays in self._all:
            if _holders(arrays) == _NOBODY:
                return arrays
        self._all.append(tuple(array.copy() for array in self._all[0]))
        return self._all[-1]


def _holders(arrays: tuple[Floats, ...]) -> int:
    """How many hold one of the arrays, or a part of it, the tuple and this function among them."""
    return max(sys.getrefcount(array) for array in arrays)


_NOBODY = _holders((np.empty(0),))

"""Operations by path: histories of a block of paths, and what they add up to in each period."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.operations.account import Entry, place
from gainsim.operations.durations import BLOCK, Durations, Paths
from gainsim.operations.plant import Plant

Floats = NDArray[np.float64]


class Event(NamedTuple):
    """What happened to one asset or one call, in hours from the contract's start.

    asset: counted through; a call of requests is their asset of that number, after all assets: the first call the first
    mode:  by which it fails or failed, or for which planned work is called; -1 where it starts to run; of a call, the modes of
           fleets and then the kinds of requests counted through
    what:  one of `WHAT`; not told of the start at hour 0
    """

    time: float
    asset: int
    mode: int
    what: int


#: what an event is: an asset fails, or a call comes; a repair or planned work begins; it is done; an asset starts to run; a call
#: leaves or is turned away, planned work is withdrawn; planned work is called for; planned work stops the asset
WHAT = FAILS, BEGINS, DONE, RUNS, GOES, CALLS, STOPS = tuple(range(7))
#: and from here on, by the number of the cause: what a failure or call waits for
LACKS = 10


class Given(NamedTuple):
    """What drivers say, by the rows that `FLEET` names.

    use:    (rows, periods, paths) what an asset that runs is used in an hour
    wanted: (rows, periods, paths) how many assets would make what is asked for
    """

    use: Floats
    wanted: Floats


class Histories:
    """The histories of one plant under one seed."""

    def __init__(self, plant: Plant, seed: int, replicate: int = 0) -> None:
        self.plant, self.durations = plant, Durations(plant, seed, replicate)
        self._pools = np.full(len(plant.requests) + len(plant.shops) + 2, 8, np.int64)

    def where(self, plant: Plant) -> Histories:
        """Those of a plant whose lives and repairs are the same: drawn once."""
        other = copy(self)
        other.plant = plant
        return other

    def sums(self, paths: Paths, entries: Sequence[Entry], given: Given | None = None) -> Floats:
        """What is added up in each period, (entries, periods, paths); many paths follow on each other."""
        from gainsim.operations.twin.turning import turn  # here: only who has operations pays for the compiler

        sums, nothing = np.empty((self.plant.periods, len(entries), len(paths))), np.empty((0, 4))
        flat = sums.reshape(-1, len(paths))
        told = given or _nothing(self.plant)
        places = np.array([place(self.plant, entry) for entry in entries], np.int64)
        block = np.empty((BLOCK, self.plant.periods, len(entries)))
        for first in range(0, len(paths), BLOCK):
            some = slice(first, min(first + BLOCK, len(paths)))
            of_block = block[: some.stop - first]
            self._run(paths[some], Given(told.use[:, :, some], told.wanted[:, :, some]), places, of_block, nothing)
            turn(of_block.reshape(len(of_block), -1), flat[:, some])
        return sums.transpose(1, 0, 2)

    def events(self, path: int, given: Given | None = None) -> list[Event]:
        """The history of one path, in the order of time; at one instant as the rules have it. given: of this path alone."""
        log, nothing = np.empty((1_024, 4)), np.empty((1, self.plant.periods, 0))
        while True:
            events = self._run(np.array([path], np.uint64), given or _nothing(self.plant), np.empty(0, np.int64), nothing, log)
            if events <= len(log):
                return [Event(float(t), int(a), int(m), int(w)) for t, a, m, w in log[:events]]
            log = np.empty((events, 4))

    def _run(self, paths: Paths, given: Given, places: NDArray[np.int64], sums: Floats, log: Floats) -> int:
        """The histories of a block of paths, and how many events the last of them has."""
        from gainsim.operations.twin.loop import histories  # here: only who has operations pays for the compiler

        use, wanted = (np.ascontiguousarray(each) for each in given)
        by = 1.0 / 16.0  # most paths have lives enough: where one has not, a few more, and then by leaps
        while True:
            table, rules = self.durations.of(paths), self.plant.rules
            short, events, _ = histories(*table, *rules, self._pools, use, wanted, places, sums, log)
            if short == -1:
                return int(events)
            if short >= 0:
                self.durations.lengthen(short, by)
                by = 2.0 * by
            else:
                self._pools = np.where(np.arange(len(self._pools)) == -2 - short, 2 * self._pools, self._pools)


def _nothing(plant: Plant) -> Given:
    if (plant.rules.fleets["use"] >= 0).any() or (plant.rules.fleets["wanted"] >= 0).any():
        raise ValueError(f"the fleets of {plant.name} read drivers: their use and demand must be given")
    return Given(np.empty((0, plant.periods, 0)), np.empty((0, plant.periods, 0)))

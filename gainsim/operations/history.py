"""Operations by path: histories of a block of paths, and what they add up to in each period."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.operations.account import Total, placed
from gainsim.operations.durations import Durations, Paths
from gainsim.operations.plant import Plant

Floats = NDArray[np.float64]


#: paths that are run at once: an interrupt waits for no more
AT_ONCE = 1_024


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

    def sums(self, paths: Paths, totals: Sequence[Total], given: Given | None = None) -> Floats:
        """What is added up in each period, (totals, periods, paths); many paths follow on each other."""
        sums = np.empty((len(totals), self.plant.periods, len(paths)))
        self._run(paths, given, totals, sums, np.empty((0, 4)))
        return sums

    def events(self, path: int, given: Given | None = None) -> list[Event]:
        """The history of one path, in the order of time; at one instant as the rules have it. given: of this path alone."""
        log, nothing = np.empty((1_024, 4)), np.empty((0, self.plant.periods, 1))
        while True:
            events = self._run(np.array([path], np.uint64), given, (), nothing, log)
            if events <= len(log):
                return [Event(float(t), int(a), int(m), int(w)) for t, a, m, w in log[:events]]
            log = np.empty((events, 4))

    def _run(self, paths: Paths, given: Given | None, totals: Sequence[Total], sums: Floats, log: Floats) -> int:
        """Add up the histories of these paths; gives how many events the last of them has."""
        from gainsim.operations.twin.loop import histories  # here: only who has operations pays for the compiler

        read = (*(np.ascontiguousarray(each) for each in given or _nothing(self.plant)), *placed(self.plant, totals))
        flat, rules, done, events = sums.reshape(len(totals) * self.plant.periods, len(paths)), self.plant.rules, 0, 0
        by = np.full(len(self.plant.modes), 1.0 / 16.0)  # most paths have lives enough: else a few more, then by leaps, each mode
        while done < len(paths):
            table, end = self.durations.of(paths), min(done + AT_ONCE, len(paths))
            short, done, events, _ = histories(*table, *rules, self._pools, *read, done, end, flat, log)
            if short >= 0:
                self.durations.lengthen(short, by[short])
                by[short] *= 2.0
            elif short < -1:
                self._pools = np.where(np.arange(len(self._pools)) == -2 - short, 2 * self._pools, self._pools)
        return int(events)


def _nothing(plant: Plant) -> Given:
    if (plant.rules.fleets["use"] >= 0).any() or (plant.rules.fleets["wanted"] >= 0).any():
        raise ValueError(f"the fleets of {plant.name} read drivers: their use and demand must be given")
    return Given(np.empty((0, plant.periods, 0)), np.empty((0, plant.periods, 0)))

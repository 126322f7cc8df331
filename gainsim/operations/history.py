"""Operations by path: histories of a block of paths, and what they come to in each period."""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.offer.operations import Outcome
from gainsim.operations.durations import Durations, Paths
from gainsim.operations.plant import Plant
from gainsim.sums import CELL

Floats = NDArray[np.float64]


class Event(NamedTuple):
    """What happened to one asset, in hours from the contract's start.

    mode: by which it fails or failed; where it starts to run, by which it will fail next
    what: 0 it fails, 1 its repair begins, 2 that ends and it stands by, 3 it starts to run; not told of the start at hour 0
    """

    time: float
    asset: int
    mode: int
    what: int


class Histories:
    """The histories of one plant under one seed."""

    def __init__(self, plant: Plant, seed: int, replicate: int = 0) -> None:
        self.plant, self.durations = plant, Durations(plant, seed, replicate)

    def where(self, plant: Plant) -> Histories:
        """Those of a plant with as many assets, but other people or parts: the same lives and repairs, drawn once."""
        other = copy(self)
        other.plant = plant
        return other

    def sums(self, paths: Paths) -> Floats:
        """What is added up in each period, (fleets + 1, SUMS, periods, paths); many paths follow on each other."""
        cells = [paths[first : first + CELL] for first in range(0, len(paths), CELL)]
        return np.concatenate([self._run(cell, 0)[0] for cell in cells], axis=3) if len(cells) > 1 else self._run(paths, 0)[0]

    def causes(self, paths: Paths) -> tuple[Floats, Floats]:
        """The sums of at most a cell of paths, and what each mode is the cause of, (modes, CAUSES, paths)."""
        from gainsim.operations.twin import CAUSES

        found = np.empty((len(self.plant.modes), CAUSES, len(paths)))
        return self._run(paths, 0, found)[0], found

    def events(self, path: int) -> list[Event]:
        """The history of one path, in the order of time; at one instant as the rules have it."""
        room = 1_024
        while True:
            _, log, count = self._run(np.array([path], np.uint64), room)
            if count <= room:
                return [Event(float(t), int(a), int(m), int(w)) for t, a, m, w in log[:count]]
            room = count

    def _run(self, paths: Paths, room: int, causes: Floats | None = None) -> tuple[Floats, Floats, int]:
        from gainsim.operations.twin import SUMS, histories  # here: only who has operations pays for the compiler

        plant = self.plant
        sums, log = np.empty((len(plant.fleets) + 1, SUMS, plant.periods, len(paths))), np.empty((room, 4))
        while True:
            table = self.durations.of(paths)
            short, count = histories(
                table.rows, table.first, table.lengths, plant.hours, plant.first_asset, plant.most, plant.needed,
                plant.first_mode, plant.crew, plant.spare, plant.priority, plant.renews, plant.number, plant.stock, plant.depot,
                len(plant.kinds), plant.shifts, plant.monday, sums, log, causes,
            )  # fmt: skip
            if short < 0:
                return sums, log, count
            self.durations.lengthen(short)


def outcome(plant: Plant, sums: Floats, what: Outcome, fleet: str | None) -> Floats:
    """One outcome in each period, (periods, paths)."""
    from gainsim.operations import twin

    whole = fleet is None
    chosen = sums[:-1] if fleet is None else sums[plant.fleets.index(fleet)][None]
    total = np.add.accumulate(chosen, axis=0)[-1]
    assets = np.diff(plant.first_asset)
    count = float(plant.first_asset[-1] if fleet is None else assets[plant.fleets.index(fleet)])
    hours = np.diff(plant.hours)[:, None]
    match what:
        case "availability":
            found = total[twin.UP] / (count * hours)
        case "served":
            found = (sums[-1] if whole else total)[twin.SERVED] / hours
        case "downtime":
            found = count * hours - total[twin.UP]
        case "response":
            visits = total[twin.VISITS]
            found = np.where(visits > 0.0, total[twin.RESPONSE] / np.where(visits > 0.0, visits, 1.0), 0.0)
        case _:
            found = total[getattr(twin, what.upper())]
    return np.asarray(found)

"""Operations by path: histories of a block of paths, and what they come to in each period."""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.offer.operations import Answer, Outcome
from gainsim.operations.durations import BLOCK, Durations, Paths
from gainsim.operations.plant import Plant, counted

Floats = NDArray[np.float64]


class Event(NamedTuple):
    """What happened to one asset or one call, in hours from the contract's start.

    asset: counted through; a call of requests is their asset of that number, after all assets: the first call the first

    mode: by which it fails or failed; where it starts to run, by which it will fail next
    what: 0 it fails, 1 its repair begins, 2 that ends and it stands by, 3 it starts to run; not told of the start at hour 0;
          of a call: 0 it comes, 1 it is begun, 2 it is done, 4 it leaves or is turned away
    """

    time: float
    asset: int
    mode: int
    what: int


class Histories:
    """The histories of one plant under one seed."""

    def __init__(self, plant: Plant, seed: int, replicate: int = 0) -> None:
        self.plant, self.durations = plant, Durations(plant, seed, replicate)
        self._seats = np.full(len(plant.requests), 8, np.int64)

    def where(self, plant: Plant) -> Histories:
        """Those of a plant with as many assets, but other people or parts: the same lives and repairs, drawn once."""
        other = copy(self)
        other.plant = plant
        return other

    def sums(self, paths: Paths) -> Floats:
        """What is added up in each period, (fleets + 1, SUMS, periods, paths); many paths follow on each other."""
        return self._in_blocks(paths, None)

    def causes(self, paths: Paths) -> tuple[Floats, Floats]:
        """The same sums, and what each mode is the cause of, (modes, CAUSES, paths)."""
        from gainsim.operations.twin import CAUSES

        found = np.empty((len(self.plant.modes), CAUSES, len(paths)))
        return self._in_blocks(paths, found), found

    def _in_blocks(self, paths: Paths, causes: Floats | None) -> Floats:
        sums, nothing = self._room(len(paths)), np.empty((0, 4))
        for first in range(0, len(paths), BLOCK):
            self._run(paths[first : first + BLOCK], sums, first, nothing, causes)
        return sums

    def events(self, path: int) -> list[Event]:
        """The history of one path, in the order of time; at one instant as the rules have it."""
        log = np.empty((1_024, 4))
        while True:
            count = self._run(np.array([path], np.uint64), self._room(1), 0, log)
            if count <= len(log):
                return [Event(float(t), int(a), int(m), int(w)) for t, a, m, w in log[:count]]
            log = np.empty((count, 4))

    def _room(self, paths: int) -> Floats:
        from gainsim.operations.twin import SUMS

        return np.empty((len(self.plant.fleets) + len(self.plant.requests) + 1, SUMS, self.plant.periods, paths))

    def _run(self, paths: Paths, sums: Floats, first: int, log: Floats, causes: Floats | None = None) -> int:
        """The histories of a block of paths, and how many events the last of them has."""
        from gainsim.operations.twin import histories  # here: only who has operations pays for the compiler

        plant, none = self.plant, np.zeros(len(self.plant.requests), np.int64)
        most, needed = np.append(plant.most, none), np.append(plant.needed, none)
        while True:
            first_asset = np.append(plant.first_asset, plant.first_asset[-1] + counted(self._seats)[1:])
            short, count = histories(
                *self.durations.of(paths), plant.hours, first_asset, most, needed, plant.first_mode, plant.crew, plant.spare,
                plant.priority, plant.renews, plant.number, plant.stock, plant.depot, plant.shifts, plant.monday,
                self._seats, plant.room, plant.within, sums, first, log, causes,
            )  # fmt: skip
            if short == -1:
                return int(count)
            if short >= 0:
                self.durations.lengthen(short)
            else:
                self._seats = np.where(np.arange(len(none)) == -2 - short, 2 * self._seats, self._seats)


def outcome(plant: Plant, sums: Floats, what: Outcome, fleet: str | None) -> Floats:
    """One outcome in each period, (periods, paths)."""
    from gainsim.operations import twin

    whole = fleet is None
    chosen = sums[: len(plant.fleets)] if fleet is None else sums[plant.fleets.index(fleet)][None]
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


def answer(plant: Plant, sums: Floats, what: Answer, requests: str) -> Floats:
    """What comes of requests in each period, (periods, paths)."""
    from gainsim.operations import twin

    found = sums[len(plant.fleets) + plant.requests.index(requests)]
    match what:
        case "calls":
            return np.asarray(found[twin.FAILURES])
        case "answered":
            return np.asarray(found[twin.VISITS])
        case "response":
            visits = found[twin.VISITS]
            return np.where(visits > 0.0, found[twin.RESPONSE] / np.where(visits > 0.0, visits, 1.0), 0.0)
        case _:
            return np.asarray(found[getattr(twin, what.upper())])

"""The history of one path as people tell it: what failed, what each repair waited for, when it ran again."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Literal

import numpy as np

from gainsim.operations.durations import Table
from gainsim.operations.history import Event, Histories
from gainsim.operations.plant import KINDS, Plant

Cause = Literal["spare", "shift", "crew"]


@dataclass(frozen=True)
class Wait:
    """Part of the time before a repair begins, and what it waits for; in hours from the contract's start."""

    begin: float
    end: float
    cause: Cause


@dataclass
class Incident:
    """One failure of an asset, in hours from the contract's start; None for what the contract's end cuts off.

    asset:  counted through all fleets, from 0
    runs:   when the asset runs again; later than `stands` where it stands by meanwhile
    """

    asset: int
    mode: int
    failed: float
    waits: list[Wait] = field(default_factory=list)
    begun: float | None = None
    stands: float | None = None
    runs: float | None = None


@dataclass(frozen=True)
class Story:
    """What happened on one path: its failures in their order, and when which asset that had stood by since the start ran."""

    incidents: list[Incident] = field(default_factory=list)
    starts: list[tuple[float, int]] = field(default_factory=list)


def story(histories: Histories, path: int) -> Story:
    """What happened on one path.

    A repair that waits, waits for its spare where none is in stock; else for the shift of its crew; else for a crew that is free.
    """
    assets = int(histories.plant.first_asset[-1])
    events = [event for event in histories.events(path) if event.asset < assets]
    told = _Told(histories.plant, histories.durations.of(np.array([path], np.uint64)))
    times = [*(event.time for event in events), float(histories.plant.hours[-1])]
    for event, until in zip(events, times[1:], strict=True):
        told.happens(event)
        told.passes(event.time, until)
    return told.story


class _Told:
    """What stands at an instant of a path that is told once more: who waits, which parts are there, which are under way."""

    def __init__(self, plant: Plant, table: Table) -> None:
        self.plant, self.table = plant, table
        self.story = Story()
        self.down: dict[int, Incident] = {}
        self.parts = plant.stock.tolist()
        self.due: list[tuple[float, int]] = []
        self.owed: list[tuple[int, float]] = []
        self.life = [0] * int(plant.first_slot[-1])

    def happens(self, event: Event) -> None:
        """One event of the log."""
        from gainsim.operations.twin import BEGINS, FAILS, STANDS

        spare = int(self.plant.spare[event.mode])
        if event.what == FAILS:
            self.down[event.asset] = Incident(event.asset, event.mode, event.time)
            self.story.incidents.append(self.down[event.asset])
            if spare >= 0:
                self._ordered(event, spare)
        elif event.what == BEGINS:
            self.down[event.asset].begun = event.time
            if spare >= 0:
                self.parts[spare] -= 1
        elif event.what == STANDS:
            self.down[event.asset].stands = event.time
            for slot in self._renewed(event):
                self.life[slot] += 1
        elif event.asset in self.down:
            self.down.pop(event.asset).runs = event.time
        else:
            self.story.starts.append((event.time, event.asset))

    def passes(self, since: float, until: float) -> None:
        """The time between two events, cut where parts arrive."""
        while self.due and self.due[0][0] < until:
            arrives, spare = heappop(self.due)
            self._waits(since, arrives)
            self._arrives(arrives, spare)
            since = max(since, arrives)
        self._waits(since, until)

    def _waits(self, since: float, until: float) -> None:
        for incident in self.down.values():
            if incident.begun is None and since < until:
                spare = int(self.plant.spare[incident.mode])
                lacks = spare >= 0 and self.parts[spare] == 0
                crew = int(self.plant.crew[incident.mode])
                for wait in [Wait(since, until, "spare")] if lacks else _shifts(self.plant, crew, since, until):
                    _add(incident.waits, wait)

    def _ordered(self, event: Event, spare: int) -> None:
        """A spare is ordered; from a depot, which sends it once it has one, and orders one itself."""
        depot, lead_time = int(self.plant.depot[spare]), self._lasts(event, "lead_time")
        if depot >= 0:
            heappush(self.due, (event.time + self._lasts(event, "supply"), depot))
            if self.parts[depot] == 0:
                self.owed.append((spare, lead_time))
                return
            self.parts[depot] -= 1
        heappush(self.due, (event.time + lead_time, spare))

    def _arrives(self, time: float, spare: int) -> None:
        """A part arrives: a depot sends it on to the order that came first, if it owes one."""
        order = next((order for order in self.owed if self.plant.depot[order[0]] == spare), None)
        if order is None:
            self.parts[spare] += 1
            return
        self.owed.remove(order)
        heappush(self.due, (time + order[1], order[0]))

    def _slot(self, event: Event, mode: int) -> int:
        fleet = int(self.plant.fleet_of[event.asset])
        return int(self.plant.first_slot[event.asset]) + mode - int(self.plant.first_mode[fleet])

    def _renewed(self, event: Event) -> list[int]:
        """The modes of the asset whose next life begins."""
        if not self.plant.renews[event.mode]:
            return [self._slot(event, event.mode)]
        return list(range(int(self.plant.first_slot[event.asset]), int(self.plant.first_slot[event.asset + 1])))

    def _lasts(self, event: Event, kind: str) -> float:
        slot = self._slot(event, event.mode)
        return float(self.table.lives(slot, event.mode)[self.life[slot], KINDS.index(kind)])


def _add(waits: list[Wait], wait: Wait) -> None:
    """One wait more; it lengthens the last one where that is for the same."""
    if waits and waits[-1].cause == wait.cause:
        waits[-1] = Wait(waits[-1].begin, wait.end, wait.cause)
    else:
        waits.append(wait)


def _shifts(plant: Plant, crew: int, since: float, until: float) -> list[Wait]:
    """The time between two hours, cut where shifts of a crew begin and end: off shift it is waited for, on shift for a crew."""
    first, last, *days = plant.shifts[crew].tolist()
    found, at = [], since
    day = int((since + plant.monday) // 24.0)
    while at < until:
        midnight = 24.0 * day - plant.monday
        marks: list[tuple[float, Cause]] = [(midnight + 24.0, "shift")]
        if days[day % 7]:
            marks = [(midnight + first, "shift"), (midnight + last, "crew"), *marks]
        for mark, cause in marks:
            if at < min(mark, until):
                found.append(Wait(at, min(mark, until), cause))
                at = min(mark, until)
        day += 1
    return found

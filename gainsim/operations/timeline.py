"""The history of one path as people tell it: what failed, what each repair waited for, when it ran again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gainsim.operations.history import Event
from gainsim.operations.plant import Plant

Cause = Literal["shift", "crew", "spare"]


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


def incidents(plant: Plant, events: Sequence[Event]) -> list[Incident]:
    """The failures of a path in their order.

    A repair that waits, waits for the shift of its crew; on shift for a crew where none is free; else for its spare.
    """
    from gainsim.operations.twin import BEGINS, FAILS, STANDS

    end = float(plant.hours[-1])
    free, told = plant.number.tolist(), []
    open_: dict[int, Incident] = {}
    waiting: dict[int, Incident] = {}
    for number, event in enumerate(events):
        if event.what == FAILS:
            open_[event.asset] = waiting[event.asset] = Incident(event.asset, event.mode, event.time)
            told.append(open_[event.asset])
        elif event.what == BEGINS:
            waiting.pop(event.asset).begun = event.time
            free[plant.crew[event.mode]] -= 1
        elif event.what == STANDS:
            open_[event.asset].stands = event.time
            free[plant.crew[event.mode]] += 1
        elif event.asset in open_:
            open_.pop(event.asset).runs = event.time
        until = events[number + 1].time if number + 1 < len(events) else end
        if until > event.time:
            for incident in waiting.values():
                _wait(plant, incident, event.time, until, free)
    return told


def _wait(plant: Plant, incident: Incident, since: float, until: float, free: Sequence[int]) -> None:
    """Add what a repair waits for between two instants; the shift may begin or end between them."""
    crew = int(plant.crew[incident.mode])
    for begin, end, on_shift in _shifts(plant, crew, since, until):
        cause: Cause = "shift" if not on_shift else "crew" if free[crew] == 0 else "spare"
        if incident.waits and incident.waits[-1].cause == cause:
            incident.waits[-1] = Wait(incident.waits[-1].begin, end, cause)
        else:
            incident.waits.append(Wait(begin, end, cause))


def _shifts(plant: Plant, crew: int, since: float, until: float) -> list[tuple[float, float, bool]]:
    """The spans between two hours in which a crew is on shift or off, in their order."""
    first, last, *days = plant.shifts[crew].tolist()
    found, at = [], since
    day = int((since + plant.monday) // 24.0)
    while at < until:
        midnight = 24.0 * day - plant.monday
        marks = (midnight + first, midnight + last, midnight + 24.0) if days[day % 7] else (midnight + 24.0,)
        for place, mark in enumerate(marks):
            if at < min(mark, until):
                found.append((at, min(mark, until), len(marks) == 3 and place == 1))
                at = min(mark, until)
        day += 1
    return found

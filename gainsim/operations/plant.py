"""Operations as dated numbers: who fails, how long things last, who repairs, what is in stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import inf

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import within
from gainsim.grid import Calendar
from gainsim.offer import operations as written
from gainsim.offer.shapes import Shape
from gainsim.problems import Problems
from gainsim.streams.tables import HIGHEST

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Law = float | Marginal
#: what is drawn for each life of a mode, in this order; supply is the lead time of the depot that its spare comes from,
#: patience that of a call
KINDS = ("life", "repair", "travel", "access", "lead_time", "supply", "patience")


@dataclass(frozen=True)
class Mode:
    """One failure mode of one fleet. laws: one for each of `KINDS`, in their order."""

    fleet: str
    name: str
    laws: tuple[Law, ...]


@dataclass(frozen=True)
class Plant:
    """Operations, everything counted from 0 in the order of the file.

    hours:       (periods + 1,) when each period begins, in hours from the contract's start; the last is its end
    first_asset: (fleets + 1,) the first asset of each fleet
    most, needed: (fleets,) how many run at once; how many must
    modes:       of all fleets, one fleet after the other; then of requests one each, its lives the hours from call to call
    first_mode:  (fleets + requests + 1,)
    crew, spare: (modes,) who repairs, and what that takes; -1: no spare
    priority:    (modes,) the lower comes first
    renews:      (modes,) whether a repair renews all modes of the asset
    number:      (crews,) people; stock: (spares,) parts at the start
    depot:       (spares,) the spare that each is supplied from; -1: from outside
    shifts:      (crews, 9) begin and end, in hours of the day, and 1 for each day of the week on which they begin repairs
    room, within: (requests,) how many may wait; in how many hours the crew must be there
    monday:      hours from the last Monday's midnight to the contract's start
    """

    name: str
    hours: Floats
    fleets: tuple[str, ...]
    first_asset: Integers
    most: Integers
    needed: Integers
    modes: tuple[Mode, ...]
    first_mode: Integers
    crew: Integers
    spare: Integers
    priority: Integers
    renews: NDArray[np.bool_]
    crews: tuple[str, ...]
    number: Integers
    spares: tuple[str, ...]
    stock: Integers
    depot: Integers
    shifts: Floats
    monday: float
    requests: tuple[str, ...]
    room: Floats
    within: Floats

    @property
    def periods(self) -> int:
        """How many there are."""
        return len(self.hours) - 1

    @property
    def fleet_of(self) -> Integers:
        """(assets,) the fleet of each asset."""
        return np.repeat(np.arange(len(self.fleets)), np.diff(self.first_asset))

    def asset(self, counted_through: int) -> tuple[str, int]:
        """The fleet of an asset, and its number in it, from 1."""
        fleet = int(np.searchsorted(self.first_asset, counted_through, side="right")) - 1
        return self.fleets[fleet], counted_through - int(self.first_asset[fleet]) + 1

    @property
    def mode_of_slot(self) -> Integers:
        """(slots,) the mode of each slot."""
        ranges = [np.arange(self.first_mode[fleet], self.first_mode[fleet + 1]) for fleet in self.fleet_of.tolist()]
        return np.concatenate(ranges)

    @property
    def first_slot(self) -> Integers:
        """(assets + 1,) where the modes of each asset begin, all modes of all assets counted through."""
        return counted(np.diff(self.first_mode)[self.fleet_of].tolist())


def plant(name: str, operations: written.Operations, calendar: Calendar, problems: Problems) -> Plant | None:
    """Operations on a calendar; None where something is wrong with them, which is told."""
    fleets, crews, spares = operations.fleets, tuple(operations.crews), tuple(operations.spares)
    modes: list[Mode] = []
    travel: dict[str, Law] = {}
    lead_time: dict[str, Law] = {}
    depots = {spare: kept.depot for spare, kept in operations.spares.items()}
    told = len(problems.found)
    for crew, people in operations.crews.items():
        with problems.at("operations", name, "crews", crew, "travel"):
            travel[crew] = _law(people.travel, "travel")
    for spare, kept in operations.spares.items():
        with problems.at("operations", name, "spares", spare, "lead_time"):
            lead_time[spare] = _law(kept.lead_time, "lead_time")
    for fleet, kind in fleets.items():
        for mode, failure in kind.failures.items():
            place = ("operations", name, "fleets", fleet, "failures", mode)
            laws: list[Law] = []
            with problems.at(*place, "life"):
                laws.append(_life(failure.life, "life", "a life may be 0 hours: it would fail again and again at one instant"))
            with problems.at(*place, "repair"):
                laws.append(_law(failure.repair, "repair"))
            laws.append(travel.get(failure.crew, 0.0))
            with problems.at(*place, "access"):
                laws.append(_law(failure.access, "access"))
            laws.append(lead_time.get(failure.spare or "", 0.0))
            laws.append(lead_time.get(depots.get(failure.spare or "") or "", 0.0))
            modes.append(Mode(fleet, mode, (*laws, inf)))
    for calls, asked in operations.requests.items():
        laws = []
        with problems.at("operations", name, "requests", calls, "every"):
            laws.append(_life(asked.every, "every", "a call may come 0 hours after another: they would never end"))
        with problems.at("operations", name, "requests", calls, "takes"):
            laws.append(_law(asked.takes, "takes"))
        patience: Law = inf
        with problems.at("operations", name, "requests", calls, "patience"):
            patience = inf if asked.patience is None else _law(asked.patience, "patience")
        modes.append(Mode(calls, "call", (*laws, travel.get(asked.crew, 0.0), 0.0, 0.0, 0.0, patience)))
    for spare, kept in operations.spares.items():
        with problems.at("operations", name, "spares", spare, "stock"):
            if kept.stock == 0 and kept.lead_time == 0.0 and kept.depot is None:
                raise ValueError("no stock, and delivered at once: nobody waits for it. Leave the spare out, or write a lead time.")
    if len(problems.found) > told:
        return None
    failures = [failure for kind in fleets.values() for failure in kind.failures.values()]
    asked_for = list(operations.requests.values())
    called_for: list[written.FailureMode | written.Requests] = [*failures, *asked_for]
    return Plant(
        name,
        hours_of(calendar),
        tuple(fleets),
        counted([kind.assets for kind in fleets.values()]),
        np.array([kind.most for kind in fleets.values()], np.int64),
        np.array([kind.least for kind in fleets.values()], np.int64),
        tuple(modes),
        counted([len(kind.failures) for kind in fleets.values()] + [1 for _ in asked_for]),
        np.array([crews.index(each.crew) for each in called_for], np.int64),
        np.array([spares.index(each.spare) if each.spare else -1 for each in failures] + [-1 for _ in asked_for], np.int64),
        np.array([each.priority for each in called_for], np.int64),
        np.array([each.renews == "asset" for each in failures] + [False for _ in asked_for], np.bool_),
        crews,
        np.array([crew.number for crew in operations.crews.values()], np.int64),
        spares,
        np.array([kept.stock for kept in operations.spares.values()], np.int64),
        np.array([spares.index(kept.depot) if kept.depot else -1 for kept in operations.spares.values()], np.int64),
        np.array([_shifts(crew) for crew in operations.crews.values()]),
        24.0 * calendar.start.weekday(),
        tuple(operations.requests),
        np.array([inf if each.room is None else each.room for each in asked_for]),
        np.array([inf if each.within is None else each.within for each in asked_for]),
    )


def _shifts(crew: written.Crew) -> list[float]:
    if crew.shifts is None:
        return [0.0, 24.0, *[1.0] * 7]
    return [float(crew.shifts.begins), float(crew.shifts.ends), *(float(day in crew.shifts.days) for day in written.WEEK)]


def hours_of(calendar: Calendar) -> Floats:
    """When each period begins, in hours from the contract's start; and its end."""
    starts = [calendar.period(t).start for t in range(calendar.periods)]
    return np.array([_hours(start, calendar.start) for start in (*starts, calendar.end)])


def _hours(when: date, start: date) -> float:
    return 24.0 * (when - start).days


def _life(hours: Shape, key: str, why: str) -> Marginal:
    law = within(hours, key, 0.0)
    if law.further == 0 and law.at(-HIGHEST) <= 0.0:
        raise ValueError(f"{why}. Write one that lasts.")
    return law


def _law(hours: float | Shape, key: str) -> Law:
    return hours if isinstance(hours, float) else within(hours, key, 0.0)


def counted(sizes: Iterable[int]) -> Integers:
    """(n + 1,) where each of so many things begins, counted through; the last is how many there are.

    >>> counted([3, 1, 2])
    array([0, 3, 4, 6])
    """
    return np.array([0, *accumulate(sizes)], np.int64)


def plants(
    operations: Mapping[str, written.Operations], calendar: Calendar, problems: Problems
) -> dict[str, Plant]:
    """All of them that are in order, by name."""
    found = {name: plant(name, each, calendar, problems) for name, each in operations.items()}
    return {name: each for name, each in found.items() if each is not None}

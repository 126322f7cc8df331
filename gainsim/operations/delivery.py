"""Drivers that are outcomes of operations: which one, in which unit, and their values on the paths of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gainsim.grid import Calendar
from gainsim.offer.operations import FRACTIONS, STANDING, OfOperations, Operations
from gainsim.operations.account import Total
from gainsim.operations.durations import Paths
from gainsim.operations.history import Histories
from gainsim.operations.outcomes import (
    CALLS,
    IN_HOURS,
    LIMITS,
    OF_A_FLEET,
    OF_MODES,
    OF_REQUESTS,
    TIMES,
    Reading,
    limited,
    standing,
    whose,
)
from gainsim.operations.output import Known, added_up
from gainsim.operations.plant import Plant
from gainsim.problems import Unusable
from gainsim.spelling import meant_or_known
from gainsim.units import DIMENSIONLESS, FLOW_MONTHS, Unit

Floats = NDArray[np.float64]
HOURS = Unit.of({"hour": 1})


@dataclass(frozen=True)
class Delivered:
    """A driver that is an outcome of operations.

    over: what a period's total is divided by, so that it stands in the driver's unit
    """

    reading: Reading
    over: float

    @property
    def plant(self) -> Plant:
        """Whose outcome it is."""
        return self.reading.plant

    def of(self, added: Mapping[Total, Floats]) -> Floats:
        """Its values, (periods, paths), from what histories add up, and what fleets make."""
        values = self.reading.of(added, self.plant.owed)
        return values if self.over == 1.0 else np.asarray(values / self.over)


class Delivers(Protocol):
    """What says what operations come to on the paths of a run."""

    def on(self, paths: Paths) -> dict[str, Floats]:
        """Every driver that is an outcome, by name, (periods, paths)."""


class Delivery:
    """What operations come to on the paths of a run; for one thread.

    read: the drivers that fleets read, by name, (periods, paths), on some paths of the run
    """

    def __init__(
        self, outcomes: Mapping[str, Delivered], seed: int, replicate: int, read: Callable[[Paths], Known]
    ) -> None:
        self.outcomes, self.read = outcomes, read
        plants = {each.plant.name: each.plant for each in outcomes.values()}
        self.histories = {name: Histories(plant, seed, replicate) for name, plant in plants.items()}
        self.totals = {
            name: tuple(dict.fromkeys(of for each in outcomes.values() if each.plant.name == name for of in each.reading.totals))
            for name in plants
        }

    def on(self, paths: Paths) -> dict[str, Floats]:
        """Every driver that is an outcome, by name, (periods, paths)."""
        known = self.read(paths)
        added = {}
        for name, histories in self.histories.items():
            added[name] = added_up(histories, paths, self.totals[name], known)
        return {name: each.of(added[each.plant.name]) for name, each in self.outcomes.items()}


def months_of_a_period(unit: Unit, calendar: Calendar) -> float:
    """By how much what a driver says of its own time is to be multiplied to say it of a period; 1 where it adds up over none."""
    return 1.0 if unit.flow is None else calendar.step_months / FLOW_MONTHS[unit.flow]


def delivered(
    of: OfOperations, unit: Unit, operations: Mapping[str, Operations], known: Mapping[str, Plant], calendar: Calendar
) -> Delivered | float:
    """The outcome that a driver is; a number, where it does not change.

    Raises `ValueError` where there is none, or not in this unit.
    """
    if of.of not in operations:
        raise ValueError(f"of: no operations '{of.of}'.{meant_or_known(of.of, operations)}")
    for problem in _problems(of, operations[of.of]):
        raise ValueError(problem)
    if of.of not in known:
        raise Unusable(of.of)
    plant = known[of.of]
    who = whose(plant, of.fleet, of.site, of.mode, of.requests)
    if of.outcome in LIMITS and not limited(plant, who, of.outcome):
        limit, where = LIMITS[of.outcome], "these requests" if of.requests is not None else "a failure of these assets"
        raise ValueError(f"outcome: {of.outcome} is held against {limit}, which is not written. Write {limit}: at {where}.")
    if of.outcome in STANDING:
        if unit != DIMENSIONLESS:
            raise ValueError(f"{of.outcome} is a number; its driver is in {unit}. Write unit: 1.")
        return standing(plant, of.outcome, who, of.crew or of.spare)
    reading = Reading(plant, of.outcome, who, of.cause, tuple(of.excludes), of.mode is not None)
    return Delivered(reading, _over(of, unit, calendar))


def _problems(of: OfOperations, operations: Operations) -> Iterator[str]:
    """What is wrong with the choice of an outcome, the first of which is told."""
    groups: tuple[tuple[str, str | None, Iterable[str]], ...] = (
        ("fleet", of.fleet, operations.fleets), ("site", of.site, operations.sites), ("requests", of.requests, operations.requests),
        ("crew", of.crew, operations.crews), ("spare", of.spare, operations.spares),
    )  # fmt: skip
    for key, name, names in groups:
        if name is not None and name not in names:
            yield f"{key}: no {key} '{name}' in {of.of}.{meant_or_known(name, names)}"
    if of.site is not None and all(kind.site != of.site for kind in operations.fleets.values()):
        yield f"site: no fleet stands there. Write site: {of.site} at one."
    chosen = [key for key, name, _ in groups if name is not None]
    if len(chosen) > 1:
        one, other = (key if key == "requests" else f"a {key}" for key in chosen[:2])
        yield f"{chosen[1]}: an outcome is of {one} or of {other}. Leave one of the two out."
    for outcome, key in (("people", "crew"), ("stock", "spare")):
        if of.outcome == outcome and key not in chosen:
            yield f"outcome: {outcome} is of one {key}. Write {key}: and its name."
        if of.outcome != outcome and key in chosen:
            yield f"{key}: {of.outcome} is of no {key}. Leave it out, or write outcome: {outcome}."
    if of.outcome in CALLS and of.requests is None:
        which = f"as requests: {next(iter(operations.requests))}" if operations.requests else "of which none are written"
        yield f"outcome: {of.outcome} is what comes of requests. Name them, {which}."
    elif not operations.fleets and of.requests is None and of.outcome not in ("people", "stock"):
        instead = f"Write requests: {next(iter(operations.requests))}, and one of {', '.join(OF_REQUESTS)}."
        yield f"outcome: {of.of} has no fleets, so there is no {of.outcome} of assets. {instead}"
    if of.requests is not None and of.outcome not in OF_REQUESTS:
        yield f"outcome: {of.outcome} is of assets. Of requests there are {', '.join(OF_REQUESTS)}."
    if of.outcome in OF_A_FLEET and of.fleet is None:
        yield f"outcome: {of.outcome} is of one fleet, in its own unit. Write fleet: and its name."
    yield from _of_a_fleet(of, operations)
    if of.cause is not None and of.outcome != "downtime":
        yield "cause: it tells the part of downtime that is spent on something. Write outcome: downtime."
    if len(set(of.excludes)) < len(of.excludes):
        yield "excludes: a cause is written twice. Write each once."
    if of.excludes and (of.outcome not in ("availability", "downtime") or of.cause is not None or of.mode is not None):
        yield "excludes: it leaves hours out of the availability or downtime of assets. Leave it out."


def _of_a_fleet(of: OfOperations, operations: Operations) -> Iterator[str]:
    if of.mode is not None:
        if of.fleet is None:
            yield "mode: it is one of a fleet. Write fleet: and its name."
            return
        kind = operations.fleets[of.fleet]
        names = [*kind.failures, *kind.maintenance]
        if of.mode not in names:
            yield f"mode: no failure or maintenance '{of.mode}' in {of.fleet}.{meant_or_known(of.mode, names)}"
        if of.outcome not in OF_MODES:
            yield f"mode: {of.outcome} is of whole assets. Leave mode out."
    if of.outcome in OF_A_FLEET and of.fleet is not None:
        kind = operations.fleets[of.fleet]
        if kind.capacity is None:
            yield f"outcome: what an asset of {of.fleet} makes is not said. Write capacity: there."
        if of.outcome == "demand_served" and kind.demand is None:
            yield f"outcome: what is asked of {of.fleet} is not said. Write demand: there, and the driver that says it."


def _over(of: OfOperations, unit: Unit, calendar: Calendar) -> float:
    here = f"its driver is in {unit}" if unit.powers else "its driver is a plain number"
    if of.outcome in FRACTIONS:
        if unit != DIMENSIONLESS:
            raise ValueError(f"{of.outcome} is a part of a whole; {here}. Write unit: fraction of time.")
        return 1.0
    if of.outcome in TIMES:
        if unit != HOURS:
            raise ValueError(f"{of.outcome} is a time; {here}. Write unit: hours.")
        return 1.0
    if unit.flow is None:
        one = "hours/month" if of.outcome in IN_HOURS else "1/month"
        instead = "the demand's" if of.outcome == "throughput" else f"a unit per month, quarter or year, as {one}"
        raise ValueError(f"{of.outcome} adds up over time; {here}. Write {instead}.")
    what = {"hour": 1} if of.outcome in IN_HOURS else {}
    if of.outcome != "throughput" and unit != Unit.of({**what, unit.flow: -1}):
        is_what, instead = ("hours", f"hours/{unit.flow}") if what else ("a number", f"1/{unit.flow}")
        raise ValueError(f"{of.outcome} is {is_what} a {unit.flow}; {here}. Write unit: {instead}.")
    return months_of_a_period(unit, calendar)

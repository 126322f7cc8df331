"""Drivers that are outcomes of operations: which one, in which unit, and their values on the paths of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from gainsim.grid import Calendar
from gainsim.offer.operations import Answer, OfOperations, Operations, Outcome
from gainsim.operations.durations import Paths
from gainsim.operations.history import Histories, answer, outcome
from gainsim.operations.plant import Plant
from gainsim.problems import Unusable
from gainsim.spelling import meant_or_known
from gainsim.units import DIMENSIONLESS, FLOW_MONTHS, Unit

Floats = NDArray[np.float64]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
ANSWERS: tuple[Answer, ...] = get_args(Answer)
#: outcomes that are a part of time, and those that add up over time
PARTS: frozenset[Outcome] = frozenset(("availability", "served"))
HOURS = Unit.of({"hour": 1})


@dataclass(frozen=True)
class Delivered:
    """A driver that is an outcome of operations, of all fleets or one, or of requests.

    over: what a period's total is divided by, so that it stands in the driver's unit
    """

    plant: Plant
    outcome: Outcome | Answer
    fleet: str | None
    over: float
    requests: str | None = None

    def of(self, sums: Floats) -> Floats:
        """Its values, (periods, paths), from what histories add up."""
        if self.requests is not None:
            return answer(self.plant, sums, cast(Answer, self.outcome), self.requests) / self.over
        return outcome(self.plant, sums, cast(Outcome, self.outcome), self.fleet) / self.over


class Delivery:
    """What operations come to on the paths of a run; for one thread."""

    def __init__(self, outcomes: Mapping[str, Delivered], seed: int, replicate: int = 0) -> None:
        self.outcomes = outcomes
        plants = {each.plant.name: each.plant for each in outcomes.values()}
        self.histories = {name: Histories(plant, seed, replicate) for name, plant in plants.items()}

    def on(self, paths: Paths) -> dict[str, Floats]:
        """Every driver that is an outcome, by name, (periods, paths)."""
        sums = {name: histories.sums(paths) for name, histories in self.histories.items()}
        return {name: each.of(sums[each.plant.name]) for name, each in self.outcomes.items()}


def delivered(
    of: OfOperations, unit: Unit, operations: Mapping[str, Operations], known: Mapping[str, Plant], calendar: Calendar
) -> Delivered:
    """The outcome that a driver is. Raises `ValueError` where there is none, or not in this unit."""
    if of.of not in operations:
        raise ValueError(f"of: no operations '{of.of}'.{meant_or_known(of.of, operations)}")
    fleets = operations[of.of].fleets
    if of.fleet is not None and of.fleet not in fleets:
        raise ValueError(f"fleet: no fleet '{of.fleet}' in {of.of}.{meant_or_known(of.fleet, fleets)}")
    called = operations[of.of].requests
    if of.requests is not None:
        if of.fleet is not None:
            raise ValueError("fleet: an outcome is of a fleet or of requests. Leave one of the two out.")
        if of.requests not in called:
            raise ValueError(f"requests: no requests '{of.requests}' in {of.of}.{meant_or_known(of.requests, called)}")
    if of.requests is None and of.outcome not in OUTCOMES:
        which = f"as requests: {next(iter(called))}" if called else "of which none are written"
        raise ValueError(f"outcome: {of.outcome} is what comes of requests. Name them, {which}.")
    if of.requests is not None and of.outcome not in ANSWERS:
        raise ValueError(f"outcome: {of.outcome} is no outcome of requests. Write one of {', '.join(ANSWERS)}.")
    if of.of not in known:
        raise Unusable(of.of)
    return Delivered(known[of.of], of.outcome, of.fleet, _over(of.outcome, unit, calendar), of.requests)


def _over(outcome: Outcome | Answer, unit: Unit, calendar: Calendar) -> float:
    here = f"its driver is in {unit}" if unit.powers else "its driver is a plain number"
    if outcome in PARTS:
        if unit != DIMENSIONLESS:
            raise ValueError(f"{outcome} is a part of time; {here}. Write unit: fraction of time.")
        return 1.0
    if outcome == "response":
        if unit != HOURS:
            raise ValueError(f"response is a time; {here}. Write unit: hours.")
        return 1.0
    if unit.flow is None:
        raise ValueError(f"{outcome} adds up over time; {here}. Write a unit per month, quarter or year.")
    return calendar.step_months / FLOW_MONTHS[unit.flow]

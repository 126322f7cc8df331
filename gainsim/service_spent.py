"""What hours, people and parts are spent on: where downtime comes from, what calls wait for, how far crews and spares reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gainsim import measures
from gainsim.measures import Estimate
from gainsim.offer.operations import Cause
from gainsim.operations.account import CAUSES, WAITS, Entry, Total
from gainsim.operations.plant import Plant
from gainsim.service_outcomes import Added, Floats, mean

CAUSE_WORDS: dict[Cause, str] = {
    "no_spare": "no spare", "weather": "weather", "no_shift": "off shift", "no_crew": "no crew free", "travel": "travel",
    "access": "access", "repair": "repair", "planned": "planned",
}  # fmt: skip
#: what is read of tasks
NAMES = (
    "failures", "planned_calls", "visits", "parts", "work", "overtime", "turned_away", "left", "at_once", "at_depot", *CAUSES,
)  # fmt: skip


@dataclass(frozen=True)
class Causes:
    """What one mode of a fleet is the cause of in a year: failures, planned works, hours down by what they are spent on."""

    fleet: str
    mode: str
    failures: Estimate
    planned: Estimate
    hours: Mapping[Cause, Estimate]

    @property
    def down(self) -> float:
        """All its hours in a year."""
        return sum(each.value for each in self.hours.values())


@dataclass(frozen=True)
class Calls:
    """What becomes of the calls of one kind in a year, and the hours that they wait, by what for."""

    kind: str
    calls: Estimate
    answered: Estimate
    turned_away: Estimate
    left: Estimate
    waits: Mapping[Cause, Estimate]


@dataclass(frozen=True)
class CrewUse:
    """How busy crews are that stand in for one another; most often it is one alone.

    on_shift: hours in a year of all their people
    use:      the part of these that they are under way, wait for access or work
    overtime: hours in a year that they do so off shift
    """

    names: tuple[str, ...]
    number: int
    on_shift: float
    use: Estimate
    overtime: Estimate


@dataclass(frozen=True)
class Stock:
    """How far a stock reaches.

    calls:  parts that are ordered, a year
    filled: the part of the orders whose part was in stock at once; None where there were none
    """

    name: str
    stock: int
    calls: Estimate
    filled: Estimate | None


class Spent:
    """What was added up over the contract, told by task.

    whole: (1, paths) of each of `totals_of`; length: of the contract, in years
    """

    def __init__(self, plant: Plant, whole: Added, length: float) -> None:
        self.plant, self.whole, self.length = plant, whole, length
        self.paths = next(iter(whole.values())).shape[-1]

    def causes(self) -> Iterator[Causes]:
        """Of each mode of a fleet."""
        for task in range(len(self.plant.rules.modes)):
            mode = self.plant.modes[task]
            hours = {cause: self._yearly(cause, task) for cause in CAUSES}
            yield Causes(mode.fleet, mode.name, self._yearly("failures", task), self._yearly("planned_calls", task), hours)

    def calls(self) -> Iterator[Calls]:
        """Of each kind of requests."""
        for task, kind in enumerate(self.plant.requests, len(self.plant.rules.modes)):
            came, begun, away, left = (self._yearly(name, task) for name in ("failures", "visits", "turned_away", "left"))
            yield Calls(kind, came, begun, away, left, {cause: self._yearly(cause, task) for cause in WAITS})

    def crews(self) -> Iterator[CrewUse]:
        """Of each crew; of those that may do the same, together, for what each of them does of it is not told apart."""
        kept, may = self.plant.rules.crews, _who_may(self.plant)
        for crews in _standing_in(len(kept), may):
            hours = sum(float(self.plant.within(kept[crew]["shifts"]).sum() * kept[crew]["number"]) for crew in crews)
            tasks = [task for task, these in enumerate(may) if these & crews]
            work, overtime = self._total("work", *tasks), self._total("overtime", *tasks)
            yield CrewUse(
                tuple(self.plant.crews[crew] for crew in sorted(crews)),
                int(sum(kept[crew]["number"] for crew in crews)),
                hours / self.length,
                mean((work - overtime) / hours),
                mean(overtime / self.length),
            )

    def stocks(self) -> Iterator[Stock]:
        """Of a stock what tasks order of it; of a depot what the stocks order that it supplies."""
        kept, takes = self.plant.rules.spares, self.plant.rules.tasks["spare"]
        for spare, name in enumerate(self.plant.spares):
            supplies = [task for task, own in enumerate(takes) if own >= 0 and kept[own]["depot"] == spare]
            tasks = supplies or [task for task, own in enumerate(takes) if own == spare]
            calls, filled = self._total("parts", *tasks), self._total("at_depot" if supplies else "at_once", *tasks)
            share = measures.estimate(measures.ratio(filled, calls)) if calls.any() else None
            yield Stock(name, int(kept[spare]["stock"]), mean(calls / self.length), share)

    def _total(self, name: str, *tasks: int) -> Floats:
        """(paths,) over the contract, of some tasks together."""
        return sum((self.whole[(Entry("task", task, name),)][0] for task in tasks), np.zeros(self.paths))

    def _yearly(self, name: str, task: int) -> Estimate:
        return mean(self._total(name, task) / self.length)


def totals_of(plant: Plant) -> tuple[Total, ...]:
    """What is read."""
    return tuple((Entry("task", task, name),) for task in range(len(plant.rules.tasks)) for name in NAMES)


def _who_may(plant: Plant) -> list[set[int]]:
    """Of each task the crews that may ever do it."""
    firsts, counts = plant.rules.tasks["first_option"], plant.rules.tasks["options"][:, -1]
    return [set(plant.rules.crew_of[first : first + count].tolist()) for first, count in zip(firsts, counts, strict=True)]


def _standing_in(crews: int, may: list[set[int]]) -> list[set[int]]:
    """Crews that may do the same, taken together.

    >>> _standing_in(4, [{0}, {1, 3}, {3}])
    [{0}, {1, 3}, {2}]
    """
    groups = [{crew} for crew in range(crews)]
    for these in may:
        together = [group for group in groups if group & these]
        groups = [group for group in groups if group not in together] + [set().union(*together)]
    return sorted(groups, key=min)

"""Operations of an offer by themselves: what they come to, where downtime comes from, and what each lever would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.service_levers import MOVED, ServiceLever, ServiceLevers, Worth
from gainsim.bridge import read_by_fleets
from gainsim.errors import UsageError
from gainsim.grid import Calendar
from gainsim.measures import Estimate
from gainsim.model import WorldModel, build_world, calendar_of
from gainsim.offer.scenario import Scenario
from gainsim.operations.account import Total
from gainsim.operations.delivery import Delivered
from gainsim.operations.durations import Paths
from gainsim.operations.history import Histories
from gainsim.operations.outcomes import Reading, whose
from gainsim.operations.output import Known, added_up, given
from gainsim.operations.plant import Plant, plants
from gainsim.operations.timeline import Story, story
from gainsim.problems import Problems
from gainsim.service_outcomes import InTime, Limit, Stretches, Told, asked_of, limits_of, mean, spread, told
from gainsim.service_spent import Calls, Causes, CrewUse, Spent, Stock, totals_of
from gainsim.streams.source import Philox
from gainsim.sums import CELL

Floats = NDArray[np.float64]
#: how many of how many histories are done
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Operated:
    """What one operations comes to.

    years:    the name of each contract year
    drivers:  of each driver that is an outcome of these, its mean over the contract, in its own unit
    yearly:   (years, paths) the availability
    middle:   the path whose downtime is the median, or where there are no assets the hours for which calls wait; and what happened
              on it
    """

    plant: Plant
    years: tuple[str, ...]
    outcomes: tuple[Told, ...]
    in_time: tuple[InTime, ...]
    causes: tuple[Causes, ...]
    calls: tuple[Calls, ...]
    crews: tuple[CrewUse, ...]
    spares: tuple[Stock, ...]
    levers: tuple[ServiceLever, ...]
    drivers: Mapping[str, Estimate]
    yearly: Floats
    middle: int
    story: Story

    @property
    def is_ever_down(self) -> bool:
        """Whether any asset is, on any path."""
        return any(mode.down for mode in self.causes)


@dataclass(frozen=True)
class Service:
    """All operations of an offer."""

    scenario: Scenario
    calendar: Calendar
    operated: tuple[Operated, ...]
    paths: int
    seed: int


def owed_a_year(found: Service, of: Operated) -> float:
    """The hours of a year in which the service is owed, on average over the contract."""
    return 12.0 * float(of.plant.owed.sum()) / found.calendar.months


def owed_words(found: Service, of: Operated) -> str:
    """In which hours the service is owed, and what counts these alone; nothing where it is owed around the clock."""
    owed = of.plant.written.hours
    if owed is None:
        return ""
    counted = "Availability, served, downtime and its causes, throughput, OEE and what is served of the demand"
    return f"The service is owed {owed}, {owed_a_year(found, of):,.0f} hours a year. {counted} count these hours alone."


def service(scenario: Scenario, paths: int, seed: int, progress: Progress | None = None) -> Service:
    """Run the histories of every operations, the same that a run with this seed meets.

    Raises `UsageError` where the offer has none.
    """
    calendar, known = plants_of(scenario)
    world = build_world(scenario)
    every = {name: ServiceLevers(Histories(plant, seed), calendar, seed) for name, plant in known.items()}
    done = 0

    def step(further: int) -> None:
        nonlocal done
        done += further
        if progress is not None:
            progress(min(done, of), of)

    worth, tried = Worth(scenario, paths, seed, step), sum(map(len, every.values()))
    of = paths * (len(every) + tried + worth.can_be_simulated * (1 + tried))
    each = {name: _Operations(plant, world, calendar, seed, step) for name, plant in known.items()}
    return Service(scenario, calendar, tuple(of.told(paths, every[name], worth) for name, of in each.items()), paths, seed)


def timeline(scenario: Scenario, path: int, seed: int) -> tuple[Calendar, list[tuple[Plant, Story]]]:
    """What happened on one path, by operations."""
    calendar, known = plants_of(scenario)
    return calendar, [
        (plant, _story(Histories(plant, seed), path, _reader(scenario, plant, seed))) for plant in known.values()
    ]


def plants_of(scenario: Scenario) -> tuple[Calendar, Mapping[str, Plant]]:
    """The operations of an offer that is in order, as dated. Raises `UsageError` where there are none."""
    if not scenario.operations:
        raise UsageError("the file has no operations: there is no history to tell. Write operations:, or see gainsim drivers.")
    calendar = calendar_of(scenario.calendar)
    return calendar, plants(scenario.operations, calendar, Problems())


def _reader(scenario: Scenario, plant: Plant, seed: int) -> Callable[[Paths], Known]:
    """The drivers that the fleets of a plant read, on some paths."""
    return read_by_fleets(scenario, plant.written.reads, Philox(build_world(scenario).plan(1, seed)))


def _story(histories: Histories, path: int, read: Callable[[Paths], Known]) -> Story:
    known = read(np.array([path], np.uint64))
    return story(histories, path, given(histories.plant, known, 1))


class _Operations:
    """One operations, on the paths of a run."""

    def __init__(self, plant: Plant, world: WorldModel, calendar: Calendar, seed: int, step: Callable[[int], None]) -> None:
        self.plant, self.calendar, self.step = plant, calendar, step
        self.histories, self.read = Histories(plant, seed), _reader(world.scenario, plant, seed)
        self.drivers: Mapping[str, Delivered] = {
            name: each for name, each in world.outcomes.items() if each.plant.name == plant.name
        }
        per_year = max(1, 12 // calendar.step_months)
        starts = tuple(range(0, plant.periods, per_year))
        self.by_year, self.contract = Stretches.of(plant, starts), Stretches.of(plant, (0,))
        self.years = tuple(_year(calendar, n, per_year) for n in range(len(starts)))
        self.length = calendar.months / 12.0
        self.asked = asked_of(plant)
        self.limits: dict[Limit, Reading] = {limit: limit.reading(plant) for limit in limits_of(plant)}
        self.of_assets = [Reading(plant, what, whose(plant)) for what in MOVED]
        calls = [each.reading for each in self.asked if each.who.kind == "requests" and each.reading.what == "waiting"]
        self.lost = [self.of_assets[MOVED.index("downtime")]] if plant.fleets else calls

    def told(self, paths: int, levers: ServiceLevers, worth: Worth) -> Operated:
        """All that is told of them."""
        plant = self.plant
        years, whole, drivers = self._added(np.arange(paths, dtype=np.uint64), levers)
        spent = Spent(plant, whole, self.length)
        lost = sum((each.of(whole, self.contract.hours)[0] for each in self.lost), np.zeros(paths))
        order = np.argsort(lost, kind="stable")
        middle = int(order[(len(order) - 1) // 2])
        in_time = (
            InTime(limit, spread(of.of(whole, self.contract.hours)[0]), of.of(years, self.by_year.hours))
            for limit, of in self.limits.items()
        )
        return Operated(
            plant,
            self.years,
            tuple(told(each, years, whole, self.by_year, self.contract, self.length) for each in self.asked),
            tuple(in_time),
            tuple(spent.causes()),
            tuple(spent.calls()),
            tuple(spent.crews()),
            tuple(spent.stocks()),
            tuple(levers.results(self.length, [worth.of(plant.name, change) for change, _ in levers.tried])),
            drivers,
            self.of_assets[0].of(years, self.by_year.hours),
            middle,
            _story(self.histories, middle, self.read),
        )

    def _added(
        self, paths: Paths, levers: ServiceLevers
    ) -> tuple[dict[Total, Floats], dict[Total, Floats], dict[str, Estimate]]:
        """What histories add up, (years, paths) and (1, paths), each read once, and the means of drivers; levers run beside."""
        of_drivers = (each.reading for each in self.drivers.values())
        readings = [*(each.reading for each in self.asked), *self.of_assets, *of_drivers, *self.limits.values()]
        read = (*(total for reading in readings for total in reading.totals), *totals_of(self.plant))
        totals = tuple(dict.fromkeys(read))
        years: list[dict[Total, Floats]] = []
        means: list[list[Floats]] = []
        for first in range(0, len(paths), CELL):
            cell = paths[first : first + CELL]
            known = self.read(cell)
            added = added_up(self.histories, cell, totals, known)
            means.append([of.of(added).mean(axis=0) for of in self.drivers.values()])
            years.append(self.by_year.over(added))
            self.step(len(cell))
            for _ in levers.on(cell, known, added):
                self.step(len(cell))
        by_year = {total: np.concatenate([cell[total] for cell in years], axis=1) for total in years[0]}
        whole = Stretches((0,), self.contract.hours).over(by_year)
        drivers = {name: mean(np.concatenate([cell[n] for cell in means])) for n, name in enumerate(self.drivers)}
        return by_year, whole, drivers


def _year(calendar: Calendar, n: int, per_year: int) -> str:
    """A contract year by its months.

    >>> from datetime import date
    >>> calendar = Calendar(date(2027, 1, 1), 18, "month", "contract", stub_years="full")
    >>> _year(calendar, 0, 12), _year(calendar, 1, 12)
    ('2027', '2028-01 to 2028-06')
    """
    first, last = calendar.period(n * per_year), calendar.period(min((n + 1) * per_year, calendar.periods) - 1)
    months = (last.end.year - first.start.year) * 12 + last.end.month - first.start.month
    if months == 12 and first.start.month == 1:
        return f"{first.start:%Y}"
    return f"{first.start:%Y-%m} to {last.end - timedelta(days=1):%Y-%m}"

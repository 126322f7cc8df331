"""Operations of an offer by themselves: what they come to, where downtime comes from, and what each lever would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gainsim import measures
from gainsim.errors import UsageError
from gainsim.grid import Calendar
from gainsim.measures import Estimate
from gainsim.model import build_world, calendar_of
from gainsim.offer.operations import Outcome
from gainsim.offer.scenario import Scenario
from gainsim.operations.durations import Paths
from gainsim.operations.history import Histories, outcome
from gainsim.operations.outcomes import PARTS, Delivered
from gainsim.operations.plant import Integers, Plant, plants
from gainsim.operations.timeline import Story, story
from gainsim.problems import Problems
from gainsim.sums import CELL

Floats = NDArray[np.float64]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
#: what a lever changes, as far as it is told
MOVED: tuple[Outcome, ...] = ("availability", "served", "downtime")
#: why an asset is down, in the order of a failure's life; each an hour of `twin.CAUSES`
Cause = Literal["no_spare", "no_shift", "no_crew", "on_the_way", "no_access", "at_work"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
CAUSE_WORDS: dict[Cause, str] = {
    "no_spare": "no spare", "no_shift": "off shift", "no_crew": "no crew free", "on_the_way": "travel", "no_access": "no access",
    "at_work": "repair",
}  # fmt: skip
#: outcomes that are means, and do not add up over time
_MEANS = PARTS | {"response"}
#: the percentiles that are shown
SHOWN = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Spread:
    """An outcome over all paths. percentiles: in the order of `SHOWN`."""

    mean: Estimate
    percentiles: tuple[float, ...]


@dataclass(frozen=True)
class Told:
    """One outcome of all fleets, or of one.

    whole: over the contract; what adds up over time, a year of it
    years: of each contract year
    """

    outcome: Outcome
    fleet: str | None
    whole: Spread
    years: tuple[Spread, ...]


@dataclass(frozen=True)
class Causes:
    """What one failure mode is the cause of in a year: its failures, and the hours down by what they are spent on."""

    fleet: str
    mode: str
    failures: Estimate
    hours: Mapping[Cause, Estimate]

    @property
    def down(self) -> float:
        """All its hours in a year."""
        return sum(each.value for each in self.hours.values())


@dataclass(frozen=True)
class CrewUse:
    """How busy a crew is.

    on_shift: hours in a year of all its people
    use:      the part of these that they are under way, wait for access or work; what they finish after the shift counts too
    """

    name: str
    number: int
    on_shift: float
    use: Estimate


@dataclass(frozen=True)
class Stock:
    """How far a stock reaches.

    calls:  repairs, or of a depot orders, a year
    filled: the part of these whose part was in stock at once; None where there were none
    """

    name: str
    stock: int
    calls: Estimate
    filled: Estimate | None


@dataclass(frozen=True)
class Lever:
    """One more or one fewer of something, on the same draws. change: of each of `MOVED`, a year of the last."""

    kind: Literal["crew", "spare", "fleet"]
    name: str
    before: int
    after: int
    change: Mapping[Outcome, Estimate]


@dataclass(frozen=True)
class Operated:
    """What one operations comes to.

    years:    the name of each contract year
    drivers:  of each driver that is an outcome of these, its mean over the contract, in its own unit
    yearly:   (years, paths) the availability
    middle:   the path whose downtime is the median
    """

    plant: Plant
    years: tuple[str, ...]
    outcomes: tuple[Told, ...]
    causes: tuple[Causes, ...]
    crews: tuple[CrewUse, ...]
    spares: tuple[Stock, ...]
    levers: tuple[Lever, ...]
    drivers: Mapping[str, Estimate]
    yearly: Floats
    middle: int


@dataclass(frozen=True)
class Service:
    """All operations of an offer."""

    scenario: Scenario
    calendar: Calendar
    operated: tuple[Operated, ...]
    paths: int
    seed: int


def service(scenario: Scenario, paths: int, seed: int) -> Service:
    """Run the histories of every operations, the same that a run with this seed meets.

    Raises `UsageError` where the offer has none.
    """
    calendar, known = plants_of(scenario)
    read = build_world(scenario).outcomes
    numbers = np.arange(paths, dtype=np.uint64)
    return Service(
        scenario, calendar, tuple(_operated(plant, calendar, read, numbers, seed) for plant in known.values()), paths, seed
    )


def timeline(scenario: Scenario, path: int, seed: int) -> tuple[Calendar, list[tuple[Plant, Story]]]:
    """What happened on one path, by operations."""
    calendar, known = plants_of(scenario)
    return calendar, [(plant, story(Histories(plant, seed), path)) for plant in known.values()]


def plants_of(scenario: Scenario) -> tuple[Calendar, Mapping[str, Plant]]:
    """The operations of an offer that is in order, as dated. Raises `UsageError` where there are none."""
    if not scenario.operations:
        raise UsageError("the file has no operations: there is no history to tell. Write operations:, or see gainsim drivers.")
    calendar = calendar_of(scenario.calendar)
    return calendar, plants(scenario.operations, calendar, Problems())


def _operated(plant: Plant, calendar: Calendar, read: Mapping[str, Delivered], paths: Paths, seed: int) -> Operated:
    from gainsim.operations import twin

    per_year = max(1, 12 // calendar.step_months)
    starts = list(range(0, plant.periods, per_year))
    by_year = replace(plant, hours=plant.hours[[*starts, plant.periods]])
    whole = replace(plant, hours=plant.hours[[0, -1]])
    length = calendar.months / 12.0
    histories = Histories(plant, seed)
    drivers = {name: each for name, each in read.items() if each.plant.name == plant.name}
    cells, means = [], []
    for cell in _cells(paths):
        sums, causes = histories.causes(cell)
        means.append([of.of(sums).mean(axis=0) for of in drivers.values()])
        cells.append((np.add.reduceat(sums, starts, axis=2), causes))
    sums, causes = (np.concatenate(parts, axis=-1) for parts in zip(*cells, strict=True))
    total = np.add.reduce(sums, axis=2, keepdims=True)
    causes /= length

    def told(what: Outcome, fleet: str | None) -> Told:
        (over,) = outcome(whole, total, what, fleet) / (1.0 if what in _MEANS else length)
        return Told(what, fleet, _spread(over), tuple(_spread(year) for year in outcome(by_year, sums, what, fleet)))

    fleets = (None, *plant.fleets) if len(plant.fleets) > 1 else (None,)
    at = {cause: getattr(twin, cause.upper()) for cause in CAUSES}
    (down,) = outcome(whole, total, "downtime", None)
    order = np.argsort(down, kind="stable")
    return Operated(
        plant,
        tuple(_year(calendar, n, per_year) for n in range(len(starts))),
        tuple(told(what, fleet) for fleet in fleets for what in OUTCOMES),
        tuple(
            Causes(mode.fleet, mode.name, _mean(of[twin.CALLS]), {cause: _mean(of[place]) for cause, place in at.items()})
            for mode, of in zip(plant.modes, causes, strict=True)
        ),
        tuple(_use(plant, crew, causes, length) for crew in range(len(plant.crews))),
        tuple(_stock(plant, spare, causes) for spare in range(len(plant.spares))),
        tuple(_levers(histories, seed, whole, total, length, paths)),
        {name: _mean(np.concatenate([cell[n] for cell in means])) for n, name in enumerate(drivers)},
        outcome(by_year, sums, "availability", None),
        int(order[(len(order) - 1) // 2]),
    )


def _levers(histories: Histories, seed: int, whole: Plant, base: Floats, length: float, paths: Paths) -> Iterator[Lever]:
    """Each lever on the same draws: lives and repairs stay, by their addresses, so what is common to both cancels."""
    plant = histories.plant
    for crew, name in enumerate(plant.crews):
        for step in (1, -1) if plant.number[crew] > 1 else (1,):
            other = replace(plant, number=_stepped(plant.number, crew, step))
            yield _lever("crew", name, int(plant.number[crew]), step, histories.where(other), whole, base, length, paths)
    for spare, name in enumerate(plant.spares):
        for step in (1, -1) if plant.stock[spare] > 0 else (1,):
            other = replace(plant, stock=_stepped(plant.stock, spare, step))
            yield _lever("spare", name, int(plant.stock[spare]), step, histories.where(other), whole, base, length, paths)
    for fleet, name in enumerate(plant.fleets):
        other = replace(plant, first_asset=plant.first_asset + (np.arange(len(plant.first_asset)) > fleet))
        before = int(plant.first_asset[fleet + 1] - plant.first_asset[fleet])
        yield _lever("fleet", name, before, 1, Histories(other, seed), whole, base, length, paths)


def _stepped(counts: Integers, place: int, step: int) -> Integers:
    return np.asarray(counts + step * (np.arange(len(counts)) == place))


def _lever(
    kind: Literal["crew", "spare", "fleet"], name: str, before: int, step: int, changed: Histories, whole: Plant, base: Floats,
    length: float, paths: Paths,
) -> Lever:  # fmt: skip
    sums = [np.add.reduce(changed.sums(cell), axis=2, keepdims=True) for cell in _cells(paths)]
    total, other = np.concatenate(sums, axis=3), replace(whole, first_asset=changed.plant.first_asset)
    change = {}
    for what in MOVED:
        over = 1.0 if what in _MEANS else length
        (after,), (as_is,) = outcome(other, total, what, None) / over, outcome(whole, base, what, None) / over
        change[what] = measures.difference(measures.mean(after), measures.mean(as_is))
    return Lever(kind, name, before, before + step, change)


def _use(plant: Plant, crew: int, causes: Floats, length: float) -> CrewUse:
    from gainsim.operations.twin import AT_WORK, NO_ACCESS, ON_THE_WAY, hours_on_shift

    hours = float(hours_on_shift(plant.shifts[crew], plant.monday, plant.monday + plant.hours[-1]))
    on_shift = hours * float(plant.number[crew]) / length
    busy = causes[plant.crew == crew][:, [ON_THE_WAY, NO_ACCESS, AT_WORK]].sum(axis=(0, 1))
    return CrewUse(plant.crews[crew], int(plant.number[crew]), on_shift, _mean(busy / on_shift))


def _stock(plant: Plant, spare: int, causes: Floats) -> Stock:
    from gainsim.operations.twin import AT_DEPOT, AT_ONCE, CALLS

    takes = plant.spare == spare
    supplies = (plant.spare >= 0) & (plant.depot[plant.spare] == spare)
    own, there = (causes[takes].sum(axis=0), AT_ONCE) if not supplies.any() else (causes[supplies].sum(axis=0), AT_DEPOT)
    filled = measures.estimate(measures.ratio(own[there], own[CALLS])) if own[CALLS].any() else None
    return Stock(plant.spares[spare], int(plant.stock[spare]), _mean(own[CALLS]), filled)


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


def _spread(values: Floats) -> Spread:
    return Spread(_mean(values), tuple(measures.quantile(values, p).value for p in SHOWN))


def _mean(values: Floats) -> Estimate:
    return measures.estimate(measures.mean(values))


def _cells(paths: Paths) -> Iterator[Paths]:
    return (paths[first : first + CELL] for first in range(0, len(paths), CELL))

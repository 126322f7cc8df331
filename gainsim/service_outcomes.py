"""Outcomes of operations by contract year and over the contract, of all fleets, each of them, each site, each kind of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from gainsim import measures
from gainsim.measures import Estimate
from gainsim.offer.operations import FRACTIONS, STANDING, Outcome
from gainsim.operations.account import Total, is_largest
from gainsim.operations.outcomes import (
    CALLS,
    LIMITS,
    OF_A_FLEET,
    OF_REQUESTS,
    TIMES,
    Reading,
    Whose,
    whose,
)
from gainsim.operations.plant import Plant

Floats = NDArray[np.float64]
Added = Mapping[Total, Floats]
#: the percentiles that are shown
SHOWN = (0.05, 0.5, 0.95)
#: outcomes that are means or shares, and do not add up over time
NO_SUMS = frozenset((*FRACTIONS, *TIMES))
#: the shares that limits are about
OF_LIMITS: tuple[Outcome, ...] = ("on_time", "done_on_time")


@dataclass(frozen=True)
class Spread:
    """An outcome over all paths. percentiles: in the order of `SHOWN`."""

    mean: Estimate
    percentiles: tuple[float, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether it is 0 on every path."""
        return self.mean.value == 0.0 and self.mean.standard_error == 0.0


@dataclass(frozen=True)
class Who:
    """Whose outcomes are told: all fleets, a fleet, a site or a kind of requests, by its name."""

    kind: Literal["all", "fleet", "site", "requests"]
    name: str = ""

    def of(self, plant: Plant) -> Whose:
        """The same, counted from 0."""
        return whose(plant) if self.kind == "all" else whose(plant, **{self.kind: self.name})


@dataclass(frozen=True)
class Told:
    """One outcome.

    whole: over the contract; what adds up over time, a year of it
    years: of each contract year
    """

    who: Who
    outcome: Outcome
    whole: Spread
    years: tuple[Spread, ...]


@dataclass(frozen=True)
class Limit:
    """Hours within which each failure of a mode, or each call of a kind, is to be reached or done.

    name: the fleet, or the kind of requests; mode: of the fleet, nothing of requests; outcome: the share that is
    """

    name: str
    mode: str
    outcome: Outcome
    hours: float

    @property
    def words(self) -> str:
        """Whose, and within how many hours."""
        whose_it_is = f"{self.name}, {self.mode}" if self.mode else self.name
        return f"{whose_it_is} {LIMITS[self.outcome].replace('_', ' ')} {self.hours:,.6g} h"

    def reading(self, plant: Plant) -> Reading:
        """The share that is, as a driver reads it."""
        these = whose(plant, fleet=self.name, mode=self.mode) if self.mode else whose(plant, requests=self.name)
        return Reading(plant, self.outcome, these)


@dataclass(frozen=True)
class InTime:
    """The share within a limit. whole: over the contract; yearly: (years, paths)"""

    limit: Limit
    whole: Spread
    yearly: Floats

    @property
    def years(self) -> tuple[Spread, ...]:
        """Of each contract year."""
        return tuple(spread(year) for year in self.yearly)


@dataclass(frozen=True)
class Stretches:
    """Periods taken together.

    starts: the first period of each, in their order
    hours:  (stretches,) in which the service is owed
    """

    starts: tuple[int, ...]
    hours: Floats

    @classmethod
    def of(cls, plant: Plant, starts: tuple[int, ...]) -> Stretches:
        """Those that begin with these periods."""
        return cls(starts, np.add.reduceat(plant.owed, starts))

    def over(self, added: Added) -> dict[Total, Floats]:
        """(stretches, paths) of what is added up in each period: the largest, or the sum."""
        return {
            total: (np.maximum if is_largest(total) else np.add).reduceat(values, self.starts, axis=0)
            for total, values in added.items()
        }


def all_whose(plant: Plant) -> Iterator[Who]:
    """Everybody whose outcomes are told."""
    if plant.fleets:
        yield Who("all")
    for name in plant.fleets if len(plant.fleets) > 1 else ():
        yield Who("fleet", name)
    for name in plant.sites:
        if Who("site", name).of(plant).fleets:
            yield Who("site", name)
    for name in plant.requests:
        yield Who("requests", name)


def outcomes_of(plant: Plant, who: Who) -> Iterator[Outcome]:
    """The outcomes that there are of them; what is made, of a fleet alone."""
    if who.kind == "requests":
        yield from OF_REQUESTS
        return
    yield from (what for what in get_args(Outcome) if what not in (*STANDING, *CALLS, *OF_A_FLEET))
    fleets = who.of(plant).fleets
    if who.kind in ("all", "fleet") and len(fleets) == 1:
        kind = plant.written.fleets[plant.fleets[fleets[0]]]
        if kind.capacity is not None:
            yield from (what for what in OF_A_FLEET if what != "demand_served" or kind.demand is not None)


def limits_of(plant: Plant) -> Iterator[Limit]:
    """Every limit that is written, in the order of the file."""
    modes = len(plant.rules.modes)
    for task, mode in enumerate(plant.modes[: modes + len(plant.requests)]):
        for outcome in OF_LIMITS:
            hours = float(plant.rules.tasks[LIMITS[outcome]][task])
            if np.isfinite(hours):
                yield Limit(mode.fleet, mode.name if task < modes else "", outcome, hours)


class Asked(NamedTuple):
    """One outcome that is asked for."""

    who: Who
    reading: Reading


def asked_of(plant: Plant) -> list[Asked]:
    """Every outcome that is told."""
    return [Asked(who, Reading(plant, what, who.of(plant))) for who in all_whose(plant) for what in outcomes_of(plant, who)]


def told(asked: Asked, years: Added, whole: Added, by_year: Stretches, contract: Stretches, length: float) -> Told:
    """One outcome with its spread. length: of the contract, in years."""
    (over,) = asked.reading.of(whole, contract.hours) / (1.0 if asked.reading.what in NO_SUMS else length)
    return Told(
        asked.who, asked.reading.what, spread(over), tuple(spread(year) for year in asked.reading.of(years, by_year.hours))
    )


def spread(values: Floats) -> Spread:
    """(paths,) as they are told."""
    return Spread(mean(values), tuple(measures.quantile(values, p).value for p in SHOWN))


def mean(values: Floats) -> Estimate:
    """The mean of (paths,)."""
    return measures.estimate(measures.mean(values))

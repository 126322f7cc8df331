"""The drivers of an offer by themselves: what they may do, before any contract is applied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gainsim import measures
from gainsim.below_zero import Place, below_zero
from gainsim.bridge import delivery_of, realise
from gainsim.central import central_facts
from gainsim.conduct.effort import Plans
from gainsim.drivers.shapes import marginal
from gainsim.measures import Estimate
from gainsim.model import build_world
from gainsim.offer.drivers import Driver
from gainsim.offer.scenario import Scenario
from gainsim.offer.shapes import SHAPES, Shape
from gainsim.streams.source import Philox

Floats = NDArray[np.float64]
#: the percentiles that are shown
SHOWN = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Fan:
    """One driver on all futures.

    values:  (periods, paths)
    central: (periods,) its central value, of the base case
    bands:   (percentiles, periods), in the order of `SHOWN`
    order:   that from which on its moments are infinite: it has a mean above 1, a standard deviation above 2
    """

    name: str
    driver: Driver
    values: Floats
    central: Floats
    bands: Floats
    order: float = math.inf

    @property
    def once(self) -> bool:
        """Whether it is the same in all periods of a path."""
        return bool((self.values == self.values[:1]).all())

    def mean(self, period: int) -> Estimate | None:
        """Its mean in a period, with its standard error; None where it has no mean, an infinite error where no deviation."""
        if self.order <= 1.0:
            return None
        found = measures.estimate(measures.mean(self.values[period]))
        return found if self.order > 2.0 else replace(found, standard_error=math.inf)

    @property
    def comes(self) -> Estimate | None:
        """On what part of the futures an event comes within the contract; None for what is no event."""
        if self.driver.event is None:
            return None
        return measures.estimate(measures.mean((self.values != 0.0).any(axis=0).astype(np.float64)))

    @property
    def lacks(self) -> str:
        """What moments it does not have, and why, in words; '' where it has them."""
        if self.order <= 1.0:
            return "it has no mean: its tail is so heavy that an average never settles, however many futures are drawn"
        if self.order <= 2.0:
            return "it has a mean but no standard deviation, for its tail is heavy: how far an average is off cannot be said"
        return ""


@dataclass(frozen=True)
class Futures:
    """The uncertain drivers of an offer.

    dates:   the last day of each period
    ranks:   (drivers, drivers) Spearman's correlation of their averages over the contract
    certain: the drivers that are not uncertain
    suspect: what of them is, a sentence each
    """

    scenario: Scenario
    fans: Sequence[Fan]
    dates: Sequence[date]
    ranks: Floats
    certain: Sequence[str]
    suspect: Sequence[str]
    paths: int
    seed: int

    @property
    def years(self) -> float:
        """The length of the contract."""
        return len(self.dates) * self._step_months / 12.0

    def hangs(self, i: int, j: int) -> bool:
        """Whether two drivers hang together by more than three standard errors of chance."""
        return bool(abs(self.ranks[i, j]) * self.paths**0.5 >= 3.0)

    def moments(self) -> list[tuple[str, int]]:
        """The periods that are shown: the first, and the last of each year of the contract, at most five of them."""
        count = len(self.dates)
        per_year = max(1, round(12 / self._step_months))
        ends = list(range(per_year - 1, count, per_year)) or [count - 1]
        if ends[-1] != count - 1:
            ends.append(count - 1)
        chosen = sorted({ends[round(k * (len(ends) - 1) / 4)] for k in range(5)}) if len(ends) > 5 else ends
        places = [0, *(t for t in chosen if t > 0)]
        return [(f"{self.dates[t]:%Y-%m}", t) for t in places]

    @property
    def _step_months(self) -> int:
        if len(self.dates) == 1:
            return 12
        first, second = self.dates[0], self.dates[1]
        return (second.year - first.year) * 12 + second.month - first.month


def futures(
    scenario: Scenario, paths: int, seed: int, plans: Plans = MappingProxyType({}), place: Place | None = None
) -> Futures:
    """Draw the drivers of an offer, the same futures that a run with this seed meets.

    plans: of its efforts, as the model of the offer has them
    place: of a key of its file, line and column
    """
    world = build_world(scenario, plans=plans)
    calendar = world.calendar
    source = Philox(world.plan(paths, seed))
    numbers = np.arange(paths, dtype=np.uint64)
    facts, _ = realise(world, source, numbers, range(calendar.periods), given=delivery_of(world, source, seed).on(numbers))
    central = central_facts(scenario, plans)
    hit = {name for driver in scenario.drivers.values() if driver.event is not None for name in driver.event.hits or ()}
    moved = {name for name in scenario.drivers if (facts[name] != facts[name][:, :1]).any()}  # an adoption may be certain
    moved |= {name for name, driver in scenario.drivers.items() if driver.event is not None or name in hit}
    uncertain = [name for name in scenario.drivers if name in moved]
    fans = [
        Fan(name, scenario.drivers[name], facts[name], central[name], _bands(facts[name]), _order(name, scenario.drivers))
        for name in uncertain
    ]
    dates = [calendar.period(t).end - timedelta(days=1) for t in range(calendar.periods)]
    certain = [name for name in scenario.drivers if name not in uncertain]
    ranks, suspect = rank_correlation([fan.values.mean(axis=0) for fan in fans]), tuple(below_zero(scenario, calendar, place))
    return Futures(scenario, fans, dates, ranks, certain, suspect, paths, seed)


#: what drivers of other kinds are proportional to, which may be a distribution
_FULL = {"ramp": "full_effect", "adoption": "potential", "event": "size"}


def _order(name: str, drivers: Mapping[str, Driver]) -> float:
    """The order from which on a driver has no moments: that of its distribution, of what it follows, of what hits it."""
    driver, found = drivers[name], math.inf
    if driver.kind in SHAPES:
        found = marginal(driver).order
    elif driver.kind in _FULL and isinstance(full := getattr(getattr(driver, driver.kind), _FULL[driver.kind]), Shape):
        found = marginal(full).order
    elif driver.follows is not None:
        found = _order(driver.follows.of, drivers)
    hit_by = (other for other, each in drivers.items() if each.event is not None and name in (each.event.hits or {}))
    return min([found, *(_order(event, drivers) for event in hit_by)])


def _bands(values: Floats) -> Floats:
    ordered = np.sort(values, axis=1)
    places = [min(int(p * values.shape[1]), values.shape[1] - 1) for p in SHOWN]
    return ordered[:, places].T


def rank_correlation(columns: Sequence[Floats]) -> Floats:
    """Spearman's: the correlation of ranks, those that are equal sharing theirs; nothing hangs together with what never varies.

    >>> rank_correlation([np.array([1.0, 2.0, 3.0]), np.array([1.0, 8.0, 27.0]), np.array([3.0, 2.0, 1.0])])[0].round(12)
    array([ 1.,  1., -1.])
    """
    ranks = [_ranks(column) for column in columns]
    matrix = np.eye(len(ranks))
    for i, a in enumerate(ranks):
        for j, b in enumerate(ranks[:i]):
            spread = float(a.std() * b.std())
            matrix[i, j] = matrix[j, i] = float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0.0 else 0.0
    return matrix


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - 0.5 * (counts - 1))[place], np.float64)


def _as_data(estimate: Estimate | None, name: str) -> dict[str, float | None]:
    """An estimate as plain data; what is not known is null."""
    if estimate is None:
        return {name: None, "standard_error": None}
    return {name: estimate.value, "standard_error": None if math.isinf(estimate.standard_error) else estimate.standard_error}


def to_json(found: Futures, changes: Sequence[object] = ()) -> dict[str, object]:
    """The same for machines."""

    def fan(of: Fan) -> Mapping[str, object]:
        rows = []
        for when, t in found.moments():
            mean = of.mean(t)
            percentiles = {f"p{round(100 * p)}": float(of.bands[k, t]) for k, p in enumerate(SHOWN)}
            rows.append({"period": when, "central": float(of.central[t]), **_as_data(mean, "mean"), **percentiles})
        driver = of.driver
        said: dict[str, object] = {"name": of.name, "kind": driver.kind, "unit": str(driver.unit), "control": driver.control}
        if driver.event is not None:
            said["comes"] = {"at_all": driver.event.chance, **_as_data(of.comes, "within_the_contract")}
        return {**said, "at": rows}

    names = [each.name for each in found.fans]
    return {
        "schema": "gainsim/drivers/1",
        "title": found.scenario.title,
        "paths": found.paths,
        "seed": found.seed,
        "changes": [str(change) for change in changes],
        "drivers": [fan(each) for each in found.fans],
        "certain": list(found.certain),
        "suspect": list(found.suspect),
        "rank_correlation": {"drivers": names, "matrix": found.ranks.round(6).tolist()},
    }

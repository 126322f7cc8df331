"""Service levers: operations changed by one step, and what each would change on the same draws, in the service and in money."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import simulate_model
from gainsim.grid import Calendar
from gainsim.measures import Estimate, difference
from gainsim.measures import mean as mean_of
from gainsim.measuring import Measures, compare
from gainsim.model import build, names_in
from gainsim.offer.fields import formulas_in
from gainsim.offer.operations import OfOperations, Operations, Outcome
from gainsim.offer.scenario import Scenario
from gainsim.operations.account import Total
from gainsim.operations.durations import Paths
from gainsim.operations.history import Histories
from gainsim.operations.outcomes import Reading, whose
from gainsim.operations.output import Known, added_up
from gainsim.operations.plant import Plant, plant
from gainsim.outcome import Outcome as Results
from gainsim.planning import prepared
from gainsim.problems import Problems
from gainsim.service_outcomes import NO_SUMS, Added, Limit, Stretches, limits_of
from gainsim.words import percent

Floats = NDArray[np.float64]
#: what a lever changes of the service, as far as it is told; besides the share within each limit
MOVED: tuple[Outcome, ...] = ("availability", "served", "downtime")
Kind = Literal["crew", "spare", "fleet", "maintenance", "monitoring"]
#: outcomes by which costs follow a lever, the plainest first
FOLLOWED_BY: Mapping[Kind, tuple[Outcome, ...]] = {
    "crew": ("people",), "spare": ("stock",), "fleet": ("assets",), "monitoring": ("monitored",),
    "maintenance": ("visits", "planned", "work", "overtime", "parts"),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A change of the file.

    name:    the crew, spare or fleet
    mode:    the maintenance or failure of the fleet, where it is of one
    before, after: how many people, parts or assets; hours, or use, between maintenance; the part of the lives that is foreseen
    written: the operations so changed
    """

    kind: Kind
    name: str
    mode: str
    before: float
    after: float
    written: Operations

    @property
    def same_laws(self) -> bool:
        """Whether all that is drawn has the same law as before, and as many addresses."""
        return self.kind in ("crew", "spare")

    def words(self, to: str = "→") -> str:
        """What is changed, from what to what."""
        before, after = f"{self.before:,.6g}", f"{self.after:,.6g}"
        if self.kind == "maintenance":
            return f"{self.name}, {self.mode} every {before} {to} {after}"
        if self.kind == "monitoring":
            return f"{self.name}, {self.mode} foreseen {percent(self.before)} {to} never"
        return f"{self.name}{' in stock' if self.kind == 'spare' else ''} {before} {to} {after}"

    def tells(self, of: OfOperations) -> bool:
        """Whether an outcome follows what is changed: how many there are of it, or the work that it makes."""
        if of.outcome not in FOLLOWED_BY[self.kind] or of.requests is not None:
            return False
        named = {"crew": of.crew, "spare": of.spare}.get(self.kind, of.fleet)
        site = self.written.fleets[self.name].site if self.name in self.written.fleets else None
        return named in (None, self.name) and of.site in (None, site) and of.mode in (None, self.mode)


@dataclass(frozen=True)
class ServiceLever:
    """What a change would change.

    moved:        of each of `MOVED`; of what adds up over time, a year of it
    in_time:      of the share within each limit
    npv:          the offer's expected net present value; None where the offer cannot be simulated
    costs_follow: whether a cost, or a term with a further party, reads how many there are of it
    """

    change: Change
    moved: Mapping[Outcome, Estimate]
    in_time: Mapping[Limit, Estimate]
    npv: Estimate | None
    costs_follow: bool

    @property
    def lacks_costs(self) -> bool:
        """Whether its NPV leaves out what it costs."""
        return self.npv is not None and not self.costs_follow


def changes(of: Operations) -> Iterator[Change]:
    """One more of everything, one fewer where there is one; maintenance oftener and less often; monitoring taken off."""
    for name, crew in of.crews.items():
        for number in (crew.number + 1, crew.number - 1):
            if number > 0:
                yield Change("crew", name, "", crew.number, number, _with(of, "crews", name, number=number))
    for name, spare in of.spares.items():
        for stock in (spare.stock + 1, spare.stock - 1):
            if stock >= 0:
                yield Change("spare", name, "", spare.stock, stock, _with(of, "spares", name, stock=stock))
    for name, kind in of.fleets.items():
        more = {"assets": kind.assets + 1, "running": kind.most, "needed": kind.least}
        yield Change("fleet", name, "", kind.assets, kind.assets + 1, _with(of, "fleets", name, **more))
        for mode, work in kind.maintenance.items():
            for every in (0.75 * work.every, 1.25 * work.every) if isinstance(work.every, float) else ():
                other = {**kind.maintenance, mode: work.model_copy(update={"every": every})}
                written = _with(of, "fleets", name, maintenance=other)
                yield Change("maintenance", name, mode, float(work.every), every, written)  # type: ignore[arg-type]
        for mode, failure in kind.failures.items():
            if failure.foreseen is not None:
                blind = {**kind.failures, mode: failure.model_copy(update={"foreseen": None})}
                written = _with(of, "fleets", name, failures=blind)
                yield Change("monitoring", name, mode, failure.foreseen.chance, 0.0, written)


def _with(of: Operations, group: str, name: str, **changed: object) -> Operations:
    """The same operations with something of one crew, spare or fleet changed."""
    kept = getattr(of, group)
    return of.model_copy(update={group: {**kept, name: kept[name].model_copy(update=changed)}})


class ServiceLevers:
    """The levers of one operations, tried on the same draws, cell by cell."""

    def __init__(self, histories: Histories, calendar: Calendar, seed: int) -> None:
        self.plant = histories.plant
        self.limits = tuple(limits_of(self.plant))
        self.tried: list[tuple[Change, Histories]] = []
        for change in changes(self.plant.written):
            other = plant(self.plant.name, change.written, calendar, Problems())
            if other is not None:  # no part in stock that is delivered at once is no stock
                self.tried.append((change, histories.where(other) if change.same_laws else Histories(other, seed)))
        self._as_is: list[Floats] = []
        self._found: list[list[Floats]] = [[] for _ in self.tried]

    def __len__(self) -> int:
        return len(self.tried)

    def on(self, paths: Paths, known: Known, as_is: Added) -> Iterator[None]:
        """Run the histories of these paths with one lever after the other. as_is: what is added up without any."""
        self._as_is.append(_moved(self.plant, as_is))
        for (_, histories), found in zip(self.tried, self._found, strict=True):
            found.append(_moved(histories.plant, added_up(histories, paths, _totals(histories.plant), known)))
            yield

    def results(self, length: float, worth: Sequence[tuple[Estimate | None, bool]]) -> Iterator[ServiceLever]:
        """Each lever. length: of the contract, in years; worth: of each, its NPV and whether costs follow it."""
        as_is = np.concatenate(self._as_is, axis=1)
        over = [*(1.0 if what in NO_SUMS else length for what in MOVED), *(1.0 for _ in self.limits)]
        for (change, _), cells, (npv, follow) in zip(self.tried, self._found, worth, strict=True):
            pairs = zip(np.concatenate(cells, axis=1), as_is, over, strict=True)
            changed = [difference(mean_of(after / years), mean_of(before / years)) for after, before, years in pairs]
            moved = dict(zip(MOVED, changed, strict=False))
            in_time = dict(zip(self.limits, changed[len(MOVED) :], strict=True))
            yield ServiceLever(change, moved, in_time, npv, follow)


def _readings(of: Plant) -> list[Reading]:
    return [*(Reading(of, what, whose(of)) for what in MOVED), *(limit.reading(of) for limit in limits_of(of))]


def _totals(of: Plant) -> tuple[Total, ...]:
    return tuple(dict.fromkeys(total for reading in _readings(of) for total in reading.totals))


def _moved(of: Plant, added: Added) -> Floats:
    """(MOVED and limits, paths) over the contract, from what is added up in each period."""
    contract = Stretches.of(of, (0,))
    whole = contract.over({total: added[total] for total in _totals(of)})
    return np.concatenate([reading.of(whole, contract.hours) for reading in _readings(of)])


class Worth:
    """What changes of the file are worth: the offer simulated with each, on the same futures.

    paths, seed: of the futures; done: told of the paths of each simulation that are done
    """

    def __init__(self, scenario: Scenario, paths: int, seed: int, done: Callable[[int], None]) -> None:
        self.scenario, self.paths, self.seed, self.done = scenario, paths, seed, done
        self.can_be_simulated = not build(scenario).given
        self.costs_read = names_of_costs(scenario)

    @cached_property
    def as_is(self) -> Measures:
        """The offer without any change."""
        return self._simulated(self.scenario)

    def of(self, name: str, change: Change) -> tuple[Estimate | None, bool]:
        """What a change of these operations does to the expected NPV, and whether a cost follows it."""
        read = (self.scenario.drivers[driver].operations for driver in self.costs_read if driver in self.scenario.drivers)
        follow = any(of is not None and of.of == name and change.tells(of) for of in read)
        if not self.can_be_simulated:
            return None, follow
        operations = {**self.scenario.operations, name: change.written}
        changed = self._simulated(self.scenario.model_copy(update={"operations": operations}))
        return compare(changed.of("npv"), self.as_is.of("npv"), self.as_is.sample).estimate, follow

    def _simulated(self, scenario: Scenario) -> Measures:
        before = 0

        def progress(done: int, _: int) -> None:
            nonlocal before
            self.done(done - before)
            before = done

        run = simulate_model(
            prepared(scenario), self.paths, self.seed, progress=progress, sampling=scenario.run.sampling
        )
        progress(self.paths, self.paths)
        return Measures(Results(run))


def names_of_costs(scenario: Scenario) -> set[str]:
    """All that costs read, and terms with further parties: the names in them, and those in the values that these name."""
    found: set[str] = set()
    wanted = {name for cost in scenario.costs.values() for name in (*cost.amount.names, *filter(None, [cost.indexed]))}
    others = [term for term in scenario.contract.values() if term.party != "customer"]
    wanted |= {name for formula in formulas_in(others) for name in formula.names}
    while wanted:
        found |= wanted
        wanted = {name for each in wanted if each in scenario.value for name in names_in(scenario.value[each])} - found
    return found

"""The world: drivers by name, drawn or at their central values. It knows no contract.

Every driver gives a fact: its value in each period as a step of the program, its unit, its value before the start.
Scores are drawn and coupled first (`chance`), then turned into values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gainsim.chance import Chance
from gainsim.drivers import courses, processes, series
from gainsim.drivers.autoregression import autoregression
from gainsim.drivers.evolution import Evolution, Parameter
from gainsim.drivers.following import following
from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import marginal
from gainsim.drivers.shocked import shocked
from gainsim.drivers.steps import one_of
from gainsim.facts import Fact, Facts, Life
from gainsim.grid import Calendar
from gainsim.linked import Linked
from gainsim.offer.dependence import Link
from gainsim.offer.drivers import CERTAIN, COURSES, Driver
from gainsim.offer.operations import OfOperations, Operations
from gainsim.offer.series import Follows
from gainsim.offer.shapes import SHAPES
from gainsim.operations.delivery import Delivered, delivered
from gainsim.operations.plant import plants
from gainsim.ops import Value
from gainsim.ops.program import Program, Section
from gainsim.problems import Problems
from gainsim.slips import refuse_slip
from gainsim.spelling import meant_or_known
from gainsim.streams.tables import gather
from gainsim.units import DIMENSIONLESS, Unit

Floats = NDArray[np.float64]
EVOLUTIONS: Mapping[str, Callable[[Any, Calendar], Evolution]] = {
    "geometric_walk": processes.walk,
    "mean_reverting": processes.reversion,
    "autoregression": autoregression,
    "garch": series.garch,
    "regime_switching": series.regime_switching,
    "bootstrap": series.bootstrap,
}
#: the columns of the actuals that name what is settled, and are no facts
COLUMNS = ("account", "settlement")
#: "drawn": by chance; "central": every driver at its declared central value, no error of measurement;
#: "measured": every driver that is neither agreed beforehand nor follows another is given from outside, no error of
#: measurement
Mode = Literal["drawn", "central", "measured"]


@dataclass
class World:
    """The drivers of one offer, and the facts that only actuals give, written into a program.

    given:    the unit of every fact that only actuals give
    measured: drivers and values whose column replaces what the file says of them
    repair:   whether correlations that cannot hold together give way to the nearest that can
    exact:    measured values that are read without their errors
    still:    drivers that stand at their declared central values
    outcomes: by driver, the outcome of operations that it is, where they have a history on every path
    """

    program: Program
    calendar: Calendar
    mode: Mode
    drivers: Mapping[str, Driver]
    dependence: Sequence[Link]
    problems: Problems
    given: Mapping[str, Unit] = field(default_factory=dict)
    measured: Collection[str] = ()
    repair: bool = False
    operations: Mapping[str, Operations] = field(default_factory=dict)
    exact: Collection[str] = ()
    still: Collection[str] = ()

    def __post_init__(self) -> None:
        self.section: Section = self.program.section("world")
        links, drivers = (self.dependence, self.drivers) if self.mode == "drawn" else ((), {})
        linked = Linked(links, drivers, self.calendar, self.problems)
        self.chance = Chance(self.program, self.section, linked, self.repair)
        self.plants = plants(self.operations, self.calendar, self.problems)
        self.outcomes: dict[str, Delivered] = {}

    def realise(self, facts: Facts, moved: Mapping[str, Value] = MappingProxyType({})) -> None:
        """Write every driver down as a fact, and every fact that only actuals give.

        moved: by driver, what is added to it, from outside the world
        """
        self.chance.draw()
        written: dict[str, str] = {}
        self._check_hits()
        self._check_read()
        for name, driver in sorted(self.drivers.items(), key=lambda item: _turn(item[1])):
            with self.problems.at("drivers", name, "unit"):
                try:
                    _spell_alike(driver.unit, written)
                except ValueError:
                    facts.mark_broken(name)
                    raise
            if facts.is_broken(name):
                continue
            with self.problems.at("drivers", name, driver.kind):
                try:
                    fact = self._fact(name, driver, facts)
                    refuse_slip(fact.start or 0.0, driver.unit)
                    if name in moved:
                        fact = replace(fact, value=fact.value + moved[name], life="period")
                    given = self._is_measured(name, driver)
                    facts.add(name, self._given(name, fact) if given else self._shocked(name, self._hit(name, fact, facts)))
                except ValueError:
                    facts.mark_broken(name)
                    raise
        for name, unit in self.given.items():
            with self.problems.at("facts", name):
                facts.mark_broken(name)
                _check_given(name, self.drivers)
                _spell_alike(unit, written)
                facts.add(name, Fact(self.program.input(name, self.section), unit, "period"))

    def _is_measured(self, name: str, driver: Driver) -> bool:
        """Whether a driver's values are given from outside; one that is agreed beforehand, or follows, only where it is said."""
        return name in self.measured or (self.mode == "measured" and driver.kind not in (*CERTAIN, "follows"))

    def _is_still(self, name: str) -> bool:
        """Whether a driver stands at its declared central value; its draws are made all the same, where others hang on them."""
        return self.mode != "drawn" or name in self.still

    def _check_hits(self) -> None:
        for name, driver in self.drivers.items():
            if _hits(driver) and driver.unit != DIMENSIONLESS:
                with self.problems.at("drivers", name, "unit"):
                    raise ValueError(f"an event that hits drivers is a part of them; {driver.unit} is none. Write fraction, or 1.")
            for target in _hits(driver):
                with self.problems.at("drivers", name, "event", "hits", target):
                    if target not in self.drivers:
                        raise ValueError(f"no driver '{target}'.{meant_or_known(target, self.drivers)}")
                    if self.drivers[target].event is not None:
                        raise ValueError(f"'{target}' is an event itself. An event hits drivers that are none.")

    def _check_read(self) -> None:
        """Fleets read drivers that chance or the file makes, over time or as parts."""
        for operations, each in self.operations.items():
            for fleet, kind in each.fleets.items():
                for key, name in kind.reads.items():
                    with self.problems.at("operations", operations, "fleets", fleet, key):
                        _check_readable(key, name, self.drivers)

    def _hit(self, name: str, fact: Fact, facts: Facts) -> Fact:
        """The same fact, multiplied by 1 + number × event for each event that hits it."""
        for event, driver in self.drivers.items():
            if name in _hits(driver) and event in facts:
                fact = replace(fact, value=fact.value * (1.0 + _hits(driver)[name] * facts[event].value), life="period")
        return fact

    def _shocked(self, name: str, fact: Fact) -> Fact:
        """The same fact after everything that is sure to come to it."""
        driver = self.drivers[name]
        for number, shock in enumerate(driver.shocks):
            with self.problems.at("drivers", name, "shocks", number):
                fact = shocked(name, shock, driver, fact, self.program, self.section, self.calendar)
        return fact

    def _given(self, name: str, fact: Fact) -> Fact:
        """The same fact with its values from outside."""
        return replace(fact, value=self.program.input(name, self.section))

    # --- values -------------------------------------------------------------------------------------------------

    def _fact(self, name: str, driver: Driver, facts: Facts) -> Fact:
        if driver.constant is not None:
            return Fact(self.program.param(driver.constant), driver.unit, "constant", driver.constant)
        if driver.schedule is not None:
            return self._schedule(driver)
        if driver.kind in SHAPES:
            return self._distribution(name, driver)
        if driver.operations is not None:
            return self._delivered(name, driver, driver.operations)
        if driver.follows is not None:
            return following(
                name, driver.follows, driver.unit, self._followed(driver.follows, facts), self.program, self.section, self.calendar
            )
        if driver.kind in EVOLUTIONS:
            return self._evolution(name, driver)
        return self._course(name, driver) if driver.kind in COURSES else self._ramp(name, driver)

    def _delivered(self, name: str, driver: Driver, of: OfOperations) -> Fact:
        found = delivered(of, driver.unit, self.operations, self.plants, self.calendar)
        if isinstance(found, float):
            return Fact(self.program.param(found), driver.unit, "constant", found)
        if self._is_still(name):
            assert isinstance(driver.central, float)
            return self._central(driver.central, driver.unit, None)
        asked = self.drivers.get(self.operations[of.of].fleets[of.fleet].demand or "") if of.fleet is not None else None
        if of.outcome == "throughput" and asked is not None and asked.unit.without_time() != driver.unit.without_time():
            raise ValueError(
                f"throughput is in the unit of the demand, {asked.unit}; its driver is in {driver.unit}. Write unit: {asked.unit}."
            )
        self.outcomes[name] = found
        return Fact(self.program.input(name, self.section), driver.unit, "period")

    def _followed(self, p: Follows, facts: Facts) -> Fact:
        if p.of not in self.drivers:
            raise ValueError(f"no driver '{p.of}'.{meant_or_known(p.of, self.drivers)}")
        if self.drivers[p.of].follows is not None:
            raise ValueError(f"'{p.of}' follows another driver itself. Follow that one, with the lags added up.")
        return facts[p.of]

    def _central(self, values: Floats | float, unit: Unit, start: float | None, life: Life = "period") -> Fact:
        return Fact(self.program.param(values), unit, life, start)

    def _schedule(self, driver: Driver) -> Fact:
        assert driver.schedule is not None
        dates = sorted(driver.schedule)
        if dates[0] > self.calendar.start:
            raise ValueError(
                f"the schedule begins in {dates[0]:%Y-%m}, after the contract's start. Add an earlier value."
            )
        starts = [self.calendar.period(t).start for t in range(self.calendar.periods)]
        values = [driver.schedule[max(d for d in dates if d <= start)] for start in starts]
        before = [date for date in dates if date < self.calendar.start]
        return Fact(
            self.program.param(values), driver.unit, "dated", driver.schedule[before[-1]] if before else values[0]
        )

    def _distribution(self, name: str, driver: Driver) -> Fact:
        shape = marginal(driver)
        life: Life = "path" if driver.drawn == "once" else "period"
        middle = shape.central(driver.central)
        if self._is_still(name):
            return self._central(middle, driver.unit, middle, life)
        value = shape.quantile(self.chance.score(name), *self.chance.further(name, shape.further, once=driver.drawn == "once"))
        return Fact(value, driver.unit, life, middle)

    def _evolution(self, name: str, driver: Driver) -> Fact:
        evolution = EVOLUTIONS[driver.kind](getattr(driver, driver.kind), self.calendar)
        central = evolution.central(driver.central, self.calendar.periods)  # also where it is drawn: what is not known is told
        if self._is_still(name):
            return self._central(central, driver.unit, evolution.start)
        self.program.adding_up.add(name)
        states = [self.program.state(value, name) for value in evolution.memory]
        scores = [self.chance.score(name), *self.chance.further(name, evolution.further, once=False)]
        memory = [state.read(self.section) for state in states]
        numbers = self._numbers(name, evolution.numbers)
        value, after = evolution.step(scores, memory, [*(self._dated(column) for column in evolution.dated), *numbers])
        for state, kept in zip(states, after, strict=True):
            state.write(self.section, kept)
        return Fact(value, driver.unit, "period", evolution.start)

    def _dated(self, column: Floats) -> Value:
        """A parameter by period; one that never changes is a plain number."""
        return float(column[0]) if (column == column[0]).all() else self.program.param(column)

    def _course(self, name: str, driver: Driver) -> Fact:
        course = courses.COURSES[driver.kind](getattr(driver, driver.kind), self.calendar)
        central = course.central(driver.central)
        if self._is_still(name):
            return self._central(central, driver.unit, course.start)
        own = course.drawn[0] if course.drawn and course.noise == 0.0 else ""
        numbers = self._numbers(name, course.numbers, own)
        value = course.value(numbers, [self._dated(column) for column in course.dated])
        if course.noise != 0.0:
            value = value + course.noise * self.chance.score(name)
        return Fact(value, driver.unit, "period", course.start)

    def _numbers(self, name: str, numbers: Mapping[str, Parameter], own: str = "") -> list[Value]:
        """Numbers that hold for life, certain or drawn; own: the one that has the driver's own score.

        Arrays are sets of parameters: one draw says which set a path has.
        """
        values: list[Value] = []
        for number, known in numbers.items():
            if isinstance(known, float):
                values.append(self.program.param(known))
                continue
            if isinstance(known, np.ndarray):
                place = one_of(len(known), self.program.draw_once(f"{name}/set", self.section))
                values.append(gather(known, place))
                continue
            score = self.chance.score(name) if number == own else self.program.draw_once(f"{name}/{number}", self.section)
            values.append(known.quantile(score, *self.chance.further(f"{name}/{number}", known.further, once=True)))
        return values

    def _ramp(self, name: str, driver: Driver) -> Fact:
        assert driver.ramp is not None
        ramp = processes.ramp(driver.ramp, self.calendar)
        if isinstance(driver.central, float):
            full = driver.central
        else:
            full = ramp.full_effect.central(driver.central) if isinstance(ramp.full_effect, Marginal) else ramp.full_effect
        if self._is_still(name):
            return self._central(full * ramp.progress, driver.unit, 0.0)
        full_effect: Value = ramp.full_effect
        if isinstance(ramp.full_effect, Marginal):
            own = self.chance.score(name) if ramp.noise == 0.0 else self.program.draw_once(f"{name}/full_effect", self.section)
            full_effect = ramp.full_effect.quantile(own, *self.chance.further(name, ramp.full_effect.further, once=True))
        noise = self.chance.score(name) if ramp.noise != 0.0 else 0.0
        value = ramp.value(full_effect, self.program.param(ramp.progress), noise)
        return Fact(value, driver.unit, "period", 0.0)


def _turn(driver: Driver) -> int:
    """Events, which hit others, come first; what follows others comes last."""
    return 0 if driver.event is not None else 2 if driver.follows is not None else 1


def _hits(driver: Driver) -> Mapping[str, float]:
    """What an event does to other drivers."""
    return driver.event.hits or {} if driver.event is not None else {}


def _check_given(name: str, drivers: Collection[str]) -> None:
    if name in drivers:
        raise ValueError(f"'{name}' is a driver already. What is a driver needs no fact beside it: leave it out here.")
    if name in COLUMNS:
        raise ValueError(f"'{name}' is a column of the actuals with a meaning of its own. Give the fact another name.")


def _spell_alike(unit: Unit, written: dict[str, str]) -> None:
    """Note how the symbols of a unit are written; MWH and MWh in one file are one unit, misspelt."""
    for symbol, _ in unit.powers:
        before = written.setdefault(symbol.casefold(), symbol)
        if before != symbol:
            raise ValueError(
                f"'{symbol}' is written '{before}' elsewhere, and would be another unit. Write both alike."
            )


def _check_readable(key: str, name: str, drivers: Mapping[str, Driver]) -> None:
    if name not in drivers:
        raise ValueError(f"no driver '{name}'.{meant_or_known(name, drivers)}")
    driver = drivers[name]
    followed = driver.follows is not None and driver.follows.of in drivers and drivers[driver.follows.of].operations is not None
    if driver.operations is not None or followed:
        raise ValueError(f"'{name}' comes from operations itself. Write a driver that does not.")
    if driver.effort is not None:
        raise ValueError(f"'{name}' answers an effort, which is decided after operations are known. Write a driver that does not.")
    if key in ("use", "demand") and driver.unit.flow is None:
        rule = f"the {key} adds up over time; the unit of {name} is {driver.unit.describe()}"
        raise ValueError(f"{rule}. Write a driver per month, quarter or year.")
    if key in ("performance", "quality") and driver.unit != DIMENSIONLESS:
        raise ValueError(f"the {key} is a part of a whole; {name} is in {driver.unit}. Write a driver that is a fraction.")

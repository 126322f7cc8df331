"""Effort: how much of it there is in each period, what drivers make of it, and how it follows what has been reached.

A responsive effort is what it is worth while most of it pays: for each level the expected worth of what it adds, less its cost.
What one unit more of a driver is worth, in view of what has been reached, is found before the run (`gainsim.planning`) and
handed in as numbers by period: a line through points, as `Worth` has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.facts import Fact, Facts, PeriodScope
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver
from gainsim.offer.effort import Effort, Response
from gainsim.ops import Value
from gainsim.ops.arrays import known_beforehand
from gainsim.ops.formula import Formula, evaluate
from gainsim.ops.program import Program, Section, State
from gainsim.ops.unit_check import Kind, in_words
from gainsim.periods import in_periods
from gainsim.problems import Problems
from gainsim.scopes import WindowScope
from gainsim.spelling import meant_or_known
from gainsim.units import DIMENSIONLESS, FLOW_MONTHS, Unit

Floats = NDArray[np.float64]
#: into how many steps the range of a responsive effort is divided
LEVELS = 16
#: from how many points a worth is known
POINTS = 16


@dataclass(frozen=True)
class Worth:
    """What one unit more of a driver is worth in each period, by what has been reached: a line through points.

    least:  (periods,) at the first point and below
    starts, widths, slopes: (POINTS - 1, periods) of each stretch of the line; beyond the last it is level
    """

    least: Floats
    starts: Floats
    widths: Floats
    slopes: Floats

    def copy(self) -> Worth:
        """The same, to be told anew."""
        return Worth(self.least.copy(), self.starts.copy(), self.widths.copy(), self.slopes.copy())

    def points(self, t: int) -> tuple[Floats, Floats]:
        """The corners of the line in one period: what has been reached, and what a unit is worth there.

        A single one, at 0, where it is worth the same whatever has been reached.
        """
        there = self.widths[:, t] > 0.0
        starts, widths, slopes = self.starts[there, t], self.widths[there, t], self.slopes[there, t]
        if not len(starts):
            return np.zeros(1), self.least[t : t + 1].copy()
        worth = self.least[t] + np.append(0.0, np.add.accumulate(slopes * widths))
        return np.append(starts, starts[-1] + widths[-1]), worth

    def tell(self, t: int, least: float, starts: Floats, widths: Floats, slopes: Floats) -> None:
        """What it is in one period."""
        self.least[t], self.starts[:, t], self.widths[:, t], self.slopes[:, t] = least, starts, widths, slopes


#: what is found before the run, by effort: how much it is by period, (periods,); what its drivers are worth, by driver
Plans = Mapping[str, Floats | Mapping[str, Worth]]


@dataclass(frozen=True)
class Trial:
    """What a trial run can change of an offer: it holds a responsive effort at its least, adds to drivers, forces decisions.

    held:  by effort, the setting that is 1 where it is held at its least
    added: by driver that answers an effort, the setting that is added to it
    range: by the same, what its effort adds to it, of all its levels, furthest from what it adds at its least, (periods,)
    forced: by decision that is weighed, the setting that is 1 where it is taken wherever it may be, -1 where it is not
    """

    held: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    range: dict[str, Floats] = field(default_factory=dict)
    forced: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What a responsive effort looks at when a period begins.

    reached: what it watches, of the window so far
    worth:   of each driver that answers it, what one unit more of it in this period is expected to bring
    memory:  of what has been reached
    """

    reached: Value
    worth: Mapping[str, Value]
    memory: State


class Efforts:
    """The efforts of an offer on their way into its program.

    section:  opened before the world's: an effort is known when a period begins
    watched:  the unit of what each responsive effort watches
    plans:    what was found before the run
    trial:    filled where this is the program of a trial
    measured: efforts, and what drivers make of them, are in what was measured
    """

    def __init__(
        self,
        written: Mapping[str, Effort],
        drivers: Mapping[str, Driver],
        facts: Facts,
        section: Section,
        plans: Plans,
        problems: Problems,
        *,
        trial: Trial | None = None,
        measured: bool = False,
    ) -> None:
        self.written, self.drivers, self.facts, self.section = written, drivers, facts, section
        self.answers: dict[str, Response] = {}  # those that are in order
        self.plans, self.problems, self.trial, self.measured = plans, problems, trial, measured
        self.program, self.calendar = facts.program, facts.calendar
        self.seen: dict[str, Seen] = {}
        self.watched: dict[str, Unit] = {}

    def decide(self) -> None:
        """Write down how much there is of every effort, as a fact; those that choose know the others."""
        for name, effort in self.written.items():
            with self.problems.at("effort", name):
                if name in self.facts or name in self.drivers:
                    raise ValueError(f"'{name}' is a driver, or known already. Give the effort a name of its own.")
                self.facts.add(name, Fact(self.program.param(effort.at_least), effort.unit, "dated"))
        for driver, response in answers_of(self.drivers).items():
            with self.problems.at("drivers", driver, "effort"):
                self._check_answer(driver, response)
                self.answers[driver] = response
        for name, effort in sorted(self.written.items(), key=lambda item: item[1].policy == "responsive"):
            with self.problems.at("effort", name):
                self._check_cost(name, effort)
                self.facts.add(name, self._fact(name, effort))

    def added(self) -> dict[str, Value]:
        """By driver, what efforts add to it."""
        return {} if self.measured else {driver: self._answer(driver, response) for driver, response in self.answers.items()}

    def watch(self, *, payments: bool = True) -> None:
        """Remember what has been reached at the end of each period; the contract is written down by now.

        payments: whether there is a contract that pays anything
        """
        for name, seen in self.seen.items():
            effort = self.written[name]
            assert effort.watches is not None and effort.over is not None
            if effort.watches.terms and not payments:
                continue
            with self.problems.at("effort", name, "watches"):
                section = self.program.section(f"effort {name}")
                scope = WindowScope(self.facts, self.calendar.windows(effort.over), section)
                value, unit = scope.evaluate(effort.watches)
                if unit is Kind.CONDITION:
                    raise ValueError(f"'{effort.watches.text}' is a condition; what has been reached is a number.")
                self.watched[name] = DIMENSIONLESS if isinstance(unit, Kind) else unit
                seen.memory.write(section, value)

    def looked_at(self) -> dict[str, dict[str, Value]]:
        """By effort how much there is; of a responsive one also what has been reached when a period begins, and its worth."""
        seen = {name: {"reached": each.reached, **each.worth} for name, each in self.seen.items()}
        return {name: {**seen.get(name, {}), "put in": self.facts[name].value} for name in self.written}

    # --- how much ------------------------------------------------------------------------------------------------

    def _fact(self, name: str, effort: Effort) -> Fact:
        if self.measured:
            return Fact(self.program.input(name, self.section), effort.unit, "period")
        if isinstance(effort.plan, Formula):
            return Fact(self._as_written(name, effort, effort.plan), effort.unit, self.facts.life(effort.plan))
        if effort.plan != "responsive":
            plan = self.plans.get(name, effort.at_least)
            assert not isinstance(plan, Mapping)
            return Fact(self.program.setting(name, plan), effort.unit, "dated")
        return Fact(self._responsive(name, effort), effort.unit, "period")

    def _as_written(self, name: str, effort: Effort, plan: Formula) -> Value:
        if plan.names or plan.terms:
            read = sorted(plan.names | plan.terms)[0]
            raise ValueError(
                f"plan: '{plan.text}' reads {read}; a plan is a number, dated perhaps, as 2 from year 3 else 1. "
                "An effort that answers results is plan: responsive."
            )
        value, unit = self.facts.each_period(plan)
        if unit is not Kind.BARE and unit != effort.unit:
            raise ValueError(f"plan: '{plan.text}' is {in_words(unit)}; {name} is counted in {effort.unit}.")
        known = known_beforehand(self.program, value)
        assert known is not None
        for amount in known:
            if not effort.at_least <= amount <= effort.at_most:
                there_may_be = f"{effort.at_least:g} to {effort.at_most:g}"
                raise ValueError(f"plan: {amount:g} lies outside {there_may_be}, which is all there may be.")
        return self.program.param(known)

    def _responsive(self, name: str, effort: Effort) -> Value:
        """Of all levels the one that is worth most beyond its cost; of equal ones the least."""
        answering = [driver for driver, response in self.answers.items() if response.of == name]
        told_already = len(self.answers) < len(answers_of(self.drivers))
        if not answering and not told_already:
            raise ValueError("no driver answers it, so that it is worth nothing. Write effort: { of: … } in a driver.")
        begins = np.zeros(self.calendar.periods)
        assert effort.over is not None
        begins[[window.first for window in self.calendar.windows(effort.over)]] = 1.0
        memory = self.program.state(0.0, f"{name}: reached")
        reached = ops.where(self.program.param(begins) > 0.5, 0.0, memory.read(self.section))
        worth = {driver: self._worth(name, driver, reached) for driver in answering}
        self.seen[name] = Seen(reached, {f"worth of {driver}": value for driver, value in worth.items()}, memory)
        levels = list(levels_of(effort))
        gains = [self._beyond_cost(name, effort, level, worth) for level in levels]
        best, amount = gains[0], self.program.node(levels[0])
        for level, gain in zip(levels[1:], gains[1:], strict=True):
            amount = ops.where(gain > best, level, amount)
            best = ops.maximum(gain, best)
        if self.trial is None:
            return amount
        self.trial.held[name] = f"{name}: held"
        held = self.program.setting(self.trial.held[name], 0.0) > 0.5
        return ops.where(held, effort.at_least, amount)

    def _beyond_cost(self, name: str, effort: Effort, level: float, worth: Mapping[str, Value]) -> Value:
        """What an effort of this level is expected to bring in a period, less its cost."""
        gain: Value = 0.0 - self._cost(name, effort, level)
        for driver, value in worth.items():
            with self.problems.at("drivers", driver, "effort", "adds"):
                gain = gain + value * self._at(self.answers[driver].adds, name, level)
        return gain

    def _worth(self, name: str, driver: str, reached: Value) -> Value:
        """What one unit more of a driver is worth where so much has been reached."""
        plan = self.plans.get(name, {})
        assert isinstance(plan, Mapping)
        return worth_at(self.program, name, driver, plan.get(driver, nothing(self.calendar)), reached)

    def _cost(self, name: str, effort: Effort, level: float) -> Value:
        """What an effort of this level costs in a period."""
        known = {other for other, each in self.written.items() if each.policy != "responsive"} | {name}
        if others := (effort.cost.names | effort.cost.terms) - known:
            raise ValueError(
                f"cost: '{effort.cost.text}' reads {sorted(others)[0]}. What a responsive effort costs is known when a period "
                "begins: a formula of itself, and of efforts that are not responsive."
            )
        unit = self.facts.unit(effort.cost)
        months = FLOW_MONTHS[unit.flow] if isinstance(unit, Unit) and unit.flow is not None else 1
        return self._at(effort.cost, name, level) * (self.calendar.step_months / months)

    def _at(self, formula: Formula, name: str, level: float) -> Value:
        return evaluate(formula, _AtLevel(self.facts, formula, name, level))

    # --- what it does ----------------------------------------------------------------------------------------------

    def _check_answer(self, driver: str, response: Response) -> None:
        """An answer is to an effort of the file, in the driver's unit, within the contract, and a number at every level."""
        if response.of not in self.written:
            raise ValueError(f"of: no effort '{response.of}'.{meant_or_known(response.of, self.written)}")
        if others := (response.adds.names | response.adds.terms) - {response.of}:
            told = f"reads {sorted(others)[0]}; what an effort adds is a formula of {response.of} alone"
            raise ValueError(f"adds: '{response.adds.text}' {told}.")
        unit, wanted = self.facts.unit(response.adds), self.drivers[driver].unit
        if unit is not Kind.BARE and unit != wanted:
            raise ValueError(f"adds: '{response.adds.text}' is {in_words(unit)}; {driver} is in {wanted}.")
        if in_periods(response.after, "after", self.calendar) >= self.calendar.periods:
            raise ValueError(f"after: {response.after} is longer than the contract: nothing would ever be added.")
        for level in levels_of(self.written[response.of]):
            if not np.isfinite(self._known_at(response.adds, response.of, level)).all():
                raise ValueError(f"adds: '{response.adds.text}' is no number where {response.of} is {level:g}.")

    def _check_cost(self, name: str, effort: Effort) -> None:
        """A cost that is known beforehand is a number, 0 or more, at every level."""
        if effort.cost.names - {name} or effort.cost.terms:
            return
        for level in levels_of(effort):
            cost = self._known_at(effort.cost, name, level)
            if not np.isfinite(cost).all() or (cost < 0.0).any():
                what = "negative" if np.isfinite(cost).all() else "no number"
                rule = "A cost is a number, and written without a sign"
                raise ValueError(f"cost: '{effort.cost.text}' is {what} where {name} is {level:g}. {rule}.")

    def _known_at(self, formula: Formula, name: str, level: float) -> Floats:
        """What a formula of an effort alone comes to at a level, (periods,)."""
        known = known_beforehand(self.program, self._at(formula, name, level))
        assert known is not None
        return known

    def _answer(self, driver: str, response: Response) -> Value:
        """What an effort adds to a driver, when it does."""
        value, _ = self.facts.each_period(response.adds)
        added: Value = self.program.node(value)
        for n in range(in_periods(response.after, "after", self.calendar)):
            memory = self.program.state(0.0, f"{driver}: effort #{n + 1}")
            before = memory.read(self.section)
            memory.write(self.section, added)
            added = before
        if self.trial is not None:
            levels = np.array([self._known_at(response.adds, response.of, level) for level in levels_of(self.written[response.of])])
            apart = levels - levels[0]
            furthest = np.argmax(np.abs(apart), axis=0)
            self.trial.range[driver] = np.take_along_axis(apart, furthest[np.newaxis], axis=0)[0]
            self.trial.added[driver] = f"{driver}: added"
            added = added + self.program.setting(self.trial.added[driver], 0.0)
        return added


class _AtLevel(PeriodScope):
    """A formula of an effort as if there were so much of it."""

    def __init__(self, facts: Facts, formula: Formula, name: str, level: float) -> None:
        super().__init__(facts, formula)
        self.name, self.level = name, level

    def value(self, name: str) -> Value:
        return self.level if name == self.name else super().value(name)


def answers_of(drivers: Mapping[str, Driver]) -> dict[str, Response]:
    """By driver that answers an effort, how."""
    return {name: driver.effort for name, driver in drivers.items() if driver.effort is not None}


def levels_of(effort: Effort) -> Iterator[float]:
    """The levels among which a responsive effort chooses, the least first."""
    step = (effort.at_most - effort.at_least) / LEVELS
    return (effort.at_least + n * step for n in range(LEVELS + 1))


def nothing(calendar: Calendar) -> Worth:
    """What a driver is worth before anything is known."""
    stretches = (np.zeros((POINTS - 1, calendar.periods)) for _ in range(3))
    return Worth(np.zeros(calendar.periods), *stretches)


def settings_of(name: str, driver: str, worth: Worth) -> dict[str, Floats]:
    """A worth as settings of the program: its value at the first point, then start, width and slope of each stretch."""
    stretches = zip(worth.starts, worth.widths, worth.slopes, strict=True)
    columns = (worth.least, *(column for stretch in stretches for column in stretch))
    return {f"{name}/{driver} {n}": column for n, column in enumerate(columns)}


def worth_at(program: Program, name: str, driver: str, worth: Worth, reached: Value) -> Value:
    """A worth where so much has been reached, as a step of the program."""
    least, *stretches = (program.setting(*each) for each in settings_of(name, driver, worth).items())
    value: Value = least
    for start, width, slope in zip(*[iter(stretches)] * 3, strict=True):
        value = value + slope * ops.clip(reached - start, 0.0, width)
    return value

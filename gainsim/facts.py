"""Facts: what the deal sees of the world, values by name with their units, and what they come to in a window.

A fact has one value in each period, and a formula that is reckoned each period reads it as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gainsim import ops
from gainsim.grid import Calendar, Window
from gainsim.offer.tables import Table
from gainsim.ops import Value
from gainsim.ops import grammar as fm
from gainsim.ops.formula import Formula, Refused, evaluate
from gainsim.ops.program import Program, Section
from gainsim.ops.tree import Node
from gainsim.ops.unit_check import Given, Kind, unit_of
from gainsim.problems import Unusable
from gainsim.tables import look_up, units_of
from gainsim.units import DIMENSIONLESS, FLOW_MONTHS, Unit

#: how long-lived a value is: the same in all periods and known, the same in all periods of a path, known for each
#: period beforehand, or only when the period is over
Life = Literal["constant", "path", "dated", "period"]
_LIVES: tuple[Life, ...] = ("constant", "path", "dated", "period")
#: what a term pays within windows, as the section of the term that asks reads it
PaidIn = Callable[[Sequence[Window], Section], Value]
#: what a decision has become at the end of a period, as the section that asks reads it
Become = Callable[[Section], Value]
#: the standard error of what a measured value comes to in windows
ErrorIn = Callable[[Sequence[Window]], Value]


@dataclass(frozen=True)
class Fact:
    """A named value. start: its value before the first period, where it has one."""

    value: Value
    unit: Unit
    life: Life
    start: float | None = None


class Facts(Mapping[str, Fact]):
    """All facts of a program by name; names whose own definition is broken are known, but not to be had."""

    def __init__(self, program: Program, calendar: Calendar, currency: str) -> None:
        self.program, self.calendar = program, calendar
        self.money = Unit.money(currency)
        self.every = program.section("values")
        self.read: set[str] = set()
        self.made_of: dict[str, set[str]] = {}
        self.tables: dict[str, Table] = {}
        self.payments: dict[str, PaidIn] = {}
        self.decided: dict[str, Become] = {}
        self.errors: dict[str, ErrorIn] = {}
        self.rates: dict[Unit, str] = {}
        self._facts: dict[str, Fact] = {}
        self._broken: set[str] = set()
        self._expected: set[str] = set()
        self._reduced: dict[tuple[Any, ...], Node] = {}
        self._alive: tuple[Value, Section] | None = None
        self._counts: dict[tuple[int, int], tuple[Value, Value]] = {}

    def __getitem__(self, name: str) -> Fact:
        self.read.add(name)
        if name in self._broken:
            raise Unusable(name)
        return self._facts[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a name; to ask makes nothing of it. One that is broken is unusable here too."""
        if name in self._broken:
            raise Unusable(name)
        return name in self._facts

    def behind(self, name: str) -> set[str]:
        """The names that a value is made of, and what these are made of in turn."""
        found: set[str] = set()
        wanted = set(self.made_of.get(name, ()))
        while wanted - found:
            found |= wanted
            wanted = set[str]().union(*(self.made_of.get(each, set()) for each in wanted))
        return found

    def told(self, name: str) -> Fact:
        """A fact that is only told, or reads itself: nothing is made of it by that."""
        if name in self._broken:
            raise Unusable(name)
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._facts, *self._broken))

    def __len__(self) -> int:
        return len(self._facts) + len(self._broken)

    def add(self, name: str, fact: Fact) -> None:
        """A new fact."""
        self._facts[name] = fact
        self._broken.discard(name)

    def reading(self, name: str, other: str) -> Facts:
        """The same facts, with another in the place of one; what is added to them is not added here."""
        apart = copy(self)
        apart._facts = {**self._facts, name: self._facts[other]}
        apart.payments = dict(self.payments)
        apart.errors = {key: each for key, each in self.errors.items() if key != name}
        if other in self.errors:
            apart.errors[name] = self.errors[other]
        return apart

    def expect(self, names: Iterable[str]) -> None:
        """Names whose definitions are still to come."""
        self._expected.update(names)

    def mark_broken(self, name: str) -> None:
        """The definition of this name has a problem of its own."""
        if name not in self._facts:
            self._broken.add(name)

    def spoil(self, name: str) -> None:
        """Two definitions claim this name, which has been told: whatever reads it is told no second time."""
        self._facts.pop(name, None)
        self._broken.add(name)

    def is_broken(self, name: str) -> bool:
        """Whether the definition of this name has a problem of its own, which has been told."""
        return name in self._broken

    def units(self, formula: Formula) -> dict[str, Unit | Kind]:
        """The units of all known names; a broken name in the formula makes it unusable.

        Names that are broken or still to come are among them, for they too may be what a misspelt name means; their
        unit is never read.
        """
        for name in (formula.names | formula.terms) & self._broken:
            raise Unusable(name)
        found: dict[str, Unit | Kind] = dict.fromkeys(self._broken | self._expected, DIMENSIONLESS)
        return found | {name: fact.unit for name, fact in self._facts.items()}

    def given(self) -> Given:
        """What formulas may ask beside the facts: tables, and what the terms written down so far pay."""
        return Given({name: units_of(table) for name, table in self.tables.items()}, self.payments, self.money)

    def life(self, formula: Formula) -> Life:
        """How long-lived the value of a formula is."""
        if formula.terms:
            return "period"
        found = max((_LIVES.index(self._facts[name].life) for name in formula.names), default=0)
        return _LIVES[max(found, _LIVES.index("dated") if formula.is_dated else 0)]

    def unit(self, formula: Formula) -> Unit | Kind:
        """The unit of a formula as it is written, where nothing adds up over a window."""
        return unit_of(formula, self.units(formula), self.given())

    def number(self, key: str, written: float) -> Node:
        """A number of a formula that may be set anew: one setting of the program, wherever it is read."""
        known = self.program.settings.get(key)
        return self.program.setting(key, written) if known is None else self.program.tree.leaf("param", known)

    def each_period(self, formula: Formula) -> tuple[Value, Unit | Kind]:
        """A formula reckoned each period, and its unit."""
        unit = self.unit(formula)
        self.program.tree.label = f"'{formula.text}'"
        return evaluate(formula, PeriodScope(self, formula)), unit

    def in_money(self, unit: Unit | Kind) -> Unit | Kind:
        """The unit of what is paid for an amount: its own, or the contract's currency for one that has a rate."""
        rate = self._rate_of(unit)
        return unit if rate is None or not isinstance(unit, Unit) else unit * self[rate].unit

    def converted(self, value: Value, unit: Unit | Kind) -> Value:
        """An amount in the contract's currency; one in another that has a rate, at the rate of this period."""
        name = self._rate_of(unit)
        if name is None:
            return value
        rate = self.program.node(self[name].value)
        return ops.require(rate > 0.0, value * rate, f"the rate {name} is not above 0")

    def _rate_of(self, unit: Unit | Kind) -> str | None:
        """The name of the rate of an amount in another currency, over time or not; None for all else."""
        return self.rates.get(unit.without_time()) if isinstance(unit, Unit) else None

    def amount(self, value: Value, unit: Unit | Kind) -> Value:
        """What a flow comes to in one period of the calendar."""
        if not isinstance(unit, Unit) or unit.flow is None:
            raise ValueError("a flow is wanted here")
        months = FLOW_MONTHS[unit.flow]
        step = self.calendar.step_months
        return value if months == step else value * (step / months)

    def reduce(self, kind: str, value: Value, unit: Unit | Kind, windows: Sequence[Window]) -> Value:
        """One number for the window that ends in a period, from the values of its periods, in their order."""
        if kind == "last" and self._alive is None:
            return value
        if kind == "total" and isinstance(unit, Unit) and unit.flow is not None:
            value = self.amount(value, unit)
        if all(window.first == window.last for window in windows):
            return value
        node = self.program.node(value)
        if kind == "first" and node.op == "const":
            return value
        key = (kind, node.number, tuple((w.first, w.last) for w in windows))
        if key not in self._reduced:
            self._reduced[key] = self._running(kind, node, windows)
        return self._reduced[key]

    def end_with(self, alive: Value, section: Section) -> None:
        """From here on a window is cut where the contract ends on a path.

        alive: 1 while it runs, known when `section` has run
        A window that begins after the end is reckoned as it stands: nothing is paid for it, and nothing divided by 0.
        """
        self._alive = alive, section
        self._reduced.clear()
        self._counts.clear()

    def while_it_runs(self, value: Value) -> tuple[Value, Section]:
        """A value, and 0 once the contract has ended on a path; with the section in which that is known."""
        if self._alive is None:
            return value, self.every
        alive, section = self._alive
        return ops.where(alive > 0.5, value, 0.0), section

    def _running(self, kind: str, node: Node, windows: Sequence[Window]) -> Node:
        """The running total, mean, lowest or highest since the window began, or its first value."""
        joined: Callable[[Value, Value], Value] = {
            "total": lambda a, b: a + b,
            "mean": lambda a, b: a + b,
            "lowest": ops.minimum,
            "highest": ops.maximum,
            "first": lambda a, b: a,
            "last": lambda a, b: b,
        }[kind]
        begin = self._begins(windows)
        if self._alive is not None:
            return self._cut(kind, node, begin, joined)
        section = self.program.sections[node.section] if node.section >= 0 else self.every
        state = self.program.state(0.0, f"{kind} of {node.label}")
        running = ops.where(begin, node, joined(state.read(section), node))
        state.write(section, running)
        if kind == "mean":
            count = np.ones(self.calendar.periods)
            for window in windows:
                count[window.first : window.last + 1] = np.arange(1, window.last - window.first + 2)
            return self.program.node(running / self.program.param(count))
        return self.program.node(running)

    def _begins(self, windows: Sequence[Window]) -> Value:
        """The condition that a window begins in a period."""
        begins = np.zeros(self.calendar.periods)
        begins[[window.first for window in windows]] = 1.0
        return self.program.param(begins) > 0.5

    def ran(self, windows: Sequence[Window]) -> Value:
        """1 where the contract has run in the window so far: where it ran when that began, for what has ended runs no more."""
        if self._alive is None:
            return 1.0
        alive, section = self._alive
        single = all(window.first == window.last for window in windows)
        return alive if single else self._counted(self._begins(windows), section)[0]

    def _counted(self, begin: Value, section: Section) -> tuple[Value, Value]:
        """1 where the contract ran when the window began, and the condition that a period counts in it.

        One answer for all that is reckoned over the same windows.
        """
        assert self._alive is not None
        alive, _ = self._alive
        key = (self.program.node(begin).number, section.order)
        if key not in self._counts:
            began = self._remembered("began alive", section, begin, alive, lambda before: before)
            self._counts[key] = began, ops.either(alive > 0.5, began < 0.5)
        return self._counts[key]

    def _remembered(self, what: str, section: Section, begin: Value, first: Value, then: Callable[[Value], Value]) -> Value:
        """A value with a memory over the window: what it is first, and what it is then, given what it was."""
        state = self.program.state(0.0, what)
        value = ops.where(begin, first, then(state.read(section)))
        state.write(section, value)
        return value

    def _cut(self, kind: str, node: Node, begin: Value, joined: Callable[[Value, Value], Value]) -> Node:
        """The same, of the periods up to the contract's end in a window in which it ends."""
        assert self._alive is not None
        _, known = self._alive
        section = max((self.program.sections[node.section], known), key=lambda s: s.order) if node.section >= 0 else known
        _, counts = self._counted(begin, section)

        def remembered(what: str, first: Value, then: Callable[[Value], Value]) -> Value:
            return self._remembered(f"{what} of {node.label}", section, begin, first, lambda x: ops.where(counts, then(x), x))

        running = remembered(kind, node, lambda so_far: joined(so_far, node))
        if kind == "mean":
            running = running / remembered("periods", 1.0, lambda n: n + 1.0)
        return self.program.node(running)

    def since(self, when: fm.When, periods: Sequence[int]) -> Value:
        """The condition that a moment has come; periods[t] is the period whose start decides in period t."""
        come = [float(self._has_come(when, t)) for t in periods]
        if not any(come):
            last = self.calendar.period(periods[-1])
            month = last.index * self.calendar.step_months + 1
            told = f"it is last reckoned from month {month} ({last.start:%Y-%m}) on"
            raise Refused(f"never applies: {told}. Write an earlier moment.")
        return self.program.param(come) > 0.5

    def _has_come(self, when: fm.When, t: int) -> bool:
        if when.kind == "month":
            return t * self.calendar.step_months >= when.month - 1
        if when.kind == "year":
            return self.calendar.year_of(t) + 1 >= when.year
        start = self.calendar.period(t).start
        return (start.year, start.month) >= (when.year, when.month)


class PeriodScope:
    """A formula reckoned each period."""

    def __init__(self, facts: Facts, formula: Formula) -> None:
        self.facts, self.formula = facts, formula

    def number(self, key: str, written: float) -> Value:
        """A number that may be set anew."""
        return self.facts.number(key, written)

    def value(self, name: str) -> Value:
        """The value of this period."""
        return self.facts[name].value

    def base_value(self, name: str) -> Value:
        """Only an indexation has a base."""
        raise Refused("stands only in an indexation, which has a base.")

    def reduce(self, kind: str, inner: Formula) -> Value:
        """Only a term has a window."""
        raise Refused("needs an assessment window; this is reckoned each period. Use it in an amount that a term settles.")

    def since(self, when: fm.When) -> Value:
        """Has the moment come when this period starts?"""
        return self.facts.since(when, range(self.facts.calendar.periods))

    def lookup(self, table: str, argument: Value) -> Value:
        """What a table gives."""
        return look_up(self.facts.tables[table], argument)

    def paid(self, term: str) -> Value:
        """Only a term has a window."""
        raise Refused("needs an assessment window; this is reckoned each period. Use it in an amount that a term settles.")

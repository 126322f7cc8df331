"""The scopes in which a term's formulas read the facts: its assessment window, and the base of an index.

A formula that is reckoned over a window reads what a fact comes to there: a flow (EUR/month, MWh/month) adds up, what holds
for the whole life stands for itself, and everything else must say how it is to be reduced: mean, lowest, highest, first, last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gainsim.facts import Facts
from gainsim.grid import Window
from gainsim.ops import Value
from gainsim.ops import grammar as fm
from gainsim.ops.formula import Formula, Refused, evaluate
from gainsim.ops.program import Section
from gainsim.ops.unit_check import Kind, in_words, missing_rate, unit_of
from gainsim.tables import look_up
from gainsim.units import Unit


class WindowScope:
    """A formula reckoned over an assessment window, in the period in which the window ends.

    moments: by name, values that stand for the moment in which it is reckoned, whatever the window
    """

    def __init__(
        self, facts: Facts, windows: Sequence[Window], section: Section, moments: Mapping[str, Value] | None = None
    ) -> None:
        self.facts, self.windows, self.section = facts, windows, section
        self.moments = moments or {}
        self.single = all(window.first == window.last for window in windows)

    def evaluate(self, formula: Formula) -> tuple[Value, Unit | Kind]:
        """The value of a formula and its unit."""
        units = self.facts.units(formula)
        given = self.facts.given()
        if not formula.names <= units.keys():
            unit_of(formula, units, given)  # tells which name there is not
        said = dataclasses.replace(formula, tree=self._say_totals(formula, formula.tree))
        unit = unit_of(said, units, given)
        self.facts.program.tree.label = f"'{formula.text}'"
        return evaluate(said, self), unit

    def money(self, formula: Formula, what: str) -> Value:
        """The value of a formula that must come to money; a bare number is one of the contract's currency."""
        value, unit = self.evaluate(formula)
        if unit is not Kind.BARE and self.facts.in_money(unit) != self.facts.money:
            rate = missing_rate(unit, self.facts.money)
            raise ValueError(f"{what} is an amount in {self.facts.money}; '{formula.text}' is {in_words(unit)}.{rate}")
        return self.facts.converted(value, unit)

    def plain(self, formula: Formula, what: str) -> Value:
        """The value of a formula that must come to a plain number."""
        value, unit = self.evaluate(formula)
        if unit is not Kind.BARE and unit != Unit():
            raise ValueError(f"{what} is a plain number; '{formula.text}' is {in_words(unit)}.")
        return value

    def _say_totals(self, formula: Formula, part: fm.Expression) -> fm.Expression:
        """Make explicit what a bare name comes to in the window."""
        if isinstance(part, fm.Number) and part.unit is not None and part.unit.flow is not None:
            return fm.Reduce("total", part, span=part.span)
        if isinstance(part, fm.Reduce | fm.Number | fm.Paid):
            return part
        if isinstance(part, fm.Name):
            if part.name in self.moments:
                return part
            fact = self.facts[part.name]
            if fact.unit.flow is not None:
                return fm.Reduce("total", part, span=part.span)
            if fact.life == "path" and fact.unit == self.facts.money and len(self.windows) > 1:
                raise formula.error(
                    part,
                    f"is one amount for the whole life, but this is reckoned {len(self.windows)} times. "
                    f"Write clock: {{ measured: life }}, or give it the unit {self.facts.money}/year if it recurs.",
                )
            if fact.life in ("constant", "path") or self.single:
                return part
            raise formula.error(
                part,
                f"changes from period to period within the window, and does not add up ({fact.unit.describe()}). "
                f"Say mean({part.name}), lowest({part.name}), highest({part.name}), first({part.name}) or last({part.name}).",
            )
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, tuple) and field.name == "arguments":
                changes[field.name] = tuple(self._say_totals(formula, each) for each in value)
            elif isinstance(value, fm.Expression):
                changes[field.name] = self._say_totals(formula, value)
        return dataclasses.replace(part, **changes)

    def number(self, key: str, written: float) -> Value:
        """A number that may be set anew."""
        return self.facts.number(key, written)

    def value(self, name: str) -> Value:
        """A value that holds for the whole window, or stands for its end."""
        value = self.facts[name].value
        return self.moments.get(name, value)

    def base_value(self, name: str) -> Value:
        """Only an indexation has a base."""
        raise Refused("stands only in an indexation, which has a base.")

    def reduce(self, kind: str, inner: Formula) -> Value:
        """The window's total, mean, lowest, highest, first or last value of an expression reckoned each period; or its error."""
        if kind == "error":
            return self.error(inner)
        value, unit = self.facts.each_period(inner)
        return self.facts.reduce(kind, value, unit, self.windows)

    def error(self, of: Formula) -> Value:
        """The standard error of what a measured value comes to in the window."""
        if not isinstance(of.tree, fm.Name) or of.tree.name not in self.facts.errors:
            raise Refused("is of one measured value, by its name. Write error(x), where x says measure.")
        return self.facts.errors[of.tree.name](self.windows)

    def since(self, when: fm.When) -> Value:
        """Had the moment come when the window began?"""
        first = list(range(self.facts.calendar.periods))
        for window in self.windows:
            first[window.first : window.last + 1] = [window.first] * (window.last - window.first + 1)
        return self.facts.since(when, first)

    def lookup(self, table: str, argument: Value) -> Value:
        """What a table gives."""
        return look_up(self.facts.tables[table], argument)

    def paid(self, term: str) -> Value:
        """What a term pays in the settlements that are reckoned within the window."""
        return self.facts.payments[term](self.windows, self.section)


class BaseScope:
    """A formula of an index: `wage_index` is the value now, `wage_index[base]` the one at the base.

    now, base: what the values of a name are now and at the base
    """

    def __init__(self, facts: Facts, now: Callable[[str], Value], base: Callable[[str], Value]) -> None:
        self.facts, self.now, self.base = facts, now, base

    def number(self, key: str, written: float) -> Value:
        """The number as written: what an index is made of is settled before a contract runs."""
        return written

    def value(self, name: str) -> Value:
        """The value now."""
        return self.now(name)

    def base_value(self, name: str) -> Value:
        """The value at the base."""
        return self.base(name)

    def reduce(self, kind: str, inner: Formula) -> Value:
        """An index is observed, not reduced."""
        raise Refused("has no window in an indexation. Write the name alone, or name[base].")

    def since(self, when: fm.When) -> Value:
        """An index formula is one for life."""
        raise Refused("has a date; an indexation has one formula for life. Date the amount instead.")

    def lookup(self, table: str, argument: Value) -> Value:
        """What a table gives."""
        return look_up(self.facts.tables[table], argument)

    def paid(self, term: str) -> Value:
        """An index follows values, not payments."""
        raise Refused("is a payment; an index follows observed values.")

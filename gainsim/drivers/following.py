"""Indices that follow another driver with a lag: its earlier values are kept, one state for each period of the lag."""

from __future__ import annotations

from gainsim.facts import Fact
from gainsim.grid import Calendar
from gainsim.offer.series import Follows
from gainsim.ops import Value
from gainsim.ops.program import Program, Section
from gainsim.units import Unit


def following(name: str, p: Follows, unit: Unit, other: Fact, program: Program, section: Section, calendar: Calendar) -> Fact:
    """start × (1 + pass_through × (x / x0 - 1)), x the other driver `lag` earlier."""
    if not other.start:
        raise ValueError(f"'{p.of}' has no start value other than 0: what follows it is a part of how it has changed since.")
    value: Value = other.value
    for before in _before(p, other.start, calendar):
        state = program.state(before, name)
        earlier = state.read(section)
        state.write(section, value)
        value = earlier
    return Fact(p.start * (1.0 + p.pass_through * (value / other.start - 1.0)), unit, "period", p.start)


def _before(p: Follows, start: float, calendar: Calendar) -> list[float]:
    """The other's values before the contract, the latest first: one for each period of the lag."""
    months = 0 if p.lag is None else p.lag.months
    if p.lag is not None and (p.lag.days or months % calendar.step_months):
        raise ValueError(f"a lag of {p.lag} is no whole number of periods: the calendar has steps of a {calendar.step}.")
    count = months // calendar.step_months
    if p.before is None:
        return [start] * count
    if len(p.before) != count:
        raise ValueError(f"before: {count} values are needed, one a {calendar.step} of the lag; written are {len(p.before)}.")
    return p.before[::-1]

"""What is sure to come to a driver at a date: its value as it would be, times or plus so much, or some time late."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gainsim.facts import Fact
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver
from gainsim.offer.shocks import Shock
from gainsim.ops import Value
from gainsim.ops.program import Program, Section
from gainsim.slips import refuse_slip

Floats = NDArray[np.float64]


def shocked(name: str, shock: Shock, driver: Driver, fact: Fact, program: Program, section: Section, calendar: Calendar) -> Fact:
    """A driver after a shock: value × (1 + (times - 1) × strength) + plus × strength, or the value of some time ago.

    Raises ValueError where `check_shock` does.
    """
    check_shock(shock, driver, calendar)
    if shock.later is not None:
        return _late(name, shock.later.months // calendar.step_months, fact, program, section)
    strength = strengths(shock, calendar)
    value: Value = fact.value
    if shock.times is not None:
        value = value * program.param(1.0 + (shock.times - 1.0) * strength)
    if shock.plus is not None:
        value = value + program.param(shock.plus.value * strength)
    return Fact(value, fact.unit, "dated" if fact.life in ("constant", "dated") else "period", fact.start)


def check_shock(shock: Shock, driver: Driver, calendar: Calendar) -> None:
    """Raise ValueError for a shock that never comes or is there all along, an amount in another unit, what cannot be late."""
    if shock.plus is not None:
        written = shock.plus.unit
        if written != driver.unit:
            told = f"plus: an amount in {written.describe()} is added to what is in {driver.unit.describe()}"
            raise ValueError(f"{told}. Write it in the driver's unit.")
        refuse_slip(abs(shock.plus.value), driver.unit)
    if shock.later is None:
        strength = strengths(shock, calendar)
        if not strength.any():
            begins = f"begins: {shock.begins.text}" if shock.begins is not None else f"lasts: {shock.lasts}"
            raise ValueError(f"{begins} leaves no period of the contract in which the shock would be. Write another time.")
        if _first(shock, calendar) < 0 and (strength == 1.0).all():
            assert shock.begins is not None
            told = f"begins: {shock.begins.text} is before the contract, which starts on {calendar.start:%Y-%m-%d}"
            raise ValueError(f"{told}: the shock would be there all along. Leave begins out, or write a later time.")
    elif shock.later.months % calendar.step_months:
        raise ValueError(f"later: {shock.later} is no whole number of periods: the calendar has steps of a {calendar.step}.")
    elif shock.later.months >= calendar.months:
        raise ValueError(f"later: {shock.later} is not shorter than the contract. Write less.")
    elif driver.constant is not None or driver.drawn == "once":
        raise ValueError("later: it is the same all along, and cannot come later. Write times or plus.")
    elif driver.operations is not None:
        raise ValueError("later: what operations come to has no value before the contract. Write times or plus.")


def strengths(shock: Shock, calendar: Calendar) -> Floats:
    """(periods,) how much of a shock there is, from 0 to 1; a period counts with its middle.

    It begins with the first period that starts at the date or after it.
    """
    first = _first(shock, calendar)
    months = (np.arange(calendar.periods) - first + 0.5) * calendar.step_months
    strength = np.where(months > 0.0, 1.0, 0.0)
    if shock.rises_over is not None:
        strength = strength * np.where(months < shock.rises_over.months, months / shock.rises_over.months, 1.0)
    if shock.lasts is not None:
        over = months - shock.lasts.months
        left = 1.0 - over / shock.fades_over.months if shock.fades_over is not None else np.zeros(calendar.periods)
        strength = strength * np.where(over < 0.0, 1.0, np.where(left > 0.0, left, 0.0))
    return np.asarray(strength)


def _first(shock: Shock, calendar: Calendar) -> int:
    """The period with which a shock begins; below 0 for one that has begun before the contract."""
    if shock.begins is None:
        return 0
    if shock.begins.date is not None:
        months = calendar.years_since_start(shock.begins.date) * 12.0
    else:
        assert shock.begins.after is not None
        months = shock.begins.after.years * 12.0
    return math.ceil(months / calendar.step_months - 1e-9)


def _late(name: str, periods: int, fact: Fact, program: Program, section: Section) -> Fact:
    """The value of so many periods ago; before the contract's start its start value."""
    assert fact.start is not None
    value: Value = fact.value
    for _ in range(periods):
        state = program.state(fact.start, name)
        earlier = state.read(section)
        state.write(section, value)
        value = earlier
    return Fact(value, fact.unit, "period", fact.start)

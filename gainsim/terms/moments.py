"""Moments and times of a contract, in months: when something is due, when it is reached, how many days it took."""

from __future__ import annotations

from dataclasses import dataclass

from gainsim import ops
from gainsim.durations import Duration
from gainsim.offer.milestones import Moment, TimeRate
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.program import Section
from gainsim.ops.tree import Node
from gainsim.ops.unit_check import Kind, in_words
from gainsim.terms.context import Deal
from gainsim.units import Unit

#: months in a time of each kind: a month is a twelfth of a year, a day one of its 365 parts
MONTHS_IN = {"year": 12.0, "quarter": 3.0, "month": 1.0, "week": 84.0 / 365.0, "day": 12.0 / 365.0}
_UNITS = {Unit.parse(time): months for time, months in MONTHS_IN.items()}


def in_months(value: Value, unit: Unit | Kind, formula: Formula, what: str) -> Value:
    """A time in months, whatever it is written in."""
    months = _UNITS.get(unit) if isinstance(unit, Unit) else None
    if months is None:
        raise ValueError(f"{what} a time, as in 14 months; '{formula.text}' is {in_words(unit)}.")
    return value if months == 1.0 else value * months


def moment(written: Moment, deal: Deal, what: str) -> Value:
    """A moment in months since the contract's start; one that is reckoned is known when the contract begins."""
    if written.date is not None:
        months: Value = deal.calendar.years_since_start(written.date) * 12.0
    else:
        assert written.after is not None
        value, unit = deal.facts.each_period(written.after)
        months = in_months(value, unit, written.after, f"{what} is")
        deal.require_known(written.after, what)
    if not isinstance(months, Node) and months < 0.0:
        raise ValueError(
            f"{what}: {written.text} lies before the contract's start, {deal.calendar.start}. Write a later day, or a time "
            "since the start, as 14 months."
        )
    return months


def length(time: Duration) -> float:
    """A time in months."""
    return time.months + time.days * MONTHS_IN["day"]


@dataclass(frozen=True)
class Reached:
    """When something is reached. now: whether it is, at the period's end; after: months from the start, up to now."""

    now: Value
    after: Value


def reached(formula: Formula, deal: Deal, section: Section, name: str) -> Reached:
    """What a condition says at each period's end, or a time that it takes.

    A condition is met at the end of the first period in which it holds; a time is exact, also within a period.
    """
    value, unit = deal.facts.each_period(formula)
    elapsed = deal.lasted
    if unit is Kind.CONDITION:
        done = deal.program.state(0.0, f"{name}: reached")
        took = deal.program.state(0.0, f"{name}: time until reached")
        before = done.read(section) > 0.5
        now = ops.either(before, value)
        after = ops.where(before, took.read(section), elapsed)
        done.write(section, ops.where(now, 1.0, 0.0))
        took.write(section, after)
        return Reached(now, after)
    time = in_months(value, unit, formula, "what is reached is a condition, as in x >= 80%, or")
    deal.require_known(formula, "the time at which it is reached")
    return Reached(elapsed >= time, ops.minimum(time, elapsed))


def for_time(rate: TimeRate, months: Value, deal: Deal, what: str) -> Value:
    """What an amount per day, week or month comes to in a time, at most `at_most`: the sum of each band's over its part.

    months: from 0 on
    An incomplete day, week or month counts in part, in full or not; what counts of it lies in the bands.
    """
    times = counted(months / MONTHS_IN[rate.per], rate.begun)
    total: Value = 0.0
    before: Value = 0.0
    for band in rate.amount:
        until = times if band.edge is None else ops.minimum(times, length(band.edge) / MONTHS_IN[rate.per])
        size = deal.known_money(band.rate, what)
        total = total + deal.by_size(size * (until - before), size, band.rate, what)
        before = until
    if rate.at_most is None:
        return total
    most = deal.known_money(rate.at_most, f"the most of {what}")
    return deal.by_size(ops.minimum(total, most), most, rate.at_most, f"the most of {what}")


def counted(times: Value, begun: str) -> Value:
    """How many days, weeks or months count; one within a billionth of its end is complete.

    >>> import numpy as np
    >>> [counted(np.array([0.0, 1.0, 1.5]), begun).tolist() for begun in ("in part", "in full", "not")]
    [[0.0, 1.0, 1.5], [0.0, 1.0, 2.0], [0.0, 1.0, 1.0]]
    """
    if begun == "in part":
        return times
    nearest = ops.rounded(times, 1.0, "half even")
    complete = ops.absolute(times - nearest) <= 1e-9 * (1.0 + nearest)
    last = 1.0 if begun == "in full" else 0.0
    return ops.where(complete, nearest, ops.rounded(times, 1.0, "towards zero") + last)

"""The oracle's milestone and delay damages, from "Moments and times" and what follows in docs/reference/terms.md."""

from __future__ import annotations

import calendar
import math
from typing import Any

from tests.oracle.calendar import Life, Window
from tests.oracle.formulas import World, at_period, converted, percent

Clause = dict[str, Any]
DAYS_IN = {"day": 12 / 365, "week": 7 * 12 / 365, "month": 1.0}  # in months


def moment(written: str, start: str) -> float:
    """ "A **moment** is a time since the contract's start, or a date"; in months."""
    if written[:4].isdigit() and written[4] == "-":
        year, month, *day = (int(part) for part in written.split("-"))
        first_year, first_month = (int(part) for part in start.split("-"))
        days = calendar.monthrange(year, month)[1]
        return (year - first_year) * 12 + month - first_month + ((day[0] if day else 1) - 1) / days
    return duration(written)


def duration(written: str) -> float:
    """ "a year is 12 of them, a quarter 3, a day 12/365, a week 7 days" """
    size, unit = written.split()
    return float(size) * {"day": 12 / 365, "days": 12 / 365, "month": 1.0, "months": 1.0, "year": 12.0, "years": 12.0}[unit]


def reached_in(written: str, world: World) -> tuple[int, float] | None:
    """The period in which it is reached, and the moment."""
    for period in range(world.life.periods):
        end = (period + 1.0) * world.life.step
        fact = world.facts.get(written)
        if fact is not None and fact.life:  # "reached in the first period at whose end T or more has elapsed"
            if end >= fact.values[0]:
                return period, fact.values[0]
        elif fact is None and at_period(written, world, period):  # "reached at the end of the first period in which it holds"
            return period, end
    return None


def for_time(rate: Clause | None, months: float) -> float:
    """An amount per day, week or month for a time."""
    if rate is None or months <= 0:
        return 0.0
    times = months / DAYS_IN[rate["per"]]
    if rate["begun"] != "in part":
        # "The last day that is not complete counts `in part`, `in full` or `not`; one within a billionth of its end is
        # complete": and so is one that has hardly begun, for the one before it ends there
        complete = abs(times - round(times)) <= 1e-9
        begun = 1 if rate["begun"] == "in full" else 0
        times = round(times) if complete else math.floor(times) + begun
    amount = 0.0
    said = rate["amount"]
    # "each amount counts for the part of the time, as it counts, between the edge before it and its own"
    begins = 0.0
    for label, each in said.items() if isinstance(said, dict) else [("above", said)]:
        ends = math.inf if label == "above" else duration(label.removeprefix("up to ")) / DAYS_IN[rate["per"]]
        amount = amount + max(min(times, ends) - begins, 0.0) * percent(each)
        begins = ends
    return min(amount, percent(rate["at_most"])) if "at_most" in rate else amount


def milestone(term: Clause, world: World, start: str, ended: int | None = None) -> list[float]:
    """What is paid in each period. ended: the period with which the contract ends early."""
    found = [0.0] * world.life.periods
    come = reached_in(str(term["reached"]), world)
    if come is not None and (ended is None or come[0] <= ended):  # "Time stands still for milestones and delays."
        period, when = come
        amount = converted(at_period(term["amount"], world, period), term["amount"], world, period)
        due = moment(term["due"], start) if "due" in term else when
        found[period] = amount + for_time(term.get("early"), due - when) - for_time(term.get("late"), when - due)
    return found


def delay_damages(
    term: Clause, world: World, windows: list[Window], start: str, ended: int | None = None
) -> list[float]:
    """What is paid at the end of each window: the damages so far, less those before."""
    come = reached_in(str(term["reached"]), world)
    due = moment(term["due"], start)
    found, before = [], 0.0
    for _, window_end in windows:
        last = window_end if ended is None else min(window_end, ended)
        end = _end(world.life, last)
        until = come[1] if come is not None and come[0] <= last else end
        delay = max(until - due, 0.0)
        if "grace" in term:
            grace = duration(term["grace"]["time"])
            beyond = delay - grace if term["grace"]["then"] == "excess" else delay
            delay = beyond if delay > grace else 0.0
        so_far = for_time(term["rate"], delay)
        found.append(-(so_far - before))
        before = so_far
    return found


def _end(life: Life, period: int) -> float:
    return (period + 1.0) * life.step

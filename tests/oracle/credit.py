"""The oracle's customer that does not pay, or pays late, from "Whether the customer pays" in docs/reference/terms.md."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.calendar import Life, Window
from tests.oracle.costs import Rows
from tests.oracle.formulas import World, at_period, percent
from tests.oracle.settled import Settled, in_advance

Clause = dict[str, Any]
Settlements = dict[str, list[Settled]]


@dataclass
class Owed:
    """What is to be paid under a term in one settlement, "after the relief of limits over it".

    amount: positive where the customer owes it
    period: in which it is reckoned
    """

    line: str
    amount: float
    period: int
    due: date
    paid: date


def owed(
    contract: dict[str, Clause], settled: Settlements, changes: list[tuple[str, str, list[Settled]]], life: Life, start: str
) -> Iterator[Owed]:
    """Every settlement of every term with the customer, and what a retention releases."""
    for name, settlements in settled.items():
        term = contract[name]
        if term.get("party", "customer") != "customer":
            continue
        for number, one in enumerate(settlements):
            amount = one.paid
            for _, line, changed in changes:
                if line == name:
                    amount = amount + changed[number].paid
            yield _dated(name, amount, one.window, term, life, start)
    for name, line, settlements in changes:
        if line == "released":
            for one in settlements:
                yield _dated(name, one.paid, one.window, contract[name], life, start)


def _dated(line: str, amount: float, window: Window, term: Clause, life: Life, start: str) -> Owed:
    """ "`settled` is how long after the window's end the result falls due, `paid` how long after that the money moves" """
    clock, (first, last) = term.get("clock", {}), window
    month = first * life.step if in_advance(term) else (last + 1) * life.step
    due = later(month_of(start, month), clock.get("settled"))
    return Owed(line, amount, first if in_advance(term) else last, due, later(due, clock.get("paid")))


def month_of(start: str, months: int) -> date:
    """The first day of the month so many months after the start."""
    year, month = (int(part) for part in start.split("-"))
    months = year * 12 + month - 1 + months
    return date(months // 12, months % 12 + 1, 1)


def later(when: date, said: str | None) -> date:
    """A date some days, or some months, later."""
    if said is None:
        return when
    size, unit = int(said.split()[0]), said.split()[1]
    if unit.startswith("day"):
        return when + timedelta(days=size)
    first = month_of(f"{when.year}-{when.month}", size)
    return first.replace(day=min(when.day, calendar.monthrange(first.year, first.month)[1]))


def default(said: Clause, amounts: list[Owed], rows: Rows, last_day: date | None, world: World) -> Rows:
    """The lines of a default. last_day: the day in which it comes, so that what is dated on this day or before it is dated
    before the default; none where nobody defaults.
    """
    found: Rows = {}
    for one in amounts:
        unpaid = 0.0
        if last_day is not None and one.paid > last_day:  # "agreed to be paid on a date before the default: nothing changes"
            unpaid = one.amount  # "nothing is paid, by either side"
            if one.due <= last_day:
                # "of what the customer owes, `recovery` × the amount is paid; what the supplier owes it pays in full"
                unpaid = (1 - percent(said["recovery"])) * max(one.amount, 0.0)
        found[f"customer_credit.{one.line}", one.period] = -unpaid
    if last_day is None:
        return found
    ends = ending_period(last_day, world)
    for (name, period), amount in rows.items():
        # "The costs named under `costs_end` …, and the customer's own gains, savings and spendings end with the period in
        # which the default comes"
        if period > ends and (name in said.get("costs_end", ()) or name.startswith("customer.")):
            found[f"customer_credit.{name.removeprefix('customer.')}", period] = -amount
    return found


def ending_period(last_day: date, world: World) -> int:
    """The period in which the default comes."""
    year, month = (int(part) for part in world.start.split("-"))
    return ((last_day.year - year) * 12 + last_day.month - month) // world.life.step


def late(said: Clause, amounts: list[Owed], unpaid: Rows, world: World) -> Rows:
    """ "simple interest for that time, amount × `interest` × days / 365, a line of revenue; … and pays amount ×
    `financed_at` × days / 365, a cost"
    """
    found: Rows = {}
    for one in amounts:
        # "What the customer does not pay for its default bears no interest."
        amount = max(one.amount + unpaid.get((f"customer_credit.{one.line}", one.period), 0.0), 0.0)
        days = at_period(said["days"], world, one.period)  # "as many as `days` says in the period of the settlement"
        found[f"late_payment.{one.line}", one.period] = amount * in_a_year(said["interest"]) * days / 365
        found[f"late_payment.{one.line} financed", one.period] = -amount * in_a_year(said["financed_at"]) * days / 365
    return found


def in_a_year(rate: str) -> float:
    """ "A rate that is not written per year counts as what it adds in a year." """
    size, _, per = rate.replace(" pa", " per year").partition(" per ")
    times = {"year": 1, "quarter": 4, "month": 12}[per]
    return float((1 + percent(size)) ** times - 1)

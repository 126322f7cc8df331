"""The oracle's costs, and the customer's side, from "Costs, and the customer's side" and "termination" in
docs/reference/terms.md: what each line comes to, period by period.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.oracle.calendar import MONTHS_IN
from tests.oracle.formulas import World, at_period, converted, flow_of, over_window

Clause = dict[str, Any]
Rows = dict[tuple[str, int], float]  # by line, and the period in which it is reckoned


def costs(
    written: Mapping[str, Clause], world: World, end: int | None = None, scopes: Mapping[int, float] | None = None
) -> Rows:
    """Every cost, with a minus sign. end: the period with which the contract ends early; scopes: by period, while it is
    ramped down.
    """
    found: Rows = {}
    for name, said in written.items():
        # "one with `after_exit: runs on` is borne as if the contract had not ended early"
        stops = None if said.get("after_exit") == "runs on" else end
        if "at" not in said:
            found |= _over_time(name, said, world, stops, scopes or {})
        elif "straight_line" not in said:
            amount, period = bought(said, world, stops)
            found[name, period] = -amount
        else:
            found |= _capital(name, said, world, stops)
    return found


def _over_time(name: str, said: Clause, world: World, end: int | None, scopes: Mapping[int, float]) -> Rows:
    """ "A cost without `at` is a flow, booked each period" """
    found: Rows = {}
    for period in range(world.life.periods):
        amount = come_to(said["amount"], world, period) * indexed(said, world, period)
        if "scales_with" in said:
            amount = amount * scopes.get(period, 1.0)
        if end is not None and period > end:
            amount = 0.0  # "Costs stop with it"
        found[name, period] = -amount
    return found


def bought(said: Clause, world: World, end: int | None) -> tuple[float, int]:
    """What a cost with a date comes to, and in which period."""
    period = period_of(said["at"], world, end)
    amount = over_window(said["amount"], world, (period, period)) * indexed(said, world, period)
    later = end is not None and period > end
    return (0.0 if later else amount), period  # "What is bought later is not bought."


def period_of(at: str, world: World, end: int | None) -> int:
    """The period in which a date lies."""
    if at == "start":
        return 0
    if at == "end":  # "A cost with `at: end` is booked in the last period."
        return world.life.periods - 1 if end is None else end
    year, month, _ = (int(part) for part in str(at).split("-"))
    first_year, first_month = (int(part) for part in world.start.split("-"))
    return ((year - first_year) * 12 + month - first_month) // world.life.step


def _capital(name: str, said: Clause, world: World, end: int | None) -> Rows:
    """ "cash at the date, the margin bears equal parts of it, one in the period in which that date lies" """
    amount, first = bought(said, world, end)
    found: Rows = {(name, first): -amount}
    parts = parts_of(said, world)
    for period in range(first, min(first + parts, world.life.periods)):
        found[f"{name}.written down", period] = -amount / parts
    if end is not None and amount:  # "what is not written down is written down in the last period"
        for period in range(end, world.life.periods):
            found[f"{name}.written down", period] = 0.0
        found[f"{name}.written down", end] = -amount * (1 - max(min(end - first, parts), 0) / parts)
    return found


def parts_of(said: Clause, world: World) -> int:
    """In how many periods it is written down."""
    size, unit = said["straight_line"].split()
    return int(size) * (12 if unit.startswith("year") else 1) // world.life.step


def left_of(said: Clause, world: World, end: int) -> float:
    """ "of each cost that has been bought by then the part that is left at the end of the period of what was paid for it" """
    amount, first = bought(said, world, None if said.get("after_exit") == "runs on" else end)
    if first > end:
        return 0.0
    written = min(end - first + 1, parts_of(said, world))
    return amount * (1 - written / parts_of(said, world))


def come_to(amount: object, world: World, period: int) -> float:
    """What an amount over time comes to in one period; "Dated formulas … are decided period by period"."""
    rate = converted(at_period(amount, world, period), amount, world, period)
    return rate * world.life.step / MONTHS_IN[flow_of(amount, world) or ""]


def indexed(said: Clause, world: World, period: int) -> float:
    """ "`indexed: x` multiplies it by x / (start value of x)" """
    if "indexed" not in said:
        return 1.0
    fact = world.facts[said["indexed"]]
    return fact.values[period] / fact.at_start


def customer(written: Clause, world: World, end: int | None = None) -> Rows:
    """What the customer gains and avoids, and with a minus sign what it spends; nothing after the contract's end."""
    found: Rows = {}
    for side, sign in (("gains", 1.0), ("avoids", 1.0), ("spends", -1.0)):
        for name, amount in written.get(side, {}).items():
            for period in range(world.life.periods):
                ended = end is not None and period > end
                found[f"customer.{name}", period] = 0.0 if ended else sign * come_to(amount, world, period)
    return found

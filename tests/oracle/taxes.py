"""The oracle's tax, from "Tax and the cost of money" in docs/reference/terms.md."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.oracle.formulas import World, at_period

Rows = dict[tuple[str, int], float]


def margins(rows: Rows, world: World, outside: Collection[str]) -> list[float]:
    """ "the year's margin M is the sum of all lines that are reckoned in the periods of that year and count in the margin
    after capital"

    outside: the lines that do not, as what a capital cost is bought for, and the customer's side
    """
    life = world.life
    found = [0.0] * (life.year_of(life.periods - 1) + 1)
    for (name, period), amount in rows.items():
        if name not in outside and not name.startswith("customer."):
            found[life.year_of(period)] += amount
    return found


def tax(said: dict[str, Any], by_year: list[float], world: World) -> Rows:
    """What is paid of each year's margin, with a minus sign, "in the last period of each year"."""
    life = world.life
    found: Rows = {}
    losses = 0.0  # "the losses of earlier years that no margin has used up"
    for year, margin in enumerate(by_year):
        last = [period for period in range(life.periods) if life.year_of(period) == year][-1]
        taxed = margin
        if said["losses"] == "carried forward":
            # "a margin up to them, exactly so too, pays nothing, and the rest of them stays"
            used = min(losses, max(margin, 0.0))
            losses = losses - used + max(-margin, 0.0)
            taxed = max(margin, 0.0) - used
        found["tax", last] = -at_period(said["rate"], world, last) * taxed  # "`rate`, as it stands in that last period"
    return found


def worth(said: dict[str, Any], taxes: Rows, world: World, rate: float) -> float:
    """What the tax is worth at the contract's start: "due at the year's end and paid `paid` later"."""
    together = 0.0
    for (_, period), amount in taxes.items():
        months = (period + 1) * world.life.step + int(said.get("paid", "0 months").split()[0])
        together = together + amount / (1 + rate) ** (months / 12)
    return together

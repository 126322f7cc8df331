"""The oracle's price of a fee over time: escalated, and indexed to a base; from "fee" in docs/reference/terms.md."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import MONTHS_IN, Life
from tests.oracle.formulas import Fact, World, at_period, flow_of, percent
from tests.oracle.indexation import factors
from tests.oracle.settled import Settled, in_advance, windows_of
from tests.oracle.settlement import paid_in, settle
from tests.oracle.standing import rounding, stands

Clause = dict[str, Any]


def settle_with_prices(
    contract: dict[str, Clause], life: Life, facts: dict[str, Fact], start: str
) -> dict[str, list[Settled]]:
    """Fees by themselves, and what speaks of their rates."""
    world = World(life, dict(facts), {}, start)
    found: dict[str, list[Settled]] = {}
    for name, term in contract.items():
        if term["term"] == "fee":
            found[name] = fee(term, world)
            world.facts[name] = Fact(named_rates(term, world), flow_of(term["amount"], world))
    others = {name: term for name, term in contract.items() if term["term"] != "fee"}
    return found | settle(others, life, world.facts, {}, start)


def named_rates(term: Clause, world: World) -> list[float]:
    """ "The name of a fee stands, in each period, for the rate at which it is paid: as escalated and indexed, and for 0 where
    the fee does not stand. Of a fee in advance it is in all periods of a window what it is in the first."
    """
    rates, indexes = escalated(term, world), factors(term, world)
    paid = [rates[p] * indexes[p] if stands(term, world, p) else 0.0 for p in range(world.life.periods)]
    return [paid[p] for p in paid_in(term, world)]


def fee(term: Clause, world: World) -> list[Settled]:
    """An amount over time: its plain amount, and what indexation adds."""
    rates, indexes = escalated(term, world), factors(term, world)
    part = world.life.step / MONTHS_IN[flow_of(term["amount"], world) or ""]
    found = []
    for first, last in windows_of(term, world.life):
        plain = indexation = 0.0
        for period in range(first, last + 1):
            # "In advance, it pays the rate in force in the window's first period, for every period of the window."
            in_force = first if in_advance(term) else period
            if stands(term, world, in_force):
                plain = plain + rates[in_force] * part
                indexation = indexation + rates[in_force] * (indexes[in_force] - 1) * part
        lines = {"indexation": indexation} if "indexed" in term else {}
        change = rounding(term, plain + indexation)
        found.append(Settled((first, last), plain + indexation + change, lines))
    return found


def escalated(term: Clause, world: World) -> list[float]:
    """The rate in every period: "one at the start of each later window of kind `every`"."""
    life, said = world.life, term.get("escalated")
    rates, steps = [], 0
    begins = [first for first, _ in life.windows(said["every"], term["clock"].get("year"))] if said else []
    for period in range(life.periods):
        if period in begins and period != 0:  # "of the year of the fee's clock; a stub is a window"
            steps += 1
        factor = 1.0
        if said and said["compounding"] == "compound":  # "multiplied by (1 + by) to the power n"
            for _ in range(steps):
                factor = factor * (1 + percent(said["by"]))
        elif said:  # "or by 1 + n × by"
            factor = 1 + steps * percent(said["by"])
        rates.append(at_period(term["amount"], world, period) * factor)
    return rates

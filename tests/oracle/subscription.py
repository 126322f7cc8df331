"""The oracle's subscription, from "subscription" in docs/reference/terms.md."""

from __future__ import annotations

import re
from typing import Any

from tests.oracle.calendar import MONTHS_IN, Life
from tests.oracle.formulas import Fact, World, at_period, percent
from tests.oracle.lookups import Table
from tests.oracle.settled import Settled, in_advance, windows_of
from tests.oracle.settlement import settle
from tests.oracle.standing import rounding, stands

Clause = dict[str, Any]


def plain(written: object, start: str) -> str:
    """A formula without the word seat, which changes nothing, and with its dates counted in months."""
    text = re.sub(r"EUR/seat/(month|quarter|year)", r"EUR per \1", str(written))
    year, month = (int(part) for part in start.split("-"))
    return re.sub(
        r"from (\d{4})-(\d\d)",
        lambda found: f"from month {(int(found[1]) - year) * 12 + int(found[2]) - month + 1}",
        re.sub(r"\bseat\b", "", text),
    )


def settle_with_seats(
    contract: dict[str, Clause], life: Life, facts: dict[str, Fact], tables: dict[str, Table], start: str
) -> dict[str, list[Settled]]:
    """Every term's settlements: subscriptions by themselves, and what speaks of their seats."""
    world = World(life, dict(facts), tables, start)
    found: dict[str, list[Settled]] = {}
    for name, term in contract.items():
        if term["term"] == "subscription":
            found[name] = subscription(term, world, start)
            world.facts[name] = Fact(named_seats(term, world, start))
    others = {
        name: term | {"amount": plain(term["amount"], start)} if "amount" in term else term
        for name, term in contract.items()
        if term["term"] != "subscription"
    }
    return found | settle(others, life, world.facts, tables, start)


def committed_seats(term: Clause, world: World, start: str) -> list[float]:
    """ "S is the number of `seats` committed in a period" """
    return [at_period(plain(term["seats"], start), world, period) for period in range(world.life.periods)]


def active_seats(term: Clause, world: World, start: str) -> list[float]:
    """ "the most of: S in this period; `adopted` in this period, but no more than S in the contract's last period; and the
    seats active in the period before (at first 0)"
    """
    committed = committed_seats(term, world, start)
    active, before = [], 0.0
    for period in range(world.life.periods):
        most = max(committed[period], before)
        if "adopted" in term:
            most = max(most, min(at_period(plain(term["adopted"], start), world, period), committed[-1]))
        active.append(most)
        before = most
    return active


def named_seats(term: Clause, world: World, start: str) -> list[float]:
    """ "The name of a subscription stands for its active seats in each period", and each counts only while it stands."""
    active = active_seats(term, world, start)
    return [active[p] if stands(term, world, p) else 0.0 for p in range(world.life.periods)]


def subscription(term: Clause, world: World, start: str) -> list[Settled]:
    """Seats at a price, period by period."""
    committed, active = committed_seats(term, world, start), active_seats(term, world, start)
    flow = re.search(r"EUR/seat/(\w+)", str(term["price"]))
    assert flow
    # "the period's months (for a price per quarter or year, the same part of a quarter or year)"
    part = world.life.step / MONTHS_IN[flow[1]]
    found = []
    for window in windows_of(term, world.life):
        line, early = 0.0, 0.0
        for period in range(window[0], window[1] + 1):
            # "Each period counts only while `active_while` holds (in advance: if it holds in the window's first period)."
            if not stands(term, world, window[0] if in_advance(term) else period):
                continue
            price = at_period(plain(term["price"], start), world, period)
            line = line + committed[period] * price * part
            early = early + (active[period] - committed[period]) * price * part
        lines = {"committed": line}
        if "adopted" in term:
            lines["early activation"] = early
        change = rounding(term, line + early)
        if "rounded" in term:
            lines["rounding"] = change
        found.append(Settled(window, line + early + change, lines))
    return found


def figures(term: Clause, world: World, start: str) -> dict[str, Any]:
    """ "The deal's figures are of what is committed." """
    life, seats = world.life, committed_seats(term, world, start)
    prices = [at_period(plain(term["price"], start), world, period) for period in range(life.periods)]
    flow = re.search(r"EUR/seat/(\w+)", str(term["price"]))
    assert flow
    years = life.year_of(life.periods - 1) + 1
    money, seat_months, months = [0.0] * years, [0.0] * years, [0] * years
    for period in range(life.periods):
        year = life.year_of(period)
        money[year] += seats[period] * prices[period] * life.step / MONTHS_IN[flow[1]]
        seat_months[year] += seats[period] * life.step
        months[year] += life.step
    rails = term.get("guardrails", {})
    # "the first year's committed seats (in a ramp: committed money), per month of the year, over those of the exit year"
    counted = money if term["structure"] == "ramp" else seat_months
    part = (counted[0] / months[0]) / (counted[-1] / months[-1])
    kept = []
    for word, at in rails.get(
        "first_year", {}
    ).items():  # "`at_least: x` is kept from x on, `more_than: x` only above x"
        equal = abs(part - percent(at)) < 1e-12
        kept.append(("first year", (part > percent(at) and not equal) or (equal and word == "at_least")))
    if "full_price_from" in rails:  # "from the first period of year n on, the price is the exit price"
        later = [price for p, price in enumerate(prices) if life.year_of(p) + 1 >= rails["full_price_from"]]
        kept.append(("full price", all(price == prices[-1] for price in later)))
    # "what is committed for each of the years written is no more than its amount; just as much keeps it"
    kept += [
        ("budget", committed <= most + 1e-9) for committed, most in zip(money, rails.get("budget", []), strict=False)
    ]
    if "criteria_met" in rails:
        asked = ["products", "editions", "seats"]  # "every structure asks that … are known"
        if term["structure"] != "simple":  # "a staged deal and a ramp ask for a proven `budget_limit`"
            asked.append("budget_limit")
        if term["structure"] == "staged":  # "a staged deal that the customer accepts `fixed_steps`"
            asked.append("fixed_steps")
        if term["structure"] == "ramp":  # "a ramp that the timing of its roll-out is not known"
            asked.append("open_roll_out")
        kept.append(("criteria", all(each in rails["criteria_met"] for each in asked)))
    return {
        "tcv": sum(money), "acv": money, "exit_price": prices[-1] / MONTHS_IN[flow[1]], "seat_months": sum(seat_months),
        "effective_price": sum(money) / sum(seat_months), "annual_order_value": sum(money) / (life.months / 12), "kept": kept,
    }  # fmt: skip

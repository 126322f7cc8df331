"""Subscriptions: seats at a price, committed for the contract's life; seats activated early are paid to its end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.facts import Fact, Life
from gainsim.grid import Calendar
from gainsim.offer.subscription import Subscription
from gainsim.ops import Value
from gainsim.ops.arrays import known_beforehand
from gainsim.ops.formula import Formula
from gainsim.ops.unit_check import Kind, in_words
from gainsim.terms.context import Commitment, Deal
from gainsim.units import DIMENSIONLESS, FLOW_MONTHS, Unit

Floats = NDArray[np.float64]


def subscription(name: str, term: Subscription, deal: Deal) -> None:
    """Committed seats times the price, and apart from it what seats activated early add.

    Active in a period are the most of: the seats committed, the seats adopted (no more than are committed in the last
    period), and the seats active before. So a seat may come before its step, never after it, and none is given back.
    The seats active become a fact of the subscription's own name, so that costs may refer to them.
    seats, adopted: seats; price: money per seat and time; a payment is money of the window, positive = paid to the supplier

    100 seats, then 200; 150 are activated in the first year, and no more than 200 ever:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: subscription
    ...     structure: staged
    ...     seats: 200 seat from year 2 else 100 seat
    ...     price: 10 EUR/seat/year
    ...     adopted: wanted
    ...     clock: { measured: year }
    ... ''', wanted="150, 120, 300 seat")
                        2027    2028    2029
    committed         1000.0  2000.0  2000.0
    early activation   500.0     0.0     0.0
    paid              1500.0  2000.0  2000.0

    Source: simple, staged and ramp deals, trailhead.salesforce.com, sales-deal-structures
    """
    seats, seat, committed = _known(term.seats, "seats", deal)
    price, unit, prices = _known(term.price, "price", deal)
    flow = _money_over_time(unit * seat, deal.facts.money)
    _refuse_other_structures(term, committed, prices, deal.calendar)
    _refuse_years_beyond(term, len(deal.calendar.windows("year")))
    stands = deal.active(term)
    active = seats if term.adopted is None else _active(name, term.adopted, seats, seat, float(committed[-1]), deal)
    known_by_date = term.active_while is None or deal.facts.life(term.active_while) != "period"
    life: Life = "dated" if term.adopted is None and known_by_date else "period"
    deal.facts.add(name, Fact(deal.program.node(active * stands), seat, life))
    months = FLOW_MONTHS[str(unit.flow)]
    per_month = Unit.of({**dict(unit.powers), str(unit.flow): 0}) / Unit.of({"month": 1})
    deal.commitments[name] = Commitment(committed, prices / months, str(per_month))
    in_advance = term.clock.invoiced == "in advance"
    settling = deal.settling(name, term, term.clock, active=None if in_advance else 1.0)  # else the rate knows
    windows = [s.window for s in settling.settlements]
    if in_advance:
        amounts = committed * prices * (deal.calendar.step_months / months)
        paid: Value = settling.dated([float(sum(amounts[w.first : w.last + 1].tolist())) for w in windows])
    else:
        paid = deal.facts.reduce("total", seats * price * stands, flow, windows)
    settling.line("committed", "payment", paid, committed=True)
    if term.adopted is not None:
        early = deal.facts.reduce("total", (active - seats) * price * stands, flow, windows)
        settling.line("early activation", "payment", early)
        paid = paid + early
    settling.paid(paid)


def _money_over_time(flow: Unit, money: Unit) -> Unit:
    if flow.flow is None or flow.without_time() != money:
        raise ValueError(
            f"price: seats times price are {in_words(flow)}; they must be {money} over time. "
            f"Write seats: 500 seat, and price: 40 {money}/seat/month."
        )
    return flow


def _known(formula: Formula, what: str, deal: Deal) -> tuple[Value, Unit, Floats]:
    """A value of a commitment, its unit, and what it is in each period: positive numbers known at the signature."""
    value, unit = deal.facts.each_period(formula)
    if unit is Kind.CONDITION:
        raise ValueError(f"{what}: '{formula.text}' is {in_words(unit)}; a number is wanted.")
    numbers = known_beforehand(deal.program, value)
    if numbers is None:
        raise ValueError(
            f"{what}: '{formula.text}' is left to chance; a commitment is known when it is signed. "
            "Write numbers, perhaps dated; adopted: may follow a driver."
        )
    if not np.all(np.isfinite(numbers)) or min(numbers.tolist()) <= 0.0:
        raise ValueError(f"{what}: '{formula.text}' is not above 0 in every period. Write a number above 0.")
    return value, unit if isinstance(unit, Unit) else DIMENSIONLESS, numbers


def _active(name: str, adopted: Formula, seats: Value, seat: Unit, most: float, deal: Deal) -> Value:
    """The seats active in each period: once active, always active."""
    wanted, unit = deal.facts.each_period(adopted)
    if unit is not Kind.BARE and unit != seat:
        raise ValueError(f"adopted: '{adopted.text}' is {in_words(unit)}; seats are {in_words(seat)}.")
    memory = deal.program.state(0.0, f"{name}: seats active")
    before = memory.read(deal.facts.every)
    early = ops.maximum(before, ops.minimum(wanted, most))
    active = deal.by_size(ops.maximum(early, seats), wanted, adopted, "adopted")
    memory.write(deal.facts.every, active)
    return active


def _refuse_other_structures(term: Subscription, seats: Floats, prices: Floats, calendar: Calendar) -> None:
    """What is written must be what the structure says."""
    steps, rises = _changes(seats), _changes(prices)
    for what, changes, numbers in (("seats fall", steps, seats), ("the price falls", rises, prices)):
        for t in changes:
            if numbers[t] < numbers[t - 1]:
                raise ValueError(f"{what} {_told(t, numbers, calendar)}; in a subscription neither does.")
    if steps and rises:
        raise ValueError("seats and price both rise; a deal is staged or a ramp. Let one of them stand from the start.")
    fits = "staged" if steps else "ramp" if rises else "simple"
    if fits != term.structure:
        moved = "seats rise" if steps else "the price rises"
        t, numbers = (steps[0], seats) if steps else (rises[0], prices) if rises else (0, seats)
        said = f"{moved} {_told(t, numbers, calendar)}" if t else "neither seats nor price ever change"
        raise ValueError(f"structure: {said}: this deal is not {term.structure}. Write structure: {fits}.")


def _refuse_years_beyond(term: Subscription, years: int) -> None:
    """A rule for a year that never comes says nothing."""
    rules = term.guardrails
    if rules is not None and len(rules.budget or ()) > years:
        raise ValueError(
            f"budget: {len(rules.budget or ())} years are written, the contract has {years}. Leave the others out."
        )
    if rules is not None and (rules.full_price_from or 0) > years:
        raise ValueError(f"full_price_from: the contract has no year {rules.full_price_from}; its last one is {years}.")


def _changes(numbers: Floats) -> list[int]:
    return [t + 1 for t, (before, now) in enumerate(pairwise(numbers.tolist())) if now != before]


def _told(t: int, numbers: Sequence[float] | Floats, calendar: Calendar) -> str:
    return f"from {numbers[t - 1]:,.12g} to {numbers[t]:,.12g} in month {t * calendar.step_months + 1}"

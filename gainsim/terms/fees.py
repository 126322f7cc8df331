"""Fees: an amount over time, in advance or in arrears, growing by fixed steps or following an index."""

from __future__ import annotations

import numpy as np

from gainsim.facts import Fact
from gainsim.grid import Window
from gainsim.offer.fees import Fee
from gainsim.ops import Value
from gainsim.terms.context import Deal
from gainsim.terms.indexation import escalation_factor, index_factor
from gainsim.terms.wanted import require_flow
from gainsim.units import Unit


def fee(name: str, term: Fee, deal: Deal) -> None:
    """Amount of the window, and apart from it what escalation and indexation add.

    Paid in advance, the amount is the one in force when the window begins, for all its months.
    What it pays becomes a fact of the fee's own name, a rate in each period, so that credits and pools may refer to it.

    amount: money over time, positive = paid to the supplier; it counts in each period in which `active_while` holds

    Ten users at 2 a month are 240 a year; prices have grown by one step of 10% in the second year, by two in the third:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: fee
    ...     amount: users * 2 EUR/user/month
    ...     escalated: { by: 10%, every: year, compounding: compound }
    ... ''', users="10, 10, 20 user")
                 2027   2028   2029
    amount      240.0  240.0  480.0
    escalation    0.0   24.0  100.8
    paid        240.0  264.0  580.8

    Source: price adjustment by fixed steps and by index, as NEC4, option X1, and FIDIC, clause 13.7
    """
    facts, money = deal.facts, deal.facts.money
    rate, unit = facts.each_period(term.amount)
    require_flow(facts.in_money(unit), money, term.amount, "a fee")
    assert isinstance(unit, Unit)
    flow = unit  # in its own currency: what it comes to is converted when it is settled
    if term.clock.invoiced == "in advance" and facts.life(term.amount) == "period":
        raise ValueError(
            f"amount: '{term.amount.text}' depends on what the period will bring; a fee in advance cannot. "
            "Write invoiced: in arrears, or index it."
        )
    if term.scales_with == "scope":
        rate = rate * deal.decisions.scope
    rate = rate * deal.active(term)
    escalated = rate
    if term.escalated is not None:
        escalated = rate * escalation_factor(term.escalated, term.clock.year, deal)
    factor = index_factor(name, term.indexed, term.clock.year, deal) if term.indexed is not None else 1.0
    settling = deal.settling(name, term, term.clock, active=1.0)  # the rate knows
    indexed = escalated * factor
    life = facts.life(term.amount)
    windows = [s.window for s in settling.settlements]
    named = facts.reduce("first", indexed, flow, windows) if term.clock.invoiced == "in advance" else indexed
    facts.add(name, Fact(named, flow, "dated" if life == "constant" else life))
    plain = _over(term, rate, flow, deal, windows)
    settling.line("amount", "payment", plain, committed=True)
    total = plain
    if term.escalated is not None:
        total = _over(term, escalated, flow, deal, windows)
        settling.line("escalation", "payment", total - plain, committed=True)
    if term.indexed is not None:
        before, total = total, _over(term, indexed, flow, deal, windows)
        settling.line("indexation", "payment", total - before)
    settling.paid(total)


def _over(term: Fee, rate: Value, flow: Unit, deal: Deal, windows: list[Window]) -> Value:
    """What a rate comes to in the windows, in the contract's currency."""
    if term.clock.invoiced == "in advance":
        periods = np.ones(deal.calendar.periods)
        for window in windows:
            periods[window.first] = window.last - window.first + 1
        amount = deal.facts.amount(rate, flow)
        total = amount if (periods == 1.0).all() else amount * deal.program.param(periods)
    else:
        total = deal.facts.reduce("total", rate, flow, windows)
    return deal.facts.converted(total, flow)

"""A limit on what the supplier pays under several terms together."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from gainsim import ops
from gainsim.offer.liability import LiabilityLimit
from gainsim.ops import Value
from gainsim.ops.program import State
from gainsim.ops.unit_check import Kind
from gainsim.terms.context import Deal, Settled, Settling
from gainsim.terms.over import named, refuse_rounding


def liability_limit(name: str, term: LiabilityLimit, deal: Deal) -> None:
    """Relief for what the supplier would pay beyond the limit, entered when the term that caused it settles.

    Each term keeps account of what it has made the supplier pay in this year or life; the room is the limit less the
    sum of these accounts. Payments to the supplier do not make room; what is paid while the limit does not stand counts.

    relief = max(what the supplier would pay - max(at_most - counted before, 0), 0)
    at_most: money, a size; relief is positive. What reaches the limit exactly is not relieved, and nothing jumps.

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     damages: { term: payment, amount: -damage, clock: { measured: year } }
    ...     limit: { term: liability_limit, limits: [damages], at_most: 100 EUR, per: life }
    ... ''', damage="60, -5, 40, 60 EUR/year").loc[["damages paid", "limit paid"]]
                  2027  2028  2029  2030
    damages paid -60.0   5.0 -40.0 -60.0
    limit paid     0.0   0.0   0.0  60.0

    Source: limitation of liability, as in FIDIC, clause 1.15, and NEC4, option X18
    """
    refuse_rounding(term)
    accounts = [
        (each, deal.program.state(0.0, f"{name}: counted of {each.settling.name}"))
        for each in named(term.limits, "limits", deal)
    ]
    limit, unit = deal.facts.each_period(term.at_most)
    if deal.facts.life(term.at_most) == "period" or not (unit is Kind.BARE or unit == deal.facts.money):
        raise ValueError(
            f"a liability limit is a fixed amount in {deal.facts.money}; written is '{term.at_most.text}'."
        )
    active = deal.program.node(deal.stands(term)) > 0.5
    reliefs = [_relief(name, term, deal, accounts, position, limit, active) for position in range(len(accounts))]
    deal.facts.payments[name] = lambda windows, reader: reduce(add, (r.within(windows, reader) for r in reliefs))


def _relief(
    name: str,
    term: LiabilityLimit,
    deal: Deal,
    accounts: list[tuple[Settled, State]],
    position: int,
    limit: Value,
    active: Value,
) -> Settled:
    settled, account = accounts[position]
    other = settled.settling
    settlements = other.settlements
    section = deal.program.section(f"{name}: {other.name}", due=[s.at for s in settlements])
    so_far = []
    for number, (each, state) in enumerate(accounts):
        counts = _of_this_year(each.settling, term.per, already=number < position)
        so_far.append(ops.where(counts > 0.5, state.read(section), 0.0))
    used = reduce(add, so_far)
    paid = ops.maximum(-settled.amount, 0.0)
    relief = ops.maximum(paid - ops.maximum(limit * other.part_of_year(term.per) - used, 0.0), 0.0)
    relief = ops.where(active, deal.by_size(relief, limit, term.at_most, "the limit"), 0.0)
    account.write(section, so_far[position] + (paid - relief))
    deal.ledger.add(name, other.name, "payment", section, relief, settlements, party=other.term.party)
    # A further limit over the same term counts what this one has left.
    deal.payments[other.name] = Settled(other, section, deal.program.node(settled.amount + relief))
    return Settled(other, section, deal.program.node(relief))


def _of_this_year(account: Settling, per: str, *, already: bool) -> Value:
    """1 where an account, as it is when another term settles, is one of the year in which that settlement counts.

    already: the account's own term, settling in the same period, has been entered before
    """
    deal = account.deal
    if per == "life":
        return deal.program.param(1.0)
    settles = {s.at for s in account.settlements}
    marks = np.zeros(deal.calendar.periods)
    entered: int | None = None
    for t in range(deal.calendar.periods):
        before = entered
        entered = deal.calendar.year_of(t) if t in settles else entered
        marks[t] = float((entered if already else before) == deal.calendar.year_of(t))
    return deal.program.param(marks)

"""A limit on what the supplier pays under several terms together."""

from __future__ import annotations

import numpy as np

from gainsim import ops
from gainsim.offer.terms import LiabilityLimit
from gainsim.ops import Value
from gainsim.ops.formula import Kind, did_you_mean
from gainsim.ops.program import State
from gainsim.problems import Unusable
from gainsim.terms.context import Deal, Settled, Settling


def liability_limit(name: str, term: LiabilityLimit, deal: Deal) -> None:
    """Relief for what the supplier would pay beyond the limit, entered when the term that caused it settles.

    Each term keeps account of what it has made the supplier pay in this year or life; the room is the limit less the
    sum of these accounts. Payments to the supplier do not make room.
    """
    accounts: list[tuple[Settled, State]] = []
    for position, other in enumerate(term.limits):
        if deal.facts.is_broken(other):
            raise Unusable(other)
        if other not in deal.payments:
            meant = did_you_mean(other, deal.payments)
            raise ValueError(f"limits[{position}]: no term '{other}' stands in this contract. {meant}")
        accounts.append((deal.payments[other], deal.program.state(0.0)))
    limit, unit = deal.facts.each_period(term.at_most)
    if deal.facts.life(term.at_most) == "period" or not (unit is Kind.BARE or unit == deal.facts.money):
        raise ValueError(
            f"a liability limit is a fixed amount in {deal.facts.money}; written is '{term.at_most.text}'."
        )
    for settled, account in accounts:
        _relief(name, term, deal, settled, account, accounts, limit)


def _relief(
    name: str,
    term: LiabilityLimit,
    deal: Deal,
    settled: Settled,
    account: State,
    accounts: list[tuple[Settled, State]],
    limit: Value,
) -> None:
    other = settled.settling
    settlements = other.settlements
    section = deal.program.section(f"{name}: {other.name}", due=[s.at for s in settlements])
    used: Value = 0.0
    own: Value = 0.0
    for each, state in accounts:
        so_far = ops.where(_of_this_year(deal, each.settling, term.per) > 0.5, state.read(section), 0.0)
        used = used + so_far
        own = so_far if state is account else own
    paid = ops.maximum(-settled.amount, 0.0)
    relief = ops.maximum(paid - ops.maximum(limit - used, 0.0), 0.0)
    account.write(section, own + (paid - relief))
    deal.ledger.add(name, other.name, "payment", section, relief * deal.decisions.alive, settlements)


def _of_this_year(deal: Deal, settling: Settling, per: str) -> Value:
    """1 in the periods in which a term's account, as it was before the period, is one of the present year."""
    marks = np.zeros(deal.calendar.periods)
    if per == "life":
        return deal.program.param(marks + 1.0)
    years = {s.at: year for s, year in zip(settling.settlements, settling.years(), strict=True)}
    last: int | None = None
    for t in range(deal.calendar.periods):
        # Within the period the account may be this period's already: then its year is this one's too.
        marks[t] = float(last is not None and last == deal.calendar.year_of(t)) or float(
            t in years and last == years[t]
        )
        last = years.get(t, last)
    return deal.program.param(marks)

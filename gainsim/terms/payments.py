"""Payments: an amount reckoned over the window, each time, on a condition, or once."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.payments import Payment
from gainsim.ops import Value
from gainsim.terms.context import Deal, Settling


def payment(name: str, term: Payment, deal: Deal) -> None:
    """The amount where the condition holds, 0 where it does not; once only, in the first settlement that has it due.

    amount: money over the window, of either sign, positive = paid to the supplier
    What is not due is not asked for its value: an amount over nothing, as saving / days, may stand behind its condition.
    Whether a condition holds at its edge is what its comparison says.

    A milestone of 80 for a thousand users, reached with exactly so many, and paid once:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     { term: payment, amount: 80 EUR, when: users >= 1_000, once_per: life, clock: { measured: year } }
    ... ''', users="999, 1_000, 1_001 user")
            2027  2028  2029
    amount   0.0  80.0   0.0
    paid     0.0  80.0   0.0

    Source: bonus, deduction and true-up clauses of service agreements
    """
    settling = deal.settling(name, term, term.clock)
    amount = settling.money(term.amount, "a payment")
    if term.when is not None or term.once_per is not None:
        amount = ops.where(_due(settling, term) > 0.5, amount, 0.0)
    settling.line("amount", "payment", amount, committed=True)
    settling.paid(amount)


def _due(settling: Settling, term: Payment) -> Value:
    """1 where the amount falls due in this settlement, 0 where not."""
    holds = settling.node(1.0 if term.when is None else settling.asked(term.when, "when")) * settling.active
    if term.once_per is None:
        return holds
    memory = settling.state(f"fallen due in the {term.once_per}")
    before = ops.where(settling.begins(term.once_per), 0.0, memory.read(settling.section))
    memory.write(settling.section, ops.maximum(before, holds))
    return holds * (1.0 - before)

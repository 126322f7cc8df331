"""What is paid for reaching something: once, early or late; and for each day of a delay."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.clock import ClockText
from gainsim.offer.milestones import DelayDamages, Milestone
from gainsim.ops import Value
from gainsim.terms.context import Deal
from gainsim.terms.moments import for_time, length, moment, reached


def milestone(name: str, term: Milestone, deal: Deal) -> None:
    """amount + early - late, paid once: at the end of the first period in which it is reached.

    Early and late are amounts for the time between `due` and the moment at which it is reached.
    amount: money of either sign, positive = paid to the supplier; reached on `due` itself it is neither early nor late

    Reached at the end of the second year, 12 months late; 10 for each, but no more than 50:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: milestone
    ...     amount: 100 EUR
    ...     reached: users >= 1_000
    ...     due: 12 months
    ...     late: { amount: 10 EUR, per: month, begun: in part, at_most: 50 EUR }
    ... ''', users="999, 1_000, 1_001 user")
            2027   2028  2029
    amount   0.0  100.0   0.0
    late     0.0  -50.0   0.0
    paid     0.0   50.0   0.0

    Source: FIDIC Conditions of Contract, clause 14.4 (schedule of payments by milestones)
    """
    clock = ClockText.model_construct(settled=term.clock.settled, paid=term.clock.paid)
    settling = deal.settling(name, term, clock)
    at = reached(term.reached, deal, settling.section, name)
    paid_before = settling.state("done")
    before = paid_before.read(settling.section) > 0.5
    now = ops.both(at.now, ops.negate(before))
    paid_before.write(settling.section, ops.where(at.now, 1.0, 0.0))
    settling.gate("", "reached", at.now)
    amount = ops.where(now, settling.money(term.amount, "the amount of a milestone"), 0.0)
    settling.line("amount", "payment", amount, committed=True)
    if term.due is not None:
        due = moment(term.due, deal, "due")
        for step, rate, time in (("early", term.early, due - at.after), ("late", term.late, at.after - due)):
            if rate is None:
                continue
            size = for_time(rate, ops.maximum(time, 0.0), deal, f"what is paid for being {step}")
            part = ops.where(now, size if step == "early" else -size, 0.0)
            settling.line(step, "payment", part)
            amount = amount + part
    settling.paid(amount)


def delay_damages(name: str, term: DelayDamages, deal: Deal) -> None:
    """Each settlement pays what the delay up to now comes to, less what it came to before.

    The delay grows from `due` until it is reached. A grace costs nothing: only what lies beyond it counts, or all of a
    delay that is longer.
    All is money, negative = paid by the supplier. A delay on the grace itself costs nothing; beyond it `from_first` jumps.

    Six months late at the end of the first year, as the grace allows; 18, then 30 months, of which 20 reach the most:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: delay_damages
    ...     due: 6 months
    ...     reached: finished >= 100%
    ...     rate: { amount: 10 EUR, per: month, begun: in part, at_most: 200 EUR }
    ...     grace: { time: 6 months, then: from_first }
    ...     clock: { measured: year }
    ... ''', finished="0.5, 0.9, 1")
           2027   2028  2029
    delay   0.0 -180.0 -20.0
    paid    0.0 -180.0 -20.0

    Source: FIDIC Conditions of Contract, clause 8.8 (delay damages); NEC4, option X7
    """
    at = reached(term.reached, deal, deal.program.section(f"{name}: reached"), name)
    settling = deal.settling(name, term, term.clock)
    settling.gate("", "reached", at.now)
    delay = ops.maximum(at.after - moment(term.due, deal, "due"), 0.0)
    if term.grace is not None:
        time = length(term.grace.time)
        beyond = delay - time if term.grace.then == "excess" else delay
        delay = ops.where(delay > time, beyond, 0.0)
    so_far: Value = for_time(term.rate, delay, deal, "the rate of delay damages")
    memory = settling.state("damages so far")
    payment = memory.read(settling.section) - so_far
    memory.write(settling.section, so_far)
    settling.line("delay", "payment", payment)
    settling.paid(payment)

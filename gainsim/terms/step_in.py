"""The right to step in: for a time another does the supplier's work, and the supplier pays for it."""

from __future__ import annotations

from gainsim import ops
from gainsim.conduct.decisions import called, holds_so_far
from gainsim.offer.clock import ClockText
from gainsim.offer.step_in import StepIn
from gainsim.ops import Value
from gainsim.terms.context import Deal


def step_in(name: str, term: StepIn, deal: Deal) -> None:
    """The supplier pays the charge in each period of the step-in; conditions are asked when the period is over.

    With notice at a period's end it begins `notice` later, at the earliest with the next period, and is over after the
    period in which it has lasted `lasts`, or in which `until` holds. What stops meanwhile asks for the term's name.
    charge: money over the period, a size; whether a condition holds at its edge is what its comparison says

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     fee: { term: fee, amount: 100 EUR per year, active_while: desk < 1 }
    ...     desk: { term: step_in, when: level < 80%, lasts: 2 years, charge: 30 EUR }
    ... ''', level="0.8, 0.7, 0.7, 0.9, 0.9").loc[["fee paid", "desk.stepped in", "desk paid"]]
                      2027   2028  2029  2030   2031
    fee paid         100.0  100.0   0.0   0.0  100.0
    desk.stepped in    0.0    0.0   1.0   1.0    0.0
    desk paid          0.0    0.0 -30.0 -30.0    0.0

    Source: UK HM Treasury, Standardisation of PF2 Contracts, chapter 18 (Authority step-in after a breach: the charge is
    paid as if the service were provided in full, less the authority's costs of doing it)
    """
    stepped = deal.decisions.step_ins[name]
    clock = ClockText.model_construct(settled=term.clock.settled, paid=term.clock.paid)
    settling = deal.settling(name, term, clock, active=deal.decisions.alive)
    settling.line("stepped in", "figure", stepped.now, money=False)
    if term.charge is not None:
        charge = settling.money(term.charge, "the charge of a step-in")
        payment = deal.by_size(ops.where(stepped.now > 0.5, 0.0 - charge, 0.0), charge, term.charge, "the charge")
        settling.line("charge", "payment", payment)
        settling.paid(payment)
    section = deal.program.section(f"{name}: asked")
    over = deal.decisions.closing > 0.5
    if stepped.periods is not None:
        over = ops.either(over, stepped.since >= float(stepped.notice + stepped.periods))
    if term.until is not None:
        until = holds_so_far(term.until, "until", term.over, deal.facts, section)
        deal.ledger.gate(name, "until", "holds", section, until, settling.settlements, stepped.now > 0.5)
        over = ops.either(over, ops.both(stepped.now > 0.5, until))
    asked = ops.both(deal.decisions.alive > 0.5, ops.both(stepped.since < 0.5, deal.decisions.closing < 0.5))
    given = called(term, deal.facts, section)
    if term.at_most is not None:
        memory = deal.program.state(0.0, f"{name}: times")
        times = memory.read(section)
        asked = ops.both(asked, times < float(term.at_most))
        given = ops.both(given, times < float(term.at_most))
        memory.write(section, ops.where(ops.both(given, stepped.since < 0.5), times + 1.0, times))
    deal.ledger.gate(name, "notice", "given", section, given, settling.settlements, asked)
    begun: Value = ops.where(stepped.since > 0.5, stepped.since + 1.0, ops.where(given, 1.0, 0.0))
    stepped.memory.write(section, ops.where(over, 0.0, begun))

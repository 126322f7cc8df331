"""What the parties have decided, in the ledger: shown, never paid."""

from __future__ import annotations

from gainsim import ops
from gainsim.grid import Clock
from gainsim.terms.context import Deal


def decisions_told(deal: Deal) -> None:
    """Enter each decision: what it is in each period of the contract; where it was asked, and where it was taken."""
    every = Clock().settlements(deal.calendar)
    alive = deal.program.node(deal.decisions.alive) > 0.5
    for name, each in deal.decisions.choices.items():
        answer = each.answer
        if answer is None:  # told where it is asked
            continue
        section = deal.program.section(name)
        deal.ledger.add(name, "", "figure", section, ops.where(alive, deal.facts[name].value, 0.0), every, money=False)
        due = [settlement for settlement in every if settlement.at in each.choice.due]
        deal.ledger.add(name, "asked", "figure", answer.section, ops.where(answer.asked, 1.0, 0.0), due, money=False)
        deal.ledger.add(name, "taken", "figure", answer.section, answer.taken, due, money=False)

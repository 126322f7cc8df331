"""What efforts enter in the ledger: what they cost; and where single paths are read, what they looked at."""

from __future__ import annotations

from collections.abc import Mapping

from gainsim import ops
from gainsim.costs import customer_line, running_cost
from gainsim.grid import Clock
from gainsim.ledger import Ledger
from gainsim.offer.effort import Effort
from gainsim.offer.scenario import Cost
from gainsim.ops import Value
from gainsim.problems import Problems
from gainsim.terms.context import Deal


def effort_costs(written: Mapping[str, Effort], deal: Deal, problems: Problems) -> None:
    """Enter what efforts cost, period by period: a cost of the supplier, or something that the customer spends."""
    for name, effort in written.items():
        with problems.at("effort", name, "cost"):
            if effort.by == "supplier":
                if any(line.group == name for line in deal.ledger.lines):
                    raise ValueError(f"'{name}' names a term or a cost already. Give the effort a name of its own.")
                running_cost(name, Cost(amount=effort.cost), deal)
            else:
                customer_line(name, effort.cost, -1.0, deal)


def effort_figures(looked_at: Mapping[str, Mapping[str, Value]], alive: Value, ledger: Ledger) -> None:
    """Enter what each responsive effort looked at when a period begins, and how much there is of every effort.

    alive: 1 while the contract runs; then it ends, and with it all of this
    """
    section = ledger.program.section("efforts")
    runs = ledger.program.node(alive) > 0.5
    every = Clock().settlements(ledger.calendar)
    for name, figures in looked_at.items():
        for step, value in figures.items():
            ledger.add(name, step, "figure", section, ops.where(runs, value, 0.0), every, money=False)

"""The customer's budget: what it pays the supplier in a year beyond what it has for it."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from gainsim import ops
from gainsim.grid import Clock
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.terms.context import Deal, added_within
from gainsim.terms.wanted import require_flow

#: the step of the line that says by how much a year's payments exceed the budget
OVER = "over budget"
#: what a sum of payments may miss an equal budget by
_ROUNDING = 1e-9


def budget(written: Formula, deal: Deal) -> None:
    """Enter in each year's last period by how much the customer's payments reckoned in the year exceed its budget.

    written: money over time, a size, which adds up over the year's periods. Just the budget is within it.
    Called when all payments stand.
    """
    value, unit = deal.facts.each_period(written)
    flow = require_flow(deal.facts.in_money(unit), deal.facts.money, written, "a budget")
    amount = deal.facts.converted(deal.facts.amount(value, flow), unit)
    settlements = Clock(measured="year").settlements(deal.calendar)
    windows = [settlement.window for settlement in settlements]
    paid = []
    for section in deal.program.sections:
        own = [value for number, value in section.lines if deal.ledger.lines[number].role == "payment"]
        if own:
            paid.append((section, np.flatnonzero(section.due).tolist(), reduce(add, own)))
    each = deal.program.section("customer: budget")
    told = deal.program.section("customer: over budget", due=[settlement.at for settlement in settlements])
    # of whole years, also where the contract ends in one
    most = added_within(deal.program, each, range(deal.program.periods), amount, windows, told)
    parts = (added_within(deal.program, own, due, value, windows, told) for own, due, value in paid)
    over: Value = reduce(add, parts, 0.0) - most
    over = ops.where(over > _ROUNDING * most, over, 0.0)
    deal.ledger.add("customer", OVER, "figure", told, deal.by_size(over, most, written, "the budget"), settlements)

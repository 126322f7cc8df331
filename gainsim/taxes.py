"""Tax on what the supplier earns, year by year, after all layers of its costs."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from gainsim import ops
from gainsim.durations import Duration
from gainsim.grid import Clock
from gainsim.offer.money import Tax
from gainsim.ops import Value
from gainsim.ops.program import Section
from gainsim.ops.tree import Node
from gainsim.ops.unit_check import Kind, in_words
from gainsim.terms.context import Deal, added_within
from gainsim.units import DIMENSIONLESS


def tax(written: Tax, deal: Deal) -> None:
    """Enter a year's tax in its last period: rate times the year's margin, earlier losses set off, or paid back.

    The margin is that of all lines reckoned in the year: payments, costs of every layer, what is written down.
    Called when all other lines stand.
    """
    if any(line.group == "tax" for line in deal.ledger.lines):
        raise ValueError("'tax' names a term or a cost already. Give that another name.")
    settlements = Clock(measured="year", paid=written.paid or Duration()).settlements(deal.calendar)
    rate, unit = deal.facts.each_period(written.rate)
    if unit not in (Kind.BARE, DIMENSIONLESS):
        raise ValueError(f"rate: a tax rate is a plain number; '{written.rate.text}' is {in_words(unit)}. Write 25%.")
    earned = _earned(deal)
    section = deal.program.section("tax", due=[s.at for s in settlements])
    windows = [s.window for s in settlements]
    parts = (added_within(deal.program, own, dates, amount, windows, section) for own, dates, amount in earned)
    base: Value = reduce(add, parts, 0.0)
    if written.losses == "carried forward":
        base = _less_earlier_losses(base, deal, section)
    inside = ops.both(rate >= 0.0, rate <= 1.0)
    due = deal.require(inside, rate * base, f"the tax rate '{written.rate.text}' lies outside 0 to 1", found=rate)
    deal.ledger.add("tax", "", "tax", section, 0.0 - due, settlements)


def _earned(deal: Deal) -> list[tuple[Section, list[int], Node]]:
    """By section: the periods in which it is due, and the sum of its lines that count in the margin."""
    found = []
    for section in deal.program.sections:
        own = [value for number, value in section.lines if deal.ledger.lines[number].in_margin]
        if own:
            found.append((section, np.flatnonzero(section.due).tolist(), reduce(add, own)))
    return found


def _less_earlier_losses(margin: Value, deal: Deal, section: Section) -> Value:
    """What is left of a year's margin when the losses of earlier years are set off; a loss is carried forward."""
    memory = deal.program.state(0.0, "tax: losses carried forward")
    taxable, carried = after_losses(margin, memory.read(section))
    memory.write(section, carried)
    return taxable


def after_losses(margin: Value, carried: Value) -> tuple[Value, Value]:
    """The taxable part of a year's margin, and the losses that are then carried on.

    margin:  money of the year, negative = a loss
    carried: losses of earlier years, a size

    >>> taxable, carried = after_losses(np.array([-30.0, 20.0, 50.0]), np.array([10.0, 40.0, 40.0]))
    >>> taxable, carried
    (array([ 0.,  0., 10.]), array([40., 20.,  0.]))
    """
    return ops.maximum(margin - carried, 0.0), ops.maximum(carried - margin, 0.0)

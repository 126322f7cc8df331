"""Difference payments: a strike price against a reference price on a volume, period by period."""

from __future__ import annotations

from typing import Literal

from gainsim import ops
from gainsim.offer.differences import DifferencePayment
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind, in_words
from gainsim.terms.context import Deal
from gainsim.terms.indexation import index_factor
from gainsim.units import Unit

Direction = Literal["both ways", "to supplier", "to customer"]


def difference_payment(name: str, term: DifferencePayment, deal: Deal) -> None:
    """volume × (strike - reference) of each period, added up over the window; to one side only where the term says so.

    volume:            a flow, as MWh/month, not negative
    strike, reference: money per unit of the volume; the strike as indexed
    Lines: what the supplier receives, what it pays back (negative), and what the rule for a reference below zero changes.
    At a reference equal to the strike nothing is due; a reference of 0 is not below zero.

    5 MWh at a strike of 100; of a market at -10 no more than the strike is paid:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     { term: difference_payment, volume: 5 MWh/year, strike: 100 EUR/MWh, reference: market, direction: both ways,
    ...       negative_reference: counts as zero, clock: { measured: year } }
    ... ''', market="80, 100, 130, -10 EUR/MWh")
                         2027  2028   2029   2030
    to supplier         100.0   0.0    0.0  550.0
    to customer           0.0   0.0 -150.0    0.0
    negative reference    0.0   0.0    0.0  -50.0
    paid                100.0   0.0 -150.0  500.0

    Source: the British contract for difference, standard terms and conditions, parts 5A and 5B (Low Carbon Contracts Company)
    """
    facts = deal.facts
    volume, amount_unit = facts.each_period(term.volume)
    strike, strike_unit = facts.each_period(term.strike)
    reference, reference_unit = facts.each_period(term.reference)
    flow = _money_flow(term, deal, amount_unit, strike_unit, reference_unit)
    if term.indexed is not None:
        strike = strike * index_factor(name, term.indexed, term.clock.year, deal)
    settling = deal.settling(name, term, term.clock)
    windows = [s.window for s in settling.settlements]
    volume = deal.by_size(volume, volume, term.volume, "the volume")
    sides: tuple[Direction, ...] = (
        ("to supplier", "to customer") if term.direction == "both ways" else (term.direction,)
    )
    rates: dict[str, Value] = {side: volume * due(strike, reference, side) for side in sides}
    if term.negative_reference != "counts":
        held = due(strike, 0.0, term.direction) if term.negative_reference == "counts as zero" else 0.0
        change = held - due(strike, reference, term.direction)
        rates["negative reference"] = volume * ops.where(reference < 0.0, change, 0.0)
    total: Value = 0.0
    for step, rate in rates.items():
        part = facts.reduce("total", rate, flow, windows)
        settling.line(step, "payment", part)
        total = total + part
    settling.paid(total)


def due(strike: Value, reference: Value, direction: Direction) -> Value:
    """What is due per unit of volume; at strike = reference nothing, in every direction.

    strike, reference: price; returns: price, positive = paid to the supplier

    >>> import numpy as np
    >>> reference = np.array([80.0, 100.0, 130.0, -10.0])
    >>> due(100.0, reference, "both ways")
    array([ 20.,   0., -30., 110.])
    >>> due(100.0, reference, "to supplier"), due(100.0, reference, "to customer")
    (array([ 20.,   0.,   0., 110.]), array([  0.,   0., -30.,   0.]))
    """
    difference = strike - reference
    if direction == "both ways":
        return difference
    return ops.maximum(difference, 0.0) if direction == "to supplier" else ops.minimum(difference, 0.0)


def _money_flow(term: DifferencePayment, deal: Deal, volume: Unit | Kind, *prices: Unit | Kind) -> Unit:
    """The unit of volume × price: money over time; a bare price adopts the unit of the other."""
    named = dict(zip(("strike", "reference"), (term.strike, term.reference), strict=True))
    if not isinstance(volume, Unit) or volume.flow is None:
        rule = f"a volume over time is wanted, as MWh/month; '{term.volume.text}' is {in_words(volume)}"
        raise ValueError(f"volume: {rule}.")
    price = deal.facts.money / volume.without_time()
    for (key, formula), unit in zip(named.items(), prices, strict=True):
        if unit is not Kind.BARE and unit != price:
            raise ValueError(f"{key}: a price of the volume is in {price}; '{formula.text}' is {in_words(unit)}.")
    return volume * price

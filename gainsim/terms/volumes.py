"""Volumes: charges and credits around a baseline, and a minimum that is taken or paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gainsim import ops
from gainsim.offer.rates import RateBand
from gainsim.offer.volumes import MakeUp, TakeOrPay, VolumeCharge, VolumeDeadband
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.unit_check import Kind, in_words
from gainsim.terms.context import Deal, Settling
from gainsim.units import Unit


def volume_charge(name: str, term: VolumeCharge, deal: Deal) -> None:
    """Rate times the units in each band: a charge above the baseline, a credit below it.

    volume, baseline, edges: volume of the window; rates: money per unit; a volume at an edge of the deadband lies in it
    Each band is a line; credits are negative.

    Nothing between 90 and 110, both included; beyond, only the units outside it count:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: volume_charge
    ...     volume: devices
    ...     baseline: 100
    ...     deadband: { below: 10, above: 10, then: excess }
    ...     additional: { up to 120: 4, above: 3 }
    ...     reduced: { below: 2 }
    ...     clock: { measured: year }
    ... ''', devices="85, 90, 110, 111, 125")
                          2027  2028  2029  2030  2031
    additional up to 120   0.0   0.0   0.0   4.0  40.0
    additional above       0.0   0.0   0.0   0.0  15.0
    reduced below        -10.0   0.0   0.0   0.0   0.0
    paid                 -10.0   0.0   0.0   4.0  55.0

    Source: the resource baselines, additional resource charges (ARC) and reduced resource credits (RRC) of outsourcing
    agreements
    """
    settling = deal.settling(name, term, term.clock)
    volume = _volume(settling, term.volume)
    low = high = volume.like(term.baseline, "the baseline")
    counted = volume.value
    if term.deadband is not None:
        low, high, counted = _outside(volume, low, term.deadband)
    total: Value = 0.0
    for side, bands, inner, sign in (("additional", term.additional, high, 1.0), ("reduced", term.reduced, low, -1.0)):
        edges = _edges(volume, bands or (), inner, sign)
        for band, units in zip(bands or (), units_beyond(sign * counted, sign * inner, edges), strict=False):
            rate = volume.price(band.rate, f"the rate '{band.label}'")
            part = deal.by_size(sign * (rate * units), rate, band.rate, f"the rate '{band.label}'")
            settling.line(f"{side} {band.label}", "payment", part)
            total = total + part
    settling.paid(total)


def units_beyond(volume: Value, inner: Value, edges: Sequence[Value]) -> list[Value]:
    """The units of a volume in each band beyond an inner edge, the last band without end; nothing at the edge itself.

    volume, inner, edges: volume; edges ascending from the inner one. Below a baseline all of them with their signs changed.

    >>> import numpy as np
    >>> units_beyond(np.array([900.0, 1_000.0, 1_150.0, 1_300.0]), 1_000.0, [1_200.0])
    [array([  0.,   0., 150., 200.]), array([  0.,   0.,   0., 100.])]
    """
    parts = []
    for edge in edges:
        parts.append(ops.clip(volume, inner, edge) - inner)
        inner = edge
    return [*parts, ops.maximum(volume, inner) - inner]


def take_or_pay(name: str, term: TakeOrPay, deal: Deal) -> None:
    """Price times the shortfall below the minimum, less the credit for what is made up later.

    shortfall: max(minimum - volume, 0), paid for at the price; each becomes a right of its own, the oldest used first
    made up:   min(max(volume - minimum, 0), rights not lapsed, at_most), credited

    volume, minimum, at_most: volume of the window; price, credit: money per unit; the minimum itself is no shortfall

    The right to the 10 units of 2027 has lapsed when 30 are taken beyond the minimum, that of 2029 has not:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: take_or_pay
    ...     volume: taken
    ...     at_least: 100
    ...     price: 2
    ...     make_up: { credit: 2, expires: after 1 settlement }
    ...     clock: { measured: year }
    ... ''', taken="90, 100, 95, 130")
               2027  2028  2029  2030
    shortfall  20.0   0.0  10.0   0.0
    make-up     0.0   0.0   0.0 -10.0
    paid       20.0   0.0  10.0 -10.0

    Source: take-or-pay quantity and make-up right of gas sales agreements
    """
    settling = deal.settling(name, term, term.clock)
    volume = _volume(settling, term.volume)
    minimum = volume.like(term.at_least, "the minimum")
    short = ops.maximum(minimum - volume.value, 0.0) * settling.active
    short = deal.by_size(short, minimum, term.at_least, "the minimum")
    price = volume.price(term.price, "the price")
    paid = price * short
    settling.line("shortfall", "payment", paid)
    if term.make_up is not None:
        credit = volume.price(term.make_up.credit, "the credit")
        made_up = -(credit * _made_up(volume, term.make_up, short, ops.maximum(volume.value - minimum, 0.0)))
        settling.line("make-up", "payment", made_up)
        paid = paid + made_up
    settling.paid(paid)


def _made_up(volume: _Volume, written: MakeUp, short: Value, spare: Value) -> Value:
    """What is taken on account of earlier shortfalls; one memory for each settlement that a right lasts."""
    settling = volume.settling
    memories = [settling.state("paid for and not taken") for _ in range(written.settlements or 1)]
    rights = [memory.read(settling.section) for memory in memories]
    balance: Value = rights[0]
    for older in rights[1:]:
        balance = balance + older
    used = ops.minimum(spare, balance) * settling.active
    if written.at_most is not None:
        most = volume.like(written.at_most, "the most that is made up")
        used = settling.deal.by_size(ops.minimum(used, most), most, written.at_most, "the most that is made up")
    left = balance - used
    if written.settlements is None:
        memories[0].write(settling.section, left + short)
        return used
    # The oldest is used first: what is left are the youngest rights.
    memories[0].write(settling.section, short)
    for memory, right in zip(memories[1:], rights, strict=False):
        kept = ops.minimum(right, left)
        memory.write(settling.section, kept)
        left = left - kept
    return used


@dataclass(frozen=True)
class _Volume:
    """A volume of the window and its unit, and what is said in that unit."""

    settling: Settling
    value: Value
    unit: Unit | Kind

    def like(self, formula: Formula, what: str, label: str = "") -> Value:
        """Another volume, in the same unit; label: how it is written, if not as the formula alone."""
        value, unit = self.settling.scope.evaluate(formula)
        if Kind.BARE not in (unit, self.unit) and unit != self.unit:
            raise ValueError(f"{what} '{label or formula.text}' is {in_words(unit)}, the volume {in_words(self.unit)}.")
        return value

    def price(self, formula: Formula, what: str) -> Value:
        """Money per unit of the volume."""
        value, unit = self.settling.scope.evaluate(formula)
        price = self.settling.deal.facts.money / (self.unit if isinstance(self.unit, Unit) else Unit())
        if unit is not Kind.BARE and unit != price:
            raise ValueError(f"{what} is money per unit, in {price}; '{formula.text}' is {in_words(unit)}.")
        return value


def _volume(settling: Settling, formula: Formula) -> _Volume:
    value, unit = settling.scope.evaluate(formula)
    if unit is Kind.CONDITION:
        raise ValueError(f"volume: '{formula.text}' is {in_words(unit)}; a volume is wanted.")
    return _Volume(settling, value, unit)


def _outside(volume: _Volume, baseline: Value, written: VolumeDeadband) -> tuple[Value, Value, Value]:
    """From where credits and charges are counted, and the volume that counts: the baseline within the deadband."""
    below = volume.like(written.below, "the width below the baseline")
    above = volume.like(written.above, "the width above the baseline")
    low, high, counted = baseline - below, baseline + above, volume.value
    if written.then == "from_baseline":
        counted = ops.where(ops.either(counted < low, counted > high), counted, baseline)
        low = high = baseline
    deal = volume.settling.deal
    counted = deal.by_size(counted, below, written.below, "the width below the baseline")
    return low, high, deal.by_size(counted, above, written.above, "the width above the baseline")


def _edges(volume: _Volume, bands: Sequence[RateBand[Formula]], inner: Value, sign: float) -> list[Value]:
    """The edges of the bands but the last, going away from the baseline; with their signs changed below it."""
    edges: list[Value] = []
    before = sign * inner
    for band in bands:
        if band.edge is None:
            break
        edge = sign * volume.like(band.edge, "the edge", band.label)
        rule = f"the edge '{band.label}' does not lie beyond the one before it, or the baseline and its deadband"
        before = volume.settling.deal.require(edge >= before, edge, rule, "Write the edges away from the baseline.")
        edges.append(before)
    return edges

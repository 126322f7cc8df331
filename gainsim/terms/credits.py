"""Service credits: what the customer gets back for a missed level, out of a pool."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.credits import ServiceCredits
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind, in_words
from gainsim.terms.context import Deal, Settling
from gainsim.terms.shapes import credit_due
from gainsim.units import FLOW_MONTHS, Unit


def service_credits(name: str, term: ServiceCredits, deal: Deal) -> None:
    """The deepest step reached, on the whole charge of the window; each line is what its step adds to the one above.

    The pool is the most that credits take in its year (or life): what goes beyond is not credited.

    Source: the practice of cloud and outsourcing agreements, e.g. the AWS Compute service level agreement
    """
    settling = deal.settling(name, term, term.clock)
    level = settling.scope.plain(term.level, "a service level")
    charge = settling.money(term.of, "the charge that a credit is a part of")
    edges = [(step.edge, step.inclusive) for step in term.credits]
    credit: Value = 0.0
    above = 0.0
    for step, missed in zip(term.credits, credit_due(level, edges), strict=True):
        part = ops.where(missed, -((step.credit - above) * charge), 0.0)
        settling.line(step.label, "payment", part)
        credit, above = credit + part, step.credit
    if term.pool is not None:
        credit = _from_pool(settling, term, credit)
    settling.paid(credit)


def _from_pool(settling: Settling, term: ServiceCredits, credit: Value) -> Value:
    """Give back what goes beyond the pool."""
    assert term.pool is not None
    size = _pool_size(settling, term)
    begins = settling.begins(term.pool.per)
    if begins is None:
        kept = ops.maximum(credit, -size)
    else:
        memory = settling.state("credited")
        used = ops.where(begins, 0.0, memory.read(settling.section))
        kept = ops.maximum(credit, ops.minimum(used - size, 0.0))
        memory.write(settling.section, used - kept)
    kept = settling.deal.by_size(kept, size, term.pool.at_most, "the pool")
    settling.line("pool", "payment", kept - credit)
    return credit + (kept - credit)


def _pool_size(settling: Settling, term: ServiceCredits) -> Value:
    """An amount, or a flow at its present rate over the pool's year or life: 20% of base_fee is 20% of a year's fee."""
    assert term.pool is not None
    facts = settling.deal.facts
    value, unit = facts.each_period(term.pool.at_most)
    scale = settling.part_of_year(term.pool.per)
    if unit is Kind.BARE or unit == facts.money:
        return settling.money(term.pool.at_most, "a pool") * scale
    if not isinstance(unit, Unit) or unit.flow is None or unit.without_time() != facts.money:
        text = term.pool.at_most.text
        raise ValueError(f"a pool is an amount in {facts.money}, or a part of a fee; '{text}' is {in_words(unit)}.")
    if term.pool.per == "settlement":
        raise ValueError("a pool that is a part of a fee runs per year or per life.")
    months = 12 if term.pool.per == "year" else settling.deal.calendar.months
    return value * (months / FLOW_MONTHS[unit.flow]) * scale

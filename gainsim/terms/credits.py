"""Service credits: what the customer gets back for a missed level, out of a pool."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.credits import Pool, ServiceCredits
from gainsim.ops import Value
from gainsim.terms.context import Deal, Settling
from gainsim.terms.levels import Level
from gainsim.terms.over import amount_per
from gainsim.units import Unit


def service_credits(name: str, term: ServiceCredits, deal: Deal) -> None:
    """The deepest step reached, on the whole charge of the window; each line is what its step adds to the one above.

    The pool is the most that credits take in its year (or life): what goes beyond is not credited.
    of, pool: money; a credit is negative. `below E`: E itself is met; `at or below E`: it is not. It jumps there.

    10% of 1,000 below 99.9%, 25% below 99%, 300 in all:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: service_credits
    ...     level: uptime
    ...     of: 1_000 EUR
    ...     credits: { below 99.9%: 10%, below 99%: 25% }
    ...     pool: { at_most: 300 EUR, per: life }
    ...     clock: { measured: year }
    ... ''', uptime="0.999, 0.9989, 0.99, 0.9899")
                  2027   2028   2029   2030
    below 99.9%    0.0 -100.0 -100.0 -100.0
    below 99%      0.0    0.0    0.0 -150.0
    pool           0.0    0.0    0.0  150.0
    paid           0.0 -100.0 -100.0 -100.0

    Source: the practice of cloud and outsourcing agreements, e.g. the AWS Compute service level agreement
    """
    settling = deal.settling(name, term, term.clock)
    level = Level.of(settling, term.level)
    charge = settling.money(term.of, "the charge that a credit is a part of")
    credit: Value = 0.0
    for step, part in level.parts(term.credits, settling.share, "credits"):
        amount = 0.0 - part * charge  # not -(part * charge): nothing due is 0, not -0
        settling.line(step.label, "payment", amount)
        credit = credit + amount
    settling.gate("level", "met", ops.negate(level.has_passed(term.credits[0].edge)))
    if term.pool is not None:
        credit = from_pool(settling, term.pool, credit)
    settling.paid(credit)


def from_pool(settling: Settling, pool: Pool, credit: Value) -> Value:
    """The credit that its pool leaves; what goes beyond is given back."""
    size = _pool_size(settling, pool)
    begins = settling.begins(pool.per)
    if begins is None:
        kept = ops.maximum(credit, -size)
    else:
        memory = settling.state("credited")
        used = ops.where(begins, 0.0, memory.read(settling.section))
        kept = ops.maximum(credit, ops.minimum(used - size, 0.0))
        memory.write(settling.section, used - kept * settling.active)
    kept = settling.deal.by_size(kept, size, pool.at_most, "the pool")
    settling.line("pool", "payment", kept - credit)
    return credit + (kept - credit)


def _pool_size(settling: Settling, pool: Pool) -> Value:
    """An amount, or a flow at its present rate over the pool's year or life: 20% of base_fee is 20% of a year's fee."""
    facts, scale = settling.deal.facts, settling.part_of_year(pool.per)
    as_written = facts.unit(pool.at_most)
    if not isinstance(as_written, Unit) or as_written.flow is None:
        return settling.money(pool.at_most, "a pool") * scale
    rate, unit = (settling.scope.evaluate if pool.at_most.is_reduced else facts.each_period)(pool.at_most)
    value = facts.converted(rate, unit)
    return amount_per(value, facts.in_money(unit), pool.at_most, pool.per, settling.deal, "a pool") * scale

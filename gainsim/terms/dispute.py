"""Disputes: the same term reckoned on what each party has measured, and what becomes of the difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gainsim import ops
from gainsim.facts import Fact
from gainsim.ledger import Ledger
from gainsim.offer.clock import ClockText
from gainsim.offer.dispute import Dispute
from gainsim.offer.fields import formulas_in
from gainsim.ops import Value
from gainsim.ops.unit_check import in_words
from gainsim.spelling import meant_or_known
from gainsim.terms.context import Deal, Settling
from gainsim.terms.over import the_one_named
from gainsim.units import DIMENSIONLESS


def dispute(name: str, term: Dispute, deal: Deal) -> None:
    """What is withheld of a payment while its measurement is disputed, and what is paid when it is settled.

    Where the payment by the supplier's reading exceeds that by the customer's by more than the tolerance, the rest beyond the
    lesser of the two is withheld; settled is what the rule gives, less that lesser one.
    tolerance: money over the window, a size; both lines are money, positive = paid to the supplier. A difference of just the
    tolerance is none, and beyond it the payment jumps. An expert's fee is a cost of the supplier; what the customer bears of it,
    it pays back.

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     share: { term: payment, amount: 50% * ours, clock: { measured: year } }
    ...     claim: { term: dispute, over: share, reading: ours, customer_reads: theirs, tolerance: 5 EUR, raised_by: customer,
    ...              settled_by: midpoint, clock: { paid: 90 days } }
    ... ''', ours="100, 100, 90 EUR/year", theirs="90, 80, 100 EUR/year").loc[
    ...     ["share paid", "claim.withheld", "claim.settled", "claim paid"]]
                    2027  2028  2029
    share paid      50.0  50.0  45.0
    claim.withheld   0.0 -10.0   0.0
    claim.settled    0.0   5.0   0.0
    claim paid       0.0  -5.0   0.0

    Source: dispute clauses of energy savings performance contracts, where an independent auditor settles what differs; final
    offers: Farber, An analysis of final-offer arbitration, Journal of Conflict Resolution 24 (1980)
    """
    claimed = the_one_named(term.over, "over", deal)
    if claimed.section is not claimed.settling.section:
        raise ValueError(f"over: '{term.over}' is disputed already. Write one dispute over a term.")
    clock = _clock(term, deal, claimed.settling)
    ours, theirs = claimed.amount, _reckoned(term.customer_reads, "customer_reads", term, deal, claimed.settling)
    found = _reckoned(term.expert_reads, "expert_reads", term, deal, claimed.settling) if term.expert_reads else None
    settling = deal.settling(name, term, clock)
    lesser, larger = ops.minimum(ours, theirs), ops.maximum(ours, theirs)
    tolerance = settling.money(term.tolerance, "the tolerance")
    apart = larger - lesser if term.raised_by == "either" else ours - theirs
    beyond = deal.by_size(ops.where(apart > tolerance, 1.0, 0.0), tolerance, term.tolerance, "the tolerance")
    disputed = settling.standing(beyond)
    final = _final(term.settled_by, ours, theirs, found)
    withheld = ops.where(disputed > 0.5, lesser - ours, 0.0)
    settled = ops.where(disputed > 0.5, final - lesser, 0.0)
    settling.line("by the customer", "figure", theirs)
    if found is not None:
        settling.line("by the expert", "figure", found)
    settling.line("disputed", "figure", ops.where(disputed > 0.5, larger - lesser, 0.0))
    deal.ledger.add(
        name,
        "withheld",
        "payment",
        settling.section,
        settling.standing(withheld),
        claimed.settling.settlements,
        party=term.party,
    )
    settling.line("settled", "payment", settled)
    fee = _expert_fee(term, ours, theirs, found, disputed, settling)
    if (term.raised_by, term.settled_by) == ("customer", "customer"):  # all that was disputed stays withheld
        deal.silent.add(f"{name}.settled")
    settling.paid(withheld + settled + fee)
    withheld = settling.standing(withheld)
    # What is withheld leaves the disputed term less, on its own dates; what is settled falls due by itself.
    deal.payments[term.over] = replace(
        claimed, section=settling.section, amount=settling.node(claimed.amount + withheld)
    )
    deal.payments[name] = replace(deal.payments[name], amount=settling.node(deal.payments[name].amount - withheld))
    _told(name, disputed, settling)


def _final(settled_by: str, ours: Value, theirs: Value, found: Value | None) -> Value:
    """What is paid in the end. found: what the expert's reading makes of it, where one is asked."""
    lesser, larger = ops.minimum(ours, theirs), ops.maximum(ours, theirs)
    if found is not None and settled_by == "expert":
        return ops.clip(found, lesser, larger)
    if found is not None:
        return ops.where(ops.absolute(ours - found) <= ops.absolute(theirs - found), ours, theirs)
    return {"midpoint": lesser + 0.5 * (larger - lesser), "supplier": ours, "customer": theirs}[settled_by]


def _expert_fee(term: Dispute, ours: Value, theirs: Value, found: Value | None, disputed: Value, settling: Settling) -> Value:
    """What the customer bears of the expert's fee. The fee is entered as what the supplier spends."""
    if term.expert_fee is None or found is None:
        return 0.0
    amount = settling.money(term.expert_fee, "the expert's fee")
    fee = settling.deal.by_size(ops.where(disputed > 0.5, amount, 0.0), amount, term.expert_fee, "the expert's fee")
    lesser, larger = ops.minimum(ours, theirs), ops.maximum(ours, theirs)
    held = ops.clip(found, lesser, larger)
    own, others = ops.absolute(theirs - held), ops.absolute(ours - held)  # how far off the customer and the supplier lie
    match term.fee_borne_by:
        case "in proportion":
            part = own / ops.where(disputed > 0.5, larger - lesser, 1.0)
        case "further off":
            part = ops.where(own > others, 1.0, ops.where(own < others, 0.0, 0.5))
        case _:
            part = 0.5
    back = ops.where(disputed > 0.5, part * fee, 0.0)
    settling.line("expert", "cost", 0.0 - settling.standing(fee))
    settling.line("expert's fee", "payment", back)
    return back


def _clock(term: Dispute, deal: Deal, other: Settling) -> ClockText:
    """The clock of the term that is disputed, due and paid as this one's says."""
    clock = getattr(other.term, "clock", None)
    if not isinstance(clock, ClockText) or type(other.term) not in deal.writers or other.term.listed:
        raise ValueError(
            f"over: '{term.over}' is not settled by facts of its own. Name a payment, a sharing or the like."
        )
    if term.party != other.term.party:
        raise ValueError(f"party: '{term.over}' is agreed with '{other.term.party}'. Name the same.")
    return clock.model_copy(update={"settled": term.clock.settled, "paid": term.clock.paid})


def _reckoned(reads: str, key: str, term: Dispute, deal: Deal, other: Settling) -> Value:
    """What the disputed term would have paid with another reading in all its formulas."""
    facts, names = deal.facts, set[str]().union(*(formula.names for formula in formulas_in(other.term)))
    if term.reading not in names:
        raise ValueError(
            f"reading: '{term.over}' does not read '{term.reading}'. Name a value that stands in its formulas."
        )
    if made := sorted(name for name in names if term.reading in facts.behind(name)):
        raise ValueError(
            f"reading: '{term.over}' also reads '{made[0]}', which is made of '{term.reading}' and would stay as the supplier "
            f"reads it. Write in its formulas what '{made[0]}' comes to."
        )
    for where, name in (("reading", term.reading), (key, reads)):
        if name not in facts:
            raise ValueError(f"{where}: no value '{name}'.{meant_or_known(name, facts)}")
    if facts[reads].unit != facts[term.reading].unit:
        units = ", ".join(f"'{each}' is {in_words(facts[each].unit)}" for each in (reads, term.reading))
        raise ValueError(f"{key}: {units}. Both parties measure the same.")
    apart = replace(
        deal, facts=facts.reading(term.reading, reads), ledger=Unwritten(deal.program, deal.calendar, deal.ledger.currency),
        payments=dict(deal.payments), silent=set(), commitments={},
    )  # fmt: skip
    apart.writers[type(other.term)](other.name, other.term, apart)
    return apart.payments[other.name].amount


class Unwritten(Ledger):
    """A ledger of what would have been: nothing is entered."""

    def add(self, *_: object, **__: object) -> None:
        """Enter no line."""


def _told(name: str, disputed: Value, settling: Settling) -> None:
    """The term's name: 1 in the periods in which a dispute is settled."""
    program = settling.deal.program
    memory = settling.state("disputed")
    memory.write(settling.section, disputed)
    due = np.zeros(program.periods)
    due[[settlement.at for settlement in settling.settlements]] = 1.0
    now = memory.read(program.section(f"{name}: told")) * program.param(due)
    settling.deal.facts.add(name, Fact(now, DIMENSIONLESS, "period"))

"""Terms with further parties: what others pay is passed on, insured, or split."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from gainsim import ops
from gainsim.offer.clock import ClockText
from gainsim.offer.parties import WHOLE, AllianceSplit, AtMost, Insurance, Subcontract
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.terms.context import Deal, Settled, Settling
from gainsim.terms.over import named
from gainsim.terms.wanted import require_flow


def subcontract(name: str, term: Subcontract, deal: Deal) -> None:
    """The share of what the terms come to together in the window: of a gain passed on, of a pain borne.

    Each side's payments are held by its own limit; what the subcontractor does not bear stays with the supplier.
    All is money, negative = paid to the subcontractor; a limit itself is not cut, and nothing jumps.

    Half of it is passed on, at most 40:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     parties: [crew]
    ...     contract:
    ...       share: { term: payment, amount: gain, clock: { measured: year } }
    ...       crew_share: { term: subcontract, party: crew, of: [share], share: 50%, gets: { at_most: 40 EUR, per: settlement },
    ...                     clock: { measured: year } }
    ... ''', gain="80, 100, -30 EUR/year").drop(["share.amount", "share paid"])
                              2027  2028  2029
    crew_share.share of gain -40.0 -50.0   0.0
    crew_share.share of pain   0.0   0.0  15.0
    crew_share.gets            0.0  10.0   0.0
    crew_share paid          -40.0 -40.0  15.0

    Source: back-to-back and flow-down clauses of construction and outsourcing subcontracts
    """
    settling = deal.settling(name, term, term.clock)
    settled = _paid_together(settling, named(term.of, "of", deal)) * settling.active
    of_gain = settling.share(term.share)
    of_pain = of_gain if term.share_of_pain is None else settling.share(term.share_of_pain)
    gets, pays = of_gain * ops.maximum(settled, 0.0), of_pain * ops.maximum(-settled, 0.0)
    settling.line("share of gain", "payment", 0.0 - gets)
    settling.line("share of pain", "payment", pays)
    total = pays - gets
    for step, limit, amount in (("gets", term.gets, gets), ("pays", term.pays, pays)):
        if limit is not None:
            held = _held(settling, step, limit, amount)
            cut = amount - held if step == "gets" else held - amount
            settling.line(step, "payment", cut)
            total = total + cut
    settling.paid(total)


def insurance(name: str, term: Insurance, deal: Deal) -> None:
    """The premium in advance; the insurer's share of the losses beyond the deductible, up to the limit.

    A loss is what the supplier pays in a settlement of a covered term; payments to the supplier make no loss smaller.
    All is money, positive = paid by the insurer. A loss on the deductible is the supplier's, a claim on the limit is paid.

    Of 60, 60 and 30 the first 80 are the supplier's; of the 40 and 30 beyond the insurer pays 90%, in all at most 60:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     parties: [insurer]
    ...     contract:
    ...       damages: { term: payment, amount: -damage, clock: { measured: year } }
    ...       cover: { term: insurance, party: insurer, covers: [damages], premium: 5 EUR per year, per: life,
    ...                deductible: 80 EUR, share: 90%, limit: 60 EUR, clock: { measured: year } }
    ... ''', damage="60, 60, 30 EUR/year").drop(["damages.amount", "damages paid"])
                      2027  2028  2029
    cover.premium     -5.0  -5.0  -5.0
    cover.loss       -60.0 -60.0 -30.0
    cover.deductible  60.0  20.0   0.0
    cover.claim        0.0  36.0  27.0
    cover.limit        0.0   0.0  -3.0
    cover paid        -5.0  31.0  19.0

    Source: stop-loss cover with deductible, limit and coinsurance, as in Klugman, Panjer & Willmot, Loss Models, ch. 8
    """
    covered = named(term.covers, "covers", deal)
    _premium(name, term, deal)
    premium = deal.facts.payments[name]
    settling = deal.settling(name, term, term.clock)
    losses = [
        Settled(each.settling, each.section, deal.program.node(ops.maximum(-each.amount, 0.0))) for each in covered
    ]
    loss = _paid_together(settling, losses) * settling.active
    settling.line("loss", "gain", 0.0 - loss)
    insured = loss
    if term.deductible is not None:
        size = _size(settling, term.deductible, term.per, "the deductible")
        insured = beyond(loss, _so_far(settling, term.per, "losses", loss), size)
        insured = deal.by_size(insured, size, term.deductible, "the deductible")
        settling.line("deductible", "gain", loss - insured)
    claim = insured if term.share is None else settling.share(term.share) * insured
    settling.line("claim", "payment", claim)
    if term.limit is not None:
        cut = _held(settling, "claims", AtMost(at_most=term.limit, per=term.per), claim) - claim
        settling.line("limit", "payment", cut)
        claim = claim + cut
    settling.paid(claim)
    claims = deal.facts.payments[name]
    deal.facts.payments[name] = lambda windows, reader: premium(windows, reader) + claims(windows, reader)


def alliance_split(name: str, term: AllianceSplit, deal: Deal) -> None:
    """Each partner's part of what the terms come to together in the window, gains and pains alike; a line a partner.

    parts: shares, together at most 1; a line is money, negative = paid to the partner

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     parties: [builder, designer]
    ...     contract:
    ...       share: { term: payment, amount: gain, clock: { measured: year } }
    ...       split: { term: alliance_split, of: [share], parts: { builder: 30%, designer: 20% }, clock: { measured: year } }
    ... ''', gain="100, -50 EUR/year").drop(["share.amount", "share paid"])
                    2027  2028
    split.builder  -30.0  15.0
    split.designer -20.0  10.0
    split paid     -50.0  25.0

    Source: project alliances share gain and pain by fixed parts, e.g. National Alliance Contracting Guidelines
    (Australia, 2015)
    """
    for partner in term.parts:
        deal.check_party(partner)
        if partner == "customer":
            raise ValueError("parts: the customer is no partner: it pays what is split. Leave it out.")
    settling = deal.settling(name, term, term.clock)
    settled = _paid_together(settling, named(term.of, "of", deal)) * settling.active
    parts = {partner: settling.share(part) for partner, part in term.parts.items()}
    together = reduce(add, parts.values())
    last = list(term.parts.values())[-1].text
    broken = f"the parts, '{last}' the last of them, come to more than 100% together"
    settled = deal.require(together <= WHOLE, settled, broken)
    total: Value = 0.0
    for partner, part in parts.items():
        amount = settling.rounded(0.0 - part * settled)
        settling.line(partner, "payment", amount, party=partner)
        total = total + amount
    settling.record(total)


def beyond(loss: Value, before: Value, deductible: Value) -> Value:
    """The part of a loss that lies beyond a deductible which counts all losses, those before it first.

    loss:    money, a size; 0 or more
    before:  losses counted so far
    returns: money from 0 to the loss; at the deductible itself 0

    >>> import numpy as np
    >>> beyond(np.array([30.0, 30.0, 30.0]), np.array([0.0, 60.0, 100.0]), 80.0)
    array([ 0., 10., 30.])
    """
    return ops.clip(before + loss - deductible, 0.0, loss)


def within(amount: Value, before: Value, at_most: Value) -> Value:
    """The part of an amount for which a limit has room.

    amount:  money, a size; 0 or more
    before:  what has counted so far
    returns: money from 0 to the amount

    >>> import numpy as np
    >>> within(np.array([30.0, 30.0, 30.0]), np.array([0.0, 60.0, 100.0]), 80.0)
    array([30., 20.,  0.])
    """
    return ops.minimum(amount, ops.maximum(at_most - before, 0.0))


def _paid_together(settling: Settling, terms: Sequence[Settled]) -> Value:
    """The sum of what terms pay in their settlements within each window."""
    windows = [s.window for s in settling.settlements]
    return reduce(add, (each.within(windows, settling.section) for each in terms))


def _size(settling: Settling, formula: Formula, per: str, what: str) -> Value:
    """An amount; a yearly one is scaled in a stub year, where the calendar prorates."""
    return settling.money(formula, what) * settling.part_of_year(per)


def _so_far(settling: Settling, per: str, what: str, amount: Value) -> Value:
    """What has counted in this year (or life) before this settlement, which is counted too."""
    begins = settling.begins(per)
    if begins is None:
        return 0.0
    memory = settling.state(what)
    before = ops.where(begins, 0.0, memory.read(settling.section))
    memory.write(settling.section, before + amount)
    return before


def _held(settling: Settling, what: str, limit: AtMost, amount: Value) -> Value:
    """An amount held by a limit; what counts is what the limit has left."""
    size = _size(settling, limit.at_most, limit.per, f"the limit of what it {what}")
    begins = settling.begins(limit.per)
    if begins is None:
        held = within(amount, 0.0, size)
    else:
        memory = settling.state(what)
        before = ops.where(begins, 0.0, memory.read(settling.section))
        held = within(amount, before, size)
        memory.write(settling.section, before + held)
    return settling.deal.by_size(held, size, limit.at_most, "the limit")


def _premium(name: str, term: Insurance, deal: Deal) -> None:
    """The premium of each window, at the rate in force in its first period, paid on its first day."""
    rate, unit = deal.facts.each_period(term.premium)
    flow = require_flow(deal.facts.in_money(unit), deal.facts.money, term.premium, "a premium")
    rate = deal.facts.converted(rate, unit)
    if deal.facts.life(term.premium) == "period":
        raise ValueError(
            f"premium: '{term.premium.text}' depends on what the period will bring, and is paid before. Write a rate that "
            "is known, as 12_000 EUR per year."
        )
    clock = ClockText(measured=term.clock.measured, year=term.clock.year, invoiced="in advance")
    settling = deal.settling(name, term, clock)
    periods = settling.dated([s.window.last - s.window.first + 1.0 for s in settling.settlements])
    premium = deal.facts.amount(rate, flow) * periods
    premium = deal.by_size(premium, rate, term.premium, "the premium")
    settling.line("premium", "payment", 0.0 - premium)
    settling.paid(0.0 - premium)

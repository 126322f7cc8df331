"""What follows payments that were made: a part is held back and released, or paid back."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.clock import ClockText
from gainsim.offer.over import Clawback, Retention
from gainsim.ops import Value
from gainsim.ops.program import Section
from gainsim.terms.context import Deal, Settled
from gainsim.terms.over import named, refuse_rounding, the_one_named, together
from gainsim.terms.wanted import require_condition


def retention(name: str, term: Retention, deal: Deal) -> None:
    """held = min(share * paid so far, at_most) * (1 - released): a payment adds to it, a release pays it out.

    Only payments to the supplier count. All is money, positive = paid to the supplier. Nothing jumps at `at_most`.

    10% of each payment, in all at most 15; half of it is released after two years, the rest at the end:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     works: { term: payment, amount: done, clock: { measured: year } }
    ...     kept: { term: retention, of: [works], share: 10%, at_most: 15 EUR, at_end: released,
    ...             released: [ { part: 50%, when: elapsed >= 24 months } ] }
    ... ''', done="100, 100, 100 EUR/year").loc[["kept.works", "kept.released"]]
                   2027  2028  2029
    kept.works    -10.0  -5.0   0.0
    kept.released   0.0   7.5   7.5

    Source: JCT Standard Building Contract, clause 4.19; NEC4, option X16 (half at completion, half at the end)
    """
    refuse_rounding(term)
    terms = named(term.of, "of", deal)
    if len({each.settling.term.party for each in terms}) > 1:
        raise ValueError("of: a retention is kept by one party; these terms are with several. Write one for each.")
    most: Value = None if term.at_most is None else deal.known_money(term.at_most, "the most that is held back")

    def of(paid: Value) -> Value:
        held = term.share * paid
        if most is None or term.at_most is None:
            return held
        return deal.by_size(ops.minimum(held, most), most, term.at_most, "the most that is held back")

    seen = together(name, terms, deal, always=True)
    active = deal.program.node(deal.active(term)) > 0.5
    before, after = _released(name, term, deal, seen.section, active)
    memory = deal.program.state(0.0, f"{name}: paid so far")
    paid = memory.read(seen.section)
    held: list[Value] = []
    for now in seen.now:
        more = ops.where(active, paid + ops.maximum(now, 0.0), paid)
        held.append((of(paid) - of(more)) * (1.0 - before))
        paid = more
    memory.write(seen.section, paid)
    entered = seen.changed(held)
    clock = ClockText.model_construct(settled=term.clock.settled, paid=term.clock.paid)
    settling = deal.settling(name, term.model_copy(update={"party": terms[0].settling.term.party}), clock, active=1.0)
    release = settling.node(of(paid) * (after - before))
    settling.line("released", "payment", release)
    released = deal.payments[name] = Settled(settling, settling.section, release)
    seen.record([*entered, released])


def _released(name: str, term: Retention, deal: Deal, section: Section, active: Value) -> tuple[Value, Value]:
    """Which part has been released before this period, and after it; what has come once has come for good."""
    before: Value = 0.0
    after: Value = 0.0
    for number, release in enumerate(term.released):
        with deal.problems.at("contract", name, "released", number, "when"):
            holds, unit = deal.facts.each_period(release.when)
            require_condition(unit, release.when, "when")
            memory = deal.program.state(0.0, f"{name}: released")
            done = memory.read(section)
            now = ops.where(ops.both(active, holds), 1.0, done)
            memory.write(section, now)
            before, after = before + release.part * done, after + release.part * now
    if term.at_end == "released":
        after = ops.where(ops.both(active, deal.decisions.closing > 0.5), 1.0, after)
    return before, after


def clawback(name: str, term: Clawback, deal: Deal) -> None:
    """min(claim, what was paid within reach and not paid back yet), the oldest first; nothing without its condition.

    What a term pays in this settlement can be claimed from the next one on.
    All is money, negative = paid back; whether the condition holds at its edge is what its comparison says.

    Below 90% the bonus of the settlement before is paid back; exactly 90% is not below it:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     bonus: { term: payment, amount: earned, clock: { measured: year } }
    ...     back: { term: clawback, of: bonus, when: level < 90%, within: 1 settlement, clock: { measured: year } }
    ... ''', earned="100, 50, 80 EUR/year", level="0.95, 0.90, 0.89").loc[["bonus paid", "back paid"]]
                 2027  2028  2029
    bonus paid  100.0  50.0  80.0
    back paid     0.0   0.0 -50.0

    Source: performance fees of asset managers and bonus clauses (malus and claw-back)
    """
    claimed = the_one_named(term.of, "of", deal)
    settling = deal.settling(name, term, term.clock)
    if [s.at for s in settling.settlements] != [s.at for s in claimed.settling.settlements]:
        raise ValueError(f"clock: a claw-back settles when '{term.of}' does. Write measured as it is there.")
    memories = [settling.state("could be claimed back") for _ in range(term.within or 1)]
    reach = [memory.read(settling.section) for memory in memories]
    claim: Value = reach[0]
    for older in reach[1:]:
        claim = claim + older
    if term.claim is not None:
        size = settling.money(term.claim, "a claim")
        claim = deal.by_size(ops.minimum(claim, size), size, term.claim, "the claim")
    if term.when is not None:
        claim = ops.where(settling.asked(term.when, "when") > 0.5, claim, 0.0)
    back = claim = ops.where(settling.node(settling.active) > 0.5, claim, 0.0)
    for number in reversed(range(len(reach))):
        taken = ops.minimum(reach[number], claim)
        reach[number], claim = reach[number] - taken, claim - taken
    earned = ops.maximum(claimed.amount, 0.0)
    if term.within:
        for memory, value in zip(memories, [earned, *reach], strict=False):
            memory.write(settling.section, value)
    else:
        memories[0].write(settling.section, reach[0] + earned)
    settling.line("paid back", "payment", 0.0 - back)
    settling.paid(0.0 - back)

"""The early end of a contract: notice is given, the contract ends on this path, and what is paid for it."""

from __future__ import annotations

from gainsim import ops
from gainsim.conduct.decisions import NO_NOTICE, called
from gainsim.costs import capital
from gainsim.offer.clock import ClockText
from gainsim.offer.exit import Termination, Unrecovered
from gainsim.ops import Value
from gainsim.problems import Unusable
from gainsim.spelling import meant_or_known
from gainsim.terms.capital import Capital
from gainsim.terms.context import Deal

#: the line that is 1 in the period in which a termination ends the contract
ENDS = "ends the contract"


def termination(name: str, term: Termination, deal: Deal) -> None:
    """In the period in which it ends the contract: the payment, and a share of what is not written down.

    What ends, and when, `conduct.decisions` knows; a condition on what terms pay is asked here, when they have settled.
    payment: money, positive = paid to the supplier; whether the condition holds at its edge is what its comparison says

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     fee: { term: fee, amount: 100 EUR per year }
    ...     end: { term: termination, when: use < 10, payment: 40 EUR }
    ... ''', use="10, 9, 20").loc[["fee paid", "end paid"]]
               2027   2028  2029
    fee paid  100.0  100.0   0.0
    end paid    0.0   40.0   0.0

    Source: UK HM Treasury, Standardisation of PF2 Contracts, chapters 21 and 23 (compensation on early termination)
    """
    if name not in deal.decisions.exits:
        raise Unusable(name)
    out = deal.decisions.exits[name]
    section = deal.program.section(f"{name}: notice")
    alive = deal.decisions.alive > 0.5
    if out.waiting is None:
        asked, given = ops.both(alive, out.since <= 0.0), out.since >= 0.0
    else:
        asked = ops.both(alive, out.since < 0.0)
        given = ops.both(asked, called(term, deal.facts, section))
        out.waiting.write(section, ops.where(given, 0.0, ops.maximum(out.since, NO_NOTICE)))
    assets = _listed(term.unrecovered, deal)
    clock = ClockText.model_construct(settled=term.clock.settled, paid=term.clock.paid)
    settling = deal.settling(name, term, clock, active=1.0)
    deal.ledger.gate(name, "notice", "given", section, given, settling.settlements, asked)
    now = out.ends > 0.5
    settling.line(ENDS, "figure", out.ends, money=False)
    total: Value = 0.0
    if term.payment is not None:
        total = ops.where(now, settling.money(term.payment, "the payment at the end"), 0.0)
        settling.line("payment", "payment", total)
    if term.unrecovered is not None:
        remains: Value = 0.0
        for asset in assets:
            remains = remains + asset.left(settling.section)
        left = ops.where(now, settling.share(term.unrecovered.share) * remains, 0.0)
        settling.line("unrecovered", "payment", left)
        total = total + left
    settling.paid(total)


def _listed(written: Unrecovered | None, deal: Deal) -> list[Capital]:
    """The costs whose unwritten part is paid for."""
    found = []
    for position, name in enumerate(written.costs if written is not None else ()):
        cost = deal.costs.get(name)
        if cost is None:
            meant = meant_or_known(name, deal.costs)
            raise ValueError(f"costs[{position}]: no cost '{name}' in this file.{meant}")
        if cost.straight_line is None:
            raise ValueError(
                f"costs[{position}]: '{name}' is a plain cost. Only what has a straight_line is recovered."
            )
        found.append(capital(name, deal))
    return found

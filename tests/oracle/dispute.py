"""The oracle's disputes, from "dispute" in docs/reference/terms.md: the whole contract settled again on another reading."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import Life
from tests.oracle.formulas import Fact, World, over_window
from tests.oracle.settled import Settled
from tests.oracle.settlement import settle
from tests.oracle.standing import rounding, stands

Clause = dict[str, Any]


def settle_with_disputes(contract: dict[str, Clause], life: Life, facts: dict[str, Fact]) -> dict[str, list[Settled]]:
    """Every term's settlements; a dispute's by what is withheld and settled together."""
    others = {name: term for name, term in contract.items() if term["term"] != "dispute"}
    found = settle(others, life, facts)
    world = World(life, dict(facts))
    for name, term in contract.items():
        if term["term"] == "dispute":
            found[name] = [_rounded(term, dispute(term, others, world, number)) for number in range(len(found[term["over"]]))]
    return found


def _rounded(term: Clause, settlement: Settled) -> Settled:
    """ "`rounded` rounds each payment of a term, as its last line" """
    if "rounded" not in term:
        return settlement
    change = rounding(term, settlement.paid)
    return Settled(settlement.window, settlement.paid + change, settlement.lines | {"rounding": change})


def dispute(term: Clause, others: dict[str, Clause], world: World, number: int) -> Settled:
    """One settlement of a dispute, with its lines."""

    def by(reads: str) -> Settled:
        """ "what it would pay there if `customer_reads` stood in all its formulas in the place of `reading`" """
        facts = world.facts | {term["reading"]: world.facts[term[reads]]}
        return settle({term["over"]: others[term["over"]]}, world.life, facts)[term["over"]][number]

    window = by("reading").window
    p, q = by("reading").paid, by("customer_reads").paid
    shown = {"by the customer": q} | ({"by the expert": by("expert_reads").paid} if "expert_reads" in term else {})
    no_fee = {"expert": 0.0, "expert's fee": 0.0} if "expert_fee" in term else {}
    apart = p - q if term["raised_by"] == "customer" else abs(p - q)
    # "A difference of just the tolerance is none."
    if not apart > over_window(term["tolerance"], world, window) or not stands(term, world, window[1]):
        return Settled(window, 0.0, shown | no_fee | {"withheld": 0.0, "settled": 0.0, "disputed": 0.0})
    lesser, larger = sorted((p, q))
    if term["settled_by"] == "midpoint":
        final = (p + q) / 2.0
    elif term["settled_by"] in ("supplier", "customer"):
        final = p if term["settled_by"] == "supplier" else q
    elif term["settled_by"] == "expert":  # "no less than the lesser and no more than the larger of P and Q"
        final = sorted((lesser, by("expert_reads").paid, larger))[1]
    else:  # "that of P and Q which lies nearer to E, and P where both lie equally near"
        e = by("expert_reads").paid
        final = q if abs(q - e) < abs(p - e) else p
    lines = {"withheld": lesser - p, "settled": final - lesser, "disputed": larger - lesser}
    if "expert_fee" in term:
        fee = over_window(term["expert_fee"], world, window)
        part = borne_by_the_customer(term["fee_borne_by"], p, q, by("expert_reads").paid)
        lines |= {"expert": -fee, "expert's fee": part * fee}  # "the supplier pays the expert", the customer its part of it
    return Settled(window, lines["withheld"] + lines["settled"] + lines.get("expert's fee", 0.0), shown | lines)


def borne_by_the_customer(rule: str, p: float, q: float, e: float) -> float:
    """ "F is E, but no less than the lesser and no more than the larger of P and Q" """
    f = sorted((min(p, q), e, max(p, q)))[1]
    if rule == "equally":
        return 0.5
    if rule == "in proportion":
        return abs(q - f) / abs(p - q)
    return 0.5 if abs(q - f) == abs(p - f) else float(abs(q - f) > abs(p - f))

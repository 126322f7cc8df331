"""Fees that are escalated and indexed: the engine against the oracle."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracle.agreement import Lines, Paid, by_window, differing, disagreements
from tests.oracle.formulas import World
from tests.oracle.indexation import base_period, factors
from tests.oracle.offers import Offer
from tests.oracle.offers_prices import offer
from tests.oracle.prices import settle_with_prices

CONTRACTS, BATCH = 300, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    return by_window(settle_with_prices(one.contract, one.life, one.facts, one.calendar["start"]))


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        term, start = one.contract["fee_0"], one.calendar["start"]
        paid, lines = by_twin(one)
        bound["named"] += any(amount for (name, _), amount in paid.items() if name == "of_it")
        bound["rounded"] += "rounded" in term
        bound["active_while"] += "active_while" in term
        if "escalated" in term and one.life.periods > 1:
            bound.update([term["escalated"]["compounding"], f"escalated {term['clock'].get('invoiced', '')}"])
            bound["escalated and indexed"] += "indexed" in term
        if "indexed" in term and any(amount for (_, _, line), amount in lines.items() if line == "indexation"):
            index = term["indexed"]
            base = base_period(index, one.life, start)
            kind = "at_base" if "at_base" in index else "within" if base is not None else "before"
            found = factors(term, World(one.life, one.facts, start=start))
            bound.update([kind, *(f"{kind} {word}" for word in ("lag", "cap", "floor") if word in index)])
            bound["within, 1 for several resets"] += kind == "within" and base != 0 and found[0] == 1 != found[-1]
    for clause in (
        "named", "rounded", "active_while", "compound", "simple", "escalated ", "escalated in advance", "escalated and indexed",
        "at_base", "within", "before", "at_base lag", "at_base cap", "at_base floor", "within lag", "within cap", "within floor",
        "within, 1 for several resets",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)

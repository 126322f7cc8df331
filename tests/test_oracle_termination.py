"""Contracts that end early: the engine against the oracle."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracle.agreement import Lines, Paid, differing, disagreements
from tests.oracle.offers import Offer
from tests.oracle.offers_termination import offer
from tests.oracle.termination import ended_by, settle_to_the_end

CONTRACTS, BATCH = 300, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    found = settle_to_the_end(one.contract, one.life, one.facts)
    return {(name, s.window): s.paid for name, settlements in found.items() for s in settlements}, {}


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        ends: dict[str, int | None] = {}
        ended = settle_to_the_end(one.contract, one.life, one.facts, ends)
        ender, end = ended_by(ends)
        if ender is None or end is None:
            bound["runs to its end"] += 1
            continue
        out = one.contract[ender]
        bound.update(word for word in ("notice", "payment", "active_while") if word in out)
        bound.update([f"over {out['over']}", "paid" if "paid(" in out["when"] else "a fact"])
        bound["two would end it"] += len(ends) == 2 and None not in ends.values()
        # what of it the end has changed
        going_on = {name: term for name, term in one.contract.items() if term["term"] != "termination"}
        without = settle_to_the_end(going_on, one.life, one.facts)
        for name, term in going_on.items():
            for now, then in zip(ended[name], without[name], strict=True):
                if now.paid != then.paid:
                    cut = (
                        "cut" if now.window[0] <= end < now.window[1] else "after" if now.window[0] > end else "before"
                    )
                    bound[f"{term['term']} {cut}"] += 1
                    bound["carried, paid at the end"] += cut != "after" and "'paid'" in str(term)
                    bound["scope"] += "ramp_down" in out and "scales_with" in term and cut == "before"
    for clause in (
        "runs to its end", "notice", "payment", "active_while", "over period", "over year", "over life", "paid", "a fact",
        "two would end it", "fee cut", "fee after", "payment cut", "payment after", "sharing cut", "sharing after",
        "carried, paid at the end", "scope",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)

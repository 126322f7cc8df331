"""Contracts with step-ins: the engine against the oracle."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracle.agreement import Lines, Paid, differing, disagreements
from tests.oracle.offers import Offer
from tests.oracle.offers_step_in import offer
from tests.oracle.step_in import settle_with_step_ins

CONTRACTS, BATCH = 300, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    found = settle_with_step_ins(one.contract, one.life, one.facts)
    paying = [name for name, term in one.contract.items() if term["term"] != "step_in" or "charge" in term]
    paid = {(name, s.window): s.paid for name in paying for s in found.get(name, ())}
    lines = {
        (name, s.window, step): amount
        for name, settlements in found.items() for s in settlements for step, amount in s.lines.items()
        if step == "stepped in"
    }  # fmt: skip
    return paid, lines


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        seen: dict[str, list[float]] = {}
        settle_with_step_ins(one.contract, one.life, one.facts, seen)
        for name, now in seen.items():
            term = one.contract[name]
            times = sum(1 for before, after in zip([0.0, *now], now, strict=False) if after > before)
            if not times:
                bound["never"] += 1
                continue
            bound.update(word for word in ("notice", "lasts", "until", "charge", "active_while") if word in term)
            bound.update([f"over {term['over']}", "paid" if "paid(" in term["when"] else "a fact"])
            bound["several times"] += times > 1
            bound["at most so many"] += times == term.get("at_most")
            bound["to the end"] += now[-1] > 0.5
            bound["ended early"] += "out" in one.contract and now[-1] < 0.5
    for clause in (
        "never", "notice", "lasts", "until", "charge", "active_while", "over period", "over year", "over life", "paid", "a fact",
        "several times", "at most so many", "to the end", "ended early",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)

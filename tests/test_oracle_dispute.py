"""Contracts with disputes: the engine against the oracle."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracle.agreement import Lines, Paid, by_window, differing, disagreements
from tests.oracle.dispute import settle_with_disputes
from tests.oracle.offers import Offer
from tests.oracle.offers_dispute import BORNE, SETTLED, offer

CONTRACTS, BATCH = 300, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    found = settle_with_disputes(one.contract, one.life, one.facts)
    paid, _ = by_window(found)
    return paid, by_window({name: each for name, each in found.items() if one.contract[name]["term"] == "dispute"})[1]


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def test_every_rule_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        carries = any("carry" in step for step in one.contract["share"]["steps"])
        for name, settlements in settle_with_disputes(one.contract, one.life, one.facts).items():
            term = one.contract[name]
            if term["term"] != "dispute":
                continue
            for each in settlements:
                if not each.lines["disputed"]:
                    bound["none"] += 1
                    continue
                bound.update([term["settled_by"], f"raised by {term['raised_by']}"])
                if "expert_fee" in term:
                    part = each.lines["expert's fee"] / -each.lines["expert"]
                    bound.update([term["fee_borne_by"], f"{part:g} of the fee" if part in (0.0, 1.0) else "a part of the fee"])
                bound["withheld"] += each.lines["withheld"] < 0.0
                bound["paid later and more"] += each.paid > 0.0
                bound["carried"] += carries
                bound["does not always stand"] += "active_while" in term
    for rule in (
        *SETTLED, *BORNE, "0 of the fee", "1 of the fee", "a part of the fee", "none", "raised by customer", "raised by either",
        "withheld", "paid later and more", "carried", "does not always stand",
    ):  # fmt: skip
        assert bound[rule] >= 20, (rule, bound)

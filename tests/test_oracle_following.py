"""Values that follow what was achieved: the engine against the oracle."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.oracle.agreement import Lines, Paid, by_window, differing, disagreements
from tests.oracle.following import with_values
from tests.oracle.formulas import World
from tests.oracle.offers import Offer
from tests.oracle.offers_following import offer
from tests.oracle.settlement import settle

CONTRACTS, BATCH = 200, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    world = with_values(World(one.life, one.facts), one.value)
    return by_window(settle(one.contract, one.life, world.facts, start=one.calendar["start"]))


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        facts = with_values(World(one.life, one.facts), one.value).facts
        paid = by_twin(one)[0]
        for name, said in one.value.items():
            moves = len(set(facts[name].values)) > 1
            if not isinstance(said, dict):
                bound["a formula of it"] += moves and "followed" in said
                continue
            bound[f"keeps {said['keeps']}"] += moves
            bound[f"every {said['every']}"] += moves
            bound["by a part"] += moves and said.get("by") in ("50%", "25%", 0.3)
            bound["of another that follows"] += moves and "followed" in said["ratchet"]
            ends = [facts[name].values[first] for first, _ in one.life.windows(said["every"])]
            bound["stays"] += moves and any(a == b for a, b in pairwise(ends))
            bound["a stub"] += moves and len({b - a for a, b in one.life.windows(said["every"])}) > 1
        for name, term in one.contract.items():
            amounts = [amount for (payer, _), amount in paid.items() if payer == name]
            bound[term["term"]] += any(amounts)
            bound["active_while"] += "active_while" in term and any(amounts) and not all(amounts)
            bound["when"] += "when" in term and any(amounts) and not all(amounts)
    for clause in (
        "keeps lowest", "keeps highest", "keeps last", "every month", "every quarter", "every half_year", "every year",
        "by a part", "of another that follows", "a formula of it", "stays", "a stub", "payment", "sharing", "target_cost",
        "active_while", "when",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)

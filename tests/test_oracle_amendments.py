"""Numbers amended from a month on: the engine against the oracle."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.oracle.agreement import Lines, Paid, by_window, differing
from tests.oracle.agreement import disagreements as between
from tests.oracle.amendments import amended, month, places
from tests.oracle.formulas import Fact, World, at_period
from tests.oracle.offers_amendments import OfferAmended, offer
from tests.oracle.settlement import settle

CONTRACTS, BATCH = 200, 100


def by_twin(one: OfferAmended) -> tuple[Paid, Lines]:
    start = one.calendar["start"]
    now = amended({"contract": one.contract, "value": one.value}, one.amendments, start)
    facts = dict(one.facts)
    for name, written in now["value"].items():
        values = [at_period(written, World(one.life, facts), period) for period in range(one.life.periods)]
        facts[name] = Fact(values, one.facts[name].flow)
    return by_window(settle(now["contract"], one.life, facts, one.tables, start))


def disagreements(one: OfferAmended) -> list[str]:
    return between(one, by_twin)  # type: ignore[arg-type]  # of an offer with amendments


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number))) == {}


def test_every_amendment_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        if by_twin(one)[0] == by_twin(replace(one, amendments=[]))[0]:
            continue
        keys = [key for each in one.amendments for key in each["set"]]
        for each in one.amendments:
            for key in each["set"]:
                part, name, *rest = key.split(".")
                kind = one.contract[name]["term"] if part == "contract" else part
                bound[f"{kind} {re.sub(r'steps.[0-9]+.', '', rest[-1] if rest else '')}".strip()] += 1
                bound["several times"] += keys.count(key) > 1
                old = one.value[name] if part == "value" else at_key(one.contract, key.removeprefix("contract."))
                bound["dated before"] += " from " in str(old)
            inside = (month(each["effective"], one.calendar["start"]) - 1) % one.life.step
            bound["inside a period" if inside else "as a period begins"] += one.life.step > 1
    for clause, least in {
        "fee amount": 10, "sharing above": 5, "sharing below 0": 5, "sharing cap": 5, "sharing floor": 5, "sharing at": 2,
        "sharing against": 2, "target_cost target_cost": 2, "target_cost target_profit": 2, "liability_limit at_most": 2,
        "value": 2, "several times": 5, "dated before": 10, "inside a period": 10, "as a period begins": 10,
    }.items():  # fmt: skip
        assert bound[clause] >= least, (clause, bound)


def at_key(contract: dict[str, Any], key: str) -> Any:
    """What the contract says at a key."""
    part: Any = contract
    for place in places(key):
        part = part[place]
    return part

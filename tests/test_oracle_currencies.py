"""Amounts in another currency: the engine against the oracle."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest

from tests.oracle.agreement import differing
from tests.oracle.exits import rows_to_the_end
from tests.oracle.offers import Offer
from tests.oracle.offers_currencies import offer
from tests.oracle.offers_exits import OfferWithCosts
from tests.oracle.offers_over import OfferOver
from tests.oracle.rows import Rows, differ, of_base_case
from tests.oracle.settled import reckoned_at
from tests.oracle.settlement import settle
from tests.oracle.standing_over import settle_over

CONTRACTS, BATCH = 250, 125
SEVERAL = ("liability_limit", "common_limit", "retention")  # a line for each term


def by_twin(one: Offer) -> Rows:
    if isinstance(one, OfferWithCosts):
        return rows_to_the_end(one)[0]
    start = one.calendar["start"]
    found: Rows = defaultdict(float)
    if isinstance(one, OfferOver):
        settled = list(settle_over(one.contract, one.life, one.facts, start).items())
    else:
        by_name = settle(one.contract, one.life, one.facts, one.tables, start)
        settled = [(tuple(f"{name}.".split(".")[:2]), each) for name, each in by_name.items()]
    for (name, line), settlements in settled:
        term = one.contract[line if line in one.contract else name]
        for each in settlements:
            at = each.window[0] if line == "premium" else reckoned_at(term, each)
            found[name if line in ("", "premium", "claim") else f"{name}.{line}", at] += each.paid
    return found


def disagreements(one: Offer) -> list[str]:
    together = [name for name, term in one.contract.items() if term["term"] not in SEVERAL]
    return differ(of_base_case(one.scenario(), together), by_twin(one), one.life)


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number))) == {}


def in_dollars(said: Any, place: str) -> list[str]:
    """Where an amount is in the other currency."""
    if isinstance(said, dict):
        found = [each for key, written in said.items() for each in in_dollars(written, f"{place} {key}")]
        return found + [f"{place} edge" for key in said if "USD" in str(key) or "_usd" in str(key)]
    if isinstance(said, list):
        return [each for written in said for each in in_dollars(written, place)]
    return [place] if "USD" in str(said) or "_usd" in str(said) else []


def test_every_amount_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        at_par = replace(one.facts["eur_per_usd"], values=[1.0] * one.life.periods)
        if by_twin(one) == by_twin(replace(one, facts=one.facts | {"eur_per_usd": at_par})):
            continue
        places = [each for term in one.contract.values() for each in in_dollars(term, term["term"])]
        for part in ("costs", "customer"):
            places += in_dollars(getattr(one, part, {}), part)
        places = [re.sub(r"^(costs|customer) \w+( \w+)?$", r"\1", place) for place in places]
        bound.update(place.replace(" steps", "") for place in set(places))
        text = str(one.contract)
        bound["converted as it arises"] += "eur_per_usd" in text
        bound["in advance"] += any(
            term["term"] == "fee" and "USD" in str(term) and "in advance" in str(term) for term in one.contract.values()
        )
    for clause in (
        "fee amount", "in advance", "payment amount", "milestone amount", "converted as it arises", "sharing of",
        "sharing against", "sharing threshold at", "sharing deadband below", "sharing limit_gain cap", "sharing share edge",
        "sharing limit_payment floor", "sharing limit_payment cap", "target_cost target_cost", "target_cost actual_cost",
        "target_cost target_profit", "target_cost ceiling_price", "service_credits pool at_most", "insurance premium",
        "insurance limit", "insurance deductible", "costs", "customer",
    ):  # fmt: skip
        assert bound[clause] >= 5, (clause, bound)

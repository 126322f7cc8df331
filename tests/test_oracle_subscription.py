"""Subscriptions: the engine against the oracle."""

from __future__ import annotations

from collections import Counter

import pytest

from gainsim.deals import deal_terms
from gainsim.model import build
from gainsim.offer.scenario import Scenario
from tests.oracle.agreement import Lines, Paid, by_window, differing, disagreements
from tests.oracle.formulas import World
from tests.oracle.offers import Offer
from tests.oracle.offers_subscription import offer
from tests.oracle.subscription import figures, settle_with_seats

CONTRACTS, BATCH = 300, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    return by_window(settle_with_seats(one.contract, one.life, one.facts, one.tables, one.calendar["start"]))


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def test_engine_and_oracle_agree_on_the_figures() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        world = World(one.life, one.facts, one.tables, one.calendar["start"])
        for deal in deal_terms(build(Scenario.model_validate(one.scenario()))):
            figure = figures(one.contract[deal.name], world, one.calendar["start"])
            for name in ("tcv", "acv", "seat_months", "effective_price", "annual_order_value", "exit_price"):
                found = getattr(deal, name)
                assert found == pytest.approx(figure[name], rel=1e-9), (number, deal.name, name)
            kept = [(rail.name, rail.kept) for rail in deal.guardrails]
            assert len(kept) == len(figure["kept"]), number
            for (name, holds), (kind, wanted) in zip(kept, figure["kept"], strict=True):
                assert name.startswith(kind) and holds == wanted, (number, deal.name, name)
                bound[f"{kind} {holds}"] += 1
                bound[f"{deal.structure} {kind} {holds}"] += 1
    for clause in (
        "first year True",
        "first year False",
        "full price True",
        "full price False",
        "budget True",
        "budget False",
        "simple criteria True",
        "simple criteria False",
        "staged criteria True",
        "staged criteria False",
        "ramp criteria True",
        "ramp criteria False",
    ):
        assert bound[clause] >= 10, (clause, bound)


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        paid, lines = by_twin(one)
        for name, term in one.contract.items():
            amounts = [amount for (payer, _), amount in paid.items() if payer == name]
            if term["term"] == "fee":
                bound["a fee by the seat"] += any(amounts)
                continue
            bound[term["structure"]] += len(set(amounts)) > 1
            bound["in advance"] += "invoiced" in term["clock"] and "from" in term["seats"] + term["price"]
            bound["active_while"] += "active_while" in term and any(amounts) and not all(amounts)
            early = [a for (payer, _, step), a in lines.items() if payer == name and step == "early activation"]
            bound["early activation"] += any(early)
            bound["an order again as large"] += any(early) and not all(early)
            bound["rounding"] += any(a for (payer, _, step), a in lines.items() if payer == name and step == "rounding")
            bound["a date"] += "from 20" in term["seats"] + term["price"]
    for clause, least in {
        "simple": 10, "staged": 60, "ramp": 20, "in advance": 20, "active_while": 40, "early activation": 40,
        "an order again as large": 20, "rounding": 10, "a date": 20, "a fee by the seat": 60,
    }.items():  # fmt: skip
        assert bound[clause] >= least, (clause, bound)

"""Tax on the margin: the engine against the oracle."""

from __future__ import annotations

from collections import Counter

import pytest

from gainsim.base import settle_base
from gainsim.model import build
from gainsim.offer.scenario import Scenario
from tests.oracle.agreement import differing
from tests.oracle.exits import rows_to_the_end
from tests.oracle.offers_taxes import OfferTaxed, offer
from tests.oracle.rows import Rows, differ, of_base_case
from tests.oracle.taxes import margins, tax, worth
from tests.oracle.termination import with_elapsed
from tests.test_oracle_exits import OVER

CONTRACTS, BATCH = 200, 100
RATE = 0.08  # of discount, in every random offer


def by_twin(one: OfferTaxed) -> tuple[Rows, list[float], Rows, float]:
    """The ledger before tax, each year's margin, the tax, and what it is worth at the start."""
    rows, _ = rows_to_the_end(one)
    world = with_elapsed(one.life, one.facts, one.calendar["start"])
    capital = [name for name, cost in one.costs.items() if "straight_line" in cost]
    by_year = margins(rows, world, capital)
    taxes = tax(one.tax, by_year, world)
    return rows, by_year, taxes, worth(one.tax, taxes, world, RATE)


def disagreements(one: OfferTaxed) -> list[str]:
    together = [name for name, term in one.contract.items() if term["term"] not in OVER]
    rows, _, taxes, _ = by_twin(one)
    return differ(of_base_case(one.scenario(), together), rows | taxes, one.life)


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number))) == {}


def test_margin_and_npv_after_tax() -> None:
    for number in range(0, CONTRACTS, 5):
        one = offer(number)
        _, by_year, taxes, at_start = by_twin(one)
        outcome = settle_base(build(Scenario.model_validate(one.scenario()))).outcome
        after_tax = sum(by_year) + sum(taxes.values())
        assert outcome.margin()[0] + outcome.tax[0] == pytest.approx(after_tax, rel=1e-9, abs=1e-9), number
        assert outcome.npv_after_tax[0] - outcome.npv[0] == pytest.approx(at_start, rel=1e-9, abs=1e-9), number


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        _, by_year, taxes, _ = by_twin(one)
        losses = 0.0
        for margin, (_, paid) in zip(by_year, sorted(taxes.items()), strict=True):
            if one.tax["losses"] == "refunded":
                bound["refunded"] += paid > 0
                continue
            bound["used up"] += 0 < losses < margin
            bound["exactly used up"] += 0 < losses == margin
            bound["used up in part"] += 0 < margin < losses
            losses = max(losses - margin, 0.0)
        bound["lapses"] += losses > 0
        paying = any(taxes.values())
        bound["a rate that moves"] += paying and ("from" in one.tax["rate"] or one.tax["rate"] == "part")
        bound["paid later"] += paying and "paid" in one.tax
        bound["a stub"] += paying and len({one.life.part_of_year(y) for y in range(len(by_year))}) > 1
        bound["of a party"] += paying and "crew_pays" in one.contract
        bound["of capital"] += paying and any("straight_line" in cost for cost in one.costs.values())
        bound["ends early"] += paying and any(term["term"] == "termination" for term in one.contract.values())
        bound["a fee in advance"] += paying and "'in advance'" in str(one.contract)
    for clause in (
        "refunded", "used up", "exactly used up", "used up in part", "lapses", "a rate that moves", "paid later", "a stub",
        "of a party", "of capital", "ends early", "a fee in advance",
    ):  # fmt: skip
        assert bound[clause] >= 5, (clause, bound)

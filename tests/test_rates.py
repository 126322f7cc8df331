"""Amounts in another currency, by hand: converted when they are settled, at the rate of that period."""

from __future__ import annotations

from typing import Any

import pytest

from gainsim.base import BaseCase, settle_base
from gainsim.model import OfferError, build
from gainsim.offer.scenario import Scenario
from tests.terms.test_further_parties import same_bits

QUARTERS = ("2027-01", "2027-04", "2027-07", "2027-10")


def document(contract: dict[str, Any], rates: list[float] | None = None, **more: Any) -> dict[str, Any]:
    moves = {"schedule": dict(zip(QUARTERS, rates, strict=True))} if rates else {
        "central": "mean", "drawn": "each period", "lognormal": {"mean": 0.9, "sd": 0.1},
    }  # fmt: skip
    return {
        "gainsim": 1,
        "title": "two currencies",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "quarter", "year": "contract"},
        "money": {"discount_rate": "0% pa", "rates": {"USD": "eur_per_usd"}},
        "drivers": {
            "eur_per_usd": {"control": "nobody", "unit": "EUR/USD", **moves},
            "saved": {"control": "supplier", "unit": "USD/month", "constant": 100},
            "saved_at_home": {"control": "supplier", "unit": "EUR/month", "constant": 10},
        },
        "contract": contract,
        **more,
    }


def settled(contract: dict[str, Any], rates: list[float], **more: Any) -> tuple[BaseCase, dict[str, list[float]]]:
    base = settle_base(build(Scenario.model_validate(document(contract, rates, **more))))
    lines: dict[str, list[float]] = {}
    for (_, number), amount in zip(base.model.program.rows, base.rows, strict=True):
        lines.setdefault(base.lines[number].name, []).append(float(amount))
    return base, lines


RATES = [0.8, 0.9, 1.0, 1.1]


def test_a_fee_is_converted_when_it_is_settled():
    """1,000 USD a quarter: each quarter at its rate; over the year at the last quarter's; in advance at the first's."""
    amount = {"term": "fee", "amount": "1_000 USD per quarter"}
    contract = {
        "by_quarter": amount,
        "by_year": {**amount, "clock": {"measured": "year"}},
        "ahead": {**amount, "clock": {"measured": "year", "invoiced": "in advance"}},
    }
    base, lines = settled(contract, RATES)
    assert lines["by_quarter.amount"] == pytest.approx([800, 900, 1_000, 1_100])
    assert lines["by_year.amount"] == pytest.approx([4_400])
    assert lines["ahead.amount"] == pytest.approx([3_200])
    assert {line.currency for line in base.lines} == {"EUR"}


def test_gains_caps_and_edges_are_converted_at_the_settlements_rate():
    """1,200 USD a year at 1.1 are 1,320 EUR: 600 USD, 660 EUR, to the edge at 50%, the rest at 10%; a cap of 350 USD."""
    share = {"share": {"below 0": "0%", "up to 600 USD": "50%", "above": "10%"}}
    cap = {"limit_payment": {"cap": "350 USD", "per": "settlement"}}
    term = {"term": "sharing", "of": "saved", "clock": {"measured": "year"}, "steps": [share, cap]}
    _, lines = settled({"share": term}, RATES)
    assert lines["share.gain"] == pytest.approx([1_320])
    assert lines["share.share up to 600 USD"] == pytest.approx([330])
    assert lines["share.share above"] == pytest.approx([66])
    assert lines["share.cap"] == pytest.approx([385 - 396])


def test_a_rate_in_the_formula_converts_as_the_money_arises():
    """By hand, `saved * eur_per_usd` adds up month by month at each quarter's rate: 300 × (0.8 + 0.9 + 1.0 + 1.1)."""
    term = {"term": "payment", "clock": {"measured": "year"}}
    by_hand = {**term, "amount": "total(saved * eur_per_usd) + saved_at_home"}
    _, lines = settled({"by_hand": by_hand, "settled": {**term, "amount": "saved"}}, RATES)
    assert lines["by_hand.amount"] == pytest.approx([300 * 3.8 + 120])
    assert lines["settled.amount"] == pytest.approx([1_200 * 1.1])


def test_costs_and_the_customers_side_are_converted_period_by_period():
    more = {
        "costs": {"crew": {"amount": "100 USD per quarter"}, "tool": {"amount": "50 USD", "at": "2027-07-01"}},
        "customer": {"gains": {"saved": "saved"}, "spends": {"staff": "10 USD per month"}},
        "parties": ["insurer"],
    }
    fee = {"term": "fee", "amount": "1 EUR per month"}
    cover = {"term": "insurance", "party": "insurer", "covers": ["fee"], "premium": "4 USD/year", "per": "life"}
    contract = {"fee": fee, "cover": {**cover, "clock": {"measured": "period"}}}
    _, lines = settled(contract, RATES, **more)
    assert lines["crew"] == pytest.approx([-80, -90, -100, -110])
    assert lines["tool"] == pytest.approx([-50])
    assert lines["customer.saved"] == pytest.approx([240, 270, 300, 330])
    assert lines["customer.staff"] == pytest.approx([-24, -27, -30, -33])
    assert lines["cover.premium"] == pytest.approx([-0.8, -0.9, -1.0, -1.1])


def test_credits_on_a_charge_in_another_currency():
    """10% of 1,000 USD at 0.8; the pool is 2% of the fee over a year: 80 USD, at the quarter's rate."""
    term = {"term": "service_credits", "level": "0.9", "credits": {"below 95%": "10%"}, "of": "charge"}
    contract = {
        "charge": {"term": "fee", "amount": "1_000 USD per quarter"},
        "credits": {**term, "pool": {"at_most": "2% of charge", "per": "year"}, "clock": {"measured": "period"}},
    }
    _, lines = settled(contract, RATES)
    assert lines["credits.below 95%"][0] == pytest.approx(-80)
    assert lines["credits.pool"][0] == pytest.approx(80 - 64)


def test_units_are_still_checked_inside_a_formula():
    term = {"term": "payment", "amount": "saved + saved_at_home", "clock": {"measured": "year"}}
    with pytest.raises(OfferError, match="saved is in USD, saved_at_home is in EUR: they cannot be added"):
        build(Scenario.model_validate(document({"sum": term}, RATES)))


def test_what_a_rate_of_zero_would_pay_is_told():
    with pytest.raises(Exception, match="the rate eur_per_usd is not above 0"):
        settled({"fee": {"term": "fee", "amount": "1_000 USD per quarter"}}, [0.8, 0.0, 1.0, 1.1])


def test_both_runners_convert_to_the_same_bits():
    share = {"share": {"below 0": "0%", "up to 250 USD": "50%", "above": "10%"}}
    term = {"term": "sharing", "of": "saved", "clock": {"measured": "half_year"}, "steps": [share]}
    fee = {
        "term": "fee",
        "amount": "1_000 USD per quarter",
        "clock": {"measured": "half_year", "invoiced": "in advance"},
    }
    same_bits(build(Scenario.model_validate(document({"share": term, "fee": fee}))))

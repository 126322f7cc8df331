"""The customer's default against its closed form, and late payment by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gainsim.base import settle_base
from gainsim.bridge import Run, simulate_model
from gainsim.model import OfferError, build
from gainsim.offer.credit import Credit
from gainsim.offer.scenario import Scenario
from gainsim.outcome import Outcome
from tests.scenarios.test_shipped import SHIPPED, load
from tests.terms.test_further_parties import same_bits

PATHS, CHANCE = 20_000, 0.2


def document(customer: dict[str, Any], fee: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "gainsim": 1,
        "title": "credit",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 3, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": {
            "result": {"control": "nobody", "unit": "EUR/year", "schedule": {"2027-01": 100, "2028-01": -50, "2029-01": 100}},
            "days_late": {"control": "customer", "unit": "day", "schedule": {"2027-01": 0, "2028-01": 73, "2029-01": 365}},
            "luck": {"control": "customer", "unit": "fraction", "central": "mean", "drawn": "once",
                     "uniform": {"low": "0%", "high": "40%"}},
        },
        "contract": {"fee": {"term": "fee", "amount": "100 EUR/year", **(fee or {})}},
        "customer": customer,
        **more,
    }  # fmt: skip


def run(customer: dict[str, Any], fee: dict[str, Any] | None = None, **more: Any) -> Run:
    return simulate_model(build(Scenario.model_validate(document(customer, fee, **more))), PATHS, 1)


def lines(found: Run) -> dict[str, np.ndarray]:
    return {line.name: total for line, total in zip(found.rows.lines, found.total, strict=True)}


def near(values: np.ndarray, expected: float) -> bool:
    """Within four standard errors, which are small."""
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    assert error < 0.02 * abs(expected)
    return abs(float(values.mean()) - expected) < 4 * error


def test_what_is_paid_survives_year_by_year():
    """100 at the end of each of three years, each with the probability that the customer has lived so long."""
    found = Outcome(run({"credit": {"default": "20%", "recovery": "0%"}}))
    assert near(found.revenue, sum(100 * (1 - CHANCE) ** year for year in (1, 2, 3)))
    assert set(found.revenue.tolist()) == {0.0, 100.0, 200.0, 300.0}


def test_of_what_was_due_before_the_default_a_part_is_recovered():
    """Due at the year's end, paid half a year later: 40% of it where the default comes in between."""
    found = Outcome(run({"credit": {"default": "20%", "recovery": "40%"}}, {"clock": {"paid": "6 months"}}))
    alive = [(1 - CHANCE) ** t for t in (1, 1.5, 2, 2.5, 3, 3.5)]
    expected = sum(100 * paid + 40 * (due - paid) for due, paid in zip(alive[::2], alive[1::2], strict=True))
    assert near(found.revenue, expected)
    assert set(np.round(found.revenue, 9)) == {0.0, 40.0, 100.0, 140.0, 200.0, 240.0, 300.0}


def test_costs_named_and_the_customers_own_lines_end_with_the_year_of_the_default():
    """What is spent in a year is spent where the customer lived as it began; the other cost goes on."""
    customer = {
        "credit": {"default": "20%", "recovery": "0%", "costs_end": ["crew"]},
        "gains": {"saved": "70 EUR/year"},
    }
    costs = {"crew": {"amount": "50 EUR/year"}, "rent": {"amount": "10 EUR/year"}}
    found = run(customer, costs=costs)
    begun = sum((1 - CHANCE) ** year for year in (0, 1, 2))
    outcome = Outcome(found)
    assert near(outcome.cost, -30 - 50 * begun)
    assert near(outcome.customer_benefit + outcome.revenue, 70 * begun)
    assert lines(found)["rent"].tolist() == [-30.0] * PATHS
    ended = {name for name in lines(found) if name.startswith("customer_credit")}
    assert ended == {"customer_credit.fee", "customer_credit.crew", "customer_credit.saved"}


def test_what_the_supplier_would_pay_after_the_default_is_not_paid_either():
    """Results of 100, -50, 100: the sum that is paid is 0, 100, 50 or 150, as the default comes."""
    term = {"result_share": {"term": "payment", "amount": "result", "clock": {"measured": "year"}}}
    found = Outcome(run({"credit": {"default": "20%", "recovery": "50%"}}, contract=term))
    assert set(found.revenue.tolist()) == {0.0, 100.0, 50.0, 150.0}


def test_a_chance_that_is_drawn_once():
    """Uniform from 0% to 40%: E[1 - chance] = 80% of the first payment."""
    found = Outcome(run({"credit": {"default": "luck", "recovery": "0%"}}, calendar={
        "start": "2027-01", "years": 1, "step": "year", "year": "contract"}))  # fmt: skip
    assert near(found.revenue, 80)


def test_nobody_defaults_in_the_base_case_nor_without_a_chance():
    credit = {"credit": {"default": "20%", "recovery": "0%"}}
    assert settle_base(build(Scenario.model_validate(document(credit)))).revenue == 300
    never = Outcome(run({"credit": {"default": "0%", "recovery": "0%"}}))
    assert never.revenue.tolist() == [300.0] * PATHS


def test_further_parties_are_paid_whether_the_customer_pays_or_not():
    """The crew's half is passed on as reckoned."""
    contract = {
        "fee": {"term": "fee", "amount": "100 EUR/year"},
        "crew": {"term": "subcontract", "party": "crew", "of": ["fee"], "share": "50%", "clock": {"measured": "year"}},
    }
    found = Outcome(run({"credit": {"default": "20%", "recovery": "0%"}}, contract=contract, parties=["crew"]))
    assert found.from_parties.tolist() == [-150.0] * PATHS
    positions = sum(found.position(party) for party in ("supplier", "customer", "crew", "others"))
    assert np.abs(positions).max() < 1e-9


def test_a_default_known_only_later_is_refused():
    with pytest.raises(OfferError, match="a chance per year is known when it begins"):
        build(Scenario.model_validate(document({"credit": {"default": "1% from year 2 else 2%", "recovery": "0%"}})))


def test_late_payment_earns_interest_and_costs_money():
    """100, -50, 100, paid 0, 73 and 365 days late: 10% on the last, none on what the supplier owes; 6% to the bank."""
    term = {"result_share": {"term": "payment", "amount": "result", "clock": {"measured": "year"}}}
    late = {"days": "days_late", "interest": "10% pa", "financed_at": "6% pa"}
    base = settle_base(build(Scenario.model_validate(document({"late": late}, contract=term))))
    found = {line.name: years.tolist() for line, years in zip(base.lines, base.by_year, strict=True)}
    assert found["late_payment.result_share"] == pytest.approx([0, 0, 10])
    assert found["late_payment.result_share financed"] == pytest.approx([0, 0, -6])
    assert base.revenue == pytest.approx(160)
    assert base.margins["contribution"] == pytest.approx(154)


def test_what_a_limit_changes_is_part_of_the_term_and_no_debt_of_its_own():
    """The supplier owes 50, limited to 20, and its maker bears 30% of them: the customer owes nothing. Of 100 it keeps 5,
    owes 95, and in the end the 15 that were kept."""
    contract = {
        "penalty": {"term": "payment", "amount": "-50 EUR", "clock": {"measured": "year"}},
        "limit": {"term": "liability_limit", "limits": ["penalty"], "at_most": "20 EUR", "per": "year"},
        "borne": {"term": "alliance_split", "of": ["penalty"], "parts": {"maker": "30%"}, "clock": {"measured": "year"}},
        "fee": {"term": "fee", "amount": "100 EUR/year"},
        "kept": {"term": "retention", "of": ["fee"], "share": "5%", "at_end": "released"},
    }
    late = {"days": "365", "interest": "10% pa", "financed_at": "0% pa"}
    base = settle_base(build(Scenario.model_validate(document({"late": late}, contract=contract, parties=["maker"]))))
    found = {line.name: years.tolist() for line, years in zip(base.lines, base.by_year, strict=True)}
    assert found["borne.maker"] == pytest.approx([6, 6, 6])
    interest = {name: years for name, years in found.items() if name.startswith("late_payment") and any(years)}
    assert set(interest) == {"late_payment.fee", "late_payment.kept"}
    assert interest["late_payment.fee"] == pytest.approx([9.5, 9.5, 9.5])
    assert interest["late_payment.kept"] == pytest.approx([0, 0, 1.5])


@pytest.mark.parametrize(("days", "interest"), [(0, 0.0), (1, 10 / 365), (73, 2.0), (365, 10.0)])
def test_days_count_by_365(days: int, interest: float) -> None:
    late = {"days": f"{days}", "interest": "10% pa", "financed_at": "0% pa"}
    base = settle_base(build(Scenario.model_validate(document({"late": late}))))
    assert base.revenue == pytest.approx(3 * (100 + interest))


def test_a_customer_in_default_owes_no_interest_on_what_it_never_pays():
    """Interest is on what is paid."""
    late = {"days": "365", "interest": "10% pa", "financed_at": "0% pa"}
    found = Outcome(run({"credit": {"default": "20%", "recovery": "0%"}, "late": late}))
    assert set(np.round(found.revenue, 9)) == {0.0, 110.0, 220.0, 330.0}


def test_both_runners_give_the_same_bits():
    customer = {
        "credit": {"default": "luck", "recovery": "35%", "costs_end": ["crew"]},
        "late": {"days": "days_late", "interest": "10% pa", "financed_at": "6% pa"},
        "gains": {"saved": "70 EUR/year"},
    }
    more = {"costs": {"crew": {"amount": "50 EUR/year"}}}
    same_bits(build(Scenario.model_validate(document(customer, {"clock": {"paid": "45 days"}}, **more))))


@pytest.mark.parametrize("name", SHIPPED)
def test_after_an_early_default_no_shipped_contract_pays_anything(name: str) -> None:
    """With a default all but certain in the first weeks, nothing is left of any term on most paths."""
    written = load(name).scenario
    certain = Credit.model_validate({"default": "99.9999999999%", "recovery": "0%"})
    customer = written.customer.model_copy(update={"credit": certain, "late": None})
    found = Outcome(simulate_model(build(written.model_copy(update={"customer": customer})), 200, 1))
    assert (np.abs(found.revenue) < 1e-6).mean() > 0.85


def test_what_was_held_back_and_is_released_after_the_default_is_lost():
    """90 of each 100 are paid, 30 released at the end, all at a year's end while the customer lives."""
    held = {"term": "retention", "of": ["fee"], "share": "10%", "at_end": "released"}
    contract = {"fee": {"term": "fee", "amount": "100 EUR/year"}, "held": held}
    found = Outcome(run({"credit": {"default": "20%", "recovery": "0%"}}, contract=contract))
    assert set(np.round(found.revenue, 9)) == {0.0, 90.0, 180.0, 300.0}

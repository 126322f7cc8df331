"""Parties that weigh what is still to come before they decide: against optimal stopping in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

import gainsim
from gainsim.bridge import simulate_model, statement
from gainsim.errors import ScenarioError
from gainsim.measures import Estimate
from gainsim.text import settlement as settlement_text

PATHS = 40_000
OFFER = """
gainsim: 1
title: who may leave
currency: EUR
calendar: {{ start: 2027-01, years: {years}, step: year, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  cost: {{ control: nobody, unit: EUR/year, central: mean, {cost} }}
lifecycle:
  stays: {{ by: {by}, starts: 1, every: year, weighs: total(cost), becomes: 0{more} }}
contract:
  fee: {{ term: fee, amount: {fee} }}
  left: {{ term: termination, when: stays < 1{notice} }}
{rest}
"""
ONCE = "drawn: once, normal: { mean: 100, sd: 40 }"
WALK = "geometric_walk: { start: 100, drift: 0% pa, volatility: 30% pa }"
SUPPLIER = "costs: { service: { amount: cost } }"


def offer(**said: object) -> gainsim.Offer:
    usual: dict[str, object] = {"years": 6, "cost": ONCE, "by": "supplier", "fee": "110 EUR per year", "rest": SUPPLIER}
    usual |= {"more": "", "notice": ""}
    return gainsim.load_text(OFFER.format(**(usual | said)))


def estimate_of(written: gainsim.Offer, measure: str) -> Estimate:
    return gainsim.simulate(written, paths=PATHS, seed=3).measures[measure]


def test_a_supplier_who_knows_its_cost_leaves_where_the_fee_does_not_bear_it() -> None:
    """After the first of six years it knows the margin m ~ N(10, 40²) of all: E[m] + 5 E[max(m, 0)]."""
    found = estimate_of(offer(), "contribution")
    d = 10 / 40
    assert abs(found.value - (10 + 5 * (10 * norm.cdf(d) + 40 * norm.pdf(d)))) < 4 * found.standard_error


def test_a_customer_who_knows_its_gain_leaves_where_it_does_not_bear_the_fee() -> None:
    """The same from the other side: what it saves is drawn once, and the fee 110."""
    written = offer(by="customer", rest="customer: { gains: { saved: cost } }")
    found = estimate_of(written, "customer_net_benefit")
    d = -10 / 40
    assert abs(found.value - (-10 + 5 * (-10 * norm.cdf(d) + 40 * norm.pdf(d)))) < 4 * found.standard_error


def put(cost: np.ndarray, fee: float) -> np.ndarray:
    """E[max(fee - cost next year, 0)] for a cost that walks with 30% and without drift (Black 1976)."""
    d = (np.log(fee / cost) + 0.3**2 / 2) / 0.3
    return fee * norm.cdf(d) - cost * norm.cdf(d - 0.3)


def test_who_may_still_leave_later_stays_at_a_loss() -> None:
    """Three years, a cost that walks: after two it leaves above the fee, after one only where the option to is not worth it.

    Known cost c after a year: staying brings fee - c + put(c). It is left where that is below 0, which is above the fee.
    """
    written = offer(years=3, cost=WALK, fee="100 EUR per year")
    found = estimate_of(written, "contribution")
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    cost = 100 * np.exp(0.3 * z - 0.3**2 / 2)
    going_on = 100 - cost + put(cost, 100)
    exact = float(weight @ np.maximum(going_on, 0.0) / weight.sum())  # the first year's margin is 0 in the mean
    assert abs(found.value - exact) < 4 * found.standard_error + 0.005 * exact
    run = simulate_model(written.loaded.model, PATHS, 3)
    left_after_one = [row for row, (t, line) in enumerate(run.rows.keys) if t == 0 and run.rows.lines[line].name == "stays.taken"]
    edge = cost[np.argsort(cost)][np.argmax(going_on[np.argsort(cost)] < 0.0)]
    threshold = np.interp(0.0, -going_on[np.argsort(cost)], np.sort(cost))
    assert edge > threshold > 105
    expected = float(norm.sf((math.log(threshold / 100) + 0.3**2 / 2) / 0.3))
    assert abs(float(run.row_mean[left_after_one[0]]) - expected) < 0.02  # where it turns, little hangs on it


def test_a_payment_at_the_end_is_weighed_too() -> None:
    """Leaving after the first year costs 60: it is left where 5 m < -60. E[m] + 5 E[max(m, -12)]."""
    written = offer(notice=", payment: -60 EUR", more=", last: 1 year")
    found = estimate_of(written, "contribution")
    d = 22 / 40
    exact = 10 + 5 * (-12 + 22 * norm.cdf(d) + 40 * norm.pdf(d))
    assert abs(found.value - exact) < 4 * found.standard_error


def test_it_is_a_part_of_what_may_be_decided() -> None:
    """With a chance of 50% to be able to leave, half of what that brings: 6 E[m] + 5 (E[max(m, 0)] - E[m]) / 2."""
    found = estimate_of(offer(more=", last: 1 year, chance: 50%"), "contribution")
    d = 10 / 40
    best = 10 * norm.cdf(d) + 40 * norm.pdf(d)
    assert abs(found.value - (60 + 2.5 * (best - 10))) < 4 * found.standard_error


def test_the_same_whatever_the_seed_the_paths_and_the_threads_and_a_path_tells_why() -> None:
    written = offer(years=3, cost=WALK, fee="100 EUR per year")
    model = written.loaded.model
    runs = [simulate_model(model, 3_000, 5, threads=threads) for threads in (1, 2)]
    assert (runs[0].total == runs[1].total).all()
    again = offer(years=3, cost=WALK, fee="100 EUR per year").loaded.model
    assert (simulate_model(again, 3_000, 5).total == runs[0].total).all()
    seen = set()
    for path in range(12):
        amounts = statement(model.told, path, 5)
        text = settlement_text.statement(model.told, amounts, 1)
        rows = {model.told.lines[n].name: float(a) for (t, n), a in zip(model.told.program.rows, amounts, strict=True) if t == 0}
        assert (rows["stays.worth"] > 0.0) == (rows["stays.taken"] == 1.0)
        assert rows["stays.looked at"] == pytest.approx(-rows["service"])
        told = f"{rows['stays.looked at']:.2f} EUR looked at, worth {rows['stays.worth']:.2f} EUR: "
        assert f"{told}{'' if rows['stays.taken'] else 'not '}taken" in text
        seen.add(rows["stays.taken"])
    assert seen == {0.0, 1.0}


def test_one_party_weighs() -> None:
    with pytest.raises(gainsim.ScenarioError, match="one party weighs what it is better off by"):
        offer(by="both")


def test_what_is_weighed_must_be_a_number() -> None:
    """A division by 0 is neither above nor below any level: it is told, and nobody leaves for it."""
    text = OFFER.format(years=3, cost=ONCE, by="supplier", fee="110 EUR per year", rest=SUPPLIER, more="", notice="")
    with pytest.raises(ScenarioError, match=r"lifecycle.stays.weighs: .* the quotient of 100, 0"):
        gainsim.load_text(text.replace("weighs: total(cost)", "weighs: total(cost) / (total(cost) - total(cost))"))

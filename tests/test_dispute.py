"""Disputes that arise from the gap between two measurements: how often, how much and when, against closed forms."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

import gainsim
from gainsim.api import load_text

UNIT = NormalDist()
PATHS = 20_000
OFFER = """
gainsim: 1
title: disputed
currency: EUR
calendar: {{ start: 2027-01, years: 1, step: month, year: contract }}
money: {{ discount_rate: {rate} pa }}
drivers:
  saving: {{ control: supplier, unit: EUR/month, constant: 1_000 }}
value:
  ours: {{ measure: saving, errors: {{ a: {{ size: 30 EUR per month, drawn: once }} }} }}
  theirs: {{ measure: saving, errors: {{ b: {{ size: 40 EUR per month, drawn: once }} }} }}
  found: {{ measure: saving, errors: {{ c: {{ size: 0 EUR per month, drawn: once }} }} }}
contract:
  share: {{ term: payment, amount: 50% * ours, clock: {{ measured: year, paid: 30 days }} }}
  claim:
    term: dispute
    over: share
    reading: ours
    customer_reads: theirs
    {expert}
    tolerance: {tolerance} EUR
    raised_by: {raised_by}
    settled_by: {settled_by}
    clock: {{ settled: 1 month, paid: {paid} }}
costs:
  lawyers: {{ amount: 700 EUR per month * claim }}
customer:
  gains: {{ saving: saving }}
  spends: {{ lawyers: 300 EUR per month * claim }}
"""
#: the two payments lie a normal distance apart: half of twelve times the root of 30² + 40²
APART = 6.0 * 50.0


def found(
    settled_by: str, raised_by: str = "customer", tolerance: int = 200, rate: str = "0%", paid: str = "2 months"
) -> gainsim.Result:
    expert = "expert_reads: found" if settled_by in ("expert", "final offer") else "about: without an expert"
    written = OFFER.format(
        settled_by=settled_by, raised_by=raised_by, tolerance=tolerance, rate=rate, paid=paid, expert=expert
    )
    return gainsim.simulate(load_text(written), paths=PATHS, seed=4)


def beyond(tolerance: float) -> tuple[float, float]:
    """How likely a normal distance exceeds the tolerance, and its mean there, 0 elsewhere."""
    z = tolerance / APART
    return 1.0 - UNIT.cdf(z), APART * UNIT.pdf(z)


@pytest.mark.parametrize("tolerance", [0, 200, 600])
def test_how_often_and_over_how_much_there_is_a_dispute(tolerance: int) -> None:
    clauses = {clause.line.name: clause for clause in found("midpoint", tolerance=tolerance).summary.clauses}
    chance, amount = beyond(tolerance)
    disputed, withheld, settled = (clauses[f"claim.{step}"] for step in ("disputed", "withheld", "settled"))
    assert abs(disputed.binds.value - chance) < 4.0 * disputed.binds.standard_error
    assert abs(disputed.mean.value - amount) < 4.0 * disputed.mean.standard_error
    assert withheld.mean.value == pytest.approx(-disputed.mean.value)
    assert settled.mean.value == pytest.approx(0.5 * disputed.mean.value)


def test_what_is_nothing_by_definition_is_no_clause_that_fails_to_bind() -> None:
    """Where the customer raises it and is always right, all that was disputed stays withheld."""
    checks = found("customer").summary.checks
    assert not any("claim.settled" in check for check in checks)


def test_either_side_raises_twice_as_many() -> None:
    clauses = {clause.line.name: clause for clause in found("midpoint", "either").summary.clauses}
    chance, amount = beyond(200)
    disputed, withheld = clauses["claim.disputed"], clauses["claim.withheld"]
    assert abs(disputed.binds.value - 2.0 * chance) < 4.0 * disputed.binds.standard_error
    assert abs(withheld.mean.value + amount) < 4.0 * withheld.mean.standard_error
    paid = found("midpoint", "either").measures["expected_revenue"]
    assert abs(paid.value - 6_000.0) < 4.0 * paid.standard_error  # what one side loses by it the other does as often


def test_an_expert_who_reads_exactly_ends_what_was_read_too_high() -> None:
    """Settled by the expert, held between the claims: what is paid is max(min(P, 6,000), min(P, Q)) where there is a dispute."""
    result = found("expert", tolerance=0)
    claims = result.run.total[[line.name for line in result.run.rows.lines].index("share.amount")]
    final = result.summary.outcome.revenue
    high = claims > 6_000.0
    assert (final[high] <= claims[high] + 1e-9).all()
    assert (final[high] >= 6_000.0 - 1e-9).all()


def test_each_party_bears_its_own_costs_of_it() -> None:
    result = found("midpoint")
    clauses = {clause.line.name: clause for clause in result.summary.clauses}
    often = clauses["claim.disputed"].binds.value
    assert clauses["lawyers"].mean.value == pytest.approx(-700.0 * often)
    assert clauses["customer.lawyers"].mean.value == pytest.approx(-300.0 * often)
    assert result.summary.base.cost == 0.0  # in the base case both read the same


def test_what_is_disputed_is_paid_later_and_worth_less() -> None:
    """Settled for the supplier, it gets all of it, by a year later: at 10% a year the disputed part is worth 1 / 1.1 of it."""
    soon, late = (found("supplier", rate="10%", paid=paid) for paid in ("1 month", "13 months"))
    lines = [line.name for line in soon.run.rows.lines]
    assert soon.measures["expected_revenue"] == late.measures["expected_revenue"]
    settled = lines.index("claim.settled")
    assert late.run.npv[settled].sum() / soon.run.npv[settled].sum() == pytest.approx(1.0 / 1.1, rel=1e-9)
    assert math.isclose(
        late.run.npv[lines.index("claim.withheld")].sum(), soon.run.npv[lines.index("claim.withheld")].sum()
    )


def test_a_customer_in_default_pays_what_was_undisputed_before_and_nothing_later() -> None:
    """Of 600 the customer admits 500, and 550 are settled: it pays 500 on 2028-02-01, and 50 on 2028-04-01, if it still lives."""
    written = OFFER.format(
        settled_by="midpoint", raised_by="customer", tolerance=0, rate="0%", paid="2 months", expert="about: certain"
    )
    for a, b in (
        ("size: 30 EUR per month, drawn: once", "bias: 100"),
        ("size: 40 EUR per month, drawn: once", "bias: 250 / 3"),
        ("constant: 1_000", "constant: 0"),
        ("paid: 30 days", "paid: 1 month"),
    ):
        written = written.replace(a, b)
    written += "  credit: { default: 50%, recovery: 0% }\n"
    run = gainsim.simulate(load_text(written), paths=PATHS, seed=4).summary
    revenue = run.outcome.revenue.round(6)
    assert set(revenue) == {0.0, 500.0, 550.0}
    for amount, chance in ((0.0, 1.0 - 0.5 ** (13 / 12)), (500.0, 0.5 ** (13 / 12) - 0.5 ** (15 / 12))):
        share = (revenue == amount).mean()
        assert abs(share - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / PATHS)

"""Measures of a run by name, and limits of the house held against them."""

from __future__ import annotations

import math

import pytest

import gainsim
from gainsim.bridge import simulate_model
from gainsim.judging import judge
from gainsim.measures import Estimate
from gainsim.measuring import FEW, Measured, Measures
from gainsim.offer.scenario import HouseLimit
from gainsim.outcome import Outcome
from gainsim.scenario.load import from_document
from gainsim.scenario.reading import read_text

OFFER = """
gainsim: 1
title: Heat by the hour
currency: EUR
calendar: {{ start: 2027-01, years: 2, step: month, year: contract }}
money: {{ discount_rate: 21% pa }}
drivers:
  heat: {{ control: customer, unit: MWh/month, central: mean, {heat} }}
contract:
  fee: {{ term: fee, amount: 10 EUR/MWh * heat, clock: {{ measured: quarter }} }}
  base: {{ term: fee, amount: 5 EUR per month, clock: {{ measured: year }} }}
customer:
  gains: {{ it: 12 EUR/MWh * heat }}
"""
DRAWN = "drawn: each period, normal: { mean: 1, sd: 0.1 }"
CERTAIN = "schedule: { 2027-01: 1 }"


def measures(heat: str, paths: int = 50) -> Measures:
    return Measures(Outcome(simulate_model(from_document(read_text(OFFER.format(heat=heat), "x")).model, paths, 1)))


def value(taken: Measures, name: str) -> float:
    found = taken.of(name).estimate
    assert found is not None
    return found.value


def test_what_a_random_volume_moves_is_not_committed() -> None:
    """Not even if the amount is gathered over a quarter; a plain amount gathered over a year is."""
    taken = measures(DRAWN)
    assert value(taken, "committed_revenue") == pytest.approx(120.0)
    assert value(taken, "expected_variable_revenue") == pytest.approx(value(taken, "expected_revenue") - 120.0)
    assert value(taken, "acv") == pytest.approx(60.0)


def test_a_volume_that_is_certain_is_committed() -> None:
    taken = measures(CERTAIN.replace("schedule: { 2027-01: 1 }", "constant: 1").replace("central: mean, ", ""))
    assert value(taken, "committed_revenue") == pytest.approx(360.0)


def test_the_customers_benefit_is_discounted_by_its_own_days() -> None:
    """Gains of 12 a month at each month's end; of 10 a quarter and 5 a year paid at the end of each."""
    taken = measures("drawn: each period, normal: { mean: 1, sd: 0 }")

    def worth(amount: float, every: int) -> float:
        return math.fsum(amount * every / 1.21 ** (month / 12.0) for month in range(every, 25, every))

    assert value(taken, "customer_npv") == pytest.approx(worth(12.0, 1) - worth(10.0, 3) - worth(5.0, 12), rel=1e-9)


def event(share: float, paths: int) -> Measured:
    error = math.sqrt(share * (1.0 - share) / (paths - 1))
    return Measured("chance_of_loss", Estimate(share, error, "fraction", paths - 1.0), "fraction", event=True)


@pytest.mark.parametrize(
    ("share", "paths", "reach"),
    [(0.0, 300, 0.01), (1.0, 300, 0.01), (0.0, FEW - 1, math.inf), (0.5, 101, 0.1), (0.0, 30, 0.1)],
)
def test_an_event_on_no_path_reaches_as_far_as_the_rule_of_three(share: float, paths: int, reach: float) -> None:
    assert event(share, paths).reach == pytest.approx(reach)


def test_none_of_two_paths_proves_nothing() -> None:
    limit = HouseLimit(at_most=0.15)
    judged = judge("chance_of_loss", limit, measures(DRAWN, paths=2))
    assert (judged.verdict, judged.sure, judged.measured.shown) == ("kept", False, ("0.0%", "± ?"))
    judged = judge("chance_of_loss", limit, measures(DRAWN, paths=50))
    assert (judged.verdict, judged.sure, judged.measured.shown) == ("kept", True, ("0.0%", "below 6%"))
    judged = judge("chance_of_loss", HouseLimit(at_most=0.05), measures(DRAWN, paths=50))
    assert (judged.verdict, judged.sure) == ("kept", False)


def test_what_has_no_value_is_open() -> None:
    judged = judge("irr", HouseLimit(at_least=0.09), measures(DRAWN))
    assert (judged.verdict, judged.kept, judged.measured.shown, judged.rule) == (
        "open",
        False,
        ("none", ""),
        "at least 9% pa",
    )


def test_a_margin_on_a_revenue_that_is_not_what_it_is_made_of_says_nothing() -> None:
    """Of a wind farm's contract for difference most is paid by whoever buys the power, none of it revenue."""
    text = """
gainsim: 1
title: The power is sold to another
currency: EUR
calendar: { start: 2027-01, years: 1, step: month, year: contract }
money: { discount_rate: 0% pa }
parties: [trader]
contract:
  fee: { term: fee, amount: FEE EUR per month }
  sold: { term: fee, party: trader, amount: SOLD EUR per month }
costs:
  people: { amount: 50 EUR per month }
"""

    def margin(fee: int, sold: int) -> tuple[float | None, str]:
        run = gainsim.simulate(gainsim.load_text(text.replace("FEE", str(fee)).replace("SOLD", str(sold))), paths=10)
        found = run.summary.measures["expected_margin"]
        return found.estimate and found.estimate.value, found.reason

    assert margin(100, 30)[0] == pytest.approx(0.8)
    assert margin(100, 50)[0] == pytest.approx(1.0)  # no more than revenue
    assert margin(100, 300) == (None, margin(10, 300)[1])
    assert "what further parties pay" in margin(100, 300)[1]
    assert "revenue is below 0" in margin(-100, 300)[1]

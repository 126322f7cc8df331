"""What errors of measurement alone cost each party: through a collar, their exact expectation."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gainsim
from gainsim.api import load_text
from gainsim.asked import SAMPLINGS
from tests.exact import Normal, deviation, mean

OFFER = """
gainsim: 1
title: measured through a collar
currency: EUR
calendar: {{ start: 2027-01, years: 2, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {saving}
value:
  seen: {{ measure: saving, errors: {{ meter: {{ size: {size}, drawn: {drawn} }} }} }}
contract:
  share:
    term: sharing
    of: seen
    clock: {{ measured: year }}
    steps:
      - against: 1_080 EUR
      - share: {{ below 0: 50%, above: 50% }}
      - limit_payment: {{ floor: -20, cap: 80, per: settlement }}
customer:
  gains: {{ saving: saving }}
"""
CERTAIN = "{ control: supplier, unit: EUR/month, constant: 100 }"
MOVING = "{ control: nobody, unit: EUR/month, central: mean, geometric_walk: { start: 100, drift: 2% pa, volatility: 20% pa } }"
#: half of what a year's saving of 1,200 is above 1,080 lies 60 above 0: between the floor of -20 and the cap of 80
COLLAR = [(-math.inf, 1_040.0, -20.0, 0.0), (1_040.0, 1_240.0, -540.0, 0.5), (1_240.0, math.inf, 80.0, 0.0)]
PATHS = 20_000


def offer(size: str, drawn: str, saving: str = CERTAIN) -> gainsim.Offer:
    return load_text(OFFER.format(size=f"{size} EUR per month", drawn=drawn, saving=saving))


@pytest.mark.parametrize("size", [1, 5, 10, 40])
@pytest.mark.parametrize("drawn", ["once", "each year", "each period"])
def test_through_a_collar_it_is_the_expectation_of_a_normal_through_straight_lines(size: int, drawn: str) -> None:
    found = gainsim.simulate(offer(str(size), drawn), paths=PATHS, seed=3).measures["measurement_in_margin"]
    spread = size * (math.sqrt(12.0) if drawn == "each period" else 12.0)
    law = Normal(1_200.0, spread)
    assert abs(found.value - 2.0 * (mean(law, COLLAR) - 60.0)) < 4.0 * found.standard_error
    years = 2.0 if drawn == "once" else math.sqrt(2.0)  # both years have one error, or each its own
    assert found.standard_error == pytest.approx(years * deviation(law, COLLAR) / math.sqrt(PATHS), rel=0.05)


def test_what_one_party_loses_by_it_the_other_gains() -> None:
    found = gainsim.simulate(offer("10", "once"), paths=500, seed=3)
    ours, theirs = (found.measures[f"measurement_in_{name}"] for name in ("margin", "benefit"))
    assert ours.value == pytest.approx(-theirs.value)
    assert ours.value < 0.0  # the cap is nearer than the floor


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("paths", [500, 2_048])
def test_the_futures_are_the_same_with_and_without_errors(sampling: str, paths: int) -> None:
    """An error of no size changes nothing, path by path, however futures are drawn and whichever runner draws them."""
    run = gainsim.simulate(offer("0", "each period", MOVING), paths=paths, seed=3, sampling=sampling).summary.outcome
    np.testing.assert_array_equal(run.by_measurement[0], 0.0)
    assert run.margin().std() > 10.0


def test_where_nothing_is_measured_nothing_is_said() -> None:
    plain = gainsim.simulate(gainsim.load_text(gainsim.TEMPLATE), paths=200, seed=3)
    assert plain.measures["measurement_in_margin"].value == 0.0
    assert plain.run.model.exact is None
    assert "errors of measurement" not in str(plain)
    assert "errors of measurement" in str(gainsim.simulate(offer("10", "once"), paths=200, seed=3))

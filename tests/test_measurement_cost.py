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
    assert not plain.run.model.measured
    assert "errors of measurement" not in str(plain)
    assert "errors of measurement" in str(gainsim.simulate(offer("10", "once"), paths=200, seed=3))


TWO = """
gainsim: 1
title: two values, each measured through a collar of its own, or both in one
currency: EUR
calendar: {{ start: 2027-01, years: 1, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: supplier, unit: EUR/month, constant: 100 }}
value:
  heat: {{ measure: saving, errors: {{ meter: {{ size: 10 EUR per month, drawn: once }} }} }}
  power: {{ measure: saving, errors: {{ meter: {{ size: 20 EUR per month, drawn: once }} }} }}
contract:
{terms}
"""
TERM = """
  {name}:
    term: sharing
    of: {of}
    clock: {{ measured: year }}
    steps:
      - against: {target} EUR
      - share: {{ below 0: 50%, above: 50% }}
      - limit_payment: {{ floor: -20, cap: 80, per: settlement }}
"""


def test_what_each_measured_value_costs_is_told_by_itself() -> None:
    """Two terms that know nothing of each other: what each costs is its own expectation, and nothing is left to both."""
    terms = "".join(TERM.format(name=f"of_{name}", of=name, target=1_080) for name in ("heat", "power"))
    result = gainsim.simulate(load_text(TWO.format(terms=terms)), paths=PATHS, seed=3)
    found = {each.name: each for each in result.summary.error_costs}
    for name, size in (("heat", 10.0), ("power", 20.0)):
        cost = found[name].supplier
        assert abs(cost.value - (mean(Normal(1_200.0, 12.0 * size), COLLAR) - 60.0)) < 4.0 * cost.standard_error
        assert found[name].customer.value == pytest.approx(-cost.value)
    assert found["what they do together"].supplier.value == pytest.approx(0.0, abs=1e-9)
    assert found["= all of them"].supplier.value == result.measures["measurement_in_margin"].value
    assert "what they do together" in str(result)


def test_what_is_left_to_both_is_told_where_one_clause_answers_both() -> None:
    """Through one collar the variances add up, and what a cap takes off does not: 2 of one spread is not the sum of twice 1."""
    terms = TERM.format(name="of_both", of="heat + power", target=2_280)
    result = gainsim.simulate(load_text(TWO.format(terms=terms)), paths=PATHS, seed=3)
    found = {each.name: each.supplier for each in result.summary.error_costs}
    collar = [(-math.inf, 2_240.0, -20.0, 0.0), (2_240.0, 2_440.0, -1_140.0, 0.5), (2_440.0, math.inf, 80.0, 0.0)]

    def lost(*sizes: float) -> float:
        return mean(Normal(2_400.0, 12.0 * math.hypot(*sizes)), collar) - 60.0

    for name, expected in (
        ("heat", lost(10.0, 20.0) - lost(20.0)),
        ("power", lost(10.0, 20.0) - lost(10.0)),
        ("what they do together", lost(10.0) + lost(20.0) - lost(10.0, 20.0)),
        ("= all of them", lost(10.0, 20.0)),
    ):
        assert abs(found[name].value - expected) < 4.0 * found[name].standard_error, name


def test_one_measured_value_needs_no_table() -> None:
    assert gainsim.simulate(offer("10", "once"), paths=200, seed=3).summary.error_costs == ()

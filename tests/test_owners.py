"""Whose risk an offer is, and which driver moves it: linear offers of normal drivers, for which both are known in closed form."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import norm

from gainsim.analyses.ensemble import ensemble
from gainsim.analyses.owner_rows import whose_risk
from gainsim.analyses.owners import MEASUREMENT, Owners, moving_drivers, owners
from gainsim.analyses.sensitivity import Swing, swings
from gainsim.analyses.sensitivity_words import verdict
from gainsim.analyses.variance_shares import variance_shares
from gainsim.api import load_text
from gainsim.bridge import simulate_model
from gainsim.cli.main import cli
from gainsim.measures import difference, estimate, mean
from gainsim.model import Model, build
from gainsim.outcome import Outcome
from gainsim.report.sensitivity import ledger
from gainsim.text.sensitivity import page, to_json
from tests.scenarios.test_shipped import load

PATHS = 40_000
#: the weight of each driver in what is paid, and its standard deviation; supplier and nobody hang together
WEIGHTS, SPREADS, TOGETHER = {"skill": 2.0, "demand": -1.0, "price": 3.0}, {"skill": 10.0, "demand": 25.0, "price": 8.0}, 0.5
OWNERS = {"skill": "supplier", "demand": "customer", "price": "nobody"}


def linear(**sections: Any) -> Model:
    """A year in which the sum of weight × driver is paid, undiscounted."""
    drivers = {
        name: {
            "control": OWNERS[name], "unit": "unit/year", "drawn": "each period", "central": "mean",
            "normal": {"mean": 100, "sd": SPREADS[name]},
        }
        for name in WEIGHTS
    }  # fmt: skip
    amount = " + ".join(f"({weight}) * {name}" for name, weight in WEIGHTS.items())
    document = {
        "gainsim": 1,
        "title": "linear",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": drivers,
        "dependence": [{"between": ["skill", "price"], "correlation": TOGETHER, "of": "innovations", "kind": "gaussian"}],
        "contract": {"pay": {"term": "payment", "amount": f"1 EUR/unit * total({amount})", "clock": {"measured": "year"}}},
        **sections,
    }
    return load_text(yaml.safe_dump(document, sort_keys=False), "linear.yaml").loaded.model


def moved(model: Model, paths: int) -> tuple[Swing, ...]:
    once = ensemble(model, paths, 1)
    return swings(once, once.targets[0])


def told_page(found: Owners, model: Model, paths: int) -> str:
    once = ensemble(model, paths, 1)
    return page(found, once, variance_shares(once))


def own(name: str) -> float:
    return WEIGHTS[name] * SPREADS[name]


COVARIANCE = TOGETHER * own("skill") * own("price")
VARIANCES = {"supplier": own("skill") ** 2 + COVARIANCE, "customer": own("demand") ** 2, "nobody": own("price") ** 2 + COVARIANCE}
WHOLE = sum(VARIANCES.values())


@pytest.fixture(scope="module")
def found() -> Owners:
    return owners(linear(), PATHS, 1)


def test_of_a_covariance_each_owner_bears_a_half(found: Owners) -> None:
    assert {part.owner for part in found.parts} == set(OWNERS.values())
    for part in found.parts:
        told = part.parts["variance"]
        assert abs(told.value - VARIANCES[part.owner]) <= 4.0 * told.standard_error
        assert told.standard_error < 0.03 * WHOLE
    assert found.none["variance"].value == 0.0


def test_the_parts_add_up_to_the_whole(found: Owners) -> None:
    for what, whole in found.whole.items():
        total = found.none[what].value + sum(part.parts[what].value for part in found.parts)
        assert total == pytest.approx(whole.value, abs=1e-9 * max(1.0, abs(whole.value)))


def test_what_it_is_worth_to_be_rid_of_an_owner(found: Owners) -> None:
    """Nothing on average; of the worst twentieth, σ φ(z) / 5% of the deviation that goes."""
    tail = norm.pdf(norm.ppf(0.05)) / 0.05
    for each in found.owners_without:
        left = {"supplier": own("demand") ** 2 + own("price") ** 2, "customer": WHOLE - own("demand") ** 2,
                "nobody": own("skill") ** 2 + own("demand") ** 2}[each.name]  # fmt: skip
        assert abs(each.supplier.value) <= 4.0 * each.supplier.standard_error
        gained = (math.sqrt(WHOLE) - math.sqrt(left)) * tail
        assert abs(each.worst.value - gained) <= 4.0 * each.worst.standard_error
        assert each.worst.standard_error < 1.0


def test_the_tenths_and_ranks_of_a_linear_offer() -> None:
    """E[Y | the highest tenth of X] = cov(X, Y) / σ × φ(z) / 10%; Spearman's rank correlation is 6/π asin(ρ/2)."""
    tail = norm.pdf(norm.ppf(0.9)) / 0.1
    with_skill = {name: own(name) for name in OWNERS}
    with_skill["skill"] += TOGETHER * own("price")
    with_skill["price"] += TOGETHER * own("skill")
    centre = 100.0 * sum(WEIGHTS.values())
    told = {each.driver: each for each in moved(linear(), PATHS)}
    for name, slope in with_skill.items():
        each = told[name]
        assert abs(each.high.value - centre - slope * tail) <= 4.0 * each.high.standard_error
        assert abs(each.low.value - centre + slope * tail) <= 4.0 * each.low.standard_error
        assert each.swing.value == pytest.approx(each.high.value - each.low.value)
        rank = 6.0 / math.pi * math.asin(slope / math.sqrt(WHOLE) / 2.0)
        assert abs(each.rank - rank) <= 4.0 / math.sqrt(PATHS)
    assert list(told) == sorted(told, key=lambda name: -abs(with_skill[name]))


def test_a_driver_that_stands_still_leaves_the_others_where_they_were() -> None:
    """Skill and price hang together: the price is the same on every path, whether skill moves or not."""
    model = linear()
    still = build(model.scenario, still=["skill"])
    apart = run(model, 2_000).npv - run(still, 2_000).npv
    assert apart.mean() == pytest.approx(0.0, abs=4.0 * own("skill") / math.sqrt(2_000))
    assert apart.std() == pytest.approx(own("skill"), rel=0.07)


def run(model: Model, paths: int) -> Outcome:
    return Outcome(simulate_model(model, paths, 1))


def test_what_fleets_read_stands_still_for_them_too() -> None:
    """With the hours at their central value vans fail as they do where the hours are certain, draw by draw."""
    text = """
gainsim: 1
title: fleets
currency: EUR
calendar: { start: 2027-01, years: 2, step: month, year: contract }
money: { discount_rate: 0% pa }
operations:
  depot:
    fleets:
      vans:
        assets: 20
        use: hours
        failures: { engine: { life: { exponential: { mean: 300 } }, repair: 24, ages: use, crew: smiths } }
    crews: { smiths: { number: 2 } }
drivers:
  hours: { control: customer, unit: hours/month, HOURS }
  failed: { control: supplier, unit: 1/month, central: 9, operations: { of: depot, outcome: failures } }
contract:
  pay: { term: fee, amount: 10 EUR * failed }
"""
    there = "  smiths_there: { control: supplier, unit: 1, operations: { of: depot, outcome: people, crew: smiths } }"
    counted = text.replace("contract:", f"{there}\ncontract:")
    of_certain = load_text(counted.replace("HOURS", "constant: 200").replace("* failed", "* failed * smiths_there"))
    assert moving_drivers(of_certain.loaded.model) == ("failed",)  # how many smiths there are is not left to chance
    uniform = "drawn: once, central: 200, uniform: { low: 0, high: 400 }"
    drawn, certain = (load_text(text.replace("HOURS", each)).loaded.model for each in (uniform, "constant: 200"))
    still = build(drawn.scenario, still=["hours"])
    assert (simulate_model(still, 64, 1).total == simulate_model(certain, 64, 1).total).all()
    assert (simulate_model(drawn, 64, 1).total != simulate_model(certain, 64, 1).total).any()


def test_errors_of_measurement_are_an_owner() -> None:
    """A measured payment: 100 skill units for certain but for an error of 7; all variance is the error's."""
    document = {
        "drivers": {"skill": {"control": "supplier", "unit": "EUR/year", "constant": 100}},
        "dependence": [],
        "value": {"seen": {"measure": "skill", "errors": {"meter": {"size": "7 EUR/year", "drawn": "each period"}}}},
        "contract": {"pay": {"term": "payment", "amount": "total(seen)", "clock": {"measured": "year"}}},
    }
    told = owners(linear(**document), PATHS, 1)
    (part,) = told.parts
    assert part.owner == MEASUREMENT
    assert abs(part.parts["variance"].value - 49.0) <= 4.0 * part.parts["variance"].standard_error


def test_a_control_in_parts_is_an_owner_of_its_own() -> None:
    drivers = {
        "skill": {
            "control": {"supplier": "60%", "customer": "40%"}, "unit": "EUR/year", "drawn": "each period", "central": "mean",
            "normal": {"mean": 5, "sd": 1},
        }
    }  # fmt: skip
    contract = {"pay": {"term": "payment", "amount": "total(skill)", "clock": {"measured": "year"}}}
    told = owners(linear(drivers=drivers, dependence=[], contract=contract), 1_000, 1)
    assert [part.owner for part in told.parts] == ["supplier 60% and customer 40%"]


def test_where_the_customers_default_moves_it_most_that_is_said() -> None:
    """A fifth of the futures pay nothing of some 400, and the drivers move it by 33: 0.2 × 0.8 × 400² against 33²."""
    told = owners(linear(customer={"credit": {"default": "20%", "recovery": "0%"}}), 1_000, 1)
    assert verdict(told).endswith("% of the variance of the net present value is from the customer's default.")
    assert "What is left where no driver moves is the customer's default." in whose_risk(told).notes
    pale = ledger(told).axes[0].get_legend_handles_labels()[1]
    assert pale[-1] == "no driver moves"


def test_terms_below_nothing_are_told_as_penalties() -> None:
    """E[min(N(5, 10²), 0)] by the closed form of a normal."""
    normal = {"drawn": "each period", "central": "mean", "normal": {"mean": 5, "sd": 10}}
    drivers = {"skill": {"control": "supplier", "unit": "EUR/year", **normal}}
    contract = {"pay": {"term": "payment", "amount": "total(skill)", "clock": {"measured": "year"}}}
    told = owners(linear(drivers=drivers, dependence=[], contract=contract), PATHS, 1).whole["penalties"]
    exact = 5.0 * norm.cdf(-0.5) - 10.0 * norm.pdf(0.5)
    assert abs(told.value - exact) <= 4.0 * told.standard_error


def test_of_the_compressed_air_everything_is_told() -> None:
    model = load("compressed_air").model
    found, once = owners(model, 400, 1), ensemble(model, 400, 1, ["measured_saving"])
    shares = variance_shares(once)
    text, told = page(found, once, shares), to_json(found, once, shares)
    assert set(told["owners"]) == {"supplier", "customer", "nobody", MEASUREMENT}
    assert all(name in text for name in (*told["drivers"]["npv"]["moved_by"], "Whose risk it is"))
    whole = estimate(mean(run(model, 400).npv))
    assert told["whole"]["mean"] == {"value": whole.value, "standard_error": whole.standard_error}
    gained = difference(mean(run(build(model.scenario, still=["availability"]), 400).npv), mean(run(model, 400).npv))
    assert told["without_driver"]["availability"]["npv"]["value"] == pytest.approx(gained.value)


def test_errors_of_measurement_make_more_than_a_third_of_the_compressed_airs_variance() -> None:
    """As its guide says; and nothing is left where no driver moves, as nobody decides by chance there."""
    found = owners(load("compressed_air").model, 1_000, 2027)
    (errors,) = (part.parts["variance"] for part in found.parts if part.owner == MEASUREMENT)
    whole = found.whole["variance"].value
    assert errors.value > whole / 3.0
    assert "What is left where no driver moves" not in told_page(found, load("compressed_air").model, 200)
    renewed = owners(load("subscription_renewal").model, 500, 1)
    assert "What is left where no driver moves" in told_page(renewed, load("subscription_renewal").model, 200)


def test_the_command_prints_one_object() -> None:
    result = CliRunner().invoke(cli, ["sensitivity", "scenarios/profit_commission.yaml", "--paths", "100", "--json", "--no-report"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert np.isfinite(told["whole"]["variance"]["value"])

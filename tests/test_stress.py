"""An offer under stress: linear offers of normal drivers, for which every case is known in closed form or is plain algebra."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import multivariate_normal, norm

import gainsim
from gainsim.analyses.conditions import condition
from gainsim.analyses.correlated import correlated
from gainsim.analyses.stress import Result, stresses
from gainsim.analyses.stress_data import to_json
from gainsim.analyses.stress_words import notes
from gainsim.api import load_text
from gainsim.cli.main import cli
from gainsim.control_variates import known_averages
from gainsim.errors import ScenarioError, UsageError
from gainsim.measures import cvar, difference, estimate, mean
from gainsim.offer.stress import Correlations, Range
from gainsim.sample import EQUAL
from gainsim.scenario.load import Loaded
from gainsim.scenario.shock_library import standard_shocks
from gainsim.text.stress import page

PATHS = 20_000
#: what a unit of each driver pays, its deviation; skill and price hang together
WEIGHTS, SPREADS, TOGETHER = {"skill": 2.0, "demand": -1.0, "price": 3.0}, {"skill": 10.0, "demand": 25.0, "price": 8.0}, 0.5
OWN = {name: WEIGHTS[name] * SPREADS[name] for name in WEIGHTS}
CENTRE = 100.0 * sum(WEIGHTS.values())


def linear(stress: dict[str, Any], **sections: Any) -> Loaded:
    """A year in which the sum of weight × driver is paid, undiscounted."""
    drivers = {
        name: {
            "control": "nobody", "unit": "unit/year", "drawn": "each period", "central": "mean",
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
        "stress": stress,
        **sections,
    }
    return load_text(yaml.safe_dump(document, sort_keys=False), "linear.yaml").loaded


def under(loaded: Loaded, paths: int = PATHS, seed: int = 1) -> dict[str, Result]:
    return {each.stress.name: each for each in stresses(loaded, paths, seed).cases}


def near(measured: Any, exact: float) -> bool:
    return abs(measured.estimate.value - exact) <= 4.0 * measured.estimate.standard_error + 1e-9 * abs(exact)


# --- ranges ----------------------------------------------------------------------------------------------------------


def test_on_a_range_the_others_move_along() -> None:
    """E[Y | X above its p90] = E[Y] + cov(X, Y) / σ × φ(z) / 10%; of what does not hang together with X nothing moves."""
    found = under(linear({"dear": {"where": {"price": {"above": "p90"}}}, "busy": {"where": {"demand": {"below": "p10"}}}}))
    tail = norm.pdf(norm.ppf(0.9)) / 0.1
    assert near(found["dear"].measures["npv"], CENTRE + (OWN["price"] + TOGETHER * OWN["skill"]) * tail)
    assert near(found["dear"].apart["npv"], (OWN["price"] + TOGETHER * OWN["skill"]) * tail)
    assert near(found["busy"].apart["npv"], -OWN["demand"] * tail)
    assert found["dear"].futures == found["busy"].futures == PATHS // 10


def test_between_two_percentiles_and_beyond_a_value() -> None:
    """E[X | a < X <= b] = μ + σ (φ(a) - φ(b)) / P; a value of the driver's own unit is an end too."""
    cases = {
        "middle": {"where": {"demand": {"above": "p20", "below": "p70"}}},
        "high": {"where": {"demand": {"above": "130 unit/year"}}},
    }
    found = under(linear(cases))
    low, high = norm.ppf([0.2, 0.7])
    assert near(found["middle"].apart["npv"], OWN["demand"] * (norm.pdf(low) - norm.pdf(high)) / 0.5)
    z = 30.0 / SPREADS["demand"]
    assert near(found["high"].apart["npv"], OWN["demand"] * norm.pdf(z) / norm.sf(z))


def test_two_ranges_at_once_hold_both() -> None:
    """P of both above their medians is 1/4 + asin(ρ) / 2π; two of one driver meet."""
    cases = {
        "both": {"where": {"price": {"above": "p50"}, "skill": {"above": "p50"}}},
        "low": {"where": {"demand": {"below": "p60"}}},
        "not_lowest": {"where": {"demand": {"above": "p20"}}},
        "between": {"all_of": ["low", "not_lowest"]},
    }
    found = under(linear(cases))
    share = 0.25 + math.asin(TOGETHER) / (2.0 * math.pi)
    assert share == pytest.approx(multivariate_normal.cdf([0.0, 0.0], cov=[[1.0, TOGETHER], [TOGETHER, 1.0]]))
    assert abs(found["both"].futures / PATHS - share) <= 4.0 * math.sqrt(share / PATHS)
    assert found["between"].futures == PATHS * 4 // 10


def test_the_standard_error_knows_that_a_percentile_is_one_of_the_futures() -> None:
    """The mean of what lies at or below one's own p5 is CVaR: so is its influence; and the others' is as wide as seeds tell."""
    x = np.random.default_rng(5).standard_normal(PATHS)
    counts = condition([("x", Range.model_validate({"below": "p5"}))], {"x": x}, PATHS)
    told, own = counts.influence(mean(x, counts.sample(EQUAL))), cvar(x, 0.95)
    assert told.value == pytest.approx(own.value)
    assert estimate(told).standard_error == pytest.approx(estimate(own).standard_error, rel=0.02)
    assert difference(told, own).standard_error < 0.05 * estimate(own).standard_error  # path by path, not in size alone


def test_standard_errors_on_a_range_are_as_wide_as_other_seeds_tell() -> None:
    loaded = linear({"dear": {"where": {"price": {"above": "p80"}, "skill": {"below": "p70"}}}})
    told = [under(loaded, 1_000, seed)["dear"] for seed in range(2, 122)]
    for name in ("npv", "cvar_95", "chance_of_loss"):
        found = [each.apart[name].estimate for each in told]
        spread = np.std([each.value for each in found], ddof=1)
        assert np.mean([each.standard_error for each in found]) == pytest.approx(spread, rel=0.25)


def test_chances_are_those_of_the_futures_that_count() -> None:
    """P(Y < 0 | demand at its p90 or above): the same paths, counted by hand."""
    loaded = linear({"busy": {"where": {"demand": {"above": "p90"}}}}, drivers=_shifted(-110.0))
    (case,) = stresses(loaded, 4_000, 1).cases
    whole = stresses(loaded, 4_000, 1).as_is
    assert 0.0 < whole.measures["chance_of_loss"].estimate.value < 1.0  # type: ignore[union-attr]
    assert case.measures["chance_of_loss"].estimate.degrees_of_freedom == 399.0  # type: ignore[union-attr]
    assert case.apart["chance_of_loss"].estimate.value > 0.0  # type: ignore[union-attr]


def _shifted(by: float) -> dict[str, Any]:
    return {
        name: {
            "control": "nobody", "unit": "unit/year", "drawn": "each period", "central": "mean",
            "normal": {"mean": 100 + (by if name == "price" else 0.0), "sd": SPREADS[name]},
        }
        for name in WEIGHTS
    }  # fmt: skip


# --- shocks ----------------------------------------------------------------------------------------------------------


def test_a_shock_of_a_linear_offer_is_algebra_on_every_path() -> None:
    """Y + w X for times 2, Y + w δ for plus δ: the draws stay, so the second has no error at all."""
    cases = {
        "double": {"shocks": {"price": {"times": 2}}},
        "more": {"shocks": {"price": {"plus": "7 unit/year"}}},
        "less_of_another": {"shocks": {"demand": {"plus": "-4 unit/year"}}},
        "all": {"all_of": ["more", "less_of_another"]},
        "both": {"all_of": ["double", "more"]},
    }
    found = under(linear(cases))
    assert near(found["double"].apart["npv"], 300.0)
    assert found["double"].apart["npv"].estimate.standard_error == pytest.approx(  # type: ignore[union-attr]
        OWN["price"] / math.sqrt(PATHS), rel=0.03
    )
    for name, exact in (("more", 21.0), ("less_of_another", 4.0), ("all", 25.0)):
        told = found[name].apart["npv"].estimate
        assert told is not None and told.value == pytest.approx(exact)
        assert told.standard_error < 1e-9
    assert near(found["both"].apart["npv"], 321.0)


MONTHLY = {
    "calendar": {"start": "2027-01", "years": 2, "step": "month", "year": "contract"},
    "drivers": {"price": {"control": "nobody", "unit": "EUR/month", "constant": 100}},
    "dependence": [],
    "contract": {"pay": {"term": "fee", "amount": "price"}},
}


@pytest.mark.parametrize(
    "shock, added",
    [
        ({"times": 1.5}, 24 * 50.0),
        ({"times": 1.5, "begins": "2028-01"}, 12 * 50.0),
        ({"times": 1.5, "begins": "12 months"}, 12 * 50.0),
        ({"times": 1.5, "begins": "2028-01-15"}, 11 * 50.0),  # inside a period: with the next one
        ({"times": 1.5, "begins": "2028-01", "lasts": "5 months"}, 5 * 50.0),
        ({"times": 1.5, "begins": "2026-10", "lasts": "5 months"}, 2 * 50.0),  # it has begun before
        # months 1/8, 3/8, 5/8, 7/8 on the way up, then four whole ones: a period counts with its middle
        ({"times": 1.5, "begins": "2028-01", "rises_over": "4 months", "lasts": "8 months"}, (2 + 4) * 50.0),
        ({"times": 1.5, "begins": "2028-01", "lasts": "3 months", "fades_over": "4 months"}, (3 + 2) * 50.0),
        ({"plus": "-30 EUR/month", "begins": "2028-07"}, 6 * -30.0),
        ({"times": 2, "plus": "10 EUR/month", "begins": "2028-12"}, 110.0),
    ],
)
def test_a_shock_comes_at_its_date_and_goes(shock: dict[str, Any], added: float) -> None:
    found = under(linear({"it": {"shocks": {"price": shock}}}, **MONTHLY), 100)
    assert found["it"].apart["npv"].estimate.value == pytest.approx(added)  # type: ignore[union-attr]


def test_what_comes_later_is_what_it_was_before_the_contract_until_then() -> None:
    """A ramp to 120 in a year, in a straight line, gives 60 on average; a year later it gives nothing in the first."""
    grows = {"full_effect": 120, "time_to_full_effect": "12 months"}
    ramp = {"control": "supplier", "unit": "EUR/month", "central": "mean", "ramp": grows}
    found = under(linear({"late": {"shocks": {"price": {"later": "12 months"}}}}, **{**MONTHLY, "drivers": {"price": ramp}}), 100)
    assert found["late"].measures["npv"].estimate.value == pytest.approx(12 * 60.0)  # type: ignore[union-attr]
    assert found["late"].apart["npv"].estimate.value == pytest.approx(-12 * 120.0)  # type: ignore[union-attr]


def test_what_follows_a_driver_follows_its_shock() -> None:
    """Half of the change passes through: 100 × (1 + 50% × (2 - 1)) from the shock on, one month later."""
    drivers = {
        "index": {"control": "nobody", "unit": "index", "constant": 50},
        "price": {"control": "nobody", "unit": "EUR/month",
                  "follows": {"of": "index", "start": 100, "pass_through": 0.5, "lag": "1 month"}},
    }  # fmt: skip
    found = under(linear({"it": {"shocks": {"index": {"times": 2, "begins": "2028-01"}}}}, **{**MONTHLY, "drivers": drivers}), 100)
    assert found["it"].apart["npv"].estimate.value == pytest.approx(11 * 50.0)  # type: ignore[union-attr]


# --- correlations ----------------------------------------------------------------------------------------------------


def variance_of(stress: dict[str, Any], **sections: Any) -> tuple[float, float]:
    """What the worst 5% lies below the mean, by the case and in closed form for a normal: σ φ(z) / 5%."""
    (case,) = stresses(linear({"it": stress}, **sections), PATHS, 1).cases
    told = case.measures["cvar_95"].estimate
    assert told is not None
    return told.value, told.standard_error


def closed(correlation: dict[tuple[str, str], float]) -> float:
    var = sum(own * own for own in OWN.values()) + 2.0 * sum(r * OWN[a] * OWN[b] for (a, b), r in correlation.items())
    return CENTRE - math.sqrt(var) * norm.pdf(norm.ppf(0.05)) / 0.05


@pytest.mark.parametrize(
    "written, correlations",
    [
        ({"to": 0.9}, {("skill", "price"): 0.9}),
        ({"to": 0}, {}),
        ({"to": 1, "of_the_way": "40%"}, {("skill", "price"): 0.7}),
        ({"to": -0.5}, {("skill", "price"): -0.5}),
        ({"to": 0.5, "among": ["skill", "demand", "price"]},
         {("skill", "price"): 0.5, ("skill", "demand"): 0.5, ("demand", "price"): 0.5}),
        ({"to": 0.8, "of_the_way": "50%", "among": ["demand", "price"]}, {("skill", "price"): 0.5, ("demand", "price"): 0.4}),
    ],
)  # fmt: skip
def test_correlations_give_the_variance_that_they_say(written: Any, correlations: dict[tuple[str, str], float]) -> None:
    told, error = variance_of({"correlations": written})
    assert abs(told - closed(correlations)) <= 4.0 * error
    assert error < 1.5


def test_all_that_hangs_together_by_others_in_between_comes_closer() -> None:
    """Skill with price and price with demand, each 0.5: all three pairs move to 0.8, and hold together."""
    both = {"correlation": 0.5, "of": "innovations", "kind": "gaussian"}
    links = [{"between": pair, **both} for pair in (["skill", "price"], ["price", "demand"])]
    told, error = variance_of({"correlations": {"to": 0.8}}, dependence=links)
    assert abs(told - closed({("skill", "price"): 0.8, ("price", "demand"): 0.8, ("skill", "demand"): 0.8})) <= 4.0 * error


def test_a_group_comes_closer_by_its_tau() -> None:
    """Clayton with tau 0.2 to a normal pair's tau at 0.9; the margins stay, so the mean does."""
    group = [{"among": ["skill", "price"], "kind": "clayton", "tau": 0.2, "tail": "lower"}]
    loaded = linear({"closer": {"correlations": {"to": 0.9}}}, dependence=group)
    (moved,) = correlated(loaded.scenario, Correlations(to=0.9, of_the_way=0.5)).dependence
    assert moved.tau == pytest.approx(0.5 * (0.2 + 2.0 / math.pi * math.asin(0.9)))  # type: ignore[union-attr]
    found = under(loaded)["closer"]
    assert near(found.apart["npv"], 0.0)
    worst = found.apart["cvar_95"].estimate
    assert worst is not None and worst.value < -4.0 * worst.standard_error


def test_correlations_that_cannot_hold_together_give_way_and_are_told() -> None:
    links = [{"between": ["skill", "price"], "correlation": 0.9, "of": "innovations", "kind": "gaussian"}]
    cases = {"apart": {"correlations": {"to": -0.9, "among": ["skill", "demand", "price"]}}}
    found = stresses(linear(cases, dependence=links), 1_000, 1)
    (case,) = found.cases
    assert case.gave_way
    assert "cannot hold together" in " ".join(notes(found))


# --- other values, and all of it --------------------------------------------------------------------------------------


def test_another_value_of_the_file_is_another_offer_on_the_same_futures() -> None:
    cases = {"wider": {"set": {"drivers.demand.normal.mean": 90}}, "off": {"set": {"contract.pay.amount": "100 EUR"}}}
    found = under(linear(cases))
    told = found["wider"].apart["npv"].estimate
    assert told is not None and told.value == pytest.approx(10.0) and told.standard_error < 1e-9
    assert near(found["off"].apart["npv"], 100.0 - CENTRE)


def test_nobody_foresees_a_stress() -> None:
    """A price that falls to nothing takes all that an effort earns; what it costs is spent all the same, as it was planned."""
    drivers = {
        "price": {"control": "nobody", "unit": "EUR/unit", "constant": 3},
        "made": {"control": "supplier", "unit": "unit/year", "constant": 0,
                 "effort": {"of": "work", "adds": "50 unit/year * sqrt(work / 1 FTE)"}},
    }  # fmt: skip
    work = {"by": "supplier", "unit": "FTE", "at_least": 0, "at_most": 4, "cost": "60 EUR/FTE/year * work", "plan": "best constant"}
    contract = {"pay": {"term": "payment", "amount": "total(price * made)", "clock": {"measured": "year"}}}
    cases = {"worthless": {"shocks": {"price": {"times": 0}}}, "dear": {"set": {"effort.work.cost": "120 EUR/FTE/year * work"}}}
    found = stresses(linear(cases, drivers=drivers, dependence=[], contract=contract, effort={"work": work}), 100, 1)
    best = (3.0 * 50.0 / (2.0 * 60.0)) ** 2  # 150 √w - 60 w is highest where 75 / √w = 60
    told, (case, dear) = found.as_is.measures["npv"].estimate, found.cases
    assert told is not None and told.value == pytest.approx(150.0 * math.sqrt(best) - 60.0 * best, rel=1e-4)
    assert case.measures["npv"].estimate.value == pytest.approx(-60.0 * best, rel=1e-2)  # type: ignore[union-attr]
    less = (3.0 * 50.0 / (2.0 * 120.0)) ** 2  # a case that says what the effort itself costs has a plan for it
    assert dear.measures["npv"].estimate.value == pytest.approx(150.0 * math.sqrt(less) - 120.0 * less, rel=1e-3)  # type: ignore[union-attr]


def test_worst_first_and_limits_of_the_house() -> None:
    cases = {"good": {"shocks": {"price": {"plus": "5 unit/year"}}}, "bad": {"shocks": {"price": {"times": 0.5}}}}
    found = stresses(linear(cases, limits={"npv": {"at_least": 300}}), 1_000, 1)
    assert [each.stress.name for each in found.cases] == ["bad", "good"]
    assert [each.broken for each in (found.as_is, *found.cases)] == [(), ("npv",), ()]


def test_nothing_that_moves_is_told() -> None:
    cases = {"still": {"shocks": {"price": {"times": 1}}}, "few": {"where": {"demand": {"above": "p99"}}},
             "none": {"where": {"demand": {"above": "1_000 unit/year"}}}}  # fmt: skip
    found = stresses(linear(cases), 1_000, 1)
    text = page(found)
    assert "still moves nothing" in text
    assert "In few there are only 10 futures" in text
    assert "none: no future lies there" in text
    json.dumps(to_json(found), allow_nan=False)


def test_a_file_without_cases_is_taken_driver_by_driver() -> None:
    found = stresses(linear({}), PATHS, 1)
    tail = norm.pdf(norm.ppf(0.9)) / 0.1
    told = {each.stress.name: each for each in found.cases}
    assert set(told) == {f"{name} {end}" for name in WEIGHTS for end in ("low", "high")}
    assert near(told["demand high"].apart["npv"], OWN["demand"] * tail)
    assert not found.own and "no cases of its own" in page(found) and "What the cases say" not in page(found)


def test_what_is_mostly_one_value_has_no_tenths() -> None:
    """An event that comes in one future of twenty: it does not come on the lowest tenth, which is not a tenth then."""
    event = {"control": "nobody", "unit": "fraction", "central": 0,
             "event": {"chance": "5%", "on": "2027-01-01", "size": 1, "lasts": "for good", "hits": {"price": -0.5}}}  # fmt: skip
    drivers = {**_shifted(0.0), "lost": event}
    told = {each.stress.name: each for each in stresses(linear({}, drivers=drivers), 2_000, 1).cases}
    assert told["lost high"].futures < 150 < told["lost low"].futures < 2_000
    certain = {**event, "event": {**event["event"], "chance": "100%"}}  # type: ignore[dict-item]
    assert "lost low" not in {each.stress.name for each in stresses(linear({}, drivers={**drivers, "lost": certain}), 500, 1).cases}


def test_the_map_of_two_drivers() -> None:
    """Of independent drivers each cell is the sum of what both give: E[X | its k-th fifth] = σ (φ(a) - φ(b)) / 20%."""
    found = stresses(linear({}), PATHS, 1, heat=("price", "demand")).heat
    assert found is not None
    ends = norm.pdf(norm.ppf([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]))
    fifth = (ends[:-1] - ends[1:]) / 0.2
    for i, row in enumerate(found.cells):
        for j, cell in enumerate(row):
            exact = CENTRE + (OWN["price"] + TOGETHER * OWN["skill"]) * fifth[i] + OWN["demand"] * fifth[j]
            assert cell is not None and abs(cell.value - exact) <= 4.0 * cell.standard_error
    assert sum(map(sum, found.futures)) == PATHS


def test_the_same_bits_for_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = {"it": {"shocks": {"price": {"times": 2}}, "where": {"demand": {"below": "p30"}}, "correlations": {"to": 0.7}}}
    told = []
    for cores in (1, 3):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        told.append(to_json(stresses(linear(cases), 5_000, 1)))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"names": ["deer"]}, "no such case. Did you mean 'dear'?"),
        ({"heat": ("price", "pirce")}, "'pirce' is no driver. Did you mean 'price'?"),
        ({"heat": ("price", "price")}, "a map has two drivers"),
    ],
)
def test_wrong_names_on_the_command_line(asked: Any, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        stresses(linear({"dear": {"shocks": {"price": {"times": 2}}}}), 100, 1, **asked)
    assert said in str(raised.value)


def test_a_lever_of_the_file_need_not_reach_what_a_case_sets() -> None:
    tune = {"levers": {"fee": {"at": "contract.base.amount", "between": [5, 20]}}, "maximise": "npv"}
    contract = {"base": {"term": "payment", "amount": "10 EUR", "clock": {"measured": "year"}}}
    drivers = {"price": {"control": "nobody", "unit": "EUR/year", "constant": 1}}
    cases = {"no_fee": {"set": {"contract.base.amount": "0 EUR"}}}
    found = under(linear(cases, tune=tune, contract=contract, drivers=drivers, dependence=[]), 100)
    assert found["no_fee"].apart["npv"].estimate.value == -10.0  # type: ignore[union-attr]


def test_a_value_that_makes_no_sense_in_the_offer_is_told_with_its_case() -> None:
    """At its place in the file, also where another case takes it in: its first line that says `total(prices)`."""
    said = r"stress\.odd\.set\.contract\.pay\.amount: under this case the offer makes no sense: contract\.pay\.amount: "
    loaded = linear({"odd": {"set": {"contract.pay.amount": "total(prices)"}}, "both": {"all_of": ["odd"]}})
    place = next(number for number, line in enumerate(loaded.document.text.splitlines(), 1) if "total(prices)" in line)
    for name in ("odd", "both"):
        with pytest.raises(ScenarioError, match=said) as raised:
            stresses(loaded, 100, 1, [name])
        assert raised.value.problems[0].line == place


def test_a_value_that_breaks_another_formula_is_told_where_it_is_set() -> None:
    contract = {"base": {"term": "fee", "amount": "10 EUR per year"}}
    drivers = {"price": {"control": "nobody", "unit": "EUR/year", "constant": 1}}
    cases = {"odd": {"set": {"contract.base.amount": "5 USD per month"}}}
    loaded = linear(cases, contract=contract, drivers=drivers, dependence=[])
    with pytest.raises(ScenarioError, match=r":\d+:\d+: stress\.odd\.set\.contract\.base\.amount: under this case .*USD"):
        stresses(loaded, 100, 1)


def test_every_shock_of_the_library_comes_to_a_driver() -> None:
    """Laid over a driver of 100 a month for five years that is not the same all along; what it does in all is its trapezoid."""
    months = {
        "energy_crisis": 1.4 * (12 - 1.5 + 6), "energy_glut": -0.5 * (24 - 3 + 6), "inflation": 0.117 * (48 - 12),
        "demand_collapse": -0.216 * (18 - 6 + 12), "air_traffic_collapse": -0.659 * (12 - 1.5 + 12),
        "uncooperative_customer": -0.3 * (48 - 3), "ramp_up_a_year_late": -12.0,
    }  # fmt: skip
    ramp = {"full_effect": 100, "time_to_full_effect": "1 month"}
    grows = {"control": "nobody", "unit": "EUR/month", "central": "mean", "ramp": ramp}
    cases = {name: {"shocks": {"price": {"like": name}}} for name in standard_shocks()}
    assert set(cases) == set(months)
    calendar = {**MONTHLY["calendar"], "years": 5}  # type: ignore[dict-item]
    found = under(linear(cases, **{**MONTHLY, "calendar": calendar, "drivers": {"price": grows}}), 100)
    for name, exact in months.items():
        assert found[name].apart["npv"].estimate.value == pytest.approx(100.0 * exact, rel=1e-9), name  # type: ignore[union-attr]
    for shock in standard_shocks().values():
        assert shock.basis in ("measured", "assumption") and shock.date.isdigit()
        printed = CliRunner().invoke(cli, ["library", shock.name])
        assert printed.exit_code == 0 and shock.of in printed.output


def test_what_a_shock_says_itself_takes_the_place_of_what_is_in_the_library() -> None:
    cases = {
        "own_size": {"shocks": {"price": {"like": "energy_crisis", "times": 2, "begins": "2028-01"}}},
        "late": {"shocks": {"demand": {"like": "energy_crisis", "later": "1 year"}}},
    }
    scenario = linear(cases, calendar={"start": "2027-01", "years": 3, "step": "year", "year": "contract"}).scenario
    own, late = scenario.stress["own_size"].shocks["price"], scenario.stress["late"].shocks["demand"]
    assert (own.times, str(own.lasts), own.begins.text) == (2.0, "12 months", "2028-01")  # type: ignore[union-attr]
    assert own.about is not None and own.about.endswith("Here with other values of times, begins.")
    assert late.lasts is None and str(late.later) == "12 months"


def test_a_driver_has_shocks_of_its_own() -> None:
    """In the base case too; it is no control variate then, and facts that are measured are what they are."""
    price = {**MONTHLY["drivers"]["price"], "shocks": [{"times": 2, "begins": "2028-01"}, {"plus": "10 EUR/month"}]}  # type: ignore[index]
    loaded = linear({}, **{**MONTHLY, "drivers": {"price": price}})
    (amount,) = (sum(rows) for rows in [loaded.model.base[1]])
    assert amount == pytest.approx(24 * 110.0 + 12 * 100.0)
    normal = {**_shifted(0.0)["price"], "shocks": [{"times": 2}]}
    drivers = linear({}, drivers={**_shifted(0.0), "price": normal}).scenario.drivers
    assert known_averages(drivers, loaded.model.calendar).keys() == {"skill", "demand"}
    frame = pd.DataFrame({"settlement": range(1, 25), "price": 50.0})
    assert gainsim.settle(gainsim.api.Offer(loaded), frame).paid["amount"].sum() == pytest.approx(24 * 50.0)


def test_the_page_has_its_pictures(tmp_path: Path) -> None:
    file = tmp_path / "offer.yaml"
    file.write_text(yaml.safe_dump(dict(linear({"it": {"shocks": {"price": {"times": 2}}}}).document.data), sort_keys=False))
    out = tmp_path / "page"
    asked = ["stress", str(file), "--paths", "200", "--heat", "price,demand", "--out", str(out)]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0, result.output
    text = (out / "report.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 2 and "price is 2 times what it would be" in text
    assert json.loads((out / "result.json").read_text())["schema"] == "gainsim/stress/1"


def test_shipped_cases_move_what_they_are_meant_to() -> None:
    result = CliRunner().invoke(cli, ["stress", "scenarios/energy_saving.yaml", "--paths", "100", "--json", "--no-report"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["schema"] == "gainsim/stress/1"
    assert all(case["moves"] for case in told["cases"])
    npv = [case["measures"]["npv"]["value"] for case in told["cases"]]
    assert npv == sorted(npv)


@pytest.mark.parametrize(
    ("shock", "unit", "constant", "said"),
    [
        ({"times": 1_001}, "EUR/year", 90, "comes to 90,090, more than 1,000 times the 90 EUR/year that it is. Write a"),
        ({"plus": "-1e300 EUR/year"}, "EUR/year", 90, "comes to -1e+300, more than 1,000 times the 90 EUR/year"),
        ({"times": 1.5}, "fraction of the time", 0.97, "comes to 145.5%, and a fraction of the time lies between 0% and 100%."),
        ({"plus": -0.98}, "fraction of the time", 0.97, "comes to -1%, and a fraction of the time lies between 0% and 100%."),
    ],
)
def test_a_shock_beyond_what_a_driver_can_be_is_told(shock: dict[str, Any], unit: str, constant: float, said: str) -> None:
    drivers = {"price": {"control": "nobody", "unit": unit, "constant": constant}}
    amount = "total(price)" if unit == "EUR/year" else "1 EUR * mean(price)"
    contract = {"pay": {"term": "payment", "amount": amount, "clock": {"measured": "year"}}}
    cases = {"vast": {"shocks": {"price": shock}}}
    with pytest.raises(ScenarioError, match=r"stress\.vast\.shocks\.price: at its central value") as raised:
        linear(cases, drivers=drivers, dependence=[], contract=contract)
    assert said in str(raised.value)
    other = {"vast": {**cases["vast"], "set": {"contract.pay.clock.measured": "life"}}}  # another offer: as it is put under stress
    with pytest.raises(ScenarioError, match=r"stress\.vast.*: under this case .* drivers\.price: at its central value") as raised:
        stresses(linear(other, drivers=drivers, dependence=[], contract=contract), 100, 1)
    assert said in str(raised.value)

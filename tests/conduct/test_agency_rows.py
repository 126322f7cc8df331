"""What a supplier chooses, against published models: linear shares and normal noise, and a stock under a performance contract.

The engine finds the effort, or the stock, as the best plan of an offer; what is compared is what theory says is best.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import yaml

from gainsim.api import load_text
from gainsim.measures import Influence, certainty_equivalent, estimate, mean, variance
from gainsim.outcome import Outcome
from gainsim.scenario.load import Loaded

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
PATHS = 200_000
#: a plan is found to a thousandth of its range
STEP = 1 / 1_000


def loaded(**sections: Any) -> Loaded:
    document = {
        "gainsim": 1,
        "title": "agency",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa", **sections.pop("money", {})},
        **sections,
    }
    return load_text(yaml.safe_dump(document, sort_keys=False), "agency.yaml").loaded


def constant(unit: str, value: float) -> dict[str, Any]:
    return {"control": "nobody", "unit": unit, "constant": value}


def outcome(name: str, sd: float, at_most: float, at_least: float = 0.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """A driver that effort moves one for one, and the effort without its cost."""
    noise = {"normal": {"mean": 0, "sd": sd}, "drawn": "each period", "central": "mean"} if sd else {"constant": 0}
    driver = {"control": "supplier", "unit": "EUR/year", **noise, "effort": {"of": name, "adds": f"1 EUR/hours/year * {name}"}}
    return driver, {"by": "supplier", "unit": "hours", "at_least": at_least, "at_most": at_most, "plan": "best constant"}


def linear(share: float, cost: float, noise: float, aversion: float) -> Loaded:
    """The supplier gets a share of an outcome that is its effort and noise; effort costs cost × effort² / 2."""
    at_most = 2.0 / cost
    driver, effort = outcome("work", math.sqrt(noise), at_most)
    drivers = {"outcome": driver, "share": constant("fraction", share), "toil": constant("EUR/hours/hours/year", cost)}
    steps = [{"share": {"below 0": "share", "above": "share"}}]
    term = {"term": "sharing", "of": "outcome", "clock": {"measured": "year"}, "steps": steps}
    return loaded(
        money={"risk_aversion": aversion},
        effort={"work": {**effort, "cost": "0.5 * toil * work * work"}},
        drivers=drivers,
        contract={"pay": term},
        customer={"gains": {"outcome": "outcome"}},
    )


def totals(offer: Loaded, aversion: float) -> tuple[float, Influence]:
    """The effort that is put in, and the certainty equivalents of both parties added up; the customer is not averse."""
    run = Outcome(offer.simulate(PATHS, 1))
    ours = certainty_equivalent(run.margin(), aversion)
    theirs = mean(run.customer_benefit)
    plan = offer.model.plans["work"]
    assert isinstance(plan, np.ndarray)
    return float(plan[0]), Influence(ours.value + theirs.value, ours.psi + theirs.psi)


def parameters(row: Row) -> tuple[float, float, float]:
    told = json.loads(row["inputs_json"])
    return told["effort_cost"], told["noise_variance"], told["risk_aversion"]


def test_a_share_brings_as_much_effort_as_it_is_of_what_effort_costs(validation_rows: Rows) -> None:
    """Effort = share / c, and at the best share the parties have what theory says, within 4 standard errors."""
    tried = 0
    for row in validation_rows("agency_len_kcn"):
        if row["sub"] != "len_model" or row["output"] not in ("effort", "total certainty equivalent"):
            continue
        cost, noise, aversion = parameters(row)
        share = 1.0 / (1.0 + aversion * cost * noise)
        effort, total = totals(linear(share, cost, noise, aversion), aversion)
        assert abs(effort - share / cost) <= STEP * 2.0 / cost, row["id"]
        found = estimate(total)
        step_costs = 0.5 * cost * (STEP * 2.0 / cost) ** 2
        if row["output"] == "effort":
            assert abs(effort - float(row["expected"])) <= STEP * 2.0 / cost, row["id"]
        else:
            assert abs(found.value - float(row["expected"])) <= 4.0 * found.standard_error + step_costs, row["id"]
        tried += 1
    assert tried >= 6


def test_the_best_share_is_found_by_trying_shares(validation_rows: Rows) -> None:
    """In the share, what both have together is a parabola: three shares say where it is highest.

    The error of that place is the error of a sum of the three on the same futures.
    """
    tried = 0
    for row in validation_rows("agency_len_kcn"):
        if row["sub"] != "len_model" or row["output"] != "optimal share b":
            continue
        cost, noise, aversion = parameters(row)
        shares = np.array([0.1, 0.5, 0.9])
        found = [totals(linear(float(share), cost, noise, aversion), aversion)[1] for share in shares]
        low, middle, high = (each.value for each in found)
        h = 0.4
        bend, slope = low - 2.0 * middle + high, (high - low) / 2.0
        best = 0.5 - h * slope / bend
        psi = h * (-(found[2].psi - found[0].psi) / 2.0 / bend + slope / bend**2 * (found[0].psi - 2 * found[1].psi + found[2].psi))
        error = estimate(Influence(best, psi)).standard_error
        assert error < 0.02
        assert abs(best - float(row["expected"])) <= 4.0 * error + 2.0 * STEP, row["id"]
        tried += 1
    assert tried >= 3


def two_tasks(shares: list[float], told: dict[str, Any]) -> Loaded:
    """Two outcomes with their own shares, whose efforts cost more together and whose noise hangs together."""
    costs, noise, benefits = np.array(told["C"]), np.array(told["Sigma"]), told["B"]
    drivers: dict[str, Any] = {}
    efforts: dict[str, Any] = {}
    for n, name in enumerate(("first", "second")):
        drivers[f"{name}_outcome"], efforts[name] = outcome(name, math.sqrt(noise[n, n]), 2.0, -2.0)
        drivers[f"{name}_share"] = constant("fraction", shares[n])
    efforts["first"]["cost"] = f"{costs[0, 0] / 2} EUR/hours/hours/year * first * first"
    efforts["second"]["cost"] = (
        f"({costs[1, 1] / 2} EUR/hours/hours/year * second + {costs[0, 1]} EUR/hours/hours/year * first) * second"
    )
    terms = {
        f"{name}_pay": {"term": "payment", "amount": f"{name}_share * total({name}_outcome)", "clock": {"measured": "year"}}
        for name in ("first", "second")
    }
    together = float(noise[0, 1] / math.sqrt(noise[0, 0] * noise[1, 1]))
    hang = {"between": ["first_outcome", "second_outcome"], "correlation": together, "of": "innovations", "kind": "gaussian"}
    return loaded(
        money={"risk_aversion": told["risk_aversion"]},
        effort=efforts,
        drivers=drivers,
        dependence=[hang],
        contract=terms,
        customer={"gains": {"first": f"{benefits[0]} * first_outcome", "second": f"{benefits[1]} * second_outcome"}},
    )


def test_two_tasks_share_what_is_best_for_both(validation_rows: Rows) -> None:
    """β = (I + r C Σ)⁻¹ B: efforts are C⁻¹ β, and what both have together falls away to all sides of β alike."""
    (told,) = {row["inputs_json"] for row in validation_rows("agency_len_kcn") if row["sub"] == "len_multitask"}
    written = json.loads(told)
    costs, noise, benefits = np.array(written["C"]), np.array(written["Sigma"]), np.array(written["B"], float)
    best = np.linalg.solve(np.eye(2) + written["risk_aversion"] * costs @ noise, benefits)
    (row,) = (row for row in validation_rows("agency_len_kcn") if row["sub"] == "len_multitask")
    assert best[written["task"] - 1] == pytest.approx(float(row["expected"]), abs=1e-9)

    def tried(shares: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], Influence]:
        offer = two_tasks(shares.tolist(), written)
        run = Outcome(offer.simulate(PATHS, 1))
        ours, theirs = certainty_equivalent(run.margin(), written["risk_aversion"]), mean(run.customer_benefit)
        plans = [offer.model.plans[name] for name in ("first", "second")]
        return np.array([float(plan[0]) for plan in plans]), Influence(ours.value + theirs.value, ours.psi + theirs.psi)  # type: ignore[arg-type]

    efforts, there = tried(best)
    assert efforts == pytest.approx(np.linalg.solve(costs, best), abs=2 * STEP * 4.0)
    for task in range(2):
        aside = 0.3 * np.eye(2)[task]
        (_, less), (_, more) = tried(best - aside), tried(best + aside)
        for other in (less, more):
            gain = estimate(there - other)
            assert gain.value > 4.0 * gain.standard_error
        lopsided = estimate(more - less)  # the slope at the best shares, by a central difference
        assert abs(lopsided.value) <= 4.0 * lopsided.standard_error + 4 * STEP


def stocked(told: dict[str, Any]) -> Loaded:
    """A supplier that keeps a stock against what is in repair, pays for it in part, and a penalty for what is owed."""
    poisson = {"poisson": {"mean": told["pipeline_mean"]}, "drawn": "each period", "central": "mean"}
    price, part = told["unit_cost"], told["cost_share_to_customer"]
    stock = {"by": "supplier", "unit": "parts", "at_least": 0, "at_most": 20, "plan": "best constant"}
    shared, penalty = f"{part * price} EUR/parts * mean(stock)", f"-{told['backorder_penalty']} EUR/parts * mean(owed)"
    return loaded(
        drivers={"in_repair": {"control": "nobody", "unit": "parts", **poisson}},
        effort={"stock": {**stock, "cost": f"{price} EUR/parts/year * stock"}},
        value={"owed": "max(in_repair - stock, 0)"},
        contract={
            "shared": {"term": "payment", "amount": shared, "clock": {"measured": "year"}},
            "penalty": {"term": "payment", "amount": penalty, "clock": {"measured": "year"}},
        },
    )


def test_a_stock_is_as_large_as_the_penalty_makes_it(validation_rows: Rows) -> None:
    """Kim, Cohen and Netessine: the least stock at which a part more is worth no more than it costs."""
    tried = 0
    for row in validation_rows("agency_len_kcn"):
        if row["sub"] != "kcn_performance_contract":
            continue
        told = json.loads(row["inputs_json"])
        offer = stocked(told)
        plan = offer.model.plans["stock"]
        assert isinstance(plan, np.ndarray)
        owed = simulate_owed(offer)
        expected = float(row["expected"])
        if row["output"] == "optimal stock s*":
            assert plan[0] == expected, row["id"]
        else:
            measures = {
                "E[B]": mean(owed),
                "Var[B]": variance(owed),
                "supplier expected cost (1-alpha)c s + v E[B]": mean(-Outcome(offer.simulate(PATHS, 1)).margin()),
            }
            found = estimate(measures[row["output"]])
            assert abs(found.value - expected) <= 4.0 * found.standard_error, row["id"]
        tried += 1
    assert tried >= 9


def simulate_owed(offer: Loaded) -> Any:
    """What is owed on each path, (paths,), told by the penalty for it."""
    penalty = next(n for n, line in enumerate(offer.model.lines) if line.group == "penalty")
    run = offer.simulate(PATHS, 1)
    return run.total[penalty] / float(offer.scenario.contract["penalty"].amount.text.split()[0])


def test_what_an_uncertain_amount_is_worth(validation_rows: Rows) -> None:
    for row in validation_rows("agency_len_kcn"):
        if row["sub"] != "cara_normal_ce":
            continue
        told = json.loads(row["inputs_json"])
        draws = told["mean"] + told["sd"] * np.random.default_rng(1).normal(size=1_000_000)
        found = estimate(certainty_equivalent(draws, told["risk_aversion"]))
        assert abs(found.value - float(row["expected"])) <= 4.0 * found.standard_error
        assert found.standard_error < 0.01


def test_its_standard_error_is_the_spread_over_many_runs() -> None:
    draws = np.random.default_rng(2).normal(size=(400, 1_000))
    found = [estimate(certainty_equivalent(each, 1.0)) for each in draws]
    values, errors = np.array([each.value for each in found]), np.array([each.standard_error for each in found])
    assert values.std(ddof=1) == pytest.approx(errors.mean(), rel=4.0 / math.sqrt(2 * 400))

"""The guaranteed saving of a dairy: every year settled by the rule in words, and what makes the deal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from gainsim.bridge import Run
from gainsim.ops.arrays import run_arrays
from gainsim.scenario.load import load_file
from gainsim.streams.source import Philox
from tests.scenarios.test_shipped import FOLDER, PATHS, load, simulated, verdicts

NAME = "energy_saving"
FACTS = ("baseline_cost", "measured_saving", "plant_there")
YEARS, MONTHS = 10, 120
Table = dict[str, np.ndarray]


def test_the_limits_are_kept_and_without_the_floor_of_the_price_broken() -> None:
    assert set(verdicts(NAME).values()) == {True}
    without = verdicts(NAME, "value.contract_price=gas_price")
    assert without == {"chance_of_loss": False, "cvar_95": False, "expected_margin": True}


@cache
def rows() -> tuple[Table, Table]:
    """Facts and lines of every path: (months, paths) each."""
    model = load_file(FOLDER / f"{NAME}.yaml").model
    section = model.program.section("looked at by a test")
    for name in FACTS:
        model.program.line(name, section, model.facts[name].value)
    seed = load(NAME).scenario.run.seed
    found = run_arrays(model.program, Philox(model.plan(PATHS, seed)), np.arange(PATHS, dtype=np.uint64))
    names = [*(line.name for line in model.lines), *FACTS]
    table = {name: np.zeros((MONTHS, PATHS)) for name in names}
    for (month, number), row in zip(model.program.rows, found, strict=True):
        table[names[number]][month] += row
    return {name: table[name] for name in FACTS}, {line.name: table[line.name] for line in model.lines}


def of_term(lines: Table, term: str, gains: tuple[str, ...] = ("gain", "against", "deadband")) -> np.ndarray:
    paid = [amount for name, amount in lines.items() if name.startswith(f"{term}.") and name.split(".")[1] not in gains]
    return np.sum(paid, axis=0)


def settled_by_the_rule(measured: float, guaranteed: float, baseline: float) -> float:
    """What lies within 0.5% of the baseline of the guarantee counts for nothing; 100% of a shortfall, 50% of a surplus."""
    gain = measured - guaranteed
    within = 0.005 * baseline
    if gain > within:
        return min(0.5 * (gain - within), 60_000.0)
    if gain < -within:
        return max(gain + within, -70_000.0)
    return 0.0


def guaranteed(baseline: np.ndarray) -> np.ndarray:
    """12% in the first nine months, then 20%."""
    return np.concatenate([0.12 * baseline[:9], 0.20 * baseline[9:]])


@pytest.mark.parametrize("seen", ["a shortfall", "a surplus", "the floor", "the cap", "nothing"])
def test_every_year_by_the_rule_in_words(seen: str) -> None:
    facts, lines = rows()
    paid = of_term(lines, "surplus_or_shortfall").reshape(YEARS, 12, PATHS).sum(axis=1)
    where: dict[str, Callable[[], np.ndarray]] = {
        "a shortfall": lambda: paid < 0.0,
        "a surplus": lambda: paid > 0.0,
        "the floor": lambda: paid <= -70_000.0 + 1e-6,
        "the cap": lambda: paid >= 60_000.0 - 1e-6,
        "nothing": lambda: paid == 0.0,
    }
    paths = np.flatnonzero(where[seen]().any(axis=0))[:10]
    assert len(paths), f"{seen} is not met on any path"
    for path in paths:
        baseline = facts["baseline_cost"][:, path]
        promised = guaranteed(baseline).reshape(YEARS, 12).sum(axis=1)
        measured = facts["measured_saving"][:, path].reshape(YEARS, 12).sum(axis=1)
        for year, costs in enumerate(baseline.reshape(YEARS, 12).sum(axis=1)):
            expected = settled_by_the_rule(measured[year], promised[year], costs)
            assert paid[year, path] == pytest.approx(expected, abs=1e-6)


def test_what_is_paid_on_account_and_the_rest_are_the_guaranteed_saving() -> None:
    facts, lines = rows()
    promised = guaranteed(facts["baseline_cost"]).reshape(YEARS, 12, PATHS).sum(axis=1)
    both = (
        (of_term(lines, "on_account") + of_term(lines, "rest_of_the_guarantee")).reshape(YEARS, 12, PATHS).sum(axis=1)
    )
    assert both == pytest.approx(promised, rel=1e-12)


def test_the_maintenance_fee_and_what_of_it_is_earned() -> None:
    """6,500 a month, 2% more each year; of each quarter 15% by the mean of its months, from 97% to 99%."""
    facts, lines = rows()
    fee = of_term(lines, "maintenance_fee")
    assert fee == pytest.approx(np.repeat(6_500 * 1.02 ** np.arange(YEARS), 12)[:, None] * np.ones(PATHS), rel=1e-12)
    there = facts["plant_there"].reshape(-1, 3, PATHS).mean(axis=1)
    earned = np.clip((there - 0.97) / 0.02, 0.0, 1.0)
    at_risk = 0.15 * fee.reshape(-1, 3, PATHS).sum(axis=1)
    found = of_term(lines, "maintenance_at_risk").reshape(-1, 3, PATHS).sum(axis=1)
    assert found == pytest.approx((earned - 1.0) * at_risk, abs=1e-6)
    assert (earned == 0.0).any()
    assert (earned == 1.0).any()
    assert ((earned > 0.0) & (earned < 1.0)).any()


def spread(run: Run) -> float:
    """The standard deviation of the margin over the life."""
    return float(sum(run.total[n] for n, each in enumerate(run.rows.lines) if each.in_margin).std())


def test_weather_hardly_matters_and_the_price_of_gas_does() -> None:
    asked = spread(simulated(NAME))
    assert spread(simulated(NAME, "drivers.degree_days.mean_reverting.volatility=5% pa")) > 0.95 * asked
    assert spread(simulated(NAME, "drivers.gas_price.mean_reverting.volatility=5% pa")) < 0.7 * asked


def test_the_liability_is_never_passed() -> None:
    _, lines = rows()
    pays = [np.minimum(of_term(lines, term), 0.0) for term in ("surplus_or_shortfall", "maintenance_at_risk")]
    relieved = of_term(lines, "liability")
    assert -(np.sum(pays, axis=0) + relieved).sum(axis=0).min() == pytest.approx(240_000, abs=1e-6)

"""The wind farm under a contract for difference: settled by the rule in words, and what the contract takes away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gainsim.bridge import Run
from gainsim.futures import futures
from gainsim.ops.arrays import run_arrays
from gainsim.scenario.load import load_file
from gainsim.streams.source import Philox
from tests.scenarios.test_shipped import FOLDER, amounts, load, simulated, verdicts

NAME = "contract_for_difference"
FACTS = ("consumer_prices", "wind_price", "windiest_price", "output_in_other_hours", "output_in_windiest_hours")
PATHS, MONTHS = 20, 180
PRICES = ("market_price", "consumer_prices")


def test_the_limits_are_kept() -> None:
    assert verdicts(NAME) == {"chance_of_loss": True, "cvar_95": True}


def test_without_the_contract_they_would_be_broken() -> None:
    run = simulated(NAME)
    rest = [
        n for n, each in enumerate(run.rows.lines) if each.suppliers_cash and not each.group.startswith("difference")
    ]
    assert (run.npv[rest].sum(axis=0) < 0.0).mean() > 0.9


def rows() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Facts and lines of the first paths: (months, paths) each."""
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


def strike(prices: np.ndarray, month: int) -> np.ndarray:
    """50.90 in the money of the base: 148 at the start; from each April on the consumer prices of the January before."""
    year = month // 12
    january = prices[12 * year - 3] if year else np.full(PATHS, 148.0)
    return 50.90 * january / 100.0


def test_every_month_by_the_rule_in_words() -> None:
    facts, lines = rows()
    seen = np.zeros(4, bool)
    for month in range(MONTHS):
        agreed = strike(facts["consumer_prices"], month)
        difference = agreed - facts["wind_price"][month]
        paid = facts["output_in_other_hours"][month] * difference
        found = lines["difference.to supplier"][month] + lines["difference.to customer"][month]
        assert found == pytest.approx(paid, rel=1e-9)
        windiest = facts["windiest_price"][month]
        paid = np.where(windiest < 0, 0.0, facts["output_in_windiest_hours"][month] * (agreed - windiest))
        found = sum(amount[month] for name, amount in lines.items() if name.startswith("difference_in_windiest_hours."))
        assert found == pytest.approx(paid, rel=1e-9, abs=1e-6)
        seen |= [(difference > 0).any(), (difference < 0).any(), (windiest < 0).any(), (windiest > agreed).any()]
    assert seen.all()


@pytest.mark.parametrize(
    ("volume", "price", "reference", "published", "tolerance"),
    [
        pytest.param("1_731.91", "118.21", "38.0062", 138_905.60, 0.6, id="Clocaenog Forest, 25 March 2026"),
        pytest.param("198.1090", "114.61", "93.9511", 4_092.71, 0.1, id="Mynydd Y Gwair, 26 March 2026"),
        pytest.param("74.2790", "65.89", "112.25", -3_443.56, 0.1, id="Braintree, 27 March 2026, paid back"),
    ],
)
def test_published_days_through_the_shipped_term(
    volume: str, price: str, reference: str, published: float, tolerance: float
) -> None:
    """Allowed is what the rounding of the published prices may come to.

    Source: Low Carbon Contracts Company, Actual CfD Generation and avoided GHG emissions
    """
    changes = (
        f"value.output_in_other_hours={volume} MWh/month", f"value.wind_price={reference} GBP/MWh",
        f"contract.difference.strike={price} GBP/MWh", "contract.difference.indexed=null",
    )  # fmt: skip
    found = amounts(load(NAME, *changes))
    first = found["difference.to supplier"][0] + found["difference.to customer"][0]
    assert first == pytest.approx(published, abs=tolerance)


def spread(run: Run) -> float:
    """The standard deviation of the margin over the life."""
    return float(sum(run.total[n] for n, each in enumerate(run.rows.lines) if each.in_margin).std())


def test_the_contract_takes_the_market_away_and_leaves_the_wind() -> None:
    """Calmer prices change the spread by less than a tenth, a known site by more than a third."""
    asked = spread(simulated(NAME))
    assert spread(simulated(NAME, "drivers.market_price.mean_reverting.volatility=10% pa")) > 0.9 * asked
    assert spread(simulated(NAME, "drivers.site.normal.sd=0.1%")) < 0.67 * asked


def test_dear_power_is_in_consumer_prices_half_a_year_later() -> None:
    """Changes of their logs, six months apart, are correlated by 0.3, and by nothing in the same month."""
    fans = {fan.name: np.log(fan.values) for fan in futures(load(NAME).scenario, 2_000, 2027).fans if fan.name in PRICES}
    power, consumer = (fans[name] for name in PRICES)
    kept = 0.5 ** (1 / 12)  # of its distance from the mean, in a month
    moved, risen = power[1:] - kept * power[:-1], np.diff(consumer, axis=0)
    moved = moved - moved.mean(axis=1, keepdims=True)
    for later, expected in ((0, 0.0), (6, 0.3)):
        found = np.corrcoef(moved[: len(moved) - later].ravel(), risen[later:].ravel())[0, 1]
        assert found == pytest.approx(expected, abs=4 / math.sqrt(2_000 * (MONTHS - 1 - later)))


def test_the_output_is_that_of_a_farm_of_50_mw() -> None:
    """A load factor of 36% over the year, with seasons that average 1, for 50 MW and 8,760 hours."""
    season = load(NAME).scenario.drivers["load_factor"].mean_reverting.season
    assert math.fsum(season) == pytest.approx(12.0)
    facts, _ = rows()
    output = (facts["output_in_other_hours"] + facts["output_in_windiest_hours"]).sum(axis=0).mean() / 15
    assert output == pytest.approx(0.36 * 50 * 8_760, rel=0.06)

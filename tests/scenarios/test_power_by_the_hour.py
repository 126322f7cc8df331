"""Power by the hour: the contract settled by hand on the histories, and what the story says of spare engines and of monitoring."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import gainsim
from gainsim.api import Result, load
from gainsim.measures import Estimate
from gainsim.offer.operations import Operations
from tests.scenarios.test_shipped import FOLDER, amounts
from tests.scenarios.test_shipped import load as loaded

SCENARIO = FOLDER / "power_by_the_hour.yaml"
SIX, FOUR = "power_by_the_hour:six_spares", "power_by_the_hour:four_spares"
PATHS = 600
YEARS, QUARTERS, MONTHS = 10, 40, 120
Facts = dict[str, NDArray[np.float64]]


@cache
def futures(name: str, paths: int = PATHS) -> Facts:
    return load(SCENARIO, offer=name.partition(":")[2]).futures(paths, seed=1)


@cache
def settled(name: str, path: int) -> dict[str, list[float]]:
    return amounts(loaded(name), path)


def of_path(name: str, path: int) -> Facts:
    return {fact: values[:, path] if values.ndim == 2 else values for fact, values in futures(name).items()}


def summed(lines: dict[str, list[float]], term: str) -> list[float]:
    return [sum(rows) for rows in zip(*(rows for name, rows in lines.items() if name.startswith(f"{term}.")), strict=True)]


def operations(name: str) -> Operations:
    return loaded(name).scenario.operations["fleet"]


def test_six_spare_engines_keep_the_limits_and_four_do_not() -> None:
    found = {name: gainsim.simulate(load(SCENARIO, offer=name.partition(":")[2]), paths=4_000) for name in (SIX, FOUR)}
    margin = {name: result.measure("expected_margin", layer="contribution").value for name, result in found.items()}
    loss = {name: result.measure("chance_of_loss", basis="margin").value for name, result in found.items()}
    assert min(margin.values()) > 0.12
    assert loss[SIX] < 0.10 < loss[FOUR]


def test_the_offers_differ_by_two_engines_and_ten_dollars() -> None:
    six, four = operations(SIX), operations(FOUR)
    engines = six.spares["engines"]
    assert (engines.stock, four.spares["engines"].stock) == (6, 4)
    assert four == six.model_copy(update={"spares": {**six.spares, "engines": engines.model_copy(update={"stock": 4})}})


# --- the contract, settled by hand -----------------------------------------------------------------------------------

PATHS_BY_HAND = [0, 7, 599]


@pytest.mark.parametrize("path", PATHS_BY_HAND)
def test_hours_are_paid_as_they_are_flown(path: int) -> None:
    """315 an hour, raised each year by 35% of pay and 65% of prices of parts, by at most 6.5%; what is cut off is lost."""
    facts, found = of_path(SIX, path), summed(settled(SIX, path), "hours")
    level = 0.35 * facts["labour"] / 100 + 0.65 * facts["part_prices"] / 100
    price, before = 315.0, 1.0
    for month in range(MONTHS):
        if month and month % 12 == 0:
            price, before = price * min(level[month - 1] / before, 1.065), level[month - 1]
        hours = facts["hours_flown"][month] * 60 * facts["on_wing"][month]
        assert found[month] == pytest.approx(hours * price, rel=1e-9), month


@pytest.mark.parametrize("path", PATHS_BY_HAND)
def test_the_airline_pays_for_2400_hours_of_each_engine(path: int) -> None:
    facts, lines = of_path(SIX, path), settled(SIX, path)
    paid = summed(lines, "hours")
    for year, found in enumerate(lines["minimum_hours.shortfall"]):
        months = slice(12 * year, 12 * year + 12)
        flown = float((facts["hours_flown"] * 60 * facts["on_wing"])[months].sum())
        assert found == pytest.approx(max(60 * 2_400 - flown, 0) * sum(paid[months]) / flown), year


def test_somebody_flies_less_than_the_minimum() -> None:
    """A standstill of a year and a half takes 45% of the hours, in one future of five."""
    flown = (futures(SIX)["hours_flown"] * 60 * futures(SIX)["on_wing"]).reshape(YEARS, 12, PATHS).sum(axis=1)
    assert 0.1 < (flown < 60 * 2_400).any(axis=0).mean() < 0.3


@pytest.mark.parametrize("name", [SIX, FOUR])
@pytest.mark.parametrize("path", PATHS_BY_HAND)
def test_every_quarter_by_the_rule_in_words(name: str, path: int) -> None:
    """1.5%, 4% or 8% of the quarter's price, at most 4% of a year's; 150,000 for each late engine; 3m in a year for both."""
    facts, lines = of_path(name, path), settled(name, path)
    hours = np.array(summed(lines, "hours")).reshape(QUARTERS, 3)
    relieved = summed(lines, "limit_of_credits")
    found = [a + b + c for a, b, c in zip(summed(lines, "availability"), lines["late_engines.amount"], relieved, strict=True)]
    for year in range(YEARS):
        credited = paid = 0.0
        for quarter in range(4 * year, 4 * year + 4):
            months = slice(3 * quarter, 3 * quarter + 3)
            ready = facts["ready"][months].mean()
            part = 0.08 if ready < 0.99 else 0.04 if ready < 0.995 else 0.015 if ready < 0.998 else 0.0
            # the pool is a part of the yearly price at the rate of the quarter's last month
            credit = min(part * hours[quarter].sum(), max(0.04 * 12 * hours[quarter][-1] - credited, 0.0))
            credited += credit
            due = credit + 150_000 * facts["late_swaps"][months].sum()
            by_hand = min(due, 3e6 - paid)
            paid += by_hand
            assert found[quarter] == pytest.approx(-by_hand, abs=1e-3), quarter


def test_overhauls_left_undone_are_paid_for() -> None:
    facts = futures(SIX)
    undone = (facts["overhauls_due"] - facts["overhauls"]).sum(axis=0)
    assert (undone >= 0).all()
    assert (undone > 0).any()
    path = int(np.argmax(undone))
    level = 0.35 * facts["labour"][-1, path] / 100 + 0.65 * facts["part_prices"][-1, path] / 100
    assert settled(SIX, path)["left_undone.amount"] == [pytest.approx(-undone[path] * 3.6e6 * level)]


# --- the histories, against what is known of them --------------------------------------------------------------------


def test_what_comes_suddenly_comes_once_in_60000_worn_hours() -> None:
    """Of a life without memory, as many end in the mean as worn hours go by, over its mean."""
    facts = futures(SIX)
    expected = (facts["worn"] * 60 * facts["on_wing"]).sum(axis=0) / 60_000
    found = facts["light_visits"].sum(axis=0)
    error = (found - expected).std() / math.sqrt(PATHS)
    assert abs((found - expected).mean()) < 4 * error


def test_the_work_comes_in_the_second_half() -> None:
    """No engine lasts ten years: of 60, more than 60 visits, hardly one of them in the first two years."""
    facts = futures(SIX)
    visits = (facts["restorations"] + facts["overhauls"]).reshape(YEARS, 12, PATHS).sum(axis=1).mean(axis=1)
    assert visits.sum() > 60
    assert visits[:2].sum() < 2
    assert visits[5:].sum() > 0.8 * visits.sum()


# --- what the story says ---------------------------------------------------------------------------------------------


@cache
def run_of(*changes: str) -> Result:
    result: Result = gainsim.simulate(load(SCENARIO, changes, offer="six_spares"), paths=600)
    return result


def moved(*changes: str) -> tuple[Estimate, Estimate]:
    """What a change does to our margin and to the airline's net benefit, on the same futures."""
    ours = run_of(*changes).against(run_of(), "margin_money")
    theirs = run_of(*changes).against(run_of(), "customer_net_benefit")
    assert ours is not None and theirs is not None
    return ours, theirs


ENGINES = "operations.fleet.spares.engines.stock"
FORESEEN = "operations.fleet.fleets.engines.failures.deterioration.foreseen"


def test_credits_do_not_pay_for_a_spare_engine_and_the_airline_gains_it() -> None:
    """One is leased for 10.8m in ten years. The sixth saves us a quarter of that, and the airline more than all of it."""
    ours, theirs = moved(f"{ENGINES}=5")
    assert 7e6 < ours.value < 9e6
    assert theirs.value < -1.5 * ours.value
    ours, theirs = moved(f"{ENGINES}=8")
    assert theirs.value < -ours.value


def test_watching_the_engines_is_for_the_airline() -> None:
    ours, theirs = moved(f"{FORESEEN}=null")
    assert ours.value > 0 > theirs.value
    assert -theirs.value > 3 * ours.value

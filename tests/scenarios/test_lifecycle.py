"""The shipped scenarios whose parties decide: every rule of every decision is met, and what is published comes out."""

from __future__ import annotations

import numpy as np
import pytest

from gainsim.bridge import Run
from gainsim.measuring import Measures
from gainsim.outcome import Outcome
from tests.scenarios.test_shipped import PATHS, line, load, simulated

DECIDED = ("subscription_renewal", "pilot_to_scale")


def ends_before(run: Run, periods: int) -> float:
    """The share of futures on which the contract has ended before so many periods are over."""
    rows = zip(run.rows.keys, run.row_mean, strict=True)
    return sum(mean for (t, number), mean in rows if run.rows.lines[number].step == "ends the contract" and t < periods)


def in_period(run: Run, name: str, period: int) -> float:
    return next(
        float(mean) for (t, number), mean in zip(run.rows.keys, run.row_mean, strict=True)
        if t == period and run.rows.lines[number].name == name
    )  # fmt: skip


@pytest.mark.parametrize("name", DECIDED)
def test_every_decision_is_taken_and_not_always_where_something_speaks_against_it(name: str) -> None:
    run = simulated(name)
    for decision, written in load(name).scenario.lifecycle.items():
        asked, taken = (run.total[line(run, f"{decision}.{step}")] for step in ("asked", "taken"))
        assert taken.any(), decision
        if written.when is not None or written.chance is not None:
            assert (taken < asked).any(), decision


@pytest.mark.parametrize("name", DECIDED)
def test_every_termination_ends_some_contracts(name: str) -> None:
    run = simulated(name)
    ends = [number for number, each in enumerate(run.rows.lines) if each.step == "ends the contract"]
    assert ends
    assert all(run.total[number].any() for number in ends)


def test_of_a_subscription_72_to_93_percent_come_after_the_first_deal() -> None:
    """The published range; in the revenue, and in the contribution, which bears what is spent on the first deal."""
    measures = Measures(Outcome(simulated("subscription_renewal")))
    for name in ("after_first_deal", "contribution_after_first_deal"):
        found = measures.of(name).estimate
        assert found is not None
        assert found.value - 4 * found.standard_error > 0.72
        assert found.value + 4 * found.standard_error < 0.93


def test_a_subscriber_who_stays_pays_what_the_median_company_gets() -> None:
    """SaaS Capital 2023, contracts of 50,000 to 100,000 USD a year: a net retention of 105%; here of the years in the middle."""
    run = simulated("subscription_renewal")
    number = line(run, "subscription.amount")
    by_year = np.zeros(8)
    for (t, of), mean in zip(run.rows.keys, run.row_mean, strict=True):
        if of == number:
            by_year[t // 12] += mean
    retention = by_year[4:7] / by_year[3:6]
    assert (abs(retention - 1.05) < 0.02).all(), retention


def test_of_ten_pilots_fewer_than_three_come_to_scale_and_as_many_are_stuck_after_two_years() -> None:
    """McKinsey, survey of May 2017: fewer than 30% are starting to scale; 28% were stuck for more than two years."""
    run = simulated("pilot_to_scale")
    scaled = (run.total[line(run, "trusted.taken")] > 0).mean()
    assert 0.25 < scaled < 0.30
    stuck = 1.0 - ends_before(run, 24) - in_period(run, "trusted", 24)
    assert abs(stuck - 0.28) < 0.02 + 4 * np.sqrt(0.28 * 0.72 / PATHS)

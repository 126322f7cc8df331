"""The book of subscriptions: what its text says, and its cohorts against geometric series."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from gainsim.bridge import Run
from gainsim.cli.main import cli
from gainsim.lifecycle import lifecycle
from gainsim.measures import difference, mean
from gainsim.outcome import Outcome
from tests.scenarios.test_shipped import FOLDER, line, load, simulated

STILL = (
    "drivers.market={control: nobody, unit: fraction of today, constant: 1}",
    "drivers.results={control: customer, unit: fraction of the promise, constant: 1}",
)
MONTHS, CHURN, EXPANSION = 72, 0.009, 0.01


def still(offer: str, *changes: str) -> Run:
    return load(f"growth_loops:{offer}", *STILL, *changes).simulate(20, 1)


def test_customers_grow_as_a_geometric_series_says() -> None:
    """Of N customers 0.9% leave and 0.2% bring one more in a month, and 6 are won: a geometric series with a limit."""
    keeps = 1.0 - CHURN + 0.01 * 0.2
    months = np.arange(MONTHS)
    customers = 60.0 * keeps**months + 6.0 * (1.0 - keeps**months) / (1.0 - keeps)
    account = 2_500.0 * (1.0 + EXPANSION) ** months
    assert Outcome(still("volume")).revenue == pytest.approx(np.full(20, (customers * account).sum()))


def test_a_cohort_is_worth_what_its_series_adds_up_to() -> None:
    """Nobody is won: the 60 who are there are worth 150,000 (1 - q^72) / (1 - q), q being what a month keeps of its revenue."""
    run = still("volume", "offers.volume.value.wins=0 customer/month", "offers.volume.value.referral=0 / 1 month")
    q = (1.0 - CHURN) * (1.0 + EXPANSION)
    assert Outcome(run).revenue == pytest.approx(np.full(20, 150_000.0 * (1.0 - q**MONTHS) / (1.0 - q)))


def test_a_customers_lifetime_value_is_a_geometric_series() -> None:
    """78% of 2,500 a month, of which a month keeps q: after n months 1,950 (1 - q^n) / (1 - q)."""
    found = lifecycle(still("volume"))
    assert found is not None
    q, months = (1.0 - CHURN) * (1.0 + EXPANSION), np.array([12, 24, 36, 48, 60, 71])  # with a year's end, but of the last
    assert found.decisions["cohort"].value == pytest.approx(((1.0 - CHURN) ** months).tolist())
    assert found.decisions["lifetime_value"].value == pytest.approx((1_950.0 * (1.0 - q**months) / (1.0 - q)).tolist())


def test_loops_are_better_for_both_on_nearly_all_futures() -> None:
    volume, loops = (Outcome(simulated(f"growth_loops:{offer}")) for offer in ("volume", "loops"))
    gain = difference(mean(loops.npv), mean(volume.npv))
    assert gain.value > 100.0 * gain.standard_error
    assert (loops.npv > volume.npv).mean() > 0.995
    assert (loops.customer_npv > volume.customer_npv).all()


def test_at_first_volume_pays_more_and_both_go_as_deep() -> None:
    runs = [simulated(f"growth_loops:{offer}") for offer in ("volume", "loops")]
    revenue = []
    for run in runs:
        number = line(run, "subscriptions.amount")
        rows = [row for row, (_, each) in enumerate(run.rows.keys) if each == number]
        revenue.append(run.row_mean[rows].reshape(-1, 12).sum(axis=1))
    volume, loops = revenue
    assert volume[0] > loops[0] and loops[1] > volume[1]
    assert loops[5] / volume[5] == pytest.approx(1.75, abs=0.06)
    troughs = [mean(Outcome(run).cash_trough).value for run in runs]
    assert troughs[0] == pytest.approx(troughs[1], rel=0.1)


def test_customers_and_net_retention_are_those_of_the_text() -> None:
    told = []
    for offer, retention in (("volume", 0.95), ("loops", 1.09)):
        found = lifecycle(simulated(f"growth_loops:{offer}"))
        assert found is not None
        *kept, last = found.decisions["net_revenue_retention"].value  # decided when a year is over: of the last one it is not
        assert last is None
        assert all(each == pytest.approx(retention, abs=0.007) for each in kept)
        told.append(found.decisions["customers"].value)
    volume, loops = told
    assert [bool(v > o) for v, o in zip(volume, loops, strict=True)] == [True] * 3 + [False] * 3  # type: ignore[operator]


def test_what_is_decided_stands_offer_by_offer() -> None:
    result = CliRunner().invoke(cli, ["run", str(FOLDER / "growth_loops.yaml"), "--paths", "200", "--no-report"])
    lines = result.output[result.output.index("Lifecycle") :].splitlines()
    first = next(n for n, each in enumerate(lines) if each.startswith("customers, at the year's end"))
    assert "  volume  " in lines[first] and lines[first + 1].split()[0] == "loops"
    told = lifecycle(load("growth_loops:loops").simulate(200, 2027))
    assert told is not None
    assert lines[first + 1].split()[1:] == [f"{value:.4g}" for value in told.decisions["customers"].value if value is not None]

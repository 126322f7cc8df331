"""The cloud scenario: published tiers through its terms, and what its story says."""

from __future__ import annotations

import pytest

from tests.scenarios.test_shipped import amounts, line, load, simulated, verdicts

NAME = "cloud_credits"
HOURS = 730


def certain(*changes: str, **values: float) -> dict[str, list[float]]:
    """The lines of a year in which these drivers are known, the rest as in a good month."""
    good = {
        "region_outage": ("hour/month", 0), "own_outage": ("hour/month", 0), "maintenance": ("hour/month", 0),
        "cloud_bill": ("USD/month", 24_000), "first_answer": ("minute", 18), "solved_in_time": ("fraction of tickets", 0.97),
    }  # fmt: skip
    known = [
        f"drivers.{n}={{control: nobody, unit: {u}, constant: {values.get(n, v)!r}}}" for n, (u, v) in good.items()
    ]
    return amounts(load(NAME, "calendar.years=1", *known, *changes))


def credited(found: dict[str, list[float]], term: str, month: int = 1) -> float:
    """What a term credits in a month; its points are no money."""
    return sum(rows[month - 1] for name, rows in found.items() if name.startswith(f"{term}.") and " points" not in name
               and "points " not in name)  # fmt: skip


@pytest.mark.parametrize(
    ("uptime", "part"),
    [
        pytest.param(0.99995, 0.0, id="met"),
        pytest.param(0.99495, 0.1, id="sla.credit_tier.001"),
        pytest.param(0.97, 0.3, id="sla.credit_tier.003"),
        pytest.param(0.475, 1.0, id="sla.credit_tier.005"),
    ],
)
def test_published_tiers_of_the_cloud(uptime: float, part: float) -> None:
    """Source: AWS Compute service level agreement, region level, 2022, aws.amazon.com/compute/sla/historical"""
    found = certain(region_outage=HOURS * (1 - uptime))
    assert credited(found, "from_the_cloud") == pytest.approx(part * 24_000)


@pytest.mark.parametrize(
    ("uptime", "part"),
    [
        pytest.param(0.9995, 0.0, id="met"),
        pytest.param(0.9945, 0.1, id="sla.credit_tier.007"),
        pytest.param(0.97, 0.25, id="sla.credit_tier.009"),
        pytest.param(0.94, 1.0, id="below 95%"),
    ],
)
def test_published_tiers_of_our_promise(uptime: float, part: float) -> None:
    """Without the pool. Source: AWS Compute Optimizer service level agreement, 4 May 2022, aws.amazon.com/compute-optimizer/sla"""
    found = certain("contract.uptime_credits.pool=null", own_outage=HOURS * (1 - uptime))
    assert credited(found, "uptime_credits") == pytest.approx(-part * 95_000)


def test_the_pool_is_eight_percent_of_a_year() -> None:
    """12 × 95,000 × 8% = 91,200: a lost month is cut to it, and the year has nothing left."""
    found = certain(own_outage=40)
    assert [credited(found, "uptime_credits", month) for month in (1, 2, 12)] == pytest.approx(
        [-91_200, 0, 0], abs=1e-6
    )


def test_maintenance_is_excused() -> None:
    """0.7 hours of 730 are within 99.9% and 0.7 of 690 are not: the hours that were promised are fewer."""
    assert credited(certain(own_outage=0.7), "uptime_credits") == 0
    assert credited(certain(own_outage=0.7, maintenance=40), "uptime_credits") == pytest.approx(-9_500)


def test_slow_support_counts_for_three_months_and_twice_when_repeated() -> None:
    """One point, then two a month: 1, 3, 5, 6, 6, …: 10% of 15,000 from three points on, 30% above five, 10% of a year in all."""
    found = certain(first_answer=31)
    assert found["support_points.points counted"][:5] == [1, 3, 5, 6, 6]
    months = [credited(found, "support_points", month) for month in range(1, 8)]
    # 1,500 and 1,500, then 4,500 a month until 18,000 are used up
    assert months == pytest.approx([0, -1_500, -1_500, -4_500, -4_500, -4_500, -1_500], abs=1e-6)


def test_the_cloud_returns_little_of_what_we_credit() -> None:
    """Four fifths is our own doing, and of the rest a bit more than half comes back."""
    run = simulated(NAME)
    ours = -sum(run.total[n].mean() for n, each in enumerate(run.rows.lines) if each.group == "uptime_credits")
    by_the_region = simulated(NAME, "drivers.own_outage={control: nobody, unit: hour/month, constant: 0}")
    region = -sum(
        by_the_region.total[n].mean()
        for n, each in enumerate(by_the_region.rows.lines)
        if each.group == "uptime_credits"
    )
    back = run.total[line(run, "from_the_cloud.amount")].mean()
    assert 0.15 < region / ours < 0.30
    assert 0.45 < back / region < 0.70


def test_the_promise_of_the_cloud_itself_would_break_the_limits() -> None:
    assert verdicts(NAME) == {"chance_of_loss": True, "expected_margin": True}
    dear = "contract.uptime_credits.credits={below 99.99%: 10%, below 99%: 25%, below 95%: 100%}"
    assert not verdicts(NAME, dear)["expected_margin"]

"""The profit commission with deficits carried forward: a published example, and the carry worked by hand."""

from __future__ import annotations

import pytest

from tests.scenarios.test_shipped import amounts, load, verdicts

NAME = "profit_commission"


def commissions(premium: float, ratios: list[float], *changes: str) -> list[float]:
    """What is paid in profit commission, year by year, when premium and loss ratios are known."""
    dated = ", ".join(f"{2027 + n}-01: {ratio}" for n, ratio in enumerate(ratios))
    loaded = load(
        NAME,
        f"calendar.years={len(ratios)}",
        f"drivers.premium={{control: nobody, unit: USD/year, constant: {premium!r}}}",
        f"drivers.loss_ratio={{control: nobody, unit: fraction of premium, schedule: {{{dated}}}}}",
        *changes,
    )
    found = amounts(loaded)
    paid = [name for name in found if name.startswith(("profit_commission.share", "profit_commission.cap"))]
    return [sum(year) for year in zip(*(found[name] for name in paid), strict=True)]


def test_the_published_example() -> None:
    """8m a year, loss ratios of 70% and 55%, 27.5% and 7.5% off, 40%: nothing, then 160,000.

    Year 1: 8m × (1 - 70% - 35%) = -400,000. Year 2: 8m × 10% = 800,000, less the deficit 400,000, of which 40%.

    Source: row reins.profit_commission_carryforward.001: Actuarial Notes Wiki, Profit Commission
    """
    assert commissions(8_000_000, [0.70, 0.55]) == pytest.approx([0, 160_000], abs=1e-6)


def test_a_deficit_lapses_after_three_years() -> None:
    """10m a year: -1.5m, then +0.4m three times: 1.2m are set off, 0.3m lapse; the fifth year pays 40% of 0.4m in full."""
    assert commissions(10_000_000, [0.80, 0.61, 0.61, 0.61, 0.61]) == pytest.approx([0, 0, 0, 0, 160_000], abs=1e-6)
    kept = commissions(
        10_000_000, [0.80, 0.61, 0.61, 0.61, 0.61], "contract.profit_commission.steps[1].carry.expires=never"
    )
    assert kept == pytest.approx([0, 0, 0, 0, 40_000], abs=1e-6)  # 0.4m less the 0.3m that are left


def test_the_cap_is_six_percent_of_the_premium() -> None:
    """10m at a loss ratio of 40%: 40% of 2.5m is 1m; 6% of 10m is 600,000. At 50%, 40% of 1.5m is just that."""
    assert commissions(10_000_000, [0.40, 0.50, 0.501]) == pytest.approx([600_000, 600_000, 596_000], abs=1e-6)


def test_it_keeps_the_limits_of_the_house() -> None:
    assert verdicts(NAME) == {"chance_of_loss": True, "cvar_95": True, "expected_margin": True}

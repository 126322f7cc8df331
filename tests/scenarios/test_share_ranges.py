"""The target-cost contract with share ranges: NEC4 clause 54, worked by hand at known costs."""

from __future__ import annotations

import math

import pytest

from tests.scenarios.test_shipped import amounts, load, verdicts

NAME = "share_ranges"


def shares_at(work_cost: float, events: float = 0.0) -> dict[str, float]:
    """The lines of the Contractor's share when costs and compensation events are known."""
    certain = "{{control: nobody, unit: GBP, constant: {}}}"
    loaded = load(
        NAME,
        f"drivers.work_cost={certain.format(work_cost)}",
        f"drivers.compensation_events={certain.format(events)}",
    )
    return {name: math.fsum(rows) for name, rows in amounts(loaded).items()}


def contractors_share(lines: dict[str, float]) -> float:
    return math.fsum(x for name, x in lines.items() if name.startswith("contractors_share.share"))


def test_a_saving_is_shared_range_by_range() -> None:
    """14,000,000 × 108% = 15,120,000, or 81.7% of 18,500,000.

    90% to 100%: 50% of 1,850,000 = 925,000; 81.7% to 90%: 30% of (16,650,000 - 15,120,000) = 459,000.
    """
    assert contractors_share(shares_at(14_000_000)) == pytest.approx(1_384_000, abs=1e-6)


def test_a_great_saving_reaches_the_last_range() -> None:
    """12,500,000 × 108% = 13,500,000: 925,000 + 30% of 1,850,000 + 15% of (14,800,000 - 13,500,000) = 1,675,000."""
    assert contractors_share(shares_at(12_500_000)) == pytest.approx(1_675_000, abs=1e-6)


def test_an_overrun_is_shared_range_by_range() -> None:
    """20,000,000 × 108% = 21,600,000: 50% of 1,850,000 + 20% of (21,600,000 - 20,350,000) = 1,175,000 to pay."""
    assert contractors_share(shares_at(20_000_000)) == pytest.approx(-1_175_000, abs=1e-6)


def test_a_compensation_event_moves_cost_and_target_alike() -> None:
    """A change assessed at 540,000 costs 500,000 and its Fee: the difference that is shared stays what it was."""
    without, changed = shares_at(16_000_000), shares_at(16_000_000, 540_000)
    assert changed["contractors_share.against"] + changed["contractors_share.gain"] == pytest.approx(
        without["contractors_share.against"] + without["contractors_share.gain"], abs=1e-6
    )
    paid = "price_for_work_done_to_date.amount"
    assert changed[paid] - without[paid] == pytest.approx(540_000, abs=1e-6)


def test_it_keeps_the_limits_of_the_house() -> None:
    assert verdicts(NAME) == {"chance_of_loss": True, "cvar_95": True, "expected_margin": True}
    assert not verdicts(NAME, "contract.contractors_share.steps[1].share.below 0=100%")["chance_of_loss"]

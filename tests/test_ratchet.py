"""Values with a memory: targets that follow what was achieved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsim

OFFER = """
gainsim: 1
title: a target that is raised
currency: EUR
calendar: {{ start: 2027-01, years: {years}, step: {step}, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  cost: {{ control: supplier, unit: EUR/{step}, schedule: {{ {costs} }} }}
  first: {{ control: nobody, unit: EUR, central: mean, drawn: once, uniform: {{ low: 90, high: 110 }} }}
value:
  target: {{ {target} }}
contract:
  share: {{ term: payment, amount: last(target), clock: {{ measured: {measured} }} }}
"""


def targets(target: str, costs: list[float], step: str = "year", measured: str = "period") -> list[float]:
    """The target in each settlement; costs by period."""
    size = {"year": 12, "quarter": 3}[step]
    dates = [f"{2027 + size * n // 12}-{size * n % 12 + 1:02}: {cost}" for n, cost in enumerate(costs)]
    years = len(costs) * size // 12
    text = OFFER.format(target=target, costs=", ".join(dates), years=years, step=step, measured=measured)
    result = gainsim.simulate(gainsim.load_text(text), paths=1, seed=1)
    compiled = gainsim.simulate(gainsim.load_text(text), paths=1_100, seed=1)
    assert compiled.run.row_mean == pytest.approx(result.run.row_mean) or "first" in target
    return [float(amount) for amount in result.run.row_mean]


FOLLOWS = "ratchet: cost, start: 100 EUR, every: year"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # a target cost that only falls: 100, then the lowest so far, from the next year on
        ("keeps: lowest", [100, 90, 90, 80, 80]),
        # half of the way to what was achieved: 100; 95; 120 is above; 95 - 15 / 2 = 87.5; 85 is half of the way of 5
        ("keeps: lowest, by: 50%", [100, 95, 95, 87.5, 86.25]),
        ("keeps: highest", [100, 100, 120, 120, 120]),
        ("keeps: highest, by: 25%", [100, 100, 105, 105, 105]),
        ("keeps: last", [100, 90, 120, 80, 85]),
        # 100 - 5 = 95; 95 + 12.5 = 107.5; 107.5 - 13.75 = 93.75; 93.75 - 4.375
        ("keeps: last, by: 50%", [100, 95, 107.5, 93.75, 89.375]),
        ("keeps: last, by: 0%", [100, 100, 100, 100, 100]),
    ],
)
def test_a_target_that_follows(how: str, expected: list[float]) -> None:
    assert targets(f"{FOLLOWS}, {how}", [90, 120, 80, 85, 1_000]) == pytest.approx(expected)


def test_what_is_followed_is_reckoned_over_its_window() -> None:
    """Quarters of 10, 20, 30, 40 add up to 100 in year 1; their lowest is 10."""
    costs = [10.0, 20.0, 30.0, 40.0, 1.0, 1.0, 1.0, 1.0]
    assert (
        targets("ratchet: cost, start: 70 EUR, every: year, keeps: last", costs, "quarter") == [70.0] * 4 + [100.0] * 4
    )
    lowest = "ratchet: lowest(cost) * 1 quarter, start: 70 EUR, every: half_year, keeps: last"
    assert targets(lowest, costs, "quarter") == [70.0, 70.0, 10.0, 10.0, 30.0, 30.0, 1.0, 1.0]


def test_it_may_start_from_what_is_drawn_once() -> None:
    found = targets("ratchet: cost, start: first, every: year, keeps: highest", [50, 200, 10])
    assert 90 <= found[0] <= 110
    assert found == [found[0], found[0], 200.0]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 200), min_size=4, max_size=4), st.integers(0, 100))
def test_the_lowest_never_rises_and_never_passes_what_was_achieved(costs: list[float], by: int) -> None:
    found = targets(f"{FOLLOWS}, keeps: lowest, by: {by}%", costs)
    for n in range(3):
        assert min(found[n], costs[n]) - 1e-9 <= found[n + 1] <= found[n] + 1e-9

"""Difference payments: every published day of the British scheme, edges, and what both directions have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gainsim.ops.blame import NotFiniteError
from tests.terms.settled import settled

EPS = 1e-9
PRICES = some.floats(-200, 400)


def cfd(direction: str = "both ways", negative: str = "counts") -> dict[str, Any]:
    return {
        "term": "difference_payment", "volume": "output", "strike": "strike", "reference": "market",
        "direction": direction, "negative_reference": negative, "clock": {"measured": "period"},
    }  # fmt: skip


def paid(market: list[float], *how: str, strike: float = 100.0, output: float = 10.0) -> list[float]:
    facts = {
        "output": ("MWh/year", [output] * len(market)),
        "strike": ("EUR/MWh", [strike] * len(market)),
        "market": ("EUR/MWh", market),
    }
    return settled({"cfd": cfd(*how)}, facts).pays["cfd"]


def test_published_days_of_the_british_scheme(validation_rows: Callable[[str], list[dict[str, Any]]]) -> None:
    """801 plant days, 116 of them paid back: output × (strike - reference), the reference of the plant's kind.

    Source: Low Carbon Contracts Company, Actual CfD Generation and avoided GHG emissions; allowed is the rounding of the prices
    """
    rows = validation_rows("cfd_settlement_rows")
    reference = [row["weighted_imrp"] if row["reference_type"] == "IMRP" else row["mrp"] for row in rows]
    facts = {
        "output": ("MWh/month", [float(row["generation_mwh"]) for row in rows]),
        "strike": ("EUR/MWh", [float(row["strike"]) for row in rows]),
        "market": ("EUR/MWh", [float(price or row["mrp"]) for price, row in zip(reference, rows, strict=True)]),
    }
    found = settled({"cfd": cfd("both ways", "nothing is paid")}, facts, step="month").pays["cfd"]
    wrong = [
        f"{row['unit']} {row['settlement_date']}: {amount:.2f}, published {row['payment_gbp']}"
        for row, amount in zip(rows, found, strict=True)
        if abs(amount - float(row["payment_gbp"])) > float(row["tol_abs"])
    ]
    assert not wrong
    assert sum(amount < 0 for amount in found) > 100


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("both ways", [10, 0, -10]), ("to supplier", [10, 0, 0]), ("to customer", [0, 0, -10])],
)
def test_a_reference_at_the_strike(direction: str, expected: list[float]) -> None:
    assert paid([99, 100, 101], direction) == expected


@pytest.mark.parametrize(
    ("negative", "expected"),
    [("counts", 1000 + 10 * EPS), ("counts as zero", 1000), ("nothing is paid", 0)],
)
def test_a_reference_at_zero_is_not_below_it(negative: str, expected: float) -> None:
    below, at, above = paid([-EPS, 0, EPS], "both ways", negative)
    assert below == pytest.approx(expected, abs=1e-12)
    assert (at, above) == (1000, pytest.approx(1000 - 10 * EPS, abs=1e-12))


@settings(max_examples=30, deadline=None)
@given(some.lists(PRICES, min_size=1, max_size=5), PRICES, some.sampled_from(["counts", "nothing is paid"]))
def test_both_ways_is_one_way_and_the_other(market: list[float], strike: float, negative: str) -> None:
    both, supplier, customer = (
        paid(market, direction, negative, strike=strike) for direction in ("both ways", "to supplier", "to customer")
    )
    assert both == pytest.approx([a + b for a, b in zip(supplier, customer, strict=True)])
    assert min(supplier) >= 0 >= max(customer)


@settings(max_examples=30, deadline=None)
@given(some.lists(PRICES, min_size=1, max_size=5), PRICES)
def test_a_reference_that_counts_as_zero_is_one_held_at_zero(market: list[float], strike: float) -> None:
    held = paid([max(price, 0.0) for price in market], "both ways", "counts", strike=strike)
    assert paid(market, "both ways", "counts as zero", strike=strike) == pytest.approx(held, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(some.lists(some.floats(0, 400), min_size=1, max_size=5))
def test_with_the_market_it_makes_a_fixed_price(market: list[float]) -> None:
    """What the output fetches at the reference, and the difference both ways, is the strike on every unit."""
    assert [10 * price + pay for price, pay in zip(market, paid(market), strict=True)] == pytest.approx(
        [1000] * len(market)
    )


def test_a_negative_volume_ends_the_run() -> None:
    with pytest.raises(NotFiniteError, match="the volume 'output' is negative"):
        paid([90], output=-1)

"""Fees: what other terms read under a fee's name is what it pays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.terms.settled import settled


@settings(max_examples=40, deadline=None)
@given(
    some.lists(some.tuples(some.booleans(), some.integers(0, 100)), min_size=8, max_size=8),
    some.sampled_from(["in advance", "in arrears"]), some.sampled_from(["period", "half_year", "year", "life"]),
)  # fmt: skip
def test_a_name_comes_to_what_the_fee_pays(quarters: list[tuple[bool, int]], invoiced: str, measured: str) -> None:
    """Window by window, while it stands now and then, grows by steps, and changes with the months."""
    level, _ = zip(*quarters, strict=True)
    rates = " else ".join(f"{rate} EUR per month from month {3 * n + 1}" for n, (_, rate) in reversed([*enumerate(quarters)]))
    fee: dict[str, Any] = {
        "term": "fee", "amount": f"{rates} else 1 EUR per month", "active_while": "level > 0.5",
        "escalated": {"by": "10%", "every": "half_year", "compounding": "compound"},
        "clock": {"measured": measured, "invoiced": invoiced},
    }  # fmt: skip
    contract = {"fee": fee, "same": {"term": "payment", "amount": "fee", "clock": {"measured": measured}}}
    found = settled(contract, {"level": ("1", [float(each) for each in level])}, step="quarter").pays
    assert found["same"] == pytest.approx(found["fee"], rel=1e-12, abs=1e-9)

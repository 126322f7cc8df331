"""Settling where an index follows another: it needs no column, and one that it has counts."""

from __future__ import annotations

import pandas as pd
import pytest

import gainsim
from gainsim.errors import DataError

#: fuel is 50 × (1 + 60% × (gas two months before / 20 - 1)); gas was 18 and 22 before the contract
DEAL = """
gainsim: 1
title: Fuel
currency: EUR
calendar: { start: 2027-01, months: 6, step: month, year: contract, stub_years: full }
money: { discount_rate: 0% pa }
drivers:
  gas: { control: nobody, unit: EUR/MWh, central: mean, geometric_walk: { start: 20, drift: 0% pa, volatility: 30% pa } }
  fuel:
    control: nobody
    unit: EUR/MWh
    follows: { of: gas, lag: 2 months, start: 50, pass_through: 60%, before: [18, 22] }
contract:
  heat: { term: payment, amount: fuel * 10 MWh, clock: { measured: month } }
"""
GAS = [24.0, 16.0, 30.0, 20.0]
#: gas of 18, 22, 24, 16 lies 10% below its start, 10%, 20% above it, and 20% below: 60% of that counts
PAID = [470.0, 530.0, 560.0, 440.0]


def actuals(first: int, **columns: list[float]) -> pd.DataFrame:
    """A row a month from `first` on."""
    (count,) = {len(values) for values in columns.values()}
    return pd.DataFrame({"settlement": range(first, first + count), **columns})


def paid(settled: gainsim.Settlements) -> list[float]:
    """What is paid, month by month."""
    amounts: list[float] = settled.paid["amount"].tolist()
    return amounts


def test_what_follows_is_reckoned_from_what_it_follows() -> None:
    """The values before the contract are those of the file."""
    assert paid(gainsim.settle(gainsim.load_text(DEAL), actuals(1, gas=GAS))) == pytest.approx(PAID, rel=1e-14)


def test_what_follows_a_schedule_needs_no_actuals_of_it() -> None:
    walk = "central: mean, geometric_walk: { start: 20, drift: 0% pa, volatility: 30% pa }"
    agreed = gainsim.load_text(DEAL.replace(walk, "schedule: { 2026-12: 20, 2027-01: 24, 2027-02: 16 }"))
    found = gainsim.settle(agreed, pd.DataFrame({"settlement": [1, 2, 3, 4]}))
    assert paid(found) == pytest.approx(PAID, rel=1e-14)


def test_in_pieces_the_earlier_values_are_remembered() -> None:
    offer = gainsim.load_text(DEAL)
    before = gainsim.settle(offer, actuals(1, gas=GAS[:3]))
    after = gainsim.settle(offer, actuals(4, gas=GAS[3:]), opening=before.closing)
    assert paid(before) + paid(after) == paid(gainsim.settle(offer, actuals(1, gas=GAS)))


def test_a_column_of_its_own_counts() -> None:
    """As published; then nothing reads the driver that it follows, and its column is passed over."""
    offer = gainsim.load_text(DEAL)
    assert paid(gainsim.settle(offer, actuals(1, fuel=[48.0, 52.0]))) == [480.0, 520.0]
    assert paid(gainsim.settle(offer, actuals(1, fuel=[48.0, 52.0], gas=[1.0, 2.0]))) == [480.0, 520.0]


def test_the_column_that_is_missing_is_that_of_the_driver_followed() -> None:
    with pytest.raises(DataError, match=r"no column 'gas' \(in EUR/MWh\); drivers.fuel read it"):
        gainsim.settle(gainsim.load_text(DEAL), pd.DataFrame({"settlement": [1]}))


def test_memory_belongs_to_the_index_it_was_made_by() -> None:
    """Another part of the change that is passed on would have paid other amounts."""
    before = gainsim.settle(gainsim.load_text(DEAL), actuals(1, gas=GAS[:3]))
    other = gainsim.load_text(DEAL.replace("pass_through: 60%", "pass_through: 50%"))
    with pytest.raises(DataError, match="is the memory of another contract than this file's before 2027-04"):
        gainsim.settle(other, actuals(4, gas=GAS[3:]), opening=before.closing)

"""Prices that move: fixed steps in closed form, and what the base of an index does and does not change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import gainsim
from gainsim.api import load_text, simulate
from tests.terms.settled import settled

INDEX = some.lists(some.floats(50, 200), min_size=5, max_size=8)
QUICK = settings(max_examples=20, deadline=None)


def fee(values: list[float], **more: Any) -> list[float]:
    return settled({"fee": {"term": "fee", "amount": "100 EUR per year", **more}}, {"x": ("index", values)}).pays["fee"]


def indexed(values: list[float], base: str = "2026-12", **more: Any) -> list[float]:
    return fee(values, indexed={"by": "0.2 + 0.8 * x / x[base]", "base": base, "every": "year", **more})


@QUICK
@given(some.floats(-0.2, 0.5), some.integers(1, 9))
def test_steps_in_closed_form(by: float, years: int) -> None:
    unused = [1.0] * years
    compound = fee(unused, escalated={"by": by, "every": "year", "compounding": "compound"})
    assert compound == pytest.approx([100 * (1 + by) ** n for n in range(years)])
    if 1 + by * years > 0:
        simple = fee(unused, escalated={"by": by, "every": "year", "compounding": "simple"})
        assert simple == pytest.approx([100 * (1 + by * n) for n in range(years)])


@QUICK
@given(INDEX)
def test_a_published_base_that_is_the_start_changes_nothing(values: list[float]) -> None:
    assert indexed(values, "2020-01", at_base={"x": values[0]}) == indexed(values)


@QUICK
@given(INDEX, some.floats(50, 200))
def test_a_published_base_in_closed_form(values: list[float], published: float) -> None:
    """The start value is that of the first period; each reset sees the year before it."""
    seen = [values[0], *values[:-1]]
    found = indexed(values, "2020-01", at_base={"x": published})
    assert found == pytest.approx([100 * (0.2 + 0.8 * x / published) for x in seen])


@QUICK
@given(INDEX, some.integers(0, 4))
def test_a_base_within_the_contract_in_closed_form(values: list[float], at: int) -> None:
    """In year n the index of year n - 1 holds, against that of the base year; up to and including the base year's own: 1."""
    found = indexed(values, f"{2027 + at}-06")
    expected = [1.0 if n - 1 <= at else 0.2 + 0.8 * values[n - 1] / values[at] for n in range(len(values))]
    assert found == pytest.approx([100 * factor for factor in expected])


def test_before_the_base_a_limit_has_nothing_to_hold() -> None:
    """The index doubles before the base, where the factor is 1; after it, it grows by 10%, of which 4% is let through."""
    cap = {"at": "4%", "per": "reset", "excess": "lost"}
    assert indexed([100, 200, 200, 220, 220], "2028-01", cap=cap) == pytest.approx([100, 100, 100, 100, 104])


def test_what_has_no_start_may_be_an_index_from_within_the_contract() -> None:
    """A named value has none before the contract; observed in it, it has."""
    offer = """
gainsim: 1
title: an index that is drawn anew each year
currency: EUR
calendar: { start: 2027-01, years: 3, step: year, year: contract }
money: { discount_rate: 0% pa }
drivers:
  level: { control: nobody, unit: index, central: mean, drawn: each period, normal: { mean: 50, sd: 5 } }
value: { twice: 2 * level }
contract:
  fee: { term: fee, amount: 100 EUR per year, indexed: { by: "twice / twice[base]", base: BASE, every: year } }
"""
    found = simulate(load_text(offer.replace("BASE", "2027-06")), paths=200, seed=1).run
    first, second = (found.total[n] for n in range(2))
    assert (first == 300.0).all()  # the plain amounts
    assert (second != 0.0).all()  # in the third year the second year's level against the first's
    with pytest.raises(gainsim.ScenarioError, match="has no value before the first period"):
        load_text(offer.replace("BASE", "2026-06"))

"""Payments: conditions at their edges, once a year and once for life."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gainsim.model import OfferError
from tests.terms.settled import settled

PERIOD = {"measured": "period"}
BONUS = {"term": "payment", "amount": "80 EUR", "clock": PERIOD}


def bonus(users: list[float], condition: str, **more: Any) -> list[float]:
    contract = {"bonus": {**BONUS, "when": condition, **more}}
    return settled(contract, {"users": ("user", users)}, step="quarter").pays["bonus"]


@pytest.mark.parametrize(
    ("condition", "due"),
    [
        ("users >= 1_000", [False, True, True]),
        ("users > 1_000", [False, False, True]),
        ("users <= 1_000", [True, True, False]),
        ("users < 1_000", [True, False, False]),
    ],
)
def test_the_edge_of_a_condition_is_on_the_side_that_is_written(condition: str, due: list[bool]) -> None:
    assert bonus([999.999, 1_000, 1_000.001], condition) == [80.0 * each for each in due]


@settings(max_examples=25, deadline=None)
@given(some.lists(some.booleans(), min_size=1, max_size=12))
def test_once_a_year_and_once_for_life(holds: list[bool]) -> None:
    """The first of each year's four quarters, and the first of all, in which the condition holds."""
    users = [2.0 if each else 0.0 for each in holds]
    first = [each and not any(holds[:n]) for n, each in enumerate(holds)]
    first_of_year = [each and not any(holds[n - n % 4 : n]) for n, each in enumerate(holds)]
    assert bonus(users, "users > 1", once_per="life") == [80.0 * each for each in first]
    assert bonus(users, "users > 1", once_per="year") == [80.0 * each for each in first_of_year]


def test_a_year_ends_where_the_windows_of_the_next_begin() -> None:
    """A half year is measured as a whole; what holds in its first quarter alone is asked of the half year."""
    clock = {"measured": "half_year"}
    one = {**BONUS, "when": "highest(users) > 1", "once_per": "year", "clock": clock}
    found = settled({"bonus": one}, {"users": ("user", [2, 0, 0, 2, 0, 0, 0, 2])}, step="quarter")
    assert found.pays["bonus"] == [80, 0, 0, 80]


def test_what_another_term_pays_may_be_asked_and_a_circle_is_told() -> None:
    facts = {"bill": ("EUR/year", [100, 200])}
    half: dict[str, Any] = {"term": "payment", "amount": "-50% of paid(fee)", "clock": {"measured": "year"}}
    fee = {"term": "fee", "amount": "bill"}
    assert settled({"half": half, "fee": fee}, facts).pays["half"] == [-50, -100]
    other = {**half, "amount": "paid(half)"}
    with pytest.raises(OfferError, match="is circular: half needs fee needs half"):
        settled({"half": half, "fee": other}, facts)


def test_a_condition_that_is_written_as_certain() -> None:
    facts = {"bill": ("EUR/year", [100, 200])}
    never = {"term": "payment", "amount": "bill", "when": "1 > 2", "clock": {"measured": "year"}}
    assert settled({"never": never}, facts).pays["never"] == [0, 0]

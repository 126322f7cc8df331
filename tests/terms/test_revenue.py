"""Fees at risk, minimum revenue and credited retainers: edges, and what they come to in the end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gainsim.model import OfferError
from gainsim.ops.blame import NotFiniteError
from tests.terms.settled import settled

QUICK = settings(max_examples=25, deadline=None)
USAGE = some.lists(some.floats(0, 300), min_size=1, max_size=12)
FEE = {"term": "fee", "amount": "usage"}


def minimum(usage: list[float], per: str, at_least: float = 400.0, **more: Any) -> list[float]:
    term = {
        "term": "minimum_revenue",
        "of": ["fee"],
        "at_least": at_least,
        "per": per,
        "clock": {"measured": "quarter"},
    }
    contract, facts = {"fee": FEE, "term": term | more}, {"usage": ("EUR/quarter", usage)}
    return settled(contract, facts, step="quarter", stub_years="prorated").pays["term"]


@pytest.mark.parametrize(("usage", "paid"), [(99.999, 0.001), (100, 0), (100.001, 0)])
def test_the_minimum_itself_is_enough(usage: float, paid: float) -> None:
    assert minimum([usage], "settlement", 100) == [pytest.approx(paid, abs=1e-9)]
    assert minimum([usage], "year") == [pytest.approx(paid, abs=1e-9)]


@QUICK
@given(USAGE)
def test_a_year_pays_its_minimum_or_what_it_pays_anyway(usage: list[float]) -> None:
    """To date, the shortfalls paid are what is missing to date; so the path to the year's end moves no money."""
    paid = minimum(usage, "year")
    for n in range(len(usage)):
        first = n - n % 4
        to_date = sum(usage[first : n + 1])
        expected = max(100.0 * (n + 1 - first), to_date)
        assert to_date + sum(paid[first : n + 1]) == pytest.approx(expected)


@QUICK
@given(USAGE)
def test_a_life_pays_its_minimum_or_what_it_pays_anyway(usage: list[float]) -> None:
    paid = minimum(usage, "life")
    assert sum(usage) + sum(paid) == pytest.approx(max(400.0, sum(usage)))


def test_a_life_reckoned_yearly_and_a_window_over_two_years() -> None:
    clock = {"clock": {"measured": "life"}}
    assert minimum([50, 50, 50, 50, 50, 50], "life", **clock) == [100]
    with pytest.raises(OfferError, match="reaches over the start of the year"):
        minimum([50, 50, 50, 50, 50, 50], "year", **clock)


def test_the_minimum_of_a_year_is_no_flow() -> None:
    facts = {"usage": ("EUR/quarter", [1.0])}
    term = {"term": "minimum_revenue", "of": ["fee"], "at_least": "400 EUR per year", "per": "year"}
    with pytest.raises(OfferError, match="the minimum of a year is one amount in EUR"):
        settled({"fee": FEE, "term": {**term, "clock": {"measured": "quarter"}}}, facts, step="quarter")


@pytest.mark.parametrize(("earned", "paid"), [(0, -20), (0.25, -15), (1, 0)])
def test_a_fee_at_risk_at_its_ends(earned: float, paid: float) -> None:
    assert at_risk(earned) == [pytest.approx(paid)]


@pytest.mark.parametrize("earned", [-1e-9, 1 + 1e-9])
def test_more_than_all_and_less_than_nothing_is_never_earned(earned: float) -> None:
    with pytest.raises(NotFiniteError, match="lies outside 0 to 1"):
        at_risk(earned)


def at_risk(earned: float) -> list[float]:
    term = {"term": "fee_at_risk", "of": "fee", "part": "20%", "earned": "share", "clock": {"measured": "year"}}
    facts = {"usage": ("EUR/year", [100.0]), "share": ("1", [earned])}
    return settled({"fee": FEE, "term": term}, facts).pays["term"]


@QUICK
@given(USAGE, some.floats(0, 1), some.floats(0, 200))
def test_a_credit_is_covered_by_the_retainer_and_by_the_fee(fees: list[float], part: float, retainer: float) -> None:
    """In closed form: the credit to date is the least, over the settlements so far, of what held it back."""
    contract = {
        "retainer": {"term": "fee", "amount": "held"},
        "fee": FEE,
        "term": {
            "term": "fee_credit",
            "of": ["retainer"],
            "part": part,
            "against": ["fee"],
            "clock": {"measured": "year"},
        },
    }
    facts = {"usage": ("EUR/year", fees), "held": ("EUR/year", [retainer] * len(fees))}
    paid = [-amount for amount in settled(contract, facts).pays["term"]]
    for n in range(len(fees)):
        # everything credited, or all fees since some settlement on top of what could be credited until then
        held = [part * retainer * (k + 1) + sum(fees[k + 1 : n + 1]) for k in range(n + 1)]
        assert sum(paid[: n + 1]) == pytest.approx(min([*held, sum(fees[: n + 1])]), abs=1e-9)


def test_terms_that_are_named_twice_or_not_there() -> None:
    facts = {"usage": ("EUR/year", [100.0])}
    credit = {"term": "fee_credit", "of": ["fee"], "part": "50%", "against": ["fees"], "clock": {"measured": "year"}}
    with pytest.raises(OfferError, match=r"against\[0\]: no term 'fees' stands in this contract. Did you mean 'fee'"):
        settled({"fee": FEE, "term": credit}, facts)
    with pytest.raises(OfferError, match=r"against\[1\]: 'fee' is named twice"):
        settled({"fee": FEE, "term": {**credit, "against": ["fee", "fee"]}}, facts)


def test_terms_that_stand_above_others_may_come_first_in_the_file() -> None:
    term = {
        "term": "minimum_revenue",
        "of": ["bonus"],
        "at_least": 50,
        "per": "settlement",
        "clock": {"measured": "year"},
    }
    bonus = {"term": "payment", "amount": "usage", "clock": {"measured": "year"}}
    assert settled({"term": term, "bonus": bonus}, {"usage": ("EUR/year", [20.0])}).pays["term"] == [30]

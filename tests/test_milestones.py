"""Milestones and delays: what is known beforehand, edges to the hair, and the mean against a closed form."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsim

OFFER = """
gainsim: 1
title: a plant
currency: EUR
calendar: {{ start: 2027-01, years: 3, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  took: {{ control: supplier, unit: months, {took} }}
contract:
{contract}
"""


def paid(took: str, contract: str, term: str) -> list[float]:
    """What a term pays in the base case, year by year."""
    base = gainsim.base_case(gainsim.load_text(OFFER.format(took=took, contract=contract)))
    lines = [line.group == term and line.role == "payment" for line in base.model.lines]
    return [float(x) for x in base.by_year[lines].sum(axis=0)]


@pytest.mark.parametrize(("took", "years"), [(0.0, 1), (-3.0, 1), (11.999, 1), (12.0, 1), (12.001, 2), (36.0, 3)])
def test_a_milestone_is_paid_in_the_period_its_time_falls_in(took: float, years: int) -> None:
    """A time that has passed when the contract begins is reached in the first period."""
    milestone = "  go: { term: milestone, amount: 5 EUR, reached: took }"
    assert paid(f"constant: {took:.4f}", milestone, "go") == [5.0 if year + 1 == years else 0.0 for year in range(3)]


@settings(deadline=None, max_examples=30)
@given(st.floats(0.0, 40.0), st.sampled_from(["in part", "in full", "not"]), st.floats(0.0, 6.0))
def test_damages_add_up_to_what_the_whole_delay_comes_to(took: float, begun: str, cap: float) -> None:
    """However often they are settled; from the English, with the whole delay at once."""
    took = round(took, 3)
    cap = round(cap, 3)
    rate = f"{{ amount: 2, per: month, begun: {begun}, at_most: {cap:.4f} }}"
    damages = "\n".join(
        f"  {clock}: {{ term: delay_damages, due: 14 months, reached: took, rate: {rate}, clock: {{ measured: {clock} }} }}"
        for clock in ("month", "quarter", "year", "life")
    )
    delay = max(min(took, 36.0) - 14.0, 0.0)
    counted = {"in part": delay, "in full": math.ceil(delay - 1e-10), "not": math.floor(delay + 1e-10)}[begun]
    for clock in ("month", "quarter", "year", "life"):
        total = sum(paid(f"constant: {took:.4f}", damages, clock))
        assert total == pytest.approx(-min(2.0 * counted, cap), abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=3, unique=True).map(sorted),
    st.lists(st.integers(0, 9), min_size=4, max_size=4), st.floats(12.0, 36.0), st.sampled_from(["in part", "in full", "not"]),
)  # fmt: skip
def test_each_month_is_paid_at_the_amount_of_its_step(edges: list[int], amounts: list[int], took: float, begun: str) -> None:
    """Month by month: the n-th counts at the first step that ends with it or later; what is not complete with its part."""
    took = round(took, 3)
    steps = {f"up to {edge} months": amount for edge, amount in zip(edges, amounts, strict=False)} | {"above": amounts[-1]}
    written = ", ".join(f"{label}: {amount}" for label, amount in steps.items())
    one = "delay_damages, due: 12 months, reached: took, clock: { measured: life }"
    damages = f"  late: {{ term: {one}, rate: {{ amount: {{ {written} }}, per: month, begun: {begun} }} }}"
    delay = took - 12.0
    counted = {"in part": delay, "in full": math.ceil(delay - 1e-9), "not": math.floor(delay + 1e-9)}[begun]
    owed = 0.0
    for month in range(math.ceil(counted)):
        step = next((n for n, edge in enumerate(edges) if month < edge), 3)
        owed += amounts[step] * min(counted - month, 1.0)
    assert sum(paid(f"constant: {took:.4f}", damages, "late")) == pytest.approx(-owed, abs=1e-6)


def test_mean_damages_of_a_duration_against_the_closed_form() -> None:
    """A duration that is uniform from 10 to 20 months, due at 12: the mean delay is ∫ (x - 12) dx / 10 = 8²/20 = 3.2.

    At 5 a month that is 16; per whole month begun it is 5 × (1 + … + 8) / 10 = 18.
    """
    damages = "term: delay_damages, due: 12 months, reached: took"
    contract = f"""
  part: {{ {damages}, rate: {{ amount: 5, per: month, begun: in part }}, clock: {{ measured: month }} }}
  full: {{ {damages}, rate: {{ amount: 5, per: month, begun: in full }}, clock: {{ measured: year }} }}
  start: {{ term: fee, amount: 1 EUR per month, active_while: elapsed > took }}
"""
    took = "central: mean, drawn: once, uniform: { low: 10, high: 20 }"
    result = gainsim.simulate(gainsim.load_text(OFFER.format(took=took, contract=contract)), paths=20_000, seed=3)
    totals = {line.name: result.run.total[n] for n, line in enumerate(result.run.rows.lines)}
    # the months that end after it: 36 less the whole months in it, 10, 11, … or 19, 14.5 on average
    for name, mean in (("part.delay", -16.0), ("full.delay", -18.0), ("start.amount", 36.0 - 14.5)):
        error = totals[name].std() / math.sqrt(20_000)
        assert error < 0.1
        assert abs(totals[name].mean() - mean) < 4 * error

"""Costs and the customer's side, settled by hand: when they count, when they are paid, in which margin."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

import gainsim
from gainsim.api import load_text, simulate
from gainsim.outcome import Outcome

OFFER = """
gainsim: 1
title: costs
currency: EUR
calendar: {{ start: 2027-01, years: {years}, step: {step}, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  wage: {{ control: nobody, unit: index, schedule: {{ 2027-01: 200, 2027-07: 220 }} }}
  nothing: {{ control: nobody, unit: index, schedule: {{ 2027-01: 0, 2027-07: 1 }} }}
  price: {{ control: nobody, unit: EUR, drawn: each period, central: mean, normal: {{ mean: 100, sd: 5 }} }}
contract:
  fee: {{ term: fee, amount: 1_000 EUR per month }}
{parts}
"""
Rows = list[tuple[int, float, str, str]]


def outcome(parts: str, *, years: int = 2, step: str = "month") -> Outcome:
    return Outcome(simulate(load_text(OFFER.format(years=years, step=step, parts=parts)), paths=2, seed=1).run)


def costs(written: str, **how: Any) -> Outcome:
    return outcome(f"costs:\n{indent(written, '  ')}", **how)


def rows(found: Outcome, line: str) -> Rows:
    """Period, amount, due and paid of every row of a line."""
    all_rows = found.run.rows
    named = zip(all_rows.keys, found.run.row_mean, all_rows.settlements, strict=True)
    return [
        (t, float(amount), settled.due.isoformat(), settled.paid.isoformat())
        for (t, number), amount, settled in named
        if all_rows.lines[number].name == line
    ]


def test_a_running_cost_follows_its_index_from_where_the_index_starts() -> None:
    found = costs("staff: { amount: 100 EUR per month, indexed: wage }", years=1)
    assert [row[1] for row in rows(found, "staff")] == pytest.approx([-100.0] * 6 + [-110.0] * 6)  # 220 / 200


def test_a_cost_at_a_date_follows_its_index_too() -> None:
    found = costs("tools: { amount: 1_000 EUR, at: 2027-08, indexed: wage }")
    assert rows(found, "tools") == [(7, pytest.approx(-1_100.0), "2027-08-01", "2027-08-01")]


@pytest.mark.parametrize("amount", ["2_400 EUR, indexed: wage", "3_000 EUR from 2027-07 else 2_400 EUR"])
def test_what_is_written_down_is_what_was_paid(amount: str) -> None:
    """Bought for 2,400 before the index, or the price, moves in July: a hundred a month all the same."""
    found = costs(f"plant: {{ amount: {amount}, at: start, layer: capital, straight_line: 2 years }}")
    assert [row[1] for row in rows(found, "plant")] == [-2_400.0]
    assert [row[1] for row in rows(found, "plant.written down")] == [-100.0] * 24


def test_a_running_cost_is_due_at_the_end_of_each_period_and_paid_later() -> None:
    found = costs("staff: { amount: 100 EUR per month, paid: 30 days }", years=1, step="quarter")
    assert rows(found, "staff")[:2] == [
        (0, pytest.approx(-300.0), "2027-04-01", "2027-05-01"),
        (1, pytest.approx(-300.0), "2027-07-01", "2027-07-31"),
    ]


def test_a_cost_at_a_date_is_due_that_day() -> None:
    found = costs("tools: { amount: 500 EUR, at: 2027-03-15, paid: 1 month }\nend: { amount: 70 EUR, at: end }")
    assert rows(found, "tools") == [(2, -500.0, "2027-03-15", "2027-04-15")]
    assert rows(found, "end") == [(23, -70.0, "2029-01-01", "2029-01-01")]


def test_a_straight_line_is_cash_at_once_and_margin_over_time() -> None:
    """1,200 over 24 months from July 2027: 50 a month, 18 of them within the contract; 300 are never written down."""
    found = costs("plant: { amount: 1_200 EUR, at: 2027-07, layer: capital, straight_line: 2 years }")
    assert rows(found, "plant") == [(6, -1_200.0, "2027-07-01", "2027-07-01")]
    assert [row[:2] for row in rows(found, "plant.written down")] == [(t, -50.0) for t in range(6, 24)]
    revenue = 24 * 1_000.0
    assert found.npv.tolist() == [revenue - 1_200.0] * 2
    assert found.margin("capital").tolist() == [revenue - 900.0] * 2
    assert found.margin("overhead").tolist() == found.margin("contribution").tolist() == [revenue] * 2
    assert found.cost.tolist() == [-900.0] * 2


def test_a_straight_line_that_ends_within_the_contract_is_written_down_whole() -> None:
    found = costs("plant: { amount: 1_200 EUR, at: start, layer: capital, straight_line: 1 year }", step="quarter")
    assert [row[:2] for row in rows(found, "plant.written down")] == [(t, -300.0) for t in range(4)]


def test_each_layer_takes_its_costs_off_the_one_before() -> None:
    written = "staff: { amount: 100 EUR per month }\noffice: { amount: 40 EUR per month, layer: overhead }"
    found = costs(
        f"{written}\nplant: {{ amount: 240 EUR, at: start, layer: capital, straight_line: 2 years }}", years=2
    )
    margins = [found.margin(layer).tolist() for layer in ("contribution", "overhead", "capital")]
    assert margins == [[24 * 900.0] * 2, [24 * 860.0] * 2, [24 * 860.0 - 240.0] * 2]


def test_the_customer_gains_and_avoids_and_spends_and_pays() -> None:
    written = "gains: { output: 1_500 EUR per month }\navoids: { waste: 1_200 EUR per year }\nspends: { staff: 30 EUR per month }"
    found = outcome(f"customer:\n{indent(written, '  ')}", years=1)
    assert [rows(found, f"customer.{name}")[0][1] for name in ("output", "waste", "staff")] == [1_500.0, 100.0, -30.0]
    assert found.customer_benefit.tolist() == pytest.approx([12 * (1_500 + 100 - 30 - 1_000)] * 2)
    assert found.margin().tolist() == [12_000.0] * 2  # none of it is the supplier's
    parties = {line.name: line.parties for line in found.run.rows.lines}
    assert parties["customer.output"] == ("customer", "others")  # payee, then payer
    assert parties["fee.amount"] == ("supplier", "customer")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("late: { amount: 1 EUR, at: 2029-02 }", "outside the contract"),
        ("early: { amount: 1 EUR, at: 2026-12-31 }", "outside the contract"),
        ("flat: { amount: 1 EUR per month, at: start }", "an amount in EUR"),
        ("staff: { amount: 1 EUR per month, indexed: wages }", "Did you mean 'wage'"),
        ("staff: { amount: 1 EUR per month, indexed: nothing }", "no value before the first period"),
        ("staff: { amount: 1 EUR }", "over time"),
        ("plant: { amount: price, at: start, layer: capital, straight_line: 1 year }", "known when it is bought"),
        ("fee: { amount: 1 EUR per month }", "a term of the contract already"),
    ],
)
def test_what_no_cost_can_be(written: str, told: str) -> None:
    with pytest.raises(gainsim.ScenarioError, match=told):
        costs(written)


@pytest.mark.parametrize("length", ["4 months", "1 year 10 days"])
def test_a_straight_line_is_a_whole_number_of_steps(length: str) -> None:
    with pytest.raises(gainsim.ScenarioError, match="whole number of the calendar's steps"):
        costs(f"plant: {{ amount: 9 EUR, at: start, layer: capital, straight_line: {length} }}", step="quarter")

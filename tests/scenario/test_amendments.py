"""Amendments: a number changed from a date on is the dated formula that one would have written, and told at its place."""

from __future__ import annotations

from typing import Any

import pytest

from gainsim.api import Offer, base_case, load_text
from gainsim.errors import ScenarioError, UsageError

SCENARIO = """\
gainsim: 1
title: Amended
currency: EUR
calendar: {{ start: 2027-01, years: 3, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: nobody, unit: EUR/month, constant: 50 }}
value:
  counted: {counted}
contract:
  fee: {{ term: fee, amount: {amount} }}
  share:
    term: sharing
    of: counted
    clock: {{ measured: year }}
    steps:
      - share: {{ below 0: 0%, above: {above} }}
"""


def offer(amendments: str = "", **written: str) -> Offer:
    clauses = {"counted": "saving", "amount": "100 EUR per month", "above": "40%"} | written
    return load_text(SCENARIO.format(**clauses) + amendments)


def revenue(found: Offer) -> float:
    return base_case(found).revenue


def test_before_and_after() -> None:
    """Fee 12 × 100 + 24 × 120; shares of 12 × 50: 240, then twice 30% of 600, which is 180."""
    found = offer(
        "amendments:\n"
        "  - effective: 2028-01\n"
        "    set: { contract.fee.amount: 120 EUR per month, contract.share.steps.0.share.above: 30% }\n"
    )
    assert revenue(found) == 1200 + 2880 + 240 + 2 * 180


def test_it_is_the_dated_formula_one_would_write() -> None:
    by_hand = offer(amount="130 EUR per month from 2029-01 else 120 EUR per month from 2028-07 else 100 EUR per month")
    amended = offer(
        "amendments:\n"  # in any order
        "  - { effective: 2029-01, set: { contract.fee.amount: 130 EUR per month } }\n"
        "  - { effective: 2028-07, set: { contract.fee.amount: 120 EUR per month } }\n"
    )
    fee = amended.loaded.scenario.contract["fee"].amount  # type: ignore[union-attr]
    assert fee == by_hand.loaded.scenario.contract["fee"].amount  # type: ignore[union-attr]
    # 18 months at 100, 6 at 120, 12 at 130
    assert revenue(amended) == revenue(by_hand) == 1800 + 720 + 1560 + 3 * 240


def test_a_moment_inside_a_window_takes_effect_with_the_next() -> None:
    """A yearly share amended in March 2028 is settled at 40% for 2028 and at 30% for 2029; a value, month by month."""
    found = offer("amendments: [{ effective: 2028-03, set: { contract.share.steps.0.share.above: 30% } }]\n")
    assert revenue(found) == 3600 + 240 + 240 + 180
    found = offer("amendments: [{ effective: 2028-03, set: { value.counted: 2 * saving } }]\n")
    # 14 months at 50 and 22 at 100, of which 40%
    assert revenue(found) == 3600 + 0.4 * (14 * 50 + 22 * 100)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("140 EUR per month from 2029-01 else 100 EUR per month", 12 * 100 + 24 * 120),  # the step to 140 never comes
        ("140 EUR per month from 2028-01 else 100 EUR per month", 12 * 100 + 24 * 120),  # nor on the same day
        ("110 EUR per month from 2027-07 else 100 EUR per month", 6 * 100 + 6 * 110 + 24 * 120),  # it has come before
        ("140 EUR per month from year 3 else 100 EUR per month", 12 * 100 + 24 * 120),
    ],
)
def test_what_the_clause_foresaw_ends_with_the_amendment(before: str, after: float) -> None:
    found = offer(
        "amendments: [{ effective: 2028-01, set: { contract.fee.amount: 120 EUR per month } }]\n", amount=before
    )
    assert revenue(found) == after + 3 * 240


def test_a_condition_keeps_its_two_cases_together() -> None:
    new = "80 EUR per month if saving > 60 else 90 EUR per month"
    found = offer(f"amendments: [{{ effective: 2028-01, set: {{ contract.fee.amount: {new} }} }}]\n")
    assert revenue(found) == 12 * 100 + 24 * 90 + 3 * 240


def test_a_change_for_one_run_meets_the_amended_contract() -> None:
    found = offer("amendments: [{ effective: 2028-01, set: { contract.fee.amount: 120 EUR per month } }]\n")
    assert revenue(found.change(contract__fee__amount="50 EUR per month")) == 12 * 50 + 24 * 120 + 3 * 240
    assert revenue(found.change(amendments=None)) == 36 * 100 + 3 * 240


def problems(amendments: str, **written: str) -> list[tuple[Any, ...]]:
    with pytest.raises(ScenarioError) as caught:
        offer(amendments, **written)
    return [(problem.line, problem.path, problem.message) for problem in caught.value.problems]


def test_what_is_wrong_in_the_contract_is_told_there() -> None:
    """Not at the amendment, which has the old number in its formula."""
    amendment = "amendments: [{ effective: 2028-01, set: { contract.fee.amount: 120 EUR per month } }]\n"
    ((line, path, message),) = problems(amendment, amount="100 EUR")
    assert (line, path) == (11, "contract.fee.amount")
    assert message.startswith("a fee is money over time")


def test_what_is_wrong_in_the_new_number_is_told_at_the_amendment() -> None:
    amendment = "amendments: [{ effective: 2028-01, set: { contract.fee.amount: 120 EUR } }]\n"
    ((line, path, _),) = problems(amendment)
    assert (line, path) == (18, "contract.fee.amount")


def test_a_wrong_change_of_an_amendment_is_the_change_s() -> None:
    found = offer("amendments: [{ effective: 2028-01, set: { contract.fee.amount: 120 EUR per month } }]\n")
    with pytest.raises(UsageError, match=r"^amendments\.0\.effective=soon: "):
        found.change(amendments__0__effective="soon")

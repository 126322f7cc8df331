"""Deal structures: the published figures, the guardrails at their edges, and what early activation may and may not do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gainsim.api import Offer, load_text, simulate
from gainsim.deals import DealTerms, Guardrail, deal_terms
from gainsim.errors import ScenarioError

SEATS = "1_000 seat from year 3 else 750 seat from year 2 else 500 seat"
PRICES = "100 USD/seat/month from year 3 else 75 USD/seat/month from year 2 else 50 USD/seat/month"
SIMPLE = "structure: simple, seats: 1_000 seat, price: 100 USD/seat/month"
STAGED = f"structure: staged, seats: {SEATS}, price: 100 USD/seat/month"
RAMP = f"structure: ramp, seats: 1_000 seat, price: {PRICES}"


def offer(licence: str, calendar: str = "years: 3, step: month, year: contract", drivers: str = "{}") -> Offer:
    return load_text(
        f"""
gainsim: 1
title: deal
currency: USD
calendar: {{ start: 2027-01, {calendar} }}
money: {{ discount_rate: 8% pa }}
drivers: {drivers}
contract:
  licence: {{ term: subscription, {licence} }}
"""
    )


def terms(licence: str, **world: str) -> DealTerms:
    (found,) = deal_terms(offer(licence, **world).loaded.model)
    return found


def rails(licence: str, rules: str, **world: str) -> dict[str, Guardrail]:
    return {rule.name: rule for rule in terms(f"{licence}, guardrails: {{ {rules} }}", **world).guardrails}


# The published example, "Rad Unlimited", in USD: trailhead.salesforce.com, module sales-deal-structures.
@pytest.mark.parametrize(
    ("licence", "tcv", "acv", "exit_price", "seat_months", "effective"),
    [
        (SIMPLE, 3_600_000, (1_200_000, 1_200_000, 1_200_000), 100, 36_000, 100),
        (STAGED, 2_700_000, (600_000, 900_000, 1_200_000), 100, 27_000, 100),
        (RAMP, 2_700_000, (600_000, 900_000, 1_200_000), 100, 36_000, 75),
    ],
    ids=["simple", "staged", "ramp"],
)
def test_published_figures(
    licence: str, tcv: float, acv: tuple[float, ...], exit_price: float, seat_months: float, effective: float
) -> None:
    """To the cent, as the deal's figures and as the run's measures; staged saves 900,000 against simple."""
    found = terms(licence)
    assert (found.tcv, found.acv, found.annual_order_value) == (tcv, acv, tcv / 3)
    assert (found.exit_year, found.exit_price, found.seat_months, found.effective_price) == (
        "2029", exit_price, seat_months, effective,
    )  # fmt: skip
    measures = simulate(offer(licence), paths=3).measures
    assert (measures["tcv"].value, measures["acv"].value) == (tcv, tcv / 3)
    assert terms(SIMPLE).tcv - terms(STAGED).tcv == 900_000


def test_the_exit_price_of_a_price_per_quarter_or_year_is_per_month() -> None:
    """300 a quarter, and 1,200 a year, are 100 a month."""
    for price, unit in ((300, "quarter"), (1_200, "year")):
        found = terms(SIMPLE.replace("100 USD/seat/month", f"{price} USD/seat/{unit}"))
        assert (found.tcv, found.exit_price, found.effective_price) == (3_600_000, 100, 100)
        assert found.unit == "USD/seat/month"


@pytest.mark.parametrize(
    ("licence", "test", "kept"),
    [
        (STAGED, "at_least: 50%", True),
        (STAGED, "more_than: 50%", False),
        (STAGED, "more_than: 49.9999%", True),
        (STAGED, "at_least: 50.0001%", False),
        (RAMP, "at_least: 50%", True),  # the published example sits exactly at half
        (RAMP, "more_than: 50%", False),
        (RAMP, "more_than: 49.9999%", True),
        (RAMP, "at_least: 50.0001%", False),
    ],
)
def test_first_year_at_its_edge(licence: str, test: str, kept: bool) -> None:
    """Exactly half is at least half, and not more than half."""
    rule = rails(licence, f"first_year: {{ {test} }}")["first year"]
    assert (rule.kept, rule.found) == (kept, "50%")


def test_first_year_counts_months() -> None:
    """In a year with a step the seats count by month; an exit year of six months is compared month by month."""
    seats = "600 seat from month 7 else 300 seat"  # (6 × 300 + 6 × 600) / 12 = 450 a month, of 600: 75%
    world = {"calendar": "months: 18, step: month, year: contract, stub_years: full"}
    rule = rails(
        f"structure: staged, seats: {seats}, price: 1 USD/seat/month", "first_year: { at_least: 75% }", **world
    )
    assert (rule["first year"].kept, rule["first year"].found) == (True, "75%")


@pytest.mark.parametrize(
    ("price", "year", "kept", "found"),
    [
        ("10 from year 3 else 7 from year 2 else 5", 3, True, "from year 3 on"),
        ("10 from year 3 else 7 from year 2 else 5", 2, False, "from year 3 on"),
        ("10 from month 49 else 5", 5, True, "from year 5 on"),
        ("10 from month 50 else 5", 5, False, "within the last year"),
        ("10 from month 25 else 5", 3, True, "from year 3 on"),
        ("10 from month 26 else 5", 3, False, "from year 4 on"),
    ],
)
def test_full_price_by_year_three_of_five_or_the_last(price: str, year: int, kept: bool, found: str) -> None:
    """The exit price must stand from the year's first month; a month later is too late."""
    dated = price.replace(" from", " USD/seat/month from") + " USD/seat/month"
    licence = f"structure: ramp, seats: 10 seat, price: {dated}"
    rule = rails(licence, f"full_price_from: {year}", calendar="years: 5, step: month, year: contract")["full price"]
    assert (rule.kept, rule.found) == (kept, found)


def test_budget_at_its_edge() -> None:
    """Just as much as the budget is within it, a cent more is not; years without a budget are not judged."""
    found = rails(RAMP, "budget: [600_000, 899_999.99]")
    assert {name: rule.kept for name, rule in found.items()} == {"budget 2027": True, "budget 2028": False}


@pytest.mark.parametrize(
    ("licence", "met", "missing"),
    [
        (SIMPLE, "products, editions, seats", "all met"),
        (SIMPLE, "products, seats", "not met: editions"),
        (STAGED, "products, editions, seats, open_roll_out", "not met: budget limit, fixed steps"),
        (STAGED, "products, editions, seats, budget_limit, fixed_steps", "all met"),
        (RAMP, "products, editions, seats, budget_limit, fixed_steps", "not met: open roll out"),
        (RAMP, "products, editions, seats, budget_limit, open_roll_out", "all met"),
    ],
)
def test_criteria(licence: str, met: str, missing: str) -> None:
    """Each structure asks for its own; what it does not ask for does no harm."""
    assert rails(licence, f"criteria_met: [{met}]")["criteria"].found == missing


def test_what_no_guardrail_asks_is_not_reported() -> None:
    assert terms(RAMP).guardrails == ()


@settings(max_examples=25, deadline=None)
@given(
    adopted=st.lists(st.integers(0, 30), min_size=12, max_size=12),
    steps=st.lists(st.integers(1, 20), min_size=2, max_size=2, unique=True),
    at=st.integers(2, 12),
)
def test_early_activation(adopted: list[int], steps: list[int], at: int) -> None:
    """The supplier is never paid less than what is committed, and seats paid never fall nor exceed the last step.

    Second source: the rule month by month in plain whole numbers.
    """
    low, high = sorted(steps)
    months = {f"2027-{n + 1:02}": seats for n, seats in enumerate(adopted)}
    schedule = "{ " + ", ".join(f"{month}: {seats}" for month, seats in months.items()) + " }"
    run = simulate(
        offer(
            f"structure: staged, seats: {high} seat from month {at} else {low} seat, price: 7 USD/seat/month, adopted: wanted",
            calendar="years: 1, step: month, year: contract",
            drivers=f"{{ wanted: {{ control: customer, unit: seat, schedule: {schedule} }} }}",
        ),
        paths=1,
    ).run
    paid = np.zeros(12)
    for (t, _), amount in zip(run.rows.keys, run.row_mean, strict=True):
        paid[t] += amount
    active, expected = 0, []
    for month, wanted in enumerate(adopted, start=1):
        active = max(active, min(wanted, high), high if month >= at else low)
        expected.append(7 * active)
    assert paid.tolist() == expected
    assert sorted(paid) == paid.tolist() and paid[-1] == 7 * high


def test_what_follows_the_seats_is_known_in_advance_where_they_are() -> None:
    """Support of 8 a seat, paid in advance: 8 × 12 × (500 + 750 + 1,000). Seats that are adopted are not known then."""
    support = "}\n  support: { term: fee, amount: licence * 8 USD/seat/month, clock: { measured: month, invoiced: in advance }"
    paid = simulate(offer(f"{STAGED} {support}"), paths=1).lines()["mean"]
    assert paid["support.amount"] == 216_000.0
    wanted = "{ wanted: { control: customer, unit: seat, constant: 600 } }"
    with pytest.raises(ScenarioError, match="depends on what the period will bring"):
        offer(f"{STAGED}, adopted: wanted {support}", drivers=wanted).loaded.model  # noqa: B018


def test_no_number_of_seats_is_ever_paid() -> None:
    """Adopted seats that are negative, or no number, end the run with the formula's name."""
    drivers = (
        "{ wanted: { control: customer, unit: seat, central: mean, drawn: each period, normal: { mean: 0, sd: 1 } } }"
    )
    deal = offer(f"{STAGED}, adopted: wanted", drivers=drivers)
    with pytest.raises(Exception, match="adopted 'wanted' is negative"):
        simulate(deal, paths=20)

"""Clauses at their edges, settled by hand, and what no clause can be: each refusal says its rule."""

from __future__ import annotations

from typing import Any

import pytest

import gainsim
from gainsim.api import base_case, load_text, simulate
from gainsim.model import OfferError
from tests.oracle.agreement import ALL, HALF, by_engine, carry, pays, quarters, shared

OFFER = """
gainsim: 1
title: clauses
currency: EUR
calendar: {{ start: {start}, years: 3, step: {step}, year: {year}, stub_years: prorated }}
money: {{ discount_rate: 0% pa }}
drivers:
  price: {{ control: nobody, unit: EUR/MWh, central: mean, geometric_walk: {{ start: 100, drift: 100% pa, volatility: 10% pa }} }}
  energy: {{ control: nobody, unit: MWh/month, constant: 2 }}
  saving: {{ control: supplier, unit: EUR/month, constant: 10 }}
contract:
{contract}
"""


def offer(contract: str, *, start: str = "2027-01", step: str = "month", year: str = "contract") -> gainsim.Offer:
    return load_text(OFFER.format(contract=contract, start=start, step=step, year=year))


# --- edges ----------------------------------------------------------------------------------------------------------


def test_two_edges_that_meet_leave_a_band_without_width():
    """An edge that is a formula may come to lie on its neighbour; only one that has crossed it is refused."""
    bands = {"share": {"below 0": "0%", "below low": "100%", "up to 100": "50%", "up to high": "90%", "above": "10%"}}
    one = quarters(shared(bands), gain=[200.0, -30.0], high=[100.0, 120.0], low=[-10.0, -10.0])
    # 50% of 100 and 10% of the other 100; a pain of 30: nothing of the first 10, all of the other 20
    assert pays(one) == pytest.approx([60, -20])


@pytest.mark.parametrize("bands", ["up to 100: 50%, up to 100.0: 40%", "below -5: 20%, below -5.0: 30%, up to 1: 50%"])
def test_two_written_edges_never_meet(bands: str) -> None:
    share = f"{{ share: {{ below 0: 0%, {bands}, above: 10% }} }}"
    with pytest.raises(gainsim.ScenarioError, match="write the edges outwards from 0"):
        offer(f"  share: {{ term: sharing, of: saving, clock: {{ measured: month }}, steps: [ {share} ] }}")


def test_a_cap_below_zero_leaves_a_payment_that_all_pain_carries():
    """The payment itself where it is negative is carried, whatever made it so: here a cap."""
    cap = {"limit_payment": {"cap": "cap", "per": "settlement"}}
    one = quarters(shared(ALL, cap, carry("all pain", "after 1 settlement")), gain=[100, 50], cap=[-10, 1_000])
    assert pays(one) == [0, 40]


def test_a_pool_that_has_shrunk_below_what_was_credited_asks_nothing_back():
    """25% of a charge of 100 a quarter: 100 a year, of which 60 are credited; then 10 a quarter: 10, long used up."""
    term = {
        "term": "service_credits", "level": "level", "credits": {"below 99%": "60%"}, "of": "charge",
        "pool": {"at_most": "25% of charge", "per": "year"}, "clock": {"measured": "period"},
    }  # fmt: skip
    charge = {"term": "fee", "amount": "rate", "clock": {"measured": "period"}}
    assert pays(quarters({"charge": charge, "term": term}, rate=[100, 10], level=[0.9, 0.9])) == pytest.approx([-60, 0])


def test_a_pool_of_a_stub_year_is_its_part_of_the_amount():
    term = {
        "term": "service_credits", "level": "level", "credits": {"below 99%": "50%"}, "of": "charge",
        "pool": {"at_most": "60 EUR", "per": "year"}, "clock": {"measured": "period"},
    }  # fmt: skip
    one = quarters(
        {"term": term}, start="2027-07", year="calendar", stub_years="prorated",
        charge=[50, 50, 90, 90], level=[0.9, 0.9, 0.9, 0.9],
    )  # fmt: skip
    assert pays(one) == pytest.approx([-25, -5, -30, 0])  # 60 × 6/12 = 30 in either half of a year


def test_a_liability_that_has_shrunk_below_what_has_counted_asks_nothing_more():
    limit = {"term": "liability_limit", "limits": ["term"], "at_most": "20 EUR from month 4 else 50 EUR", "per": "life"}
    one = quarters({**shared(ALL), "limit": limit}, gain=[-40, -10])
    assert pays(one, "limit.term") == [0, 10]  # 40 have counted, there is no room, and no more than 10 to relieve


def test_what_was_relieved_does_not_count_against_the_limit():
    """70 of 100 count in the first quarter, 30 are relieved; in the second the limit is 90 and 20 more have room."""
    limit = {"term": "liability_limit", "limits": ["term"], "at_most": "90 EUR from month 4 else 70 EUR", "per": "life"}
    one = quarters({**shared(ALL), "limit": limit}, gain=[-100, -30])
    assert pays(one, "limit.term") == [30, 10]


def test_highest_profit_lowers_the_price_that_the_ceiling_then_meets():
    term = {
        "term": "target_cost", "actual_cost": "gain", "target_cost": 100, "target_profit": 12,
        "supplier_share_under": "50%", "supplier_share_over": "50%", "highest_profit": 15, "ceiling_price": 96,
        "clock": {"measured": "period"},
    }  # fmt: skip
    one = quarters({"term": term}, gain=[80, 90])
    # 80 + 12 + 10 = 102, profit at most 15: 95, below the ceiling; 90 + 12 + 5, profit at most 15: 105, cut to 96
    assert pays(one) == [95, 96]
    assert by_engine(one)[1]["term", (0, 0), "underrun"] == 20  # the customer's gain


def test_a_reset_reads_the_first_period_of_the_contract():
    """By year: 100 at the start, 200 at the end of the first year, 400 of the second; each reset sees the year before."""
    base = base_case(
        offer(
            "  fee: { term: fee, amount: 1 EUR per year, indexed: { by: 'price / price[base]', base: 2026-12, every: year } }",
            step="year",
        )
    )
    (amount,), (indexation,) = (
        [base.by_year[n] for n, x in enumerate(base.model.lines) if x.step == step] for step in ("amount", "indexation")
    )
    assert (amount + indexation).tolist() == pytest.approx([1.0, 2.0, 4.0])


def test_a_fee_is_committed_and_its_indexation_is_not():
    base = base_case(
        offer(
            "  fee: { term: fee, amount: 1 EUR per month, indexed: { by: 'price / price[base]', base: 2026-12, every: year } }"
        )
    )
    lines = base.model.lines
    assert {line.step: line.committed for line in lines} == {"amount": True, "indexation": False}


def test_a_lag_just_shorter_than_the_time_between_two_resets():
    """Reset each quarter, two months late: in April the January value holds, which is 100 × 2^(1/12)."""
    contract = (
        "  fee: { term: fee, amount: 1 EUR per month, clock: { measured: month }, "
        "indexed: { by: 'price / price[base]', base: 2026-12, every: quarter, lag: 2 months } }"
    )
    result = simulate(offer(contract), paths=1, seed=1)
    base = base_case(offer(contract))
    assert result.run.paths == 1
    total = sum(float(base.by_year[n].sum()) for n in range(len(base.model.lines)))
    # by quarter: nothing yet, then the values of January, April, July, … of three years
    assert total == pytest.approx(3.0 + sum(3.0 * 2.0 ** ((1 + 3 * n) / 12) for n in range(11)))


def test_a_calendar_month_begins_the_amount_that_is_dated_from_it() -> None:
    base = base_case(offer("  fee: { term: fee, amount: 10 EUR per month from 2027-07 else 4 EUR per month }"))
    assert base.by_year[0].tolist() == [6 * 4.0 + 6 * 10.0, 120.0, 120.0]


def test_a_term_may_stand_before_what_it_refers_to() -> None:
    """Fees are there for every term, and a limit reaches every term, in whatever order the file has them."""
    limit = "  limit: { term: liability_limit, limits: [credits], at_most: 30 EUR, per: life }"
    missed = "  credits: { term: service_credits, level: 0.9, credits: { below 99%: 10% }, of: fee, clock: { measured: year } }"
    fee = "  fee: { term: fee, amount: 20 EUR per month }"
    base = base_case(offer(f"{limit}\n{missed}\n{fee}"))
    by_name = {line.name: amounts.tolist() for line, amounts in zip(base.model.lines, base.by_year, strict=True)}
    assert by_name["credits.below 99%"] == pytest.approx([-24.0] * 3)  # 10% of 240
    assert by_name["limit.credits"] == pytest.approx([0.0, 18.0, 24.0])  # 24 and 6 count
    assert base.model.unread == ("price", "energy", "saving")


def test_steps_of_one_name_are_numbered() -> None:
    one = quarters(shared({"against": 10}, {"against": 20}, ALL), gain=[100])
    assert by_engine(one)[1]["term", (0, 0), "against"] == -10
    assert by_engine(one)[1]["term", (0, 0), "against #2"] == -20
    assert pays(one) == [70]


# --- refusals -------------------------------------------------------------------------------------------------------

TENTH = (
    "  share: { term: sharing, of: saving, clock: { measured: month }, "
    "steps: [ { share: { below 0: 10%, above: 10% } } ] }"
)
INDEXED = "  fee: {{ term: fee, amount: 1 EUR per month, indexed: {{ by: 'price / price[base]', {how} }} }}"


@pytest.mark.parametrize(
    ("contract", "told"),
    [
        (INDEXED.format(how="base: 2030-01, every: year"), "lies after the contract's end"),
        (INDEXED.format(how="base: 2026-12, every: quarter, lag: 3 months"), "not shorter than the time between"),
        (INDEXED.format(how="base: 2026-12, every: year, lag: 45 days"), "whole number of the calendar's steps"),
        (
            "  fee: { term: fee, amount: energy * price, clock: { measured: quarter, invoiced: in advance } }",
            "a fee in advance cannot",
        ),
        ("  fee: { term: fee, amount: energy }", "money over time"),
        ("  fee: { term: fee, amount: 5 }", "say the currency"),
        (
            f"{TENTH}\n  limit: {{ term: liability_limit, limits: [share], at_most: 3 MWh, per: life }}",
            "a liability limit is a fixed amount",
        ),
        (
            f"{TENTH}\n  limit: {{ term: liability_limit, limits: [share], at_most: 3 MWh * price, per: life }}",
            "a liability limit is a fixed amount",
        ),
        (
            f"{TENTH}\n  limit: {{ term: liability_limit, limits: [shares], at_most: 3 EUR, per: life }}",
            "no term 'shares'.*Did you mean 'share'",
        ),
        (
            "  fee: { term: fee, amount: 5 EUR per month }\n"
            "  credits: { term: service_credits, level: 0.9, credits: { below 99%: 5% }, of: fee, "
            "clock: { measured: month }, pool: { at_most: 20% of fee, per: settlement } }",
            "runs per year or per life",
        ),
    ],
)
def test_what_no_clause_can_be(contract: str, told: str) -> None:
    with pytest.raises(gainsim.ScenarioError, match=told):
        offer(contract)


def test_a_schedule_that_begins_too_late_is_refused() -> None:
    text = OFFER.replace(
        "contract:\n",
        "  wage: {{ control: nobody, unit: index, schedule: {{ 2027-02: 90 }} }}\ncontract:\n",
    )
    fee = "  fee: { term: fee, amount: 1 EUR per month * wage }"
    with pytest.raises(gainsim.ScenarioError, match="the schedule begins in 2027-02, after the contract's start"):
        load_text(text.format(contract=fee, start="2027-01", step="month", year="contract"))


def test_an_amount_for_life_is_not_settled_twice() -> None:
    """A value drawn once, in EUR, is one amount for the whole life: reckoned each year it would be paid three times."""
    text = OFFER.replace(
        "contract:\n",
        "  prize: {{ control: nobody, unit: EUR, drawn: once, central: mean, normal: {{ mean: 9, sd: 1 }} }}\ncontract:\n",
    )
    share = "steps: [ { share: { below 0: 10%, above: 10% } } ]"
    how: dict[str, Any] = {"start": "2027-01", "step": "month", "year": "contract"}
    with pytest.raises(gainsim.ScenarioError, match="one amount for the whole life"):
        load_text(
            text.format(
                contract=f"  share: {{ term: sharing, of: prize, clock: {{ measured: year }}, {share} }}", **how
            )
        )
    load_text(
        text.format(contract=f"  share: {{ term: sharing, of: prize, clock: {{ measured: life }}, {share} }}", **how)
    )


def test_a_dated_value_does_not_stand_for_a_year_that_sees_it_change() -> None:
    text = OFFER.replace("contract:\n", "value: {{ rate: 2 EUR/MWh from month 7 else 1 EUR/MWh }}\ncontract:\n")
    share = "steps: [ { share: { below 0: 10%, above: 10% } } ]"
    contract = f"  share: {{ term: sharing, of: rate * energy, clock: {{ measured: year }}, {share} }}"
    with pytest.raises(gainsim.ScenarioError, match=r"Say mean\(rate\)"):
        load_text(text.format(contract=contract, start="2027-01", step="month", year="contract"))


# --- terms that refer to others, and dates ---------------------------------------------------------------------------


def test_only_a_fee_is_invoiced_in_advance() -> None:
    """A gain is not known before the window has passed."""
    contract = shared(HALF, measured="year")
    contract["term"]["clock"]["invoiced"] = "in advance"
    with pytest.raises((OfferError, ValueError)):
        by_engine(quarters(contract, gain=[10, 10, 10, 10]))


def test_a_term_is_limited_once() -> None:
    limit = {"term": "liability_limit", "limits": ["term", "term"], "at_most": 40, "per": "life"}
    with pytest.raises((OfferError, ValueError)):
        by_engine(quarters({**shared(ALL), "limit": limit}, gain=[-100]))


def test_a_fee_in_advance_cannot_be_a_part_of_one_that_the_period_decides() -> None:
    with pytest.raises(gainsim.ScenarioError, match="a fee in advance cannot"):
        offer(
            "  usage: { term: fee, amount: energy * price }\n"
            "  top: { term: fee, amount: 10% of usage, clock: { measured: quarter, invoiced: in advance } }"
        )


def test_a_dated_pool_is_decided_by_the_period_in_which_the_window_begins() -> None:
    term = {
        "term": "service_credits", "level": "lowest(level)", "credits": {"below 99%": "50%"}, "of": "charge",
        "pool": {"at_most": "10 EUR from month 4 else 60 EUR", "per": "settlement"}, "clock": {"measured": "half_year"},
    }  # fmt: skip
    assert pays(quarters({"term": term}, charge=[100] * 4, level=[0.9] * 4)) == [-60, -10]


def test_a_lag_longer_than_the_first_stub_year() -> None:
    """Resets in January 2028 and 2029; six months before the first there is only the start, before the other June 2028."""
    contract = "  fee: { term: fee, amount: 1 EUR per month, "
    contract += "indexed: { by: 'price / price[base]', base: 2027-09, every: year, lag: 6 months } }"
    offer(contract, start="2027-10", year="calendar")


def test_what_is_certain_depends_on_nothing() -> None:
    drivers = (
        "  ramped: {{ control: supplier, unit: fraction, central: mean, "
        "ramp: {{ full_effect: 0.3, time_to_full_effect: 1 year }} }}\n"
        "  other: {{ control: nobody, unit: fraction, drawn: once, central: mean, normal: {{ mean: 1, sd: 1 }} }}\n"
        "dependence: [ {{ between: [ramped, other], correlation: 0.9, of: innovations }} ]\ncontract:\n"
    )
    text = OFFER.replace("contract:\n", drivers)
    with pytest.raises(gainsim.ScenarioError, match="is certain"):
        load_text(
            text.format(
                contract="  fee: { term: fee, amount: 5 EUR per month }", start="2027-01", step="month", year="contract"
            )
        )


def test_the_error_of_a_row_of_large_amounts_with_a_small_spread() -> None:
    """A billion, and a normal amount of deviation 1: the standard error of 10,000 paths is 0.01."""
    text = OFFER.replace(
        "contract:\n",
        "  small: {{ control: nobody, unit: EUR/month, drawn: once, central: mean, "
        "normal: {{ mean: 1_000_000_000, sd: 1 }} }}\ncontract:\n",
    )
    run = simulate(
        load_text(
            text.format(contract="  fee: { term: fee, amount: small }", start="2027-01", step="month", year="contract")
        ),
        paths=10_000,
        seed=1,
    ).run
    assert run.row_error[0] == pytest.approx(0.01, rel=0.05)


def test_a_schedule_has_before_the_contract_the_value_then_in_force() -> None:
    """90 in December 2026, the base; 100 in 2027, which the reset of January 2028 sees: 90 × 100 / 90."""
    text = OFFER.replace(
        "contract:\n",
        "  wage: {{ control: nobody, unit: index, schedule: {{ 2026-01: 90, 2027-01: 100 }} }}\ncontract:\n",
    )
    contract = "  fee: { term: fee, amount: 90 EUR per year, "
    contract += "indexed: { by: 'wage / wage[base]', base: 2026-12, every: year } }"
    base = base_case(load_text(text.format(contract=contract, start="2027-01", step="year", year="contract")))
    assert base.by_year.sum(axis=0).tolist() == pytest.approx([90.0, 100.0, 100.0])

"""The engine against the oracle: a second settlement, written from docs/reference/terms.md alone, in plain Python.

First contracts small enough to settle by hand, in comments: oracle and engine both must give those numbers. Then 2,000
random contracts, each with its own facts. A failure names the contract: `offer(1234)` writes it again.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from gainsim.model import OfferError
from tests.oracle.agreement import (
    ALL,
    HALF,
    by_engine,
    by_oracle,
    carry,
    differing,
    disagreements,
    pays,
    quarters,
    shared,
)
from tests.oracle.offers import offer

CONTRACTS, BATCH = 2_000, 100


# --- by hand --------------------------------------------------------------------------------------------------------

BANDS = {"share": {"below 0": "0%", "up to 120_000": "40%", "up to 260_000": "50%", "above": "25%"}}
AGAINST = {"against": 60}
LIMIT = {"limit_payment": {"floor": -40, "cap": 50, "per": "settlement"}}


def test_a_limit_on_the_gain_is_not_a_limit_on_the_payment():
    limited_gain = shared({"limit_gain": {"cap": 160_000}}, BANDS)
    limited_payment = shared(BANDS, {"limit_payment": {"cap": 160_000, "per": "settlement"}})
    # 40% of 120,000 + 50% of (160,000 - 120,000) = 48,000 + 20,000
    assert pays(quarters(limited_gain, gain=[400_000])) == [68_000]
    # 48,000 + 50% of (260,000 - 120,000) + 25% of (400,000 - 260,000) = 48,000 + 70,000 + 35,000, below the limit
    assert pays(quarters(limited_payment, gain=[400_000])) == [153_000]
    # 153,000 + 25% of another 100,000 = 178,000, above it
    assert pays(quarters(limited_payment, gain=[500_000])) == [160_000]


def test_against_and_threshold_in_both_orders():
    excess = {"threshold": {"at": 50, "sides": "gain", "then": "excess"}}
    from_first = {"threshold": {"at": 50, "sides": "gain", "then": "from_first"}}
    # 100 - 60 = 40; beyond 50 lies nothing
    assert pays(quarters(shared(AGAINST, excess, HALF), gain=[100])) == [0]
    # 100 - 50 = 50; 50 - 60 = -10; half of it
    assert pays(quarters(shared(excess, AGAINST, HALF), gain=[100])) == [-5]
    # 40 does not reach 50; but 100 does, and 100 - 60 = 40 is shared
    assert pays(quarters(shared(AGAINST, from_first, HALF), gain=[100])) == [0]
    assert pays(quarters(shared(from_first, AGAINST, HALF), gain=[100])) == [20]
    # exactly 50 reaches it: 110 - 60 = 50
    assert pays(quarters(shared(AGAINST, from_first, HALF), gain=[110, 109])) == [25, 0]


def test_deadband_and_limit_gain_in_both_orders():
    deadband = {"deadband": {"below": 30, "above": 50}}
    limit = {"limit_gain": {"floor": -100, "cap": 200}}
    # 300 - 50 = 250, at most 200, half; -150 + 30 = -120, at least -100, half; 50 and -30 lie inside
    assert pays(quarters(shared(deadband, limit, HALF), gain=[300, -150, 50, -30])) == [100, -50, 0, 0]
    # at most 200, - 50 = 150, half; at least -100, + 30 = -70, half
    assert pays(quarters(shared(limit, deadband, HALF), gain=[300, -150, 50, -30])) == [75, -35, 0, 0]


def test_what_happens_beyond_a_threshold():
    bands = {"share": {"below 0": "0%", "above": "40%"}}
    gains = [90.0, 100.0, 120.0, 200.0, -150.0]

    def beyond(then: str, **more: Any) -> list[float]:
        threshold = {"threshold": {"at": 100, "sides": "gain", "then": then, **more}}
        return pays(quarters(shared(threshold, bands), gain=gains))

    assert beyond("excess") == pytest.approx([0, 0, 8, 40, 0])  # 40% of 0, 0, 20, 100
    assert beyond("from_first") == pytest.approx([0, 40, 48, 80, 0])  # 40% of 0, 100, 120, 200
    # 40% of the whole gain, but at most all that lies beyond 100: 0, 20, 100
    assert beyond("catch_up", catch_up_share="100%") == pytest.approx([0, 0, 20, 80, 0])


def test_carry_before_and_after_a_limit():
    gains = [-100.0, 120.0, 20.0]
    # before: -100 is cut to -40, 60 is carried; 120 - 60 = 60, cut to 50; 20. Together 30
    before = shared(ALL, carry("pain beyond the floor"), LIMIT)
    assert pays(quarters(before, gain=gains)) == [-40, 50, 20]
    # after: -40, and 60 carried; 120 is cut to 50, less 50, 10 left; 20 - 10. Together -30
    after = shared(ALL, LIMIT, carry("pain beyond the floor"))
    assert pays(quarters(after, gain=gains)) == [-40, 0, 10]
    # all pain before: nothing is paid, 100 carried; 120 - 100 = 20; 20
    assert pays(quarters(shared(ALL, carry("all pain"), LIMIT), gain=gains)) == [0, 20, 20]
    # all pain after: the floor leaves -40, which is carried and not paid; 50 - 40; 20
    assert pays(quarters(shared(ALL, LIMIT, carry("all pain")), gain=gains)) == [0, 10, 20]


def test_carried_pain_lapses_or_is_paid_at_the_end():
    def carried(gains: list[float], *how: str) -> list[float]:
        return pays(quarters(shared(ALL, carry("all pain", *how)), gain=gains))

    assert carried([-100, 30, 80], "never") == [0, 0, 10]  # 100 - 30 = 70 against 80
    assert carried([-100, 30, 80], "after 1 settlement") == [0, 0, 80]  # the 70 have lapsed
    assert carried([-100, 30, 80], "after 2 settlements") == [0, 0, 10]
    assert carried([-100, 30, 20], "never", "lost") == [0, 0, 0]
    assert carried([-100, 30, 20], "never", "paid") == [0, 0, -50]  # 100 - 30 - 20
    assert carried([-100, 30, 20], "after 1 settlement", "paid") == [0, 0, 20]  # nothing is left at the end
    assert carried([0, -100, 30], "after 1 settlement", "paid") == [0, 0, -70]  # its last settlement is the contract's
    assert carried([-100, -50, 20, 60], "after 2 settlements") == [0, 0, 0, 10]  # 20 off the older; 60 - 50


def test_limits_over_the_year_and_the_life():
    def limited(per: str) -> list[float]:
        limit = {"limit_payment": {"floor": -60, "cap": 100, "per": per}}
        return pays(quarters(shared(ALL, limit), gain=[80.0, 50.0, -20.0, 70.0, -90.0, 30.0]))

    # 80; 50 -> 20 (80 + 20 = 100); -20 (80); 70 -> 20 (100); a new year: -90 -> -60; 30
    assert limited("year") == [80, 20, -20, 20, -60, 30]
    # in the life: 100 are paid when -90 comes, 10 remain; 30 makes 40
    assert limited("life") == [80, 20, -20, 20, -90, 30]
    assert limited("settlement") == [80, 50, -20, 70, -60, 30]


def test_a_stub_year_limits_in_part_or_in_full():
    contract = shared(ALL, {"limit_payment": {"cap": 100, "per": "year"}})
    gains = [60.0, 60.0, 60.0, 200.0]  # April to December 2027, nine months, then 2028
    prorated = quarters(contract, start="2027-04", year="calendar", stub_years="prorated", gain=gains)
    assert pays(prorated) == [60, 15, 0, 25]  # 75 in 2027; 2028 is a stub of three months: 25
    full = quarters(contract, start="2027-04", year="calendar", stub_years="full", gain=gains)
    assert pays(full) == [60, 40, 0, 100]


@pytest.mark.parametrize(
    "cost, price",
    [
        (90, 107),  # 90 + 12 + 50% of 10
        (100, 112),
        (110, 117),  # 110 + 12 - 50% of 10
        (116, 120),  # 116 + 12 - 50% of 16: the point of total assumption
        (120, 120),  # 120 + 12 - 50% of 20 = 122
        (130, 120),  # the supplier bears it all: a loss of 10
    ],
)
def test_target_cost_100_12_120_half_and_half(cost, price):
    contract = {
        "term": {
            "term": "target_cost", "actual_cost": "gain", "target_cost": 100, "target_profit": 12,
            "supplier_share_under": "50%", "supplier_share_over": "50%", "ceiling_price": 120,
            "clock": {"measured": "period"},
        }
    }  # fmt: skip
    one = quarters(contract, gain=[cost])
    assert pays(one) == [price]
    # 100 + (120 - (100 + 12)) / 50%
    assert by_oracle(one)[1]["term", (0, 0), "point_of_total_assumption"] == 116
    assert by_engine(one)[1]["term", (0, 0), "point_of_total_assumption"] == 116


def test_lowest_and_highest_profit_come_before_the_ceiling():
    contract = {
        "term": {
            "term": "target_cost", "actual_cost": "gain", "target_cost": 100, "target_profit": 12,
            "supplier_share_under": "50%", "supplier_share_over": "50%", "ceiling_price": 140,
            "lowest_profit": 4, "highest_profit": 15, "clock": {"measured": "period"},
        }
    }  # fmt: skip
    # 12 + 5 = 17 -> 15; 12 - 10 = 2 -> 4; 12 - 20 = -8 -> 4, and 144 is above the ceiling
    assert pays(quarters(contract, gain=[90, 120, 140])) == [105, 124, 140]


def test_credits_and_their_pool():
    steps = {"below 99%": "5%", "at or below 98%": "15%"}
    term = {"term": "service_credits", "level": "level", "credits": steps, "of": "fee", "clock": {}}
    fee = {"term": "fee", "amount": "400 EUR per quarter"}
    levels = [0.99, 0.98999, 0.98, 0.98001]
    # 99% itself is met; 5% of 400; 98% is not met: 15%; 5%
    assert pays(quarters({"fee": fee, "term": term}, level=levels)) == pytest.approx([0, -20, -60, -20])
    # 4% of the fee, of 1,600 a year, is 64: 20, then 44, then nothing
    pool = {"at_most": "4% of fee", "per": "year"}
    pooled = quarters({"fee": fee, "term": term | {"pool": pool}}, level=levels)
    assert pays(pooled) == pytest.approx([0, -20, -44, 0])


def test_one_liability_for_two_terms_in_the_order_written():
    x = shared(ALL)["term"]
    y = x | {"of": "other"}
    limit = {"term": "liability_limit", "limits": ["y", "x"], "at_most": 120, "per": "life"}
    one = quarters({"x": x, "y": y, "limit": limit}, gain=[-50, 70, -90], other=[-30, -10, -40])
    # 30 + 50 = 80 counted; 10 more, and the 70 received make no room; of the last 30 y takes all, 10 and 90 are relieved
    assert pays(one, "limit.y") == [0, 0, 10]
    assert pays(one, "limit.x") == [0, 0, 90]


@pytest.mark.parametrize(
    "cap, rates",
    [
        (None, [100, 100, 110, 110, 132]),
        # growth 10% -> 5%, then 0%, then 20% -> 5%: 1.05, 1.05, 1.05 * 1.05
        ({"at": "5%", "per": "reset", "excess": "lost"}, [100, 100, 105, 105, 110.25]),
        # at most 1.05; then 1.10 is reached (at most 1.1025); then at most 1.10 * 1.05
        ({"at": "5%", "per": "reset", "excess": "recovered"}, [100, 100, 105, 110, 115.5]),
        # at most 1.05 for life
        ({"at": "5%", "per": "life", "excess": "lost"}, [100, 100, 105, 105, 105]),
    ],
)
def test_an_index_and_its_cap(cap, rates):
    index = {"by": "index / index[base]", "base": "2026-12", "every": "quarter"}
    fee = {"term": "fee", "amount": "100 EUR per quarter", "indexed": index | ({"cap": cap} if cap else {})}
    # each reset sees the quarter before it: 100 at first, then 100, 110, 110, 132
    assert pays(quarters({"term": fee}, index=[100, 110, 110, 132, 150])) == pytest.approx(rates)


@pytest.mark.parametrize(
    "per, excess, last",
    [
        ("reset", "lost", 96.25),  # 105 × 110 / 120
        ("life", "lost", 96.25),
        ("reset", "recovered", 110),  # below 105 × 1.05
        ("life", "recovered", 105),
    ],
)
def test_an_index_that_falls_after_its_cap(per, excess, last):
    index = {"by": "index / index[base]", "base": "2026-12", "every": "quarter"}
    capped = index | {"cap": {"at": "5%", "per": per, "excess": excess}}
    fee = {"term": "fee", "amount": "100 EUR per quarter", "indexed": capped}
    assert pays(quarters({"term": fee}, index=[100, 120, 110, 110])) == pytest.approx([100, 100, 105, last])


def test_a_fee_in_advance_and_in_arrears():
    index = {"by": "index / index[base]", "base": "2026-12", "every": "quarter"}
    facts = {"rate": [10.0, 20.0, 30.0, 40.0], "index": [100.0, 110.0, 120.0, 130.0]}

    def fee(invoiced: str) -> list[float]:
        clock = {"measured": "half_year", "invoiced": invoiced}
        return pays(quarters({"term": {"term": "fee", "amount": "rate", "clock": clock, "indexed": index}}, **facts))

    assert fee("in arrears") == pytest.approx([10 + 20, 30 * 1.1 + 40 * 1.2])  # factors 1, 1, 1.1, 1.2
    assert fee("in advance") == pytest.approx([2 * 10, 2 * 30 * 1.1])


# --- places once in dispute -------------------------------------------------------------------------------------------


def test_a_yearly_liability_counts_in_part_in_a_stub_year():
    limit = {"term": "liability_limit", "limits": ["term"], "at_most": 100, "per": "year"}
    contract = {**shared(ALL), "limit": limit}
    one = quarters(contract, start="2027-04", year="calendar", stub_years="prorated", gain=[-60, -60, 0, -60])
    # nine months of 2027: 75, of which 15 are left for the second; three months of 2028: 25
    assert by_oracle(one)[0]["limit.term", (1, 1)] == 45
    assert pays(one, "limit.term") == [0, 45, 0, 35]


def test_a_yearly_liability_remembers_every_term():
    x = shared(ALL)["term"]
    limit = {"term": "liability_limit", "limits": ["x", "y"], "at_most": 60, "per": "year"}
    one = quarters({"x": x, "y": x | {"of": "other"}, "limit": limit}, gain=[-50, -50], other=[-40, -40])
    # 50 of x count, then 10 of y, and 30 are relieved; nothing is left for the second quarter
    assert by_oracle(one)[0]["limit.y", (0, 0)] == 30
    assert pays(one, "limit.x") == [0, 50]
    assert pays(one, "limit.y") == [30, 40]


def test_the_second_liability_counts_what_the_first_has_left():
    first = {"term": "liability_limit", "limits": ["term"], "at_most": 60, "per": "year"}
    second = {"term": "liability_limit", "limits": ["term"], "at_most": 100, "per": "life"}
    one = quarters({**shared(ALL), "first": first, "second": second}, gain=[-50, -50, 0, 0, -80, -10])
    assert pays(one, "first.term") == [0, 40, 0, 0, 20, 10]  # 50 and 10 count; in the next year 60
    assert pays(one, "second.term") == [0, 0, 0, 0, 20, 0]  # 50, 10, and of the 60 left only 40


def test_a_second_threshold_that_catches_up_is_refused():
    low = {"threshold": {"at": 50, "sides": "gain", "then": "catch_up", "catch_up_share": "80%"}}
    high = {"threshold": {"at": 90, "sides": "gain", "then": "catch_up", "catch_up_share": "20%"}}
    with pytest.raises(OfferError, match="one sharing term has one threshold with catch_up"):
        by_engine(quarters(shared(low, high, HALF), gain=[100]))


def test_an_index_whose_cap_and_floor_treat_the_excess_differently_is_refused():
    cap, floor = ({"at": "5%", "per": "reset", "excess": excess} for excess in ("lost", "recovered"))
    index = {"by": "index / index[base]", "base": "2026-12", "every": "quarter", "cap": cap, "floor": floor}
    fee = {"term": "fee", "amount": "100 EUR per quarter", "indexed": index}
    with pytest.raises(ValidationError, match="cap and floor of one index treat the excess alike"):
        by_engine(quarters({"term": fee}, index=[100, 110]))


def test_yearly_resets_follow_the_year_of_the_clock():
    index = {"by": "index / index[base]", "base": "2027-03", "every": "year"}
    clock = {"measured": "period", "year": "calendar"}
    fee = {"term": "fee", "amount": "100 EUR per quarter", "clock": clock, "indexed": index}
    # the contract's first year ends in March 2028, the calendar's in December 2027
    one = quarters({"term": fee}, start="2027-04", year="contract", index=[100, 110, 120, 130, 140])
    assert pays(one) == pytest.approx([100, 100, 100, 120, 120])


def test_credits_on_a_fee_in_advance_follow_what_it_pays():
    fee = {"term": "fee", "amount": "rate", "clock": {"measured": "half_year", "invoiced": "in advance"}}
    term = {"term": "service_credits", "level": "lowest(level)", "credits": {"below 99%": "10%"}, "of": "fee"}
    contract = {"fee": fee, "term": term | {"clock": {"measured": "half_year"}}}
    one = quarters(contract, rate=[100, 300], level=[1, 0.9])
    assert pays(one, "fee") == [200]  # the first quarter's rate, twice
    assert pays(one) == pytest.approx([-20])  # 10% of it, not of 100 + 300


def test_what_a_floor_cuts_off_beyond_all_pain_lapses():
    def carried(expires: str) -> list[float]:
        limit = {"limit_payment": {"floor": "floor", "per": "settlement"}}
        gains, floors = [-100.0, 0.0, 200.0], [-40.0, 5.0, -40.0]
        return pays(quarters(shared(ALL, carry("pain beyond the floor", expires), limit), gain=gains, floor=floors))

    # 60 are carried; 60 + 5 are cut off, of which 60 were pain; 200 - 60, or 200 - 65 where nothing lapses
    assert carried("after 3 settlements") == [-40, 5, 140]
    assert carried("never") == [-40, 5, 135]


def test_a_cap_that_makes_a_payment_negative_makes_no_pain():
    cap = {"limit_payment": {"cap": "cap", "per": "settlement"}}
    floor = {"limit_payment": {"floor": 0, "per": "settlement"}}
    steps = (ALL, cap, carry("pain beyond the floor", "after 2 settlements"), floor)
    # 4 are pain, the cap adds 6, the floor cuts off 10; 4 are carried
    assert pays(quarters(shared(*steps), gain=[-4, 30], cap=[-10, 50])) == [0, 26]


def test_carry_after_a_cap_and_before_the_floor():
    cap, floor = ({"limit_payment": {kind: at, "per": "settlement"}} for kind, at in (("cap", 50), ("floor", -40)))
    # "standing before the limit_payment with the floor": -100 is cut to -40, 60 is carried; 80 is cut to 50, less 60
    contract = shared(ALL, cap, carry("pain beyond the floor"), floor)
    assert pays(quarters(contract, gain=[-100, 80])) == [-40, -10]


# --- at random ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree_on_random_contracts(first):
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number))) == {}


def test_every_clause_of_the_random_contracts_binds():
    bound: Counter[str] = Counter()
    for number in range(1000):
        one = offer(number)
        paid, lines = by_oracle(one)
        for (name, (_, last)), amount in paid.items():
            liability, _, limited = name.partition(".")
            if limited and amount:
                term = one.contract[liability]
                stub = one.life.part_of_year(one.life.year_of(last)) < 1
                bound[f"{liability} per {term['per']}"] += 1
                bound["yearly liability in a stub"] += stub and term["per"] == "year"
                bound["yearly liability for several"] += len(term["limits"]) > 1 and term["per"] == "year"
        for (name, _, step), amount in lines.items():
            if amount == 0:
                continue
            term = one.contract[name]
            bound[f"{term['term']} {step.split(' #')[0]}"] += 1
            bound["indexation in the clock's own year"] += step == "indexation" and "year" in term["clock"]
            if step == "carry":
                ((place, said),) = [(i, s["carry"]) for i, s in enumerate(term["steps"]) if "carry" in s]
                limits = [s["limit_payment"] for s in term["steps"][:place] if "limit_payment" in s]
                after = any(said["what"] == "all pain" or "floor" in limit for limit in limits)
                where = "after" if after else "before"
                bound[f"{said['what']} {where}, expires {said['expires'].split()[0]}"] += 1
    for clause in (
        "fee indexation", "sharing against", "sharing threshold", "sharing deadband", "sharing limit_gain",
        "sharing catch_up", "sharing floor", "sharing cap", "sharing carry", "sharing carry at end",
        "target_cost ceiling", "service_credits pool", "indexation in the clock's own year",
        "liability per year", "liability per life", "second_liability per year", "second_liability per life",
        "yearly liability in a stub", "yearly liability for several",
        *(f"{what} {where}, expires {when}" for what in ("all pain", "pain beyond the floor")
          for where in ("before", "after") for when in ("never", "after")),
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)

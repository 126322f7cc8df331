"""Whether, and when, the customer pays: the engine against the oracle, future by future.

The oracle does not know when the customer defaults: that is drawn. It is asked of the engine, by an offer that is paid a
unit on every day, with the same start and the same chance: the same futures have the same default.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from gainsim.model import build
from gainsim.offer.scenario import Scenario
from tests.oracle.agreement import differing
from tests.oracle.credit import Owed, default, late, month_of, owed
from tests.oracle.exits import passed, rows_to_the_end, stand_over
from tests.oracle.offers_credit import LUCK, OfferOnCredit, offer
from tests.oracle.rows import Rows, differ, of_base_case, of_futures
from tests.oracle.termination import early_end, settled_until, with_elapsed
from tests.test_oracle_exits import OVER

CONTRACTS, BATCH = 200, 100
PATHS = 3
YEARS = 7  # longer than any of the contracts, and what is paid after it
CALENDAR = {"step": "month", "year": "contract", "years": YEARS}


@cache
def last_days(start: str, chance: str) -> tuple[date, ...]:
    """By path, the day in which the customer defaults, the last before which what is dated is dated."""
    fee = {"term": "fee", "amount": "1 EUR per month"}
    asked = {
        f"day_{day}": {**fee, "clock": {"measured": "month", "invoiced": "in advance", "paid": f"{day} days"}}
        for day in range(31)
    }
    one = {
        "gainsim": 1, "title": "a unit on every day", "currency": "EUR", "calendar": {"start": start, **CALENDAR},
        "money": {"discount_rate": "0% pa"}, "drivers": {"luck": LUCK}, "contract": asked,
        "customer": {"credit": {"default": chance, "recovery": "0%"}},
    }  # fmt: skip
    found = []
    for rows in of_futures(build(Scenario.model_validate(one)), PATHS, asked):
        # what is paid is 1, and what the default takes off is not
        paid = [
            month_of(start, month) + timedelta(days=day)
            for day in range(31) for month in range(12 * YEARS)
            if rows[f"day_{day}", month] + rows.get((f"customer_credit.day_{day}", month), 0.0) > 0.5
        ]  # fmt: skip
        found.append(max(paid, default=month_of(start, 0)))
    return tuple(found)


def by_twin(one: OfferOnCredit, futures: list[date | None]) -> list[Rows]:
    """The ledger of each future, in which the customer defaults in a day, or does not."""
    start, contract = one.calendar["start"], one.contract
    world = with_elapsed(one.life, one.facts, start)
    rows, how = rows_to_the_end(one)
    settled = settled_until(contract, world, early_end(contract, world), one.costs)
    left = dict(settled)
    changes = stand_over(contract, left, world, how)
    settled |= {name: each for name, _, each in passed(contract, left, world, how) if contract[name]["term"] == "clawback"}
    amounts: list[Owed] = list(owed(contract, settled, changes, one.life, start))
    found = []
    for last_day in futures:
        unpaid = default(one.pays["credit"], amounts, rows, last_day, world) if "credit" in one.pays else {}
        interest = late(one.pays["late"], amounts, unpaid, world) if "late" in one.pays else {}
        found.append(rows | unpaid | interest)
    return found


def futures_of(one: OfferOnCredit) -> list[date | None]:
    """When the customer defaults; "In the base case nobody defaults"."""
    if "credit" not in one.pays:
        return [None]
    return list(last_days(one.calendar["start"], one.pays["credit"]["default"]))


def disagreements(one: OfferOnCredit) -> list[str]:
    together = [name for name, term in one.contract.items() if term["term"] not in OVER]
    if "credit" not in one.pays or one.number % 10 == 0:
        (rows,) = by_twin(one, [None])
        return differ(of_base_case(one.scenario(), together), rows, one.life)
    futures = of_futures(build(Scenario.model_validate(one.scenario())), PATHS, together)
    twins = by_twin(one, futures_of(one))
    return [each for ours, theirs in zip(futures, twins, strict=True) for each in differ(ours, theirs, one.life)]


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number))) == {}


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        futures = futures_of(one)
        for last_day, rows in zip(futures, by_twin(one, futures), strict=True):
            lines = {name for (name, _), amount in rows.items() if amount}
            unpaid = {name.partition(".")[2] for name in lines if name.startswith("customer_credit.")}
            bound.update(f"unpaid {one.contract[line]['term'] if line in one.contract else 'cost or gain'}" for line in unpaid)
            bound["no default"] += last_day is not None and not unpaid
            interest = {name for name in lines if name.startswith("late_payment.")}
            bound["interest"] += any(not name.endswith("financed") for name in interest)
            bound["financed"] += any(name.endswith("financed") for name in interest)
            bound["late, and then never"] += bool(interest and unpaid)
            signs = [amount > 0 for (name, _), amount in rows.items() if name.startswith("customer_credit.") and amount]
            bound["what the supplier owes is not paid"] += any(signs)
            bound["ends early"] += bool(unpaid) and any(term["term"] == "termination" for term in one.contract.values())
    for clause in (
        "no default", "unpaid cost or gain", "unpaid fee", "unpaid payment", "unpaid milestone", "unpaid delay_damages",
        "unpaid sharing", "unpaid termination", "unpaid retention", "what the supplier owes is not paid", "interest", "financed",
        "late, and then never", "ends early",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)

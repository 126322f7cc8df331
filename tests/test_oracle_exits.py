"""Offers that end early, with milestones, delays, limits, retentions, costs and the customer's side: the engine against
the oracle.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.oracle.agreement import differing
from tests.oracle.costs import left_of
from tests.oracle.exits import rows_to_the_end
from tests.oracle.offers_exits import OfferWithCosts, offer
from tests.oracle.rows import differ, of_base_case
from tests.oracle.termination import End, with_elapsed

CONTRACTS, BATCH = 250, 125
OVER = ("liability_limit", "common_limit", "retention")


def disagreements(one: OfferWithCosts) -> list[str]:
    together = [name for name, term in one.contract.items() if term["term"] not in OVER]
    return differ(of_base_case(one.scenario(), together), rows_to_the_end(one)[0], one.life)


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number))) == {}


def changed_by_the_end(one: OfferWithCosts) -> tuple[set[tuple[str, str]], End]:
    """The lines that the early end changes, each with where: before its last period (by the scope), in it, after it."""
    found, how = rows_to_the_end(one)
    lasting = {name: term for name, term in one.contract.items() if term["term"] != "termination"}
    going_on, _ = rows_to_the_end(replace(one, contract=lasting))
    if how.period is None:
        return set(), how
    changed = {key for key in found if abs(found[key] - going_on.get(key, 0.0)) > 1e-9}
    place = {True: "after", False: "before"}
    return {(name, "at" if p == how.period else place[p > how.period]) for name, p in changed}, how


def test_every_clause_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        changed, how = changed_by_the_end(one)
        if how.ender is None or how.period is None:
            continue
        out = one.contract[how.ender]
        for name, where in changed:
            line = name.split(".")
            if line[0] in one.contract:
                said = one.contract[line[0]]["term"] + (" released" if line[-1] == "released" else "")
            elif line[0] == "customer":
                said = "customer"
            else:
                cost = one.costs[line[0]]
                said = "over time" if "at" not in cost else "at the end" if cost["at"] == "end" else "dated"
                said += " written down" if line[-1] == "written down" else " runs on" if "after_exit" in cost else ""
            bound[f"{said} {where}"] += 1
        world = with_elapsed(one.life, one.facts, one.calendar["start"])
        listed = out.get("unrecovered", {"costs": []})["costs"]
        left = [left_of(one.costs[cost], world, how.period) for cost in listed]
        bound["unrecovered"] += any(left)
        bound["nothing left"] += 0 in left
        for cost, part in zip(listed, left, strict=True):
            said = one.costs[cost]
            bound["unrecovered of an indexed cost"] += "indexed" in said and part > 0
            bound["unrecovered of a dated cost"] += "from" in str(said["amount"]) and part > 0
            bound["unrecovered of what is bought at the end"] += said["at"] == "end" and part > 0
        bound["rounded"] += "rounded" in out and (how.ender, "at") in changed
        bound["a capital cost that runs on"] += any("after_exit" in cost and "straight_line" in cost for cost in one.costs.values())
        bound["scope of a limit"] += bool(how.scopes) and "'scales_with': 'scope'}}" in str(one.contract)
    for clause in (
        "milestone after", "delay_damages after", "retention released at", "retention after", "liability_limit after",
        "common_limit after", "subcontract after", "insurance after", "clawback after",
        "over time before", "over time after", "over time runs on before", "at the end at", "dated after",
        "dated written down at", "dated written down after", "customer after", "unrecovered", "nothing left", "rounded",
        "a capital cost that runs on", "scope of a limit", "at the end written down at", "unrecovered of an indexed cost",
        "unrecovered of a dated cost", "unrecovered of what is bought at the end",
    ):  # fmt: skip
        assert bound[clause] >= 5, (clause, bound)

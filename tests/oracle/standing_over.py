"""The oracle's settlement of a whole contract with terms that stand over others: each kind where its turn is.

First what the terms beneath pay, then the limits "in the file"'s order, then what is reckoned from what they left.
A line is what a term pays under one name: a limit's and a retention's by the term beneath, an alliance's by the partner.
"""

from __future__ import annotations

from typing import Any

from tests.oracle import over, passed_on
from tests.oracle.calendar import Life, Window
from tests.oracle.formulas import Fact, World
from tests.oracle.settled import Settled, reckoned_at
from tests.oracle.settlement import finished, liability_limit, present_rate, settle

Contract = dict[str, dict[str, Any]]
OVER = ("liability_limit", "common_limit", "retention", "clawback", "subcontract", "insurance", "alliance_split")
Found = dict[tuple[str, str], list[Settled]]  # by term and, where it has several, by line


def settle_over(contract: Contract, life: Life, facts: dict[str, Fact], start: str) -> Found:
    """Every term's settlements, in the order of time."""
    beneath = {name: term for name, term in contract.items() if term["term"] not in OVER}
    world = World(life, dict(facts), start=start)
    for name, term in beneath.items():
        if term["term"] == "fee":
            world.facts[name] = present_rate(term, world)
    left = settle(beneath, life, facts, start=start)
    found: Found = {(name, ""): settlements for name, settlements in left.items()}

    def limits(*, after_clawbacks: bool) -> None:
        for name, term in contract.items():
            if term["term"] not in ("liability_limit", "common_limit"):
                continue
            of_clawbacks = any(contract[one]["term"] == "clawback" for one in term.get("limits", ()))
            if of_clawbacks != after_clawbacks:  # those wait for what is paid back
                continue
            stand = liability_limit if term["term"] == "liability_limit" else over.common_limit
            for limited, changes in stand(term, contract, left, world).items():
                found[name, limited] = changes
                left[limited] = _added(left[limited], changes)

    limits(after_clawbacks=False)
    for name, term in contract.items():
        if term["term"] == "retention":
            changes = over.retention(term, contract, left, world)
            for line, settlements in changes.items():
                found[name, line] = settlements
            # "What is held back is not paid yet … The retention itself … stands for what it releases"
            for held in term["of"]:
                left[held] = _added(left[held], changes[held])
            left[name] = changes["released"]
    for name, term in contract.items():
        if term["term"] == "clawback":
            left[name] = found[name, ""] = finished(term, over.clawback(term, left, world), world)
    limits(after_clawbacks=True)

    # "as it is left by every limit and every retention over it"
    def within(name: str, window: Window) -> list[float]:
        return [one.paid for one in left[name] if window[0] <= reckoned_at(contract[name], one) <= window[1]]

    for name, term in contract.items():
        if term["term"] == "subcontract":
            found[name, ""] = passed_on.subcontract(term, within, world)
        if term["term"] == "insurance":
            found[name, "premium"] = passed_on.premium(term, world)
            found[name, "claim"] = passed_on.claims(term, within, world)
        if term["term"] == "alliance_split":
            for partner, settlements in passed_on.alliance_split(term, within, world).items():
                found[name, partner] = settlements
    return found


def _added(settlements: list[Settled], changes: list[Settled]) -> list[Settled]:
    """What is left of payments, settlement by settlement."""
    return [Settled(one.window, one.paid + change.paid) for one, change in zip(settlements, changes, strict=True)]

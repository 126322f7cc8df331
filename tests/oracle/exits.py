"""The oracle's ledger of a contract that ends early, with what stands over its terms, costs, and the customer's side; from
"termination" in docs/reference/terms.md and what it touches.
"""

from __future__ import annotations

from typing import Any

from tests.oracle import over, passed_on
from tests.oracle.calendar import Window
from tests.oracle.costs import Rows, costs, customer
from tests.oracle.formulas import World
from tests.oracle.rows import of_settled
from tests.oracle.settled import Settled, in_advance, reckoned_at
from tests.oracle.settlement import finished, liability_limit
from tests.oracle.termination import End, early_end, settled_until, with_elapsed

Clause = dict[str, Any]
Settlements = dict[str, list[Settled]]


def rows_to_the_end(one: Any) -> tuple[Rows, End]:
    """Every row of the offer's ledger, terms added up under their name; and how it ends."""
    contract, start = one.contract, one.calendar["start"]
    world = with_elapsed(one.life, one.facts, start)
    how = early_end(contract, world)
    found: Rows = {}
    left = settled_until(contract, world, how, one.costs)
    for name, settlements in left.items():
        found |= of_settled(name, settlements, 0 if in_advance(contract[name]) else -1)
    for name, line, settlements in stand_over(contract, left, world, how):
        at = 0 if line in contract and in_advance(contract[line]) else -1
        found |= of_settled(f"{name}.{line}", settlements, at)
    for name, at, settlements in passed(contract, left, world, how):
        for key, amount in of_settled(name, settlements, at).items():
            found[key] = found.get(key, 0.0) + amount
    return found | costs(one.costs, world, how.period, how.scopes) | customer(one.customer, world, how.period), how


def passed(
    contract: dict[str, Clause], left: Settlements, world: World, how: End
) -> list[tuple[str, int, list[Settled]]]:
    """What is passed on or claimed back of what the limits have left, and whether it is reckoned in a window's first
    period or its last.
    """

    def within(name: str, window: Window) -> list[float]:
        return [one.paid for one in left[name] if window[0] <= reckoned_at(contract[name], one) <= window[1]]

    def until_the_end(settlements: list[Settled]) -> list[Settled]:
        """ "A window that begins later pays nothing." """
        last = world.life.periods if how.period is None else how.period
        return [one if one.window[0] <= last else Settled(one.window, 0.0) for one in settlements]

    found = []
    for name, term in contract.items():
        if term["term"] == "clawback":
            found.append((name, -1, finished(term, over.clawback(term, left, world, how.period), world)))
        if term["term"] == "subcontract":
            found.append((name, -1, until_the_end(passed_on.subcontract(term, within, world))))
        if term["term"] == "insurance":
            found.append((name, 0, until_the_end(passed_on.premium(term, world))))
            found.append((name, -1, until_the_end(passed_on.claims(term, within, world))))
    return found


def stand_over(
    contract: dict[str, Clause], left: Settlements, world: World, how: End
) -> list[tuple[str, str, list[Settled]]]:
    """What limits and retentions change, by their line: limits in the order of the file, then what is held back."""
    found = []
    for name, term in contract.items():
        if term["term"] not in ("liability_limit", "common_limit"):
            continue
        stand = liability_limit if term["term"] == "liability_limit" else over.common_limit
        for limited, changes in stand(term, contract, left, world).items():
            found.append((name, limited, changes))
            left[limited] = [
                Settled(before.window, before.paid + change.paid)
                for before, change in zip(left[limited], changes, strict=True)
            ]
    for name, term in contract.items():
        if term["term"] == "retention":
            changed = over.retention(term, contract, left, world, how.period)
            found += [(name, line, settlements) for line, settlements in changed.items()]
    return found

"""The oracle's values with a memory, from "Values that follow" in docs/reference/terms.md."""

from __future__ import annotations

import re
from typing import Any

from tests.oracle.formulas import Fact, World, at_period, over_window, percent

Clause = dict[str, Any]


def with_values(world: World, written: dict[str, Any]) -> World:
    """The world, and in it what named formulas and values that follow come to; one may speak of another."""
    known = World(world.life, dict(world.facts), world.tables, world.start)
    left = {name: said for name, said in written.items() if name not in known.facts}
    while left:
        for name, said in list(left.items()):
            formula = said if isinstance(said, str) else said["ratchet"]
            if any(re.search(rf"\b{other}\b", formula) for other in left):
                continue  # when its turn comes
            values = ratchet(said, known) if isinstance(said, dict) else [
                at_period(said, known, period) for period in range(world.life.periods)
            ]  # fmt: skip
            known.facts[name] = Fact(values)
            del left[name]
    return known


def ratchet(said: Clause, world: World) -> list[float]:
    """ "It is S in the first window of the kind `every` and the same in all periods of a window." """
    found: list[float] = []
    by = percent(said.get("by", "100%"))  # "`by` is 100% unless said"
    x = at_period(said["start"], world, 0)
    for window in world.life.windows(said["every"]):
        for _ in range(window[0], window[1] + 1):
            found.append(x)
        # "At the end of each window A is reckoned over it, as a formula over a window; with x the value so far"
        target = x + by * (over_window(said["ratchet"], world, window) - x)
        if said["keeps"] == "lowest":  # "the lower of x and the target"
            x = target if target < x else x
        elif said["keeps"] == "highest":
            x = target if target > x else x
        else:  # "or the target"
            x = target
    return found

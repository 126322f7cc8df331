"""The oracle's steps with a memory, of quality and of the whole, from "sharing" in docs/reference/terms.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Value = Callable[[object], float]
#: of one step: what each settlement so far left in it, as (year, what)
Memory = list[tuple[int, Any]]


def _so_far(memory: Memory, per: str, year: int) -> list[Any]:
    return [what for when, what in memory if per == "life" or when == year] if per != "settlement" else []


def deductible(g: float, said: dict[str, Any], value: Value, memory: Memory, year: int, part: float) -> float:
    """ "the first D of the gains, of the pains, or of `both`, each on its own, does not count" """
    d = value(said["at"]) * (part if said["per"] == "year" else 1.0)  # "a yearly amount is scaled by months / 12"
    side = "gain" if g > 0 else "pain"
    if g == 0 or said["sides"] not in (side, "both"):
        memory.append((year, (side, 0.0)))
        return g
    # "D less all that this step has taken off the gains (for pains: off the pains) in earlier settlements …, and never
    # below 0"
    left = max(d - sum(taken for s, taken in _so_far(memory, said["per"], year) if s == side), 0.0)
    taken = min(abs(g), left)
    memory.append((year, (side, taken)))
    return g - taken if g > 0 else g + taken


def high_water_mark(g: float, said: dict[str, Any], value: Value, memory: Memory, year: int) -> float:
    """ "only a new best counts" """
    if not memory:
        memory.append((year, (value(said["start"]), 0.0)))  # "A formula S is reckoned in the first settlement."
    mark, cumulative = memory[-1][1]
    # "the same with the sum of this gain and all earlier ones, as they met this step, instead of g"
    reached = g if said["of"] == "level" else cumulative + g
    memory.append((year, (max(mark, reached), cumulative + g)))
    return max(reached - mark, 0.0)


def limit_gain(g: float, said: dict[str, Any], value: Value, memory: Memory, year: int, part: float) -> float:
    """ "floor and cap bind the sum of this gain and of what has left this step in earlier settlements" """
    per = said.get("per", "settlement")
    already = sum(_so_far(memory, per, year))
    scale = part if per == "year" else 1.0
    if "floor" in said:
        g = max(g, value(said["floor"]) * scale - already)
    if "cap" in said:
        g = min(g, value(said["cap"]) * scale - already)
    memory.append((year, g))
    return g


def quality(amount: float, kind: str, said: dict[str, Any], value: Value) -> float:
    """The gate: "where the condition does not hold, the amount becomes 0 if it lies on the side named"; the multiplier."""
    side = "gain" if amount > 0 else "pain"
    if said["sides"] not in (side, "both"):
        return amount
    if kind == "quality_gate":
        return amount if value(said["when"]) else 0.0
    return amount * value(said["by"])


def share_of_whole(g: float, ranges: dict[str, Any], value: Value) -> float:
    """ "one share on the whole gain, that of the range in which it falls" """
    for label, share in ranges.items():
        # "`below E: s` ends before E, which belongs to the next range; `up to E: s` ends with E"
        if label.startswith("below") and g < value(label.removeprefix("below")):
            return value(share) * g
        if label.startswith("up to") and g <= value(label.removeprefix("up to")):
            return value(share) * g
    return value(ranges["above"]) * g

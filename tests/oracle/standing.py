"""What every term may say of itself: when it stands, and how it is rounded; from "Terms that stand for a time" and "Rounding"."""

from __future__ import annotations

from typing import Any

from tests.oracle.formulas import World, at_period
from tests.oracle.lookups import rounded

Clause = dict[str, Any]


def stands(term: Clause, world: World, period: int) -> bool:
    """ "asked in the period in which the term settles, of the values of that period alone (a flow as it is written)" """
    return "active_while" not in term or bool(at_period(term["active_while"], world, period))


def rounding(term: Clause, paid: float) -> float:
    """What the line `rounding` adds: "rounds each payment of a term, as its last line"."""
    said = term.get("rounded")
    return 0.0 if said is None else rounded(paid, said["to"], said["by"]) - paid

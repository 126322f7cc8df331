"""What errors of measurement cost each party, by what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gainsim.measures import Estimate, estimate, mean
from gainsim.outcome import Floats, Outcome
from gainsim.words import doubt

#: the rows after those of what is measured
TOGETHER, ALL = "what they do together", "= all of them"


@dataclass(frozen=True)
class ErrorCost:
    """What the errors of one measured value add to each party's result: the run, less the same were it alone read exactly.

    name: the value, or `TOGETHER`: what is left to all of them, for a clause that answers several makes more or less of them
    """

    name: str
    supplier: Estimate
    customer: Estimate


def error_costs(outcome: Outcome) -> tuple[ErrorCost, ...]:
    """By measured value, on the same futures, with what they do together and all of them; none where fewer than two count.

    Each takes a run more.
    """
    names = [name for name in outcome.run.model.measured if name not in outcome.run.model.unread]
    if len(names) < 2:
        return ()
    parts = {name: outcome.by_errors_of([name]) for name in names}
    both = outcome.by_measurement
    left = tuple(whole - sum(part[side] for part in parts.values()) for side, whole in enumerate(both))
    return tuple(_cost(name, outcome, each) for name, each in (*parts.items(), (TOGETHER, left), (ALL, both)))


def _cost(name: str, outcome: Outcome, by_party: Sequence[Floats]) -> ErrorCost:
    return ErrorCost(name, *(estimate(mean(amounts, outcome.sample)) for amounts in by_party))


def error_cost_head(currency: str) -> tuple[str, ...]:
    """The head of the table: two columns a party, the second for its doubt."""
    return f"{currency}, whole life", "supplier", "", "customer", ""


def error_cost_rows(found: Sequence[ErrorCost]) -> list[tuple[str, ...]]:
    """The rows of the table in words."""
    return [
        (each.name, *(cell for party in (each.supplier, each.customer) for cell in (f"{party.value:z,.0f}", doubt(party))))
        for each in found
    ]


def error_costs_json(found: Sequence[ErrorCost]) -> dict[str, Any]:
    """The same as plain data, by what is measured."""
    parties = ("supplier", "customer")
    return {
        each.name.removeprefix("= "): {
            party: {"value": of.value + 0.0, "standard_error": of.standard_error}
            for party, of in zip(parties, (each.supplier, each.customer), strict=True)
        }
        for each in found
    }

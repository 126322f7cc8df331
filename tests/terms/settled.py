"""A contract on facts that are certain, settled: what the tests of the terms ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gainsim.model import build
from gainsim.offer.scenario import Scenario

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Amounts:
    """The amounts of every line, settlement by settlement, and of every term: the sum of its payment lines."""

    lines: dict[str, list[float]]
    pays: dict[str, list[float]]


def settled(
    contract: Mapping[str, Any],
    facts: Mapping[str, tuple[str, Sequence[float]]],
    *,
    start: str = "2027-01",
    step: str = "year",
    tables: Mapping[str, Any] | None = None,
    **more: Any,
) -> Amounts:
    """Settle a contract on facts: name to (unit, one value a period).

    >>> settled({"fee": {"term": "fee", "amount": "rate"}}, {"rate": ("EUR/year", [1, 2])}).pays
    {'fee': [1.0, 2.0]}
    """
    size = MONTHS[step]
    months = size * len(next(iter(facts.values()))[1])
    year, month = (int(part) for part in start.split("-"))
    begins = [year * 12 + month - 1 + n for n in range(0, months, size)]
    dates = [f"{m // 12}-{m % 12 + 1:02}" for m in begins]
    document = {
        "gainsim": 1,
        "title": "a contract",
        "currency": "EUR",
        "calendar": {"start": start, "months": months, "step": step, "year": "contract", "stub_years": "full", **more},
        "money": {"discount_rate": "0% pa"},
        "drivers": {
            name: {"control": "nobody", "unit": unit, "schedule": dict(zip(dates, values, strict=True))}
            for name, (unit, values) in facts.items()
        },
        "tables": tables or {},
        "contract": contract,
    }
    model, rows = build(Scenario.model_validate(document)).base
    lines: dict[str, list[float]] = {}
    pays: dict[str, dict[int, float]] = {}
    for (t, number), amount in zip(model.program.rows, rows, strict=True):
        line = model.lines[number]
        lines.setdefault(line.name, []).append(float(amount))
        if line.role == "payment":
            term = pays.setdefault(line.group, {})
            term[t] = term.get(t, 0.0) + float(amount)
    return Amounts(lines, {name: list(term.values()) for name, term in pays.items()})

"""An offer under stress as plain data, for machines."""

from __future__ import annotations

import math
from typing import Any

from gainsim.analyses.stress import Result, Stresses
from gainsim.analyses.stress_words import case_words, notes
from gainsim.measures import Estimate

SCHEMA = "gainsim/stress/1"


def to_json(found: Stresses) -> dict[str, Any]:
    """Every case, and the map of two drivers where there is one."""

    def case(of: Result) -> dict[str, Any]:
        return {
            "name": of.stress.name, "says": case_words(of.stress), "about": of.stress.about, "futures": of.futures,
            "too_few": of.too_few, "moves": of.moves, "limits_broken": list(of.broken),
            "measures": {name: told(each.estimate) for name, each in of.measures.items()},
            "changed_by": {name: told(each.estimate) for name, each in of.apart.items()},
        }  # fmt: skip

    def told(of: Estimate | None) -> dict[str, float | None] | None:
        if of is None:
            return None
        return {"value": of.value, "standard_error": of.standard_error if math.isfinite(of.standard_error) else None}

    heat = found.heat
    return {
        "schema": SCHEMA,
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "own_cases": found.own,
        "as_is": case(found.as_is),
        "cases": [case(each) for each in found.cases],
        "heat": None if heat is None else {
            "drivers": list(heat.drivers), "edges": [list(each) for each in heat.edges],
            "npv": [[told(cell) for cell in row] for row in heat.cells], "futures": [list(row) for row in heat.futures],
        },
        "notes": list(notes(found)),
    }  # fmt: skip

"""What a tuning found, as plain data for machines."""

from __future__ import annotations

import math
from typing import Any

from gainsim.analyses.candidates import KEPT, Candidate
from gainsim.analyses.tuning import Tuned
from gainsim.judging import Judgement
from gainsim.measures import Estimate
from gainsim.measuring import Measured

SCHEMA = "gainsim/tuning/1"


def to_json(found: Tuned) -> dict[str, Any]:
    """The best offer, the term sheet of the change, limits, flatness and frontiers."""
    candidates, between = found.candidates, found.parties
    measures = {
        name: {
            "as_it_was": _measured(was),
            "tuned": _measured(found.after[name]),
            "as_it_was_elsewhere": _measured(found.elsewhere[0][name]),
            "tuned_elsewhere": _measured(found.elsewhere[1][name]),
        }
        for name, was in found.before.items()
    }
    return {
        "schema": SCHEMA,
        "title": candidates.loaded.scenario.title,
        "paths": candidates.paths,
        "seed": candidates.seed,
        "candidates": len(candidates),
        "measure": found.aim,
        "wanted": "most" if candidates.tune.sign > 0.0 else "least",
        "allowed": found.best.allowed,
        "gain": _measured(found.gain),
        "gain_elsewhere": _measured(found.gain_elsewhere),
        "overfitted": found.overfitted,
        "levers": {
            each.lever.name: {
                "keys": each.lever.key.split(" and "), "edge": each.lever.edge, "low": each.lever.low, "high": each.lever.high,
                "step": each.lever.step, "before": each.lever.text, "after": each.lever.written(each.number),
                "number": each.number, "at_an_end": each.at_an_end,
                "alone": None if each.alone is None else {name: _estimate(of) for name, of in each.alone.items()},
                "as_good": {
                    "from": flat.low[0], "from_ended_by": flat.low[1], "to": flat.high[0], "to_ended_by": flat.high[1],
                    "loses_less_than": found.tolerance,
                },
                "moved": [{"number": number, "gain": gain, "allowed": kept} for number, gain, kept in flat.points],
            }
            for each, flat in zip(found.changes, found.flat, strict=True)
        },
        "measures": measures,
        "limits": {
            held.limit.key: {
                "whose": held.limit.whose, "rule": held.after.rule, "bound": held.after.bound, "binds": held.binds,
                "as_it_was": _judged(held.before), "tuned": _judged(held.after), "tuned_elsewhere": _judged(held.elsewhere),
            }
            for held in found.limits
        },
        "as_it_stands": _candidate(candidates.first),
        "best": _candidate(found.best),
        "nash": None if between is None or between.nash is None else _candidate(between.nash),
        "equal_split": None if between is None or between.equal is None else _candidate(between.equal),
        "without_a_deal": None if between is None else list(between.nothing),
        "risk_frontier": [_candidate(each) for each in found.risk.points],
        "two_party_frontier": [] if between is None else [_candidate(each) for each in between.frontier.points],
    }  # fmt: skip


def _candidate(of: Candidate) -> dict[str, Any]:
    kept = {name: value if math.isfinite(value) else None for name, value in zip(KEPT, of.kept, strict=True)}
    return {"numbers": list(of.numbers), **kept, "allowed": of.allowed}


def _measured(of: Measured) -> dict[str, Any] | None:
    return None if of.estimate is None else _estimate(of.estimate)


def _estimate(of: Estimate) -> dict[str, Any]:
    error = of.standard_error if math.isfinite(of.standard_error) else None
    return {"value": of.value, "standard_error": error, "unit": of.unit}


def _judged(of: Judgement) -> dict[str, Any]:
    return {"measured": _measured(of.measured), "verdict": of.verdict}

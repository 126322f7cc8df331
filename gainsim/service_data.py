"""What operations come to, and the timeline of a path, as plain data for machines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gainsim.measures import Estimate
from gainsim.operations.plant import Plant
from gainsim.operations.timeline import Incident, Story
from gainsim.service import SHOWN, Operated, Service, Spread

Plain = dict[str, object]


def to_json(found: Service, changes: Sequence[object] = ()) -> Plain:
    """Every figure of the page, and each outcome of each fleet in each contract year; hours, and what adds up, a year."""
    return {
        "schema": "gainsim/operations/1",
        "title": found.scenario.title,
        "paths": found.paths,
        "seed": found.seed,
        "changes": [str(change) for change in changes],
        "operations": [_operated(found, each) for each in found.operated],
    }


def _operated(found: Service, of: Operated) -> Plain:
    return {
        "name": of.plant.name,
        "years": list(of.years),
        "outcomes": [
            {
                "outcome": told.outcome,
                "fleet": told.fleet,
                "contract": _spread(told.whole),
                "by_year": [_spread(year) for year in told.years],
            }
            for told in of.outcomes
        ],
        "causes": [
            {
                "fleet": mode.fleet,
                "mode": mode.mode,
                "failures": _estimate(mode.failures),
                "hours": {cause: _estimate(hours) for cause, hours in mode.hours.items()},
            }
            for mode in of.causes
        ],
        "crews": [{"name": c.name, "number": c.number, "on_shift": c.on_shift, "use": _estimate(c.use)} for c in of.crews],
        "spares": [
            {"name": s.name, "stock": s.stock, "calls": _estimate(s.calls), "filled": s.filled and _estimate(s.filled)}
            for s in of.spares
        ],
        "levers": [
            {
                "kind": lever.kind,
                "name": lever.name,
                "before": lever.before,
                "after": lever.after,
                "change": {what: _estimate(change) for what, change in lever.change.items()},
            }
            for lever in of.levers
        ],
        "drivers": [
            {"name": name, "unit": str(found.scenario.drivers[name].unit), **_estimate(mean)} for name, mean in of.drivers.items()
        ],
        "middle_path": of.middle,
    }


def _spread(of: Spread) -> Plain:
    return {**_estimate(of.mean), **{f"p{round(100 * p)}": value for p, value in zip(SHOWN, of.percentiles, strict=True)}}


def _estimate(of: Estimate) -> Plain:
    return {"mean": of.value, "standard_error": of.standard_error if math.isfinite(of.standard_error) else None}


def timeline_json(title: str, path: int, seed: int, told: Sequence[tuple[Plant, Story]]) -> Plain:
    """Every failure of one path, times in hours from the contract's start; null for what the contract's end cuts off."""

    def incident(plant: Plant, of: Incident) -> Mapping[str, object]:
        fleet, number = plant.asset(of.asset)
        return {
            "fleet": fleet,
            "asset": number,
            "mode": plant.modes[of.mode].name,
            "failed": of.failed,
            "waits": [{"begin": wait.begin, "end": wait.end, "for": wait.cause} for wait in of.waits],
            "begun": of.begun,
            "stands_by": of.stands,
            "runs": of.runs,
        }

    return {
        "schema": "gainsim/timeline/1",
        "title": title,
        "path": path,
        "seed": seed,
        "operations": [
            {
                "name": plant.name,
                "incidents": [incident(plant, each) for each in of.incidents],
                "first_starts": [{"fleet": plant.asset(n)[0], "asset": plant.asset(n)[1], "runs": when} for when, n in of.starts],
            }
            for plant, of in told
        ],
    }

"""What operations come to, and the timeline of a path, as plain data for machines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gainsim.analyses.service_levers import ServiceLever
from gainsim.measures import Estimate
from gainsim.operations.plant import Plant
from gainsim.operations.timeline import Story, Work
from gainsim.service import Operated, Service, owed_a_year
from gainsim.service_outcomes import SHOWN, InTime, Limit, Spread, Told

Plain = dict[str, object]


def to_json(found: Service, changes: Sequence[object] = ()) -> Plain:
    """Every figure of the page, and each outcome of each fleet, site and kind of requests in each contract year.

    Hours; what adds up over time, a year of it.
    """
    return {
        "schema": "gainsim/operations/1",
        "title": found.scenario.title,
        "currency": found.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "changes": [str(change) for change in changes],
        "operations": [_operated(found, each) for each in found.operated],
    }


def _operated(found: Service, of: Operated) -> Plain:
    return {
        "name": of.plant.name,
        "years": list(of.years),
        "hours_owed": owed_a_year(found, of),
        "outcomes": [_told(told) for told in of.outcomes],
        "in_time": [{**_limit(each.limit), **_spreads(each)} for each in of.in_time],
        "causes": [
            {
                "fleet": mode.fleet,
                "mode": mode.mode,
                "failures": _estimate(mode.failures),
                "planned": _estimate(mode.planned),
                "hours": _estimates(mode.hours),
            }
            for mode in of.causes
        ],
        "requests": [
            {
                "kind": each.kind,
                "calls": _estimate(each.calls),
                "answered": _estimate(each.answered),
                "turned_away": _estimate(each.turned_away),
                "left": _estimate(each.left),
                "waits": _estimates(each.waits),
            }
            for each in of.calls
        ],
        "crews": [
            {
                "names": list(crew.names),
                "number": crew.number,
                "on_shift": crew.on_shift,
                "use": _estimate(crew.use),
                "overtime": _estimate(crew.overtime),
            }
            for crew in of.crews
        ],
        "spares": [
            {"name": s.name, "stock": s.stock, "calls": _estimate(s.calls), "filled": s.filled and _estimate(s.filled)}
            for s in of.spares
        ],
        "levers": [_lever(lever) for lever in of.levers],
        "drivers": [
            {"name": name, "unit": str(found.scenario.drivers[name].unit), **_estimate(mean)} for name, mean in of.drivers.items()
        ],
        "middle_path": of.middle,
    }


def _told(of: Told) -> Plain:
    whose = {kind: of.who.name if of.who.kind == kind else None for kind in ("fleet", "site", "requests")}
    return {"outcome": of.outcome, **whose, **_spreads(of)}


def _limit(of: Limit) -> Plain:
    whose = {"fleet": of.name, "mode": of.mode, "requests": None} if of.mode else {"fleet": None, "mode": None, "requests": of.name}
    return {"outcome": of.outcome, **whose, "hours": of.hours}


def _spreads(of: Told | InTime) -> Plain:
    return {"contract": _spread(of.whole), "by_year": [_spread(year) for year in of.years]}


def _lever(of: ServiceLever) -> Plain:
    return {
        "kind": of.change.kind,
        "name": of.change.name,
        "mode": of.change.mode or None,
        "before": of.change.before,
        "after": of.change.after,
        "change": {**_estimates(of.moved), "npv": of.npv and _estimate(of.npv)},
        "in_time": [{**_limit(limit), **_estimate(change)} for limit, change in of.in_time.items()],
        "costs_follow": of.costs_follow,
    }


def _spread(of: Spread) -> Plain:
    return {**_estimate(of.mean), **{f"p{round(100 * p)}": value for p, value in zip(SHOWN, of.percentiles, strict=True)}}


def _estimate(of: Estimate) -> Plain:
    return {"mean": of.value, "standard_error": of.standard_error if math.isfinite(of.standard_error) else None}


def _estimates(of: Mapping[Any, Estimate]) -> Plain:
    return {name: _estimate(each) for name, each in of.items()}


def timeline_json(title: str, path: int, seed: int, told: Sequence[tuple[Plant, Story]]) -> Plain:
    """Every failure, planned work and call of one path, times in hours from the contract's start; null for what never came."""
    return {
        "schema": "gainsim/timeline/1",
        "title": title,
        "path": path,
        "seed": seed,
        "operations": [
            {
                "name": plant.name,
                "works": [_work(plant, each) for each in of.works],
                "calls": [_call(plant, each) for each in of.calls],
                "first_starts": [{"fleet": plant.asset(n)[0], "asset": plant.asset(n)[1], "runs": when} for when, n in of.starts],
            }
            for plant, of in told
        ],
    }


def _work(plant: Plant, of: Work) -> Plain:
    fleet, number = plant.asset(of.asset)
    return {
        "fleet": fleet,
        "asset": number,
        "mode": plant.modes[of.mode].name,
        "called": of.called,
        "failed": of.failed,
        "waits": _waits(of),
        "escalated": of.escalated,
        "begun": of.begun,
        "stopped": of.stopped,
        "done": of.done,
        "runs": of.runs,
        "withdrawn": of.gone,
    }


def _call(plant: Plant, of: Work) -> Plain:
    return {
        "requests": plant.modes[of.mode].fleet,
        "call": of.asset + 1,
        "called": of.called,
        "waits": _waits(of),
        "escalated": of.escalated,
        "begun": of.begun,
        "arrived": of.arrived,
        "done": of.done,
        "left": None if of.turned_away else of.gone,
        "turned_away": of.gone if of.turned_away else None,
    }


def _waits(of: Work) -> list[Plain]:
    return [{"begin": wait.begin, "end": wait.end, "for": wait.cause} for wait in of.waits]

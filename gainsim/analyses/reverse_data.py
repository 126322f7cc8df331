"""What a reverse stress found, for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gainsim.analyses.reverse import Contrast, Reverse, Way
from gainsim.measures import Estimate


def to_json(found: Reverse, changes: Sequence[object] = ()) -> dict[str, Any]:
    """Plain data; what is not known is null."""
    return {
        "schema": "gainsim/reverse-stress/1",
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "changes": [str(change) for change in changes],
        "amount": found.crossing.amount.name,
        "below": found.crossing.below,
        "above": found.crossing.above,
        "level": found.level and {
            "part_below": found.level.part, "lumped_at": found.level.lumped, "part_there": found.level.lump
        },
        "asked_first": found.instead and {"amount": found.instead.amount.name, "below": found.instead.below},
        "probability": _told(found.probability),
        "effective_futures": found.effective,
        "ordinary": {
            "futures": found.futures, "probability": _told(found.plain), "at_most": found.at_most, "worst": found.worst,
        },
        "simulated": found.simulated,
        "seed": found.seed,
        "ways": [_way(way, found) for way in found.ways],
    }  # fmt: skip


def _way(way: Way, found: Reverse) -> dict[str, Any]:
    return {
        "standard_deviations": way.deviations,
        "straight": way.straight,
        "probability": _told(way.probability),
        "effective_futures": way.effective,
        "drivers": {
            each.driver: {
                "control": each.owner, "unit": str(each.unit), "usually": _told(each.usual), "there": each.there,
                "past_the_limit": _told(each.past), "lower_in": each.place, "part": each.part,
                "by_year": None if each.course is None else [float(each.course[year].mean()) for year in found.years],
                "usually_by_year": [float(each.usually.mean[year].mean()) for year in found.years],
            }
            for each in way.states
        },
        "others": {name: each._asdict() for name, each in way.others.items()},
        "not_moved": way.rest,
        "clauses": {name: _contrast(each) for name, each in way.clauses.items()},
        "all_else": way.alike and _contrast(way.alike),
        "in_all": _contrast(way.whole),
        "nearest_ordinary_future": {"path": way.nearest[0], "amount": way.nearest[1]},
    }  # fmt: skip


def _contrast(of: Contrast) -> dict[str, Any]:
    return {"usually": _told(of.usual), "past_the_limit": _told(of.past), "difference": _told(of.apart)}


def _told(of: Estimate | None) -> dict[str, float | None] | None:
    if of is None:
        return None
    return {"value": of.value, "standard_error": of.standard_error if math.isfinite(of.standard_error) else None}

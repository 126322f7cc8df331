"""What each clause of an offer contributes, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gainsim.analyses.waterfall import Waterfall
from gainsim.analyses.waterfall_words import tables
from gainsim.measures import Estimate
from gainsim.text.told import shown, study_title

SCHEMA = "gainsim/waterfall/1"


def page(found: Waterfall) -> str:
    """What every clause brings, and what striking it would change."""
    title = study_title(found.model.scenario, found.paths, found.seed)
    return "\n\n".join([title, *map(shown, tables(found))])


def to_json(found: Waterfall) -> dict[str, Any]:
    """The same for machines."""

    def told(of: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
        return {what: {"value": each.value, "standard_error": each.standard_error} for what, each in of.items()}

    return {
        "schema": SCHEMA,
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "orders": "as written" if found.in_order else "all",
        "none": told(found.none),
        "clauses": {each.clause: {"parts": told(each.parts), "struck": told(each.struck)} for each in found.parts},
        "whole": told(found.whole),
    }

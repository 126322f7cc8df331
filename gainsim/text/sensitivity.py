"""Whose risk an offer is, and which driver moves it, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.owners import SPLIT, Owners, Without
from gainsim.analyses.sensitivity import swings
from gainsim.analyses.sensitivity_words import tables
from gainsim.analyses.tail_shares import tail_parts
from gainsim.analyses.variance_shares import Shares
from gainsim.measures import Estimate
from gainsim.text.told import shown, study_title

SCHEMA = "gainsim/sensitivity/1"


def page(found: Owners, of: Ensemble, shares: Shares) -> str:
    """All that is told of an offer's sensitivity: of its owners, and from one ensemble of its drivers."""
    title = study_title(found.model.scenario, found.paths, found.seed)
    return "\n\n".join([title, *map(shown, tables(found, of, shares))])


def to_json(found: Owners, of: Ensemble, shares: Shares) -> dict[str, Any]:
    """The same for machines."""

    def told(of: Estimate | None) -> dict[str, float] | None:
        return None if of is None else {"value": of.value, "standard_error": of.standard_error}

    def split(of: Mapping[str, Estimate]) -> dict[str, Any]:
        return {what: told(of[what]) for what in SPLIT}

    def without(each: Without) -> dict[str, Any]:
        return {
            "npv": told(each.supplier), "worst_5": told(each.worst), "certainty_equivalent": told(each.certain),
            "customer_npv": told(each.customer), "customer_worst_5": told(each.customer_worst),
            "customer_worst_5_bearing_it": told(each.bearing),
        }  # fmt: skip

    def moved(target: Target) -> dict[str, Any]:
        return {
            each.driver: {
                "control": each.owner, "low": told(each.low), "high": told(each.high), "swing": told(each.swing),
                "rank_correlation": each.rank,
            }
            for each in swings(of, target)
        }  # fmt: skip

    return {
        "schema": SCHEMA,
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "owners": {each.owner: {"drivers": list(each.drivers), **split(each.parts)} for each in found.parts},
        "none": split(found.none),
        "whole": split(found.whole),
        "without_owner": {each.name: without(each) for each in found.owners_without},
        "without_driver": {each.name: without(each) for each in found.drivers_without},
        "drivers": {target.name: {"unit": target.unit, "moved_by": moved(target)} for target in of.targets},
        "variance_shares": {
            target: {**{name: told(share) for name, share in each.items()}, "rest": told(shares.rest[target])}
            for target, each in shares.of.items()
        },
        "worst_5": {
            target.name: {
                each.name: {"mean": told(each.mean), "worst_5": told(each.worst), "part": each.share}
                for each in tail_parts(of, target)
            }
            for target in of.targets if target.parts
        },
        "unread": list(found.model.unread),
    }  # fmt: skip

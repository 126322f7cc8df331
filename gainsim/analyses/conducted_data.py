"""Conduct as plain data for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gainsim.analyses.conducted import Conducted, Moment, Other
from gainsim.measures import Estimate
from gainsim.put_in import PutIn, plans_json


def to_json(title: str, found: Mapping[str, Conducted], changes: Sequence[object] = ()) -> dict[str, Any]:
    """Every figure of the page by offer, and the plans; an offer alone in its file is called by the title."""
    first = next(iter(found.values()))
    return {
        "schema": "gainsim/conduct/1",
        "title": title,
        "currency": first.scenario.currency,
        "paths": first.paths,
        "seed": first.seed,
        "changes": [str(change) for change in changes],
        "offers": {name or title: _offer(each) for name, each in found.items()},
    }


def _offer(found: Conducted) -> dict[str, Any]:
    plans = plans_json(found.model)
    return {
        "supplier_margin": _told(found.supplier),
        "customer_net_benefit": _told(found.customer),
        "efforts": {
            each.name: {**plans[each.name], **_put_in(each), "moments": [_moment(of) for of in found.moments.get(each.name, ())]}
            for each in found.efforts
        },
        "otherwise": [_other(each) for each in found.others],
        "other_shares": [{"times": times, **_other(each)} for times, each in found.shares.items()],
    }


def _put_in(of: PutIn) -> dict[str, Any]:
    mean, low, high = of.periods.tolist()
    return {
        "mean": _told(of.mean),
        "years": {year: {"mean": _told(each), "p10": low, "p90": high} for year, (each, low, high) in of.years.items()},
        "periods": {"mean": mean, "p10": low, "p90": high},
    }


def _moment(of: Moment) -> dict[str, Any]:
    return {
        "period": of.period,
        "reached": of.reached,
        "alone": {driver: _told(each) for driver, each in of.alone.items()},
        "worth": {driver: dict(zip(("p10", "p50", "p90"), each, strict=True)) for driver, each in of.worth.items()},
        "put_in": _told(of.put_in),
        "at_its_least": _told(of.idle),
        "at_its_most": _told(of.full),
    }


def _other(of: Other) -> dict[str, Any]:
    return {"what": of.what, "put_in": dict(of.found), "supplier": _told(of.supplier), "customer": _told(of.customer)}


def _told(of: Estimate | None) -> dict[str, float] | None:
    return None if of is None else {"value": of.value, "standard_error": of.standard_error}

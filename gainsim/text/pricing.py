"""The answer of `gainsim price` in the terminal and for machines."""

from __future__ import annotations

import math
from typing import Any

from gainsim.analyses.pricing import Priced
from gainsim.analyses.pricing_words import answer, comes_to, reason
from gainsim.measuring import Measured
from gainsim.text.offer import table

SCHEMA = "gainsim/price/1"


def page(found: Priced) -> str:
    """The answer first, how sure it is, and what else the offer then comes to."""
    told = comes_to(found)
    return "\n".join([answer(found), reason(found), "", table(told.rows, head=told.head), "", *told.notes])


def to_json(found: Priced) -> dict[str, Any]:
    """The same as plain data."""

    def told(of: Measured) -> dict[str, Any] | None:
        if of.estimate is None:
            return None
        return {"value": of.estimate.value, "standard_error": of.estimate.standard_error, "unit": of.unit}

    both = {found.measure[1].name: found.measure, **found.told}
    return {
        "schema": SCHEMA,
        "key": found.key,
        "before": found.before,
        "after": found.after,
        "number": found.number,
        "standard_error": found.error if math.isfinite(found.error) else None,
        "target": found.target,
        "measures": {name: {"before": told(was), "after": told(now)} for name, (was, now) in both.items()},
        "limits_broken": list(found.broken),
        "searched": [
            {"number": number, "value": of.value, "standard_error": of.standard_error} for number, of in found.searched
        ],
        "paths": found.paths,
        "seed": found.seed,
    }

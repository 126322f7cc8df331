"""The answer of `gainsim price` in the terminal and for machines."""

from __future__ import annotations

import math
from typing import Any

from gainsim.analyses.pricing import Priced
from gainsim.measuring import Measured
from gainsim.text.offer import table
from gainsim.titles import TITLES
from gainsim.words import counted, two_digits


def page(found: Priced) -> str:
    """The answer first, how sure it is, and what else the offer then comes to."""
    was, now = found.measure
    error = f"± {two_digits(found.error)}" if 0.0 < found.error < math.inf else "exactly" if found.error == 0.0 else "± ?"
    answer = f"{found.key}: {found.number:,.6g} {error} (one standard error), in place of {found.before}"
    reason = f"With it {now.name} is {now.shown[0]} {now.shown[1]}, where it was {was.shown[0]}.".replace("  ", " ")
    rows = [_row(now.name, found.measure), *(_row(name, both) for name, both in found.told.items())]
    futures = f"{counted(found.paths, 'future')}, seed {found.seed}; every trial met the same ones."
    return "\n".join([answer, reason, "", table(rows, head=("", "as it was", "", "at the answer", "")), "", futures])


def _row(name: str, both: tuple[Measured, Measured]) -> tuple[str, ...]:
    return (TITLES.get(name, name).strip(), *both[0].shown, *both[1].shown)


def to_json(found: Priced) -> dict[str, Any]:
    """The same as plain data."""

    def told(of: Measured) -> dict[str, Any] | None:
        if of.estimate is None:
            return None
        return {"value": of.estimate.value, "standard_error": of.estimate.standard_error, "unit": of.unit}

    both = {found.measure[1].name: found.measure, **found.told}
    return {
        "key": found.key,
        "before": found.before,
        "after": found.after,
        "number": found.number,
        "standard_error": found.error if math.isfinite(found.error) else None,
        "target": found.target,
        "measures": {name: {"before": told(was), "after": told(now)} for name, (was, now) in both.items()},
        "paths": found.paths,
        "seed": found.seed,
    }

"""Percentiles as written, by which a distribution may be told."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from gainsim.offer.fields import Number, Share

#: by probability, the value that is not exceeded with it
Percentiles = Annotated[dict[Share, Number], Field(min_length=1, max_length=3)]


def check_ascending(percentiles: Mapping[float, float] | None) -> None:
    """Percentiles lie between 0% and 100%, and rise with their probability."""
    if percentiles is None:
        return
    points = sorted(percentiles.items())
    for chance, value in points:
        if not 0.0 < chance < 1.0:
            raise ValueError(f"a percentile lies between 0% and 100%, both excluded; {value:g} is written at {100 * chance:g}%.")
    for (low, below), (high, above) in pairwise(points):
        if not below < above:
            raise ValueError(f"percentiles rise: {above:g} at {100 * high:g}% must lie above {below:g} at {100 * low:g}%.")

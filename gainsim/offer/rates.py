"""Rates as written band by band: each applies up to its edge, the last has no end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gainsim.offer.fields import AT_KEY, problems_below
from gainsim.ops.formula import Formula

Edge = TypeVar("Edge")


@dataclass(frozen=True)
class RateBand(Generic[Edge]):
    """One band of rates: the edge at which it ends, None for the last, and the rate in it."""

    label: str
    edge: Edge | None
    rate: Formula


def banded(
    step: str, last: str, example: Mapping[str, str], edge_of: Callable[[str], Edge], rate_of: Callable[[Any], Formula]
) -> Callable[[Any], Any]:
    """A reader of bands: `step` an edge, then `last`; what is wrong is told of all of them at once."""
    key = re.compile(rf"{step}\s+(.+)$")
    form = f"{{ {', '.join(f'{said}: {rate}' for said, rate in example.items())} }}"

    def edge(label: str) -> Edge | None:
        if label == last:
            return None
        parts = key.match(label)
        if parts is None:
            raise ValueError(f"'{label}' is not a band. Write {form}.")
        return edge_of(parts[1])

    def read(written: Any) -> Any:
        if isinstance(written, tuple):
            return written
        if not isinstance(written, Mapping) or not written:
            raise ValueError(f"rates are written band by band: {form}.")
        bands: list[RateBand[Edge]] = []
        found: list[tuple[tuple[str, ...], str]] = []
        for said, rate in written.items():
            label = str(said).strip()
            place: tuple[str, ...] = (said, AT_KEY)
            try:
                ends = edge(label)
                if bands and bands[-1].edge is None:
                    raise ValueError(f"stands behind '{last}', which has no end. Write '{last}' last.")
                place = (said,)
                bands.append(RateBand(label, ends, rate_of(rate)))
            except ValueError as error:
                found.append((place, str(error)))
        if not found and bands[-1].edge is not None:
            found = [((), f"the rate beyond the last edge is missing. Add '{last}: 0' if it is nothing.")]
        if found:
            raise problems_below(found)
        return tuple(bands)

    return read

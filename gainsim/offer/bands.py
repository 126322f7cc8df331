"""Bands of a gain as written: marginal, each share on its slice, or on the whole, one share by where the gain falls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import WithJsonSchema

from gainsim.offer.fields import AT_KEY, ReadBy, problems_below, read_share_formula
from gainsim.ops.formula import Formula, parse


@dataclass(frozen=True)
class Band:
    """One range of a gain as it is labelled, its edge away from its neighbour (None: no end), and the supplier's share."""

    label: str
    edge: Formula | None
    share: Formula

    @property
    def has_its_edge(self) -> bool:
        """Whether its edge belongs to it, which matters on the whole: `up to 5` has 5, `below 5` has not."""
        return self.label.startswith("up to")

    @property
    def ends_at_zero(self) -> bool:
        """Whether its edge is written as 0, where pain ends."""
        return self.edge is not None and self.edge.text.strip() in ("0", "0.0")


@dataclass(frozen=True)
class Bands:
    """Marginal shares: `below` the edges of pain, downwards; `up_to` the edges of gain; `above` the last."""

    below: tuple[Band, ...]
    up_to: tuple[Band, ...]
    above: Band


@dataclass(frozen=True)
class WholeBands:
    """Shares on the whole, from the lowest range to the highest, which has no edge."""

    ranges: tuple[Band, ...]


def _bands(written: Any) -> Any:
    if isinstance(written, Bands):
        return written
    bands: dict[str, list[Band]] = {"below": [], "up to": [], "above": []}
    for band in _each(written, "a share is written band by band: { below 0: 60%, up to 50_000: 40%, above: 25% }."):
        bands["above" if band.edge is None else "up to" if band.has_its_edge else "below"].append(band)
    below, up_to, above = bands.values()
    if not above:
        raise ValueError(_NO_ABOVE)
    if not below:
        raise ValueError(_NO_PAIN + "Add 'below 0: 0%' if the supplier bears none.")
    if not below[0].ends_at_zero:
        message = f"the first band of pain is 'below 0'; written is '{below[0].label}'."
        raise problems_below([((below[0].label, AT_KEY), message)])
    return Bands(below=tuple(below), up_to=tuple(up_to), above=above[0])


def _whole_bands(written: Any) -> Any:
    if isinstance(written, WholeBands):
        return written
    ranges = _each(
        written, "a share of the whole is written range by range: { below 0: 0%, up to 50_000: 20%, above: 30% }."
    )
    if all(band.edge is not None for band in ranges):
        raise ValueError(_NO_ABOVE)
    if ranges[-1].edge is not None:
        message = f"'{ranges[-1].label}' stands behind 'above', which has no end. Write 'above' last."
        raise problems_below([((ranges[-1].label, AT_KEY), message)])
    if not any(band.ends_at_zero for band in ranges):
        raise ValueError(_NO_PAIN + "Let one range end at 0, as 'below 0: 0%' if the supplier bears none.")
    return WholeBands(tuple(ranges))


_NO_ABOVE = "the share of what lies beyond the last edge is missing. Add 'above: 0%' if nothing is shared there."
_NO_PAIN = "the share of pain is missing: it never follows from the gain side. "
_KEY = re.compile(r"(below|up to)\s+(.+)$")


def _each(written: Any, form: str) -> list[Band]:
    """Every band in the order written; what is wrong is told of all of them at once."""
    if not isinstance(written, Mapping) or not written:
        raise ValueError(form)
    bands: list[Band] = []
    found: list[tuple[tuple[str, ...], str]] = []
    for key, share in written.items():
        place: tuple[str, ...] = (key, AT_KEY)
        try:
            label = str(key).strip()
            edge = _edge(label)
            place = (key,)
            bands.append(Band(label, edge, read_share_formula(share)))
        except ValueError as error:
            found.append((place, str(error)))
    if found:
        raise problems_below(found)
    return bands


def _edge(label: str) -> Formula | None:
    if label == "above":
        return None
    found = _KEY.match(label)
    if found is None:
        raise ValueError(f"'{label}' is not a band. Write 'below 0', 'up to 50_000' or 'above'.")
    return parse(found[2])


_EXAMPLE = {"below 0": "60%", "up to 50_000": "40%", "above": "25%"}
BandsText = Annotated[Bands, ReadBy(_bands), WithJsonSchema({"type": "object", "examples": [_EXAMPLE]})]
WholeBandsText = Annotated[
    WholeBands,
    ReadBy(_whole_bands),
    WithJsonSchema({"type": "object", "examples": [{"below 0": "0%", "up to 50_000": "20%", "above": "30%"}]}),
]

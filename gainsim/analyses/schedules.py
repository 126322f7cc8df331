"""What a sharing term pays for a gain, as a line: its bands, floor and cap, where they are numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gainsim.offer.bands import Bands
from gainsim.offer.scenario import Scenario
from gainsim.offer.sharing import Sharing
from gainsim.offer.steps import LimitPayment, ShareStep
from gainsim.ops.formula import Formula


@dataclass(frozen=True)
class Schedule:
    """The payment of a settlement for the gain that reaches its share step; what limits years or remembers is left out.

    below, up_to: (edge, share) of the bands, outwards from 0; the last of each has no end
    floor, cap:   of a settlement

    >>> Schedule(((math.inf, 0.6),), ((50.0, 0.4), (math.inf, 0.25)), -20.0, 30.0).paid(70.0)
    25.0
    """

    below: tuple[tuple[float, float], ...]
    up_to: tuple[tuple[float, float], ...]
    floor: float
    cap: float

    def paid(self, gain: float) -> float:
        """The payment for a gain, negative where the supplier pays."""
        bands, size, paid, begins = (self.up_to if gain >= 0.0 else self.below), abs(gain), 0.0, 0.0
        for ends, share in bands:
            paid += share * max(min(size, ends) - begins, 0.0)
            begins = ends
        return min(max(math.copysign(paid, gain), self.floor), self.cap)

    @property
    def edges(self) -> list[float]:
        """The gains at which it bends because of a band."""
        finite = [-edge for edge, _ in self.below] + [edge for edge, _ in self.up_to]
        return sorted({0.0, *(edge for edge in finite if math.isfinite(edge))})


def moved_schedules(before: Scenario, after: Scenario) -> Iterator[tuple[str, Schedule, Schedule]]:
    """The sharing terms whose schedule is another one in another version of an offer: name, before, after."""
    for name, term in before.contract.items():
        other = after.contract.get(name)
        if isinstance(term, Sharing) and isinstance(other, Sharing):
            was, now = schedule(term), schedule(other)
            if was is not None and now is not None and was != now:
                yield name, was, now


def schedule(term: Sharing) -> Schedule | None:
    """The schedule of a term whose bands, and limits of a settlement, are numbers; None of others."""
    bands = next((step.share for step in term.steps if isinstance(step, ShareStep)), None)
    if bands is None:
        return None
    limits = [step.limit_payment for step in term.steps if isinstance(step, LimitPayment)]
    limits = [each for each in limits if each.per == "settlement"]
    below, up_to = _below(bands), _up_to(bands)
    floors, caps = _numbers([each.floor for each in limits]), _numbers([each.cap for each in limits])
    if below is None or up_to is None or floors is None or caps is None:
        return None
    return Schedule(below, up_to, max(floors, default=-math.inf), min(caps, default=math.inf))


def _numbers(formulas: Sequence[Formula | None]) -> list[float] | None:
    """What some formulas are, where all of them are numbers."""
    found = [formula.constant for formula in formulas if formula is not None]
    return None if None in found else [each for each in found if each is not None]


def _up_to(bands: Bands) -> tuple[tuple[float, float], ...] | None:
    shares, edges = _numbers([band.share for band in (*bands.up_to, bands.above)]), _numbers([band.edge for band in bands.up_to])
    return None if shares is None or edges is None else tuple(zip((*edges, math.inf), shares, strict=True))


def _below(bands: Bands) -> tuple[tuple[float, float], ...] | None:
    """Each band of pain goes from its own edge to that of the next."""
    shares, edges = _numbers([band.share for band in bands.below]), _numbers([band.edge for band in bands.below])
    return None if shares is None or edges is None else tuple(zip((*(-edge for edge in edges[1:]), math.inf), shares, strict=True))

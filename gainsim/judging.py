"""Limits held against a run: those of the house, and what the customer asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from gainsim import words
from gainsim.measuring import Measured, Measures
from gainsim.offer.limits import HouseLimit


@dataclass(frozen=True)
class Judgement:
    """A house limit, held against the run.

    verdict: "open" where the measure has no value to judge
    margin:  by how much it is kept (positive) or broken (negative); not a number where it is open
    sure:    the verdict lies further from tipping over than chance may have moved it
    """

    name: str
    limit: HouseLimit
    measured: Measured
    verdict: Literal["kept", "broken", "open"]
    margin: float
    sure: bool

    @property
    def kept(self) -> bool:
        """Whether the limit is known to be kept."""
        return self.verdict == "kept"

    @property
    def bound(self) -> float:
        """What the limit allows, at most or at least."""
        bound = self.limit.at_most if self.limit.at_most is not None else self.limit.at_least
        assert bound is not None
        return bound

    @property
    def allowed(self) -> str:
        """What the limit allows, in words."""
        return f"{'at most' if self.limit.at_most is not None else 'at least'} {words.bound(self.bound, self.measured.unit)}"

    @property
    def rule(self) -> str:
        """What the limit allows, with its basis and layer where the file states them."""
        of = ", ".join(part for part in (self.limit.basis, self.limit.layer) if part)
        return self.allowed + (f" ({of})" if of else "")


def judge(name: str, limit: HouseLimit, measures: Measures) -> Judgement:
    """Hold one limit of the house against a run; a value on the limit keeps it."""
    measured = measures.of(name, limit.basis or "npv", limit.layer)
    judged = Judgement(name, limit, measured, "open", math.nan, False)
    if measured.estimate is None:
        return judged
    margin = (judged.bound - measured.estimate.value) * (1.0 if limit.at_most is not None else -1.0)
    return replace(
        judged, verdict="kept" if margin >= 0.0 else "broken", margin=margin, sure=abs(margin) >= measured.reach
    )

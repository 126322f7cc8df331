"""One-off events as written: whether, when, how much, how long."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.fields import Clauses, Day, DurationText, Number, Share
from gainsim.offer.shapes import Shape


class Event(Clauses):
    """Something that happens once, or not at all: the driver is its size while it lasts, and 0 before and after.

    A period that it covers in part counts in part.
    """

    chance: Share
    """That it happens at all, within the contract or after it."""
    on: Day | None = None
    """The date; or `months`."""
    months: Shape | None = None
    """How many months after the contract's start, drawn once; or `on`."""
    size: Number | Shape
    """What the driver is while it lasts; one number, or one draw for life."""
    lasts: DurationText | Literal["for good"]
    """How long."""
    hits: Annotated[dict[str, Number], Field(min_length=1)] | None = None
    """Drivers that it moves too: each is multiplied by 1 + its number here × the event's value, a fraction."""

    @model_validator(mode="after")
    def _when(self) -> Self:
        if (self.on is None) == (self.months is None):
            raise ValueError("say when it comes by one of on (a date) and months (a distribution of months from the start).")
        return self

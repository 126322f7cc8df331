"""Courses that a driver takes over time, as written: adoption, learning, wear."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.fields import Clauses, DurationText, Number, Share
from gainsim.offer.shapes import Shape

Above0 = Annotated[Number, Field(gt=0)]


class Adoption(Clauses):
    """How many of those who might adopt have done so: an S-curve, logistic or after Bass.

    Logistic: potential / (1 + exp(-(t - half_at) / s)), with 10% to 90% in the time that is written. Bass: potential ×
    (1 - e^-(p+q)t) / (1 + q/p e^-(p+q)t). Each period counts with its middle.
    """

    of: Literal["logistic", "bass"]
    """Which curve."""
    potential: Number | Shape
    """How many there will be in the end; one number, or one draw for life."""
    half_at: DurationText | None = None
    """When half of them have adopted; logistic."""
    from_10_to_90: DurationText | None = None
    """How long the middle eighty percent take; logistic."""
    innovation: Annotated[Number, Field(gt=0)] | None = None
    """The part of those left who adopt by themselves, a year (p); Bass."""
    imitation: Annotated[Number, Field(ge=0)] | None = None
    """The part that adopts for each part that has, a year (q); Bass."""
    pace: Above0 | Shape = 1.0
    """By what time runs faster or slower than written; one number, or one draw for life."""
    noise: Annotated[Number, Field(ge=0)] = 0.0
    """The standard deviation of what is added to it in each period."""

    @model_validator(mode="after")
    def _one_curve(self) -> Self:
        mine, other = (("half_at", "from_10_to_90"), ("innovation", "imitation"))[:: 1 if self.of == "logistic" else -1]
        if any(getattr(self, key) is None for key in mine) or any(getattr(self, key) is not None for key in other):
            raise ValueError(f"a {self.of} adoption is given by {' and '.join(mine)}, and not by {' or '.join(other)}.")
        if self.from_10_to_90 is not None and not self.from_10_to_90.years > 0.0:
            raise ValueError("the middle eighty percent take some time: from_10_to_90 is longer than nothing.")
        return self


class Learning(Clauses):
    """What falls as experience grows: by the same part with each doubling of what has been done (Wright).

    start × ((experience + t) / experience)^log2(rate), at a steady output; each period counts with its middle.
    """

    start: Above0
    """Its value at the contract's start."""
    rate: Share | Shape
    """What is left of it after each doubling, as 85%; one number, or one draw for life."""
    experience: DurationText
    """For how long the like has been done before, at the contract's output."""
    lowest: Annotated[Number, Field(ge=0)] = 0.0
    """It never falls below."""
    noise: Annotated[Number, Field(ge=0)] = 0.0
    """The standard deviation of what is added to it in each period."""

    @model_validator(mode="after")
    def _some_experience(self) -> Self:
        if not self.experience.years > 0.0:
            raise ValueError("experience is how long the like has been done before: without any, nothing can double.")
        return self


class Wear(Clauses):
    """What is lost with age, and restored at each renewal."""

    start: Number
    """Its value when new."""
    loss: Share | Shape
    """The part of it that is lost a year; one number, or one draw for life."""
    loses: Literal["in a straight line", "of what is left"]
    """A part of the start each year, or of what is left."""
    age: DurationText | None = None
    """How old it is at the contract's start; new, unless said."""
    renewed: DurationText | None = None
    """How often it is restored to new; never, unless said."""
    noise: Annotated[Number, Field(ge=0)] = 0.0
    """The standard deviation of what is added to it in each period."""

    @model_validator(mode="after")
    def _renewed_now_and_then(self) -> Self:
        if self.renewed is not None and not self.renewed.years > 0.0:
            raise ValueError("renewed is how often, as 60 months; nothing is renewed all the time.")
        return self

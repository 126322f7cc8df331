"""Families of distributions as written: by their own parameters, by mean and deviation, or by percentiles."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.distributions import Above0
from gainsim.offer.fields import Clauses, Number
from gainsim.offer.percentiles import Percentiles, check_ascending


class Family(Clauses):
    """A distribution whose values are location + scale × a standard one, which may have a shape.

    It is given by these three; or some of them are found from mean and sd, or from as many percentiles.
    """

    #: what it is called in messages
    called: ClassVar[str]
    #: the keys of location, scale and shape; "": it has none
    keys: ClassVar[tuple[str, str, str]]
    #: whether the location is the lowest value: then it is 0 where nothing is said of it
    lowest: ClassVar[bool] = False
    #: whether mean and sd tell scale and shape apart, or location and scale
    moments_tell_shape: ClassVar[bool] = False
    #: whether percentiles can tell the shape
    percentiles_tell_shape: ClassVar[bool] = True

    mean: Number | None = None
    """With `sd`: two of its parameters are found from them."""
    sd: Above0 | None = None
    """The standard deviation."""
    percentiles: Percentiles | None = None
    """As many as parameters are to be found, as `{ 10%: 60, 90%: 140 }`."""

    @property
    def told(self) -> int:
        """How many conditions stand in the place of parameters."""
        return len(self.percentiles) if self.percentiles is not None else 2 * (self.mean is not None)

    @property
    def open(self) -> tuple[str, ...]:
        """The parameters that are to be found, in the order location, scale, shape."""
        found = [key for key in self.keys if key and getattr(self, key) is None]
        if self.lowest and len(found) > self.told:
            found = [key for key in found if key != self.keys[0]]
        return tuple(found)

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if (self.mean is None) != (self.sd is None) or (self.told and self.mean is not None and self.percentiles):
            raise ValueError(f"write mean and sd together, or percentiles instead of both; {self.called} is given by one of these.")
        check_ascending(self.percentiles)
        found = self.open
        if not self.told and found:
            raise ValueError(f"{self.called} lacks its {' and '.join(found)}. {self._ways()}")
        if len(found) != self.told:
            left = f"{', '.join(found) or 'nothing'} left to be found"
            raise ValueError(f"{self.called} has {left}, from {self.told} conditions. {self._ways()}")
        shape = self.keys[2]
        if self.mean is not None and shape in found and not self.moments_tell_shape:
            raise ValueError(f"mean and sd do not tell the {shape} of {self.called}. Write {shape} too.")
        if self.percentiles is not None and shape in found and not self.percentiles_tell_shape:
            raise ValueError(f"percentiles hardly tell the {shape} of {self.called}. Write {shape} too.")
        return self

    def _ways(self) -> str:
        own = ", ".join(key for key in self.keys if key and not (self.lowest and key == self.keys[0]))
        return f"Write {own}; or mean and sd for two of them; or one percentile for each that is left out."


class Gamma(Family):
    """A gamma distribution: of sums, waiting times and sizes that are never negative."""

    called = "a gamma distribution"
    keys = ("low", "scale", "shape")
    lowest = True
    moments_tell_shape = True

    shape: Annotated[Number, Field(ge=0.05, le=1e5)] | None = None
    """Its shape k; the mean is low + k × scale."""
    scale: Above0 | None = None
    """Its scale."""
    low: Number | None = None
    """The lowest value; 0 unless said."""


class Weibull(Family):
    """A Weibull distribution: of lives, of wind speeds, of the smallest of many."""

    called = "a Weibull distribution"
    keys = ("low", "scale", "shape")
    lowest = True
    moments_tell_shape = True

    shape: Annotated[Number, Field(ge=0.1, le=1000)] | None = None
    """Its shape k: below 1 failures grow rarer with age, above 1 more frequent."""
    scale: Above0 | None = None
    """Its scale: 63.2% of values lie within it of the lowest."""
    low: Number | None = None
    """The lowest value; 0 unless said."""


class Pareto(Family):
    """A Pareto distribution: the chance to exceed x is (minimum / x)^tail."""

    called = "a Pareto distribution"
    keys = ("", "minimum", "tail")
    moments_tell_shape = True

    tail: Annotated[Number, Field(ge=0.05, le=1e4)] | None = None
    """Its exponent: moments from this one on are infinite."""
    minimum: Above0 | None = None
    """The lowest value."""


class GeneralisedPareto(Family):
    """A generalised Pareto distribution: of what lies beyond a high threshold."""

    called = "a generalised Pareto distribution"
    keys = ("low", "scale", "tail")

    tail: Annotated[Number, Field(ge=-5, le=5)] | None = None
    """Its tail ξ: above 0 heavy, 0 exponential, below 0 with a highest value low - scale / ξ."""
    scale: Above0 | None = None
    """Its scale."""
    low: Number | None = None
    """The threshold, its lowest value."""


class StudentT(Family):
    """A Student t distribution: as a normal one in the middle, with heavier tails."""

    called = "a Student t distribution"
    keys = ("location", "scale", "degrees")
    percentiles_tell_shape = False

    degrees: Annotated[Number, Field(ge=0.5, le=1e4)] | None = None
    """Degrees of freedom: the fewer, the heavier the tails; from two down the variance is infinite."""
    location: Number | None = None
    """Its middle."""
    scale: Above0 | None = None
    """Its scale; the standard deviation is scale × √(degrees / (degrees - 2))."""


class SkewNormal(Family):
    """A skew-normal distribution (Azzalini): a normal one that leans to one side."""

    called = "a skew-normal distribution"
    keys = ("location", "scale", "skew")

    skew: Annotated[Number, Field(ge=-100, le=100)] | None = None
    """Its shape α: above 0 the upper tail is the longer one, 0 is a normal distribution."""
    location: Number | None = None
    """Its location; the mean is location + scale × √(2/π) α / √(1 + α²)."""
    scale: Above0 | None = None
    """Its scale."""


class Logistic(Family):
    """A logistic distribution: like a normal one, with tails that fall exponentially."""

    called = "a logistic distribution"
    keys = ("location", "scale", "")

    location: Number | None = None
    """Its mean and median."""
    scale: Above0 | None = None
    """Its scale; the standard deviation is scale × π / √3."""


class Gumbel(Family):
    """A Gumbel distribution: of the largest of many values, or of the smallest."""

    called = "a Gumbel distribution"
    keys = ("location", "scale", "")

    of: Literal["largest", "smallest"]
    """Of what: which tail is the longer one."""
    location: Number | None = None
    """The likeliest value."""
    scale: Above0 | None = None
    """Its scale; the standard deviation is scale × π / √6."""

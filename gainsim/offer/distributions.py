"""Distributions with a form of their own, as written."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.fields import Clauses, Number, Share, WholeNumber
from gainsim.offer.percentiles import Percentiles, check_ascending

Above0 = Annotated[Number, Field(gt=0)]


class Normal(Clauses):
    """A normal distribution."""

    mean: Number | None = None
    """Its mean."""
    sd: Annotated[Number, Field(ge=0)] | None = None
    """Its standard deviation."""
    percentiles: Percentiles | None = None
    """Instead of these, two percentiles: `{ 10%: 60, 90%: 140 }`."""

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        if self.model_fields_set not in ({"mean", "sd"}, {"percentiles"}):
            said = ", ".join(sorted(self.model_fields_set)) or "nothing"
            raise ValueError(f"a normal distribution is given by mean and sd, or by two percentiles; not by {said}.")
        check_ascending(self.percentiles)
        if self.percentiles is not None and len(self.percentiles) != 2:
            raise ValueError("two percentiles give a normal distribution; a third leaves it no choice. Write two, or skew_normal.")
        return self


class Lognormal(Clauses):
    """A lognormal distribution, by mean and sd of the value itself, by percentiles, or by its log."""

    mean: Above0 | None = None
    """Of the value itself; with `sd`."""
    sd: Annotated[Number, Field(ge=0)] | None = None
    """Of the value itself."""
    median: Above0 | None = None
    """With `p90`."""
    p90: Above0 | None = None
    """What nine in ten values stay below."""
    log_mean: Number | None = None
    """Of the natural log; with `log_sd`."""
    log_sd: Annotated[Number, Field(ge=0)] | None = None
    """Of the natural log."""
    percentiles: Percentiles | None = None
    """Two percentiles; or three, with which the lowest value is found too, which is 0 otherwise."""

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        pairs = [{"mean", "sd"}, {"median", "p90"}, {"log_mean", "log_sd"}, {"percentiles"}]
        if self.model_fields_set not in pairs:
            said = ", ".join(sorted(self.model_fields_set)) or "nothing"
            raise ValueError(
                f"a lognormal is given by mean and sd, by median and p90, by log_mean and log_sd, or by percentiles; "
                f"not by {said}."
            )
        if self.median is not None and self.p90 is not None and self.p90 <= self.median:
            raise ValueError(f"p90, the 90th percentile, lies above the median; {self.p90:g} is not above {self.median:g}.")
        check_ascending(self.percentiles)
        return self


class Exponential(Clauses):
    """An exponential distribution: however long it has lasted, what is left is as long as at first."""

    mean: Above0
    """Its mean, and its standard deviation."""


class Uniform(Clauses):
    """Every value between low and high equally likely."""

    low: Number
    """The lowest value."""
    high: Number
    """The highest value."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} must lie below high {self.high:g}.")
        return self


class Triangular(Clauses):
    """Triangular between low and high, highest at the mode."""

    low: Number
    """The lowest value."""
    mode: Number
    """The likeliest value."""
    high: Number
    """The highest value."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(f"write low <= mode <= high; written are {self.low:g}, {self.mode:g}, {self.high:g}.")
        return self


class Pert(Triangular):
    """A beta distribution between low and high with mean (low + 4 mode + high) / 6, the usual three-point estimate."""


class Beta(Clauses):
    """A beta distribution, stretched to run from low to high."""

    alpha: Annotated[Number, Field(gt=0, le=1000)]
    """The first shape."""
    beta: Annotated[Number, Field(gt=0, le=1000)]
    """The second shape; the mean is low + (high - low) alpha / (alpha + beta)."""
    low: Number = 0.0
    """The lowest value."""
    high: Number = 1.0
    """The highest value."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} must lie below high {self.high:g}.")
        return self


class Poisson(Clauses):
    """How many events come, each independently of the others."""

    mean: Annotated[Number, Field(gt=0, le=1e6)]
    """How many on average."""


class NegativeBinomial(Clauses):
    """How many events come where their rate is itself uncertain: a Poisson number with a gamma mean."""

    mean: Annotated[Number, Field(gt=0, le=1e5)]
    """How many on average."""
    sd: Above0
    """The standard deviation; above the square root of the mean."""

    @model_validator(mode="after")
    def _wider_than_poisson(self) -> Self:
        if not self.sd * self.sd > self.mean * (1.0 + 1e-9):
            raise ValueError(
                f"the variance {self.sd * self.sd:g} must lie above the mean {self.mean:g}. Where they are equal, write poisson."
            )
        return self


class Binomial(Clauses):
    """How many of so many trials succeed."""

    trials: Annotated[WholeNumber, Field(ge=1, le=1_000_000)]
    """How many are tried."""
    chance: Share
    """Of each to succeed."""


class Outcome(Clauses):
    """One value of a discrete distribution."""

    value: Number
    """The value."""
    chance: Share
    """Its probability; all add up to 100%."""


class Empirical(Clauses):
    """The values that were observed, each as likely as any other."""

    values: Annotated[list[Number], Field(min_length=2, max_length=100_000)]
    """What was observed, in any order."""
    between: Literal["nothing", "line"]
    """`nothing`: only these values come; `line`: also those between two neighbours, evenly."""

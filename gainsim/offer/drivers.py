"""Drivers as written: what they are, who controls them, what their central value is, how they hang together."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gainsim.offer.fields import (
    Clauses,
    DurationText,
    Month,
    Number,
    Rate,
    RateText,
    Share,
    UnitText,
    Volatility,
    problems_below,
)

Party = Literal["supplier", "customer", "nobody"]
Drawn = Literal["once", "each period"]


class Normal(Clauses):
    """A normal distribution."""

    mean: Number
    """Its mean."""
    sd: Annotated[Number, Field(ge=0)]
    """Its standard deviation."""


class Lognormal(Clauses):
    """A lognormal distribution, by mean and sd of the value itself, by median and 90th percentile, or by its log."""

    mean: Annotated[Number, Field(gt=0)] | None = None
    """Of the value itself; with `sd`."""
    sd: Annotated[Number, Field(ge=0)] | None = None
    """Of the value itself."""
    median: Annotated[Number, Field(gt=0)] | None = None
    """With `p90`."""
    p90: Annotated[Number, Field(gt=0)] | None = None
    """What nine in ten values stay below."""
    log_mean: Number | None = None
    """Of the natural log; with `log_sd`."""
    log_sd: Annotated[Number, Field(ge=0)] | None = None
    """Of the natural log."""

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        given = self.model_fields_set
        if given not in ({"mean", "sd"}, {"median", "p90"}, {"log_mean", "log_sd"}):
            said = ", ".join(sorted(given)) or "nothing"
            raise ValueError(
                f"a lognormal is given by mean and sd, by median and p90, or by log_mean and log_sd; not by {said}."
            )
        if self.median is not None and self.p90 is not None and self.p90 <= self.median:
            raise ValueError(f"the 90th percentile {self.p90:g} lies above the median {self.median:g}.")
        return self


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


class Outcome(Clauses):
    """One value of a discrete distribution."""

    value: Number
    """The value."""
    chance: Share
    """Its probability; all add up to 100%."""


class GeometricWalk(Clauses):
    """Geometric Brownian motion, stepped exactly: log changes are normal and independent."""

    start: Annotated[Number, Field(gt=0)]
    """Its value before the first period; the first already has one period's drift and shock."""
    drift: RateText
    """The growth of its mean a year."""
    volatility: Volatility
    """The standard deviation of its log change over a year."""
    season: list[Annotated[Number, Field(gt=0)]] | None = None
    """A factor for each month (or quarter) of the year, January first, taken as written: it need not average 1."""


class MeanReverting(Clauses):
    """An Ornstein-Uhlenbeck process, stepped exactly.

    of `price`: the log reverts and `mean` is the long-run mean of the price; of `log`: the log reverts and `mean` is
    its anti-log, the long-run median; of `level`: the value itself reverts and may become negative.
    """

    of: Literal["price", "log", "level"]
    """What reverts."""
    start: Number
    """Its value before the first period; the first has moved already."""
    mean: Number
    """Where it reverts to."""
    half_life: DurationText | None = None
    """After what time half of a distance is gone; or `speed`."""
    speed: Annotated[Number, Field(gt=0)] | None = None
    """The part of a distance that goes, per year and continuously: ln 2 / half-life."""
    volatility: Volatility
    """A year's, of the log; of the value where `of: level`."""
    season: list[Number] | None = None
    """For each month (or quarter) of the year, January first, as written: a factor, or with `of: level` an amount."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.half_life is None) == (self.speed is None):
            raise ValueError("say how fast it reverts by one of half_life (6 months) and speed (per year, 1.4).")
        if self.half_life is not None and self.half_life.years <= 0:
            raise ValueError("a half-life is longer than nothing.")
        if self.of != "level" and not (self.start > 0 and self.mean > 0):
            raise ValueError(f"a process of its {self.of} has a start and a mean above 0. Did you mean of: level?")
        return self


class Shape(Clauses):
    """A distribution that stands for one uncertain number."""

    normal: Normal | None = None
    """The distribution; exactly one is written."""
    lognormal: Lognormal | None = None
    """The distribution; exactly one is written."""
    uniform: Uniform | None = None
    """The distribution; exactly one is written."""
    triangular: Triangular | None = None
    """The distribution; exactly one is written."""
    pert: Pert | None = None
    """The distribution; exactly one is written."""
    beta: Beta | None = None
    """The distribution; exactly one is written."""
    discrete: list[Outcome] | None = None
    """The distribution; exactly one is written."""

    @field_validator("discrete")
    @classmethod
    def _chances(cls, outcomes: list[Outcome] | None) -> list[Outcome] | None:
        if outcomes is not None:
            total = sum(outcome.chance for outcome in outcomes)
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"the chances add up to {total:.6g}; they must add up to 1.")
        return outcomes

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, SHAPES, "a distribution")
        return self


class Ramp(Clauses):
    """A controlled improvement: nothing during the delay, then in a straight line to its full effect, then fading."""

    full_effect: Number | Shape
    """What it comes to in the end; one number, or one draw for life."""
    delay: DurationText | None = None
    """Before anything is seen."""
    time_to_full_effect: DurationText
    """From then on, in a straight line; each period counts with its middle."""
    noise: Annotated[Number, Field(ge=0)] = 0.0
    """The standard deviation of what is added to it in each period."""
    fade: RateText | None = None
    """What is lost of it a year, from the moment of full effect on."""

    @field_validator("fade")
    @classmethod
    def _a_loss(cls, fade: Rate | None) -> Rate | None:
        if fade is not None and not 0 <= fade.value < 1:
            raise ValueError(f"'{fade}' is no fade: it is what is lost in a year, from 0% to below 100%, as 4% pa.")
        return fade


SHAPES = ("normal", "lognormal", "uniform", "triangular", "pert", "beta", "discrete")
PROCESSES = ("geometric_walk", "mean_reverting", "ramp")
CERTAIN = ("constant", "schedule")


def _central(written: Any) -> Any:
    words = ("mean", "median", "mode")
    if isinstance(written, str) and written not in words and not re.search(r"\d", written):
        close = get_close_matches(written, words, 1)
        meant = f" Did you mean '{close[0]}'?" if close else ""
        raise ValueError(f"'{written}' is no central value. Write mean, median, mode or a number.{meant}")
    return written


class Driver(Clauses):
    """One driver of the deal: its unit, who controls it, its central value and how it moves."""

    about: str | None = None
    """For the reader; moves nothing."""
    unit: UnitText
    """Its unit; per month, quarter or year it adds up over a window."""
    control: Party | dict[Party, Share]
    """Who can move it: whose risk it is."""
    central: Annotated[Literal["mean", "median", "mode"] | Number | None, BeforeValidator(_central)] = None
    """The value of the base case; every uncertain driver says it."""
    drawn: Drawn | None = None
    """How often a distribution is drawn; a distribution must say it, nothing else may."""

    constant: Number | None = None
    """One value for life."""
    schedule: Annotated[dict[Month, Number], Field(min_length=1)] | None = None
    """A value from each month on."""
    normal: Normal | None = None
    """The kind of driver; exactly one kind is written."""
    lognormal: Lognormal | None = None
    """The kind of driver; exactly one kind is written."""
    uniform: Uniform | None = None
    """The kind of driver; exactly one kind is written."""
    triangular: Triangular | None = None
    """The kind of driver; exactly one kind is written."""
    pert: Pert | None = None
    """The kind of driver; exactly one kind is written."""
    beta: Beta | None = None
    """The kind of driver; exactly one kind is written."""
    discrete: list[Outcome] | None = None
    """The kind of driver; exactly one kind is written."""
    geometric_walk: GeometricWalk | None = None
    """The kind of driver; exactly one kind is written."""
    mean_reverting: MeanReverting | None = None
    """The kind of driver; exactly one kind is written."""
    ramp: Ramp | None = None
    """The kind of driver; exactly one kind is written."""

    _sum_of_chances = field_validator("discrete")(Shape._chances.__func__)  # type: ignore[attr-defined]

    @property
    def kind(self) -> str:
        """Which of the kinds of driver this is."""
        return next(name for name in (*CERTAIN, *SHAPES, *PROCESSES) if getattr(self, name) is not None)

    @field_validator("control")
    @classmethod
    def _parts(cls, control: Party | dict[Party, float]) -> Party | dict[Party, float]:
        if isinstance(control, dict) and abs(sum(control.values()) - 1.0) > 1e-9:
            raise ValueError(f"the parts of control add up to {sum(control.values()):.4g}; they must add up to 100%.")
        return control

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _exactly_one(self, (*CERTAIN, *SHAPES, *PROCESSES), "a driver")
        kind = self.kind
        if kind in SHAPES and self.drawn is None:
            raise ValueError(f"say how often the {kind} value is drawn: drawn: once, or drawn: each period.")
        if kind not in SHAPES and self.drawn is not None:
            rule = f"drawn stands only with a distribution; a {kind} says by itself how it moves. Leave drawn out."
            raise problems_below([(("drawn",), rule)])
        if kind not in CERTAIN and self.central is None:
            raise ValueError("an uncertain driver declares its central value: central: mean, median, mode or a number.")
        if self.central == "mode" and kind not in ("triangular", "pert", "ramp"):
            rule = f"a {kind} driver has no declared mode. Write central: mean, median or a number."
            raise problems_below([(("central",), rule)])
        return self


class Dependence(Clauses):
    """The correlation of two drivers."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    """Two drivers, drawn equally often."""
    correlation: Annotated[Number, Field(ge=-1, le=1)]
    """From -1 to 1."""
    of: Literal["innovations", "levels"]
    """Of their changes, or of their values in the long run."""
    kind: Literal["gaussian"] = "gaussian"
    """How scores are coupled: as a normal distribution couples them."""


def _exactly_one(model: Clauses, names: tuple[str, ...], what: str) -> None:
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        said = "none is given" if not given else f"{' and '.join(given)} are given"
        raise ValueError(f"{what} is exactly one of {', '.join(names)}; {said}.")

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
    sd: Annotated[Number, Field(ge=0)]


class Lognormal(Clauses):
    """A lognormal distribution, by mean and sd of the value itself, by median and 90th percentile, or by its log."""

    mean: Annotated[Number, Field(gt=0)] | None = None
    sd: Annotated[Number, Field(ge=0)] | None = None
    median: Annotated[Number, Field(gt=0)] | None = None
    p90: Annotated[Number, Field(gt=0)] | None = None
    log_mean: Number | None = None
    log_sd: Annotated[Number, Field(ge=0)] | None = None

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
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} must lie below high {self.high:g}.")
        return self


class Triangular(Clauses):
    """Triangular between low and high, highest at the mode."""

    low: Number
    mode: Number
    high: Number

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
    beta: Annotated[Number, Field(gt=0, le=1000)]
    low: Number = 0.0
    high: Number = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} must lie below high {self.high:g}.")
        return self


class Outcome(Clauses):
    """One value of a discrete distribution."""

    value: Number
    chance: Share


class GeometricWalk(Clauses):
    """Geometric Brownian motion, stepped exactly: log changes are normal and independent."""

    start: Annotated[Number, Field(gt=0)]
    drift: RateText
    volatility: Volatility
    season: list[Annotated[Number, Field(gt=0)]] | None = None


class MeanReverting(Clauses):
    """An Ornstein-Uhlenbeck process, stepped exactly.

    of `price`: the log reverts and `mean` is the long-run mean of the price; of `log`: the log reverts and `mean` is
    its anti-log, the long-run median; of `level`: the value itself reverts and may become negative.
    """

    of: Literal["price", "log", "level"]
    start: Number
    mean: Number
    half_life: DurationText | None = None
    speed: Annotated[Number, Field(gt=0)] | None = None
    volatility: Volatility
    season: list[Number] | None = None

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
    lognormal: Lognormal | None = None
    uniform: Uniform | None = None
    triangular: Triangular | None = None
    pert: Pert | None = None
    beta: Beta | None = None
    discrete: list[Outcome] | None = None

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
    delay: DurationText | None = None
    time_to_full_effect: DurationText
    noise: Annotated[Number, Field(ge=0)] = 0.0
    fade: RateText | None = None

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
    unit: UnitText
    control: Party | dict[Party, Share]
    central: Annotated[Literal["mean", "median", "mode"] | Number | None, BeforeValidator(_central)] = None
    drawn: Drawn | None = None

    constant: Number | None = None
    schedule: Annotated[dict[Month, Number], Field(min_length=1)] | None = None
    normal: Normal | None = None
    lognormal: Lognormal | None = None
    uniform: Uniform | None = None
    triangular: Triangular | None = None
    pert: Pert | None = None
    beta: Beta | None = None
    discrete: list[Outcome] | None = None
    geometric_walk: GeometricWalk | None = None
    mean_reverting: MeanReverting | None = None
    ramp: Ramp | None = None

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
    correlation: Annotated[Number, Field(ge=-1, le=1)]
    of: Literal["innovations", "levels"]
    kind: Literal["gaussian"] = "gaussian"


def _exactly_one(model: Clauses, names: tuple[str, ...], what: str) -> None:
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        said = "none is given" if not given else f"{' and '.join(given)} are given"
        raise ValueError(f"{what} is exactly one of {', '.join(names)}; {said}.")

"""Drivers as written: what they are, who controls them, what their central value is."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gainsim.offer.curves import Adoption, Learning, Wear
from gainsim.offer.effort import Response
from gainsim.offer.events import Event
from gainsim.offer.fields import (
    Clauses,
    Duration,
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
from gainsim.offer.operations import FRACTIONS, STANDING, OfOperations, Outcome
from gainsim.offer.series import Autoregression, Bootstrap, Follows, Garch, Jumps, RegimeSwitching
from gainsim.offer.several import Above0, Durations, Numbers, NumbersAbove0, Rates, Sets, Volatilities, sets
from gainsim.offer.shapes import SHAPES, Distributions, Shape, exactly_one
from gainsim.offer.shocks import Shock

Party = Literal["supplier", "customer", "nobody"]
Drawn = Literal["once", "each period"]


class GeometricWalk(Sets):
    """Geometric Brownian motion, stepped exactly: log changes are normal and independent."""

    start: Annotated[Number, Field(gt=0)]
    """Its value before the first period; the first already has one period's drift and shock."""
    drift: RateText | Shape | Rates
    """The growth of its mean a year; where it is uncertain, one draw for life."""
    volatility: Volatility | Shape | Volatilities
    """The standard deviation of its log change over a year; where it is uncertain, one draw for life."""
    season: list[Annotated[Number, Field(gt=0)]] | None = None
    """A factor for each month (or quarter) of the year, January first, taken as written: it need not average 1."""
    jumps: Jumps | None = None
    """Sudden changes beside the steady ones."""


class MeanReverting(Sets):
    """An Ornstein-Uhlenbeck process, stepped exactly.

    of `price`: the log reverts and `mean` is the long-run mean of the price; of `log`: the log reverts and `mean` is
    its anti-log, the long-run median; of `level`: the value itself reverts and may become negative; of `share`: the log of the
    odds reverts, so that the value stays between 0 and 1, as a customer's cooperation, and `mean` is its long-run median.
    """

    of: Literal["price", "log", "level", "share"]
    """What reverts."""
    start: Number
    """Its value before the first period; the first has moved already."""
    mean: Number | Shape | Numbers
    """Where it reverts to; where it is uncertain, one draw for life."""
    half_life: DurationText | Shape | Durations | None = None
    """After what time half of a distance is gone; or `speed`. Where it is uncertain, one draw for life, in months."""
    speed: Above0 | NumbersAbove0 | None = None
    """The part of a distance that goes, per year and continuously: ln 2 / half-life."""
    volatility: Volatility | Shape | Volatilities
    """A year's: of the log, of the value where `of: level`, of the log odds where `of: share`. Uncertain: one draw for life."""
    season: list[Number] | None = None
    """For each month (or quarter) of the year, January first, as written: a factor, or with `of: level` an amount."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.half_life is None) == (self.speed is None):
            raise ValueError("say how fast it reverts by one of half_life (6 months) and speed (per year, 1.4).")
        several, means = len(sets(self)) > 1, [one.mean for one in sets(self)]
        if any(isinstance(one.half_life, Duration) and one.half_life.years <= 0 for one in sets(self)):
            raise ValueError("a half-life is longer than nothing.")
        if self.of == "share":
            certain = not several and not isinstance(self.mean, Shape)
            if not certain or not (0 < self.start < 1 and all(0 < mean < 1 for mean in means if isinstance(mean, float))):
                raise ValueError("a process of a share has a start and a mean between 0% and 100%, both excluded, and certain.")
            if self.season is not None:
                raise ValueError("a season would take a share beyond its ends. Leave it out.")
        elif self.of != "level" and not (self.start > 0 and all(mean > 0 for mean in means if isinstance(mean, float))):
            raise ValueError(f"a process of its {self.of} has a start and a mean above 0. Did you mean of: level?")
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


COURSES = ("adoption", "learning", "wear", "event")
PROCESSES = (
    "geometric_walk", "mean_reverting", "ramp", "autoregression", "garch", "regime_switching", "bootstrap", "follows",
    "operations", *COURSES,
)  # fmt: skip
CERTAIN = ("constant", "schedule")
#: every key under which a driver says how it moves
KINDS = frozenset((*CERTAIN, *SHAPES, *PROCESSES))


def _central(written: Any) -> Any:
    words = ("mean", "median", "mode")
    if isinstance(written, str) and written not in words and not re.search(r"\d", written):
        close = get_close_matches(written, words, 1)
        meant = f" Did you mean '{close[0]}'?" if close else ""
        raise ValueError(f"'{written}' is no central value. Write mean, median, mode or a number.{meant}")
    return written


class About(Clauses):
    """What every driver says of itself."""

    about: str | None = None
    """For the reader; moves nothing."""
    unit: UnitText
    """Its unit; per month, quarter or year it adds up over a window. A fraction of the time lies between 0 and 1."""
    control: Party | dict[Party, Share]
    """Who can move it: whose risk it is."""
    central: Annotated[Literal["mean", "median", "mode"] | Number | None, BeforeValidator(_central)] = None
    """The value of the base case; every uncertain driver says it."""
    drawn: Drawn | None = None
    """How often a distribution is drawn; a distribution must say it, nothing else may."""


class Driver(Distributions, About):
    """One driver of the deal: its unit, who controls it, its central value, and the one kind that says how it moves."""

    like: str | None = None
    """A starting point of the library, by its name: what this driver does not say itself is taken from there."""
    constant: Number | None = None
    """One value for life."""
    schedule: Annotated[dict[Month, Number], Field(min_length=1)] | None = None
    """A value from each month on."""
    geometric_walk: GeometricWalk | None = None
    """A random walk of its log."""
    mean_reverting: MeanReverting | None = None
    """A value that is drawn back to its mean."""
    ramp: Ramp | None = None
    """A controlled improvement."""
    autoregression: Autoregression | None = None
    """Drawn towards its own past values (ARMA)."""
    garch: Garch | None = None
    """A random walk with a volatility that answers to its surprises."""
    regime_switching: RegimeSwitching | None = None
    """A random walk that changes between regimes."""
    bootstrap: Bootstrap | None = None
    """History again, in blocks."""
    follows: Follows | None = None
    """An index that follows another driver."""
    adoption: Adoption | None = None
    """An S-curve of those who have adopted."""
    learning: Learning | None = None
    """What falls as experience grows."""
    wear: Wear | None = None
    """What is lost with age, until it is renewed."""
    event: Event | None = None
    """What happens once, or not at all."""
    operations: OfOperations | None = None
    """What service operations come to in each period."""
    effort: Response | None = None
    """What an effort adds to it, beside the kind that says how it moves."""
    shocks: list[Shock] = []
    """What is sure to come to it at a date, one after the other; each changes what it has come to, by chance and by effort."""

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
        exactly_one(self, (*CERTAIN, *SHAPES, *PROCESSES), "a driver")
        kind = self.kind
        if kind in SHAPES and self.drawn is None:
            raise ValueError(f"say how often the {kind} value is drawn: drawn: once, or drawn: each period.")
        if kind not in SHAPES and self.drawn is not None:
            rule = f"drawn stands only with a distribution; how it moves is said under {kind}. Leave drawn out."
            raise problems_below([(("drawn",), rule)])
        if kind == "follows" and self.central is not None:
            rule = "what follows another driver has its central value from it. Leave central out."
            raise problems_below([(("central",), rule)])
        if self.operations is not None:
            self._central_of(self.operations.outcome)
        elif kind not in (*CERTAIN, "follows") and self.central is None:
            raise ValueError("an uncertain driver declares its central value: central: mean, median, mode or a number.")
        if self.central == "mode" and kind not in ("triangular", "pert", "ramp"):
            rule = f"a {kind} driver has no declared mode. Write central: mean, median or a number."
            raise problems_below([(("central",), rule)])
        return self

    def _central_of(self, outcome: Outcome) -> None:
        """No closed form tells the mean of what operations come to; what does not change is its own central value."""
        if outcome in STANDING:
            if self.central is not None:
                rule = f"{outcome} does not change: it is read from the operations in the base case too. Leave central out."
                raise problems_below([(("central",), rule)])
            return
        fix = "Write a number as the central value; gainsim operations tells the means."
        if self.central is None:
            raise ValueError(f"an uncertain driver declares its central value. {fix}")
        if isinstance(self.central, str):
            raise problems_below([(("central",), f"no closed form tells what operations come to. {fix}")])
        if outcome in FRACTIONS and not 0.0 <= self.central <= 1.0:
            rule = f"{outcome} lies between 0% and 100%, and so does its central value. Write it so, as 98%."
            raise problems_below([(("central",), rule)])

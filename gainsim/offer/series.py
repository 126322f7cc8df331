"""Processes that remember more than their last value, as written: autoregressions, changing volatility, regimes, history.

What they say is per period of the calendar, so they name its step; on another calendar they are refused.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.fields import Clauses, DurationText, Number, RateText, Share, Volatility
from gainsim.offer.several import (
    SETS,
    Above0,
    From0,
    Numbers,
    NumbersFrom0,
    Rates,
    Sets,
    Shares,
    Volatilities,
    Weight,
    Weights,
    certain,
    sets,
)
from gainsim.offer.shapes import Shape

Step = Literal["month", "quarter", "year"]
PerYear = Annotated[Number, Field(gt=0, le=365)]


class Autoregression(Sets):
    """An ARMA process: each value is drawn towards the ones before it, and past surprises are felt again.

    With y the distance from the mean (of its log, unless `of: level`): y = ar1 y(-1) + ar2 y(-2) + … + e + ma1 e(-1) + …
    """

    of: Literal["price", "log", "level"]
    """What it is of: as in mean_reverting."""
    step: Step
    """Of which period it speaks; the calendar has the same."""
    start: list[Number] | Number
    """Its value before the first period; or its last values, the latest last."""
    mean: Number | Numbers
    """Where it reverts to."""
    ar: Annotated[list[Number | Numbers], Field(max_length=24)] = []
    """What is felt of earlier values, the latest first."""
    ma: Annotated[list[Number | Numbers], Field(max_length=24)] = []
    """What is felt of earlier surprises, the latest first."""
    sd: From0 | NumbersFrom0
    """The standard deviation of a period's surprise; of the log unless `of: level`."""
    season: list[Number] | None = None
    """For each period of the year, January first: a factor, or with `of: level` an amount."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.ar and not self.ma:
            raise ValueError("an autoregression has ar, ma, or both. Without either it is a distribution, drawn each period.")
        means = self.mean if isinstance(self.mean, tuple) else (self.mean,)
        if self.of != "level" and not all(value > 0 for value in (*means, *self.starts)):
            raise ValueError(f"an autoregression of its {self.of} has a start and a mean above 0. Did you mean of: level?")
        if len(self.starts) not in (1, max(len(self.ar), 1)):
            raise ValueError(f"start has {len(self.starts)} values; write one, or as many as ar has: {len(self.ar)}.")
        return self

    @property
    def starts(self) -> list[float]:
        """The values before the first period, the latest last."""
        return self.start if isinstance(self.start, list) else [self.start]


class Garch(Sets):
    """A random walk whose volatility answers to its own surprises: GARCH(1,1).

    The next period's variance is a part of the long-run one, of this one, and of this period's squared surprise.
    """

    step: Step
    """Of which period it speaks; the calendar has the same."""
    start: Above0
    """Its value before the first period."""
    drift: RateText | Shape | Rates
    """The growth of its mean a year; where it is uncertain, one draw for life."""
    volatility: Volatility | Volatilities
    """The long-run one, a year's."""
    reaction: Weight | Weights
    """The weight of the last squared surprise (alpha)."""
    persistence: Weight | Weights
    """The weight of the last variance (beta); with `reaction` below 1."""
    now: Volatility | Volatilities | None = None
    """The volatility as it stands before the first period; the long-run one, unless said."""

    @model_validator(mode="after")
    def _stationary(self) -> Self:
        for one in sets(self):
            together = certain(one.reaction) + certain(one.persistence)
            if not together < 1.0:
                raise ValueError(
                    f"reaction and persistence add up to {together:g}: then there is no long-run volatility. "
                    "They stay below 1 together."
                )
        return self


class Regime(Sets):
    """What holds while a regime lasts."""

    drift: RateText | Rates
    """The growth of the mean a year."""
    volatility: Volatility | Volatilities
    """The standard deviation of the log change over a year."""
    leaves: Annotated[dict[str, Share | Shares], Field(min_length=1)]
    """By regime, the chance to change to it from one period to the next."""

    @model_validator(mode="after")
    def _chances(self) -> Self:
        for one in sets(self):
            left = sum(certain(chance) for chance in one.leaves.values())
            if left > 1.0 + 1e-9:
                raise ValueError(f"the chances to leave add up to {100 * left:g}%, more than 100%.")
        return self


class RegimeSwitching(Sets):
    """A random walk that changes between regimes, as calm and crisis."""

    step: Step
    """Of which period the chances speak; the calendar has the same."""
    start: Above0
    """Its value before the first period."""
    starts_in: str
    """The regime before the first period."""
    regimes: Annotated[dict[str, Regime], Field(min_length=2, max_length=6)]
    """The regimes by name."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in (self.starts_in, *(to for regime in self.regimes.values() for to in regime.leaves)):
            if name not in self.regimes:
                raise ValueError(f"no regime '{name}'. Written are {', '.join(self.regimes)}.")
        for name, regime in self.regimes.items():
            if name in regime.leaves:
                raise ValueError(f"regime '{name}' leaves for itself. Leave that out: it stays with what is left of 100%.")
        return self


class Bootstrap(Clauses):
    """History again, in blocks: its own changes or levels, in runs as they came."""

    of: Literal["levels", "changes", "log changes"]
    """What is taken from history: its values, its changes, or the changes of its log."""
    step: Step
    """How far apart the values are; the calendar has the same step."""
    history: Annotated[list[Number], Field(min_length=4, max_length=10_000)]
    """What was observed, the earliest first."""
    block: Annotated[int, Field(ge=1, le=1200)]
    """How many periods are taken in one run."""
    trend: Literal["kept", "removed"]
    """Whether the average change goes on; with `of: levels` it is `kept`."""
    start: Number
    """Its value before the first period."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.of == "log changes" and not (min(self.history) > 0 and self.start > 0):
            raise ValueError("a log needs values above 0. Did you mean of: changes?")
        if self.of == "levels" and self.trend == "removed":
            raise ValueError("levels have no trend to remove: write trend: kept, or take of: changes.")
        if self.block > (len(self.history) - (self.of != "levels")) // 2:
            raise ValueError(f"a block of {self.block} is more than half of a history of {len(self.history)} values.")
        return self


class Jumps(Clauses):
    """Sudden changes of the log beside the steady ones, as many as come, each of a normal size (Merton)."""

    a_year: PerYear | Annotated[tuple[PerYear, ...], SETS]
    """How many come on average."""
    log_mean: Number | Numbers
    """The mean change of the log."""
    log_sd: From0 | NumbersFrom0
    """Its standard deviation."""
    drift: Literal["includes them", "leaves them out"]
    """Whether the drift that is written is the growth of the mean with the jumps, or without them."""


class Follows(Clauses):
    """An index that follows another driver, some time later and perhaps in part.

    start × (1 + pass_through × (x / x0 - 1)), x the other one `lag` earlier, x0 its start value.
    """

    of: str
    """The driver that it follows."""
    lag: DurationText | None = None
    """How much later: whole periods; at once, unless said."""
    start: Number
    """Its value where the other stands at its start value."""
    pass_through: Number = 1.0
    """What part of the other's relative change it makes."""
    before: list[Number] | None = None
    """The other's values in the periods of the lag before the contract, the latest last; its start value, unless said."""

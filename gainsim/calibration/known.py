"""What is known of a driver's parameters: each with the interval that holds it 95 times in 100, and the keys they come to."""

from __future__ import annotations

import math
from calendar import month_abbr
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.figures import amount, percent, rounded, weight
from gainsim.calibration.linear import Linear
from gainsim.calibration.series import Series

Floats = NDArray[np.float64]
#: the ends of an interval that holds the truth 95 times in 100
ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Known:
    """One parameter: the value that was found, and an interval around it. shown: a figure of it in words"""

    what: str
    value: float
    low: float
    high: float
    shown: Callable[[float], str]

    @property
    def row(self) -> tuple[str, str, str]:
        """What, the value and the interval, in words."""
        return self.what, self.shown(self.value), f"{self.shown(self.low)} to {self.shown(self.high)}"


@dataclass(frozen=True)
class Written:
    """A driver's own keys, and what is known of each parameter.

    keys:       kind → its keys, with `drawn` beside it for a distribution
    parameters: every one that is written
    notes:      what had to be assumed
    """

    keys: Mapping[str, Any]
    parameters: tuple[Known, ...]
    notes: tuple[str, ...] = ()


def of_sample(what: str, value: float, sample: Floats, shown: Callable[[float], str]) -> Known:
    """A parameter that is known by a sample of what it may be."""
    low, high = np.quantile(sample, ENDS)
    return Known(what, value, float(low), float(high), shown)


def of_mean(what: str, value: float, error: float, freedom: int, shown: Callable[[float], str]) -> Known:
    """A mean with its standard error: Student's t."""
    from scipy.special import stdtrit

    wide = float(stdtrit(freedom, ENDS[1])) * error
    return Known(what, value, value - wide, value + wide, shown)


def of_deviation(what: str, value: float, freedom: int, shown: Callable[[float], str]) -> Known:
    """A standard deviation of normal values: its square, over the true one, is chi square."""
    from scipy.special import chdtri

    low, high = (value * math.sqrt(freedom / float(chdtri(freedom, share))) for share in ENDS)
    return Known(what, value, low, high, shown)


def through(known: Known, what: Callable[[float], float], shown: Callable[[float], str]) -> Known:
    """The same parameter on another scale, which rises with the first."""
    return Known(known.what, what(known.value), what(known.low), what(known.high), shown)


# --- parts that several kinds have ---------------------------------------------------------------------------------------


def start_of(series: Series, season: Floats) -> float:
    """The last value less its season."""
    last = float(series.values[-1])
    effect = float(season[series.places[-1]])
    return rounded(last / math.exp(effect) if series.positive else last - effect, 8)


def season_keys(fit: Linear, series: Series) -> dict[str, Any]:
    """The season as a driver has it; nothing where there is none."""
    if not fit.season.any():
        return {}
    return {"season": [rounded(float(each)) for each in (np.exp(fit.season) if series.positive else fit.season)]}


def season_known(fit: Linear, series: Series) -> Iterator[Known]:
    """What each place of the year adds, as a factor of the value, or as an amount."""
    if not fit.season.any():
        return
    places = month_abbr[1:] if series.per_year == 12 else [f"Q{place}" for place in range(1, series.per_year + 1)]
    for place, effect, error in zip(places, fit.season, fit.season_error, strict=True):
        known = of_mean(f"season, {place}", float(effect), float(error), fit.freedom, amount)
        yield through(known, math.exp, weight) if series.positive else known


def step_of(series: Series) -> str:
    """The step of the calendar that a driver of such periods needs."""
    return {12: "month", 4: "quarter", 1: "year"}[series.per_year]


def size_of(series: Series) -> Callable[[float], str]:
    """How a deviation is shown: of the log in percent, of the level as an amount."""
    return percent if series.positive else amount
